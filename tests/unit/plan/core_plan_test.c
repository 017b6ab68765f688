/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan in use: limits count by name, also over a swap with calls up. */
#include "gateway/core_plan.h"
#include "tests/unit/plan/make.h"
#include "tests/unit/plan/plan_tests.h"

enum { SECOND_US = 1000000 };

static struct plan *plan_with(const char *first, uint32_t calls, uint32_t per_second)
{
	static struct make m;

	m.count = 0;
	make_rule(&m, "other", PLAN_MATCH_PREFIX, "9", 7)->limit.calls = 1;
	make_rule(&m, first, PLAN_MATCH_PREFIX, "1", 0)->limit =
	    (struct plan_limit){.calls = calls, .per_second = per_second};
	make_rule(&m, "rest", PLAN_MATCH_ANY, NULL, 1);
	return make_plan(&m, PLAN_LONGEST, NULL);
}

static const char *rule_now(struct core_plan *c, int64_t wall_us, struct call_route *r)
{
	struct call_setup s = make_call("1", "");
	struct plan_ctx ctx;

	core_plan_begin(c, &ctx, &s, wall_us, 1);
	assert_int_equal(core_plan_step(c, &ctx, wall_us, 1, NULL, r), PLAN_DECIDED);
	assert_int_equal(r->cause.value, 0);
	return r->rule;
}

void test_core_plan_limits(void **state)
{
	struct core_plan c = {.plan = NULL};
	struct plan *a = plan_with("trunk", 2, 0), *b = plan_with("trunk", 3, 0),
		    *other = plan_with("new", 1, 1);
	struct call_route r, first;

	(void)state;
	assert_int_equal(core_plan_use(&c, a), 0);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(rule_now(&c, 0, &first), "trunk");
		assert_true(first.limit);
		core_plan_count(&c, first.limit, 1, 0);
	}
	assert_string_equal(rule_now(&c, 0, &r), "rest");
	assert_int_equal(core_plan_use(&c, b), 0); /* two calls are up, three may be */
	plan_destroy(a);
	assert_string_equal(rule_now(&c, 0, &r), "trunk");
	assert_int_equal(r.limit, first.limit);
	core_plan_count(&c, r.limit, 1, 0);
	assert_string_equal(rule_now(&c, 0, &r), "rest");
	assert_int_equal(core_plan_use(&c, other), 0); /* another name begins at nothing */
	plan_destroy(b);
	assert_string_equal(rule_now(&c, 0, &r), "new");
	assert_true(r.limit != first.limit); /* whose place is still counted on */
	core_plan_count(&c, r.limit, 1, 5 * SECOND_US);
	core_plan_count(&c, r.limit, -1, 5 * SECOND_US);
	assert_string_equal(rule_now(&c, 5 * SECOND_US + 999999, &r), "rest"); /* one a second */
	assert_string_equal(rule_now(&c, 6 * SECOND_US, &r), "new");
	for (int i = 0; i < 5; i++) /* three are up; more ends than that do no harm */
		core_plan_count(&c, first.limit, -1, 0);
	core_plan_fini(&c);
	plan_destroy(other);
}
