/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call at a time through the whole gateway, in virtual time: messages, causes, early media,
 * ring-back, every octet of audio, and what is left afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/sim.h"

enum { HOLD_MS = 3000, GUARD_US = 300 * 1000 * 1000, LINGER_US = 70 * 1000 * 1000 };

static struct sim sim;

static void create(const char *ringback)
{
	struct sim_cfg cfg = {.seed = 7, .spans = 2, .ringback = ringback};
	static const struct sip_peer_rule answers = {.prefix = "1",
						     .provisional = 180,
						     .ring_ms = 200,
						     .answer_ms = 1500,
						     .status = 200,
						     .hold_ms = -1};
	static const struct sip_peer_rule early = {.prefix = "2",
						   .provisional = 183,
						   .ring_ms = 200,
						   .answer_ms = 1500,
						   .status = 200,
						   .hold_ms = -1};
	static const struct sip_peer_rule busy = {.prefix = "3", .status = 486, .hold_ms = -1};
	static const struct sip_peer_rule silent = {
	    .prefix = "4", .provisional = 180, .ring_ms = 100, .hold_ms = -1};
	static const struct sip_peer_rule hangs_up = {.prefix = "5",
						      .provisional = 180,
						      .ring_ms = 100,
						      .answer_ms = 500,
						      .status = 200,
						      .hold_ms = 2000};

	sim_create(&sim, &cfg);
	sip_peer_set_rule(sim.peer, &answers);
	sip_peer_set_rule(sim.peer, &early);
	sip_peer_set_rule(sim.peer, &busy);
	sip_peer_set_rule(sim.peer, &silent);
	sip_peer_set_rule(sim.peer, &hangs_up);
	for (unsigned i = 0; i < cfg.spans; i++) {
		struct pbx_rule rule = {.prefix = "1",
					.alert_after_ms = 200,
					.answer_after_ms = 1500,
					.hold_ms = PBX_NEVER_MS};

		pbx_rule(sim.pbx[i], &rule);
		rule.prefix[0] = '2';
		rule.alert_inband = true;
		pbx_rule(sim.pbx[i], &rule);
		rule = (struct pbx_rule){.prefix = "3", .refuse_cause = CAUSE_BUSY};
		pbx_rule(sim.pbx[i], &rule);
		rule = (struct pbx_rule){.prefix = "4",
					 .alert_after_ms = 100,
					 .answer_after_ms = PBX_NEVER_MS,
					 .hold_ms = PBX_NEVER_MS};
		pbx_rule(sim.pbx[i], &rule);
		rule = (struct pbx_rule){
		    .prefix = "5", .alert_after_ms = 100, .answer_after_ms = 500, .hold_ms = 2000};
		pbx_rule(sim.pbx[i], &rule);
	}
}

static void finish(void)
{
	assert_true(sim_run_until(&sim, sim_is_quiet, GUARD_US));
	sim_run_us(&sim, LINGER_US);
	assert_int_equal(sim_leftovers(&sim), 0);
	assert_int_equal(sim.guard_hits, 0);
	assert_int_equal(call_table_counters(sim.core->calls)->unexpected_events, 0);
}

static void audio_is_perfect(const struct pattern_result *r)
{
	assert_true(r->started);
	assert_true(r->good > (HOLD_MS - 500) * 8);
	assert_int_equal(r->lost, 0);
	assert_int_equal(r->inserted, 0);
	assert_int_equal(r->changed, 0);
	assert_int_equal(r->foreign, 0);
}

/* ── E1 → SIP ── */

static void call_isdn_to_sip(unsigned span, const char *called, uint32_t hold_ms,
			     uint32_t give_up_ms)
{
	assert_true(sim_call_from_isdn(&sim, span, called, hold_ms, give_up_ms) != 0);
	assert_true(sim_run_until(&sim, sim_is_quiet, GUARD_US));
	assert_int_equal(sim.records, 1);
	assert_int_equal(sim.hangups, 1);
	assert_int_equal(sim.reports, 1);
}

