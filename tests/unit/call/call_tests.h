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
	X(test_fsm_walk)                                                                           \
	X(test_fsm_rules)                                                                          \
	X(test_fsm_tables)                                                                         \
	X(test_fsm_planted)                                                                        \
	X(test_codec_answer)                                                                       \
	X(test_codec_rejected_stream)                                                              \
	X(test_codec_offer_and_accept)                                                             \
	X(test_span_to_trunk)                                                                      \
	X(test_trunk_to_span)                                                                      \
	X(test_trunk_to_span_without_inband)                                                       \
	X(test_late_offer)                                                                         \
	X(test_refusals)                                                                           \
	X(test_slow_route)                                                                         \
	X(test_failed_opens)                                                                       \
	X(test_b_fails)                                                                            \
	X(test_re_offers)                                                                          \
	X(test_moved_channel)                                                                      \
	X(test_descriptions_of_b)                                                                  \
	X(test_early_rtp)                                                                          \
	X(test_limits)                                                                             \
	X(test_clear_guard)                                                                        \
	X(test_races)                                                                              \
	X(test_gone_inside_clear)                                                                  \
	X(test_media_dies)                                                                         \
	X(test_flood)                                                                              \
	X(test_nonsense)                                                                           \
	X(test_full_table)                                                                         \
	X(test_refused_by_adapter)                                                                 \
	X(test_endless_exchange)                                                                   \
	X(test_destroy_with_calls)                                                                 \
	X(test_early_rtp_after_183_and_180)                                                        \
	X(test_announcement)                                                                       \
	X(test_announcement_unheard)                                                               \
	X(test_progress_with_cause)                                                                \
	X(test_failure_tone)                                                                       \
	X(test_reroute)                                                                            \
	X(test_no_reroute)                                                                         \
	X(test_reroute_of_failed_open)                                                             \
	X(test_emergency_room)                                                                     \
	X(test_emergency_order)                                                                    \
	X(test_emergency_tone)                                                                     \
	X(test_emergency_given_up)                                                                 \
	X(test_emergency_places)                                                                   \
	X(test_no_failure_tone)                                                                    \
	X(test_no_memory)                                                                          \
	X(test_random)

#define DECLARE_TEST(name) void name(void **state);
CALL_TESTS(DECLARE_TEST)
#undef DECLARE_TEST

#endif
