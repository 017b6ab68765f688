/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test functions of this suite, by file. */
#ifndef TESTS_UNIT_SIP_MAP_TESTS_H
#define TESTS_UNIT_SIP_MAP_TESTS_H

#define SIP_CALL_TESTS(X)                                                                          \
	X(call_each_way)                                                                           \
	X(call_each_way_ipv6) X(cancel_while_ringing) X(refused_with_cause)                        \
	    X(early_media_then_answer)

#define SIP_CORPUS_TESTS(X)                                                                        \
	X(corpus_answers) X(corpus_cut_short) X(corpus_changed)

#define SIP_TIMER_TESTS(X)                                                                         \
	X(invite_unanswered) X(bye_unanswered) X(ok_without_ack) X(clear_waits_for_ack)            \
	X(refusal_without_ack) X(cancel_waits_for_provisional) X(cancel_unanswered)                \
	X(trunk_timers)
#define SIP_CROSSING_TESTS(X)                                                                      \
	X(cleared_early_then_ok) X(cleared_early_then_refused) X(cleared_early_then_nothing)       \
	X(cleared_early_then_provisional) X(cleared_before_ack) X(cleared_and_no_ack)              \
	X(cancel_crosses_ok) X(one_487) X(clear_crosses_cancel) X(early_bye_crosses_ok)            \
	X(bye_crosses_bye) X(bye_lost_and_crossed) X(reinvite_glare) X(ok_repeated) X(ack_lost)
#define SIP_LOSS_TESTS(X)                                                                          \
	X(many_calls) X(many_calls_with_loss) X(lingering_is_bounded)
#define SIP_UDP_TESTS(X) X(udp_sockets) X(messages_are_seen)
#define SIP_UAS_TESTS(X)                                                                           \
	X(uas_call) X(uas_strict_route) X(uas_refusals) X(uas_refusals_recorded)                      \
	X(uas_other_methods) X(uas_merged)                                                         \
	X(uas_cancel_reason) X(uas_bye_reason) X(uas_late_offer) X(uas_reinvite)                   \
	X(uas_reinvite_late_offer) X(uas_bye_in_reinvite) X(uas_privacy) X(uas_tel_uri)            \
	X(uas_untrusted) X(uas_new_number)
#define SIP_UAC_TESTS(X)                                                                           \
	X(uac_invite_text) X(uac_caller) X(uac_answer) X(uac_forks) X(uac_answer_meets_cancel)     \
	X(uac_refusals) X(uac_bad_answers) X(uac_no_route) X(uac_stray_responses) X(uac_limits)    \
	X(uac_advertise) X(uac_elsewhere)
#define SIP_PARTY_TESTS(X) X(name_addr_list) X(name_addr_params) X(name_addr_garbage)            \
	X(redirect_story) X(redirect_bounded)
#define SIP_SDP_TESTS(X) X(sdp_parse) X(sdp_format) X(sdp_in_multipart)

/* All of them. */
#define SIP_TESTS(X)                                                                               \
	SIP_PARTY_TESTS(X)                                                                         \
	SIP_SDP_TESTS(X)                                                                           \
	SIP_CALL_TESTS(X)                                                                          \
	SIP_UAS_TESTS(X)                                                                           \
	SIP_UAC_TESTS(X)                                                                           \
	SIP_CORPUS_TESTS(X)                                                                        \
	SIP_TIMER_TESTS(X)                                                                         \
	SIP_CROSSING_TESTS(X)                                                                      \
	SIP_LOSS_TESTS(X)                                                                          \
	SIP_UDP_TESTS(X)

#define DECLARE(name) void test_##name(void **state);
SIP_TESTS(DECLARE)
#undef DECLARE

#endif
