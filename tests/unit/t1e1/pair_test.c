/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "hw/t1e1/e1_virt.h"
#include "tests/unit/t1e1/numbered.h"
#include "tests/unit/t1e1/t1e1_tests.h"

struct bench {
	struct e1_virt_pair *pair;
	struct e1_span end[2];
	struct numbered reader[2];
};

static void bench_init(struct bench *b, unsigned ts)
{
	memset(b, 0, sizeof(*b));
	assert_int_equal(e1_virt_pair_create(&b->pair, b->end), 0);
	for (int i = 0; i < 2; i++) {
		b->reader[i].who = (uint8_t)(0x40 + i);
		b->end[i].ops->ts_enable(&b->end[i], ts, true);
		assert_int_equal(b->end[i].ops->pace_fd(&b->end[i]), -1);
		assert_int_equal(b->end[i].ops->dchan_fd(&b->end[i]), -1);
	}
}

static int bench_run(struct bench *b, int i)
{
	return b->end[i].ops->run(&b->end[i], 0, numbered_block, &b->reader[i]);
}

static void bench_step(struct bench *b)
{
	e1_virt_step(b->pair);
	for (int i = 0; i < 2; i++)
		bench_run(b, i);
}

static struct e1_line line_of(struct bench *b, int i)
{
	struct e1_line line;

	b->end[i].ops->line(&b->end[i], &line);
	return line;
}

static void bench_fini(struct bench *b)
{
	for (int i = 0; i < 2; i++)
		b->end[i].ops->close(&b->end[i]);
}

void pair_gives_each_end_what_the_other_wrote(void **state)
{
	struct bench b;

	bench_init(&b, 17);
	assert_int_equal(bench_run(&b, 0), 0);
	for (int i = 0; i < 1000; i++)
		bench_step(&b);
	for (int i = 0; i < 2; i++) {
		struct e1_line line = line_of(&b, i);

		assert_int_equal(b.reader[i].written, 1000);
		assert_int_equal(b.reader[i].read, 999);
		assert_int_equal(b.reader[i].idle, 1);
		assert_int_equal(b.reader[i].lost, 0);
		assert_int_equal(line.alarms, 0);
		assert_int_equal(line.blocks, 1000);
		assert_int_equal(line.missed_blocks + line.slips + line.bad_blocks, 0);
	}
	bench_fini(&b);
}

/* Random losses, unplugging and late ends: whatever is not read was counted, and time fits. */
void pair_accounts_for_every_octet(void **state)
{
	const uint64_t seed = 20261121;
	struct rng rng;
	struct bench b;
	bool unplugged = false;
	uint64_t steps = 0, out = 0;

	print_message("seed %llu\n", (unsigned long long)seed);
	rng_init_seed(&rng, seed);
	bench_init(&b, 1);
	for (; steps < 20000; steps++) {
		uint32_t dice = rng_below(&rng, 100);

		if (dice < 5)
			e1_virt_lose_blocks(b.pair, dice % 2, 1 + rng_below(&rng, 4));
		if (dice == 5 || (unplugged && dice < 30))
			e1_virt_unplug(b.pair, unplugged = !unplugged);
		out += unplugged;
		e1_virt_step(b.pair);
		for (int i = 0; i < 2; i++)
			if (rng_below(&rng, 10))
				bench_run(&b, i);
	}
	e1_virt_unplug(b.pair, false);
	for (int i = 0; i < 8; i++)
		for (int end = 0; end < 2; end++)
			bench_run(&b, end);
	assert_true(out > 100);
	for (int i = 0; i < 2; i++) {
		const struct numbered *r = &b.reader[i], *far = &b.reader[!i];
		struct e1_line line = line_of(&b, i);

		assert_int_equal(line.blocks + line.missed_blocks, steps);
		assert_int_equal(line.blocks, r->read + r->idle);
		assert_int_equal(line.blocks, r->written);
		assert_int_equal(r->idle, line.slips + 1);
		assert_int_equal(r->unexplained, 0);
		assert_int_equal(r->read + r->lost, r->expected);
		/* At most the block under way has not arrived. */
		assert_in_range(far->written - r->expected, 0, 2);
		assert_true(r->lost > 500);
		assert_true(r->lost <= line.missed_blocks - out);
	}
	bench_fini(&b);
}

