/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers that end in silence of the far end: SETUP, DISCONNECT, RELEASE,
 * RESTART without an answer, layer 2 gone. When each one expires, ± one tick,
 * and the octets that go out then. */
#include <string.h>

#include "tests/peer_isdn/bed.h"

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;

static const struct bed_options options = {.span = "    restart: stuck\n    timers: {t309: 10}\n"};

/* SETUP unanswered: once more after 4 s, given up after another 4 s (5.2.5.3: cause 18 to the
 * caller, RELEASE COMPLETE with 102). A far end that comes too late hears 81. */
static void t303(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	struct q931_message first;
	uint16_t ref;
	int64_t since_us;

	bed_begin(&options);
	ref = bed_sip_calls(bed_span(state));
	first = p->last;
	since_us = p->last_us;
	bed_expect_after(p, since_us, 4, ref, SETUP, MORE);
	assert_memory_equal(&first, &p->last, sizeof(first));
	bed_expect_after(p, since_us, 8, ref, RELEASE_COMPLETE, TIMER_EXPIRED('3', '0', '3'));
	sip_expect(sip, call, "408 INVITE");
	bed_assert_elapsed(since_us, sip->last.at_us, 8 * BED_S);
	bed_assert_reason(18, "LPN");
	peer_send(p, ref, CALL_PROCEEDING, CHANNEL(bed_channel(p)));
	peer_expect(p, ref, RELEASE_COMPLETE, CAUSE(1, 81));
	bed_end();
}

/* After the second T308 the call is gone, and the channel is restarted before
 * it is used again. */
static void channel_is_restarted(struct peer *p, int64_t since_us, unsigned channel)
{
	bed_expect_after(p, since_us, 4, Q931_THEIRS, RESTART, CHANNEL(channel), RESTART_CHANNELS);
	peer_send(p, Q931_THEIRS, RESTART_ACKNOWLEDGE, CHANNEL(channel), RESTART_CHANNELS);
}

/* DISCONNECT unanswered: RELEASE after 30 s with its cause; that one: T308,
 * twice 4 s. */
static void t305_t308(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;
	int64_t since_us;

	bed_begin(&options);
	ref = bed_isdn_answered(bed_span(state));
	sip_request(sip, call, "BYE", NULL);
	sip_expect(sip, call, "200 BYE");
	peer_expect(p, ref, DISCONNECT, CAUSE(5, 16));
	since_us = p->last_us;
	bed_expect_after(p, since_us, 30, ref, RELEASE, CAUSE(5, 16));
	since_us = p->last_us;
	bed_expect_after(p, since_us, 4, ref, RELEASE, CAUSE(5, 16));
	channel_is_restarted(p, p->last_us, 1);
	bed_end();
}

/* RELEASE, after the far end's DISCONNECT, unanswered: once more after 4 s. */
static void t308(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;
	int64_t since_us;

	bed_begin(&options);
	ref = bed_isdn_answered(bed_span(state));
	peer_send(p, ref, DISCONNECT, CAUSE(0, 16));
	peer_expect(p, ref, RELEASE, CAUSE(0, 16));
	since_us = p->last_us;
	sip_expect(sip, call, "BYE");
	sip_reply_request(sip, call, "200 OK");
	bed_expect_after(p, since_us, 4, ref, RELEASE, CAUSE(0, 16));
	channel_is_restarted(p, p->last_us, 1);
	bed_end();
}

/* Layer 2 goes and stays away: the call lives for T309 and not longer. */
static void t309(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;
	int64_t since_us;

	bed_begin(&options);
	ref = bed_isdn_answered(bed_span(state));
	bed_pass(BED_S);
	since_us = p->now_us;
	lapd_cut(&p->lapd);
	sip_expect_within(sip, 12 * BED_S, call, "BYE");
	bed_assert_elapsed(since_us, sip->last.at_us, 10 * BED_S);
	bed_assert_reason(27, "LPN");
	sip_reply_request(sip, call, "200 OK");
	lapd_mend(&p->lapd, p->now_us);
	bed_pass(2 * BED_S);
	/* The far end's T309 may have begun later: RESTART tells it. */
	peer_expect(p, Q931_THEIRS, RESTART, CHANNEL(1), RESTART_CHANNELS);
	peer_send(p, Q931_THEIRS, RESTART_ACKNOWLEDGE, CHANNEL(1), RESTART_CHANNELS);
	/* Nothing of the call is left: whoever still speaks of it hears 81. */
	peer_send(p, ref, STATUS_ENQUIRY);
	peer_expect(p, ref, RELEASE_COMPLETE, CAUSE(1, 81));
	bed_end();
}

/* RESTART unanswered: N316 = 2 times, T316 = 30 s; a SETUP for the channel is
 * not refused after. */
static void t316(void **state)
{
	struct peer *p = bed_peer(bed_span(state));
	uint16_t ref;
	int64_t since_us;

	bed_begin(&options);
	ref = bed_isdn_answered(bed_span(state));
	peer_send(p, ref, DISCONNECT, CAUSE(0, 16));
	sip_expect(sip, call, "BYE");
	sip_reply_request(sip, call, "200 OK");
	peer_expect(p, ref, RELEASE, MORE);
	peer_expect_within(p, 5 * BED_S, ref, RELEASE, MORE);
	peer_expect_within(p, 5 * BED_S, Q931_THEIRS, RESTART, CHANNEL(1), RESTART_CHANNELS);
	since_us = p->last_us;
	bed_expect_after(p, since_us, 30, Q931_THEIRS, RESTART, CHANNEL(1), RESTART_CHANNELS);
	peer_expect_silence(p, 120 * (int64_t)BED_S);
	bed_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED_TEST_SPANS(t303), BED_TEST_SPANS(t305_t308), BED_TEST_SPANS(t308),
	    BED_TEST_SPANS(t309), BED_TEST_SPANS(t316),
	};

	return cmocka_run_group_tests_name("peer_isdn timers of silence", tests, NULL, NULL);
}
