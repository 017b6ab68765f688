/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layer 2 goes and comes: T309, calls that end meanwhile, what the other side has lost. */
#include "tests/unit/isdn_map/tests.h"

#include <string.h>

#include "src/isdn_map/isdn_span.h"
#include "tests/unit/isdn_map/harness.h"

enum {
	MSG_SETUP = 0x05,
	MSG_DISCONNECT = 0x45,
	MSG_RESTART = 0x46,
	MSG_RELEASE_COMPLETE = 0x5a,
	MSG_STATUS = 0x7d
};

static enum isdn_channel_state state_of(struct world *w, unsigned ts)
{
	return world_status(w).channel[ts].state;
}

static void run_until_down(struct world *w)
{
	while (world_status(w).dchannel_up)
		world_run_us(w, 100 * US_PER_MS);
}

/* The call's other end hangs up while the D-channel is down: the call ends, its channel is blocked
 * until the peer has heard of it, with the cause that was meant. Past T309: until RESTART. */
void test_clear_while_down(void **state)
{
	(void)state;
	for (int long_cut = 0; long_cut < 2; long_cut++)
		for (int policy = ISDN_RESTART_NEVER; policy <= ISDN_RESTART_STUCK; policy++) {
			struct world *w = world_create_up_with(ISDN_USER, policy);
			struct stub_call *in, *out, *other;
			q931_call *pc;

			in = answered_in(w, 9, &pc);
			out = answered_out(w, &pc);
			other = answered_in(w, 11, &pc);
			world_cut(w, true);
			run_until_down(w);
			stub_clear(w, in, 17);
			stub_clear(w, out, 16);
			assert_int_equal(stub_event(in, CALL_EV_GONE)->cause.value, 17);
			assert_int_equal(stub_event(out, CALL_EV_GONE)->cause.value, 16);
			stub_clear(w, in, 16); /* repeatable */
			assert_int_equal(state_of(w, 9), ISDN_CH_BLOCKED);
			assert_int_equal(state_of(w, 1), ISDN_CH_BLOCKED);
			assert_int_equal(state_of(w, 11), ISDN_CH_BUSY);
			assert_int_equal(world_status(w).busy, 1);
			world_run_us(w, (long_cut ? 100 : 30) * US_PER_S);
			assert_int_equal(state_of(w, 9), ISDN_CH_BLOCKED);
			world_cut(w, false);
			while (!world_status(w).dchannel_up)
				world_run_us(w, 10 * US_PER_MS);
			if (!long_cut || policy == ISDN_RESTART_NEVER)
				assert_int_equal(state_of(w, 9), ISDN_CH_BLOCKED);
			world_run_us(w, 5 * US_PER_S);
			assert_int_equal(state_of(w, 9), ISDN_CH_IDLE);
			assert_int_equal(state_of(w, 1), ISDN_CH_IDLE);
			assert_int_equal(other->gone, long_cut);
			if (!long_cut) {
				assert_int_equal(w->theirs.messages[MSG_DISCONNECT], 2);
				assert_int_equal(w->theirs.messages[MSG_RESTART], 0);
				assert_int_equal(peer_last(w, PRI_EVENT_HANGUP_REQ)->cause, 16);
				assert_int_equal(peer_count(w, PRI_EVENT_HANGUP_REQ), 2);
				stub_clear(w, other, 16);
			} else {
				assert_int_equal(stub_event(other, CALL_EV_GONE)->cause.value, 27);
				assert_int_equal(w->theirs.messages[MSG_RESTART],
						 policy == ISDN_RESTART_NEVER ? 0 : 3);
			}
			world_run_us(w, US_PER_S);
			world_assert_idle(w);
			world_destroy(w);
		}
}

/* Hung up after the D-channel was cut, before we noticed: DISCONNECT is lost with layer 2, and what
 * the peer has then is in doubt. */
