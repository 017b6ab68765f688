/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan in use: limits count by name, also over a swap with calls up. */
#include "gateway/core_plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "tests/unit/call/alloc_fail.h"
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

/* A route that an old plan made is followed late: its limit is gone, and whoever has its place now
 * is not counted for it. */
void test_core_plan_old_route(void **state)
{
	struct core_plan c = {.plan = NULL};
	struct plan *a = plan_with("old", 1, 0), *b = plan_with("new", 1, 0);
	struct call_route old, r;

	(void)state;
	assert_int_equal(core_plan_use(&c, a), 0);
	assert_string_equal(rule_now(&c, 0, &old), "old");
	assert_int_equal(core_plan_use(&c, b), 0);
	plan_destroy(a);
	assert_string_equal(rule_now(&c, 0, &r), "new");
	assert_int_equal(r.limit & UINT16_MAX, old.limit & UINT16_MAX); /* the same place */
	core_plan_count(&c, old.limit, 1, 0);
	assert_string_equal(rule_now(&c, 0, &r), "new");
	core_plan_count(&c, r.limit, 1, 0);
	core_plan_count(&c, old.limit, -1, 0);
	assert_string_equal(rule_now(&c, 0, &r), "rest");
	core_plan_fini(&c);
	plan_destroy(b);
}

/* ── against a naive count ── */

enum { NAMES = 6, CALLS = 400 };

/* Rule n is for numbers that begin with n; its first target has a limit of its own, too. */
struct naive {
	struct plan_limit rule[NAMES], target[NAMES];
	struct tally {
		unsigned calls, second, minute; /* begun in those of `at` */
	} of_rule[NAMES], of_target[NAMES];
	struct up {
		unsigned name;
		uint32_t limit, way_limit;
	} up[CALLS];
	unsigned calls;
	int64_t at;
};

static struct plan_limit random_limit(struct rng *r)
{
	struct plan_limit l = {.cause = 42};

	switch (rng_below(r, 5)) {
	case 0: l.calls = 1 + rng_below(r, 4); break;
	case 1: l.per_second = 1 + rng_below(r, 3); break;
	case 2: l.per_minute = 1 + rng_below(r, 5); break;
	case 3: l.calls = 3, l.per_second = 2, l.per_minute = 4; break;
	}
	return l;
}

/* A plan of some of the names, in any order, with new limits. */
static struct plan *random_plan(struct naive *n, struct rng *r)
{
	static const char *const name[NAMES] = {"a", "b", "c", "d", "e", "f"};
	static const char *const prefix[NAMES] = {"0", "1", "2", "3", "4", "5"};
	static struct make m;
	unsigned first = rng_below(r, NAMES), count = 1 + rng_below(r, NAMES);

	m.count = 0;
	for (unsigned i = 0; i < count; i++) {
		unsigned which = (first + i) % NAMES;

		n->rule[which] = random_limit(r);
		n->target[which] = random_limit(r);
		make_rule(&m, name[which], PLAN_MATCH_PREFIX, prefix[which], 0)->limit = n->rule[which];
		make_target(&m, 1, 1)->priority = 1;
		m.target[m.count - 1][0].limit = n->target[which];
	}
	return make_plan(&m, PLAN_LONGEST, NULL);
}

static bool is_full(const struct plan_limit *l, const struct tally *t)
{
	return (l->calls && t->calls >= l->calls) || (l->per_second && t->second >= l->per_second) ||
	       (l->per_minute && t->minute >= l->per_minute);
}

/* The clock goes on, now and then into another second or minute. */
static void pass_time(struct naive *n, int64_t us)
{
	bool second = (n->at + us) / 1000000 != n->at / 1000000;
	bool minute = (n->at + us) / 60000000 != n->at / 60000000;

	n->at += us;
	for (unsigned i = 0; i < NAMES; i++) {
		struct tally *t[] = {&n->of_rule[i], &n->of_target[i]};

		for (unsigned k = 0; k < 2; k++) {
			t[k]->second = second ? 0 : t[k]->second;
			t[k]->minute = minute ? 0 : t[k]->minute;
		}
	}
}

static void begin_on(struct tally *t)
{
	t->calls++;
	t->second++;
	t->minute++;
}

