/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connected and Redirecting number: octets of the standards' figures, and what is none. */
#include <errno.h>
#include <string.h>

#include "src/isdn_map/isdn_edit.h"
#include "src/isdn_map/isdn_party.h"
#include "tests/unit/isdn_map/harness.h"
#include "tests/unit/isdn_map/tests.h"

#define OCTETS(text) text, sizeof(text) - 1

void test_party_decode(void **state)
{
	static const struct {
		const char *contents;
		size_t len;
		int result;
		const char *digits;
		uint8_t ton, npi, presentation, screening, reason;
	} rows[] = {
	    {OCTETS("\x91""4930"), 0, "4930", 1, 1, 0, 0, 0}, /* octet 3 alone */
	    {OCTETS("\x11\x83""4930"), 0, "4930", 1, 1, 0, 3, 0},
	    {OCTETS("\x21\xa1""30"), 0, "30", 2, 1, 1, 1, 0},
	    {OCTETS("\x11\x01\x8f""4930"), 0, "4930", 1, 1, 0, 1, 15}, /* octet 3b: unconditional */
	    {OCTETS("\x09\x20\x81""77"), 0, "77", 0, 9, 1, 0, 1},
	    {OCTETS("\x41\xc3""12*#"), 0, "12*#", 4, 1, 2, 3, 0},
	    {OCTETS("\x00\xa3"), 0, "", 0, 0, 1, 3, 0},	   /* restricted: no digits */
	    {OCTETS("\x00\xc3"), -EBADMSG, "", 0, 0, 0, 0, 0}, /* not available: nothing is said */
	    {OCTETS("\x81"), -EBADMSG, "", 0, 0, 0, 0, 0},
	    {OCTETS(""), -EBADMSG, "", 0, 0, 0, 0, 0},
	    {OCTETS("\x01"), -EBADMSG, "", 0, 0, 0, 0, 0}, /* 3a is promised */
	    {OCTETS("\x01\x01"), -EBADMSG, "", 0, 0, 0, 0, 0},
	    {OCTETS("\x01\x01\x01\x81""12"), -EBADMSG, "", 0, 0, 0, 0, 0}, /* no such octet */
	    {OCTETS("\x81""12x"), -EBADMSG, "", 0, 0, 0, 0, 0},
	    {OCTETS("\x81""1\0""2"), -EBADMSG, "", 0, 0, 0, 0, 0},
	    {OCTETS("\x81""12345678901234567890123456789012"), 0,
	     "12345678901234567890123456789012", 0, 1, 0, 0, 0},
	    {OCTETS("\x81""123456789012345678901234567890123"), -EBADMSG, "", 0, 0, 0, 0, 0},
	};
	struct isdn_party p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&p, 0xff, sizeof(p));
		assert_int_equal(isdn_party_decode(&p, (const uint8_t *)rows[i].contents,
						   rows[i].len),
				 rows[i].result);
		assert_int_equal(p.number.present, rows[i].result == 0);
		if (rows[i].result)
			continue;
		assert_string_equal(p.number.digits, rows[i].digits);
		assert_int_equal(p.number.ton, rows[i].ton);
		assert_int_equal(p.number.npi, rows[i].npi);
		assert_int_equal(p.number.presentation, rows[i].presentation);
		assert_int_equal(p.number.screening, rows[i].screening);
		assert_int_equal(p.reason, rows[i].reason);
	}
}

void test_connected_encode(void **state)
{
	static const struct {
		struct call_number number;
		bool network;
		const char *octets;
		size_t len;
	} rows[] = {
	    {{true, 1, 1, 0, 3, "4930"}, true, OCTETS("\x11\x83""4930")},
	    {{true, 1, 1, 0, 3, "4930"}, false, OCTETS("\x11\x80""4930")},
	    {{true, 2, 1, 0, 1, "30"}, false, OCTETS("\x21\x81""30")},
	    {{true, 1, 1, 1, 3, "4930"}, true, OCTETS("\x00\xa3")},
	    {{true, 1, 1, 1, 3, "4930"}, false, OCTETS("\x11\xa0""4930")},
	    {{true, 0, 0, 1, 0, ""}, true, OCTETS("\x00\xa3")},
	    {{true, 0, 0, 1, 0, ""}, false, OCTETS("\x00\xa0")},
	    {{true, 0, 0, 0, 0, ""}, true, OCTETS("")},
	    {{true, 1, 1, 2, 3, "4930"}, true, OCTETS("")}, /* not available */
	    {{false, 1, 1, 0, 3, "4930"}, true, OCTETS("")},
	    {{true, 1, 1, 0, 0, "12345678901234567890"}, true, OCTETS("\x11\x80""12345678901234567890")},
	    {{true, 1, 1, 0, 0, "123456789012345678901"}, true, OCTETS("")},
	};
	struct isdn_party_octets out;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		isdn_connected_encode(&out, &rows[i].number, rows[i].network);
		assert_int_equal(out.len, rows[i].len);
		assert_memory_equal(out.octet, rows[i].octets, rows[i].len);
	}
}

/* In its place, instead of what was there. */
void test_connected_edit(void **state)
{
	static const uint8_t frame[] = {0, 1, 0, 0, 8, 2, 0, 7, 0x07, 0x18, 3, 0xa9, 0x83, 0x81,
					0x4c, 2, 0x81, '9', 0x7e, 1, 4};
	static const uint8_t with[] = {0, 1, 0, 0, 8, 2, 0, 7, 0x07, 0x18, 3, 0xa9, 0x83, 0x81,
				       0x4c, 4, 0x11, 0x83, '4', '9', 0x7e, 1, 4};
	static const uint8_t without[] = {0, 1, 0, 0, 8, 2, 0, 7, 0x07, 0x18, 3, 0xa9, 0x83, 0x81,
					  0x7e, 1, 4};
	struct isdn_party_octets party = {4, {0x11, 0x83, '4', '9'}};
	struct isdn_edit edit = {.connected = &party};
	uint8_t octets[E1_DCHAN_FRAME_MAX];
	size_t n;

	(void)state;
	memcpy(octets, frame, sizeof(frame));
	n = isdn_frame_edit(octets, sizeof(frame), sizeof(octets), &edit);
	assert_int_equal(n, sizeof(with));
	assert_memory_equal(octets, with, n);
	party.len = 0;
	n = isdn_frame_edit(octets, n, sizeof(octets), &edit);
	assert_int_equal(n, sizeof(without));
	assert_memory_equal(octets, without, n);
}
