/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/isdn_map/harness.h"

#include "src/isdn_map/isdn_span.h"
#include "src/isdn_map/pri/pri_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ── memory (--wrap=calloc) ── */

static unsigned alloc_countdown;
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void alloc_fail_nth(unsigned n)
{
	alloc_countdown = n;
}

void *__wrap_calloc(size_t count, size_t size)
{
	if (alloc_countdown && !--alloc_countdown)
		return NULL;
	return __real_calloc(count, size);
}

/* ── wire ── */

static ssize_t wire_recv(struct e1_span *s, uint8_t *frame, size_t cap)
{
	struct wire_end *end = s->impl;
	struct wire_frame *f;

	if (!end->count)
		return 0;
	f = &end->queue[end->head];
	end->head = (end->head + 1) % WIRE_QUEUE;
	end->count--;
	if (f->len > cap)
		return -EMSGSIZE;
	memcpy(frame, f->octets, f->len);
	return (ssize_t)f->len;
}

static int wire_send(struct e1_span *s, const uint8_t *frame, size_t len)
{
	struct wire_end *to = ((struct wire_end *)s->impl)->other;
	struct isdn_frame decoded;
	struct wire_frame *f;

	if (to->cut || (to->drop_per_1000 && rng_below(to->rng, 1000) < to->drop_per_1000))
		return 0;
	if (to->count == WIRE_QUEUE)
		return -EAGAIN;
	assert_true(len <= E1_DCHAN_FRAME_MAX);
	f = &to->queue[(to->head + to->count++) % WIRE_QUEUE];
	f->len = len;
	memcpy(f->octets, frame, len);
	isdn_frame_decode(&decoded, frame, len);
	if (decoded.is_message) {
		to->last_message[decoded.type & 0x7f] = *f;
		to->messages[decoded.type & 0x7f]++;
		if (to->no_restart && decoded.type == 0x46)
			f->octets[4] = 0x4f; /* no protocol discriminator of Q.931 */
	}
	return 0;
}

static const struct e1_ops wire_ops = {.dchan_recv = wire_recv, .dchan_send = wire_send};

static void wire_init(struct wire_end *end, struct wire_end *other, struct rng *rng)
{
	end->e1 = (struct e1_span){.ops = &wire_ops, .impl = end, .number = 1};
	end->other = other;
	end->rng = rng;
}

const uint8_t *wire_message(const struct wire_end *end, uint8_t type, size_t *len)
{
	const struct wire_frame *f = &end->last_message[type & 0x7f];

	if (!f->len)
		return NULL;
	*len = f->len - 4;
	return f->octets + 4;
}

const uint8_t *wire_element(const struct wire_end *end, uint8_t type, uint8_t id, size_t *len)
{
	size_t total, at;
	const uint8_t *m = wire_message(end, type, &total);

	if (!m)
		return NULL;
	for (at = 5; at < total;) {
		if (m[at] & 0x80) {
			*len = 0;
			if (m[at] == id)
				return &m[at];
			at++;
			continue;
		}
		*len = m[at + 1];
		if (m[at] == id)
			return &m[at + 2];
		at += 2 + *len;
	}
	return NULL;
}

void wire_inject(struct world *w, const uint8_t *frame, size_t len)
{
	wire_send(&w->theirs.e1, frame, len);
	world_settle(w);
}

/* ── stub call table ── */

/* The span's calls of the table come here (--wrap), and go on to the real table unless it is the
 * stub of the world that lives now. */
static const void *stub;
call_id __real_call_table_incoming(struct call_table *t, int64_t now_us,
				   const struct call_setup *setup, const struct leg_ops *ops,
				   void *leg);
void __real_call_table_post(struct call_table *t, call_id call, const struct call_event *event);
bool __real_call_table_idle(const struct call_table *t);
call_id __wrap_call_table_incoming(struct call_table *t, int64_t now_us,
				   const struct call_setup *setup, const struct leg_ops *ops,
				   void *leg);
void __wrap_call_table_post(struct call_table *t, call_id call, const struct call_event *event);
bool __wrap_call_table_idle(const struct call_table *t);
void __real_call_table_refused(struct call_table *t, int64_t now_us,
			       const struct call_refusal *refusal);
void __wrap_call_table_refused(struct call_table *t, int64_t now_us,
			       const struct call_refusal *refusal);

bool __wrap_call_table_idle(const struct call_table *t)
{
	return t == stub ? !((const struct stub_table *)stub)->busy : __real_call_table_idle(t);
}

struct call_table *stub_use(struct stub_table *t)
{
	stub = t;
	return (struct call_table *)t;
}

