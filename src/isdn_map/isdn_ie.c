/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_ie.h"

#include <string.h>

enum { SHIFT_MASK = 0xf0, SHIFT = 0x90, SHIFT_ONCE = 0x08, CODESET = 0x07 };

void isdn_ie_begin(struct isdn_ie_walk *w, const uint8_t *octets, size_t at, size_t end)
{
	*w = (struct isdn_ie_walk){.octets = octets, .at = at, .end = end};
}

/* Q.931 4.5.3: a locking shift leads to a higher codeset only; one that does not is ignored. */
static void follow_shift(struct isdn_ie_walk *w, uint8_t octet)
{
	if (!(octet & SHIFT_ONCE) && (octet & CODESET) > w->locked)
		w->locked = octet & CODESET;
	w->next = octet & SHIFT_ONCE ? octet & CODESET : w->locked;
}

bool isdn_ie_next(struct isdn_ie_walk *w, struct isdn_ie *out)
{
	memset(out, 0, sizeof(*out));
	out->from = w->at;
	while (w->at < w->end && (w->octets[w->at] & SHIFT_MASK) == SHIFT) {
		uint8_t octet = w->octets[w->at++];

		follow_shift(w, octet);
		if (!(octet & SHIFT_ONCE))
			out->from = w->at;
	}
	if (w->at >= w->end)
		return false;
	out->at = w->at;
	out->codeset = w->next;
	w->next = w->locked;
	out->id = w->octets[w->at++];
	out->single = out->id & 0x80;
	if (out->single)
		return true;
	if (w->at >= w->end || w->octets[w->at] > w->end - w->at - 1) {
		w->cut = true;
		w->at = w->end;
		return false;
	}
	out->len = w->octets[w->at++];
	out->octets = w->octets + w->at;
	w->at += out->len;
	return true;
}
