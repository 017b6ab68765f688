/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libpri cannot be made to send: RESTART in each form, messages in the wrong state, without
 * what they must carry or with more than anybody needs, every location. A call that can live does.
 */
#include <string.h>

#include "tests/peer_isdn/bed.h"

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;

static void bye_ends(struct sip_script_call *c)
{
	sip_expect(sip, c, "BYE");
	sip_reply_request(sip, c, "200 OK");
}

static void isdn_hangs_up(unsigned span, uint16_t ref)
{
	bed_isdn_clears(span, ref, 0, 16);
	bye_ends(call);
}

/* ── RESTART from the far end clears the calls on those channels and no others (5.5) ── */

/* Calls from ISDN on channels 1 and 3, answered; the second one's dialog is *other. */
static void two_calls(unsigned span, struct sip_script_call *other)
{
	struct peer *p = bed_peer(span);

	bed_isdn_answered(span);
	peer_send(p, 3, SETUP, BEARER_3K1, CHANNEL(3), CALLED(0x81, "67890"), SENDING_COMPLETE);
	peer_expect(p, 3, CALL_PROCEEDING, CHANNEL(3));
	sip_expect(sip, other, "INVITE");
	sip_reply(sip, other, "200 OK", SIP_SDP, NULL);
	sip_expect(sip, other, "ACK");
	peer_expect(p, 3, CONNECT, CHANNEL(3));
	peer_send(p, 3, CONNECT_ACKNOWLEDGE);
	bed_pass(BED_TICK_US);
}

static void restart_one(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	struct sip_script_call other = {0};

	bed_begin(NULL);
	two_calls(bed_span(state), &other);
	peer_send(p, Q931_GLOBAL, RESTART, CHANNEL(1), RESTART_CHANNELS);
	peer_expect(p, Q931_GLOBAL, RESTART_ACKNOWLEDGE, CHANNEL(1), RESTART_CHANNELS);
	bye_ends(call);
	sip_expect_silence(sip, BED_S);
	bed_isdn_clears(bed_span(state), 3, 0, 16);
	bye_ends(&other);
	bed_end();
}

/* Both calls end, in whatever order. */
static void both_end(struct sip_script_call *other)
{
	bool first_is_other;

	sip_expect(sip, &(struct sip_script_call){0}, "BYE");
	first_is_other = strcmp(sip_header(sip, "Call-ID"), other->call_id) == 0;
	memcpy(call->request, sip->last.octets, sip->last.len);
	call->request_len = sip->last.len;
	sip_reply_request(sip, call, "200 OK");
	bye_ends(first_is_other ? call : other);
}

static void restart_clears_both(unsigned span, const struct ie *elements)
{
	struct peer *p = bed_peer(span);
	struct sip_script_call other = {0};
	struct ie acknowledge[4];
	unsigned n = 0;

	bed_begin(NULL);
	two_calls(span, &other);
	peer_send_list(p, Q931_GLOBAL, elements);
	do
		acknowledge[n] = elements[n];
	while (elements[n++].kind != IE_END);
	acknowledge[0] = RESTART_ACKNOWLEDGE;
	peer_expect_list(p, __FILE__, __LINE__, PEER_PATIENCE_US, Q931_GLOBAL, acknowledge);
	both_end(&other);
	/* The channels are free again. */
	peer_send(p, 9, SETUP, BEARER_3K1, CHANNEL(3), CALLED(0x81, "12345"), SENDING_COMPLETE);
	peer_expect(p, 9, CALL_PROCEEDING, CHANNEL(3));
	sip_expect(sip, call, "INVITE");
	sip_reply(sip, call, "200 OK", SIP_SDP, NULL);
	sip_expect(sip, call, "ACK");
	peer_expect(p, 9, CONNECT, MORE);
	peer_send(p, 9, CONNECT_ACKNOWLEDGE);
	bed_pass(BED_TICK_US);
	isdn_hangs_up(span, 9);
	bed_end();
}

static void restart_list(void **state)
{
	restart_clears_both(bed_span(state), PEER_LIST(RESTART, IE(IE_CHANNEL, 0xa9, 0x83, 1, 0x83),
						       RESTART_CHANNELS));
}