static struct stub_call *stub_add(struct stub_table *t)
{
	struct stub_call *c;

	assert_true(t->calls < STUB_CALLS);
	c = &t->call[t->calls++];
	c->id = t->calls;
	return c;
}

call_id __wrap_call_table_incoming(struct call_table *table, int64_t now_us,
				   const struct call_setup *setup, const struct leg_ops *ops,
				   void *leg)
{
	struct stub_table *t = (struct stub_table *)table;
	struct stub_call *c;

	if (table != stub)
		return __real_call_table_incoming(table, now_us, setup, ops, leg);
	assert_ptr_equal(ops, &isdn_leg_ops);
	if (t->full)
		return 0;
	c = stub_add(t);
	c->incoming = true;
	c->setup = *setup;
	c->leg = leg;
	return c->id;
}

void __wrap_call_table_refused(struct call_table *table, int64_t now_us,
			       const struct call_refusal *refusal)
{
	struct stub_table *t = (struct stub_table *)table;

	if (table != stub) {
		__real_call_table_refused(table, now_us, refusal);
		return;
	}
	assert_non_null(refusal->why);
	t->refused++;
	t->refusal = *refusal;
}

void __wrap_call_table_post(struct call_table *table, call_id call, const struct call_event *event)
{
	struct stub_table *t = (struct stub_table *)table;
	struct stub_call *c;

	if (table != stub) {
		__real_call_table_post(table, call, event);
		return;
	}

	assert_true(call >= 1 && call <= t->calls);
	c = &t->call[call - 1];
	assert_false(c->gone);
	assert_int_equal(event->side, c->incoming ? CALL_SIDE_A : CALL_SIDE_B);
	assert_true(c->events < STUB_EVENTS);
	c->event[c->events++] = (struct stub_event){event->type, event->pi, event->cause};
	c->count[event->type]++;
	if (event->type == CALL_EV_CHANNEL)
		c->channel = event->channel;
	if (event->type == CALL_EV_GONE) {
		assert_in_range(event->cause.value, 1, 127);
		c->gone = true;
	}
}

/* What the real table does of itself: a leg that wants to clear is cleared. */
static void stub_turn(struct stub_table *t)
{
	for (unsigned i = 0; i < t->calls; i++) {
		struct stub_call *c = &t->call[i];
		struct leg_cmd cmd = {.type = LEG_CLEAR};

		if (t->keep_clearing || c->gone || c->cleared || !c->count[CALL_EV_CLEARING])
			continue;
		cmd.cause = stub_event(c, CALL_EV_CLEARING)->cause;
		c->cleared = true;
		isdn_leg_ops.command(c->leg, &cmd);
	}
}

struct stub_call *stub_last(struct world *w)
{
	assert_true(w->table.calls > 0);
	return &w->table.call[w->table.calls - 1];
}

struct stub_call *stub_open_setup(struct world *w, const struct call_setup *setup,
				  struct call_cause *cause)
{
	struct stub_call *c = stub_add(&w->table);

	if (isdn_leg_ops.open(w->span, c->id, setup, &c->leg, cause)) {
		w->table.calls--;
		memset(c, 0, sizeof(*c));
		return NULL;
	}
	return c;
}

struct stub_call *stub_open_cause(struct world *w, const char *called, struct call_cause *cause)
{
	struct call_setup setup = {
	    .source = {CALL_EP_TRUNK, 0},
	    .target = {CALL_EP_SPAN, w->cfg.span},
	    .called = {.present = true, .ton = CALL_TON_NATIONAL, .npi = CALL_NPI_E164},
	    .calling = {.present = true,
			.ton = CALL_TON_INTERNATIONAL,
			.npi = CALL_NPI_E164,
			.screening = CALL_SCREEN_NETWORK,
			.digits = "4930123456"},
	    .calling_name = "J\xc3\xbcrgen",
	    .bearer = CALL_BEARER_AUDIO_3K1,
	};

	snprintf(setup.called.digits, sizeof(setup.called.digits), "%s", called);
	return stub_open_setup(w, &setup, cause);
}

struct stub_call *stub_open(struct world *w, const char *called)
{
	struct call_cause cause = {0};
	struct stub_call *c = stub_open_cause(w, called, &cause);

	if (!c)
		fail_msg("outgoing call refused with %u", cause.value);
	return c;
}

void stub_command(struct world *w, struct stub_call *c, enum leg_cmd_type type, uint8_t pi)
{
	struct leg_cmd cmd = {.type = type, .pi = pi};

	isdn_leg_ops.command(c->leg, &cmd);
	world_settle(w);
}

