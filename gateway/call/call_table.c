/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/call/call_table.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/base/log.h"
#include "gateway/base/strbuf.h"
#include "gateway/call/call_priv.h"

/* A turn stops after that many events, so that two parties which answer each other for ever cannot
 * hold the control thread; what is left runs in the next turn, at once. */
enum { TURN_EVENTS_BASE = 1024, TURN_EVENTS_PER_CALL = 64 };

static void again_due(void *arg, int64_t now_us)
{
	/* Its only work is to end the loop's sleep. */
	(void)arg;
	(void)now_us;
}

int call_table_create(struct call_table **out, const struct call_table_cfg *cfg)
{
	struct call_table *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	t->cfg = *cfg;
	TAILQ_INIT(&t->queue);
	TAILQ_INIT(&t->unused);
	deadline_init(&t->again, again_due, t);
	t->node_count = (size_t)(cfg->calls_max + CALL_EMERGENCY_PLACES) * CALL_EVENT_PLACES;
	err = slots_create(&t->slots, cfg->calls_max + CALL_EMERGENCY_PLACES);
	if (!err) {
		t->nodes = calloc(t->node_count, sizeof(*t->nodes));
		if (!t->nodes)
			err = -ENOMEM;
	}
	if (err) {
		call_table_destroy(t);
		return err;
	}
	*out = t;
	return 0;
}

static void give_place_back(struct call_table *t, struct call_event_node *n)
{
	struct call *c = slots_get(t->slots, n->call);

	TAILQ_REMOVE(&t->queue, n, link);
	TAILQ_INSERT_HEAD(&t->unused, n, link);
	if (n->kind >= 0)
		c->kinds_queued &= ~(1ULL << n->kind);
	else
		c->spare_used--;
}

/* What still waits for a call that ends goes with it: its places are the next call's. */
static void drop_events(struct call *c)
{
	struct call_table *t = c->table;
	struct call_event_node *n = TAILQ_FIRST(&t->queue);

	while (n && (c->kinds_queued || c->spare_used)) {
		struct call_event_node *next = TAILQ_NEXT(n, link);

		if (n->call == c->id) {
			give_place_back(t, n);
			t->counters.stale_events++;
		}
		n = next;
	}
}

static void free_call(struct call *c)
{
	struct call_table *t = c->table;

	drop_events(c);
	call_route_end(c);
	call_room_forget(c);
	for (unsigned i = 0; i < CALL_TIMER_COUNT; i++)
		deadline_cancel(t->cfg.deadlines, &c->timer[i].deadline);
	slots_remove(t->slots, c->id);
	t->counters.active = slots_used(t->slots);
	free(c);
}

void call_table_destroy(struct call_table *t)
{
	unsigned cursor = 0;
	struct call *c;

	if (!t)
		return;
	if (t->slots)
		while ((c = slots_next(t->slots, &cursor, NULL))) {
			call_abandon(c);
			free_call(c);
		}
	deadline_cancel(t->cfg.deadlines, &t->again);
	slots_destroy(t->slots);
	free(t->nodes);
	free(t);
}

/* ---- the queue ---- */

/* -1: no such event. */
static int kind_of(const struct call_event *ev)
{
	if ((unsigned)ev->type >= CALL_EV_COUNT || (unsigned)ev->side >= CALL_SIDES)
		return -1;
	if (ev->type != CALL_EV_TIMER)
		return (int)ev->type * CALL_SIDES + (int)ev->side;
	if ((unsigned)ev->timer >= CALL_TIMER_COUNT)
		return -1;
	return CALL_EV_COUNT * CALL_SIDES + (int)ev->timer;
}

static struct call_event_node *take_node(struct call_table *t)
{
	struct call_event_node *n = TAILQ_FIRST(&t->unused);

	if (n)
		TAILQ_REMOVE(&t->unused, n, link);
	else
		n = &t->nodes[t->nodes_touched++]; /* cannot run out: places are counted a call */
	return n;
}

/* Finds the event a place. False: a repeat too many. */
static bool take_place(struct call *c, int kind, int8_t *place)
{
	if (!(c->kinds_queued & 1ULL << kind)) {
		c->kinds_queued |= 1ULL << kind;
		*place = (int8_t)kind;
	} else if (c->spare_used < CALL_EVENT_SPARE) {
		c->spare_used++;
		*place = -1;
	} else {
		return false;
	}
	return true;
}

