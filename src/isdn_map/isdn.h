/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ISDN PRI spans: one struct isdn_span is one D-channel with its B-channels, EuroISDN, user or
 * network side, on libpri (behind pri/, the only folder that sees libpri.h). It announces incoming
 * SETUPs to the call table and implements leg_ops for outgoing ones.
 *
 * Control thread; turned with `now`, gives back its next deadline. Frames come and go through the
 * span's e1_ops. Each leg ends in exactly one CALL_EV_GONE, also when the D-channel dies.
 */
#ifndef SRC_ISDN_MAP_ISDN_H
#define SRC_ISDN_MAP_ISDN_H

#include "gateway/call/call_table.h"
#include "hw/t1e1/e1.h"
#include "src/isdn_map/isdn_timers.h"

/* Which of the free channels is taken. */
enum isdn_hunting {
	ISDN_HUNT_ASCENDING,
	ISDN_HUNT_DESCENDING,
	ISDN_HUNT_CYCLIC,	/* the next above the one that was taken last */
	ISDN_HUNT_LEAST_RECENT, /* the one that has been free for longest */
};
/* When RESTART is sent (Q.931 5.5.1); received ones are always obeyed. */
enum isdn_restart_policy {
	ISDN_RESTART_NEVER,
	ISDN_RESTART_STUCK, /* on a channel whose call could not be cleared, and by the operator */
	ISDN_RESTART_START, /* also on all channels, when the program has started */
};

struct isdn_span_cfg {
	uint16_t span; /* from 1 */
	enum isdn_side side;
	uint8_t dchannel_ts; /* usually 16 */
	uint32_t bchannels;  /* bit ts set: usable timeslot; never bit 0 or the D-channel's */
	enum isdn_hunting hunting;
	enum call_ringback ringback; /* resolved, no `auto` */
	bool failure_tone;	     /* network side only: DISCONNECT with PI 8, tone, T306 */
	enum media_law law;
	enum isdn_restart_policy restart;
	bool overlap;   /* a SETUP without Sending Complete begins a number (Q.931 5.1.3) */
	bool exclusive; /* our SETUP takes no other channel than the one that it names */
	uint32_t timer_ms[ISDN_TIMERS_SET]; /* 0: the default; N316: a count */
};

/* Sees every D-channel frame, for captures and traces. outbound: from us. Must not keep frame. */
typedef void (*isdn_frame_fn)(void *arg, uint16_t span, bool outbound, const uint8_t *frame,
			      size_t len);

/* This call reference (ours: we made it) is a leg of that call from now on. Its SETUP was seen
 * before. */
typedef void (*isdn_call_fn)(void *arg, uint16_t span, call_id call, uint16_t cref, bool ours);

enum isdn_channel_state {
	ISDN_CH_IDLE,
	ISDN_CH_BUSY,
	ISDN_CH_RESTARTING,    /* RESTART is under way, or is to be sent */
	ISDN_CH_BLOCKED,       /* a call ended while the peer could not be told, or was not cleared */
	ISDN_CH_OUT_OF_SERVICE, /* RESTART was sent N316 times and not acknowledged */
	ISDN_CH_UNUSED
};

struct isdn_span_status {
	uint16_t span;
	enum isdn_side side;
	bool dchannel_up;	   /* LAPD in multiple frame established state */
	int64_t dchannel_since_us; /* monotonic, of the last change */
	uint32_t alarms;	   /* as last reported by isdn_span_line() */
	unsigned channels, busy;
	uint64_t calls_in, calls_out, refused, frames_in, frames_out, frames_bad, glare;
	uint64_t other_channel; /* SETUPs sent again on another channel */
	uint64_t restarts_sent, restarts_failed, restarts_received;
	bool restart_unanswered; /* T316 has run out at least once for the one under way */
	uint64_t same_side_in; /* SABME of a peer that is user or network as we are */
	struct {
		enum isdn_channel_state state;
		call_id call;
	} channel[E1_TIMESLOTS];
};

struct isdn_span;

int isdn_span_create(struct isdn_span **out, const struct isdn_span_cfg *cfg, struct e1_span *e1,
		     struct call_table *calls, isdn_frame_fn on_frame, void *on_frame_arg);
void isdn_span_destroy(struct isdn_span *s); /* NULL legal; posts nothing */
/* For traces; before the first turn. */
void isdn_span_on_call(struct isdn_span *s, isdn_call_fn on_call, void *arg);

/* Reads all waiting frames, runs due timers, handles every event of libpri. Call it when
 * dchan_fd is readable, when the deadline is due, and after commands. */
void isdn_span_turn(struct isdn_span *s, int64_t now_us);
int64_t isdn_span_next_us(const struct isdn_span *s);
/* The worker reported a new line state. Alarms: new calls are refused at once. */
void isdn_span_line(struct isdn_span *s, int64_t now_us, const struct e1_line *line);
void isdn_span_status(const struct isdn_span *s, struct isdn_span_status *out);
/* The operator wants RESTART on one channel, or (ts 0) on all that carry no call. 0, or -1 and why in
 * one sentence. */
int isdn_span_restart(struct isdn_span *s, uint8_t ts, const char **why);

extern const struct leg_ops isdn_leg_ops; /* adapter: struct isdn_span * */

#endif
