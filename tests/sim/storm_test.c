/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thousands of calls in virtual time: random answers, releases, cancels, refusals, lost RTP and
 * SIP, D-channel cuts short and long. At the end no call, session, dialog, transaction or B-channel
 * is left, each attempt that came has one record, and no octet of audio went missing without being counted.
 *
 *   storm_test [--calls N] [--day] [--seed N] [--spans N]
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/sim.h"

enum {
	MEAN_HOLD_MS = 20000,
	LINGER_US = 120 * 1000 * 1000, /* SIP transactions and dialogs end within 64 T1 */
	DRAIN_US = 900 * 1000 * 1000,
	CUT_EVERY_MS = 240000,
	/* A caller whose CONNECT was lost with the D-channel hears nothing and hangs up, some day.
	 */
	PATIENCE_MS = 240000,
	DAY_S = 24 * 3600,
	CALLS_MAX_PER_SPAN = 20, /* the table is full now and then */
	KIND_REFUSED = 9, /* at the door: no call comes of it */
	ATTEMPTS_MAX = 1 << 18,
};

static struct {
	unsigned calls, spans;
	uint64_t seed;
	bool day;
} options = {.calls = 10000, .spans = 4, .seed = 20261121};

static struct sim sim;
static struct rng chance;

struct cut {
	int64_t due_us; /* of the next change */
	bool down;
};

static uint32_t exponential_ms(uint32_t mean_ms)
{
	/* -ln(u) by summing halvings: exact enough, and the same on every machine. */
	double u = (rng_u32(&chance) + 1.0) / 4294967297.0, ln = 0;

	while (u < 0.5) {
		u *= 2;
		ln += 0.69314718056;
	}
	u = 1 - u;
	ln += u + u * u / 2 + u * u * u / 3 + u * u * u * u / 4;
	return (uint32_t)(ln * mean_ms);
}

static const struct sip_peer_rule peer_rules[] = {
    {.prefix = "1",
     .provisional = 180,
     .ring_ms = 300,
     .answer_ms = 2500,
     .status = 200,
     .hold_ms = -1},
    {.prefix = "2",
     .provisional = 183,
     .ring_ms = 100,
     .answer_ms = 3000,
     .status = 200,
     .hold_ms = -1},
    {.prefix = "3", .ring_ms = 50, .status = 486, .hold_ms = -1},
    {.prefix = "4", .provisional = 180, .ring_ms = 100, .hold_ms = -1},
    {.prefix = "5",
     .provisional = 180,
     .ring_ms = 100,
     .answer_ms = 900,
     .status = 200,
     .hold_ms = 15000},
    {.prefix = "6",
     .provisional = 183,
     .ring_ms = 100,
     .answer_ms = 4000,
     .status = 603,
     .cause = 21,
     .hold_ms = -1},
    {.prefix = "7", .status = 200, .hold_ms = 400},
    {.prefix = "8", .status = 503, .ring_ms = 2000, .hold_ms = -1},
};
static const struct pbx_rule exchange_rules[] = {
    {.prefix = "1", .alert_after_ms = 300, .answer_after_ms = 2500, .hold_ms = PBX_NEVER_MS},
    {.prefix = "2",
     .alert_after_ms = 100,
     .alert_inband = true,
     .answer_after_ms = 3000,
     .hold_ms = PBX_NEVER_MS},
    {.prefix = "3", .refuse_cause = 17},
    {.prefix = "4",
     .alert_after_ms = 100,
     .answer_after_ms = PBX_NEVER_MS,
     .hold_ms = PBX_NEVER_MS},
    {.prefix = "5", .alert_after_ms = 100, .answer_after_ms = 900, .hold_ms = 15000},
    {.prefix = "6",
     .progress_inband = true,
     .alert_after_ms = PBX_NEVER_MS,
     .answer_after_ms = 4000,
     .hold_ms = PBX_NEVER_MS},
    {.prefix = "7", .alert_after_ms = PBX_NEVER_MS, .answer_after_ms = 0, .hold_ms = 400},
    {.prefix = "8", .refuse_cause = 41},
};

static void add_rules(void)
{
	for (unsigned i = 0; i < sizeof(peer_rules) / sizeof(peer_rules[0]); i++)
		sip_peer_set_rule(sim.peer, &peer_rules[i]);
	for (unsigned s = 0; s < sim.cfg.spans; s++)
		for (unsigned i = 0; i < sizeof(exchange_rules) / sizeof(exchange_rules[0]); i++)
			pbx_rule(sim.pbx[s], &exchange_rules[i]);
}

/* Half of the calls are of the two plain kinds, the rest is spread over all. */
static unsigned pick_kind(void)
{
	unsigned n = rng_below(&chance, 17);

	return n == 16 ? KIND_REFUSED : n < 8 ? 1 + n % 2 : 1 + n % 8;
}

