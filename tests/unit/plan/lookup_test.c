/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that wait for answers, in virtual time: what comes in time, late, never, for a call that is
 * gone, over a swapped plan, and very many at once. */
#include "gateway/lookup/lookup.h"

#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/rng.h"
#include "tests/unit/plan/make.h"
#include "tests/unit/plan/plan_tests.h"

enum { CALLS = 64, TIMEOUT_MS = 300, CALL_1 = 1 << 20 | 3, CALL_2 = 1 << 20 | 4 };

static struct bed {
	struct core_plan plan;
	struct plan *of_plan;
	struct deadline_queue deadlines;
	struct lookup *lookup;
	bool deaf; /* nobody to ask */
	uint32_t who; /* is asked */
	struct lookup_question question; /* the last one */
	unsigned questions, decisions;
	call_id decided;
	struct call_route route; /* the last decision, at once or later */
} bed;

static uint32_t on_ask(void *arg, const struct lookup_question *question)
{
	(void)arg;
	bed.questions++;
	bed.question = *question;
	return bed.deaf ? 0 : bed.who;
}

static void on_decided(void *arg, call_id call, const struct call_route *route)
{
	(void)arg;
	bed.decisions++;
	bed.decided = call;
	bed.route = *route;
}

/* +44… asks for the ported number, 8… for the name, else the next rule; the rest asks nobody. */
static struct plan *asking_plan(const char *first)
{
	static const struct plan_lookup lookup[] = {
	    {"porting", PLAN_LOOKUP_HTTP, "lnp", TIMEOUT_MS, PLAN_FALLBACK_CONTINUE, 0},
	    {"names", PLAN_LOOKUP_HTTP, "cnam", TIMEOUT_MS, PLAN_FALLBACK_NEXT, 0},
	    {"strict", PLAN_LOOKUP_ENUM, "e164.arpa", 1000, PLAN_FALLBACK_NEXT, CAUSE_TEMPORARY_FAILURE},
	};
	static struct make m;
	struct plan_cfg cfg = {.lookup = lookup, .lookup_count = 3};

	m.count = 0;
	make_rule(&m, first, PLAN_MATCH_PREFIX, "+44", 0)->lookup = 1;
	make_rule(&m, "named", PLAN_MATCH_PREFIX, "88", 1)->lookup = 2;
	make_rule(&m, "named-again", PLAN_MATCH_PREFIX, "8", 2)->lookup = 2;
	make_rule(&m, "strict", PLAN_MATCH_PREFIX, "+1", 3)->lookup = 3;
	make_rule(&m, "rest", PLAN_MATCH_ANY, NULL, 4);
	return make_plan(&m, PLAN_LONGEST, &cfg);
}

static void start(void)
{
	struct lookup_cfg cfg = {.calls_max = CALLS,
				 .deadlines = &bed.deadlines,
				 .plan = &bed.plan,
				 .port = {NULL, on_ask},
				 .decided = on_decided};

	log_init(LOG_ERROR, NULL, NULL);
	bed = (struct bed){.of_plan = asking_plan("ported"), .who = 1};
	assert_int_equal(core_plan_use(&bed.plan, bed.of_plan), 0);
	assert_int_equal(lookup_create(&bed.lookup, &cfg), 0);
}

static void swap_plan(struct plan *plan)
{
	assert_int_equal(core_plan_use(&bed.plan, plan), 0);
	plan_destroy(bed.of_plan);
	bed.of_plan = plan;
}

static void counters_are(const struct lookup_counters *want)
{
	assert_memory_equal(lookup_counters(bed.lookup), want, sizeof(*want));
}

static void finish(void)
{
	const struct lookup_counters *c = lookup_counters(bed.lookup);

	assert_int_equal(c->asked, c->found + c->not_found + c->failed + c->timed_out + c->dropped +
				       c->waiting);
	lookup_destroy(bed.lookup);
	assert_int_equal(deadline_next_us(&bed.deadlines), TIME_NEVER_US);
	core_plan_fini(&bed.plan);
	plan_destroy(bed.of_plan);
}

