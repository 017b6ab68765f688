/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The call state machine, pure: a context and an event go in, the next context and a list of
 * actions come out. No I/O, no clock, no allocation, no globals that change. It knows side A (who
 * brought the call), side B (whom we opened for it) and which of the two has its voice in RTP; the
 * other one's is in a timeslot. It never learns what kind of leg a side is.
 *
 * The context holds enums and flags only, no addresses and no numbers (those are the call
 * table's), so that a test can walk every context that is reachable. call_table.c runs it.
 *
 * Media values reach it as one bit: the table clears event.media.present unless the description
 * comes from the RTP side and has a codec in common with us.
 */
#ifndef GATEWAY_CALL_CALL_FSM_H
#define GATEWAY_CALL_CALL_FSM_H

#include "gateway/call/call_types.h"

enum call_state {
	CALL_ST_IDLE,	    /* announced, nothing done */
	CALL_ST_ROUTING,    /* the plan is asked */
	CALL_ST_CALLING,    /* leg B and media opened, B silent */
	CALL_ST_PROCEEDING, /* B said something, but neither rings nor answered */
	CALL_ST_ALERTING,   /* B rings */
	CALL_ST_ANNOUNCING, /* B hung up, and its network tells by voice why (Q.931 5.3.4.1) */
	CALL_ST_REROUTING,  /* B failed; when it has ended, the next way is tried */
	CALL_ST_ACTIVE,	    /* answered */
	CALL_ST_CLEARING,   /* hang-up: everything open was told, waiting for its GONE */
	CALL_ST_DONE,	    /* nothing open, recorded, freed */
	CALL_ST_COUNT,
};

/* What the media session was last set to. */
enum {
	CALL_MEDIA_SEND = 1 << 0,     /* timeslot → RTP */
	CALL_MEDIA_RECEIVE = 1 << 1,  /* RTP → timeslot */
	CALL_MEDIA_RINGBACK = 1 << 2, /* our tone until the first valid RTP */
	CALL_MEDIA_TONE = 1 << 3,     /* our busy or congestion tone, by A's cause */
};

/* Single octets throughout: two contexts are equal when their octets are. */
struct call_ctx {
	uint8_t state;		/* enum call_state */
	uint8_t rtp_side;	/* enum call_side: whose voice is RTP */
	uint8_t ringback;	/* enum call_ringback of leg A */
	uint8_t timers;		/* bit n: enum call_timer n runs */
	uint8_t media_flags;	/* CALL_MEDIA_* as last set */
	bool a_open, b_open;	/* will still say GONE */
	bool media_open;	/* will still say MEDIA_GONE */
	bool channel_known;	/* the timeslot side's channel is confirmed */
	bool remote_known;	/* the RTP side told where and what we may send */
	bool answer_due;	/* our offer went out in a 200; its answer comes with CONFIRMED */
	bool proceeded;		/* A was told that we see to it */
	bool failure_tone;	/* leg A wants a tone when the call fails */
	bool interworking_told; /* A was sent PI 1, which is done once (RFC 4497 8.2.1.3) */
	bool inband_told;	/* A knows that there is something to hear (PI 8, 18x with media) */
	bool early_rtp;		/* valid RTP was seen before the answer */
	bool ringback_on;	/* our tone is wanted */
	bool tone_on;		/* clearing, and A still hears our failure tone */
	bool answered;
};

enum call_action_type {
	CALL_ACT_ROUTE,	     /* ask the plan; ROUTED comes, perhaps ROUTE_WAITS before it */
	CALL_ACT_MEDIA_OPEN, /* a failure comes as MEDIA_FAILED and MEDIA_GONE */
	CALL_ACT_MEDIA_SET,  /* .media_flags */
	CALL_ACT_MEDIA_CLOSE,
	CALL_ACT_OPEN_B, /* with our offer when B's voice is RTP; a failure comes as GONE */
	CALL_ACT_NEXT_WAY, /* B and, when it is RTP, its media are new; OPEN_B follows */
	CALL_ACT_A_PROCEED,
	CALL_ACT_A_PROGRESS,   /* .pi .with_media */
	CALL_ACT_A_ALERT,      /* .pi .with_media */
	CALL_ACT_A_ANSWER,     /* .with_media: our answer, or our offer when A made none */
	CALL_ACT_OFFER_ANSWER, /* .side: answer the new offer, or make one when it came without */
	CALL_ACT_OFFER_REFUSE, /* .side: not now */
	CALL_ACT_CLEAR,	       /* .side .pi .cause, value 0: what B gave when it began to fail */
	CALL_ACT_TIMER_START,  /* .timer: from now on, also when it runs */
	CALL_ACT_TIMER_STOP,   /* .timer */
	CALL_ACT_RECORD,       /* hand the call record over; always just before FREE */
	CALL_ACT_FREE,	       /* the last action of a call */
	CALL_ACT_COUNT_UNEXPECTED, /* alone: this event makes no sense here; nothing changed */
	CALL_ACT_COUNT,
};

struct call_action {
	uint8_t type;  /* enum call_action_type */
	uint8_t side;  /* enum call_side */
	uint8_t timer; /* enum call_timer */
	uint8_t pi;    /* CALL_PI_* bits */
	uint8_t media_flags;
	bool with_media;
	struct call_cause cause;
};

enum { CALL_ACTIONS_MAX = 12 };

struct call_actions {
	unsigned count;
	struct call_action act[CALL_ACTIONS_MAX]; /* to be carried out in this order */
};

/* What may happen in a state. An event that is in none of the three masks is unexpected. */
struct call_fsm_rule {
	const char *name;
	uint64_t events;     /* bit n: enum call_event_type n does something here */
	uint64_t races;	     /* known to cross with something of ours; ignored without a word */
	uint64_t successors; /* bit n: enum call_state n may follow; staying is always legal */
};
extern const struct call_fsm_rule call_fsm_rules[CALL_ST_COUNT];

struct call_timer_def {
	const char *name;
	uint32_t default_ms;
	const char *meaning;
	const char *clause; /* where the value comes from */
};
extern const struct call_timer_def call_timers[CALL_TIMER_COUNT];

/* The context that a new call starts with. */
struct call_ctx call_fsm_start(enum call_side rtp_side, enum call_ringback ringback,
			       bool failure_tone);

/* out is overwritten. An event that does not fit changes nothing. */
struct call_ctx call_fsm_next(const struct call_ctx *ctx, const struct call_event *ev,
			      struct call_actions *out);

/* Stable words, for logs, `show calls` and records. */
const char *call_state_name(unsigned state);
const char *call_event_name(unsigned type);
const char *call_action_name(unsigned type);

#endif
