/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests of gateway/base, spread over files and run as one group by main.c. */
#ifndef TESTS_UNIT_BASE_BASE_TESTS_H
#define TESTS_UNIT_BASE_BASE_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BASE_TESTS(X)                                                                              \
	X(test_deadline_model)                                                                     \
	X(test_deadline_no_starving)                                                               \
	X(test_ring_one_thread)                                                                    \
	X(test_ring_wake)                                                                          \
	X(test_ring_two_threads)                                                                   \
	X(test_slots_limits)                                                                       \
	X(test_slots_generations)                                                                  \
	X(test_slots_oldest_first)                                                                 \
	X(test_slots_iteration)                                                                    \
	X(test_net_addr_table)                                                                     \
	X(test_net_addr_equality)                                                                  \
	X(test_net_addr_sockaddr)                                                                  \
	X(test_net_prefix)                                                                         \
	X(test_log_line)                                                                           \
	X(test_log_json_text)                                                                      \
	X(test_log_json_always_valid)                                                              \
	X(test_log_emit)                                                                           \
	X(test_strbuf)                                                                             \
	X(test_clock_wrap)                                                                         \
	X(test_rng)

#define DECLARE_TEST(name) void name(void **state);
BASE_TESTS(DECLARE_TEST)
#undef DECLARE_TEST

#endif
