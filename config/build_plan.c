/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The number plan. */
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "gateway/base/strbuf.h"

/* The words of `ton` and `set_ton` after `any` or `leave`, of `set_npi` after `leave`. */
static const int8_t ton_code[] = {-1,
				  CALL_TON_UNKNOWN,
				  CALL_TON_INTERNATIONAL,
				  CALL_TON_NATIONAL,
				  CALL_TON_NETWORK,
				  CALL_TON_SUBSCRIBER,
				  CALL_TON_ABBREVIATED};
static const int8_t npi_code[] = {-1, CALL_NPI_UNKNOWN, CALL_NPI_E164, CALL_NPI_PRIVATE};

static void list_known(const struct config *c, bool spans, char *out, size_t size)
{
	struct strbuf s;

	strbuf_init(&s, out, size);
	for (unsigned i = 0; spans && i < c->span_count && i < 8; i++)
		if (c->span[i].isdn.span)
			strbuf_addf(&s, "%sspan:%u", s.len ? ", " : "", c->span[i].isdn.span);
	for (unsigned i = 0; !spans && i < c->trunk_count && i < 8; i++)
		if (*c->trunk[i].sip.name)
			strbuf_addf(&s, "%strunk:%s", s.len ? ", " : "", c->trunk[i].sip.name);
	if (!s.len)
		strbuf_add(&s, "none");
}

/* One of them could not be read: it may be the one that a rule names. */
static bool any_unnamed(const struct config *c, bool spans)
{
	unsigned count = spans ? c->span_count : c->trunk_count;

	for (unsigned i = 0; i < count; i++)
		if (spans ? c->span[i].isdn.span == 0 : !*c->trunk[i].sip.name)
			return true;
	return count == 0;
}

static struct call_endpoint find_endpoint(struct build *b, const struct schema_value *v)
{
	const struct config *c = b->config;
	struct call_endpoint ep = {.kind = CALL_EP_NONE};
	char seen[REPORT_QUOTE], known[400];

	if (!v->ok || (!v->text && !v->number))
		return ep;
	for (unsigned i = 0; i < c->span_count && v->number; i++)
		if (c->span[i].isdn.span == v->number)
			return (struct call_endpoint){CALL_EP_SPAN, (uint16_t)v->number};
	for (unsigned i = 0; i < c->trunk_count && v->text; i++)
		if (strcmp(c->trunk[i].sip.name, v->text) == 0)
			return (struct call_endpoint){CALL_EP_TRUNK, (uint16_t)i};
	if (any_unnamed(c, v->number))
		return ep;
	list_known(c, v->number, known, sizeof(known));
	COMPLAIN(b, v->node, "there is no %s %s; there is: %s", v->number ? "span" : "trunk",
		 report_quote(seen, v->node->text + (v->number ? 5 : 6)), known);
	return ep;
}

static const char *text_of(const struct schema_value *v)
{
	return v->ok && v->text && *v->text ? v->text : NULL;
}

static void build_called(const struct schema_value *v, struct plan_rule *p)
{
	struct plan_match *m = &p->match[PLAN_CALLED];
	struct plan_set *s = &p->set[PLAN_CALLED];

	m->text = text_of(&v[PLAN_PREFIX]);
	m->kind = m->text ? PLAN_MATCH_PREFIX : PLAN_MATCH_ANY;
	if (v[PLAN_TON].ok && ton_code[v[PLAN_TON].number] >= 0)
		m->tons = (uint8_t)(1 << ton_code[v[PLAN_TON].number]);
	s->prepend = text_of(&v[PLAN_PREPEND]);
	s->strip = (uint8_t)(v[PLAN_STRIP].ok ? v[PLAN_STRIP].number : 0);
	if (v[PLAN_SET_TON].ok)
		s->ton = ton_code[v[PLAN_SET_TON].number];
	if (v[PLAN_SET_NPI].ok)
		s->npi = npi_code[v[PLAN_SET_NPI].number];
}

