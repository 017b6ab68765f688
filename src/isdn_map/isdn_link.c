/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_link.h"

#include <string.h>

enum { P_F = 0x10 }; /* in the control field of U frames */

static const struct {
	uint8_t control; /* U frames: without P/F (Q.921 table 4) */
	const char *name;
} kinds[] = {
    [ISDN_LINK_BAD] = {0, "?"},
    [ISDN_LINK_I] = {0, "I"},
    [ISDN_LINK_RR] = {0x01, "RR"},
    [ISDN_LINK_RNR] = {0x05, "RNR"},
    [ISDN_LINK_REJ] = {0x09, "REJ"},
    [ISDN_LINK_SABME] = {0x6f, "SABME"},
    [ISDN_LINK_DM] = {0x0f, "DM"},
    [ISDN_LINK_UI] = {0x03, "UI"},
    [ISDN_LINK_DISC] = {0x43, "DISC"},
    [ISDN_LINK_UA] = {0x63, "UA"},
    [ISDN_LINK_FRMR] = {0x87, "FRMR"},
    [ISDN_LINK_XID] = {0xaf, "XID"},
    [ISDN_LINK_OTHER] = {0, "unknown frame"},
};

static enum isdn_link_kind find(uint8_t control, enum isdn_link_kind first,
				enum isdn_link_kind last)
{
	for (enum isdn_link_kind kind = first; kind <= last; kind++)
		if (kinds[kind].control == control)
			return kind;
	return ISDN_LINK_OTHER;
}

void isdn_link_decode(struct isdn_link *out, const uint8_t *frame, size_t len)
{
	memset(out, 0, sizeof(*out));
	out->info_at = len;
	if (len < 3 || (frame[0] & 1) || !(frame[1] & 1))
		return;
	out->sapi = frame[0] >> 2;
	out->cr = frame[0] & 2;
	out->tei = frame[1] >> 1;
	out->control = frame[2];
	if ((frame[2] & 3) == 3) {
		out->pf = frame[2] & P_F;
		out->kind = find(frame[2] & (uint8_t)~P_F, ISDN_LINK_SABME, ISDN_LINK_XID);
		out->info_at = 3;
		return;
	}
	if (len < 4)
		return;
	out->nr = frame[3] >> 1;
	out->pf = frame[3] & 1;
	out->info_at = 4;
	if (frame[2] & 1) {
		out->kind = find(frame[2], ISDN_LINK_RR, ISDN_LINK_REJ);
		return;
	}
	out->ns = frame[2] >> 1;
	out->kind = ISDN_LINK_I;
}

const char *isdn_link_name(enum isdn_link_kind kind)
{
	return kind <= ISDN_LINK_OTHER ? kinds[kind].name : "?";
}
