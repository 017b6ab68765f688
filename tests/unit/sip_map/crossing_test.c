/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What crosses on the way, each race by its name (RFC 4497 8.4, RFC 3261 9, 13.3.1.4, 14, 15), in
 * virtual time against a peer written by hand. race_test.c plays them at random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sip_map/raw_peer.h"
#include "tests/unit/sip_map/tests.h"

static const struct call_cause no_cause, normal = {.value = 16};

static struct world_call *call(struct raw_peer *p)
{
	return &p->w->calls[0]->call[0];
}

static unsigned sent(struct raw_peer *p, const char *begins)
{
	return world_count_sent(p->w, begins, 0, NULL, NULL);
}

/* All is over: nothing is left here, and the call heard so once. */
static void ended(struct raw_peer *p)
{
	world_run_for(p->w, 150 * US_PER_S);
	assert_int_equal(call(p)->gone, 1);
	assert_int_equal(call(p)->after_gone, 0);
	assert_int_equal(sip_counters(p->w->sip[0])->dialogs, 0);
	assert_int_equal(sip_counters(p->w->sip[0])->transactions, 0);
	raw_close(p);
}

/* A response to a request of ours, whose text this is. */
static void respond(struct raw_peer *p, const char *request, const char *status, const char *body)
{
	char via[256], from[256], to[256], id[64], cseq[32];
	bool tagged;

	raw_header(request, "Via", via, sizeof(via));
	raw_header(request, "From", from, sizeof(from));
	raw_header(request, "To", to, sizeof(to));
	raw_header(request, "Call-ID", id, sizeof(id));
	raw_header(request, "CSeq", cseq, sizeof(cseq));
	tagged = strstr(to, ";tag=") != NULL;
	raw_send(p,
		 "SIP/2.0 %s\nVia: %s\nFrom: %s\nTo: %s%s\nCall-ID: %s\nCSeq: %s\n"
		 "Contact: <sip:b@192.0.2.2>\n%s\n%s",
		 status, via, from, to, tagged ? "" : ";tag=b", id, cseq,
		 *body ? "Content-Type: application/sdp\n" : "", body);
}

/* ---- calls that we make ---- */

static const char *call_out(struct raw_peer *p)
{
	raw_open(p);
	world_open(p->w, 0, "1");
	return raw_expect(p, "INVITE ");
}

/* The ISDN side hung up before anything came: nothing may be sent (RFC 3261 9.1). */
static const char *call_out_cleared(struct raw_peer *p)
{
	const char *invite = call_out(p);

	world_command(p->w, call(p), LEG_CLEAR, NULL, normal);
	raw_expect_nothing(p);
	return invite;
}

void test_cleared_early_then_provisional(void **state)
{
	struct raw_peer p;
	const char *invite = call_out_cleared(&p), *cancel;

	(void)state;
	respond(&p, invite, "100 Trying", "");
	cancel = raw_expect(&p, "CANCEL ");
	assert_true(raw_has(cancel, "Reason: Q.850;cause=16;location=U"));
	respond(&p, invite, "180 Ringing", ""); /* no second one */
	respond(&p, cancel, "200 OK", "");
	respond(&p, invite, "487 Request Terminated", "");
	raw_expect(&p, "ACK ");
	raw_expect_nothing(&p);
	assert_int_equal(call(&p)->event_count, 1); /* GONE, no ALERTING */
	ended(&p);
}

void test_cleared_early_then_ok(void **state)
{
	struct raw_peer p;
	const char *invite = call_out_cleared(&p), *bye;

	(void)state;
	respond(&p, invite, "200 OK", raw_sdp);
	raw_expect(&p, "ACK ");
	bye = raw_expect(&p, "BYE ");
	assert_true(raw_has(bye, "Reason: Q.850;cause=16;location=U"));
	respond(&p, bye, "200 OK", "");
	raw_expect_nothing(&p);
	assert_int_equal(sent(&p, "CANCEL"), 0);
	assert_int_equal(call(&p)->event_count, 1); /* GONE, no ANSWER */
	ended(&p);
}

