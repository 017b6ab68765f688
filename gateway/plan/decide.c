/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A decision: rules by rank, look-ups. Numbers are changed in numbers.c, ways out are in way.c. */
#include "gateway/plan/decide.h"

#include <string.h>

#include "gateway/plan/plan_priv.h"
#include "gateway/plan/trace.h"
#include "gateway/plan/way.h"

void plan_begin(struct plan_ctx *ctx, const struct plan *plan, const struct call_setup *setup,
		const struct plan_env *env)
{
	plan_take_values(ctx, plan, setup, env);
	plan_rewrite(plan, PLAN_REWRITE_IN, (struct call_endpoint){CALL_EP_NONE, 0}, ctx, env);
}

/* ── rules by rank ── */

enum { LIST_RULES_MAX = 32 };

/* The rules whose called number may fit: those of the tree, and those that ask a list. When there
 * are more than have a place here (or somebody wants to see every rule), each rule is asked. */
struct search {
	const struct plan *p;
	const struct call_number *called;
	struct rule_tree_hits hits;
	uint64_t list_key[LIST_RULES_MAX];
	bool all;
};

/* Of a rule that asks a list: its rank is the length of the entry. 0: no entry. */
static uint64_t list_key(const struct plan *p, uint32_t index, const struct call_number *called)
{
	const struct rule_parts *r = &p->rule[index];
	int length = plan_list_find(r->match[PLAN_CALLED]->list, called, NULL, NULL);

	return length < 0 ? 0 : plan_key(p, &r->given, index, (unsigned)length, 1);
}

static void search_begin(struct search *s, const struct plan *p, const struct call_number *called)
{
	s->p = p;
	s->called = called;
	s->all = p->list_rule_count > LIST_RULES_MAX;
	if (!s->all) {
		rule_tree_find(p->tree, called->digits, &s->hits);
		s->all = s->hits.overflow;
	}
	for (unsigned i = 0; i < p->list_rule_count && !s->all; i++)
		s->list_key[i] = list_key(p, p->by_list[i], called);
}

/* The lowest key above `after` of any rule. */
static uint64_t next_of_all(const struct search *s, uint64_t after)
{
	const struct plan *p = s->p;
	uint64_t best = 0;

	for (unsigned i = 0; i < p->route_count; i++) {
		const struct rule_parts *r = &p->rule[p->by_rank[i]];
		uint64_t key = r->key;

		if (r->given.match[PLAN_CALLED].kind == PLAN_MATCH_LIST)
			key = list_key(p, p->by_rank[i], s->called);
		if (key > after && (!best || key < best))
			best = key;
	}
	return best;
}

static uint64_t key_at(const struct plan *p, uint32_t link)
{
	return p->rule[p->by_rank[rule_tree_rule(p->tree, link)]].key;
}

/* 0: there is none. The rule is plan_rule_of_key(). */
static uint64_t search_next(struct search *s, uint64_t after)
{
	const struct plan *p = s->p;
	uint64_t best = 0, key;

	if (s->all)
		return next_of_all(s, after);
	for (unsigned i = 0; i < s->hits.count; i++) {
		uint32_t *link = &s->hits.link[i];

		while (*link && key_at(p, *link) <= after)
			*link = rule_tree_next(p->tree, *link);
		key = *link ? key_at(p, *link) : 0;
		if (key && (!best || key < best))
			best = key;
	}
	for (unsigned i = 0; i < p->list_rule_count; i++)
		if (s->list_key[i] > after && (!best || s->list_key[i] < best))
			best = s->list_key[i];
	return best;
}

static unsigned rule_of_key(uint64_t key)
{
	return (unsigned)(key & UINT32_MAX) - 1;
}

/* ── the decision ── */

static enum plan_result refuse(struct call_route *out, const struct rule_parts *r, uint8_t cause)
{
	out->cause = (struct call_cause){.value = cause, .location = CALL_LOC_PRIVATE_LOCAL};
	out->rule[0] = '\0';
	if (r) {
		str_copy(out->rule, sizeof(out->rule), r->given.name);
		out->line = r->given.line;
	}
	return PLAN_DECIDED;
}

