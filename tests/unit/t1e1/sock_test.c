/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The halves of a socket span over a real UNIX socket, in one thread and virtual time: the clock
 * master's timer is stopped and the test makes periods due, so that every count can be exact.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "gateway/base/rng.h"
#include "hw/t1e1/e1_virt_sock.h"
#include "tests/unit/t1e1/numbered.h"
#include "tests/unit/t1e1/scratch.h"
#include "tests/unit/t1e1/t1e1_tests.h"

enum { TS = 9 };

struct bench {
	struct scratch scratch;
	int64_t now_us;
	uint64_t periods; /* since the master's first block */
	struct e1_sock_audio master, slave;
	struct numbered at_master, at_slave;
};

/* Makes the link look around now: it would by itself within a quarter of a second. */
static void nudge(struct e1_virt_link *l)
{
	const struct itimerspec now = {.it_value.tv_nsec = 1};
	struct epoll_event ev;

	assert_int_equal(timerfd_settime(l->timer_fd, 0, &now, NULL), 0);
	assert_int_equal(epoll_wait(l->epoll_fd, &ev, 1, 10000), 1);
}

static void run_master(struct bench *b)
{
	b->now_us += 500;
	assert_true(e1_sock_audio_run(&b->master, b->now_us, numbered_block, &b->at_master) >= 0);
}

static void run_slave(struct bench *b)
{
	b->now_us += 500;
	assert_true(e1_sock_audio_run(&b->slave, b->now_us, numbered_block, &b->at_slave) >= 0);
}

static void make_due(struct bench *b)
{
	b->now_us += E1_BLOCK_US - 1000;
	b->master.backlog++;
	b->periods += b->master.ever_up;
}

static void step(struct bench *b)
{
	make_due(b);
	run_master(b);
	run_slave(b);
}

static void connect_them(struct bench *b)
{
	nudge(&b->slave.link);
	run_slave(b);
	run_master(b);
	run_slave(b);
	assert_int_equal(b->master.link.state, E1_LINK_UP);
	assert_int_equal(b->slave.link.state, E1_LINK_UP);
}

static struct e1_line line_of(const struct e1_sock_audio *a)
{
	struct e1_line line;

	e1_sock_audio_line(a, &line);
	return line;
}

static void bench_init(struct bench *b)
{
	const struct e1_wire_hello master = {E1_WIRE_AUDIO, true, 11},
				   slave = {E1_WIRE_AUDIO, false, 22};
	const struct itimerspec never = {0};
	const char *why;

	memset(b, 0, sizeof(*b));
	scratch_init(&b->scratch);
	b->now_us = 1000000;
	b->at_master.who = 0x51;
	b->at_slave.who = 0x52;
	assert_int_equal(e1_sock_audio_open(&b->master, b->scratch.path, true, &master, &why), 0);
	assert_int_equal(e1_sock_audio_open(&b->slave, b->scratch.path, false, &slave, &why), 0);
	assert_int_equal(timerfd_settime(b->master.tick_fd, 0, &never, NULL), 0);
	assert_int_equal(timerfd_settime(b->master.link.timer_fd, 0, &never, NULL), 0);
	e1_virt_audio_enable(&b->master.audio, TS, true);
	e1_virt_audio_enable(&b->slave.audio, TS, true);
	assert_int_equal(line_of(&b->master).alarms, E1_ALARM_LOS);
	connect_them(b);
}

static void bench_fini(struct bench *b)
{
	e1_sock_audio_close(&b->master);
	e1_sock_audio_close(&b->slave);
	scratch_fini(&b->scratch);
}

static void assert_exact(struct bench *b)
{
	const struct e1_line m = line_of(&b->master), s = line_of(&b->slave);

	/* The first block of all came due before we began to count. */
	assert_int_equal(m.blocks + m.missed_blocks, b->periods + 1 - b->master.backlog);
	assert_int_equal(b->at_master.unexplained, 0);
	assert_int_equal(b->at_slave.unexplained, 0);
	assert_int_equal(m.blocks, b->at_master.read + b->at_master.idle);
	assert_int_equal(s.blocks, b->at_slave.read + b->at_slave.idle);
	assert_int_equal(b->at_master.told_missed, m.missed_blocks - b->master.audio.missed[TS]);
	/* Idle that the slave heard: the two of the start, and what it counted. */
	assert_int_equal(b->at_slave.idle, s.slips + 2);
	assert_int_equal(b->at_master.idle, 0);
	assert_true(b->at_master.lost <= m.missed_blocks);
	assert_true(b->at_slave.lost <= s.missed_blocks);
	/* Seen from the slave the master's periods have no hole either. */
	assert_int_equal(s.blocks + s.missed_blocks, b->slave.last_period + 1);
}

