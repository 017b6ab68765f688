/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls between two exchanges: channels, causes, early audio, all of it in virtual time. */
#include <stdio.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "gateway/base/strbuf.h"
#include "tests/unit/pbx/bench.h"
#include "tests/unit/pbx/pbx_tests.h"

static struct bench b;

static void rules(struct pbx_rule rule)
{
	for (int i = 0; i < 2; i++)
		assert_true(pbx_rule(b.side[i].pbx, &rule));
}

void calls_go_both_ways_with_right_audio(void **state)
{
	char digits[16];

	bench_init(&b, NULL, NULL);
	rules(bench_rule());
	for (int i = 0; i < 15; i++) {
		for (int side = 0; side < 2; side++) {
			snprintf(digits, sizeof(digits), "0300%04d", side * 100 + i);
			assert_true(bench_call(&b, side, digits, 2000));
		}
	}
	bench_run_ms(&b, 100);
	assert_int_equal(bench_call(&b, NETWORK, "1", 2000), 0); /* no channel is left */
	bench_until(&b, NETWORK, PBX_HANGUP, 30);
	bench_until(&b, USER, PBX_HANGUP, 30);
	for (int side = 0; side < 2; side++) {
		uint32_t seen = 0;

		assert_int_equal(bench_count(&b, side, PBX_INCOMING), 15);
		assert_int_equal(bench_count(&b, side, PBX_ALERTING), 15);
		for (unsigned i = 0; i < b.side[side].events; i++) {
			const struct pbx_event *e = &b.side[side].event[i];

			if (e->type != PBX_HANGUP)
				continue;
			bench_assert_good_audio(e);
			assert_true(e->answered);
			assert_int_equal(e->we_cleared, e->outgoing);
			assert_int_equal(e->cause, e->outgoing ? 0 : 16);
			/* Both hear the other one while it rings: the caller speaks at once. */
			assert_true(e->early_media);
			assert_false(seen >> e->ts & 1);
			seen |= 1u << e->ts;
		}
		assert_int_equal(seen, 0xfffefffe);
		assert_int_equal(pbx_calls(b.side[side].pbx), 0);
	}
	bench_fini(&b);
}

void numbers_keep_type_and_plan(void **state)
{
	const struct pbx_event *e;
	struct pbx_call_request r = {.bearer = 0x10,
				     .hold_ms = 1000,
				     .give_up_ms = PBX_NEVER_MS,
				     .called = {"4930123", 1, 1},
				     .calling = {"0000", 4, 9}};

	bench_init(&b, NULL, NULL);
	rules(bench_rule());
	assert_true(pbx_call(b.side[USER].pbx, b.now_us, &r));
	bench_until(&b, NETWORK, PBX_INCOMING, 1);
	e = bench_last(&b, NETWORK, PBX_INCOMING);
	assert_string_equal(e->called.digits, "4930123");
	assert_int_equal(e->called.ton, 1);
	assert_int_equal(e->called.npi, 1);
	assert_string_equal(e->calling.digits, "0000");
	assert_int_equal(e->calling.ton, 4);
	assert_int_equal(e->calling.npi, 9);
	bench_fini(&b);
}

void a_refusal_carries_its_cause(void **state)
{
	static const uint8_t cause[] = {1, 16, 17, 18, 19, 21, 27, 28, 31, 34, 38, 41, 42, 65, 127};
	struct pbx_rule rule = bench_rule();

	bench_init(&b, NULL, NULL);
	for (unsigned i = 0; i < sizeof(cause); i++) {
		rule.refuse_cause = cause[i];
		rules(rule);
		for (int side = 0; side < 2; side++) {
			const struct pbx_event *e;

			assert_true(bench_call(&b, side, "1", 1000));
			bench_until(&b, side, PBX_HANGUP, 2 * i + 1 + (unsigned)side);
			bench_until(&b, !side, PBX_HANGUP, 2 * i + 1 + (unsigned)side);
			e = bench_last(&b, side, PBX_HANGUP);
			assert_int_equal(e->cause, cause[i]);
			assert_false(e->answered);
			assert_false(e->we_cleared);
			assert_true(bench_last(&b, !side, PBX_HANGUP)->we_cleared);
		}
	}
	bench_fini(&b);
}

