/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists: each column's values, blocks, and what a decision makes of a list's rows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/list.h"
#include "tests/unit/plan/make.h"
#include "tests/unit/plan/plan_tests.h"

static struct call_endpoint find_trunk(void *arg, const char *text, size_t len)
{
	(void)arg;
	if (len == 7 && memcmp(text, "trunk:", 6) == 0)
		return (struct call_endpoint){CALL_EP_TRUNK, (uint16_t)(text[6] - '0')};
	return (struct call_endpoint){CALL_EP_NONE, 0};
}

static int parse(struct plan_list **l, const char *csv)
{
	struct plan_list_error bad;
	int err = plan_list_parse(l, "ported", csv, strlen(csv), find_trunk, NULL, &bad);

	assert_true(err == 0 || (bad.column && *bad.text));
	return err;
}

static const struct plan_list_row *look(const struct plan_list *l, const char *digits, int length,
					unsigned rows)
{
	struct call_setup s = make_call(digits, "");
	const struct plan_list_row *row = NULL;
	unsigned count = 99;

	assert_int_equal(plan_list_find(l, &s.called, &row, &count), length);
	assert_int_equal(count, length < 0 ? 0 : rows);
	return row;
}

/* One line below the header; what its row says, or -EINVAL. */
static const struct {
	const char *header, *line;
	int err;
	struct plan_list_row row;
	const char *replace;
} rows[] = {
    {"number,cost", "5,0.0125", 0, {.cost = 12500}, NULL},
    {"number,cost", "5,3", 0, {.cost = 3000000}, NULL},
    {"number,cost", "5,.5", 0, {.cost = 500000}, NULL},
    {"number,cost", "5,0.000001", 0, {.cost = 1}, NULL},
    {"number,cost", "5,0.123456", 0, {.cost = 123456}, NULL},
    {"number,cost", "5,", 0, {.cost = 0}, NULL},
    {"number,cost", "5,4294.967295", 0, {.cost = UINT32_MAX}, NULL},
    {"number,cost", "5,4294.967296", -EINVAL, {.cost = 0}, NULL},
    {"number,cost", "5,0.0000001", -EINVAL, {.cost = 0}, NULL},
    {"number,cost", "5,99999999999999999999999", -EINVAL, {.cost = 0}, NULL},
    {"number,cost", "5,18446744073709551617", -EINVAL, {.cost = 0}, NULL},
    {"number,cost", "5,1e3", -EINVAL, {.cost = 0}, NULL},
    {"number,cost", "5,1/3", -EINVAL, {.cost = 0}, NULL},
    {"number,cost", "5,-1", -EINVAL, {.cost = 0}, NULL},
    {"number,cost", "5,1:3", -EINVAL, {.cost = 0}, NULL},
    {"number,priority", "5,0", 0, {.priority = 0}, NULL},
    {"number,priority", "5,65535", 0, {.priority = 65535}, NULL},
    {"number,priority", "5,65536", -EINVAL, {.cost = 0}, NULL},
    {"number,priority", "5,4294967296", -EINVAL, {.cost = 0}, NULL},
    {"number,priority", "5,1x", -EINVAL, {.cost = 0}, NULL},
    {"number,weight", "5,70", 0, {.weight = 70}, NULL},
    {"number,weight", "5,7:", -EINVAL, {.cost = 0}, NULL},
    {"number,weight", "5,/7", -EINVAL, {.cost = 0}, NULL},
    {"number,to", "5,trunk:3", 0, {.to = {CALL_EP_TRUNK, 3}}, NULL},
    {"number,to", "5,", -EINVAL, {.cost = 0}, NULL},
    {"number,replace", "5,+4930*#", 0, {.cost = 0}, "+4930*#"},
    {"number,replace", "5,", 0, {.cost = 0}, NULL},
    {"number,replace", "5,12345678901234567890123456789012", 0, {.cost = 0}, "12345678901234567890123456789012"},
    {"number,replace", "5,+12345678901234567890123456789012", 0, {.cost = 0},
     "+12345678901234567890123456789012"},
    {"number,replace", "5,+123456789012345678901234567890123", -EINVAL, {.cost = 0}, NULL},
    {"number,replace", "5,1+2", -EINVAL, {.cost = 0}, NULL},
    {"to;weight;number", "trunk:1;2;5", 0, {.to = {CALL_EP_TRUNK, 1}, .weight = 2}, NULL},
    {"to\tnumber", "trunk:1\t5", 0, {.to = {CALL_EP_TRUNK, 1}}, NULL},
    {"\"number\" , \"priority\"", " \"5\" , \"7\" ", 0, {.priority = 7}, NULL},
    {"number,to", "5,trunk:1,,", -EINVAL, {.cost = 0}, NULL},
    {"number,to", ",trunk:1", -EINVAL, {.cost = 0}, NULL},
    {"number,number", "5,5", -EINVAL, {.cost = 0}, NULL},
    {"number,weight,weight,weight,weight,weight,weight,weight,weight,weight,weight,weight,weight,"
     "weight,weight,weight", "5,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4", 0, {.weight = 4}, NULL},
    {"number,weight,weight,weight,weight,weight,weight,weight,weight,weight,weight,weight,weight,"
     "weight,weight,weight,weight", "5,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", -EINVAL, {.cost = 0}, NULL},
};

