/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls each way, gateway as user and as network: each message that we send, octet for octet. */
#include <string.h>

#include "tests/peer_isdn/bed.h"

static void isdn_to_sip(void **state)
{
	unsigned span = bed_span(state);
	struct peer *p = bed_peer(span);

	bed_begin(NULL);
	bed_isdn_calls(span);
	sip_reply(&bed.sip, &bed.call, "180 Ringing", 0, NULL);
	if (span == 1)
		peer_expect(p, 1, ALERTING);
	else
		peer_expect(p, 1, ALERTING, PI(1, 8));
	bed_pass(BED_S);
	sip_reply(&bed.sip, &bed.call, "200 OK", SIP_SDP, NULL);
	sip_expect(&bed.sip, &bed.call, "ACK");
	peer_expect(p, 1, CONNECT, CHANNEL(1));
	peer_send(p, 1, CONNECT_ACKNOWLEDGE);
	bed.sip.says = true;
	bed.sip.octet = 0x41;
	bed_pass(BED_S);
	assert_int_equal(p->heard[1], 0x41);
	assert_int_equal(bed.sip.heard, 0x31);
	peer_send(p, 1, DISCONNECT, CAUSE(0, 16));
	peer_expect(p, 1, RELEASE, CAUSE(0, 16));
	peer_send(p, 1, RELEASE_COMPLETE);
	sip_expect(&bed.sip, &bed.call, "BYE");
	bed_assert_reason(16, "U");
	sip_reply_request(&bed.sip, &bed.call, "200 OK");
	bed_end();
}

static void sip_to_isdn(void **state)
{
	unsigned span = bed_span(state), channel = span == 1 ? 1 : 31;
	struct peer *p = bed_peer(span);
	uint16_t ref;

	bed_begin(NULL);
	sip_invite(&bed.sip, &bed.call, span == 1 ? "0112345" : "0212345", SIP_SDP, NULL);
	ref =
	    peer_expect(p, Q931_ANY_REF, SETUP, BEARER_3K1, CHANNEL_PREFERRED(channel),
			CALLING(0x01, 0x80, "4989654321"), CALLED(0x81, "12345"), SENDING_COMPLETE);
	assert_true(ref & Q931_THEIRS);
	peer_listen(p, channel, 0x32);
	peer_send(p, ref, CALL_PROCEEDING, CHANNEL(channel));
	peer_send(p, ref, ALERTING);
	sip_expect(&bed.sip, &bed.call, "180 INVITE");
	assert_false(sip_has_sdp(&bed.sip));
	bed_pass(BED_S);
	peer_send(p, ref, CONNECT);
	sip_expect(&bed.sip, &bed.call, "200 INVITE");
	assert_true(sip_has_sdp(&bed.sip));
	sip_ack(&bed.sip, &bed.call);
	peer_expect(p, ref, CONNECT_ACKNOWLEDGE);
	bed.sip.says = true;
	bed.sip.octet = 0x42;
	bed_pass(BED_S);
	assert_int_equal(p->heard[channel], 0x42);
	assert_int_equal(bed.sip.heard, 0x32);
	sip_request(&bed.sip, &bed.call, "BYE", NULL);
	sip_expect(&bed.sip, &bed.call, "200 BYE");
	peer_expect(p, ref, DISCONNECT, CAUSE(5, 16));
	peer_send(p, ref, RELEASE);
	peer_expect(p, ref, RELEASE_COMPLETE, CAUSE(5, 16));
	bed_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED_TEST_SPANS(isdn_to_sip),
	    BED_TEST_SPANS(sip_to_isdn),
	};

	return cmocka_run_group_tests_name("peer_isdn", tests, NULL, NULL);
}
