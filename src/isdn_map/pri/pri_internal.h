/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder only. */
#ifndef SRC_ISDN_MAP_PRI_PRI_INTERNAL_H
#define SRC_ISDN_MAP_PRI_PRI_INTERNAL_H

#include <libpri.h>

#include "src/isdn_map/pri/pri_frames.h"
#include "src/isdn_map/pri/pri_heap.h"

/* Messages that libpri is to believe to have come: two for each call of an E1. */
enum { PRI_FEINTS_MAX = 64 };

struct pri_line {
	struct pri *pri;
	struct pri_heap heap; /* all memory of pri */
	struct pri_frames frames;
	int64_t now_us;
	unsigned steps_left;   /* of this turn */
	bool up;	       /* layer 2, as the last event said */
	bool sabme;	       /* in the frame that libpri is handling now */
	uint64_t status_out;   /* STATUS messages sent */
	struct {
		uint8_t type;  /* of message */
		uint16_t cref; /* call reference octets */
	} feint[PRI_FEINTS_MAX];
	unsigned feints;
	bool bad_counted;      /* libpri complained about the frame that it has */
	int64_t log_window_us; /* begin of the second that log_count counts */
	unsigned log_count;
};

void pri_event_translate(const struct pri_line *l, const pri_event *ev, struct pri_line_event *out);
/* libpri's hooks are one for the whole process: see pri_log.c. */
void pri_log_install(void);
/* Whose calls into libpri come next in this thread; NULL: nobody's. */
void pri_log_enter(struct pri_line *l);

#endif
