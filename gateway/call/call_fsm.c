/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/call/call_fsm.h"

#include <assert.h>

enum { PI_INBAND = CALL_PI_1 | CALL_PI_8 };

/* Who may post an event. */
enum origin { FROM_CALL, FROM_A, FROM_B, FROM_RTP_LEG, FROM_SLOT_LEG, FROM_LEG, FROM_MEDIA };

static const uint8_t origins[CALL_EV_COUNT] = {
    [CALL_EV_SETUP] = FROM_CALL,       [CALL_EV_ROUTE_WAITS] = FROM_CALL,
    [CALL_EV_ROUTED] = FROM_CALL,
    [CALL_EV_CHANNEL] = FROM_SLOT_LEG, [CALL_EV_PROCEEDING] = FROM_B,
    [CALL_EV_PROGRESS] = FROM_B,       [CALL_EV_ALERTING] = FROM_B,
    [CALL_EV_ANSWER] = FROM_B,	       [CALL_EV_CONFIRMED] = FROM_LEG,
    [CALL_EV_OFFER] = FROM_RTP_LEG,    [CALL_EV_CLEARING] = FROM_LEG,
    [CALL_EV_GONE] = FROM_LEG,	       [CALL_EV_EARLY_RTP] = FROM_MEDIA,
    [CALL_EV_MEDIA_GONE] = FROM_MEDIA, [CALL_EV_MEDIA_FAILED] = FROM_MEDIA,
    [CALL_EV_TIMER] = FROM_CALL,       [CALL_EV_OPERATOR_CLEAR] = FROM_CALL,
};

/* One step on its way: the context as it becomes, and the actions so far. */
struct step {
	struct call_ctx c;
	const struct call_event *ev;
	struct call_actions *out;
};

static struct call_action *act(struct step *s, enum call_action_type type)
{
	struct call_action *a = &s->out->act[s->out->count];

	/* The walk over every context proves that no step makes that many. */
	assert(s->out->count < CALL_ACTIONS_MAX);
	s->out->count++;
	*a = (struct call_action){.type = type};
	return a;
}

static void start_timer(struct step *s, enum call_timer timer)
{
	act(s, CALL_ACT_TIMER_START)->timer = timer;
	s->c.timers |= (uint8_t)(1u << timer);
}

static void stop_timer(struct step *s, enum call_timer timer)
{
	if (!(s->c.timers & 1u << timer))
		return;
	act(s, CALL_ACT_TIMER_STOP)->timer = timer;
	s->c.timers &= (uint8_t) ~(1u << timer);
}

static bool timer_runs(const struct step *s, enum call_timer timer)
{
	return s->c.timers & 1u << timer;
}

/* A cause of our own making. */
static struct call_cause own_cause(uint8_t value)
{
	return (struct call_cause){.value = value, .location = CALL_LOC_PRIVATE_LOCAL};
}

/* The event's cause, made whole: a hang-up without a cause is a normal one. */
static struct call_cause cause_of(const struct step *s, uint8_t when_none)
{
	struct call_cause cause = s->ev->cause;

	if (cause.value == 0) {
		cause.value = when_none;
		cause.location = CALL_LOC_PRIVATE_LOCAL;
	}
	return cause;
}

/* ---- media ---- */

static uint8_t media_wanted(const struct call_ctx *c)
{
	uint8_t flags = 0;

	if (!c->media_open || !c->channel_known)
		return 0;
	if (c->remote_known) {
		flags |= CALL_MEDIA_RECEIVE;
		/* RFC 3261 13.3.1.1: a caller who was sent no description expects no media. */
		if (c->answered || c->rtp_side == CALL_SIDE_B || c->inband_told)
			flags |= CALL_MEDIA_SEND;
	}
	if (c->ringback_on)
		flags |= CALL_MEDIA_RINGBACK;
	return flags;
}

/* Brings the session to what the context wants. renewed: the channel or the other end's
 * description is new, so it has to be told also when the flags stay. */
