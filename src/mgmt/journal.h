/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls that are open now, on disk beside the call records: when the program is killed, its next
 * start finds them and records them as interrupted. A file of slots of one size, one per call of the
 * table; a slot is one line of JSON, padded, or empty (its first octet 0). What the kernel has been
 * given survives a killed program; a slot that was written in part has no end of line and is skipped.
 *
 * Writer thread; journal_recover before it starts. Private to src/mgmt/.
 */
#ifndef SRC_MGMT_JOURNAL_H
#define SRC_MGMT_JOURNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/slots.h"

enum { JOURNAL_SLOT_OCTETS = 4096, JOURNAL_SLOTS_MAX = 1 << 20 };

struct journal {
	int fd;		/* -1: no journal */
	slot_id *owner; /* of each slot, 0: none; owner: this */
	uint32_t slots; /* of owner */
	uint32_t closing; /* slots whose record is not on disk yet */
	_Atomic uint64_t failures; /* writes that the disk refused */
};

/* Opens path, which may be there from a program that was killed. 0 or -errno; j->fd is -1 then. */
int journal_open(struct journal *j, const char *path);
void journal_close(struct journal *j);
/* Each line that is whole, without its end; then the file is empty. Returns how many. */
uint64_t journal_recover(struct journal *j, void (*on_line)(void *arg, const char *line, size_t len),
			 void *arg);
/* The call is open, and this is its line so far (without an end). */
void journal_put(struct journal *j, slot_id call, const char *line, size_t len);
/* Its record is written, or will be: the slot is emptied by the next journal_sweep(). */
void journal_end(struct journal *j, slot_id call);
/* All records handed over so far are on disk. */
void journal_sweep(struct journal *j);

#endif
