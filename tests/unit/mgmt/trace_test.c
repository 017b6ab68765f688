/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace: messages find their calls, memory is bounded, what is missing is told. */
#include <stdio.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "src/mgmt/trace.h"
#include "tests/unit/mgmt/mgmt_test.h"

enum { CALLS = 3 };

static struct trace *trace;
static struct net_addr peer;

static int set_up(void **state)
{
	net_addr_parse(&peer, "192.0.2.7:5060");
	return trace_create(&trace, CALLS);
}

static int tear_down(void **state)
{
	trace_destroy(trace);
	trace_destroy(NULL);
	return 0;
}

/* A message of that type; to: its reference is the receiver's own. */
static void frame(int64_t at_us, bool outbound, uint16_t cref, bool to, uint8_t type)
{
	const uint8_t octets[] = {
	    0x02,	   0x01, 0x00, 0x00, 0x08, 0x02, (uint8_t)((to ? 0x80 : 0) | cref >> 8),
	    (uint8_t)cref, type};

	trace_add_frame(trace, at_us, 1, outbound, octets, sizeof(octets));
}

static void sip(int64_t at_us, bool outbound, const char *line, const char *headers)
{
	char msg[600];
	int n = snprintf(msg, sizeof(msg), "%s\r\nVia: x\r\n%s\r\n\r\nCall-ID: body\r\n", line,
			 headers);

	trace_add_sip(trace, at_us, outbound, &peer, msg, (size_t)n);
}

/* Words of a call's messages, each with its direction, on one line. */
static void assert_ladder(call_id call, const char *want)
{
	char all[4096] = "", words[TRACE_WORDS];
	struct trace_event e;
	unsigned left_out;

	for (unsigned i = 0; trace_ladder(trace, call, i, &e, &left_out); i++) {
		assert_int_equal(e.call, call);
		trace_words(&e, words, sizeof(words));
		words[strcspn(words, " ")] = '\0';
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s%s", i ? " " : "",
			 e.outbound ? "<" : ">", words);
	}
	assert_string_equal(all, want);
}

/* From an exchange to a trunk: what came before the legs were there is in the ladder, too. */
static void both_sides_of_a_call(void **state)
{
	frame(1, false, 5, false, 0x05);
	frame(2, false, 6, false, 0x05); /* another call */
	trace_bind_isdn(trace, 77, 1, 5, false);
	frame(3, true, 5, true, 0x02);
	sip(4, true, "INVITE sip:1@x SIP/2.0", "Call-ID: abc@x");
	trace_bind_sip(trace, 77, "abc@x");
	sip(5, false, "SIP/2.0 180 Ringing", "i:\tabc@x ");
	sip(6, false, "SIP/2.0 180 Ringing", "Call-ID: abc@y");
	frame(7, true, 5, true, 0x01);
	frame(8, true, 5, false, 0x45); /* the reference 5 that we made is another one */
	assert_ladder(77, ">SETUP <CALL <INVITE >SIP/2.0 <ALERTING");
	assert_ladder(78, "");
	assert_int_equal(trace_next(trace), 9);
}

/* From a trunk to an exchange: our SETUP is written before its reference is known. */
static void the_other_way(void **state)
{
	sip(1, false, "INVITE sip:1@x SIP/2.0", "CALL-ID: q");
	sip(2, true, "SIP/2.0 100 Trying", "Call-ID: q");
	trace_bind_sip(trace, 9, "q");
	frame(3, true, 1, false, 0x05);
	trace_bind_isdn(trace, 9, 1, 1, true);
	frame(4, false, 1, true, 0x07);
	assert_ladder(9, ">INVITE <SIP/2.0 <SETUP >CONNECT");
}

static void references_come_again(void **state)
{
	frame(1, false, 5, false, 0x05);
	trace_bind_isdn(trace, 1, 1, 5, false);
	frame(2, true, 5, true, 0x5a);
	trace_unbind(trace, 1);
	frame(3, false, 5, false, 0x05);
	trace_bind_isdn(trace, 2, 1, 5, false);
	assert_ladder(1, ">SETUP <RELEASE");
	assert_ladder(2, ">SETUP");
	/* Without an end of the first one, the new call takes it over. */
	trace_bind_isdn(trace, 3, 1, 5, false);
	frame(4, true, 5, true, 0x02);
	assert_ladder(2, ">SETUP");
	assert_ladder(3, "<CALL");
	/* A reference that stood unused for long is not this call's. */
	frame(10, false, 9, false, 0x05);
	frame(100 * 1000000, false, 9, false, 0x45);
	trace_bind_isdn(trace, 4, 1, 9, false);
	assert_ladder(4, ">DISCONNECT");
	trace_bind_isdn(trace, 0, 1, 9, false);
	trace_unbind(trace, 99);
}

