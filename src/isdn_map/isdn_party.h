/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connected number (Q.951 clause 5, EN 300 097-1 8) and Redirecting number (Q.952, EN 300 207-1)
 * between their octets and values, pure; both are coded as a calling number (Q.931 4.5.10), the
 * second one with a reason in octet 3b. Any thread; nothing is allocated.
 */
#ifndef SRC_ISDN_MAP_ISDN_PARTY_H
#define SRC_ISDN_MAP_ISDN_PARTY_H

#include <stddef.h>

#include "gateway/call/call_types.h"

enum {
	ISDN_PARTY_DIGITS_MAX = 20, /* the standards bound the elements so */
	ISDN_PARTY_OCTETS_MAX = 3 + ISDN_PARTY_DIGITS_MAX, /* contents */
};

struct isdn_party {
	struct call_number number;
	uint8_t reason; /* enum call_redirect; UNKNOWN where octet 3b is not there */
};

/* Contents of an element to write. len 0: it is not written. */
struct isdn_party_octets {
	uint8_t len;
	uint8_t octet[ISDN_PARTY_OCTETS_MAX];
};

/* Contents of an element, behind its length. A number that is kept back (presentation restricted)
 * has no digits, or some. 0; -EBADMSG: cut short, too long or with a digit that is none (number is
 * then "not present"), and "not available" without digits, which says nothing. */
int isdn_party_decode(struct isdn_party *out, const uint8_t *contents, size_t len);

/* Who answered, for our CONNECT. Towards a user who has not paid for more (EN 300 097-1: override
 * category) a network side keeps the digits of a restricted number to itself; a user side sends them,
 * and cannot claim that a network has provided them. */
void isdn_connected_encode(struct isdn_party_octets *out, const struct call_number *n, bool network);

/* Who sent the call on, for our SETUP, with the same rules for restricted numbers and for who may
 * have provided them. reason: enum call_redirect. */
void isdn_redirecting_encode(struct isdn_party_octets *out, const struct call_number *n,
			     uint8_t reason, bool network);

#endif
