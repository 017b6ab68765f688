/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the message table: the call comes from ISDN. */
#include <string.h>

#include "tests/peer_isdn/bed.h"
#include "tests/peer_isdn/message_rows.h"

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;

static void bye_ends(void)
{
	sip_expect(sip, call, "BYE");
	sip_reply_request(sip, call, "200 OK");
}

static void cancel_ends(void)
{
	sip_expect(sip, call, "CANCEL");
	sip_reply_request(sip, call, "200 OK");
	sip_reply(sip, call, "487 Request Terminated", 0, NULL);
	sip_expect(sip, call, "ACK");
}

/* The caller gives up before the answer. */
static void gives_up(unsigned span)
{
	bed_isdn_clears(span, 1, 0, 16);
	cancel_ends();
}

void message_setup(unsigned span)
{
	bed_isdn_calls(span);
	/* CALL PROCEEDING has been read; the 100 adds nothing to it. */
	sip_reply(sip, call, "100 Trying", 0, NULL);
	peer_expect_silence(bed_peer(span), BED_S);
	gives_up(span);
}

void message_setup_no_route(unsigned span)
{
	static const struct bed_options nowhere = {
	    .plan = "  - name: only-9\n    prefix: \"9\"\n    to: trunk:peer\n"};
	struct peer *p = bed_peer(span);

	bed_drop(NULL);
	bed_begin(&nowhere);
	peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x81, "12345"), SENDING_COMPLETE);
	/* We are a private network that serves the far end's user: location 1. */
	peer_expect(p, 1, RELEASE_COMPLETE, CAUSE(1, 3));
}

static void progress_pi1(unsigned span, const char *status)
{
	struct peer *p = bed_peer(span);

	bed_isdn_calls(span);
	sip_reply(sip, call, status, 0, NULL);
	peer_expect(p, 1, PROGRESS, PI(1, 1));
	sip_reply(sip, call, "182 Queued", 0, "X: 2\r\n");
	sip_reply(sip, call, "183 Session Progress", 0, "X: 3\r\n");
	peer_expect_silence(p, BED_S);
	gives_up(span);
}

void message_progress_181(unsigned span)
{
	progress_pi1(span, "181 Call Is Being Forwarded");
}

void message_progress_182(unsigned span)
{
	progress_pi1(span, "182 Queued");
}

void message_progress_183_no_sdp(unsigned span)
{
	progress_pi1(span, "183 Session Progress");
}

void message_alerting_180(unsigned span)
{
	struct peer *p = bed_peer(span);

	bed_isdn_calls(span);
	sip_reply(sip, call, "180 Ringing", 0, NULL);
	if (span == 1) {
		peer_expect(p, 1, ALERTING);
	} else {
		peer_expect(p, 1, ALERTING, PI(1, 8));
		bed_pass(BED_S);
		assert_true(p->sounds[1] > 1000);
	}
	gives_up(span);
}

static void says(uint8_t octet)
{
	sip->says = true;
	sip->octet = octet;
}

void message_alerting_180_early_rtp(unsigned span)
{
	struct peer *p = bed_peer(span);

	bed_isdn_calls(span);
	says(0x44);
	sip_reply(sip, call, "180 Ringing", SIP_SDP, NULL);
	/* The exchange rings by itself until there is something else to hear. */
	if (span == 1) {
		peer_expect(p, 1, ALERTING);
		peer_expect(p, 1, PROGRESS, PI(1, 8));
	} else {
		peer_expect(p, 1, ALERTING, PI(1, 8));
	}
	bed_pass(BED_S / 2);
	assert_int_equal(p->heard[1], 0x44);
	gives_up(span);
}

static void session_progress(unsigned span)
{
	bed_isdn_calls(span);
	says(0x45);
	sip_reply(sip, call, "183 Session Progress", SIP_SDP, NULL);
	peer_expect(bed_peer(span), 1, PROGRESS, PI(1, 8));
	bed_pass(BED_S);
	assert_int_equal(bed_peer(span)->heard[1], 0x45);
}

void message_progress_183_sdp(unsigned span)
{
	session_progress(span);
	gives_up(span);
}

void message_alerting_after_183(unsigned span)
{
	session_progress(span);
	sip_reply(sip, call, "180 Ringing", 0, NULL);
	peer_expect(bed_peer(span), 1, ALERTING, PI(1, 8));
	gives_up(span);
}

