/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call of ours begins: a channel, SETUP, and another channel when the peer refuses that one. */
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "src/isdn_map/isdn_rules.h"
#include "src/isdn_map/isdn_span.h"

/* libpri's answer to a message of a call that it does not know; and to STATUS (Q.931 5.8.3.2). */
enum { CAUSE_INVALID_REFERENCE = 81, CAUSE_WRONG_STATE = 101 };

/* The leg's q931 is NULL when that failed. */
static void send_setup(struct isdn_leg *leg)
{
	struct isdn_span *s = leg->span;

	leg->tried |= UINT32_C(1) << leg->ts;
	leg->epoch = s->epoch;
	leg->q931 = pri_line_setup(s->line, leg->ts, s->cfg.exclusive, s->cfg.law, &leg->setup,
				   NULL);
	if (!leg->q931)
		return;
	leg->cref = pri_line_cref(s->line, leg->q931);
	isdn_leg_tell(leg);
	isdn_leg_start_timer(leg, ISDN_T303);
	leg->deadline_us += isdn_span_timer_us(s, ISDN_T303); /* libpri repeats SETUP after one */
}

void isdn_open_timeout(struct isdn_leg *leg)
{
	struct call_cause cause = isdn_span_own_cause(CAUSE_TIMER_EXPIRY);

	cause.timer = isdn_timer_info(ISDN_T303)->number;
	leg->cause = isdn_span_own_cause(CAUSE_NO_USER_RESPONDING);
	pri_line_refuse(leg->span->line, leg->q931, true, cause);
	leg->q931 = NULL; /* the sweep finishes the leg */
}

static struct isdn_leg *create(struct isdn_span *s, call_id call, const struct call_setup *setup,
			       uint8_t ts)
{
	struct isdn_leg *leg = isdn_leg_create(s, CALL_SIDE_B);

	if (!leg)
		return NULL;
	leg->call = call;
	leg->setup = *setup;
	if (ts)
		isdn_leg_take_channel(leg, ts);
	else /* as long as a round of RESTARTs may take with a peer that answers */
		isdn_leg_start_timer(leg, ISDN_TIMER_SETTLE);
	leg->waiting = s->settling || !ts;
	if (!leg->waiting)
		send_setup(leg);
	if (leg->waiting || leg->q931)
		return leg;
	isdn_leg_drop_channel(leg);
	TAILQ_REMOVE(&s->legs, leg, entry);
	free(leg);
	return NULL;
}

int isdn_leg_open(void *span, call_id call, const struct call_setup *setup, void **out,
		  struct call_cause *cause)
{
	struct isdn_span *s = span;
	struct isdn_leg *leg;
	size_t digits;
	uint8_t ts;

	*cause = isdn_span_refusal(s);
	if (cause->value)
		return -1;
	digits = setup->called.present ? strlen(setup->called.digits) : 0;
	if (!digits || digits > PRI_LINE_DIGITS_MAX) {
		*cause = isdn_span_own_cause(CAUSE_INVALID_NUMBER);
		return -1;
	}
	*cause = isdn_span_own_cause(isdn_bearer_refusal(setup->bearer));
	if (cause->value)
		return -1;
	ts = isdn_channel_hunt(isdn_span_free_channels(s), &s->hunt);
	if (!ts && !isdn_span_restarting_channels(s)) {
		*cause = isdn_span_own_cause(CAUSE_NO_CIRCUIT);
		return -1;
	}
	leg = create(s, call, setup, ts);
	if (!leg) {
		*cause = isdn_span_own_cause(CAUSE_CONGESTION);
		return -1;
	}
	s->status.calls_out++;
	s->dirty = true;
	*out = leg;
	return 0;
}

/* False: it could not be sent. */
static bool send_on_channel(struct isdn_leg *leg, uint8_t ts)
{
	struct q931_call *before = leg->q931;

	isdn_leg_take_channel(leg, ts);
	send_setup(leg);
	if (leg->q931)
		return true;
	leg->q931 = before;
	return false;
}

void isdn_leg_send_waiting(struct isdn_leg *leg)
{
	struct isdn_span *s = leg->span;
	uint8_t ts = leg->ts;

	/* The peer may have taken the channel meanwhile. */
	if (!ts)
		ts = isdn_channel_hunt(isdn_span_free_channels(s), &s->hunt);
	if (!ts && leg->timer == ISDN_TIMER_SETTLE)
		return;
	if (ts && send_on_channel(leg, ts))
		leg->waiting = false;
	else
		isdn_leg_clear_from_here(
		    leg, isdn_span_own_cause(ts ? CAUSE_CONGESTION : CAUSE_NO_CIRCUIT));
}

static bool may_try_again(const struct isdn_leg *leg)
{
	return leg->side == CALL_SIDE_B && !leg->channel_confirmed && !leg->clearing &&
	       !leg->peer_clearing && !isdn_span_refusal(leg->span).value;
}

/* On a channel that no SETUP of this call has named. */
static bool try_channel(struct isdn_leg *leg)
{
	struct isdn_span *s = leg->span;
	uint8_t ts = isdn_channel_hunt(isdn_span_free_channels(s) & ~leg->tried, &s->hunt);
	uint8_t from = leg->ts;

	if (!ts || !send_on_channel(leg, ts))
		return false;
	s->status.other_channel++;
	LOG(LOG_INFO, "span.other_channel", leg->call, L_U("span", s->cfg.span), L_U("from", from),
	    L_U("ts", ts));
	return true;
}

bool isdn_leg_try_again(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	struct q931_call *refused = leg->q931;
	uint8_t cause = ev->cause.value;

	if (!may_try_again(leg))
		return false;
	/* A SETUP that was lost while layer 2 was established anew: the peer has never seen it. */
	if ((cause == CAUSE_INVALID_REFERENCE || cause == CAUSE_WRONG_STATE) && !leg->resent &&
	    leg->ts) {
		leg->resent = true;
		if (!send_on_channel(leg, leg->ts))
			return false;
	} else if (!isdn_channel_refused(cause) || !try_channel(leg)) {
		return false;
	}
	pri_line_hangup(leg->span->line, refused, true, ev->cause);
	return true;
}

bool isdn_leg_try_other(struct isdn_leg *leg)
{
	struct q931_call *refused = leg->q931;
	struct isdn_span *s = leg->span;

	if (!may_try_again(leg) || !try_channel(leg))
		return false;
	pri_line_reject_channel(s->line, refused, isdn_span_own_cause(CAUSE_CHANNEL_UNACCEPTABLE));
	return true;
}
