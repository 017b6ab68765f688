/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of timers: its copy in docs/, and that a span's own values are those that run. */
#include "tests/unit/isdn_map/tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "gateway/call/call_fsm.h"
#include "tests/unit/isdn_map/harness.h"

enum { DOC_MAX = 32768 };

static void add_value(struct strbuf *b, const struct isdn_timer_info *t, enum isdn_timer timer,
		      enum isdn_side side)
{
	uint32_t v = t->default_ms[side];

	if (!v)
		strbuf_add(b, " - |");
	else if (timer == ISDN_N316)
		strbuf_addf(b, " %u times |", v);
	else if (v % 1000)
		strbuf_addf(b, " %u.%u s |", v / 1000, v % 1000 / 100);
	else
		strbuf_addf(b, " %u s |", v / 1000);
}

/* The table as docs/timers.md has it. */
static void write_table(struct strbuf *b)
{
	strbuf_add(b, "| timer | user side | network side | may be set | run by | from, until, then | "
		      "clause |\n|---|---|---|---|---|---|---|\n");
	for (enum isdn_timer i = 0; i < ISDN_TIMERS; i++) {
		const struct isdn_timer_info *t = isdn_timer_info(i);

		strbuf_addf(b, "| %s |", t->name);
		add_value(b, t, i, ISDN_USER);
		add_value(b, t, i, ISDN_NETWORK);
		if (t->max_s)
			strbuf_addf(b, " %u to %u%s |", t->min_s, t->max_s, i == ISDN_N316 ? "" : " s");
		else
			strbuf_add(b, " no |");
		strbuf_addf(b, " %s | %s | %s |\n", isdn_timer_owner_name(t->owner), t->meaning,
			    t->clause);
	}
	assert_false(b->truncated);
}

void test_timer_table(void **state)
{
	const char *path = getenv("SPANBRIDGE_TIMERS_DOC");
	static char table[DOC_MAX], doc[DOC_MAX];
	static const uint32_t none[ISDN_TIMERS_SET];
	struct strbuf b;
	FILE *f;

	(void)state;
	strbuf_init(&b, table, sizeof(table));
	write_table(&b);
	assert_non_null(path);
	f = fopen(path, "r");
	assert_non_null(f);
	doc[fread(doc, 1, sizeof(doc) - 1, f)] = '\0';
	fclose(f);
	if (!strstr(doc, table)) {
		fprintf(stderr, "%s", table);
		fail_msg("docs/timers.md differs from isdn_timer_table.c: put the table above there");
	}
	/* What the call runs stands in its own table. */
	for (int side = 0; side < 2; side++) {
		assert_int_equal(isdn_timer_value(none, side, ISDN_T301),
				 call_timers[CALL_TIMER_RING].default_ms);
		assert_int_equal(isdn_timer_value(none, side, ISDN_TIMER_CLEARING), 45000);
	}
	/* The most that may be set fits below the call's guards. */
	{
		uint32_t most[ISDN_TIMERS_SET];

		for (enum isdn_timer i = 0; i < ISDN_TIMERS_SET; i++)
			most[i] = isdn_timer_info(i)->max_s * 1000u;
		assert_true(isdn_timer_value(most, ISDN_USER, ISDN_TIMER_CLEARING) <
			    call_timers[CALL_TIMER_CLEAR].default_ms);
		assert_true(most[ISDN_T310] < call_timers[CALL_TIMER_SETUP].default_ms);
		assert_true(most[ISDN_T304] < call_timers[CALL_TIMER_SETUP].default_ms);
		assert_int_equal(isdn_timer_value(most, ISDN_USER, ISDN_T306), 0);
		assert_int_equal(isdn_timer_value(most, ISDN_NETWORK, ISDN_T313), 0);
	}
}

/* Each timer that a span may set runs for as long as it says: libpri's, too. */
void test_timers_set(void **state)
{
	struct isdn_span_cfg cfg = world_cfg(ISDN_USER);
	struct stub_call *c;
	struct world *w;
	q931_call *pc;

	(void)state;
	cfg.timer_ms[ISDN_T303] = 7000;
	cfg.timer_ms[ISDN_T305] = 12000;
	cfg.timer_ms[ISDN_T308] = 3000;
	cfg.timer_ms[ISDN_T309] = 20000;
	cfg.timer_ms[ISDN_T310] = 11000;
	cfg.timer_ms[ISDN_T313] = 9000;
	w = world_create(&cfg);
	world_run_us(w, 2 * US_PER_S);

	c = stub_open(w, "1"); /* T303, twice */
	world_run_us(w, 14 * US_PER_S - 1);
	assert_false(c->gone);
	world_run_us(w, 1);
	assert_true(c->gone);

	c = stub_open(w, "1"); /* T310 */
	world_settle(w);
	pri_proceeding(w->peer.pri, peer_ring(w), 1, 0);
	world_settle(w);
	world_run_us(w, 11 * US_PER_S - 1);
	assert_int_equal(c->count[CALL_EV_CLEARING], 0);
	world_run_us(w, 1);
	assert_int_equal(c->count[CALL_EV_CLEARING], 1);
	world_settle(w);

	w->peer.deaf = true; /* T305, T308 twice */
	c = answered_in(w, 2, &pc);
	stub_clear(w, c, 16);
	world_run_us(w, 18 * US_PER_S - 1);
	assert_false(c->gone);
	world_run_us(w, 1);
	assert_true(c->gone);
	w->peer.deaf = false;

	c = answered_in(w, 3, &pc); /* T309 */
	world_cut(w, true);
	while (world_status(w).dchannel_up)
		world_run_us(w, US_PER_MS);
	world_run_us(w, world_status(w).dchannel_since_us + 20 * US_PER_S - 1 - w->now_us);
	assert_false(c->gone);
	world_run_us(w, 1);
	assert_true(c->gone);
	world_destroy(w);
}
