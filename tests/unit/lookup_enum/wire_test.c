/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS answers as they come: good ones, and each of their beginnings and changed octets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/lookup/enum/enum_wire.h"
#include "tests/unit/lookup_enum/lookup_enum_tests.h"

static void decide(const uint8_t *octets, size_t len, struct naptr_result *out)
{
	uint8_t *exact = malloc(len ? len : 1); /* so that ASan sees a read too far */

	assert_non_null(exact);
	memcpy(exact, octets, len);
	enum_wire_decide(exact, len, "+49", out);
	free(exact);
}

/* 9.4.e.arpa NAPTR 100 10 "u" "E2U+sip" REGEXP "." */
static size_t answer(uint8_t out[512], const char *regexp, size_t regexp_len)
{
	static const uint8_t question[] = "\x12\x34\x81\x80\0\1\0\1\0\0\0\0"
					  "\x01"
					  "9\x01"
					  "4\x01"
					  "e\x04"
					  "arpa\0\0\x23\0\1"
					  "\xc0\x0c\0\x23\0\1\0\0\0\x3c\0",
			     fields[] = "\0\x64\0\x0a\1u\7E2U+sip";
	size_t len = sizeof(question) - 1;

	memcpy(out, question, len);
	out[len++] = (uint8_t)(sizeof(fields) - 1 + 1 + regexp_len + 1);
	memcpy(out + len, fields, sizeof(fields) - 1);
	len += sizeof(fields) - 1;
	out[len++] = (uint8_t)regexp_len;
	memcpy(out + len, regexp, regexp_len);
	len += regexp_len;
	out[len++] = 0;
	return len;
}

static const char good[] = "!^\\+49$!sip:+4930@b!";

void test_wire_good_answer(void **state)
{
	struct naptr_result r;
	uint8_t octets[512];
	size_t len = answer(octets, good, strlen(good));

	(void)state;
	decide(octets, len, &r);
	assert_int_equal(r.outcome, NAPTR_NUMBER);
	assert_string_equal(r.called.digits, "4930");
}

void test_wire_zero_octet(void **state)
{
	static const char regexp[] = "!^.*$!sip:+49\0x!";
	struct naptr_result r;
	uint8_t octets[512];
	size_t len = answer(octets, regexp, sizeof(regexp) - 1);

	(void)state;
	decide(octets, len, &r);
	assert_int_equal(r.outcome, NAPTR_MALFORMED);
}

void test_wire_no_record(void **state)
{
	struct naptr_result r;
	uint8_t octets[512];
	size_t len = answer(octets, good, strlen(good));

	(void)state;
	octets[7] = 0; /* no answers */
	decide(octets, len, &r);
	assert_int_equal(r.outcome, NAPTR_NOTHING);
}

void test_wire_spoiled(void **state)
{
	struct naptr_result r;
	uint8_t octets[512], changed[512];
	size_t len = answer(octets, good, strlen(good));

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		decide(octets, cut, &r);
		assert_int_equal(r.outcome, NAPTR_MALFORMED);
		assert_true(*r.why);
	}
	for (size_t at = 0; at < len; at++)
		for (unsigned v = 0; v < 256; v++) {
			memcpy(changed, octets, len);
			changed[at] = (uint8_t)v;
			decide(changed, len, &r);
		}
}
