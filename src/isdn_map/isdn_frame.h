/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frame codec, pure: what stands in a D-channel frame (Q.921 address and control, Q.931 message,
 * no FCS) that libpri's events lack. Decoding never fails: what cannot be read is not there.
 * isdn_edit.h changes frames, isdn_words.h puts them into words.
 */
#ifndef SRC_ISDN_MAP_ISDN_FRAME_H
#define SRC_ISDN_MAP_ISDN_FRAME_H

#include "gateway/call/call_types.h"
#include "src/isdn_map/isdn_ie.h"

enum { /* Q.931 4.4, message types that somebody here cares about */
       ISDN_MSG_ALERTING = 0x01,
       ISDN_MSG_CALL_PROCEEDING = 0x02,
       ISDN_MSG_PROGRESS = 0x03,
       ISDN_MSG_SETUP = 0x05,
       ISDN_MSG_CONNECT = 0x07,
       ISDN_MSG_SETUP_ACK = 0x0d,
       ISDN_MSG_CONNECT_ACK = 0x0f,
       ISDN_MSG_DISCONNECT = 0x45,
       ISDN_MSG_RESTART = 0x46,
       ISDN_MSG_RELEASE = 0x4d,
       ISDN_MSG_RESTART_ACK = 0x4e,
       ISDN_MSG_RELEASE_COMPLETE = 0x5a,
       ISDN_MSG_STATUS_ENQUIRY = 0x75,
       ISDN_MSG_INFORMATION = 0x7b,
       ISDN_MSG_STATUS = 0x7d,
};

/* Contents of an element in the frame that was decoded; len 0: it is not there, or empty. */
struct isdn_place {
	uint16_t at, len;
};

struct isdn_frame {
	bool is_message; /* an I frame or UI frame with a Q.931 message; else nothing below holds */
	uint8_t type;	 /* message type */
	uint16_t cref;	 /* call reference value, 15 bits, without the flag */
	bool cref_flag;	 /* set: sent to the side that made the reference */
	uint16_t message_at;  /* of the protocol discriminator */
	uint16_t elements_at; /* behind the message type */
	bool has_cause;
	struct call_cause cause;	       /* of the first Cause, with its diagnostic */
	uint8_t pi;			       /* CALL_PI_* bits, of all progress indicators */
	uint8_t called_digits, calling_digits; /* how many; the longest when there are several */
	uint8_t called_plan;		       /* TON and NPI of the last called number */
	bool sending_complete;
	bool has_channel;		       /* a Channel Identification is there */
	/* The first of each. */
	struct isdn_place channel, restart, llc, hlc, user_user, connected, redirecting;
};

void isdn_frame_decode(struct isdn_frame *out, const uint8_t *frame, size_t len);

#endif
