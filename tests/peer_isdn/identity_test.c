/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who answered: Connected number (Q.951 5, EN 300 097-1) and P-Asserted-Identity in the 200 (RFC 3325,
 * RFC 4497 9.1.3, 9.2.3), through the whole gateway with the number plan between them: exact octets
 * on the D-channel, whole header values in SIP, and what the record says. */
#include <string.h>

#include "tests/peer_isdn/bed.h"

enum { ON_USER_SIDE = 1, ON_NETWORK_SIDE = 2, ANY_SIDE = 3 };

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;

#define NUMBERS(SEND) "    numbers: {profile: de, area: \"30\", send: " SEND "}\n"
#define TO_SIP                                                                                     \
	"  - name: to-sip\n    from: span:1\n    to: trunk:peer\n"                                    \
	"  - name: to-sip-2\n    from: span:2\n    to: trunk:peer\n"
#define RULES                                                                                      \
	TO_SIP                                                                                     \
	"  - name: to-1\n    from: trunk:peer\n    prefix: \"01\"\n    strip: 2\n    to: span:1\n"    \
	"  - name: to-2\n    from: trunk:peer\n    prefix: \"02\"\n    strip: 2\n    to: span:2\n"

static const struct bed_options german = {
    .span = "    restart: never\n" NUMBERS("national"),
    .trunk = "    numbers: {profile: de, send: international}\n",
    .plan = TO_SIP "  - name: to-1\n    from: trunk:peer\n    prefix: \"+4911\"\n    to: span:1\n"
	    "  - name: to-2\n    from: trunk:peer\n    prefix: \"+4921\"\n    to: span:2\n",
};
static const struct bed_options untrusted = {.trunk = "    trusted: false\n"};
/* Both rewrites name the field that they change; the first would change the calling number if it
 * could, and it cannot. */
static const struct bed_options rewritten = {
    .plan = RULES "numbers:\n  rewrites:\n"
		  "    - name: one-number\n      stage: answer\n      from: [trunk:peer]\n"
		  "      to: [span:1, span:2]\n"
		  "      match: {connected: {prefix: \"4930555\"}}\n"
		  "      set: {connected: {number: \"+49305550\"}, calling: {number: \"1\"}}\n"
		  "    - name: hide\n      stage: answer\n      from: [span:1, span:2]\n"
		  "      match: {connected: {prefix: \"99\"}}\n"
		  "      set: {connected: {presentation: restricted}}\n"
		  "    - name: none\n      stage: answer\n      match: {connected: {prefix: \"98\"}}\n"
		  "      set: {connected: {remove: true}}\n",
};

static struct ie number(uint8_t id, uint8_t octet_3, uint8_t octet_3a, const char *digits)
{
	struct ie e = q931_calling(octet_3, octet_3a, digits);

	e.id = id;
	return e;
}

/* ── SIP answers an ISDN caller ── */

struct to_isdn {
	const char *name;
	const struct bed_options *options;
	const char *headers;
	unsigned sides;		    /* where the row holds */
	const char *digits;	    /* NULL: no Connected number goes out */
	uint8_t octet_3, octet_3a;
	const char *recorded; /* digits as SIP gave them; NULL: none */
};

static const struct to_isdn to_isdn[] = {
    {"nothing said", NULL, NULL, ANY_SIDE, NULL, 0, 0, NULL},
    {"a user cannot say network provided", NULL, "P-Asserted-Identity: <sip:+4930123@a.example>\r\n",
     ON_USER_SIDE, "4930123", 0x11, 0x80, "4930123"},
    {"a network does", NULL, "P-Asserted-Identity: <sip:+4930123@a.example>\r\n", ON_NETWORK_SIDE,
     "4930123", 0x11, 0x83, "4930123"},
    {"restricted, network: kept", NULL,
     "P-Asserted-Identity: <sip:+4930123@a.example>\r\nPrivacy: id\r\n", ON_NETWORK_SIDE, "", 0x00,
     0xa3, "4930123"},
    {"restricted, user: the exchange knows what to do", NULL,
     "P-Asserted-Identity: <sip:+4930123@a.example>\r\nPrivacy: id\r\n", ON_USER_SIDE, "4930123",
     0x11, 0xa0, "4930123"},
    {"restricted, no number", NULL, "Privacy: id\r\n", ANY_SIDE, "", 0x00, 0xff, ""},
    {"privacy none", NULL, "P-Asserted-Identity: \"A, B\" <sip:123@a.example>\r\nPrivacy: none\r\n",
     ON_NETWORK_SIDE, "123", 0x01, 0x83, "123"},
    {"the tel URI is the number", NULL,
     "P-Asserted-Identity: \"Bo\" <sip:bo@a.example>, <tel:+49-30-123>\r\n", ON_NETWORK_SIDE,
     "4930123", 0x11, 0x83, "4930123"},
    {"also in a header of its own", NULL,
     "P-Asserted-Identity: <sip:bo@a.example>\r\nP-Asserted-Identity: <tel:+4930123>\r\n",
     ON_NETWORK_SIDE, "4930123", 0x11, 0x83, "4930123"},
    {"no number at all", NULL, "P-Asserted-Identity: <sip:bo@a.example>\r\n", ANY_SIDE, NULL, 0, 0,
     NULL},
    {"too long for the element", NULL,
     "P-Asserted-Identity: <sip:123456789012345678901@a.example>\r\n", ANY_SIDE, NULL, 0, 0,
     "123456789012345678901"},
    {"not to be believed", &untrusted, "P-Asserted-Identity: <sip:+4930123@a.example>\r\n", ANY_SIDE,
     NULL, 0, 0, NULL},
    {"by the profiles", &german, "P-Asserted-Identity: <sip:+4989555@a.example>\r\n",
     ON_NETWORK_SIDE, "89555", 0x21, 0x83, "4989555"},
    {"by a rewrite", &rewritten, "P-Asserted-Identity: <sip:4930555123@a.example>\r\n",
     ON_NETWORK_SIDE, "49305550", 0x11, 0x83, "4930555123"},
};

