/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What NAPTR records say: regexps, URIs, order. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lookup_enum/lookup_enum_tests.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct regexp_row {
	const char *field, *uri; /* uri NULL: err instead */
	int err;
};
/* clang-format off */
static const struct regexp_row good_regexps[] = {
    {"!^.*$!sip:a@b!", "sip:a@b", 0},
    {"!^\\+49(.*)$!tel:+43\\1!", "tel:+4330123", 0},
    {"/^\\+(4)(9)(3)(0)(1)(2)(3)()(.*)$/\\7\\6\\5\\4\\3\\2\\1\\8\\9/", "3210394", 0},
    {"!(\\+)([0-9]{2})!\\2\\1!", "49+", 0}, /* the replacement alone, not as sed */
    {"!^\\+49!x\\!y\\\\z!", "x!y\\z", 0},
    {"#^\\+49#x\\#y#", "x#y", 0},
    {"a\\+49axa", "x", 0},
    {"!^\\+(49|50)[[:digit:]]+$!x!", "x", 0},
    {"!^[^[:alpha:]]*$!x!", "x", 0},
    {"!^[]+][\\d4]9.*$!x!", "x", 0}, /* in brackets a backslash is an octet like others */
    {"!^.[\\d]!x!", NULL, -ENOENT},
    {"!^\\+4{1,1}9{1}3{0,}.?!x!", "x", 0},
    {"!!x!", "x", 0},
    {"!^.*$!!", "", 0},
    {"!^\\+44!x!", NULL, -ENOENT},
    {"!^.*\\!x!x!", NULL, -ENOENT},
    {"!^(ab)?\\+49!x\\1y!", "xy", 0}, /* a group that took no part */
};
static const struct regexp_row bad_regexps[] = {
    {"", NULL, -EBADMSG},
    {"!", NULL, -EBADMSG},
    {"!!", NULL, -EBADMSG},
    {"a+49a", NULL, -EBADMSG},
    {"!^.*$!x", NULL, -EBADMSG},
    {"!^.*$!x\\!", NULL, -EBADMSG},
    {"!^.*$\\!x!", NULL, -EBADMSG},
    {"1^.*$1x1", NULL, -EBADMSG},
    {"i^.*$ixi", NULL, -EBADMSG},
    {"\\^.*$\\x\\", NULL, -EBADMSG},
    {"!^.*$!x!g", NULL, -EBADMSG},
    {"!^.*$!x!ii", NULL, -EBADMSG},
    {"!^(.*)$!\\2!", NULL, -EBADMSG},
    {"!^.*$!\\9!", NULL, -EBADMSG},
    {"!^.*$!\\0!", NULL, -EBADMSG},
    {"!^.*$!\\n!", NULL, -EBADMSG},
    {"!^(.*$!x!", NULL, -EBADMSG},
    {"!^.*)$!x!", NULL, -EBADMSG},
    {"!^[0-9$!x!", NULL, -EBADMSG},
    {"!^[[:digit$!x!", NULL, -EBADMSG},
    {"!^[[:no:]]!x!", NULL, -EBADMSG},
    {"!^\\d+$!x!", NULL, -EBADMSG},
    {"!^(.)\\1!x!", NULL, -EBADMSG}, /* an ERE has no back-references of its own */
    {"!*!x!", NULL, -EBADMSG},
    {"!^(?:.*)$!x!", NULL, -EBADMSG},
    {"!^(?R)$!x!", NULL, -EBADMSG},
    {"!(*UTF).*!x!", NULL, -EBADMSG},
    {"!^.*?$!x!", NULL, -EBADMSG},
    {"!^.*+$!x!", NULL, -EBADMSG},
    {"!^.{3$!x!", NULL, -EBADMSG},
    {"!^.{,3}$!x!", NULL, -EBADMSG},
    {"!^.{3,1}$!x!", NULL, -EBADMSG},
    {"!^.{99999}$!x!", NULL, -EBADMSG},
    {"!^\xff!x!", NULL, -EBADMSG},
};
/* What backtracks without end does not match; that is all. */
static const struct regexp_row endless_regexps[] = {
    {"!^(([0-9+]*)*)*[xy]$!x!", NULL, -ENOENT},
    {"!^(.+|.+.+|(.+)+)+(.+)+[xy]!x!", NULL, -ENOENT},
    {"!((((((((.*)*)*)*)*)*)*)*)*[xy]!x!", NULL, -ENOENT},
    {"!(((((((.{9}){9}){9}){9}){9}){9}){9}){9}!x!", NULL, -EBADMSG},
};
/* clang-format on */

