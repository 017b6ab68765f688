/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test functions of this executable, by file. */
#ifndef TESTS_UNIT_MEDIA_BRIDGE_MEDIA_TESTS_H
#define TESTS_UNIT_MEDIA_BRIDGE_MEDIA_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* packet_test.c */
void rtp_header_comes_back(void **state);
void rtp_lengths_are_not_trusted(void **state);
void rtcp_compound_comes_back(void **state);
void rtcp_garbage_is_refused(void **state);
void source_counts_exactly(void **state);
void source_starts_again_after_a_jump(void **state);
void ports_rest_before_they_return(void **state);
/* codec_test.c */
void law_tables_follow_their_rules(void **state);
void law_change_keeps_the_signal(void **state);
void ringback_has_its_cadence(void **state);
/* jbuf_test.c */
void jbuf_sums_hold_for_any_stream(void **state);
void jbuf_perfect_stream_is_untouched(void **state);
void jbuf_drift_ends_in_single_slips(void **state);
void jbuf_grows_and_shrinks_with_jitter(void **state);
void jbuf_finds_a_stream_again(void **state);
void jbuf_fixed_mode_keeps_its_delay(void **state);
void jbuf_never_plays_twice(void **state);
void jbuf_makes_room_for_the_overtaken(void **state);
void jbuf_uses_pauses(void **state);
void jbuf_conceals_fading(void **state);
void jbuf_catches_up(void **state);
/* bridge_test.c */
void bridge_catches_up(void **state);
void bridge_survives_a_stopped_clock(void **state);
void bridge_forgives_silent_losses(void **state);
void bridge_hears_without_a_timeslot(void **state);
void bridge_takes_a_new_ssrc(void **state);
void bridge_is_bit_exact(void **state);
void bridge_explains_every_loss(void **state);
void bridge_latches(void **state);
void bridge_relatches(void **state);
void bridge_rings_until_rtp(void **state);
void bridge_changes_the_law(void **state);
void bridge_follows_a_moved_channel(void **state);
void bridge_survives_a_storm(void **state);
void bridge_counts_missed_blocks(void **state);
void bridge_packet_times(void **state);
void bridge_reports_by_rtcp(void **state);
void bridge_open_fails_cleanly(void **state);
void bridge_bad_packets_are_counted(void **state);
/* udp_test.c */
void udp_call_on_ipv4(void **state);
void udp_call_on_ipv6(void **state);
void udp_threads(void **state);

#endif
