/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The country profiles: their cases, six dialled forms of each country, and whether reading and
 * writing are inverse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/plan/profile.h"
#include "gateway/base/rng.h"
#include "gateway/base/strbuf.h"

enum { COUNTRIES = 10, CASES_LEAST = 20 };
static const char *const forms[] = {"international", "national", "subscriber", "dialled",
				    "dialled_local", "bare", "bare_national"};

static void show(void *arg, const char *text)
{
	++*(unsigned *)arg;
	printf("# %s\n", text);
}

static struct call_number number(const char *text, uint8_t ton)
{
	struct call_number n;

	assert_int_equal(e164_number_parse(&n, text), 0);
	if (ton)
		n.ton = ton;
	return n;
}

static struct e164_edge edge_of(const char *country, const char *area)
{
	struct e164_edge e = {.profile = profile_find(country)};

	assert_non_null(e.profile);
	str_copy(e.area, sizeof(e.area), area);
	return e;
}

static struct profile_file builtin_file(unsigned index)
{
	const char *name = profile_name(index), *text = profile_text(name);
	struct profile_file f;
	unsigned mistakes = 0;

	assert_int_equal(profile_parse(&f, name, text, strlen(text), show, &mistakes), 0);
	assert_string_equal(f.profile.name, name);
	return f;
}

/* How many different ones: of all that is a number, and of those in E.164. */
static unsigned different(const struct profile_file *f, bool e164)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->case_count; i++) {
		const struct profile_case *c = &f->cases[i];
		bool again = e164 ? c->kind != E164_NUMBER : c->kind == E164_OTHER;

		for (unsigned j = 0; j < i && !again; j++)
			again = e164 ? strcmp(c->is, f->cases[j].is) == 0
				     : strcmp(c->dialled, f->cases[j].dialled) == 0;
		n += !again;
	}
	return n;
}

static unsigned occurrences(const char *text, const char *of)
{
	unsigned n = 0;

	for (text = strstr(text, of); text; text = strstr(text + 1, of))
		n++;
	return n;
}

/* Every case of every file holds (profile_parse() runs them), there are enough numbers, and each source
 * says whether it was read. */
static void test_cases(void **state)
{
	unsigned total = 0, count = 0, dialled_total = 0;

	(void)state;
	for (; profile_name(count); count++) {
		struct profile_file f = builtin_file(count);
		const char *text = profile_text(profile_name(count));
		unsigned dialled = different(&f, false), numbers = different(&f, true);

		printf("# %s: %u cases, %u dialled forms of %u numbers in E.164; sources: %u read, %u "
		       "quoted, %u not read\n",
		       f.profile.name, f.case_count, dialled, numbers,
		       occurrences(text, "read: itself"), occurrences(text, "read: quoted"),
		       occurrences(text, "read: \"no\""));
		assert_true(dialled >= CASES_LEAST && numbers >= CASES_LEAST);
		assert_int_equal(occurrences(text, "{id: "), occurrences(text, "read: "));
		total += f.case_count;
		dialled_total += dialled;
		profile_file_fini(&f);
	}
	printf("# %u countries, %u cases, %u dialled forms\n", count, total, dialled_total);
	assert_int_equal(count, COUNTRIES);
	assert_null(profile_find("xx"));
	assert_null(profile_text("xx"));
}

/* ── Ten countries, six forms ── */

static const struct {
	const char *country, *area, *e164;
	const char *local, *national, *international, *plus, *bare, *tagged;
	const char *bare_is; /* what bare is, by the rules of dialling */
} six[] = {
    {"cn", "10", "861055550100", "55550100", "01055550100", "00861055550100", "+861055550100",
     "861055550100", "1055550100", "other:861055550100"},
    {"us", "212", "12125550100", "5550100", "12125550100", "01112125550100", "+12125550100",
     /* The country code is the national prefix: this one form is both. */
     "12125550100", "2125550100", "+12125550100"},
    {"de", "30", "493023125000", "23125000", "03023125000", "00493023125000", "+493023125000",
     "493023125000", "3023125000", "other:493023125000"},
    {"gb", "20", "442079460000", "79460000", "02079460000", "00442079460000", "+442079460000",
     "442079460000", "2079460000", "other:442079460000"},
    {"fr", "", "33199000001", "0199000001", "0199000001", "0033199000001", "+33199000001",
     "33199000001", "199000001", "other:33199000001"},
    {"it", "", "390600000001", "0600000001", "0600000001", "00390600000001", "+390600000001",
     "390600000001", "0600000001", "other:390600000001"},
    {"es", "", "34910000001", "910000001", "910000001", "0034910000001", "+34910000001",
     "34910000001", "910000001", "other:34910000001"},
    {"in", "11", "911120000001", "20000001", "01120000001", "00911120000001", "+911120000001",
     "911120000001", "1120000001", "other:911120000001"},
    {"br", "11", "551130000001", "30000001", "01130000001", "0015551130000001", "+551130000001",
     "551130000001", "1130000001", "other:551130000001"},
    {"jp", "3", "81350000001", "50000001", "0350000001", "01081350000001", "+81350000001",
     "81350000001", "350000001", "other:81350000001"},
};

