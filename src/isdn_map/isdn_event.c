/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the peer did, one function per event. */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/base/log.h"
#include "gateway/base/strbuf.h"
#include "src/isdn_map/isdn_rules.h"
#include "src/isdn_map/isdn_span.h"

enum { CAUSE_CHANNEL_UNACCEPTABLE = 6 };

/* libpri has neither; Q.931 tables 9-1 and 9-2, values of the network and of the user side. */
static const int64_t t304_us[] = {[ISDN_USER] = 30 * US_PER_S, [ISDN_NETWORK] = 20 * US_PER_S};
static const int64_t t310_us[] = {[ISDN_USER] = 120 * US_PER_S, [ISDN_NETWORK] = 30 * US_PER_S};

static struct isdn_leg *find_leg(struct isdn_span *s, const struct q931_call *c)
{
	struct isdn_leg *leg;

	TAILQ_FOREACH (leg, &s->legs, entry)
		if (leg->q931 == c)
			return leg;
	return NULL;
}

/* Neither the peer nor the call wanted it. */
static void clear_from_here(struct isdn_leg *leg, uint8_t value)
{
	struct call_event event = {.type = CALL_EV_CLEARING, .cause = isdn_span_own_cause(value)};

	isdn_leg_clear(leg, event.cause);
	leg->peer_clearing = true;
	isdn_leg_post(leg, &event);
}

static void refuse(struct isdn_span *s, const struct pri_line_event *ev, uint8_t cause)
{
	s->status.refused++;
	LOG(LOG_INFO, "span.call_refused", 0, L_U("span", s->cfg.span), L_U("cref", ev->cref),
	    L_U("cause", cause));
	pri_line_refuse(s->line, ev->call, isdn_span_own_cause(cause));
}

/* Our own SETUP holds the timeslot that the peer's asks for. Q.931 5.7: the network's call has
 * priority. As the user we give the timeslot up, and the network's answer to our SETUP will name
 * another one or clear; as the network we keep it and the incoming call is treated as one that
 * asks for a busy channel. */
/* The SETUP that asked for its channel was not answered yet. */
static bool is_only_proposed(const struct isdn_leg *leg)
{
	return leg->side == CALL_SIDE_B && !leg->channel_confirmed && !leg->clearing;
}

static void resolve_glare(struct isdn_span *s, const struct isdn_channel_id *asked)
{
	struct isdn_leg *ours;

	if (asked->kind != ISDN_CHANNEL_ONE || asked->number >= E1_TIMESLOTS)
		return;
	ours = s->holder[asked->number];
	if (!ours || !is_only_proposed(ours))
		return;
	s->status.glare++;
	LOG(LOG_INFO, "span.glare", ours->call, L_U("span", s->cfg.span), L_U("ts", asked->number));
	if (s->cfg.side == ISDN_USER)
		isdn_leg_drop_channel(ours);
}

