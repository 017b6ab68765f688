/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that cross between the two sides (RFC 4497 8.4): by name, one test each. */
#include <string.h>

#include "tests/peer_isdn/bed.h"

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;

enum { TIMEOUT_S = 32 }; /* 64 · T1 */

static void bye_ends(void)
{
	sip_expect(sip, call, "BYE");
	sip_reply_request(sip, call, "200 OK");
}

/* RFC 3261 9.1: CANCEL waits for a provisional. */
static void disconnect_before_any_provisional(void **state)
{
	bed_begin(NULL);
	bed_isdn_calls(bed_span(state));
	bed_isdn_clears(bed_span(state), 1, 0, 16);
	sip_expect_silence(sip, 2 * BED_S);
	sip_reply(sip, call, "180 Ringing", 0, NULL);
	sip_expect(sip, call, "CANCEL");
	sip_reply_request(sip, call, "200 OK");
	sip_reply(sip, call, "487 Request Terminated", 0, NULL);
	sip_expect(sip, call, "ACK");
	bed_end();
}

static void answer_instead_of_provisional(void **state)
{
	bed_begin(NULL);
	bed_isdn_calls(bed_span(state));
	bed_isdn_clears(bed_span(state), 1, 0, 16);
	sip_expect_silence(sip, 2 * BED_S);
	sip_reply(sip, call, "200 OK", SIP_SDP, NULL);
	sip_expect(sip, call, "ACK");
	bye_ends();
	bed_end();
}

static void answer_crosses_cancel(void **state)
{
	bed_begin(NULL);
	bed_isdn_rings(bed_span(state));
	bed_isdn_clears(bed_span(state), 1, 0, 16);
	sip_expect(sip, call, "CANCEL");
	sip_reply(sip, call, "200 OK", SIP_SDP, NULL);
	sip_expect(sip, call, "ACK");
	bye_ends();
	sip_reply_request(sip, call, "200 OK");
	bed_end();
}

/* The far end answers and hangs up before the ACK is there: BYE has to wait (RFC 3261 15). */
static uint16_t hung_up_before_ack(unsigned span)
{
	struct peer *p = bed_peer(span);
	uint16_t ref = bed_sip_rings(span);

	peer_send(p, ref, CONNECT);
	sip_expect(sip, call, "200 INVITE");
	peer_expect(p, ref, CONNECT_ACKNOWLEDGE);
	bed_isdn_clears(span, ref, 0, 16);
	sip_expect_silence(sip, 2 * BED_S);
	return ref;
}

static void disconnect_before_ack(void **state)
{
	bed_begin(NULL);
	hung_up_before_ack(bed_span(state));
	sip_ack(sip, call);
	bye_ends();
	bed_end();
}

static void disconnect_and_no_ack(void **state)
{
	int64_t since_us;

	bed_begin(NULL);
	hung_up_before_ack(bed_span(state));
	since_us = sip->now_us - 2 * BED_S;
	sip_expect_within(sip, 40 * BED_S, call, "BYE");
	assert_in_range(sip->last.at_us - since_us, (TIMEOUT_S - 1) * BED_S,
			(TIMEOUT_S + 1) * BED_S);
	sip_reply_request(sip, call, "200 OK");
	bed_end();
}

/* The 200 is repeated until 64 · T1; then both sides hear that it is over. */
static void ack_lost(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;
	int64_t since_us;

	bed_begin(NULL);
	ref = bed_sip_rings(bed_span(state));
	peer_send(p, ref, CONNECT);
	sip_expect(sip, call, "200 INVITE");
	since_us = sip->last.at_us;
	peer_expect(p, ref, CONNECT_ACKNOWLEDGE);
	sip_expect_within(sip, 40 * BED_S, call, "BYE");
	bed_assert_elapsed(since_us, sip->last.at_us, TIMEOUT_S * BED_S);
	/* 0.5, 1, 2, 4 and then every 4 s: 10 repetitions. */
	assert_int_equal(sip->repeated, 10);
	sip_reply_request(sip, call, "200 OK");
	peer_expect(p, ref, DISCONNECT, ANY(IE_CAUSE));
	bed_far_end_releases(p, ref);
	bed_end();
}

