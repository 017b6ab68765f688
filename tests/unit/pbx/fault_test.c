/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that fail, audio that is spoiled on purpose or by accident, and long random days. */
#include <stdio.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "tests/unit/pbx/bench.h"
#include "tests/unit/pbx/pbx_tests.h"

/* PBX_DOWN comes when libpri begins to re-establish the link; layer 2 is lost (DL-RELEASE
 * indication, Q.921 5.5.2) when N200 = 3 repeated SABMEs are not answered within T200 = 1 s each.
 */
enum { ESTABLISH_US = 4000000 };

static struct bench b;

static void init(void)
{
	struct pbx_rule rule = bench_rule();

	bench_init(&b, NULL, NULL);
	for (int i = 0; i < 2; i++)
		assert_true(pbx_rule(b.side[i].pbx, &rule));
}

void calls_survive_a_short_dchannel_cut(void **state)
{
	init();
	assert_true(bench_call(&b, NETWORK, "0001", 60000));
	assert_true(bench_call(&b, USER, "0002", 60000));
	bench_run_ms(&b, 10000);
	e1_virt_cut_dchan(b.pair, true);
	bench_run_ms(&b, 5000);
	e1_virt_cut_dchan(b.pair, false);
	for (int side = 0; side < 2; side++) {
		bench_until(&b, side, PBX_HANGUP, 2);
		for (unsigned i = 0; i < b.side[side].events; i++) {
			const struct pbx_event *e = &b.side[side].event[i];

			if (e->type != PBX_HANGUP)
				continue;
			bench_assert_good_audio(e);
			assert_int_equal(e->now_us - e->connect_us, 60 * US_PER_S);
			assert_int_equal(e->cause, e->outgoing ? 0 : 16);
		}
	}
	bench_fini(&b);
}

/* Q.931 5.8.9. The wall clock has no part in it: libpri sees the time that is handed in. */
void t309_clears_calls_90_s_after_layer_2(void **state)
{
	const struct pbx_event *down, *e;

	init();
	assert_true(bench_call(&b, NETWORK, "0001", PBX_NEVER_MS));
	bench_run_ms(&b, 10000);
	for (int side = 0; side < 2; side++)
		pbx_drop_dchannel(b.side[side].pbx, true);
	for (int side = 0; side < 2; side++) {
		bench_until(&b, side, PBX_HANGUP, 1);
		down = bench_last(&b, side, PBX_DOWN);
		e = bench_last(&b, side, PBX_HANGUP);
		assert_int_equal(e->now_us - down->now_us, ESTABLISH_US + 90 * US_PER_S);
		assert_int_equal(e->cause, 27);
		assert_false(e->we_cleared);
		/* The audio went on all the time. */
		assert_true(e->audio.good > 90 * 8000);
		assert_int_equal(e->audio.lost + e->audio.inserted + e->audio.changed, 0);
		assert_int_equal(pbx_calls(b.side[side].pbx), 0);
	}
	assert_int_equal(bench_call(&b, NETWORK, "0001", 1000), 0);
	/* And it comes back by itself. */
	for (int side = 0; side < 2; side++)
		pbx_drop_dchannel(b.side[side].pbx, false);
	bench_until(&b, NETWORK, PBX_UP, 2);
	assert_true(bench_call(&b, NETWORK, "0001", 2000));
	bench_until(&b, NETWORK, PBX_HANGUP, 2);
	bench_assert_good_audio(bench_last(&b, NETWORK, PBX_HANGUP));
	bench_fini(&b);
}

void a_call_that_rings_ends_with_the_dchannel(void **state)
{
	struct pbx_rule rule = bench_rule();

	rule.answer_after_ms = PBX_NEVER_MS;
	init();
	for (int i = 0; i < 2; i++)
		assert_true(pbx_rule(b.side[i].pbx, &rule));
	assert_true(bench_call(&b, USER, "0001", PBX_NEVER_MS));
	bench_run_ms(&b, 3000);
	e1_virt_unplug(b.pair, true);
	for (int side = 0; side < 2; side++) {
		bench_until(&b, side, PBX_HANGUP, 1);
		assert_int_equal(bench_last(&b, side, PBX_HANGUP)->cause, 27);
		assert_int_equal(bench_last(&b, side, PBX_HANGUP)->now_us,
				 bench_last(&b, side, PBX_DOWN)->now_us + ESTABLISH_US);
	}
	e1_virt_unplug(b.pair, false);
	bench_until(&b, USER, PBX_UP, 2);
	bench_fini(&b);
}

void lost_blocks_are_explained(void **state)
{
	const struct pbx_event *e;

	init();
	assert_true(bench_call(&b, USER, "0001", 20000));
	for (int i = 0; i < 6; i++) {
		bench_run_ms(&b, 3000);
		e1_virt_lose_blocks(b.pair, NETWORK, 1 + (unsigned)i);
	}
	bench_until(&b, USER, PBX_HANGUP, 1);
	bench_until(&b, NETWORK, PBX_HANGUP, 1);
	/* 1 + 2 + … + 6 blocks of what the user spoke are missing at the network; what the network
	 * had no occasion to write meanwhile is idle at the user. */
	e = bench_last(&b, NETWORK, PBX_HANGUP);
	assert_int_equal(e->missed_octets, 21 * 160);
	assert_int_equal(e->audio.lost, 21 * 160);
	assert_int_equal(e->audio.inserted + e->audio.changed + e->audio.foreign, 0);
	e = bench_last(&b, USER, PBX_HANGUP);
	assert_int_equal(e->slipped_octets, 21 * 160);
	assert_int_equal(e->audio.inserted, 21 * 160);
	assert_int_equal(e->audio.lost + e->audio.changed + e->audio.foreign, 0);
	bench_fini(&b);
}

