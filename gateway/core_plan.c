/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/core_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"

enum { SECOND_US = 1000000, MINUTE_US = 60 * SECOND_US };

/* ── limits by name ── */

/* Of one swap: limit[] by the hash of its names, open addressing. */
struct names {
	uint16_t *at; /* 1 + place, 0: free */
	unsigned mask;
};

static uint16_t *name_at(const struct core_plan *c, const struct names *n, const char *name)
{
	uint32_t h = 2166136261; /* FNV-1a */

	for (const char *p = name; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619;
	while (n->at[h & n->mask] && strcmp(c->limit[n->at[h & n->mask] - 1].name, name) != 0)
		h++;
	return &n->at[h & n->mask];
}

static int index_names(const struct core_plan *c, struct names *n)
{
	unsigned size = 16;

	while (size < 2 * c->limit_count)
		size *= 2;
	n->mask = size - 1;
	n->at = calloc(size, sizeof(*n->at));
	for (unsigned i = 0; i < c->limit_count && n->at; i++)
		*name_at(c, n, c->limit[i].name) = (uint16_t)(i + 1);
	return n->at ? 0 : -ENOMEM;
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

/* A place that nobody needs, from *next on, or a new one. */
static struct core_limit *free_place(struct core_plan *c, unsigned *next)
{
	for (; *next < c->limit_count; ++*next)
		if (!c->limit[*next].of_plan && !c->limit[*next].calls)
			return &c->limit[(*next)++];
	return &c->limit[c->limit_count++];
}

/* Names that stay keep their place, so they are looked for before places are given away. */
static void give_places(struct core_plan *c, const struct plan *plan, const struct names *names,
			uint16_t *place)
{
	unsigned limits = plan_limits(plan), next = 0;

	for (unsigned i = 0; i < c->limit_count; i++)
		c->limit[i].of_plan = 0;
	for (unsigned i = 0; i < limits; i++) {
		uint16_t at = *name_at(c, names, plan_limit_name(plan, i, NULL));

		place[i] = at;
		if (at)
			c->limit[at - 1].of_plan = (uint16_t)(i + 1);
	}
	for (unsigned i = 0; i < limits; i++) {
		struct core_limit *l;

		if (place[i]) {
			place[i]--;
			continue;
		}
		l = free_place(c, &next);
		*l = (struct core_limit){.owner = (uint16_t)(l->owner + 1), .of_plan = (uint16_t)(i + 1)};
		str_copy(l->name, sizeof(l->name), plan_limit_name(plan, i, NULL));
		place[i] = (uint16_t)(l - c->limit);
	}
}

int core_plan_use(struct core_plan *c, const struct plan *plan)
{
	unsigned limits = plan_limits(plan);
	uint16_t *place = calloc(limits + 1, sizeof(*place));
	struct plan_usage *usage = calloc(limits + 1, sizeof(*usage));
	struct names names = {.at = NULL};
	int err = place && usage ? index_names(c, &names) : -ENOMEM;

	if (!err)
		err = make_room(c, limits);
	if (!err) {
		give_places(c, plan, &names, place);
		free(c->place);
		free(c->usage);
		c->place = place;
		c->usage = usage;
		c->usage_second = INT64_MIN;
		c->plan = plan;
		c->uses++;
	} else {
		free(place);
		free(usage);
	}
	free(names.at);
	return err;
}

void core_plan_fini(struct core_plan *c)
{
	free(c->limit);
	free(c->place);
	free(c->usage);
	*c = (struct core_plan){.plan = NULL};
}

/* ── decisions ── */

/* What core_plan_count() knows a limit of the plan by: its place, and who owns that. */
static uint32_t in_limits(const struct core_plan *c, uint32_t of_plan)
{
	uint32_t place = of_plan ? c->place[of_plan - 1] : 0;

	return of_plan ? (uint32_t)c->limit[place].owner << 16 | (place + 1) : 0;
}

static void refresh(struct core_plan *c, struct core_limit *l, int64_t wall_us)
{
	c->usage[l->of_plan - 1] = (struct plan_usage){
	    .calls = l->calls,
	    .in_second = l->second == wall_us / SECOND_US ? l->in_second : 0,
	    .in_minute = l->minute == wall_us / MINUTE_US ? l->in_minute : 0,
	};
}

/* Ten thousand limits are read once a second, not once a call. */
static struct plan_env env_now(struct core_plan *c, int64_t wall_us, uint64_t random)
{
	unsigned limits = plan_limits(c->plan);

	if (c->usage_second != wall_us / SECOND_US)
		for (unsigned i = 0; i < limits; i++)
			refresh(c, &c->limit[c->place[i]], wall_us);
	c->usage_second = wall_us / SECOND_US;
	return (struct plan_env){.wall_us = wall_us, .random = random, .usage = c->usage};
}

void core_plan_begin(const struct core_plan *c, struct plan_ctx *ctx,
		     const struct call_setup *setup, int64_t wall_us, uint64_t random)
{
	struct plan_env env = {.wall_us = wall_us, .random = random};

	plan_begin(ctx, c->plan, setup, &env);
}

enum plan_result core_plan_step(struct core_plan *c, struct plan_ctx *ctx, int64_t wall_us,
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

static void count_one(struct core_limit *l, int64_t wall_us)
{
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

void core_plan_count(struct core_plan *c, uint32_t limit, int by, int64_t wall_us)
{
	struct core_limit *l = &c->limit[(limit & UINT16_MAX) - 1];

	if (l->owner != limit >> 16)
		return; /* no call counted on it any more when a swap gave its place to another */
	if (by < 0)
		l->calls -= l->calls > 0;
	else
		count_one(l, wall_us);
	if (c->usage_second != wall_us / SECOND_US)
		c->usage_second = INT64_MIN;
	else if (l->of_plan)
		refresh(c, l, wall_us);
}