/* RFC 3261 9.2: the final response went out, CANCEL changes nothing. */
static void cancel_crosses_connect(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;

	bed_begin(NULL);
	ref = bed_sip_rings(bed_span(state));
	peer_send(p, ref, CONNECT);
	peer_expect(p, ref, CONNECT_ACKNOWLEDGE);
	sip_expect(sip, call, "200 INVITE");
	sip_cancel(sip, call, NULL);
	sip_expect(sip, call, "200 CANCEL");
	sip_ack(sip, call);
	sip_expect_silence(sip, 5 * BED_S);
	peer_expect_silence(p, 0);
	sip_request(sip, call, "BYE", NULL);
	sip_expect(sip, call, "200 BYE");
	peer_expect(p, ref, DISCONNECT, CAUSE(5, 16));
	bed_far_end_releases(p, ref);
	bed_end();
}

/* 487 once, though the far end hangs up at the same moment. */
static void cancel_crosses_disconnect(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;

	bed_begin(NULL);
	ref = bed_sip_rings(bed_span(state));
	sip_cancel(sip, call, NULL);
	sip_expect(sip, call, "200 CANCEL");
	sip_expect(sip, call, "487 INVITE");
	peer_send(p, ref, DISCONNECT, CAUSE(0, 17));
	peer_expect(p, ref, DISCONNECT, CAUSE(5, 16));
	peer_expect(p, ref, RELEASE, MORE);
	peer_send(p, ref, RELEASE_COMPLETE);
	sip_expect_silence(sip, 5 * BED_S);
	bed_end();
}

static void bye_crosses_disconnect(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;

	bed_begin(NULL);
	ref = bed_sip_answered(bed_span(state));
	peer_send(p, ref, DISCONNECT, CAUSE(0, 16));
	sip_request(sip, call, "BYE", NULL);
	peer_expect(p, ref, RELEASE, MORE);
	peer_send(p, ref, RELEASE_COMPLETE);
	bye_ends();
	sip_expect(sip, call, "200 BYE");
	bed_end();
}

/* Both ends take the same channel: the call of the network side has it (Q.931 5.7). */
static void glare_as_user(void **state)
{
	struct peer *p = bed_peer(1);
	struct sip_script_call theirs = {0};
	unsigned channel;
	uint16_t ref;

	(void)state;
	bed_begin(NULL);
	ref = bed_sip_calls(1);
	channel = bed_channel(p);
	peer_send(p, 5, SETUP, BEARER_3K1, CHANNEL(channel), CALLED(0x81, "777"), SENDING_COMPLETE);
	peer_expect(p, 5, CALL_PROCEEDING, CHANNEL(channel));
	sip_expect(sip, &theirs, "INVITE");
	peer_send(p, ref, RELEASE_COMPLETE, CAUSE(2, 44));
	ref = peer_expect(p, Q931_ANY_REF, SETUP, MORE);
	assert_int_not_equal(bed_channel(p), channel);
	peer_send(p, ref, RELEASE_COMPLETE, CAUSE(2, 17));
	sip_expect(sip, call, "486 INVITE");
	sip_reply(sip, &theirs, "486 Busy Here", 0, NULL);
	sip_expect(sip, &theirs, "ACK");
	peer_expect(p, 5, DISCONNECT, CAUSE(5, 17));
	bed_far_end_releases(p, 5);
	bed_end();
}

static void glare_as_network(void **state)
{
	struct peer *p = bed_peer(2);
	unsigned channel;
	uint16_t ref;

	(void)state;
	bed_begin(NULL);
	ref = bed_sip_calls(2);
	channel = bed_channel(p);
	peer_send(p, 5, SETUP, BEARER_3K1, CHANNEL(channel), CALLED(0x81, "777"), SENDING_COMPLETE);
	peer_expect(p, 5, RELEASE_COMPLETE, CAUSE(1, 44));
	peer_send(p, ref, CALL_PROCEEDING, CHANNEL(channel));
	peer_send(p, ref, ALERTING);
	sip_expect(sip, call, "180 INVITE");
	bed_isdn_clears(2, ref, 0, 17);
	sip_expect(sip, call, "486 INVITE");
	bed_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED_TEST_SPANS(disconnect_before_any_provisional),
	    BED_TEST_SPANS(answer_instead_of_provisional),
	    BED_TEST_SPANS(answer_crosses_cancel),
	    BED_TEST_SPANS(disconnect_before_ack),
	    BED_TEST_SPANS(disconnect_and_no_ack),
	    BED_TEST_SPANS(ack_lost),
	    BED_TEST_SPANS(cancel_crosses_connect),
	    BED_TEST_SPANS(cancel_crosses_disconnect),
	    BED_TEST_SPANS(bye_crosses_disconnect),
	    BED_TEST(glare_as_user),
	    BED_TEST(glare_as_network),
	};

	return cmocka_run_group_tests_name("peer_isdn races", tests, NULL, NULL);
}
