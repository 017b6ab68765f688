/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RESTART, ours and the peer's. Times are virtual and exact. */
#include "tests/unit/isdn_map/tests.h"

#include <string.h>

#include "src/isdn_map/isdn_span.h"
#include "src/isdn_map/pri/pri_internal.h"
#include "tests/unit/isdn_map/harness.h"

enum { MSG_RESTART = 0x46, MSG_RESTART_ACK = 0x4e, MSG_RELEASE_COMPLETE = 0x5a };
enum { SETTLE_US = 1200000 };

static uint32_t channels_in(struct world *w, enum isdn_channel_state state)
{
	struct isdn_span_status st = world_status(w);
	uint32_t mask = 0;

	for (unsigned ts = 0; ts < E1_TIMESLOTS; ts++)
		if (st.channel[ts].state == state)
			mask |= UINT32_C(1) << ts;
	return mask;
}

/* The octets of the last RESTART: global call reference, one channel, indicator "channels". */
static void assert_restart_of(struct world *w, uint8_t ts)
{
	size_t len = 0;
	const uint8_t *m = wire_message(&w->theirs, MSG_RESTART, &len);
	const uint8_t expect[] = {0x08, 0x02, 0x00, 0x00, 0x46, 0x18, 0x03, 0xa9,
				  0x83, (uint8_t)(0x80 | ts), 0x79, 0x01, 0x80};

	assert_int_equal(len, sizeof(expect));
	assert_memory_equal(m, expect, sizeof(expect));
}

static struct world *create(enum isdn_side side, enum isdn_restart_policy restart)
{
	struct isdn_span_cfg cfg = world_cfg(side);

	cfg.restart = restart;
	return world_create(&cfg);
}

static void run_until_up(struct world *w)
{
	while (!world_status(w).dchannel_up || !w->peer.up)
		world_run_us(w, US_PER_MS);
}

/* After our start each channel gets one RESTART, one at a time, and calls work; never: none. A cut
 * later brings no further ones. */
void test_restart_at_start(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++)
		for (int policy = ISDN_RESTART_NEVER; policy <= ISDN_RESTART_START; policy++) {
			struct world *w = create(side, policy);
			unsigned expected = policy == ISDN_RESTART_START ? 30 : 0;
			struct stub_call *c;
			q931_call *pc;

			run_until_up(w);
			world_run_us(w, SETTLE_US);
			assert_int_equal(w->theirs.messages[MSG_RESTART], expected);
			assert_int_equal(w->ours.messages[MSG_RESTART_ACK], expected);
			if (expected) {
				assert_restart_of(w, 31);
				assert_int_equal(world_status(w).restarts_sent, 30);
			}
			world_assert_idle(w);
			c = answered_out(w, &pc);
			world_cut(w, true);
			world_run_us(w, 30 * US_PER_S);
			world_cut(w, false);
			world_run_us(w, 30 * US_PER_S);
			assert_int_equal(w->theirs.messages[MSG_RESTART], expected);
			stub_clear(w, c, 16);
			world_run_us(w, US_PER_S);
			world_assert_idle(w);
			world_destroy(w);
		}
}

/* The peer's SABME may come once more in this time, and RESTART is sent again then. Leaves the time at
 * which the last one was sent. */
static void settle_without_answer(struct world *w)
{
	unsigned sent = 0;
	int64_t last_us = 0;

	run_until_up(w);
	for (int64_t end_us = w->now_us + SETTLE_US; w->now_us < end_us;) {
		if (w->theirs.messages[MSG_RESTART] != sent)
			last_us = w->now_us;
		sent = w->theirs.messages[MSG_RESTART];
		world_run_us(w, US_PER_MS);
	}
	assert_true(sent > 0);
	w->theirs.messages[MSG_RESTART] = 1; /* for what follows: one is under way */
	w->peer.last_us = last_us;
}

/* T316 and N316: RESTART at 0 and 30 s, out of service at 60 s. Only that channel: the rest of the
 * round is called off, and meanwhile calls find a channel. */
