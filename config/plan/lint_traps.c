/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that look right and are not: what they wait for never comes, or more comes than was meant. */
#include <string.h>

#include "config/plan/lint_priv.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/create.h"
#include "gateway/plan/pattern.h"

enum { MORE_DIGITS_MIN = 5, MORE_DIGITS_MAX = 11 };

static bool may_be(const struct plan_match *m, enum call_ton ton)
{
	return !m->tons || m->tons >> ton & 1;
}

/* Do all numbers that one dials with that prefix become E.164 numbers without it? example: one. */
static bool all_lose_it(struct lint *l, const struct plan_edge *edge, const char *prefix,
			char example[CALL_DIGITS_MAX + 1])
{
	size_t len = strlen(prefix);
	unsigned lost = 0;

	for (unsigned more = MORE_DIGITS_MIN; more <= MORE_DIGITS_MAX; more++)
		for (unsigned i = 0; i < 8 && len + more <= CALL_DIGITS_MAX; i++) {
			struct call_number n = {.present = true};
			struct e164 e;

			memcpy(n.digits, prefix, len + 1);
			for (size_t d = len; d < len + more; d++)
				n.digits[d] = (char)('0' + rng_below(&l->rng, 10));
			e164_normalise(&edge->edge, &n, &e);
			if (e.kind == E164_NUMBER && strncmp(e.digits, prefix, len) == 0)
				return false;
			if (e.kind != E164_NUMBER && e.kind != E164_OTHER)
				return false;
			if (e.kind == E164_NUMBER && ++lost)
				str_copy(example, CALL_DIGITS_MAX + 1, n.digits);
		}
	return lost > 0;
}

/* `prefix: "00"` where a profile has taken 00 away already. */
static void check_prefix_is_gone(struct lint *l, const struct plan_rule *r)
{
	const struct plan_match *m = &r->match[PLAN_CALLED];
	const struct call_endpoint *source = r->from_count ? r->from : l->source;
	unsigned sources = r->from_count ? r->from_count : l->sources;
	char example[CALL_DIGITS_MAX + 1], inside[PLAN_STEP_TEXT], name[ENDPOINT_TEXT];
	struct call_number n = {.present = true};
	const struct plan_edge *edge = NULL;
	struct e164 e;

	if (m->kind != PLAN_MATCH_PREFIX || !*m->text || *m->text == '+' || !sources || r->emergency ||
	    !may_be(m, CALL_TON_UNKNOWN) || r->stage == PLAN_REWRITE_OUT ||
	    r->stage == PLAN_REWRITE_ANSWER)
		return;
	for (unsigned i = 0; i < sources; i++) {
		edge = plan_edge_of(l->plan, source[i]);
		if (!edge || !edge->edge.profile || !all_lose_it(l, edge, m->text, example))
			return;
	}
	str_copy(n.digits, sizeof(n.digits), example);
	e164_normalise(&edge->edge, &n, &e);
	lint_say(l, r->line,
		 "rule %s waits for numbers that begin with %s, but inside they have lost it: %s from %s is "
		 "%s; write the rule for that, with a +",
		 r->name, m->text, example, endpoint_text(l->c, source[sources - 1], name),
		 e164_format(&e, inside));
}

static bool takes_all(const struct plan_rule *r)
{
	const struct plan_match *m = &r->match[PLAN_CALLED];
	const struct plan_when *w = &r->when;

	for (int i = PLAN_CALLED; i < PLAN_CONNECTED; i++)
		if ((r->match[i].kind && (i != PLAN_CALLED || *m->text)) || r->match[i].tons ||
		    r->match[i].npis || r->match[i].presentations || r->match[i].absent)
			return false;
	return r->stage == PLAN_ROUTE && !r->match_name && !r->bearer_count && !w->days &&
	       !w->time_count && !w->date_count && !w->holidays && !r->limit.calls &&
	       !r->limit.per_second && !r->limit.per_minute;
}

/* Every source of the one is a source of the other. */
static bool holds_sources(const struct plan_rule *all, const struct plan_rule *r)
{
	unsigned found = 0;

	for (unsigned i = 0; i < r->from_count; i++)
		for (unsigned k = 0; k < all->from_count; k++)
			found += all->from[k].kind == r->from[i].kind &&
				 all->from[k].index == r->from[i].index;
	return all->from_count ? r->from_count && found == r->from_count : r->from_count == 0;
}

