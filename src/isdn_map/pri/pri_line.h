/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One D-channel on libpri, as plain values: the span says what to send and asks for one event at a
 * time; every libpri event is translated before libpri is touched again (libpri overwrites it).
 * Only this folder includes libpri.h. All in the control thread, between libclock_set() of the
 * turn and its end.
 *
 * A call is libpri's own object, named by its pointer until libpri frees it: after
 * PRI_LINE_FREED, when pri_line_hangup() or pri_line_reject_channel() return false, after
 * pri_line_refuse() and pri_line_forget(), or silently, which pri_line_has_call() tells.
 */
#ifndef SRC_ISDN_MAP_PRI_PRI_LINE_H
#define SRC_ISDN_MAP_PRI_PRI_LINE_H

#include "src/isdn_map/isdn_channel.h"
#include "src/isdn_map/isdn_edit.h"

struct pri_line;
struct q931_call;

struct pri_line_cfg {
	bool network;
	uint16_t span; /* for log lines */
	uint32_t timer_ms[ISDN_TIMERS_SET]; /* values in force, 0: none */
	/* The peer uses a call reference for a new call: what we still have under it, NULL: nothing.
	 * It is freed without a message. */
	struct q931_call *(*reused)(void *arg, uint16_t cref);
	void *reused_arg;
	struct e1_span *e1;
	isdn_frame_fn on_frame; /* sees each frame as it is on the wire; NULL legal */
	void *on_frame_arg;
};

enum { PRI_LINE_DIGITS_MAX = 31 }; /* longest number that libpri carries */

enum pri_line_event_type {
	PRI_LINE_UP,	    /* layer 2 established; .status_sent */
	PRI_LINE_DOWN,	    /* layer 2 lost */
	PRI_LINE_RESET,	    /* the peer has established it anew; .status_sent */
	PRI_LINE_SETUP,	    /* .setup, .channel */
	PRI_LINE_SETUP_ACK, /* the four answers to our SETUP: .channel, .pi */
	PRI_LINE_PROCEEDING,
	PRI_LINE_PROGRESS, /* also .cause */
	PRI_LINE_ALERTING,
	PRI_LINE_CONNECT, /* .connected; wants pri_line_connect_ack() */
	PRI_LINE_CONNECT_ACK,
	PRI_LINE_DIGITS,     /* INFORMATION: .digits; .setup has .called, .called_bad, .complete */
	PRI_LINE_DISCONNECT, /* .cause, .pi; wants pri_line_hangup() */
	PRI_LINE_RELEASED,   /* RELEASE, RELEASE COMPLETE, T303, T309: .cause; wants the same */
	PRI_LINE_GIVEN_UP,   /* the peer cleared its call .cref: .cause; libpri said nothing */
	PRI_LINE_FREED,	     /* the call is gone and its pointer dead: .cause */
	PRI_LINE_RESTART,    /* .channel; ISDN_CHANNEL_ANY: the whole interface */
	PRI_LINE_RESTART_ACK, /* .channel */
	PRI_LINE_CONFIG,     /* both ends are network, or both are user */
	PRI_LINE_OTHER,	     /* nothing that we use */
};

struct pri_line_setup {
	struct call_number called, calling;
	bool called_bad; /* too long or not digits: `called` is empty */
	struct call_number redirecting; /* who sent the call on, the last one */
	uint8_t redirect_reason;	/* enum call_redirect */
	uint8_t redirect_count;		/* 0: not told */
	char calling_name[CALL_NAME_MAX + 1];
	int bearer; /* capability, -1: not readable */
	bool complete;
};

struct pri_line_event {
	enum pri_line_event_type type;
	struct q931_call *call;
	uint16_t cref;
	struct isdn_channel_id channel;
	uint32_t interface_bits; /* of an explicit interface: goes back with our channel */
	uint8_t pi;
	bool status_sent; /* libpri has told the peer the state of its calls */
	bool by_timer;	  /* not by a frame that came */
	bool has_cause;
	struct call_cause cause;
	struct pri_line_setup setup;
	struct call_number connected; /* who answered */
	char digits[CALL_DIGITS_MAX + 1]; /* SETUP, DIGITS: as they came; cut when too long */
	struct isdn_carried carried; /* what libpri's events cannot hold, of the same message */
};

