/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which channel: the order of hunting, and another one after a refusal. */
#include "tests/unit/isdn_map/tests.h"

#include "src/isdn_map/isdn_channel.h"
#include "tests/unit/isdn_map/harness.h"

enum { MSG_SETUP = 0x05, MSG_RELEASE = 0x4d, MSG_RELEASE_COMPLETE = 0x5a };

#define UP ISDN_HUNT_ASCENDING
#define DOWN ISDN_HUNT_DESCENDING
#define CYCLE ISDN_HUNT_CYCLIC
#define OLDEST ISDN_HUNT_LEAST_RECENT

/* Each row: policy, what was taken and freed before, what is free now, what comes next. */
void test_hunt_policies(void **state)
{
	static const struct {
		enum isdn_hunting policy;
		int8_t before[8]; /* n: taken, -n: freed */
		uint32_t free;
		uint8_t ts;
	} rows[] = {
	    {UP, {0}, 0x0000003e, 1},
	    {UP, {5}, 0x0000003e, 1},
	    {UP, {0}, 0x80000000, 31},
	    {UP, {0}, 0x00000001, 0},
	    {UP, {0}, 0, 0},
	    {DOWN, {0}, 0x0000003e, 5},
	    {DOWN, {5}, 0xfffefffe, 31},
	    {DOWN, {0}, 0x00000003, 1},
	    {DOWN, {0}, 0, 0},
	    {CYCLE, {0}, 0x0000003e, 1},
	    {CYCLE, {1}, 0x0000003c, 2},
	    {CYCLE, {1, -1}, 0x0000003e, 2}, /* not again the one that was freed just now */
	    {CYCLE, {4}, 0x0000002e, 5},
	    {CYCLE, {5}, 0x0000001e, 1}, /* around */
	    {CYCLE, {31}, 0x7ffefffe, 1},
	    {CYCLE, {15}, 0xfffefffe, 17},
	    {CYCLE, {31}, 0x80000000, 31}, /* the only one */
	    {CYCLE, {7}, 0x00000001, 0},
	    {CYCLE, {7}, 0, 0},
	    {OLDEST, {0}, 0x0000003e, 1}, /* never in use, all of them */
	    {OLDEST, {1, -1}, 0x0000000e, 2},
	    {OLDEST, {1, 2, 3, -2, -1, -3}, 0x0000000e, 2},
	    {OLDEST, {1, 2, 3, -3, -2, -1}, 0x0000000e, 3},
	    {OLDEST, {1, 2, 3, -3, -2, -1}, 0x00000006, 2},
	    {OLDEST, {1, 2, 1, -1, -2, 1, -1}, 0x00000006, 2},
	    {OLDEST, {31, -31}, 0x80000000, 31},
	    {OLDEST, {0}, 1, 0},
	    {OLDEST, {0}, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct isdn_hunt hunt = {.policy = rows[i].policy};

		for (unsigned k = 0; k < 8 && rows[i].before[k]; k++) {
			if (rows[i].before[k] > 0)
				isdn_hunt_taken(&hunt, (uint8_t)rows[i].before[k]);
			else
				isdn_hunt_freed(&hunt, (uint8_t)-rows[i].before[k]);
		}
		if (isdn_channel_hunt(rows[i].free, &hunt) != rows[i].ts)
			fail_msg("row %zu: %u, not %u", i, isdn_channel_hunt(rows[i].free, &hunt),
				 rows[i].ts);
	}
	assert_true(isdn_channel_refused(44) && isdn_channel_refused(6) && isdn_channel_refused(82));
	assert_false(isdn_channel_refused(34) || isdn_channel_refused(17) || isdn_channel_refused(41));
}

/* The first answer to our SETUP, in a UI frame: libpri does not send each of these. */
static void refuse(struct world *w, uint8_t type, int cause)
{
	size_t len = 0;
	const uint8_t *setup = wire_message(&w->theirs, MSG_SETUP, &len);
	const uint8_t frame[] = {0x02, 0x01, 0x03, 0x08, 0x02, 0x80 | setup[2], setup[3], type,
				 0x08, 0x02, 0x82, (uint8_t)(0x80 | cause)};

	pri_destroycall(w->peer.pri, peer_ring(w));
	wire_inject(w, frame, sizeof(frame));
}

/* Refused with 44, 6 or 82 before any answer: SETUP goes out again on the next channel, and the call
 * does not hear of it. By RELEASE COMPLETE or by RELEASE. */
void test_next_channel(void **state)
{
	static const int causes[] = {44, 6, 82};

	(void)state;
	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++) {
		struct world *w = world_create_up(ISDN_USER);
		struct stub_call *c = stub_open(w, "30444");

		world_settle(w);
		for (int ts = 1; ts < 4; ts++) {
			assert_int_equal(peer_ring_channel(w) & 0xff, ts);
			assert_int_equal(w->theirs.messages[MSG_SETUP], ts);
			assert_int_equal(world_status(w).busy, 1);
			refuse(w, ts == 2 ? MSG_RELEASE : MSG_RELEASE_COMPLETE, causes[i]);
			assert_int_equal(c->events, 0);
		}
		assert_int_equal(w->theirs.messages[MSG_RELEASE_COMPLETE], 1); /* answers RELEASE */
		assert_int_equal(world_status(w).other_channel, 3);
		pri_answer(w->peer.pri, peer_ring(w), 4, 0);
		world_settle(w);
		assert_int_equal(c->channel.ts, 4);
		assert_int_equal(c->count[CALL_EV_ANSWER], 1);
		stub_clear(w, c, 16);
		world_run_us(w, US_PER_S);
		world_assert_idle(w);
		world_destroy(w);
	}
}

