/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_PLAN_PLAN_TESTS_H
#define TESTS_UNIT_PLAN_PLAN_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PLAN_TESTS(X)                                                                              \
	X(test_plan_table)                                                                         \
	X(test_plan_no_route)                                                                      \
	X(test_plan_strip_too_long)                                                                \
	X(test_plan_bad_rules)                                                                     \
	X(test_plan_naive)                                                                         \
	X(test_plan_no_memory)

#define DECLARE_TEST(name) void name(void **state);
PLAN_TESTS(DECLARE_TEST)
#undef DECLARE_TEST

#endif