static void build_rule(struct build *b, const struct node *map, struct plan_rule *p)
{
	struct call_endpoint *from = arena_alloc(b->arena, sizeof(*from));
	struct plan_target *target = arena_alloc(b->arena, sizeof(*target));
	struct schema_value v[PLAN_COUNT];

	*p = plan_rule_nothing();
	p->name = "";
	p->line = map->line;
	if (map->kind != NODE_MAP) {
		if (!map->bad)
			COMPLAIN(b, map,
				 "a rule is a map: \"- name: NAME\" and further keys below it");
		return;
	}
	if (!from || !target) {
		report_add(b->report, 0, 0, "out of memory");
		return;
	}
	schema_read(b->report, map, NULL, "a rule", schema_plan, v);
	if (text_of(&v[PLAN_NAME]))
		p->name = v[PLAN_NAME].text;
	build_called(v, p);
	*from = find_endpoint(b, &v[PLAN_FROM]);
	p->from = from;
	p->from_count = from->kind != CALL_EP_NONE;
	*target = plan_target_nothing();
	target->to = find_endpoint(b, &v[PLAN_TO]);
	p->target = target;
	p->target_count = 1;
	if (from->kind != CALL_EP_NONE && from->kind == target->to.kind)
		COMPLAIN(b, v[PLAN_TO].node, "a call from a %s cannot go to a %s yet; name a %s",
			 from->kind == CALL_EP_SPAN ? "span" : "trunk",
			 from->kind == CALL_EP_SPAN ? "span" : "trunk",
			 from->kind == CALL_EP_SPAN ? "trunk" : "span");
}

static int compare_names(const void *a, const void *b)
{
	const struct plan_rule *x = *(const struct plan_rule *const *)a;
	const struct plan_rule *y = *(const struct plan_rule *const *)b;
	int d = strcmp(x->name, y->name);

	return d ? d : (x->line > y->line) - (x->line < y->line);
}

static int compare_match(const struct plan_rule *x, const struct plan_rule *y)
{
	const struct plan_match *m = &x->match[PLAN_CALLED], *n = &y->match[PLAN_CALLED];
	int d = strcmp(m->text ? m->text : "", n->text ? n->text : "");

	d = d ? d : (int)m->tons - (int)n->tons;
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
	qsort(sorted, count, sizeof(const void *), compare_matches);
	for (unsigned i = 1; i < count; i++)
		if (compare_match(sorted[i], sorted[i - 1]) == 0)
			COMPLAIN(b, at[sorted[i] - rule],
				 "rule %s matches the same calls as rule %s at line %u and would "
				 "never be used; change from, prefix or ton",
				 sorted[i]->name, sorted[i - 1]->name, sorted[i - 1]->line);
}

static void build_rules(struct build *b, struct plan_rule *rule, unsigned count)
{
	const struct node **at = arena_alloc(b->arena, count * sizeof(const void *));
	const struct node *n = b->top[TOP_PLAN].node->first;
	struct plan_cfg cfg = {.order = PLAN_LONGEST};
	struct plan_error bad = {.key = ""};

	if (!at) {
		report_add(b->report, 0, 0, "out of memory");
		return;
	}
	for (unsigned i = 0; n; i++, n = n->next) {
		at[i] = n;
		build_rule(b, n, &rule[i]);
	}
	check_twins(b, rule, at, count);
	cfg.rule = rule;
	cfg.rule_count = count;
	if (b->report->count == 0 && plan_create(&b->config->plan, &cfg, &bad))
		COMPLAIN(b, at[bad.rule < count ? bad.rule : 0], "%s: %s", bad.key, bad.text);
}

void build_plan(struct build *b)
{
	struct plan_rule *rule = NULL;
	unsigned count = build_rows(b, TOP_PLAN, sizeof(*rule), (void **)&rule);

	if (count)
		build_rules(b, rule, count);
	free(rule);
}
