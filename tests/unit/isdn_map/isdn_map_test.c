/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/isdn_map/harness.h"

static void assert_all_idle(struct world *w)
{
	struct isdn_span_status st = world_status(w);

	assert_int_equal(st.busy, 0);
	for (unsigned ts = 0; ts < E1_TIMESLOTS; ts++)
		assert_int_not_equal(st.channel[ts].state, ISDN_CH_BUSY);
	for (unsigned i = 0; i < w->table.calls; i++)
		assert_int_equal(w->table.call[i].count[CALL_EV_GONE], 1);
}

static void incoming_call(void **state, enum isdn_side side)
{
	struct world *w = world_create_up(side);
	struct stub_call *c;

	(void)state;
	peer_call(w, "4930555", 3, 0);
	c = stub_last(w);
	assert_string_equal(c->setup.called.digits, "4930555");
	stub_command(w, c, LEG_PROCEED, 0);
	assert_non_null(peer_last(w, PRI_EVENT_PROCEEDING));
	assert_int_equal(c->channel.ts, 3);
	stub_command(w, c, LEG_ALERT, CALL_PI_8);
	assert_int_equal(peer_last(w, PRI_EVENT_RINGING)->mask, PRI_PROG_INBAND_AVAILABLE);
	stub_command(w, c, LEG_ANSWER, 0);
	assert_non_null(peer_last(w, PRI_EVENT_ANSWER));
	assert_int_equal(c->count[CALL_EV_CONFIRMED], 1);
	stub_clear(w, c, 16);
	assert_int_equal(peer_last(w, PRI_EVENT_HANGUP_REQ)->cause, 16);
	assert_all_idle(w);
	world_destroy(w);
}

static void test_incoming_user(void **state)
{
	incoming_call(state, ISDN_USER);
}

static void test_incoming_network(void **state)
{
	incoming_call(state, ISDN_NETWORK);
}

static void outgoing_call(void **state, enum isdn_side side)
{
	struct world *w = world_create_up(side);
	struct stub_call *c = stub_open(w, "30444");
	q931_call *pc;

	(void)state;
	world_settle(w);
	pc = peer_last(w, PRI_EVENT_RING)->call;
	assert_string_equal(w->peer.last_ring.ring.callednum, "30444");
	assert_int_equal(w->peer.last_ring.ring.channel & 0xff, side == ISDN_USER ? 1 : 31);
	pri_proceeding(w->peer.pri, pc, w->peer.last_ring.ring.channel, 0);
	world_settle(w);
	assert_int_equal(c->count[CALL_EV_PROCEEDING], 1);
	assert_int_equal(c->channel.ts, side == ISDN_USER ? 1 : 31);
	pri_acknowledge(w->peer.pri, pc, w->peer.last_ring.ring.channel, 1);
	world_settle(w);
	assert_int_equal(stub_event(c, CALL_EV_ALERTING)->pi, CALL_PI_8);
	pri_answer(w->peer.pri, pc, w->peer.last_ring.ring.channel, 0);
	world_settle(w);
	assert_int_equal(c->count[CALL_EV_ANSWER], 1);
	pri_hangup(w->peer.pri, pc, 16);
	world_settle(w);
	assert_int_equal(stub_event(c, CALL_EV_CLEARING)->cause.value, 16);
	assert_all_idle(w);
	world_destroy(w);
}

static void test_outgoing_user(void **state)
{
	outgoing_call(state, ISDN_USER);
}

static void test_outgoing_network(void **state)
{
	outgoing_call(state, ISDN_NETWORK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_incoming_user),
	    cmocka_unit_test(test_incoming_network),
	    cmocka_unit_test(test_outgoing_user),
	    cmocka_unit_test(test_outgoing_network),
	};

	return cmocka_run_group_tests_name("isdn_map", tests, NULL, NULL);
}
