/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/log.h"
#include "tests/unit/t1e1/t1e1_tests.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(alarm_names_are_bounded),
	    cmocka_unit_test(gain_of_0_db_changes_nothing),
	    cmocka_unit_test(gain_follows_the_law),
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
	    cmocka_unit_test(wire_refuses_what_it_did_not_write),
	    cmocka_unit_test(sock_carries_blocks_two_periods_behind),
	    cmocka_unit_test(sock_master_makes_up_for_a_late_slave),
	    cmocka_unit_test(sock_skips_what_nobody_wrote),
	    cmocka_unit_test(sock_accounts_for_every_octet),
	    cmocka_unit_test(sock_counts_malformed_blocks),
	    cmocka_unit_test(sock_believes_no_gap_longer_than_time),
	    cmocka_unit_test(sock_gives_up_on_a_peer_that_does_nothing),
	    cmocka_unit_test(sock_paces_frames_at_64_kbits),
	    cmocka_unit_test(sock_queues_frames_while_the_peer_does_not_read),
	    cmocka_unit_test(socket_works_in_all_four_forms),
	    cmocka_unit_test(socket_explains_what_it_cannot_open),
	    cmocka_unit_test(socket_replaces_a_stale_file),
	    cmocka_unit_test(socket_turns_strangers_away),
	    cmocka_unit_test(socket_survives_a_killed_peer),
	    cmocka_unit_test(socket_threads_share_nothing),
	    cmocka_unit_test(proc_reads_recorded_texts),
	    cmocka_unit_test(proc_reads_what_a_card_says),
	    cmocka_unit_test(proc_is_bounded),
	    cmocka_unit_test(spans_are_ordered_by_place),
	    cmocka_unit_test(spans_are_found_by_number_or_place),
	    cmocka_unit_test(seconds_follow_rfc_4805),
#ifdef HAVE_DAHDI
	    cmocka_unit_test(decode_reads_recorded_spans),
	    cmocka_unit_test(decode_reads_recorded_channels),
	    cmocka_unit_test(decode_reads_every_alarm),
	    cmocka_unit_test(decode_reads_line_parameters),
	    cmocka_unit_test(decode_lets_counters_only_grow),
	    cmocka_unit_test(decode_trusts_no_text_of_the_kernel),
	    cmocka_unit_test(decode_knows_events_and_signalling),
#else
	    cmocka_unit_test(without_a_driver_the_way_to_one_is_told),
#endif
	};

	log_init(LOG_ERROR, NULL, NULL); /* peers come and go here, without a line each */
	return cmocka_run_group_tests_name("t1e1", tests, NULL, NULL);
}
