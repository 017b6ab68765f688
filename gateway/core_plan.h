/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The number plan in use: which snapshot decides, and how busy its limits are. A decision is a value
 * that the call keeps, so a plan may be swapped between any two calls; what limits count goes on
 * under their names ("rule", "rule/2") in the new plan. Control thread; no I/O.
 */
#ifndef GATEWAY_CORE_PLAN_H
#define GATEWAY_CORE_PLAN_H

#include "gateway/plan/create.h"
#include "gateway/plan/decide.h"

/* A limit by its name, as long as a plan or a call needs it. */
struct core_limit {
	char name[CALL_NAME_MAX + 12]; /* empty: free */
	uint32_t calls;
	int64_t second, minute; /* that in_second and in_minute count, UTC */
	uint32_t in_second, in_minute;
	uint16_t of_plan; /* 1 + its index there, 0: the plan in use has no such limit */
	uint16_t owner;	  /* names that had this place so far: who still means an old one is not heard */
};

struct core_plan {
	const struct plan *plan; /* not owned */
	uint64_t uses;		 /* plans put into use so far: another number, another plan */
	struct core_limit *limit;
	unsigned limit_count;
	uint16_t *place;	  /* of each limit of the plan, in limit[] */
	struct plan_usage *usage; /* as the plan wants it: true in that second, kept by each count */
	int64_t usage_second;
};

/* Puts plan into use. 0; -ENOMEM, or -E2BIG when limits of two plans do not fit side by side: then
 * the old one stays. Whatever was in use before is the caller's again. */
int core_plan_use(struct core_plan *c, const struct plan *plan);
void core_plan_fini(struct core_plan *c);
/* A decision, as plan_begin() and plan_step() have it; limits in *out are what core_plan_count()
 * takes. ctx is good as long as uses stays. */
void core_plan_begin(const struct core_plan *c, struct plan_ctx *ctx,
		     const struct call_setup *setup, int64_t wall_us, uint64_t random);
enum plan_result core_plan_step(struct core_plan *c, struct plan_ctx *ctx, int64_t wall_us,
				uint64_t random, const struct plan_answer *answer,
				struct call_route *out);
/* A call begins (1) or ends (-1) to count on a limit of a route, also of one that an older plan has
 * decided. */
void core_plan_count(struct core_plan *c, uint32_t limit, int by, int64_t wall_us);

#endif
