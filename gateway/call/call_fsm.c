/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/call/call_fsm.h"

#include <assert.h>

static_assert(CALL_EV_COUNT <= 64, "events must fit into a rule's mask");
static_assert(CALL_ST_COUNT <= 64, "states must fit into a rule's mask");
static_assert(CALL_TIMER_COUNT <= 8, "timers must fit into call_ctx.timers");

enum { PI_INBAND = CALL_PI_1 | CALL_PI_8 };

#define EV(x) (1ULL << CALL_EV_##x)
#define ST(x) (1ULL << CALL_ST_##x)

/* What ends a call in every state in which something is open. */
#define EV_ENDS	      (EV(CLEARING) | EV(GONE) | EV(OPERATOR_CLEAR))
#define EV_MEDIA_ENDS (EV(MEDIA_FAILED) | EV(MEDIA_GONE))
/* What B may say, and what media may see, until the answer. */
#define EV_BEFORE_ANSWER                                                                           \
	(EV(PROGRESS) | EV(ALERTING) | EV(ANSWER) | EV(CHANNEL) | EV(OFFER) | EV(EARLY_RTP) |      \
	 EV(TIMER))

/* clang-format off */
const struct call_fsm_rule call_fsm_rules[CALL_ST_COUNT] = {
	[CALL_ST_IDLE] = {"idle",
		.events = EV(SETUP),
		.successors = ST(ROUTING)},
	[CALL_ST_ROUTING] = {"routing",
		.events = EV(ROUTED) | EV(CHANNEL) | EV(OFFER) | EV_ENDS,
		.successors = ST(CALLING) | ST(CLEARING) | ST(DONE)},
	[CALL_ST_CALLING] = {"calling",
		.events = EV(PROCEEDING) | EV_BEFORE_ANSWER | EV_ENDS | EV_MEDIA_ENDS,
		.successors = ST(PROCEEDING) | ST(ALERTING) | ST(ACTIVE) | ST(CLEARING)},
	[CALL_ST_PROCEEDING] = {"proceeding",
		.events = EV(PROCEEDING) | EV_BEFORE_ANSWER | EV_ENDS | EV_MEDIA_ENDS,
		.successors = ST(ALERTING) | ST(ACTIVE) | ST(CLEARING)},
	[CALL_ST_ALERTING] = {"alerting",
		.events = EV_BEFORE_ANSWER | EV_ENDS | EV_MEDIA_ENDS,
		/* A 100 that UDP delivered after the 180 */
		.races = EV(PROCEEDING),
		.successors = ST(ACTIVE) | ST(CLEARING)},
	[CALL_ST_ACTIVE] = {"active",
		.events = EV(CONFIRMED) | EV(CHANNEL) | EV(OFFER) | EV_ENDS | EV_MEDIA_ENDS,
		/* Provisional responses and PROGRESS that the answer overtook; the first RTP of a
		 * call without early media; a limit that expired while the answer was queued. */
		.races = EV(PROCEEDING) | EV(PROGRESS) | EV(ALERTING) | EV(EARLY_RTP) | EV(TIMER),
		.successors = ST(CLEARING)},
	[CALL_ST_CLEARING] = {"clearing",
		.events = EV(CLEARING) | EV(GONE) | EV(ANSWER) | EV(MEDIA_GONE) | EV(TIMER),
		/* Everything that was under way when somebody hung up */
		.races = EV(ROUTED) | EV(CHANNEL) | EV(PROCEEDING) | EV(PROGRESS) | EV(ALERTING) |
			 EV(CONFIRMED) | EV(OFFER) | EV(EARLY_RTP) | EV(MEDIA_FAILED) |
			 EV(OPERATOR_CLEAR),
		.successors = ST(DONE)},
	[CALL_ST_DONE] = {"done"},
};

const struct call_timer_def call_timers[CALL_TIMER_COUNT] = {
	[CALL_TIMER_SETUP] = {"setup_guard", 140000,
		"leg B neither rings, progresses nor answers; a last resort behind the leg's own",
		"above Q.931 T303 4 s and T310 120 s, RFC 3261 Timer B 32 s"},
	[CALL_TIMER_RING] = {"ring_limit", 180000,
		"B rings, or only announces, without an answer",
		"Q.931 9.1 T301, at least 3 min"},
	[CALL_TIMER_CLEAR] = {"clear_guard", 60000,
		"after a hang-up everything must have ended by then",
		"above Q.931 T305 30 s + 2 x T308 4 s, RFC 3261 Timer F 32 s"},
};
/* clang-format on */

