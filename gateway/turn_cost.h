/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the turns of control cost, so that a slow one can be told apart: our own work (CPU time), our
 * own waiting (control must never block, but a page fault may wait for a lock of the kernel), or a
 * machine that gave the CPU to somebody else meanwhile. From the first input of a pass of the loop
 * to the end of its turn. Control thread; two system calls at each end of a turn.
 */
#ifndef GATEWAY_TURN_COST_H
#define GATEWAY_TURN_COST_H

#include <stdint.h>

enum { TURN_SLOW_US = 5000 }; /* LAPD's T200 is 1 s: a turn this long is worth a line */

struct turn_cost {
	/* the turn that runs */
	int64_t begin_us; /* monotonic; 0: none runs */
	int64_t cpu_us;	  /* of the thread, when it began */
	long sleeps, preempted; /* likewise: times that it gave the CPU away, or lost it */
	/* all turns so far */
	uint64_t late;	  /* longer than TURN_SLOW_US */
	uint64_t starved; /* of those: for want of a CPU, no fault of ours */
	uint64_t longest_us, longest_cpu_us;
};

/* The time of the turn that runs; begins one when there is none. */
int64_t turn_cost_begin(struct turn_cost *t);
/* The turn is over: counts it, and logs a slow one (core.slow_turn). The time now. */
int64_t turn_cost_end(struct turn_cost *t);

#endif
