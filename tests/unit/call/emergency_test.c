/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An emergency call gets through where everything is taken; nobody else is cut off for it. */
#include "tests/unit/call/call_tests.h"

#include <stdlib.h>

#include "tests/unit/call/world.h"

enum { CALLS = 4, CAUSE_PREEMPTION = 8 };

/* Calls from the trunk that hold every channel of the span; the second half is answered. */
static struct world *begin(struct fake_leg *a[CALLS], unsigned calls_max)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	world_init(w, calls_max);
	w->free_channels = CALLS;
	w->keep_gone = true;
	for (unsigned i = 0; i < CALLS; i++) {
		a[i] = world_call_from_trunk(w, true);
		assert_non_null(a[i]);
		w->now_us += 1000;
		if (i < CALLS / 2)
			leg_says(world_leg_b(w, a[i]->call), CALL_EV_ANSWER);
	}
	assert_int_equal(w->free_channels, 0);
	return w;
}

static void let_it_end(struct world *w, call_id call)
{
	for (unsigned i = 0; i < WORLD_LEGS; i++)
		if (w->leg[i].live && w->leg[i].call == call)
			leg_says(&w->leg[i], CALL_EV_GONE);
	for (unsigned i = 0; i < WORLD_SESSIONS; i++)
		if (w->session[i].live && w->session[i].call == call)
			session_says(w, &w->session[i], CALL_EV_MEDIA_GONE);
}

static void end(struct world *w, unsigned records)
{
	unsigned cursor = 0;
	struct call_record r;

	call_table_clear_all(w->table, (struct call_cause){.value = CAUSE_NORMAL});
	world_turn(w);
	while (call_table_next(w->table, &cursor, &r))
		let_it_end(w, r.call);
	assert_int_equal(w->records, records);
	assert_int_equal(w->broken, 0);
	assert_int_equal(call_table_counters(w->table)->active, 0);
	assert_int_equal(call_table_counters(w->table)->unexpected_events, 0);
	assert_int_equal(call_table_counters(w->table)->guard_hits, 0);
	assert_int_equal(deadline_next_us(&w->deadlines), TIME_NEVER_US);
	world_fini(w);
	free(w);
}

static unsigned cleared(struct fake_leg *const a[CALLS], uint8_t cause)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CALLS; i++)
		n += a[i]->cleared && leg_last(a[i], LEG_CLEAR)->cause.value == cause;
	return n;
}

void test_emergency_room(void **state)
{
	struct fake_leg *a[CALLS], *sos, *more;
	struct world *w = begin(a, 16);

	(void)state;
	more = world_call_from_trunk(w, true); /* an ordinary one: nobody makes room */
	assert_int_equal(leg_last(more, LEG_CLEAR)->cause.value, CAUSE_NO_CIRCUIT);
	assert_int_equal(cleared(a, CAUSE_PREEMPTION), 0);
	let_it_end(w, more->call);
	w->emergency = true;
	sos = world_call_from_trunk(w, true);
	assert_false(sos->cleared);
	assert_null(world_leg_b(w, sos->call)); /* until the channel is free */
	assert_int_equal(cleared(a, CAUSE_PREEMPTION), 1);
	assert_true(a[CALLS - 1]->cleared); /* the youngest */
	leg_says(a[CALLS - 1], CALL_EV_GONE); /* its other leg: that frees nothing */
	assert_null(world_leg_b(w, sos->call));
	assert_int_equal(cleared(a, CAUSE_PREEMPTION), 1);
	leg_says(world_leg_b(w, a[CALLS - 1]->call), CALL_EV_GONE);
	assert_non_null(world_leg_b(w, sos->call));
	leg_says(world_leg_b(w, sos->call), CALL_EV_ANSWER);
	assert_int_equal(leg_count(sos, LEG_ANSWER), 1);
	assert_int_equal(cleared(a, CAUSE_PREEMPTION), 1);
	let_it_end(w, a[CALLS - 1]->call);
	end(w, CALLS + 2);
}

/* Two at once take two channels; an emergency call never gives its own. A channel that somebody else
 * took meanwhile costs another call. */
void test_emergency_order(void **state)
{
	struct fake_leg *a[CALLS], *sos[CALLS];
	struct world *w = begin(a, 16);

	(void)state;
	w->emergency = true;
	sos[0] = world_call_from_trunk(w, true);
	sos[1] = world_call_from_trunk(w, true);
	assert_int_equal(cleared(a, CAUSE_PREEMPTION), 2);
	assert_true(a[CALLS - 1]->cleared && a[CALLS - 2]->cleared);
	w->hold_turns = true;
	leg_says(world_leg_b(w, a[CALLS - 1]->call), CALL_EV_GONE);
	w->free_channels = 0; /* the peer's call was faster */
	w->hold_turns = false;
	world_turn(w);
	assert_int_equal(cleared(a, CAUSE_PREEMPTION), 3);
	w->free_channels = 0;
	for (unsigned i = 2; i < CALLS; i++)
		sos[i] = world_call_from_trunk(w, true);
	assert_int_equal(cleared(a, CAUSE_PREEMPTION), CALLS);
	assert_int_equal(leg_last(sos[CALLS - 1], LEG_CLEAR)->cause.value, CAUSE_NO_CIRCUIT);
	for (unsigned i = 0; i < CALLS; i++)
		let_it_end(w, a[i]->call);
	for (unsigned i = 0; i + 1 < CALLS; i++)
		assert_non_null(world_leg_b(w, sos[i]->call));
	w->more_ways = 1; /* all ways are full of emergency calls: each is tried, then it ends */
	sos[0] = world_call_from_trunk(w, true);
	assert_true(sos[0]->cleared);
	end(w, 2 * CALLS + 1);
}