static void count_unexpected(struct call *c, const struct call_event *ev, const char *why)
{
	c->table->counters.unexpected_events++;
	LOG(LOG_WARN, "call.unexpected_event", c->id, L_S("event", call_event_name(ev->type)),
	    L_S("side", ev->side == CALL_SIDE_A ? "a" : "b"),
	    L_S("state", call_state_name(c->ctx.state)), L_S("why", why));
}

/* Said once a call: whoever floods us must not flood the log. */
static void drop_repeat(struct call *c, const struct call_event *ev)
{
	if (c->flood_logged) {
		c->table->counters.unexpected_events++;
		return;
	}
	c->flood_logged = true;
	count_unexpected(c, ev, "too many of them queued");
}

void call_table_post(struct call_table *t, call_id call, const struct call_event *ev)
{
	struct call *c = slots_get(t->slots, call);
	int kind = kind_of(ev);
	struct call_event_node *n;
	int8_t place;

	if (!c) {
		t->counters.stale_events++;
		return;
	}
	if (kind < 0) {
		count_unexpected(c, ev, "no such event");
		return;
	}
	if (!take_place(c, kind, &place)) {
		drop_repeat(c, ev);
		return;
	}
	/* From here on the handle is dead, before the machine gets to know. */
	if (ev->type == CALL_EV_GONE)
		c->leg[ev->side].handle = NULL;
	else if (ev->type == CALL_EV_MEDIA_GONE)
		c->session = 0;
	n = take_node(t);
	n->call = call;
	n->kind = place;
	n->ev = *ev;
	TAILQ_INSERT_TAIL(&t->queue, n, link);
}

/* ---- calls ---- */

static void timer_due(void *arg, int64_t now_us)
{
	struct call_timer_slot *slot = arg;
	struct call *c = slot->call;
	struct call_event ev = {.type = CALL_EV_TIMER, .timer = (enum call_timer)(slot - c->timer)};

	(void)now_us;
	call_table_post(c->table, c->id, &ev);
}

static void init_call(struct call *c, struct call_table *t, int64_t now_us,
		      const struct call_setup *setup)
{
	enum call_side rtp_side = setup->source.kind == CALL_EP_TRUNK ? CALL_SIDE_A : CALL_SIDE_B;

	c->table = t;
	c->ctx = call_fsm_start(rtp_side, setup->ringback, setup->failure_tone);
	for (unsigned i = 0; i < CALL_TIMER_COUNT; i++) {
		c->timer[i].call = c;
		deadline_init(&c->timer[i].deadline, timer_due, &c->timer[i]);
	}
	c->record.call = c->id;
	c->record.setup = *setup;
	c->record.begin_us = now_us;
	c->record.begin_wall_us = clock_wall_us();
}

/* What is full has still places for emergency calls; the plan knows them at once, or not at all. */
static bool has_place(struct call_table *t, const struct call_setup *setup)
{
	struct call_route route = {.emergency = false};

	return slots_used(t->slots) < t->cfg.calls_max ||
	       (t->cfg.route(t->cfg.arg, 0, setup, &route) && !route.cause.value && route.emergency);
}

call_id call_table_incoming(struct call_table *t, int64_t now_us, const struct call_setup *setup,
			    const struct leg_ops *ops, void *leg)
{
	struct call *c = has_place(t, setup) ? calloc(1, sizeof(*c)) : NULL;
	struct call_event ev = {.type = CALL_EV_SETUP, .media = setup->media};

	if (c)
		c->id = slots_put(t->slots, c);
	if (!c || !c->id) {
		free(c);
		t->counters.refused_full++;
		LOG(LOG_WARN, "call.refused_full", 0, L_U("calls", slots_used(t->slots)));
		return 0;
	}
	init_call(c, t, now_us, setup);
	c->leg[CALL_SIDE_A] = (struct call_leg){.ops = ops, .handle = leg};
	t->counters.begun++;
	t->counters.active = slots_used(t->slots);
	LOG(LOG_INFO, "call.begin", c->id,
	    L_S("from", setup->source.kind == CALL_EP_TRUNK ? "trunk" : "span"),
	    L_U("index", setup->source.index), L_S("called", setup->called.digits),
	    L_S("calling", setup->calling.digits));
	if (t->cfg.open)
		t->cfg.open(t->cfg.arg, &c->record);
	call_table_post(t, c->id, &ev);
	return c->id;
}

