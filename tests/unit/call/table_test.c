/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The call table with scripted legs: one story per test. */
#include "tests/unit/call/call_tests.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "tests/unit/call/world.h"

static void drop_event(void *arg, const struct log_event *event)
{
	(void)arg;
	(void)event;
}

static struct world *setup_world(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	log_init(LOG_DEBUG, drop_event, NULL);
	world_init(w, 8);
	assert_non_null(w->table);
	return w;
}

/* Everything must have ended, once. */
static void end_world(struct world *w, unsigned records)
{
	const struct call_table_counters *n = call_table_counters(w->table);

	assert_int_equal(n->active, 0);
	assert_int_equal(n->ended, n->begun);
	assert_int_equal(w->records, records);
	assert_int_equal(w->broken, 0);
	assert_true(call_table_idle(w->table));
	assert_int_equal(deadline_next_us(&w->deadlines), TIME_NEVER_US);
	world_fini(w);
	free(w);
}

/* What a fair world does after a hang-up. */
static void let_it_end(struct world *w, call_id call)
{
	for (unsigned i = 0; i < WORLD_LEGS; i++)
		if (w->leg[i].live && w->leg[i].call == call) {
			assert_true(w->leg[i].cleared);
			leg_says(&w->leg[i], CALL_EV_GONE);
		}
	for (unsigned i = 0; i < WORLD_SESSIONS; i++)
		if (w->session[i].live && w->session[i].call == call) {
			assert_true(w->session[i].closed);
			session_says(w, &w->session[i], CALL_EV_MEDIA_GONE);
		}
}

/* E1 → SIP: proceeding, 180, 200, talk, the exchange hangs up. */
void test_span_to_trunk(void **state)
{
	struct world *w = setup_world();
	struct fake_leg *a = world_call_from_span(w, CALL_RINGBACK_LOCAL), *b;
	struct fake_session *m;
	struct media_desc answer = world_desc(60, 5000);

	(void)state;
	assert_int_equal(leg_count(a, LEG_PROCEED), 1);
	b = world_leg_b(w, a->call);
	assert_non_null(b);
	assert_int_equal(b->setup.media.format_count, 2);
	assert_int_equal(b->setup.media.format[0].codec, MEDIA_PCMA);
	assert_int_equal(b->setup.media.rtp.ip[0], 198);
	m = world_session(w, a->call);
	leg_says(a, CALL_EV_CHANNEL);
	assert_int_equal(m->sets, 0);
	leg_says(b, CALL_EV_PROCEEDING);
	leg_says(b, CALL_EV_ALERTING);
	assert_int_equal(leg_last(a, LEG_ALERT)->pi, CALL_PI_8);
	assert_true(m->params.ringback_until_rtp);
	assert_false(m->params.receive);
	leg_says_media(b, CALL_EV_ANSWER, &answer);
	assert_int_equal(leg_count(a, LEG_ANSWER), 1);
	assert_true(m->params.send && m->params.receive && !m->params.ringback_until_rtp);
	assert_int_equal(m->params.remote.rtp.port, 5000);
	assert_int_equal(m->params.channel.ts, 1);
	leg_says(a, CALL_EV_CONFIRMED);
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	assert_int_equal(leg_last(b, LEG_CLEAR)->cause.value, CAUSE_NORMAL);
	let_it_end(w, a->call);
	assert_int_equal(w->record.cleared_by, CALL_SIDE_A);
	assert_true(w->record.cleared_by_known && w->record.answer_us && !w->record.guard_hit);
	assert_int_equal(w->record.cause_a.value, CAUSE_NORMAL);
	assert_int_equal(w->record.media.rtp_tx_packets, 55);
	assert_string_equal(w->record.plan_rule, "other-side");
	assert_int_equal(call_table_counters(w->table)->unexpected_events, 0);
	end_world(w, 1);
}

/* SIP → E1: PROGRESS PI 8 becomes 183 with our answer, early media both ways, CONNECT, BYE. */
void test_trunk_to_span(void **state)
{
	struct world *w = setup_world();
	struct fake_leg *a = world_call_from_trunk(w, true), *b = world_leg_b(w, a->call);
	struct fake_session *m = world_session(w, a->call);

	(void)state;
	assert_non_null(b);
	assert_false(b->setup.media.present);
	assert_int_equal(b->setup.bearer, CALL_BEARER_AUDIO_3K1);
	leg_says(b, CALL_EV_CHANNEL);
	assert_true(m->params.receive && !m->params.send); /* no description sent yet */
	leg_says(b, CALL_EV_PROCEEDING);
	leg_says_pi(b, CALL_EV_PROGRESS, CALL_PI_8);
	assert_true(leg_last(a, LEG_PROGRESS)->media.present);
	assert_int_equal(leg_last(a, LEG_PROGRESS)->media.format_count, 1);
	assert_true(m->params.send);
	leg_says(b, CALL_EV_ALERTING);
	assert_true(leg_last(a, LEG_ALERT)->media.present);
	leg_says(b, CALL_EV_ANSWER);
	assert_true(leg_last(a, LEG_ANSWER)->media.present);
	leg_says(a, CALL_EV_CONFIRMED);
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	let_it_end(w, a->call);
	end_world(w, 1);
}