void test_hang_up_before_down(void **state)
{
	(void)state;
	for (int policy = ISDN_RESTART_NEVER; policy <= ISDN_RESTART_STUCK; policy++) {
		struct world *w = world_create_up_with(ISDN_NETWORK, policy);
		struct stub_call *c;
		q931_call *pc;

		c = answered_in(w, 9, &pc);
		world_cut(w, true);
		stub_clear(w, c, 16);
		world_run_us(w, 20 * US_PER_S);
		assert_true(c->gone);
		assert_int_equal(state_of(w, 9), ISDN_CH_BLOCKED);
		world_cut(w, false);
		world_run_us(w, 10 * US_PER_S);
		assert_int_equal(peer_count(w, PRI_EVENT_HANGUP), 1); /* by its STATUS, answered 101 */
		assert_int_equal(w->theirs.messages[MSG_RESTART], policy == ISDN_RESTART_STUCK);
		world_assert_idle(w);
		world_destroy(w);
	}
}

/* Q.931 5.8.9: both send STATUS when layer 2 is back; who does not know the call says so. */
void test_far_side_lost_the_call(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++) {
		struct world *w = world_create_up(side);
		struct stub_call *in, *out, *kept;
		q931_call *pc, *lost[2];

		in = answered_in(w, 9, &lost[0]);
		out = answered_out(w, &lost[1]);
		kept = answered_in(w, 12, &pc);
		world_cut(w, true);
		world_run_us(w, 25 * US_PER_S);
		pri_destroycall(w->peer.pri, lost[0]);
		pri_destroycall(w->peer.pri, lost[1]);
		world_cut(w, false);
		world_run_us(w, 10 * US_PER_S);
		assert_true(w->theirs.messages[MSG_STATUS] >= 3);
		assert_true(w->ours.messages[MSG_STATUS] >= 1);
		assert_true(in->gone && out->gone);
		assert_false(kept->gone);
		stub_clear(w, kept, 16);
		world_run_us(w, US_PER_S);
		world_assert_idle(w);
		world_destroy(w);
	}
}

/* Layer 2 is established anew before either side gave it up: libpri would send no STATUS. */
void test_status_after_reset(void **state)
{
	static const uint8_t sabme[] = {0x02, 0x01, 0x7f};
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *in, *out;
	q931_call *pc;

	(void)state;
	in = answered_in(w, 9, &pc);
	out = answered_out(w, &pc);
	wire_inject(w, sabme, sizeof(sabme));
	assert_in_range(w->theirs.messages[MSG_STATUS], 2, 4); /* the peer's LAPD asks for them again */
	world_run_us(w, 20 * US_PER_S);
	assert_false(in->gone || out->gone);
	stub_clear(w, in, 16);
	stub_clear(w, out, 16);
	world_run_us(w, 60 * US_PER_S);
	world_assert_idle(w);
	world_destroy(w);
}

/* The peer's program is killed and back before layer 2 falls: its calls end here, and its new call
 * with the old call reference 1 is taken, even while we are still releasing the old one. */
void test_peer_restarts_quickly(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++)
		for (int clearing = 0; clearing < 2; clearing++) {
			struct world *w = world_create_up(side);
			struct stub_call *old, *out, *fresh;
			q931_call *pc;

			w->peer.deaf = clearing;
			old = answered_in(w, 9, &pc);
			out = answered_out(w, &pc);
			if (clearing) {
				stub_clear(w, old, 16);
				assert_false(old->gone);
			}
			peer_kill(w);
			w->peer.deaf = false;
			while (!w->peer.up)
				world_run_us(w, 10 * US_PER_MS);
			peer_call(w, "7", 9, 1);
			fresh = stub_last(w);
			assert_true(old->gone);
			assert_ptr_not_equal(fresh, old);
			assert_true(fresh->incoming);
			assert_string_equal(fresh->setup.called.digits, "7");
			stub_command(w, fresh, LEG_PROCEED, 0);
			stub_command(w, fresh, LEG_ANSWER, 0);
			assert_int_equal(fresh->channel.ts, 9);
			world_run_us(w, 10 * US_PER_S);
			assert_true(out->gone); /* its STATUS was answered */
			assert_false(fresh->gone);
			stub_clear(w, fresh, 16);
			world_run_us(w, US_PER_S);
			world_assert_idle(w);
			world_destroy(w);
		}
}

static void world_line(struct world *w, uint32_t alarms)
{
	struct e1_line line = {.alarms = alarms};

	isdn_span_line(w->span, w->now_us, &line);
	world_settle(w);
}

