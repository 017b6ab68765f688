/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A span under the real call table, with a far end that stands for SIP and media that are only
 * counted: whatever both ends and the D-channel do, every call ends, and not by its guard.
 */
#include "tests/unit/isdn_map/tests.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/isdn_map/harness.h"

enum { FAR_LEGS = 2048, TABLE_STEPS = 8000 };

struct far_leg {
	struct far *far;
	call_id call;
	enum call_side side;
	bool live, clear_wanted, clearing_posted, answered;
};

struct far {
	struct world *w;
	struct call_table *table;
	struct deadline_queue deadlines;
	struct far_leg leg[FAR_LEGS];
	unsigned legs;
	call_id session_call[FAR_LEGS];
	unsigned sessions, sessions_open, records, answered, guards;
	bool closing[FAR_LEGS];
	bool manual; /* the test drives the far legs */
};

static const struct media_desc far_media = {
    .present = true,
    .direction = MEDIA_SENDRECV,
    .ptime_ms = 20,
    .format_count = 1,
    .format = {{MEDIA_PCMA, 8}},
    .rtp = {.family = 4, .port = 4000, .ip = {127, 0, 0, 1}},
};

/* ── media: sockets that are not there ── */

static int media_open(void *media, call_id call, const struct net_addr *bind,
		      const struct net_addr *advertise, slot_id *session, struct media_desc *local)
{
	struct far *f = media;

	(void)bind;
	if (f->sessions == FAR_LEGS)
		return -1;
	f->session_call[f->sessions] = call;
	*session = ++f->sessions;
	f->sessions_open++;
	memset(local, 0, sizeof(*local));
	local->rtp = *advertise;
	local->rtp.port = 10000;
	return 0;
}

static void media_set(void *media, slot_id session, const struct media_params *params)
{
	struct far *f = media;

	assert_in_range(session, 1, f->sessions);
	if (params->channel.span) {
		assert_int_equal(params->channel.span, 1);
		assert_true(f->w->cfg.bchannels >> params->channel.ts & 1);
	}
}

static void media_close(void *media, slot_id session)
{
	struct far *f = media;

	f->closing[session - 1] = true;
}

static void media_stats(void *media, slot_id session, struct media_stats *out)
{
	(void)media, (void)session;
	memset(out, 0, sizeof(*out));
}

static const struct media_ops media_ops = {media_open, media_set, media_close, media_stats};

/* ── the far end ── */

static struct far_leg *far_leg_new(struct far *f, call_id call, enum call_side side)
{
	struct far_leg *leg;

	assert_true(f->legs < FAR_LEGS);
	leg = &f->leg[f->legs++];
	*leg = (struct far_leg){.far = f, .call = call, .side = side, .live = true};
	return leg;
}

static int far_open(void *adapter, call_id call, const struct call_setup *setup, void **leg,
		    struct call_cause *cause)
{
	struct far *f = adapter;

	(void)setup;
	if (f->legs == FAR_LEGS || (!f->manual && !rng_below(&f->w->rng, 10))) {
		cause->value = CAUSE_TEMPORARY_FAILURE;
		return -1;
	}
	*leg = far_leg_new(f, call, CALL_SIDE_B);
	return 0;
}

static void far_command(void *handle, const struct leg_cmd *cmd)
{
	struct far_leg *leg = handle;

	assert_true(leg->live);
	leg->clear_wanted |= cmd->type == LEG_CLEAR;
	leg->answered |= cmd->type == LEG_ANSWER;
}

static const struct leg_ops far_ops = {far_open, far_command};

static void far_post(struct far_leg *leg, enum call_event_type type, uint8_t cause)
{
	struct call_event ev = {
	    .type = type, .side = leg->side, .cause = {.value = cause, .location = 5}};

	if (type == CALL_EV_ANSWER || type == CALL_EV_ALERTING || type == CALL_EV_PROGRESS)
		ev.media = far_media;
	if (type == CALL_EV_GONE)
		leg->live = false;
	leg->clearing_posted |= type == CALL_EV_CLEARING;
	call_table_post(leg->far->table, leg->call, &ev);
}

static void far_call(struct far *f, const char *called)
{
	struct call_setup setup = {
	    .source = {CALL_EP_TRUNK, 0},
	    .called = {.present = true, .npi = CALL_NPI_E164},
	    .bearer = CALL_BEARER_AUDIO_3K1,
	    .sending_complete = true,
	    .ringback = CALL_RINGBACK_NEVER,
	    .media = far_media,
	};
	struct far_leg *leg = far_leg_new(f, 0, CALL_SIDE_A);

	snprintf(setup.called.digits, sizeof(setup.called.digits), "%s", called);
	leg->call = call_table_incoming(f->table, f->w->now_us, &setup, &far_ops, leg);
	leg->live = leg->call != 0;
}

