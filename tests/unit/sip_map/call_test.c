/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole calls between two instances. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sip_map/sip_world.h"
#include "tests/unit/sip_map/tests.h"

static const struct call_cause no_cause;

static void assert_nothing_left(struct sip_world *w)
{
	world_run_for(w, 70 * US_PER_S);
	for (unsigned i = 0; i < w->count; i++) {
		assert_int_equal(sip_counters(w->sip[i])->dialogs, 0);
		assert_int_equal(sip_counters(w->sip[i])->transactions, 0);
		for (unsigned k = 0; k < w->calls[i]->count; k++) {
			assert_int_equal(w->calls[i]->call[k].gone, 1);
			assert_int_equal(w->calls[i]->call[k].after_gone, 0);
		}
	}
}

static void answered_call(int family, unsigned caller, bool caller_hangs_up)
{
	struct sip_world *w = world_create(2, family, 1, 10);
	struct media_desc answer = world_media(caller ^ 1, family, 41000, true);
	struct world_call *a, *b;

	a = &w->calls[caller]->call[world_open(w, caller, "4930555")];
	world_run_for(w, US_PER_S);
	assert_int_equal(w->calls[caller ^ 1]->count, 1);
	b = &w->calls[caller ^ 1]->call[0];
	assert_string_equal(b->setup.called.digits, "4930555");
	assert_int_equal(b->setup.called.ton, CALL_TON_INTERNATIONAL);
	assert_string_equal(b->setup.calling.digits, "30123456");
	assert_int_equal(b->setup.media.format_count, 2);
	assert_int_equal(b->setup.media.rtp.port, 40000);
	assert_int_equal(world_find_event(a, CALL_EV_PROCEEDING), 0);

	world_command(w, b, LEG_ALERT, NULL, no_cause);
	world_run_for(w, US_PER_S);
	assert_int_equal(world_find_event(a, CALL_EV_ALERTING), 1);
	assert_false(a->event[1].media.present);

	world_command(w, b, LEG_ANSWER, &answer, no_cause);
	world_run_for(w, US_PER_S);
	assert_int_equal(world_find_event(a, CALL_EV_ANSWER), 2);
	assert_int_equal(a->event[2].media.rtp.port, 41000);
	assert_int_equal(a->event[2].media.format_count, 1);
	assert_true(net_addr_same_host(&a->event[2].media.rtp, &answer.rtp));
	assert_int_equal(world_find_event(b, CALL_EV_CONFIRMED), 0);

	world_command(w, caller_hangs_up ? a : b, LEG_CLEAR, NULL,
		      (struct call_cause){.value = 16});
	world_run_for(w, US_PER_S);
	{
		struct world_call *other = caller_hangs_up ? b : a;
		int i = world_find_event(other, CALL_EV_CLEARING);

		assert_true(i > 0);
		assert_int_equal(other->event[i].cause.value, 16);
		assert_int_equal(other->gone, 0);
		world_command(w, other, LEG_CLEAR, NULL, no_cause);
	}
	assert_nothing_left(w);
	world_destroy(w);
}

void test_call_each_way(void **state)
{
	(void)state;
	answered_call(4, 0, true);
	answered_call(4, 1, false);
}

void test_call_each_way_ipv6(void **state)
{
	(void)state;
	answered_call(6, 0, false);
	answered_call(6, 1, true);
}

void test_cancel_while_ringing(void **state)
{
	struct sip_world *w = world_create(2, 4, 2, 10);
	struct world_call *a = &w->calls[0]->call[world_open(w, 0, "1")], *b;

	(void)state;
	world_run_for(w, US_PER_S);
	b = &w->calls[1]->call[0];
	world_command(w, b, LEG_ALERT, NULL, no_cause);
	world_run_for(w, US_PER_S);
	world_command(w, a, LEG_CLEAR, NULL, (struct call_cause){.value = 16});
	world_run_for(w, US_PER_S);
	assert_int_equal(a->gone, 1);
	assert_int_equal(b->event[0].type, CALL_EV_CLEARING);
	assert_int_equal(b->event[0].cause.value, 16);
	assert_int_equal(b->gone, 0);
	world_command(w, b, LEG_CLEAR, NULL, no_cause);
	assert_int_equal(world_count_sent(w, "CANCEL", 0, NULL, NULL), 1);
	assert_int_equal(world_count_sent(w, "SIP/2.0 487", 0, NULL, NULL), 1);
	assert_nothing_left(w);
	world_destroy(w);
}

void test_refused_with_cause(void **state)
{
	struct sip_world *w = world_create(2, 4, 3, 10);
	struct world_call *a = &w->calls[0]->call[world_open(w, 0, "1")], *b;
	const char *text = NULL;

	(void)state;
	world_run_for(w, US_PER_S);
	b = &w->calls[1]->call[0];
	world_command(w, b, LEG_CLEAR, NULL, (struct call_cause){.value = 17});
	world_run_for(w, US_PER_S);
	assert_int_equal(world_count_sent(w, "SIP/2.0 486", 0, NULL, &text), 1);
	assert_non_null(strstr(text, "\r\nReason: Q.850;cause=17;location=U\r\n"));
	assert_int_equal(a->gone, 1);
	assert_int_equal(a->event[a->event_count - 1].cause.value, 17);
	assert_int_equal(a->event[a->event_count - 1].cause.sip_status, 486);
	assert_nothing_left(w);
	world_destroy(w);
}

void test_early_media_then_answer(void **state)
{
	struct sip_world *w = world_create(2, 4, 4, 10);
	struct media_desc answer = world_media(1, 4, 42000, true);
	struct world_call *a = &w->calls[0]->call[world_open(w, 0, "1")], *b;
	int i;

	(void)state;
	world_run_for(w, US_PER_S);
	b = &w->calls[1]->call[0];
	world_command(w, b, LEG_PROGRESS, &answer, no_cause);
	world_run_for(w, US_PER_S);
	i = world_find_event(a, CALL_EV_PROGRESS);
	assert_true(i >= 0);
	assert_int_equal(a->event[i].pi, CALL_PI_8);
	assert_int_equal(a->event[i].media.rtp.port, 42000);
	/* the 200 has no SDP: the early answer counts */
	world_command(w, b, LEG_ANSWER, NULL, no_cause);
	world_run_for(w, US_PER_S);
	i = world_find_event(a, CALL_EV_ANSWER);
	assert_true(i >= 0);
	assert_int_equal(a->event[i].media.rtp.port, 42000);
	world_command(w, a, LEG_CLEAR, NULL, no_cause);
	world_command(w, b, LEG_CLEAR, NULL, no_cause); /* both at once */
	assert_nothing_left(w);
	world_destroy(w);
}