/* Who may post an event. */
enum origin { FROM_CALL, FROM_A, FROM_B, FROM_RTP_LEG, FROM_SLOT_LEG, FROM_LEG, FROM_MEDIA };

static const struct {
	const char *name;
	enum origin from;
} events[CALL_EV_COUNT] = {
    [CALL_EV_SETUP] = {"setup", FROM_CALL},
    [CALL_EV_ROUTED] = {"routed", FROM_CALL},
    [CALL_EV_CHANNEL] = {"channel", FROM_SLOT_LEG},
    [CALL_EV_PROCEEDING] = {"proceeding", FROM_B},
    [CALL_EV_PROGRESS] = {"progress", FROM_B},
    [CALL_EV_ALERTING] = {"alerting", FROM_B},
    [CALL_EV_ANSWER] = {"answer", FROM_B},
    [CALL_EV_CONFIRMED] = {"confirmed", FROM_LEG},
    [CALL_EV_OFFER] = {"offer", FROM_RTP_LEG},
    [CALL_EV_CLEARING] = {"clearing", FROM_LEG},
    [CALL_EV_GONE] = {"gone", FROM_LEG},
    [CALL_EV_EARLY_RTP] = {"early_rtp", FROM_MEDIA},
    [CALL_EV_MEDIA_GONE] = {"media_gone", FROM_MEDIA},
    [CALL_EV_MEDIA_FAILED] = {"media_failed", FROM_MEDIA},
    [CALL_EV_TIMER] = {"timer", FROM_CALL},
    [CALL_EV_OPERATOR_CLEAR] = {"operator_clear", FROM_CALL},
};

static const char *const action_names[CALL_ACT_COUNT] = {
    [CALL_ACT_ROUTE] = "route",
    [CALL_ACT_MEDIA_OPEN] = "media_open",
    [CALL_ACT_MEDIA_SET] = "media_set",
    [CALL_ACT_MEDIA_CLOSE] = "media_close",
    [CALL_ACT_OPEN_B] = "open_b",
    [CALL_ACT_A_PROCEED] = "a_proceed",
    [CALL_ACT_A_PROGRESS] = "a_progress",
    [CALL_ACT_A_ALERT] = "a_alert",
    [CALL_ACT_A_ANSWER] = "a_answer",
    [CALL_ACT_OFFER_ANSWER] = "offer_answer",
    [CALL_ACT_OFFER_REFUSE] = "offer_refuse",
    [CALL_ACT_CLEAR] = "clear",
    [CALL_ACT_TIMER_START] = "timer_start",
    [CALL_ACT_TIMER_STOP] = "timer_stop",
    [CALL_ACT_RECORD] = "record",
    [CALL_ACT_FREE] = "free",
    [CALL_ACT_COUNT_UNEXPECTED] = "count_unexpected",
};

const char *call_state_name(unsigned state)
{
	return state < CALL_ST_COUNT ? call_fsm_rules[state].name : "?";
}

const char *call_event_name(unsigned type)
{
	return type < CALL_EV_COUNT ? events[type].name : "?";
}

const char *call_action_name(unsigned type)
{
	return type < CALL_ACT_COUNT ? action_names[type] : "?";
}

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
static void refresh_media(struct step *s, bool renewed, uint8_t relatch)
{
	uint8_t flags = media_wanted(&s->c);

	if (flags == s->c.media_flags && !(renewed && flags))
		return;
	act(s, CALL_ACT_MEDIA_SET)->media_flags = flags | relatch;
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

static void start_clearing(struct step *s, struct call_cause for_a, struct call_cause for_b)
{
	stop_timer(s, CALL_TIMER_SETUP);
	stop_timer(s, CALL_TIMER_RING);
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
	if (s->c.media_open)
		act(s, CALL_ACT_MEDIA_CLOSE);
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
	if (rings || !timer_runs(s, CALL_TIMER_RING))
		start_timer(s, CALL_TIMER_RING);
}

/* B's timeslot carries something to hear (Q.931 4.5.23, PI 1 and 8), and A can be given media:
 * RFC 3261 13.2.1 allows no offer of ours in an unreliable 18x, so it must have made one. */
static bool slot_to_hear(const struct step *s)
{
	return s->c.rtp_side == CALL_SIDE_A && s->c.remote_known && s->ev->pi & PI_INBAND;
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
	} else {
		s->c.inband_told |= slot_to_hear(s);
		media = s->c.inband_told;
	}
	refresh_media(s, s->ev->media.present, 0);
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
	b_alive(s, false);
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
		refresh_media(s, s->ev->media.present, 0);
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
	refresh_media(s, s->ev->media.present, 0);
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
	s->c.state = CALL_ST_ACTIVE;
	s->c.answered = true;
	s->c.ringback_on = false;
	s->c.answer_due = s->c.rtp_side == CALL_SIDE_A && !s->c.remote_known;
	/* Media first, so that the first word is not lost. */
	refresh_media(s, s->ev->media.present, 0);
	act(s, CALL_ACT_A_ANSWER)->with_media = s->c.rtp_side == CALL_SIDE_A;
}