void sock_carries_blocks_two_periods_behind(void **state)
{
	struct bench b;

	bench_init(&b);
	for (int i = 0; i < 500; i++)
		step(&b);
	assert_int_equal(line_of(&b.master).alarms, 0);
	assert_int_equal(line_of(&b.slave).alarms, 0);
	assert_int_equal(b.at_slave.written, 500);
	assert_int_equal(b.at_slave.read, 498);
	assert_int_equal(b.at_master.read, 498);
	assert_int_equal(b.at_master.expected, 498); /* from the very first on */
	assert_int_equal(line_of(&b.master).missed_blocks, 0);
	assert_int_equal(line_of(&b.slave).missed_blocks, 0);
	assert_exact(&b);
	bench_fini(&b);
}

void sock_master_makes_up_for_a_late_slave(void **state)
{
	struct bench b;

	bench_init(&b);
	for (int i = 0; i < 10; i++)
		step(&b);
	for (int i = 0; i < 40; i++) {
		make_due(&b);
		run_master(&b);
	}
	assert_in_range(b.master.backlog, 38, 40);
	for (int i = 0; i < 40; i++) {
		run_slave(&b);
		run_master(&b);
	}
	assert_int_equal(b.master.backlog, 0);
	assert_int_equal(b.at_master.written, 48);
	assert_int_equal(line_of(&b.master).missed_blocks, 0);
	assert_int_equal(line_of(&b.slave).missed_blocks, 0);
	assert_int_equal(b.at_master.lost + b.at_slave.lost, 0);
	/* The master itself late: each period is run all the same, in one go. */
	for (int i = 0; i < 2; i++)
		make_due(&b);
	run_slave(&b);
	run_master(&b);
	assert_int_equal(b.master.backlog, 0);
	assert_exact(&b);
	bench_fini(&b);
}

void sock_skips_what_nobody_wrote(void **state)
{
	struct bench b;

	bench_init(&b);
	for (int i = 0; i < 10; i++)
		step(&b);
	for (int i = 0; i < 200; i++) {
		make_due(&b);
		run_master(&b);
	}
	assert_int_equal(line_of(&b.master).alarms, E1_ALARM_LOS);
	assert_true(line_of(&b.master).missed_blocks >= 150);
	for (int i = 0; i < 60; i++) {
		step(&b);
		run_slave(&b);
	}
	assert_int_equal(line_of(&b.master).alarms, 0);
	assert_int_equal(line_of(&b.slave).alarms, 0);
	assert_int_equal(b.at_master.lost + b.at_slave.lost, 0);
	assert_int_equal(line_of(&b.master).missed_blocks, line_of(&b.slave).missed_blocks);
	assert_exact(&b);
	bench_fini(&b);
}

/* Takes one message out of a's socket: lost on the way. */
static bool steal(struct e1_sock_audio *a)
{
	uint8_t octets[64];

	return a->link.conn_fd >= 0 && a->link.state == E1_LINK_UP &&
	       recv(a->link.conn_fd, octets, sizeof(octets), MSG_DONTWAIT) > 0;
}

static void disturb(struct bench *b, struct rng *rng)
{
	switch (rng_below(rng, 60)) {
	case 0:
		steal(&b->master);
		break;
	case 1:
		steal(&b->slave);
		break;
	case 2:
		e1_link_hang_up(rng_below(rng, 2) ? &b->master.link : &b->slave.link);
		break;
	case 3:
		/* Both lost: only time can tell, and it does. */
		while (steal(&b->slave) || steal(&b->master))
			;
		break;
	case 4:
		for (uint32_t n = rng_below(rng, 120); n; n--) {
			make_due(b);
			run_master(b);
		}
		break;
	}
}

void sock_accounts_for_every_octet(void **state)
{
	const uint64_t seed = 31;
	struct rng rng;
	struct bench b;

	print_message("seed %llu\n", (unsigned long long)seed);
	rng_init_seed(&rng, seed);
	bench_init(&b);
	for (int i = 0; i < 6000; i++) {
		make_due(&b);
		if (rng_below(&rng, 8))
			run_slave(&b);
		disturb(&b, &rng);
		if (rng_below(&rng, 8))
			run_master(&b);
		disturb(&b, &rng);
		if (b.slave.link.state == E1_LINK_DOWN && !rng_below(&rng, 5)) {
			nudge(&b.slave.link);
			run_slave(&b);
		}
	}
	for (int i = 0; i < 400 || b.slave.link.state != E1_LINK_UP; i++) {
		if (b.slave.link.state == E1_LINK_DOWN)
			nudge(&b.slave.link);
		step(&b);
	}
	print_message("lost %llu and %llu of %u\n", (unsigned long long)b.at_master.lost,
		      (unsigned long long)b.at_slave.lost, b.at_master.written);
	assert_true(b.at_master.lost > 50 && b.at_slave.lost > 50);
	assert_true(b.master.link.ups > 20);
	assert_exact(&b);
	bench_fini(&b);
}

