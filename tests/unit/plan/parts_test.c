/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a plan against naive doubles: ranges, lists, the rule tree, time zones. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/rng.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/list.h"
#include "gateway/plan/pattern.h"
#include "gateway/plan/zone.h"
#include "tests/unit/plan/make.h"
#include "tests/unit/plan/plan_tests.h"

/* A range as patterns holds its numbers and no others, each once. */
void test_parts_pattern_range(void **state)
{
	struct pattern p[PATTERN_RANGE_MAX];
	struct rng r;

	(void)state;
	printf("# seed 11\n");
	rng_init_seed(&r, 11);
	for (unsigned round = 0; round < 300; round++) {
		unsigned a = rng_below(&r, 1000), b = a + rng_below(&r, 1000 - a);
		char first[4], last[4], text[4];
		int count;

		snprintf(first, sizeof(first), "%03u", a);
		snprintf(last, sizeof(last), "%03u", b);
		count = pattern_range(p, first, last);
		assert_true(count > 0);
		for (unsigned n = 0; n < 1000; n++) {
			unsigned hits = 0;

			snprintf(text, sizeof(text), "%03u", n);
			for (int i = 0; i < count; i++)
				hits += pattern_match(&p[i], text) == 3;
			assert_int_equal(hits, n >= a && n <= b);
		}
	}
}

static struct call_endpoint find_trunk(void *arg, const char *text, size_t len)
{
	(void)arg;
	if (len == 7 && memcmp(text, "trunk:", 6) == 0)
		return (struct call_endpoint){CALL_EP_TRUNK, (uint16_t)(text[6] - '0')};
	return (struct call_endpoint){CALL_EP_NONE, 0};
}

void test_parts_list_naive(void **state)
{
	enum { ENTRIES = 400 };
	static char csv[ENTRIES * 16], entry[ENTRIES][12];
	struct plan_list_error bad;
	struct plan_list *l;
	struct strbuf b;
	struct rng r;
	unsigned found_some = 0;

	(void)state;
	printf("# seed 12\n");
	rng_init_seed(&r, 12);
	strbuf_init(&b, csv, sizeof(csv));
	strbuf_add(&b, "number\r\n# a list\r\n");
	for (unsigned i = 0; i < ENTRIES; i++) {
		unsigned len = 2 + rng_below(&r, 6), plus = rng_below(&r, 2);

		for (unsigned k = 0; k < len; k++)
			entry[i][plus + k] = "0123*#"[rng_below(&r, 6)];
		if (plus)
			entry[i][0] = '+';
		strbuf_addf(&b, "%s\r\n", entry[i]);
	}
	assert_int_equal(plan_list_parse(&l, "l", csv, b.len, find_trunk, NULL, &bad), 0);
	assert_int_equal(plan_list_count(l), ENTRIES);
	for (unsigned n = 0; n < 3000; n++) {
		char digits[10] = "";
		struct call_setup s;
		int want = -1;

		for (unsigned k = rng_below(&r, 9); k > 0; k--)
			digits[k - 1] = "0123*#"[rng_below(&r, 6)];
		s = make_call(digits, "");
		s.called.ton = rng_below(&r, 2) ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN;
		for (unsigned i = 0; i < ENTRIES; i++) {
			bool plus = entry[i][0] == '+';
			int len = (int)strlen(entry[i] + plus);

			if ((!plus || s.called.ton == CALL_TON_INTERNATIONAL) && len > want &&
			    strncmp(s.called.digits, entry[i] + plus, (size_t)len) == 0)
				want = len;
		}
		assert_int_equal(plan_list_find(l, &s.called, NULL, NULL), want);
		found_some += want >= 0;
	}
	assert_true(found_some > 500 && found_some < 3000);
	plan_list_destroy(l);
}

