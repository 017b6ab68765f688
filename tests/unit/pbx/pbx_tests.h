/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests of one executable, by file; main.c groups them. */
#ifndef TESTS_UNIT_PBX_PBX_TESTS_H
#define TESTS_UNIT_PBX_PBX_TESTS_H

void calls_go_both_ways_with_right_audio(void **state);
void numbers_keep_type_and_plan(void **state);
void a_refusal_carries_its_cause(void **state);
void a_call_without_a_rule_is_refused(void **state);
void the_longest_prefix_wins(void **state);
void the_caller_may_give_up(void **state);
void the_called_side_may_hang_up(void **state);
void progress_lets_early_audio_through(void **state);
void the_first_answers_channel_is_binding(void **state);
void setups_may_cross(void **state);
void calls_survive_a_short_dchannel_cut(void **state);
void t309_clears_calls_90_s_after_layer_2(void **state);
void a_call_that_rings_ends_with_the_dchannel(void **state);
void lost_blocks_are_explained(void **state);
void plants_are_heard(void **state);
void nothing_is_left_after_a_random_day(void **state);

#endif