static void reads(const struct e164_edge *e, const char *digits, uint8_t ton, const char *want)
{
	struct call_number n = number(digits, ton);
	char text[E164_TEXT + 6];
	struct e164 got;

	e164_normalise(e, &n, &got);
	e164_format(&got, text);
	if (strcmp(text, want) != 0)
		printf("# %s at %s: %s, not %s\n", digits, e->profile->name, text, want);
	assert_string_equal(text, want);
}

static void writes(struct e164_edge e, enum e164_form form, const char *e164, const char *digits,
		   uint8_t ton)
{
	struct e164 in = {.kind = E164_NUMBER};
	struct call_number out = {0};

	e.form = form;
	str_copy(in.digits, sizeof(in.digits), e164);
	assert_int_equal(e164_denormalise(&e, &in, &out), 0);
	if (strcmp(out.digits, digits) != 0 || out.ton != ton)
		printf("# +%s at %s as %s: %s type %u\n", e164, e.profile->name, forms[form],
		       out.digits, out.ton);
	assert_string_equal(out.digits, digits);
	assert_int_equal(out.ton, ton);
}

static void test_six_forms(void **state)
{
	unsigned checked = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(six) / sizeof(six[0]); i++) {
		struct e164_edge e = edge_of(six[i].country, six[i].area), sip = e;
		char want[40];

		snprintf(want, sizeof(want), "+%s", six[i].e164);
		reads(&e, six[i].local, 0, want);
		reads(&e, six[i].national, 0, want);
		reads(&e, six[i].international, 0, want);
		reads(&e, six[i].plus, 0, want);
		reads(&e, six[i].bare, 0, six[i].bare_is);
		reads(&e, six[i].tagged, CALL_TON_NATIONAL, want);
		sip.bare = E164_BARE_INTERNATIONAL;
		reads(&sip, six[i].bare, 0, want);
		if (*six[i].area) {
			reads(&e, six[i].local, CALL_TON_SUBSCRIBER, want);
			writes(e, E164_FORM_SUBSCRIBER, six[i].e164, six[i].local,
			       CALL_TON_SUBSCRIBER);
		}
		writes(e, E164_FORM_DIALLED_LOCAL, six[i].e164, six[i].local, 0);
		writes(e, E164_FORM_DIALLED, six[i].e164, six[i].national, 0);
		writes(e, E164_FORM_INTERNATIONAL, six[i].e164, six[i].e164, 1);
		writes(sip, E164_FORM_BARE, six[i].e164, six[i].bare, 0);
		writes(e, E164_FORM_NATIONAL, six[i].e164, six[i].tagged, CALL_TON_NATIONAL);
		checked += 6;
	}
	printf("# %u forms read and written\n", checked);
}

/* 0086, +86 and 86 are three things. */
static void test_kept_apart(void **state)
{
	struct e164_edge e = edge_of("cn", "10"), national = e, sip = e;

	(void)state;
	reads(&e, "008613800000106", 0, "+8613800000106");
	reads(&e, "+8613800000106", 0, "+8613800000106");
	reads(&e, "8613800000106", 0, "other:8613800000106");
	reads(&e, "8613800000106", CALL_TON_INTERNATIONAL, "+8613800000106");
	reads(&e, "86138000", 0, "+861086138000"); /* a number of Beijing */
	national.bare = E164_BARE_NATIONAL;
	reads(&national, "1086138000", 0, "+861086138000");
	sip.bare = E164_BARE_INTERNATIONAL;
	reads(&sip, "8613800000106", 0, "+8613800000106");
	reads(&sip, "008613800000106", 0, "+8613800000106");
	/* Tagged as national it is one, right or wrong: the type is not guessed away. */
	reads(&e, "8613800000106", CALL_TON_NATIONAL, "+868613800000106");
}

