/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the peer did, one function per event. */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/base/log.h"
#include "gateway/base/strbuf.h"
#include "src/isdn_map/isdn_rules.h"
#include "src/isdn_map/isdn_span.h"

static struct isdn_leg *find_leg(struct isdn_span *s, const struct q931_call *c)
{
	struct isdn_leg *leg;

	TAILQ_FOREACH (leg, &s->legs, entry)
		if (leg->q931 == c)
			return leg;
	return NULL;
}

static void fill_setup(const struct isdn_span *s, const struct pri_line_event *ev,
		       struct call_setup *setup)
{
	*setup = (struct call_setup){
	    .source = {CALL_EP_SPAN, s->cfg.span},
	    .called = ev->setup.called,
	    .calling = ev->setup.calling,
	    .redirecting = ev->setup.redirecting,
	    .redirect_reason = ev->setup.redirect_reason,
	    .redirect_count = ev->setup.redirect_count,
	    .bearer = (enum call_bearer)ev->setup.bearer,
	    .sending_complete = ev->setup.complete,
	    .ringback = s->cfg.ringback,
	    .failure_tone = s->cfg.failure_tone,
	};
	str_copy(setup->calling_name, sizeof(setup->calling_name), ev->setup.calling_name);
	snprintf(setup->peer_call_id, sizeof(setup->peer_call_id), "%u:%u", s->cfg.span, ev->cref);
}

static void refuse(struct isdn_span *s, const struct pri_line_event *ev, uint8_t cause)
{
	struct call_refusal r = {.cause = isdn_span_own_cause(cause)};

	fill_setup(s, ev, &r.setup);
	if (ev->setup.called_bad) {
		r.setup.called = (struct call_number){.present = false};
		str_copy(r.called_text, sizeof(r.called_text), ev->digits);
	}
	if (ev->channel.kind == ISDN_CHANNEL_ONE)
		r.channel.ts = (uint8_t)ev->channel.number;
	isdn_span_refused(s, &r);
	pri_line_refuse(s->line, ev->call, false, r.cause);
}

static uint8_t setup_refusal(struct isdn_span *s, const struct pri_line_event *ev)
{
	uint8_t cause = isdn_bearer_refusal(ev->setup.bearer);

	if (!cause && ev->setup.called_bad)
		cause = CAUSE_INVALID_NUMBER;
	if (!cause)
		cause = isdn_span_refusal(s).value;
	return cause;
}

bool isdn_leg_announce(struct isdn_leg *leg)
{
	struct isdn_span *s = leg->span;

	leg->call = call_table_incoming(s->calls, s->now_us, &leg->setup, &isdn_leg_ops, leg);
	if (leg->call)
		isdn_leg_tell(leg);
	return leg->call != 0;
}

static void on_setup(struct isdn_span *s, const struct pri_line_event *ev)
{
	struct isdn_channel_choice choice;
	struct isdn_leg *leg = find_leg(s, ev->call);
	uint8_t cause;

	if (leg) /* libpri freed that one without a word and gave its memory to this call */
		isdn_leg_finish(leg);
	s->status.calls_in++;
	cause = setup_refusal(s, ev);
	if (cause) {
		refuse(s, ev, cause);
		return;
	}
	isdn_span_resolve_glare(s, &ev->channel);
	choice = isdn_channel_for_setup(ev->channel, isdn_span_acceptable_channels(s),
					isdn_span_channels_for_peer(s), &s->hunt);
	leg = choice.cause ? NULL : isdn_leg_create(s, CALL_SIDE_A);
	if (!leg) {
		refuse(s, ev, choice.cause ? choice.cause : CAUSE_CONGESTION);
		return;
	}
	leg->q931 = ev->call;
	leg->cref = ev->cref;
	leg->interface_bits = ev->interface_bits;
	leg->carried = ev->carried;
	isdn_leg_take_channel(leg, choice.ts);
	isdn_restart_proven(s, choice.ts);
	fill_setup(s, ev, &leg->setup);
	if (isdn_overlap_wanted(leg)) {
		isdn_overlap_begin(leg);
		return;
	}
	if (isdn_leg_announce(leg))
		return;
	isdn_leg_drop_channel(leg);
	TAILQ_REMOVE(&s->legs, leg, entry);
	free(leg);
	refuse(s, ev, CAUSE_CONGESTION);
}

static void on_answer(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	static const enum call_event_type types[] = {
	    [PRI_LINE_PROCEEDING] = CALL_EV_PROCEEDING,
	    [PRI_LINE_PROGRESS] = CALL_EV_PROGRESS,
	    [PRI_LINE_ALERTING] = CALL_EV_ALERTING,
	    [PRI_LINE_CONNECT] = CALL_EV_ANSWER,
	};

	if (leg->clearing || leg->side != CALL_SIDE_B || leg->answered)
		return;
	if (!isdn_leg_confirm_channel(leg, ev))
		return;
	isdn_leg_set_timer(leg, ev);
	if (ev->type == PRI_LINE_SETUP_ACK)
		return; /* we sent Sending Complete: there is nothing more to say */
	if (ev->type == PRI_LINE_CONNECT) {
		leg->answered = true;
		pri_line_connect_ack(leg->span->line, leg->q931);
	}
	isdn_leg_post(leg, &(struct call_event){.type = types[ev->type],
						.pi = ev->pi,
						.cause = ev->cause,
						.connected = ev->connected});
}

