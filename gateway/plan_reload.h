/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A new number plan without a restart: the configuration is read and checked on a thread of the
 * loop's pool, the core gets the plan in one assignment, calls in progress keep their decisions, and
 * the old plan is freed on the pool. When the file has a mistake, or spans or trunks are no longer
 * those that run, the old plan stays and the log says why (plan.refused). Control thread.
 */
#ifndef GATEWAY_PLAN_RELOAD_H
#define GATEWAY_PLAN_RELOAD_H

#include <uv.h>

#include "gateway/core.h"

struct plan_reload {
	uv_loop_t *loop;
	struct core *core;
	struct config *running;
	const char *path;
	uv_work_t load, drop;
	bool loading, dropping, again;
	struct config *loaded;
	struct plan *old;
	char why[1000]; /* the first mistake, and how many there are */
	int mistakes;
};

/* path and running outlive it. */
void plan_reload_init(struct plan_reload *r, uv_loop_t *loop, struct core *core,
		      struct config *running, const char *path);
/* Begins; one that is asked for while another is at work follows it. */
void plan_reload_start(struct plan_reload *r);

#endif