static const struct pbx_event *planted(enum pbx_plant plant)
{
	init();
	assert_true(bench_call(&b, NETWORK, "0004", 6000));
	assert_true(bench_call(&b, NETWORK, "0005", 6000));
	bench_run_ms(&b, 3000);
	pbx_plant(b.side[NETWORK].pbx, plant);
	bench_until(&b, USER, PBX_HANGUP, 2);
	for (unsigned i = 0; i < b.side[USER].events; i++) {
		const struct pbx_event *e = &b.side[USER].event[i];

		if (e->type == PBX_HANGUP &&
		    e->audio.lost + e->audio.inserted + e->audio.changed + e->audio.foreign)
			return e;
	}
	fail_msg("plant %d: the other end heard nothing wrong", (int)plant);
	return NULL;
}

void plants_are_heard(void **state)
{
	const struct pbx_event *e = planted(PBX_PLANT_WRONG_OCTET);

	assert_int_equal(e->audio.changed, 1);
	assert_int_equal(e->audio.lost + e->audio.inserted + e->audio.foreign, 0);
	assert_int_equal(e->missed_octets + e->slipped_octets, 0);
	bench_fini(&b);
	e = planted(PBX_PLANT_DROP);
	assert_int_equal(e->audio.lost, 40);
	assert_int_equal(e->audio.inserted + e->audio.changed + e->audio.foreign, 0);
	assert_int_equal(e->missed_octets + e->slipped_octets, 0);
	bench_fini(&b);
	e = planted(PBX_PLANT_SWAP);
	assert_true(e->audio.foreign > 0);
	assert_int_equal(e->missed_octets + e->slipped_octets, 0);
	bench_fini(&b);
	e = planted(PBX_PLANT_LATE);
	assert_int_equal(e->audio.inserted, 800);
	assert_int_equal(e->audio.lost + e->audio.changed + e->audio.foreign, 0);
	assert_int_equal(e->missed_octets + e->slipped_octets, 0);
	bench_fini(&b);
}

static void random_rules(struct rng *rng)
{
	static const uint8_t cause[] = {0, 0, 0, 0, 0, 0, 1, 17, 21, 34};

	for (int i = 0; i < 10; i++) {
		struct pbx_rule rule = {.prefix = {(char)('0' + i)},
					.refuse_cause = cause[i],
					.progress_inband = rng_below(rng, 2),
					.alert_inband = rng_below(rng, 2),
					.alert_after_ms = rng_below(rng, 500),
					.answer_after_ms = 300 + rng_below(rng, 3000),
					.hold_ms = i < 3 ? 1 + rng_below(rng, 9000) : PBX_NEVER_MS};

		for (int side = 0; side < 2; side++)
			assert_true(pbx_rule(b.side[side].pbx, &rule));
	}
}

static void random_fault(struct rng *rng)
{
	switch (rng_below(rng, 12)) {
	case 0:
		e1_virt_cut_dchan(b.pair, true);
		break;
	case 1:
		e1_virt_lose_blocks(b.pair, rng_below(rng, 2), 1 + rng_below(rng, 5));
		break;
	case 2:
		e1_virt_unplug(b.pair, true);
		break;
	default:
		e1_virt_unplug(b.pair, false);
		e1_virt_cut_dchan(b.pair, false);
	}
}

static void random_day(uint64_t seed)
{
	unsigned placed[2] = {0, 0};
	struct rng rng;

	rng_init_seed(&rng, seed);
	bench_init(&b, NULL, NULL);
	random_rules(&rng);
	for (int i = 0; i < 400; i++) {
		char digits[16];
		int side = (int)rng_below(&rng, 2);

		snprintf(digits, sizeof(digits), "%u%04d", rng_below(&rng, 10), i);
		placed[side] += bench_call(&b, side, digits, 1 + rng_below(&rng, 15000)) != 0;
		bench_run_ms(&b, 1 + rng_below(&rng, 800));
		if (!rng_below(&rng, 20))
			random_fault(&rng);
	}
	e1_virt_unplug(b.pair, false);
	e1_virt_cut_dchan(b.pair, false);
	bench_run_ms(&b, 150000);
	for (int side = 0; side < 2; side++) {
		assert_int_equal(pbx_calls(b.side[side].pbx), 0);
		assert_true(pbx_up(b.side[side].pbx));
		assert_int_equal(bench_count(&b, side, PBX_HANGUP),
				 placed[side] + bench_count(&b, side, PBX_INCOMING));
		assert_true(placed[side] > 50);
	}
	for (int side = 0; side < 2; side++)
		for (unsigned i = 0; i < b.side[side].events; i++) {
			const struct pbx_event *e = &b.side[side].event[i];

			if (e->type != PBX_HANGUP)
				continue;
			assert_int_equal(e->audio.changed + e->audio.foreign, 0);
			assert_true(e->audio.lost <= e->missed_octets);
			assert_true(e->audio.inserted <= e->slipped_octets);
		}
	bench_fini(&b);
}

void nothing_is_left_after_a_random_day(void **state)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		print_message("seed %llu\n", (unsigned long long)seed);
		random_day(seed);
	}
}
