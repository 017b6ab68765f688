/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that come in, against a peer written by hand: what RFC 3261 asks of a UAS, by clause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/strbuf.h"
#include "tests/unit/sip_map/raw_peer.h"
#include "tests/unit/sip_map/tests.h"

static const struct call_cause no_cause;

/* Call 0 of the instance under test. */
static struct world_call *call(struct raw_peer *p)
{
	return &p->w->calls[0]->call[0];
}

static void in_dialog(struct raw_peer *p, const char *method, const char *branch, unsigned cseq,
		      const char *tag, const char *more)
{
	raw_send(p,
		 "%s sip:192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 10.9.9.9:5062;branch=z9hG4bK%s\n"
		 "From: \"A \\\"b\\\"\" <sip:030123@peer.example>;tag=ft\n"
		 "To: <sip:+4930555@192.0.2.1>;tag=%s\nCall-ID: raw1\nCSeq: %u %s\n%s"
		 "Content-Length: 0\n\n",
		 method, branch, tag, cseq, method, more);
}

static void answered(struct raw_peer *p, char tag[64])
{
	struct media_desc answer = world_media(0, 4, 40000, true);

	raw_open(p);
	raw_invite(p, "i", 1, "", raw_sdp);
	raw_tag(raw_expect(p, "SIP/2.0 100 Trying\r\n"), "To", tag, 64);
	world_command(p->w, call(p), LEG_ANSWER, &answer, no_cause);
	raw_expect(p, "SIP/2.0 200 OK\r\n");
	in_dialog(p, "ACK", "a", 1, tag, "");
	assert_int_equal(call(p)->event[0].type, CALL_EV_CONFIRMED);
}

static void ended(struct raw_peer *p)
{
	world_run_for(p->w, 150 * US_PER_S);
	for (unsigned i = 0; i < p->w->calls[0]->count; i++)
		assert_int_equal(p->w->calls[0]->call[i].gone, 1);
	assert_int_equal(sip_counters(p->w->sip[0])->dialogs, 0);
	assert_int_equal(sip_counters(p->w->sip[0])->transactions, 0);
	raw_close(p);
}

static void assert_setup(const struct call_setup *setup)
{
	assert_string_equal(setup->called.digits, "4930555");
	assert_int_equal(setup->called.ton, CALL_TON_INTERNATIONAL);
	assert_string_equal(setup->calling.digits, "030123");
	assert_int_equal(setup->calling.ton, CALL_TON_UNKNOWN);
	assert_string_equal(setup->calling_name, "A \"b\"");
	assert_string_equal(setup->peer_call_id, "raw1");
	assert_int_equal(setup->bearer, CALL_BEARER_AUDIO_3K1);
	assert_int_equal(setup->ringback, CALL_RINGBACK_NEVER);
	assert_int_equal(setup->source.kind, CALL_EP_TRUNK);
	assert_int_equal(setup->media.format_count, 2);
	assert_int_equal(setup->media.format[0].codec, MEDIA_PCMA);
	assert_int_equal(setup->media.rtp.port, 30000);
}

