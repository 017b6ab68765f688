/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/plan/lint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/plan/lint_priv.h"
#include "gateway/plan/create.h"

/* Who decides the rule's own calls instead of it. */
struct rival {
	char rule[CALL_NAME_MAX + 1];
	unsigned line, tried;
};

struct watch {
	const char *rule;
	bool hit;
};

/* A rewrite leaves no trace in the decision but in its explanation. */
static void on_step(void *arg, const struct plan_step_note *note)
{
	struct watch *w = arg;

	w->hit |= note->kind == PLAN_STEP_REWRITE && note->rule && strcmp(note->rule, w->rule) == 0;
}

/* All limits but the rule's own are reached: what is there for the overflow of others decides then. */
static const struct plan_usage *others_full(struct lint *l, const struct plan_rule *r)
{
	size_t len = strlen(r->name);

	for (unsigned i = 0; l->busy && i < plan_limits(l->plan); i++) {
		struct plan_limit limit;
		const char *owner = plan_limit_name(l->plan, i, &limit);
		bool own = strncmp(owner, r->name, len) == 0 && (!owner[len] || owner[len] == '/');
		uint32_t n = own ? 0 : UINT32_MAX;

		l->busy[i] = (struct plan_usage){n, n, n};
	}
	return l->busy;
}

/* Decides one call of the rule. true: it was the rule. */
static bool try_once(struct lint *l, const struct plan_rule *r, struct call_endpoint source,
		     unsigned attempt, unsigned *told, struct rival *rival)
{
	struct watch watch = {.rule = r->name};
	struct plan_env env = {.wall_us = lint_moment(r, attempt), .random = attempt};
	struct call_number inner;
	struct call_setup setup;
	struct call_route route;

	if (!lint_sample(l, r, source, attempt, &setup, &inner))
		return true;
	if (r->stage != PLAN_ROUTE) {
		env.trace = on_step;
		env.trace_arg = &watch;
	}
	plan_decide(l->plan, &setup, &env, &route);
	rival->tried++;
	if (r->stage != PLAN_ROUTE)
		return watch.hit;
	if (strcmp(route.rule, r->name) != 0 && plan_limits(l->plan)) {
		env.usage = others_full(l, r);
		plan_decide(l->plan, &setup, &env, &route);
	}
	if (strcmp(route.rule, r->name) != 0) {
		memcpy(rival->rule, route.rule, sizeof(rival->rule));
		rival->line = route.line;
		return false;
	}
	lint_ways(l, r, &inner, &route, told);
	return true;
}

/* Many moments for a rule that holds at some only. */
static unsigned attempts(const struct plan_rule *r)
{
	const struct plan_when *w = &r->when;

	return w->days || w->time_count || w->date_count ? 16 * LINT_NUMBERS : LINT_NUMBERS;
}

static void check_rule(struct lint *l, const struct plan_rule *r)
{
	const struct call_endpoint *source = r->from_count ? r->from : l->source;
	unsigned sources = r->from_count ? r->from_count : l->sources, told = 0, hits = 0;
	struct rival rival = {.tried = 0};

	if (!lint_can_sample(r) || r->stage == PLAN_REWRITE_OUT || r->stage == PLAN_REWRITE_ANSWER)
		return;
	for (unsigned a = 0; a < attempts(r) && hits < 12; a++)
		for (unsigned s = 0; s < sources && s < LINT_SOURCES && hits < 12; s++)
			hits += try_once(l, r, source[s], a, &told, &rival);
	if (hits || !rival.tried)
		return;
	if (*rival.rule)
		lint_say(l, r->line,
			 "rule %s decides none of %u calls made for it: rule %s (line %u) takes them; "
			 "delete it, narrow that one, or put it in front if `order: listed`",
			 r->name, rival.tried, rival.rule, rival.line);
	else
		lint_say(l, r->line,
			 "rule %s decides none of %u calls made for it: its numbers never look so "
			 "inside; see with `spanbridge plan test NUMBER` what they become",
			 r->name, rival.tried);
}

/* No country code begins with 0 (E.164 6.2): +0… is a prefix that was not stripped. */
static void check_plus_zero(struct lint *l, const struct plan_rule *r)
{
	for (int i = 0; i < PLAN_NUMBERS; i++) {
		const struct plan_match *m = &r->match[i];
		const char *text = m->text ? m->text : "";
		bool e164 = *text == '+' || m->tons == 1 << CALL_TON_INTERNATIONAL;

		text += *text == '+';
		if (e164 && *text == '0' && m->kind != PLAN_MATCH_ANY && m->kind != PLAN_MATCH_REGEX)
			lint_say(l, r->line,
				 "rule %s matches +%.40s, but no country code begins with 0; write the "
				 "number as +49…, prefixes such as 00 are gone inside",
				 r->name, text);
	}
}

