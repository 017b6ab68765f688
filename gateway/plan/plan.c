/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A trie over the twelve digits; node 0 is the root (the empty prefix). Each node has a list of
 * the rules whose prefix ends there, best first. Indexes instead of pointers: 0 is none for
 * children (the root is nobody's child), rule n is stored as n + 1. */
enum { DIGITS = 12 };

struct node {
	unsigned child[DIGITS];
	unsigned first_rule;
};

struct plan {
	struct plan_rule *rule;
	unsigned *next_rule; /* of the same node, per rule */
	struct node *node;
	unsigned node_count;
};

static int digit_index(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c == '*' ? 10 : c == '#' ? 11 : -1;
}

static bool digits_only(const char *text)
{
	for (; *text; text++)
		if (digit_index(*text) < 0)
			return false;
	return true;
}

static bool terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

/* A leading + is written for people; inside, it is the type of number. */
static int take_plus(char *digits, int8_t *ton)
{
	if (*digits != '+')
		return 0;
	if (*ton != -1 && *ton != CALL_TON_INTERNATIONAL)
		return -EINVAL;
	memmove(digits, digits + 1, strlen(digits));
	*ton = CALL_TON_INTERNATIONAL;
	return 0;
}

static int normalise(struct plan_rule *r)
{
	if (!terminated(r->prefix, sizeof(r->prefix)) ||
	    !terminated(r->prepend, sizeof(r->prepend)) || !terminated(r->name, sizeof(r->name)))
		return -EINVAL;
	if (take_plus(r->prefix, &r->match_ton))
		return -EINVAL;
	if (*r->prepend == '+' && r->set_npi == -1)
		r->set_npi = CALL_NPI_E164;
	if (take_plus(r->prepend, &r->set_ton))
		return -EINVAL;
	/* Q.931 table 4-9: type of number has three bits, numbering plan four. */
	if (r->match_ton < -1 || r->match_ton > 7 || r->set_ton < -1 || r->set_ton > 7 ||
	    r->set_npi < -1 || r->set_npi > 15 || r->strip > CALL_DIGITS_MAX ||
	    r->target.kind == CALL_EP_NONE)
		return -EINVAL;
	return digits_only(r->prefix) && digits_only(r->prepend) ? 0 : -EINVAL;
}

static struct node *node_for(struct plan *p, const char *prefix)
{
	unsigned at = 0;

	for (; *prefix; prefix++) {
		unsigned *child = &p->node[at].child[digit_index(*prefix)];

		if (!*child)
			*child = p->node_count++;
		at = *child;
	}
	return &p->node[at];
}

static bool has_source(const struct plan_rule *r)
{
	return r->from.kind != CALL_EP_NONE;
}

/* Rules come in their order: each goes behind those that are as good as it. */
static void add_rule(struct plan *p, unsigned index)
{
	unsigned *link = &node_for(p, p->rule[index].prefix)->first_rule;

	while (*link && has_source(&p->rule[*link - 1]) >= has_source(&p->rule[index]))
		link = &p->next_rule[*link - 1];
	p->next_rule[index] = *link;
	*link = index + 1;
}

int plan_create(struct plan **out, const struct plan_rule *rules, unsigned count, unsigned *bad)
{
	struct plan *p = calloc(1, sizeof(*p));
	size_t nodes = 1;
	int err = -ENOMEM;

	if (!p)
		return err;
	p->rule = calloc(count ? count : 1, sizeof(*p->rule));
	p->next_rule = calloc(count ? count : 1, sizeof(*p->next_rule));
	if (!p->rule || !p->next_rule)
		goto fail;
	for (unsigned i = 0; i < count; i++) {
		p->rule[i] = rules[i];
		err = normalise(&p->rule[i]);
		if (err) {
			if (bad)
				*bad = i;
			goto fail;
		}
		nodes += strlen(p->rule[i].prefix);
	}
	err = -ENOMEM;
	p->node = calloc(nodes, sizeof(*p->node));
	if (!p->node)
		goto fail;
	p->node_count = 1;
	for (unsigned i = 0; i < count; i++)
		add_rule(p, i);
	*out = p;
	return 0;
fail:
	plan_destroy(p);
	return err;
}

void plan_destroy(struct plan *p)
{
	if (!p)
		return;
	free(p->node);
	free(p->next_rule);
	free(p->rule);
	free(p);
}

static bool rule_fits(const struct plan_rule *r, const struct call_setup *setup)
{
	if (has_source(r) &&
	    (r->from.kind != setup->source.kind || r->from.index != setup->source.index))
		return false;
	return r->match_ton == -1 || (uint8_t)r->match_ton == setup->called.ton;
}

static const struct plan_rule *best_at(const struct plan *p, unsigned at,
				       const struct call_setup *setup)
{
	for (unsigned i = p->node[at].first_rule; i; i = p->next_rule[i - 1])
		if (rule_fits(&p->rule[i - 1], setup))
			return &p->rule[i - 1];
	return NULL;
}

static const struct plan_rule *find_rule(const struct plan *p, const struct call_setup *setup)
{
	const struct plan_rule *best = best_at(p, 0, setup);
	unsigned at = 0;

	for (const char *c = setup->called.digits; *c; c++) {
		int digit = digit_index(*c);
		const struct plan_rule *r;

		if (digit < 0 || !p->node[at].child[digit])
			break;
		at = p->node[at].child[digit];
		r = best_at(p, at, setup);
		if (r)
			best = r;
	}
	return best;
}

/* 0, or -EINVAL: too short for what is to be stripped, too long, or nothing left. */
static int rewrite(const struct plan_rule *r, struct call_number *number)
{
	size_t had = strlen(number->digits), before = strlen(r->prepend), keep;
	char digits[CALL_DIGITS_MAX + 1];

	if (had < r->strip)
		return -EINVAL;
	keep = had - r->strip;
	if (before + keep == 0 || before + keep > CALL_DIGITS_MAX)
		return -EINVAL;
	memcpy(digits, r->prepend, before);
	memcpy(digits + before, number->digits + r->strip, keep + 1);
	memcpy(number->digits, digits, before + keep + 1);
	if (r->set_ton != -1)
		number->ton = (uint8_t)r->set_ton;
	if (r->set_npi != -1)
		number->npi = (uint8_t)r->set_npi;
	number->present = true;
	return 0;
}

struct call_cause plan_route(const struct plan *p, struct call_setup *setup,
			     const struct plan_rule **rule)
{
	struct call_cause cause = {.location = CALL_LOC_PRIVATE_LOCAL};
	const struct plan_rule *r = find_rule(p, setup);

	if (rule)
		*rule = r;
	if (!r) {
		cause.value = CAUSE_NO_ROUTE;
		return cause;
	}
	if (rewrite(r, &setup->called)) {
		cause.value = CAUSE_INVALID_NUMBER;
		return cause;
	}
	setup->target = r->target;
	return (struct call_cause){0};
}