/* Data from the one side, a name in place of a number from the other. */
static void place_refused(unsigned n, unsigned span)
{
	struct pbx_call_request data = {.called = {.digits = "1"},
					.bearer = CALL_BEARER_UNRESTRICTED,
					.hold_ms = PBX_NEVER_MS,
					.give_up_ms = PBX_NEVER_MS};
	char name[16];

	snprintf(name, sizeof(name), "alice%u", n);
	if (rng_below(&chance, 2))
		pbx_call(sim.pbx[span - 1], sim.now_us, &data);
	else
		sim_call_from_sip(&sim, name, -1, -1);
}

/* ── attempts, as the test sees them come ── */

static struct {
	uint64_t seen[ATTEMPTS_MAX]; /* Call-IDs of INVITEs, hashed; 0: free */
	unsigned count;
} invites;

static uint64_t hash_line(const char *p, const char *end)
{
	uint64_t h = 14695981039346656037u;

	for (; p < end && *p != '\r'; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	return h | 1;
}

static void count_invite(void *arg, const char *msg, size_t len)
{
	const char *id = memmem(msg, len, "\r\nCall-ID:", 10), *to = memmem(msg, len, "\r\nTo:", 5);
	const char *to_end = to ? memchr(to + 2, '\r', len - (size_t)(to + 2 - msg)) : NULL;
	uint64_t h;
	size_t at;

	(void)arg;
	if (len < 7 || memcmp(msg, "INVITE ", 7) != 0)
		return;
	assert_true(id && to_end);
	if (memmem(to, (size_t)(to_end - to), ";tag=", 5))
		return;
	h = hash_line(id + 2, msg + len);
	for (at = h % ATTEMPTS_MAX; invites.seen[at] && invites.seen[at] != h;)
		at = (at + 1) % ATTEMPTS_MAX;
	invites.count += invites.seen[at] != h;
	assert_true(invites.count < ATTEMPTS_MAX / 2);
	invites.seen[at] = h;
}

static uint64_t count_setups(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < sim.cfg.spans; i++) {
		struct isdn_span_status status;

		isdn_span_status(sim.core->span[i].isdn, &status);
		sum += status.calls_in;
	}
	return sum;
}

static void place_call(unsigned n)
{
	unsigned span = 1 + rng_below(&chance, sim.cfg.spans), kind = pick_kind();
	uint32_t hold_ms = 200 + exponential_ms(MEAN_HOLD_MS);
	bool gives_up = rng_below(&chance, 8) == 0;
	uint32_t give_up_ms = gives_up || kind == 4 ? rng_below(&chance, 8000) : PATIENCE_MS;
	char called[16];

	if (kind == KIND_REFUSED) {
		place_refused(n, span);
	} else if (rng_below(&chance, 2)) {
		snprintf(called, sizeof(called), "%u%04u", kind, n % 10000);
		sim_call_from_isdn(&sim, span, called, hold_ms, give_up_ms);
	} else {
		snprintf(called, sizeof(called), "%02u%u%04u", span, kind, n % 10000);
		sim_call_from_sip(&sim, called, (int32_t)hold_ms,
				  give_up_ms == PATIENCE_MS ? -1 : (int32_t)give_up_ms);
	}
}

static void change_cuts(struct cut *cut)
{
	for (unsigned i = 0; i < sim.cfg.spans; i++) {
		if (sim.now_us < cut[i].due_us)
			continue;
		cut[i].down = !cut[i].down;
		e1_virt_cut_dchan(sim.pair[i], cut[i].down);
		/* Most cuts heal before T309, some do not. */
		cut[i].due_us =
		    sim.now_us + US_PER_MS * (cut[i].down ? 500 + exponential_ms(30000)
							  : 1000 + exponential_ms(CUT_EVERY_MS));
	}
}

static void heal(void)
{
	static const struct rtp_net_sim_knobs clean = {.delay_us = 5000};

	for (unsigned i = 0; i < sim.cfg.spans; i++)
		e1_virt_cut_dchan(sim.pair[i], false);
	rtp_net_sim_set(sim.net, &clean);
	sim.cfg.sip_loss_ppm = 0;
}

static void print_sums(const char *where, const struct sim_audio *a)
{
	print_message("#   heard at %s: %" PRIu64 " octets good, %" PRIu64 " lost, %" PRIu64
		      " inserted (%" PRIu64 " counted), %" PRIu64 " changed, %" PRIu64
		      " foreign, early media in %" PRIu64 " calls\n",
		      where, a->good, a->lost, a->inserted, a->explained, a->changed, a->foreign,
		      a->heard_early);
}

static void check_audio(const struct sim_audio *a)
{
	assert_int_equal(a->foreign, 0);
	/* What conceals a loss is heard as changed octets. */
	assert_true(a->changed <= a->explained);
	assert_true(a->lost <= a->explained);
	assert_true(a->inserted <= a->explained);
}

