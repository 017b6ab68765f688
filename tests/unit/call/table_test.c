/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The call table with scripted legs: one story per test. */
#include "tests/unit/call/call_tests.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "tests/unit/call/alloc_fail.h"
#include "tests/unit/call/world.h"

enum { CALLS_MAX = 8 };

static void drop_event(void *arg, const struct log_event *event)
{
	(void)arg;
	(void)event;
}

static struct world *begin(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	log_init(LOG_DEBUG, drop_event, NULL);
	world_init(w, CALLS_MAX);
	assert_non_null(w->table);
	return w;
}

/* Everything must have ended, once. */
static void end(struct world *w, unsigned records)
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

/* What a fair world does after a hang-up: who was told to end says that it has. */
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

static uint64_t unexpected(const struct world *w)
{
	return call_table_counters(w->table)->unexpected_events;
}

/* An answered call from the span; its leg A is returned, b and m are filled in. */
static struct fake_leg *answered(struct world *w, struct fake_leg **b, struct fake_session **m)
{
	struct fake_leg *a = world_call_from_span(w, CALL_RINGBACK_REMOTE);
	struct media_desc answer = world_desc(60, 5000);

	*b = world_leg_b(w, a->call);
	*m = world_session(w, a->call);
	leg_says(a, CALL_EV_CHANNEL);
	leg_says_media(*b, CALL_EV_ANSWER, &answer);
	assert_int_equal(leg_count(a, LEG_ANSWER), 1);
	return a;
}

/* E1 → SIP: proceeding, 180, 200, talk, the exchange hangs up. */
void test_span_to_trunk(void **state)
{
	struct world *w = begin();
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
	assert_int_equal(m->params.tone, CALL_TONE_RINGBACK);
	assert_false(m->params.receive);
	leg_says_media(b, CALL_EV_ANSWER, &answer);
	assert_int_equal(leg_count(a, LEG_ANSWER), 1);
	assert_false(leg_last(a, LEG_ANSWER)->media.present);
	assert_true(m->params.send && m->params.receive && m->params.tone == CALL_TONE_NONE);
	assert_int_equal(m->params.remote.rtp.port, 5000);
	assert_int_equal(m->params.remote.format_count, 1);
	assert_int_equal(m->params.channel.ts, 1);
	leg_says(a, CALL_EV_CONFIRMED);
	w->now_us += 5 * US_PER_S;
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	assert_int_equal(leg_last(b, LEG_CLEAR)->cause.value, CAUSE_NORMAL);
	let_it_end(w, a->call);
	assert_int_equal(w->record.cleared_by, CALL_SIDE_A);
	assert_true(w->record.cleared_by_known && !w->record.guard_hit);
	assert_int_equal(w->record.clear_us - w->record.answer_us, 5 * US_PER_S);
	assert_int_equal(w->record.cause_a.value, CAUSE_NORMAL);
	assert_int_equal(w->record.cause_b.value, CAUSE_NORMAL);
	assert_int_equal(w->record.media.rtp_tx_packets, 55);
	assert_int_equal(w->record.channel.ts, 1);
	assert_string_equal(w->record.plan_rule, "other-side");
	assert_string_equal(w->record.state, "done");
	assert_int_equal(unexpected(w), 0);
	end(w, 1);
}

/* SIP → E1: PROGRESS PI 8 becomes 183 with our answer, early media both ways, CONNECT, BYE. */
void test_trunk_to_span(void **state)
{
	struct world *w = begin();
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
	assert_int_equal(unexpected(w), 0);
	end(w, 1);
}

/* A PBX that says nothing in-band: 180 without a description, 200 with it. */
void test_trunk_to_span_without_inband(void **state)
{
	struct world *w = begin();
	struct fake_leg *a = world_call_from_trunk(w, true), *b = world_leg_b(w, a->call);
	struct fake_session *m = world_session(w, a->call);

	(void)state;
	leg_says(b, CALL_EV_CHANNEL);
	leg_says(b, CALL_EV_ALERTING);
	assert_int_equal(leg_count(a, LEG_ALERT), 1);
	assert_false(leg_last(a, LEG_ALERT)->media.present);
	assert_false(m->params.send);
	leg_says(b, CALL_EV_ANSWER);
	assert_true(leg_last(a, LEG_ANSWER)->media.present && m->params.send);
	leg_says_cause(b, CALL_EV_CLEARING, CAUSE_NORMAL);
	let_it_end(w, a->call);
	assert_int_equal(w->record.cleared_by, CALL_SIDE_B);
	end(w, 1);
}