static bool route(int64_t now_us, call_id call, const char *called)
{
	struct call_setup s = make_call(called, "+4930123");

	return lookup_route(bed.lookup, now_us, call, &s, 1, &bed.route);
}

static bool answer(int64_t now_us, uint64_t question, enum plan_answer_kind kind, const char *called)
{
	struct plan_answer a = {.kind = kind, .has_called = called};

	if (called)
		a.called = make_call(called, "").called;
	return lookup_answer(bed.lookup, now_us, question, &a, NULL);
}

void test_lookup_answers(void **state)
{
	(void)state;
	start();
	assert_true(route(0, CALL_1, "123")); /* asks nobody */
	assert_int_equal(bed.questions, 0);
	assert_false(route(0, CALL_1, "+442079460148"));
	assert_string_equal(bed.question.where, "lnp");
	assert_string_equal(bed.question.number, "+442079460148");
	assert_string_equal(bed.question.calling, "+4930123");
	assert_int_equal(bed.question.timeout_ms, TIMEOUT_MS);
	assert_true(answer(1000, bed.question.id, PLAN_ANSWER_FOUND, "+441632960001"));
	assert_int_equal(bed.decisions, 1);
	assert_int_equal(bed.decided, CALL_1);
	assert_string_equal(bed.route.rule, "ported");
	assert_string_equal(bed.route.way[0].called.digits, "441632960001");
	assert_false(answer(1000, bed.question.id, PLAN_ANSWER_FOUND, NULL)); /* twice */
	assert_false(route(2000, CALL_2, "+442079460148"));
	assert_true(answer(2000, bed.question.id, PLAN_ANSWER_NOT_FOUND, NULL));
	assert_string_equal(bed.route.way[0].called.digits, "442079460148");
	counters_are(&(struct lookup_counters){.asked = 2, .found = 1, .not_found = 1, .late = 1});
	finish();
}

/* Two rules ask in turn; the answer to the first comes while the second waits. */
void test_lookup_late(void **state)
{
	uint64_t first;

	(void)state;
	start();
	assert_false(route(0, CALL_1, "881"));
	first = bed.question.id;
	assert_int_equal(deadline_next_us(&bed.deadlines), TIMEOUT_MS * US_PER_MS);
	deadline_run(&bed.deadlines, TIMEOUT_MS * US_PER_MS - 1);
	assert_int_equal(bed.questions, 1);
	deadline_run(&bed.deadlines, TIMEOUT_MS * US_PER_MS);
	assert_int_equal(bed.questions, 2);
	assert_int_equal(bed.decisions, 0);
	assert_false(answer(TIMEOUT_MS * US_PER_MS, first, PLAN_ANSWER_FOUND, "99"));
	assert_int_equal(deadline_next_us(&bed.deadlines), 2 * TIMEOUT_MS * US_PER_MS);
	deadline_run(&bed.deadlines, 2 * TIMEOUT_MS * US_PER_MS);
	assert_int_equal(bed.decisions, 1);
	assert_string_equal(bed.route.rule, "rest");
	assert_false(answer(TIMEOUT_MS * US_PER_MS, bed.question.id, PLAN_ANSWER_FOUND, "99"));
	counters_are(&(struct lookup_counters){.asked = 2, .timed_out = 2, .late = 2, .in_row = 2});
	/* With a cause of its own: refused when time is up. */
	assert_false(route(0, CALL_1, "+12025550123"));
	assert_string_equal(bed.question.where, "3.2.1.0.5.5.5.2.0.2.1.e164.arpa");
	deadline_run(&bed.deadlines, 1000 * US_PER_MS);
	assert_int_equal(bed.route.cause.value, CAUSE_TEMPORARY_FAILURE);
	finish();
}

