/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place through which every D-channel frame goes, between libpri's callbacks and the
 * driver. Inbound it is decoded before libpri sees it; outbound libpri's cause elements are
 * edited. Edits are looked up by call reference for as long as LAPD may repeat a frame.
 */
#ifndef SRC_ISDN_MAP_PRI_PRI_FRAMES_H
#define SRC_ISDN_MAP_PRI_PRI_FRAMES_H

#include "src/isdn_map/isdn_frame.h"
#include "src/isdn_map/pri/pri_line.h"

/* More than the frames that can wait for an acknowledgement or in libpri's queue. */
enum { PRI_FRAMES_EDITS = 128 };

/* In clearing messages of this call, the cause `written` becomes `cause`. */
struct pri_cause_edit {
	bool used;
	bool ours; /* we made the call reference */
	uint16_t cref;
	uint8_t written; /* what libpri was told: a value that makes it choose the right message */
	struct call_cause cause;
};

struct pri_frames {
	struct pri_line_cfg cfg;
	struct pri_line_counters counters;
	struct isdn_frame last_in; /* of the frame that libpri is handling now */
	bool received;		   /* the last read gave libpri a frame */
	unsigned next_edit;
	struct pri_cause_edit edit[PRI_FRAMES_EDITS];
};

/* libpri's read and write callbacks without their struct pri. */
int pri_frames_read(struct pri_frames *f, void *buf, int cap);
int pri_frames_write(struct pri_frames *f, const void *buf, int len);

void pri_frames_edit_cause(struct pri_frames *f, uint16_t cref, bool ours, uint8_t written,
			   struct call_cause cause);

#endif