/* RFC 3261 13.2.1: an INVITE without offer; ours goes in the 200, the answer comes in the ACK. */
void test_late_offer(void **state)
{
	struct world *w = begin();
	struct media_desc answer = world_desc(50, 4000);

	(void)state;
	for (int with_answer = 0; with_answer < 2; with_answer++) {
		struct fake_leg *a = world_call_from_trunk(w, false);
		struct fake_leg *b = world_leg_b(w, a->call);
		struct fake_session *m = world_session(w, a->call);

		leg_says(b, CALL_EV_CHANNEL);
		leg_says_pi(b, CALL_EV_PROGRESS, CALL_PI_8);
		assert_false(leg_last(a, LEG_PROGRESS)->media.present);
		leg_says(b, CALL_EV_ANSWER);
		assert_int_equal(leg_last(a, LEG_ANSWER)->media.format_count, 2);
		assert_false(m->params.send);
		if (with_answer) {
			leg_says_media(a, CALL_EV_CONFIRMED, &answer);
			assert_true(m->params.send && m->params.receive);
			assert_int_equal(m->params.remote.rtp.port, 4000);
			leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
		} else {
			leg_says(a, CALL_EV_CONFIRMED);
			assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_INCOMPATIBLE);
			assert_int_equal(leg_last(b, LEG_CLEAR)->cause.value, CAUSE_INCOMPATIBLE);
		}
		let_it_end(w, a->call);
	}
	end(w, 2);
}

static struct call_setup setup_from(enum call_bearer bearer, int kind)
{
	struct call_setup s = {.bearer = bearer, .called = {.present = true, .digits = "1"}};

	s.source.kind = kind;
	s.source.index = kind == CALL_EP_SPAN ? WORLD_SPAN : WORLD_TRUNK;
	return s;
}

static void refused(struct world *w, const struct call_setup *setup, uint8_t cause)
{
	struct fake_leg *a = world_call(w, setup);

	assert_non_null(a);
	assert_null(world_leg_b(w, a->call));
	assert_null(world_session(w, a->call));
	assert_int_equal(leg_count(a, LEG_PROCEED), 0);
	assert_int_equal(leg_count(a, LEG_CLEAR), 1);
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, cause);
	let_it_end(w, a->call);
	assert_int_equal(w->record.cause_a.value, cause);
	assert_false(w->record.cleared_by_known);
}

void test_refusals(void **state)
{
	struct world *w = begin();
	struct call_setup data = setup_from(CALL_BEARER_UNRESTRICTED, CALL_EP_SPAN);
	struct call_setup video = setup_from(CALL_BEARER_VIDEO, CALL_EP_SPAN);
	struct call_setup speech = setup_from(CALL_BEARER_SPEECH, CALL_EP_SPAN);
	struct call_setup invite = setup_from(CALL_BEARER_AUDIO_3K1, CALL_EP_TRUNK);

	(void)state;
	refused(w, &data, CAUSE_BEARER_NOT_IMPLEMENTED);
	refused(w, &video, CAUSE_BEARER_NOT_IMPLEMENTED);
	w->no_route = true;
	refused(w, &speech, CAUSE_NO_ROUTE);
	w->no_route = false;
	w->span_down = true;
	refused(w, &invite, CAUSE_OUT_OF_ORDER);
	w->span_down = false;
	invite.media = world_desc(50, 4000);
	invite.media.format_count = 0;
	refused(w, &invite, CAUSE_BEARER_NOT_IMPLEMENTED);
	invite.media = world_desc(50, 4000);
	invite.media.rejected = true;
	refused(w, &invite, CAUSE_BEARER_NOT_IMPLEMENTED);
	invite.media = world_desc(50, 4000);
	net_addr_parse(&invite.media.rtp, "[2001:db8::1]:4000");
	refused(w, &invite, CAUSE_BEARER_NOT_IMPLEMENTED);
	w->same_side = true; /* the plan names the side that the call came from */
	refused(w, &speech, 79);
	end(w, 8);
}