void a_call_without_a_rule_is_refused(void **state)
{
	bench_init(&b, NULL, NULL);
	assert_true(bench_call(&b, NETWORK, "123", 1000));
	bench_until(&b, NETWORK, PBX_HANGUP, 1);
	assert_int_equal(bench_last(&b, NETWORK, PBX_HANGUP)->cause, 21);
	assert_int_equal(bench_last(&b, USER, PBX_REFUSED)->cause, 21);
	assert_string_equal(bench_last(&b, USER, PBX_REFUSED)->called.digits, "123");
	assert_int_equal(pbx_calls(b.side[USER].pbx), 0);
	bench_fini(&b);
}

void the_longest_prefix_wins(void **state)
{
	struct pbx_rule rule = {.refuse_cause = 1};

	bench_init(&b, NULL, NULL);
	rules(rule);
	rule.refuse_cause = 17;
	str_copy(rule.prefix, sizeof(rule.prefix), "030");
	rules(rule);
	rule.refuse_cause = 19;
	str_copy(rule.prefix, sizeof(rule.prefix), "0301");
	rules(rule);
	assert_true(bench_call(&b, USER, "0302", 1000));
	bench_until(&b, USER, PBX_HANGUP, 1);
	assert_int_equal(bench_last(&b, USER, PBX_HANGUP)->cause, 17);
	assert_true(bench_call(&b, USER, "03019", 1000));
	bench_until(&b, USER, PBX_HANGUP, 2);
	assert_int_equal(bench_last(&b, USER, PBX_HANGUP)->cause, 19);
	bench_fini(&b);
}

void the_caller_may_give_up(void **state)
{
	struct pbx_rule rule = bench_rule();
	struct pbx_call_request r = {.bearer = 0x10,
				     .hold_ms = 1,
				     .give_up_ms = 5000,
				     .cause = 31,
				     .called = {.digits = "7"}};
	const struct pbx_event *e;
	int64_t begun_us;

	rule.answer_after_ms = PBX_NEVER_MS;
	bench_init(&b, NULL, NULL);
	rules(rule);
	begun_us = b.now_us;
	assert_true(pbx_call(b.side[NETWORK].pbx, b.now_us, &r));
	bench_until(&b, USER, PBX_HANGUP, 1);
	bench_until(&b, NETWORK, PBX_HANGUP, 1);
	e = bench_last(&b, USER, PBX_HANGUP);
	assert_int_equal(e->cause, 31);
	assert_false(e->answered);
	assert_int_equal(e->now_us - begun_us, 5000 * US_PER_MS);
	assert_true(bench_last(&b, NETWORK, PBX_HANGUP)->early_media);
	bench_fini(&b);
}

void the_called_side_may_hang_up(void **state)
{
	struct pbx_rule rule = bench_rule();
	const struct pbx_event *e;

	rule.hold_ms = 3000;
	rule.cause = 41;
	bench_init(&b, NULL, NULL);
	rules(rule);
	assert_true(bench_call(&b, USER, "17", PBX_NEVER_MS));
	bench_until(&b, USER, PBX_HANGUP, 1);
	e = bench_last(&b, USER, PBX_HANGUP);
	assert_int_equal(e->cause, 41);
	assert_int_equal(e->now_us - e->connect_us, 3000 * US_PER_MS);
	assert_int_equal(e->connect_us - e->setup_us, 1000 * US_PER_MS);
	bench_assert_good_audio(e);
	bench_fini(&b);
}

