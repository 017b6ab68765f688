/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/way.h"

#include <string.h>

#include "gateway/plan/trace.h"

enum { CHOICES_MAX = 64 };

/* A target that may be used, before its turn is known. */
struct choice {
	struct call_endpoint to;
	const struct plan_target *target; /* NULL: from the list, without sets of its own */
	const char *replace;		  /* the list's new called number, NULL: none */
	uint16_t limit, priority, weight;
	uint32_t cost;
};

struct choices {
	struct choice at[CHOICES_MAX];
	unsigned count;
	uint8_t busy_cause;
	bool busy;
	bool same_side; /* one is of the kind that the call comes from */
};

/* Steele, Lea, Flood: one multiply-and-shift step of a counter gives a good next value. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* Media has a timeslot on one end and RTP on the other. */
static bool can_reach(struct choices *c, const struct plan_ctx *ctx, const struct rule_parts *r,
		      const struct plan_env *env, struct call_endpoint to)
{
	if (to.kind != ctx->source.kind)
		return true;
	c->same_side = true;
	trace_target_skip(env, r, to,
			  to.kind == CALL_EP_SPAN
			      ? "a call from a span cannot go to a span yet; give the rule a from"
			      : "a call from a trunk cannot go to a trunk yet; give the rule a from");
	return false;
}

static void collect_targets(struct choices *c, const struct plan_ctx *ctx,
			    const struct rule_parts *r, const struct plan_env *env, bool emergency)
{
	for (unsigned i = 0; i < r->given.target_count && c->count < CHOICES_MAX; i++) {
		const struct plan_target *t = &r->given.target[i];
		char text[PLAN_STEP_TEXT];
		struct strbuf b, *why = trace_buffer(env, &b, text);

		if (!can_reach(c, ctx, r, env, t->to))
			continue;
		if (!emergency && !plan_limit_free(ctx->plan, r->target_limit[i], env, why)) {
			trace_target_skip(env, r, t->to, text);
			c->busy = true;
			if (!c->busy_cause)
				c->busy_cause = t->limit.cause;
			continue;
		}
		c->at[c->count++] = (struct choice){.to = t->to,
						    .target = t,
						    .limit = r->target_limit[i],
						    .priority = t->priority,
						    .weight = t->weight,
						    .cost = t->cost};
	}
}

/* What the list says to a number: targets of its own, or a new number for the rule's. */
static const char *collect_rows(struct choices *c, const struct plan_ctx *ctx,
				const struct rule_parts *r, const struct plan_env *env)
{
	const struct match_part *m = r->match[PLAN_CALLED];
	const struct plan_list_row *row;
	const char *replace = NULL;
	unsigned rows;

	/* The number as it was matched, before the rule's own sets. */
	if (!m || !m->list ||
	    plan_list_find(m->list, &ctx->before.number[PLAN_CALLED], &row, &rows) < 0)
		return NULL;
	for (unsigned i = 0; row && i < rows && c->count < CHOICES_MAX; i++, row++) {
		if (row->replace)
			replace = plan_list_text(m->list, row->replace);
		if (row->to.kind == CALL_EP_NONE || !can_reach(c, ctx, r, env, row->to))
			continue;
		c->at[c->count++] =
		    (struct choice){.to = row->to,
				    .replace = row->replace ? replace : NULL,
				    .priority = row->priority,
				    .weight = row->weight,
				    .cost = row->cost};
	}
	return replace;
}

static bool before(const struct choice *a, const struct choice *b)
{
	return a->priority != b->priority ? a->priority < b->priority : a->cost < b->cost;
}

static unsigned weight_of(const struct choice *c)
{
	return c->weight ? c->weight : 1;
}

/* Takes one of the best out: among equals by weight (as RFC 2782 does for SRV). */
static struct choice take_next(struct choices *c, uint64_t *random)
{
	const struct choice *best = &c->at[0];
	uint64_t total = 0, drawn;
	struct choice taken;
	unsigned i;

	for (i = 1; i < c->count; i++)
		if (before(&c->at[i], best))
			best = &c->at[i];
	for (i = 0; i < c->count; i++)
		if (!before(best, &c->at[i]))
			total += weight_of(&c->at[i]);
	drawn = draw(random) % total;
	for (i = 0; i + 1 < c->count; i++) {
		if (before(best, &c->at[i]))
			continue;
		if (drawn < weight_of(&c->at[i]))
			break;
		drawn -= weight_of(&c->at[i]);
	}
	taken = c->at[i];
	memmove(&c->at[i], &c->at[i + 1], (--c->count - i) * sizeof(taken));
	return taken;
}

