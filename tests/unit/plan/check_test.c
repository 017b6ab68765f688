/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that cannot be: each with the key and the place that are told; and the last ones that can. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/plan/list.h"
#include "gateway/plan/zone.h"
#include "tests/unit/plan/make.h"
#include "tests/unit/plan/plan_tests.h"

#define TEN "1234567890"

static struct make m;
static struct plan_rule *r;
static struct plan_match *match;
static struct plan_set *set;

/* A sound rule, to be spoilt. */
static void sound(enum plan_match_kind kind, const char *text)
{
	m.count = 0;
	r = make_rule(&m, "x", kind, text, 0);
	match = &r->match[PLAN_CALLED];
	set = &r->set[PLAN_CALLED];
}

static int create(struct plan_error *bad)
{
	static const struct plan_lookup lookup[] = {{"l", PLAN_LOOKUP_ENUM, "e", 300, 0, 0}};
	struct plan_cfg cfg = {.rule = m.rule, .rule_count = m.count, .lookup = lookup, .lookup_count = 1};
	struct plan *p = NULL;
	int err = plan_create(&p, &cfg, bad);

	plan_destroy(p);
	return err;
}

static void is_good(void)
{
	struct plan_error bad;

	if (create(&bad))
		fail_msg("%s at %u: %s", bad.key, bad.offset, bad.text);
}

static void is_bad(const char *key, unsigned offset, const char *text)
{
	struct plan_error bad;

	assert_int_equal(create(&bad), -EINVAL);
	if (strcmp(bad.key, key) != 0 || bad.offset != offset || !strstr(bad.text, text))
		fail_msg("%s at %u: %s; expected %s at %u: %s", bad.key, bad.offset, bad.text, key,
			 offset, text);
}

static void test_matches(enum plan_number which, const char *key)
{
	static const struct {
		enum plan_match_kind kind;
		const char *match, *text; /* text NULL: it is good */
		unsigned offset;
	} row[] = {
	    {PLAN_MATCH_PREFIX, NULL, "but not what", 0},
	    {PLAN_MATCH_PREFIX, "+12+3", "a prefix is digits", 3},
	    {PLAN_MATCH_PREFIX, "12X", "a prefix is digits", 2},
	    {PLAN_MATCH_PREFIX, "X", "a prefix is digits", 0},
	    {PLAN_MATCH_PREFIX, "", NULL, 0},
	    {PLAN_MATCH_PREFIX, "+", NULL, 0},
	    {PLAN_MATCH_PREFIX, "*#0123456789", NULL, 0},
	    {PLAN_MATCH_PATTERN, "+49[1-", "set", 3},
	    {PLAN_MATCH_PATTERN, "1A", "", 1},
	    {PLAN_MATCH_PATTERN, "1[3-1]", "a set is written", 4},
	    {PLAN_MATCH_PATTERN, "+86 1[3-9] X.", NULL, 0},
	    {PLAN_MATCH_RANGE, "100", "a range is FIRST-LAST", 0},
	    {PLAN_MATCH_RANGE, "+100-200", "either both", 5},
	    {PLAN_MATCH_RANGE, "100-+200", "either both", 4},
	    {PLAN_MATCH_RANGE, "+100-+200", NULL, 0},
	    {PLAN_MATCH_RANGE, "100-100", NULL, 0},
	    {PLAN_MATCH_RANGE, "0-9", NULL, 0},
	    {PLAN_MATCH_RANGE, "-", "equally long", 1},
	    {PLAN_MATCH_RANGE, "100-20", "equally long", 4},
	    {PLAN_MATCH_RANGE, "+10-+200", "equally long", 5},
	    {PLAN_MATCH_RANGE, "101-100", "the lower number first", 0},
	    {PLAN_MATCH_RANGE, "1*-2*", "of digits", 0},
	    {PLAN_MATCH_RANGE, TEN TEN TEN "12-" TEN TEN TEN "13", NULL, 0},
	    {PLAN_MATCH_RANGE, TEN TEN TEN "123-" TEN TEN TEN "124", "equally long", 34},
	    {PLAN_MATCH_REGEX, "ab(c", "no regular expression", 4},
	    {PLAN_MATCH_REGEX, "", NULL, 0},
	    {PLAN_MATCH_LIST, NULL, "no such list", 0},
	    {(enum plan_match_kind)(PLAN_MATCH_LIST + 1), "1", "no such kind", 0},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		sound(PLAN_MATCH_ANY, NULL);
		r->match[which].kind = row[i].kind;
		r->match[which].text = row[i].match;
		if (row[i].text)
			is_bad(key, row[i].offset, row[i].text);
		else
			is_good();
	}
	sound(PLAN_MATCH_ANY, NULL);
	r->match[which].absent = true;
	is_good();
	r->match[which].kind = PLAN_MATCH_PREFIX;
	r->match[which].text = "1";
	is_bad(key, 0, "absent");
	r->match[which].absent = false;
	r->match[which].tons = 1 << CALL_TON_NATIONAL | 1 << CALL_TON_INTERNATIONAL;
	is_good();
	r->match[which].text = "+1";
	is_bad(key, 0, "leave the + or the type out");
	r->match[which].tons = 1 << CALL_TON_INTERNATIONAL;
	is_good();
}