static void refresh_media(struct step *s, bool renewed)
{
	uint8_t flags = media_wanted(&s->c);

	if (flags == s->c.media_flags && !(renewed && flags))
		return;
	act(s, CALL_ACT_MEDIA_SET)->media_flags = flags;
	s->c.media_flags = flags;
}

static void b_media(struct step *s)
{
	if (s->c.rtp_side == CALL_SIDE_B && s->ev->media.present)
		s->c.remote_known = true;
}

/* ---- the end of a call ---- */

static void finish(struct step *s)
{
	for (unsigned t = 0; t < CALL_TIMER_COUNT; t++)
		stop_timer(s, t);
	s->c.state = CALL_ST_DONE;
	act(s, CALL_ACT_RECORD);
	act(s, CALL_ACT_FREE);
}

static bool anything_open(const struct call_ctx *c)
{
	return c->a_open || c->b_open || c->media_open;
}

static void clear_leg(struct step *s, enum call_side side, struct call_cause cause)
{
	struct call_action *a;

	if (side == CALL_SIDE_A ? !s->c.a_open : !s->c.b_open)
		return;
	a = act(s, CALL_ACT_CLEAR);
	a->side = side;
	a->cause = cause;
}

static void close_media(struct step *s)
{
	s->c.tone_on = false;
	s->c.media_flags = 0;
	if (s->c.media_open)
		act(s, CALL_ACT_MEDIA_CLOSE);
}

static void start_clearing(struct step *s, struct call_cause for_a, struct call_cause for_b)
{
	stop_timer(s, CALL_TIMER_SETUP);
	stop_timer(s, CALL_TIMER_RING);
	stop_timer(s, CALL_TIMER_ANNOUNCE);
	s->c.ringback_on = false;
	s->c.answer_due = false;
	s->c.media_flags = 0;
	if (!anything_open(&s->c)) {
		finish(s);
		return;
	}
	s->c.state = CALL_ST_CLEARING;
	clear_leg(s, CALL_SIDE_A, for_a);
	clear_leg(s, CALL_SIDE_B, for_b);
	close_media(s);
	start_timer(s, CALL_TIMER_CLEAR);
}

/* The call fails before the answer, and it is not A who ends it. Q.931 5.3.4.1: A's channel is kept
 * and carries a tone until A's side hangs up, or the leg's T306 does. */
static void fail(struct step *s, struct call_cause for_a, struct call_cause for_b)
{
	struct call_action *a;

	s->c.tone_on = s->c.failure_tone && s->c.rtp_side == CALL_SIDE_B && s->c.a_open &&
		       s->c.media_open && s->c.channel_known && s->c.state != CALL_ST_REROUTING;
	if (!s->c.tone_on) {
		start_clearing(s, for_a, for_b);
		return;
	}
	stop_timer(s, CALL_TIMER_SETUP);
	stop_timer(s, CALL_TIMER_RING);
	s->c.ringback_on = false;
	s->c.state = CALL_ST_CLEARING;
	clear_leg(s, CALL_SIDE_B, for_b);
	a = act(s, CALL_ACT_CLEAR);
	a->side = CALL_SIDE_A;
	a->cause = for_a;
	a->pi = CALL_PI_8;
	s->c.media_flags = CALL_MEDIA_TONE;
	act(s, CALL_ACT_MEDIA_SET)->media_flags = CALL_MEDIA_TONE;
	start_timer(s, CALL_TIMER_CLEAR);
}

static void leg_gone(struct step *s)
{
	if (s->ev->side == CALL_SIDE_A)
		s->c.a_open = false;
	else
		s->c.b_open = false;
}