static void isdn_to_sip_answered(void **state)
{
	(void)state;
	for (unsigned span = 1; span <= 2; span++) {
		create(NULL);
		call_isdn_to_sip(span, "10001", HOLD_MS, PBX_NEVER_MS);
		assert_true(sim.hangup.answered);
		assert_true(sim.hangup.we_cleared);
		assert_int_equal(sim.report.status, 200);
		assert_int_equal(sim.report.end, SIP_PEER_BYE_RECEIVED);
		assert_int_equal(sim.report.cause, CAUSE_NORMAL);
		assert_int_equal(sim.alertings, 1);
		audio_is_perfect(&sim.hangup.audio);
		audio_is_perfect(&sim.report.heard);
		assert_string_equal(sim.report.called, "10001");
		assert_int_equal(sim.record.cause_a.value, CAUSE_NORMAL);
		assert_true(sim.record.cleared_by_known);
		assert_int_equal(sim.record.cleared_by, CALL_SIDE_A);
		finish();
		sim_destroy(&sim);
	}
}

static void isdn_to_sip_early_media(void **state)
{
	(void)state;
	for (unsigned span = 1; span <= 2; span++) {
		create(NULL);
		call_isdn_to_sip(span, "20002", HOLD_MS, PBX_NEVER_MS);
		assert_true(sim.hangup.early_media);
		assert_true(sim.report.early_media);
		assert_true(sim.record.early_media);
		assert_true(sim.inbands >= 1);
		audio_is_perfect(&sim.hangup.audio);
		audio_is_perfect(&sim.report.heard);
		finish();
		sim_destroy(&sim);
	}
}

static void isdn_to_sip_refused(void **state)
{
	(void)state;
	create(NULL);
	call_isdn_to_sip(1, "30003", HOLD_MS, PBX_NEVER_MS);
	assert_false(sim.hangup.answered);
	assert_int_equal(sim.hangup.cause, CAUSE_BUSY);
	assert_int_equal(sim.report.status, 486);
	assert_int_equal(sim.record.cause_b.value, CAUSE_BUSY);
	finish();
	sim_destroy(&sim);
}

static void isdn_to_sip_given_up(void **state)
{
	(void)state;
	create(NULL);
	call_isdn_to_sip(1, "40004", HOLD_MS, 2000);
	assert_false(sim.hangup.answered);
	assert_int_equal(sim.report.end, SIP_PEER_CANCELLED);
	finish();
	sim_destroy(&sim);
}

static void isdn_to_sip_callee_hangs_up(void **state)
{
	(void)state;
	create(NULL);
	call_isdn_to_sip(1, "50005", PBX_NEVER_MS, PBX_NEVER_MS);
	assert_int_equal(sim.hangup.cause, CAUSE_NORMAL);
	assert_false(sim.hangup.we_cleared);
	assert_int_equal(sim.report.end, SIP_PEER_BYE_SENT);
	assert_int_equal(sim.record.cleared_by, CALL_SIDE_B);
	finish();
	sim_destroy(&sim);
}

/* Nobody ever answers: our ring limit ends it with 102 or 19, never silence. */
static void isdn_to_sip_ring_limit(void **state)
{
	int64_t begin_us;

	(void)state;
	create(NULL);
	begin_us = sim.now_us;
	call_isdn_to_sip(1, "40006", HOLD_MS, PBX_NEVER_MS);
	assert_in_range((sim.now_us - begin_us) / US_PER_S, 160, 200);
	assert_true(sim.hangup.cause == CAUSE_NO_ANSWER || sim.hangup.cause == CAUSE_TIMER_EXPIRY);
	finish();
	sim_destroy(&sim);
}

/* ── SIP → E1 ── */

static void call_sip_to_isdn(unsigned span, const char *called, int32_t hold_ms, int32_t cancel_ms)
{
	char number[40] = "01";

	number[1] = (char)('0' + span);
	strncat(number, called, 30);
	assert_true(sim_call_from_sip(&sim, number, hold_ms, cancel_ms) > 0);
	assert_true(sim_run_until(&sim, sim_is_quiet, GUARD_US));
	assert_int_equal(sim.records, 1);
	assert_int_equal(sim.reports, 1);
}

static void sip_to_isdn_answered(void **state)
{
	(void)state;
	for (unsigned span = 1; span <= 2; span++) {
		create(NULL);
		call_sip_to_isdn(span, "10011", HOLD_MS, -1);
		assert_int_equal(sim.report.status, 200);
		assert_int_equal(sim.report.end, SIP_PEER_BYE_SENT);
		assert_int_equal(sim.hangup.cause, CAUSE_NORMAL);
		assert_string_equal(sim.hangup.called.digits, "10011");
		audio_is_perfect(&sim.hangup.audio);
		audio_is_perfect(&sim.report.heard);
		finish();
		sim_destroy(&sim);
	}
}