void test_cleared_early_then_refused(void **state)
{
	struct raw_peer p;
	const char *invite = call_out_cleared(&p);

	(void)state;
	respond(&p, invite, "503 Service Unavailable", "");
	raw_expect(&p, "ACK ");
	respond(&p, invite, "503 Service Unavailable", ""); /* each time that it comes */
	raw_expect(&p, "ACK ");
	world_run_for(p.w, 40 * US_PER_S);
	raw_expect_nothing(&p);
	assert_int_equal(call(&p)->event[0].cause.value, 16); /* ours: we cleared first */
	ended(&p);
}

/* The INVITE goes on until Timer B; the call is told after 4 s. */
void test_cleared_early_then_nothing(void **state)
{
	struct raw_peer p;
	int64_t start, last = 0;

	(void)state;
	call_out_cleared(&p);
	start = p.w->now_us;
	world_run(p.w, start + 4 * US_PER_S - 1);
	assert_int_equal(call(&p)->gone, 0);
	world_run(p.w, start + 4 * US_PER_S);
	assert_int_equal(call(&p)->gone, 1);
	world_run_for(p.w, 100 * US_PER_S);
	assert_int_equal(sent(&p, "INVITE"), 7);
	world_count_sent(p.w, "INVITE", 6, &last, NULL);
	assert_int_equal((last - start) / US_PER_MS, 31500);
	assert_int_equal(sent(&p, "CANCEL"), 0);
	ended(&p);
}

/* ---- calls that come in ---- */

static void in_dialog(struct raw_peer *p, const char *method, const char *branch, unsigned cseq,
		      const char *tag)
{
	raw_send(p,
		 "%s sip:192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 10.9.9.9:5062;branch=z9hG4bK%s\n"
		 "From: \"A \\\"b\\\"\" <sip:030123@peer.example>;tag=ft\n"
		 "To: <sip:+4930555@192.0.2.1>;tag=%s\nCall-ID: raw1\nCSeq: %u %s\n"
		 "Contact: <sip:192.0.2.2>\nContent-Length: 0\n\n",
		 method, branch, tag, cseq, method);
}

static void cancel(struct raw_peer *p)
{
	raw_send(p, "CANCEL sip:+4930555@192.0.2.1 SIP/2.0\n"
		    "Via: SIP/2.0/UDP 10.9.9.9:5062;branch=z9hG4bKi;rport\nMax-Forwards: 70\n"
		    "From: \"A \\\"b\\\"\" <sip:030123@peer.example>;tag=ft\n"
		    "To: <sip:+4930555@192.0.2.1>\nCall-ID: raw1\nCSeq: 1 CANCEL\n"
		    "Content-Length: 0\n\n");
}

/* INVITE, 100; tag: ours. */
static void call_in(struct raw_peer *p, char tag[64])
{
	raw_open(p);
	raw_invite(p, "i", 1, "", raw_sdp);
	raw_tag(raw_expect(p, "SIP/2.0 100 "), "To", tag, 64);
}

static void answer(struct raw_peer *p)
{
	struct media_desc media = world_media(0, 4, 40000, true);

	world_command(p->w, call(p), LEG_ANSWER, &media, no_cause);
	raw_expect(p, "SIP/2.0 200 ");
}

/* DISCONNECT after our 200, before its ACK: the BYE waits for it. */
void test_cleared_before_ack(void **state)
{
	struct raw_peer p;
	char tag[64];

	(void)state;
	call_in(&p, tag);
	answer(&p);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, normal);
	raw_expect_nothing(&p);
	in_dialog(&p, "ACK", "a", 1, tag);
	respond(&p, raw_expect(&p, "BYE "), "200 OK", "");
	assert_int_equal(call(&p)->event_count, 1); /* GONE, no CONFIRMED */
	ended(&p);
}

/* The same, and the ACK never comes: BYE after 64·T1, to the microsecond. */
void test_cleared_and_no_ack(void **state)
{
	struct raw_peer p;
	char tag[64];
	int64_t start, at_us = 0;

	(void)state;
	call_in(&p, tag);
	start = p.w->now_us;
	answer(&p);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, normal);
	world_run_for(p.w, 100 * US_PER_S);
	world_count_sent(p.w, "BYE", 0, &at_us, NULL);
	assert_int_equal(at_us - start, 32 * US_PER_S);
	ended(&p);
}