/* The events that end a call the same way wherever it is. */
static void hang_up(struct step *s)
{
	struct call_cause cause;

	switch (s->ev->type) {
	case CALL_EV_CLEARING:
	case CALL_EV_GONE:
		cause = cause_of(s, s->c.answered || s->ev->side == CALL_SIDE_A
					? CAUSE_NORMAL
					: CAUSE_NORMAL_UNSPECIFIED);
		if (s->ev->type == CALL_EV_GONE)
			leg_gone(s);
		if (s->ev->side == CALL_SIDE_B && !s->c.answered)
			fail(s, cause, cause);
		else
			start_clearing(s, cause, cause);
		break;
	case CALL_EV_MEDIA_GONE:
	case CALL_EV_MEDIA_FAILED:
		if (s->ev->type == CALL_EV_MEDIA_GONE)
			s->c.media_open = false;
		cause = cause_of(s, CAUSE_TEMPORARY_FAILURE);
		start_clearing(s, cause, cause);
		break;
	case CALL_EV_OPERATOR_CLEAR:
		cause = cause_of(s, CAUSE_NORMAL);
		start_clearing(s, cause, cause);
		break;
	default:
		break;
	}
}

/* ---- what B says before the answer ---- */

/* B is alive: its own limit ends and the ring limit begins. Q.931 5.1.7: T301 starts (again) with
 * ALERTING; PROGRESS stops T310, so that something of ours must run then. */
static void b_alive(struct step *s, bool rings)
{
	stop_timer(s, CALL_TIMER_SETUP);
	if (rings)
		stop_timer(s, CALL_TIMER_ANNOUNCE);
	if (rings || !(timer_runs(s, CALL_TIMER_RING) || timer_runs(s, CALL_TIMER_ANNOUNCE)))
		start_timer(s, CALL_TIMER_RING);
}

/* PROGRESS with a cause (RFC 4497 8.3.3): the call fails, and B's network says so by voice. */
static bool says_failure(const struct step *s)
{
	return s->ev->type == CALL_EV_PROGRESS && s->ev->cause.value &&
	       s->c.rtp_side == CALL_SIDE_A;
}

/* B's timeslot carries something to hear (Q.931 4.5.23, PI 1 and 8), and A can be given media:
 * RFC 3261 13.2.1 allows no offer of ours in an unreliable 18x, so it must have made one. */
static bool slot_to_hear(const struct step *s)
{
	return s->c.rtp_side == CALL_SIDE_A && s->c.remote_known &&
	       (s->ev->pi & PI_INBAND || says_failure(s));
}

/* A is told by PROGRESS. RFC 4497 8.3.4/8.3.5: 183 with SDP is PI 8, and the other way round. */
static void tell_progress(struct step *s)
{
	struct call_action *a;
	uint8_t pi = s->ev->pi;
	bool media = false;

	if (s->c.rtp_side == CALL_SIDE_B) {
		/* With `never`, PI 8 waits until RTP really flows: on_early_rtp(). */
		bool inband = s->c.early_rtp ||
			      (s->ev->media.present && s->c.ringback != CALL_RINGBACK_NEVER);

		pi = inband && !s->c.inband_told ? CALL_PI_8 : 0;
		s->c.inband_told |= inband;
		/* RFC 4497 8.2.1.3: what is no ISDN tells nothing more, and the peer's T310 stops.
		 */
		if (!s->c.inband_told && !s->c.interworking_told &&
		    s->c.state != CALL_ST_ALERTING) {
			pi = CALL_PI_1;
			s->c.interworking_told = true;
		}
	} else {
		s->c.inband_told |= slot_to_hear(s);
		media = s->c.inband_told;
	}
	refresh_media(s, s->ev->media.present);
	a = act(s, CALL_ACT_A_PROGRESS);
	a->pi = pi;
	a->with_media = media;
}

/* RTP flows and A does not know yet that there is something to hear. */
static void tell_rtp_flows(struct step *s)
{
	if (!s->c.early_rtp || s->c.rtp_side != CALL_SIDE_B || !s->c.remote_known ||
	    s->c.inband_told)
		return;
	s->c.inband_told = true;
	act(s, CALL_ACT_A_PROGRESS)->pi = CALL_PI_8;
}

static void b_proceeding(struct step *s)
{
	/* Many exchanges announce in-band information on CALL PROCEEDING. */
	if (slot_to_hear(s))
		tell_progress(s);
	s->c.state = CALL_ST_PROCEEDING;
}

