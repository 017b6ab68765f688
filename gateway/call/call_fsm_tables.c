/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the call machine declares of itself: states, events, limits, names. */
#include "gateway/call/call_fsm.h"

#include <assert.h>

static_assert(CALL_EV_COUNT <= 64, "events must fit into a rule's mask");
static_assert(CALL_ST_COUNT <= 64, "states must fit into a rule's mask");
static_assert(CALL_TIMER_COUNT <= 8, "timers must fit into call_ctx.timers");

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
		.events = EV(ROUTE_WAITS) | EV(ROUTED) | EV(CHANNEL) | EV(OFFER) | EV_ENDS,
		.successors = ST(CALLING) | ST(CLEARING) | ST(DONE)},
	[CALL_ST_CALLING] = {"calling",
		.events = EV(PROCEEDING) | EV_BEFORE_ANSWER | EV_ENDS | EV_MEDIA_ENDS,
		.successors = ST(PROCEEDING) | ST(ALERTING) | ST(ANNOUNCING) | ST(REROUTING) | ST(ACTIVE) |
			      ST(CLEARING)},
	[CALL_ST_PROCEEDING] = {"proceeding",
		.events = EV(PROCEEDING) | EV_BEFORE_ANSWER | EV_ENDS | EV_MEDIA_ENDS,
		.successors = ST(CALLING) | ST(ALERTING) | ST(ANNOUNCING) | ST(REROUTING) |
			      ST(ACTIVE) | ST(CLEARING)},
	[CALL_ST_ALERTING] = {"alerting",
		.events = EV_BEFORE_ANSWER | EV_ENDS | EV_MEDIA_ENDS,
		/* A 100 that UDP delivered after the 180 */
		.races = EV(PROCEEDING),
		.successors = ST(ANNOUNCING) | ST(ACTIVE) | ST(CLEARING)},
	[CALL_ST_ANNOUNCING] = {"announcing",
		.events = EV(CHANNEL) | EV(OFFER) | EV(TIMER) | EV(EARLY_RTP) | EV_ENDS |
			  EV_MEDIA_ENDS,
		/* What B's network sent before it hung up, and what it must not send after it */
		.races = EV(PROCEEDING) | EV(PROGRESS) | EV(ALERTING) | EV(ANSWER),
		.successors = ST(CLEARING)},
	[CALL_ST_REROUTING] = {"rerouting",
		.events = EV(OFFER) | EV(ANSWER) | EV(TIMER) | EV_ENDS | EV_MEDIA_ENDS,
		/* What B said before it failed, and what its audio still brings */
		.races = EV(PROCEEDING) | EV(PROGRESS) | EV(ALERTING) | EV(CHANNEL) | EV(EARLY_RTP),
		.successors = ST(CALLING) | ST(CLEARING)},
	[CALL_ST_ACTIVE] = {"active",
		.events = EV(CONFIRMED) | EV(CHANNEL) | EV(OFFER) | EV_ENDS | EV_MEDIA_ENDS,
		/* Provisional responses and PROGRESS that the answer overtook; the first RTP of a
		 * call without early media; a limit that expired while the answer was queued. */
		.races = EV(PROCEEDING) | EV(PROGRESS) | EV(ALERTING) | EV(EARLY_RTP) | EV(TIMER),
		.successors = ST(CLEARING)},
	[CALL_ST_CLEARING] = {"clearing",
		.events = EV(CLEARING) | EV(GONE) | EV(ANSWER) | EV_MEDIA_ENDS | EV(TIMER) |
			  EV(OPERATOR_CLEAR),
		/* Everything that was under way when somebody hung up */
		.races = EV(ROUTE_WAITS) | EV(ROUTED) | EV(CHANNEL) | EV(PROCEEDING) | EV(PROGRESS) | EV(ALERTING) |
			 EV(CONFIRMED) | EV(OFFER) | EV(EARLY_RTP),
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
	[CALL_TIMER_ANNOUNCE] = {"announcement_limit", 30000,
		"B's network announces why the call fails, and does not end it",
		"Q.931 9.1 T306 of the far side, 30 s"},
	[CALL_TIMER_CLEAR] = {"clear_guard", 60000,
		"after a hang-up everything must have ended by then",
		"above Q.931 T305 30 s + 2 x T308 4 s, RFC 3261 Timer F 32 s"},
};
/* clang-format on */

static const char *const event_names[CALL_EV_COUNT] = {
    [CALL_EV_SETUP] = "setup",
    [CALL_EV_ROUTE_WAITS] = "route_waits",
    [CALL_EV_ROUTED] = "routed",
    [CALL_EV_CHANNEL] = "channel",
    [CALL_EV_PROCEEDING] = "proceeding",
    [CALL_EV_PROGRESS] = "progress",
    [CALL_EV_ALERTING] = "alerting",
    [CALL_EV_ANSWER] = "answer",
    [CALL_EV_CONFIRMED] = "confirmed",
    [CALL_EV_OFFER] = "offer",
    [CALL_EV_CLEARING] = "clearing",
    [CALL_EV_GONE] = "gone",
    [CALL_EV_EARLY_RTP] = "early_rtp",
    [CALL_EV_MEDIA_GONE] = "media_gone",
    [CALL_EV_MEDIA_FAILED] = "media_failed",
    [CALL_EV_TIMER] = "timer",
    [CALL_EV_OPERATOR_CLEAR] = "operator_clear",
};

static const char *const action_names[CALL_ACT_COUNT] = {
    [CALL_ACT_ROUTE] = "route",
    [CALL_ACT_MEDIA_OPEN] = "media_open",
    [CALL_ACT_MEDIA_SET] = "media_set",
    [CALL_ACT_MEDIA_CLOSE] = "media_close",
    [CALL_ACT_OPEN_B] = "open_b",
    [CALL_ACT_NEXT_WAY] = "next_way",
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
	return type < CALL_EV_COUNT ? event_names[type] : "?";
}

const char *call_action_name(unsigned type)
{
	return type < CALL_ACT_COUNT ? action_names[type] : "?";
}