static void answered_with(const struct to_isdn *row, unsigned span)
{
	struct peer *p = bed_peer(span);
	uint8_t octet_3a = row->octet_3a;

	if (octet_3a == 0xff) /* restricted: as the side may say it */
		octet_3a = span == 1 ? 0xa0 : 0xa3;
	bed_begin(row->options);
	bed_isdn_rings(span);
	sip_reply(sip, call, "200 OK", SIP_SDP, row->headers);
	sip_expect(sip, call, "ACK");
	if (row->digits)
		peer_expect(p, 1, CONNECT, CHANNEL(1),
			    number(IE_CONNECTED, row->octet_3, octet_3a, row->digits));
	else
		peer_expect(p, 1, CONNECT, CHANNEL(1));
	peer_send(p, 1, CONNECT_ACKNOWLEDGE);
	bed_pass(BED_TICK_US);
	bed_isdn_clears(span, 1, 0, 16);
	sip_expect(sip, call, "BYE");
	sip_reply_request(sip, call, "200 OK");
	bed_end();
	assert_int_equal(bed.sim.record.connected.present, row->recorded != NULL);
	assert_string_equal(bed.sim.record.connected.digits, row->recorded ? row->recorded : "");
	/* What a rule of the answer does not name stays. */
	assert_string_equal(bed.sim.record.setup.calling.digits, "30123456");
}

static void sip_answers(void **state)
{
	for (size_t i = 0; i < sizeof(to_isdn) / sizeof(to_isdn[0]); i++) {
		if (!(to_isdn[i].sides & bed_span(state)))
			continue;
		print_message("# row: %s\n", to_isdn[i].name);
		answered_with(&to_isdn[i], bed_span(state));
	}
}

/* ── ISDN answers a SIP caller ── */

struct to_sip {
	const char *name;
	const struct bed_options *options;
	struct ie connected; /* id 0: none */
	const char *identity, *privacy;
	const char *recorded;
};

#define CONNECTED(...) IE(IE_CONNECTED, __VA_ARGS__)

static void isdn_answers_with(const struct to_sip *row, unsigned span)
{
	struct peer *p = bed_peer(span);
	uint16_t ref;

	bed_begin(row->options);
	ref = bed_sip_rings(span);
	if (row->connected.id)
		peer_send(p, ref, CONNECT, row->connected);
	else
		peer_send(p, ref, CONNECT);
	sip_expect(sip, call, "200 INVITE");
	assert_string_equal(sip_header(sip, "P-Asserted-Identity"), row->identity);
	assert_string_equal(sip_header(sip, "Privacy"), row->privacy);
	sip_ack(sip, call);
	peer_expect(p, ref, CONNECT_ACKNOWLEDGE);
	bed_pass(BED_TICK_US);
	bed_isdn_clears(span, ref, 0, 16);
	sip_expect(sip, call, "BYE");
	sip_reply_request(sip, call, "200 OK");
	bed_end();
	assert_int_equal(bed.sim.record.connected.present, row->recorded != NULL);
	assert_string_equal(bed.sim.record.connected.digits, row->recorded ? row->recorded : "");
}

static void isdn_answers(void **state)
{
	const struct to_sip to_sip[] = {
	    {"nothing said", NULL, {0}, "", "", NULL},
	    {"international", NULL, CONNECTED(0x11, 0x83, '4', '9', '3', '0'), "<sip:+4930@192.0.2.1>", "",
	     "4930"},
	    {"type unknown", NULL, CONNECTED(0x01, 0x80, '1', '2'), "<sip:12@192.0.2.1>", "", "12"},
	    {"without octet 3a", NULL, CONNECTED(0x81, '1', '2'), "<sip:12@192.0.2.1>", "", "12"},
	    {"restricted", NULL, CONNECTED(0x11, 0xa3, '4', '9', '3', '0'), "<sip:+4930@192.0.2.1>", "id",
	     "4930"},
	    {"restricted without digits", NULL, CONNECTED(0x00, 0xa3), "", "", ""},
	    {"not available", NULL, CONNECTED(0x00, 0xc3), "", "", NULL},
	    {"no digit", NULL, CONNECTED(0x81, '1', 'x'), "", "", NULL},
	    {"cut short", NULL, CONNECTED(0x01), "", "", NULL},
	    {"not trusted", &untrusted, CONNECTED(0x11, 0x83, '4', '9', '3', '0'), "", "", "4930"},
	    {"by the profiles", &german, CONNECTED(0x21, 0x83, '8', '9', '5'), "<sip:+49895@192.0.2.1>", "",
	     "895"},
	    {"hidden by a rewrite", &rewritten, CONNECTED(0x81, '9', '9'), "<sip:99@192.0.2.1>", "id", "99"},
	    {"taken away by a rewrite", &rewritten, CONNECTED(0x81, '9', '8'), "", "", "98"},
	};

	for (size_t i = 0; i < sizeof(to_sip) / sizeof(to_sip[0]); i++) {
		print_message("# row: %s\n", to_sip[i].name);
		isdn_answers_with(&to_sip[i], bed_span(state));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED_TEST_SPANS(sip_answers),
	    BED_TEST_SPANS(isdn_answers),
	};

	return cmocka_run_group_tests_name("peer_isdn identity", tests, NULL, NULL);
}
