/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan from its parts: copied, checked, compiled, put in order. */
#include "gateway/plan/create.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/plan/check.h"
#include "gateway/plan/plan_priv.h"

enum { BLOCK_OCTETS = 65536, LENGTH_MAX = 255, WIDTH_MAX = 0x7fff };

/* Texts and small arrays of a plan, freed whole. */
struct block {
	struct block *next;
	size_t used, size;
	_Alignas(16) unsigned char memory[];
};

static void *take(struct plan *p, size_t size)
{
	struct block *b = p->memory;
	void *at;

	size = (size + 15) & ~(size_t)15;
	if (!b || b->size - b->used < size) {
		size_t room = size > BLOCK_OCTETS ? size : BLOCK_OCTETS;

		b = calloc(1, sizeof(*b) + room);
		if (!b)
			return NULL;
		b->size = room;
		b->next = p->memory;
		p->memory = b;
	}
	at = b->memory + b->used;
	b->used += size;
	return at;
}

/* Copies count elements; false: no memory. *at keeps NULL when there are none. */
static bool keep(struct plan *p, void *at, size_t count, size_t size)
{
	const void *from;
	void *copy;

	memcpy(&from, at, sizeof(from));
	if (!from || !count) {
		from = NULL;
		memcpy(at, &from, sizeof(from));
		return true;
	}
	copy = take(p, count * size);
	if (!copy)
		return false;
	memcpy(copy, from, count * size);
	memcpy(at, &copy, sizeof(copy));
	return true;
}

static bool keep_text(struct plan *p, const char **text)
{
	return !*text || keep(p, text, strlen(*text) + 1, 1);
}

static bool keep_sets(struct plan *p, struct plan_set set[PLAN_NUMBERS])
{
	for (unsigned i = 0; i < PLAN_NUMBERS; i++)
		if (!keep_text(p, &set[i].prepend) || !keep_text(p, &set[i].number))
			return false;
	return true;
}

static bool keep_rule(struct plan *p, struct plan_rule *r)
{
	struct plan_target *t;

	if (!keep_text(p, &r->name) || !keep_text(p, &r->group) || !keep_text(p, &r->match_name) ||
	    !keep_text(p, &r->set_name) || !keep_sets(p, r->set) ||
	    !keep(p, &r->from, r->from_count, sizeof(*r->from)) ||
	    !keep(p, &r->bearer, r->bearer_count, sizeof(*r->bearer)) ||
	    !keep(p, &r->target, r->target_count, sizeof(*r->target)))
		return false;
	for (unsigned i = 0; i < PLAN_NUMBERS; i++)
		if (!keep_text(p, &r->match[i].text))
			return false;
	t = (struct plan_target *)r->target; /* ours since a moment ago */
	for (unsigned i = 0; i < r->target_count; i++)
		if (!keep_sets(p, t[i].set))
			return false;
	return true;
}

/* ── limits ── */

static bool has_limit(const struct plan_limit *l)
{
	return l->calls || l->per_second || l->per_minute;
}

static unsigned count_limits(const struct plan *p)
{
	unsigned count = 0;

	for (unsigned i = 0; i < p->rule_count; i++) {
		const struct plan_rule *r = &p->rule[i].given;

		count += has_limit(&r->limit);
		for (unsigned t = 0; t < r->target_count; t++)
			count += has_limit(&r->target[t].limit);
	}
	return count;
}

/* Its number from 1, 0 without one; which 0 is the rule itself. -1: no memory. */
static int add_limit(struct plan *p, const struct plan_rule *r, unsigned which,
		     const struct plan_limit *limit)
{
	struct limit_entry *e = &p->limit[p->limit_count];
	char name[CALL_NAME_MAX + 12];
	struct strbuf b;

	if (!has_limit(limit))
		return 0;
	strbuf_init(&b, name, sizeof(name));
	strbuf_add(&b, r->name);
	if (which)
		strbuf_addf(&b, "/%u", which);
	e->name = take(p, b.len + 1);
	if (!e->name)
		return -1;
	memcpy(e->name, name, b.len + 1);
	e->limit = *limit;
	return (int)++p->limit_count;
}

static int build_limits(struct plan *p)
{
	unsigned count = count_limits(p);

	if (count > UINT16_MAX)
		return -EINVAL;
	p->limit = calloc(count ? count : 1, sizeof(*p->limit));
	if (!p->limit)
		return -ENOMEM;
	for (unsigned i = 0; i < p->rule_count; i++) {
		struct rule_parts *r = &p->rule[i];
		int n = add_limit(p, &r->given, 0, &r->given.limit);

		r->target_limit = take(p, (r->given.target_count + 1) * sizeof(uint16_t));
		if (n < 0 || !r->target_limit)
			return -ENOMEM;
		r->limit = (uint16_t)n;
		for (unsigned t = 0; t < r->given.target_count; t++) {
			n = add_limit(p, &r->given, t + 1, &r->given.target[t].limit);
			if (n < 0)
				return -ENOMEM;
			r->target_limit[t] = (uint16_t)n;
		}
	}
	return 0;
}

