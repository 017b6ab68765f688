/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls through the whole gateway whose number plan asks first: answered, never answered, and calls
 * that end while they wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/sim.h"

enum { TIMEOUT_MS = 2000, GUARD_US = 300 * 1000 * 1000, LINGER_US = 70 * 1000 * 1000 };

static struct sim sim;
static struct lookup_question question; /* the last one */
static unsigned questions;

static uint32_t on_ask(void *arg, const struct lookup_question *q)
{
	(void)arg;
	question = *q;
	questions++;
	return 1;
}

static bool asked(const struct sim *s)
{
	(void)s;
	return questions > 0;
}

static void create(void)
{
	static const char config[] =
	    "spans:\n  - {span: 1, driver: virtual, connect: /simulated/1, side: user}\n"
	    "trunks:\n  - {name: peer, bind: '192.0.2.1:5060', peer: '192.0.2.2:5080'}\n"
	    "numbers: {lookups: [{name: porting, type: http, timeout_ms: 2000}]}\n"
	    "plan:\n"
	    "  - {name: in, from: [trunk:peer], lookup: porting, targets: [{to: span:1}]}\n"
	    "  - {name: out, from: [span:1], lookup: porting, targets: [{to: trunk:peer}]}\n"
	    "control: {socket: /simulated/control}\n";
	struct sim_cfg cfg = {.seed = 11, .spans = 1, .config = config, .lookup = {NULL, on_ask}};
	struct pbx_rule rule = {.answer_after_ms = 500, .hold_ms = PBX_NEVER_MS};

	questions = 0;
	sim_create(&sim, &cfg);
	pbx_rule(sim.pbx[0], &rule);
}

static const struct lookup_counters *counters(void)
{
	return lookup_counters(sim.core->lookup);
}

static void finish(void)
{
	assert_true(sim_run_until(&sim, sim_is_quiet, GUARD_US));
	sim_run_us(&sim, LINGER_US);
	assert_int_equal(sim_leftovers(&sim), 0);
	assert_int_equal(sim.guard_hits, 0);
	assert_int_equal(counters()->waiting, 0);
	assert_int_equal(sim.records, 1);
	assert_int_equal(call_table_counters(sim.core->calls)->unexpected_events, 0);
	sim_destroy(&sim);
}

static void answered_later(void **state)
{
	struct plan_answer a = {.kind = PLAN_ANSWER_FOUND, .has_called = true};

	(void)state;
	create();
	a.called = (struct call_number){.present = true, .digits = "777"};
	assert_true(sim_call_from_sip(&sim, "123", 3000, -1) > 0);
	assert_true(sim_run_until(&sim, asked, US_PER_S));
	assert_string_equal(question.where, "porting");
	sim_run_us(&sim, US_PER_S);
	assert_int_equal(sim.connects + sim.records, 0);
	assert_true(lookup_answer(sim.core->lookup, sim.now_us, question.id, &a, NULL));
	assert_int_equal(counters()->found, 1);
	finish();
	assert_string_equal(sim.record.called_out.digits, "777");
	assert_true(sim.record.answer_us != 0);
}

/* Two seconds, then the number as it is: not sooner, and not a tick of 20 ms later. */
static void never_answered(void **state)
{
	int64_t begin_us;

	(void)state;
	create();
	assert_true(sim_call_from_sip(&sim, "123", 3000, -1) > 0);
	assert_true(sim_run_until(&sim, asked, US_PER_S));
	begin_us = sim.now_us;
	sim_run_us(&sim, TIMEOUT_MS * US_PER_MS - 1);
	assert_int_equal(counters()->timed_out, 0);
	sim_run_us(&sim, 1);
	assert_int_equal(sim.now_us - begin_us, TIMEOUT_MS * US_PER_MS);
	assert_int_equal(counters()->timed_out, 1);
	finish();
	assert_string_equal(sim.record.called_out.digits, "123");
	assert_true(sim.record.answer_us != 0);
}

static void ended_while_it_waits(void **state)
{
	struct plan_answer a = {.kind = PLAN_ANSWER_FOUND};

	(void)state;
	for (int from_sip = 0; from_sip <= 1; from_sip++) {
		create();
		if (from_sip)
			assert_true(sim_call_from_sip(&sim, "123", -1, 500) > 0);
		else
			assert_true(sim_call_from_isdn(&sim, 1, "123", PBX_NEVER_MS, 500) != 0);
		assert_true(sim_run_until(&sim, asked, US_PER_S));
		assert_true(sim_run_until(&sim, sim_is_quiet, TIMEOUT_MS * US_PER_MS));
		assert_int_equal(counters()->dropped, 1);
		assert_false(lookup_answer(sim.core->lookup, sim.now_us, question.id, &a, NULL));
		assert_int_equal(sim.record.answer_us, 0);
		finish();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answered_later),
	    cmocka_unit_test(never_answered),
	    cmocka_unit_test(ended_while_it_waits),
	};

	log_init(LOG_ERROR, NULL, NULL);
	return cmocka_run_group_tests_name("look-ups", tests, NULL, NULL);
}