/* A regex decides no digits: a rule without a match, in front of it, takes all. */
static void check_regex_is_asked(struct lint *l, const struct plan_rule *r)
{
	const struct plan_rule *all = plan_rule_at(l->plan, 0);

	if (r->stage != PLAN_ROUTE || r->match[PLAN_CALLED].kind != PLAN_MATCH_REGEX || r->emergency)
		return;
	for (unsigned i = 0; all != r; all = plan_rule_at(l->plan, ++i)) {
		bool any = plan_order_of(l->plan) == PLAN_LISTED && !all->from_count;

		if (!takes_all(all) || !(any || holds_sources(all, r)))
			continue;
		lint_say(l, r->line,
			 "rule %s is never asked: rule %s (line %u) stands before it and takes every number; "
			 "a regex is asked in the order of the file, so place it in front",
			 r->name, all->name, all->line);
		return;
	}
}

/* Of sources that both have. */
static bool share_sources(const struct plan_rule *a, const struct plan_rule *b)
{
	if (!a->from_count || !b->from_count)
		return true;
	for (unsigned i = 0; i < a->from_count; i++)
		for (unsigned k = 0; k < b->from_count; k++)
			if (a->from[i].kind == b->from[k].kind && a->from[i].index == b->from[k].index)
				return true;
	return false;
}

/* A bar of callers decides no digit of the called number: whatever does is asked before it. */
static void check_bar_is_asked(struct lint *l, const struct plan_rule *r)
{
	const struct plan_match *called = &r->match[PLAN_CALLED];

	if (r->stage != PLAN_ROUTE || !r->bar || r->first_given || r->emergency ||
	    plan_order_of(l->plan) != PLAN_LONGEST || !plan_match_is_nothing(called) ||
	    (plan_match_is_nothing(&r->match[PLAN_CALLING]) &&
	     plan_match_is_nothing(&r->match[PLAN_REDIRECTING]) && !r->match_name))
		return;
	for (unsigned i = 0; i < plan_rule_count(l->plan); i++) {
		const struct plan_rule *other = plan_rule_at(l->plan, i);

		if (other->stage != PLAN_ROUTE || other->bar || other->emergency ||
		    plan_match_is_nothing(&other->match[PLAN_CALLED]) || !share_sources(r, other))
			continue;
		lint_say(l, r->line,
			 "rule %s bars callers, but not from numbers that rule %s (line %u) fits: it "
			 "knows the called number and is asked before; write `first: true` to bar them "
			 "from all but emergency calls, or `first: false` if it is meant so",
			 r->name, other->name, other->line);
		return;
	}
}

static void check_bearer(struct lint *l, const struct plan_rule *r)
{
	for (unsigned i = 0; i < r->bearer_count; i++)
		if (r->bearer[i] == CALL_BEARER_SPEECH || r->bearer[i] == CALL_BEARER_AUDIO_3K1)
			return;
	if (r->bearer_count)
		lint_say(l, r->line,
			 "rule %s waits for data calls, but this gateway carries speech and audio only: "
			 "others are refused with cause 65 before the plan is asked; delete it",
			 r->name);
}

static bool is_open(const struct plan_match *m)
{
	struct pattern p;
	const char *why;
	size_t offset;

	if (m->kind == PLAN_MATCH_PATTERN)
		return pattern_parse(&p, m->text, &offset, &why) == 0 && p.tail != PATTERN_EXACT;
	return m->kind == PLAN_MATCH_PREFIX;
}

/* 911… is also +91 1…, India. No number abroad begins with 0, +10 or +11. */
static void check_emergency_abroad(struct lint *l, const struct plan_rule *r)
{
	const struct plan_match *m = &r->match[PLAN_CALLED];
	const char *text = m->text ? m->text : "";

	if (!r->emergency || !is_open(m) || !may_be(m, CALL_TON_INTERNATIONAL) || *text == '+' ||
	    *text == '0' || (*text == '1' && (text[1] == '0' || text[1] == '1')))
		return;
	lint_say(l, r->line,
		 "emergency rule %s takes +%s… as well, calls abroad; write `match: {called: {pattern: "
		 "\"%s\"}}`, which is the whole number",
		 r->name, text, m->kind == PLAN_MATCH_PREFIX ? text : "911");
}

void lint_traps(struct lint *l, const struct plan_rule *r)
{
	check_prefix_is_gone(l, r);
	check_regex_is_asked(l, r);
	check_bearer(l, r);
	check_emergency_abroad(l, r);
	check_bar_is_asked(l, r);
	if (r->when.holidays > 0 && !plan_has_holidays(l->plan))
		lint_say(l, r->line,
			 "rule %s holds on holidays only, and there are none; list them in "
			 "`numbers: holidays`",
			 r->name);
}
