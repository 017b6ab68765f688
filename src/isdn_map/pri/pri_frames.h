/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place through which every D-channel frame goes, between libpri's callbacks and the
 * driver. Inbound it is decoded before libpri sees it; outbound libpri's cause elements are
 * edited, and progress indicators put in. Edits are looked up by call reference for as long as LAPD
 * may repeat a frame.
 */
#ifndef SRC_ISDN_MAP_PRI_PRI_FRAMES_H
#define SRC_ISDN_MAP_PRI_PRI_FRAMES_H

#include "src/isdn_map/isdn_edit.h"
#include "src/isdn_map/pri/pri_line.h"

/* More than the calls whose frames can wait for an acknowledgement or in libpri's queue. */
enum { PRI_FRAMES_EDITS = 128 };

/* Each is sent once in a call, so the type is enough to find its indicators again. */
enum pri_edit_message {
	PRI_EDIT_PROCEEDING,
	PRI_EDIT_ALERTING,
	PRI_EDIT_CONNECT,
	PRI_EDIT_DISCONNECT,
	PRI_EDIT_MESSAGES,
};

/* What becomes of the messages of one call. */
struct pri_edit {
	bool used;
	bool ours; /* we made the call reference */
	uint16_t cref;
	uint64_t touched; /* the one that was not for longest makes room */
	uint8_t written;  /* what libpri was told: a value that makes it choose the right message */
	struct call_cause cause; /* instead of `written`, in clearing messages */
	uint8_t pi[PRI_EDIT_MESSAGES];
	struct call_cause progress_cause;
	struct isdn_carried setup; /* goes into SETUP */
	struct isdn_party_octets connected; /* goes into CONNECT */
	struct isdn_party_octets redirecting; /* goes into SETUP */
};

struct pri_frames {
	struct pri_line_cfg cfg;
	struct pri_line_counters counters;
	struct isdn_frame last_in;	/* of the frame that libpri is handling now */
	struct isdn_carried carried_in; /* of the same */
	struct isdn_party connected_in, redirecting_in;
	bool received;			/* the last read gave libpri a frame */
	uint64_t touches;
	struct pri_edit edit[PRI_FRAMES_EDITS];
};

/* libpri's read and write callbacks without their struct pri. */
int pri_frames_read(struct pri_frames *f, void *buf, int cap);
int pri_frames_write(struct pri_frames *f, const void *buf, int len);

/* A new call: its reference may be an old one that an edit still names. */
void pri_frames_forget(struct pri_frames *f, uint16_t cref, bool ours);
void pri_frames_edit_cause(struct pri_frames *f, uint16_t cref, bool ours, uint8_t written,
			   struct call_cause cause);
void pri_frames_edit_pi(struct pri_frames *f, uint16_t cref, bool ours, enum pri_edit_message type,
			uint8_t pi);
/* PROGRESS may be sent many times: which one a frame is stands in the cause that libpri is to
 * write. Returns it; no cause: value 0. */
uint8_t pri_frames_edit_progress(struct pri_frames *f, uint16_t cref, bool ours, uint8_t pi,
				 struct call_cause cause);
/* Who answered, in CONNECT. */
void pri_frames_edit_connected(struct pri_frames *f, uint16_t cref, bool ours,
			       const struct isdn_party_octets *connected);
/* Who sent the call on, in SETUP. */
void pri_frames_edit_redirecting(struct pri_frames *f, uint16_t cref,
				 const struct isdn_party_octets *redirecting);
void pri_frames_edit_setup(struct pri_frames *f, uint16_t cref, const struct isdn_carried *carried);

#endif
