/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks the information elements of a Q.931 message (Q.931 4.5), pure: single-octet ones, those
 * with a length, locking and non-locking shifts between codesets. Nothing that it hands out lies
 * outside of the message; where an element is cut short the walk ends and says so.
 */
#ifndef SRC_ISDN_MAP_ISDN_IE_H
#define SRC_ISDN_MAP_ISDN_IE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { /* Q.931 table 4-3, codeset 0: those that somebody here cares about */
       ISDN_IE_SEGMENTED = 0x00,
       ISDN_IE_BEARER = 0x04,
       ISDN_IE_CAUSE = 0x08,
       ISDN_IE_CALL_IDENTITY = 0x10,
       ISDN_IE_CALL_STATE = 0x14,
       ISDN_IE_CHANNEL = 0x18,
       ISDN_IE_FACILITY = 0x1c,
       ISDN_IE_PROGRESS = 0x1e,
       ISDN_IE_NETWORK_FACILITIES = 0x20,
       ISDN_IE_NOTIFICATION = 0x27,
       ISDN_IE_DISPLAY = 0x28,
       ISDN_IE_DATE_TIME = 0x29,
       ISDN_IE_KEYPAD = 0x2c,
       ISDN_IE_SIGNAL = 0x34,
       ISDN_IE_CONNECTED = 0x4c,
       ISDN_IE_CONNECTED_SUBADDRESS = 0x4d,
       ISDN_IE_CALLING = 0x6c,
       ISDN_IE_CALLING_SUBADDRESS = 0x6d,
       ISDN_IE_CALLED = 0x70,
       ISDN_IE_CALLED_SUBADDRESS = 0x71,
       ISDN_IE_REDIRECTING = 0x74,
       ISDN_IE_REDIRECTION = 0x76,
       ISDN_IE_TRANSIT_NETWORK = 0x78,
       ISDN_IE_RESTART = 0x79,
       ISDN_IE_LLC = 0x7c,
       ISDN_IE_HLC = 0x7d,
       ISDN_IE_USER_USER = 0x7e,
       ISDN_IE_SENDING_COMPLETE = 0xa1,
};

struct isdn_ie {
	uint8_t codeset; /* 0…7 */
	uint8_t id;	 /* first octet; of a single-octet element it may hold a value, too */
	bool single;	 /* bit 8 of id is set: nothing follows */
	size_t at;	 /* of the first octet, in what the walk was begun with */
	size_t from;	 /* the same, or of the shifts in front that count for this one only */
	const uint8_t *octets; /* contents; NULL when single */
	size_t len;	       /* how many */
};

struct isdn_ie_walk {
	const uint8_t *octets;
	size_t at, end;
	uint8_t locked, next; /* codeset of a locking shift, of the next element */
	bool cut;	      /* the last element wanted more octets than there were */
};

/* Elements stand in octets[at…end). */
void isdn_ie_begin(struct isdn_ie_walk *w, const uint8_t *octets, size_t at, size_t end);
/* False at the end. Shifts are followed, not handed out. */
bool isdn_ie_next(struct isdn_ie_walk *w, struct isdn_ie *out);

#endif