void test_list_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct plan_list_row *row;
		struct plan_list *l = NULL;
		char csv[400];
		int err;

		snprintf(csv, sizeof(csv), "\xef\xbb\xbf%s\n#\n# told\n#\tso\n\n%s", rows[i].header,
			 rows[i].line);
		err = parse(&l, csv);
		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].line, err);
		if (err)
			continue;
		assert_string_equal(plan_list_name(l), "ported");
		assert_int_equal(plan_list_count(l), 1);
		assert_true(plan_list_octets(l) > 16);
		assert_int_equal(plan_list_has_targets(l), rows[i].row.to.kind != CALL_EP_NONE);
		row = look(l, "512", 1, 1);
		assert_int_equal(row->to.kind, rows[i].row.to.kind);
		assert_int_equal(row->to.index, rows[i].row.to.index);
		assert_int_equal(row->priority, rows[i].row.priority);
		assert_int_equal(row->weight, rows[i].row.weight);
		assert_int_equal(row->cost, rows[i].row.cost);
		assert_int_equal(row->replace != 0, rows[i].replace != NULL);
		if (row->replace)
			assert_string_equal(plan_list_text(l, row->replace), rows[i].replace);
		look(l, "4", -1, 0);
		plan_list_destroy(l);
	}
	plan_list_destroy(NULL);
}

void test_list_membership(void **state)
{
	static const char *const bad[] = {"number\n+", "number\n123456789012345678901234567890123",
					  "number\n1-", "number\n-1", "number\n1-12", "number\n+1-2x",
					  "number\n+-+", "number\n1-+2", "number\n 12", "number\n1 2",
					  "number\n123456789012345678901234567890123-1"};
	struct plan_list *l;

	(void)state;
	/* #31# is a number, and so is #; no rows are kept of a list without further columns. */
	assert_int_equal(parse(&l, "number\r\n#31#\r\n12345678901234567890123456789012\r\n"), 0);
	assert_null(look(l, "#31#12", 4, 1));
	look(l, "12345678901234567890123456789012", 32, 1);
	look(l, "1234567890123456789012345678901", -1, 0);
	look(l, "#", -1, 0);
	plan_list_destroy(l);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (i == 8) { /* blanks around a field do not count */
			assert_int_equal(parse(&l, bad[i]), 0);
			look(l, "12", 2, 1);
			plan_list_destroy(l);
		} else if (parse(&l, bad[i]) != -EINVAL) {
			fail_msg("%s is taken", bad[i]);
		}
	}
}

/* A block is all its numbers, with what may follow them, and no others; so are two that meet. */
void test_list_blocks(void **state)
{
	struct rng r;

	(void)state;
	printf("# seed 14\n");
	rng_init_seed(&r, 14);
	for (unsigned round = 0; round < 200; round++) {
		unsigned a = rng_below(&r, 1000), b = a + rng_below(&r, 1000 - a);
		bool plus = rng_below(&r, 2), both = rng_below(&r, 2);
		struct plan_list *l;
		char csv[60];

		if (round == 0)
			a = 0, b = 999;
		snprintf(csv, sizeof(csv), "number,priority\n%s%03u-%s%03u,7\n", plus ? "+" : "", a,
			 plus && both ? "+" : "", b);
		assert_int_equal(parse(&l, csv), 0);
		for (unsigned n = 0; n < 1000; n++) {
			const struct plan_list_row *row = NULL;
			struct call_setup s;
			char text[8];

			snprintf(text, sizeof(text), "%s%03u4", plus ? "+" : "", n);
			s = make_call(text, "");
			assert_int_equal(plan_list_find(l, &s.called, &row, NULL) >= 0, n >= a && n <= b);
			assert_int_equal(row ? row->priority : 7, 7);
			s.called.ton = CALL_TON_NATIONAL;
			assert_int_equal(plan_list_find(l, &s.called, NULL, NULL) >= 0,
					 !plus && n >= a && n <= b);
		}
		plan_list_destroy(l);
	}
}

/* Rules that ask lists among other rules, up to more of them than have a place of their own: the
 * longest entry decides, then the first rule. */
