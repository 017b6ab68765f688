/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/core_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"

enum { SECOND_US = 1000000, MINUTE_US = 60 * SECOND_US };

static struct core_limit *find(struct core_limit *limit, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(limit[i].name, name) == 0)
			return &limit[i];
	return NULL;
}

/* Room for those that are in use and all of the new plan; places of calls in progress stay. */
static int make_room(struct core_plan *c, unsigned limits)
{
	unsigned count = c->limit_count + limits;
	struct core_limit *limit;

	if (count >= UINT16_MAX)
		return -E2BIG;
	limit = reallocarray(c->limit, count + 1, sizeof(*limit));
	if (!limit)
		return -ENOMEM;
	memset(limit + c->limit_count, 0, (count + 1 - c->limit_count) * sizeof(*limit));
	c->limit = limit;
	return 0;
}

static uint16_t place_of(struct core_plan *c, const char *name)
{
	struct core_limit *l = find(c->limit, c->limit_count, name);

	for (unsigned i = 0; i < c->limit_count && !l; i++)
		if (!c->limit[i].in_plan && !c->limit[i].calls)
			l = &c->limit[i];
	if (!l)
		l = &c->limit[c->limit_count++];
	if (strcmp(l->name, name) != 0) {
		*l = (struct core_limit){.calls = 0};
		str_copy(l->name, sizeof(l->name), name);
	}
	l->in_plan = true;
	return (uint16_t)(l - c->limit);
}

int core_plan_use(struct core_plan *c, const struct plan *plan)
{
	unsigned limits = plan_limits(plan);
	uint16_t *place = calloc(limits + 1, sizeof(*place));
	struct plan_usage *usage = calloc(limits + 1, sizeof(*usage));
	int err = place && usage ? make_room(c, limits) : -ENOMEM;

	if (err) {
		free(place);
		free(usage);
		return err;
	}
	/* Names that stay keep their place, so they are marked before places are given away. */
	for (unsigned i = 0; i < c->limit_count; i++)
		c->limit[i].in_plan = false;
	for (unsigned i = 0; i < limits; i++) {
		struct core_limit *l = find(c->limit, c->limit_count, plan_limit_name(plan, i, NULL));

		if (l)
			l->in_plan = true;
	}
	for (unsigned i = 0; i < limits; i++)
		place[i] = place_of(c, plan_limit_name(plan, i, NULL));
	free(c->place);
	free(c->usage);
	c->place = place;
	c->usage = usage;
	c->plan = plan;
	c->uses++;
	return 0;
}

void core_plan_fini(struct core_plan *c)
{
	free(c->limit);
	free(c->place);
	free(c->usage);
	*c = (struct core_plan){.plan = NULL};
}

static uint16_t in_limits(const struct core_plan *c, uint16_t of_plan)
{
	return of_plan ? (uint16_t)(c->place[of_plan - 1] + 1) : 0;
}

static struct plan_env env_now(const struct core_plan *c, int64_t wall_us, uint64_t random)
{
	unsigned limits = plan_limits(c->plan);

	for (unsigned i = 0; i < limits; i++) {
		const struct core_limit *l = &c->limit[c->place[i]];

		c->usage[i] = (struct plan_usage){
		    .calls = l->calls,
		    .in_second = l->second == wall_us / SECOND_US ? l->in_second : 0,
		    .in_minute = l->minute == wall_us / MINUTE_US ? l->in_minute : 0,
		};
	}
	return (struct plan_env){.wall_us = wall_us, .random = random, .usage = c->usage};
}

void core_plan_begin(const struct core_plan *c, struct plan_ctx *ctx,
		     const struct call_setup *setup, int64_t wall_us, uint64_t random)
{
	struct plan_env env = {.wall_us = wall_us, .random = random};

	plan_begin(ctx, c->plan, setup, &env);
}

enum plan_result core_plan_step(const struct core_plan *c, struct plan_ctx *ctx, int64_t wall_us,
				uint64_t random, const struct plan_answer *answer,
				struct call_route *out)
{
	struct plan_env env = env_now(c, wall_us, random);

	if (plan_step(ctx, &env, answer, out) == PLAN_NEEDS_ANSWER)
		return PLAN_NEEDS_ANSWER;
	if (out->cause.value)
		return PLAN_DECIDED;
	out->limit = in_limits(c, out->limit);
	for (unsigned i = 0; i < out->count; i++)
		out->way[i].limit = in_limits(c, out->way[i].limit);
	return PLAN_DECIDED;
}

void core_plan_count(struct core_plan *c, uint16_t limit, int by, int64_t wall_us)
{
	struct core_limit *l = &c->limit[limit - 1];

	if (by < 0) {
		l->calls -= l->calls > 0;
		return;
	}
	l->calls++;
	if (l->second != wall_us / SECOND_US)
		l->in_second = 0;
	if (l->minute != wall_us / MINUTE_US)
		l->in_minute = 0;
	l->second = wall_us / SECOND_US;
	l->minute = wall_us / MINUTE_US;
	l->in_second++;
	l->in_minute++;
}