/* The first RTP of the called side: cut through for good. */
static void on_early_rtp(struct step *s)
{
	s->c.early_rtp = true;
	s->c.ringback_on = false;
	refresh_media(s, false, 0);
	tell_rtp_flows(s);
}

static void on_channel(struct step *s)
{
	s->c.channel_known = true;
	refresh_media(s, true, 0);
}

static void limit_expired(struct step *s)
{
	struct call_cause for_b = own_cause(CAUSE_TIMER_EXPIRY);

	if (s->ev->timer == CALL_TIMER_RING) {
		/* Q.931 5.2.5.3, T301: 19 to the caller, 102 to who did not answer */
		for_b.diagnostic_timer = true;
		start_clearing(s, own_cause(CAUSE_NO_ANSWER), for_b);
	} else {
		start_clearing(s, own_cause(CAUSE_TIMER_EXPIRY), for_b);
	}
}

static void refuse_offer(struct step *s)
{
	act(s, CALL_ACT_OFFER_REFUSE)->side = s->ev->side;
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

static void on_routing(struct step *s)
{
	switch (s->ev->type) {
	case CALL_EV_ROUTED:
		if (s->ev->cause.value) {
			start_clearing(s, s->ev->cause, s->ev->cause);
			break;
		}
		act(s, CALL_ACT_A_PROCEED);
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

static void on_alerting(struct step *s)
{
	before_answer(s);
}

/* A new description in the middle of a call (hold, another address). */
static void on_offer(struct step *s)
{
	if (s->c.answer_due) { /* ours is still open */
		refuse_offer(s);
		return;
	}
	act(s, CALL_ACT_OFFER_ANSWER)->side = s->ev->side;
	if (s->ev->media.present)
		refresh_media(s, true, CALL_MEDIA_RELATCH);
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
		refresh_media(s, true, CALL_MEDIA_RELATCH);
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

static void on_clearing(struct step *s)
{
	switch (s->ev->type) {
	case CALL_EV_CLEARING: /* both hung up: the leg still waits for our clear() */
		clear_leg(s, s->ev->side, cause_of(s, CAUSE_NORMAL));
		return;
	case CALL_EV_ANSWER: /* RFC 3261 9.1: 2xx crossed our CANCEL; CONNECT our DISCONNECT */
		clear_leg(s, CALL_SIDE_B, own_cause(CAUSE_NORMAL));
		return;
	case CALL_EV_GONE:
		leg_gone(s);
		break;
	case CALL_EV_MEDIA_GONE:
		s->c.media_open = false;
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
	switch (events[ev->type].from) {
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

struct call_ctx call_fsm_start(enum call_side rtp_side, enum call_ringback ringback)
{
	return (struct call_ctx){.state = CALL_ST_IDLE, .rtp_side = rtp_side, .ringback = ringback};
}

struct call_ctx call_fsm_next(const struct call_ctx *ctx, const struct call_event *ev,
			      struct call_actions *out)
{
	static void (*const on_state[CALL_ST_COUNT])(struct step *) = {
	    [CALL_ST_IDLE] = on_idle,	      [CALL_ST_ROUTING] = on_routing,
	    [CALL_ST_CALLING] = on_calling,   [CALL_ST_PROCEEDING] = on_proceeding,
	    [CALL_ST_ALERTING] = on_alerting, [CALL_ST_ACTIVE] = on_active,
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
