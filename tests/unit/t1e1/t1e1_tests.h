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

void gain_of_0_db_changes_nothing(void **state);
void gain_follows_the_law(void **state);

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

void wire_refuses_what_it_did_not_write(void **state);

void sock_carries_blocks_two_periods_behind(void **state);
void sock_master_makes_up_for_a_late_slave(void **state);
void sock_skips_what_nobody_wrote(void **state);
void sock_accounts_for_every_octet(void **state);
void sock_counts_malformed_blocks(void **state);
void sock_believes_no_gap_longer_than_time(void **state);
void sock_gives_up_on_a_peer_that_does_nothing(void **state);
void sock_paces_frames_at_64_kbits(void **state);
void sock_queues_frames_while_the_peer_does_not_read(void **state);

void socket_works_in_all_four_forms(void **state);
void socket_explains_what_it_cannot_open(void **state);
void socket_replaces_a_stale_file(void **state);
void socket_turns_strangers_away(void **state);
void socket_survives_a_killed_peer(void **state);
void socket_threads_share_nothing(void **state);

void proc_reads_recorded_texts(void **state);
void proc_reads_what_a_card_says(void **state);
void proc_is_bounded(void **state);
void spans_are_ordered_by_place(void **state);
void spans_are_found_by_number_or_place(void **state);
void seconds_follow_rfc_4805(void **state);

/* only where there is <dahdi/user.h> */
void decode_reads_recorded_spans(void **state);
void decode_reads_recorded_channels(void **state);
void decode_reads_every_alarm(void **state);
void decode_reads_line_parameters(void **state);
void decode_lets_counters_only_grow(void **state);
void decode_trusts_no_text_of_the_kernel(void **state);
void decode_knows_events_and_signalling(void **state);

void without_a_driver_the_way_to_one_is_told(void **state);

#endif
