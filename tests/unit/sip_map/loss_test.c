/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many calls at once, both ways, over a network that loses, delays and reorders; both sides do
 * what people do, at random times: ring, answer, refuse, give up, hang up, both at once. In the
 * end: exactly one GONE for each leg, no dialog, no transaction.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sip_map/sip_world.h"
#include "tests/unit/sip_map/tests.h"

enum { CALLS = 400, STEP_MS = 50 };

static const struct call_cause no_cause;

/* One decision for a call, now and then. */
static void act(struct sip_world *w, unsigned side, struct world_call *c)
{
	struct media_desc answer = world_media(side, 4, 41000, true);
	uint32_t dice = rng_below(&w->rng, 1000);

	if (c->gone)
		return;
	if (world_find_event(c, CALL_EV_CLEARING) >= 0 && !c->told_clear) {
		c->told_clear = true;
		world_command(w, c, LEG_CLEAR, NULL, no_cause);
	} else if (dice < 15) {
		c->told_clear = true;
		world_command(w, c, LEG_CLEAR, NULL,
			      (struct call_cause){.value = (uint8_t)(1 + dice % 127)});
	} else if (c->side == CALL_SIDE_A && dice < 40) {
		world_command(w, c, LEG_ALERT, dice & 1 ? &answer : NULL, no_cause);
	} else if (c->side == CALL_SIDE_A && dice < 60) {
		world_command(w, c, LEG_PROGRESS, &answer, no_cause);
	} else if (c->side == CALL_SIDE_A && dice < 90) {
		world_command(w, c, LEG_ANSWER, &answer, no_cause);
	}
}

static void lossy_calls(unsigned loss_per_mille, uint64_t seed)
{
	struct sip_world *w = world_create(2, 4, seed, CALLS);
	unsigned opened = 0, answered = 0, confirmed = 0;

	w->loss_per_mille = loss_per_mille;
	w->delay_us = 20 * US_PER_MS;
	w->jitter = true;
	for (unsigned step = 0; step < 60000 / STEP_MS; step++) {
		if (opened < CALLS)
			world_open(w, opened++ & 1, "49301");
		for (unsigned i = 0; i < 2; i++)
			for (unsigned k = 0; k < w->calls[i]->count; k++)
				act(w, i, &w->calls[i]->call[k]);
		world_run_for(w, STEP_MS * US_PER_MS);
	}
	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < w->calls[i]->count; k++)
			if (!w->calls[i]->call[k].gone)
				world_command(w, &w->calls[i]->call[k], LEG_CLEAR, NULL, no_cause);
	world_run_for(w, 200 * US_PER_S);
	for (unsigned i = 0; i < 2; i++) {
		const struct sip_counters *n = sip_counters(w->sip[i]);

		assert_int_equal(n->dialogs, 0);
		assert_int_equal(n->transactions, 0);
		assert_int_equal(n->rx_malformed, 0);
		for (unsigned k = 0; k < w->calls[i]->count; k++) {
			struct world_call *c = &w->calls[i]->call[k];

			assert_int_equal(c->gone, 1);
			assert_int_equal(c->after_gone, 0);
			answered += world_find_event(c, CALL_EV_ANSWER) >= 0;
			confirmed += world_find_event(c, CALL_EV_CONFIRMED) >= 0;
		}
	}
	print_message("# loss %u per mille, seed %llu: %u calls opened, %u answered, %u confirmed\n",
		      loss_per_mille, (unsigned long long)seed, opened, answered, confirmed);
	assert_true(answered > CALLS / 4);
	world_destroy(w);
}

/* Legs that linger after their call (to acknowledge a late 2xx) are bounded, whatever the rate. */
void test_lingering_is_bounded(void **state)
{
	enum { CALLS_MAX = 4, SPARE = 1000 };
	struct sip_world *w = world_create(2, 4, 5, CALLS_MAX);
	struct media_desc answer = world_media(1, 4, 41000, true);

	(void)state;
	w->delay_us = 0;
	for (unsigned i = 0; i < SPARE + 200; i++) {
		struct world_call *a, *b;

		w->calls[0]->count = w->calls[1]->count = 0;
		a = &w->calls[0]->call[world_open(w, 0, "1")];
		world_run_for(w, US_PER_MS);
		b = &w->calls[1]->call[0];
		world_command(w, b, LEG_ANSWER, &answer, no_cause);
		world_run_for(w, US_PER_MS);
		world_command(w, a, LEG_CLEAR, NULL, no_cause);
		world_run_for(w, US_PER_MS);
		world_command(w, b, LEG_CLEAR, NULL, no_cause);
		assert_int_equal(a->gone, 1);
		assert_int_equal(b->gone, 1);
		world_run_for(w, US_PER_MS);
	}
	assert_in_range(sip_counters(w->sip[0])->dialogs, SPARE, CALLS_MAX + SPARE + 1);
	assert_in_range(sip_counters(w->sip[1])->dialogs, 0, CALLS_MAX + SPARE + 1);
	world_run_for(w, 100 * US_PER_S);
	assert_int_equal(sip_counters(w->sip[0])->dialogs, 0);
	assert_int_equal(sip_counters(w->sip[1])->transactions, 0);
	world_destroy(w);
}

void test_many_calls(void **state)
{
	(void)state;
	lossy_calls(0, 1);
}

void test_many_calls_with_loss(void **state)
{
	(void)state;
	lossy_calls(100, 2);
	lossy_calls(300, 3);
}
