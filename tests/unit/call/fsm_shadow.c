/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "tests/unit/call/fsm_walk.h"

#define FAIL_IF(condition, rule)                                                                   \
	do {                                                                                       \
		if (condition)                                                                     \
			return rule;                                                               \
	} while (0)

static bool rtp_b(const struct call_ctx *c)
{
	return c->rtp_side == CALL_SIDE_B;
}

static bool open_side(const struct shadow *sh, unsigned side)
{
	return side == CALL_SIDE_A ? sh->a_open : sh->b_open;
}

/* ---- what an honest world may post ---- */

bool shadow_legit(const struct shadow *sh, const struct call_ctx *ctx, const struct call_event *ev)
{
	bool from_rtp = (uint8_t)ev->side == ctx->rtp_side;

	switch (ev->type) {
	case CALL_EV_SETUP:
		return ctx->state == CALL_ST_IDLE;
	case CALL_EV_ROUTE_WAITS:
	case CALL_EV_ROUTED:
		return sh->route_pending;
	case CALL_EV_CHANNEL:
		return !from_rtp && open_side(sh, ev->side);
	case CALL_EV_PROCEEDING:
	case CALL_EV_PROGRESS:
	case CALL_EV_ALERTING:
	case CALL_EV_ANSWER:
		return ev->side == CALL_SIDE_B && sh->b_open;
	case CALL_EV_OFFER:
		return from_rtp && open_side(sh, ev->side);
	case CALL_EV_CONFIRMED:
	case CALL_EV_CLEARING:
	case CALL_EV_GONE:
		return open_side(sh, ev->side);
	case CALL_EV_EARLY_RTP:
	case CALL_EV_MEDIA_GONE:
	case CALL_EV_MEDIA_FAILED:
		return sh->m_open;
	case CALL_EV_TIMER:
		return sh->timers & 1u << ev->timer;
	case CALL_EV_OPERATOR_CLEAR:
		return ctx->state != CALL_ST_IDLE;
	default:
		return false;
	}
}

/* ---- one action ---- */

static const char *told_a(struct shadow *sh, const struct call_ctx *c, const struct call_event *ev,
			  const struct call_action *a)
{
	bool rings_here = c->ringback == CALL_RINGBACK_LOCAL;

	FAIL_IF(!sh->a_open || sh->a_cleared, "A is told something although it is cleared or gone");
	FAIL_IF(a->type != CALL_ACT_A_PROCEED && sh->proceeds != 1, "A hears before PROCEEDING");
	FAIL_IF(sh->answers, "A hears something after the answer");
	FAIL_IF(a->with_media && rtp_b(c), "a description for a timeslot");
	if (a->type == CALL_ACT_A_PROCEED) {
		FAIL_IF(sh->proceeds++, "two PROCEEDINGs");
		return NULL;
	}
	if (a->type == CALL_ACT_A_ANSWER) {
		sh->answers++;
		FAIL_IF(!sh->b_answered, "A is answered, B was not");
		FAIL_IF(a->with_media == rtp_b(c), "the 200 needs a description, CONNECT has none");
		sh->our_offer_out = !rtp_b(c) && !sh->remote;
		return NULL;
	}
	if (a->type == CALL_ACT_A_ALERT) {
		FAIL_IF(sh->alerts++, "two ALERTINGs");
		FAIL_IF(rtp_b(c) && (a->pi == CALL_PI_8) != (rings_here || sh->early_rtp),
			"PI 8 in ALERTING against the policy");
		if (rtp_b(c) && !a->pi) /* an earlier PI 8 is taken back */
			sh->pi8_told = false;
	} else if (rtp_b(c) && a->pi == CALL_PI_1) {
		FAIL_IF(sh->pi1_told || sh->pi8_told || sh->alerts, "PI 1 says nothing new");
		FAIL_IF(ev->type != CALL_EV_PROGRESS, "PI 1, and B did not progress");
		sh->pi1_told = true;
	} else if (rtp_b(c) && a->pi) {
		FAIL_IF(sh->pi8_told, "PROGRESS PI 8 although A knows already");
		FAIL_IF(c->ringback == CALL_RINGBACK_NEVER && !sh->early_rtp,
			"PI 8 before RTP flows with ringback never");
		FAIL_IF(!sh->remote && !sh->early_rtp, "PI 8 and nothing to hear");
	}
	FAIL_IF(a->with_media && !sh->offered, "an offer in an unreliable 18x");
	sh->sdp_told |= a->with_media;
	sh->pi8_told |= a->pi == CALL_PI_8;
	return NULL;
}