static void sip_to_isdn_early_media(void **state)
{
	(void)state;
	for (unsigned span = 1; span <= 2; span++) {
		create(NULL);
		call_sip_to_isdn(span, "20012", HOLD_MS, -1);
		assert_true(sim.report.early_sdp);
		assert_true(sim.report.early_media);
		assert_true(sim.hangup.early_media);
		audio_is_perfect(&sim.hangup.audio);
		audio_is_perfect(&sim.report.heard);
		finish();
		sim_destroy(&sim);
	}
}

static void sip_to_isdn_refused(void **state)
{
	(void)state;
	create(NULL);
	call_sip_to_isdn(1, "30013", HOLD_MS, -1);
	assert_int_equal(sim.report.status, 486);
	assert_int_equal(sim.report.cause, CAUSE_BUSY);
	finish();
	sim_destroy(&sim);
}

static void sip_to_isdn_cancelled(void **state)
{
	(void)state;
	create(NULL);
	call_sip_to_isdn(1, "40014", HOLD_MS, 2000);
	assert_int_equal(sim.report.status, 487);
	assert_int_equal(sim.hangup.cause, CAUSE_NORMAL);
	finish();
	sim_destroy(&sim);
}

static void sip_to_isdn_callee_hangs_up(void **state)
{
	(void)state;
	create(NULL);
	call_sip_to_isdn(2, "50015", -1, -1);
	assert_true(sim.hangup.we_cleared);
	assert_int_equal(sim.report.end, SIP_PEER_BYE_RECEIVED);
	assert_int_equal(sim.report.cause, CAUSE_NORMAL);
	finish();
	sim_destroy(&sim);
}

static void sip_to_nowhere(void **state)
{
	(void)state;
	create(NULL);
	assert_true(sim_call_from_sip(&sim, "990001", HOLD_MS, -1) > 0);
	assert_true(sim_run_until(&sim, sim_is_quiet, GUARD_US));
	assert_int_equal(sim.report.status, 404);
	assert_int_equal(sim.hangups, 0);
	finish();
	sim_destroy(&sim);
}

/* ── ring-back ── */

/* How often ALERTING or PROGRESS carried PI 8 when the callee rings without early media. */
static unsigned inbands_without_early_media(unsigned span, const char *ringback)
{
	unsigned n;

	create(ringback);
	call_isdn_to_sip(span, "10021", HOLD_MS, PBX_NEVER_MS);
	audio_is_perfect(&sim.hangup.audio);
	n = sim.inbands;
	finish();
	sim_destroy(&sim);
	return n;
}

static void ringback_per_span(void **state)
{
	(void)state;
	assert_int_equal(inbands_without_early_media(1, "auto"), 0); /* user side: remote */
	assert_int_equal(inbands_without_early_media(2, "auto"), 1); /* network side: local */
	assert_int_equal(inbands_without_early_media(1, "local"), 1);
	assert_int_equal(inbands_without_early_media(2, "remote"), 0);
	assert_int_equal(inbands_without_early_media(2, "never"), 0);
}

/* ── D-channel ── */

static bool connected(const struct sim *s)
{
	return s->connects > 0 && s->peer_answers > 0;
}

static void dchannel_cut_for(unsigned seconds)
{
	assert_true(sim_call_from_isdn(&sim, 1, "10031", PBX_NEVER_MS, PBX_NEVER_MS) != 0);
	assert_true(sim_run_until(&sim, connected, GUARD_US));
	e1_virt_cut_dchan(sim.pair[0], true);
	sim_run_us(&sim, seconds * US_PER_S);
	e1_virt_cut_dchan(sim.pair[0], false);
}

/* A cut shorter than T309 costs nothing, not an octet. */
static void dchannel_cut_shorter_than_t309(void **state)
{
	(void)state;
	create(NULL);
	dchannel_cut_for(60);
	sim_run_us(&sim, 10 * US_PER_S);
	assert_int_equal(sim.records, 0);
	assert_true(pbx_clear(sim.pbx[0], 1, CAUSE_NORMAL));
	finish();
	assert_int_equal(sim.record.cause_a.value, CAUSE_NORMAL);
	audio_is_perfect(&sim.hangup.audio);
	audio_is_perfect(&sim.report.heard);
	sim_destroy(&sim);
}

static enum isdn_channel_state channel_state(unsigned ts)
{
	struct isdn_span_status status;

	isdn_span_status(sim.core->span[0].isdn, &status);
	return status.channel[ts].state;
}

