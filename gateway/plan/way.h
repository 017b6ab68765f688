/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways out of a rule: its targets in order, each with its numbers. Private to gateway/plan/. */
#ifndef GATEWAY_PLAN_WAY_H
#define GATEWAY_PLAN_WAY_H

#include "gateway/plan/plan_priv.h"

enum way_result {
	WAY_FOUND,
	/* None can be used: limits are reached; out->cause is one that a limit asks for, or 0. Or all are
	 * of the kind that the call comes from; out->cause is 79. */
	WAY_NONE,
	WAY_NUMBER_IMPOSSIBLE, /* what would have to be sent is no number */
};

/* Fills in out->way, count. The rule's own sets are in ctx already. */
enum way_result way_find(struct plan_ctx *ctx, const struct rule_parts *r,
			 const struct plan_env *env, struct call_route *out);

#endif