static void print_stuck(void)
{
	struct call_record r;
	unsigned cursor = 0;

	print_message("#   stuck: %u calls, %u sessions, %u at the peer\n",
		      call_table_counters(sim.core->calls)->active,
		      media_counters(sim.core->media)->open, sip_peer_counters(sim.peer)->active);
	for (unsigned i = 0; i < sim.cfg.spans; i++)
		print_message("#   stuck: %u calls at exchange %u, up %d\n", pbx_calls(sim.pbx[i]),
			      i + 1, pbx_up(sim.pbx[i]));
	while (call_table_next(sim.core->calls, &cursor, &r))
		print_message("#   stuck: %s from %d:%u to %d:%u, number %s, %s\n", r.state,
			      r.setup.source.kind, r.setup.source.index, r.target.kind,
			      r.target.index, r.setup.called.digits, r.setup.peer_call_id);
}

static void run_storm(unsigned calls, int64_t gap_ms)
{
	const struct rtp_net_sim_knobs rough = {.loss_ppm = 3000,
						.delay_us = 10000,
						.jitter_us = 15000,
						.reorder_ppm = 1000,
						.reorder_us = 25000};
	struct cut cut[SIM_SPANS_MAX] = {0};
	const struct call_table_counters *counters;
	int64_t begin_us = sim.now_us;

	rtp_net_sim_set(sim.net, &rough);
	for (unsigned i = 0; i < sim.cfg.spans; i++)
		cut[i].due_us = sim.now_us + US_PER_MS * exponential_ms(CUT_EVERY_MS);
	for (unsigned n = 0; n < calls; n++) {
		place_call(n);
		change_cuts(cut);
		sim_run_us(&sim, US_PER_MS * exponential_ms((uint32_t)gap_ms));
	}
	if (options.day && sim.now_us < begin_us + DAY_S * US_PER_S)
		sim_run_us(&sim, begin_us + DAY_S * US_PER_S - sim.now_us);
	heal();
	if (!sim_run_until(&sim, sim_is_quiet, DRAIN_US))
		print_stuck();
	assert_true(sim_is_quiet(&sim));
	sim_run_us(&sim, LINGER_US);
	counters = call_table_counters(sim.core->calls);
	print_message(
	    "#   %u calls placed, %" PRIu64 " reached the core, %" PRIu64 " were refused there, %" PRIu64
	    " answered, in %" PRId64 " s of virtual time; SIP datagrams %" PRIu64 ", lost %" PRIu64
	    "\n",
	    calls, count_setups() + invites.count, counters->refused, counters->answered,
	    (int64_t)((sim.now_us - begin_us) / US_PER_S), sim.wire_datagrams, sim.sip_lost);
	print_sums("the exchange", &sim.at_isdn);
	print_sums("the SIP peer", &sim.at_sip);
	assert_int_equal(sim_leftovers(&sim), 0);
	assert_int_equal(counters->begun, counters->ended);
	assert_int_equal(sim.records, count_setups() + invites.count);
	assert_int_equal(sim.records, counters->begun + counters->refused);
	assert_true(counters->refused > calls / 40);
	assert_true(counters->refused_full > 0 || options.day); /* a day has room for all */
	assert_int_equal(counters->guard_hits, 0);
	assert_int_equal(counters->unexpected_events, 0);
	assert_true(counters->answered > calls / 3);
	check_audio(&sim.at_isdn);
	check_audio(&sim.at_sip);
}

static void storm(void **state)
{
	struct sim_cfg cfg = {.seed = options.seed, .spans = options.spans, .sip_loss_ppm = 10000,
			      .calls_max = CALLS_MAX_PER_SPAN * options.spans};
	/* About 20 of each span's 30 channels are busy. */
	int64_t gap_ms = MEAN_HOLD_MS / (20 * options.spans);
	unsigned calls = options.calls;

	(void)state;
	if (options.day) {
		calls = 12000;
		gap_ms = (int64_t)DAY_S * 1000 / calls;
	}
	print_message("#   seed %" PRIu64 "\n", options.seed);
	rng_init_seed(&chance, options.seed);
	sim_create(&sim, &cfg);
	sim.on_core_hears = count_invite;
	add_rules();
	run_storm(calls, gap_ms);
	sim_destroy(&sim);
}

static unsigned number_of(const char *text)
{
	return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(storm)};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--day") == 0)
			options.day = true;
		else if (strcmp(argv[i], "--calls") == 0)
			options.calls = number_of(argv[++i]);
		else if (strcmp(argv[i], "--spans") == 0)
			options.spans = number_of(argv[++i]);
		else if (strcmp(argv[i], "--seed") == 0)
			options.seed = number_of(argv[++i]);
	}
	log_init(LOG_ERROR, NULL, NULL);
	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