void pair_fills_one_block_for_each_lost_one(void **state)
{
	struct bench b;
	struct e1_line line;

	bench_init(&b, 3);
	for (int i = 0; i < 10; i++)
		bench_step(&b);
	e1_virt_lose_blocks(b.pair, 1, 3);
	for (int i = 0; i < 20; i++)
		bench_step(&b);
	assert_int_equal(b.reader[1].lost, 3);
	assert_int_equal(b.reader[1].told_missed, 3);
	line = line_of(&b, 1);
	assert_int_equal(line.missed_blocks, 3);
	assert_int_equal(line.slips, 0);
	/* The other direction lost nothing. */
	assert_int_equal(b.reader[0].lost, 0);
	line = line_of(&b, 0);
	assert_int_equal(line.missed_blocks, 0);
	assert_int_equal(line.slips, 3);
	assert_int_equal(b.reader[0].idle, 1 + 3);
	bench_fini(&b);
}

void pair_waits_for_an_end_that_is_late(void **state)
{
	struct bench b;

	bench_init(&b, 3);
	for (int i = 0; i < 10; i++)
		bench_step(&b);
	for (int i = 0; i < 5; i++) {
		e1_virt_step(b.pair);
		bench_run(&b, 0);
	}
	for (int i = 0; i < 6; i++)
		for (int end = 0; end < 2; end++)
			bench_run(&b, end);
	for (int i = 0; i < 2; i++) {
		struct e1_line line = line_of(&b, i);

		assert_int_equal(line.blocks, 15);
		assert_int_equal(line.missed_blocks + line.slips, 0);
		assert_int_equal(b.reader[i].lost, 0);
	}
	bench_fini(&b);
}

void pair_runs_alone(void **state)
{
	struct bench b;
	struct e1_line line;

	bench_init(&b, 3);
	for (int i = 0; i < 100; i++) {
		e1_virt_step(b.pair);
		assert_int_equal(bench_run(&b, 0), 1);
	}
	assert_int_equal(b.reader[0].idle, 100);
	/* The other end comes late: what it never heard is counted. */
	for (int i = 0; i < 8; i++)
		bench_run(&b, 1);
	line = line_of(&b, 1);
	assert_int_equal(b.reader[1].unexplained, 0);
	assert_true(line.missed_blocks > 80);
	assert_int_equal(line.blocks + line.missed_blocks, 100);
	assert_int_equal(b.reader[1].lost + b.reader[1].read, b.reader[1].expected);
	assert_true(b.reader[1].lost <= line.missed_blocks);
	bench_fini(&b);
}

void pair_tells_missed_blocks_to_enabled_timeslots_only(void **state)
{
	struct bench b;

	bench_init(&b, 3);
	b.end[1].ops->ts_enable(&b.end[1], 3, false);
	b.end[1].ops->ts_enable(&b.end[1], 32, true); /* no such timeslot: nothing happens */
	bench_step(&b);
	e1_virt_lose_blocks(b.pair, 1, 2);
	for (int i = 0; i < 4; i++)
		bench_step(&b);
	assert_int_equal(b.reader[1].written, 0);
	b.end[1].ops->ts_enable(&b.end[1], 3, true);
	bench_step(&b);
	assert_int_equal(b.reader[1].written, 1);
	assert_int_equal(b.reader[1].told_missed, 0);
	assert_int_equal(line_of(&b, 1).missed_blocks, 2);
	/* Nor what was missed before it was switched off and on again. */
	e1_virt_lose_blocks(b.pair, 1, 1);
	bench_step(&b);
	bench_step(&b);
	b.end[1].ops->ts_enable(&b.end[1], 3, false);
	b.end[1].ops->ts_enable(&b.end[1], 3, true);
	bench_step(&b);
	assert_int_equal(line_of(&b, 1).missed_blocks, 3);
	assert_int_equal(b.reader[1].told_missed, 0);
	bench_fini(&b);
}