/* CANCEL meets our 200 (CONNECT was quicker): 200 to it, no 487, and the call hears nothing. */
void test_cancel_crosses_ok(void **state)
{
	struct raw_peer p;
	char tag[64], same[64];

	(void)state;
	call_in(&p, tag);
	answer(&p);
	cancel(&p);
	raw_tag(raw_expect(&p, "SIP/2.0 200 "), "To", same, sizeof(same));
	assert_true(raw_has(p.w->log[p.mark - 1].text, "CSeq: 1 CANCEL"));
	assert_string_equal(tag, same); /* 9.2 */
	raw_expect_nothing(&p);
	assert_int_equal(call(&p)->event_count, 0);
	in_dialog(&p, "ACK", "a", 1, tag);
	assert_int_equal(call(&p)->event[0].type, CALL_EV_CONFIRMED);
	in_dialog(&p, "BYE", "b", 2, tag); /* 15: whoever wanted to cancel now sends this */
	raw_expect(&p, "SIP/2.0 200 ");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	assert_int_equal(sent(&p, "SIP/2.0 487"), 0);
	ended(&p);
}

/* CANCEL comes twice, by retransmission: 200 twice, but one 487 (until it is acknowledged). */
void test_one_487(void **state)
{
	struct raw_peer p;
	char tag[64];

	(void)state;
	call_in(&p, tag);
	cancel(&p);
	raw_expect(&p, "SIP/2.0 200 ");
	raw_expect(&p, "SIP/2.0 487 ");
	cancel(&p);
	raw_expect(&p, "SIP/2.0 200 ");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, normal);
	in_dialog(&p, "ACK", "i;rport", 1, tag);
	world_run_for(p.w, 40 * US_PER_S);
	assert_int_equal(sent(&p, "SIP/2.0 487"), 1);
	assert_int_equal(call(&p)->event_count, 2); /* CLEARING, GONE */
	ended(&p);
}

/* DISCONNECT (busy) meets CANCEL: one final response, 486; the CANCEL finds nothing to cancel. */
void test_clear_crosses_cancel(void **state)
{
	struct raw_peer p;
	char tag[64];

	(void)state;
	call_in(&p, tag);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, (struct call_cause){.value = 17});
	raw_expect(&p, "SIP/2.0 486 ");
	cancel(&p);
	raw_expect(&p, "SIP/2.0 200 ");
	in_dialog(&p, "ACK", "i;rport", 1, tag);
	world_run_for(p.w, 40 * US_PER_S);
	raw_expect_nothing(&p);
	assert_int_equal(call(&p)->event_count, 1);
	ended(&p);
}

/* BYE in the early dialog (15) meets our 200: the 200 goes on, as its INVITE still has no end. */
void test_early_bye_crosses_ok(void **state)
{
	struct raw_peer p;
	char tag[64];

	(void)state;
	call_in(&p, tag);
	answer(&p);
	in_dialog(&p, "BYE", "b", 2, tag);
	assert_true(raw_has(raw_expect(&p, "SIP/2.0 200 "), "CSeq: 2 BYE"));
	world_command(p.w, call(&p), LEG_CLEAR, NULL, normal);
	assert_int_equal(call(&p)->gone, 1);
	world_run_for(p.w, 2 * US_PER_S); /* 0.5 and 1.5 s after the first */
	assert_true(raw_has(raw_expect(&p, "SIP/2.0 200 "), "CSeq: 1 INVITE"));
	assert_true(raw_has(raw_expect(&p, "SIP/2.0 200 "), "CSeq: 1 INVITE"));
	in_dialog(&p, "ACK", "a", 1, tag);
	world_run_for(p.w, 40 * US_PER_S);
	raw_expect_nothing(&p);
	ended(&p);
}

static void talk(struct raw_peer *p, char tag[64])
{
	call_in(p, tag);
	answer(p);
	in_dialog(p, "ACK", "a", 1, tag);
	assert_int_equal(call(p)->event[0].type, CALL_EV_CONFIRMED);
}

/* Both sides hang up: each BYE is answered, the call hears GONE and no CLEARING. */
void test_bye_crosses_bye(void **state)
{
	struct raw_peer p;
	char tag[64];
	const char *ours;

	(void)state;
	talk(&p, tag);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, normal);
	ours = raw_expect(&p, "BYE ");
	in_dialog(&p, "BYE", "b", 2, tag);
	assert_true(raw_has(raw_expect(&p, "SIP/2.0 200 "), "CSeq: 2 BYE"));
	respond(&p, ours, "481 Call/Transaction Does Not Exist", "");
	assert_int_equal(world_find_event(call(&p), CALL_EV_CLEARING), -1);
	ended(&p);
}

