/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Workers and spans that stand still for a while. */
#include "src/media_bridge/session.h"
#include "tests/unit/media_bridge/fixture.h"
#include "tests/unit/media_bridge/media_tests.h"

/* A worker that does not get the processor for a while loses nothing that the drivers kept. */
void bridge_catches_up(void **state)
{
	static struct call c;
	struct pattern_result up, down;
	struct media_stats s;
	struct fixture f;

	fixture_jb_max_ms = 80;
	fixture_init(&f, 25, 8);
	fixture_jb_max_ms = 0;
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	fixture_run(&f, 50);
	f.held_up = true;
	fixture_run(&f, 6);
	f.held_up = false;
	fixture_run(&f, 200);
	s = fixture_stats(&f, c.id);
	call_close(&f, &c, 1);
	up = peer_result(&c.peer);
	down = far_result(&f, 1, 1);
	assert_perfect(&up);
	assert_int_equal(down.lost + down.changed, 0);
	assert_int_equal(s.jb_slips + s.jb_dropped_octets + s.jb_concealed_octets, 0);
	assert_true(media_counters(f.media)->worker_late_turns > 0);
	fixture_fini(&f);
}

/* The exchange stands still for longer than its driver makes up for. The first block after that
 * comes as if nothing had been, the next one says how many are missing: by then the stream has been
 * found again, and is not to be left behind by those blocks. */
void bridge_survives_a_stopped_clock(void **state)
{
	static struct call c;
	struct pattern_result down;
	struct media_stats s;
	uint64_t before;
	struct fixture f;

	fixture_init(&f, 28, 8);
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	fixture_run(&f, 50);
	f.stopped = f.held_up = true; /* no block, no turn */
	fixture_run(&f, 60);
	f.stopped = f.held_up = false;
	fixture_run(&f, 1);
	e1_virt_lose_blocks(f.pair[0], 0, 58);
	for (unsigned i = 0; i < 58; i++) { /* in no time */
		e1_virt_step(f.pair[0]);
		fixture_run_span(&f, 0);
	}
	fixture_run(&f, 5);
	before = fixture_stats(&f, c.id).jb_concealed_octets;
	fixture_run(&f, 100);
	s = call_close(&f, &c, 1);
	down = far_result(&f, 1, 1);
	assert_int_equal(s.tdm_missed_octets, 58 * 160);
	assert_int_equal(s.jb_late_octets, 0);
	assert_int_equal(s.jb_concealed_octets, before);
	assert_in_range(down.lost, 55 * 160, 60 * 160);
	assert_true(down.good >= 150 * 160);
	fixture_fini(&f);
}

/* A driver that loses 200 ms and does not say so: the room for them in the jitter buffer is given
 * up little by little, and so is the delay that they left. */
void bridge_forgives_silent_losses(void **state)
{
	static struct session session;
	struct session_params params;
	struct media_params p;
	struct peer peer;
	struct fixture f;
	uint8_t rx[E1_BLOCK_OCTETS] = {0}, tx[E1_BLOCK_OCTETS];
	struct session_cfg cfg = {.rng = &f.rng};
	struct net_addr addr;

	fixture_init(&f, 27, 8);
	addr = fixture_addr("10.0.0.1", 9000);
	cfg.net = f.net;
	cfg.rtp = f.net->open(f.net->net, &addr);
	peer.to = addr;
	addr.port++;
	cfg.rtcp = f.net->open(f.net->net, &addr);
	fixture_peer(&f, &peer, "10.0.0.2", 30000, 3);
	addr.port--;
	peer.to = addr;
	p = fixture_params(&peer, 1, 1, MEDIA_PCMA);
	session_params_build(&params, &p);
	session_init(&session, &cfg);
	session_set(&session, &params, f.now_us);
	for (unsigned i = 0; i < 3000; i++) {
		for (unsigned k = 0; k < (i == 100 ? 10 : 1); k++) {
			f.now_us += E1_BLOCK_US;
			rtp_net_sim_step(f.sim, f.now_us);
			peer_send(&f, &peer);
		}
		session_block(&session, f.now_us, 0, rx, tx);
		assert_true(i != 101 || session.jbuf.catch_up == 8 * E1_BLOCK_OCTETS);
	}
	assert_int_equal(session.jbuf.catch_up, 0);
	assert_in_range(counter32_get(&session.jbuf.n.lead), 320, 480);
	assert_in_range(counter_get(&session.jbuf.n.slips), 8, 10);
	assert_int_equal(counter_get(&session.jbuf.n.concealed), 0);
	session_finish(&session, f.now_us);
	fixture_fini(&f);
}