/* The plan asks somebody: A is told at once that the call is seen to, and once only. */
void test_slow_route(void **state)
{
	struct world *w = begin();
	struct call_route to_trunk = {.count = 1}, barred = {.cause = {.value = CAUSE_REJECTED}};
	struct fake_leg *a;

	(void)state;
	w->route_waits = true;
	a = world_call_from_span(w, CALL_RINGBACK_NEVER);
	assert_int_equal(a->cmd_count, 1);
	assert_int_equal(leg_count(a, LEG_PROCEED), 1);
	to_trunk.way[0] = call_way_of(&a->setup, (struct call_endpoint){CALL_EP_TRUNK, WORLD_TRUNK});
	call_table_routed(w->table, a->call, &to_trunk);
	world_turn(w);
	assert_non_null(world_leg_b(w, a->call));
	assert_int_equal(leg_count(a, LEG_PROCEED), 1);
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	let_it_end(w, a->call);

	a = world_call_from_span(w, CALL_RINGBACK_NEVER);
	call_table_routed(w->table, a->call, &barred);
	world_turn(w);
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_REJECTED);
	assert_int_equal(leg_count(a, LEG_PROCEED), 1);
	let_it_end(w, a->call);

	w->hold_turns = true; /* it hangs up before anything was said */
	a = world_call_from_span(w, CALL_RINGBACK_NEVER);
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	w->hold_turns = false;
	world_turn(w);
	assert_int_equal(leg_count(a, LEG_PROCEED), 0);
	call_table_routed(w->table, a->call, &to_trunk);
	let_it_end(w, a->call);
	end(w, 3);
}

void test_failed_opens(void **state)
{
	struct world *w = begin();
	struct fake_leg *a;

	(void)state;
	w->fail_open = true;
	a = world_call_from_trunk(w, true);
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_NO_CIRCUIT);
	let_it_end(w, a->call);
	assert_int_equal(w->record.cause_b.value, CAUSE_NO_CIRCUIT);
	w->fail_open = false;
	w->fail_media = true;
	a = world_call_from_span(w, CALL_RINGBACK_LOCAL);
	assert_null(world_leg_b(w, a->call));
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_CONGESTION);
	let_it_end(w, a->call);
	assert_int_equal(unexpected(w), 0);
	end(w, 2);
}

/* B fails before the answer: its cause reaches A; also without any hang-up (486, layer 2 died). */
void test_b_fails(void **state)
{
	struct world *w = begin();
	static const enum call_event_type how[] = {CALL_EV_GONE, CALL_EV_CLEARING};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct fake_leg *a = world_call_from_span(w, CALL_RINGBACK_LOCAL);

		leg_says_cause(world_leg_b(w, a->call), how[i], CAUSE_BUSY);
		assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_BUSY);
		let_it_end(w, a->call);
		assert_int_equal(w->record.cleared_by, CALL_SIDE_B);
		assert_int_equal(w->record.cause_b.value, CAUSE_BUSY);
	}
	end(w, 2);
}

/* Hold, another address, a codec that we lack, an offer of ours. */
void test_re_offers(void **state)
{
	struct world *w = begin();
	struct fake_leg *b, *a;
	struct fake_session *m;
	struct media_desc d = world_desc(60, 5000);
	unsigned sets;

	(void)state;
	a = answered(w, &b, &m);
	d.direction = MEDIA_SENDONLY;
	leg_says_media(b, CALL_EV_OFFER, &d);
	assert_int_equal(leg_last(b, LEG_OFFER_ANSWER)->media.direction, MEDIA_RECVONLY);
	/* Nothing moved: the source stays (a session refresh looks the same). */
	assert_true(!m->params.send && m->params.receive && !m->params.relatch);
	d.direction = MEDIA_SENDRECV;
	d.rtp = (struct net_addr){.family = 4, .port = 5000}; /* RFC 2543's hold */
	leg_says_media(b, CALL_EV_OFFER, &d);
	assert_false(m->params.send);
	d = world_desc(61, 5100);
	leg_says_media(b, CALL_EV_OFFER, &d);
	assert_true(m->params.send && m->params.receive && m->params.relatch);
	assert_int_equal(m->params.remote.rtp.port, 5100);
	d.format_count = 0;
	sets = m->sets;
	leg_says_media(b, CALL_EV_OFFER, &d);
	assert_false(leg_last(b, LEG_OFFER_ANSWER)->media.present);
	assert_int_equal(m->params.remote.rtp.port, 5100);
	assert_int_equal(m->sets, sets); /* RFC 3261 14.1: the session stays as it was */
	assert_int_equal(leg_count(b, LEG_OFFER_ANSWER), 4);
	/* re-INVITE without SDP: our offer, their answer in the ACK */
	leg_says(b, CALL_EV_OFFER);
	assert_int_equal(leg_last(b, LEG_OFFER_ANSWER)->media.format_count, 2);
	d = world_desc(62, 5200);
	leg_says_media(b, CALL_EV_OFFER, &d); /* glare: refused */
	assert_false(leg_last(b, LEG_OFFER_ANSWER)->media.present);
	leg_says_media(b, CALL_EV_CONFIRMED, &d);
	assert_int_equal(m->params.remote.rtp.port, 5200);
	assert_true(m->params.relatch);
	leg_says_cause(b, CALL_EV_CLEARING, CAUSE_NORMAL);
	let_it_end(w, a->call);
	assert_int_equal(unexpected(w), 0);
	end(w, 1);
}

