/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/lab/lab_tests.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pattern_counts_random_edits_exactly),
	    cmocka_unit_test(pattern_counts_near_changes),
	    cmocka_unit_test(pattern_sums_hold_for_any_damage),
	    cmocka_unit_test(pattern_takes_its_place_anywhere),
	    cmocka_unit_test(pattern_ignores_what_is_around),
	    cmocka_unit_test(pattern_sees_another_call),
	    cmocka_unit_test(pattern_sees_a_swap),
	    cmocka_unit_test(pattern_never_says_silence),
	    cmocka_unit_test(peer_call_is_heard_both_ways),
	    cmocka_unit_test(peer_speaks_ulaw),
	    cmocka_unit_test(peer_callee_hangs_up),
	    cmocka_unit_test(peer_refuses_with_a_cause),
	    cmocka_unit_test(peer_cancels),
	    cmocka_unit_test(peer_survives_lost_sip),
	    cmocka_unit_test(peer_gives_up_on_silence),
	    cmocka_unit_test(peer_counts_rtp_faults),
	    cmocka_unit_test(peer_plants_faults),
	    cmocka_unit_test(peer_takes_rubbish),
	    cmocka_unit_test(sip_text_reads_what_others_write),
	    cmocka_unit_test(check_takes_a_good_call),
	    cmocka_unit_test(check_notices_each_mistake),
	    cmocka_unit_test(check_notices_what_is_missing),
	    cmocka_unit_test(calls_find_their_events),
	};

	return cmocka_run_group_tests_name("lab", tests, NULL, NULL);
}