void call_table_refused(struct call_table *t, int64_t now_us, const struct call_refusal *refusal)
{
	struct call_record r = {
	    .setup = refusal->setup,
	    .channel = refusal->channel,
	    .begin_us = refusal->begin_us ? refusal->begin_us : now_us,
	    .end_us = now_us,
	    .cause_a = refusal->cause,
	    .refused = refusal->why,
	};

	r.begin_wall_us = clock_wall_us() - (r.end_us - r.begin_us);
	str_copy(r.called_text, sizeof(r.called_text), refusal->called_text);
	t->counters.refused++;
	LOG(LOG_INFO, "call.refused", 0,
	    L_S("from", r.setup.source.kind == CALL_EP_TRUNK ? "trunk" : "span"),
	    L_U("index", r.setup.source.index),
	    L_S("called", *r.called_text ? r.called_text : r.setup.called.digits),
	    L_S("peer_call_id", r.setup.peer_call_id), L_U("cause", r.cause_a.value),
	    L_U("status", r.cause_a.sip_status), L_S("why", r.refused));
	if (t->cfg.record)
		t->cfg.record(t->cfg.arg, &r);
}

/* ---- the turn ---- */

static void step(struct call *c, struct call_event *ev)
{
	struct call_ctx before = c->ctx;
	struct call_table *t = c->table;
	struct call_actions todo;
	call_id id = c->id;

	call_take_values(c, ev);
	c->ctx = call_fsm_next(&before, ev, &todo);
	if (c->ctx.state != before.state)
		LOG(LOG_DEBUG, "call.state", c->id, L_S("event", call_event_name(ev->type)),
		    L_S("from", call_state_name(before.state)),
		    L_S("to", call_state_name(c->ctx.state)));
	call_note_step(c, &before, ev);
	if (ev->type == CALL_EV_GONE)
		call_room_freed(t, id, ev->side == CALL_SIDE_A ? &c->record.setup.source
							       : &c->b_setup.target);
	for (unsigned i = 0; i < todo.count; i++) {
		const struct call_action *a = &todo.act[i];

		if (a->type == CALL_ACT_COUNT_UNEXPECTED) {
			count_unexpected(c, ev, "not in this state");
		} else if (a->type == CALL_ACT_FREE) {
			t->counters.ended++;
			free_call(c);
			call_room_freed(t, id, NULL);
			return;
		} else {
			call_act(c, a);
		}
	}
}

void call_table_turn(struct call_table *t, int64_t now_us)
{
	unsigned left = TURN_EVENTS_BASE + TURN_EVENTS_PER_CALL * slots_used(t->slots);
	struct call_event_node *n;

	if (t->turning) /* an adapter that is being served: its events wait */
		return;
	t->turning = true;
	t->now_us = now_us;
	while (left-- && (n = TAILQ_FIRST(&t->queue))) {
		struct call *c = slots_get(t->slots, n->call);
		struct call_event ev = n->ev;

		give_place_back(t, n); /* n's call is there: drop_events() */
		step(c, &ev);
	}
	t->turning = false;
	if (!TAILQ_EMPTY(&t->queue)) {
		LOG(LOG_WARN, "call.turn_cut", 0, L_U("calls", slots_used(t->slots)));
		deadline_set(t->cfg.deadlines, &t->again, now_us);
	}
}

bool call_table_idle(const struct call_table *t)
{
	return TAILQ_EMPTY(&t->queue);
}

/* ---- for people ---- */

const struct call_table_counters *call_table_counters(const struct call_table *t)
{
	return &t->counters;
}

bool call_table_next(struct call_table *t, unsigned *cursor, struct call_record *out)
{
	const struct call *c = slots_next(t->slots, cursor, NULL);

	if (!c)
		return false;
	*out = c->record;
	out->state = call_state_name(c->ctx.state);
	if (c->session)
		t->cfg.media_ops->stats(t->cfg.media, c->session, &out->media);
	return true;
}

static void post_operator_clear(struct call_table *t, call_id call, struct call_cause cause)
{
	struct call_event ev = {.type = CALL_EV_OPERATOR_CLEAR, .cause = cause};

	call_table_post(t, call, &ev);
}

bool call_table_clear(struct call_table *t, call_id call, struct call_cause cause)
{
	if (!slots_get(t->slots, call))
		return false;
	post_operator_clear(t, call, cause);
	return true;
}

void call_table_clear_all(struct call_table *t, struct call_cause cause)
{
	unsigned cursor = 0;
	slot_id id;

	while (slots_next(t->slots, &cursor, &id))
		post_operator_clear(t, id, cause);
}