/* Q.931 5.3.4.1: a call that fails on B's side, or by a limit, ends with a tone for A, if it wants
 * one and can hear it. */
static bool tone_is_due(const struct shadow *sh, const struct call_ctx *c,
			const struct call_event *ev)
{
	bool b_failed =
	    (ev->type == CALL_EV_CLEARING || ev->type == CALL_EV_GONE) && ev->side == CALL_SIDE_B;

	return (b_failed || ev->type == CALL_EV_TIMER) && c->failure_tone && rtp_b(c) &&
	       c->state < CALL_ST_ACTIVE && sh->channel && sh->m_open && !sh->m_closed &&
	       !sh->b_answered;
}

static const char *cleared(struct shadow *sh, const struct call_ctx *c, const struct call_event *ev,
			   const struct call_action *a)
{
	bool leg_said = ev->type == CALL_EV_CLEARING || ev->type == CALL_EV_GONE;
	bool announced = ev->type == CALL_EV_TIMER && ev->timer == CALL_TIMER_ANNOUNCE;

	FAIL_IF(!open_side(sh, a->side), "CLEAR to a leg that is not open");
	FAIL_IF((a->cause.value == 0) != (announced && a->side == CALL_SIDE_A),
		"CLEAR without a cause, or not with what B announced");
	FAIL_IF(a->side == CALL_SIDE_B && a->pi, "a tone for B");
	if (a->side == CALL_SIDE_A) {
		FAIL_IF((a->pi == CALL_PI_8) != tone_is_due(sh, c, ev),
			"a tone that was not due, or was");
		sh->tone = a->pi == CALL_PI_8;
	}
	FAIL_IF(leg_said && ev->cause.value && a->cause.value != ev->cause.value,
		"the cause did not get through");
	if (ev->type == CALL_EV_TIMER && ev->timer == CALL_TIMER_RING) {
		/* Q.931 5.2.5.3 */
		FAIL_IF(a->side == CALL_SIDE_A && a->cause.value != CAUSE_NO_ANSWER,
			"ring limit: A gets 19");
		FAIL_IF(a->side == CALL_SIDE_B &&
			    (a->cause.value != CAUSE_TIMER_EXPIRY || !a->cause.diagnostic_timer),
			"ring limit: B gets 102 of our timer");
	}
	*(a->side == CALL_SIDE_A ? &sh->a_cleared : &sh->b_cleared) = true;
	return NULL;
}

static const char *media_done(struct shadow *sh, const struct call_action *a)
{
	switch (a->type) {
	case CALL_ACT_MEDIA_OPEN:
		FAIL_IF(sh->m_open || (sh->m_closed && !sh->rerouting), "media opened twice");
		sh->m_open = true;
		sh->m_closed = false;
		sh->flags = 0;
		break;
	case CALL_ACT_MEDIA_SET:
		FAIL_IF(!sh->m_open || sh->m_closed, "MEDIA_SET without a session");
		FAIL_IF(!sh->channel && (a->media_flags || !sh->rerouting),
			"MEDIA_SET without a channel");
		sh->flags = a->media_flags;
		break;
	default:
		FAIL_IF(!sh->m_open, "MEDIA_CLOSE without a session");
		sh->m_closed = true;
		break;
	}
	return NULL;
}

