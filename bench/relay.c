/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our media worker beside the floor: N calls, each a timeslot and an RTP stream, on spans whose
 * blocks are memory. Same tick, same peers in another process, five runs of each in turn, medians.
 * Measured is the CPU time of the thread that relays, its sleeping and waking included.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/relay_floor.h"
#include "gateway/base/clock.h"
#include "src/media_bridge/media.h"

enum { RUNS = 5, TRIES = 3, WARM_TICKS = 25, TICKS = 150, CALLS_PER_SPAN = 30 };

/* A span in memory: each run() is one block. */
struct bench_span {
	struct e1_span span;
	uint32_t on;
	uint8_t rx[E1_TIMESLOTS][E1_BLOCK_OCTETS], tx[E1_TIMESLOTS][E1_BLOCK_OCTETS];
};

static int span_pace_fd(struct e1_span *s)
{
	return -1;
}

static int span_run(struct e1_span *s, int64_t now_us, e1_block_fn fn, void *arg)
{
	struct bench_span *b = s->impl;

	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		if (b->on >> ts & 1) {
			memset(b->tx[ts], E1_IDLE_OCTET, E1_BLOCK_OCTETS);
			fn(arg, ts, 0, b->rx[ts], b->tx[ts]);
		}
	return 1;
}

static void span_ts_enable(struct e1_span *s, unsigned ts, bool on)
{
	struct bench_span *b = s->impl;

	b->on = on ? b->on | 1u << ts : b->on & ~(1u << ts);
}

static void span_line(struct e1_span *s, struct e1_line *out)
{
	memset(out, 0, sizeof(*out));
}

static const struct e1_ops span_ops = {
    .pace_fd = span_pace_fd,
    .run = span_run,
    .ts_enable = span_ts_enable,
    .line = span_line,
};

struct relay {
	struct media *media;
	struct media_worker *worker;
	struct rng rng;
	unsigned calls, spans;
	struct bench_span *span;
	slot_id *session;
};

static int relay_open_call(struct relay *r, unsigned i, uint16_t peer_port)
{
	struct net_addr here = {.family = 4, .ip = {127, 0, 0, 1}};
	struct media_desc local = {0};
	struct media_params p = {
	    .channel = {.span = (uint16_t)(1 + i / CALLS_PER_SPAN),
			.ts = (uint8_t)(1 + i % CALLS_PER_SPAN),
			.law = MEDIA_ALAW},
	    .remote = {.present = true,
		       .direction = MEDIA_SENDRECV,
		       .format_count = 1,
		       .format = {{MEDIA_PCMA, MEDIA_PCMA}},
		       .rtp = here},
	    .send = true,
	    .receive = true,
	};
	int err;

	p.remote.rtp.port = peer_port;
	err = media_bridge_ops.open(r->media, i + 1, &here, &here, &r->session[i], &local);
	if (!err)
		media_bridge_ops.set(r->media, r->session[i], &p);
	return err;
}

static void relay_close(struct relay *r)
{
	media_destroy(r->media);
	free(r->span);
	free(r->session);
}

static int relay_open(struct relay *r, unsigned calls, const uint16_t *port)
{
	struct media_cfg cfg = {
	    .sessions_max = calls,
	    .rtp_port_min = 10000,
	    .rtp_port_max = 29999,
	    .net = &rtp_net_udp,
	    .rng = &r->rng,
	};
	int err;

	memset(r, 0, sizeof(*r));
	rng_init_secure(&r->rng);
	r->calls = calls;
	r->spans = (calls + CALLS_PER_SPAN - 1) / CALLS_PER_SPAN;
	r->span = calloc(r->spans, sizeof(*r->span));
	r->session = calloc(calls, sizeof(*r->session));
	err = r->span && r->session ? media_create(&r->media, &cfg) : -ENOMEM;
	if (!err)
		err = media_worker_create(r->media, &r->worker);
	for (unsigned i = 0; !err && i < r->spans; i++) {
		r->span[i].span = (struct e1_span){&span_ops, &r->span[i], (uint16_t)(i + 1)};
		err = media_worker_add_span(r->worker, &r->span[i].span);
	}
	for (unsigned i = 0; !err && i < calls; i++)
		err = relay_open_call(r, i, port[i]);
	if (err)
		relay_close(r);
	return err;
}

