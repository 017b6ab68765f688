/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What control and a worker say to each other, and the worker's insides. Private to the folder.
 *
 * A session belongs to control until ATTACH is pushed and after DETACHED is popped; in between to
 * the worker. One SET at a time is under way per session, so that two parameter blocks suffice and
 * the number of events that a session can have waiting is bounded: EARLY_RTP, SET_DONE, DETACHED.
 * The event ring has places for all of them.
 */
#ifndef SRC_MEDIA_BRIDGE_WORKER_H
#define SRC_MEDIA_BRIDGE_WORKER_H

#include <stdatomic.h>

#include "gateway/base/ring.h"
#include "src/media_bridge/media.h"
#include "src/media_bridge/session.h"

enum worker_cmd_type { WORKER_ATTACH, WORKER_SET, WORKER_DETACH };
enum worker_event_type { WORKER_EARLY_RTP, WORKER_SET_DONE, WORKER_DETACHED };

struct worker_cmd {
	enum worker_cmd_type type;
	struct worker_session *session;
	const struct session_params *params; /* ATTACH, SET: the session's from now on */
	bool last;			     /* DETACH: not only moved to another worker */
};

struct worker_event {
	enum worker_event_type type;
	struct worker_session *session;
};

struct worker_line {
	uint16_t span;
	struct e1_line line;
};

enum {
	WORKER_EVENTS_PER_SESSION = 3,
	WORKER_CMDS_PER_SESSION = 3,
	WORKER_SPANS_MAX = 64,
	WORKER_LINE_EVENTS = 4 * WORKER_SPANS_MAX,
};

struct worker_span;

/* A session as a worker sees it; the first member of control's. */
struct worker_session {
	struct session s;
	struct worker_span *span; /* whose by_ts[ts] it is, NULL: none */
	uint8_t ts;
	unsigned index; /* in the worker's list of live ones */
};

struct worker_span {
	struct media_worker *worker;
	struct e1_span *span;
	struct worker_session *by_ts[E1_TIMESLOTS];
	int64_t block_us;    /* when a block last ran */
	int64_t line_us;     /* when the line was last reported */
	struct e1_line line; /* as last reported */
	bool line_known;
};

struct media_worker {
	/* ── set once ── */
	struct ring *cmds, *events, *lines;
	int wake_fd;   /* worker waits on it: commands, stop */
	int report_fd; /* control waits on it; media's */
	unsigned sessions_max, span_count;
	struct worker_span span[WORKER_SPANS_MAX];
	/* ── owner: worker ── */
	int64_t now_us;	 /* of this turn */
	int64_t idle_us; /* when sessions without a running timeslot were last looked at */
	bool report_due;
	unsigned live_count;
	struct worker_session **live;
	/* ── atomic ── */
	atomic_bool stop;
	counter64 turns, late_turns, max_turn_us, dropped;
};

int worker_create(struct media_worker **out, unsigned sessions_max, int report_fd);
void worker_destroy(struct media_worker *w);
/* Any thread. */
void worker_wake(struct media_worker *w);

#endif