static const char *ended(struct shadow *sh, const struct call_action *a, bool last)
{
	FAIL_IF(!sh->guard && (sh->a_open || sh->b_open || sh->m_open),
		"freed early: something is still open");
	if (a->type == CALL_ACT_RECORD) {
		FAIL_IF(sh->records++, "two records");
		return NULL;
	}
	FAIL_IF(sh->frees++, "freed twice");
	FAIL_IF(sh->records != 1, "freed without a record");
	FAIL_IF(!last, "FREE is not the last action");
	return NULL;
}

static const char *acted(struct shadow *sh, const struct call_ctx *c, const struct call_event *ev,
			 const struct call_action *a, bool last)
{
	switch (a->type) {
	case CALL_ACT_ROUTE:
		sh->route_pending = true;
		return NULL;
	case CALL_ACT_MEDIA_OPEN:
	case CALL_ACT_MEDIA_SET:
	case CALL_ACT_MEDIA_CLOSE:
		return media_done(sh, a);
	case CALL_ACT_NEXT_WAY:
		FAIL_IF(!sh->rerouting || sh->next_way, "another way, and nobody asked for it");
		sh->next_way = true;
		return NULL;
	case CALL_ACT_OPEN_B:
		FAIL_IF(sh->b_open || (sh->opens && !sh->next_way), "B opened twice");
		FAIL_IF(!sh->m_open || sh->m_closed,
			"B opened before media: no address for its offer");
		sh->opens = true;
		sh->b_open = true;
		sh->b_cleared = sh->rerouting = sh->next_way = false;
		return NULL;
	case CALL_ACT_A_PROCEED:
	case CALL_ACT_A_PROGRESS:
	case CALL_ACT_A_ALERT:
	case CALL_ACT_A_ANSWER:
		return told_a(sh, c, ev, a);
	case CALL_ACT_OFFER_ANSWER:
	case CALL_ACT_OFFER_REFUSE:
		FAIL_IF(ev->type != CALL_EV_OFFER || a->side != (uint8_t)ev->side,
			"an answer to no offer");
		return NULL;
	case CALL_ACT_CLEAR:
		return cleared(sh, c, ev, a);
	case CALL_ACT_TIMER_START:
		sh->timers |= (uint8_t)(1u << a->timer);
		return NULL;
	case CALL_ACT_TIMER_STOP:
		FAIL_IF(!(sh->timers & 1u << a->timer), "a timer is stopped that does not run");
		sh->timers &= (uint8_t) ~(1u << a->timer);
		return NULL;
	case CALL_ACT_RECORD:
	case CALL_ACT_FREE:
		return ended(sh, a, last);
	default:
		return "an honest event is called unexpected";
	}
}

/* ---- what the event itself means ---- */

/* DISCONNECT with PI 8 that a SIP caller can hear */
static bool announces(const struct shadow *sh, const struct call_ctx *c,
		      const struct call_event *ev)
{
	return ev->side == CALL_SIDE_B && ev->pi & CALL_PI_8 && !rtp_b(c) && sh->remote &&
	       sh->channel && !sh->b_answered;
}

static void answer_heard(struct shadow *sh, const struct call_ctx *c, const struct call_event *ev,
			 bool live)
{
	if (sh->announcing || sh->rerouting)
		return;
	sh->remote |= live && rtp_b(c) && ev->media.present;
	sh->b_answered |= live && (!rtp_b(c) || sh->remote);
	sh->hung |= live && !sh->b_answered; /* nothing that could be heard */
}

