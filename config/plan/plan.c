/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The number plan. */
#include <stdlib.h>
#include <string.h>

#include "config/plan/read.h"
#include "gateway/base/strbuf.h"

static int compare_names(const void *a, const void *b)
{
	const struct plan_rule *x = *(const struct plan_rule *const *)a;
	const struct plan_rule *y = *(const struct plan_rule *const *)b;
	int d = strcmp(x->name, y->name);

	return d ? d : (x->line > y->line) - (x->line < y->line);
}

/* When all its targets are full, the next rule is asked. */
static bool overflows(const struct plan_rule *r)
{
	for (unsigned i = 0; i < r->target_count; i++) {
		const struct plan_limit *l = &r->target[i].limit;

		if (l->cause || !(l->calls || l->per_second || l->per_minute))
			return false;
	}
	return r->target_count != 0;
}

/* Has it conditions beside the called number and one source? Then two rules are hard to compare. */
static bool is_plain(const struct plan_rule *r)
{
	if (overflows(r))
		return false;
	for (int i = PLAN_CALLING; i < PLAN_NUMBERS; i++)
		if (!plan_match_is_nothing(&r->match[i]))
			return false;
	return r->from_count < 2 && !r->match_name && !r->bearer_count && !r->when.days &&
	       !r->when.time_count && !r->when.date_count && !r->when.holidays &&
	       !r->limit.calls && !r->limit.per_second && !r->limit.per_minute &&
	       !r->match[PLAN_CALLED].npis && !r->match[PLAN_CALLED].presentations && !r->lookup;
}

static int compare_match(const struct plan_rule *x, const struct plan_rule *y)
{
	const struct plan_match *m = &x->match[PLAN_CALLED], *n = &y->match[PLAN_CALLED];
	int d = strcmp(m->text ? m->text : "", n->text ? n->text : "");

	d = d ? d : (int)m->kind - (int)n->kind;
	d = d ? d : (int)m->list - (int)n->list;
	d = d ? d : (int)m->tons - (int)n->tons;
	d = d ? d : (int)x->emergency - (int)y->emergency;
	d = d ? d : (int)x->first - (int)y->first;
	d = d ? d : (int)x->from_count - (int)y->from_count;
	if (d || !x->from_count)
		return d;
	d = (int)x->from->kind - (int)y->from->kind;
	return d ? d : x->from->index - y->from->index;
}

static int compare_matches(const void *a, const void *b)
{
	const struct plan_rule *x = *(const struct plan_rule *const *)a;
	const struct plan_rule *y = *(const struct plan_rule *const *)b;
	int d = compare_match(x, y);

	return d ? d : (x->line > y->line) - (x->line < y->line);
}

