/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab's check: N calls each way at once, then some that must fail, then the verdict. */
#include "gateway/lab/lab_run.h"

#include <errno.h>
#include <string.h>

#include "gateway/base/clock.h"

enum { FAILING_EACH = 2, MISTAKES_SHOWN = 20, WHY_MAX = 2000 };

struct run {
	const struct lab_options *o;
	struct lab_rig rig;
	struct lab_calls calls;
};

int lab_error_status(const struct lab_rig *rig, int error)
{
	if (error == -EINTR || rig->interrupted)
		return LAB_INTERRUPTED;
	if (error == -ETIME)
		fprintf(stderr, "lab: nothing happened for %d s\n", LAB_GUARD_US / 1000000);
	else if (error != -ECHILD && !rig->error)
		fprintf(stderr, "lab: %s\n", strerror(-error));
	return LAB_FAILED;
}

int lab_wait_up(struct lab_rig *rig)
{
	int64_t until_us = clock_mono_us() + LAB_GUARD_US;
	int error;

	while (!lab_rig_is_up(rig)) {
		error = lab_rig_wait(rig, until_us);
		if (error == -ETIME) {
			fprintf(stderr, "lab: the D-channel did not come up in %d s. The core:\n",
				LAB_GUARD_US / 1000000);
			lab_child_print_tail(&rig->child[LAB_CORE], stderr);
			return LAB_FAILED;
		}
		if (error)
			return lab_error_status(rig, error);
	}
	return 0;
}

int lab_tell_rules(const struct lab_calls *calls, struct lab_rig *rig)
{
	int error = lab_calls_rules(calls, rig);

	/* The first call must not overtake them. */
	if (!error)
		error = lab_rig_sync(rig, clock_mono_us() + LAB_GUARD_US);
	return error ? lab_error_status(rig, error) : 0;
}

static void on_event(void *arg, enum lab_source source, const json_t *event)
{
	struct run *run = arg;
	const char *why = json_string_value(json_object_get(event, "why"));

	if (!lab_calls_event(&run->calls, source, event) && why)
		fprintf(stderr, "lab: %s: %s\n", run->rig.child[source].name, why);
}

/* Places all that were not placed yet and waits for their end. 0 or an exit status. A call that
 * does not end in time is found by the check. */
static int run_calls(struct run *run)
{
	int64_t talk_us = run->calls.talk_ms * US_PER_MS, until_us;
	int error = 0;

	for (unsigned i = 0; i < run->calls.count && !error; i++)
		if (!run->calls.call[i].placed)
			error = lab_call_place(&run->calls.call[i], &run->rig);
	until_us = clock_mono_us() + LAB_GUARD_US + talk_us;
	while (!error && !lab_calls_done(&run->calls)) {
		error = lab_rig_wait(&run->rig, until_us);
		if (!error)
			until_us = clock_mono_us() + LAB_GUARD_US + talk_us;
	}
	if (error == -ETIME)
		return 0;
	return error ? lab_error_status(&run->rig, error) : 0;
}

static int add_talks(struct run *run, enum lab_direction d)
{
	for (int i = 0; i < run->o->calls; i++)
		if (!lab_calls_add(&run->calls, d, i % 2 ? LAB_CALLEE_ENDS : LAB_CALLER_ENDS))
			return LAB_FAILED;
	return run_calls(run);
}

static int add_failing(struct run *run)
{
	for (int d = 0; d < LAB_DIRECTIONS; d++)
		for (int kind = LAB_BUSY; kind < LAB_KINDS; kind++)
			for (int i = 0; i < FAILING_EACH; i++)
				if (!lab_calls_add(&run->calls, (enum lab_direction)d,
						   (enum lab_kind)kind))
					return LAB_FAILED;
	return run_calls(run);
}

static void plant(struct run *run)
{
	if (run->o->plant)
		lab_rig_command(&run->rig, run->o->plant_at_sip ? LAB_PEER : LAB_PBX,
				json_pack("{ss ss}", "cmd", "plant", "kind", run->o->plant));
}

static int place_all(struct run *run)
{
	int status = lab_wait_up(&run->rig);

	if (!status)
		status = lab_tell_rules(&run->calls, &run->rig);
	if (!status) {
		plant(run);
		status = add_talks(run, LAB_E1_TO_SIP);
	}
	if (!status)
		status = add_talks(run, LAB_SIP_TO_E1);
	if (!status && run->o->check)
		status = add_failing(run);
	return status;
}

static void tell_mistake(const struct lab_call *c, const char *why, unsigned count,
			 json_t *mistakes)
{
	json_array_append_new(mistakes, json_pack("{ss ss}", "called", c->called, "why", why));
	if (count <= MISTAKES_SHOWN)
		fprintf(stderr, "lab: call to %s (%s): %s\n", c->called,
			lab_direction_name(c->direction), why);
	else if (count == MISTAKES_SHOWN + 1)
		fprintf(stderr, "lab: and more\n");
}

/* Without --check only whether the calls came about. */
static bool is_good_enough(const struct lab_options *o, const struct lab_verdict *v)
{
	return o->check ? v->good == v->calls : v->answered == v->talks;
}

static int judge(struct run *run)
{
	int status = LAB_OK;

	for (int d = 0; d < LAB_DIRECTIONS; d++) {
		struct lab_verdict v = {0};
		json_t *mistakes = json_array();
		unsigned count = 0;

		for (unsigned i = 0; i < run->calls.count; i++) {
			const struct lab_call *c = &run->calls.call[i];
			char text[WHY_MAX];
			struct strbuf why;

			strbuf_init(&why, text, sizeof(text));
			if ((int)c->direction == d && !lab_call_check(c, &v, &why))
				tell_mistake(c, text, ++count, mistakes);
		}
		if (!is_good_enough(run->o, &v))
			status = LAB_FAILED;
		lab_print_summary((enum lab_direction)d, &v, is_good_enough(run->o, &v),
				  run->o->json, mistakes);
		json_decref(mistakes);
	}
	return status;
}

int lab_run_calls(const struct lab_options *o)
{
	static struct run run; /* large */
	struct lab_rig_cfg cfg = o->rig;
	int status;

	memset(&run, 0, sizeof(run));
	run.o = o;
	lab_calls_init(&run.calls, o->talk_ms);
	cfg.event = on_event;
	cfg.arg = &run;
	status = lab_rig_start(&run.rig, &cfg) ? LAB_FAILED : place_all(&run);
	if (status != LAB_INTERRUPTED && run.calls.count)
		status = judge(&run) | status;
	if (lab_rig_stop(&run.rig) && status == LAB_OK)
		status = LAB_FAILED;
	lab_calls_fini(&run.calls);
	return status;
}