void message_alerting_after_183_silent(unsigned span)
{
	bed_isdn_calls(span);
	sip_reply(sip, call, "183 Session Progress", 0, NULL);
	peer_expect(bed_peer(span), 1, PROGRESS, PI(1, 1));
	sip_reply(sip, call, "180 Ringing", 0, NULL);
	peer_expect(bed_peer(span), 1, ALERTING);
	gives_up(span);
}

/* Q.931 5.2.8: T313, 4 s, then DISCONNECT with cause 102. */
void message_connect_user_t313(unsigned span)
{
	struct peer *p = bed_peer(span);
	int64_t connect_us;

	bed_isdn_rings(span);
	sip_reply(sip, call, "200 OK", SIP_SDP, NULL);
	sip_expect(sip, call, "ACK");
	peer_expect(p, 1, CONNECT, CHANNEL(1));
	connect_us = p->last_us;
	peer_expect_within(p, 6 * BED_S, 1, DISCONNECT, TIMER_EXPIRED('3', '1', '3'));
	bed_assert_elapsed(connect_us, p->last_us, 4 * BED_S);
	bye_ends();
	peer_send(p, 1, RELEASE);
	peer_expect(p, 1, RELEASE_COMPLETE, MORE);
}

void message_connect_network(unsigned span)
{
	struct peer *p = bed_peer(span);

	bed_isdn_rings(span);
	sip_reply(sip, call, "200 OK", SIP_SDP, NULL);
	sip_expect(sip, call, "ACK");
	peer_expect(p, 1, CONNECT, CHANNEL(1));
	peer_expect_silence(p, 60 * BED_S);
	sip_expect_silence(sip, 0);
	bed_isdn_clears(span, 1, 0, 16);
	bye_ends();
}

void message_disconnect_cancel(unsigned span)
{
	bed_isdn_rings(span);
	gives_up(span);
}

void message_disconnect_bye(unsigned span)
{
	bed_isdn_answered(span);
	bed_isdn_clears(span, 1, 0, 16);
	bye_ends();
}

void message_release_cancel(unsigned span)
{
	bed_isdn_rings(span);
	peer_send(bed_peer(span), 1, RELEASE, CAUSE(0, 16));
	peer_expect(bed_peer(span), 1, RELEASE_COMPLETE, MORE);
	cancel_ends();
}

void message_release_bye(unsigned span)
{
	bed_isdn_answered(span);
	peer_send(bed_peer(span), 1, RELEASE, CAUSE(0, 16));
	peer_expect(bed_peer(span), 1, RELEASE_COMPLETE, MORE);
	bye_ends();
}

void message_release_complete_bye(unsigned span)
{
	bed_isdn_answered(span);
	peer_send(bed_peer(span), 1, RELEASE_COMPLETE, CAUSE(0, 16));
	bye_ends();
	peer_expect_silence(bed_peer(span), BED_S);
}

static void refused_busy(unsigned span)
{
	bed_isdn_rings(span);
	sip_reply(sip, call, "486 Busy Here", 0, NULL);
	sip_expect(sip, call, "ACK");
}

void message_disconnect_final(unsigned span)
{
	struct peer *p = bed_peer(span);

	refused_busy(span);
	peer_expect(p, 1, DISCONNECT, CAUSE(5, 17));
	peer_send(p, 1, RELEASE);
	peer_expect(p, 1, RELEASE_COMPLETE, MORE);
}

/* Q.931 5.4: DISCONNECT with PI 8, T306 (30 s), then RELEASE. */
void message_disconnect_tone(unsigned span)
{
	struct peer *p = bed_peer(span);
	int64_t since_us;

	refused_busy(span);
	peer_expect(p, 1, DISCONNECT, CAUSE(5, 17), PI(1, 8));
	since_us = p->last_us;
	/* Busy tone: half the time on (E.180). */
	p->sounds[1] = 0;
	bed_pass(4 * BED_S);
	assert_in_range(p->sounds[1], 14000, 18000);
	peer_expect_within(p, 40 * BED_S, 1, RELEASE, MORE);
	bed_assert_elapsed(since_us, p->last_us, 30 * BED_S);
	peer_send(p, 1, RELEASE_COMPLETE);
}

void message_disconnect_from_bye(unsigned span)
{
	struct peer *p = bed_peer(span);

	bed_isdn_answered(span);
	sip_request(sip, call, "BYE", NULL);
	sip_expect(sip, call, "200 BYE");
	peer_expect(p, 1, DISCONNECT, CAUSE(5, 16));
	peer_send(p, 1, RELEASE);
	peer_expect(p, 1, RELEASE_COMPLETE, MORE);
}