static void check_regexps(const struct regexp_row *row, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char out[64];
		const char *why = NULL;
		int err = naptr_rewrite(out, sizeof(out), row[i].field, "+4930123", &why);

		if (err != row[i].err || (!err && strcmp(out, row[i].uri) != 0))
			fail_msg("%s: %d, %s, %s", row[i].field, err, err ? "-" : out,
				 why ? why : "-");
		assert_int_equal(err == -EBADMSG, why != NULL);
	}
}

static void regexps(void **state)
{
	(void)state;
	check_regexps(good_regexps, COUNT(good_regexps));
	check_regexps(bad_regexps, COUNT(bad_regexps));
	check_regexps(endless_regexps, COUNT(endless_regexps));
}

static void regexps_without_case(void **state)
{
	char out[16];
	const char *why;

	(void)state;
	assert_int_equal(naptr_rewrite(out, sizeof(out), "!AB!x!", "ab", &why), -ENOENT);
	assert_int_equal(naptr_rewrite(out, sizeof(out), "!AB!x!i", "ab", &why), 0);
	assert_string_equal(out, "x");
}

static void long_fields(void **state)
{
	char field[300], out[NAPTR_URI_MAX];
	const char *why;

	(void)state;
	/* 255 octets are what one character-string holds (RFC 1035 3.3). */
	memset(field, 'x', sizeof(field));
	memcpy(field, "!^.*$!", 6);
	memcpy(field + 254, "!", 2);
	assert_int_equal(naptr_rewrite(out, sizeof(out), field, "+49", &why), 0);
	assert_int_equal(strlen(out), 248);
	memcpy(field + 254, "x!", 3);
	assert_int_equal(naptr_rewrite(out, sizeof(out), field, "+49", &why), -EBADMSG);
	/* A replacement that grows beyond its place. */
	memcpy(field, "!^(.*)$!", 8);
	for (unsigned i = 8; i < 252; i += 2)
		memcpy(field + i, "\\1", 3);
	memcpy(field + 252, "!", 2);
	assert_int_equal(naptr_rewrite(out, sizeof(out), field, "+49301234567", &why), -EBADMSG);
	assert_non_null(strstr(why, "too long"));
	assert_true(strlen(out) < sizeof(out));
	/* Each octet of a bracket takes two. */
	memset(field, '\\', 254);
	memcpy(field, "![", 2);
	memcpy(field + 248, "]!x!", 5);
	assert_int_equal(naptr_rewrite(out, sizeof(out), field, "\\", &why), 0);
}