void test_restart_unanswered(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++) {
		struct world *w = create(side, ISDN_RESTART_START);
		struct stub_call *c;
		q931_call *pc;

		w->theirs.no_restart = true;
		settle_without_answer(w);
		assert_restart_of(w, 1);
		assert_int_equal(channels_in(w, ISDN_CH_RESTARTING), 0xfffefffe);
		world_run_us(w, w->peer.last_us + 30 * US_PER_S - 5 * US_PER_MS - w->now_us);
		assert_int_equal(w->theirs.messages[MSG_RESTART], 1);
		assert_false(world_status(w).restart_unanswered);
		world_run_us(w, 5 * US_PER_MS);
		assert_int_equal(w->theirs.messages[MSG_RESTART], 2);
		assert_true(world_status(w).restart_unanswered);
		c = answered_out(w, &pc); /* a peer without RESTART must not stop all calls */
		assert_int_equal(c->channel.ts, side ? 31 : 2);
		world_run_us(w, 30 * US_PER_S - 5 * US_PER_MS);
		assert_int_equal(world_status(w).restarts_failed, 0);
		world_run_us(w, 5 * US_PER_MS);
		assert_int_equal(world_status(w).restarts_failed, 1);
		assert_int_equal(channels_in(w, ISDN_CH_OUT_OF_SERVICE), 2);
		assert_int_equal(channels_in(w, ISDN_CH_RESTARTING), 0);
		world_run_us(w, 300 * US_PER_S);
		assert_int_equal(w->theirs.messages[MSG_RESTART], 2);
		stub_clear(w, c, 16);
		world_run_us(w, US_PER_S);
		assert_int_equal(channels_in(w, ISDN_CH_IDLE), 0xfffefffc);
		world_destroy(w);
	}
}

/* A call that finds nothing but channels that are being restarted waits for the first of them, and not
 * for long. */
void test_setup_waits_for_restart(void **state)
{
	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		struct world *w = create(ISDN_USER, ISDN_RESTART_START);
		struct stub_call *c;

		w->theirs.no_restart = true;
		settle_without_answer(w);
		c = stub_open(w, "1");
		world_run_us(w, SETTLE_US - 1);
		assert_int_equal(w->theirs.messages[ISDN_MSG_SETUP], 0);
		assert_int_equal(c->events, 0);
		if (answered) { /* the peer's own RESTART does as well */
			libclock_set(w->now_us);
			pri_reset(w->peer.pri, 2);
			world_settle(w);
			assert_int_equal(w->theirs.messages[ISDN_MSG_SETUP], 1);
			assert_int_equal(peer_ring_channel(w) & 0xff, 2);
			world_run_us(w, US_PER_S);
			assert_int_equal(c->events, 0);
			stub_clear(w, c, 16);
		} else {
			world_run_us(w, 1);
			assert_int_equal(w->theirs.messages[ISDN_MSG_SETUP], 0);
			assert_int_equal(stub_event(c, CALL_EV_CLEARING)->cause.value, 34);
		}
		world_run_us(w, US_PER_S);
		assert_int_equal(c->count[CALL_EV_GONE], 1);
		world_destroy(w);
	}
}

static struct world *out_of_service(void)
{
	struct world *w = create(ISDN_USER, ISDN_RESTART_START);

	w->theirs.no_restart = true;
	run_until_up(w);
	world_run_us(w, 70 * US_PER_S);
	assert_int_equal(channels_in(w, ISDN_CH_OUT_OF_SERVICE), 2);
	return w;
}

/* Back in service by the peer's RESTART, by its SETUP on the channel, by the operator; not hunted
 * before that. */