static void fill_setup(struct isdn_span *s, const struct pri_line_event *ev,
		       struct call_setup *setup)
{
	*setup = (struct call_setup){
	    .source = {CALL_EP_SPAN, s->cfg.span},
	    .called = ev->setup.called,
	    .calling = ev->setup.calling,
	    .bearer = (enum call_bearer)ev->setup.bearer,
	    .sending_complete = ev->setup.complete,
	    .ringback = s->cfg.ringback,
	};
	str_copy(setup->calling_name, sizeof(setup->calling_name), ev->setup.calling_name);
	snprintf(setup->peer_call_id, sizeof(setup->peer_call_id), "%u:%u", s->cfg.span, ev->cref);
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

static void on_setup(struct isdn_span *s, const struct pri_line_event *ev)
{
	struct isdn_channel_choice choice;
	struct isdn_leg *leg = find_leg(s, ev->call);
	struct call_setup setup;
	uint8_t cause;

	if (leg) /* libpri freed that one without a word and gave its memory to this call */
		isdn_leg_finish(leg);
	s->status.calls_in++;
	cause = setup_refusal(s, ev);
	if (cause) {
		refuse(s, ev, cause);
		return;
	}
	resolve_glare(s, &ev->channel);
	choice = isdn_channel_for_setup(ev->channel, isdn_span_free_channels(s), s->cfg.hunting);
	leg = choice.cause ? NULL : isdn_leg_create(s, CALL_SIDE_A);
	if (!leg) {
		refuse(s, ev, choice.cause ? choice.cause : CAUSE_CONGESTION);
		return;
	}
	leg->q931 = ev->call;
	leg->cref = ev->cref;
	leg->interface_bits = ev->interface_bits;
	isdn_leg_take_channel(leg, choice.ts);
	fill_setup(s, ev, &setup);
	leg->call = call_table_incoming(s->calls, s->now_us, &setup, &isdn_leg_ops, leg);
	if (leg->call)
		return;
	isdn_leg_drop_channel(leg);
	TAILQ_REMOVE(&s->legs, leg, entry);
	free(leg);
	refuse(s, ev, CAUSE_CONGESTION);
}

/* The peer may give a call a channel that another SETUP of ours asks for just now and that it has
 * not seen yet: it will give that one another channel in turn. */
static uint32_t proposed_channels(const struct isdn_span *s)
{
	uint32_t mask = 0;

	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		if (s->holder[ts] && is_only_proposed(s->holder[ts]))
			mask |= 1u << ts;
	return mask;
}

/* The first answer's channel is binding (Q.931 5.1.2). False: it cannot be, the call is being
 * cleared. */
static bool confirm_channel(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	struct isdn_span *s = leg->span;
	struct isdn_channel_choice choice;

	if (leg->channel_confirmed)
		return true;
	choice = isdn_channel_for_answer(ev->channel, leg->ts,
					 isdn_span_free_channels(s) | proposed_channels(s));
	if (!choice.cause) {
		if (choice.ts != leg->ts) {
			if (s->holder[choice.ts])
				isdn_leg_drop_channel(s->holder[choice.ts]);
			isdn_leg_take_channel(leg, choice.ts);
		}
		leg->channel_confirmed = true;
		isdn_leg_post_channel(leg);
		return true;
	}
	LOG(LOG_WARN, "span.channel_unacceptable", leg->call, L_U("span", s->cfg.span),
	    L_U("ts", leg->ts), L_U("answered", ev->channel.number));
	/* To the call it is 44: another span may still carry it. */
	leg->clearing = true;
	leg->deadline_us = s->now_us + CLEARING_GUARD_US;
	leg->cause = isdn_span_own_cause(CAUSE_CHANNEL_NOT_AVAILABLE);
	if (!pri_line_reject_channel(s->line, leg->q931,
				     isdn_span_own_cause(CAUSE_CHANNEL_UNACCEPTABLE)))
		leg->q931 = NULL;
	isdn_leg_drop_channel(leg);
	isdn_leg_post(leg, &(struct call_event){.type = CALL_EV_CLEARING, .cause = leg->cause});
	return false;
}

/* SETUP ACKNOWLEDGE begins T304, CALL PROCEEDING T310; whatever shows life in band ends them. */
static void set_timer(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	const struct isdn_span *s = leg->span;

	leg->deadline_us = TIME_NEVER_US;
	leg->alerted |= ev->type == PRI_LINE_ALERTING;
	leg->inband_told |= ev->type == PRI_LINE_PROGRESS || (ev->pi & CALL_PI_8);
	if (leg->alerted || leg->inband_told)
		return;
	if (ev->type == PRI_LINE_SETUP_ACK)
		leg->deadline_us = s->now_us + t304_us[s->cfg.side];
	else if (ev->type == PRI_LINE_PROCEEDING)
		leg->deadline_us = s->now_us + t310_us[s->cfg.side];
}

static void on_timer(struct isdn_leg *leg)
{
	struct isdn_span *s = leg->span;

	leg->deadline_us = TIME_NEVER_US;
	if (!leg->clearing) {
		if (leg->peer_clearing)
			return;
		LOG(LOG_INFO, "span.call_timer", leg->call, L_U("span", s->cfg.span));
		clear_from_here(leg, CAUSE_TIMER_EXPIRY);
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
	if (!confirm_channel(leg, ev))
		return;
	set_timer(leg, ev);
	if (ev->type == PRI_LINE_SETUP_ACK)
		return; /* we sent Sending Complete: there is nothing more to say */
	if (ev->type == PRI_LINE_CONNECT) {
		leg->answered = true;
		pri_line_connect_ack(leg->span->line, leg->q931);
	}
	isdn_leg_post(
	    leg, &(struct call_event){.type = types[ev->type], .pi = ev->pi, .cause = ev->cause});
}

static void on_connect_ack(struct isdn_leg *leg)
{
	/* On a network side the call is active without it, and CONFIRMED was posted then. */
	if (leg->side == CALL_SIDE_A && leg->span->cfg.side == ISDN_USER && leg->answered &&
	    !leg->clearing)
		isdn_leg_post(leg, &(struct call_event){.type = CALL_EV_CONFIRMED});
}

static void on_digits(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	/* The SETUP was taken as complete: overlap receiving is not there yet. Digits of an
	 * answered call are no business of the number plan. */
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
	if (leg->clearing || leg->peer_clearing)
		return;
	take_cause(leg, ev);
	leg->peer_clearing = true;
	isdn_leg_post(
	    leg, &(struct call_event){.type = CALL_EV_CLEARING, .cause = leg->cause, .pi = ev->pi});
}

static void on_released(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	take_cause(leg, ev);
	leg->clearing = true;
	leg->deadline_us = leg->span->now_us + CLEARING_GUARD_US;
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
		if (leg->side != CALL_SIDE_A || leg->responded || leg->cref != ev->cref)
			continue;
		take_cause(leg, ev);
		if (leg->q931)
			pri_line_forget(s->line, leg->q931);
		isdn_leg_finish(leg);
	}
}

static void on_up(struct isdn_span *s, bool up)
{
	struct isdn_leg *leg;

	if (up == s->status.dchannel_up)
		return;
	s->status.dchannel_up = up;
	s->status.dchannel_since_us = s->now_us;
	s->same_side_told = false;
	LOG(up ? LOG_INFO : LOG_WARN, up ? "span.dchannel_up" : "span.dchannel_down", 0,
	    L_U("span", s->cfg.span));
	if (up)
		return;
	/* Answered calls wait for T309, which libpri runs from the release of layer 2 on. */
	TAILQ_FOREACH (leg, &s->legs, entry)
		if (!leg->answered && !leg->clearing && !leg->peer_clearing)
			clear_from_here(leg, CAUSE_OUT_OF_ORDER);
}

/* Q.931 5.5.2: the channels become idle and their calls end without a message. */
static void on_restart(struct isdn_span *s, const struct pri_line_event *ev)
{
	struct isdn_leg *leg, *next;

	LOG(LOG_WARN, "span.restart_received", 0, L_U("span", s->cfg.span),
	    L_U("ts", ev->channel.kind == ISDN_CHANNEL_ONE ? ev->channel.number : 0));
	for (leg = TAILQ_FIRST(&s->legs); leg; leg = next) {
		next = TAILQ_NEXT(leg, entry);
		if (ev->channel.kind == ISDN_CHANNEL_ONE && ev->channel.number != leg->ts)
			continue;
		if (!leg->cause.value)
			leg->cause = isdn_span_own_cause(CAUSE_TEMPORARY_FAILURE);
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
	case PRI_LINE_DOWN:
		on_up(s, ev->type == PRI_LINE_UP);
		break;
	case PRI_LINE_SETUP:
		on_setup(s, ev);
		break;
	case PRI_LINE_RESTART:
		on_restart(s, ev);
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