static void the_quietest_call_makes_room(void **state)
{
	for (call_id call = 1; call <= CALLS; call++) {
		trace_bind_isdn(trace, call, 1, (uint16_t)call, false);
		frame(1, false, (uint16_t)call, false, 0x05);
	}
	frame(2, true, 1, true, 0x02);
	trace_bind_isdn(trace, 8, 1, 8, false);
	assert_ladder(1, ">SETUP <CALL");
	assert_ladder(2, "");
	assert_ladder(3, ">SETUP");
	frame(3, true, 2, true, 0x02); /* its key has gone with it */
	assert_ladder(2, "");
}

static void a_long_call_keeps_its_beginning(void **state)
{
	struct trace_event e;
	unsigned left_out, i;

	trace_bind_isdn(trace, 1, 1, 5, false);
	for (int n = 0; n < 500; n++) {
		frame(n, n & 1, 5, n & 1, 0x7b);
		assert_true(trace_ladder(trace, 1, 0, &e, &left_out));
		assert_int_equal(left_out, n < TRACE_LADDER ? 0 : n + 1 - TRACE_LADDER);
	}
	for (i = 0; trace_ladder(trace, 1, i, &e, &left_out); i++)
		assert_int_equal(e.wall_us, i < TRACE_LADDER_FIRST ? i : 500 - TRACE_LADDER + i);
	assert_int_equal(i, TRACE_LADDER);
}

static void the_ring_holds_the_last(void **state)
{
	static const uint8_t rr[] = {0x00, 0x01, 0x01, 0x02};
	struct trace_event e;
	char words[16];

	for (int n = 1; n <= TRACE_EVENTS + 10; n++)
		trace_add_frame(trace, n, 1, false, rr, sizeof(rr));
	assert_int_equal(trace_first(trace), 11);
	assert_false(trace_get(trace, 10, &e));
	assert_true(trace_get(trace, 11, &e));
	assert_int_equal(e.wall_us, 11);
	assert_false(trace_is_message(&e));
	assert_int_equal(trace_words(&e, words, sizeof(words)), 15);
	assert_string_equal(words, "RR nr=1 p/f=0 c");
	assert_false(trace_get(trace, TRACE_EVENTS + 11, &e));
	assert_false(trace_get(trace, 0, &e));
}

static void giants_and_garbage(void **state)
{
	static char giant[70000];
	struct trace_event e;
	unsigned left_out;
	struct rng rng;
	char words[TRACE_WORDS];

	memset(giant, 'x', sizeof(giant));
	memcpy(giant, "INVITE\x1b[2J\r\nCall-ID: g\r\n", 24);
	trace_bind_sip(trace, 5, "g");
	trace_add_sip(trace, 1, false, &peer, giant, sizeof(giant));
	assert_true(trace_get(trace, 1, &e));
	assert_int_equal(e.len, TRACE_OCTETS_MAX);
	assert_int_equal(e.whole_len, sizeof(giant));
	assert_int_equal(e.call, 5);
	trace_words(&e, words, sizeof(words));
	assert_string_equal(words, "INVITE?[2J");
	assert_true(trace_ladder(trace, 5, 0, &e, &left_out));
	assert_int_equal(e.len, TRACE_LADDER_OCTETS);
	rng_init_seed(&rng, 3);
	for (int n = 0; n < 20000; n++) {
		uint8_t octets[40];
		size_t len = rng_below(&rng, sizeof(octets));

		for (size_t i = 0; i < len; i++)
			octets[i] = rng_below(&rng, 2)
					? (uint8_t)rng_u32(&rng)
					: (uint8_t) "Call-ID:\r\n i"[rng_below(&rng, 12)];
		if (n & 1)
			trace_add_sip(trace, n, false, &peer, (char *)octets, len);
		else
			trace_add_frame(trace, n, 1, false, octets, len);
		if (rng_below(&rng, 10) == 0)
			trace_bind_isdn(trace, 1 + rng_below(&rng, 9), 1,
					(uint16_t)rng_below(&rng, 4), true);
		if (rng_below(&rng, 10) == 0)
			trace_unbind(trace, 1 + rng_below(&rng, 9));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
const struct CMUnitTest trace_tests[] = {
    TEST(both_sides_of_a_call),
    TEST(the_other_way),
    TEST(references_come_again),
    TEST(the_quietest_call_makes_room),
    TEST(a_long_call_keeps_its_beginning),
    TEST(the_ring_holds_the_last),
    TEST(giants_and_garbage),
};
const size_t trace_test_count = sizeof(trace_tests) / sizeof(trace_tests[0]);