/* What the list and the target make of the called number. false: it cannot be. */
static bool set_called(struct plan_ctx *ctx, const struct rule_parts *r, const struct choice *c,
		       const struct plan_env *env)
{
	struct plan_set set = PLAN_SET_NOTHING;

	set.number = c->replace;
	return (!c->replace || plan_set_apply(&set, NULL, &ctx->values.number[PLAN_CALLED])) &&
	       (!c->target || plan_set_all(r, c->target->set, &ctx->values, env));
}

/* A number without digits cannot be called. An emergency number then goes as it was matched. */
static bool see_to_digits(struct plan_ctx *ctx, const struct rule_parts *r, bool emergency,
			  const struct plan_env *env)
{
	struct call_number *n = &ctx->values.number[PLAN_CALLED], empty = *n;

	if (!*n->digits && emergency && *ctx->before.number[PLAN_CALLED].digits) {
		*n = ctx->before.number[PLAN_CALLED];
		trace_rewritten(env, r, PLAN_CALLED, &empty, n);
	}
	return *n->digits;
}

/* Everything as it leaves there. false: the called number is none. */
static bool finish(const struct plan_ctx *from, const struct rule_parts *r, const struct choice *c,
		   bool emergency, const struct plan_env *env, struct call_way *out)
{
	const struct plan_edge *edge = plan_edge_of(from->plan, c->to);
	struct plan_ctx ctx = *from;

	if (!set_called(&ctx, r, c, env) && !emergency)
		return false;
	if (from->plan->rewrite_count)
		plan_rewrite(from->plan, PLAN_REWRITE_OUT, c->to, &ctx, env);
	if (!see_to_digits(&ctx, r, emergency, env))
		return false;
	/* A routing number is true of the number that was looked up only. */
	if (strcmp(ctx.values.number[PLAN_CALLED].digits,
		   from->values.number[PLAN_CALLED].digits) != 0)
		ctx.values.porting = (struct call_porting){.asked = false};
	plan_denormalise(edge, false, &ctx.values.number[PLAN_CALLED]);
	plan_denormalise(edge, true, &ctx.values.number[PLAN_CALLING]);
	plan_denormalise(edge, true, &ctx.values.number[PLAN_REDIRECTING]);
	*out = (struct call_way){.to = c->to,
				 .called = ctx.values.number[PLAN_CALLED],
				 .calling = ctx.values.number[PLAN_CALLING],
				 .redirecting = ctx.values.number[PLAN_REDIRECTING],
				 .porting = ctx.values.porting,
				 .bearer = ctx.values.bearer,
				 .limit = c->limit,
				 .priority = c->priority,
				 .weight = (uint16_t)weight_of(c),
				 .cost = c->cost};
	memcpy(out->calling_name, ctx.values.name, sizeof(out->calling_name));
	return true;
}

enum way_result way_find(struct plan_ctx *ctx, const struct rule_parts *r,
			 const struct plan_env *env, struct call_route *out)
{
	uint64_t random = env->random;
	struct choices c = {.count = 0};
	const char *replace = collect_rows(&c, ctx, r, env);
	struct choice one;

	if (c.count == 0 && !c.same_side)
		collect_targets(&c, ctx, r, env, out->emergency);
	if (c.count == 0) {
		if (c.same_side && !c.busy)
			c.busy_cause = CAUSE_NOT_IMPLEMENTED;
		out->cause = (struct call_cause){.value = c.busy_cause,
						 .location = CALL_LOC_PRIVATE_LOCAL};
		return WAY_NONE;
	}
	while (c.count && out->count < CALL_WAYS_MAX) {
		one = take_next(&c, &random);
		if (one.target)
			one.replace = replace;
		if (finish(ctx, r, &one, out->emergency, env, &out->way[out->count])) {
			trace_target(env, r, &out->way[out->count]);
			out->count++;
		} else {
			trace_target_skip(env, r, one.to, "what would be sent is no number");
		}
	}
	return out->count ? WAY_FOUND : WAY_NUMBER_IMPOSSIBLE;
}