static void b_progress(struct step *s)
{
	b_media(s);
	if (says_failure(s) && s->c.state != CALL_ST_ALERTING) {
		stop_timer(s, CALL_TIMER_SETUP);
		stop_timer(s, CALL_TIMER_RING);
		if (!timer_runs(s, CALL_TIMER_ANNOUNCE))
			start_timer(s, CALL_TIMER_ANNOUNCE);
	} else {
		b_alive(s, false);
	}
	tell_progress(s);
	if (s->c.state == CALL_ST_CALLING)
		s->c.state = CALL_ST_PROCEEDING;
}

static void b_alerting(struct step *s)
{
	struct call_action *a;
	uint8_t pi = s->ev->pi;
	bool media = false;

	b_media(s);
	if (s->c.state == CALL_ST_ALERTING) { /* another 180: maybe its first, or a new, SDP */
		refresh_media(s, s->ev->media.present);
		tell_rtp_flows(s);
		return;
	}
	b_alive(s, true);
	s->c.state = CALL_ST_ALERTING;
	if (s->c.rtp_side == CALL_SIDE_B) {
		bool local = s->c.ringback == CALL_RINGBACK_LOCAL;

		s->c.ringback_on = local && !s->c.early_rtp;
		pi = local || s->c.early_rtp ? CALL_PI_8 : 0;
		/* ALERTING without it takes an earlier PI 8 back: say it again when RTP flows. */
		s->c.inband_told = pi != 0;
	} else {
		s->c.inband_told |= slot_to_hear(s);
		media = s->c.inband_told;
	}
	refresh_media(s, s->ev->media.present);
	a = act(s, CALL_ACT_A_ALERT);
	a->pi = pi;
	a->with_media = media;
}

static void b_answer(struct step *s)
{
	b_media(s);
	if (s->c.rtp_side == CALL_SIDE_B && !s->c.remote_known) {
		/* A 2xx without a usable answer to our offer: nobody would hear anything. */
		start_clearing(s, own_cause(CAUSE_INCOMPATIBLE), own_cause(CAUSE_INCOMPATIBLE));
		return;
	}
	stop_timer(s, CALL_TIMER_SETUP);
	stop_timer(s, CALL_TIMER_RING);
	stop_timer(s, CALL_TIMER_ANNOUNCE);
	s->c.state = CALL_ST_ACTIVE;
	s->c.answered = true;
	s->c.ringback_on = false;
	s->c.answer_due = s->c.rtp_side == CALL_SIDE_A && !s->c.remote_known;
	/* Media first, so that the first word is not lost. */
	refresh_media(s, s->ev->media.present);
	act(s, CALL_ACT_A_ANSWER)->with_media = s->c.rtp_side == CALL_SIDE_A;
}

/* The first RTP of the called side: cut through for good. */
static void on_early_rtp(struct step *s)
{
	s->c.early_rtp = true;
	s->c.ringback_on = false;
	refresh_media(s, false);
	tell_rtp_flows(s);
}

static void on_channel(struct step *s)
{
	s->c.channel_known = true;
	refresh_media(s, true);
}

/* B told why before it fell silent: that is what A gets. B is released. */
static void announcement_over(struct step *s)
{
	start_clearing(s, (struct call_cause){0}, own_cause(CAUSE_NORMAL));
}

static void limit_expired(struct step *s)
{
	struct call_cause for_b = own_cause(CAUSE_TIMER_EXPIRY);

	if (s->ev->timer == CALL_TIMER_ANNOUNCE) {
		announcement_over(s);
	} else if (s->ev->timer == CALL_TIMER_RING) {
		/* Q.931 5.2.5.3, T301: 19 to the caller, 102 to who did not answer */
		for_b.diagnostic_timer = true;
		fail(s, own_cause(CAUSE_NO_ANSWER), for_b);
	} else {
		fail(s, own_cause(CAUSE_TIMER_EXPIRY), for_b);
	}
}

/* DISCONNECT with PI 8 from B, and A can hear it: B's channel is kept. Its leg waits for our
 * clear() or for the peer's RELEASE, whichever comes first. */
