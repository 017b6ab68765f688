/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved cases: a configuration whose cases fail is refused, with the place and what came instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "gateway/base/rng.h"
#include "gateway/plan/moment.h"

#define HEAD                                                                                       \
	"spans:\n  - {span: 1, driver: virtual, connect: /e1, side: user}\n"                       \
	"trunks:\n  - {name: t, bind: \"127.0.0.1:5060\", peer: \"127.0.0.2:5060\"}\n"             \
	"plan:\n"                                                                                  \
	"  - {name: out, from: \"span:1\", prefix: \"0\", strip: 1, prepend: \"49\", "              \
	"set_ton: international, to: \"trunk:t\"}\n"                                                \
	"  - {name: in, from: \"trunk:t\", prefix: \"4930\", ton: international, strip: 4, "        \
	"set_ton: subscriber, to: \"span:1\"}\n"

static void keep(void *arg, const char *text)
{
	char *all = arg;
	size_t n = strlen(all);

	snprintf(all + n, 4096 - n, "%s\n", text);
}

static int parse(const char *cases, char said[4096])
{
	struct config *c = NULL;
	char text[4096];
	int n;

	said[0] = '\0';
	snprintf(text, sizeof(text), HEAD "cases:\n%s", cases);
	n = config_parse(&c, "f", text, strlen(text), keep, said);
	assert_int_equal(n == 0, c != NULL);
	config_destroy(c);
	return n;
}

static const char *const good[] = {
    "  - {from: \"span:1\", called: \"030 1234\", expect: {target: \"trunk:t\", number: \"+49 30 1234\"}}\n",
    "  - {from: \"span:1\", called: \"0301234\", expect: {number: \"49301234\", ton: international, "
    "rule: out}}\n",
    "  - {name: no route, from: \"span:1\", called: \"112\", expect: {cause: 3}}\n",
    "  - {from: \"span:1\", called: \"112\", expect: {barred: false, cause: 3}}\n",
    "  - {from: \"trunk:t\", called: \"+49301234\", expect: {target: \"span:1\", number: \"1234\", ton: "
    "subscriber, rule: in}}\n",
    "  - {from: \"trunk:t\", called: \"49301234\", ton: international, expect: {number: \"1234\"}}\n",
    "  - {from: \"span:1\", called: \"01\", calling: \"30555\", calling_ton: national, at: "
    "2026-12-24T10:00, expect: {target: \"trunk:t\", calling: \"30555\"}}\n",
};

static const struct {
	const char *text, *want;
} bad[] = {
    {"  - {from: \"span:1\", called: \"0301234\", expect: {target: \"span:1\"}}\n",
     "f:9:5: case \"0301234\" fails: the call goes to trunk:t as +49301234 by rule out (line 6); "
     "expected target \"span:1\". Change the plan"},
    {"  - {name: dry, from: \"span:1\", called: \"112\", expect: {target: \"trunk:t\"}}\n",
     "f:9:5: case \"dry\" fails: the call is refused with cause 3; no rule fits; expected target"},
    {"  - {from: \"span:1\", called: \"0301234\", expect: {number: \"0301234\"}}\n", "expected number"},
    {"  - {from: \"trunk:t\", called: \"+49301234\", expect: {number: \"+1234\"}}\n",
     "goes to span:1 as 1234 (subscriber) by rule in (line 7); expected number \"+1234\""},
    {"  - {from: \"span:1\", called: \"0301234\", expect: {ton: national}}\n", "expected ton"},
    {"  - {from: \"span:1\", called: \"0301234\", expect: {rule: in}}\n", "expected rule"},
    {"  - {from: \"span:1\", called: \"0301234\", expect: {cause: 21}}\n", "expected cause"},
    {"  - {from: \"span:1\", called: \"0301234\", expect: {barred: true}}\n", "expected barred"},
    {"  - {from: \"span:1\", called: \"0301234\", calling: \"1\", expect: {calling: \"2\"}}\n",
     "goes to trunk:t as +49301234 from 1 by rule out (line 6); expected calling"},
    {"  - {from: \"span:2\", called: \"1\", expect: {cause: 3}}\n", "f:9:12: there is no \"span:2\""},
    {"  - {from: \"span:1\", called: \"x\", expect: {cause: 3}}\n", "f:9:30: not a number"},
    {"  - {from: \"span:1\", called: \"1\", at: soon, expect: {cause: 3}}\n", "f:9:39: not a moment"},
    {"  - {from: \"span:1\", called: \"1\", expect: {}}\n", "expects nothing"},
    {"  - {from: \"span:1\", called: \"1\", expect: {cause: 3, target: \"span:1\"}}\n",
     "a call that is refused has no target"},
    {"  - {from: \"span:1\", called: \"1\"}\n", "f:9:5: a case has no expect"},
    {"  - 5\n", "f:9:5: a case is a map"},
};

static void test_good(void **state)
{
	char said[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int n = parse(good[i], said);

		if (n)
			printf("# %s# %s", good[i], said);
		assert_int_equal(n, 0);
	}
}

static void test_bad(void **state)
{
	char said[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int n = parse(bad[i].text, said);

		if (n < 1 || !strstr(said, bad[i].want))
			printf("# %zu: %s", i, said);
		assert_true(n >= 1);
		assert_non_null(strstr(said, bad[i].want));
	}
}

