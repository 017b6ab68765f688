/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_span.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"

enum {
	RETRY_CREATE_US = 1000000,
	ALARM_TEXT = 64, /* e1_alarm_names() */
};

int isdn_span_create(struct isdn_span **out, const struct isdn_span_cfg *cfg, struct e1_span *e1,
		     struct call_table *calls, isdn_frame_fn on_frame, void *on_frame_arg)
{
	struct isdn_span *s;

	*out = NULL;
	if (!cfg->span || !cfg->dchannel_ts || cfg->dchannel_ts >= E1_TIMESLOTS ||
	    (cfg->bchannels & (1u | 1u << cfg->dchannel_ts)))
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->cfg = *cfg;
	s->hunt.policy = cfg->hunting;
	s->e1 = e1;
	s->calls = calls;
	s->on_frame = on_frame;
	s->on_frame_arg = on_frame_arg;
	TAILQ_INIT(&s->legs);
	TAILQ_INIT(&s->dead);
	s->status.span = cfg->span;
	s->status.side = cfg->side;
	s->status.channels = (unsigned)__builtin_popcount(cfg->bchannels);
	/* libpri speaks as soon as it exists and needs the time for it: the first turn makes it. */
	s->dirty = true;
	*out = s;
	return 0;
}

void isdn_span_on_call(struct isdn_span *s, isdn_call_fn on_call, void *arg)
{
	s->on_call = on_call;
	s->on_call_arg = arg;
}

void isdn_leg_tell(const struct isdn_leg *leg)
{
	const struct isdn_span *s = leg->span;

	if (s->on_call)
		s->on_call(s->on_call_arg, s->cfg.span, leg->call, leg->cref,
			   leg->side == CALL_SIDE_B);
}

static void free_legs(struct isdn_legs *legs)
{
	struct isdn_leg *leg;

	while ((leg = TAILQ_FIRST(legs))) {
		TAILQ_REMOVE(legs, leg, entry);
		free(leg);
	}
}

void isdn_span_destroy(struct isdn_span *s)
{
	struct isdn_leg *leg;

	if (!s)
		return;
	TAILQ_FOREACH (leg, &s->legs, entry)
		isdn_leg_refused(leg, isdn_span_own_cause(CAUSE_TEMPORARY_FAILURE), NULL);
	free_legs(&s->legs);
	free_legs(&s->dead);
	pri_line_destroy(s->line);
	free(s);
}

struct isdn_leg *isdn_leg_create(struct isdn_span *s, enum call_side side)
{
	struct isdn_leg *leg = calloc(1, sizeof(*leg));

	if (!leg)
		return NULL;
	leg->span = s;
	leg->side = side;
	leg->epoch = s->epoch;
	leg->begin_us = s->now_us;
	isdn_leg_stop_timer(leg);
	TAILQ_INSERT_TAIL(&s->legs, leg, entry);
	return leg;
}

struct call_cause isdn_span_own_cause(uint8_t value)
{
	return (struct call_cause){.value = value, .location = CALL_LOC_PRIVATE_LOCAL};
}

/* 27 and not 38: Q.931 5.8.9 clears with 27 for a lost D-channel, and 38 would tell the other side
 * that the network, not this access, is out of order. */
struct call_cause isdn_span_refusal(const struct isdn_span *s)
{
	bool up = s->line && s->status.dchannel_up && !s->status.alarms;

	return isdn_span_own_cause(up ? 0 : CAUSE_OUT_OF_ORDER);
}

void isdn_leg_post(struct isdn_leg *leg, const struct call_event *event)
{
	struct call_event copy = *event;

	if (leg->parked || !leg->call)
		return;
	copy.side = leg->side;
	call_table_post(leg->span->calls, leg->call, &copy);
}

void isdn_leg_finish(struct isdn_leg *leg)
{
	struct isdn_span *s = leg->span;

	if (leg->gone)
		return;
	leg->gone = true;
	leg->q931 = NULL;
	if (!leg->cause.value)
		leg->cause = isdn_span_own_cause(CAUSE_NORMAL_UNSPECIFIED);
	isdn_leg_refused(leg, leg->cause, "ended before the number was complete");
	isdn_leg_drop_channel(leg);
	TAILQ_REMOVE(&s->legs, leg, entry);
	TAILQ_INSERT_TAIL(&s->dead, leg, entry);
	isdn_leg_post(leg, &(struct call_event){.type = CALL_EV_GONE, .cause = leg->cause});
}

static void open_line(struct isdn_span *s, int64_t now_us)
{
	struct pri_line_cfg cfg = {
	    .network = s->cfg.side == ISDN_NETWORK,
	    .span = s->cfg.span,
	    .reused = isdn_span_reference_reused,
	    .reused_arg = s,
	    .e1 = s->e1,
	    .on_frame = s->on_frame,
	    .on_frame_arg = s->on_frame_arg,
	};

	for (enum isdn_timer t = 0; t < ISDN_TIMERS_SET; t++)
		cfg.timer_ms[t] = isdn_timer_value(s->cfg.timer_ms, s->cfg.side, t);
	s->status.dchannel_since_us = now_us;
	libclock_set(now_us);
	if (pri_line_create(&s->line, &cfg)) {
		LOG(LOG_ERROR, "span.no_memory", 0, L_U("span", s->cfg.span));
		s->line = NULL;
	}
}