/* Traps that technicians meet. */
static void test_traps(void **state)
{
	struct e164_edge de = edge_of("de", "30"), it = edge_of("it", ""), us = edge_of("us", "212");
	struct e164_profile odd;
	struct e164 e;
	struct call_number n;

	(void)state;
	/* The prefix although the type says it. */
	reads(&de, "00493023125000", CALL_TON_INTERNATIONAL, "+493023125000");
	reads(&de, "03023125000", CALL_TON_NATIONAL, "+493023125000");
	reads(&us, "12125550100", CALL_TON_NATIONAL, "+12125550100");
	/* Italy's 0 is no prefix. */
	reads(&it, "0612345678", CALL_TON_NATIONAL, "+390612345678");
	writes(it, E164_FORM_DIALLED, "390612345678", "0612345678", 0);
	writes(de, E164_FORM_DIALLED, "390612345678", "00390612345678", 0);
	/* Short numbers stay what they are, also tagged. */
	reads(&de, "112", 0, "112");
	reads(&de, "112", CALL_TON_SUBSCRIBER, "112");
	reads(&de, "112", CALL_TON_NATIONAL, "112");
	reads(&de, "1121", 0, "other:1121");
	/* A number of the own area that looks like a short one is not sent in local form. */
	writes(edge_of("us", "212"), E164_FORM_DIALLED_LOCAL, "12125550100", "5550100", 0);
	/* Feature codes, private plans and nothing at all pass as they came. */
	reads(&de, "*21#", 0, "other:*21#");
	n = number("4711", 0);
	n.npi = CALL_NPI_PRIVATE;
	e164_normalise(&de, &n, &e);
	assert_int_equal(e.kind, E164_OTHER);
	assert_non_null(e.note);
	n = (struct call_number){0};
	e164_normalise(&de, &n, &e);
	assert_int_equal(e.kind, E164_OTHER);
	/* An international prefix that could begin a country code does not count behind the type. */
	odd = *de.profile;
	str_copy(odd.international[0], sizeof(odd.international[0]), "810");
	de.profile = &odd;
	reads(&de, "8103123456789", CALL_TON_INTERNATIONAL, "+8103123456789");
	reads(&de, "810442079460000", 0, "+442079460000");
	de.profile = profile_find("de");
	/* No area code is known: a subscriber number stays one. */
	de.area[0] = '\0';
	reads(&de, "23125000", CALL_TON_SUBSCRIBER, "other:23125000");
	writes(de, E164_FORM_SUBSCRIBER, "493023125000", "3023125000", CALL_TON_NATIONAL);
	/* A number that nobody has yet goes its way all the same. */
	n = number("0044 1", 0);
	e164_normalise(&de, &n, &e);
	assert_int_equal(e.kind, E164_NUMBER);
	assert_false(e.fits);
	assert_string_equal(e.digits, "441");
}

/* ── Inverse ── */

static void make_number(struct rng *r, const struct e164_range *range, char *out)
{
	unsigned len = range->min + rng_below(r, range->max - range->min + 1U), n = 0;
	const char *p = range->starts;

	/* A digit that the place takes: try until one does. */
	while (*p && n < len) {
		char one[2] = {(char)('0' + rng_below(r, 10)), '\0'}, place[E164_PATTERN_MAX + 1];
		size_t size = *p == '[' ? strcspn(p, "]") + 1 : 1;

		snprintf(place, sizeof(place), "%.*s", (int)size, p);
		if (e164_pattern_match(place, one) < 0)
			continue;
		out[n++] = one[0];
		p += size;
	}
	while (n < len)
		out[n++] = (char)('0' + rng_below(r, 10));
	out[n] = '\0';
}

static bool same(const struct e164 *a, const struct e164 *b)
{
	return a->kind == b->kind && strcmp(a->digits, b->digits) == 0;
}