/* The SIP side hangs up while the D-channel is down: its record is written with its cause, the channel
 * is blocked until the exchange knows, and then the exchange gets that very cause. */
static void sip_hangs_up_while_dchannel_is_down(void **state)
{
	unsigned ts;

	(void)state;
	create(NULL);
	assert_true(sim_call_from_isdn(&sim, 1, "10031", PBX_NEVER_MS, PBX_NEVER_MS) != 0);
	assert_true(sim_run_until(&sim, connected, GUARD_US));
	e1_virt_cut_dchan(sim.pair[0], true);
	sim_run_us(&sim, 30 * US_PER_S);
	assert_int_equal(sip_peer_hangup(sim.peer, sim.now_us, 1, CAUSE_NORMAL), 0);
	sim_run_us(&sim, 5 * US_PER_S);
	assert_int_equal(sim.records, 1);
	assert_int_equal(sim.record.cause_b.value, CAUSE_NORMAL);
	assert_false(sim.record.guard_hit);
	ts = sim.record.channel.ts;
	assert_int_equal(channel_state(ts), ISDN_CH_BLOCKED);
	assert_int_equal(sim.hangups, 0);
	e1_virt_cut_dchan(sim.pair[0], false);
	sim_run_us(&sim, 10 * US_PER_S);
	assert_int_equal(channel_state(ts), ISDN_CH_IDLE);
	assert_int_equal(sim.hangups, 1);
	assert_int_equal(sim.hangup.cause, CAUSE_NORMAL);
	finish();
	sim_destroy(&sim);
}

/* Layer 2 gives up within its N200 · T200 and at most a T203; T309 follows; then 27. */
static void t309_clears_in_virtual_time(void **state)
{
	(void)state;
	create(NULL);
	dchannel_cut_for(130);
	assert_int_equal(sim.records, 1);
	assert_int_equal(sim.record.cause_a.value, CAUSE_OUT_OF_ORDER);
	assert_in_range((sim.record.end_us - sim.record.answer_us) / US_PER_S, 90, 120);
	assert_int_equal(sim.report.end, SIP_PEER_BYE_RECEIVED);
	assert_int_equal(sim.report.cause, CAUSE_OUT_OF_ORDER);
	finish();
	sim_destroy(&sim);
}

/* ── emergency ── */

enum { FULL_SPAN = 30, PLACES = CALL_EMERGENCY_PLACES, TALK_MS = 60000 };

static bool all_connected(const struct sim *s)
{
	return s->connects == FULL_SPAN;
}

static bool emergency_connected(const struct sim *s)
{
	return s->connects == FULL_SPAN + 1;
}

static bool all_emergencies_connected(const struct sim *s)
{
	return s->connects == FULL_SPAN + PLACES;
}

/* Calls to 112 that were answered and heard the other side. */
static void count_heard(void *arg, const struct sip_peer_report *r)
{
	*(unsigned *)arg += strcmp(r->called, "112") == 0 && r->answer_us && r->heard.good > 0 &&
			    r->heard.foreign == 0;
}

/* Every channel is busy, limits.calls is reached, and rtp.ports has no pair more than it must: four
 * calls to 112 in one moment have their media at once, and their channels as those are given up. */
static void emergencies_find_ports(void **state)
{
	static const char config[] =
	    "spans:\n  - {span: 1, driver: virtual, connect: /simulated/1, side: user}\n"
	    "trunks:\n  - {name: peer, bind: '192.0.2.1:5060', peer: '192.0.2.2:5080'}\n"
	    "plan:\n  - {name: sos, from: trunk:peer, prefix: '112', emergency: true, to: span:1}\n"
	    "  - {name: in, from: trunk:peer, prefix: '0', to: span:1}\n"
	    "control: {socket: /simulated/control}\nlimits: {calls: 30}\nrtp: {ports: 20000-20067}\n";
	struct sim_cfg cfg = {.seed = 10, .spans = 1, .config = config};
	struct pbx_rule rule = {.answer_after_ms = 500, .hold_ms = PBX_NEVER_MS};
	unsigned heard = 0;

	(void)state;
	sim_create(&sim, &cfg);
	pbx_rule(sim.pbx[0], &rule);
	for (unsigned i = 0; i < FULL_SPAN; i++) {
		assert_true(sim_call_from_sip(&sim, "0123", TALK_MS, -1) > 0);
		sim_run_us(&sim, 40 * US_PER_MS);
	}
	assert_true(sim_run_until(&sim, all_connected, GUARD_US));
	sim.on_report = count_heard;
	sim.arg = &heard;
	for (unsigned i = 0; i < PLACES; i++)
		assert_true(sim_call_from_sip(&sim, "112", TALK_MS, -1) > 0);
	assert_true(sim_run_until(&sim, all_emergencies_connected, 5 * US_PER_S));
	assert_int_equal(sim.hangups, PLACES);
	finish();
	assert_int_equal(sim.records, FULL_SPAN + PLACES);
	assert_int_equal(heard, PLACES);
	sim_destroy(&sim);
}

