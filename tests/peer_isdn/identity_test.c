/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sent a call on: Redirecting number (Q.952, EN 300 207-1), Diversion (RFC 5806), History-Info
 * (RFC 7044, 7544). Who answered: Connected number (Q.951 5, EN 300 097-1) and P-Asserted-Identity in the 200 (RFC 3325,
 * RFC 4497 9.1.3, 9.2.3), through the whole gateway with the number plan between them: exact octets
 * on the D-channel, whole header values in SIP, and what the record says. */
#include <string.h>

#include "tests/peer_isdn/bed.h"

enum { IE_REDIRECTING = 0x74, ON_USER_SIDE = 1, ON_NETWORK_SIDE = 2, ANY_SIDE = 3 };

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

/* ── sent on before it came here ── */

static const struct bed_options history = {.trunk = "    redirecting: history-info\n"};
static const struct bed_options both = {.trunk = "    redirecting: both\n"};
static const struct bed_options no_story = {.trunk = "    redirecting: none\n"};
/* The calling number would fit, too, and stays. */
static const struct bed_options redirecting_rewritten = {
    .plan = RULES "numbers:\n  rewrites:\n    - name: one\n      stage: in\n"
		  "      match: {redirecting: {prefix: \"49\"}}\n"
		  "      set: {redirecting: {number: \"+4977\"}}\n",
};

#define REDIRECTING(...) IE(IE_REDIRECTING, __VA_ARGS__)
#define DIVERSION(user, reason, screen, privacy)                                                   \
	"<sip:" user ">;reason=" reason ";counter=1;screen=" screen ";privacy=" privacy
#define TO_CALLED(cause) "<sip:12345@192.0.2.2:5080;cause=" cause ">;index=1.1;mp=1"

struct from_isdn {
	const char *name;
	const struct bed_options *options;
	struct ie redirecting;
	const char *diversion, *history;
};

static void sent_on_by_isdn(const struct from_isdn *row, unsigned span)
{
	struct peer *p = bed_peer(span);

	bed_begin(row->options);
	if (row->redirecting.id)
		peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x81, "12345"),
			  row->redirecting, SENDING_COMPLETE);
	else
		peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x81, "12345"),
			  SENDING_COMPLETE);
	peer_expect(p, 1, CALL_PROCEEDING, CHANNEL(1));
	sip_expect(sip, call, "INVITE");
	assert_string_equal(sip_header(sip, "Diversion"), row->diversion);
	assert_string_equal(sip_header(sip, "History-Info"), row->history);
	sip_reply(sip, call, "486 Busy Here", 0, NULL);
	sip_expect(sip, call, "ACK");
	peer_expect(p, 1, DISCONNECT, CAUSE(5, 17), MORE);
	bed_far_end_releases(p, 1);
	bed_end();
}