/* Rules with one name cannot be told apart in records; of two that match the same, one is dead. */
static void check_twins(struct build *b, const struct plan_rule *rule, const struct node *const *at,
			unsigned count)
{
	const struct plan_rule **sorted = arena_alloc(b->arena, count * sizeof(const void *));
	unsigned plain = 0;

	if (!sorted) {
		report_add(b->report, 0, 0, "out of memory");
		return;
	}
	for (unsigned i = 0; i < count; i++)
		sorted[i] = &rule[i];
	qsort(sorted, count, sizeof(const void *), compare_names);
	for (unsigned i = 1; i < count; i++)
		if (*sorted[i]->name && strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
			COMPLAIN(b, at[sorted[i] - rule],
				 "rule %s stands twice, also at line %u; name rules differently",
				 sorted[i]->name, sorted[i - 1]->line);
	if (b->report->count)
		return; /* half-read rules look alike */
	for (unsigned i = 0; i < count; i++)
		if (rule[i].stage == PLAN_ROUTE && is_plain(&rule[i]))
			sorted[plain++] = &rule[i];
	qsort(sorted, plain, sizeof(const void *), compare_matches);
	for (unsigned i = 1; i < plain; i++)
		if (compare_match(sorted[i], sorted[i - 1]) == 0)
			COMPLAIN(b, at[sorted[i] - rule],
				 "rule %s matches the same calls as rule %s at line %u and would "
				 "never be used; change from, prefix or ton",
				 sorted[i]->name, sorted[i - 1]->name, sorted[i - 1]->line);
}

/* ── where in the file ── */

static const struct node *member(const struct node *map, const char *key, size_t len)
{
	const struct node *n = map->kind == NODE_MAP ? map->first : NULL;

	while (n && (strncmp(n->key->text, key, len) != 0 || n->key->text[len]))
		n = n->next;
	return n;
}

/* The node that a key such as "match.called" of a rule means, or the deepest that there is of it. */
static const struct node *find_key(const struct node *rule, const char *key)
{
	static const char *const digits[] = {"prefix", "pattern", "range", "regex", "list",
					     "number", "prepend"};
	const struct node *at = rule, *next;

	for (; *key; key += strcspn(key, "."), key += *key == '.') {
		next = member(at, key, strcspn(key, "."));
		if (!next)
			break;
		at = next;
	}
	for (unsigned i = 0; i < sizeof(digits) / sizeof(digits[0]); i++) {
		next = member(at, digits[i], strlen(digits[i]));
		if (next)
			return next;
	}
	return at;
}

struct reading {
	struct build *b;
	const struct node *const *at; /* of each rule */
};

static void bad_rule(void *arg, const struct plan_error *bad)
{
	const struct reading *r = arg;
	const struct node *n = find_key(r->at[bad->rule], bad->key);
	unsigned column = n->column;

	/* Into the text only where it stands there as it is. */
	if (n->kind == NODE_SCALAR && bad->offset <= strlen(n->text))
		column += n->quoted + bad->offset;
	report_add(r->b->report, n->line, column, "%s", bad->text);
}

/* ── all of it ── */

static unsigned count_rewrites(const struct plan_shared *s)
{
	const struct schema_value *v = &s->numbers[NUMBERS_REWRITES];

	return v->given && v->ok ? v->node->count : 0;
}

static void create(struct build *b, struct plan_shared *s, const struct plan_rule *rule,
		   const struct node *const *at, unsigned count)
{
	struct reading reading = {b, at};
	struct plan_cfg cfg = {
	    .order = (enum plan_order)s->numbers[NUMBERS_ORDER].number,
	    .rule = rule,
	    .rule_count = count,
	    .edge = s->edge,
	    .edge_count = s->edges,
	    .list = s->list,
	    .list_count = s->lists,
	    .lookup = s->lookup,
	    .lookup_count = s->lookups,
	    .zone = s->zone,
	    .zone_count = s->zones,
	    .zone_is_plans = s->numbers[NUMBERS_TIMEZONE].given,
	    .holiday = s->holiday,
	    .holiday_count = s->holidays,
	    .reroute = s->reroute_given ? s->reroute : NULL,
	    .on_error = bad_rule,
	    .arg = &reading,
	};
	int err;

	if (b->report->count)
		return;
	err = plan_create(&b->config->plan, &cfg, NULL);
	if (err && !b->report->count)
		report_add(b->report, 0, 0, "the number plan: %s", strerror(-err));
	if (!err)
		s->lists = s->zones = 0; /* the plan has them now */
}

static void build_rules(struct build *b, struct plan_shared *s, struct plan_rule *rule,
			unsigned count)
{
	const struct node **at = arena_alloc(b->arena, count * sizeof(const void *));
	const struct node *n = b->top[TOP_PLAN].node->first;
	unsigned i = 0;

	if (!at) {
		report_add(b->report, 0, 0, "out of memory");
		return;
	}
	for (; n; i++, n = n->next) {
		at[i] = n;
		plan_read_rule(b, s, n, &rule[i]);
	}
	for (n = i < count ? s->numbers[NUMBERS_REWRITES].node->first : NULL; n; i++, n = n->next) {
		at[i] = n;
		plan_read_rewrite(b, s, n, &rule[i]);
	}
	check_twins(b, rule, at, count);
	create(b, s, rule, at, count);
}

void build_plan(struct build *b)
{
	struct plan_shared *s = calloc(1, sizeof(*s));
	const struct schema_value *v = &b->top[TOP_PLAN];
	struct plan_rule *rule;
	unsigned count;

	if (!s) {
		report_add(b->report, 0, 0, "out of memory");
		return;
	}
	plan_read_shared(b, s);
	count = v->given && v->ok ? v->node->count + count_rewrites(s) : 0;
	rule = calloc(count ? count : 1, sizeof(*rule));
	if (!rule)
		report_add(b->report, 0, 0, "out of memory");
	else if (count)
		build_rules(b, s, rule, count);
	free(rule);
	plan_free_shared(s);
	free(s);
}
