/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a SETUP takes inside control: from the turn that reads the D-channel frame to the
 * INVITE handed to the socket, the slowest of a hundred (p99). The floor is what waking another
 * thread by an eventfd takes on this machine, the slowest of a hundred, too.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bench/bench.h"
#include "tests/sim/sim.h"

enum { CALLS = 2000, DRAIN_US = 120 * 1000 * 1000 };

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double p99(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count * 99 / 100];
}

/* ── the floor ── */

struct wake {
	int fd, back_fd;
	_Atomic int64_t woken_us;
};

static void *sleeper(void *arg)
{
	struct wake *w = arg;
	struct pollfd p = {.fd = w->fd, .events = POLLIN};
	uint64_t n, one = 1;

	for (int i = 0; i < CALLS; i++) {
		if (poll(&p, 1, 30000) != 1)
			break;
		atomic_store(&w->woken_us, clock_mono_us());
		if (read(w->fd, &n, sizeof(n)) < 0 || write(w->back_fd, &one, sizeof(one)) < 0)
			break;
	}
	return NULL;
}

static int measure_wakes(double *out_us)
{
	static double wake_us[CALLS];
	struct wake w = {.fd = eventfd(0, EFD_CLOEXEC), .back_fd = eventfd(0, EFD_CLOEXEC)};
	uint64_t one = 1, n;
	pthread_t thread;
	int err = pthread_create(&thread, NULL, sleeper, &w);

	for (int i = 0; i < CALLS && !err; i++) {
		int64_t begin_us;

		poll(NULL, 0, 1); /* lets the other one fall asleep */
		begin_us = clock_mono_us();
		if (write(w.fd, &one, sizeof(one)) < 0 || read(w.back_fd, &n, sizeof(n)) < 0)
			err = errno;
		wake_us[i] = (double)(atomic_load(&w.woken_us) - begin_us);
	}
	if (!err)
		pthread_join(thread, NULL);
	close(w.fd);
	close(w.back_fd);
	*out_us = p99(wake_us, CALLS);
	return -err;
}

/* ── the gateway ── */

struct setups {
	struct sim *sim;
	double took_us[CALLS];
	unsigned count;
};

static void on_core_sends(void *arg, const char *msg, size_t len)
{
	struct setups *t = arg;

	if (len > 7 && memcmp(msg, "INVITE ", 7) == 0 && t->count < CALLS)
		t->took_us[t->count++] = (double)(clock_mono_us() - t->sim->turn_begin_us);
}

static int measure_setups(double *out_us)
{
	static const struct sip_peer_rule busy = {.prefix = "", .status = 486, .hold_ms = -1};
	struct sim_cfg cfg = {.seed = 1, .spans = 1};
	static struct setups t;
	static struct sim s;

	sim_create(&s, &cfg);
	sip_peer_set_rule(s.peer, &busy);
	t.sim = &s;
	s.arg = &t;
	s.on_core_sends = on_core_sends;
	s.measure = true;
	for (unsigned n = 0; n < CALLS; n++) {
		sim_call_from_isdn(&s, 1, "10001", PBX_NEVER_MS, PBX_NEVER_MS);
		if (!sim_run_until(&s, sim_is_quiet, DRAIN_US))
			break;
	}
	sim_destroy(&s);
	*out_us = p99(t.took_us, t.count);
	return t.count == CALLS ? 0 : -EPROTO;
}

int bench_setup_latency(struct bench_report *report)
{
	int err = measure_wakes(&report->floor);

	report->unit = "us_p99";
	return err ? err : measure_setups(&report->value);
}