void pair_unplugged_loses_no_audio_under_way(void **state)
{
	struct bench b;
	uint8_t frame[8] = {0};

	bench_init(&b, 3);
	for (int i = 0; i < 10; i++)
		bench_step(&b);
	assert_int_equal(b.end[0].ops->dchan_send(&b.end[0], frame, sizeof(frame)), 0);
	e1_virt_unplug(b.pair, true);
	assert_int_equal(b.end[0].ops->dchan_send(&b.end[0], frame, sizeof(frame)), -ENETDOWN);
	assert_int_equal(b.end[1].ops->dchan_recv(&b.end[1], frame, sizeof(frame)), -ENETDOWN);
	for (int i = 0; i < 50; i++)
		bench_step(&b);
	for (int i = 0; i < 2; i++)
		assert_int_equal(line_of(&b, i).alarms, E1_ALARM_LOS);
	e1_virt_unplug(b.pair, false);
	assert_int_equal(e1_virt_frames_waiting(b.pair, 1), 0);
	for (int i = 0; i < 10; i++)
		bench_step(&b);
	for (int i = 0; i < 2; i++) {
		struct e1_line line = line_of(&b, i);

		assert_int_equal(line.alarms, 0);
		assert_int_equal(line.blocks, 20);
		assert_int_equal(line.missed_blocks, 50);
		assert_int_equal(b.reader[i].told_missed, 50);
		assert_int_equal(b.reader[i].lost, 0);
		assert_int_equal(b.reader[i].read, 19);
	}
	bench_fini(&b);
}

void pair_queues_frames_in_order_and_bounded(void **state)
{
	struct bench b;
	uint8_t frame[E1_DCHAN_FRAME_MAX + 1] = {0};
	struct e1_span *from, *to;
	unsigned n = 0;

	bench_init(&b, 3);
	from = &b.end[1];
	to = &b.end[0];
	assert_int_equal(to->ops->dchan_recv(to, frame, sizeof(frame)), 0);
	assert_int_equal(from->ops->dchan_send(from, frame, 0), -EINVAL);
	assert_int_equal(from->ops->dchan_send(from, frame, sizeof(frame)), -EINVAL);
	do {
		memcpy(frame, &n, sizeof(n));
	} while (!from->ops->dchan_send(from, frame, sizeof(n) + n % 200) && ++n < 10000);
	assert_in_range(n, 64, 1024);
	assert_int_equal(e1_virt_frames_waiting(b.pair, 0), n);
	assert_int_equal(e1_virt_frames_waiting(b.pair, 1), 0);
	assert_int_equal(from->ops->dchan_send(from, frame, 4), -EAGAIN);
	for (unsigned i = 0, got; i < n; i++) {
		assert_int_equal(to->ops->dchan_recv(to, frame, sizeof(frame)),
				 sizeof(n) + i % 200);
		memcpy(&got, frame, sizeof(got));
		assert_int_equal(got, i);
	}
	assert_int_equal(from->ops->dchan_send(from, frame, 100), 0);
	assert_int_equal(to->ops->dchan_recv(to, frame, 99), -EMSGSIZE);
	assert_int_equal(to->ops->dchan_recv(to, frame, 99), 0);
	bench_fini(&b);
}

void pair_cuts_the_dchannel_alone(void **state)
{
	struct bench b;
	uint8_t frame[4] = {1, 2, 3, 4};

	bench_init(&b, 3);
	e1_virt_cut_dchan(b.pair, true);
	for (int i = 0; i < 2; i++)
		assert_int_equal(b.end[i].ops->dchan_send(&b.end[i], frame, 4), 0);
	bench_step(&b);
	bench_step(&b);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(e1_virt_frames_waiting(b.pair, (unsigned)i), 0);
		assert_int_equal(line_of(&b, i).alarms, 0);
		assert_int_equal(b.reader[i].read, 1);
	}
	e1_virt_cut_dchan(b.pair, false);
	assert_int_equal(b.end[0].ops->dchan_send(&b.end[0], frame, 4), 0);
	assert_int_equal(e1_virt_frames_waiting(b.pair, 1), 1);
	bench_fini(&b);
}

void pair_closes_in_any_order(void **state)
{
	for (int first = 0; first < 2; first++) {
		struct bench b;

		bench_init(&b, 3);
		bench_step(&b);
		b.end[first].ops->close(&b.end[first]);
		e1_virt_step(b.pair);
		assert_int_equal(bench_run(&b, !first), 0);
		assert_int_equal(line_of(&b, !first).alarms, E1_ALARM_LOS);
		b.end[!first].ops->close(&b.end[!first]);
	}
}