/* A channel that moves in the middle of a call takes media along; nothing else changes. */
void test_moved_channel(void **state)
{
	struct world *w = begin();
	struct call_event moved = {.type = CALL_EV_CHANNEL, .channel = {.span = 1, .ts = 7}};
	struct media_desc stray = world_desc(66, 6000);
	struct fake_leg *b, *a;
	struct fake_session *m;

	(void)state;
	a = answered(w, &b, &m);
	/* Descriptions that nobody asked for */
	leg_says_media(b, CALL_EV_PROGRESS, &stray);
	leg_says_media(b, CALL_EV_CONFIRMED, &stray);
	leg_says_media(a, CALL_EV_CONFIRMED, &stray);
	leg_posts(a, &moved);
	world_turn(w);
	assert_int_equal(m->params.channel.ts, 7);
	assert_int_equal(m->params.remote.rtp.port, 5000);
	assert_true(m->params.send && m->params.receive && !m->params.relatch);
	moved.channel.span = 0; /* no channel at all */
	leg_posts(a, &moved);
	world_turn(w);
	assert_int_equal(m->params.channel.ts, 7);
	leg_says_media(b, CALL_EV_OFFER, &stray);
	assert_true(m->params.relatch);
	moved.channel = (struct call_channel){.span = 1, .ts = 9};
	leg_posts(a, &moved);
	world_turn(w);
	assert_int_equal(m->params.channel.ts, 9);
	assert_false(m->params.relatch);
	leg_says_cause(b, CALL_EV_CLEARING, CAUSE_NORMAL);
	let_it_end(w, a->call);
	assert_int_equal(w->record.channel.ts, 9);
	end(w, 1);
}

/* 183 with another description than the 200's (a fork): media moves and latches again; a 183 with
 * nothing usable is one without; a 200 with nothing usable ends the call. */
void test_descriptions_of_b(void **state)
{
	struct world *w = begin();
	struct fake_leg *a = world_call_from_span(w, CALL_RINGBACK_REMOTE);
	struct fake_leg *b = world_leg_b(w, a->call);
	struct fake_session *m = world_session(w, a->call);
	struct media_desc one = world_desc(60, 5000), two = world_desc(61, 5002), bad = one;

	(void)state;
	bad.format_count = 0;
	leg_says(a, CALL_EV_CHANNEL);
	leg_says_media(b, CALL_EV_PROGRESS, &bad);
	assert_int_equal(leg_last(a, LEG_PROGRESS)->pi, CALL_PI_1);
	assert_int_equal(m->sets, 0);
	leg_says_media(b, CALL_EV_PROGRESS, &one);
	assert_int_equal(leg_last(a, LEG_PROGRESS)->pi, CALL_PI_8);
	assert_true(m->params.send && m->params.receive && !m->params.relatch);
	leg_says_media(b, CALL_EV_ANSWER, &two);
	assert_true(m->params.relatch);
	assert_int_equal(m->params.remote.rtp.port, 5002);
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	let_it_end(w, a->call);

	a = world_call_from_span(w, CALL_RINGBACK_REMOTE);
	b = world_leg_b(w, a->call);
	leg_says_media(b, CALL_EV_ANSWER, &bad);
	assert_int_equal(leg_count(a, LEG_ANSWER), 0);
	assert_int_equal(leg_last(b, LEG_CLEAR)->cause.value, CAUSE_INCOMPATIBLE);
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_INCOMPATIBLE);
	let_it_end(w, a->call);
	end(w, 2);
}