void test_restart_out_of_service_and_back(void **state)
{
	(void)state;
	for (int way = 0; way < 3; way++) {
		struct world *w = out_of_service();
		const char *why = NULL;
		struct stub_call *c;

		c = stub_open(w, "1");
		world_settle(w);
		assert_int_equal(peer_ring_channel(w) & 0xff, 2);
		stub_clear(w, c, 16);
		world_settle(w);
		if (way == 0) {
			pri_reset(w->peer.pri, 1);
		} else if (way == 1) {
			peer_call(w, "1", 1, 1);
			stub_clear(w, stub_last(w), 17);
		} else {
			w->theirs.no_restart = false;
			assert_int_equal(isdn_span_restart(w->span, 1, &why), 0);
		}
		world_settle(w);
		world_run_us(w, US_PER_S);
		world_assert_idle(w);
		world_destroy(w);
	}
}

void test_restart_by_operator(void **state)
{
	struct world *w = world_create_up_with(ISDN_USER, ISDN_RESTART_STUCK);
	const char *why = NULL;
	struct stub_call *c;
	q931_call *pc;

	(void)state;
	assert_int_equal(w->theirs.messages[MSG_RESTART], 0);
	c = answered_in(w, 9, &pc);
	assert_int_equal(isdn_span_restart(w->span, 9, &why), -1);
	assert_non_null(strstr(why, "a call uses this channel"));
	assert_int_equal(isdn_span_restart(w->span, 16, &why), -1);
	assert_int_equal(isdn_span_restart(w->span, 200, &why), -1);
	assert_int_equal(isdn_span_restart(w->span, 10, &why), 0);
	world_settle(w);
	assert_int_equal(w->theirs.messages[MSG_RESTART], 1);
	assert_restart_of(w, 10);
	assert_int_equal(isdn_span_restart(w->span, 0, &why), 0); /* all but the one with a call */
	world_settle(w);
	assert_int_equal(w->theirs.messages[MSG_RESTART], 30);
	world_run_us(w, 100 * US_PER_S);
	assert_int_equal(w->theirs.messages[MSG_RESTART], 30);
	assert_false(c->gone);
	stub_clear(w, c, 16);
	world_assert_idle(w);
	world_cut(w, true);
	world_run_us(w, 30 * US_PER_S);
	assert_int_equal(isdn_span_restart(w->span, 1, &why), -1);
	world_destroy(w);

	w = world_create_up(ISDN_USER);
	assert_int_equal(isdn_span_restart(w->span, 1, &why), -1);
	assert_non_null(strstr(why, "never"));
	world_settle(w);
	assert_int_equal(w->theirs.messages[MSG_RESTART], 0);
	world_destroy(w);
}

/* T308 ran out twice (Q.931 5.3.3), or libpri lost the call and our guard ended it: RESTART. */
void test_restart_of_stuck_channel(void **state)
{
	(void)state;
	for (int guard = 0; guard < 2; guard++) {
		struct world *w = world_create_up_with(ISDN_USER, ISDN_RESTART_STUCK);
		struct stub_call *c;
		q931_call *pc;

		w->peer.deaf = true;
		w->theirs.no_restart = true;
		if (guard)
			pri_set_timer(w->span->line->pri, PRI_TIMER_T305, 100000000);
		c = answered_in(w, 2, &pc);
		stub_clear(w, c, 16);
		world_run_us(w, (guard ? 45 : 38) * US_PER_S - 1);
		assert_false(c->gone);
		assert_int_equal(w->theirs.messages[MSG_RESTART], 0);
		world_run_us(w, 1);
		assert_true(c->gone);
		assert_int_equal(w->theirs.messages[MSG_RESTART], 1);
		assert_restart_of(w, 2);
		assert_int_equal(channels_in(w, ISDN_CH_RESTARTING), 4);
		w->theirs.no_restart = false;
		world_run_us(w, 30 * US_PER_S);
		assert_int_equal(w->theirs.messages[MSG_RESTART], 2);
		assert_int_equal(channels_in(w, ISDN_CH_IDLE), 0xfffefffe);
		world_destroy(w);
	}
}

/* Q.931 5.5.1: while RESTART is under way no call is placed or accepted there. On a channel whose
 * turn has not come, the peer's call is taken and no RESTART follows. */
