/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of a span, shared by isdn_span.c (turn, status), isdn_event.c (what the peer did),
 * isdn_leg.c (what the call wants), isdn_claim.c (who holds a timeslot), isdn_restart.c,
 * isdn_down.c (the D-channel goes and comes) and isdn_timers.c.
 *
 * A leg lives in span->legs until its GONE is posted, then in span->dead until every event queued
 * so far has been handled by the call table: until then the call may still command it.
 * Nothing is posted from inside a command: it leaves a flag, the next turn posts.
 */
#ifndef SRC_ISDN_MAP_ISDN_SPAN_H
#define SRC_ISDN_MAP_ISDN_SPAN_H

#include <sys/queue.h>

#include "src/isdn_map/isdn.h"
#include "src/isdn_map/pri/pri_line.h"

/* A leg that clears is given up after this: T305 and twice T308 are over by then. */
enum { CLEARING_GUARD_US = 45 * 1000000 };
enum { T306_MS = 30000, T313_US = 4 * 1000000 }; /* Q.931 tables 9-1 and 9-2 */

struct isdn_leg {
	struct isdn_span *span;
	call_id call;
	enum call_side side;	 /* A: the peer called, B: we called */
	struct q931_call *q931;	 /* NULL: libpri has freed it */
	uint16_t cref;		 /* A: the peer's call reference */
	uint8_t ts;		 /* the timeslot that it holds, 0: none */
	uint32_t interface_bits; /* of the peer's Channel ID, to be repeated */
	bool channel_confirmed;	 /* the first answer has been sent or received */
	bool channel_posted;
	bool responded;		 /* A: we have sent a first answer */
	bool alerted;		 /* ALERTING sent or received */
	bool inband_told;	 /* some message carried PI 8, or was PROGRESS */
	bool not_isdn_told;	 /* A: some message carried PI 1 */
	bool answered;		 /* CONNECT sent or received */
	bool confirm_due;	 /* A: CONFIRMED is to be posted */
	bool peer_clearing;	 /* CLEARING posted */
	bool clearing;		 /* we have asked libpri to clear it */
	bool digits_told;	 /* a late digit was logged */
	bool gone;		 /* in span->dead */
	uint16_t timer;		 /* 304, 310, 313: what deadline_us ends, unless clearing */
	int64_t deadline_us;	 /* that, or the clearing guard; TIME_NEVER_US: none */
	struct call_cause cause; /* of the first clearing, whoever began; value 0: none yet */
	struct isdn_carried carried; /* the last LLC, HLC and User-user that came */
	TAILQ_ENTRY(isdn_leg) entry;
};
TAILQ_HEAD(isdn_legs, isdn_leg);

struct isdn_span {
	struct isdn_span_cfg cfg;
	struct e1_span *e1;
	struct call_table *calls;
	isdn_frame_fn on_frame;
	void *on_frame_arg;
	struct pri_line *line; /* NULL before the first turn */
	int64_t now_us, next_us;
	bool dirty;	     /* something waits for a turn */
	bool same_side_told; /* both ends network or both user: logged once */
	struct isdn_legs legs, dead;
	struct isdn_leg *holder[E1_TIMESLOTS]; /* of each timeslot */
	struct isdn_span_status status;	       /* channel[] is filled in when asked for */
};

/* ── isdn_span.c ── */
struct isdn_leg *isdn_leg_create(struct isdn_span *s, enum call_side side);
/* Why no new call may begin: cause value 0 when it may. */
struct call_cause isdn_span_refusal(const struct isdn_span *s);
struct call_cause isdn_span_own_cause(uint8_t value);
/* libpri has freed the call: posts GONE, once. */
void isdn_leg_finish(struct isdn_leg *leg);
void isdn_leg_post(struct isdn_leg *leg, const struct call_event *event);

/* ── isdn_claim.c ── */
uint32_t isdn_span_free_channels(const struct isdn_span *s);
void isdn_leg_take_channel(struct isdn_leg *leg, uint8_t ts);
void isdn_leg_drop_channel(struct isdn_leg *leg);
/* Posts CHANNEL once the channel is confirmed. */
void isdn_leg_post_channel(struct isdn_leg *leg);
void isdn_span_resolve_glare(struct isdn_span *s, const struct isdn_channel_id *asked);
bool isdn_leg_confirm_channel(struct isdn_leg *leg, const struct pri_line_event *ev);

/* ── isdn_restart.c ── */
void isdn_span_on_restart(struct isdn_span *s, const struct pri_line_event *ev);

/* ── isdn_down.c ── */
void isdn_span_on_up(struct isdn_span *s, bool up);

/* ── isdn_event.c ── */
void isdn_span_handle(struct isdn_span *s, const struct pri_line_event *ev);

/* ── isdn_timers.c ── */
/* timer: its number; when it is over, the call is cleared with 102. */
void isdn_leg_start_timer(struct isdn_leg *leg, uint16_t timer, int64_t after_us);
void isdn_leg_set_timer(struct isdn_leg *leg, const struct pri_line_event *ev);
/* Runs T304, T310 and the clearing guard of all legs; returns the earliest that still runs. */
int64_t isdn_span_run_timers(struct isdn_span *s);

/* ── isdn_leg.c ── */
/* Asks libpri to clear, once; the leg's q931 is NULL afterwards when that ended it. */
void isdn_leg_clear(struct isdn_leg *leg, struct call_cause cause);
/* Neither the peer nor the call wanted it: clears, and tells the call. */
void isdn_leg_clear_from_here(struct isdn_leg *leg, struct call_cause cause);

#endif