static bool announces(const struct step *s)
{
	return s->ev->type == CALL_EV_CLEARING && s->ev->side == CALL_SIDE_B &&
	       s->ev->pi & CALL_PI_8 && slot_to_hear(s) && s->c.channel_known;
}

static void start_announcement(struct step *s)
{
	stop_timer(s, CALL_TIMER_SETUP);
	stop_timer(s, CALL_TIMER_RING);
	if (!timer_runs(s, CALL_TIMER_ANNOUNCE))
		start_timer(s, CALL_TIMER_ANNOUNCE);
	if (!s->c.inband_told)
		tell_progress(s);
	s->c.state = CALL_ST_ANNOUNCING;
}

static void refuse_offer(struct step *s)
{
	act(s, CALL_ACT_OFFER_REFUSE)->side = s->ev->side;
}

/* ---- another way ---- */

/* Leg B, and its media when its voice is RTP (another trunk has other sockets), must have ended. */
static void open_next_way(struct step *s)
{
	if (s->c.b_open || (s->c.rtp_side == CALL_SIDE_B && s->c.media_open)) {
		s->c.state = CALL_ST_REROUTING;
		return;
	}
	act(s, CALL_ACT_NEXT_WAY);
	if (!s->c.media_open)
		act(s, CALL_ACT_MEDIA_OPEN);
	act(s, CALL_ACT_OPEN_B);
	s->c.media_open = true;
	s->c.b_open = true;
	s->c.state = CALL_ST_CALLING;
}

static bool reroutes(const struct step *s)
{
	return s->ev->reroute && s->ev->side == CALL_SIDE_B &&
	       (s->ev->type == CALL_EV_CLEARING || s->ev->type == CALL_EV_GONE) &&
	       (s->c.state == CALL_ST_CALLING || s->c.state == CALL_ST_PROCEEDING);
}

/* A hears nothing of it: RFC 4497 8.4.1 note 2, RFC 3398 7.2.4.1. */
static void reroute(struct step *s)
{
	stop_timer(s, CALL_TIMER_RING);
	stop_timer(s, CALL_TIMER_ANNOUNCE);
	start_timer(s, CALL_TIMER_SETUP);
	s->c.early_rtp = false;
	if (s->ev->type == CALL_EV_GONE)
		leg_gone(s);
	else
		clear_leg(s, CALL_SIDE_B, cause_of(s, CAUSE_NORMAL));
	if (s->c.rtp_side == CALL_SIDE_B) {
		s->c.remote_known = false;
		close_media(s);
	} else {
		s->c.channel_known = false;
		refresh_media(s, false);
	}
	open_next_way(s);
}

static void on_rerouting(struct step *s)
{
	bool b_media = s->c.rtp_side == CALL_SIDE_B, b_says = s->ev->side == CALL_SIDE_B;

	if (s->ev->type == CALL_EV_GONE && b_says) {
		leg_gone(s);
		open_next_way(s);
	} else if (s->ev->type == CALL_EV_MEDIA_GONE && b_media) {
		s->c.media_open = false;
		open_next_way(s);
	} else if (s->ev->type == CALL_EV_ANSWER || (s->ev->type == CALL_EV_CLEARING && b_says)) {
		clear_leg(s, CALL_SIDE_B, cause_of(s, CAUSE_NORMAL));
	} else if (s->ev->type == CALL_EV_OFFER) {
		refuse_offer(s);
	} else if (s->ev->type == CALL_EV_TIMER) {
		limit_expired(s);
	} else if (s->ev->type != CALL_EV_MEDIA_FAILED || !b_media) {
		hang_up(s);
	}
}

/* CALLING, PROCEEDING and ALERTING differ in what B may still say; this is the common part. */
static void before_answer(struct step *s)
{
	switch (s->ev->type) {
	case CALL_EV_PROGRESS:
		b_progress(s);
		break;
	case CALL_EV_ALERTING:
		b_alerting(s);
		break;
	case CALL_EV_ANSWER:
		b_answer(s);
		break;
	case CALL_EV_CHANNEL:
		on_channel(s);
		break;
	case CALL_EV_OFFER: /* an UPDATE in an early dialog */
		refuse_offer(s);
		break;
	case CALL_EV_EARLY_RTP:
		on_early_rtp(s);
		break;
	case CALL_EV_TIMER:
		limit_expired(s);
		break;
	default:
		if (reroutes(s))
			reroute(s);
		else if (announces(s))
			start_announcement(s);
		else
			hang_up(s);
		break;
	}
}

