/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is legal in a number plan and yet most likely a mistake: rules that never decide, overlaps,
 * +0…, prefixes that stand twice, numbers that would be read as others where they are sent, targets
 * that nothing reaches, emergency numbers without a way out. It asks the engine of live calls with
 * numbers made for each rule, so it cannot be of another opinion than the plan; what it did not try it
 * does not see. Bounded work, no I/O; any thread.
 */
#ifndef CONFIG_PLAN_LINT_H
#define CONFIG_PLAN_LINT_H

#include "config/config.h"

enum { PLAN_LINT_MAX = 200 };

/* One finding, a sentence and what to do. line: in the configuration, 0: none. */
typedef void (*plan_lint_fn)(void *arg, unsigned line, const char *text);

/* Returns how many there are; past PLAN_LINT_MAX they are counted, not told. */
unsigned plan_lint(const struct config *c, plan_lint_fn on_finding, void *arg);

#endif
