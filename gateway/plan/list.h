/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of number prefixes, up to a million and more: barred numbers, ported numbers, least-cost
 * tables. Read from CSV text in one go, then immutable: sorted, and a compact trie above (a node is
 * 16 octets, runs of single digits are skipped).
 *
 * CSV: a header line names the columns, `number` and any of `to` (span:1, trunk:NAME), `cost`
 * (decimal), `priority`, `weight`, `replace` (the new called number). Numbers as in rules: +86…,
 * digits, or first-last for a block, which is the fewest prefixes that make it up (500-599 is 5). Empty
 * lines and those with # alone or before a blank are skipped; the same number twice is two targets.
 * Pure; built on any thread, read on any.
 */
#ifndef GATEWAY_PLAN_LIST_H
#define GATEWAY_PLAN_LIST_H

#include <stddef.h>

#include "gateway/plan/rule.h"

struct plan_list;

struct plan_list_row {
	struct call_endpoint to; /* CALL_EP_NONE: the rule's targets */
	uint16_t priority, weight;
	uint32_t cost;           /* millionths */
	uint32_t replace;        /* offset of the text, 0: none */
};

struct plan_list_error {
	unsigned line, column; /* from 1 */
	char text[200];
};
/* Finds an endpoint by its text, not NUL-terminated; CALL_EP_NONE: there is none. */
typedef struct call_endpoint (*plan_find_endpoint_fn)(void *arg, const char *text, size_t len);

/* 0, -ENOMEM, or -EINVAL with *bad. name is copied. */
int plan_list_parse(struct plan_list **out, const char *name, const char *csv, size_t len,
		    plan_find_endpoint_fn find, void *arg, struct plan_list_error *bad);
void plan_list_destroy(struct plan_list *l); /* NULL legal */
const char *plan_list_name(const struct plan_list *l);
size_t plan_list_count(const struct plan_list *l);
size_t plan_list_octets(const struct plan_list *l); /* of memory */
bool plan_list_has_targets(const struct plan_list *l);

/* Longest entry that n begins with: its length in digits, -1: none. *row, *rows: its rows. */
int plan_list_find(const struct plan_list *l, const struct call_number *n,
		   const struct plan_list_row **row, unsigned *rows);
const char *plan_list_text(const struct plan_list *l, uint32_t offset);

#endif
