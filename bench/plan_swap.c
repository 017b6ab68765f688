/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number plan with a list of a million numbers is swapped again and again under 30 calls a second,
 * each from the exchange through the plan to a SIP peer that is busy, in the real programs: the
 * longest turn of control. The floor is that of the same calls on the same plan without a swap. On a
 * machine that others use, too, it matters how long the CPU was somebody else's: a bare thread that
 * only wakes up tells how late it was, the gateway how much of a turn was work.
 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "gateway/base/clock.h"
#include "gateway/base/rng.h"
#include "gateway/lab/lab_child.h"

enum {
	ROWS = 1000000,
	CALLS_A_SECOND = 30,
	PHASE_US = 10 * 1000 * 1000,
	CALL_US = 1000 * 1000 / CALLS_A_SECOND,
	WAKE_US = 2000,
	LATE_US = 5000,
	GUARD_US = 60 * 1000 * 1000,
	SEED = 6,
	PATH = 300,
};

struct wakes {
	_Atomic bool enough;
	unsigned late;
	int64_t longest_us;
};

struct turns {
	long long late, starved, longest_us, longest_cpu_us;
};

struct bed {
	char dir[64];
	struct lab_child core, exchange, peer;
	unsigned calls, busy, swaps;
	bool failed;
};

/* ── the machine ── */

static void wait_until(int64_t due_us)
{
	struct timespec ts = {.tv_sec = due_us / US_PER_S, .tv_nsec = due_us % US_PER_S * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static void *wake_up(void *arg)
{
	struct wakes *w = arg;
	int64_t due_us = clock_mono_us();

	while (!atomic_load(&w->enough)) {
		int64_t late_us;

		wait_until(due_us += WAKE_US);
		late_us = clock_mono_us() - due_us;
		w->late += late_us > LATE_US;
		if (late_us > w->longest_us)
			w->longest_us = late_us;
		if (late_us > WAKE_US)
			due_us += late_us;
	}
	return NULL;
}

/* ── the programs ── */

static void on_exchange(void *arg, char *line)
{
	struct bed *b = arg;

	b->busy += strstr(line, "\"hangup\"") && strstr(line, "\"cause\":17");
}

static void on_core_log(void *arg, const char *line)
{
	struct bed *b = arg;

	b->swaps += strstr(line, "plan.taken") != NULL;
	b->failed |= strstr(line, "plan.refused") != NULL;
	if (strstr(line, "slow_turn") || strstr(line, "plan.refused"))
		fprintf(stderr, "  %s\n", line);
}

static void ignore_line(void *arg, char *line)
{
	(void)arg;
	(void)line;
}

/* Reads what the programs say until then. */
static void listen_until(struct bed *b, int64_t due_us)
{
	struct lab_child *child[] = {&b->core, &b->exchange, &b->peer};
	int64_t now_us;

	while ((now_us = clock_mono_us()) < due_us) {
		struct pollfd p[6];

		for (int i = 0; i < 3; i++) {
			p[2 * i] = (struct pollfd){.fd = child[i]->out.fd, .events = POLLIN};
			p[2 * i + 1] = (struct pollfd){.fd = child[i]->err.fd, .events = POLLIN};
		}
		if (poll(p, 6, (int)((due_us - now_us + 999) / US_PER_MS)) <= 0)
			continue;
		for (int i = 0; i < 3; i++) {
			if (p[2 * i].revents)
				lab_child_read_out(child[i], i == 1 ? on_exchange : ignore_line, b);
			if (p[2 * i + 1].revents)
				lab_child_read_err(child[i]);
			b->failed |= lab_child_reap(child[i]);
		}
		if (b->failed)
			return;
	}
}

static int start(struct bed *b, struct lab_child *c, const char *name, const char *program,
		 char *const args[])
{
	char self[PATH], path[PATH * 2], log_path[PATH];
	char *argv[10] = {path};
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < 2 && strrchr(self, '/'); i++) /* they stand in the folder above ours */
		*strrchr(self, '/') = '\0';
	snprintf(path, sizeof(path), "%s/%s", self, program);
	for (int i = 0; args[i] && i < 8; i++)
		argv[i + 1] = args[i];
	snprintf(log_path, sizeof(log_path), "%s/%s.log", b->dir, name);
	return lab_child_start(c, argv, log_path);
}

static void end(struct lab_child *c)
{
	if (c->pid > 0)
		kill(c->pid, SIGTERM);
	while (c->pid > 0 && !lab_child_reap(c)) {
		struct pollfd p = {.fd = c->err.fd, .events = POLLIN};

		poll(&p, 1, 20);
		lab_child_read_out(c, ignore_line, NULL);
		lab_child_read_err(c);
	}
	lab_child_close(c);
}

static int write_list(const char *dir)
{
	char path[PATH];
	struct rng r;
	FILE *f;

	snprintf(path, sizeof(path), "%s/big.csv", dir);
	f = fopen(path, "w");
	if (!f)
		return -errno;
	rng_init_seed(&r, SEED);
	fputs("number,cost\n7,0.02\n", f);
	for (unsigned i = 0; i < ROWS; i++)
		fprintf(f, "7%0*u,0.0%u\n", (int)(4 + i % 6), rng_below(&r, 1000000000),
			rng_below(&r, 1000));
	return fclose(f) ? -errno : 0;
}

static int write_config(const char *dir)
{
	char path[PATH];
	FILE *f;

	snprintf(path, sizeof(path), "%s/swap.yaml", dir);
	f = fopen(path, "w");
	if (!f)
		return -errno;
	fprintf(f,
		"spans:\n  - {span: 1, driver: virtual, connect: %s/e1.sock, side: user}\n"
		"trunks:\n  - {name: busy, bind: 127.0.0.1:15060, peer: 127.0.0.1:15070}\n"
		"numbers:\n  lists:\n    - {name: big, file: big.csv}\n"
		"plan:\n  - {name: out, from: span:1, match: {called: {list: big}}, to: trunk:busy}\n"
		"control: {socket: %s/control.sock}\n",
		dir, dir);
	return fclose(f) ? -errno : 0;
}

static void call(struct bed *b)
{
	char text[100];

	snprintf(text, sizeof(text),
		 "{\"cmd\":\"call\",\"called\":\"7%07u\",\"calling\":\"30123\",\"give_up_ms\":20000}",
		 b->calls++ * 7919 % 10000000);
	lab_child_write(&b->exchange, text);
}

/* Calls until they come through. */
static int set_up(struct bed *b)
{
	char config[PATH], e1[PATH];
	char *core[] = {(char *)"--config", config, NULL};
	char *exchange[] = {(char *)"--socket", e1, (char *)"--json", NULL};
	char *peer[] = {(char *)"sip-peer",	  (char *)"--gateway", (char *)"127.0.0.1:15060",
			(char *)"--sip", (char *)"127.0.0.1:15070", NULL};
	int64_t until_us = clock_mono_us() + GUARD_US;
	int err = write_list(b->dir);

	snprintf(config, sizeof(config), "%s/swap.yaml", b->dir);
	snprintf(e1, sizeof(e1), "%s/e1.sock", b->dir);
	lab_child_init(&b->core, "spanbridged");
	lab_child_init(&b->exchange, "spanbridge-pbx");
	lab_child_init(&b->peer, "sip-peer");
	b->core.on_log = on_core_log;
	b->core.on_log_arg = b;
	err = err ? err : write_config(b->dir);
	err = err ? err : start(b, &b->exchange, "exchange", "spanbridge-pbx", exchange);
	err = err ? err : start(b, &b->peer, "peer", "spanbridge", peer);
	err = err ? err : start(b, &b->core, "core", "spanbridged", core);
	if (err)
		return err;
	lab_child_write(&b->peer, "{\"cmd\":\"rule\",\"prefix\":\"\",\"status\":486}");
	while (b->busy < CALLS_A_SECOND && !b->failed && clock_mono_us() < until_us) {
		listen_until(b, clock_mono_us() + CALL_US);
		call(b);
	}
	return b->busy < CALLS_A_SECOND ? -EPROTO : 0;
}

static int read_turns(const struct bed *b, struct turns *out)
{
	static const char ask[] = "{\"cmd\":\"status\"}\n";
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	json_t *o = NULL, *turns;
	FILE *f;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control.sock", b->dir);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    write(fd, ask, sizeof(ask) - 1) < 0 || !(f = fdopen(fd, "r"))) {
		close(fd);
		return -EPROTO;
	}
	o = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);
	fclose(f);
	turns = json_object_get(json_object_get(o, "result"), "turns");
	*out = (struct turns){
	    .late = json_integer_value(json_object_get(turns, "late")),
	    .starved = json_integer_value(json_object_get(turns, "starved")),
	    .longest_us = json_integer_value(json_object_get(turns, "longest_us")),
	    .longest_cpu_us = json_integer_value(json_object_get(turns, "longest_cpu_us")),
	};
	json_decref(o);
	return turns ? 0 : -EPROTO;
}