/* ── Targets ── */

static bool no_reroute(const struct plan_rule *r)
{
	return r->reroute_given &&
	       !(r->reroute[0] | r->reroute[1] | r->reroute[2] | r->reroute[3]);
}

static void check_targets(struct lint *l, const struct plan_rule *r)
{
	char name[ENDPOINT_TEXT];

	if (r->stage != PLAN_ROUTE)
		return;
	if (r->target_count > 1 && no_reroute(r))
		for (unsigned i = 1; i < r->target_count; i++)
			if (r->target[i].priority != r->target[0].priority ||
			    r->target[i].cost != r->target[0].cost) {
				lint_say(l, r->line,
					 "rule %s has further targets, but no cause opens the next one "
					 "(reroute is empty); give reroute causes or delete the targets",
					 r->name);
				break;
			}
	if (r->target_count > CALL_WAYS_MAX)
		lint_say(l, r->line, "rule %s has %u targets; a call tries at most %d of them", r->name,
			 r->target_count, CALL_WAYS_MAX);
	for (unsigned i = 0; i < r->target_count; i++)
		for (unsigned f = 0; f < r->from_count; f++)
			if (r->from[f].kind == r->target[i].to.kind &&
			    r->from[f].index == r->target[i].to.index)
				lint_say(l, r->line,
					 "rule %s sends calls from %s back to where they came from; name "
					 "another target, or leave it out of from",
					 r->name, endpoint_text(l->c, r->from[f], name));
}

static bool is_target(const struct plan *plan, struct call_endpoint ep)
{
	for (unsigned i = 0; i < plan_rule_count(plan); i++) {
		const struct plan_rule *r = plan_rule_at(plan, i);

		if (r->match[PLAN_CALLED].kind == PLAN_MATCH_LIST || r->lookup)
			return true; /* may name it */
		for (unsigned t = 0; t < r->target_count; t++)
			if (r->target[t].to.kind == ep.kind && r->target[t].to.index == ep.index)
				return true;
	}
	return false;
}

static void check_reached(struct lint *l)
{
	char name[ENDPOINT_TEXT];

	for (unsigned i = 0; i < l->c->span_count + l->c->trunk_count; i++) {
		bool span = i < l->c->span_count;
		unsigned t = span ? 0 : i - l->c->span_count;
		struct call_endpoint ep = {span ? CALL_EP_SPAN : CALL_EP_TRUNK,
					   span ? (uint16_t)l->c->span[i].isdn.span : (uint16_t)t};

		if (!is_target(l->plan, ep))
			lint_say(l, span ? l->c->span[i].line : l->c->trunk[t].line,
				 "no rule sends a call to %s; add one, if calls are to go there",
				 endpoint_text(l->c, ep, name));
	}
}

static void take_sources(struct lint *l)
{
	for (unsigned i = 0; i < l->c->span_count && l->sources < LINT_SOURCES / 2; i++)
		l->source[l->sources++] =
		    (struct call_endpoint){CALL_EP_SPAN, (uint16_t)l->c->span[i].isdn.span};
	for (unsigned i = 0; i < l->c->trunk_count && l->sources < LINT_SOURCES; i++)
		l->source[l->sources++] = (struct call_endpoint){CALL_EP_TRUNK, (uint16_t)i};
}

unsigned plan_lint(const struct config *c, plan_lint_fn on_finding, void *arg)
{
	struct lint l = {.c = c, .plan = c->plan, .on_finding = on_finding, .arg = arg};

	l.busy = calloc(plan_limits(l.plan) + 1, sizeof(*l.busy)); /* NULL: findings too many */
	rng_init_seed(&l.rng, 1);
	take_sources(&l);
	for (unsigned i = 0; i < plan_rule_count(l.plan); i++)
		l.rewrites |= plan_rule_at(l.plan, i)->stage != PLAN_ROUTE;
	for (unsigned i = 0; i < plan_rule_count(l.plan); i++) {
		const struct plan_rule *r = plan_rule_at(l.plan, i);

		check_plus_zero(&l, r);
		check_targets(&l, r);
		lint_traps(&l, r);
		check_rule(&l, r);
	}
	lint_overlaps(&l);
	check_reached(&l);
	lint_edges(&l);
	lint_emergency(&l);
	free(l.busy);
	return l.count;
}