/* ---- the states ---- */

static void on_idle(struct step *s)
{
	s->c.a_open = true;
	s->c.remote_known = s->c.rtp_side == CALL_SIDE_A && s->ev->media.present;
	s->c.state = CALL_ST_ROUTING;
	act(s, CALL_ACT_ROUTE);
}

/* Q.931 5.1.5.1, 5.2.5.1: the number is complete, and A's T303 ends. */
static void proceed(struct step *s)
{
	if (!s->c.proceeded)
		act(s, CALL_ACT_A_PROCEED);
	s->c.proceeded = true;
}

static void on_routing(struct step *s)
{
	switch (s->ev->type) {
	case CALL_EV_ROUTE_WAITS:
		proceed(s);
		break;
	case CALL_EV_ROUTED:
		if (s->ev->cause.value) {
			start_clearing(s, s->ev->cause, s->ev->cause);
			break;
		}
		proceed(s);
		act(s, CALL_ACT_MEDIA_OPEN);
		act(s, CALL_ACT_OPEN_B);
		s->c.media_open = true;
		s->c.b_open = true;
		s->c.state = CALL_ST_CALLING;
		start_timer(s, CALL_TIMER_SETUP);
		break;
	case CALL_EV_CHANNEL:
		s->c.channel_known = true;
		break;
	case CALL_EV_OFFER:
		refuse_offer(s);
		break;
	default:
		hang_up(s);
		break;
	}
}

static void on_calling(struct step *s)
{
	if (s->ev->type == CALL_EV_PROCEEDING)
		b_proceeding(s);
	else
		before_answer(s);
}

static void on_proceeding(struct step *s)
{
	if (s->ev->type == CALL_EV_PROCEEDING)
		b_proceeding(s);
	else
		before_answer(s);
}

/* A new description in the middle of a call (hold, another address). */
static void on_offer(struct step *s)
{
	if (s->c.answer_due || s->ev->unusable) { /* ours is still open; or nothing in it for us */
		refuse_offer(s);
		return;
	}
	act(s, CALL_ACT_OFFER_ANSWER)->side = s->ev->side;
	if (s->ev->media.present)
		refresh_media(s, true);
	else
		s->c.answer_due = true;
}

static void on_confirmed(struct step *s)
{
	if (!s->c.answer_due || s->ev->side != s->c.rtp_side)
		return;
	s->c.answer_due = false;
	if (s->ev->media.present) {
		s->c.remote_known = true;
		refresh_media(s, true);
	} else if (!s->c.remote_known) {
		/* RFC 3261 13.2.2.4: the ACK must answer an offer in the 2xx. */
		start_clearing(s, own_cause(CAUSE_INCOMPATIBLE), own_cause(CAUSE_INCOMPATIBLE));
	}
}

static void on_active(struct step *s)
{
	switch (s->ev->type) {
	case CALL_EV_CONFIRMED:
		on_confirmed(s);
		break;
	case CALL_EV_CHANNEL:
		on_channel(s);
		break;
	case CALL_EV_OFFER:
		on_offer(s);
		break;
	default:
		hang_up(s);
		break;
	}
}

/* A hangs up, or has to: the tone ends. */
static void end_tone(struct step *s)
{
	if (s->c.tone_on)
		close_media(s);
}

