/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Overlap receiving: when the call table hears of a call whose number comes in parts. */
#include "tests/unit/isdn_map/tests.h"

#include <string.h>

#include "tests/unit/isdn_map/harness.h"

enum { CHANNEL = 7 };

static struct world *create(enum isdn_side side, bool overlap)
{
	struct isdn_span_cfg cfg = world_cfg(side);
	struct world *w;

	cfg.overlap = overlap;
	w = world_create(&cfg);
	world_run_us(w, 2 * US_PER_S);
	assert_true(w->peer.up);
	w->peer.overlap = true;
	return w;
}

static q931_call *begin(struct world *w, const char *digits)
{
	unsigned before = w->theirs.messages[ISDN_MSG_SETUP_ACK];
	q931_call *pc = peer_call(w, digits, CHANNEL, 1);
	const uint8_t *channel;
	size_t len;

	assert_int_equal(w->theirs.messages[ISDN_MSG_SETUP_ACK], before + 1);
	channel = wire_element(&w->theirs, ISDN_MSG_SETUP_ACK, 0x18, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(channel, "\xa9\x83\x87", 3);
	return pc;
}

static void digits(struct world *w, q931_call *pc, const char *digits)
{
	libclock_set(w->now_us);
	for (; *digits; digits++)
		pri_information(w->peer.pri, pc, *digits);
	world_settle(w);
}

static void clear_and_end(struct world *w)
{
	stub_clear(w, stub_last(w), 16);
	world_run_us(w, US_PER_S);
	world_assert_idle(w);
	world_destroy(w);
}

/* Digits that come 1 ms before T302 is over begin it anew; the call hears of all of them at its end. */
void test_overlap(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++) {
		struct world *w = create(side, true);
		int64_t t302_us = (side == ISDN_USER ? 5 : 15) * US_PER_S;
		q931_call *pc = begin(w, "49");
		const struct stub_call *c;

		for (const char *d = "30123"; *d; d++) {
			world_run_us(w, t302_us - US_PER_MS);
			digits(w, pc, (char[]){*d, '\0'});
		}
		assert_int_equal(world_status(w).channel[CHANNEL].state, ISDN_CH_BUSY);
		assert_int_equal(world_status(w).channel[CHANNEL].call, 0);
		world_run_us(w, t302_us - 1);
		assert_int_equal(w->table.calls, 0);
		world_run_us(w, 1);
		assert_int_equal(w->table.calls, 1);
		c = stub_last(w);
		assert_string_equal(c->setup.called.digits, "4930123");
		assert_int_equal(c->setup.called.ton, CALL_TON_INTERNATIONAL);
		assert_string_equal(c->setup.calling.digits, "30987654");
		assert_true(c->setup.sending_complete);
		assert_int_equal(c->channel.ts, CHANNEL);
		assert_int_equal(w->theirs.messages[ISDN_MSG_CALL_PROCEEDING], 0);
		stub_command(w, stub_last(w), LEG_PROCEED, 0);
		assert_int_equal(w->theirs.messages[ISDN_MSG_CALL_PROCEEDING], 1);
		digits(w, pc, "9"); /* too late */
		assert_string_equal(c->setup.called.digits, "4930123");
		stub_command(w, stub_last(w), LEG_ANSWER, 0);
		world_run_us(w, 2 * t302_us);
		assert_int_equal(w->table.calls, 1);
		clear_and_end(w);
	}
}

/* Without the key: only a SETUP without any digit is asked for more. */
void test_overlap_asked(void **state)
{
	struct world *w = create(ISDN_USER, false);
	q931_call *pc;

	(void)state;
	peer_call(w, "49", CHANNEL, 1);
	assert_int_equal(w->theirs.messages[ISDN_MSG_SETUP_ACK], 0);
	assert_int_equal(w->table.calls, 1);
	assert_false(stub_last(w)->setup.sending_complete);
	stub_clear(w, stub_last(w), 16);
	pc = begin(w, "");
	digits(w, pc, "4930#");
	assert_int_equal(w->table.calls, 2);
	assert_string_equal(stub_last(w)->setup.called.digits, "4930");
	clear_and_end(w);
}

/* What ends a number at once; and numbers that are refused. */
void test_overlap_ends(void **state)
{
	static const struct {
		const char *setup, *then, *number; /* NULL: refused with cause */
		uint8_t cause;
		bool full;
	} rows[] = {
	    {"49", "30#", "4930", 0, false},
	    {"", "#21#", "#21", 0, false},
	    {"*", "1*#", "*1*", 0, false},
	    {"4930#", "", "4930", 0, false},
	    {"123456789012345678901234567890", "1", "1234567890123456789012345678901", 0, false},
	    {"49", "3x", NULL, 28, false},
	    {"49", "30#", NULL, 42, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct world *w = create(ISDN_NETWORK, true);
		q931_call *pc = begin(w, rows[i].setup);
		const uint8_t *cause;
		size_t len;

		w->table.full = rows[i].full;
		digits(w, pc, rows[i].then);
		assert_int_equal(w->table.calls, rows[i].number != NULL);
		if (rows[i].number) {
			assert_string_equal(stub_last(w)->setup.called.digits, rows[i].number);
			clear_and_end(w);
			continue;
		}
		cause = wire_element(&w->theirs, ISDN_MSG_DISCONNECT, 0x08, &len);
		assert_non_null(cause);
		assert_int_equal(cause[1], 0x80 | rows[i].cause);
		world_run_us(w, US_PER_S);
		assert_int_equal(world_status(w).refused, 1);
		assert_int_equal(w->table.refused, 1);
		assert_int_equal(w->table.refusal.cause.value, rows[i].cause);
		assert_int_equal(strncmp(w->table.refusal.setup.called.digits, "49", 2), 0);
		assert_int_equal(w->table.refusal.channel.ts, CHANNEL);
		world_assert_idle(w);
		world_destroy(w);
	}
}

/* The caller hangs up, restarts the channel or is cut off: no call comes of it, but a record. */
void test_overlap_abandoned(void **state)
{
	static const uint8_t cause[] = {16, 16, CAUSE_TEMPORARY_FAILURE, CAUSE_OUT_OF_ORDER};
	int64_t begin_us;

	(void)state;
	for (unsigned how = 0; how < 4; how++) {
		struct world *w = create(how & 1 ? ISDN_NETWORK : ISDN_USER, true);
		q931_call *pc = begin(w, "49");

		begin_us = w->now_us;
		world_run_us(w, US_PER_S);
		libclock_set(w->now_us);
		if (how < 2)
			pri_hangup(w->peer.pri, pc, 16);
		else if (how == 2)
			pri_reset(w->peer.pri, CHANNEL);
		else
			world_cut(w, true);
		world_settle(w);
		if (how == 3) {
			world_run_us(w, 60 * US_PER_S);
			world_cut(w, false);
		}
		world_run_us(w, 60 * US_PER_S);
		assert_int_equal(w->table.calls, 0);
		assert_int_equal(w->table.refused, 1);
		assert_int_equal(w->table.refusal.begin_us, begin_us);
		assert_int_equal(w->table.refusal.cause.value, cause[how]);
		if (how < 2)
			assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], 1);
		world_assert_idle(w);
		world_destroy(w);
	}
}
