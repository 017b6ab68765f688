/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frame codec, pure: what stands in a D-channel frame (Q.921 address and control, Q.931 message,
 * no FCS) that libpri's events lack, and the edits that libpri cannot make. Decoding never fails:
 * what cannot be read is not there. Edits keep the length and depend on frame and arguments
 * alone, since LAPD's repetitions pass through again.
 */
#ifndef SRC_ISDN_MAP_ISDN_FRAME_H
#define SRC_ISDN_MAP_ISDN_FRAME_H

#include <stddef.h>

#include "gateway/call/call_types.h"

enum { /* Q.931 4.4, message types that somebody here cares about */
       ISDN_MSG_SETUP = 0x05,
       ISDN_MSG_DISCONNECT = 0x45,
       ISDN_MSG_RELEASE = 0x4d,
       ISDN_MSG_RELEASE_COMPLETE = 0x5a,
};

struct isdn_frame {
	bool is_message; /* an I frame or UI frame with a Q.931 message; else nothing below holds */
	uint8_t type;	 /* message type */
	uint16_t cref;	 /* call reference value, 15 bits, without the flag */
	bool cref_flag;	 /* set: sent to the side that made the reference */
	bool has_cause;
	size_t cause_offset; /* of the octet with the location, in the frame */
	size_t cause_value_offset;
	struct call_cause cause;
	uint8_t pi;			       /* CALL_PI_* bits */
	uint8_t called_digits, calling_digits; /* how many; the longest when there are several */
	bool has_channel;		       /* a Channel Identification is there */
};

void isdn_frame_decode(struct isdn_frame *out, const uint8_t *frame, size_t len);

/* Puts cause into the decoded frame; nothing happens without a cause element. */
void isdn_frame_set_cause(const struct isdn_frame *f, uint8_t *frame, struct call_cause cause);

#endif