/* ── the measurement ── */

static int run_phase(struct bed *b, bool swap, struct turns *out)
{
	struct wakes w = {.enough = false};
	struct turns before;
	unsigned calls = b->calls, busy = b->busy, swaps = b->swaps, asked = b->swaps;
	int64_t begin_us = clock_mono_us();
	pthread_t thread;
	int err = read_turns(b, &before);

	if (err || pthread_create(&thread, NULL, wake_up, &w))
		return err ? err : -EAGAIN;
	for (int64_t due_us = begin_us; due_us < begin_us + PHASE_US && !b->failed;
	     due_us += CALL_US) {
		call(b);
		if (swap && b->swaps == asked) { /* the last one is there: the next */
			kill(b->core.pid, SIGHUP);
			asked++;
		}
		listen_until(b, due_us + CALL_US);
	}
	atomic_store(&w.enough, true);
	pthread_join(thread, NULL);
	err = b->failed ? -EPROTO : read_turns(b, out);
	out->late -= before.late;
	out->starved -= before.starved;
	fprintf(stderr,
		"  %2u swaps, %u calls, %u refused as busy: longest turn %lld us (most work in one: "
		"%lld us), %lld over 5 ms, %lld of them for want of a CPU; a bare thread was up to "
		"%lld us late, %u times over 5 ms\n",
		b->swaps - swaps, b->calls - calls, b->busy - busy, out->longest_us,
		out->longest_cpu_us, out->late, out->starved, (long long)w.longest_us, w.late);
	return err;
}

/* The longest turn is since the start, so each phase has a gateway of its own. */
static int measure(bool swap, double *out_ms)
{
	struct bed b = {.dir = "/tmp/spanbridge-swap-XXXXXX"};
	struct turns turns = {0};
	int err = mkdtemp(b.dir) ? set_up(&b) : -errno;

	if (!err)
		err = run_phase(&b, swap, &turns);
	if (err)
		lab_child_print_tail(&b.core, stderr);
	end(&b.core);
	end(&b.peer);
	end(&b.exchange);
	bench_remove_folder(b.dir);
	*out_ms = (double)turns.longest_us / US_PER_MS;
	return err;
}

int bench_plan_swap(struct bench_report *report)
{
	int err = measure(false, &report->floor);

	report->unit = "ms_longest_turn";
	return err ? err : measure(true, &report->value);
}
