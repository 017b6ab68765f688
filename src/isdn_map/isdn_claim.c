/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which leg holds which timeslot, and how both sides agree on it. */
#include "gateway/base/log.h"
#include "src/isdn_map/isdn_span.h"

uint32_t isdn_span_held_channels(const struct isdn_span *s)
{
	uint32_t held = 0;

	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		if (s->holder[ts])
			held |= UINT32_C(1) << ts;
	return held;
}

/* Q.931 5.5.1: meanwhile no call is placed or accepted on a channel that is being restarted. On one
 * that waits for that, or is out of service, a call of the peer proves that it is in order. */
uint32_t isdn_span_acceptable_channels(const struct isdn_span *s)
{
	uint32_t under_way = s->restart.ts ? UINT32_C(1) << s->restart.ts : 0;

	return s->cfg.bchannels & ~isdn_span_held_channels(s) & ~under_way;
}

uint32_t isdn_span_free_channels(const struct isdn_span *s)
{
	const struct isdn_restart *r = &s->restart;
	uint32_t usable = isdn_span_acceptable_channels(s) & ~r->stuck & ~r->failed;
	uint32_t clean = usable & ~r->due;

	/* A peer that does not answer the first RESTART of a round must not stop all calls. */
	return clean || r->sent < 2 ? clean : usable;
}

uint32_t isdn_span_restarting_channels(const struct isdn_span *s)
{
	const struct isdn_restart *r = &s->restart;
	uint32_t mask = r->due | (r->ts ? UINT32_C(1) << r->ts : 0);

	return r->sent < 2 ? mask & ~r->stuck & ~isdn_span_held_channels(s) : 0;
}

/* One that waits for RESTART will do when there is no other: the call is its proof. */
uint32_t isdn_span_channels_for_peer(const struct isdn_span *s)
{
	uint32_t free = isdn_span_free_channels(s);

	return free ? free
		    : isdn_span_acceptable_channels(s) & ~s->restart.stuck & ~s->restart.failed;
}

void isdn_leg_take_channel(struct isdn_leg *leg, uint8_t ts)
{
	isdn_leg_drop_channel(leg);
	leg->ts = ts;
	leg->span->holder[ts] = leg;
	leg->span->status.busy++;
	isdn_hunt_taken(&leg->span->hunt, ts);
}

void isdn_leg_drop_channel(struct isdn_leg *leg)
{
	if (!leg->ts)
		return;
	leg->span->holder[leg->ts] = NULL;
	if (!leg->parked)
		leg->span->status.busy--;
	isdn_hunt_freed(&leg->span->hunt, leg->ts);
	leg->ts = 0;
}

void isdn_leg_post_channel(struct isdn_leg *leg)
{
	struct isdn_span *s = leg->span;

	if (!leg->channel_confirmed || leg->channel_posted || !leg->ts || !leg->call)
		return;
	leg->channel_posted = true;
	isdn_leg_post(leg, &(struct call_event){
			       .type = CALL_EV_CHANNEL,
			       .channel = {.span = s->cfg.span, .ts = leg->ts, .law = s->cfg.law}});
}

/* The SETUP that asks for its channel was not answered yet, or not even sent. */
static bool is_only_proposed(const struct isdn_leg *leg)
{
	return leg->side == CALL_SIDE_B && !leg->channel_confirmed && !leg->clearing;
}

/* Our own SETUP holds the timeslot that the peer's asks for. Q.931 5.7: the network's call has
 * priority. As the user we give the timeslot up, and the network's answer to our SETUP will name
 * another one or clear; as the network we keep it and the incoming call is treated as one that
 * asks for a busy channel. A SETUP that was not sent yet gives way on either side. */
void isdn_span_resolve_glare(struct isdn_span *s, const struct isdn_channel_id *asked)
{
	struct isdn_leg *ours;

	if (asked->kind != ISDN_CHANNEL_ONE || asked->number >= E1_TIMESLOTS)
		return;
	ours = s->holder[asked->number];
	if (!ours || !is_only_proposed(ours))
		return;
	if (ours->waiting) {
		isdn_leg_drop_channel(ours);
		return;
	}
	s->status.glare++;
	LOG(LOG_INFO, "span.glare", ours->call, L_U("span", s->cfg.span), L_U("ts", asked->number));
	if (s->cfg.side == ISDN_USER)
		isdn_leg_drop_channel(ours);
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
bool isdn_leg_confirm_channel(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	struct isdn_span *s = leg->span;
	struct isdn_channel_choice choice;

	if (leg->channel_confirmed)
		return true;
	choice = isdn_channel_for_answer(ev->channel, leg->ts,
					 isdn_span_acceptable_channels(s) | proposed_channels(s));
	if (s->cfg.exclusive && leg->ts && choice.ts != leg->ts)
		choice.cause = CAUSE_CHANNEL_UNACCEPTABLE;
	if (!choice.cause) {
		if (choice.ts != leg->ts) {
			if (s->holder[choice.ts])
				isdn_leg_drop_channel(s->holder[choice.ts]);
			isdn_leg_take_channel(leg, choice.ts);
		}
		leg->channel_confirmed = true;
		isdn_restart_proven(s, leg->ts);
		isdn_leg_post_channel(leg);
		return true;
	}
	LOG(LOG_WARN, "span.channel_unacceptable", leg->call, L_U("span", s->cfg.span),
	    L_U("ts", leg->ts), L_U("answered", ev->channel.number));
	if (isdn_leg_try_other(leg))
		return false;
	/* To the call it is 44: another span may still carry it. */
	leg->clearing = true;
	isdn_leg_start_timer(leg, ISDN_TIMER_CLEARING);
	leg->cause = isdn_span_own_cause(CAUSE_CHANNEL_NOT_AVAILABLE);
	if (!pri_line_reject_channel(s->line, leg->q931,
				     isdn_span_own_cause(CAUSE_CHANNEL_UNACCEPTABLE)))
		leg->q931 = NULL;
	isdn_leg_drop_channel(leg);
	isdn_leg_post(leg, &(struct call_event){.type = CALL_EV_CLEARING, .cause = leg->cause});
	return false;
}