static void restart_slot_map(void **state)
{
	/* 4.5.13, figure 4-24: timeslot 31 first, 0 last. */
	restart_clears_both(
	    bed_span(state),
	    PEER_LIST(RESTART, IE(IE_CHANNEL, 0xa9, 0x93, 0, 0, 0, 0x0a), RESTART_CHANNELS));
}

static void restart_interface(void **state)
{
	restart_clears_both(bed_span(state), PEER_LIST(RESTART, RESTART_INTERFACE));
}

static void restart_all(void **state)
{
	restart_clears_both(bed_span(state), PEER_LIST(RESTART, RESTART_ALL));
}

/* ── STATUS, unknown and unexpected messages (5.8) ── */

static void status_enquiry(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	bed_isdn_answered(bed_span(state));
	bed_pass(BED_TICK_US);
	peer_send(p, 1, STATUS_ENQUIRY);
	peer_expect(p, 1, STATUS, CAUSE(0, 30), CALL_STATE(10));
	isdn_hangs_up(bed_span(state), 1);
	bed_end();
}

/* 5.8.4 wants STATUS with cause 97; libpri is silent. What counts: the call lives. */
static void unknown_message(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	bed_isdn_answered(bed_span(state));
	bed_pass(BED_TICK_US);
	peer_send(p, 1, Q931_MESSAGE(0x33));
	sip_expect_silence(sip, BED_S);
	if (peer_next(p, 0))
		assert_int_equal(p->last.type, STATUS.id);
	isdn_hangs_up(bed_span(state), 1);
	bed_end();
}

static void wrong_state(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint8_t cause;

	bed_begin(NULL);
	bed_isdn_answered(bed_span(state));
	bed_pass(BED_TICK_US);
	peer_send(p, 1, CALL_PROCEEDING, CHANNEL(1));
	peer_expect(p, 1, STATUS, ANY(IE_CAUSE), CALL_STATE(10));
	cause = q931_find(&p->last, IE_CAUSE, 0)->octets[1] & 0x7f;
	assert_true(cause == 98 || cause == 101); /* 5.8.4 leaves the choice */
	sip_expect_silence(sip, BED_S);
	isdn_hangs_up(bed_span(state), 1);
	bed_end();
}

/* 5.8.11: the far end is in the null state, the call is over without another message. */
static void status_null(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	bed_isdn_answered(bed_span(state));
	bed_pass(BED_TICK_US);
	peer_send(p, 1, STATUS, CAUSE(0, 31), CALL_STATE(0));
	bye_ends(call);
	peer_expect_silence(p, 10 * BED_S);
	bed_end();
}

/* ── SETUP with too little, too much, or a channel that is not to be had ── */

static void setup_no_bearer(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	peer_send(p, 1, SETUP, CHANNEL(1), CALLED(0x81, "12345"), SENDING_COMPLETE);
	peer_expect(p, 1, RELEASE_COMPLETE, ANY(IE_CAUSE)); /* 5.8.6.1 */
	assert_int_equal(q931_find(&p->last, IE_CAUSE, 0)->octets[1], 0x80 | 96);
	bed_end();
}

static void setup_data(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	peer_send(p, 1, SETUP, BEARER_64K, CHANNEL(1), CALLED(0x81, "12345"), SENDING_COMPLETE);
	peer_expect(p, 1, RELEASE_COMPLETE, CAUSE(1, 65));
	bed_end();
}

static void setup_with_everything(void **state)
{
	unsigned span = bed_span(state);
	struct peer *p = bed_peer(span);

	bed_begin(NULL);
	peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), IE(IE_PROGRESS, 0x82, 0x83),
		  IE(IE_DISPLAY, 'M', 'i', 'l', 'l', 'e', 'r'), CALLING(0x21, 0x83, "30123456"),
		  IE(0x6d, 0x80, 0x50, '7', '7'), CALLED(0x81, "12345"),
		  IE(0x71, 0x80, 0x50, '8', '8'), IE(IE_LLC, 0x90, 0x90, 0xa3),
		  IE(IE_HLC, 0x91, 0x81), IE(IE_USER_USER, 0x04, 'h', 0, 0xff), SENDING_COMPLETE);
	peer_expect(p, 1, CALL_PROCEEDING, CHANNEL(1));
	sip_expect(sip, call, "INVITE");
	sip_reply(sip, call, "486 Busy Here", 0, NULL);
	sip_expect(sip, call, "ACK");
	peer_expect(p, 1, DISCONNECT, CAUSE(5, 17), MORE);
	bed_far_end_releases(p, 1);
	bed_end();
}

