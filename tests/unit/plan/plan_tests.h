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
	X(test_plan_no_memory)                                                                     \
	X(test_decide_table)                                                                       \
	X(test_decide_weights)                                                                     \
	X(test_decide_cost_and_reroute)                                                            \
	X(test_decide_first)                                                                       \
	X(test_decide_limits)                                                                      \
	X(test_decide_bar)                                                                         \
	X(test_decide_only_named)                                                                  \
	X(test_decide_connected)                                                                   \
	X(test_decide_regex_groups)                                                                \
	X(test_decide_lookup)                                                                      \
	X(test_decide_rewrites)                                                                    \
	X(test_decide_porting)                                                                     \
	X(test_parts_pattern_range)                                                                \
	X(test_parts_list_order)                                                                   \
	X(test_parts_list_naive)                                                                   \
	X(test_parts_list_errors)                                                                  \
	X(test_parts_tree_against_all)                                                             \
	X(test_parts_zone)                                                                         \
	X(test_check_matches)                                                                      \
	X(test_check_numbers)                                                                      \
	X(test_check_sets)                                                                         \
	X(test_check_rules)                                                                        \
	X(test_check_all)                                                                          \
	X(test_list_rows)                                                                          \
	X(test_list_membership)                                                                    \
	X(test_list_blocks)                                                                        \
	X(test_list_rules)                                                                         \
	X(test_list_targets)                                                                       \
	X(test_zone_footers)                                                                       \
	X(test_zone_bad_footers)                                                                   \
	X(test_zone_tables)                                                                        \
	X(test_zone_changes)                                                                       \
	X(test_zone_moments)                                                                       \
	X(test_lookup_answers)                                                                     \
	X(test_lookup_late)                                                                        \
	X(test_lookup_nobody)                                                                      \
	X(test_lookup_lost)                                                                        \
	X(test_lookup_no_place)                                                                    \
	X(test_lookup_hang_up)                                                                     \
	X(test_lookup_swap)                                                                        \
	X(test_lookup_flood)                                                                       \
	X(test_explain_numbers)                                                                    \
	X(test_explain_rest)                                                                       \
	X(test_explain_limits)                                                                     \
	X(test_explain_steps)                                                                      \
	X(test_explain_answers)                                                                    \
	X(test_explain_enum)                                                                       \
	X(test_explain_emergency)                                                                  \
	X(test_list_many_targets)                                                                  \
	X(test_e164_reads)                                                                         \
	X(test_e164_writes)                                                                        \
	X(test_e164_others)                                                                        \
	X(test_e164_profile_check)                                                                 \
	X(test_e164_range_check)                                                                   \
	X(test_e164_texts)                                                                         \
	X(test_core_plan_naive)                                                                    \
	X(test_core_plan_no_memory)                                                                \
	X(test_lookup_ids)                                                                         \
	X(test_set_fields)                                                                         \
	X(test_set_connected)                                                                      \
	X(test_set_many_hits)                                                                      \
	X(test_set_groups)                                                                         \
	X(test_set_emergency)                                                                      \
	X(test_core_plan_places)                                                                   \
	X(test_core_plan_old_route)                                                                \
	X(test_core_plan_limits)

#define DECLARE_TEST(name) void name(void **state);
PLAN_TESTS(DECLARE_TEST)
#undef DECLARE_TEST

#endif