void test_lookup_nobody(void **state)
{
	(void)state;
	start();
	bed.deaf = true;
	assert_true(route(0, CALL_1, "881")); /* both look-ups fail at once */
	assert_string_equal(bed.route.rule, "rest");
	assert_true(route(0, CALL_1, "+442079460148"));
	assert_string_equal(bed.route.rule, "ported");
	assert_int_equal(bed.decisions, 0);
	counters_are(&(struct lookup_counters){.asked = 3, .failed = 3, .in_row = 3});
	bed.deaf = false;
	assert_false(route(0, CALL_1, "+442079460148"));
	assert_true(answer(0, bed.question.id, PLAN_ANSWER_FAILED, NULL));
	assert_string_equal(bed.route.way[0].called.digits, "442079460148");
	assert_false(route(0, CALL_1, "+442079460148"));
	assert_true(answer(0, bed.question.id, PLAN_ANSWER_NOT_FOUND, NULL));
	assert_int_equal(lookup_counters(bed.lookup)->in_row, 0);
	finish();
}

/* Its calls go on at once, each in its own way; those of another one wait. */
void test_lookup_lost(void **state)
{
	(void)state;
	start();
	assert_false(route(0, CALL_1, "+442079460148"));
	bed.who = 2;
	assert_false(route(0, CALL_2, "881"));
	assert_false(route(0, CALL_2 + 1, "+12025550123"));
	lookup_lost(bed.lookup, 1000, 3);
	assert_int_equal(bed.decisions, 0);
	lookup_lost(bed.lookup, 1000, 1);
	assert_int_equal(bed.decisions, 1);
	assert_int_equal(bed.decided, CALL_1);
	assert_string_equal(bed.route.way[0].called.digits, "442079460148");
	bed.who = 1; /* the next rule asks another one, from inside */
	lookup_lost(bed.lookup, 2000, 2);
	assert_int_equal(bed.decisions, 2);
	assert_int_equal(bed.decided, CALL_2 + 1);
	assert_int_equal(bed.route.cause.value, CAUSE_TEMPORARY_FAILURE);
	assert_int_equal(bed.questions, 4);
	assert_int_equal(deadline_next_us(&bed.deadlines), 2000 + TIMEOUT_MS * US_PER_MS);
	bed.deaf = true;
	lookup_lost(bed.lookup, 3000, 1);
	assert_string_equal(bed.route.rule, "rest");
	assert_int_equal(deadline_next_us(&bed.deadlines), TIME_NEVER_US);
	counters_are(&(struct lookup_counters){.asked = 4, .failed = 4, .in_row = 4});
	finish();
}

/* A call without a place yet is told what can be told at once; whoever waits goes on waiting. */
void test_lookup_no_place(void **state)
{
	(void)state;
	start();
	assert_false(route(0, 1 << 20, "+442079460148")); /* in slot 0 */
	assert_false(route(0, 0, "881"));
	assert_true(route(0, 0, "123"));
	assert_string_equal(bed.route.rule, "rest");
	assert_int_equal(bed.questions, 1);
	assert_true(answer(1, bed.question.id, PLAN_ANSWER_NOT_FOUND, NULL));
	assert_int_equal(bed.decided, 1 << 20);
	finish();
}

void test_lookup_hang_up(void **state)
{
	uint64_t question;

	(void)state;
	start();
	assert_false(route(0, CALL_1, "881"));
	question = bed.question.id;
	lookup_drop(bed.lookup, CALL_1 + (1 << 20)); /* another call in the same slot */
	assert_int_equal(lookup_counters(bed.lookup)->waiting, 1);
	lookup_drop(bed.lookup, CALL_1);
	lookup_drop(bed.lookup, CALL_1);
	assert_int_equal(deadline_next_us(&bed.deadlines), TIME_NEVER_US);
	assert_false(answer(1, question, PLAN_ANSWER_FOUND, "1"));
	assert_false(route(2, CALL_1 + (1 << 20), "+442079460148"));
	assert_false(answer(3, question, PLAN_ANSWER_FOUND, "1")); /* not the next call's */
	assert_int_equal(bed.decisions, 0);
	counters_are(&(struct lookup_counters){.asked = 2, .dropped = 1, .waiting = 1, .late = 2});
	finish();
}

