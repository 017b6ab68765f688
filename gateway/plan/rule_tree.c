/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/rule_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Indexes instead of pointers; 0 is none (the root is nobody's child, link 0 is unused). */
struct node {
	uint32_t edges;    /* first of a chain */
	uint32_t end[3];   /* by enum pattern_tail: last link of the ring of rules that end here */
};
struct edge {
	uint32_t child, next;
	uint16_t set;
};
struct link {
	uint32_t rule, next;
};

struct pool {
	void *at;
	uint32_t count, room;
};

struct rule_tree {
	struct pool node, edge, link;
};

#define NODE(t) ((struct node *)(t)->node.at)
#define EDGE(t) ((struct edge *)(t)->edge.at)
#define LINK(t) ((struct link *)(t)->link.at)

/* A new, zeroed element: its index, 0 when memory ran out. */
static uint32_t take(struct pool *p, size_t size)
{
	if (p->count == p->room) {
		uint32_t room = p->room ? p->room * 2 : 64;
		void *at = reallocarray(p->at, room, size);

		if (!at)
			return 0;
		p->at = at;
		p->room = room;
	}
	memset((char *)p->at + p->count * size, 0, size);
	return p->count++;
}

int rule_tree_create(struct rule_tree **out)
{
	struct rule_tree *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	take(&t->node, sizeof(struct node));
	take(&t->edge, sizeof(struct edge));
	take(&t->link, sizeof(struct link));
	if (!t->node.count || !t->edge.count || !t->link.count) {
		rule_tree_destroy(t);
		return -ENOMEM;
	}
	*out = t;
	return 0;
}

void rule_tree_destroy(struct rule_tree *t)
{
	if (!t)
		return;
	free(t->node.at);
	free(t->edge.at);
	free(t->link.at);
	free(t);
}

/* The child over this set, made when there is none. 0: no memory. */
static uint32_t child_of(struct rule_tree *t, uint32_t node, uint16_t set)
{
	uint32_t e, child;

	for (e = NODE(t)[node].edges; e; e = EDGE(t)[e].next)
		if (EDGE(t)[e].set == set)
			return EDGE(t)[e].child;
	child = take(&t->node, sizeof(struct node));
	e = take(&t->edge, sizeof(struct edge));
	if (!child || !e)
		return 0;
	EDGE(t)[e] = (struct edge){.child = child, .next = NODE(t)[node].edges, .set = set};
	NODE(t)[node].edges = e;
	return child;
}

int rule_tree_add(struct rule_tree *t, const struct pattern *p, uint32_t rule)
{
	uint32_t node = 0, new, *end;

	for (unsigned i = 0; i < p->length; i++) {
		node = child_of(t, node, p->set[i]);
		if (!node)
			return -ENOMEM;
	}
	new = take(&t->link, sizeof(struct link));
	if (!new)
		return -ENOMEM;
	LINK(t)[new].rule = rule;
	/* A ring of ascending rules: end is the last one, its next the first. */
	end = &NODE(t)[node].end[p->tail];
	if (*end) {
		LINK(t)[new].next = LINK(t)[*end].next;
		LINK(t)[*end].next = new;
	} else {
		LINK(t)[new].next = new;
	}
	*end = new;
	return 0;
}

static void hit(const struct rule_tree *t, uint32_t end, struct rule_tree_hits *out)
{
	if (!end)
		return;
	if (out->count == RULE_TREE_HITS_MAX)
		out->overflow = true;
	else
		out->link[out->count++] = LINK(t)[end].next;
}

/* At most CALL_DIGITS_MAX deep. */
static void find(const struct rule_tree *t, uint32_t node, const char *digits,
		 struct rule_tree_hits *out)
{
	const struct node *n = &NODE(t)[node];
	int digit;

	hit(t, n->end[PATTERN_ANY_MORE], out);
	if (!*digits) {
		hit(t, n->end[PATTERN_EXACT], out);
		return;
	}
	hit(t, n->end[PATTERN_ONE_OR_MORE], out);
	digit = pattern_digit(*digits);
	if (digit < 0 || out->overflow)
		return;
	for (uint32_t e = n->edges; e; e = EDGE(t)[e].next)
		if (EDGE(t)[e].set >> digit & 1)
			find(t, EDGE(t)[e].child, digits + 1, out);
}

void rule_tree_find(const struct rule_tree *t, const char *digits, struct rule_tree_hits *out)
{
	out->count = 0;
	out->overflow = false;
	find(t, 0, digits, out);
}

uint32_t rule_tree_rule(const struct rule_tree *t, uint32_t link)
{
	return LINK(t)[link].rule;
}

uint32_t rule_tree_next(const struct rule_tree *t, uint32_t link)
{
	uint32_t next = LINK(t)[link].next;

	/* Where rules do not ascend the ring has come round. */
	return LINK(t)[next].rule > LINK(t)[link].rule ? next : 0;
}
