/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of a span, shared by isdn_span.c (turn, status), isdn_event.c (what the peer did),
 * isdn_leg.c (what the call wants), isdn_open.c (SETUP), isdn_overlap.c (digits one by one),
 * isdn_refused.c (attempts that become no call), isdn_claim.c (who holds a timeslot),
 * isdn_restart.c, isdn_down.c (the D-channel goes and comes) and isdn_timers.c.
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

struct isdn_leg {
	struct isdn_span *span;
	call_id call;		 /* 0: A, whose number is not complete: no call knows of it */
	enum call_side side;	 /* A: the peer called, B: we called */
	struct q931_call *q931;	 /* NULL: libpri has freed it */
	uint16_t cref;		 /* A: the peer's call reference, B: ours */
	uint8_t ts;		 /* the timeslot that it holds, 0: none */
	uint32_t interface_bits; /* of the peer's Channel ID, to be repeated */
	bool channel_confirmed;	 /* the first answer has been sent or received */
	bool channel_posted;
	bool responded;		 /* A: we have sent a first answer */
	bool proceeded;		 /* A: CALL PROCEEDING sent */
	bool alerted;		 /* ALERTING sent or received */
	bool inband_told;	 /* some message carried PI 8, or was PROGRESS */
	bool not_isdn_told;	 /* A: some message carried PI 1 */
	bool answered;		 /* CONNECT sent or received */
	bool confirm_due;	 /* A: CONFIRMED is to be posted */
	bool peer_clearing;	 /* CLEARING posted */
	bool clearing;		 /* we have asked libpri to clear it */
	int64_t tone_end_us;	 /* A: T306 runs until then; 0: it does not */
	bool digits_told;	 /* a late digit was logged */
	bool park_due;		 /* parked in the next turn */
	bool parked;		 /* GONE was posted; it holds its channel until the peer knows */
	bool gone;		 /* in span->dead */
	bool refusal_told;	 /* A, no call: the call table has recorded how it ended */
	int64_t begin_us;	 /* of the leg */
	bool waiting;		 /* B: SETUP waits until layer 2 has settled, or a channel is restarted */
	bool resent;		 /* B: SETUP was sent again for one that got lost */
	uint32_t tried;		 /* B: timeslots that a SETUP has named */
	uint32_t epoch;		 /* layer 2's, when the call began */
	enum isdn_timer timer;	 /* that runs, ISDN_TIMER_NONE: none */
	int64_t deadline_us;	 /* of it, TIME_NEVER_US: none */
	struct call_cause cause; /* of the first clearing, whoever began; value 0: none yet */
	struct call_setup setup; /* what SETUP says; A: and the digits that came after it */
	struct isdn_carried carried; /* the last LLC, HLC and User-user that came */
	TAILQ_ENTRY(isdn_leg) entry;
};
TAILQ_HEAD(isdn_legs, isdn_leg);

/* RESTART, one at a time (Q.931 5.5.1). Masks: bit ts. */
struct isdn_restart {
	uint32_t due;	/* to be restarted, once no call holds them */
	uint32_t stuck; /* we do not know whether the peer has freed them: not used until then */
	uint32_t failed; /* out of service */
	uint8_t ts;	 /* its RESTART is under way; 0: none */
	unsigned sent;	 /* RESTARTs for it */
	int64_t deadline_us; /* T316 */
};

struct isdn_span {
	struct isdn_span_cfg cfg;
	struct e1_span *e1;
	struct call_table *calls;
	isdn_frame_fn on_frame;
	void *on_frame_arg;
	isdn_call_fn on_call; /* NULL: nobody wants to know */
	void *on_call_arg;
	struct pri_line *line; /* NULL before the first turn */
	int64_t now_us, next_us;
	bool dirty;	     /* something waits for a turn */
	bool same_side_told; /* both ends network or both user: logged once */
	bool started;	     /* the D-channel has been up */
	bool alarm_rose;     /* calls that wait for a first answer are to end */
	bool settling;	     /* layer 2 came up just now: nothing new is sent before settled_us */
	int64_t settled_us;
	uint32_t epoch; /* layer 2 was established so often */
	struct isdn_hunt hunt;
	struct isdn_restart restart;
	struct isdn_legs legs, dead;
	struct isdn_leg *holder[E1_TIMESLOTS]; /* of each timeslot */
	struct isdn_span_status status;	       /* channel[] is filled in when asked for */
};

/* ── isdn_span.c ── */
struct isdn_leg *isdn_leg_create(struct isdn_span *s, enum call_side side);
/* Why no new call may begin: cause value 0 when it may. */
struct call_cause isdn_span_refusal(const struct isdn_span *s);
struct call_cause isdn_span_own_cause(uint8_t value);
/* The leg has its call and its reference. */
void isdn_leg_tell(const struct isdn_leg *leg);
/* libpri has freed the call: posts GONE, once. */
void isdn_leg_finish(struct isdn_leg *leg);
void isdn_leg_post(struct isdn_leg *leg, const struct call_event *event);

/* ── isdn_claim.c ── */
/* Timeslots that a call of ours may take. */
uint32_t isdn_span_free_channels(const struct isdn_span *s);
/* Timeslots that RESTART will most likely give back in a moment. */
uint32_t isdn_span_restarting_channels(const struct isdn_span *s);
/* Timeslots that we give to a call of the peer that leaves the choice to us. */
uint32_t isdn_span_channels_for_peer(const struct isdn_span *s);
/* Timeslots that the peer may give to a call. */
uint32_t isdn_span_acceptable_channels(const struct isdn_span *s);
uint32_t isdn_span_held_channels(const struct isdn_span *s);
void isdn_leg_take_channel(struct isdn_leg *leg, uint8_t ts);
void isdn_leg_drop_channel(struct isdn_leg *leg);
/* Posts CHANNEL once the channel is confirmed. */
void isdn_leg_post_channel(struct isdn_leg *leg);
void isdn_span_resolve_glare(struct isdn_span *s, const struct isdn_channel_id *asked);
bool isdn_leg_confirm_channel(struct isdn_leg *leg, const struct pri_line_event *ev);