/* One call; it is up when it was let through. */
static void one_call(struct core_plan *c, struct naive *n, unsigned name)
{
	char digits[2] = {(char)('0' + name), '\0'};
	struct call_setup s = make_call(digits, "");
	struct call_route r;
	struct plan_ctx ctx;
	bool full, target_full;

	core_plan_begin(c, &ctx, &s, n->at, 1);
	assert_int_equal(core_plan_step(c, &ctx, n->at, 1, NULL, &r), PLAN_DECIDED);
	if (r.cause.value == CAUSE_NO_ROUTE)
		return; /* not in this plan */
	full = is_full(&n->rule[name], &n->of_rule[name]);
	target_full = is_full(&n->target[name], &n->of_target[name]);
	assert_int_equal(r.cause.value, full ? 42 : 0);
	if (full)
		return;
	assert_int_equal(r.way[0].to.index, target_full);
	n->up[n->calls] = (struct up){name, r.limit, r.way[0].limit};
	if (r.limit)
		core_plan_count(c, r.limit, 1, n->at);
	if (r.way[0].limit)
		core_plan_count(c, r.way[0].limit, 1, n->at);
	if (r.limit)
		begin_on(&n->of_rule[name]);
	if (r.way[0].limit)
		begin_on(&n->of_target[name]);
	n->calls++;
}

static void end_call(struct core_plan *c, struct naive *n, unsigned i)
{
	struct up u = n->up[i];

	n->up[i] = n->up[--n->calls];
	if (u.limit) {
		core_plan_count(c, u.limit, -1, n->at);
		n->of_rule[u.name].calls--;
	}
	if (u.way_limit) {
		core_plan_count(c, u.way_limit, -1, n->at);
		n->of_target[u.name].calls--;
	}
}

/* Calls come and go under limits of rules and targets while plans are swapped: each limit counts the
 * calls that are up under its name, whatever plan let them through. */
void test_core_plan_naive(void **state)
{
	static struct naive n;
	struct core_plan c = {.plan = NULL};
	struct plan *plan = NULL, *next;
	struct rng r;

	(void)state;
	printf("# seed 31\n");
	rng_init_seed(&r, 31);
	n = (struct naive){.at = INT64_C(1798106399) * 1000000};
	for (unsigned swap = 0; swap < 200; swap++) {
		next = random_plan(&n, &r);
		assert_int_equal(core_plan_use(&c, next), 0);
		plan_destroy(plan);
		plan = next;
		pass_time(&n, 61 * SECOND_US); /* names that were away begin anew within a minute */
		for (unsigned i = 0; i < 100; i++) {
			if (n.calls < CALLS)
				one_call(&c, &n, rng_below(&r, NAMES));
			if (n.calls && rng_below(&r, 3) == 0)
				end_call(&c, &n, rng_below(&r, n.calls));
			pass_time(&n, rng_below(&r, 4) ? rng_below(&r, 300000) : rng_below(&r, 9000000));
		}
		assert_true(c.limit_count <= 2 * 2 * NAMES); /* places are given away again */
		while (n.calls && swap % 5 == 0)
			end_call(&c, &n, 0);
	}
	core_plan_fini(&c);
	plan_destroy(plan);
}

/* Names that come and go leave no places behind. */
void test_core_plan_places(void **state)
{
	struct core_plan c = {.plan = NULL};
	struct plan *plan = NULL;
	char name[8];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		struct plan *next;

		snprintf(name, sizeof(name), "n%u", i);
		next = plan_with(name, 1, 0);
		assert_int_equal(core_plan_use(&c, next), 0);
		plan_destroy(plan);
		plan = next;
		assert_true(c.limit_count <= 4);
	}
	core_plan_fini(&c);
	plan_destroy(plan);
}

/* Without memory the plan that is in use stays, and goes on counting. */
void test_core_plan_no_memory(void **state)
{
	struct core_plan c = {.plan = NULL};
	struct plan *a = plan_with("trunk", 1, 0), *b = plan_with("new", 1, 0);
	struct call_route r;
	unsigned failed = 0;

	(void)state;
	assert_int_equal(core_plan_use(&c, a), 0);
	rule_now(&c, 0, &r);
	core_plan_count(&c, r.limit, 1, 0);
	for (unsigned n = 1; n < 3; n++) {
		alloc_fail_at(n);
		failed += core_plan_use(&c, b) == -ENOMEM;
		alloc_fail_at(0);
	}
	assert_int_equal(failed, 2);
	assert_ptr_equal(c.plan, a);
	assert_string_equal(rule_now(&c, 0, &r), "rest");
	core_plan_fini(&c);
	plan_destroy(a);
	plan_destroy(b);
}
