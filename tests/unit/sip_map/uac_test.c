/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that we make, against a peer written by hand: what RFC 3261 asks of a UAC, by clause. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sip_map/raw_peer.h"
#include "tests/unit/sip_map/tests.h"

static const struct call_cause no_cause, normal = {.value = 16};

/* What of our INVITE its responses repeat. */
struct request {
	char via[256], from[256], to[256], call_id[64], cseq[32];
};

static void assert_begins(const char *text, const char *begins)
{
	assert_memory_equal(text, begins, strlen(begins));
}

static struct world_call *call(struct raw_peer *p)
{
	return &p->w->calls[0]->call[0];
}

static void take(struct request *r, const char *text)
{
	raw_header(text, "Via", r->via, sizeof(r->via));
	raw_header(text, "From", r->from, sizeof(r->from));
	raw_header(text, "To", r->to, sizeof(r->to));
	raw_header(text, "Call-ID", r->call_id, sizeof(r->call_id));
	raw_header(text, "CSeq", r->cseq, sizeof(r->cseq));
}

static void respond(struct raw_peer *p, const struct request *r, const char *status,
		    const char *tag, const char *more, const char *body)
{
	bool has_tag = strstr(r->to, ";tag=") != NULL;

	raw_send(p, "SIP/2.0 %s\nVia: %s\nFrom: %s\nTo: %s%s%s\nCall-ID: %s\nCSeq: %s\n%s%s\n%s",
		 status, r->via, r->from, r->to, has_tag ? "" : ";tag=", has_tag ? "" : tag,
		 r->call_id, r->cseq, more, *body ? "Content-Type: application/sdp\n" : "", body);
}

static void open_call(struct raw_peer *p, struct request *r)
{
	raw_open(p);
	world_open(p->w, 0, "49301*#");
	take(r, raw_expect(p, "INVITE "));
}

static void ended(struct raw_peer *p)
{
	world_run_for(p->w, 150 * US_PER_S);
	for (unsigned i = 0; i < p->w->calls[0]->count; i++) {
		assert_int_equal(p->w->calls[0]->call[i].gone, 1);
		assert_int_equal(p->w->calls[0]->call[i].after_gone, 0);
	}
	assert_int_equal(sip_counters(p->w->sip[0])->dialogs, 0);
	assert_int_equal(sip_counters(p->w->sip[0])->transactions, 0);
	raw_close(p);
}

/* Answers the request that is expected next with 200. */
static void serve(struct raw_peer *p, const char *begins)
{
	struct request r;

	take(&r, raw_expect(p, begins));
	respond(p, &r, "200 OK", "x", "", "");
}

void test_uac_invite_text(void **state)
{
	struct raw_peer p;
	struct request r;
	const char *text;

	(void)state;
	raw_open(&p);
	world_open(p.w, 0, "49301*#");
	text = raw_expect(&p, "INVITE sip:+49301*%23@192.0.2.2 SIP/2.0\r\n");
	take(&r, text);
	assert_true(raw_has(text, "Max-Forwards: 70"));
	assert_true(raw_has(text, "To: <sip:+49301*%23@192.0.2.2>"));
	assert_true(raw_has(text, "Contact: <sip:192.0.2.1>"));
	assert_true(raw_has(text, "User-Agent: test"));
	assert_true(raw_has(text, "Content-Type: application/sdp"));
	assert_begins(r.from, "<sip:30123456@192.0.2.1>;tag=");
	assert_begins(r.via, "SIP/2.0/UDP 192.0.2.1;rport;branch=z9hG4bK");
	assert_true(raw_has(text, "m=audio 40000 RTP/AVP 8 0\r\na=rtpmap:8 PCMA/8000\r\n"
				  "a=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=sendrecv"));
	respond(&p, &r, "486 Busy Here", "b", "", "");
	raw_expect(&p, "ACK sip:+49301*%23@192.0.2.2 SIP/2.0\r\n");
	ended(&p);
}