/* ── isdn_restart.c ── */
void isdn_span_on_restart(struct isdn_span *s, const struct pri_line_event *ev);
void isdn_span_on_restart_ack(struct isdn_span *s, const struct pri_line_event *ev);
/* The D-channel came up for the first time. */
void isdn_restart_start(struct isdn_span *s);
/* What is under way may have been lost. */
void isdn_restart_repeat(struct isdn_span *s);
/* The D-channel is gone. */
void isdn_restart_interrupt(struct isdn_span *s);
/* The leg's call ends and we cannot know whether the peer has freed its channel. */
void isdn_restart_doubt(struct isdn_leg *leg);
/* libpri has dropped the call: it is in doubt when that was a timer's doing while we cleared. */
void isdn_restart_note_end(struct isdn_leg *leg, const struct pri_line_event *ev);
/* The peer uses this channel, so it is in order. */
void isdn_restart_proven(struct isdn_span *s, uint8_t ts);
/* Sends what is due; returns when it wants to be called again. */
int64_t isdn_restart_run(struct isdn_span *s);
/* Of a timeslot that no call holds. */
enum isdn_channel_state isdn_restart_state(const struct isdn_span *s, uint8_t ts);

/* ── isdn_down.c ── */
void isdn_span_on_up(struct isdn_span *s, const struct pri_line_event *ev);
void isdn_span_on_down(struct isdn_span *s);
/* The peer established layer 2 anew under our feet. */
void isdn_span_on_reset(struct isdn_span *s, const struct pri_line_event *ev);
/* T309, and what waits until layer 2 has settled; returns when it wants to be called again. */
int64_t isdn_down_run(struct isdn_span *s);
/* The call wants to end and the peer cannot be told: true, the leg says GONE and keeps its channel
 * until the peer knows. */
bool isdn_leg_park(struct isdn_leg *leg, struct call_cause cause);
/* The peer uses a call reference again that a call of before the last establishment still has:
 * that call is dead. Returns libpri's call, NULL: there is none. */
struct q931_call *isdn_span_reference_reused(void *span, uint16_t cref);

/* ── isdn_open.c ── */
int isdn_leg_open(void *span, call_id call, const struct call_setup *setup, void **leg,
		  struct call_cause *cause);
/* SETUP for a leg that waited, if there is a channel for it. */
void isdn_leg_send_waiting(struct isdn_leg *leg);
/* T303 is over for the second time: RELEASE COMPLETE with 102 to the peer (Q.931 5.2.5.3), to the call
 * it is 18. */
void isdn_open_timeout(struct isdn_leg *leg);
/* Our SETUP was refused because of its channel, or lost: another one is on its way when true is
 * returned, and the call has not noticed. */
bool isdn_leg_try_again(struct isdn_leg *leg, const struct pri_line_event *ev);
/* The same when it was us who refused the channel that the peer named. */
bool isdn_leg_try_other(struct isdn_leg *leg);

/* ── isdn_overlap.c ── */
/* More digits are to come, Q.931 5.1.3, 5.2.4: leg->setup is that of a new leg A. */
bool isdn_overlap_wanted(const struct isdn_leg *leg);
/* SETUP ACKNOWLEDGE; the call table hears of the leg when the number is complete. */
void isdn_overlap_begin(struct isdn_leg *leg);
bool isdn_leg_collects(const struct isdn_leg *leg);
void isdn_overlap_digits(struct isdn_leg *leg, const struct pri_line_event *ev);
/* T302 */
void isdn_overlap_timeout(struct isdn_leg *leg);

/* ── isdn_refused.c ── */
/* The call table records an attempt of the peer that became no call. Filled in here: the channel's
 * span and law; why, when it is NULL, which means that the cause is ours. */
void isdn_span_refused(struct isdn_span *s, struct call_refusal *refusal);
/* The same for a leg A that no call knows of, once; for others nothing. At its end, whoever ends it. */
void isdn_leg_refused(struct isdn_leg *leg, struct call_cause cause, const char *why);

/* ── isdn_event.c ── */
/* The call table hears of a leg A. False: it has no room. */
bool isdn_leg_announce(struct isdn_leg *leg);
void isdn_span_handle(struct isdn_span *s, const struct pri_line_event *ev);

/* ── isdn_timers.c ── */
int64_t isdn_span_timer_us(const struct isdn_span *s, enum isdn_timer timer);
void isdn_leg_start_timer(struct isdn_leg *leg, enum isdn_timer timer);
void isdn_leg_stop_timer(struct isdn_leg *leg);
/* T304 or T310, after an answer of the peer. */
void isdn_leg_set_timer(struct isdn_leg *leg, const struct pri_line_event *ev);
/* Runs the timers of all legs; returns the earliest that still runs. */
int64_t isdn_span_run_timers(struct isdn_span *s);

/* ── isdn_leg.c ── */
/* As our answers name it. */
uint32_t isdn_leg_channel(const struct isdn_leg *leg);
/* It names the channel, and from then on it is settled. */
void isdn_leg_first_answer_sent(struct isdn_leg *leg);
/* Asks libpri to clear, once; the leg's q931 is NULL afterwards when that ended it. */
void isdn_leg_clear(struct isdn_leg *leg, struct call_cause cause);
/* Neither the peer nor the call wanted it: clears, and tells the call. */
void isdn_leg_clear_from_here(struct isdn_leg *leg, struct call_cause cause);

#endif