/* ── rank ── */

uint64_t plan_key(const struct plan *p, const struct plan_rule *r, unsigned index, unsigned length,
		  unsigned width)
{
	uint64_t key = index + 1ULL; /* never 0: nothing has been tried yet */

	if (p->order == PLAN_LONGEST) {
		key |= (uint64_t)(r->from_count == 0) << 32;
		key |= (uint64_t)(width < WIDTH_MAX ? width : WIDTH_MAX) << 33;
		key |= (uint64_t)(LENGTH_MAX - length) << 48;
	}
	return key | (uint64_t)!r->first << 56 | (uint64_t)!r->emergency << 57;
}

static uint64_t key_of(const struct plan *p, unsigned index)
{
	const struct rule_parts *r = &p->rule[index];
	const struct match_part *m = r->match[PLAN_CALLED];
	unsigned length = 0, width = WIDTH_MAX;

	switch (r->given.match[PLAN_CALLED].kind) {
	case PLAN_MATCH_PREFIX:
	case PLAN_MATCH_PATTERN:
		length = m->pattern.length;
		width = pattern_width(&m->pattern);
		break;
	case PLAN_MATCH_RANGE:
		length = (unsigned)strlen(m->first);
		width = pattern_range_width(m->first, m->last);
		break;
	default:
		break;
	}
	return plan_key(p, &r->given, index, length, width);
}