/* What is written is read as the same number, at every edge, in every form. */
static unsigned check_inverse(const struct e164_profile *p, const char *area, const struct e164 *in)
{
	unsigned n = 0;

	for (int form = E164_FORM_INTERNATIONAL; form <= E164_FORM_BARE_NATIONAL; form++) {
		struct e164_edge e = {.profile = p, .form = (enum e164_form)form};
		struct call_number out = {0};
		struct e164 back;

		str_copy(e.area, sizeof(e.area), area);
		e.bare = form == E164_FORM_BARE ? E164_BARE_INTERNATIONAL
			 : form == E164_FORM_BARE_NATIONAL ? E164_BARE_NATIONAL
							   : E164_BARE_DIALLED;
		assert_int_equal(e164_denormalise(&e, in, &out), 0);
		e164_normalise(&e, &out, &back);
		/* A bare form is what the far end asked for; whether we would read it so is another
		 * matter only where national and international numbers look alike. */
		if (!same(in, &back) &&
		    (form == E164_FORM_BARE || form == E164_FORM_BARE_NATIONAL))
			continue;
		if (!same(in, &back))
			printf("# +%s at %s as %s is %s type %u, which is %s\n", in->digits,
			       p->name, forms[form], out.digits, out.ton, back.digits);
		assert_true(same(in, &back));
		n++;
	}
	return n;
}

static void test_inverse(void **state)
{
	unsigned rounds = 200, checked = 0, numbers = 0;
	struct rng r;

	(void)state;
	if (getenv("PROFILE_ROUNDS"))
		rounds = (unsigned)atoi(getenv("PROFILE_ROUNDS"));
	printf("# seed 5\n");
	rng_init_seed(&r, 5);
	for (unsigned c = 0; c < COUNTRIES; c++) {
		const struct e164_profile *p = profile_find(profile_name(c));
		const struct e164_profile *other = profile_find(profile_name(rng_below(&r, COUNTRIES)));

		for (unsigned i = 0; i < p->range_count * rounds; i++) {
			const struct e164_range *range = &p->range[i % p->range_count];
			struct e164 in = {.kind = E164_NUMBER};
			char digits[CALL_DIGITS_MAX + 1], area[8];

			make_number(&r, range, digits);
			snprintf(area, sizeof(area), "%.*s", (int)rng_below(&r, 5), digits);
			if (range->use > E164_USE_BARE)
				continue;
			snprintf(in.digits, sizeof(in.digits), "%s%.20s", p->country_code, digits);
			checked += check_inverse(p, area, &in) + check_inverse(other, "", &in);
			numbers++;
		}
	}
	printf("# %u numbers, %u forms written and read\n", numbers, checked);
	assert_true(numbers > 40 * rounds && checked > 10 * numbers);
}

/* Reading never fails and is stable: what is read, written with + and read again is the same. Any
 * digits, any type. */
static void test_any_digits(void **state)
{
	unsigned rounds = 20000, read = 0;
	struct rng r;

	(void)state;
	printf("# seed 6\n");
	rng_init_seed(&r, 6);
	for (unsigned i = 0; i < rounds; i++) {
		struct e164_edge e = {.profile = profile_find(profile_name(i % COUNTRIES)),
				      .bare = (enum e164_bare)rng_below(&r, 3),
				      .form = (enum e164_form)rng_below(&r, 5)};
		struct call_number n = {.present = true, .npi = (uint8_t)rng_below(&r, 2)}, out = {0};
		unsigned len = rng_below(&r, CALL_DIGITS_MAX + 1);
		struct e164 first, second;

		for (unsigned d = 0; d < len; d++)
			n.digits[d] = "0001123456789901234567890123456789*"[rng_below(&r, 35)];
		n.ton = (uint8_t)rng_below(&r, 8);
		str_copy(e.area, sizeof(e.area), rng_below(&r, 2) ? "30" : "");
		e164_normalise(&e, &n, &first);
		if (first.kind == E164_OTHER) {
			assert_non_null(first.note);
			assert_string_equal(first.number.digits, n.digits);
		}
		assert_int_equal(e164_denormalise(&e, &first, &out), 0);
		e164_normalise(&e, &out, &second);
		assert_true(same(&first, &second));
		read += first.kind != E164_OTHER;
	}
	printf("# %u of %u were numbers\n", read, rounds);
	assert_true(read > rounds / 10 && read < rounds);
}

/* ── Bad files ── */

#define HEAD                                                                                       \
	"profile: xx\ncountry: X\ncountry_code: \"99\"\n"                                           \
	"sources:\n  - {id: a, document: d, date: 2020-01-01}\n"
#define PREFIXES "prefixes:\n  - {kind: national, digits: \"0\", source: a}\n"
#define RANGES "ranges:\n  - {starts: \"[2-9]\", least: 5, use: national, source: a}\n"
#define CASES "cases:\n  - {dialled: \"0 23456\", is: \"+9923456\"}\n"