/* What a rule that fits comes to. */
enum outcome { NEXT_RULE, DECIDED, ASK };

static void make_query(struct plan_ctx *ctx, const struct plan_lookup *l)
{
	const struct call_number *n = &ctx->values.number[PLAN_CALLED];
	struct strbuf b;

	ctx->query = (struct plan_query){.kind = l->kind, .timeout_ms = l->timeout_ms};
	strbuf_init(&b, ctx->query.text, sizeof(ctx->query.text));
	if (l->kind == PLAN_LOOKUP_HTTP) {
		strbuf_addf(&b, "%s %s%s", l->where, plan_is_e164(n) ? "+" : "", n->digits);
		return;
	}
	/* RFC 6116 3.2: the digits backwards, a dot behind each */
	for (size_t i = strlen(n->digits); i > 0; i--)
		strbuf_addf(&b, "%c.", n->digits[i - 1]);
	strbuf_add(&b, l->where);
}

static bool can_ask(const struct plan_ctx *ctx, const struct plan_lookup *l)
{
	const struct call_number *n = &ctx->values.number[PLAN_CALLED];

	/* ENUM knows E.164 numbers only. */
	return l->kind == PLAN_LOOKUP_HTTP || (plan_is_e164(n) && *n->digits &&
					       strspn(n->digits, "0123456789") == strlen(n->digits));
}

static enum outcome use_targets(struct plan_ctx *ctx, const struct rule_parts *r,
				const struct plan_env *env, struct call_route *out)
{
	enum way_result result;

	str_copy(out->rule, sizeof(out->rule), r->given.name);
	out->line = r->given.line;
	out->limit = r->limit;
	out->emergency = ctx->emergency;
	memcpy(out->reroute, r->given.reroute_given ? r->given.reroute : ctx->plan->reroute,
	       sizeof(out->reroute));
	result = way_find(ctx, r, env, out);
	if (result == WAY_NUMBER_IMPOSSIBLE)
		refuse(out, r, CAUSE_INVALID_NUMBER);
	if (result == WAY_NONE && (out->cause.value == 0 || out->emergency)) {
		out->cause = (struct call_cause){0};
		return NEXT_RULE;
	}
	if (result != WAY_FOUND)
		trace_refuse(env, r, out->cause.value, "none of its targets can be used");
	return DECIDED;
}

static enum outcome try_rule(struct plan_ctx *ctx, const struct rule_parts *r,
			     const struct plan_env *env, struct call_route *out)
{
	const struct plan_rule *g = &r->given;
	char text[PLAN_STEP_TEXT];
	struct strbuf b, *why = trace_buffer(env, &b, text);

	if (!plan_match_number(r, PLAN_CALLED, &ctx->values.number[PLAN_CALLED], NULL))
		return NEXT_RULE; /* told already, with all that it does not fit */
	if (!plan_match_rest(ctx->plan, r, ctx, env, why)) {
		trace_skip(env, r, text);
		return NEXT_RULE;
	}
	ctx->emergency |= g->emergency; /* for the rules behind it as well */
	if (g->bar && ctx->emergency) {
		trace_skip(env, r, "it bars, and an emergency number is never barred");
		return NEXT_RULE;
	}
	if (g->bar) {
		trace_refuse(env, r, g->bar, "barred");
		refuse(out, r, g->bar);
		return DECIDED;
	}
	if (!ctx->emergency && !plan_limit_free(ctx->plan, r->limit, env, why)) {
		if (!g->limit.cause) {
			trace_skip(env, r, text);
			return NEXT_RULE;
		}
		trace_refuse(env, r, g->limit.cause, text);
		refuse(out, r, g->limit.cause);
		return DECIDED;
	}
	trace_take(env, r);
	/* Better an emergency number as it was dialled than none. */
	if (!plan_set_all(r, g->set, &ctx->values, env) && !ctx->emergency) {
		trace_refuse(env, r, CAUSE_INVALID_NUMBER, "the called number cannot be rewritten so");
		refuse(out, r, CAUSE_INVALID_NUMBER);
		return DECIDED;
	}
	return g->lookup && !ctx->emergency && can_ask(ctx, &ctx->plan->lookup[g->lookup - 1])
		   ? ASK
		   : use_targets(ctx, r, env, out);
}