/* number NULL: err instead. */
/* clang-format off */
static const struct {
	const char *uri, *number, *routing;
	bool asked;
	int err;
} uri_row[] = {
    {"sip:+4930123@example.com", "+4930123", NULL, false, 0},
    {"SIPS:+49-30.(123)@[2001:db8::1]:5061;transport=tls", "+4930123", NULL, false, 0},
    {"sip:%2b4930123@example.com", "+4930123", NULL, false, 0},
    {"sip:+4930123:secret@example.com;user=phone", "+4930123", NULL, false, 0},
    {"sip:4930123@example.com", "4930123", NULL, false, 0},
    {"sip:*21%23@example.com", "*21#", NULL, false, 0},
    {"tel:+4930123", "+4930123", NULL, false, 0},
    {"tel:+4930123;ext=7", "+4930123", NULL, false, 0},
    {"tel:30123;phone-context=+49", "30123", NULL, false, 0},
    {"tel:+12155551234;npdi", "+12155551234", NULL, true, 0},
    {"tel:+1-215-555-1234;npdi;rn=+1-215-981-7600", "+12155551234", "+12159817600", true, 0},
    {"tel:+12155551234;RN=+12159817600;NPDI", "+12155551234", "+12159817600", true, 0},
    {"sip:+12155551234;npdi;rn=+12159817600@gw.example.com;user=phone", "+12155551234",
     "+12159817600", true, 0},
    /* Routing numbers that cannot be carried on: the next network asks for itself. */
    {"tel:+12155551234;npdi;rn=D123;rn-context=+49", "+12155551234", NULL, false, 0},
    {"tel:+12155551234;npdi;rn=4912", "+12155551234", NULL, false, 0},
    {"tel:+12155551234;npdi;rn=+1A", "+12155551234", NULL, false, 0},
    {"tel:+12155551234;npdi;rn", "+12155551234", NULL, false, 0},
    {"tel:+12155551234;npdix;npdi=", "+12155551234", NULL, true, 0},
    {"tel:+12155551234;npdix", "+12155551234", NULL, false, 0},
    {"tel:+12155551234;rnx=+1;xnpdi", "+12155551234", NULL, false, 0},
    {"sip:info@example.com", NULL, NULL, false, -ENOENT},
    {"sip:example.com", NULL, NULL, false, -ENOENT},
    {"sip:@example.com", NULL, NULL, false, -ENOENT},
    {"sip:+@example.com", NULL, NULL, false, -ENOENT},
    {"sip:+49x@example.com", NULL, NULL, false, -ENOENT},
    {"sip:+49*21@example.com", NULL, NULL, false, -ENOENT},
    {"sip:123456789012345678901234567890123@example.com", NULL, NULL, false, -ENOENT},
    {"sip:+49%@example.com", NULL, NULL, false, -EBADMSG},
    {"sip:+49%4@example.com", NULL, NULL, false, -EBADMSG},
    {"sip:+49%zz@example.com", NULL, NULL, false, -EBADMSG},
    {"sip:+49%00@example.com", NULL, NULL, false, -EBADMSG},
    {"sip:+49\x01@example.com", NULL, NULL, false, -EBADMSG},
    {"tel:", NULL, NULL, false, -EBADMSG},
    {"tel:info", NULL, NULL, false, -EBADMSG},
    {"mailto:a@example.com", NULL, NULL, false, -EBADMSG},
    {"sip", NULL, NULL, false, -EBADMSG},
    {"", NULL, NULL, false, -EBADMSG},
};
/* clang-format on */

static void uris(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(uri_row); i++) {
		struct call_number called;
		struct call_porting porting;
		char number[CALL_DIGITS_MAX + 2], routing[CALL_DIGITS_MAX + 2];
		int err = naptr_uri_number(uri_row[i].uri, &called, &porting);

		if (err != uri_row[i].err)
			fail_msg("%s: %d", uri_row[i].uri, err);
		if (err)
			continue;
		assert_string_equal(text_of(&called, number), uri_row[i].number);
		assert_int_equal(porting.asked, uri_row[i].asked);
		assert_string_equal(text_of(&porting.routing, routing),
				    uri_row[i].routing ? uri_row[i].routing : "");
	}
}