void test_parts_list_errors(void **state)
{
	static const struct {
		const char *csv;
		unsigned line, column;
		const char *text;
	} row[] = {
	    {"", 0, 1, "the list is empty"},
	    {"# only words\n\n", 2, 1, "the list is empty"},
	    {"123\n", 1, 1, "there is no column \"123\""},
	    {"to\n", 1, 1, "the first line must name one column \"number\""},
	    {"number,nubmer\n", 1, 8, "there is no column \"nubmer\""},
	    {"number\n12a\n", 2, 3, "a number is digits"},
	    {"number;to\n1;trunk:9\n\n2;span:1\n", 4, 3, "there is no \"span:1\""},
	    {"number,cost\n1,1.2.3\n", 2, 3, "a cost is a number"},
	    {"number,weight\n1,70000\n", 2, 3, "weight is a number from 0 to 65535"},
	    {"number,weight\n1\n", 2, 2, "the line ends early"},
	    {"number\n1,2\n", 2, 3, "more than the 1 columns"},
	    {"number\n20-10\n", 2, 1, "a range is FIRST-LAST"},
	    {"number\n1-10\n", 2, 1, "a range is FIRST-LAST"},
	    {"number,replace\n1,4x\n", 2, 4, "the new number is up to"},
	};
	struct plan_list_error bad;
	struct plan_list *l;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(plan_list_parse(&l, "l", row[i].csv, strlen(row[i].csv), find_trunk,
						 NULL, &bad),
				 -EINVAL);
		if (strncmp(bad.text, row[i].text, strlen(row[i].text)) != 0 ||
		    (row[i].line && (bad.line != row[i].line || bad.column != row[i].column)))
			fail_msg("%s: %u:%u: %s", row[i].csv, bad.line, bad.column, bad.text);
	}
}

static char *random_pattern(struct rng *r, char *text)
{
	static const char *const place[] = {"0", "1", "2", "X", "Z", "N", "[1-3]", "[02]"};
	unsigned len = rng_below(r, 5);
	struct strbuf b;

	strbuf_init(&b, text, 64);
	strbuf_add(&b, rng_below(r, 4) ? "" : "+");
	for (unsigned i = 0; i < len; i++)
		strbuf_add(&b, place[rng_below(r, 8)]);
	if (rng_below(r, 2))
		strbuf_add(&b, rng_below(r, 2) ? "." : "!");
	return text;
}

static void nobody_listens(void *arg, const struct plan_step_note *note)
{
	unsigned *notes = arg;

	++*notes;
	assert_true(*note->text);
}

/* The tree finds what asking each rule finds; explaining changes nothing. */
void test_parts_tree_against_all(void **state)
{
	static struct make m;
	static char text[150][64];
	struct rng r;
	unsigned routed = 0, notes = 0;

	(void)state;
	printf("# seed 13\n");
	rng_init_seed(&r, 13);
	for (unsigned round = 0; round < 20; round++) {
		struct plan *p;

		m.count = 0;
		for (unsigned i = 0; i < 150; i++)
			make_rule(&m, random_pattern(&r, text[i]), PLAN_MATCH_PATTERN, text[i],
				  (uint16_t)i);
		p = make_plan(&m, PLAN_LISTED, NULL);
		for (unsigned n = 0; n < 200; n++) {
			char digits[8] = "";
			struct plan_env env = {.random = 1};
			struct call_route found, told;
			struct call_setup s;
			int want = -1;

			for (unsigned k = rng_below(&r, 6) + 1; k > 0; k--)
				digits[k - 1] = "0123"[rng_below(&r, 4)];
			s = make_call(digits, "");
			s.called.ton = rng_below(&r, 2) ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN;
			for (unsigned i = 150; i > 0; i--) {
				struct pattern one;
				const char *why;
				size_t offset;

				pattern_parse(&one, text[i - 1], &offset, &why);
				if (pattern_match(&one, digits) >= 0 &&
				    (!one.e164 || s.called.ton == CALL_TON_INTERNATIONAL))
					want = (int)i;
			}
			plan_decide(p, &s, &env, &found);
			env.trace = nobody_listens;
			env.trace_arg = &notes;
			plan_decide(p, &s, &env, &told);
			assert_int_equal(found.cause.value ? -1 : (int)found.line, want);
			assert_string_equal(found.rule, told.rule);
			routed += want >= 0;
		}
		plan_destroy(p);
	}
	printf("# %u of 4000 routed, %u notes\n", routed, notes);
	assert_true(routed > 1000 && notes > 4000);
}

