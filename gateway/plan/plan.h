/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Number plan, first form: ordered by longest prefix, a rule matches the called number of a call
 * from a source, strips and prepends digits, may set TON/NPI, and names the target. Pure: values
 * in, values out; a plan is immutable once built.
 */
#ifndef GATEWAY_PLAN_PLAN_H
#define GATEWAY_PLAN_PLAN_H

#include "gateway/call/call_types.h"

struct plan_rule {
	char name[CALL_NAME_MAX + 1];
	struct call_endpoint from;  /* CALL_EP_NONE: any source */
	/* Of the called digits; empty matches all. A leading + stands for match_ton international. */
	char prefix[CALL_DIGITS_MAX + 1];
	int8_t match_ton;           /* -1: any, else enum call_ton */
	uint8_t strip;              /* digits taken off the front, after the match */
	/* A leading + stands for set_ton international (and NPI E.164 unless set). */
	char prepend[CALL_DIGITS_MAX + 1];
	int8_t set_ton, set_npi;    /* -1: leave */
	struct call_endpoint target;
	unsigned line;              /* in the configuration, for messages */
};

struct plan;

/* Copies the rules. 0 or -errno (-EINVAL: a rule that cannot be, *bad is its index). */
int plan_create(struct plan **out, const struct plan_rule *rules, unsigned count, unsigned *bad);
void plan_destroy(struct plan *p);

/* The best rule for setup: longest prefix first, then a rule with `from` before one without, then
 * order. On success rewrites setup->called and sets setup->target, *rule points into the plan,
 * cause.value is 0. Otherwise cause 3 (no route), or 28 (a rewritten number too long or empty). */
struct call_cause plan_route(const struct plan *p, struct call_setup *setup,
			     const struct plan_rule **rule);

#endif