/* A red alarm: calls whose SETUP has no answer yet are told at once, not after T303; answered ones
 * live on; new ones are refused. */
void test_red_alarm(void **state)
{
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *active, *calling;
	struct call_cause cause;
	q931_call *pc;

	(void)state;
	active = answered_in(w, 9, &pc);
	calling = stub_open(w, "1");
	world_cut(w, true);
	world_line(w, E1_ALARM_LOS);
	assert_int_equal(stub_event(calling, CALL_EV_CLEARING)->cause.value, 27);
	assert_null(stub_open_cause(w, "1", &cause));
	assert_int_equal(cause.value, 27);
	assert_int_equal(active->count[CALL_EV_CLEARING], 0);
	world_run_us(w, 30 * US_PER_S);
	world_line(w, 0);
	world_cut(w, false);
	world_run_us(w, 10 * US_PER_S);
	assert_true(calling->gone);
	assert_false(active->gone);
	stub_clear(w, active, 16);
	world_run_us(w, US_PER_S);
	world_assert_idle(w);
	world_destroy(w);
}

/* Until 1.2 s after layer 2 came up SETUP waits: the peer's repeated SABME would have swallowed it.
 * Meanwhile the call can be ended, its channel taken by the peer, the D-channel lost again. */
void test_setup_waits_for_layer_2(void **state)
{
	(void)state;
	for (int what = 0; what < 4; what++) {
		struct isdn_span_cfg cfg = world_cfg(ISDN_NETWORK);
		struct world *w = world_create(&cfg);
		struct stub_call *c;

		while (!world_status(w).dchannel_up || !w->peer.up)
			world_run_us(w, 10 * US_PER_MS);
		c = stub_open(w, "1");
		world_settle(w);
		world_run_us(w, US_PER_S);
		assert_int_equal(w->theirs.messages[MSG_SETUP], 0);
		if (what == 1) {
			stub_clear(w, c, 16);
			assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 16);
		} else if (what == 2) {
			peer_call(w, "1", 31, 1); /* the one that c would have asked for */
			assert_int_equal(w->table.calls, 2);
		} else if (what == 3) {
			isdn_span_on_down(w->span);
			isdn_span_turn(w->span, w->now_us);
			assert_int_equal(stub_event(c, CALL_EV_CLEARING)->cause.value, 27);
		}
		world_run_us(w, what == 3 ? 1 : US_PER_S);
		assert_int_equal(w->theirs.messages[MSG_SETUP], what == 0 || what == 2);
		if (what == 0 || what == 2) {
			assert_int_equal(peer_ring_channel(w) & 0xff, what ? 30 : 31);
			stub_clear(w, c, 16);
		}
		if (what == 2)
			stub_clear(w, stub_last(w), 16);
		assert_int_equal(c->count[CALL_EV_GONE], 1);
		world_run_us(w, 10 * US_PER_S);
		world_destroy(w);
	}
}

/* Later, too, a SETUP can be lost in a reset of layer 2: the peer's 101 or 81 about a call that it
 * never saw brings SETUP again, once. */
void test_setup_lost_in_reset(void **state)
{
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *c;

	(void)state;
	w->theirs.cut = true;
	c = stub_open(w, "1");
	isdn_span_turn(w->span, w->now_us);
	w->theirs.cut = false;
	peer_kill(w);
	while (!peer_last(w, PRI_EVENT_RING))
		world_run_us(w, 10 * US_PER_MS);
	assert_int_equal(c->events, 0);
	pri_answer(w->peer.pri, peer_ring(w), 1, 0);
	world_settle(w);
	assert_int_equal(c->count[CALL_EV_ANSWER], 1);
	stub_clear(w, c, 16);
	world_run_us(w, US_PER_S);
	world_assert_idle(w);
	for (int i = 0; i < 2; i++) { /* a peer that always answers so is believed the second time */
		if (!i) {
			c = stub_open(w, "1");
			world_settle(w);
		}
		pri_hangup(w->peer.pri, peer_ring(w), 81);
		world_settle(w);
		assert_int_equal(c->gone, i);
	}
	world_assert_idle(w);
	world_destroy(w);
}
