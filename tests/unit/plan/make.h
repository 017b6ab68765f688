/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules and calls for tests, made in one line. Memory is static: one plan at a time. */
#ifndef TESTS_UNIT_PLAN_MAKE_H
#define TESTS_UNIT_PLAN_MAKE_H

#include "gateway/plan/create.h"

struct make {
	struct plan_rule rule[520];
	struct plan_target target[520][3];
	unsigned count;
};

/* A rule that sends what fits kind and text to the trunk. Returns it, to be changed. */
struct plan_rule *make_rule(struct make *m, const char *name, enum plan_match_kind kind,
			    const char *text, uint16_t trunk);
/* One more target of the last rule. */
struct plan_target *make_target(struct make *m, uint16_t trunk, uint16_t weight);
struct plan *make_plan(struct make *m, enum plan_order order, struct plan_cfg *cfg);
/* A call from a span; digits with + are international. */
struct call_setup make_call(const char *called, const char *calling);

#endif