static const struct {
	const char *text, *want;
} bad[] = {
    {HEAD PREFIXES RANGES "cases:\n  - {dialled: \"0 23456\", is: \"+9823456\"}\n",
     "f:11:5: case 0 23456 is +9923456, not +9823456"},
    {HEAD PREFIXES RANGES "cases:\n  - {dialled: \"0 23456\", is: \"+9923456\", back: \"23456\"}\n",
     "f:11:5: case 0 23456 is dialled again 023456, not 23456"},
    {HEAD PREFIXES RANGES "cases:\n  - {dialled: \"0 234567\", is: \"+99234567\"}\n",
     "f:11:5: case 0 234567 is +99234567, not of its form and length"},
    {HEAD PREFIXES RANGES "cases:\n  - {dialled: \"x\", is: \"+99\"}\n", "f:11:15: not a number"},
    {HEAD PREFIXES RANGES "cases:\n  - {dialled: \"1\", is: \"99\"}\n", "f:11:24: is: takes +49"},
    {HEAD PREFIXES "ranges:\n  - {starts: \"[2-\", least: 5, use: national, source: a}\n" CASES,
     "f:9:14: starts takes digits"},
    {HEAD PREFIXES "ranges:\n  - {starts: \"23\", least: 1, use: national, source: a}\n" CASES,
     "f:9:5: a number here has 1 to 1 digits, at least the 2"},
    {HEAD PREFIXES "ranges:\n  - {starts: \"2\", least: 5, most: 4, use: local, source: a}\n" CASES,
     "f:9:5: a number here has 5 to 4"},
    {HEAD PREFIXES "ranges:\n  - {starts: \"2\", least: 5, use: local, source: b}\n" CASES,
     "f:9:49: there is no source \"b\""},
    {HEAD "prefixes:\n  - {kind: national, digits: \"0\", source: a}\n"
	  "  - {kind: national, digits: \"1\", source: a}\n" RANGES CASES,
     "f:8:5: too many prefixes of this kind"},
    {HEAD PREFIXES RANGES, "f:1:1: a profile has no cases"},
    {"- a\n", "f:1:1: a profile is a map"},
};

static void keep(void *arg, const char *text)
{
	char *first = arg;

	if (!*first)
		snprintf(first, 512, "%s", text);
}

static void test_bad_files(void **state)
{
	static const char good[] = HEAD PREFIXES RANGES CASES;
	struct profile_file f;
	unsigned mistakes = 0;

	(void)state;
	assert_int_equal(profile_parse(&f, "f", good, strlen(good), show, &mistakes), 0);
	assert_int_equal(f.case_count, 1);
	profile_file_fini(&f);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char first[512] = "";

		assert_int_not_equal(
		    profile_parse(&f, "f", bad[i].text, strlen(bad[i].text), keep, first), 0);
		if (!strstr(first, bad[i].want))
			printf("# number %zu says: %s\n", i, first);
		assert_non_null(strstr(first, bad[i].want));
	}
}

/* A profile or mistakes, whatever stands in the file. */
static void test_mutations(void **state)
{
	unsigned rounds = 2000, good = 0;
	struct rng r;

	(void)state;
	printf("# seed 7\n");
	rng_init_seed(&r, 7);
	for (unsigned i = 0; i < rounds; i++) {
		char text[] = HEAD PREFIXES RANGES CASES, first[512] = "";
		struct profile_file f;

		for (unsigned m = 0; m <= rng_below(&r, 3); m++)
			text[rng_below(&r, sizeof(text) - 1)] =
			    "0129[]-XZN:+{}, \n\"az*#\xc3"[rng_below(&r, 23)];
		if (profile_parse(&f, "f", text, sizeof(text) - 1, keep, first) == 0) {
			good++;
			assert_string_equal(first, "");
			profile_file_fini(&f);
		} else {
			assert_true(strncmp(first, "f:", 2) == 0);
		}
	}
	printf("# %u of %u were profiles\n", good, rounds);
	assert_true(good > 10 && good < rounds / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),      cmocka_unit_test(test_six_forms),
	    cmocka_unit_test(test_kept_apart), cmocka_unit_test(test_traps),
	    cmocka_unit_test(test_inverse),    cmocka_unit_test(test_any_digits),
	    cmocka_unit_test(test_bad_files),  cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
