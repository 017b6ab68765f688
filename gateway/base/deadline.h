/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deadline queue: one per control loop. A deadline is a member of the object that it belongs to
 * (no allocation, setting it never fails). Equal deadlines run in the order in which they were
 * set, so a simulation repeats exactly. Not thread safe: one owner thread.
 */
#ifndef GATEWAY_BASE_DEADLINE_H
#define GATEWAY_BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/clock.h"

struct deadline {
	void (*fire)(void *arg, int64_t now_us); /* run once when due; may set it again */
	void *arg;
	int64_t due_us; /* TIME_NEVER_US: not set */
	uint64_t seq;	/* order among equals */
	struct deadline *child, *next,
	    *prev; /* pairing heap; prev is the parent for a first child */
	bool queued;
};

struct deadline_queue {
	struct deadline *root;
	struct deadline *parked; /* set by a handler while a run is on: for the next run */
	uint64_t next_seq;
	uint64_t run_seq; /* of the first one set in this run */
	bool running;
};

void deadline_init(struct deadline *d, void (*fire)(void *arg, int64_t now_us), void *arg);
/* Sets or moves it. */
void deadline_set(struct deadline_queue *q, struct deadline *d, int64_t due_us);
/* Legal when not set. */
void deadline_cancel(struct deadline_queue *q, struct deadline *d);
/* Earliest deadline, TIME_NEVER_US when none. */
int64_t deadline_next_us(const struct deadline_queue *q);
/* Runs everything due at now_us, each handler once per setting. What a handler sets runs in the
 * next run, also when it is due already. Returns how many ran. */
unsigned deadline_run(struct deadline_queue *q, int64_t now_us);

#endif