/* PI 8 by policy: remote tells A when RTP comes after ALERTING, once. */
void test_early_rtp(void **state)
{
	struct world *w = begin();
	struct media_desc sdp = world_desc(60, 5000);
	static const enum call_ringback policy[] = {CALL_RINGBACK_LOCAL, CALL_RINGBACK_REMOTE,
						    CALL_RINGBACK_NEVER};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct fake_leg *a = world_call_from_span(w, policy[i]);
		struct fake_leg *b = world_leg_b(w, a->call);
		struct fake_session *m = world_session(w, a->call);
		bool local = policy[i] == CALL_RINGBACK_LOCAL;

		leg_says(a, CALL_EV_CHANNEL);
		leg_says_media(b, CALL_EV_ALERTING, &sdp);
		assert_int_equal(leg_last(a, LEG_ALERT)->pi, local ? CALL_PI_8 : 0);
		assert_int_equal(m->params.tone == CALL_TONE_RINGBACK, local);
		assert_true(m->params.receive && m->params.send);
		session_says(w, m, CALL_EV_EARLY_RTP);
		assert_int_equal(leg_count(a, LEG_PROGRESS), local ? 0 : 1);
		if (!local)
			assert_int_equal(leg_last(a, LEG_PROGRESS)->pi, CALL_PI_8);
		assert_int_equal(m->params.tone, CALL_TONE_NONE);
		leg_says_media(b, CALL_EV_PROGRESS, &sdp);
		assert_int_equal(leg_last(a, LEG_PROGRESS)->pi, 0);
		leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
		let_it_end(w, a->call);
		assert_true(w->record.early_media);
		assert_int_equal(w->record.answer_us, 0);
	}
	end(w, 3);
}

void test_limits(void **state)
{
	struct world *w = begin();
	struct fake_leg *a = world_call_from_span(w, CALL_RINGBACK_LOCAL);
	struct fake_leg *b = world_leg_b(w, a->call);

	(void)state;
	leg_says(b, CALL_EV_PROCEEDING); /* a 100 is no sign of B */
	world_advance(w, 139 * US_PER_S);
	assert_int_equal(leg_count(a, LEG_CLEAR), 0);
	world_advance(w, US_PER_S);
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_TIMER_EXPIRY);
	let_it_end(w, a->call);

	a = world_call_from_span(w, CALL_RINGBACK_LOCAL);
	b = world_leg_b(w, a->call);
	leg_says(b, CALL_EV_PROGRESS);
	world_advance(w, 100 * US_PER_S);
	leg_says(b, CALL_EV_ALERTING); /* the limit begins again */
	world_advance(w, 179 * US_PER_S);
	assert_int_equal(leg_count(a, LEG_CLEAR), 0);
	world_advance(w, US_PER_S);
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_NO_ANSWER);
	assert_int_equal(leg_last(b, LEG_CLEAR)->cause.value, CAUSE_TIMER_EXPIRY);
	assert_true(leg_last(b, LEG_CLEAR)->cause.diagnostic_timer);
	let_it_end(w, a->call);
	end(w, 2);
}

/* Who breaks the promise of a GONE is named after a minute, and the call ends all the same. */
void test_clear_guard(void **state)
{
	struct world *w = begin();
	struct fake_leg *a, *b;
	struct fake_session *m;
	struct call_event late = {.type = CALL_EV_GONE};

	(void)state;
	a = answered(w, &b, &m);
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	leg_says(a, CALL_EV_GONE);
	world_advance(w, 60 * US_PER_S);
	assert_int_equal(w->records, 1);
	assert_true(w->record.guard_hit);
	assert_int_equal(w->record.media.rtp_rx_packets, 77); /* the live counters */
	assert_int_equal(call_table_counters(w->table)->guard_hits, 1);
	leg_posts(b, &late);
	assert_int_equal(call_table_counters(w->table)->stale_events, 1);
	end(w, 1);
}