void sock_counts_malformed_blocks(void **state)
{
	struct bench b;
	uint8_t junk[6000] = {0};
	struct e1_line line;
	struct rng rng;

	rng_init_seed(&rng, 5);
	bench_init(&b);
	for (int i = 0; i < 10; i++)
		step(&b);
	for (int i = 0; i < 100; i++) {
		size_t len = 1 + rng_below(&rng, i % 2 ? sizeof(junk) : 40);

		for (size_t at = 0; at < len; at++)
			junk[at] = (uint8_t)rng_u32(&rng);
		junk[0] = i % 3 ? 'B' : junk[0];
		assert_int_equal(send(b.master.link.conn_fd, junk, len, 0), len);
		assert_int_equal(send(b.slave.link.conn_fd, junk, len, 0), len);
		step(&b);
	}
	/* The same block twice, and one that nobody asked for. */
	line = line_of(&b.slave);
	e1_wire_block_encode(&(struct e1_wire_block){.period = 3}, NULL, junk);
	assert_int_equal(send(b.master.link.conn_fd, junk, E1_WIRE_BLOCK_HEAD, 0), 16);
	assert_int_equal(send(b.slave.link.conn_fd, junk, E1_WIRE_BLOCK_HEAD, 0), 16);
	for (int i = 0; i < 10; i++)
		step(&b);
	assert_int_equal(line_of(&b.slave).bad_blocks, line.bad_blocks + 1);
	assert_int_equal(line_of(&b.slave).bad_blocks, 101);
	assert_int_equal(line_of(&b.master).bad_blocks, 101);
	assert_int_equal(b.at_master.lost + b.at_slave.lost, 0);
	assert_exact(&b);
	bench_fini(&b);
}

void sock_believes_no_gap_longer_than_time(void **state)
{
	struct bench b;
	uint8_t junk[E1_WIRE_BLOCK_MAX];

	bench_init(&b);
	for (int i = 0; i < 10; i++)
		step(&b);
	e1_wire_block_encode(&(struct e1_wire_block){.period = UINT64_MAX - 1}, NULL, junk);
	assert_int_equal(send(b.master.link.conn_fd, junk, E1_WIRE_BLOCK_HEAD, 0), 16);
	run_slave(&b);
	assert_int_equal(line_of(&b.slave).bad_blocks, 1);
	for (int i = 0; i < 10; i++)
		step(&b);
	assert_exact(&b);
	bench_fini(&b);
}

void sock_gives_up_on_a_peer_that_does_nothing(void **state)
{
	struct bench b;

	bench_init(&b);
	for (int i = 0; i < 10; i++)
		step(&b);
	for (int i = 0; i < 300; i++) {
		make_due(&b);
		run_master(&b);
	}
	assert_int_equal(b.master.link.state, E1_LINK_DOWN);
	/* It wakes up, sees the end, and comes again. */
	run_slave(&b);
	assert_int_equal(b.slave.link.state, E1_LINK_DOWN);
	connect_them(&b);
	for (int i = 0; i < 10; i++)
		step(&b);
	assert_int_equal(line_of(&b.slave).alarms, 0);
	assert_exact(&b);
	/* Whoever connects and never says hello is hung up on. */
	e1_link_hang_up(&b.slave.link);
	run_master(&b);
	nudge(&b.slave.link);
	run_master(&b);
	bench_fini(&b);
}

/* ── D-channel ── */

struct dbench {
	struct scratch scratch;
	struct e1_sock_dchan a, b;
	int64_t now_us;
};