/* Who must not be shown is not, and a name is quoted. */
void test_uac_caller(void **state)
{
	struct call_setup setup = {
	    .target = {.kind = CALL_EP_TRUNK},
	    .called = {.present = true, .digits = "1"},
	    .calling = {.present = true, .digits = "30", .presentation = CALL_PRES_RESTRICTED},
	    .calling_name = "Zoë \"Z\" \\"};
	struct raw_peer p;
	struct call_cause cause;
	const char *text;
	char from[256];
	void *leg[2];

	(void)state;
	raw_open(&p);
	setup.media = world_media(0, 4, 40000, false);
	p.w->calls[0]->count = 2; /* whose events we do not look at */
	p.w->calls[0]->call[0].side = p.w->calls[0]->call[1].side = CALL_SIDE_B;
	assert_int_equal(sip_leg_ops.open(p.w->sip[0], 1, &setup, &leg[0], &cause), 0);
	world_turn(p.w);
	text = raw_expect(&p, "INVITE sip:1@192.0.2.2 SIP/2.0\r\n");
	raw_header(text, "From", from, sizeof(from));
	assert_begins(from, "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=");
	assert_true(raw_has(text, "Privacy: id"));
	assert_null(strstr(text, "sip:30@"));
	setup.calling.presentation = CALL_PRES_ALLOWED;
	assert_int_equal(sip_leg_ops.open(p.w->sip[0], 2, &setup, &leg[1], &cause), 0);
	world_turn(p.w);
	text = raw_expect(&p, "INVITE ");
	raw_header(text, "From", from, sizeof(from));
	assert_begins(from, "\"Zoë \\\"Z\\\" \\\\\" <sip:30@192.0.2.1>;tag=");
	assert_null(strstr(text, "Privacy"));
	/* what cannot be opened says so at once */
	setup.target.index = 9;
	assert_int_equal(sip_leg_ops.open(p.w->sip[0], 3, &setup, &leg[0], &cause), -EINVAL);
	assert_int_equal(cause.value, CAUSE_NO_ROUTE);
	raw_close(&p);
}

/* 13.2.2.4: ACK to each 2xx, the same again for a repeated one, through its routes reversed. */
void test_uac_answer(void **state)
{
	static const char *const more =
	    "Contact: <sip:x@192.0.2.2:5080>\n"
	    "Record-Route: <sip:192.0.2.8;lr>, <sip:192.0.2.2:5090;lr>\n";
	struct raw_peer p;
	struct request r;
	const char *text, *again;

	(void)state;
	open_call(&p, &r);
	respond(&p, &r, "200 OK", "b", more, raw_sdp);
	text = raw_expect(&p, "ACK sip:x@192.0.2.2:5080 SIP/2.0\r\n");
	assert_true(raw_has(text, "Route: <sip:192.0.2.2:5090;lr>\r\nRoute: <sip:192.0.2.8;lr>"));
	assert_int_equal(p.w->log[p.mark - 1].to.port, 5090);
	assert_int_equal(call(&p)->event[0].type, CALL_EV_ANSWER);
	assert_int_equal(call(&p)->event[0].media.rtp.port, 30000);
	respond(&p, &r, "200 OK", "b", more, raw_sdp);
	again = raw_expect(&p, "ACK ");
	assert_string_equal(text, again);
	assert_int_equal(call(&p)->event_count, 1);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, normal);
	serve(&p, "BYE sip:x@192.0.2.2:5080 SIP/2.0\r\n");
	assert_int_equal(call(&p)->gone, 1);
	respond(&p, &r, "200 OK", "b", more, raw_sdp); /* still acknowledged when it is over */
	raw_expect(&p, "ACK ");
	raw_expect_nothing(&p);
	ended(&p);
}