/* ── the table's configuration ── */

static bool route(void *arg, call_id call, const struct call_setup *setup, struct call_route *out)
{
	bool from_span = setup->source.kind == CALL_EP_SPAN;
	struct call_endpoint to = {from_span ? CALL_EP_TRUNK : CALL_EP_SPAN, !from_span};

	(void)arg;
	(void)call;
	if (setup->called.digits[0] == '0')
		out->cause.value = CAUSE_NO_ROUTE;
	else
		out->way[out->count++] = call_way_of(setup, to);
	return true;
}

static const struct call_port *port(void *arg, struct call_endpoint ep)
{
	static struct call_port span, trunk;
	struct far *f = arg;

	span = (struct call_port){.ops = &isdn_leg_ops, .adapter = f->w->span};
	trunk = (struct call_port){
	    .ops = &far_ops,
	    .adapter = f,
	    .media_bind = {.family = 4, .ip = {127, 0, 0, 1}},
	    .media_advertise = {.family = 4, .ip = {127, 0, 0, 1}},
	    .codec_count = 1,
	    .codec = {MEDIA_PCMA},
	    .ptime_ms = 20,
	};
	return ep.kind == CALL_EP_SPAN ? &span : &trunk;
}

static void record(void *arg, const struct call_record *r)
{
	struct far *f = arg;

	f->records++;
	f->answered += r->answer_us != 0;
	f->guards += r->guard_hit;
	if (r->guard_hit)
		print_message("guard: from %d state %s cause a %u b %u\n", r->setup.source.kind,
			      r->state, r->cause_a.value, r->cause_b.value);
}

static void table_turn(struct world *w)
{
	struct far *f = w->owner;

	for (unsigned i = 0; i < f->sessions; i++)
		if (f->closing[i]) {
			struct call_event ev = {.type = CALL_EV_MEDIA_GONE};

			f->closing[i] = false;
			f->sessions_open--;
			call_table_post(f->table, f->session_call[i], &ev);
		}
	for (unsigned i = 0; i < f->legs; i++)
		if (f->leg[i].live && f->leg[i].clear_wanted)
			far_post(&f->leg[i], CALL_EV_GONE, 0);
	deadline_run(&f->deadlines, w->now_us);
	call_table_turn(f->table, w->now_us);
}

static int64_t table_next_us(struct world *w)
{
	struct far *f = w->owner;

	return deadline_next_us(&f->deadlines);
}

static struct far *far_create(enum isdn_side side)
{
	struct far *f = test_calloc(1, sizeof(*f));
	struct call_table_cfg tcfg = {.calls_max = 64,
				      .deadlines = &f->deadlines,
				      .media_ops = &media_ops,
				      .media = f,
				      .route = route,
				      .port = port,
				      .record = record,
				      .arg = f};
	struct isdn_span_cfg cfg = world_cfg(side);

	assert_int_equal(call_table_create(&f->table, &tcfg), 0);
	f->w = world_create_on(&cfg, f->table);
	f->w->owner = f;
	f->w->table_turn = table_turn;
	f->w->table_next_us = table_next_us;
	world_run_us(f->w, 2 * US_PER_S);
	assert_true(world_status(f->w).dchannel_up);
	return f;
}

static void far_destroy(struct far *f)
{
	const struct call_table_counters *c = call_table_counters(f->table);

	assert_int_equal(c->active, 0);
	assert_int_equal(c->guard_hits, 0);
	assert_int_equal(c->unexpected_events, 0);
	assert_int_equal(c->stale_events, 0);
	assert_int_equal(c->begun, c->ended);
	assert_int_equal(f->records, c->ended + c->refused);
	assert_int_equal(f->sessions_open, 0);
	assert_int_equal(world_status(f->w).busy, 0);
	for (unsigned i = 0; i < f->legs; i++)
		assert_false(f->leg[i].live);
	world_destroy(f->w);
	call_table_destroy(f->table);
	test_free(f);
}

void test_table_calls(void **state)
{
	struct far *f = far_create(ISDN_NETWORK);
	struct world *w = f->w;
	q931_call *pc;

	(void)state;
	f->manual = true;
	pc = peer_call(w, "30", 1, 0); /* E1 to far */
	assert_int_equal(f->legs, 1);
	assert_non_null(peer_last(w, PRI_EVENT_PROCEEDING));
	far_post(&f->leg[0], CALL_EV_ALERTING, 0);
	world_settle(w);
	assert_int_equal(peer_last(w, PRI_EVENT_RINGING)->mask, PRI_PROG_INBAND_AVAILABLE);
	far_post(&f->leg[0], CALL_EV_ANSWER, 0);
	world_settle(w);
	assert_non_null(peer_last(w, PRI_EVENT_ANSWER));
	far_post(&f->leg[0], CALL_EV_CLEARING, 17);
	world_settle(w);
	assert_int_equal(peer_last(w, PRI_EVENT_HANGUP_REQ)->cause, 17);

	far_call(f, "30"); /* and back */
	world_settle(w);
	pc = peer_ring(w);
	pri_acknowledge(w->peer.pri, pc, peer_ring_channel(w), 1);
	pri_answer(w->peer.pri, pc, peer_ring_channel(w), 0);
	world_settle(w);
	assert_true(f->leg[1].answered);
	pri_hangup(w->peer.pri, pc, 16);
	world_settle(w);
	assert_int_equal(f->answered, 2);
	peer_call(w, "0", 1, 0); /* no route: the first answer refuses */
	assert_int_equal(peer_last(w, PRI_EVENT_HANGUP)->cause, 3);
	far_destroy(f);
}