struct ranked {
	uint64_t key;
	uint32_t rule;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static int compare_days(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int add_to_tree(struct plan *p, const struct rule_parts *r, uint32_t rank)
{
	static const struct pattern any = {.tail = PATTERN_ANY_MORE};
	struct pattern block[PATTERN_RANGE_MAX];
	const struct match_part *m = r->match[PLAN_CALLED];
	int count, err = 0;

	switch (r->given.match[PLAN_CALLED].kind) {
	case PLAN_MATCH_PREFIX:
	case PLAN_MATCH_PATTERN:
		return rule_tree_add(p->tree, &m->pattern, rank);
	case PLAN_MATCH_RANGE:
		count = pattern_range(block, m->first, m->last);
		for (int i = 0; i < count && !err; i++)
			err = rule_tree_add(p->tree, &block[i], rank);
		return err;
	default:
		return rule_tree_add(p->tree, &any, rank);
	}
}

static int build_order(struct plan *p)
{
	struct ranked *ranked = calloc(p->rule_count + 1, sizeof(*ranked));
	int err = ranked ? rule_tree_create(&p->tree) : -ENOMEM;

	p->by_rank = take(p, (p->rule_count + 1) * sizeof(*p->by_rank));
	p->by_list = take(p, (p->rule_count + 1) * sizeof(*p->by_list));
	p->by_rewrite = take(p, (p->rule_count + 1) * sizeof(*p->by_rewrite));
	if (!p->by_rank || !p->by_list || !p->by_rewrite)
		err = -ENOMEM;
	for (unsigned i = 0; i < p->rule_count && !err; i++) {
		p->rule[i].key = key_of(p, i);
		if (p->rule[i].given.stage == PLAN_ROUTE)
			ranked[p->route_count++] = (struct ranked){p->rule[i].key, i};
		else
			p->by_rewrite[p->rewrite_count++] = i;
	}
	if (!err)
		qsort(ranked, p->route_count, sizeof(*ranked), compare_ranked);
	for (unsigned i = 0; i < p->route_count && !err; i++) {
		const struct rule_parts *r = &p->rule[ranked[i].rule];

		p->by_rank[i] = ranked[i].rule;
		if (r->given.match[PLAN_CALLED].kind == PLAN_MATCH_LIST)
			p->by_list[p->list_rule_count++] = ranked[i].rule;
		else
			err = add_to_tree(p, r, i);
	}
	free(ranked);
	return err;
}

/* ── all of it ── */

static int copy_rules(struct plan *p, const struct plan_cfg *cfg, struct plan_error *bad)
{
	struct plan_error first = *bad;
	int result = 0;

	p->rule = calloc(cfg->rule_count + 1, sizeof(*p->rule));
	if (!p->rule)
		return -ENOMEM;
	for (unsigned i = 0; i < cfg->rule_count; i++) {
		struct rule_parts *r = &p->rule[i];
		int err;

		r->given = cfg->rule[i];
		p->rule_count++; /* from here on plan_destroy() frees its parts */
		if (!keep_rule(p, &r->given))
			return -ENOMEM;
		bad->rule = i;
		err = plan_check_rule(r, cfg, bad);
		if (err == -EINVAL && cfg->on_error)
			cfg->on_error(cfg->arg, bad);
		else if (err)
			return err;
		if (err && !result) {
			result = err;
			first = *bad;
		}
	}
	*bad = first;
	return result;
}

static int copy_rest(struct plan *p, const struct plan_cfg *cfg)
{
	static const uint8_t reroute[] = {CAUSE_NO_CIRCUIT,	  CAUSE_NETWORK_OUT_OF_ORDER,
					  CAUSE_TEMPORARY_FAILURE, CAUSE_CONGESTION,
					  CAUSE_CHANNEL_NOT_AVAILABLE, 47 /* resource unavailable */};
	const struct plan_lookup *lookup = cfg->lookup;

	p->edge = (struct plan_edge *)cfg->edge;
	p->holiday = (int32_t *)cfg->holiday;
	if (!keep(p, &p->edge, cfg->edge_count, sizeof(*p->edge)) ||
	    !keep(p, &p->holiday, cfg->holiday_count, sizeof(*p->holiday)) ||
	    !keep(p, &lookup, cfg->lookup_count, sizeof(*lookup)))
		return -ENOMEM;
	p->lookup = (struct plan_lookup *)lookup;
	for (unsigned i = 0; i < cfg->lookup_count; i++)
		if (!keep_text(p, &p->lookup[i].name) || !keep_text(p, &p->lookup[i].where))
			return -ENOMEM;
	p->edge_count = p->edge ? cfg->edge_count : 0;
	p->holiday_count = p->holiday ? cfg->holiday_count : 0;
	p->lookup_count = p->lookup ? cfg->lookup_count : 0;
	if (p->holiday_count)
		qsort(p->holiday, p->holiday_count, sizeof(*p->holiday), compare_days);
	for (size_t i = 0; i < sizeof(reroute) && !cfg->reroute; i++)
		p->reroute[reroute[i] / 32] |= UINT32_C(1) << reroute[i] % 32;
	if (cfg->reroute)
		memcpy(p->reroute, cfg->reroute, sizeof(p->reroute));
	return 0;
}

/* Last, since what is taken over must stay the caller's when anything fails. */
static int take_over(struct plan *p, const struct plan_cfg *cfg)
{
	p->list = take(p, (cfg->list_count + 1) * sizeof(*p->list));
	p->zone = take(p, (cfg->zone_count + 1) * sizeof(*p->zone));
	if (!p->list || !p->zone)
		return -ENOMEM;
	for (unsigned i = 0; i < cfg->list_count; i++)
		p->list[p->list_count++] = cfg->list[i];
	p->zone_is_plans = cfg->zone_is_plans;
	for (unsigned i = 0; i < cfg->zone_count; i++)
		p->zone[p->zone_count++] = cfg->zone[i];
	return 0;
}

int plan_create(struct plan **out, const struct plan_cfg *cfg, struct plan_error *bad)
{
	struct plan *p = calloc(1, sizeof(*p));
	struct plan_error unseen;
	int err = p ? 0 : -ENOMEM;

	bad = bad ? bad : &unseen;
	*bad = (struct plan_error){.key = ""};
	if (!err) {
		p->order = cfg->order;
		err = copy_rules(p, cfg, bad);
	}
	if (!err)
		err = copy_rest(p, cfg);
	if (!err)
		err = build_limits(p);
	if (!err)
		err = build_order(p);
	if (!err)
		err = take_over(p, cfg);
	if (err)
		plan_destroy(p);
	else
		*out = p;
	return err;
}

void plan_destroy(struct plan *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->rule_count; i++) {
		for (unsigned n = 0; n < PLAN_NUMBERS; n++) {
			if (p->rule[i].match[n])
				regex_destroy(p->rule[i].match[n]->regex);
			free(p->rule[i].match[n]);
		}
		regex_destroy(p->rule[i].name);
	}
	for (unsigned i = 0; i < p->list_count; i++)
		plan_list_destroy(p->list[i]);
	for (unsigned i = 0; i < p->zone_count; i++)
		zone_destroy(p->zone[i]);
	rule_tree_destroy(p->tree);
	free(p->limit);
	free(p->rule);
	while (p->memory) {
		struct block *next = p->memory->next;

		free(p->memory);
		p->memory = next;
	}
	free(p);
}

unsigned plan_rule_count(const struct plan *p)
{
	return p->rule_count;
}

const struct plan_rule *plan_rule_at(const struct plan *p, unsigned index)
{
	return &p->rule[index].given;
}

unsigned plan_limits(const struct plan *p)
{
	return p->limit_count;
}

const char *plan_limit_name(const struct plan *p, unsigned index, struct plan_limit *limit)
{
	if (limit)
		*limit = p->limit[index].limit;
	return p->limit[index].name;
}

enum plan_order plan_order_of(const struct plan *p)
{
	return p->order;
}

bool plan_has_holidays(const struct plan *p)
{
	return p->holiday_count != 0;
}

const struct zone *plan_zone(const struct plan *p)
{
	return p->zone_count && p->zone_is_plans ? p->zone[0] : NULL;
}

const struct plan_edge *plan_edge_of(const struct plan *p, struct call_endpoint ep)
{
	for (unsigned i = 0; i < p->edge_count; i++)
		if (p->edge[i].at.kind == ep.kind && p->edge[i].at.index == ep.index)
			return &p->edge[i];
	return NULL;
}