/* A call of the span that has failed: its caller hears busy tone in its channel. */
static struct fake_leg *call_with_tone(struct world *w)
{
	struct call_setup setup = {.source = {CALL_EP_SPAN, WORLD_SPAN},
				   .called = {.present = true, .digits = "30123"},
				   .bearer = CALL_BEARER_SPEECH,
				   .ringback = CALL_RINGBACK_NEVER,
				   .failure_tone = true};
	struct fake_leg *a = world_call(w, &setup), *b = world_leg_b(w, a->call);

	leg_says(a, CALL_EV_CHANNEL);
	leg_says_cause(b, CALL_EV_CLEARING, CAUSE_BUSY);
	leg_says(b, CALL_EV_GONE);
	assert_int_equal(leg_last(a, LEG_CLEAR)->pi, CALL_PI_8);
	w->now_us += 1000;
	return a;
}

/* Who hears no more than our tone is cleared first, although another call is younger. */
void test_emergency_tone(void **state)
{
	struct fake_leg *a[CALLS], *sos[2], *tone, *young;
	struct world *w = begin(a, 16);

	(void)state;
	w->free_channels = 1;
	tone = call_with_tone(w);
	w->free_channels = 1;
	young = world_call_from_trunk(w, true);
	w->emergency = true;
	sos[0] = world_call_from_trunk(w, true);
	assert_int_equal(cleared(a, CAUSE_PREEMPTION), 0);
	assert_false(young->cleared);
	assert_int_equal(leg_count(tone, LEG_CLEAR), 2);
	assert_int_equal(leg_last(tone, LEG_CLEAR)->pi, 0);
	assert_true(world_session(w, tone->call)->closed);
	assert_null(world_leg_b(w, sos[0]->call));
	sos[1] = world_call_from_trunk(w, true); /* the next one: as without a tone */
	assert_true(young->cleared);
	w->free_channels = 1;
	leg_says(tone, CALL_EV_GONE);
	assert_non_null(world_leg_b(w, sos[0]->call));
	assert_null(world_leg_b(w, sos[1]->call));
	let_it_end(w, tone->call);
	let_it_end(w, young->call);
	assert_non_null(world_leg_b(w, sos[1]->call));
	end(w, CALLS + 4);
}

void test_emergency_given_up(void **state)
{
	struct fake_leg *a[CALLS], *sos;
	struct world *w = begin(a, 16);
	call_id call;

	(void)state;
	w->emergency = true;
	sos = world_call_from_trunk(w, true);
	call = sos->call;
	leg_says_cause(sos, CALL_EV_CLEARING, CAUSE_NORMAL);
	let_it_end(w, call);
	assert_int_equal(w->records, 1);
	let_it_end(w, a[CALLS - 1]->call);
	assert_null(world_leg_b(w, call));
	assert_int_equal(w->free_channels, 1);
	/* The other way first: nobody is cut off when it takes the call, and after it when not. */
	w->free_channels = 0;
	w->more_ways = 1;
	sos = world_call_from_trunk(w, true);
	assert_int_equal(cleared(a, CAUSE_PREEMPTION), 2);
	w->free_channels = 0;
	let_it_end(w, a[CALLS - 2]->call);
	assert_non_null(world_leg_b(w, sos->call));
	end(w, CALLS + 2);
}

/* The table is full: the plan is asked who gets a place. */
void test_emergency_places(void **state)
{
	struct fake_leg *a[CALLS], *sos;
	struct world *w = begin(a, CALLS);

	(void)state;
	w->free_channels = -1;
	assert_null(world_call_from_trunk(w, true));
	assert_int_equal(call_table_counters(w->table)->refused_full, 1);
	w->emergency = true;
	for (unsigned i = 0; i < CALL_EMERGENCY_PLACES; i++) {
		sos = world_call_from_trunk(w, true);
		assert_non_null(sos);
		assert_non_null(world_leg_b(w, sos->call));
	}
	assert_null(world_call_from_trunk(w, true));
	assert_int_equal(call_table_counters(w->table)->refused_full, 2);
	assert_int_equal(cleared(a, CAUSE_PREEMPTION), 0);
	end(w, CALLS + CALL_EMERGENCY_PLACES);
}
