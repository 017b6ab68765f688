/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the message table: the call goes to ISDN. */
#include <string.h>

#include "tests/peer_isdn/bed.h"
#include "tests/peer_isdn/message_rows.h"

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;

enum { SPOKEN = 0x32 }; /* what bed_sip_calls() lets the far end say */

static void sip_cancels(unsigned span, uint16_t ref)
{
	struct peer *p = bed_peer(span);

	sip_cancel(sip, call, NULL);
	sip_expect(sip, call, "200 CANCEL");
	sip_expect(sip, call, "487 INVITE");
	peer_expect(p, ref, DISCONNECT, CAUSE(5, 16));
	peer_send(p, ref, RELEASE);
	peer_expect(p, ref, RELEASE_COMPLETE, MORE);
}

static void hears_far_end(void)
{
	sip->heard = 0;
	bed_pass(BED_S / 2);
	assert_int_equal(sip->heard, SPOKEN);
}

static void expect_183_sdp(void)
{
	sip_expect(sip, call, "183 INVITE");
	assert_true(sip_has_sdp(sip));
	hears_far_end();
}

void message_disconnect_from_cancel(unsigned span)
{
	sip_cancels(span, bed_sip_rings(span));
}

void message_invite(unsigned span)
{
	unsigned channel = span == 1 ? 1 : 31;
	struct peer *p = bed_peer(span);
	uint16_t ref;

	sip_invite(sip, call, span == 1 ? "0112345" : "0212345", SIP_SDP, NULL);
	ref =
	    peer_expect(p, Q931_ANY_REF, SETUP, BEARER_3K1, CHANNEL_PREFERRED(channel),
			CALLING(0x01, 0x80, "4989654321"), CALLED(0x81, "12345"), SENDING_COMPLETE);
	peer_send(p, ref, CALL_PROCEEDING, CHANNEL(channel));
	bed_pass(BED_S);
	sip_cancels(span, ref);
}

void message_proceeding(unsigned span)
{
	uint16_t ref = bed_sip_proceeds(span);

	sip_expect_silence(sip, BED_S);
	sip_cancels(span, ref);
}

static void proceeding_pi(unsigned span, uint8_t description)
{
	uint16_t ref = bed_sip_calls(span);
	struct peer *p = bed_peer(span);

	peer_send(p, ref, CALL_PROCEEDING, CHANNEL(bed_channel(p)), PI(2, description));
	expect_183_sdp();
	sip_cancels(span, ref);
}

void message_proceeding_pi1(unsigned span)
{
	proceeding_pi(span, 1);
}

void message_proceeding_pi8(unsigned span)
{
	proceeding_pi(span, 8);
}

void message_progress(unsigned span)
{
	uint16_t ref = bed_sip_proceeds(span);

	peer_send(bed_peer(span), ref, PROGRESS, PI(2, 2));
	sip_expect(sip, call, "183 INVITE");
	assert_false(sip_has_sdp(sip));
	sip_cancels(span, ref);
}

void message_progress_cause(unsigned span)
{
	uint16_t ref = bed_sip_proceeds(span);
	struct peer *p = bed_peer(span);

	peer_send(p, ref, PROGRESS, CAUSE(2, 1), PI(2, 8));
	expect_183_sdp();
	sip_expect_silence(sip, 5 * BED_S);
	bed_isdn_clears(span, ref, 2, 1);
	sip_expect(sip, call, "404 INVITE");
}

void message_alerting(unsigned span)
{
	uint16_t ref = bed_sip_rings(span);

	assert_false(sip_has_sdp(sip));
	sip_cancels(span, ref);
}

static void alerting_pi(unsigned span, uint8_t description)
{
	uint16_t ref = bed_sip_proceeds(span);

	peer_send(bed_peer(span), ref, ALERTING, PI(2, description));
	sip_expect(sip, call, "180 INVITE");
	assert_true(sip_has_sdp(sip));
	hears_far_end();
	sip_cancels(span, ref);
}

void message_alerting_pi1(unsigned span)
{
	alerting_pi(span, 1);
}

void message_alerting_pi8(unsigned span)
{
	alerting_pi(span, 8);
}

static void progress_pi(unsigned span, uint8_t description)
{
	uint16_t ref = bed_sip_proceeds(span);

	peer_send(bed_peer(span), ref, PROGRESS, PI(2, description));
	expect_183_sdp();
	sip_cancels(span, ref);
}

void message_progress_pi1(unsigned span)
{
	progress_pi(span, 1);
}

void message_progress_pi8(unsigned span)
{
	progress_pi(span, 8);
}

