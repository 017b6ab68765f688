/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/pbx/bench.h"
#include "tests/unit/pbx/pbx_tests.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calls_go_both_ways_with_right_audio),
	    cmocka_unit_test(numbers_keep_type_and_plan),
	    cmocka_unit_test(a_refusal_carries_its_cause),
	    cmocka_unit_test(a_call_without_a_rule_is_refused),
	    cmocka_unit_test(the_longest_prefix_wins),
	    cmocka_unit_test(the_caller_may_give_up),
	    cmocka_unit_test(the_called_side_may_hang_up),
	    cmocka_unit_test(progress_lets_early_audio_through),
	    cmocka_unit_test(the_first_answers_channel_is_binding),
	    cmocka_unit_test(setups_may_cross),
	    cmocka_unit_test(calls_survive_a_short_dchannel_cut),
	    cmocka_unit_test(t309_clears_calls_90_s_after_layer_2),
	    cmocka_unit_test(a_call_that_rings_ends_with_the_dchannel),
	    cmocka_unit_test(lost_blocks_are_explained),
	    cmocka_unit_test(plants_are_heard),
	    cmocka_unit_test(nothing_is_left_after_a_random_day),
	};

	pbx_libpri_complaints(NULL); /* about frames that were cut off on purpose */
	return cmocka_run_group_tests_name("pbx", tests, NULL, NULL);
}
