/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a call fails before its answer: the announcement of B's network (Q.931 5.3.4.1, RFC 4497
 * 8.3.3), and our own tone for an ISDN caller. And attempts that become no call. */
#include "tests/unit/call/call_tests.h"

#include <stdlib.h>

#include "tests/unit/call/world.h"

enum { CALLS_MAX = 2, ANNOUNCED_S = 30 };

static struct world *begin(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	world_init(w, CALLS_MAX);
	return w;
}

static void end(struct world *w)
{
	assert_int_equal(call_table_counters(w->table)->active, 0);
	assert_int_equal(call_table_counters(w->table)->unexpected_events, 0);
	assert_int_equal(w->broken, 0);
	assert_int_equal(deadline_next_us(&w->deadlines), TIME_NEVER_US);
	world_fini(w);
	free(w);
}

static void post(struct fake_leg *leg, enum call_event_type type, uint8_t pi, uint8_t cause)
{
	struct call_event ev = {.type = type, .pi = pi, .cause.value = cause};

	leg_posts(leg, &ev);
}

/* A SIP caller hears the ISDN side's announcement; its response waits for one of three. */
static void announce(struct world *w, struct fake_leg **a, struct fake_leg **b,
		     struct fake_session **m)
{
	*a = world_call_from_trunk(w, true);
	*b = world_leg_b(w, (*a)->call);
	*m = world_session(w, (*a)->call);
	leg_says(*b, CALL_EV_CHANNEL);
	post(*b, CALL_EV_CLEARING, CALL_PI_8, CAUSE_UNALLOCATED);
	world_turn(w);
	assert_int_equal(leg_count(*a, LEG_PROGRESS), 1);
	assert_true(leg_last(*a, LEG_PROGRESS)->media.present);
	assert_true((*m)->params.send);
	assert_int_equal(leg_count(*a, LEG_CLEAR) + leg_count(*b, LEG_CLEAR), 0);
	world_advance(w, (ANNOUNCED_S - 1) * US_PER_S);
	assert_int_equal(leg_count(*a, LEG_CLEAR) + leg_count(*b, LEG_CLEAR), 0);
}

static void let_it_end(struct world *w, struct fake_leg *a, struct fake_leg *b,
		       struct fake_session *m)
{
	if (a->live)
		leg_says(a, CALL_EV_GONE);
	if (b->live)
		leg_says(b, CALL_EV_GONE);
	assert_true(m->closed);
	session_says(w, m, CALL_EV_MEDIA_GONE);
	assert_int_equal(w->record.cause_b.value, CAUSE_UNALLOCATED);
}

void test_announcement(void **state)
{
	struct world *w = begin();
	struct fake_leg *a, *b;
	struct fake_session *m;

	(void)state;
	announce(w, &a, &b, &m);
	leg_says_cause(b, CALL_EV_GONE, CAUSE_UNALLOCATED); /* RELEASE */
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_UNALLOCATED);
	let_it_end(w, a, b, m);

	announce(w, &a, &b, &m);
	world_advance(w, US_PER_S); /* our guard */
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_UNALLOCATED);
	assert_int_equal(leg_last(b, LEG_CLEAR)->cause.value, CAUSE_NORMAL);
	let_it_end(w, a, b, m);

	announce(w, &a, &b, &m);
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL); /* CANCEL */
	assert_int_equal(leg_last(b, LEG_CLEAR)->cause.value, CAUSE_NORMAL);
	let_it_end(w, a, b, m);
	end(w);
}

/* Nobody could hear it: no offer, no channel yet, or an answered call. */
void test_announcement_unheard(void **state)
{
	struct world *w = begin();
	struct fake_leg *a = world_call_from_trunk(w, false), *b = world_leg_b(w, a->call);
	struct fake_session *m = world_session(w, a->call);

	(void)state;
	leg_says(b, CALL_EV_CHANNEL);
	post(b, CALL_EV_CLEARING, CALL_PI_8, CAUSE_UNALLOCATED);
	world_turn(w);
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_UNALLOCATED);
	let_it_end(w, a, b, m);

	a = world_call_from_trunk(w, true);
	b = world_leg_b(w, a->call);
	m = world_session(w, a->call);
	post(b, CALL_EV_CLEARING, CALL_PI_8, CAUSE_UNALLOCATED);
	world_turn(w);
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_UNALLOCATED);
	let_it_end(w, a, b, m);

	a = world_call_from_trunk(w, true);
	b = world_leg_b(w, a->call);
	m = world_session(w, a->call);
	leg_says(b, CALL_EV_CHANNEL);
	leg_says(b, CALL_EV_ANSWER);
	post(b, CALL_EV_CLEARING, CALL_PI_8, CAUSE_UNALLOCATED);
	world_turn(w);
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_UNALLOCATED);
	let_it_end(w, a, b, m);
	end(w);
}

