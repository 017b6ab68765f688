/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ring-back, busy and congestion tone (E.180, the form of most of Europe): 425 Hz at −10 dBm0, with
 * cadences of 1 s on, 4 s off; 500 ms and 500 ms; 250 ms and 250 ms.
 * 17 periods of 425 Hz are exactly 320 samples, so that a table of one such run repeats without
 * a seam. Pure; counted in octets.
 */
#ifndef SRC_MEDIA_BRIDGE_TONE_H
#define SRC_MEDIA_BRIDGE_TONE_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/call/call_types.h"

struct tone {
	enum call_tone kind; /* of the last block; another one begins its cadence anew */
	uint32_t at; /* octets since the beginning of the cadence; zeroed memory starts it */
};

void tone_fill(struct tone *t, enum call_tone kind, enum media_law law, uint8_t *out,
	       size_t octets);

#endif
