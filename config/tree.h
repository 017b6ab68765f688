/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A YAML text as a tree of maps, lists and scalars that know where they stand. Scalars stay text,
 * so 0086 is 0086. Of YAML only what a configuration needs is taken: one document, no anchors, no
 * aliases, no tags; bounded in depth and number. Memory comes from an arena that is freed whole.
 * Private to config/.
 */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "config/report.h"

/* A rule that is written out in full, with conditions, changes and two targets, is some 40 values; what
 * is above that is for everything else in the file. A value takes 64 octets and its text, so a tree
 * has 50 MB at most, as long as the file is being read. */
enum {
	TREE_DEPTH_MAX = 16,
	TREE_RULES_MAX = 10000,
	TREE_NODES_MAX = TREE_RULES_MAX * 40 + 100000,
};

struct arena {
	struct arena_chunk *chunk;
	size_t left;
};

/* Zeroed memory, NULL when there is none. */
void *arena_alloc(struct arena *a, size_t size);
void arena_free(struct arena *a);

enum node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

struct node {
	enum node_kind kind;
	unsigned line, column;	   /* from 1, in characters */
	bool quoted;		   /* scalar: written in quotes */
	bool bad;		   /* a mistake in it was told already: say nothing more */
	const char *text;	   /* scalar: NUL-terminated, without control characters */
	const struct node *key;	   /* member of a map: its key */
	struct node *first, *last; /* map, list */
	struct node *next;
	unsigned count; /* members */
};

/* NULL when there is no tree to go on with; then something was reported. */
struct node *tree_parse(struct arena *a, struct report *r, const char *text, size_t len);

#endif
