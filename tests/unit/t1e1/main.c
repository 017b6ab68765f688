/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/t1e1/t1e1_tests.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(alarm_names_are_bounded),
	    cmocka_unit_test(pair_gives_each_end_what_the_other_wrote),
	    cmocka_unit_test(pair_accounts_for_every_octet),
	    cmocka_unit_test(pair_fills_one_block_for_each_lost_one),
	    cmocka_unit_test(pair_waits_for_an_end_that_is_late),
	    cmocka_unit_test(pair_runs_alone),
	    cmocka_unit_test(pair_tells_missed_blocks_to_enabled_timeslots_only),
	    cmocka_unit_test(pair_unplugged_loses_no_audio_under_way),
	    cmocka_unit_test(pair_queues_frames_in_order_and_bounded),
	    cmocka_unit_test(pair_cuts_the_dchannel_alone),
	    cmocka_unit_test(pair_closes_in_any_order),
	};

	return cmocka_run_group_tests_name("t1e1", tests, NULL, NULL);
}
