/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests of one executable, by file; main.c groups them. */
#ifndef TESTS_UNIT_LAB_LAB_TESTS_H
#define TESTS_UNIT_LAB_LAB_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void pattern_counts_random_edits_exactly(void **state);
void pattern_counts_near_changes(void **state);
void pattern_sums_hold_for_any_damage(void **state);
void pattern_takes_its_place_anywhere(void **state);
void pattern_ignores_what_is_around(void **state);
void pattern_sees_another_call(void **state);
void pattern_sees_a_swap(void **state);
void pattern_never_says_silence(void **state);
void peer_call_is_heard_both_ways(void **state);
void peer_speaks_ulaw(void **state);
void peer_callee_hangs_up(void **state);
void peer_refuses_with_a_cause(void **state);
void peer_cancels(void **state);
void peer_survives_lost_sip(void **state);
void peer_gives_up_on_silence(void **state);
void peer_counts_rtp_faults(void **state);
void peer_plants_faults(void **state);
void peer_takes_rubbish(void **state);
void sip_text_reads_what_others_write(void **state);
void check_takes_a_good_call(void **state);
void check_notices_each_mistake(void **state);
void check_notices_what_is_missing(void **state);
void calls_find_their_events(void **state);

#endif