/* Forks: early media of two, the answer of the second; a 2xx of a third gets ACK and BYE. */
void test_uac_forks(void **state)
{
	static const char *const sdp_b = "v=0\no=- 1 1 IN IP4 192.0.2.4\ns=-\nc=IN IP4 192.0.2.4\n"
					 "t=0 0\nm=audio 31000 RTP/AVP 0\n";
	struct raw_peer p;
	struct request r;
	const char *text;

	(void)state;
	open_call(&p, &r);
	respond(&p, &r, "183 Session Progress", "a", "", raw_sdp);
	respond(&p, &r, "183 Session Progress", "a", "", raw_sdp);
	respond(&p, &r, "180 Ringing", "a", "", "");
	respond(&p, &r, "180 Ringing", "b", "", "");
	respond(&p, &r, "183 Session Progress", "b", "", sdp_b);
	assert_int_equal(call(&p)->event_count, 3);
	assert_int_equal(call(&p)->event[0].type, CALL_EV_PROGRESS);
	assert_int_equal(call(&p)->event[0].pi, CALL_PI_8);
	assert_int_equal(call(&p)->event[1].type, CALL_EV_ALERTING);
	assert_int_equal(call(&p)->event[2].type, CALL_EV_PROGRESS);
	assert_int_equal(call(&p)->event[2].media.rtp.port, 31000);
	respond(&p, &r, "200 OK", "b", "Contact: <sip:192.0.2.4>\n",
		""); /* no SDP: b's early one */
	raw_expect(&p, "ACK sip:192.0.2.4 SIP/2.0\r\n");
	assert_int_equal(call(&p)->event[3].type, CALL_EV_ANSWER);
	assert_int_equal(call(&p)->event[3].media.rtp.port, 31000);

	respond(&p, &r, "200 OK", "c", "Contact: <sip:192.0.2.5>\n", raw_sdp);
	text = raw_expect(&p, "ACK sip:192.0.2.5 SIP/2.0\r\n");
	assert_non_null(strstr(text, ";tag=c\r\n"));
	serve(&p, "BYE sip:192.0.2.5 SIP/2.0\r\n");
	respond(&p, &r, "200 OK", "c", "Contact: <sip:192.0.2.5>\n", raw_sdp);
	raw_expect(&p, "ACK sip:192.0.2.5 SIP/2.0\r\n");
	raw_expect_nothing(&p); /* one BYE is enough */
	assert_int_equal(call(&p)->event_count, 4);
	/* the peer of the one that counts hangs up */
	raw_send(&p,
		 "BYE sip:192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bKbye\n"
		 "From: %s;tag=b\nTo: %s\nCall-ID: %s\nCSeq: 1 BYE\n\n",
		 r.to, r.from, r.call_id);
	raw_expect(&p, "SIP/2.0 200 ");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	ended(&p);
}

/* 9.1: the 200 meets our CANCEL: ACK and BYE, and the call hears of no answer. */
void test_uac_answer_meets_cancel(void **state)
{
	struct raw_peer p;
	struct request r, cancel;
	const char *text;
	char via[256];

	(void)state;
	open_call(&p, &r);
	respond(&p, &r, "180 Ringing", "b", "", "");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, normal);
	text = raw_expect(&p, "CANCEL sip:+49301*%23@192.0.2.2 SIP/2.0\r\n");
	assert_true(raw_has(text, "Reason: Q.850;cause=16;location=U"));
	raw_header(text, "Via", via, sizeof(via));
	assert_string_equal(via, r.via);
	take(&cancel, text);
	assert_string_equal(cancel.to, r.to);
	respond(&p, &cancel, "200 OK", "b", "", "");
	assert_int_equal(call(&p)->gone, 0);
	respond(&p, &r, "200 OK", "b", "Contact: <sip:192.0.2.2>\n", raw_sdp);
	raw_expect(&p, "ACK ");
	serve(&p, "BYE ");
	assert_int_equal(call(&p)->event_count, 2); /* ALERTING, GONE */
	assert_int_equal(call(&p)->gone, 1);
	ended(&p);
}

