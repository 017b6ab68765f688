/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Reason with a Q.850 cause, in a response, BYE or CANCEL of a trunk that is trusted, wins over
 * the cause table; one that says nothing, or comes from elsewhere, does not. */
#include <string.h>

#include "tests/peer_isdn/bed.h"

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;
static const struct bed_options untrusted = {.trunk = "    trusted: false\n"};

static void refused(void **state, const struct bed_options *options, const char *reason,
		    struct ie cause)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(options);
	bed_isdn_calls(bed_span(state));
	sip_reply(sip, call, "486 Busy Here", 0, reason);
	sip_expect(sip, call, "ACK");
	peer_expect(p, 1, DISCONNECT, cause, MORE);
	bed_far_end_releases(p, 1);
	bed_end();
}

static void response(void **state)
{
	refused(state, NULL, "Reason: Q.850;cause=34;location=RLN\r\n", CAUSE(4, 34));
	refused(state, NULL, "Reason: SIP;cause=486, Q.850;cause=27;text=\"out, of; order\"\r\n",
		CAUSE(5, 27));
}

static void says_nothing(void **state)
{
	static const char *const nothing[] = {
	    "Reason: Q.850;cause=0\r\n", "Reason: Q.850;cause=128\r\n", "Reason: Q.850\r\n",
	    "Reason: Q.850;cause=x\r\n", "Reason: SIP;cause=27\r\n"};

	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		refused(state, NULL, nothing[i], CAUSE(5, 17));
}

static void not_trusted(void **state)
{
	refused(state, &untrusted, "Reason: Q.850;cause=34;location=RLN\r\n", CAUSE(5, 17));
}

static void bye(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;

	bed_begin(NULL);
	ref = bed_sip_answered(bed_span(state));
	sip_request(sip, call, "BYE", "Reason: Q.850;cause=31;location=U\r\n");
	sip_expect(sip, call, "200 BYE");
	peer_expect(p, ref, DISCONNECT, CAUSE(0, 31));
	bed_far_end_releases(p, ref);
	bed_end();
}

static void cancel(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;

	bed_begin(NULL);
	ref = bed_sip_rings(bed_span(state));
	sip_cancel(sip, call, "Reason: Q.850;cause=102;location=LN\r\n");
	sip_expect(sip, call, "200 CANCEL");
	sip_expect(sip, call, "487 INVITE");
	peer_expect(p, ref, DISCONNECT, CAUSE(2, 102));
	bed_far_end_releases(p, ref);
	bed_end();
}

/* Cause 26 of the ISDN side is said as SIP says it: completed elsewhere (RFC 3326). */
static void answered_elsewhere(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	bed_isdn_rings(bed_span(state));
	peer_send(p, 1, DISCONNECT, CAUSE(0, 26));
	peer_expect(p, 1, RELEASE, MORE);
	peer_send(p, 1, RELEASE_COMPLETE);
	sip_expect(sip, call, "CANCEL");
	assert_non_null(strstr((const char *)sip->last.octets, "SIP;cause=200"));
	sip_reply_request(sip, call, "200 OK");
	sip_reply(sip, call, "487 Request Terminated", 0, NULL);
	sip_expect(sip, call, "ACK");
	bed_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED_TEST_SPANS(response),	 BED_TEST_SPANS(says_nothing),
	    BED_TEST_SPANS(not_trusted), BED_TEST_SPANS(bye),
	    BED_TEST_SPANS(cancel),	 BED_TEST_SPANS(answered_elsewhere),
	};

	return cmocka_run_group_tests_name("peer_isdn reasons", tests, NULL, NULL);
}
