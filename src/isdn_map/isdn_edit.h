/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits of a frame that libpri wrote and cannot write better, pure: what comes out depends on the
 * frame and the edit alone, since LAPD's repetitions pass through again. Elements are put in the
 * order of their identifiers (Q.931 4.5.1); the message never grows beyond N201 (Q.921 5.9.3):
 * what has no room is left out.
 */
#ifndef SRC_ISDN_MAP_ISDN_EDIT_H
#define SRC_ISDN_MAP_ISDN_EDIT_H

#include "src/isdn_map/isdn_frame.h"
#include "src/isdn_map/isdn_party.h"

enum {
	ISDN_N201 = 260,   /* octets of a message at most */
	ISDN_LLC_MAX = 16, /* contents: Q.931 4.5.19, 4.5.17, 4.5.30 */
	ISDN_HLC_MAX = 3,
	ISDN_USER_USER_MAX = 129,
};

/* Contents of elements that travel unchanged. Length 0: not there. */
struct isdn_carried {
	uint8_t llc_len, hlc_len, user_user_len;
	uint8_t llc[ISDN_LLC_MAX], hlc[ISDN_HLC_MAX], user_user[ISDN_USER_USER_MAX];
};

struct isdn_edit {
	bool set_pi;	     /* these progress indicators and no others */
	uint8_t pi;	     /* CALL_PI_* bits */
	uint8_t pi_location; /* enum call_location */
	bool set_cause;	     /* this cause and no other; value 0: none */
	struct call_cause cause;
	const struct isdn_party_octets *connected; /* this Connected number and no other, len 0: none;
						    * NULL: no change */
	const struct isdn_party_octets *redirecting; /* likewise, Redirecting number */
	const struct isdn_carried *carried; /* instead of those that are there; NULL: no change */
};

/* Edits frame of len octets in place; there is room for cap. Returns the new length. A frame
 * without a message, or with elements cut short, stays as it is. */
size_t isdn_frame_edit(uint8_t *frame, size_t len, size_t cap, const struct isdn_edit *edit);

/* Copies what is in the frame, unless it is longer than its element may be. */
void isdn_carried_take(struct isdn_carried *out, const struct isdn_frame *f, const uint8_t *frame);

/* What `in` has replaces what `out` had. */
void isdn_carried_add(struct isdn_carried *out, const struct isdn_carried *in);

#endif