void test_uac_refusals(void **state)
{
	static const struct {
		const char *status, *more;
		uint8_t cause, location;
		uint16_t sip_status;
		const char *new_number;
		bool untrusted;
	} table[] = {
	    {"302 Moved", "Contact: <sip:x@h>\n", 23, 5, 302},
	    {"302 Moved", "Contact: <sip:4711@h>\n", 23, 5, 302},
	    {"301 Moved", "", 23, 5, 301},
	    {"301 Moved", "Contact: <sip:x@h>\n", 23, 5, 301},
	    {"301 Moved", "Contact: <sip:+4930-4711;x=y@h>\n", 22, 5, 301, "+49304711"},
	    {"486 Busy", "Reason: Q.850;cause=21;location=U\n", 21, 0, 486},
	    {"486 Busy", "Reason: Q.850;cause=21;location=U\n", 17, 5, 486, "", true},
	    {"486 Busy", "Reason: Q.850;cause=0\n", 17, 5, 486},
	    {"404 Not Found", "", 1, 5, 404},
	    {"488 No", "", 31, 5, 488},
	    {"488 No", "Warning: 305 h \"x\"\n", 65, 5, 488},
	    {"500 Oops", "Reason: Q.850;cause=34;text=\"a;b,c\";location=RLN\n", 34, 4, 500},
	    {"500 Oops", "Reason: Q.850;cause=200\n", 41, 5, 500},
	    {"603 Decline", "", 21, 0, 603},
	    {"699 Never", "", 31, 5, 699},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct raw_peer p;
		struct request r;
		const struct call_event *e;

		raw_open(&p);
		p.w->trunk[0].untrusted = table[i].untrusted;
		world_restart(p.w, 0);
		world_open(p.w, 0, "49301*#");
		take(&r, raw_expect(&p, "INVITE "));
		respond(&p, &r, table[i].status, "b", table[i].more, "");
		raw_expect(&p, "ACK ");
		e = &call(&p)->event[0];
		assert_int_equal(e->type, CALL_EV_GONE);
		assert_int_equal(e->cause.value, table[i].cause);
		assert_int_equal(e->cause.location, table[i].location);
		assert_int_equal(e->cause.sip_status, table[i].sip_status);
		assert_string_equal(e->cause.new_number,
				    table[i].new_number ? table[i].new_number : "");
		respond(&p, &r, table[i].status, "b", table[i].more, "");
		raw_expect(&p, "ACK "); /* 17.1.1.2: again for each repetition */
		ended(&p);
	}
}

/* Cause 26: another of the telephones that rang has the call (RFC 3326). */
void test_uac_elsewhere(void **state)
{
	struct raw_peer p;
	struct request r;
	const char *text;

	(void)state;
	open_call(&p, &r);
	respond(&p, &r, "180 Ringing", "b", "", "");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, (struct call_cause){.value = 26});
	text = raw_expect(&p, "CANCEL ");
	assert_true(raw_has(text, "Reason: Q.850;cause=26;location=U"));
	assert_true(raw_has(text, "Reason: SIP;cause=200;text=\"Call completed elsewhere\""));
	respond(&p, &r, "487 Request Terminated", "b", "", "");
	raw_expect(&p, "ACK ");
	ended(&p);
}

/* A 200 with an answer that cannot be used, or with none: ACK, BYE, and the call fails. */
void test_uac_bad_answers(void **state)
{
	static const char *const bodies[] = {
	    "", "rubbish\n",
	    "v=0\no=- 1 1 IN IP4 192.0.2.4\ns=-\nc=IN IP4 192.0.2.4\nt=0 0\n"
	    "m=audio 0 RTP/AVP 8\n",
	    "v=0\no=- 1 1 IN IP4 192.0.2.4\ns=-\nc=IN IP4 224.2.2.4\nt=0 0\n"
	    "m=audio 31000 RTP/AVP 8\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct raw_peer p;
		struct request r;

		open_call(&p, &r);
		respond(&p, &r, "200 OK", "b", "Contact: <sip:192.0.2.2>\n", bodies[i]);
		raw_expect(&p, "ACK ");
		serve(&p, "BYE ");
		assert_int_equal(call(&p)->event[0].type, CALL_EV_GONE);
		assert_int_equal(call(&p)->event[0].cause.value, 88);
		ended(&p);
	}
}

