/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the rules whose called pattern fits a number: a trie whose edges are sets of digits, so that
 * X or [1-5] is one edge and not ten. Where patterns overlap the search goes down several edges;
 * what comes back are the places where patterns end, each with its rules in the order of their rank.
 * Private to gateway/plan/. Built once, then read by any thread.
 */
#ifndef GATEWAY_PLAN_RULE_TREE_H
#define GATEWAY_PLAN_RULE_TREE_H

#include <stddef.h>

#include "gateway/plan/pattern.h"

struct rule_tree;

enum { RULE_TREE_HITS_MAX = 256 };

struct rule_tree_hits {
	unsigned count;
	bool overflow; /* there are more: ask every rule instead */
	uint32_t link[RULE_TREE_HITS_MAX]; /* rule_tree_rule(), rule_tree_next() */
};

int rule_tree_create(struct rule_tree **out);
void rule_tree_destroy(struct rule_tree *t); /* NULL legal */
/* Rules must come in the order of their rank. 0 or -ENOMEM. */
int rule_tree_add(struct rule_tree *t, const struct pattern *p, uint32_t rule);
void rule_tree_find(const struct rule_tree *t, const char *digits, struct rule_tree_hits *out);
/* The rule at a link, and the link behind it (0: none). */
uint32_t rule_tree_rule(const struct rule_tree *t, uint32_t link);
uint32_t rule_tree_next(const struct rule_tree *t, uint32_t link);

#endif