void stub_clear(struct world *w, struct stub_call *c, uint8_t cause)
{
	struct leg_cmd cmd = {.type = LEG_CLEAR, .cause = {.value = cause, .location = 1}};

	c->cleared = true;
	isdn_leg_ops.command(c->leg, &cmd);
	world_settle(w);
}

const struct stub_event *stub_event(const struct stub_call *c, enum call_event_type type)
{
	for (unsigned i = c->events; i--;)
		if (c->event[i].type == type)
			return &c->event[i];
	return NULL;
}

/* ── peer ── */

static int peer_read(struct pri *pri, void *buf, int cap)
{
	struct peer *p = pri_get_userdata(pri);
	ssize_t n = wire_recv(&p->wire->e1, buf, (size_t)cap - 2);

	p->got_frame = n > 0;
	return n > 0 ? (int)n + 2 : 0;
}

static int peer_write(struct pri *pri, void *buf, int len)
{
	struct peer *p = pri_get_userdata(pri);

	wire_send(&p->wire->e1, buf, (size_t)len - 2);
	return len;
}

static void peer_note(struct peer *p, const pri_event *ev, q931_call *call, int channel, int cause,
		      int mask)
{
	struct peer_event *e;

	assert_true(p->events < PEER_EVENTS);
	e = &p->event[p->events++];
	*e = (struct peer_event){
	    .e = ev->e, .channel = channel, .cause = cause, .mask = mask, .call = call};
}

static void peer_handle(struct peer *p, const pri_event *ev)
{
	switch (ev->e) {
	case PRI_EVENT_DCHAN_UP:
	case PRI_EVENT_DCHAN_DOWN:
		p->up = ev->e == PRI_EVENT_DCHAN_UP;
		peer_note(p, ev, NULL, 0, 0, 0);
		break;
	case PRI_EVENT_RING:
		p->last_ring = *ev;
		peer_note(p, ev, ev->ring.call, ev->ring.channel, 0, ev->ring.progressmask);
		break;
	case PRI_EVENT_SETUP_ACK:
		peer_note(p, ev, ev->setup_ack.call, ev->setup_ack.channel, 0, 0);
		break;
	case PRI_EVENT_PROCEEDING:
	case PRI_EVENT_PROGRESS:
		peer_note(p, ev, ev->proceeding.call, ev->proceeding.channel, ev->proceeding.cause,
			  ev->proceeding.progressmask);
		break;
	case PRI_EVENT_RINGING:
		peer_note(p, ev, ev->ringing.call, ev->ringing.channel, 0,
			  ev->ringing.progressmask);
		break;
	case PRI_EVENT_ANSWER:
		peer_note(p, ev, ev->answer.call, ev->answer.channel, 0, ev->answer.progressmask);
		break;
	case PRI_EVENT_HANGUP_REQ:
		peer_note(p, ev, ev->hangup.call, ev->hangup.channel, ev->hangup.cause, 0);
		if (!p->deaf)
			pri_hangup(p->pri, ev->hangup.call, ev->hangup.cause);
		break;
	case PRI_EVENT_HANGUP:
		peer_note(p, ev, ev->hangup.call, ev->hangup.channel, ev->hangup.cause, 0);
		if (!p->deaf)
			pri_hangup(p->pri, ev->hangup.call, ev->hangup.cause);
		break;
	case PRI_EVENT_HANGUP_ACK:
		peer_note(p, ev, ev->hangup.call, ev->hangup.channel, ev->hangup.cause, 0);
		break;
	case PRI_EVENT_RESTART_ACK:
		peer_note(p, ev, NULL, ev->restartack.channel, 0, 0);
		break;
	default:
		peer_note(p, ev, NULL, 0, 0, 0);
		break;
	}
}

static void peer_turn(struct world *w)
{
	struct peer *p = &w->peer;

	libclock_set(w->now_us);
	for (;;) {
		pri_event *ev = pri_check_event(p->pri);
		bool frame = p->got_frame;

		if (!ev && !frame)
			ev = pri_schedule_run(p->pri);
		if (ev && p->on_event)
			p->on_event(w, ev);
		else if (ev)
			peer_handle(p, ev);
		else if (!frame)
			break;
	}
}

