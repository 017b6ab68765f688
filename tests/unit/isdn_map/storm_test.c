/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything at once, from a seed: calls both ways with random channels, answers and clearings
 * from both ends, lost frames, cut D-channels, RESTARTs. At the end nothing may be left. */
#include "tests/unit/isdn_map/tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/isdn_map/harness.h"

enum { STORM_STEPS = 12000, PEER_CALLS = 64 };

static int peer_crv(struct world *w, q931_call *c)
{
	int mode = 0, crv = pri_get_crv(w->peer.pri, c, &mode);

	return crv < 0 ? -1 : crv << 3 | mode;
}

/* May be stale: libpri checks the pointer, and the reference tells when the memory has become
 * another call. */
static struct {
	q931_call *call;
	int crv;
} peer_calls[PEER_CALLS];

static void remember(struct world *w, q931_call *c)
{
	unsigned i = rng_below(&w->rng, PEER_CALLS);

	peer_calls[i].call = c;
	peer_calls[i].crv = peer_crv(w, c);
}

static q931_call *recall(struct world *w)
{
	unsigned i = rng_below(&w->rng, PEER_CALLS);

	if (peer_calls[i].call && peer_crv(w, peer_calls[i].call) == peer_calls[i].crv)
		return peer_calls[i].call;
	return NULL;
}

static void on_peer_event(struct world *w, const pri_event *ev)
{
	switch (ev->e) {
	case PRI_EVENT_RING:
		remember(w, ev->ring.call);
		if (!rng_below(&w->rng, 3)) /* sometimes on a channel of its own choice */
			pri_proceeding(w->peer.pri, ev->ring.call,
				       rng_below(&w->rng, 4) ? ev->ring.channel
							     : (int)rng_below(&w->rng, 34),
				       0);
		break;
	case PRI_EVENT_HANGUP:
	case PRI_EVENT_HANGUP_REQ:
		if (ev->e == PRI_EVENT_HANGUP || rng_below(&w->rng, 20))
			pri_hangup(w->peer.pri, ev->hangup.call, ev->hangup.cause);
		break;
	default:
		break;
	}
}

static void peer_step(struct world *w)
{
	static const int causes[] = {16, 17, 1, 34, 44, 88, 26, 6, 127, 31};
	q931_call *c = recall(w);
	struct pri *pri = w->peer.pri;

	libclock_set(w->now_us);
	switch (rng_below(&w->rng, 8)) {
	case 0:
	case 1:
		if (w->peer.up) {
			int channel = rng_below(&w->rng, 4) ? (int)rng_below(&w->rng, 33) : 0xff;

			remember(w, peer_call(w, "493055", channel, (int)rng_below(&w->rng, 2)));
		}
		break;
	case 2:
		pri_proceeding(pri, c, 0, 0);
		break;
	case 3:
		pri_acknowledge(pri, c, 0, (int)rng_below(&w->rng, 2));
		break;
	case 4:
		pri_answer(pri, c, 0, 0);
		break;
	case 5:
	case 6:
		pri_hangup(pri, c, causes[rng_below(&w->rng, sizeof(causes) / sizeof(*causes))]);
		break;
	default:
		if (!rng_below(&w->rng, 10) && w->peer.up)
			pri_reset(pri, 1 + (int)rng_below(&w->rng, 31));
		break;
	}
}

static void our_step(struct world *w)
{
	struct call_cause cause;
	enum leg_cmd_type type;
	struct stub_call *c;

	if (!rng_below(&w->rng, 6)) {
		stub_open_cause(w, "30444", &cause);
		return;
	}
	if (!w->table.calls)
		return;
	/* one of the younger ones */
	c = &w->table.call[w->table.calls - 1 -
			   rng_below(&w->rng, w->table.calls < 40 ? w->table.calls : 40)];
	if (c->gone)
		return;
	if (!rng_below(&w->rng, 3)) {
		stub_clear(w, c, (uint8_t)(1 + rng_below(&w->rng, 127)));
		return;
	}
	type = (enum leg_cmd_type)rng_below(&w->rng, LEG_CLEAR);
	stub_command(w, c, type, rng_below(&w->rng, 2) ? CALL_PI_8 : 0);
}

/* No two living calls on one channel; the status agrees with the events. */
static void check(struct world *w)
{
	struct isdn_span_status st = world_status(w);
	uint32_t taken = 0;
	unsigned busy = 0;

	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		busy += st.channel[ts].state == ISDN_CH_BUSY;
	assert_int_equal(busy, st.busy);
	for (unsigned i = 0; i < w->table.calls; i++) {
		struct stub_call *c = &w->table.call[i];

		assert_true(c->count[CALL_EV_GONE] <= 1);
		assert_true(c->count[CALL_EV_CHANNEL] <= 1);
		assert_true(c->count[CALL_EV_ANSWER] <= 1);
		assert_true(c->count[CALL_EV_CLEARING] <= 1);
		if (c->gone || !c->channel.ts || c->cleared)
			continue;
		assert_false(taken >> c->channel.ts & 1);
		taken |= 1u << c->channel.ts;
		assert_int_equal(st.channel[c->channel.ts].call, c->id);
	}
}

static void storm(enum isdn_side side, enum isdn_restart_policy restart, uint64_t seed)
{
	struct world *w = world_create_up_with(side, restart);
	unsigned ways[2] = {0};

	rng_init_seed(&w->rng, seed);
	memset(peer_calls, 0, sizeof(peer_calls));
	w->peer.on_event = on_peer_event;
	for (unsigned step = 0; step < STORM_STEPS && w->table.calls < STUB_CALLS - 4; step++) {
		if (!rng_below(&w->rng, 200))
			world_cut(w, !w->ours.cut);
		if (!rng_below(&w->rng, 100))
			w->ours.drop_per_1000 = rng_below(&w->rng, 3) ? 0 : rng_below(&w->rng, 300);
		w->theirs.drop_per_1000 = w->ours.drop_per_1000;
		w->table.busy = !rng_below(&w->rng, 4);
		/* a peer without pri->up knows nothing of the D-channel: ask layer 2 by its calls
		 */
		w->peer.up = world_status(w).dchannel_up;
		if (rng_below(&w->rng, 2))
			peer_step(w);
		else
			our_step(w);
		world_settle(w);
		if (!rng_below(&w->rng, 4))
			world_run_us(w, rng_below(&w->rng, w->ours.cut ? 20000000 : 1000000));
		check(w);
	}
	world_cut(w, false);
	w->ours.drop_per_1000 = w->theirs.drop_per_1000 = 0;
	w->table.busy = false;
	world_run_us(w, 30 * US_PER_S);
	for (unsigned i = 0; i < w->table.calls; i++) {
		ways[w->table.call[i].incoming]++;
		if (!w->table.call[i].gone)
			stub_clear(w, &w->table.call[i], 16);
	}
	world_run_us(w, 200 * US_PER_S);
	world_assert_idle(w);
	printf("# storm seed %llu: %u in, %u out, %llu refused, %llu glare\n",
	       (unsigned long long)seed, ways[1], ways[0],
	       (unsigned long long)world_status(w).refused,
	       (unsigned long long)world_status(w).glare);
	assert_true(ways[0] > 50 && ways[1] > 50);
	world_destroy(w);
}

void test_storm_user(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++)
		storm(ISDN_USER, (enum isdn_restart_policy)(seed % 3), seed);
}

void test_storm_network(void **state)
{
	(void)state;
	for (uint64_t seed = 101; seed <= 103; seed++)
		storm(ISDN_NETWORK, (enum isdn_restart_policy)(seed % 3), seed);
}