void test_check_matches(void **state)
{
	(void)state;
	test_matches(PLAN_CALLED, "match.called");
	test_matches(PLAN_CALLING, "match.calling");
	test_matches(PLAN_REDIRECTING, "match.redirecting");
	test_matches(PLAN_CONNECTED, "match.connected");
	sound(PLAN_MATCH_ANY, NULL);
	r->match_name = "(";
	is_bad("match.name", 1, "no regular expression");
}

void test_check_numbers(void **state)
{
	static const struct {
		const char *regex, *number, *text;
		unsigned offset;
	} row[] = {
	    {NULL, "112", NULL, 0},
	    {NULL, "+49*#", NULL, 0},
	    {NULL, "", "an empty number", 0},
	    {NULL, "4+9", "a number is digits", 1},
	    {NULL, "++", "a number is digits", 1},
	    {NULL, "4 9", "a number is digits", 1},
	    {NULL, "0$1", "needs a regex", 2},
	    {"(.)", "0$1", NULL, 0},
	    {"(.)", "0$0", NULL, 0},
	    {"(.)", "0$2", "no group $2, only 1", 2},
	    {"(.)(.)(.)(.)(.)(.)(.)(.)(.)", "+$9$1", NULL, 0},
	    {"(.)", "+$9", "no group $9", 2},
	    {"(.)", "0$", "a number is digits", 1},
	    {"(.)", "$:", "a number is digits", 0},
	    {"(.)", "$/", "a number is digits", 0},
	    {NULL, TEN TEN TEN "12", NULL, 0},
	    {NULL, "+" TEN TEN TEN "12", NULL, 0},
	    {NULL, "+" TEN TEN TEN "123", "longer than 32 digits", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		sound(row[i].regex ? PLAN_MATCH_REGEX : PLAN_MATCH_PREFIX, row[i].regex ? row[i].regex : "1");
		set->number = row[i].number;
		if (row[i].text)
			is_bad("set.called", row[i].offset, row[i].text);
		else
			is_good();
	}
	sound(PLAN_MATCH_ANY, NULL);
	set->number = "1";
	set->strip = 1;
	is_bad("set.called", 0, "either number, or strip and prepend");
	set->strip = 0;
	set->prepend = "1";
	is_bad("set.called", 0, "either number, or strip and prepend");
	sound(PLAN_MATCH_ANY, NULL);
	m.target[0][0].set[PLAN_CALLING].number = "x";
	is_bad("targets", 0, "a number is digits");
}

/* Q.931 table 4-9 and 4-11: the last value that there is, and the one behind it. */
void test_check_sets(void **state)
{
	static const char *const key[] = {"set.called", "set.calling", "set.redirecting", "set.connected"};
	static const char *const prepend[] = {TEN TEN TEN "12", "+" TEN TEN TEN "1", "*#", "+"};
	static const char *const bad[] = {TEN TEN TEN "123", "1+2", "1a", "++"};

	(void)state;
	for (unsigned n = 0; n < PLAN_NUMBERS; n++) {
		for (unsigned field = 0; field < 5; field++) {
			static const uint8_t last[] = {7, 15, 3, 3, CALL_DIGITS_MAX};

			for (int value = -3; value < 40; value++) {
				sound(PLAN_MATCH_ANY, NULL);
				switch (field) {
				case 0: r->set[n].ton = (int8_t)value; break;
				case 1: r->set[n].npi = (int8_t)value; break;
				case 2: r->set[n].presentation = (int8_t)value; break;
				case 3: r->set[n].screening = (int8_t)value; break;
				default: r->set[n].strip = (uint8_t)(value < 0 ? 0 : value);
				}
				if (value > last[field] || (field < 4 && value < (field ? -1 : PLAN_TON_SAME)))
					is_bad(key[n], 0, "a value that does not exist");
				else
					is_good();
			}
		}
		for (unsigned i = 0; i < 4; i++) {
			sound(PLAN_MATCH_ANY, NULL);
			r->set[n].prepend = prepend[i];
			is_good();
			r->set[n].prepend = bad[i];
			is_bad(key[n], 0, "prepend is up to 32 digits");
		}
	}
	for (unsigned number = 0; number < 2; number++) {
		sound(PLAN_MATCH_ANY, NULL);
		if (number)
			set->number = "+49";
		else
			set->prepend = "+49";
		set->ton = CALL_TON_INTERNATIONAL;
		is_good();
		set->ton = CALL_TON_UNKNOWN;
		is_bad("set.called", 0, "a + sets type international");
	}
}

void test_check_rules(void **state)
{
	char name[CALL_NAME_MAX + 2];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[CALL_NAME_MAX + 1] = '\0';
	sound(PLAN_MATCH_ANY, NULL);
	r->name = NULL;
	is_good();
	r->name = name + 1;
	r->set_name = name + 1;
	is_good();
	r->set_name = name;
	is_bad("set.name", 0, "longer than");
	r->name = name;
	is_bad("name", 0, "longer than");
	sound(PLAN_MATCH_ANY, NULL);
	r->lookup = 1;
	is_good();
	r->lookup = 2;
	is_bad("lookup", 0, "no such look-up");
	sound(PLAN_MATCH_ANY, NULL);
	r->when.zone = 1;
	is_bad("when", 0, "no such time zone");
	sound(PLAN_MATCH_ANY, NULL);
	m.target[0][0].to.kind = CALL_EP_NONE;
	is_bad("to", 0, "no such span or trunk");
	sound(PLAN_MATCH_ANY, NULL);
	r->target_count = 0;
	is_bad("to", 0, "nowhere to go");
	r->bar = 127;
	is_good();
	r->emergency = true;
	is_bad("bar", 0, "not both");
	r->emergency = false;
	r->target_count = 1;
	is_bad("bar", 0, "not both");
	r->target_count = 0;
	r->bar = 128;
	is_bad("bar", 0, "1 to 127");
	for (unsigned stage = PLAN_REWRITE_IN; stage <= PLAN_REWRITE_ANSWER; stage++)
		for (unsigned what = 0; what < 4; what++) {
			sound(PLAN_MATCH_ANY, NULL);
			r->stage = (enum plan_stage)stage;
			r->target_count = 0;
			r->bar = what == 1 ? 3 : 0;
			r->emergency = what == 2;
			r->lookup = what == 3;
			if (what)
				is_bad("stage", 0, "only rewrites");
			else
				is_good();
		}
}

static void count(void *arg, const struct plan_error *bad)
{
	unsigned *seen = arg;

	*seen |= 1u << bad->rule;
	assert_string_equal(bad->key, "to");
}

/* All are told, and the first one is what plan_create() itself says. */
void test_check_all(void **state)
{
	struct plan_error bad;
	unsigned seen = 0;
	struct plan_cfg cfg = {.rule = m.rule, .rule_count = 5, .on_error = count, .arg = &seen};
	struct plan *p = NULL;

	(void)state;
	m.count = 0;
	for (unsigned i = 0; i < 5; i++)
		make_rule(&m, "x", PLAN_MATCH_ANY, NULL, 0)->target_count = i % 2 == 0;
	assert_int_equal(plan_create(&p, &cfg, &bad), -EINVAL);
	assert_int_equal(bad.rule, 1);
	assert_string_equal(bad.key, "to");
	assert_int_equal(seen, 1 << 1 | 1 << 3);
	assert_null(p);
}