static void on_connect_ack(struct isdn_leg *leg)
{
	/* On a network side the call is active without it, and CONFIRMED was posted then. */
	if (leg->side == CALL_SIDE_A && leg->span->cfg.side == ISDN_USER && leg->answered &&
	    !leg->clearing) {
		leg->deadline_us = TIME_NEVER_US; /* T313 */
		isdn_leg_post(leg, &(struct call_event){.type = CALL_EV_CONFIRMED});
	}
}

static void on_digits(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	if (isdn_leg_collects(leg)) {
		isdn_overlap_digits(leg, ev);
		return;
	}
	/* The number was complete. Digits of an answered call are no business of the number plan. */
	if (leg->side != CALL_SIDE_A || leg->answered || leg->digits_told)
		return;
	leg->digits_told = true;
	LOG(LOG_WARN, "span.digits_late", leg->call, L_U("span", leg->span->cfg.span),
	    L_S("digits", ev->digits));
}

static void take_cause(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	if (!leg->cause.value || (!leg->clearing && !leg->peer_clearing))
		leg->cause = ev->cause;
}

static void on_disconnect(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	if (isdn_leg_try_again(leg, ev))
		return;
	if (leg->clearing || leg->peer_clearing)
		return;
	take_cause(leg, ev);
	leg->peer_clearing = true;
	isdn_leg_post(
	    leg, &(struct call_event){.type = CALL_EV_CLEARING, .cause = leg->cause, .pi = ev->pi});
	if (leg->parked || !leg->call) /* no call is there to ask for it */
		isdn_leg_clear(leg, leg->cause);
}

static void on_released(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	if (isdn_leg_try_again(leg, ev))
		return;
	isdn_restart_note_end(leg, ev);
	take_cause(leg, ev);
	leg->clearing = true;
	isdn_leg_start_timer(leg, ISDN_TIMER_CLEARING);
	/* libpri has the call in the null state: this answers RELEASE, when it was one, and frees.
	 */
	if (!pri_line_hangup(leg->span->line, leg->q931, leg->side == CALL_SIDE_B, leg->cause))
		isdn_leg_finish(leg);
}

static void on_given_up(struct isdn_span *s, const struct pri_line_event *ev)
{
	struct isdn_leg *leg, *next;

	for (leg = TAILQ_FIRST(&s->legs); leg; leg = next) {
		next = TAILQ_NEXT(leg, entry);
		if (leg->side != CALL_SIDE_A || leg->cref != ev->cref)
			continue;
		leg->tone_end_us = 0; /* DISCONNECT that crossed ours: libpri sent RELEASE */
		if (leg->responded)
			continue;
		take_cause(leg, ev);
		if (leg->q931)
			pri_line_forget(s->line, leg->q931);
		isdn_leg_finish(leg);
	}
}

/* A call without a leg: one that we refused, or that a RESTART took away. */
static void handle_orphan(struct isdn_span *s, const struct pri_line_event *ev)
{
	if (ev->type == PRI_LINE_DISCONNECT || ev->type == PRI_LINE_RELEASED)
		pri_line_hangup(s->line, ev->call, false, ev->cause);
}

static void handle_call(struct isdn_span *s, struct isdn_leg *leg, const struct pri_line_event *ev)
{
	isdn_carried_add(&leg->carried, &ev->carried);
	switch (ev->type) {
	case PRI_LINE_SETUP_ACK:
	case PRI_LINE_PROCEEDING:
	case PRI_LINE_PROGRESS:
	case PRI_LINE_ALERTING:
	case PRI_LINE_CONNECT:
		on_answer(leg, ev);
		break;
	case PRI_LINE_CONNECT_ACK:
		on_connect_ack(leg);
		break;
	case PRI_LINE_DIGITS:
		on_digits(leg, ev);
		break;
	case PRI_LINE_DISCONNECT:
		on_disconnect(leg, ev);
		break;
	case PRI_LINE_RELEASED:
		on_released(leg, ev);
		break;
	case PRI_LINE_FREED:
		isdn_restart_note_end(leg, ev);
		take_cause(leg, ev);
		isdn_leg_finish(leg);
		break;
	default:
		break;
	}
}

void isdn_span_handle(struct isdn_span *s, const struct pri_line_event *ev)
{
	struct isdn_leg *leg;

	switch (ev->type) {
	case PRI_LINE_UP:
		isdn_span_on_up(s, ev);
		break;
	case PRI_LINE_DOWN:
		isdn_span_on_down(s);
		break;
	case PRI_LINE_RESET:
		isdn_span_on_reset(s, ev);
		break;
	case PRI_LINE_SETUP:
		on_setup(s, ev);
		break;
	case PRI_LINE_RESTART:
		isdn_span_on_restart(s, ev);
		break;
	case PRI_LINE_RESTART_ACK:
		isdn_span_on_restart_ack(s, ev);
		break;
	case PRI_LINE_GIVEN_UP:
		on_given_up(s, ev);
		break;
	case PRI_LINE_CONFIG:
		if (!s->same_side_told)
			LOG(LOG_ERROR, "span.same_side", 0, L_U("span", s->cfg.span),
			    L_S("why", "both ends of the span are network, or both are user"));
		s->same_side_told = true; /* each SABME of the peer says so again */
		break;
	case PRI_LINE_OTHER:
		break;
	default:
		leg = ev->call ? find_leg(s, ev->call) : NULL;
		if (leg)
			handle_call(s, leg, ev);
		else
			handle_orphan(s, ev);
		break;
	}
}