/* All that fail are told, each with its own line. */
static void test_all_told(void **state)
{
	char said[4096];

	(void)state;
	assert_int_equal(parse("  - {from: \"span:1\", called: \"01\", expect: {cause: 3}}\n"
			       "  - {from: \"span:1\", called: \"01\", expect: {target: \"trunk:t\"}}\n"
			       "  - {from: \"span:1\", called: \"02\", expect: {cause: 3}}\n",
			       said),
			 2);
	assert_non_null(strstr(said, "f:9:5: case \"01\""));
	assert_null(strstr(said, "f:10:5"));
	assert_non_null(strstr(said, "f:11:5: case \"02\""));
}

/* ── A country of one's own, beside the configuration ── */

#define OWN                                                                                        \
	"profile: xx\ncountry: X\ncountry_code: \"99\"\n"                                           \
	"sources:\n  - {id: a, document: d, date: 2020-01-01}\n"                                   \
	"prefixes:\n  - {kind: national, digits: \"7\", source: a}\n"                              \
	"ranges:\n  - {starts: \"[2-9]\", least: 5, use: national, source: a}\n"                   \
	"cases:\n  - {dialled: \"7 23456\", is: \"+99%s\"}\n"

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int load_own(const char *folder, const char *is, char said[4096])
{
	char path[200], text[2048];
	struct config *c = NULL;
	int n;

	snprintf(text, sizeof(text), OWN, is);
	write_file(folder, "xx.yaml", text);
	write_file(folder, "c.yaml",
		   "spans:\n  - {span: 1, driver: virtual, connect: /e1, side: user,\n"
		   "     numbers: {profile: xx.yaml, send: national}}\n"
		   "trunks:\n  - {name: t, bind: \"127.0.0.1:5060\", peer: \"127.0.0.2:5060\",\n"
		   "     numbers: {profile: ./xx.yaml}}\n"
		   "plan:\n  - {name: out, from: \"span:1\", prefix: \"+99\", to: \"trunk:t\"}\n"
		   "cases:\n  - {from: \"span:1\", called: \"723456\", expect: {number: \"+9923456\"}}\n");
	snprintf(path, sizeof(path), "%s/c.yaml", folder);
	said[0] = '\0';
	n = config_load(&c, path, keep, said);
	assert_int_equal(n == 0, c != NULL);
	config_destroy(c);
	return n;
}

static void test_own_profile(void **state)
{
	char folder[] = "/tmp/spanbridge-profile-XXXXXX", said[4096], path[200];

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(load_own(folder, "23456", said), 0);
	assert_true(load_own(folder, "23457", said) > 0);
	assert_non_null(strstr(said, "c.yaml:3:25: "));
	assert_non_null(strstr(said, "xx.yaml:11:5: case 7 23456 is +9923456, not +9923457"));
	snprintf(path, sizeof(path), "%s/xx.yaml", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/c.yaml", folder);
	unlink(path);
	rmdir(folder);
}

static void test_mutations(void **state)
{
	struct rng r;
	char said[4096];

	(void)state;
	printf("# seed 9\n");
	rng_init_seed(&r, 9);
	for (unsigned i = 0; i < 700; i++) {
		char text[512];
		size_t len;

		snprintf(text, sizeof(text), "%s", good[i % (sizeof(good) / sizeof(good[0]))]);
		len = strlen(text);
		for (unsigned m = 0; m <= rng_below(&r, 3); m++)
			text[rng_below(&r, (uint32_t)len - 1)] =
			    "0123+*# :,{}\"T-Zax"[rng_below(&r, 18)];
		(void)parse(text, said); /* asserts: a configuration, or mistakes */
	}
}

static void test_moments(void **state)
{
	static const struct {
		const char *text;
		int64_t s;
	} row[] = {
	    {"1970-01-01T00:00", 0},
	    {"2026-12-24T10:00", INT64_C(1798106400)},
	    {"2026-12-24 10:00:30Z", INT64_C(1798106430)},
	    {"2026-12-24T10:00+08:00", INT64_C(1798077600)},
	    {"2026-12-24T10:00:00-05:30", INT64_C(1798126200)},
	    {"2024-02-29T23:59:59", INT64_C(1709251199)},
	};
	static const char *const wrong[] = {
	    "",			"2026-12-24",	    "2026-02-30T10:00",	  "2026-13-01T10:00",
	    "2026-12-24T24:00", "2026-12-24T10:60", "2026-12-24T10:00:60", "2026-12-24T10:00+8",
	    "2026-12-24T10:00x", "2026-12-24T10:00Zx", "1969-12-31T10:00", "2026-1-1T1:1"};
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(plan_moment_parse(row[i].text, NULL, &us), 0);
		assert_int_equal(us, row[i].s * 1000000);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_not_equal(plan_moment_parse(wrong[i], NULL, &us), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),      cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_all_told),  cmocka_unit_test(test_mutations),
	    cmocka_unit_test(test_moments),   cmocka_unit_test(test_own_profile),
	};

	return cmocka_run_group_tests_name("plan_cases", tests, NULL, NULL);
}
