/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/isdn_map/tests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/base/log.h"

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_hunt),
    cmocka_unit_test(test_channel_for_setup),
    cmocka_unit_test(test_channel_for_answer),
    cmocka_unit_test(test_numbers),
    cmocka_unit_test(test_number_words),
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_rules),
    cmocka_unit_test(test_frame_decode),
    cmocka_unit_test(test_frame_garbage),
    cmocka_unit_test(test_edit_order),
    cmocka_unit_test(test_edit_carried),
    cmocka_unit_test(test_edit_n201),
    cmocka_unit_test(test_edit_then_decode),
    cmocka_unit_test(test_cause_decode),
    cmocka_unit_test(test_cause_encode),
    cmocka_unit_test(test_progress_indicators),
    cmocka_unit_test(test_edits_under_repetition),
    cmocka_unit_test(test_failure_tone),
    cmocka_unit_test(test_no_failure_tone),
    cmocka_unit_test(test_received_indicators),
    cmocka_unit_test(test_received_announcement),
    cmocka_unit_test(test_connect_acknowledge),
    cmocka_unit_test(test_sent_diagnostics),
    cmocka_unit_test(test_words_corpus),
    cmocka_unit_test(test_words_link),
    cmocka_unit_test(test_words_messages),
    cmocka_unit_test(test_words_bearer),
    cmocka_unit_test(test_words_parties),
    cmocka_unit_test(test_words_channel),
    cmocka_unit_test(test_words_cause),
    cmocka_unit_test(test_words_text),
    cmocka_unit_test(test_words_facility),
    cmocka_unit_test(test_words_codesets),
    cmocka_unit_test(test_words_block),
    cmocka_unit_test(test_words_garbage),
    cmocka_unit_test(test_incoming_messages),
    cmocka_unit_test(test_outgoing_messages),
    cmocka_unit_test(test_incoming_channel),
    cmocka_unit_test(test_fractional),
    cmocka_unit_test(test_dchannel_in_slot_1),
    cmocka_unit_test(test_bearer),
    cmocka_unit_test(test_refused_incoming),
    cmocka_unit_test(test_progress),
    cmocka_unit_test(test_answer_moves_channel),
    cmocka_unit_test(test_answer_channel_conflict),
    cmocka_unit_test(test_refused_by_peer),
    cmocka_unit_test(test_clear_in_every_state),
    cmocka_unit_test(test_crossing_disconnects),
    cmocka_unit_test(test_causes_on_the_wire),
    cmocka_unit_test(test_explicit_interface),
    cmocka_unit_test(test_refusals_without_dchannel),
    cmocka_unit_test(test_dchannel_cut_short),
    cmocka_unit_test(test_dchannel_cut_long),
    cmocka_unit_test(test_clear_while_down),
    cmocka_unit_test(test_t303),
    cmocka_unit_test(test_t304_t310),
    cmocka_unit_test(test_t308),
    cmocka_unit_test(test_stuck_clearing),
    cmocka_unit_test(test_cause_edits),
    cmocka_unit_test(test_virtual_e1),
    cmocka_unit_test(test_glare_user),
    cmocka_unit_test(test_glare_network),
    cmocka_unit_test(test_answer_takes_a_proposed_channel),
    cmocka_unit_test(test_restart),
    cmocka_unit_test(test_given_up_before_answer),
    cmocka_unit_test(test_dead_leg_waits_for_table),
    cmocka_unit_test(test_wrong_side),
    cmocka_unit_test(test_garbage_frames),
    cmocka_unit_test(test_out_of_memory),
    cmocka_unit_test(test_storm_user),
    cmocka_unit_test(test_storm_network),
    cmocka_unit_test(test_table_calls),
    cmocka_unit_test(test_table_storm),
};

int main(void)
{
	log_init(LOG_ERROR, NULL, NULL);
	return cmocka_run_group_tests_name("isdn_map", tests, NULL, NULL);
}