/* PROGRESS with a cause: heard like the above; a release that says nothing better keeps the cause.
 */
void test_progress_with_cause(void **state)
{
	static const struct {
		uint8_t released, told;
	} ways[] = {{CAUSE_NORMAL, CAUSE_UNALLOCATED},
		    {CAUSE_NORMAL_UNSPECIFIED, CAUSE_UNALLOCATED},
		    {CAUSE_BUSY, CAUSE_BUSY}};
	struct world *w = begin();

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct fake_leg *a = world_call_from_trunk(w, true), *b = world_leg_b(w, a->call);
		struct fake_session *m = world_session(w, a->call);

		leg_says(b, CALL_EV_CHANNEL);
		post(b, CALL_EV_PROGRESS, 0, CAUSE_UNALLOCATED);
		world_turn(w);
		assert_true(leg_last(a, LEG_PROGRESS)->media.present);
		assert_true(m->params.send);
		if (i < 3) {
			leg_says_cause(b, CALL_EV_CLEARING, ways[i].released);
			assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, ways[i].told);
		} else {
			world_advance(w, ANNOUNCED_S * US_PER_S);
			assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_UNALLOCATED);
		}
		leg_says(a, CALL_EV_GONE);
		leg_says(b, CALL_EV_GONE);
		session_says(w, m, CALL_EV_MEDIA_GONE);
	}
	end(w);
}

static struct fake_leg *call_with_tone(struct world *w)
{
	struct call_setup setup = {
	    .source = {CALL_EP_SPAN, WORLD_SPAN},
	    .called = {.present = true, .digits = "30123"},
	    .bearer = CALL_BEARER_AUDIO_3K1,
	    .ringback = CALL_RINGBACK_LOCAL,
	    .failure_tone = true,
	};
	struct fake_leg *a = world_call(w, &setup);

	leg_says(a, CALL_EV_CHANNEL);
	return a;
}

/* The tone plays until A's side ends, whatever way; its kind is told by the cause. */
void test_failure_tone(void **state)
{
	static const uint8_t causes[] = {CAUSE_BUSY, CAUSE_NO_CIRCUIT};
	struct world *w = begin();

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		struct fake_leg *a = call_with_tone(w), *b = world_leg_b(w, a->call);
		struct fake_session *m = world_session(w, a->call);
		unsigned clears;

		leg_says(b, CALL_EV_ALERTING);
		leg_says_cause(b, CALL_EV_GONE, causes[i % 2]);
		assert_int_equal(leg_last(a, LEG_CLEAR)->pi, CALL_PI_8);
		assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, causes[i % 2]);
		assert_int_equal(m->params.tone, i % 2 ? CALL_TONE_CONGESTION : CALL_TONE_BUSY);
		assert_false(m->closed);
		clears = leg_count(a, LEG_CLEAR);
		if (i < 2)
			leg_says(a, CALL_EV_GONE); /* RELEASE, or T306 */
		else if (i < 4)
			leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
		else
			call_table_clear_all(w->table, (struct call_cause){0});
		world_turn(w);
		assert_true(m->closed);
		assert_int_equal(leg_count(a, LEG_CLEAR) - clears, i < 2 ? 0 : 1);
		if (i >= 2) {
			assert_int_equal(leg_last(a, LEG_CLEAR)->pi, 0);
			leg_says(a, CALL_EV_GONE);
		}
		session_says(w, m, CALL_EV_MEDIA_GONE);
	}
	end(w);
}

/* An answered call, or one that A ends, has none. */
void test_no_failure_tone(void **state)
{
	struct world *w = begin();
	struct media_desc answer = world_desc(60, 5000);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct fake_leg *a = call_with_tone(w), *b = world_leg_b(w, a->call);
		struct fake_session *m = world_session(w, a->call);

		leg_says_media(b, i ? CALL_EV_ANSWER : CALL_EV_ALERTING, &answer);
		leg_says_cause(i ? b : a, CALL_EV_CLEARING, CAUSE_NORMAL);
		assert_int_equal(leg_last(a, LEG_CLEAR)->pi, 0);
		assert_true(m->closed);
		leg_says(a, CALL_EV_GONE);
		leg_says(b, CALL_EV_GONE);
		session_says(w, m, CALL_EV_MEDIA_GONE);
	}
	end(w);
}