/* What the socket says at once (no route to the peer) ends the call at once. */
void test_uac_no_route(void **state)
{
	struct raw_peer p;

	(void)state;
	raw_open(&p);
	p.w->send_error = -ENETUNREACH;
	world_open(p.w, 0, "1");
	assert_int_equal(call(&p)->event[0].type, CALL_EV_GONE);
	assert_int_equal(call(&p)->event[0].cause.value, 41);
	assert_int_equal(sip_counters(p.w->sip[0])->tx_errors, 1);
	ended(&p);
}

/* Responses that match nothing, or carry another's Via, are counted and nothing else. */
void test_uac_stray_responses(void **state)
{
	struct raw_peer p;
	struct request r;
	char via[256];

	(void)state;
	open_call(&p, &r);
	snprintf(via, sizeof(via), "%s", r.via);
	memcpy(strstr(r.via, "z9hG4bK") + 7, "0000", 4);
	respond(&p, &r, "486 Busy", "b", "", "");
	raw_expect_nothing(&p);
	snprintf(r.via, sizeof(r.via), "%.200s, SIP/2.0/UDP other;branch=z9hG4bK1", via);
	respond(&p, &r, "486 Busy", "b", "", "");
	raw_expect_nothing(&p);
	assert_int_equal(sip_counters(p.w->sip[0])->rx_unmatched_responses, 2);
	assert_int_equal(call(&p)->event_count, 0);
	snprintf(r.via, sizeof(r.via), "%s", via);
	respond(&p, &r, "486 Busy", "b", "", "");
	assert_int_equal(call(&p)->gone, 1);
	ended(&p);
}

void test_uac_limits(void **state)
{
	struct call_setup setup = {.target = {.kind = CALL_EP_TRUNK},
				   .called = {.present = true, .digits = "1"}};
	struct call_cause cause;
	struct raw_peer p;
	void *leg;

	(void)state;
	raw_open(&p);
	for (unsigned i = 0; i < 10; i++)
		world_open(p.w, 0, "1");
	setup.media = world_media(0, 4, 40000, false);
	assert_int_equal(sip_leg_ops.open(p.w->sip[0], 11, &setup, &leg, &cause), -EBUSY);
	assert_int_equal(cause.value, CAUSE_CONGESTION);
	p.mark = p.w->log_count;
	raw_invite(&p, "i", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 503 ");
	p.w->blackhole = true;
	ended(&p);
}

/* Peers in a local network see the bind address, others the advertised one. */
void test_uac_advertise(void **state)
{
	struct raw_peer p;
	const char *text;

	(void)state;
	for (int local = 0; local < 2; local++) {
		struct sip_trunk_cfg *t;

		raw_open(&p);
		t = &p.w->trunk[0];
		net_addr_parse(&t->advertise, "198.51.100.1");
		t->bind.port = 5070;
		net_prefix_parse(&t->local_network[0], local ? "192.0.2.0/24" : "10.0.0.0/8");
		t->local_network_count = 1;
		snprintf(t->domain, sizeof(t->domain), "example.net");
		world_restart(p.w, 0);
		world_open(p.w, 0, "1");
		text = raw_expect(&p, "INVITE sip:+1@example.net SIP/2.0\r\n");
		assert_true(raw_has(text, local ? "Contact: <sip:192.0.2.1:5070>"
						: "Contact: <sip:198.51.100.1:5070>"));
		assert_non_null(strstr(text, local ? "Via: SIP/2.0/UDP 192.0.2.1:5070;"
						   : "Via: SIP/2.0/UDP 198.51.100.1:5070;"));
		assert_non_null(strstr(text, "<sip:30123456@example.net>"));
		raw_close(&p);
	}
}