/* Which record of several decides. */
static void records(void **state)
{
	static const struct naptr mail = {1, 1, "u", "E2U+mailto", "!^.*$!mailto:a@b!", "."},
	    second = {100, 20, "u", "E2U+sip", "!^.*$!sip:+492@b!", "."},
	    first = {100, 10, "U", "e2u+SIP", "!^.*$!sip:+491@b!", "."},
	    ported = {90, 99, "u", "E2U+email+pstn:tel", "!^.*$!tel:+490;npdi!", "."},
	    nobody = {5, 1, "u", "E2U+sip", "!^.*$!sip:info@b!", "."},
	    other = {5, 1, "u", "E2U+sip", "!^\\+44!sip:+440@b!", "."},
	    bad = {5, 1, "u", "E2U+sip", "!^.*$!sip:+493", "."},
	    away = {50, 1, "", "E2U", "", "9.4.example.org"},
	    bare = {50, 1, "", "", "", "9.4.example.org"},
	    nowhere = {50, 1, "", "", "", "."}, strange = {50, 1, "", "", "!^.*$!x!", "a.b"},
	    srv = {1, 1, "s", "E2U+sip", "", "_sip._udp.b"},
	    old = {1, 1, "u", "sip+E2U", "!^.*$!sip:+494@b!", "."},
	    longer = {1, 1, "u", "E2U+sipx", "!^.*$!sip:+495@b!", "."},
	    shorter = {1, 1, "u", "E2U++s+", "!^.*$!sip:+495@b!", "."};
	const struct {
		struct naptr in[4];
		unsigned count;
		enum naptr_outcome outcome;
		const char *what; /* the number, the domain, or a part of why */
	} row[] = {
	    {{mail}, 0, NAPTR_NOTHING, ""},
	    {{mail, srv, old, longer}, 4, NAPTR_NOTHING, ""},
	    {{shorter}, 1, NAPTR_NOTHING, ""},
	    {{mail, second, first}, 3, NAPTR_NUMBER, "+491"},
	    {{second, first, ported}, 3, NAPTR_NUMBER, "+490"},
	    {{nobody, other, first}, 3, NAPTR_NUMBER, "+491"},
	    {{nobody, other}, 2, NAPTR_NOTHING, ""},
	    {{bad, second}, 2, NAPTR_NUMBER, "+492"},
	    {{bad, nobody}, 2, NAPTR_MALFORMED, "NAPTR 5 1: its regexp has not three delimiters"},
	    {{away, second}, 2, NAPTR_FOLLOW, "9.4.example.org"},
	    {{bare}, 1, NAPTR_FOLLOW, "9.4.example.org"},
	    {{nowhere, bad}, 2, NAPTR_MALFORMED, "NAPTR 5 1: "},
	    {{nowhere}, 1, NAPTR_MALFORMED, "names no other domain"},
	    {{strange}, 1, NAPTR_MALFORMED, "names no other domain"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct naptr_result r;
		char text[CALL_DIGITS_MAX + 2];

		naptr_decide(row[i].in, row[i].count, "+4930123", &r);
		assert_int_equal(r.outcome, row[i].outcome);
		if (r.outcome == NAPTR_NUMBER)
			assert_string_equal(text_of(&r.called, text), row[i].what);
		else if (r.outcome == NAPTR_FOLLOW)
			assert_string_equal(r.follow, row[i].what);
		else
			assert_non_null(strstr(r.why, row[i].what));
	}
}

/* Only so many are looked at, and the best of those that fit first come first. */
static void many_records(void **state)
{
	struct naptr in[NAPTR_RECORDS_MAX + 1];
	struct naptr_result r;
	char text[CALL_DIGITS_MAX + 2];

	(void)state;
	for (unsigned i = 0; i <= NAPTR_RECORDS_MAX; i++)
		in[i] = (struct naptr){1000, (uint16_t)(1000 - i), "u", "E2U+mailto", "", "."};
	in[NAPTR_RECORDS_MAX - 1] = (struct naptr){1, 1, "u", "E2U+sip", "!^.*$!tel:+491!", "."};
	in[NAPTR_RECORDS_MAX] = (struct naptr){0, 1, "u", "E2U+sip", "!^.*$!tel:+492!", "."};
	naptr_decide(in, NAPTR_RECORDS_MAX + 1, "+4930123", &r);
	assert_string_equal(text_of(&r.called, text), "+491");
	/* Nor may a hundred bad expressions be tried. */
	for (unsigned i = 0; i < NAPTR_RECORDS_MAX; i++)
		in[i] = (struct naptr){1, (uint16_t)i, "u", "E2U+sip", "!^(.+)+[xy]$!x!", "."};
	in[NAPTR_TRIES_MAX].regexp = "!^.*$!tel:+491!";
	naptr_decide(in, NAPTR_RECORDS_MAX, "+4930123", &r);
	assert_int_equal(r.outcome, NAPTR_NOTHING);
	in[NAPTR_TRIES_MAX - 1].regexp = "!^.*$!tel:+491!";
	naptr_decide(in, NAPTR_RECORDS_MAX, "+4930123", &r);
	assert_int_equal(r.outcome, NAPTR_NUMBER);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(regexps),
	    cmocka_unit_test(regexps_without_case),
	    cmocka_unit_test(long_fields),
	    cmocka_unit_test(uris),
	    cmocka_unit_test(records),
	    cmocka_unit_test(many_records),
	    cmocka_unit_test(test_wire_good_answer),
	    cmocka_unit_test(test_wire_zero_octet),
	    cmocka_unit_test(test_wire_no_record),
	    cmocka_unit_test(test_wire_spoiled),
	    cmocka_unit_test(test_resolver_answers),
	    cmocka_unit_test(test_resolver_too_late),
	    cmocka_unit_test(test_resolver_bounds),
	    cmocka_unit_test(test_resolver_bad_name),
	    cmocka_unit_test(test_resolver_refused),
	};

	return cmocka_run_group_tests_name("ENUM", tests, NULL, NULL);
}