/* Cause 34 opens the next way, unheard by A; the last way's cause is what A gets. */
void test_reroute(void **state)
{
	struct world *w = begin();

	(void)state;
	w->more_ways = 2;
	for (unsigned i = 0; i < 4;
	     i++) { /* from the span and from the trunk; with DISCONNECT or not */
		struct fake_leg *a = i % 2 ? world_call_from_span(w, CALL_RINGBACK_LOCAL)
					   : world_call_from_trunk(w, true);
		static const char *const called[] = {"30123", "10123", "20123"};

		for (unsigned way = 0; way < 3; way++) {
			struct fake_leg *b = world_leg_b(w, a->call);
			struct fake_session *m = world_session(w, a->call);

			assert_string_equal(b->setup.called.digits, called[way]);
			assert_int_equal(w->in_use[1], way == 1);
			assert_int_equal(w->in_use[2], way == 2);
			leg_says(i % 2 ? a : b, CALL_EV_CHANNEL);
			if (i >= 2)
				leg_says_cause(b, CALL_EV_CLEARING, CAUSE_NO_CIRCUIT);
			assert_int_equal(leg_count(a, LEG_CLEAR), way == 2 && i >= 2);
			leg_says_cause(b, CALL_EV_GONE, CAUSE_NO_CIRCUIT);
			if (i % 2 || way == 2) {
				assert_true(m->closed); /* another trunk has other sockets */
				session_says(w, m, CALL_EV_MEDIA_GONE);
			} else {
				assert_false(m->closed);
				assert_int_equal(m->params.channel.span, 0);
			}
		}
		assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_NO_CIRCUIT);
		assert_int_equal(leg_count(a, LEG_PROCEED), 1);
		leg_says(a, CALL_EV_GONE);
		assert_int_equal(w->record.ways_tried, 3);
		assert_int_equal(w->in_use[2], 0);
	}
	end(w);
}

/* What B answered with another cause, and what happens once it rings, is no matter of another way.
 */
void test_no_reroute(void **state)
{
	struct world *w = begin();

	(void)state;
	w->more_ways = 1;
	for (unsigned i = 0; i < 2; i++) {
		struct fake_leg *a = world_call_from_trunk(w, true), *b = world_leg_b(w, a->call);

		if (i)
			leg_says(b, CALL_EV_ALERTING);
		leg_says_cause(b, CALL_EV_GONE, i ? CAUSE_NO_CIRCUIT : CAUSE_BUSY);
		assert_int_equal(leg_count(a, LEG_CLEAR), 1);
		leg_says(a, CALL_EV_GONE);
		session_says(w, world_session(w, a->call), CALL_EV_MEDIA_GONE);
		assert_int_equal(w->record.ways_tried, 1);
	}
	end(w);
}

/* A way whose line is down is passed over, whatever its cause is; A hangs up in the middle. */
void test_reroute_of_failed_open(void **state)
{
	struct world *w = begin();
	struct fake_leg *a, *b;
	struct fake_session *m;

	(void)state;
	w->more_ways = 2;
	w->fail_open = true;
	a = world_call_from_trunk(w, true);
	assert_int_equal(leg_count(a, LEG_CLEAR), 1);
	leg_says(a, CALL_EV_GONE);
	session_says(w, world_session(w, a->call), CALL_EV_MEDIA_GONE);
	assert_int_equal(w->record.ways_tried, 3);

	w->fail_open = false;
	a = world_call_from_span(w, CALL_RINGBACK_LOCAL);
	b = world_leg_b(w, a->call);
	m = world_session(w, a->call);
	leg_says_cause(b, CALL_EV_GONE, CAUSE_NO_CIRCUIT);
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	session_says(w, m, CALL_EV_MEDIA_GONE);
	leg_says(a, CALL_EV_GONE);
	assert_int_equal(w->record.ways_tried, 1);
	end(w);
}

/* What an adapter refuses by itself gets a record that looks like any other. */
void test_refused_by_adapter(void **state)
{
	struct world *w = begin();
	struct call_refusal r = {
	    .setup = {.source = {CALL_EP_SPAN, 2},
		      .called = {.present = true, .digits = "30"},
		      .peer_call_id = "2:17"},
	    .channel = {.span = 2, .ts = 9},
	    .cause = {.value = CAUSE_BEARER_NOT_IMPLEMENTED, .location = CALL_LOC_PRIVATE_LOCAL},
	    .why = "no voice",
	};

	(void)state;
	call_table_refused(w->table, w->now_us, &r);
	assert_int_equal(w->records, 1);
	assert_int_equal(w->record.call, 0);
	assert_string_equal(w->record.refused, "no voice");
	assert_string_equal(w->record.setup.called.digits, "30");
	assert_int_equal(w->record.setup.source.index, 2);
	assert_int_equal(w->record.channel.ts, 9);
	assert_int_equal(w->record.cause_a.value, CAUSE_BEARER_NOT_IMPLEMENTED);
	assert_int_equal(w->record.begin_us, w->now_us);
	assert_int_equal(w->record.end_us, w->now_us);
	r.begin_us = w->now_us;
	world_advance(w, 3 * US_PER_S);
	call_table_refused(w->table, w->now_us, &r);
	assert_int_equal(w->record.end_us - w->record.begin_us, 3 * US_PER_S);
	assert_int_equal(call_table_counters(w->table)->refused, 2);
	assert_int_equal(w->records, 2);
	end(w);
}
