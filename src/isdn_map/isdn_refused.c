/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attempts of the peer that become no call: each is recorded once. */
#include "src/isdn_map/isdn_span.h"

/* Of a cause that is ours. */
static const char *why(uint8_t cause)
{
	switch (cause) {
	case CAUSE_BEARER_NOT_IMPLEMENTED:
		return "bearer capability cannot be carried";
	case CAUSE_INVALID_NUMBER:
		return "called number missing or unreadable";
	case CAUSE_OUT_OF_ORDER:
		return "D-channel down or alarm on the line";
	case CAUSE_NO_CIRCUIT:
		return "no channel is free";
	case CAUSE_CHANNEL_NOT_AVAILABLE:
		return "the channel asked for is not free";
	case CAUSE_CONGESTION:
		return "no room for another call";
	case CAUSE_TEMPORARY_FAILURE:
		return "the gateway stops";
	default:
		return "it cannot be taken";
	}
}

void isdn_span_refused(struct isdn_span *s, struct call_refusal *r)
{
	if (!r->why) {
		r->why = why(r->cause.value);
		s->status.refused++;
	}
	if (r->channel.ts) {
		r->channel.span = s->cfg.span;
		r->channel.law = (uint8_t)s->cfg.law;
	}
	call_table_refused(s->calls, s->now_us, r);
}

void isdn_leg_refused(struct isdn_leg *leg, struct call_cause cause, const char *why)
{
	struct call_refusal r = {.setup = leg->setup,
				 .channel = {.ts = leg->ts},
				 .begin_us = leg->begin_us,
				 .cause = cause,
				 .why = why};

	if (leg->side != CALL_SIDE_A || leg->call || leg->refusal_told)
		return;
	leg->refusal_told = true;
	isdn_span_refused(leg->span, &r);
}
