/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks that say who wrote them, for which timeslot, and how many were before: so whoever reads
 * one knows what is missing. One struct numbered is one end and one timeslot. */
#ifndef TESTS_UNIT_T1E1_NUMBERED_H
#define TESTS_UNIT_T1E1_NUMBERED_H

#include "hw/t1e1/e1.h"

struct numbered {
	uint8_t who;	   /* written into each block; the other end has another value */
	uint32_t written;  /* blocks */
	uint32_t expected; /* number of the next block to come, if none is lost */
	uint64_t read, lost, idle, told_missed;
	uint64_t unexplained; /* blocks that came when more was lost than had been told */
	bool any_start;	      /* the first block read may have any number (the far end is older) */
};

/* An e1_block_fn; arg: struct numbered *. */
void numbered_block(void *arg, unsigned ts, unsigned missed, const uint8_t rx[E1_BLOCK_OCTETS],
		    uint8_t tx[E1_BLOCK_OCTETS]);

#endif
