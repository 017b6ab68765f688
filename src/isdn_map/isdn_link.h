/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of a Q.921 frame (address and control, no FCS), pure: which frame it is, whose, its
 * numbers, and where its information field begins. Modulo 128, as on a D-channel.
 */
#ifndef SRC_ISDN_MAP_ISDN_LINK_H
#define SRC_ISDN_MAP_ISDN_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum isdn_link_kind {
	ISDN_LINK_BAD, /* too short, or address bits that no LAPD frame has */
	ISDN_LINK_I,
	ISDN_LINK_RR,
	ISDN_LINK_RNR,
	ISDN_LINK_REJ,
	ISDN_LINK_SABME,
	ISDN_LINK_DM,
	ISDN_LINK_UI,
	ISDN_LINK_DISC,
	ISDN_LINK_UA,
	ISDN_LINK_FRMR,
	ISDN_LINK_XID,
	ISDN_LINK_OTHER, /* a control field that Q.921 table 4 does not have */
};

struct isdn_link {
	enum isdn_link_kind kind;
	uint8_t sapi, tei;
	bool cr;	/* command/response bit as it is */
	bool pf;	/* poll or final bit */
	uint8_t ns, nr; /* send and receive sequence number, where there are some */
	uint8_t control;
	size_t info_at; /* of the information field; the frame's length when there is none */
};

void isdn_link_decode(struct isdn_link *out, const uint8_t *frame, size_t len);
const char *isdn_link_name(enum isdn_link_kind kind); /* "RR", "SABME", …; "?" */

#endif
