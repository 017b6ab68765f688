/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests of gateway/call, spread over files and run as one group by main.c. */
#ifndef TESTS_UNIT_CALL_CALL_TESTS_H
#define TESTS_UNIT_CALL_CALL_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CALL_TESTS(X)                                                                              \
	X(test_span_to_trunk)                                                                      \
	X(test_trunk_to_span)

#define DECLARE_TEST(name) void name(void **state);
CALL_TESTS(DECLARE_TEST)
#undef DECLARE_TEST

#endif