void test_list_rules(void **state)
{
	static struct make m;
	static const unsigned count[] = {1, 2, 31, 32, 33, 60};
	struct plan_env env = {.random = 1};
	struct rng r;

	(void)state;
	printf("# seed 15\n");
	rng_init_seed(&r, 15);
	for (size_t round = 0; round < 60; round++) {
		unsigned lists = count[round % 6];
		struct plan_list *list[60];
		struct plan_cfg cfg = {.list = list, .list_count = lists};
		char entry[60][5];
		struct plan *p;

		m.count = 0;
		make_rule(&m, "two", PLAN_MATCH_PREFIX, "12", 0);
		for (unsigned i = 0; i < lists; i++) {
			char csv[20];

			snprintf(entry[i], sizeof(entry[i]), "%u", 1 + rng_below(&r, 222));
			snprintf(csv, sizeof(csv), "number\n%s\n", entry[i]);
			assert_int_equal(parse(&list[i], csv), 0);
			make_rule(&m, entry[i], PLAN_MATCH_LIST, NULL, 0)->match[PLAN_CALLED].list =
			    (uint16_t)i;
		}
		make_rule(&m, "any", PLAN_MATCH_ANY, NULL, 0);
		p = make_plan(&m, PLAN_LONGEST, &cfg);
		for (unsigned n = 0; n < 300; n++) {
			unsigned want = lists + 2, length = 0;
			struct call_route found;
			struct call_setup s;
			char digits[5];

			snprintf(digits, sizeof(digits), "%u", 1 + rng_below(&r, 2222));
			s = make_call(digits, "");
			for (unsigned i = 0; i < lists; i++)
				if (strncmp(digits, entry[i], strlen(entry[i])) == 0 &&
				    strlen(entry[i]) > length) {
					length = (unsigned)strlen(entry[i]);
					want = i + 2;
				}
			/* At equal length a prefix of plain digits is as narrow, and stands first. */
			if (strncmp(digits, "12", 2) == 0 && length <= 2)
				want = 1;
			plan_decide(p, &s, &env, &found);
			assert_int_equal(found.line, want);
		}
		plan_destroy(p); /* and the lists */
	}
}

/* Rows are targets in order of priority and cost; a new number holds for its own row. */
void test_list_targets(void **state)
{
	static struct make m;
	struct plan_list *list[2];
	struct plan_cfg cfg = {.list = list, .list_count = 2};
	struct call_setup s = make_call("+4915112345", "");
	struct plan_env env = {.random = 3};
	struct plan_rule *r;
	struct call_route found;
	struct plan *p;

	(void)state;
	assert_int_equal(parse(&list[0], "number,to,cost,priority,weight,replace\n"
					 "+4915,trunk:1,0.02,0,1,\n+4915,trunk:2,0.01,0,1,+49221\n"
					 "+4915,trunk:3,0,1,5,0800\n+49,trunk:4,0,0,1,\n"), 0);
	assert_int_equal(parse(&list[1], "number,replace\n5,+4922\n6,\n"), 0);
	m.count = 0;
	r = make_rule(&m, "cheap", PLAN_MATCH_LIST, NULL, 0);
	r->target_count = 0;
	r->set[PLAN_CALLED].strip = 2;
	make_rule(&m, "ported", PLAN_MATCH_LIST, NULL, 9)->match[PLAN_CALLED].list = 1;
	p = make_plan(&m, PLAN_LONGEST, &cfg);
	plan_decide(p, &s, &env, &found);
	assert_int_equal(found.count, 3);
	assert_int_equal(found.way[0].to.index, 2);
	assert_string_equal(found.way[0].called.digits, "49221");
	assert_int_equal(found.way[0].called.ton, CALL_TON_INTERNATIONAL);
	assert_int_equal(found.way[0].cost, 10000);
	assert_int_equal(found.way[1].to.index, 1);
	assert_string_equal(found.way[1].called.digits, "15112345");
	assert_int_equal(found.way[2].to.index, 3);
	assert_string_equal(found.way[2].called.digits, "0800");
	assert_int_equal(found.way[2].called.ton, CALL_TON_UNKNOWN);
	assert_int_equal(found.way[2].weight, 5);
	assert_int_equal(found.way[2].priority, 1);
	s = make_call("512", "");
	plan_decide(p, &s, &env, &found);
	assert_string_equal(found.way[0].called.digits, "4922");
	assert_int_equal(found.way[0].to.index, 9);
	s = make_call("612", "");
	plan_decide(p, &s, &env, &found);
	assert_string_equal(found.way[0].called.digits, "612");
	s = make_call("712", "");
	plan_decide(p, &s, &env, &found);
	assert_int_equal(found.cause.value, CAUSE_NO_ROUTE);
	plan_destroy(p);
}

/* More rows than a call has ways, the best of them last. */
void test_list_many_targets(void **state)
{
	static struct make m;
	struct plan_list *list;
	struct plan_cfg cfg = {.list = &list, .list_count = 1};
	struct call_setup s = make_call("155", "");
	struct plan_env env = {.random = 3};
	struct call_route found;
	char csv[4096];
	struct strbuf b;
	struct plan *p;

	(void)state;
	strbuf_init(&b, csv, sizeof(csv));
	strbuf_add(&b, "number,to,priority\n");
	for (unsigned i = 0; i < 64; i++)
		strbuf_addf(&b, "1,trunk:%u,%u\n", i % 10, 64 - i);
	assert_int_equal(parse(&list, csv), 0);
	m.count = 0;
	make_rule(&m, "cheap", PLAN_MATCH_LIST, NULL, 0)->target_count = 0;
	p = make_plan(&m, PLAN_LONGEST, &cfg);
	plan_decide(p, &s, &env, &found);
	assert_int_equal(found.count, CALL_WAYS_MAX);
	for (unsigned i = 0; i < found.count; i++)
		assert_int_equal(found.way[i].priority, i + 1);
	plan_destroy(p);
}
