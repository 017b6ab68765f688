/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number plan: one immutable snapshot made of rules, edges, lists and time zones. Any thread
 * may build one (a pool thread does when a plan is reloaded); any may decide with it (decide.h).
 * plan_create() copies all texts; lists and zones it takes over, on success only.
 */
#ifndef GATEWAY_PLAN_CREATE_H
#define GATEWAY_PLAN_CREATE_H

#include "gateway/plan/decide.h"
#include "gateway/plan/e164.h"

struct plan_list; /* list.h */
struct zone;      /* zone.h */

/* Which of several rules that fit decides. */
enum plan_order {
	PLAN_LONGEST, /* most digits decided by the called number; then the narrower pattern, then a
		       * rule with `from`, then the order of the list. A regex decides none. */
	PLAN_LISTED,  /* the first one */
};

/* How a span or trunk writes numbers. */
struct plan_edge {
	struct call_endpoint at;
	struct e164_edge edge;      /* its profile outlives the plan */
	enum e164_form form_calling; /* of calling, redirecting and connected numbers sent to it */
};

struct plan_error;

struct plan_cfg {
	enum plan_order order;
	const struct plan_rule *rule;
	unsigned rule_count;
	const struct plan_edge *edge; /* endpoints without one: numbers pass as they are */
	unsigned edge_count;
	struct plan_list *const *list;
	unsigned list_count;
	const struct plan_lookup *lookup;
	unsigned lookup_count;
	struct zone *const *zone;
	unsigned zone_count;
	bool zone_is_plans;        /* the first one is that of the whole plan; false: that is UTC */
	const int32_t *holiday; /* days since 1970-01-01 */
	unsigned holiday_count;
	const uint32_t *reroute; /* [4]; NULL: 34 38 41 42 44 47 */
	/* Each rule that cannot be; NULL: the first one is enough. */
	void (*on_error)(void *arg, const struct plan_error *bad);
	void *arg;
};

/* Why there is no plan: which rule, which of its keys, where in the key's text. */
struct plan_error {
	unsigned rule;
	const char *key; /* "prefix", "set.calling.prepend"…: as in the configuration */
	unsigned offset; /* in the text of the key */
	char text[200];  /* what is wrong and what would be right */
};

/* 0, -ENOMEM, or -EINVAL with *bad filled in (may be NULL). */
int plan_create(struct plan **out, const struct plan_cfg *cfg, struct plan_error *bad);
void plan_destroy(struct plan *p); /* NULL legal */

/* For lint, replay and show: rules in the order of the file, as they were given (a match's + has
 * become a type of number). */
unsigned plan_rule_count(const struct plan *p);
const struct plan_rule *plan_rule_at(const struct plan *p, unsigned index);
/* How many limits there are, and whose each one is ("rule" or "rule/2": its second target). */
unsigned plan_limits(const struct plan *p);
const char *plan_limit_name(const struct plan *p, unsigned index, struct plan_limit *limit);
enum plan_order plan_order_of(const struct plan *p);
bool plan_has_holidays(const struct plan *p);
/* The time zone of the plan itself, NULL: UTC. */
const struct zone *plan_zone(const struct plan *p);
/* How an endpoint writes numbers, NULL: they pass as they are. */
const struct plan_edge *plan_edge_of(const struct plan *p, struct call_endpoint ep);

#endif