/* What B said no longer counts. True: the event is part of going another way, and no hang-up. */
static bool other_way(struct shadow *sh, const struct call_ctx *c, const struct call_event *ev)
{
	bool b_ends =
	    (ev->type == CALL_EV_CLEARING || ev->type == CALL_EV_GONE) && ev->side == CALL_SIDE_B;

	if (sh->hung)
		return false;
	if (!sh->rerouting && b_ends && ev->reroute &&
	    (c->state == CALL_ST_CALLING || c->state == CALL_ST_PROCEEDING)) {
		sh->rerouting = true;
		sh->early_rtp = false;
		*(rtp_b(c) ? &sh->remote : &sh->channel) = false;
	}
	if (!sh->rerouting)
		return false;
	if (ev->type == CALL_EV_GONE && b_ends)
		sh->b_open = false;
	if (ev->type == CALL_EV_MEDIA_GONE && rtp_b(c))
		sh->m_open = false;
	return b_ends ||
	       (rtp_b(c) && (ev->type == CALL_EV_MEDIA_GONE || ev->type == CALL_EV_MEDIA_FAILED)) ||
	       (ev->type >= CALL_EV_CHANNEL && ev->type <= CALL_EV_ALERTING) ||
	       ev->type == CALL_EV_EARLY_RTP;
}

static void heard(struct shadow *sh, const struct call_ctx *c, const struct call_event *ev)
{
	bool live = !sh->hung;

	switch (ev->type) {
	case CALL_EV_SETUP:
		sh->a_open = true;
		sh->offered = sh->remote = ev->media.present && !rtp_b(c);
		break;
	case CALL_EV_ROUTED:
		sh->route_pending = false;
		sh->hung |= ev->cause.value != 0;
		break;
	case CALL_EV_CHANNEL:
		sh->channel |= live;
		break;
	case CALL_EV_PROGRESS:
	case CALL_EV_ALERTING:
		sh->remote |= live && !sh->b_answered && rtp_b(c) && ev->media.present;
		break;
	case CALL_EV_ANSWER:
		answer_heard(sh, c, ev, live);
		break;
	case CALL_EV_CONFIRMED:
		if (!live || !sh->our_offer_out || (uint8_t)ev->side != c->rtp_side)
			break;
		sh->our_offer_out = false;
		sh->remote |= ev->media.present;
		sh->hung |= !sh->remote;
		break;
	case CALL_EV_GONE:
		*(ev->side == CALL_SIDE_A ? &sh->a_open : &sh->b_open) = false;
		sh->hung = true;
		sh->tone &= ev->side == CALL_SIDE_B;
		break;
	case CALL_EV_EARLY_RTP:
		sh->early_rtp |= live && !sh->b_answered;
		break;
	case CALL_EV_MEDIA_GONE:
		sh->m_open = false;
		sh->hung = true;
		break;
	case CALL_EV_CLEARING:
		*(live && announces(sh, c, ev) ? &sh->announcing : &sh->hung) = true;
		sh->tone &= ev->side == CALL_SIDE_B;
		break;
	case CALL_EV_MEDIA_FAILED:
	case CALL_EV_OPERATOR_CLEAR:
		sh->hung = true;
		sh->tone = false;
		break;
	case CALL_EV_TIMER:
		sh->timers &= (uint8_t) ~(1u << ev->timer);
		sh->guard |= ev->timer == CALL_TIMER_CLEAR;
		sh->hung = true;
		break;
	default:
		break;
	}
}

/* ---- what must hold after each step ---- */

static unsigned count(const struct call_actions *out, enum call_action_type type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < out->count; i++)
		n += out->act[i].type == type;
	return n;
}

static bool has_clear(const struct call_actions *out, unsigned side)
{
	for (unsigned i = 0; i < out->count; i++)
		if (out->act[i].type == CALL_ACT_CLEAR && out->act[i].side == side)
			return true;
	return false;
}