static uint64_t relay_received(const struct relay *r)
{
	uint64_t packets = 0;

	for (unsigned i = 0; i < r->calls; i++) {
		struct media_stats s;

		media_bridge_ops.stats(r->media, r->session[i], &s);
		packets += s.rtp_rx_packets;
	}
	return packets;
}

static void next_tick(int64_t *at_us)
{
	struct timespec at;

	*at_us += RELAY_TICK_US;
	at.tv_sec = *at_us / US_PER_S;
	at.tv_nsec = *at_us % US_PER_S * 1000;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL))
		;
}

/* CPU in µs of the ticks after the warm ones, or -errno. */
static double relay_ours(unsigned calls, const uint16_t *port, uint64_t *received)
{
	struct relay r;
	int64_t begin_us = 0, at_us;
	int err = relay_open(&r, calls, port);

	if (err)
		return err;
	at_us = clock_mono_us();
	for (unsigned t = 0; t < TICKS; t++) {
		if (t == WARM_TICKS) {
			*received = relay_received(&r);
			begin_us = clock_thread_cpu_us();
		}
		media_worker_turn(r.worker, clock_mono_us());
		next_tick(&at_us);
	}
	begin_us = clock_thread_cpu_us() - begin_us;
	*received = relay_received(&r) - *received;
	relay_close(&r);
	return (double)begin_us;
}

/* One run against fresh peers; µs of CPU per call and tick. */
static int measure(bool ours, unsigned calls, double *us)
{
	uint16_t *port = calloc(calls, sizeof(*port));
	uint64_t expected = (uint64_t)calls * (TICKS - WARM_TICKS), received = 0;
	int hold;
	pid_t peers;
	double cpu;

	if (!port)
		return -ENOMEM;
	peers = relay_peers_start(calls, port, &hold);
	if (peers < 0) {
		free(port);
		return peers;
	}
	cpu = ours ? relay_ours(calls, port, &received)
		   : relay_floor(calls, port, WARM_TICKS, TICKS, &received);
	kill(peers, SIGKILL);
	waitpid(peers, NULL, 0);
	close(hold);
	free(port);
	if (cpu < 0)
		return cpu > -4096 && cpu != -1 ? (int)cpu : -EIO;
	*us = cpu / (double)expected;
	fprintf(stderr, "  %-5s %.3f us per call and 20 ms, %llu of %llu packets\n",
		ours ? "ours" : "floor", *us, (unsigned long long)received,
		(unsigned long long)expected);
	if (received < expected / 10 * 9) {
		fprintf(stderr, "  too few packets arrived: the machine was too busy to tell\n");
		return -EAGAIN;
	}
	return 0;
}

/* A run that starved says nothing; others get the machine back to it. */
static int measure_patiently(bool ours, unsigned calls, double *us)
{
	int err = -EAGAIN;

	for (unsigned i = 0; err == -EAGAIN && i < TRIES; i++)
		err = measure(ours, calls, us);
	return err;
}

static int relay(struct bench_report *report, unsigned calls)
{
	double ours[RUNS], base[RUNS];

	for (unsigned i = 0; i < RUNS; i++) {
		int err = measure_patiently(false, calls, &base[i]);

		if (!err)
			err = measure_patiently(true, calls, &ours[i]);
		if (err)
			return err;
	}
	report->value = bench_median(ours, RUNS);
	report->floor = bench_median(base, RUNS);
	report->unit = "us/call/20ms";
	return 0;
}

int bench_relay_30(struct bench_report *report)
{
	return relay(report, 30);
}

int bench_relay_480(struct bench_report *report)
{
	return relay(report, 480);
}

int bench_relay_1920(struct bench_report *report)
{
	return relay(report, 1920);
}