struct pri_line_counters {
	uint64_t frames_in, frames_out, frames_bad;
	uint64_t same_side_in; /* SABME of a peer that takes itself for what we are */
	uint64_t send_failed; /* frames that the driver did not take: LAPD repeats them */
};

/* Sends SABME at once. */
int pri_line_create(struct pri_line **out, const struct pri_line_cfg *cfg);
void pri_line_destroy(struct pri_line *l); /* NULL legal; sends nothing */

void pri_line_begin_turn(struct pri_line *l, int64_t now_us);
/* Reads frames and runs timers until there is an event: false when nothing is left to do, or when
 * the turn has done enough (then pri_line_next_us() is now). */
bool pri_line_next_event(struct pri_line *l, struct pri_line_event *out);
/* When pri_line_next_event() has to be called even if no frame comes. */
int64_t pri_line_next_us(struct pri_line *l);
const struct pri_line_counters *pri_line_counters(const struct pri_line *l);

/* An outgoing call, speech or 3.1 kHz audio as setup says, ts preferred or exclusive. carried: into
 * SETUP, NULL for nothing. NULL: no memory, or libpri refused. */
struct q931_call *pri_line_setup(struct pri_line *l, uint8_t ts, bool exclusive, enum media_law law,
				 const struct call_setup *setup,
				 const struct isdn_carried *carried);
/* Messages of an incoming call. channel: timeslot | interface_bits. pi: exactly these CALL_PI_*
 * bits; PROGRESS needs one (Q.931 3.1.8). cause value 0: none. */
void pri_line_setup_ack(struct pri_line *l, struct q931_call *c, uint32_t channel);
void pri_line_proceeding(struct pri_line *l, struct q931_call *c, uint32_t channel);
void pri_line_progress(struct pri_line *l, struct q931_call *c, uint32_t channel, uint8_t pi,
		       struct call_cause cause);
void pri_line_alerting(struct pri_line *l, struct q931_call *c, uint32_t channel, uint8_t pi);
/* connected: who answered. */
void pri_line_connect(struct pri_line *l, struct q931_call *c, uint32_t channel, uint8_t pi,
		      const struct call_number *connected);
void pri_line_connect_ack(struct pri_line *l, struct q931_call *c);

/* Clears a call in whatever state: DISCONNECT, or the answer to the peer's clearing message. To be
 * called once for each wish of either side. ours: we made the call. False when the call has
 * thereby ended at once. */
bool pri_line_hangup(struct pri_line *l, struct q931_call *c, bool ours, struct call_cause cause);
/* DISCONNECT with progress indicator 8, network side, an incoming call that had an answer; RELEASE
 * when T306 is over (Q.931 5.3.4.1). Otherwise as pri_line_hangup(). */
bool pri_line_disconnect_inband(struct pri_line *l, struct q931_call *c, struct call_cause cause,
				uint32_t t306_ms);
/* RELEASE now: T306 is not waited for. False: it cannot be, T306 goes on. */
bool pri_line_end_inband(struct pri_line *l, struct q931_call *c);
/* The first answer to a SETUP is RELEASE COMPLETE (Q.931 5.3.2 d); or the last word about one of
 * ours that had no answer (5.2.5.3). Ends the call at once. ours: we made the call. */
void pri_line_refuse(struct pri_line *l, struct q931_call *c, bool ours, struct call_cause cause);
/* Our SETUP was answered with a channel that we cannot take: RELEASE (Q.931 5.2.3.1). */
bool pri_line_reject_channel(struct pri_line *l, struct q931_call *c, struct call_cause cause);
/* Drops the call without a message (RESTART, Q.931 5.5.2). */
void pri_line_forget(struct pri_line *l, struct q931_call *c);

/* RESTART of one channel; nothing watches it. */
void pri_line_restart(struct pri_line *l, uint8_t ts);
/* STATUS of an established call to the peer (Q.931 5.8.9). ours: we made the call. */
void pri_line_report_status(struct pri_line *l, struct q931_call *c, bool ours);

bool pri_line_has_call(struct pri_line *l, struct q931_call *c);
uint16_t pri_line_cref(struct pri_line *l, struct q931_call *c);

#endif
