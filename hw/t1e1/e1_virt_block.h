/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One block of a span (20 ms of every enabled timeslot) as the two forms of the virtual E1 pass
 * it on, and the worker's side of an end: which timeslots are on, and what each of them missed
 * since its last block. Owner: the media worker (or the one thread of a simulation).
 */
#ifndef HW_T1E1_E1_VIRT_BLOCK_H
#define HW_T1E1_E1_VIRT_BLOCK_H

#include "hw/t1e1/e1.h"

struct e1_virt_block {
	uint32_t mask; /* timeslots that hold audio; the others are idle */
	uint8_t octets[E1_TIMESLOTS][E1_BLOCK_OCTETS]; /* [ts], only those in mask */
};

struct e1_virt_audio {
	uint32_t enabled;	       /* bit ts */
	unsigned missed[E1_TIMESLOTS]; /* blocks, since the timeslot's last one */
	struct e1_line line;
};

void e1_virt_audio_enable(struct e1_virt_audio *a, unsigned ts, bool on);
/* n blocks that were due will not come. */
void e1_virt_audio_miss(struct e1_virt_audio *a, uint64_t n);
/* Runs one block through fn: rx (NULL: an idle block that nobody wrote) in, tx out. */
void e1_virt_audio_run(struct e1_virt_audio *a, e1_block_fn fn, void *arg,
		       const struct e1_virt_block *rx, struct e1_virt_block *tx);

#endif
