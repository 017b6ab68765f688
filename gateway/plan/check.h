/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks and compiles one rule: what cannot be is told with the key and the place in its text.
 * Private to gateway/plan/.
 */
#ifndef GATEWAY_PLAN_CHECK_H
#define GATEWAY_PLAN_CHECK_H

#include "gateway/plan/plan_priv.h"

/* r->given is set and the plan's own; fills in the rest. 0, -ENOMEM, or -EINVAL with *bad. */
int plan_check_rule(struct rule_parts *r, const struct plan_cfg *cfg, struct plan_error *bad);

#endif
