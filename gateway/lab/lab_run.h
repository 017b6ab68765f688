/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the lab: its options and its two ways to run. */
#ifndef GATEWAY_LAB_LAB_RUN_H
#define GATEWAY_LAB_LAB_RUN_H

#include "gateway/lab/lab_calls.h"

enum {
	LAB_OK = 0,
	LAB_FAILED = 1, /* a check failed, a program ended, nothing could be started */
	LAB_USAGE = 2,
	LAB_INTERRUPTED = 130,
	LAB_GUARD_US = 30 * 1000000, /* nothing happens for this long: give up */
	LAB_CALLS_MAX = 30,	     /* of one E1 */
};

struct lab_options {
	int calls; /* each way; 0: not given */
	int talk_ms;
	bool check, json, demo;
	const char *plant; /* NULL: none */
	bool plant_at_sip; /* by the SIP peer, not the exchange */
	struct lab_rig_cfg rig;
};

/* Waits until the D-channel is up. 0 or an exit status, said on stderr. */
int lab_wait_up(struct lab_rig *rig);
/* Gives exchange and peer their rules; they have them when it returns. 0 or an exit status. */
int lab_tell_rules(const struct lab_calls *calls, struct lab_rig *rig);
/* What an error of lab_rig_wait() means for the exit status; says what was not said yet. */
int lab_error_status(const struct lab_rig *rig, int error);

int lab_run_calls(const struct lab_options *o);
int lab_run_demo(const struct lab_options *o);

/* lab_summary.c: one line of a direction; a verdict's mistakes are listed by the caller. */
void lab_print_summary(enum lab_direction d, const struct lab_verdict *v, bool ok, bool json,
		       json_t *mistakes);

#endif