static void far_step(struct far *f)
{
	static const enum call_event_type before[] = {CALL_EV_PROCEEDING, CALL_EV_PROGRESS,
						      CALL_EV_ALERTING, CALL_EV_ANSWER};
	struct rng *rng = &f->w->rng;
	struct far_leg *leg;
	unsigned what;

	if (!rng_below(rng, 6) && f->legs < FAR_LEGS - 8) {
		far_call(f, rng_below(rng, 20) ? "30" : "0");
		return;
	}
	if (!f->legs)
		return;
	leg = &f->leg[f->legs - 1 - rng_below(rng, f->legs < 40 ? f->legs : 40)];
	if (!leg->live || leg->clear_wanted || leg->clearing_posted)
		return;
	what = rng_below(rng, 6);
	if (what < 4 && leg->side == CALL_SIDE_B && !leg->answered) {
		far_post(leg, before[what], 0);
		leg->answered |= before[what] == CALL_EV_ANSWER;
	} else if (what == 4) {
		far_post(leg, CALL_EV_CLEARING, 16);
	} else if (what == 5 && !leg->answered) {
		far_post(leg, CALL_EV_GONE, 41);
	}
}

static q931_call *table_peer_call; /* the peer's last one, from either side */

static void on_peer_event(struct world *w, const pri_event *ev)
{
	if (ev->e == PRI_EVENT_RING) {
		int channel = ev->ring.channel;

		if (rng_below(&w->rng, 5))
			pri_proceeding(w->peer.pri, ev->ring.call, channel, 0);
		if (rng_below(&w->rng, 2))
			pri_acknowledge(w->peer.pri, ev->ring.call, channel, 0);
		if (!rng_below(&w->rng, 3))
			pri_answer(w->peer.pri, ev->ring.call, channel, 0);
		table_peer_call = ev->ring.call;
	} else if (ev->e == PRI_EVENT_HANGUP || ev->e == PRI_EVENT_HANGUP_REQ) {
		pri_hangup(w->peer.pri, ev->hangup.call, ev->hangup.cause);
	}
}

static void table_storm(enum isdn_side side, uint64_t seed)
{
	struct far *f = far_create(side);
	struct world *w = f->w;

	rng_init_seed(&w->rng, seed);
	w->peer.on_event = on_peer_event;
	table_peer_call = NULL;
	for (unsigned step = 0; step < TABLE_STEPS && f->legs < FAR_LEGS - 8; step++) {
		if (!rng_below(&w->rng, 300))
			world_cut(w, !w->ours.cut);
		if (!rng_below(&w->rng, 2))
			far_step(f);
		else if (!rng_below(&w->rng, 5) && world_status(w).dchannel_up)
			table_peer_call = peer_call(w, rng_below(&w->rng, 20) ? "30" : "0",
						    (int)rng_below(&w->rng, 33), 0);
		else if (!rng_below(&w->rng, 10))
			pri_hangup(w->peer.pri, table_peer_call, 16); /* libpri checks it */
		else if (!rng_below(&w->rng, 300))
			pri_reset(w->peer.pri, 1 + (int)rng_below(&w->rng, 31));
		world_settle(w);
		if (!rng_below(&w->rng, 4))
			world_run_us(w, rng_below(&w->rng, w->ours.cut ? 20000000 : 1000000));
	}
	world_cut(w, false);
	world_run_us(w, 30 * US_PER_S);
	call_table_clear_all(f->table, (struct call_cause){.value = CAUSE_NORMAL});
	world_run_us(w, 200 * US_PER_S);
	printf("# table storm seed %llu: %llu calls, %u answered\n", (unsigned long long)seed,
	       (unsigned long long)call_table_counters(f->table)->begun, f->answered);
	assert_true(f->answered > 50);
	far_destroy(f);
}

void test_table_storm(void **state)
{
	(void)state;
	table_storm(ISDN_USER, 1);
	table_storm(ISDN_NETWORK, 2);
	table_storm(ISDN_USER, 3);
}
