/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timers of a leg that libpri lacks. */
#include "gateway/base/log.h"
#include "src/isdn_map/isdn_span.h"

/* libpri has neither; Q.931 tables 9-1 and 9-2, values of the network and of the user side. */
static const int64_t t304_us[] = {[ISDN_USER] = 30 * US_PER_S, [ISDN_NETWORK] = 20 * US_PER_S};
static const int64_t t310_us[] = {[ISDN_USER] = 120 * US_PER_S, [ISDN_NETWORK] = 30 * US_PER_S};

void isdn_leg_start_timer(struct isdn_leg *leg, uint16_t timer, int64_t after_us)
{
	leg->timer = timer;
	leg->deadline_us = leg->span->now_us + after_us;
}

/* SETUP ACKNOWLEDGE begins T304, CALL PROCEEDING T310; whatever shows life in band ends them. */
void isdn_leg_set_timer(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	const struct isdn_span *s = leg->span;

	leg->deadline_us = TIME_NEVER_US;
	leg->alerted |= ev->type == PRI_LINE_ALERTING;
	leg->inband_told |= ev->type == PRI_LINE_PROGRESS || (ev->pi & CALL_PI_8);
	if (leg->alerted || leg->inband_told)
		return;
	if (ev->type == PRI_LINE_SETUP_ACK)
		isdn_leg_start_timer(leg, 304, t304_us[s->cfg.side]);
	else if (ev->type == PRI_LINE_PROCEEDING)
		isdn_leg_start_timer(leg, 310, t310_us[s->cfg.side]);
}

static void on_timer(struct isdn_leg *leg)
{
	struct isdn_span *s = leg->span;
	struct call_cause cause = isdn_span_own_cause(CAUSE_TIMER_EXPIRY);

	leg->deadline_us = TIME_NEVER_US;
	if (!leg->clearing) {
		if (leg->peer_clearing)
			return;
		LOG(LOG_INFO, "span.call_timer", leg->call, L_U("span", s->cfg.span),
		    L_U("timer", leg->timer));
		cause.timer = leg->timer;
		isdn_leg_clear_from_here(leg, cause);
		return;
	}
	/* T305 and T308 have had their time: libpri has lost the call. The sweep finishes it. */
	LOG(LOG_WARN, "span.call_stuck", leg->call, L_U("span", s->cfg.span));
	if (leg->q931)
		pri_line_forget(s->line, leg->q931);
	leg->q931 = NULL;
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