static const char *ends_well(const struct shadow *sh, const struct call_ctx *after)
{
	bool nothing_open = !sh->a_open && !sh->b_open && !sh->m_open;

	FAIL_IF((sh->frees == 1) != (after->state == CALL_ST_DONE), "done without FREE");
	if (sh->frees) {
		FAIL_IF(sh->timers, "freed with a timer running");
		return NULL;
	}
	FAIL_IF(sh->hung && nothing_open, "nothing is open, and it is not freed");
	if (sh->hung) {
		FAIL_IF(sh->a_open && !sh->a_cleared, "hung up, and A was not cleared");
		FAIL_IF(sh->b_open && !sh->b_cleared, "hung up, and B was not cleared");
		FAIL_IF(sh->m_open && !sh->m_closed && !sh->tone,
			"hung up, and media was not closed");
		FAIL_IF(sh->m_open && sh->tone && (sh->m_closed || sh->flags != CALL_MEDIA_TONE),
			"a tone was promised and does not play");
		FAIL_IF(sh->timers != 1u << CALL_TIMER_CLEAR, "hung up: only the clear guard runs");
		return NULL;
	}
	FAIL_IF(after->state == CALL_ST_CLEARING, "clearing, and nobody hung up");
	FAIL_IF(after->state == CALL_ST_ROUTING && !sh->route_pending, "nobody asks the plan");
	FAIL_IF((after->state == CALL_ST_REROUTING) != sh->rerouting,
		"another way was promised, and is not tried");
	FAIL_IF(sh->rerouting &&
		    (sh->timers != 1u << CALL_TIMER_SETUP || (sh->b_open && !sh->b_cleared) ||
		     (rtp_b(after) && sh->m_open && !sh->m_closed)),
		"the old way must end, within a limit");
	FAIL_IF(sh->rerouting && !rtp_b(after) && sh->flags, "media for a channel that is gone");
	if (after->state >= CALL_ST_CALLING && after->state < CALL_ST_REROUTING) {
		FAIL_IF(!sh->a_open || !sh->b_open || !sh->m_open, "something never opened");
		FAIL_IF(sh->timers != 1u << CALL_TIMER_SETUP &&
			    sh->timers != 1u << CALL_TIMER_RING &&
			    sh->timers != 1u << CALL_TIMER_ANNOUNCE,
			"one limit runs until the answer");
		FAIL_IF(sh->announcing && sh->timers != 1u << CALL_TIMER_ANNOUNCE,
			"an announcement without an end");
		FAIL_IF(sh->announcing && !sh->sdp_told, "an announcement that A cannot hear");
	}
	FAIL_IF(after->state == CALL_ST_ALERTING && sh->timers != 1u << CALL_TIMER_RING,
		"the ring limit runs while it rings");
	FAIL_IF(after->state == CALL_ST_ACTIVE && sh->timers, "a timer runs in an answered call");
	return NULL;
}

/* The session does what the onlooker expects it to do. */
static const char *media_right(const struct shadow *sh, const struct call_ctx *after)
{
	uint8_t want = 0;

	if (sh->hung || sh->rerouting || !sh->m_open || !sh->channel)
		return NULL;
	if (sh->remote)
		want |= CALL_MEDIA_RECEIVE;
	if (sh->remote && (rtp_b(after) || sh->sdp_told || sh->b_answered))
		want |= CALL_MEDIA_SEND;
	if (rtp_b(after) && after->ringback == CALL_RINGBACK_LOCAL && sh->alerts &&
	    !sh->b_answered && !sh->early_rtp)
		want |= CALL_MEDIA_RINGBACK;
	FAIL_IF(sh->flags & CALL_MEDIA_RINGBACK & ~want, "ring-back where there must be none");
	FAIL_IF(sh->flags & CALL_MEDIA_SEND & ~want, "voice to a caller who got no description");
	FAIL_IF(sh->flags != want, "media is not set to what everybody knows");
	return NULL;
}