/* What the call gets to know; Via with rport and received; 183, 180, 200 with their headers. */
void test_uas_call(void **state)
{
	struct media_desc answer = world_media(0, 4, 40000, true);
	struct raw_peer p;
	const char *text;
	char tag[64], other[64];

	(void)state;
	raw_open(&p);
	raw_invite(&p, "i", 1, "Record-Route: <sip:192.0.2.9;lr>,<sip:192.0.2.8;lr>\n", raw_sdp);
	text = raw_expect(&p, "SIP/2.0 100 Trying\r\n");
	assert_true(raw_has(text, "Via: SIP/2.0/UDP 10.9.9.9:5062;branch=z9hG4bKi"
				  ";rport=5060;received=192.0.2.2"));
	assert_true(net_addr_equal(&p.w->log[0].to, &p.from));
	raw_tag(text, "To", tag, sizeof(tag));
	assert_setup(&call(&p)->setup);
	world_command(p.w, call(&p), LEG_PROCEED, NULL, no_cause);
	raw_expect_nothing(&p);
	world_command(p.w, call(&p), LEG_PROGRESS, &answer, no_cause);
	text = raw_expect(&p, "SIP/2.0 183 Session Progress\r\n");
	assert_true(raw_has(text, "Record-Route: <sip:192.0.2.9;lr>,<sip:192.0.2.8;lr>"));
	assert_true(raw_has(text, "Contact: <sip:192.0.2.1>"));
	assert_true(raw_has(text, "m=audio 40000 RTP/AVP 8"));
	world_command(p.w, call(&p), LEG_ALERT, NULL, no_cause);
	text = raw_expect(&p, "SIP/2.0 180 Ringing\r\n");
	assert_true(raw_has(text, "Content-Length: 0"));
	world_command(p.w, call(&p), LEG_ANSWER, &answer, no_cause);
	text = raw_expect(&p, "SIP/2.0 200 OK\r\n");
	assert_true(raw_has(text, "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS"));
	assert_non_null(strstr(text, " 1 IN IP4 192.0.2.1\r\n")); /* o=, the 183's version still */
	raw_tag(text, "To", other, sizeof(other));
	assert_string_equal(tag, other);

	/* 13.3.1.4: the INVITE again: the 2xx again; not after the ACK */
	raw_invite(&p, "i", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 200 OK\r\n");
	assert_int_equal(p.w->calls[0]->count, 1);
	in_dialog(&p, "ACK", "a", 1, tag, "");
	raw_invite(&p, "i", 1, "", raw_sdp);
	raw_expect_nothing(&p);
	assert_int_equal(sip_counters(p.w->sip[0])->retransmitted_rx, 2);

	/* 12.2.1.1: BYE through the route set, to the Contact */
	world_command(p.w, call(&p), LEG_CLEAR, NULL, (struct call_cause){.value = 31});
	text = raw_expect(&p, "BYE sip:peer@192.0.2.2:5066 SIP/2.0\r\n");
	assert_true(raw_has(text, "Route: <sip:192.0.2.9;lr>\r\nRoute: <sip:192.0.2.8;lr>"));
	assert_true(raw_has(text, "Reason: Q.850;cause=31;location=U"));
	assert_true(raw_has(text, "To: \"A \\\"b\\\"\" <sip:030123@peer.example>;tag=ft"));
	assert_int_equal(p.w->log[p.mark - 1].to.ip[3], 9);
	ended(&p);
}

/* 12.2.1.1: a strict router gets the Request-URI, the target goes to the end of the routes. */
void test_uas_strict_route(void **state)
{
	struct media_desc answer = world_media(0, 4, 40000, true);
	struct raw_peer p;
	const char *text;
	char tag[64];

	(void)state;
	raw_open(&p);
	raw_invite(&p, "i", 1, "Record-Route: <sip:192.0.2.9:5070>\nRecord-Route: <sip:b;lr>\n",
		   raw_sdp);
	raw_tag(raw_expect(&p, "SIP/2.0 100"), "To", tag, sizeof(tag));
	world_command(p.w, call(&p), LEG_ANSWER, &answer, no_cause);
	raw_expect(&p, "SIP/2.0 200");
	in_dialog(&p, "ACK", "a", 1, tag, "");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	text = raw_expect(&p, "BYE sip:192.0.2.9:5070 SIP/2.0\r\n");
	assert_true(raw_has(text, "Route: <sip:b;lr>\r\nRoute: <sip:peer@192.0.2.2:5066>"));
	assert_int_equal(p.w->log[p.mark - 1].to.port, 5070);
	assert_null(strstr(text, "Reason:"));
	ended(&p);
}

static void assert_refusal(const struct raw_peer *p, unsigned count, unsigned status,
			   const char *id)
{
	const struct call_refusal *r = &p->w->calls[0]->refusal;

	assert_int_equal(p->w->calls[0]->refused, count);
	assert_int_equal(r->cause.sip_status, status);
	assert_int_equal(r->cause.location, CALL_LOC_PRIVATE_LOCAL);
	assert_int_not_equal(r->cause.value, 0);
	assert_int_equal(r->setup.source.kind, CALL_EP_TRUNK);
	assert_true(net_addr_equal(&r->setup.peer, &p->from));
	assert_string_equal(r->setup.peer_call_id, id);
}

/* Attempts of a trunk are recorded, once each, as far as they can be read; those of others not. */
void test_uas_refusals_recorded(void **state)
{
	struct raw_peer p;
	const struct call_refusal *r;

	(void)state;
	raw_open(&p);
	r = &p.w->calls[0]->refusal;
	net_addr_parse(&p.from, "198.51.100.7:5060");
	raw_invite(&p, "x", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 403 ");
	assert_int_equal(p.w->calls[0]->refused, 0);
	p.from = p.w->trunk[0].peer;

	for (unsigned i = 0; i < 3; i++) { /* it is sent again */
		raw_invite(&p, "a", 1, "Require: 100rel\n", raw_sdp);
		raw_expect(&p, "SIP/2.0 420 ");
		assert_refusal(&p, 1, 420, "raw1");
		assert_string_equal(r->setup.called.digits, "4930555");
		assert_string_equal(r->setup.calling.digits, "030123");
		assert_string_equal(r->called_text, "");
	}
	raw_invite(&p, "b", 1, "Accept: text/plain\n", raw_sdp);
	raw_expect(&p, "SIP/2.0 406 ");
	assert_refusal(&p, 2, 406, "raw1");
	raw_invite(&p, "c", 1, "", "v=1\n");
	raw_expect(&p, "SIP/2.0 400 ");
	assert_refusal(&p, 3, 400, "raw1");
	assert_string_equal(r->setup.called.digits, "4930555");
	raw_send(&p, "INVITE sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bKd\n"
		     "From: <sip:030123@b>;tag=1\nTo: <sip:a@b>\nCall-ID: d\nCSeq: 1 INVITE\n"
		     "Contact: <sip:192.0.2.2>\n\n");
	raw_expect(&p, "SIP/2.0 404 ");
	assert_refusal(&p, 4, 404, "d");
	assert_string_equal(r->called_text, "alice");
	raw_send(&p, "INVITE sip:49%%0030@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bKe\n"
		     "From: <sip:a@b>;tag=1\nTo: <sip:a@b>\nCall-ID: e\nCSeq: 1 INVITE\n"
		     "Contact: <sip:192.0.2.2>\n\n");
	raw_expect(&p, "SIP/2.0 400 ");
	assert_refusal(&p, 5, 400, "e");
	p.w->calls[0]->full = true;
	raw_invite(&p, "f", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 100 ");
	raw_expect(&p, "SIP/2.0 503 ");
	raw_invite(&p, "f", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 503 ");
	assert_refusal(&p, 6, 503, "raw1");
	/* the same so much later is another attempt; within a dialog there is none */
	world_run_for(p.w, 33 * US_PER_S);
	p.mark = p.w->log_count; /* nobody acknowledged the 503 */
	raw_invite(&p, "a", 1, "Require: 100rel\n", raw_sdp);
	raw_expect(&p, "SIP/2.0 420 ");
	assert_refusal(&p, 7, 420, "raw1");
	in_dialog(&p, "INVITE", "r", 2, "nobody", "");
	raw_expect(&p, "SIP/2.0 481 ");
	assert_int_equal(p.w->calls[0]->refused, 7);
	ended(&p);
}

void test_uas_refusals(void **state)
{
	struct raw_peer p;
	const struct sip_counters *n;
	const char *text;

	(void)state;
	raw_open(&p);
	n = sip_counters(p.w->sip[0]);
	net_addr_parse(&p.from, "198.51.100.7:5060");
	raw_invite(&p, "x", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 403 Forbidden\r\n");
	assert_int_equal(n->refused_unknown_source, 1);
	assert_true(net_addr_equal(&n->last_refused, &p.from));
	assert_int_equal(n->last_refused_us, p.w->now_us);
	raw_invite(&p, "y", 1, "Require: 100rel\n", raw_sdp); /* 403 comes before all else */
	raw_expect(&p, "SIP/2.0 403 Forbidden\r\n");
	assert_int_equal(n->refused_unknown_source, 2);
	p.from = p.w->trunk[0].peer;

	raw_invite(&p, "a", 1, "Require: 100rel, timer\n", raw_sdp);
	text = raw_expect(&p, "SIP/2.0 420 Bad Extension\r\n");
	assert_true(raw_has(text, "Unsupported: 100rel, timer"));
	raw_invite(&p, "b", 1, "Content-Encoding: gzip\n", raw_sdp);
	assert_true(raw_has(raw_expect(&p, "SIP/2.0 415 "), "Accept: application/sdp"));
	raw_invite(&p, "c", 1, "",
		   "v=0\no=- 1 1 IN IP4 192.0.2.2\ns=-\nc=IN IP4 192.0.2.2\nt=0 0\n"
		   "m=audio 30000 RTP/AVP 18\n");
	assert_true(
	    raw_has(raw_expect(&p, "SIP/2.0 488 "), "Warning: 305 spanbridge \"No usable media\""));
	raw_invite(&p, "d", 1, "", "v=1\n");
	raw_expect(&p, "SIP/2.0 400 Bad Request\r\n");
	raw_send(&p, "INVITE sip:49%%0030@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bKn\n"
		     "From: <sip:a@b>;tag=1\nTo: <sip:a@b>\nCall-ID: n\nCSeq: 1 INVITE\n"
		     "Contact: <sip:192.0.2.2>\n\n");
	raw_expect(&p, "SIP/2.0 400 ");
	p.w->calls[0]->full = true;
	raw_invite(&p, "e", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 100 ");
	raw_expect(&p, "SIP/2.0 503 Service Unavailable\r\n");
	raw_expect_nothing(&p);
	assert_int_equal(p.w->calls[0]->count, 0);
	ended(&p);
}

void test_uas_other_methods(void **state)
{
	static const struct {
		const char *method, *answer;
	} table[] = {
	    {"OPTIONS", "SIP/2.0 200 OK\r\n"}, {"REGISTER", "SIP/2.0 405 "},
	    {"INFO", "SIP/2.0 405 "},	       {"SUBSCRIBE", "SIP/2.0 405 "},
	    {"BREW", "SIP/2.0 501 "},	       {"BYE", "SIP/2.0 481 "},
	    {"CANCEL", "SIP/2.0 481 "},	       {"UPDATE", "SIP/2.0 405 "},
	};
	struct raw_peer p;

	(void)state;
	raw_open(&p);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *text;

		raw_send(&p,
			 "%s sip:192.0.2.1 SIP/2.0\nv: SIP/2.0/UDP h;branch=z9hG4bK%zu\n"
			 "f: <sip:a@b>;tag=1\nt: <sip:192.0.2.1>\ni: m\nCSeq: 1 %s\nl: 0\n\n",
			 table[i].method, i, table[i].method);
		text = raw_expect(&p, table[i].answer);
		if (strstr(table[i].answer, "405") || strstr(table[i].answer, "200"))
			assert_true(raw_has(text, "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS"));
	}
	assert_int_equal(sip_counters(p.w->sip[0])->options_answered, 1);
	assert_int_equal(sip_counters(p.w->sip[0])->refused_method, 5);
	in_dialog(&p, "OPTIONS", "o", 1, "nobody", "");
	raw_expect(&p, "SIP/2.0 481 ");
	in_dialog(&p, "ACK", "k", 1, "nobody", ""); /* no ACK is ever answered */
	raw_expect_nothing(&p);
	ended(&p);
}

/* 8.2.2.2: by another branch the same request is a loop; a new CSeq is not. */
void test_uas_merged(void **state)
{
	struct raw_peer p;

	(void)state;
	raw_open(&p);
	raw_invite(&p, "one", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 100 ");
	raw_invite(&p, "two", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 482 Loop Detected\r\n");
	assert_int_equal(p.w->calls[0]->refused, 0); /* it has its call */
	raw_invite(&p, "one", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 100 "); /* a plain retransmission */
	assert_int_equal(p.w->calls[0]->count, 1);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, (struct call_cause){.value = 21});
	raw_expect(&p, "SIP/2.0 603 Decline\r\n"); /* location 0 is the user */
	ended(&p);
}

void test_uas_cancel_reason(void **state)
{
	struct raw_peer p;

	(void)state;
	raw_open(&p);
	raw_invite(&p, "i", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 100 ");
	raw_send(&p, "CANCEL sip:+4930555@192.0.2.1 SIP/2.0\n"
		     "Via: SIP/2.0/UDP 10.9.9.9:5062;branch=z9hG4bKi\n"
		     "From: <sip:030123@peer.example>;tag=ft\nTo: <sip:+4930555@192.0.2.1>\n"
		     "Call-ID: raw1\nCSeq: 1 CANCEL\nReason: SIP;cause=200\n\n");
	raw_expect(&p, "SIP/2.0 200 ");
	raw_expect(&p, "SIP/2.0 487 ");
	assert_int_equal(call(&p)->event[0].type, CALL_EV_CLEARING);
	assert_int_equal(call(&p)->event[0].cause.value, 26);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	assert_int_equal(call(&p)->gone, 1);
	ended(&p);
}

/* A trunk that is not trusted: the table says what its BYE means, whatever its Reason does. */
void test_uas_untrusted(void **state)
{
	struct raw_peer p;

	(void)state;
	raw_open(&p);
	p.w->trunk[0].untrusted = true;
	world_restart(p.w, 0);
	raw_invite(&p, "i", 1, "", raw_sdp);
	raw_expect(&p, "SIP/2.0 100 ");
	raw_send(&p, "CANCEL sip:+4930555@192.0.2.1 SIP/2.0\n"
		     "Via: SIP/2.0/UDP 10.9.9.9:5062;branch=z9hG4bKi\n"
		     "From: <sip:030123@peer.example>;tag=ft\nTo: <sip:+4930555@192.0.2.1>\n"
		     "Call-ID: raw1\nCSeq: 1 CANCEL\nReason: Q.850;cause=17;location=TN\n\n");
	raw_expect(&p, "SIP/2.0 200 ");
	raw_expect(&p, "SIP/2.0 487 ");
	assert_int_equal(call(&p)->event[0].cause.value, 16);
	assert_int_equal(call(&p)->event[0].cause.location, CALL_LOC_PRIVATE_REMOTE);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	ended(&p);
}

/* The called party has a new number: the caller is told by 301, or, if none is known, by 410. */
void test_uas_new_number(void **state)
{
	struct call_cause changed = {.value = 22, .location = CALL_LOC_PUBLIC_REMOTE};
	struct raw_peer p;
	const char *text;

	(void)state;
	for (int known = 0; known < 3; known++) {
		raw_open(&p);
		raw_invite(&p, "i", 1, "", raw_sdp);
		raw_expect(&p, "SIP/2.0 100 ");
		str_copy(changed.new_number, sizeof(changed.new_number),
			 known == 2 ? "+4930#99"
			 : known    ? "030#99"
				    : "");
		world_command(p.w, call(&p), LEG_CLEAR, NULL, changed);
		text = raw_expect(&p, known ? "SIP/2.0 301 Moved Permanently\r\n"
					    : "SIP/2.0 410 Gone\r\n");
		assert_true(raw_has(text, "Reason: Q.850;cause=22;location=RLN"));
		if (known)
			assert_true(raw_has(text, known == 2
						      ? "Contact: <sip:+4930%2399@192.0.2.1>"
						      : "Contact: <sip:030%2399@192.0.2.1>"));
		ended(&p);
	}
}

void test_uas_bye_reason(void **state)
{
	struct raw_peer p;
	char tag[64];

	(void)state;
	answered(&p, tag);
	in_dialog(&p, "BYE", "b", 2, tag,
		  "Reason: SIP;cause=480\nReason: X;cause=3, Q.850 ; cause=41;location=LN\n");
	raw_expect(&p, "SIP/2.0 200 OK\r\n");
	assert_int_equal(call(&p)->event[1].type, CALL_EV_CLEARING);
	assert_int_equal(call(&p)->event[1].cause.value, 41);
	assert_int_equal(call(&p)->event[1].cause.location, CALL_LOC_PUBLIC_LOCAL);
	in_dialog(&p, "BYE", "b", 2, tag, ""); /* again: the same transaction */
	raw_expect(&p, "SIP/2.0 200 OK\r\n");
	in_dialog(&p, "BYE", "b2", 3, tag, ""); /* and a new one, late */
	raw_expect(&p, "SIP/2.0 200 OK\r\n");
	assert_int_equal(call(&p)->event_count, 2);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	assert_int_equal(call(&p)->event[2].type, CALL_EV_GONE);
	assert_int_equal(call(&p)->event[2].cause.value, 41);
	in_dialog(&p, "BYE", "b3", 4, "wrong", "");
	raw_expect(&p, "SIP/2.0 481 ");
	ended(&p);
}

/* No offer in the INVITE: ours goes into the 200, the answer comes in the ACK. */
void test_uas_late_offer(void **state)
{
	struct media_desc offer = world_media(0, 4, 40000, false);
	struct raw_peer p;
	char tag[64];

	(void)state;
	raw_open(&p);
	raw_invite(&p, "i", 1, "", "");
	raw_tag(raw_expect(&p, "SIP/2.0 100 "), "To", tag, sizeof(tag));
	assert_false(call(&p)->setup.media.present);
	world_command(p.w, call(&p), LEG_PROGRESS, &offer, no_cause);
	assert_true(raw_has(raw_expect(&p, "SIP/2.0 183 "), "Content-Length: 0"));
	world_command(p.w, call(&p), LEG_ANSWER, &offer, no_cause);
	assert_true(raw_has(raw_expect(&p, "SIP/2.0 200 "), "m=audio 40000 RTP/AVP 8 0"));
	raw_send(&p,
		 "ACK sip:192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bKk\n"
		 "From: <sip:030123@peer.example>;tag=ft\nTo: <sip:+4930555@192.0.2.1>;tag=%s\n"
		 "Call-ID: raw1\nCSeq: 1 ACK\nContent-Type: application/sdp\n\n"
		 "v=0\no=- 1 1 IN IP4 192.0.2.2\ns=-\nc=IN IP4 192.0.2.2\nt=0 0\n"
		 "m=audio 30500 RTP/AVP 0\n",
		 tag);
	assert_int_equal(call(&p)->event[0].type, CALL_EV_CONFIRMED);
	assert_true(call(&p)->event[0].media.present);
	assert_int_equal(call(&p)->event[0].media.rtp.port, 30500);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	raw_expect(&p, "BYE ");
	ended(&p);
}

static void reinvite(struct raw_peer *p, const char *branch, unsigned cseq, const char *tag,
		     const char *contact, const char *body)
{
	size_t len = strlen(body);

	for (const char *c = body; *c; c++)
		len += *c == '\n';
	raw_send(p,
		 "INVITE sip:192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 10.9.9.9:5062;branch=z9hG4bK%s\n"
		 "From: <sip:030123@peer.example>;tag=ft\nTo: <sip:+4930555@192.0.2.1>;tag=%s\n"
		 "Call-ID: raw1\nCSeq: %u INVITE\nContact: <%s>\n%sContent-Length: %zu\n\n%s",
		 branch, tag, cseq, contact, len ? "Content-Type: application/sdp\n" : "", len,
		 body);
}

static const char sdp_moved[] = "v=0\no=- 1 2 IN IP4 192.0.2.2\ns=-\nc=IN IP4 192.0.2.7\nt=0 0\n"
				"m=video 5000 RTP/AVP 31\nm=audio 30002 RTP/AVP 0\na=sendonly\n";

void test_uas_reinvite(void **state)
{
	struct media_desc answer = world_media(0, 4, 40000, true);
	struct raw_peer p;
	const char *text;
	char tag[64];

	(void)state;
	answered(&p, tag);
	reinvite(&p, "r", 2, tag, "sip:192.0.2.2:5099", sdp_moved);
	assert_int_equal(call(&p)->event[1].type, CALL_EV_OFFER);
	assert_int_equal(call(&p)->event[1].media.rtp.port, 30002);
	assert_int_equal(call(&p)->event[1].media.direction, MEDIA_SENDONLY);
	reinvite(&p, "r2", 3, tag, "sip:192.0.2.2:5099", sdp_moved); /* 14.2 */
	assert_true(raw_has(raw_expect(&p, "SIP/2.0 500 "), "Retry-After: 2"));
	in_dialog(&p, "ACK", "r2", 3, tag, "");
	answer.format[0] = (struct media_format){MEDIA_PCMU, 0};
	answer.direction = MEDIA_RECVONLY;
	world_command(p.w, call(&p), LEG_OFFER_ANSWER, &answer, no_cause);
	text = raw_expect(&p, "SIP/2.0 200 ");
	assert_true(raw_has(text, "m=video 0 RTP/AVP 31\r\nm=audio 40000 RTP/AVP 0"));
	assert_true(raw_has(text, "a=recvonly"));
	assert_non_null(strstr(text, " 2 IN IP4 192.0.2.1\r\n"));    /* o=, next version */
	reinvite(&p, "r3", 4, tag, "sip:192.0.2.2:5099", sdp_moved); /* before the ACK */
	raw_expect(&p, "SIP/2.0 491 Request Pending\r\n");
	in_dialog(&p, "ACK", "r3", 4, tag, "");
	world_run_for(p.w, 600 * US_PER_MS);
	raw_expect(&p, "SIP/2.0 200 "); /* until the ACK */
	in_dialog(&p, "ACK", "ra", 2, tag, "");
	assert_int_equal(call(&p)->event_count, 2);

	/* 488: the call does not take it, and goes on as it was */
	reinvite(&p, "r4", 5, tag, "sip:192.0.2.2:5098", sdp_moved);
	world_command(p.w, call(&p), LEG_OFFER_ANSWER, NULL, no_cause);
	raw_expect(&p, "SIP/2.0 488 ");
	in_dialog(&p, "ACK", "r4", 5, tag, "");
	/* a call that never answers the offer */
	reinvite(&p, "r5", 6, tag, "sip:192.0.2.2:5098", sdp_moved);
	world_run_for(p.w, 2 * US_PER_S);
	raw_expect(&p, "SIP/2.0 491 ");
	in_dialog(&p, "ACK", "r5", 6, tag, "");
	/* an old CSeq (12.2.2) */
	reinvite(&p, "r6", 3, tag, "sip:192.0.2.2:5098", sdp_moved);
	raw_expect(&p, "SIP/2.0 500 ");
	/* 12.2.2: the target was refreshed */
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	raw_expect(&p, "BYE sip:192.0.2.2:5098 SIP/2.0\r\n");
	assert_int_equal(p.w->log[p.mark - 1].to.port, 5098);
	ended(&p);
}

/* A re-INVITE without SDP: the call makes an offer, the answer comes in the ACK. */
void test_uas_reinvite_late_offer(void **state)
{
	struct media_desc offer = world_media(0, 4, 40000, false);
	struct raw_peer p;
	char tag[64];

	(void)state;
	answered(&p, tag);
	reinvite(&p, "r", 2, tag, "sip:192.0.2.2", "");
	assert_int_equal(call(&p)->event[1].type, CALL_EV_OFFER);
	assert_false(call(&p)->event[1].media.present);
	world_command(p.w, call(&p), LEG_OFFER_ANSWER, &offer, no_cause);
	assert_true(raw_has(raw_expect(&p, "SIP/2.0 200 "), "m=audio 40000 RTP/AVP 8 0"));
	raw_send(&p,
		 "ACK sip:192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bKk2\n"
		 "From: <sip:030123@peer.example>;tag=ft\nTo: <sip:+4930555@192.0.2.1>;tag=%s\n"
		 "Call-ID: raw1\nCSeq: 2 ACK\nContent-Type: application/sdp\n\n"
		 "v=0\no=- 1 1 IN IP4 192.0.2.2\ns=-\nc=IN IP4 192.0.2.2\nt=0 0\n"
		 "m=audio 30700 RTP/AVP 8\n",
		 tag);
	assert_int_equal(call(&p)->event[2].type, CALL_EV_CONFIRMED);
	assert_int_equal(call(&p)->event[2].media.rtp.port, 30700);
	in_dialog(&p, "BYE", "b", 3, tag, "");
	raw_expect(&p, "SIP/2.0 200 ");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	ended(&p);
}

/* 15.1.2: a BYE ends the re-INVITE too. */
void test_uas_bye_in_reinvite(void **state)
{
	struct raw_peer p;
	char tag[64];

	(void)state;
	answered(&p, tag);
	reinvite(&p, "r", 2, tag, "sip:192.0.2.2", sdp_moved);
	in_dialog(&p, "BYE", "b", 3, tag, "");
	raw_expect(&p, "SIP/2.0 200 ");
	raw_expect(&p, "SIP/2.0 487 ");
	in_dialog(&p, "ACK", "r", 2, tag, "");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	ended(&p);
}

/* RFC 3966 numbers in the Request-URI */
void test_uas_tel_uri(void **state)
{
	struct raw_peer p;

	(void)state;
	raw_open(&p);
	raw_send(&p, "INVITE tel:+49-30.55(5);phone-context=x SIP/2.0\n"
		     "Via: SIP/2.0/UDP h;branch=z9hG4bKt\nFrom: <tel:0301>;tag=1\n"
		     "To: <tel:+4930555>\nCall-ID: t\nCSeq: 1 INVITE\n"
		     "Contact: <sip:192.0.2.2>\n\n");
	raw_expect(&p, "SIP/2.0 100 ");
	assert_string_equal(call(&p)->setup.called.digits, "4930555");
	assert_int_equal(call(&p)->setup.called.ton, CALL_TON_INTERNATIONAL);
	assert_string_equal(call(&p)->setup.calling.digits, "0301");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	ended(&p);
}

void test_uas_privacy(void **state)
{
	struct raw_peer p;
	struct call_number *n;

	(void)state;
	raw_open(&p);
	raw_invite(&p, "i", 1,
		   "Privacy: id\nP-Asserted-Identity: \"X\" <sip:+49%2D30-77@h;user=phone>\n",
		   raw_sdp);
	n = &call(&p)->setup.calling;
	assert_true(n->present);
	assert_string_equal(n->digits, "493077");
	assert_int_equal(n->ton, CALL_TON_INTERNATIONAL);
	assert_int_equal(n->presentation, CALL_PRES_RESTRICTED);
	assert_int_equal(n->screening, CALL_SCREEN_NETWORK);
	assert_string_equal(call(&p)->setup.calling_name, "");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	ended(&p);
	/* of a peer that is not trusted, who it says to be in From is all we have */
	raw_open(&p);
	p.w->trunk[0].untrusted = true;
	world_restart(p.w, 0);
	raw_invite(&p, "i", 1, "P-Asserted-Identity: <sip:+4999@h>\n", raw_sdp);
	assert_string_equal(call(&p)->setup.calling.digits, "030123");
	assert_int_equal(call(&p)->setup.calling.screening, CALL_SCREEN_USER_NOT_SCREENED);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	ended(&p);
}