q931_call *peer_call_bearer(struct world *w, const char *called, int channel, int exclusive,
			    int bearer, int layer1)
{
	struct pri_party_id caller = {0};
	struct pri_sr *sr = pri_sr_new();
	q931_call *c = pri_new_call(w->peer.pri);
	char digits[64];

	libclock_set(w->now_us);
	snprintf(digits, sizeof(digits), "%s", called);
	caller.number.valid = 1;
	caller.number.plan = PRI_NATIONAL_ISDN;
	caller.number.presentation = PRES_PROHIB_USER_NUMBER_PASSED_SCREEN;
	snprintf(caller.number.str, sizeof(caller.number.str), "30987654");
	caller.name.valid = 1;
	caller.name.char_set = PRI_CHAR_SET_ISO8859_1;
	snprintf(caller.name.str, sizeof(caller.name.str), "M\xfcller");
	pri_sr_set_channel(sr, channel, exclusive, 0);
	pri_sr_set_bearer(sr, bearer, layer1);
	pri_set_overlapdial(w->peer.pri, w->peer.overlap);
	pri_sr_set_called(sr, digits, PRI_INTERNATIONAL_ISDN, !w->peer.overlap);
	pri_sr_set_caller_party(sr, &caller);
	assert_int_equal(pri_setup(w->peer.pri, c, sr), 0);
	pri_sr_free(sr);
	world_settle(w);
	return c;
}

void peer_call_quietly(struct world *w)
{
	struct pri_sr *sr = pri_sr_new();
	q931_call *c = sr ? pri_new_call(w->peer.pri) : NULL;
	char digits[] = "1";

	if (c) {
		pri_sr_set_channel(sr, 5, 0, 0);
		pri_sr_set_bearer(sr, PRI_TRANS_CAP_SPEECH, PRI_LAYER_1_ALAW);
		pri_sr_set_called(sr, digits, PRI_NATIONAL_ISDN, 1);
		pri_setup(w->peer.pri, c, sr);
	}
	pri_sr_free(sr);
	world_settle(w);
}

q931_call *peer_call(struct world *w, const char *called, int channel, int exclusive)
{
	return peer_call_bearer(w, called, channel, exclusive, PRI_TRANS_CAP_3_1K_AUDIO,
				PRI_LAYER_1_ALAW);
}

const struct peer_event *peer_last(struct world *w, int e)
{
	for (unsigned i = w->peer.events; i--;)
		if (w->peer.event[i].e == e)
			return &w->peer.event[i];
	return NULL;
}

unsigned peer_count(const struct world *w, int e)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->peer.events; i++)
		n += w->peer.event[i].e == e;
	return n;
}

void peer_forget(struct world *w)
{
	w->peer.events = 0;
}

/* ── world ── */

static void on_frame(void *arg, uint16_t span, bool outbound, const uint8_t *frame, size_t len)
{
	struct world *w = arg;

	(void)outbound, (void)frame;
	assert_int_equal(span, w->cfg.span);
	assert_in_range(len, 3, E1_DCHAN_FRAME_MAX);
	w->frames_hooked++;
}

static void peer_start(struct world *w)
{
	w->peer.pri = pri_new_cb(-1, w->cfg.side == ISDN_USER ? PRI_NETWORK : PRI_CPE,
				 PRI_SWITCH_EUROISDN_E1, peer_read, peer_write, &w->peer);
	assert_non_null(w->peer.pri);
	pri_hangup_fix_enable(w->peer.pri, 1);
	pri_set_timer(w->peer.pri, PRI_TIMER_T309, 90000);
}

/* libpri cannot free a struct pri: the peers' stay reachable, so that the leak check looks at what
 * is ours. */
static struct pri *graves[GRAVES];

static void peer_bury(struct world *w)
{
	for (unsigned i = 0; i < GRAVES; i++)
		if (!graves[i]) {
			graves[i] = w->peer.pri;
			break;
		}
}

void peer_kill(struct world *w)
{
	peer_bury(w);
	w->peer.up = false;
	libclock_set(w->now_us);
	peer_start(w);
}

struct world *world_create(const struct isdn_span_cfg *cfg)
{
	return world_create_on(cfg, NULL);
}

struct world *world_create_on(const struct isdn_span_cfg *cfg, struct call_table *table)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->now_us = 5 * US_PER_S;
	w->cfg = *cfg;
	rng_init_seed(&w->rng, 1);
	wire_init(&w->ours, &w->theirs, &w->rng);
	wire_init(&w->theirs, &w->ours, &w->rng);
	if (!table) {
		table = stub_use(&w->table);
	}
	assert_int_equal(isdn_span_create(&w->span, cfg, &w->ours.e1, table, on_frame, w), 0);
	libclock_set(w->now_us);
	w->peer.wire = &w->theirs;
	peer_start(w);
	return w;
}

