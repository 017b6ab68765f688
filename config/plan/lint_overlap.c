/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two patterns that share numbers while neither holds the other: which one decides is easily not the
 * one that was meant. */
#include <stdlib.h>
#include <string.h>

#include "config/plan/lint_priv.h"
#include "gateway/plan/create.h"
#include "gateway/plan/pattern.h"

enum { OVERLAP_RULES_MAX = 1500, OVERLAP_RANGES_MAX = 500 };

struct shape {
	const struct plan_rule *rule;
	struct pattern p;
};

static bool share_source(const struct plan_rule *a, const struct plan_rule *b)
{
	if (!a->from_count || !b->from_count)
		return a->from_count == b->from_count; /* from goes before none: told apart */
	for (unsigned i = 0; i < a->from_count; i++)
		for (unsigned j = 0; j < b->from_count; j++)
			if (a->from[i].kind == b->from[j].kind && a->from[i].index == b->from[j].index)
				return true;
	return false;
}

static bool plain(const struct plan_rule *r)
{
	const struct plan_when *w = &r->when;

	return r->stage == PLAN_ROUTE && !w->days && !w->time_count && !w->date_count &&
	       !w->holidays && !r->bearer_count && !r->match_name && !r->emergency && !r->first &&
	       plan_match_is_nothing(&r->match[PLAN_CALLING]) &&
	       plan_match_is_nothing(&r->match[PLAN_REDIRECTING]);
}

/* Each holds a number that the other does not, and both hold one. Of equal length only: among
 * others the longer one decides, which is what one expects. */
static bool overlap(const struct pattern *a, const struct pattern *b, char example[CALL_DIGITS_MAX + 1])
{
	static const char all[] = "0123456789*#";
	bool a_wider = false, b_wider = false;

	if (a->length != b->length || a->tail != b->tail || a->e164 != b->e164)
		return false;
	for (unsigned i = 0; i < a->length; i++) {
		unsigned both = a->set[i] & b->set[i], pick = 0;

		if (!both)
			return false;
		while (!(both >> pick & 1))
			pick++;
		example[i] = all[pick];
		a_wider |= (a->set[i] & ~b->set[i]) != 0;
		b_wider |= (b->set[i] & ~a->set[i]) != 0;
	}
	example[a->length] = '\0';
	if (a->tail == PATTERN_ONE_OR_MORE && a->length < CALL_DIGITS_MAX)
		memcpy(example + a->length, "1", 2);
	return a_wider && b_wider;
}

static void compare(struct lint *l, const struct shape *a, const struct shape *b)
{
	const struct plan_match *m = &a->rule->match[PLAN_CALLED], *n = &b->rule->match[PLAN_CALLED];
	char example[CALL_DIGITS_MAX + 1];

	if (m->tons != n->tons || m->npis != n->npis || m->presentations != n->presentations ||
	    !share_source(a->rule, b->rule) || !overlap(&a->p, &b->p, example))
		return;
	lint_say(l, b->rule->line,
		 "rules %s (line %u) and %s overlap: %s%s is in both, and neither pattern holds the other; "
		 "make them disjoint, or see with `spanbridge plan test` which one decides",
		 a->rule->name, a->rule->line, b->rule->name,
		 m->tons == 1 << CALL_TON_INTERNATIONAL ? "+" : "", example);
}

/* Two blocks of which each holds numbers that the other does not. */
static void compare_ranges(struct lint *l, const struct plan_rule *a, const struct plan_rule *b)
{
	const char *x = a->match[PLAN_CALLED].text, *y = b->match[PLAN_CALLED].text;
	size_t n = strcspn(x, "-"), plus = *x == '+';
	const char *x_last = x + n + 1, *y_last = y + n + 1;

	if (strcspn(y, "-") != n || (*y == '+') != plus || !share_source(a, b) ||
	    a->match[PLAN_CALLED].tons != b->match[PLAN_CALLED].tons)
		return;
	x_last += *x_last == '+';
	y_last += *y_last == '+';
	n -= plus;
	x += plus;
	y += plus;
	if (strncmp(x, y, n) > 0) {
		compare_ranges(l, b, a);
		return;
	}
	/* x begins first, y begins before x ends, and ends later. */
	if (strncmp(x, y, n) < 0 && strncmp(y, x_last, n) <= 0 && strncmp(x_last, y_last, n) < 0)
		lint_say(l, a->line > b->line ? a->line : b->line,
			 "rules %s (line %u) and %s (line %u) overlap: %.*s to %s is in both ranges; make them "
			 "disjoint, or see with `spanbridge plan test` which one decides",
			 a->name, a->line, b->name, b->line, (int)n, y, x_last);
}

static void overlaps_of_ranges(struct lint *l)
{
	const struct plan_rule *r[OVERLAP_RANGES_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < plan_rule_count(l->plan) && count < OVERLAP_RANGES_MAX; i++) {
		r[count] = plan_rule_at(l->plan, i);
		if (!plain(r[count]) || r[count]->match[PLAN_CALLED].kind != PLAN_MATCH_RANGE)
			continue;
		for (unsigned j = 0; j < count; j++)
			compare_ranges(l, r[j], r[count]);
		count++;
	}
}

void lint_overlaps(struct lint *l)
{
	struct shape *shape = calloc(OVERLAP_RULES_MAX, sizeof(*shape));
	unsigned count = 0;
	const char *why;
	size_t offset;

	if (plan_order_of(l->plan) != PLAN_LONGEST) { /* which one decides was said */
		free(shape);
		return;
	}
	overlaps_of_ranges(l);
	for (unsigned i = 0; shape && i < plan_rule_count(l->plan) && count < OVERLAP_RULES_MAX; i++) {
		const struct plan_rule *r = plan_rule_at(l->plan, i);

		if (!plain(r) || r->match[PLAN_CALLED].kind != PLAN_MATCH_PATTERN ||
		    pattern_parse(&shape[count].p, r->match[PLAN_CALLED].text, &offset, &why))
			continue;
		shape[count++].rule = r;
		for (unsigned j = 0; j + 1 < count; j++)
			compare(l, &shape[j], &shape[count - 1]);
	}
	free(shape);
}
