/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Overlap receiving (Q.931 5.1.3, 5.2.4): numbers that come digit by digit are one INVITE with all
 * of them, whatever ends them; and callers who think better of it. T302: timer_test.c. */
#include <string.h>

#include "tests/peer_isdn/bed.h"

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;

static const struct bed_options overlap = {.span = "    restart: never\n    overlap: true\n"};

/* SETUP, with these digits or none; its acknowledgement names the channel. */
static struct peer *begin(void **state, const char *digits)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(&overlap);
	if (*digits)
		peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x81, digits));
	else
		peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1));
	peer_expect(p, 1, SETUP_ACKNOWLEDGE, CHANNEL(1));
	return p;
}

static void one_by_one(struct peer *p, const char *digits)
{
	for (; *digits; digits++) {
		char digit[] = {*digits, '\0'};

		bed_pass(BED_S);
		peer_send(p, 1, INFORMATION, CALLED(0x81, digit));
	}
	bed_pass(BED_TICK_US);
}

/* The only INVITE there is has this number; the call comes up and goes. */
static void call_goes_on(struct peer *p, const char *number)
{
	char uri[64];

	peer_expect(p, 1, CALL_PROCEEDING, CHANNEL(1));
	sip_expect_within(sip, BED_TICK_US, call, "INVITE");
	snprintf(uri, sizeof(uri), "INVITE sip:%s@", number);
	assert_memory_equal(call->invite, uri, strlen(uri));
	sip_reply(sip, call, "200 OK", SIP_SDP, NULL);
	sip_expect(sip, call, "ACK");
	peer_expect(p, 1, CONNECT, MORE);
	peer_send(p, 1, CONNECT_ACKNOWLEDGE);
	bed_pass(20 * (int64_t)BED_S); /* no T302 is left */
	peer_send(p, 1, DISCONNECT, CAUSE(0, 16));
	peer_expect(p, 1, RELEASE, MORE);
	peer_send(p, 1, RELEASE_COMPLETE);
	sip_expect(sip, call, "BYE");
	sip_reply_request(sip, call, "200 OK");
	bed_end();
}

static void sending_complete(void **state)
{
	struct peer *p = begin(state, "");

	one_by_one(p, "1234");
	sip_expect_silence(sip, 0);
	peer_send(p, 1, INFORMATION, CALLED(0x81, "5"), SENDING_COMPLETE);
	call_goes_on(p, "12345");
}

static void sending_complete_alone(void **state)
{
	struct peer *p = begin(state, "12");

	one_by_one(p, "345");
	peer_send(p, 1, INFORMATION, SENDING_COMPLETE);
	call_goes_on(p, "12345");
}

static void hash(void **state)
{
	struct peer *p = begin(state, "12");

	one_by_one(p, "345");
	peer_send(p, 1, INFORMATION, CALLED(0x81, "#"));
	call_goes_on(p, "12345");
}

static void hash_begins(void **state)
{
	struct peer *p = begin(state, "");

	one_by_one(p, "#21");
	sip_expect_silence(sip, 0);
	peer_send(p, 1, INFORMATION, CALLED(0x81, "#"));
	/* RFC 3261: # stands escaped in a user part. */
	call_goes_on(p, "%2321");
}

static void longest(void **state)
{
	struct peer *p = begin(state, "1");

	one_by_one(p, "23456789012345678901234567890");
	sip_expect_silence(sip, 0);
	peer_send(p, 1, INFORMATION, CALLED(0x81, "1"));
	call_goes_on(p, "1234567890123456789012345678901");
}

static void too_long(void **state)
{
	struct peer *p = begin(state, "123456789012345678901234567890");

	peer_send(p, 1, INFORMATION, CALLED(0x81, "12"));
	peer_expect(p, 1, DISCONNECT, CAUSE(1, 28));
	bed_far_end_releases(p, 1);
	bed_end();
}

static void no_digits(void **state)
{
	struct peer *p = begin(state, "");

	peer_send(p, 1, INFORMATION, CALLED(0x81, "1x"));
	peer_expect(p, 1, DISCONNECT, CAUSE(1, 28));
	bed_far_end_releases(p, 1);
	bed_end();
}

/* Sending Complete in the SETUP: nothing to wait for. */
static void en_bloc(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(&overlap);
	peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x81, "12345"), SENDING_COMPLETE);
	call_goes_on(p, "12345");
}

/* Without the key a SETUP that has digits has all of them. */
static void not_overlap(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x81, "12345"));
	call_goes_on(p, "12345");
}

static void nothing_is_left(struct peer *p)
{
	sip_expect_silence(sip, 20 * (int64_t)BED_S);
	peer_send(p, 1, STATUS_ENQUIRY);
	peer_expect(p, 1, RELEASE_COMPLETE, CAUSE(1, 81));
	bed_end();
}

static void disconnect(void **state)
{
	struct peer *p = begin(state, "12");

	peer_send(p, 1, DISCONNECT, CAUSE(0, 16));
	peer_expect(p, 1, RELEASE, CAUSE(0, 16));
	peer_send(p, 1, RELEASE_COMPLETE);
	nothing_is_left(p);
}

static void release(void **state)
{
	struct peer *p = begin(state, "12");

	peer_send(p, 1, RELEASE, CAUSE(0, 16));
	peer_expect(p, 1, RELEASE_COMPLETE, MORE);
	nothing_is_left(p);
}

static void release_complete(void **state)
{
	struct peer *p = begin(state, "12");

	peer_send(p, 1, RELEASE_COMPLETE, CAUSE(0, 16));
	nothing_is_left(p);
}

static void restart(void **state)
{
	struct peer *p = begin(state, "12");

	peer_send(p, Q931_GLOBAL, RESTART, CHANNEL(1), RESTART_CHANNELS);
	peer_expect(p, Q931_GLOBAL, RESTART_ACKNOWLEDGE, MORE);
	nothing_is_left(p);
}

static void layer_2_goes(void **state)
{
	struct peer *p = begin(state, "12");

	lapd_cut(&p->lapd);
	bed_pass(60 * (int64_t)BED_S);
	lapd_mend(&p->lapd, p->now_us);
	bed_pass(30 * (int64_t)BED_S);
	nothing_is_left(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED_TEST_SPANS(sending_complete), BED_TEST_SPANS(sending_complete_alone),
	    BED_TEST_SPANS(hash),	      BED_TEST_SPANS(hash_begins),
	    BED_TEST_SPANS(longest),	      BED_TEST_SPANS(too_long),
	    BED_TEST_SPANS(no_digits),	      BED_TEST_SPANS(en_bloc),
	    BED_TEST_SPANS(not_overlap),      BED_TEST_SPANS(disconnect),
	    BED_TEST_SPANS(release),	      BED_TEST_SPANS(release_complete),
	    BED_TEST_SPANS(restart),	      BED_TEST_SPANS(layer_2_goes),
	};

	return cmocka_run_group_tests_name("peer_isdn overlap receiving", tests, NULL, NULL);
}
