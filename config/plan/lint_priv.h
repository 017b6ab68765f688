/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of plan_lint(). Private to config/. */
#ifndef CONFIG_LINT_PRIV_H
#define CONFIG_LINT_PRIV_H

#include "config/endpoint_text.h"
#include "config/plan/lint.h"
#include "gateway/base/rng.h"
#include "gateway/plan/decide.h"

enum { LINT_NUMBERS = 48, LINT_SOURCES = 16 };

struct lint {
	const struct config *c;
	const struct plan *plan;
	plan_lint_fn on_finding;
	void *arg;
	unsigned count;
	struct rng rng; /* seeded: the same plan gives the same findings */
	struct call_endpoint source[LINT_SOURCES];
	unsigned sources;
	bool rewrites; /* the plan has rules that change numbers on their way */
	struct plan_usage *busy; /* one per limit of the plan; owner: plan_lint() */
};

void lint_say(struct lint *l, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ── lint_samples.c ── */

/* A call that the rule's own match takes, as it would come from source. false: the rule matches by
 * what cannot be made up (regex, list, name). inner: what the called number is inside. */
bool lint_sample(struct lint *l, const struct plan_rule *r, struct call_endpoint source,
		 unsigned attempt, struct call_setup *out, struct call_number *inner);
/* Can lint_sample() do it? */
bool lint_can_sample(const struct plan_rule *r);
/* When to try a rule: a moment of its own days. */
int64_t lint_moment(const struct plan_rule *r, unsigned attempt);

/* ── lint_traps.c ── */

void lint_traps(struct lint *l, const struct plan_rule *r);

/* ── lint_overlap.c ── */

void lint_overlaps(struct lint *l);

/* ── lint_edges.c ── */

/* Called for each call that a rule decided. */
void lint_ways(struct lint *l, const struct plan_rule *r, const struct call_number *inner,
	       const struct call_route *route, unsigned *told);
void lint_edges(struct lint *l);
void lint_emergency(struct lint *l);

#endif
