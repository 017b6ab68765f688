/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A compact trie of digit strings for lists of a million prefixes: 16 octets a node, children side by
 * side, runs without a branch skipped over. Made once from sorted keys. Private to gateway/plan/.
 */
#ifndef GATEWAY_PLAN_DIGIT_TRIE_H
#define GATEWAY_PLAN_DIGIT_TRIE_H

#include <stddef.h>
#include <stdint.h>

/* Up to 32 digits, four bits each from the top, digit + 1 (so that the shorter sorts first). */
struct digit_key {
	uint64_t high, low;
	uint32_t value; /* the caller's */
	uint8_t length;
	uint8_t plus;   /* the caller's */
};

struct digit_node {
	uint32_t children; /* index of the first */
	uint32_t value;	   /* of the first key that ends here */
	uint32_t label;	   /* where the digits that are skipped before this node stand */
	uint16_t branches; /* bit per digit */
	uint8_t skip;
	uint8_t values; /* how many keys end here */
};

struct digit_trie {
	struct digit_node *node;
	uint8_t *label;
	uint32_t nodes, labels, node_room, label_room;
};

enum { DIGIT_TRIE_SAME_MAX = 64 };

void digit_key_put(struct digit_key *k, unsigned place, unsigned digit);
/* By plus, then by digits; equal ones stay in their order. 0 or -ENOMEM. */
int digit_key_sort(struct digit_key *key, size_t count);
/* keys ascend. 0, -ENOMEM, or -ERANGE: more than DIGIT_TRIE_SAME_MAX equal ones, *same is one. */
int digit_trie_build(struct digit_trie *t, const struct digit_key *keys, uint32_t count,
		     uint32_t *same);
void digit_trie_free(struct digit_trie *t);
/* Longest key that digits begin with: its length, -1: none. */
int digit_trie_find(const struct digit_trie *t, const char *digits, uint32_t *value,
		    unsigned *values);

#endif