static void channel_in_use(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	bed_isdn_answered(bed_span(state));
	bed_pass(BED_TICK_US);
	peer_send(p, 2, SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x81, "12345"), SENDING_COMPLETE);
	peer_expect(p, 2, RELEASE_COMPLETE, CAUSE(1, 44));
	isdn_hangs_up(bed_span(state), 1);
	bed_end();
}

/* The D-channel's timeslot. */
static void channel_that_is_none(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(16), CALLED(0x81, "12345"), SENDING_COMPLETE);
	peer_expect(p, 1, RELEASE_COMPLETE, CAUSE(1, 44));
	bed_end();
}

/* ── clearing ── */

static void disconnect_without_cause(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	bed_isdn_answered(bed_span(state));
	peer_send(p, 1, DISCONNECT);
	peer_expect(p, 1, RELEASE, ANY(IE_CAUSE)); /* 5.8.6.1: 96 */
	assert_int_equal(q931_find(&p->last, IE_CAUSE, 0)->octets[1], 0x80 | 96);
	peer_send(p, 1, RELEASE_COMPLETE);
	bye_ends(call);
	bed_end();
}

static void crossing_disconnects(void **state)
{
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(NULL);
	bed_isdn_answered(bed_span(state));
	bed_pass(BED_TICK_US);
	sip_request(sip, call, "BYE", NULL);
	sip_expect(sip, call, "200 BYE");
	peer_send(p, 1, DISCONNECT, CAUSE(0, 16));
	peer_expect(p, 1, DISCONNECT, CAUSE(5, 16));
	peer_expect(p, 1, RELEASE, MORE); /* 5.3.5 */
	peer_send(p, 1, RELEASE, CAUSE(0, 16));
	peer_expect_silence(p, 10 * BED_S);
	bed_end();
}

/* RFC 8606 table 1 against Q.850 table 2. */
static void locations(void **state)
{
	static const struct {
		uint8_t location;
		const char *name;
	} row[] = {{0, "U"},   {1, "LPN"}, {2, "LN"},	{3, "TN"},
		   {4, "RLN"}, {5, "RPN"}, {7, "INTL"}, {10, "BI"}};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bed_begin(NULL);
		bed_isdn_answered(bed_span(state));
		bed_isdn_clears(bed_span(state), 1, row[i].location, 31);
		sip_expect(sip, call, "BYE");
		bed_assert_reason(31, row[i].name);
		sip_reply_request(sip, call, "200 OK");
		bed_end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED_TEST_SPANS(restart_one),
	    BED_TEST_SPANS(restart_list),
	    BED_TEST_SPANS(restart_slot_map),
	    BED_TEST_SPANS(restart_interface),
	    BED_TEST_SPANS(restart_all),
	    BED_TEST_SPANS(status_enquiry),
	    BED_TEST_SPANS(unknown_message),
	    BED_TEST_SPANS(wrong_state),
	    BED_TEST_SPANS(status_null),
	    BED_TEST_SPANS(setup_no_bearer),
	    BED_TEST_SPANS(setup_data),
	    BED_TEST_SPANS(setup_with_everything),
	    BED_TEST_SPANS(channel_in_use),
	    BED_TEST_SPANS(channel_that_is_none),
	    BED_TEST_SPANS(disconnect_without_cause),
	    BED_TEST_SPANS(crossing_disconnects),
	    BED_TEST_SPANS(locations),
	};

	return cmocka_run_group_tests_name("peer_isdn protocol", tests, NULL, NULL);
}
