/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regular expressions (PCRE2) for the rules that ask for one; the only file that sees the library.
 * Work is bounded: an expression that backtracks without end does not match. A compiled one is
 * immutable, any thread matches with it. Private to gateway/plan/ and the ENUM look-ups.
 */
#ifndef GATEWAY_PLAN_REGEX_H
#define GATEWAY_PLAN_REGEX_H

#include <stdbool.h>
#include <stddef.h>

struct regex;

enum { REGEX_GROUPS = 10 }; /* $0 is all of it */
struct regex_found {
	struct { size_t at, len; } group[REGEX_GROUPS]; /* len 0: took no part */
};

/* 0, -ENOMEM, or -EINVAL with the place and the library's sentence in why[size]. */
int regex_create(struct regex **out, const char *text, size_t *offset, char *why, size_t size);
void regex_destroy(struct regex *r); /* NULL legal */
unsigned regex_groups(const struct regex *r); /* highest $N there is */
/* found may be NULL. */
bool regex_match(const struct regex *r, const char *subject, struct regex_found *found);

#endif
