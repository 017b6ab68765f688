/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls from the ISDN whose number plan asks somebody first. Q.931 5.1.5.1, 5.2.5.1: the number is
 * complete, so CALL PROCEEDING goes out at once, the far end's T303 ends, and a refusal after it is
 * DISCONNECT. Where nobody is asked, everything is as without a look-up. */
#include <string.h>

#include "tests/peer_isdn/bed.h"

enum { WAITS_S = 9, CAUSE_OURS = 38 }; /* longer than two T303 of 4 s */

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;
static struct lookup_question question; /* the last one */

static uint32_t on_ask(void *arg, const struct lookup_question *q)
{
	(void)arg;
	question = *q;
	return 1;
}

#define LOOKUP(more)                                                                               \
	"numbers: {lookups: [{name: porting, type: http, timeout_ms: 9000" more "}]}\n"

static struct bed_options options(const char *numbers, bool somebody)
{
	question.id = 0;
	return (struct bed_options){
	    .plan = "  - {name: out, from: [\"span:1\", \"span:2\"], lookup: porting, "
		    "targets: [{to: \"trunk:peer\"}]}\n",
	    .numbers = numbers,
	    .lookup = {NULL, somebody ? on_ask : NULL},
	};
}

static struct peer *begin(void **state, const char *numbers, bool somebody)
{
	struct bed_options o = options(numbers, somebody);
	struct peer *p = bed_peer(bed_span(state));

	bed_begin(&o);
	peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x81, "12345"), SENDING_COMPLETE);
	return p;
}

static void refused_by_sip(struct peer *p)
{
	sip_reply(sip, call, "486 Busy Here", 0, NULL);
	sip_expect(sip, call, "ACK");
	peer_expect(p, 1, DISCONNECT, MORE);
	bed_far_end_releases(p, 1);
	bed_end();
}

static void never_answered(void **state)
{
	struct peer *p = begin(state, LOOKUP(""), true);
	int64_t since_us = p->now_us;

	bed_expect_after(p, since_us, 0, 1, CALL_PROCEEDING, CHANNEL(1));
	assert_string_equal(question.where, "porting");
	peer_expect_silence(p, (WAITS_S - 1) * (int64_t)BED_S);
	sip_expect_silence(sip, 0);
	sip_expect(sip, call, "INVITE");
	bed_assert_elapsed(since_us, p->now_us, WAITS_S * (int64_t)BED_S);
	refused_by_sip(p);
}

static void answered(void **state)
{
	struct plan_answer found = {.kind = PLAN_ANSWER_FOUND, .has_called = true};
	struct peer *p = begin(state, LOOKUP(""), true);

	found.called = (struct call_number){.present = true, .digits = "777"};
	peer_expect(p, 1, CALL_PROCEEDING, CHANNEL(1));
	bed_pass(5 * (int64_t)BED_S);
	assert_true(lookup_answer(bed.sim.core->lookup, bed.sim.now_us, question.id, &found, NULL));
	sip_expect(sip, call, "INVITE");
	assert_memory_equal(call->invite, "INVITE sip:777@", 15);
	refused_by_sip(p);
}

/* The plan refuses what nobody answers: DISCONNECT, as CALL PROCEEDING has been. */
static void refused(void **state)
{
	struct peer *p = begin(state, LOOKUP(", cause: 38"), true);
	int64_t since_us = p->now_us;

	peer_expect(p, 1, CALL_PROCEEDING, CHANNEL(1));
	bed_expect_after(p, since_us, WAITS_S, 1, DISCONNECT, CAUSE(1, CAUSE_OURS));
	bed_far_end_releases(p, 1);
	sip_expect_silence(sip, 0);
	bed_end();
}

/* Whoever was asked goes away: at once. */
static void lost(void **state)
{
	struct peer *p = begin(state, LOOKUP(", cause: 38"), true);

	peer_expect(p, 1, CALL_PROCEEDING, CHANNEL(1));
	lookup_lost(bed.sim.core->lookup, bed.sim.now_us, 1);
	peer_expect(p, 1, DISCONNECT, CAUSE(1, CAUSE_OURS));
	bed_far_end_releases(p, 1);
	bed_end();
}

static void hangs_up(void **state)
{
	struct peer *p = begin(state, LOOKUP(""), true);

	peer_expect(p, 1, CALL_PROCEEDING, CHANNEL(1));
	bed_isdn_clears(bed_span(state), 1, 0, 16);
	sip_expect_silence(sip, (WAITS_S + 1) * (int64_t)BED_S);
	bed_end();
}

/* Decided at once: the refusal is the first answer to SETUP. */
static void nobody_to_ask(void **state)
{
	struct peer *p = begin(state, LOOKUP(", cause: 38"), false);

	peer_expect(p, 1, RELEASE_COMPLETE, CAUSE(1, CAUSE_OURS));
	sip_expect_silence(sip, 0);
	bed_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED_TEST_SPANS(never_answered), BED_TEST_SPANS(answered), BED_TEST_SPANS(refused),
	    BED_TEST_SPANS(lost),	    BED_TEST_SPANS(hangs_up), BED_TEST_SPANS(nobody_to_ask),
	};

	return cmocka_run_group_tests_name("look-ups of ISDN calls", tests, NULL, NULL);
}