static struct zone *load(const char *name)
{
	static unsigned char octets[1 << 16];
	char path[100];
	struct zone *z = NULL;
	FILE *f;
	size_t len;

	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	f = fopen(path, "rb");
	if (!f)
		return NULL;
	len = fread(octets, 1, sizeof(octets), f);
	fclose(f);
	assert_int_equal(zone_create(&z, name, octets, len), 0);
	for (size_t cut = 0; cut < len; cut += 7) { /* no octet short is still a zone */
		struct zone *bad;

		assert_int_equal(zone_create(&bad, name, octets, cut), -EBADMSG);
	}
	return z;
}

/* Against libc, which reads the same files its own way: hours from 1970 to 2100. */
void test_parts_zone(void **state)
{
	static const char *const names[] = {"Asia/Shanghai", "Europe/Berlin", "America/New_York",
					    "Australia/Sydney", "Asia/Kolkata", "America/Sao_Paulo",
					    "Africa/Casablanca", "Europe/Dublin"};
	unsigned compared = 0;
	int y, mon, d;

	(void)state;
	for (int32_t day = -200000; day < 200000; day += 37) {
		zone_date(day, &y, &mon, &d);
		assert_int_equal(zone_day(y, mon, d), day);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct zone *z = load(names[i]);

		if (!z)
			fail_msg("%s is not there: install tzdata", names[i]);
		setenv("TZ", names[i], 1);
		tzset();
		for (int64_t s = 0; s < 4102444800; s += 7 * 3600 * 11) {
			struct zone_moment m;
			struct tm tm;
			time_t t = (time_t)s;

			localtime_r(&t, &tm);
			zone_local(z, s, &m);
			assert_int_equal(m.offset_s, tm.tm_gmtoff);
			assert_int_equal(m.minute, tm.tm_hour * 60 + tm.tm_min);
			assert_int_equal((m.weekday + 1) % 7, tm.tm_wday);
			compared++;
		}
		zone_destroy(z);
	}
	printf("# %u moments\n", compared);
}

/* Numbers of every length in any order, some of them twice: each is found, with its rows as they came. */
void test_parts_list_order(void **state)
{
	enum { ENTRIES = 500, TWICE = 100 };
	static char csv[ENTRIES * 48], entry[ENTRIES][CALL_DIGITS_MAX + 2];
	const struct plan_list_row *row;
	struct plan_list_error bad;
	struct plan_list *l;
	struct strbuf b;
	struct rng r;
	unsigned rows;

	(void)state;
	printf("# seed 13\n");
	rng_init_seed(&r, 13);
	strbuf_init(&b, csv, sizeof(csv));
	strbuf_add(&b, "number,priority\n");
	for (unsigned i = 0; i < ENTRIES; i++) {
		unsigned plus = i % 2, len = 4 + rng_below(&r, CALL_DIGITS_MAX - 3);

		memset(entry[i], 0, sizeof(entry[i]));
		entry[i][0] = '+';
		for (unsigned k = 0; k < len; k++)
			entry[i][plus + k] = "0123456789*#"[rng_below(&r, 12)];
		if (i >= ENTRIES - TWICE)
			memcpy(entry[i], entry[i - TWICE], sizeof(entry[i]));
		strbuf_addf(&b, "%s,%u\n", entry[i], i);
	}
	assert_int_equal(plan_list_parse(&l, "l", csv, b.len, find_trunk, NULL, &bad), 0);
	for (unsigned i = 0; i < ENTRIES; i++) {
		bool plus = entry[i][0] == '+', twice = i >= ENTRIES - 2 * TWICE;
		struct call_setup s = make_call(entry[i] + plus, "");

		s.called.ton = plus ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN;
		assert_int_equal(plan_list_find(l, &s.called, &row, &rows), strlen(entry[i] + plus));
		assert_int_equal(rows, twice ? 2 : 1);
		assert_int_equal(row[i >= ENTRIES - TWICE].priority, i);
	}
	plan_list_destroy(l);
}
