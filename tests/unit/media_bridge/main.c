/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/log.h"
#include "tests/unit/media_bridge/media_tests.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rtp_header_comes_back),
	    cmocka_unit_test(rtp_lengths_are_not_trusted),
	    cmocka_unit_test(rtcp_compound_comes_back),
	    cmocka_unit_test(rtcp_garbage_is_refused),
	    cmocka_unit_test(source_counts_exactly),
	    cmocka_unit_test(source_starts_again_after_a_jump),
	    cmocka_unit_test(ports_rest_before_they_return),
	    cmocka_unit_test(law_tables_follow_their_rules),
	    cmocka_unit_test(law_change_keeps_the_signal),
	    cmocka_unit_test(ringback_has_its_cadence),
	    cmocka_unit_test(jbuf_sums_hold_for_any_stream),
	    cmocka_unit_test(jbuf_perfect_stream_is_untouched),
	    cmocka_unit_test(jbuf_drift_ends_in_single_slips),
	    cmocka_unit_test(jbuf_grows_and_shrinks_with_jitter),
	    cmocka_unit_test(jbuf_finds_a_stream_again),
	    cmocka_unit_test(jbuf_fixed_mode_keeps_its_delay),
	    cmocka_unit_test(jbuf_never_plays_twice),
	    cmocka_unit_test(jbuf_makes_room_for_the_overtaken),
	    cmocka_unit_test(jbuf_conceals_fading),
	    cmocka_unit_test(jbuf_catches_up),
	    cmocka_unit_test(jbuf_uses_pauses),
	    cmocka_unit_test(bridge_catches_up),
	    cmocka_unit_test(bridge_survives_a_stopped_clock),
	    cmocka_unit_test(bridge_forgives_silent_losses),
	    cmocka_unit_test(bridge_is_bit_exact),
	    cmocka_unit_test(bridge_hears_without_a_timeslot),
	    cmocka_unit_test(bridge_explains_every_loss),
	    cmocka_unit_test(bridge_latches),
	    cmocka_unit_test(bridge_relatches),
	    cmocka_unit_test(bridge_rings_until_rtp),
	    cmocka_unit_test(bridge_changes_the_law),
	    cmocka_unit_test(bridge_follows_a_moved_channel),
	    cmocka_unit_test(bridge_takes_a_new_ssrc),
	    cmocka_unit_test(bridge_survives_a_storm),
	    cmocka_unit_test(bridge_counts_missed_blocks),
	    cmocka_unit_test(bridge_packet_times),
	    cmocka_unit_test(bridge_reports_by_rtcp),
	    cmocka_unit_test(bridge_open_fails_cleanly),
	    cmocka_unit_test(bridge_bad_packets_are_counted),
	    cmocka_unit_test(udp_call_on_ipv4),
	    cmocka_unit_test(udp_call_on_ipv6),
	    cmocka_unit_test(udp_threads),
	};

	log_init(LOG_ERROR, NULL, NULL);
	return cmocka_run_group_tests_name("media_bridge", tests, NULL, NULL);
}
