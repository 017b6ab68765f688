/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers of Q.931 section 9 in virtual time: when each one expires, ± one tick, and the octets that
 * go out then, with the gateway as user (span 1, table 9-2) and as network (span 2, table 9-1). */
#include <string.h>

#include "tests/peer_isdn/bed.h"

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;

/* ALERTING and no answer for 180 s. */
static void t301(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;
	int64_t since_us;

	bed_begin(NULL);
	ref = bed_sip_proceeds(bed_span(state));
	since_us = p->now_us;
	peer_send(p, ref, ALERTING);
	sip_expect(sip, call, "180 INVITE");
	bed_expect_after(p, since_us, 180, ref, DISCONNECT, TIMER_EXPIRED('3', '0', '1'));
	sip_expect(sip, call, "480 INVITE");
	bed_far_end_releases(p, ref);
	bed_end();
}

static const struct bed_options overlap = {.span = "    restart: never\n    overlap: true\n"};

/* A number that stops growing: 5 s after its last digit as user, 15 s as network, it is complete. */
static void t302(void **state)
{
	unsigned span = bed_span(state);
	struct peer *p = bed_peer(span);
	int64_t since_us;

	bed_begin(&overlap);
	peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x81, "12"));
	peer_expect(p, 1, SETUP_ACKNOWLEDGE, CHANNEL(1));
	bed_pass(4 * (int64_t)BED_S);
	peer_send(p, 1, INFORMATION, CALLED(0x81, "3"));
	since_us = p->now_us;
	bed_expect_after(p, since_us, span == 1 ? 5 : 15, 1, CALL_PROCEEDING, CHANNEL(1));
	sip_expect(sip, call, "INVITE");
	assert_memory_equal(call->invite, "INVITE sip:123@", 15);
	sip_reply(sip, call, "486 Busy Here", 0, NULL);
	sip_expect(sip, call, "ACK");
	peer_expect(p, 1, DISCONNECT, MORE);
	bed_far_end_releases(p, 1);
	bed_end();
}

/* No digit at all: cause 28 (5.2.4). */
static void t302_no_digit(void **state)
{
	unsigned span = bed_span(state);
	struct peer *p = bed_peer(span);
	int64_t since_us;

	bed_begin(NULL);
	peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1));
	since_us = p->now_us;
	peer_expect(p, 1, SETUP_ACKNOWLEDGE, CHANNEL(1));
	bed_expect_after(p, since_us, span == 1 ? 5 : 15, 1, DISCONNECT, CAUSE(1, 28));
	bed_far_end_releases(p, 1);
	sip_expect_silence(sip, BED_S);
	bed_end();
}

/* SETUP ACKNOWLEDGE and nothing more: 30 s as user, 20 s as network. */
static void t304(void **state)
{
	unsigned span = bed_span(state);
	struct peer *p = bed_peer(span);
	uint16_t ref;
	int64_t since_us;

	bed_begin(NULL);
	ref = bed_sip_calls(span);
	since_us = p->now_us;
	peer_send(p, ref, SETUP_ACKNOWLEDGE, CHANNEL(bed_channel(p)));
	bed_expect_after(p, since_us, span == 1 ? 30 : 20, ref, DISCONNECT,
			 TIMER_EXPIRED('3', '0', '4'));
	sip_expect(sip, call, "504 INVITE");
	bed_far_end_releases(p, ref);
	bed_end();
}

/* CALL PROCEEDING and nothing more: 120 s as user, 30 s as network. */
static void t310(void **state)
{
	unsigned span = bed_span(state);
	struct peer *p = bed_peer(span);
	uint16_t ref;
	int64_t since_us;

	bed_begin(NULL);
	ref = bed_sip_calls(span);
	since_us = p->now_us;
	peer_send(p, ref, CALL_PROCEEDING, CHANNEL(bed_channel(p)));
	bed_expect_after(p, since_us, span == 1 ? 120 : 30, ref, DISCONNECT,
			 TIMER_EXPIRED('3', '1', '0'));
	sip_expect(sip, call, "504 INVITE");
	bed_far_end_releases(p, ref);
	bed_end();
}

static void t310_stopped_by_progress(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;

	bed_begin(NULL);
	ref = bed_sip_proceeds(bed_span(state));
	peer_send(p, ref, PROGRESS, PI(2, 8));
	sip_expect(sip, call, "183 INVITE");
	peer_expect_silence(p, 130 * (int64_t)BED_S);
	bed_isdn_clears(bed_span(state), ref, 2, 31);
	sip_expect(sip, call, "480 INVITE");
	bed_end();
}

/* CONNECT unconfirmed for 4 s, user side only. */
static void t313(void **state)
{
	struct peer *p = bed_peer(1);
	uint16_t ref;
	int64_t since_us;

	(void)state;
	bed_begin(NULL);
	ref = bed_isdn_rings(1);
	sip_reply(sip, call, "200 OK", SIP_SDP, NULL);
	sip_expect(sip, call, "ACK");
	peer_expect(p, ref, CONNECT, CHANNEL(1));
	since_us = p->last_us;
	bed_expect_after(p, since_us, 4, ref, DISCONNECT, TIMER_EXPIRED('3', '1', '3'));
	sip_expect(sip, call, "BYE");
	sip_reply_request(sip, call, "200 OK");
	bed_far_end_releases(p, ref);
	bed_end();
}

static const struct bed_options short_t309 = {.span =
						  "    restart: never\n    timers: {t309: 10}\n"};

static void t309_survived(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;

	bed_begin(&short_t309);
	ref = bed_isdn_answered(bed_span(state));
	bed_pass(BED_S);
	lapd_cut(&p->lapd);
	bed_pass(8 * BED_S);
	lapd_mend(&p->lapd, p->now_us);
	bed_pass(20 * BED_S);
	sip_expect_silence(sip, 0);
	/* 5.8.9: whoever was cut off tells what has become of the call. */
	peer_expect(p, ref, STATUS, CAUSE(0, 31), CALL_STATE(10));
	bed_isdn_clears(bed_span(state), ref, 0, 16);
	sip_expect(sip, call, "BYE");
	sip_reply_request(sip, call, "200 OK");
	bed_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED_TEST_SPANS(t301), BED_TEST_SPANS(t302), BED_TEST_SPANS(t302_no_digit),
	    BED_TEST_SPANS(t304),
	    BED_TEST_SPANS(t310), BED_TEST_SPANS(t310_stopped_by_progress),
	    BED_TEST(t313),	  BED_TEST_SPANS(t309_survived),
	};

	return cmocka_run_group_tests_name("peer_isdn timers of a call", tests, NULL, NULL);
}