struct isdn_span_cfg world_cfg(enum isdn_side side)
{
	return (struct isdn_span_cfg){
	    .span = 1,
	    .side = side,
	    .dchannel_ts = 16,
	    .bchannels = 0xfffefffe,
	    .hunting = side == ISDN_USER ? ISDN_HUNT_ASCENDING : ISDN_HUNT_DESCENDING,
	    .ringback = side == ISDN_USER ? CALL_RINGBACK_REMOTE : CALL_RINGBACK_LOCAL,
	    .law = MEDIA_ALAW,
	};
}

struct world *world_create_up(enum isdn_side side)
{
	return world_create_up_with(side, ISDN_RESTART_NEVER);
}

struct world *world_create_up_with(enum isdn_side side, enum isdn_restart_policy restart)
{
	struct isdn_span_cfg cfg = world_cfg(side);
	struct world *w;

	cfg.restart = restart;
	w = world_create(&cfg);
	world_run_us(w, 2 * US_PER_S);
	assert_true(world_status(w).dchannel_up);
	assert_true(w->peer.up);
	w->pieces = pri_heap_pieces(&w->span->line->heap);
	return w;
}

void world_destroy(struct world *w)
{
	peer_bury(w);
	isdn_span_destroy(w->span);
	free(w);
}

void world_settle(struct world *w)
{
	for (unsigned i = 0; i < 1000; i++) {
		isdn_span_turn(w->span, w->now_us);
		if (w->table_turn)
			w->table_turn(w);
		else
			stub_turn(&w->table);
		isdn_span_turn(w->span, w->now_us);
		peer_turn(w);
		if (!w->ours.count && !w->theirs.count && isdn_span_next_us(w->span) > w->now_us)
			return;
	}
	fail_msg("the world does not settle");
}

static int64_t peer_next_us(struct world *w)
{
	const struct timeval *tv = pri_schedule_next(w->peer.pri);

	return tv ? tv->tv_sec * US_PER_S + tv->tv_usec : TIME_NEVER_US;
}

void world_run_us(struct world *w, int64_t duration_us)
{
	int64_t end_us = w->now_us + duration_us;

	world_settle(w);
	for (;;) {
		int64_t next_us = isdn_span_next_us(w->span);

		if (peer_next_us(w) < next_us)
			next_us = peer_next_us(w);
		if (w->table_next_us && w->table_next_us(w) < next_us)
			next_us = w->table_next_us(w);
		if (next_us > end_us)
			break;
		w->now_us = next_us;
		world_settle(w);
	}
	w->now_us = end_us;
	world_settle(w);
}

void world_cut(struct world *w, bool cut)
{
	w->ours.cut = w->theirs.cut = cut;
}

struct isdn_span_status world_status(const struct world *w)
{
	struct isdn_span_status status;

	isdn_span_status(w->span, &status);
	return status;
}

void world_assert_idle(struct world *w)
{
	struct isdn_span_status st = world_status(w);
	unsigned attempts = w->table.refused;

	for (unsigned i = 0; i < w->table.calls; i++) {
		assert_int_equal(w->table.call[i].count[CALL_EV_GONE], 1);
		attempts += w->table.call[i].incoming;
	}
	if (stub == &w->table)
		assert_int_equal(st.calls_in, attempts);
	assert_int_equal(st.busy, 0);
	if (w->pieces) /* the global call references stay, once they were used */
		assert_in_range(pri_heap_pieces(&w->span->line->heap), w->pieces, w->pieces + 2);
	for (unsigned ts = 0; ts < E1_TIMESLOTS; ts++)
		assert_int_equal(st.channel[ts].state,
				 w->cfg.bchannels >> ts & 1 ? ISDN_CH_IDLE : ISDN_CH_UNUSED);
}

q931_call *peer_ring(struct world *w)
{
	const struct peer_event *ev = peer_last(w, PRI_EVENT_RING);

	assert_non_null(ev);
	return ev->call;
}

int peer_ring_channel(const struct world *w)
{
	return w->peer.last_ring.ring.channel;
}

struct stub_call *answered_in(struct world *w, int channel, q931_call **pc)
{
	struct stub_call *c;

	*pc = peer_call(w, "4930555", channel, 0);
	c = stub_last(w);
	stub_command(w, c, LEG_PROCEED, 0);
	stub_command(w, c, LEG_ANSWER, 0);
	assert_int_equal(c->count[CALL_EV_CONFIRMED], 1);
	return c;
}

struct stub_call *answered_out(struct world *w, q931_call **pc)
{
	struct stub_call *c = stub_open(w, "30444");

	world_settle(w);
	*pc = peer_ring(w);
	pri_answer(w->peer.pri, *pc, peer_ring_channel(w), 0);
	world_settle(w);
	assert_int_equal(c->count[CALL_EV_ANSWER], 1);
	return c;
}