/* 30 calls hold the span and the table is full: 112 gets through, and costs one of them its channel. */
static void emergency_gets_through(void **state)
{
	static const char config[] =
	    "spans:\n  - {span: 1, driver: virtual, connect: /simulated/1, side: user}\n"
	    "trunks:\n  - {name: peer, bind: '192.0.2.1:5060', peer: '192.0.2.2:5080'}\n"
	    "plan:\n  - {name: sos, from: trunk:peer, prefix: '112', emergency: true, to: span:1}\n"
	    "  - {name: in, from: trunk:peer, prefix: '0', to: span:1}\n"
	    "control: {socket: /simulated/control}\nlimits: {calls: 30}\n";
	struct sim_cfg cfg = {.seed = 9, .spans = 1, .config = config};
	struct pbx_rule rule = {.answer_after_ms = 500, .hold_ms = PBX_NEVER_MS};

	(void)state;
	sim_create(&sim, &cfg);
	pbx_rule(sim.pbx[0], &rule);
	for (unsigned i = 0; i < FULL_SPAN; i++) {
		assert_true(sim_call_from_sip(&sim, "0123", 60000, -1) > 0);
		sim_run_us(&sim, 40 * US_PER_MS);
	}
	assert_true(sim_run_until(&sim, all_connected, GUARD_US));
	assert_true(sim_call_from_sip(&sim, "0123", 60000, -1) > 0); /* another one: no */
	sim_run_us(&sim, US_PER_S);
	assert_int_equal(sim.report.status, 503);
	assert_int_equal(sim.hangups, 0);
	assert_true(sim_call_from_sip(&sim, "112", 60000, -1) > 0);
	assert_true(sim_run_until(&sim, emergency_connected, 5 * US_PER_S));
	assert_int_equal(sim.hangups, 1);
	assert_int_equal(sim.hangup.cause, 8); /* Q.850: preemption */
	assert_int_equal(sim.records, 2); /* the one that was refused has one, too */
	assert_int_equal(sim.record.cause_a.value, 8);
	assert_string_equal(sim.record.setup.called.digits, "0123");
	assert_int_equal(call_table_counters(sim.core->calls)->active, FULL_SPAN);
	finish();
	assert_int_equal(sim.hangups, FULL_SPAN + 1);
	assert_string_equal(sim.record.setup.called.digits, "112"); /* the last one to end */
	assert_int_equal(sim.record.cause_b.value, CAUSE_NORMAL);
	sim_destroy(&sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(isdn_to_sip_answered),
	    cmocka_unit_test(isdn_to_sip_early_media),
	    cmocka_unit_test(isdn_to_sip_refused),
	    cmocka_unit_test(isdn_to_sip_given_up),
	    cmocka_unit_test(isdn_to_sip_callee_hangs_up),
	    cmocka_unit_test(isdn_to_sip_ring_limit),
	    cmocka_unit_test(sip_to_isdn_answered),
	    cmocka_unit_test(sip_to_isdn_early_media),
	    cmocka_unit_test(sip_to_isdn_refused),
	    cmocka_unit_test(sip_to_isdn_cancelled),
	    cmocka_unit_test(sip_to_isdn_callee_hangs_up),
	    cmocka_unit_test(sip_to_nowhere),
	    cmocka_unit_test(ringback_per_span),
	    cmocka_unit_test(dchannel_cut_shorter_than_t309),
	    cmocka_unit_test(sip_hangs_up_while_dchannel_is_down),
	    cmocka_unit_test(t309_clears_in_virtual_time),
	    cmocka_unit_test(emergency_gets_through),
	    cmocka_unit_test(emergencies_find_ports),
	};

	log_init(LOG_ERROR, NULL, NULL);
	return cmocka_run_group_tests_name("whole gateway", tests, NULL, NULL);
}
