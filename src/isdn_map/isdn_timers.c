/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timers of a leg that libpri lacks. One runs at a time. */
#include "gateway/base/log.h"
#include "src/isdn_map/isdn_span.h"

int64_t isdn_span_timer_us(const struct isdn_span *s, enum isdn_timer timer)
{
	return (int64_t)isdn_timer_value(s->cfg.timer_ms, s->cfg.side, timer) * US_PER_MS;
}

void isdn_leg_start_timer(struct isdn_leg *leg, enum isdn_timer timer)
{
	leg->timer = timer;
	leg->deadline_us = leg->span->now_us + isdn_span_timer_us(leg->span, timer);
}

void isdn_leg_stop_timer(struct isdn_leg *leg)
{
	leg->timer = ISDN_TIMER_NONE;
	leg->deadline_us = TIME_NEVER_US;
}

/* SETUP ACKNOWLEDGE begins T304, CALL PROCEEDING T310; whatever shows life in band ends them. */
void isdn_leg_set_timer(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	isdn_leg_stop_timer(leg);
	leg->alerted |= ev->type == PRI_LINE_ALERTING;
	leg->inband_told |= ev->type == PRI_LINE_PROGRESS || (ev->pi & CALL_PI_8);
	if (leg->alerted || leg->inband_told)
		return;
	if (ev->type == PRI_LINE_SETUP_ACK)
		isdn_leg_start_timer(leg, ISDN_T304);
	else if (ev->type == PRI_LINE_PROCEEDING)
		isdn_leg_start_timer(leg, ISDN_T310);
}

/* T305 and T308 have had their time: libpri has lost the call. The sweep finishes the leg. */
static void give_up(struct isdn_leg *leg)
{
	struct isdn_span *s = leg->span;

	LOG(LOG_WARN, "span.call_stuck", leg->call, L_U("span", s->cfg.span), L_U("ts", leg->ts));
	isdn_restart_doubt(leg);
	if (leg->q931)
		pri_line_forget(s->line, leg->q931);
	leg->q931 = NULL;
}

static void on_timer(struct isdn_leg *leg)
{
	struct call_cause cause = isdn_span_own_cause(CAUSE_TIMER_EXPIRY);
	enum isdn_timer timer = leg->timer;

	isdn_leg_stop_timer(leg);
	if (timer == ISDN_TIMER_CLEARING) {
		give_up(leg);
		return;
	}
	if (leg->clearing || leg->peer_clearing)
		return;
	if (timer == ISDN_TIMER_SETTLE) {
		isdn_leg_clear_from_here(leg, isdn_span_own_cause(CAUSE_NO_CIRCUIT));
		return;
	}
	if (timer == ISDN_T303) {
		isdn_open_timeout(leg);
		return;
	}
	if (timer == ISDN_T302) {
		isdn_overlap_timeout(leg);
		return;
	}
	LOG(LOG_INFO, "span.call_timer", leg->call, L_U("span", leg->span->cfg.span),
	    L_S("timer", isdn_timer_info(timer)->name));
	cause.timer = isdn_timer_info(timer)->number;
	isdn_leg_clear_from_here(leg, cause);
}

int64_t isdn_span_run_timers(struct isdn_span *s)
{
	int64_t next_us = TIME_NEVER_US;
	struct isdn_leg *leg;

	TAILQ_FOREACH (leg, &s->legs, entry) {
		if (leg->deadline_us <= s->now_us)
			on_timer(leg);
		if (leg->deadline_us < next_us)
			next_us = leg->deadline_us;
	}
	return next_us;
}
