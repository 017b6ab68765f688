/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests of this module, by file; main.c runs them as one group. */
#ifndef TESTS_UNIT_ISDN_MAP_TESTS_H
#define TESTS_UNIT_ISDN_MAP_TESTS_H

/* pure_test.c */
void test_hunt(void **state);
void test_channel_for_setup(void **state);
void test_channel_for_answer(void **state);
void test_numbers(void **state);
void test_number_words(void **state);
void test_names(void **state);
void test_rules(void **state);
void test_frame_decode(void **state);
void test_frame_garbage(void **state);

/* party_test.c */
void test_party_decode(void **state);
void test_connected_encode(void **state);
void test_connected_edit(void **state);

/* edit_test.c */
void test_edit_order(void **state);
void test_edit_carried(void **state);
void test_edit_n201(void **state);
void test_edit_then_decode(void **state);
void test_cause_decode(void **state);
void test_cause_encode(void **state);

/* message_test.c */
void test_progress_indicators(void **state);
void test_edits_under_repetition(void **state);
void test_failure_tone(void **state);
void test_failure_tone_timer(void **state);
void test_no_failure_tone(void **state);
void test_received_indicators(void **state);
void test_received_announcement(void **state);
void test_connect_acknowledge(void **state);
void test_sent_diagnostics(void **state);

/* words_test.c */
void test_words_corpus(void **state);
void test_words_link(void **state);
void test_words_messages(void **state);
void test_words_bearer(void **state);
void test_words_parties(void **state);
void test_words_channel(void **state);
void test_words_cause(void **state);
void test_words_text(void **state);
void test_words_facility(void **state);
void test_words_codesets(void **state);
void test_words_block(void **state);
void test_words_garbage(void **state);

/* call_test.c */
void test_incoming_messages(void **state);
void test_outgoing_messages(void **state);
void test_incoming_channel(void **state);
void test_fractional(void **state);
void test_dchannel_in_slot_1(void **state);
void test_bearer(void **state);
void test_refused_incoming(void **state);
void test_progress(void **state);
void test_answer_moves_channel(void **state);
void test_answer_channel_conflict(void **state);
void test_refused_by_peer(void **state);
void test_clear_in_every_state(void **state);
void test_crossing_disconnects(void **state);
void test_causes_on_the_wire(void **state);
void test_explicit_interface(void **state);

/* down_test.c */
void test_refusals_without_dchannel(void **state);
void test_dchannel_cut_short(void **state);
void test_dchannel_cut_long(void **state);
void test_clear_while_down(void **state);
void test_t303(void **state);
void test_t304_t310(void **state);
void test_t308(void **state);
void test_stuck_clearing(void **state);
void test_cause_edits(void **state);
void test_virtual_e1(void **state);
void test_glare_user(void **state);
void test_glare_network(void **state);
void test_answer_takes_a_proposed_channel(void **state);
void test_restart(void **state);
void test_given_up_before_answer(void **state);
void test_dead_leg_waits_for_table(void **state);
void test_wrong_side(void **state);
void test_garbage_frames(void **state);
void test_out_of_memory(void **state);

/* storm_test.c */
void test_storm_user(void **state);
void test_storm_network(void **state);

/* table_test.c */
void test_table_calls(void **state);
void test_table_storm(void **state);

/* link_test.c */
void test_hang_up_before_down(void **state);
void test_far_side_lost_the_call(void **state);
void test_peer_restarts_quickly(void **state);
void test_status_after_reset(void **state);
void test_red_alarm(void **state);
void test_setup_waits_for_layer_2(void **state);
void test_setup_lost_in_reset(void **state);

/* hunt_test.c */
void test_hunt_policies(void **state);
void test_next_channel(void **state);
void test_no_next_channel(void **state);
void test_exclusive(void **state);

/* restart_test.c */
void test_restart_at_start(void **state);
void test_restart_unanswered(void **state);
void test_setup_waits_for_restart(void **state);
void test_restart_out_of_service_and_back(void **state);
void test_restart_by_operator(void **state);
void test_restart_of_stuck_channel(void **state);
void test_setup_on_restarting_channel(void **state);
void test_restart_list_and_map(void **state);

/* setup_test.c */
void test_setup_bearer(void **state);
void test_setup_elements(void **state);

/* timer_test.c */
void test_timer_table(void **state);
void test_timers_set(void **state);

/* overlap_test.c */
void test_overlap(void **state);
void test_overlap_asked(void **state);
void test_overlap_ends(void **state);
void test_overlap_abandoned(void **state);

#endif