void test_setup_on_restarting_channel(void **state)
{
	struct world *w = create(ISDN_USER, ISDN_RESTART_START);
	const uint8_t *ie;
	size_t len = 0;

	(void)state;
	w->theirs.no_restart = true;
	settle_without_answer(w);
	peer_call(w, "1", 1, 1);
	assert_int_equal(w->table.calls, 0);
	ie = wire_element(&w->theirs, MSG_RELEASE_COMPLETE, 0x08, &len);
	assert_int_equal(ie[1] & 0x7f, 44);
	peer_call(w, "1", 1, 0); /* any other will do */
	stub_command(w, stub_last(w), LEG_PROCEED, 0);
	assert_int_equal(stub_last(w)->channel.ts, 2);
	stub_clear(w, stub_last(w), 16);
	peer_call(w, "1", 9, 1);
	assert_int_equal(w->table.calls, 2);
	stub_command(w, stub_last(w), LEG_PROCEED, 0);
	assert_int_equal(stub_last(w)->channel.ts, 9);
	w->theirs.no_restart = false;
	world_run_us(w, 31 * US_PER_S);
	assert_int_equal(w->theirs.messages[MSG_RESTART], 29); /* 1 twice, 2 and 9 never */
	assert_int_equal(channels_in(w, ISDN_CH_IDLE), 0xfffefdfe);
	stub_clear(w, stub_last(w), 16);
	world_run_us(w, US_PER_S);
	world_assert_idle(w);
	assert_int_equal(w->theirs.messages[MSG_RESTART], 29);
	world_destroy(w);
}

/* A RESTART that libpri does not send comes to us in a UI frame. */
static void inject_restart(struct world *w, const uint8_t *elements, size_t len)
{
	uint8_t frame[64] = {0x02, 0x01, 0x03, 0x08, 0x02, 0x00, 0x00, MSG_RESTART};

	memcpy(frame + 8, elements, len);
	wire_inject(w, frame, 8 + len);
}

/* A list, slot maps of either size and the whole interface: calls on those channels are gone, others
 * live, and it is acknowledged with the same channels. */
void test_restart_list_and_map(void **state)
{
	static const struct {
		uint8_t octets[16];
		size_t len;
		uint32_t cleared; /* of the calls on 1, 5, 9, 20, 31 */
	} rows[] = {
	    {{0x18, 3, 0xa9, 0x83, 0x89, 0x79, 1, 0x80}, 8, 1u << 9},
	    {{0x18, 5, 0xa9, 0x83, 0x05, 0x14, 0x9f, 0x79, 1, 0x80}, 10, 1u << 5 | 1u << 20 | 1u << 31},
	    {{0x18, 6, 0xa9, 0x93, 0x80, 0x00, 0x02, 0x02, 0x79, 1, 0x80}, 11,
	     1u << 31 | 1u << 9 | 1u << 1},
	    {{0x79, 1, 0x86}, 3, 0xffffffff},
	    {{0x79, 1, 0x87}, 3, 0xffffffff},
	};
	static const int used[] = {1, 5, 9, 20, 31};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct world *w = world_create_up(ISDN_USER);
		struct stub_call *c[5];
		q931_call *pc;

		for (unsigned k = 0; k < 5; k++)
			c[k] = answered_in(w, used[k], &pc);
		inject_restart(w, rows[i].octets, rows[i].len);
		for (unsigned k = 0; k < 5; k++) {
			assert_int_equal(c[k]->gone, rows[i].cleared >> used[k] & 1);
			if (c[k]->gone)
				assert_int_equal(stub_event(c[k], CALL_EV_GONE)->cause.value, 41);
			else
				stub_clear(w, c[k], 16);
		}
		assert_int_equal(w->theirs.messages[MSG_RESTART_ACK], 1);
		assert_true(world_status(w).restarts_received > 0);
		world_run_us(w, US_PER_S);
		assert_int_equal(channels_in(w, ISDN_CH_IDLE), 0xfffefffe);
		world_destroy(w);
	}
}