/* libpri frees a call without an event only before our first answer. (To look at every call in
 * every turn would cost more than the rest of the turn.) */
static bool freed_silently(const struct isdn_leg *leg)
{
	return leg->side == CALL_SIDE_A && !leg->responded &&
	       !pri_line_has_call(leg->span->line, leg->q931);
}

/* What commands left to be posted, and calls that libpri has freed. */
static void sweep(struct isdn_span *s)
{
	struct isdn_leg *leg, *next;

	for (leg = TAILQ_FIRST(&s->legs); leg; leg = next) {
		next = TAILQ_NEXT(leg, entry);
		isdn_leg_post_channel(leg);
		if (leg->confirm_due) {
			leg->confirm_due = false;
			isdn_leg_post(leg, &(struct call_event){.type = CALL_EV_CONFIRMED});
		}
		if (leg->park_due) {
			leg->park_due = false;
			isdn_leg_post(leg, &(struct call_event){.type = CALL_EV_GONE,
								.cause = leg->cause});
			leg->parked = true;
			if (leg->ts)
				s->status.busy--;
		}
		if (!leg->waiting && (!leg->q931 || freed_silently(leg)))
			isdn_leg_finish(leg);
	}
}

/* A call whose SETUP nobody can answer must not wait for T303: the plan may have another way. */
static void clear_unanswered(struct isdn_span *s)
{
	struct isdn_leg *leg;

	if (!s->alarm_rose)
		return;
	s->alarm_rose = false;
	TAILQ_FOREACH (leg, &s->legs, entry)
		if (leg->side == CALL_SIDE_B && !leg->channel_confirmed && !leg->clearing &&
		    !leg->peer_clearing)
			isdn_leg_clear_from_here(leg, isdn_span_own_cause(CAUSE_OUT_OF_ORDER));
}

static void earliest(int64_t *next_us, int64_t other_us)
{
	if (other_us < *next_us)
		*next_us = other_us;
}

void isdn_span_turn(struct isdn_span *s, int64_t now_us)
{
	struct pri_line_event ev;
	int64_t own_us = TIME_NEVER_US;

	s->now_us = now_us;
	s->dirty = false;
	if (call_table_idle(s->calls))
		free_legs(&s->dead);
	if (!s->line)
		open_line(s, now_us);
	if (!s->line) {
		s->next_us = now_us + RETRY_CREATE_US;
		return;
	}
	sweep(s);
	pri_line_begin_turn(s->line, now_us);
	while (pri_line_next_event(s->line, &ev))
		isdn_span_handle(s, &ev);
	clear_unanswered(s);
	earliest(&own_us, isdn_down_run(s));
	earliest(&own_us, isdn_span_run_timers(s));
	sweep(s);
	earliest(&own_us, isdn_restart_run(s));
	s->next_us = pri_line_next_us(s->line);
	earliest(&s->next_us, own_us);
}

int64_t isdn_span_next_us(const struct isdn_span *s)
{
	return s->dirty ? s->now_us : s->next_us;
}

void isdn_span_line(struct isdn_span *s, int64_t now_us, const struct e1_line *line)
{
	char names[ALARM_TEXT];

	if (line->alarms == s->status.alarms)
		return;
	s->alarm_rose = line->alarms;
	s->dirty = true;
	s->status.alarms = line->alarms;
	LOG(line->alarms ? LOG_WARN : LOG_INFO, line->alarms ? "span.alarm" : "span.alarm_clear", 0,
	    L_U("span", s->cfg.span),
	    L_S("alarm", e1_alarm_names(line->alarms, names, sizeof(names))));
}

void isdn_span_status(const struct isdn_span *s, struct isdn_span_status *out)
{
	*out = s->status;
	if (s->line) {
		const struct pri_line_counters *c = pri_line_counters(s->line);

		out->frames_in = c->frames_in;
		out->frames_out = c->frames_out;
		out->frames_bad = c->frames_bad;
		out->same_side_in = c->same_side_in;
	}
	if (s->e1->ops->dchan_bad)
		out->frames_bad += s->e1->ops->dchan_bad(s->e1);
	out->restart_unanswered = s->restart.ts && s->restart.sent > 1;
	for (uint8_t ts = 0; ts < E1_TIMESLOTS; ts++) {
		const struct isdn_leg *holder = s->holder[ts];

		out->channel[ts].state = ISDN_CH_UNUSED;
		if (!(s->cfg.bchannels >> ts & 1))
			continue;
		out->channel[ts].state = isdn_restart_state(s, ts);
		if (holder)
			out->channel[ts].state = holder->parked ? ISDN_CH_BLOCKED : ISDN_CH_BUSY;
		out->channel[ts].call = holder && !holder->parked ? holder->call : 0;
	}
}