/* The two crossings that matter, in both orders, without a turn in between. */
void test_races(void **state)
{
	struct world *w = begin();
	struct call_event answer = {.type = CALL_EV_ANSWER, .media = world_desc(60, 5000)};
	struct call_event hang_up = {.type = CALL_EV_CLEARING, .cause = {.value = 16}};
	struct call_event gone = {.type = CALL_EV_GONE, .cause = {.value = 27}};

	(void)state;
	for (unsigned order = 0; order < 4; order++) {
		struct fake_leg *a = world_call_from_span(w, CALL_RINGBACK_REMOTE);
		struct fake_leg *b = world_leg_b(w, a->call);

		if (order < 2) { /* answer meets hang-up */
			leg_posts(order ? a : b, order ? &hang_up : &answer);
			leg_posts(order ? b : a, order ? &answer : &hang_up);
			world_turn(w);
			assert_int_equal(leg_count(a, LEG_ANSWER), order ? 0 : 1);
			assert_true(leg_count(b, LEG_CLEAR) >= 1);
		} else { /* B is gone (its handle dead) before A's hang-up was handled */
			leg_posts(order == 2 ? a : b, order == 2 ? &hang_up : &gone);
			leg_posts(order == 2 ? b : a, order == 2 ? &gone : &hang_up);
			world_turn(w);
			assert_int_equal(leg_count(b, LEG_CLEAR), 0);
		}
		assert_true(leg_count(a, LEG_CLEAR) >= 1);
		let_it_end(w, a->call);
	}
	assert_int_equal(unexpected(w), 0);
	end(w, 4);
}

void test_gone_inside_clear(void **state)
{
	struct world *w = begin();
	struct fake_leg *a, *b;
	struct fake_session *m;

	(void)state;
	w->gone_inside_clear = true;
	a = answered(w, &b, &m);
	assert_true(call_table_clear(w->table, a->call, (struct call_cause){0}));
	world_turn(w);
	assert_false(a->live || b->live);
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_NORMAL);
	session_says(w, m, CALL_EV_MEDIA_GONE);
	assert_false(call_table_clear(w->table, a->call, (struct call_cause){0}));
	end(w, 1);
}

/* Media dies: the call has no use without it. */
void test_media_dies(void **state)
{
	struct world *w = begin();
	struct fake_leg *a, *b;
	struct fake_session *m;

	(void)state;
	for (int i = 0; i < 2; i++) {
		a = answered(w, &b, &m);
		session_says(w, m, i ? CALL_EV_MEDIA_GONE : CALL_EV_MEDIA_FAILED);
		assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_TEMPORARY_FAILURE);
		assert_int_equal(leg_last(b, LEG_CLEAR)->cause.value, CAUSE_TEMPORARY_FAILURE);
		let_it_end(w, a->call);
	}
	end(w, 2);
}

/* A flood of one kind fills its own spare places and no more; the end still gets through. */
void test_flood(void **state)
{
	struct world *w = begin();
	struct call_event progress = {.type = CALL_EV_PROGRESS};
	struct call_event gone = {.type = CALL_EV_GONE, .cause = {.value = CAUSE_BUSY}};
	struct fake_leg *a = world_call_from_trunk(w, true), *b = world_leg_b(w, a->call);

	(void)state;
	for (unsigned burst = 1; burst <= 3; burst++) {
		for (int i = 0; i < 100; i++)
			leg_posts(b, &progress);
		if (burst == 3)
			leg_posts(b, &gone);
		world_turn(w);
		assert_int_equal(leg_count(a, LEG_PROGRESS), 9 * burst);
		assert_int_equal(unexpected(w), 91 * burst);
	}
	assert_int_equal(leg_last(a, LEG_CLEAR)->cause.value, CAUSE_BUSY);
	let_it_end(w, a->call);
	end(w, 1);
}

/* Nonsense from adapters is counted and touches nothing. */
void test_nonsense(void **state)
{
	struct world *w = begin();
	struct fake_leg *a, *b;
	struct fake_session *m;
	struct call_event ev = {.type = CALL_EV_COUNT};

	(void)state;
	a = answered(w, &b, &m);
	call_table_post(w->table, a->call, &ev);
	ev = (struct call_event){.type = CALL_EV_TIMER, .timer = CALL_TIMER_COUNT};
	call_table_post(w->table, a->call, &ev);
	ev = (struct call_event){.type = CALL_EV_GONE, .side = (enum call_side)7};
	call_table_post(w->table, a->call, &ev);
	ev = (struct call_event){.type = CALL_EV_SETUP};
	call_table_post(w->table, a->call, &ev);
	world_turn(w);
	assert_int_equal(unexpected(w), 4);
	call_table_post(w->table, 0, &ev);
	call_table_post(w->table, ~0ULL, &ev);
	assert_int_equal(call_table_counters(w->table)->stale_events, 2);
	assert_int_equal(leg_count(a, LEG_CLEAR) + leg_count(b, LEG_CLEAR), 0);
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	let_it_end(w, a->call);
	end(w, 1);
}

