/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The demo: a call each way every few seconds, one line for each. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/lab/lab_run.h"

enum {
	EVERY_MS = 3000,
	TALK_MS = 3000, /* where the called side hangs up; else 1.5 … 7.5 s */
	TALK_LEAST_MS = 1500,
	TALK_SPREAD_MS = 6000,
	KEPT_CALLS = 200, /* finished ones are forgotten above that */
};

struct demo {
	const struct lab_options *o;
	struct lab_rig rig;
	struct lab_calls calls;
	int placed; /* each way */
	unsigned told, bad;
};

/* ── one call, one line ── */

static double seconds(int64_t from_us, int64_t to_us)
{
	return from_us && to_us > from_us ? (double)(to_us - from_us) / 1e6 : 0;
}

static void tell(struct demo *demo, const struct lab_call *c)
{
	struct lab_verdict v = {0};
	char text[1000];
	struct strbuf why;
	const json_t *peer = c->peer;
	int64_t start = json_integer_value(json_object_get(peer, "start_us"));
	int64_t ring = json_integer_value(json_object_get(peer, "ring_us"));
	int64_t answer = json_integer_value(json_object_get(peer, "answer_us"));
	int64_t end = json_integer_value(json_object_get(peer, "end_us"));
	bool good;

	strbuf_init(&why, text, sizeof(text));
	good = lab_call_check(c, &v, &why);
	demo->bad += !good;
	demo->told++;
	printf("  %s %s %s", c->direction == LAB_E1_TO_SIP ? "⟶" : "⟵",
	       lab_direction_name(c->direction), c->called);
	if (ring)
		printf("  ringing after %.2f s", seconds(start, ring));
	if (answer)
		printf("  answered after %.2f s  talked %.1f s", seconds(start, answer),
		       seconds(answer, end));
	if (c->record) {
		const json_t *a = json_object_get(c->record, "cause_a");
		const json_t *b = json_object_get(c->record, "cause_b");
		const char *by = json_string_value(json_object_get(c->record, "cleared_by"));
		bool by_b = by && strcmp(by, "target") == 0;

		printf("  cause %d by the %s",
		       (int)json_integer_value(json_object_get(by_b ? b : a, "value")),
		       by_b == (c->direction == LAB_E1_TO_SIP) ? "SIP peer" : "exchange");
	}
	if (good)
		printf("  audio ok both ways (%lld octets%s)\n", (long long)v.octets,
		       v.lost + v.inserted ? ", all gaps counted" : "");
	else
		printf("  NOT RIGHT: %s\n", text);
	fflush(stdout);
}

static void on_event(void *arg, enum lab_source source, const json_t *event)
{
	struct demo *demo = arg;
	struct lab_call *c = lab_calls_event(&demo->calls, source, event);

	if (c && lab_call_done(c) && !c->told) {
		c->told = true;
		tell(demo, c);
	}
}

/* ── the run ── */

static const char *short_path(const char *path)
{
	static char cwd[512];
	size_t n;

	if (!getcwd(cwd, sizeof(cwd)))
		return path;
	n = strlen(cwd);
	return strncmp(path, cwd, n) == 0 && path[n] == '/' ? path + n + 1 : path;
}

static void tell_where_to_look(const struct demo *demo)
{
	const char *programs = short_path(demo->rig.programs);
	const char *socket = demo->rig.control_path;

	printf("An exchange, the gateway and a SIP peer run on this machine and call each other.\n"
	       "Look inside, from another terminal:\n"
	       "  %s/spanbridge --socket %s status\n"
	       "  %s/spanbridge --socket %s show calls\n"
	       "Each call is told when it is over; each octet of its audio was checked. "
	       "Ctrl-C ends the demo.\n\n",
	       programs, socket, programs, socket);
	fflush(stdout);
}

static bool is_last_placed(const struct demo *demo)
{
	return demo->o->calls && demo->placed >= demo->o->calls;
}

static int place_pair(struct demo *demo)
{
	for (int d = 0; d < LAB_DIRECTIONS; d++) {
		bool callee_ends = rng_below(&demo->rig.rng, 2);
		struct lab_call *c;

		c = lab_calls_add(&demo->calls, (enum lab_direction)d,
				  callee_ends ? LAB_CALLEE_ENDS : LAB_CALLER_ENDS);
		if (!c)
			return -ENOMEM;
		if (!callee_ends)
			c->talk_ms = TALK_LEAST_MS + (int)rng_below(&demo->rig.rng, TALK_SPREAD_MS);
		if (lab_call_place(c, &demo->rig))
			return -EPIPE;
	}
	demo->placed++;
	return 0;
}

static void give_up_waiting(struct demo *demo)
{
	for (unsigned i = 0; i < demo->calls.count; i++) {
		struct lab_call *c = &demo->calls.call[i];

		if (c->placed && !c->told) {
			c->told = true;
			tell(demo, c);
		}
	}
}

static int run(struct demo *demo)
{
	int64_t next_us = clock_mono_us(), guard_us;
	int error = 0;

	while (!error && !is_last_placed(demo)) {
		if (clock_mono_us() >= next_us) {
			lab_calls_forget(&demo->calls, KEPT_CALLS);
			error = place_pair(demo);
			next_us += EVERY_MS * US_PER_MS;
			continue;
		}
		error = lab_rig_wait(&demo->rig, next_us);
		if (error == -ETIME)
			error = 0;
	}
	guard_us = clock_mono_us() + LAB_GUARD_US;
	while (!error && !lab_calls_done(&demo->calls))
		error = lab_rig_wait(&demo->rig, guard_us);
	if (error == -ETIME)
		give_up_waiting(demo);
	return error ? lab_error_status(&demo->rig, error) : LAB_OK;
}

/* Ctrl-C is how a demo ends. */
static int tell_end(const struct demo *demo, int status)
{
	if (status != LAB_OK && status != LAB_INTERRUPTED)
		return status;
	printf("\n%u calls, %u good%s\nNext: %s/spanbridge lab --calls 30 --check\n", demo->told,
	       demo->told - demo->bad, demo->bad ? ", SOME NOT" : "",
	       short_path(demo->rig.programs));
	return demo->bad ? LAB_FAILED : LAB_OK;
}

int lab_run_demo(const struct lab_options *o)
{
	static struct demo demo; /* large */
	struct lab_rig_cfg cfg = o->rig;
	int status;

	memset(&demo, 0, sizeof(demo));
	demo.o = o;
	lab_calls_init(&demo.calls, TALK_MS);
	cfg.event = on_event;
	cfg.arg = &demo;
	status = lab_rig_start(&demo.rig, &cfg) ? LAB_FAILED : lab_wait_up(&demo.rig);
	demo.calls.next_number = 1 + rng_below(&demo.rig.rng, 9999);
	if (!status)
		status = lab_tell_rules(&demo.calls, &demo.rig);
	if (!status) {
		tell_where_to_look(&demo);
		status = run(&demo);
	}
	status = tell_end(&demo, status);
	if (lab_rig_stop(&demo.rig) && status == LAB_OK)
		status = LAB_FAILED;
	lab_calls_fini(&demo.calls);
	return status;
}