static void sip_hangs_up(unsigned span, uint16_t ref)
{
	struct peer *p = bed_peer(span);

	sip_request(sip, call, "BYE", NULL);
	sip_expect(sip, call, "200 BYE");
	peer_expect(p, ref, DISCONNECT, CAUSE(5, 16));
	peer_send(p, ref, RELEASE);
	peer_expect(p, ref, RELEASE_COMPLETE, MORE);
}

void message_connect(unsigned span)
{
	uint16_t ref = bed_sip_rings(span);

	peer_send(bed_peer(span), ref, CONNECT);
	sip_expect(sip, call, "200 INVITE");
	assert_true(sip_has_sdp(sip));
	sip_ack(sip, call);
	peer_expect(bed_peer(span), ref, CONNECT_ACKNOWLEDGE);
	sip_hangs_up(span, ref);
}

void message_connect_same_sdp(unsigned span)
{
	uint16_t ref = bed_sip_proceeds(span);
	char early[1024];

	peer_send(bed_peer(span), ref, ALERTING, PI(2, 8));
	sip_expect(sip, call, "180 INVITE");
	sip_span_copy(sip->text.body, early, sizeof(early));
	assert_true(strlen(early) > 50);
	peer_send(bed_peer(span), ref, CONNECT);
	sip_expect(sip, call, "200 INVITE");
	assert_int_equal(sip->text.body.len, strlen(early));
	assert_memory_equal(sip->text.body.at, early, strlen(early));
	sip_ack(sip, call);
	peer_expect(bed_peer(span), ref, CONNECT_ACKNOWLEDGE);
	sip_hangs_up(span, ref);
}

/* Nobody answered: DISCONNECT with an announcement. The B-channel stays, the caller hears it. */
static uint16_t announcement(unsigned span)
{
	uint16_t ref = bed_sip_rings(span);
	struct peer *p = bed_peer(span);

	peer_send(p, ref, DISCONNECT, CAUSE(2, 1), PI(2, 8));
	expect_183_sdp();
	peer_expect_silence(p, 5 * BED_S);
	sip_expect_silence(sip, 0);
	hears_far_end();
	return ref;
}

void message_disconnect_pi8_release(unsigned span)
{
	uint16_t ref = announcement(span);
	struct peer *p = bed_peer(span);

	peer_send(p, ref, RELEASE, CAUSE(2, 1));
	sip_expect(sip, call, "404 INVITE");
	peer_expect(p, ref, RELEASE_COMPLETE, MORE);
}

void message_disconnect_pi8_after_183(unsigned span)
{
	uint16_t ref = bed_sip_proceeds(span);
	struct peer *p = bed_peer(span);

	peer_send(p, ref, PROGRESS, PI(2, 8));
	expect_183_sdp();
	peer_send(p, ref, DISCONNECT, CAUSE(2, 17), PI(2, 8));
	peer_expect_silence(p, 5 * BED_S);
	sip_expect_silence(sip, 0);
	hears_far_end();
	/* T306 of the exchange ran out: the reason is still that of its DISCONNECT. */
	peer_send(p, ref, RELEASE, CAUSE(2, 102));
	sip_expect(sip, call, "486 INVITE");
	peer_expect(p, ref, RELEASE_COMPLETE, MORE);
}

void message_disconnect_pi8_cancel(unsigned span)
{
	uint16_t ref = announcement(span);
	struct peer *p = bed_peer(span);

	sip_cancel(sip, call, NULL);
	sip_expect(sip, call, "200 CANCEL");
	sip_expect(sip, call, "487 INVITE");
	/* The far end has disconnected already: what is left for us is RELEASE. */
	peer_expect(p, ref, RELEASE, MORE);
	peer_send(p, ref, RELEASE_COMPLETE);
}

void message_disconnect_pi8_guard(unsigned span)
{
	uint16_t ref = bed_sip_rings(span);
	struct peer *p = bed_peer(span);
	int64_t since_us = p->now_us;

	peer_send(p, ref, DISCONNECT, CAUSE(2, 1), PI(2, 8));
	expect_183_sdp();
	peer_expect_within(p, 40 * BED_S, ref, RELEASE, MORE);
	bed_assert_elapsed(since_us, p->last_us, 30 * BED_S);
	sip_expect(sip, call, "404 INVITE");
	peer_send(p, ref, RELEASE_COMPLETE);
}

void message_disconnect_pi8_answered(unsigned span)
{
	uint16_t ref = bed_sip_answered(span);
	struct peer *p = bed_peer(span);

	peer_send(p, ref, DISCONNECT, CAUSE(2, 16), PI(2, 8));
	peer_expect(p, ref, RELEASE, MORE);
	peer_send(p, ref, RELEASE_COMPLETE);
	sip_expect(sip, call, "BYE");
	sip_reply_request(sip, call, "200 OK");
}