/* Until none is left: each channel once, then the call learns the last cause. Other causes, and 44
 * after a first answer, are the call's business at once. */
void test_no_next_channel(void **state)
{
	struct isdn_span_cfg cfg = world_cfg(ISDN_NETWORK);
	struct stub_call *c;
	struct world *w;

	(void)state;
	cfg.bchannels = 0x0000001e;
	w = world_create(&cfg);
	world_run_us(w, 2 * US_PER_S);
	c = stub_open(w, "1");
	world_settle(w);
	for (int ts = 4; ts > 0; ts--) {
		assert_int_equal(peer_ring_channel(w) & 0xff, ts);
		assert_int_equal(c->events, 0);
		pri_hangup(w->peer.pri, peer_ring(w), 44);
		world_settle(w);
	}
	assert_int_equal(w->theirs.messages[MSG_SETUP], 4);
	assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 44);
	world_assert_idle(w);

	c = stub_open(w, "1");
	world_settle(w);
	pri_proceeding(w->peer.pri, peer_ring(w), 4, 0);
	world_settle(w);
	pri_hangup(w->peer.pri, peer_ring(w), 44);
	world_run_us(w, US_PER_S);
	assert_int_equal(w->theirs.messages[MSG_SETUP], 5);
	assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 44);

	c = stub_open(w, "1"); /* the peer has no channel at all */
	world_settle(w);
	pri_hangup(w->peer.pri, peer_ring(w), 34);
	world_settle(w);
	assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 34);

	c = stub_open(w, "1"); /* given up by the call in between */
	world_settle(w);
	stub_clear(w, c, 16);
	world_run_us(w, US_PER_S);
	assert_int_equal(w->theirs.messages[MSG_SETUP], 7);
	world_assert_idle(w);
	world_destroy(w);
}

/* `exclusive`: says so in SETUP, and another channel in the answer is refused with 6 (Q.931
 * 5.2.3.1); then another SETUP. The peer's exclusive and preferred SETUPs: test_channel_for_setup. */
void test_exclusive(void **state)
{
	struct isdn_span_cfg cfg = world_cfg(ISDN_USER);
	const uint8_t *ie;
	struct stub_call *c;
	struct world *w;
	size_t len = 0;

	(void)state;
	for (int exclusive = 0; exclusive < 2; exclusive++) {
		cfg.exclusive = exclusive;
		w = world_create(&cfg);
		world_run_us(w, 2 * US_PER_S);
		c = stub_open(w, "1");
		world_settle(w);
		ie = wire_element(&w->theirs, MSG_SETUP, 0x18, &len);
		assert_int_equal(ie[0], exclusive ? 0xa9 : 0xa1);
		pri_proceeding(w->peer.pri, peer_ring(w), 9, 0);
		world_settle(w);
		if (exclusive) {
			ie = wire_element(&w->theirs, MSG_RELEASE, 0x08, &len);
			assert_int_equal(ie[1] & 0x7f, 6);
			assert_int_equal(c->events, 0);
			pri_proceeding(w->peer.pri, peer_ring(w), 2, 0);
			world_settle(w);
		}
		assert_int_equal(c->channel.ts, exclusive ? 2 : 9);
		stub_clear(w, c, 16);
		world_run_us(w, US_PER_S);
		world_assert_idle(w);
		world_destroy(w);
	}
}
