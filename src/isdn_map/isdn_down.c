/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The D-channel goes and comes (Q.931 5.8.8, 5.8.9). T309 counts from the moment at which we lose
 * layer 2; libpri's own would begin when it gives up establishing it again. */
#include "gateway/base/log.h"
#include "src/isdn_map/isdn_rules.h"
#include "src/isdn_map/isdn_span.h"

static void note(struct isdn_span *s, bool up)
{
	s->status.dchannel_up = up;
	s->status.dchannel_since_us = s->now_us;
	s->same_side_told = false;
	LOG(up ? LOG_INFO : LOG_WARN, up ? "span.dchannel_up" : "span.dchannel_down", 0,
	    L_U("span", s->cfg.span));
}

static void settle(struct isdn_span *s)
{
	s->epoch++;
	s->settling = true;
	s->settled_us = s->now_us + isdn_span_timer_us(s, ISDN_TIMER_SETTLE);
}

/* libpri sends STATUS of active calls when it has waited for layer 2 in vain for a while, and not
 * when only the link was reset; the peer may have lost its calls in either case. */
static void report_calls(struct isdn_span *s, const struct pri_line_event *ev)
{
	struct isdn_leg *leg;

	if (ev->status_sent)
		return;
	TAILQ_FOREACH (leg, &s->legs, entry)
		if (leg->answered && !leg->clearing && leg->q931)
			pri_line_report_status(s->line, leg->q931, leg->side == CALL_SIDE_B);
}

void isdn_span_on_up(struct isdn_span *s, const struct pri_line_event *ev)
{
	if (s->status.dchannel_up)
		return;
	note(s, true);
	settle(s);
	if (!s->started)
		isdn_restart_start(s);
	s->started = true;
	report_calls(s, ev);
}

void isdn_span_on_reset(struct isdn_span *s, const struct pri_line_event *ev)
{
	if (!s->status.dchannel_up)
		return;
	s->epoch++;
	report_calls(s, ev);
	isdn_restart_repeat(s);
}

void isdn_span_on_down(struct isdn_span *s)
{
	struct isdn_leg *leg;

	if (!s->status.dchannel_up)
		return;
	note(s, false);
	s->settling = false;
	isdn_restart_interrupt(s);
	TAILQ_FOREACH (leg, &s->legs, entry)
		if (!leg->answered && !leg->clearing && !leg->peer_clearing)
			isdn_leg_clear_from_here(leg, isdn_span_own_cause(CAUSE_OUT_OF_ORDER));
}

bool isdn_leg_park(struct isdn_leg *leg, struct call_cause cause)
{
	if (leg->span->status.dchannel_up || !leg->answered || leg->clearing || leg->peer_clearing ||
	    !leg->q931)
		return false;
	if (!leg->cause.value)
		leg->cause = isdn_cause_to_send(cause);
	leg->confirm_due = false;
	leg->park_due = true;
	return true;
}

/* Layer 2 stands: what waited for it is sent. */
static void on_settled(struct isdn_span *s)
{
	struct isdn_leg *leg;

	s->settling = false;
	if (s->cfg.restart == ISDN_RESTART_NEVER)
		s->restart.stuck = 0; /* STATUS has told both sides */
	TAILQ_FOREACH (leg, &s->legs, entry)
		if (leg->parked && !leg->clearing)
			isdn_leg_clear(leg, leg->cause);
}

static void send_waiting(struct isdn_span *s)
{
	struct isdn_leg *leg;

	TAILQ_FOREACH (leg, &s->legs, entry)
		if (leg->waiting)
			isdn_leg_send_waiting(leg);
}

static void on_t309(struct isdn_span *s)
{
	struct isdn_leg *leg, *next;

	for (leg = TAILQ_FIRST(&s->legs); leg; leg = next) {
		next = TAILQ_NEXT(leg, entry);
		if (!leg->answered || leg->clearing)
			continue;
		if (!leg->cause.value)
			leg->cause = isdn_span_own_cause(CAUSE_OUT_OF_ORDER);
		isdn_restart_doubt(leg); /* the peer's T309 may have begun later, and not be over */
		if (leg->q931)
			pri_line_forget(s->line, leg->q931);
		isdn_leg_finish(leg);
	}
}

static bool calls_survive(const struct isdn_span *s)
{
	const struct isdn_leg *leg;

	TAILQ_FOREACH (leg, &s->legs, entry)
		if (leg->answered && !leg->clearing)
			return true;
	return false;
}

int64_t isdn_down_run(struct isdn_span *s)
{
	int64_t t309_us = s->status.dchannel_since_us + isdn_span_timer_us(s, ISDN_T309);

	if (s->settling && s->settled_us <= s->now_us)
		on_settled(s);
	if (s->settling)
		return s->settled_us;
	send_waiting(s);
	if (s->status.dchannel_up || !calls_survive(s))
		return TIME_NEVER_US;
	if (t309_us > s->now_us)
		return t309_us;
	LOG(LOG_WARN, "span.t309", 0, L_U("span", s->cfg.span));
	on_t309(s);
	return TIME_NEVER_US;
}

struct q931_call *isdn_span_reference_reused(void *span, uint16_t cref)
{
	struct isdn_span *s = span;
	struct isdn_leg *leg;

	TAILQ_FOREACH (leg, &s->legs, entry) {
		struct q931_call *dead = leg->q931;

		if (leg->side != CALL_SIDE_A || leg->cref != cref || leg->epoch == s->epoch || !dead)
			continue;
		LOG(LOG_WARN, "span.reference_reused", leg->call, L_U("span", s->cfg.span),
		    L_U("cref", cref));
		if (!leg->cause.value)
			leg->cause = isdn_span_own_cause(CAUSE_TEMPORARY_FAILURE);
		isdn_leg_drop_channel(leg); /* the new call may want it */
		leg->q931 = NULL;
		return dead;
	}
	return NULL;
}