/* The old plan is gone while its question is out: ASan would see any use of it. */
void test_lookup_swap(void **state)
{
	static struct make m;

	(void)state;
	start();
	assert_false(route(0, CALL_1, "+442079460148"));
	assert_false(route(0, CALL_2, "881"));
	swap_plan(asking_plan("new"));
	assert_true(answer(1000, bed.question.id, PLAN_ANSWER_FOUND, "99"));
	assert_string_equal(bed.route.rule, "named");
	assert_string_equal(bed.route.way[0].called.digits, "99");
	assert_int_equal(bed.questions, 2); /* the answer served the new plan's same question */
	deadline_run(&bed.deadlines, TIMEOUT_MS * US_PER_MS);
	assert_string_equal(bed.route.rule, "new");
	assert_int_equal(bed.questions, 2);
	assert_false(route(0, CALL_1, "+442079460148"));
	m.count = 0;
	make_rule(&m, "silent", PLAN_MATCH_ANY, NULL, 0);
	swap_plan(make_plan(&m, PLAN_LONGEST, NULL)); /* asks nothing any more */
	assert_true(answer(0, bed.question.id, PLAN_ANSWER_FOUND, "99"));
	assert_string_equal(bed.route.rule, "silent");
	assert_string_equal(bed.route.way[0].called.digits, "442079460148");
	assert_false(answer(0, bed.question.id, PLAN_ANSWER_FOUND, "99"));
	swap_plan(asking_plan("back"));
	assert_false(route(0, CALL_1, "+12025550123"));
	swap_plan(asking_plan("again"));
	assert_true(answer(0, bed.question.id, PLAN_ANSWER_FAILED, NULL));
	assert_int_equal(bed.route.cause.value, CAUSE_TEMPORARY_FAILURE);
	finish();
}

/* Many calls, answers in any order, invented ones, calls that end: each waits once, is decided at
 * most once, and no later than its time. */
void test_lookup_flood(void **state)
{
	uint64_t question[CALLS] = {0}, generation[CALLS] = {0};
	int64_t now_us = 0;
	struct rng rng;

	(void)state;
	rng_init_seed(&rng, 5);
	start();
	for (unsigned i = 0; i < 20000; i++) {
		unsigned slot = (unsigned)rng_below(&rng, CALLS);
		call_id call = generation[slot] << 20 | slot;

		now_us += (int64_t)rng_below(&rng, 20000);
		deadline_run(&bed.deadlines, now_us);
		assert_true(lookup_counters(bed.lookup)->waiting <= CALLS);
		assert_true(deadline_next_us(&bed.deadlines) > now_us);
		switch (rng_below(&rng, 4)) {
		case 0:
			lookup_drop(bed.lookup, call);
			call = ++generation[slot] << 20 | slot;
			assert_false(route(now_us, call, "881"));
			question[slot] = bed.question.id;
			break;
		case 1:
			answer(now_us, question[slot],
			       (enum plan_answer_kind)rng_below(&rng, 3), "77");
			break;
		case 2:
			answer(now_us, rng_u64(&rng), PLAN_ANSWER_FOUND, "77");
			break;
		default:
			lookup_drop(bed.lookup, call);
		}
	}
	assert_true(lookup_counters(bed.lookup)->timed_out > 100);
	assert_true(lookup_counters(bed.lookup)->found > 100);
	finish();
}

/* Whatever calls have stood in a slot: no two questions have one id, so no answer is taken for
 * another's. */
void test_lookup_ids(void **state)
{
	uint64_t seen[50];

	(void)state;
	start();
	for (unsigned n = 0; n < 50; n++) {
		call_id call = (call_id)(n + 1) << 20 | (CALLS - 1);

		assert_false(route(0, call, n % 2 ? "+12" : "+442"));
		assert_int_equal(bed.question.kind, n % 2 ? PLAN_LOOKUP_ENUM : PLAN_LOOKUP_HTTP);
		seen[n] = bed.question.id;
		for (unsigned i = 0; i < n; i++)
			assert_false(answer(0, seen[i], PLAN_ANSWER_FOUND, "+1"));
		if (n % 3 == 0)
			assert_true(answer(0, seen[n], PLAN_ANSWER_FOUND, "+1"));
		assert_int_equal(bed.decided, n % 3 == 0 ? call : (call_id)(n - n % 3 + 1) << 20 | (CALLS - 1));
	}
	finish();
}