static void isdn_sends_on(void **state)
{
	const struct from_isdn rows[] = {
	    {"not sent on", NULL, {0}, "", ""},
	    {"busy", NULL, REDIRECTING(0x11, 0x03, 0x81, '4', '9'),
	     DIVERSION("+49@192.0.2.1", "user-busy", "yes", "off"), ""},
	    {"no reply", NULL, REDIRECTING(0x01, 0x00, 0x82, '7'),
	     DIVERSION("7@192.0.2.1", "no-answer", "no", "off"), ""},
	    {"deflected", NULL, REDIRECTING(0x01, 0x00, 0x84, '7'),
	     DIVERSION("7@192.0.2.1", "deflection", "no", "off"), ""},
	    {"by the called", NULL, REDIRECTING(0x01, 0x00, 0x8a, '7'),
	     DIVERSION("7@192.0.2.1", "deflection", "no", "off"), ""},
	    {"out of order", NULL, REDIRECTING(0x01, 0x00, 0x89, '7'),
	     DIVERSION("7@192.0.2.1", "unavailable", "no", "off"), ""},
	    {"always, restricted", NULL, REDIRECTING(0x11, 0x21, 0x8f, '4', '9'),
	     DIVERSION("+49@192.0.2.1", "unconditional", "yes", "full"), ""},
	    {"nobody says why", NULL, REDIRECTING(0x91, '4', '9'),
	     DIVERSION("+49@192.0.2.1", "unknown", "no", "off"), ""},
	    {"a reason without a name", NULL, REDIRECTING(0x11, 0x01, 0x87, '4', '9'),
	     DIVERSION("+49@192.0.2.1", "unknown", "yes", "off"), ""},
	    {"no digits", NULL, REDIRECTING(0x00, 0x23, 0x8f),
	     DIVERSION("anonymous@anonymous.invalid", "unconditional", "yes", "full"), ""},
	    {"cut short", NULL, REDIRECTING(0x11, 0x01), "", ""},
	    {"not a digit", NULL, REDIRECTING(0x91, 'a'), "", ""},
	    {"history", &history, REDIRECTING(0x11, 0x01, 0x81, '4', '9'), "",
	     "<sip:+49@192.0.2.1>;index=1, " TO_CALLED("486")},
	    {"both, restricted", &both, REDIRECTING(0x11, 0x21, 0x8f, '4', '9'),
	     DIVERSION("+49@192.0.2.1", "unconditional", "yes", "full"),
	     "<sip:+49@192.0.2.1?Privacy=history>;index=1, " TO_CALLED("302")},
	    {"not wanted", &no_story, REDIRECTING(0x11, 0x01, 0x81, '4', '9'), "", ""},
	    {"restricted, not trusted", &untrusted, REDIRECTING(0x11, 0x21, 0x8f, '4', '9'), "", ""},
	    {"shown, not trusted", &untrusted, REDIRECTING(0x11, 0x01, 0x8f, '4', '9'),
	     DIVERSION("+49@192.0.2.1", "unconditional", "yes", "off"), ""},
	    {"by a rewrite", &redirecting_rewritten, REDIRECTING(0x01, 0x01, 0x81, '4', '9'),
	     DIVERSION("+4977@192.0.2.1", "user-busy", "yes", "off"), ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("# row: %s\n", rows[i].name);
		sent_on_by_isdn(&rows[i], bed_span(state));
	}
}

struct from_sip {
	const char *name;
	const struct bed_options *options;
	const char *headers;
	const char *digits; /* NULL: no Redirecting number goes out */
	uint8_t octet_3, octet_3a, octet_3b;
};

static const struct from_sip from_sip[] = {
    {"not sent on", NULL, "", NULL, 0, 0, 0},
    {"busy", NULL, "Diversion: <sip:+4930@a.example>;reason=user-busy;privacy=off\r\n", "4930", 0x11,
     0x00, 0x81},
    {"the first is the last one", NULL,
     "Diversion: \"B, b\" <tel:+49-30>;reason=no-answer, <sip:+491@a.example>;reason=user-busy\r\n"
     "Diversion: <sip:+492@a.example>\r\n",
     "4930", 0x11, 0x00, 0x82},
    {"screened", NULL, "Diversion: <sip:30@a.example>;reason=unconditional;screen=yes\r\n", "30",
     0x01, 0x01, 0x8f},
    {"deflection", NULL, "Diversion: sip:30@a.example;reason=\"deflection\"\r\n", "30", 0x01, 0x00,
     0x84},
    {"away, which ISDN does not know", NULL, "Diversion: <sip:30@a.example>;reason=away\r\n", "30",
     0x01, 0x00, 0x80},
    {"no number", NULL, "Diversion: <sip:bo@a.example>;reason=user-busy\r\n", NULL, 0, 0, 0},
    {"not read: History-Info", NULL,
     "History-Info: <sip:+4930@a.example>;index=1, <sip:1@h;cause=486>;index=1.1\r\n", NULL, 0, 0,
     0},
    {"History-Info", &history,
     "History-Info: <sip:+4930@a.example>;index=1, <sip:1@h;cause=486>;index=1.1\r\n", "4930", 0x11,
     0x00, 0x81},
    {"the last diversion counts", &both,
     "History-Info: <sip:+491@h>;index=1, <sip:+492@h;cause=302>;index=1.1\r\n"
     "History-Info: <sip:+493@h;cause=408>;index=1.1.1, <sip:+494@h>;index=1.1.1.1\r\n",
     "492", 0x11, 0x00, 0x82},
    {"Diversion before History-Info", &both,
     "History-Info: <sip:+491@h>;index=1, <sip:1@h;cause=486>;index=1.1\r\n"
     "Diversion: <sip:+492@h>;reason=unavailable\r\n",
     "492", 0x11, 0x00, 0x89},
    {"retargeted, not diverted", &history,
     "History-Info: <sip:+491@h>;index=1, <sip:1@h>;index=1.1, <sip:2@h;cause=380>;index=1.2\r\n",
     NULL, 0, 0, 0},
    {"not wanted", &no_story, "Diversion: <sip:+4930@a.example>\r\n", NULL, 0, 0, 0},
    {"not to be believed", &untrusted, "Diversion: <sip:+4930@a.example>\r\n", NULL, 0, 0, 0},
    {"garbage", &both, "Diversion: \"<sip:;;,,<<>>;reason\r\nHistory-Info: ,<,;index=1\r\n", NULL, 0,
     0, 0},
};

static void sent_on_by_sip(const struct from_sip *row, unsigned span)
{
	unsigned channel = span == 1 ? 1 : 31;
	struct peer *p = bed_peer(span);
	uint16_t ref;
	struct ie redirecting = {.kind = IE_OCTETS, .id = IE_REDIRECTING, .len = 3};

	redirecting.octets[0] = row->octet_3;
	redirecting.octets[1] = row->octet_3a;
	redirecting.octets[2] = row->octet_3b;
	for (const char *d = row->digits; d && *d; d++)
		redirecting.octets[redirecting.len++] = (uint8_t)*d;
	bed_begin(row->options);
	sip_invite(sip, call, span == 1 ? "0112345" : "0212345", SIP_SDP, row->headers);
	if (row->digits)
		ref = peer_expect(p, Q931_ANY_REF, SETUP, BEARER_3K1, CHANNEL_PREFERRED(channel),
				  CALLING(0x01, 0x80, "4989654321"), CALLED(0x81, "12345"),
				  SENDING_COMPLETE, redirecting);
	else
		ref = peer_expect(p, Q931_ANY_REF, SETUP, BEARER_3K1, CHANNEL_PREFERRED(channel),
				  CALLING(0x01, 0x80, "4989654321"), CALLED(0x81, "12345"),
				  SENDING_COMPLETE);
	peer_send(p, ref, RELEASE_COMPLETE, CAUSE(0, 17));
	sip_expect(sip, call, "486 INVITE");
	bed_end();
}

static void sip_sends_on(void **state)
{
	for (size_t i = 0; i < sizeof(from_sip) / sizeof(from_sip[0]); i++) {
		print_message("# row: %s\n", from_sip[i].name);
		sent_on_by_sip(&from_sip[i], bed_span(state));
	}
}

/* Who must not be shown: digits on a user side, where the exchange decides, none on a network side. */
static void sip_hides(void **state)
{
	unsigned span = bed_span(state);
	struct peer *p = bed_peer(span);
	uint16_t ref;

	bed_begin(&both);
	sip_invite(sip, call, span == 1 ? "0112345" : "0212345", SIP_SDP,
		   "History-Info: <sip:+4930@a.example?Privacy=history>;index=1, "
		   "<sip:1@h;cause=302>;index=1.1\r\n");
	ref = peer_expect(p, Q931_ANY_REF, SETUP, BEARER_3K1,
			  CHANNEL_PREFERRED(span == 1 ? 1 : 31),
			  CALLING(0x01, 0x80, "4989654321"), CALLED(0x81, "12345"),
			  SENDING_COMPLETE,
			  span == 1 ? REDIRECTING(0x11, 0x20, 0x8f, '4', '9', '3', '0')
				    : REDIRECTING(0x00, 0x23, 0x8f));
	peer_send(p, ref, RELEASE_COMPLETE, CAUSE(0, 17));
	sip_expect(sip, call, "486 INVITE");
	bed_end();
	assert_int_equal(bed.sim.record.setup.redirecting.presentation, CALL_PRES_RESTRICTED);
	assert_int_equal(bed.sim.record.setup.redirect_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED_TEST_SPANS(isdn_sends_on),
	    BED_TEST_SPANS(sip_sends_on),
	    BED_TEST_SPANS(sip_hides),
	    BED_TEST_SPANS(sip_answers),
	    BED_TEST_SPANS(isdn_answers),
	};

	return cmocka_run_group_tests_name("peer_isdn identity", tests, NULL, NULL);
}
