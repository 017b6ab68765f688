/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_frame.h"

#include <string.h>

enum {
	Q931_DISCRIMINATOR = 0x08,
	CREF_OCTETS_MAX = 2, /* on a primary rate interface, Q.931 4.3 */
	IE_CAUSE = 0x08,
	IE_CHANNEL = 0x18,
	IE_PROGRESS = 0x1e,
	IE_CALLING = 0x6c,
	IE_CALLED = 0x70,
};

/* Offset of the Q.931 message: after two address octets, an I frame (Q.921 table 4) has two
 * control octets, a UI frame one. 0: no message in here. */
static size_t message_offset(const uint8_t *frame, size_t len)
{
	if (len < 3 || (frame[0] & 1) || !(frame[1] & 1))
		return 0;
	if (!(frame[2] & 1))
		return 4;
	if ((frame[2] & 0xef) == 0x03)
		return 3;
	return 0;
}

static void take_cause(struct isdn_frame *f, const uint8_t *frame, size_t at, size_t ie_len)
{
	/* Octet 3a (recommendation) is there when octet 3 has no extension bit (Q.850 2.1). */
	size_t value = ie_len && !(frame[at] & 0x80) ? 1 : 0;

	if (ie_len < value + 2 || f->has_cause)
		return;
	f->has_cause = true;
	f->cause_offset = at;
	f->cause_value_offset = at + value + 1;
	f->cause.location = frame[at] & 0x0f;
	f->cause.value = frame[f->cause_value_offset] & 0x7f;
}

static void take_progress(struct isdn_frame *f, const uint8_t *frame, size_t at, size_t ie_len)
{
	static const struct {
		uint8_t description, bit;
	} bits[] = {{1, CALL_PI_1}, {2, CALL_PI_2}, {3, CALL_PI_3}, {8, CALL_PI_8}};

	if (ie_len < 2)
		return;
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if ((frame[at + 1] & 0x7f) == bits[i].description)
			f->pi |= bits[i].bit;
}

/* Digits follow the first octet with its extension bit set (Q.931 4.5.8, 4.5.10). */
static void take_digits(uint8_t *most, const uint8_t *ie, size_t ie_len)
{
	size_t head = 0;

	while (head < ie_len && !(ie[head] & 0x80))
		head++;
	if (head + 1 < ie_len && ie_len - head - 1 > *most)
		*most = (uint8_t)(ie_len - head - 1);
}

static void take_element(struct isdn_frame *f, const uint8_t *frame, uint8_t id, size_t at,
			 size_t ie_len)
{
	switch (id) {
	case IE_CAUSE:
		take_cause(f, frame, at, ie_len);
		break;
	case IE_PROGRESS:
		take_progress(f, frame, at, ie_len);
		break;
	case IE_CHANNEL:
		f->has_channel = ie_len > 0;
		break;
	case IE_CALLING:
		take_digits(&f->calling_digits, frame + at, ie_len);
		break;
	case IE_CALLED:
		take_digits(&f->called_digits, frame + at, ie_len);
		break;
	}
}

static void take_elements(struct isdn_frame *f, const uint8_t *frame, size_t at, size_t len)
{
	bool other_codeset = false;

	while (at < len) {
		uint8_t id = frame[at++];
		size_t ie_len;

		if (id & 0x80) { /* one octet; 0x90…0x9f shift to another codeset, Q.931 4.5.2 */
			if ((id & 0xf0) == 0x90) {
				if (!(id & 0x08))
					return; /* locking: nothing of codeset 0 follows */
				other_codeset = true;
				continue;
			}
			other_codeset = false;
			continue;
		}
		if (at >= len)
			return;
		ie_len = frame[at++];
		if (ie_len > len - at)
			return;
		if (!other_codeset)
			take_element(f, frame, id, at, ie_len);
		other_codeset = false;
		at += ie_len;
	}
}

void isdn_frame_decode(struct isdn_frame *out, const uint8_t *frame, size_t len)
{
	size_t at = message_offset(frame, len), cref_len;

	memset(out, 0, sizeof(*out));
	if (!at || len < at + 3 || frame[at] != Q931_DISCRIMINATOR)
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
	at += 2 + cref_len;
	out->is_message = true;
	out->type = frame[at];
	take_elements(out, frame, at + 1, len);
}

void isdn_frame_set_cause(const struct isdn_frame *f, uint8_t *frame, struct call_cause cause)
{
	if (!f->has_cause)
		return;
	frame[f->cause_offset] = (frame[f->cause_offset] & 0xf0) | (cause.location & 0x0f);
	frame[f->cause_value_offset] = (frame[f->cause_value_offset] & 0x80) | (cause.value & 0x7f);
}
