/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call's numbers: into their inner form at the side they come from, rewritten, and into the form
 * of the side they go to. */
#include <string.h>

#include "gateway/plan/decide.h"
#include "gateway/plan/plan_priv.h"
#include "gateway/plan/trace.h"

/* ── numbers at the edge ── */

static void normalise(struct plan_ctx *ctx, const struct plan_edge *edge, enum plan_number which,
		      const struct plan_env *env)
{
	struct call_number *n = &ctx->values.number[which];
	struct e164 e;

	if (!edge || !n->present)
		return;
	e164_normalise(&edge->edge, n, &e);
	if (e.kind != E164_OTHER) {
		memcpy(n->digits, e.digits, sizeof(n->digits));
		n->ton = e.kind == E164_NUMBER ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN;
		n->npi = CALL_NPI_E164;
	}
	if (which == PLAN_CALLED)
		ctx->emergency = e.kind == E164_EMERGENCY;
	trace_normalised(env, which, n, &e);
}

void plan_denormalise(const struct plan_edge *edge, bool calling, struct call_number *n)
{
	struct e164_edge how;
	struct e164 e = {.kind = E164_NUMBER};

	if (!edge || !n->present || !plan_is_e164(n))
		return;
	how = edge->edge;
	if (calling)
		how.form = edge->form_calling;
	memcpy(e.digits, n->digits, sizeof(e.digits));
	e164_denormalise(&how, &e, n); /* -ERANGE: there is no other form, it stays E.164 */
}

void plan_take_values(struct plan_ctx *ctx, const struct plan *plan, const struct call_setup *setup,
		      const struct plan_env *env)
{
	const struct plan_edge *edge = plan_edge_of(plan, setup->source);

	*ctx = (struct plan_ctx){
	    .plan = plan,
	    .source = setup->source,
	    .values = {.number = {setup->called, setup->calling, setup->redirecting},
		       .bearer = setup->bearer},
	};
	memcpy(ctx->values.name, setup->calling_name, sizeof(ctx->values.name));
	ctx->values.number[PLAN_CALLED].present = true; /* also one without digits yet */
	for (int i = PLAN_CALLED; i < PLAN_CONNECTED; i++)
		normalise(ctx, edge, (enum plan_number)i, env);
}

/* ── rewrites ── */

/* *done is the group that has had its turn. Says whether r belongs to it, and forgets it when not. */
static bool group_is_done(const struct plan_rule *r, const char **done)
{
	if (*done && (!r->group || strcmp(r->group, *done) != 0))
		*done = NULL;
	return *done;
}

static bool rewrite_fits(const struct plan *p, const struct rule_parts *r, enum plan_stage stage,
			 struct call_endpoint to, const struct plan_ctx *ctx,
			 const struct plan_env *env)
{
	bool named = r->given.target_count == 0;

	for (unsigned t = 0; t < r->given.target_count; t++)
		named |= r->given.target[t].to.kind == to.kind &&
			 r->given.target[t].to.index == to.index;
	return r->given.stage == stage && named &&
	       plan_match_number(r, PLAN_CALLED, &ctx->values.number[PLAN_CALLED], NULL) &&
	       plan_match_rest(p, r, ctx, env, NULL);
}

void plan_rewrite(const struct plan *p, enum plan_stage stage, struct call_endpoint to,
		  struct plan_ctx *ctx, const struct plan_env *env)
{
	const char *done = NULL;

	for (unsigned i = 0; i < p->rewrite_count; i++) {
		const struct rule_parts *r = &p->rule[p->by_rewrite[i]];

		if (group_is_done(&r->given, &done) || !rewrite_fits(p, r, stage, to, ctx, env))
			continue;
		plan_set_all(r, r->given.set, &ctx->values, env);
		done = r->given.group;
	}
}

/* ── the way back ── */

void plan_connected(const struct plan *plan, const struct call_setup *setup, struct call_endpoint b,
		    struct call_number *n, const struct plan_env *env)
{
	struct plan_env quiet = *env;
	const char *done = NULL;
	struct call_number *inner;
	struct plan_ctx ctx;

	if (!n->present)
		return;
	quiet.trace = NULL; /* the steps of the call itself have been told */
	plan_take_values(&ctx, plan, setup, &quiet);
	ctx.source = b; /* `from` of a rewrite: who answered */
	inner = &ctx.values.number[PLAN_CONNECTED];
	*inner = *n;
	if (*n->digits)
		normalise(&ctx, plan_edge_of(plan, b), PLAN_CONNECTED, env);
	for (unsigned i = 0; i < plan->rewrite_count; i++) {
		const struct rule_parts *r = &plan->rule[plan->by_rewrite[i]];
		struct call_number before = *inner;

		if (group_is_done(&r->given, &done) ||
		    !plan_match_number(r, PLAN_CONNECTED, inner, NULL) ||
		    !rewrite_fits(plan, r, PLAN_REWRITE_ANSWER, setup->source, &ctx, env))
			continue;
		done = r->given.group;
		if (plan_set_is_nothing(&r->given.set[PLAN_CONNECTED]))
			continue;
		if (plan_set_apply(&r->given.set[PLAN_CONNECTED], r->match[PLAN_CONNECTED], inner))
			trace_rewritten(env, r, PLAN_CONNECTED, &before, inner);
		else
			trace_impossible(env, r, PLAN_CONNECTED, &before);
	}
	plan_denormalise(plan_edge_of(plan, setup->source), true, inner);
	*n = *inner;
}
