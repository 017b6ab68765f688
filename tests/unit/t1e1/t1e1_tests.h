/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests of one executable, by file; main.c groups them. */
#ifndef TESTS_UNIT_T1E1_T1E1_TESTS_H
#define TESTS_UNIT_T1E1_T1E1_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void alarm_names_are_bounded(void **state);

void pair_gives_each_end_what_the_other_wrote(void **state);
void pair_accounts_for_every_octet(void **state);
void pair_fills_one_block_for_each_lost_one(void **state);
void pair_waits_for_an_end_that_is_late(void **state);
void pair_runs_alone(void **state);
void pair_tells_missed_blocks_to_enabled_timeslots_only(void **state);
void pair_unplugged_loses_no_audio_under_way(void **state);
void pair_queues_frames_in_order_and_bounded(void **state);
void pair_cuts_the_dchannel_alone(void **state);
void pair_closes_in_any_order(void **state);

#endif
