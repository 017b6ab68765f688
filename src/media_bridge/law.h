/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two laws of G.711: octet to octet by its tables 3 and 4 (not by way of linear samples,
 * which differs in a few values), and octets to and from 16-bit linear samples. Pure. */
#ifndef SRC_MEDIA_BRIDGE_LAW_H
#define SRC_MEDIA_BRIDGE_LAW_H

#include <stddef.h>
#include <stdint.h>

enum { LAW_ALAW_IDLE = 0xd5, LAW_ULAW_IDLE = 0xff };

extern const uint8_t law_alaw_to_ulaw[256], law_ulaw_to_alaw[256];

/* table NULL: a plain copy. out may be in. */
void law_convert(uint8_t *out, const uint8_t *in, size_t octets, const uint8_t table[256]);

int16_t law_alaw_decode(uint8_t octet);
int16_t law_ulaw_decode(uint8_t octet);
uint8_t law_alaw_encode(int16_t sample); /* the nearest octet */
uint8_t law_ulaw_encode(int16_t sample);

#endif
