/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_frame.h"

#include <string.h>

#include "src/isdn_map/isdn_cause.h"
#include "src/isdn_map/isdn_link.h"

enum {
	Q931_DISCRIMINATOR = 0x08,
	CREF_OCTETS_MAX = 2, /* on a primary rate interface, Q.931 4.3 */
};

/* Offset of the Q.931 message, 0: there is none. */
static size_t message_offset(const uint8_t *frame, size_t len)
{
	struct isdn_link link;

	isdn_link_decode(&link, frame, len);
	return link.kind == ISDN_LINK_I || link.kind == ISDN_LINK_UI ? link.info_at : 0;
}

static void take_progress(struct isdn_frame *f, const struct isdn_ie *ie)
{
	static const struct {
		uint8_t description, bit;
	} bits[] = {{1, CALL_PI_1}, {2, CALL_PI_2}, {3, CALL_PI_3}, {8, CALL_PI_8}};

	if (ie->len < 2)
		return;
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if ((ie->octets[1] & 0x7f) == bits[i].description)
			f->pi |= bits[i].bit;
}

/* Digits follow the first octet with its extension bit set (Q.931 4.5.8, 4.5.10). */
static void take_digits(uint8_t *most, const struct isdn_ie *ie)
{
	size_t head = 0;

	while (head < ie->len && !(ie->octets[head] & 0x80))
		head++;
	if (head + 1 < ie->len && ie->len - head - 1 > *most)
		*most = (uint8_t)(ie->len - head - 1);
}

static void take_place(struct isdn_place *out, const struct isdn_ie *ie)
{
	if (!out->len && ie->len)
		*out = (struct isdn_place){.at = (uint16_t)(ie->at + 2), .len = (uint16_t)ie->len};
}

static void take_element(struct isdn_frame *f, const struct isdn_ie *ie)
{
	switch (ie->id) {
	case ISDN_IE_CAUSE:
		if (!f->has_cause)
			f->has_cause = isdn_cause_decode(&f->cause, ie->octets, ie->len);
		break;
	case ISDN_IE_PROGRESS:
		take_progress(f, ie);
		break;
	case ISDN_IE_CHANNEL:
		f->has_channel |= ie->len > 0;
		take_place(&f->channel, ie);
		break;
	case ISDN_IE_CALLING:
		take_digits(&f->calling_digits, ie);
		break;
	case ISDN_IE_CALLED:
		take_digits(&f->called_digits, ie);
		f->called_plan = ie->len ? ie->octets[0] & 0x7f : 0;
		break;
	case ISDN_IE_CONNECTED:
		take_place(&f->connected, ie);
		break;
	case ISDN_IE_REDIRECTING:
		take_place(&f->redirecting, ie);
		break;
	case ISDN_IE_RESTART:
		take_place(&f->restart, ie);
		break;
	case ISDN_IE_LLC:
		take_place(&f->llc, ie);
		break;
	case ISDN_IE_HLC:
		take_place(&f->hlc, ie);
		break;
	case ISDN_IE_USER_USER:
		take_place(&f->user_user, ie);
		break;
	}
}

void isdn_frame_decode(struct isdn_frame *out, const uint8_t *frame, size_t len)
{
	size_t at = message_offset(frame, len), cref_len;
	struct isdn_ie_walk walk;
	struct isdn_ie ie;

	memset(out, 0, sizeof(*out));
	if (!at || len < at + 3 || len > UINT16_MAX || frame[at] != Q931_DISCRIMINATOR)
		return;
	cref_len = frame[at + 1] & 0x0f;
	if (cref_len > CREF_OCTETS_MAX || len < at + 2 + cref_len + 1)
		return;
	/* Octets that a shorter reference lacks count as zero; the flag is in the first one. */
	for (size_t i = 0; i < cref_len; i++) {
		uint8_t octet = frame[at + 2 + i];

		if (i == 0) {
			out->cref_flag = octet & 0x80;
			octet &= 0x7f;
		}
		out->cref = (uint16_t)(out->cref << 8 | octet);
	}
	out->is_message = true;
	out->message_at = (uint16_t)at;
	at += 2 + cref_len;
	out->type = frame[at];
	out->elements_at = (uint16_t)(at + 1);
	isdn_ie_begin(&walk, frame, at + 1, len);
	while (isdn_ie_next(&walk, &ie))
		if (ie.codeset == 0 && !ie.single)
			take_element(out, &ie);
		else if (ie.codeset == 0 && ie.id == ISDN_IE_SENDING_COMPLETE)
			out->sending_complete = true;
}
