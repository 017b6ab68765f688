/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timers of RFC 3261 table 4, in virtual time: every packet at its exact microsecond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sip_map/sip_world.h"
#include "tests/unit/sip_map/tests.h"

/* What went out that begins so: one at each of these times (ms after start), and no other. */
static void assert_sent_at(const struct sip_world *w, int64_t start_us, const char *begins,
			   const unsigned *at_ms, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		int64_t at_us = 0;

		world_count_sent(w, begins, i, &at_us, NULL);
		assert_int_equal((at_us - start_us) / US_PER_MS, at_ms[i]);
		assert_int_equal((at_us - start_us) % US_PER_MS, 0);
	}
	assert_int_equal(world_count_sent(w, begins, 0, NULL, NULL), count);
}
#define ASSERT_SENT_AT(w, start, begins, ...)                                                      \
	assert_sent_at(w, start, begins, (const unsigned[]){__VA_ARGS__},                          \
		       sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

static void assert_empty(struct sip_world *w)
{
	for (unsigned i = 0; i < w->count; i++) {
		assert_int_equal(sip_counters(w->sip[i])->dialogs, 0);
		assert_int_equal(sip_counters(w->sip[i])->transactions, 0);
	}
}

/* 17.1.1.2: Timer A doubles without a cap; Timer B ends it after 64·T1. */
void test_invite_unanswered(void **state)
{
	struct sip_world *w = world_create(2, 4, 1, 10);
	int64_t start = w->now_us;
	struct world_call *a;

	(void)state;
	w->blackhole = true;
	a = &w->calls[0]->call[world_open(w, 0, "1")];
	world_run(w, start + 32 * US_PER_S - 1);
	ASSERT_SENT_AT(w, start, "INVITE", 0, 500, 1500, 3500, 7500, 15500, 31500);
	assert_int_equal(a->gone, 0);
	world_run(w, start + 32 * US_PER_S);
	assert_int_equal(a->gone, 1);
	assert_int_equal(a->event_count, 1);
	assert_int_equal(a->event[0].cause.value, 102); /* as a 408 */
	assert_int_equal(a->event[0].cause.sip_status, 0);
	world_run_for(w, 10 * US_PER_S);
	assert_empty(w);
	world_destroy(w);
}

/* Two instances in a call that is up; the network works without delay. */
static struct sip_world *make_call(struct world_call **a, struct world_call **b)
{
	struct sip_world *w = world_create(2, 4, 1, 10);
	struct media_desc answer = world_media(1, 4, 41000, true);

	w->delay_us = 0;
	*a = &w->calls[0]->call[world_open(w, 0, "1")];
	world_run_for(w, US_PER_S);
	*b = &w->calls[1]->call[0];
	world_command(w, *b, LEG_ANSWER, &answer, (struct call_cause){0});
	world_run_for(w, US_PER_S);
	assert_true(world_find_event(*b, CALL_EV_CONFIRMED) >= 0);
	return w;
}

/* 17.1.2.2: Timer E doubles up to T2, Timer F ends it. GONE does not wait that long. */
void test_bye_unanswered(void **state)
{
	struct world_call *a, *b;
	struct sip_world *w = make_call(&a, &b);
	int64_t start = w->now_us;

	(void)state;
	w->blackhole = true;
	world_command(w, a, LEG_CLEAR, NULL, (struct call_cause){.value = 16});
	world_run(w, start + 5 * US_PER_S);
	assert_int_equal(a->gone, 1);
	world_run(w, start + 100 * US_PER_S);
	ASSERT_SENT_AT(w, start, "BYE", 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500,
		       31500);
	w->blackhole = false;
	world_command(w, b, LEG_CLEAR, NULL, (struct call_cause){.value = 16});
	world_run_for(w, 100 * US_PER_S);
	assert_int_equal(b->gone, 1);
	assert_empty(w);
	world_destroy(w);
}

/* 13.3.1.4: 2xx again after T1, doubling up to T2; BYE after 64·T1 without an ACK. */
void test_ok_without_ack(void **state)
{
	struct sip_world *w = world_create(2, 4, 1, 10);
	struct media_desc answer = world_media(1, 4, 41000, true);
	struct world_call *b;
	int64_t start;

	(void)state;
	w->delay_us = 0;
	world_open(w, 0, "1");
	world_run_for(w, US_PER_S);
	b = &w->calls[1]->call[0];
	w->blackhole = true;
	start = w->now_us;
	world_command(w, b, LEG_ANSWER, &answer, (struct call_cause){0});
	world_run(w, start + 32 * US_PER_S - 1);
	ASSERT_SENT_AT(w, start, "SIP/2.0 200", 0, 500, 1500, 3500, 7500, 11500, 15500, 19500,
		       23500, 27500, 31500);
	assert_int_equal(b->gone, 0);
	assert_int_equal(world_count_sent(w, "BYE", 0, NULL, NULL), 0);
	world_run(w, start + 32 * US_PER_S);
	assert_int_equal(b->gone, 1);
	assert_int_equal(world_count_sent(w, "BYE", 0, NULL, NULL), 1);
	world_run_for(w, 100 * US_PER_S);
	assert_int_equal(sip_counters(w->sip[1])->dialogs, 0);
	assert_int_equal(sip_counters(w->sip[1])->transactions, 0);
	world_destroy(w);
}

/* 13.3.1.4 with a command: our BYE waits for the ACK, or for 64·T1. */
void test_clear_waits_for_ack(void **state)
{
	struct sip_world *w = world_create(2, 4, 1, 10);
	struct media_desc answer = world_media(1, 4, 41000, true);
	struct world_call *b;
	int64_t start;

	(void)state;
	w->delay_us = 0;
	world_open(w, 0, "1");
	world_run_for(w, US_PER_S);
	b = &w->calls[1]->call[0];
	w->blackhole = true;
	start = w->now_us;
	world_command(w, b, LEG_ANSWER, &answer, (struct call_cause){0});
	world_command(w, b, LEG_CLEAR, NULL, (struct call_cause){.value = 16});
	world_run(w, start + 5 * US_PER_S);
	assert_int_equal(b->gone, 1);
	assert_int_equal(world_count_sent(w, "BYE", 0, NULL, NULL), 0);
	w->blackhole = false; /* the next 2xx gets through, its ACK releases the BYE */
	world_run(w, start + 8 * US_PER_S);
	ASSERT_SENT_AT(w, start, "BYE", 7500);
	world_destroy(w);
}

/* 17.2.1: Timer G as E, Timer H ends it. */
void test_refusal_without_ack(void **state)
{
	struct sip_world *w = world_create(2, 4, 1, 10);
	struct world_call *b;
	int64_t start;

	(void)state;
	w->delay_us = 0;
	world_open(w, 0, "1");
	world_run_for(w, US_PER_S);
	b = &w->calls[1]->call[0];
	w->blackhole = true;
	start = w->now_us;
	world_command(w, b, LEG_CLEAR, NULL, (struct call_cause){.value = 17});
	assert_int_equal(b->gone, 1);
	world_run(w, start + 100 * US_PER_S);
	ASSERT_SENT_AT(w, start, "SIP/2.0 486", 0, 500, 1500, 3500, 7500, 11500, 15500, 19500,
		       23500, 27500, 31500);
	assert_int_equal(sip_counters(w->sip[1])->transactions, 0);
	assert_int_equal(sip_counters(w->sip[1])->dialogs, 0);
	world_destroy(w);
}

/* 9.1: no CANCEL before a provisional response; then at once. */
void test_cancel_waits_for_provisional(void **state)
{
	struct sip_world *w = world_create(2, 4, 1, 10);
	int64_t start = w->now_us;
	struct world_call *a;

	(void)state;
	w->delay_us = 0;
	w->blackhole = true;
	a = &w->calls[0]->call[world_open(w, 0, "1")];
	world_command(w, a, LEG_CLEAR, NULL, (struct call_cause){.value = 16});
	world_run(w, start + US_PER_S);
	assert_int_equal(world_count_sent(w, "CANCEL", 0, NULL, NULL), 0);
	w->blackhole = false; /* the INVITE of 1500 ms gets through */
	world_run(w, start + 2 * US_PER_S);
	ASSERT_SENT_AT(w, start, "CANCEL", 1500);
	ASSERT_SENT_AT(w, start, "ACK", 1500);
	assert_int_equal(a->gone, 1);
	world_command(w, &w->calls[1]->call[0], LEG_CLEAR, NULL, (struct call_cause){0});
	world_run_for(w, 100 * US_PER_S);
	assert_empty(w);
	world_destroy(w);
}

/* 9.1: without an answer to the INVITE either, a cancelled call ends after 64·T1. */
void test_cancel_unanswered(void **state)
{
	struct sip_world *w = world_create(2, 4, 1, 10);
	struct world_call *a = &w->calls[0]->call[world_open(w, 0, "1")];

	(void)state;
	world_run_for(w, US_PER_S);
	w->blackhole = true;
	world_command(w, a, LEG_CLEAR, NULL, (struct call_cause){.value = 16});
	world_run_for(w, 4 * US_PER_S);
	assert_int_equal(a->gone, 1);
	assert_int_equal(sip_counters(w->sip[0])->dialogs, 1);
	world_run_for(w, 100 * US_PER_S);
	assert_int_equal(sip_counters(w->sip[0])->dialogs, 0);
	assert_int_equal(sip_counters(w->sip[0])->transactions, 0);
	world_destroy(w);
}

/* Trunk timers: T1 of 100 ms, T2 of 400 ms. */
void test_trunk_timers(void **state)
{
	struct sip_world *w = world_create(1, 4, 1, 10);
	struct sip_trunk_cfg t = w->trunk[0];
	int64_t start = w->now_us;
	struct sip_cfg cfg = {.trunk = &t,
			      .trunk_count = 1,
			      .calls_max = 2,
			      .deadlines = &w->deadlines,
			      .rng = &w->rng,
			      .calls = w->calls[0]};

	(void)state;
	cfg.transport.arg = &w->port[0];
	cfg.transport.send = world_transport_send;
	sip_destroy(w->sip[0]);
	t.t1_ms = 100;
	t.t2_ms = 400;
	assert_int_equal(sip_create(&w->sip[0], &cfg), 0);
	world_open(w, 0, "1");
	world_run(w, start + 10 * US_PER_S);
	ASSERT_SENT_AT(w, start, "INVITE", 0, 100, 300, 700, 1500, 3100, 6300);
	assert_int_equal(w->calls[0]->call[0].gone, 1);
	world_destroy(w);
}