void progress_lets_early_audio_through(void **state)
{
	struct pbx_rule rule = bench_rule();

	rule.alert_after_ms = PBX_NEVER_MS;
	rule.progress_inband = true;
	bench_init(&b, NULL, NULL);
	rules(rule);
	assert_true(bench_call(&b, NETWORK, "17", 2000));
	bench_until(&b, NETWORK, PBX_HANGUP, 1);
	assert_true(bench_last(&b, NETWORK, PBX_PROGRESS)->pi_inband);
	assert_int_equal(bench_count(&b, NETWORK, PBX_ALERTING), 0);
	assert_true(bench_last(&b, NETWORK, PBX_HANGUP)->early_media);
	/* And without: nothing is heard of the called side until it answers. */
	rule = bench_rule();
	rule.alert_inband = false;
	rules(rule);
	assert_true(bench_call(&b, NETWORK, "17", 2000));
	bench_until(&b, NETWORK, PBX_HANGUP, 2);
	assert_false(bench_last(&b, NETWORK, PBX_ALERTING)->pi_inband);
	assert_false(bench_last(&b, NETWORK, PBX_HANGUP)->early_media);
	bench_assert_good_audio(bench_last(&b, NETWORK, PBX_HANGUP));
	bench_fini(&b);
}

/* Fractional spans: the called side has fewer channels than the caller believes. */
void the_first_answers_channel_is_binding(void **state)
{
	const struct pbx_cfg user = {.dchannel_ts = 16,
				     .bchannels = 0x7fe, /* 1-10 */
				     .descending = true,
				     .gateway_audio = true};
	struct pbx_call_request r = {.bearer = 0x10,
				     .ts = 20,
				     .hold_ms = 2000,
				     .give_up_ms = PBX_NEVER_MS,
				     .called = {.digits = "5"}};
	const struct pbx_event *e;

	bench_init(&b, NULL, &user);
	rules(bench_rule());
	assert_true(pbx_call(b.side[NETWORK].pbx, b.now_us, &r));
	bench_until(&b, NETWORK, PBX_HANGUP, 1);
	bench_until(&b, USER, PBX_HANGUP, 1);
	e = bench_last(&b, NETWORK, PBX_HANGUP);
	assert_int_equal(e->ts, 10);
	assert_int_equal(e->cause, 0);
	bench_assert_good_audio(e);
	bench_assert_good_audio(bench_last(&b, USER, PBX_HANGUP));
	/* Exclusive: no other one will do. */
	r.exclusive = true;
	assert_true(pbx_call(b.side[NETWORK].pbx, b.now_us, &r));
	bench_until(&b, NETWORK, PBX_HANGUP, 2);
	assert_int_equal(bench_last(&b, NETWORK, PBX_HANGUP)->cause, 44);
	/* All taken. */
	for (int i = 0; i < 10; i++)
		assert_true(bench_call(&b, USER, "6", 5000));
	assert_int_equal(bench_call(&b, USER, "6", 5000), 0);
	bench_run_ms(&b, 100);
	r.exclusive = false;
	assert_true(pbx_call(b.side[NETWORK].pbx, b.now_us, &r));
	bench_until(&b, NETWORK, PBX_HANGUP, 3);
	assert_int_equal(bench_last(&b, NETWORK, PBX_HANGUP)->cause, 34);
	bench_until(&b, USER, PBX_HANGUP, 11);
	bench_fini(&b);
}

void setups_may_cross(void **state)
{
	const struct pbx_cfg network = {.network = true, .dchannel_ts = 1, .bchannels = 0xc};
	const struct pbx_cfg user = {.dchannel_ts = 1, .bchannels = 0xc, .gateway_audio = true};

	bench_init(&b, &network, &user);
	rules(bench_rule());
	/* Both hunt upwards: both take timeslot 2. */
	assert_true(bench_call(&b, NETWORK, "0021", 2000));
	assert_true(bench_call(&b, USER, "0022", 2000));
	for (int side = 0; side < 2; side++)
		bench_until(&b, side, PBX_HANGUP, 2);
	for (int side = 0; side < 2; side++) {
		assert_int_equal(pbx_calls(b.side[side].pbx), 0);
		for (unsigned i = 0; i < b.side[side].events; i++)
			if (b.side[side].event[i].type == PBX_HANGUP &&
			    b.side[side].event[i].answered)
				bench_assert_good_audio(&b.side[side].event[i]);
	}
	/* The line is none the worse for it. */
	assert_true(bench_call(&b, USER, "0023", 2000));
	bench_until(&b, USER, PBX_HANGUP, 3);
	bench_assert_good_audio(bench_last(&b, USER, PBX_HANGUP));
	bench_fini(&b);
}