static void take_called(struct plan_ctx *ctx, const struct plan_lookup *l,
			const struct plan_answer *answer)
{
	bool routed = l->routing_called && answer->porting.routing.present;

	ctx->values.number[PLAN_CALLED] = routed ? answer->porting.routing : answer->called;
	ctx->values.number[PLAN_CALLED].present = true;
	ctx->values.porting = routed ? (struct call_porting){.asked = false} : answer->porting;
}

static enum outcome take_answer(struct plan_ctx *ctx, const struct plan_answer *answer,
				const struct plan_env *env, struct call_route *out)
{
	const struct rule_parts *r = &ctx->plan->rule[ctx->rule];
	const struct plan_lookup *l = &ctx->plan->lookup[r->given.lookup - 1];

	ctx->waiting = false;
	trace_answer(env, r, l, answer);
	if (answer->kind == PLAN_ANSWER_FAILED && l->cause) {
		trace_refuse(env, r, l->cause, "the look-up failed");
		refuse(out, r, l->cause);
		return DECIDED;
	}
	if (answer->kind != PLAN_ANSWER_FOUND && l->fallback == PLAN_FALLBACK_NEXT) {
		ctx->values = ctx->before;
		return NEXT_RULE;
	}
	if (answer->kind == PLAN_ANSWER_FOUND && answer->has_called)
		take_called(ctx, l, answer);
	if (answer->kind == PLAN_ANSWER_FOUND && answer->has_name)
		str_copy(ctx->values.name, sizeof(ctx->values.name), answer->name);
	return use_targets(ctx, r, env, out);
}

enum plan_result plan_step(struct plan_ctx *ctx, const struct plan_env *env,
			   const struct plan_answer *answer, struct call_route *out)
{
	enum outcome outcome = NEXT_RULE;
	struct search s;

	out->cause = (struct call_cause){0};
	out->count = 0;
	out->limit = 0;
	out->emergency = ctx->emergency;
	if (ctx->waiting && answer)
		outcome = take_answer(ctx, answer, env, out);
	else
		trace_all_misfits(env, ctx);
	if (outcome == NEXT_RULE)
		search_begin(&s, ctx->plan, &ctx->values.number[PLAN_CALLED]);
	while (outcome == NEXT_RULE) {
		uint64_t key = search_next(&s, ctx->last_key);

		if (!key) {
			trace_refuse(env, NULL, CAUSE_NO_ROUTE, "no rule fits");
			return refuse(out, NULL, CAUSE_NO_ROUTE);
		}
		ctx->last_key = key;
		ctx->rule = rule_of_key(key);
		ctx->before = ctx->values;
		outcome = try_rule(ctx, &ctx->plan->rule[ctx->rule], env, out);
		if (outcome == NEXT_RULE)
			ctx->values = ctx->before;
	}
	if (outcome == DECIDED)
		return PLAN_DECIDED;
	make_query(ctx, &ctx->plan->lookup[ctx->plan->rule[ctx->rule].given.lookup - 1]);
	ctx->waiting = true;
	return PLAN_NEEDS_ANSWER;
}

void plan_decide(const struct plan *plan, const struct call_setup *setup,
		 const struct plan_env *env, struct call_route *out)
{
	static const struct plan_answer failed = {.kind = PLAN_ANSWER_FAILED};
	const struct plan_answer *answer = NULL;
	struct plan_ctx ctx;

	plan_begin(&ctx, plan, setup, env);
	while (plan_step(&ctx, env, answer, out) == PLAN_NEEDS_ANSWER)
		answer = &failed;
}