/* Our BYE is lost on the way, theirs comes again and again: every one is answered. */
void test_bye_lost_and_crossed(void **state)
{
	struct raw_peer p;
	char tag[64];

	(void)state;
	talk(&p, tag);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, normal);
	raw_expect(&p, "BYE ");
	for (unsigned i = 0; i < 3; i++) {
		in_dialog(&p, "BYE", "b", 2, tag);
		raw_expect(&p, "SIP/2.0 200 ");
	}
	world_run_for(p.w, 4 * US_PER_S);
	assert_int_equal(call(&p)->gone, 1); /* it does not wait for Timer F */
	ended(&p);
}

/* A re-INVITE while another one is open (500), and before the ACK to its 200 (491): each copy gets
 * the same answer, and the call goes on. */
void test_reinvite_glare(void **state)
{
	struct media_desc media = world_media(0, 4, 40000, true);
	struct raw_peer p;
	char tag[64];

	(void)state;
	talk(&p, tag);
	in_dialog(&p, "INVITE", "r1", 2, tag);
	in_dialog(&p, "INVITE", "r2", 3, tag);
	raw_expect(&p, "SIP/2.0 500 ");
	in_dialog(&p, "ACK", "r2", 3, tag);
	world_command(p.w, call(&p), LEG_OFFER_ANSWER, &media, no_cause);
	assert_true(raw_has(raw_expect(&p, "SIP/2.0 200 "), "CSeq: 2 INVITE"));
	in_dialog(&p, "INVITE", "r3", 4, tag);
	raw_expect(&p, "SIP/2.0 491 ");
	in_dialog(&p, "ACK", "r1a", 2, tag);
	in_dialog(&p, "INVITE", "r3", 4, tag); /* the 491 was lost: it may not become a 200 now */
	raw_expect(&p, "SIP/2.0 491 ");
	in_dialog(&p, "ACK", "r3", 4, tag);
	world_run_for(p.w, 40 * US_PER_S);
	raw_expect_nothing(&p);
	assert_int_equal(call(&p)->gone, 0);
	in_dialog(&p, "BYE", "b", 5, tag);
	raw_expect(&p, "SIP/2.0 200 ");
	world_command(p.w, call(&p), LEG_CLEAR, NULL, no_cause);
	ended(&p);
}

/* A 200 that comes again is acknowledged again, also when the call is over. */
void test_ok_repeated(void **state)
{
	struct raw_peer p;
	const char *invite = call_out(&p), *bye;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		respond(&p, invite, "200 OK", raw_sdp);
		raw_expect(&p, "ACK ");
		raw_expect_nothing(&p);
	}
	assert_int_equal(call(&p)->event_count, 1);
	world_command(p.w, call(&p), LEG_CLEAR, NULL, normal);
	bye = raw_expect(&p, "BYE ");
	respond(&p, invite, "200 OK", raw_sdp);
	raw_expect(&p, "ACK ");
	respond(&p, bye, "200 OK", "");
	assert_int_equal(call(&p)->gone, 1);
	respond(&p, invite, "200 OK", raw_sdp);
	raw_expect(&p, "ACK ");
	ended(&p);
}

/* No ACK for 64·T1: BYE to the peer, and the call is told, so that ISDN gets its DISCONNECT. */
void test_ack_lost(void **state)
{
	struct raw_peer p;
	char tag[64];
	const char *bye = NULL;
	int64_t start, at_us = 0;

	(void)state;
	call_in(&p, tag);
	start = p.w->now_us;
	answer(&p);
	world_run(p.w, start + 32 * US_PER_S - 1);
	assert_int_equal(sent(&p, "BYE"), 0);
	assert_int_equal(call(&p)->gone, 0);
	world_run(p.w, start + 32 * US_PER_S);
	assert_int_equal(world_count_sent(p.w, "BYE", 0, &at_us, &bye), 1);
	assert_int_equal(at_us - start, 32 * US_PER_S);
	assert_true(raw_has(bye, "Reason: Q.850;cause=102;location=LPN"));
	assert_int_equal(call(&p)->gone, 1);
	assert_int_equal(call(&p)->event[0].cause.value, 102);
	ended(&p);
}