static void dbench_init(struct dbench *d, bool paced)
{
	const struct e1_wire_hello master = {E1_WIRE_DCHAN, true, 11},
				   slave = {E1_WIRE_DCHAN, false, 22};
	uint8_t frame[8];
	const char *why;

	memset(d, 0, sizeof(*d));
	scratch_init(&d->scratch);
	d->now_us = 5000000;
	assert_int_equal(e1_sock_dchan_open(&d->a, d->scratch.path, true, &master, paced, &why), 0);
	assert_int_equal(e1_sock_dchan_open(&d->b, d->scratch.path, false, &slave, paced, &why), 0);
	assert_int_equal(e1_sock_dchan_send(&d->a, d->now_us, frame, 8), -ENETDOWN);
	nudge(&d->b.link);
	for (int i = 0; i < 3; i++) {
		e1_sock_dchan_recv(&d->b, d->now_us, frame, sizeof(frame));
		e1_sock_dchan_recv(&d->a, d->now_us, frame, sizeof(frame));
	}
	assert_int_equal(e1_sock_dchan_recv(&d->a, d->now_us, frame, sizeof(frame)), 0);
	assert_int_equal(e1_sock_dchan_recv(&d->b, d->now_us, frame, sizeof(frame)), 0);
}

static void dbench_fini(struct dbench *d)
{
	e1_sock_dchan_close(&d->a);
	e1_sock_dchan_close(&d->b);
	scratch_fini(&d->scratch);
}

void sock_paces_frames_at_64_kbits(void **state)
{
	struct dbench d;
	uint8_t frame[E1_DCHAN_FRAME_MAX] = {0};
	unsigned got = 0;
	int64_t begin_us;

	dbench_init(&d, true);
	begin_us = d.now_us;
	for (uint8_t i = 0; i < 20; i++) {
		frame[0] = i;
		assert_int_equal(e1_sock_dchan_send(&d.a, d.now_us, frame, 96), 0);
	}
	while (got < 20) {
		if (e1_sock_dchan_recv(&d.b, d.now_us, frame, sizeof(frame)) > 0) {
			assert_int_equal(frame[0], got);
			got++;
			continue;
		}
		d.now_us += 500;
		e1_sock_dchan_recv(&d.a, d.now_us, frame, sizeof(frame));
	}
	/* 100 octets each with FCS and flag: the last one starts when 19 have gone. */
	assert_in_range(d.now_us - begin_us, 19 * 100 * 125, 20 * 100 * 125);
	dbench_fini(&d);
}

void sock_queues_frames_while_the_peer_does_not_read(void **state)
{
	struct dbench d;
	uint8_t frame[E1_DCHAN_FRAME_MAX] = {0};
	unsigned sent = 0, got = 0, read;

	dbench_init(&d, false);
	do {
		memcpy(frame, &sent, sizeof(sent));
	} while (!e1_sock_dchan_send(&d.a, d.now_us, frame, sizeof(frame)) && ++sent < 100000);
	assert_in_range(sent, E1_SOCK_QUEUE_FRAMES, 99999);
	assert_int_equal(d.a.dropped, 1);
	while (got < sent) {
		ssize_t n = e1_sock_dchan_recv(&d.b, d.now_us, frame, sizeof(frame));

		if (n == 0) {
			assert_int_equal(e1_sock_dchan_recv(&d.a, d.now_us, frame, sizeof(frame)),
					 0);
			continue;
		}
		memcpy(&read, frame, sizeof(read));
		assert_int_equal(n, sizeof(frame));
		assert_int_equal(read, got);
		got++;
	}
	assert_int_equal(d.a.held, 0);
	assert_int_equal(e1_sock_dchan_send(&d.a, d.now_us, frame, 0), -EINVAL);
	assert_int_equal(e1_sock_dchan_send(&d.a, d.now_us, frame, sizeof(frame)), 0);
	assert_int_equal(e1_sock_dchan_recv(&d.b, d.now_us, frame, 20), -EMSGSIZE);
	/* No frame, then one again. */
	assert_int_equal(send(d.a.link.conn_fd, "X", 1, 0), 1);
	assert_int_equal(send(d.a.link.conn_fd, "F", 1, 0), 1);
	assert_int_equal(e1_sock_dchan_send(&d.a, d.now_us, frame, 7), 0);
	assert_int_equal(e1_sock_dchan_recv(&d.b, d.now_us, frame, 20), 7);
	assert_int_equal(d.b.link.bad, 2);
	/* The peer goes: the line is down, and so says the other end. */
	e1_link_hang_up(&d.b.link);
	e1_sock_dchan_recv(&d.a, d.now_us, frame, 20);
	assert_int_equal(e1_sock_dchan_recv(&d.a, d.now_us, frame, 20), -ENETDOWN);
	assert_int_equal(e1_sock_dchan_send(&d.a, d.now_us, frame, 7), -ENETDOWN);
	dbench_fini(&d);
}