static const char *said_right(const struct shadow *sh, const struct shadow *was,
			      const struct call_ctx *before, const struct call_event *ev,
			      const struct call_actions *out)
{
	unsigned answered = count(out, CALL_ACT_OFFER_ANSWER);
	bool live =
	    !was->hung && !was->announcing && !was->rerouting && before->state >= CALL_ST_ROUTING;

	FAIL_IF(ev->type == CALL_EV_ROUTE_WAITS && live && sh->proceeds != 1,
		"the plan takes its time, and A's T303 runs on");
	FAIL_IF(sh->announcing && !sh->hung && has_clear(out, CALL_SIDE_B),
		"the announcement is cut off");
	FAIL_IF(ev->type == CALL_EV_PROGRESS && live && !was->b_answered && rtp_b(before) &&
		    !sh->alerts && !sh->pi8_told && !sh->pi1_told,
		"B progresses, and A's T310 runs on");
	FAIL_IF(ev->type == CALL_EV_PROGRESS && ev->cause.value && live && !was->b_answered &&
		    !rtp_b(before) && !sh->alerts &&
		    (sh->timers != 1u << CALL_TIMER_ANNOUNCE || (sh->remote && !sh->sdp_told)),
		"B says that it fails: A must hear it, and not for ever");
	FAIL_IF(ev->type == CALL_EV_CLEARING && !(sh->announcing && !sh->hung) &&
		    !has_clear(out, ev->side),
		"the leg that is clearing waits for our clear()");
	FAIL_IF(ev->type == CALL_EV_ANSWER && (was->hung || was->rerouting) &&
		    !has_clear(out, CALL_SIDE_B),
		"an answer that met a hang-up is not cleared");
	FAIL_IF(ev->type == CALL_EV_ANSWER && sh->b_answered && !was->b_answered &&
		    sh->answers != 1,
		"B answered, A was not told");
	FAIL_IF(ev->type == CALL_EV_ALERTING && live && !was->b_answered && sh->alerts != 1,
		"B rings, A was not told");
	FAIL_IF(ev->type == CALL_EV_PROGRESS && live && !was->b_answered &&
		    count(out, CALL_ACT_A_PROGRESS) != 1,
		"B progresses, A was not told once");
	FAIL_IF(ev->type == CALL_EV_OFFER && !was->hung && before->state >= CALL_ST_ROUTING &&
		    answered + count(out, CALL_ACT_OFFER_REFUSE) != 1,
		"an offer needs one answer");
	FAIL_IF(answered && (!was->b_answered || was->our_offer_out),
		"an offer answered too early");
	FAIL_IF(answered && ev->unusable, "200 to an offer that we cannot do");
	FAIL_IF(answered && ev->media.present && was->channel &&
		    count(out, CALL_ACT_MEDIA_SET) != 1,
		"a new description, and media was not told");
	FAIL_IF(ev->type == CALL_EV_OFFER && !answered && count(out, CALL_ACT_MEDIA_SET),
		"media is disturbed by an offer that was refused");
	FAIL_IF(ev->type == CALL_EV_CHANNEL && !was->hung && !was->rerouting && sh->m_open &&
		    sh->flags && count(out, CALL_ACT_MEDIA_SET) != 1,
		"the channel moved, media was not told");
	FAIL_IF(!sh->hung && rtp_b(before) && sh->early_rtp && sh->remote && !sh->b_answered &&
		    !sh->pi8_told,
		"RTP flows and A does not know");
	return NULL;
}

static const char *same_view(const struct shadow *sh, const struct call_ctx *after)
{
	FAIL_IF(sh->guard, NULL);
	FAIL_IF(after->a_open != sh->a_open || after->b_open != sh->b_open ||
		    after->media_open != sh->m_open,
		"the machine has forgotten what is open");
	return NULL;
}

const char *shadow_step(struct shadow *sh, const struct call_ctx *before,
			const struct call_event *ev, const struct call_actions *out,
			const struct call_ctx *after)
{
	struct shadow was = *sh;
	const char *rule;

	if (!other_way(sh, before, ev))
		heard(sh, before, ev);
	for (unsigned i = 0; i < out->count; i++) {
		rule = acted(sh, before, ev, &out->act[i], i + 1 == out->count);
		if (rule)
			return rule;
	}
	if (ev->type == CALL_EV_OFFER && count(out, CALL_ACT_OFFER_ANSWER))
		sh->our_offer_out = !ev->media.present;
	rule = ends_well(sh, after);
	if (!rule)
		rule = media_right(sh, after);
	if (!rule)
		rule = said_right(sh, &was, before, ev, out);
	return rule ? rule : same_view(sh, after);
}
