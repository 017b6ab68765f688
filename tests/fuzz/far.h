/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A real call table between what is fuzzed (the near side) and a made-up other side, in virtual
 * time. The far side does what one-letter commands of the input say, and answers what it must:
 *
 *   c  call the near side          p  PROCEEDING        a  ALERTING       g  PROGRESS
 *   n  answer                      h  hang up           o  a new offer    x  operator clears all
 *
 * A command means the newest far leg that lives. Media sessions are counted and nothing else.
 */
#ifndef TESTS_FUZZ_FAR_H
#define TESTS_FUZZ_FAR_H

#include "gateway/call/call_table.h"

enum { FAR_LEGS = 64, FAR_CALLS_MAX = 16 };

enum far_which { FAR_NEAR_IS_TRUNK, FAR_NEAR_IS_SPAN };

struct far_leg {
	struct far *far;
	call_id call;
	enum call_side side;
	bool live, offered;
};

struct far {
	int64_t now_us;
	struct deadline_queue deadlines;
	struct call_table *calls;
	struct call_port near_port, far_port;
	struct call_endpoint near_end, far_end;
	struct far_leg leg[FAR_LEGS];
	unsigned legs; /* so far */
	call_id session[FAR_LEGS];
	/* The near side's. */
	void (*near_turn)(void *near);
	int64_t (*near_next_us)(void *near); /* NULL: it is on the deadlines */
	void *near;
};

/* Sets everything but near_port's ops and adapter, near_turn, near_next_us, near. */
void far_init(struct far *f, enum far_which which);
void far_fini(struct far *f);
void far_do(struct far *f, char command);
/* Runs what is to do at this instant. */
void far_settle(struct far *f);
void far_run_us(struct far *f, int64_t us);
/* Clears everything and waits until all must be over. */
void far_finish(struct far *f);

#endif
