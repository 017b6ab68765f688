/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that only grows, on a disk that may refuse: items (lines, or pcapng blocks) wait in a
 * bounded spool until they are written. What a full disk took in part is taken back from the file,
 * so that an item is there whole or not at all. Refused: tried again each second.
 *
 * Writer thread; the counters are read by control. Private to src/mgmt/.
 */
#ifndef SRC_MGMT_APPEND_FILE_H
#define SRC_MGMT_APPEND_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { APPEND_RETRY_US = 1000000 };

struct append_file {
	char path[256]; /* empty: standard error */
	bool lines;	/* items end with a newline; else an item is what one append gave */
	bool replace;	/* an older file is emptied when it is opened */
	int fd;		/* -1: not open */
	char *spool;	/* owner: this; size octets */
	size_t size, len;
	uint64_t items; /* in the spool */
	int64_t retry_us;
	_Atomic uint64_t written, lost, waiting, failures;
	_Atomic int error; /* why the disk refuses, 0: it does not */
};

/* path NULL or empty: standard error. 0 or -errno; fini is legal in any case. */
int append_file_init(struct append_file *f, const char *path, size_t spool_octets, bool lines,
		     bool replace);
void append_file_fini(struct append_file *f);
/* false: the spool is full, the item is lost and counted. */
bool append_file_add(struct append_file *f, const void *item, size_t len);
void append_file_flush(struct append_file *f, int64_t now_us);
/* Closes and opens the path again; what waited for the old file goes to the new one. */
void append_file_reopen(struct append_file *f, int64_t now_us);
/* false: there is still the file that is open. */
bool append_file_was_renamed(const struct append_file *f);
/* What cannot be written any more goes to standard error (lines) or is counted as lost. */
void append_file_give_up(struct append_file *f);

#endif