void test_full_table(void **state)
{
	struct world *w = begin();
	struct fake_leg *a[CALLS_MAX];
	struct call_record r;
	unsigned cursor = 0, shown = 0;

	(void)state;
	for (unsigned i = 0; i < CALLS_MAX; i++) {
		a[i] = world_call_from_span(w, CALL_RINGBACK_LOCAL);
		assert_non_null(a[i]);
	}
	assert_null(world_call_from_span(w, CALL_RINGBACK_LOCAL));
	assert_int_equal(call_table_counters(w->table)->refused_full, 1);
	assert_int_equal(call_table_counters(w->table)->active, CALLS_MAX);
	while (call_table_next(w->table, &cursor, &r)) {
		assert_string_equal(r.state, "calling");
		assert_int_equal(r.media.rtp_rx_packets, 77);
		assert_string_equal(r.called_out.digits, "30123");
		shown++;
	}
	assert_int_equal(shown, CALLS_MAX);
	call_table_clear_all(w->table, (struct call_cause){.value = CAUSE_OUT_OF_ORDER});
	world_turn(w);
	for (unsigned i = 0; i < CALLS_MAX; i++)
		let_it_end(w, a[i]->call);
	end(w, CALLS_MAX);
}

/* Two that answer each other for ever cannot hold the control thread. */
void test_endless_exchange(void **state)
{
	struct world *w = begin();
	struct fake_leg *a, *b;
	struct fake_session *m;

	(void)state;
	a = answered(w, &b, &m);
	a->repeats_clearing = true;
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	assert_false(call_table_idle(w->table));
	assert_int_equal(deadline_next_us(&w->deadlines), w->now_us);
	a->repeats_clearing = false;
	world_advance(w, 0);
	assert_true(call_table_idle(w->table));
	let_it_end(w, a->call);
	end(w, 1);
}

/* 183 with SDP says PI 8, ALERTING without it takes that back; when RTP then flows, A is told. */
void test_early_rtp_after_183_and_180(void **state)
{
	struct world *w = begin();
	struct media_desc sdp = world_desc(60, 5000);
	struct fake_leg *a = world_call_from_span(w, CALL_RINGBACK_REMOTE);
	struct fake_leg *b = world_leg_b(w, a->call);

	(void)state;
	leg_says(a, CALL_EV_CHANNEL);
	leg_says_media(b, CALL_EV_PROGRESS, &sdp);
	assert_int_equal(leg_last(a, LEG_PROGRESS)->pi, CALL_PI_8);
	leg_says(b, CALL_EV_ALERTING);
	assert_int_equal(leg_last(a, LEG_ALERT)->pi, 0);
	assert_int_equal(leg_count(a, LEG_PROGRESS), 1);
	session_says(w, world_session(w, a->call), CALL_EV_EARLY_RTP);
	assert_int_equal(leg_count(a, LEG_PROGRESS), 2);
	assert_int_equal(leg_last(a, LEG_PROGRESS)->pi, CALL_PI_8);
	leg_says_cause(a, CALL_EV_CLEARING, CAUSE_NORMAL);
	let_it_end(w, a->call);
	end(w, 1);
}

void test_destroy_with_calls(void **state)
{
	struct world *w = begin();
	struct call_event ev = {.type = CALL_EV_PROGRESS};

	(void)state;
	world_call_from_span(w, CALL_RINGBACK_LOCAL);
	leg_posts(world_leg_b(w, world_call_from_trunk(w, true)->call), &ev);
	world_fini(w);
	assert_int_equal(deadline_next_us(&w->deadlines), TIME_NEVER_US);
	assert_int_equal(w->records, 2); /* cut off, not lost */
	call_table_destroy(NULL);
	free(w);
}

void test_no_memory(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	unsigned failed = 0;

	(void)state;
	assert_non_null(w);
	for (unsigned n = 1; !w->table; n++) {
		alloc_fail_at(n);
		world_init(w, CALLS_MAX);
		failed += !w->table;
	}
	assert_int_equal(failed, 4);
	alloc_fail_at(1);
	assert_null(world_call_from_span(w, CALL_RINGBACK_LOCAL));
	alloc_fail_at(0);
	assert_int_equal(call_table_counters(w->table)->refused_full, 1);
	end(w, 0);
}