static void on_clearing(struct step *s)
{
	switch (s->ev->type) {
	case CALL_EV_CLEARING: /* both hung up: the leg still waits for our clear() */
		clear_leg(s, s->ev->side, cause_of(s, CAUSE_NORMAL));
		if (s->ev->side == CALL_SIDE_A)
			end_tone(s);
		return;
	case CALL_EV_OPERATOR_CLEAR:
	case CALL_EV_MEDIA_FAILED:
		if (s->c.tone_on)
			clear_leg(s, CALL_SIDE_A, cause_of(s, CAUSE_NORMAL));
		end_tone(s);
		return;
	case CALL_EV_ANSWER: /* RFC 3261 9.1: 2xx crossed our CANCEL; CONNECT our DISCONNECT */
		clear_leg(s, CALL_SIDE_B, own_cause(CAUSE_NORMAL));
		return;
	case CALL_EV_GONE:
		leg_gone(s);
		if (s->ev->side == CALL_SIDE_A)
			end_tone(s);
		break;
	case CALL_EV_MEDIA_GONE:
		s->c.media_open = false;
		if (s->c.tone_on) /* nothing to hear any more */
			clear_leg(s, CALL_SIDE_A, cause_of(s, CAUSE_TEMPORARY_FAILURE));
		s->c.tone_on = false;
		break;
	case CALL_EV_TIMER: /* the guard: whatever is still open has broken its promise */
		s->c.a_open = s->c.b_open = s->c.media_open = false;
		break;
	default:
		return;
	}
	if (!anything_open(&s->c))
		finish(s);
}

/* ---- the step ---- */

static bool side_open(const struct call_ctx *c, uint8_t side)
{
	return side == CALL_SIDE_A ? c->a_open : side == CALL_SIDE_B && c->b_open;
}

/* Could whoever posts this event have posted it? */
static bool may_come(const struct call_ctx *c, const struct call_event *ev)
{
	switch (origins[ev->type]) {
	case FROM_CALL:
		return true;
	case FROM_A:
		return ev->side == CALL_SIDE_A && c->a_open;
	case FROM_B:
		return ev->side == CALL_SIDE_B && c->b_open;
	case FROM_RTP_LEG:
		return (uint8_t)ev->side == c->rtp_side && side_open(c, ev->side);
	case FROM_SLOT_LEG:
		return (uint8_t)ev->side != c->rtp_side && side_open(c, ev->side);
	case FROM_LEG:
		return side_open(c, ev->side);
	case FROM_MEDIA:
		return c->media_open;
	}
	return false;
}

struct call_ctx call_fsm_start(enum call_side rtp_side, enum call_ringback ringback,
			       bool failure_tone)
{
	return (struct call_ctx){.state = CALL_ST_IDLE,
				 .rtp_side = rtp_side,
				 .ringback = ringback,
				 .failure_tone = failure_tone};
}

struct call_ctx call_fsm_next(const struct call_ctx *ctx, const struct call_event *ev,
			      struct call_actions *out)
{
	static void (*const on_state[CALL_ST_COUNT])(struct step *) = {
	    [CALL_ST_IDLE] = on_idle,		[CALL_ST_ROUTING] = on_routing,
	    [CALL_ST_CALLING] = on_calling,	[CALL_ST_PROCEEDING] = on_proceeding,
	    [CALL_ST_ALERTING] = before_answer, [CALL_ST_ANNOUNCING] = before_answer,
	    [CALL_ST_REROUTING] = on_rerouting, [CALL_ST_ACTIVE] = on_active,
	    [CALL_ST_CLEARING] = on_clearing,
	};
	struct step s = {.c = *ctx, .ev = ev, .out = out};
	uint64_t bit = (unsigned)ev->type < CALL_EV_COUNT ? 1ULL << ev->type : 0;
	const struct call_fsm_rule *rule = &call_fsm_rules[ctx->state];

	out->count = 0;
	if (!((rule->events | rule->races) & bit) || !may_come(ctx, ev)) {
		act(&s, CALL_ACT_COUNT_UNEXPECTED);
		return s.c;
	}
	if (rule->races & bit)
		return s.c;
	if (ev->type == CALL_EV_TIMER) {
		/* It expired while the event that stopped it was queued. */
		if ((unsigned)ev->timer >= CALL_TIMER_COUNT || !timer_runs(&s, ev->timer))
			return s.c;
		s.c.timers &= (uint8_t) ~(1u << ev->timer);
	}
	on_state[ctx->state](&s);
	return s.c;
}
