/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole bridge in virtual time: virtual E1 on one side, memory network on the other. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/media_bridge/law.h"
#include "src/media_bridge/rtcp_packet.h"
#include "src/media_bridge/session.h"
#include "src/media_bridge/tone.h"
#include "tests/unit/media_bridge/fixture.h"
#include "tests/unit/media_bridge/media_tests.h"

void bridge_is_bit_exact(void **state)
{
	static struct call c[31];
	struct fixture f;

	fixture_init(&f, 11, 64);
	for (unsigned i = 0; i < 31; i++)
		call_open(&f, &c[i], i + 1, i + 1, MEDIA_PCMA);
	fixture_seconds(&f, 20);
	for (unsigned i = 0; i < 31; i++) {
		struct media_stats s = call_close(&f, &c[i], i + 1);
		struct pattern_result up = peer_result(&c[i].peer), down;

		down = far_result(&f, 1, i + 1);
		assert_perfect(&up);
		assert_perfect(&down);
		assert_int_equal(down.first_index, 0);
		assert_true(up.good >= 8000 * 19);
		assert_true(down.good >= 8000 * 19);
		assert_int_equal(posted[i + 1].early, 1);
		assert_int_equal(c[i].peer.markers, 1);
		assert_int_equal(posted[i + 1].failed, 0);
		assert_int_equal(s.rtp_lost + s.jb_late_octets + s.jb_concealed_octets, 0);
		/* what was held at the end, and nothing else */
		assert_int_equal(s.jb_dropped_octets, 2 * 160);
		assert_int_equal(s.jb_unplayed_octets, 2 * 160);
		assert_int_equal(s.jb_slips + s.rtp_foreign + s.rtp_malformed, 0);
		assert_int_equal(s.jb_delay_us, 40000);
		assert_true(net_addr_equal(&s.latched, &c[i].peer.addr));
		assert_int_equal(s.codec, MEDIA_PCMA);
		assert_int_equal(s.ssrc_rx, c[i].peer.ssrc);
	}
	assert_int_equal(media_counters(f.media)->open, 0);
	assert_int_equal(media_counters(f.media)->ports_in_use, 0);
	assert_int_equal(media_counters(f.media)->events_dropped, 0);
	fixture_fini(&f);
}

/* Held, or before the channel is known: what comes is counted and thrown away. */
void bridge_hears_without_a_timeslot(void **state)
{
	static struct call c;
	struct media_params p;
	struct media_stats s;
	struct fixture f;

	fixture_init(&f, 24, 8);
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	p = c.params;
	p.channel.span = 0;
	media_bridge_ops.set(f.media, c.id, &p);
	fixture_run(&f, 50);
	s = fixture_stats(&f, c.id);
	assert_int_equal(posted[1].early, 1);
	assert_in_range(s.rtp_rx_octets, 160 * 45, 160 * 50);
	assert_int_equal(s.jb_dropped_octets, s.rtp_rx_octets);
	assert_int_equal(s.jb_unplayed_octets, s.rtp_rx_octets);
	assert_int_equal(c.peer.got, 0);
	media_bridge_ops.set(f.media, c.id, &c.params);
	fixture_run(&f, 50);
	assert_int_equal(c.peer.markers, 1);
	p = c.params;
	p.send = p.receive = false;
	media_bridge_ops.set(f.media, c.id, &p);
	fixture_run(&f, 20);
	media_bridge_ops.set(f.media, c.id, &c.params);
	fixture_run(&f, 50);
	assert_int_equal(c.peer.markers, 2); /* RFC 3551 4.1: after silence */
	assert_int_equal(c.peer.seq_gaps, 0);
	assert_int_equal(c.peer.ts_gap_octets, 20 * 160);
	s = call_close(&f, &c, 1);
	assert_int_equal(s.jb_concealed_octets, 2 * 160); /* the delay is built up anew after it */
	assert_int_equal(s.jb_late_octets + s.rtp_lost, 0);
	fixture_fini(&f);
}

/* Loss, jitter, reordering, duplicates: each octet that the exchange misses has been counted by
 * the network and by the session, and nothing else is missing. */
void bridge_explains_every_loss(void **state)
{
	static struct call c[8];
	struct rtp_net_sim_knobs knobs = {
	    .loss_ppm = 30000,
	    .duplicate_ppm = 10000,
	    .delay_us = 15000,
	    .jitter_us = 30000,
	    .reorder_ppm = 20000,
	    .reorder_us = 45000,
	};
	struct fixture f;

	fixture_init(&f, 12, 64);
	rtp_net_sim_set(f.sim, &knobs);
	for (unsigned i = 0; i < 8; i++)
		call_open(&f, &c[i], i + 1, i + 1, MEDIA_PCMA);
	fixture_seconds(&f, 60);
	for (unsigned i = 0; i < 8; i++) {
		struct pattern_result down;
		struct media_stats s;
		uint64_t missing, explained;

		c[i].peer.send = false;
		fixture_run(&f, 20);
		s = call_close(&f, &c[i], i + 1);
		down = far_result(&f, 1, i + 1);
		missing = down.lost + down.changed;
		explained = s.rtp_lost * 160 + s.jb_late_octets + s.jb_dropped_octets;
		assert_true(down.good > 8000 * 50);
		assert_true(s.rtp_lost > 30);
		assert_true(missing <= explained);
		/* of what was laid down, all came out: dropped holds duplicates as well */
		assert_true(down.good + s.rtp_lost * 160 + s.jb_late_octets + 160 >=
			    c[i].peer.sent * 160 - s.jb_dropped_octets);
		assert_true(s.jb_late_octets < 8000);
		assert_int_equal(down.foreign, 0);
		assert_in_range(s.jb_delay_us, 1, 200000);
		assert_true(s.jitter_us > 1000);
	}
	assert_int_equal(rtp_net_sim_counters(f.sim)->nobody, 0);
	fixture_fini(&f);
}

void bridge_latches(void **state)
{
	static struct call c;
	static struct peer other_port, stranger;
	struct fixture f;
	struct media_stats s;

	fixture_init(&f, 13, 8);
	fixture_peer(&f, &stranger, "10.0.0.66", 4000, 900);
	fixture_peer(&f, &other_port, "10.0.0.2", 5000, 3);
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	c.peer.send = false;
	stranger.to = other_port.to = c.local.rtp;
	stranger.send = true;
	fixture_run(&f, 50);
	assert_int_equal(posted[1].early, 0);
	s = fixture_stats(&f, c.id);
	assert_in_range(s.rtp_foreign, 45, 50);
	assert_int_equal(s.rtp_rx_packets, 0);
	assert_in_range(c.peer.got, 48, 50); /* meanwhile ours goes where the SDP says */
	other_port.send = true; /* the right host, another port: that is where it lives */
	fixture_run(&f, 100);
	s = fixture_stats(&f, c.id);
	assert_int_equal(posted[1].early, 1);
	assert_true(net_addr_equal(&s.latched, &other_port.addr));
	assert_true(other_port.got > 90);
	c.peer.send = true; /* too late: latched, and the socket connected */
	fixture_run(&f, 50);
	s = fixture_stats(&f, c.id);
	assert_true(net_addr_equal(&s.latched, &other_port.addr));
	assert_in_range(s.rtp_rx_packets, 145, 150);
	other_port.send = false; /* it falls silent: now the stranger's packets are seen */
	fixture_run(&f, 150);
	assert_in_range(fixture_stats(&f, c.id).rtp_foreign, s.rtp_foreign + 80,
			s.rtp_foreign + 110);
	other_port.send = true;
	fixture_run(&f, 50);
	assert_in_range(fixture_stats(&f, c.id).rtp_rx_packets, s.rtp_rx_packets + 48,
			s.rtp_rx_packets + 50);
	call_close(&f, &c, 1);
	fixture_fini(&f);
}

/* A new SDP: found again there, and only there; or anywhere, where the trunk allows it. */
void bridge_relatches(void **state)
{
	static struct call c;
	static struct peer stranger, second;
	struct fixture f;
	struct media_params moved;
	struct media_stats s;

	fixture_init(&f, 26, 8);
	fixture_peer(&f, &stranger, "10.0.0.66", 4000, 900);
	fixture_peer(&f, &second, "10.0.0.3", 6000, 3);
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	stranger.to = second.to = c.local.rtp;
	stranger.send = true;
	fixture_run(&f, 50);
	moved = fixture_params(&second, 1, 1, MEDIA_PCMA);
	media_bridge_ops.set(f.media, c.id, &c.params);
	media_bridge_ops.set(f.media, c.id, &moved); /* waits for the one before … */
	moved.relatch = false;
	media_bridge_ops.set(f.media, c.id, &moved); /* … and is overtaken, but not forgotten */
	second.send = true;
	fixture_run(&f, 100);
	s = fixture_stats(&f, c.id);
	assert_true(net_addr_equal(&s.latched, &second.addr));
	assert_in_range(second.got, 97, 101);
	assert_int_equal(posted[1].early, 1);
	moved.accept_any_source = true;
	moved.relatch = true;
	second.send = c.peer.send = false;
	media_bridge_ops.set(f.media, c.id, &moved);
	fixture_run(&f, 50);
	s = fixture_stats(&f, c.id);
	assert_true(net_addr_equal(&s.latched, &stranger.addr));
	call_close(&f, &c, 1);
	fixture_fini(&f);
}

void bridge_rings_until_rtp(void **state)
{
	static struct call c;
	struct media_params p;
	uint8_t expected[8000], *tape = malloc(40000);
	struct tone tone = {0};
	struct fixture f;

	assert_non_null(tape);
	fixture_init(&f, 14, 8);
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	c.peer.send = false;
	p = c.params;
	p.tone = CALL_TONE_RINGBACK;
	p.remote.present = false; /* a 180 without SDP */
	media_bridge_ops.set(f.media, c.id, &p);
	f.ts[0][1].tape = tape;
	f.ts[0][1].tape_size = 40000;
	fixture_seconds(&f, 2);
	tone_fill(&tone, CALL_TONE_RINGBACK, MEDIA_ALAW, expected, sizeof(expected));
	/* one block of the idle channel was on its way before */
	assert_memory_equal(tape + 160, expected, 8000);
	for (unsigned i = 8160; i < 15680; i++)
		assert_int_equal(tape[i], LAW_ALAW_IDLE);
	p.remote.present = true; /* 183 */
	media_bridge_ops.set(f.media, c.id, &p);
	fixture_seconds(&f, 4);
	c.peer.send = true;
	fixture_run(&f, 25);
	assert_true(far_result(&f, 1, 1).good > 8000 / 4);
	c.peer.send = false; /* cut through for good: silence stays silence */
	fixture_run(&f, 50);
	f.ts[0][1].tape_octets = 0;
	fixture_seconds(&f, 5);
	for (unsigned i = 0; i < 40000; i++)
		assert_int_equal(tape[i], LAW_ALAW_IDLE);
	p.relatch = true; /* nor does a new SDP bring it back */
	media_bridge_ops.set(f.media, c.id, &p);
	f.ts[0][1].tape_octets = 0;
	fixture_seconds(&f, 5);
	for (unsigned i = 320; i < 40000; i++)
		assert_int_equal(tape[i], LAW_ALAW_IDLE);
	call_close(&f, &c, 1);
	fixture_fini(&f);
	free(tape);
}

/* A-law timeslot, PCMU on the wire: the pattern's octets survive both changes. */
void bridge_changes_the_law(void **state)
{
	static struct call c;
	struct pattern_result up, down;
	struct fixture f;

	fixture_init(&f, 15, 8);
	call_open(&f, &c, 1, 1, MEDIA_PCMU);
	/* the peer speaks µ-law: what it checks and sends is converted there */
	c.peer.send = false;
	fixture_run(&f, 50);
	assert_in_range(c.peer.got, 48, 50);
	up = peer_result(&c.peer);
	assert_false(up.started);
	for (unsigned i = 0; i < 100; i++) {
		uint8_t out[RTP_HEADER_OCTETS + 160];
		struct rtp_header h = {false, MEDIA_PCMU, c.peer.seq++, c.peer.ts, c.peer.ssrc};

		rtp_encode_header(out, &h);
		c.peer.ts += 160;
		pattern_gen_fill(&c.peer.gen, out + RTP_HEADER_OCTETS, 160);
		law_convert(out + RTP_HEADER_OCTETS, out + RTP_HEADER_OCTETS, 160,
			    law_alaw_to_ulaw);
		f.net->send(f.net->net, c.peer.rtp, out, sizeof(out), &c.peer.to);
		fixture_run(&f, 1);
	}
	fixture_run(&f, 5);
	down = far_result(&f, 1, 1);
	assert_int_equal(down.good, 16000);
	assert_int_equal(down.lost + down.inserted + down.changed, 0);
	call_close(&f, &c, 1);
	fixture_fini(&f);
}

/* Another timeslot, another worker, the timeslot of an old session, none at all, a wrong one. */
void bridge_follows_a_moved_channel(void **state)
{
	static struct call c, d;
	struct media_params p;
	struct fixture f;
	struct pattern_result up;

	fixture_init(&f, 16, 8);
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	fixture_far(&f, 1, 9, 2, 3);
	fixture_far(&f, 2, 5, 2, 3);
	fixture_run(&f, 50);
	p = c.params;
	p.relatch = false;
	p.channel.ts = 9;
	media_bridge_ops.set(f.media, c.id, &p);
	fixture_run(&f, 50);
	assert_true(far_result(&f, 1, 9).good > 160 * 40);
	assert_int_equal(far_result(&f, 1, 9).lost, 0);
	p.channel.span = 2;
	p.channel.ts = 5;
	media_bridge_ops.set(f.media, c.id, &p);
	fixture_run(&f, 50);
	assert_true(far_result(&f, 2, 5).good > 160 * 40);
	assert_int_equal(far_result(&f, 2, 5).lost, 0);
	assert_int_equal(media_counters(f.media)->attached, 1);
	/* the next call gets the timeslot before the old one has let go */
	call_open(&f, &d, 2, 9, MEDIA_PCMA);
	p.channel.span = 1;
	p.channel.ts = 9;
	media_bridge_ops.set(f.media, c.id, &p);
	fixture_run(&f, 10);
	media_bridge_ops.set(f.media, d.id, &d.params);
	fixture_run(&f, 10);
	call_close(&f, &c, 1);
	pattern_check_init(&d.peer.check, 4);
	fixture_run(&f, 50);
	up = peer_result(&d.peer);
	assert_true(up.good > 160 * 40);
	assert_int_equal(up.lost, 0);
	p = d.params;
	p.relatch = false;
	p.channel.span = 0;
	media_bridge_ops.set(f.media, d.id, &p);
	fixture_run(&f, 50);
	assert_int_equal(posted[2].failed, 0);
	p.channel.span = 7;
	media_bridge_ops.set(f.media, d.id, &p);
	fixture_run(&f, 2);
	assert_int_equal(posted[2].failed, 1);
	assert_int_equal(posted[2].cause.value, CAUSE_CHANNEL_NOT_AVAILABLE);
	call_close(&f, &d, 2);
	fixture_fini(&f);
}

/* Sessions opened, set, moved and closed at random, several times within a block: each one is
 * GONE exactly once, nothing stays behind. */
void bridge_survives_a_storm(void **state)
{
	enum { LIVE = 24, CALLS = 3000 };
	static struct peer peer[LIVE];
	struct {
		slot_id id;
		struct media_desc local;
	} live[LIVE] = {0};
	unsigned next = 1;
	struct fixture f;

	fixture_init(&f, 17, LIVE + 8);
	for (unsigned i = 0; i < LIVE; i++) {
		fixture_peer(&f, &peer[i], "10.0.0.2", (uint16_t)(30000 + 2 * i), 1);
		peer[i].to = fixture_addr("10.0.0.1", 20000);
		peer[i].send = true;
	}
	while (next < CALLS) {
		unsigned i = rng_below(&f.rng, LIVE);
		struct media_params p = fixture_params(&peer[i], rng_below(&f.rng, 4),
						       rng_below(&f.rng, 33), MEDIA_PCMA);

		p.relatch = rng_below(&f.rng, 2);
		p.send = rng_below(&f.rng, 4);
		p.receive = rng_below(&f.rng, 4);
		p.tone = (enum call_tone)rng_below(&f.rng, 4);
		p.remote.ptime_ms = (uint8_t)(10 * rng_below(&f.rng, 8));
		if (!live[i].id) {
			live[i].id = fixture_open(&f, next++, &live[i].local);
			peer[i].to = live[i].local.rtp;
		} else if (rng_below(&f.rng, 5)) {
			media_bridge_ops.set(f.media, live[i].id, &p);
		} else {
			media_bridge_ops.close(f.media, live[i].id);
			media_bridge_ops.set(f.media, live[i].id, &p);
			live[i].id = 0;
		}
		if (rng_below(&f.rng, 3) == 0)
			media_turn(f.media, f.now_us);
		if (rng_below(&f.rng, 6) == 0 || media_counters(f.media)->open >= LIVE + 4)
			fixture_run(&f, 1 + rng_below(&f.rng, 5));
	}
	for (unsigned i = 0; i < LIVE; i++)
		if (live[i].id)
			media_bridge_ops.close(f.media, live[i].id);
	fixture_run(&f, 3);
	for (unsigned i = 1; i < next; i++) {
		assert_int_equal(posted[i].gone, 1);
		assert_true(posted[i].early <= 1);
		assert_sums(&posted[i].stats);
	}
	assert_int_equal(media_counters(f.media)->open, 0);
	assert_int_equal(media_counters(f.media)->attached, 0);
	assert_int_equal(media_counters(f.media)->ports_in_use, 0);
	assert_int_equal(media_counters(f.media)->events_dropped, 0);
	fixture_fini(&f);
}

/* The peer's media server changes under way: another SSRC, another clock, nothing lost by it. */
void bridge_takes_a_new_ssrc(void **state)
{
	static struct call c;
	struct pattern_result down;
	struct media_stats s;
	struct fixture f;

	fixture_init(&f, 23, 8);
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	for (unsigned i = 0; i < 10; i++) {
		fixture_run(&f, 50);
		c.peer.ssrc = rng_u32(&f.rng);
		c.peer.seq = (uint16_t)(i % 2 ? rng_u32(&f.rng) : c.peer.seq - 50u);
		c.peer.ts = i % 2 ? rng_u32(&f.rng) : c.peer.ts - 4000;
	}
	c.peer.send = false;
	fixture_run(&f, 5);
	s = call_close(&f, &c, 1);
	down = far_result(&f, 1, 1);
	/* the two packets that were held each time */
	assert_int_equal(down.good, 160 * (c.peer.sent - 9 * 2));
	assert_int_equal(s.jb_dropped_octets, 160 * 9 * 2);
	assert_int_equal(s.jb_unplayed_octets, 0); /* each was meant to be heard */
	assert_int_equal(s.rtp_lost, 0);
	assert_int_equal(s.jb_slips, 9);
	assert_int_equal(posted[1].early, 1);
	fixture_fini(&f);
}

void bridge_counts_missed_blocks(void **state)
{
	static struct call c;
	struct pattern_result up;
	struct media_stats s;
	struct fixture f;

	fixture_init(&f, 18, 8);
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	fixture_run(&f, 50);
	e1_virt_lose_blocks(f.pair[0], 0, 3);
	fixture_run(&f, 50);
	s = fixture_stats(&f, c.id); /* what was to be played meanwhile is gone, not delayed */
	assert_int_equal(s.jb_delay_us, 40000);
	assert_int_equal(s.jb_dropped_octets + s.jb_late_octets, 3 * 160);
	e1_virt_lose_blocks(f.pair[0], 0, 1);
	fixture_run(&f, 50);
	e1_virt_unplug(f.pair[0], true);
	fixture_run(&f, 50);
	assert_int_equal(f.line[1].alarms, E1_ALARM_LOS);
	e1_virt_unplug(f.pair[0], false);
	fixture_run(&f, 50);
	assert_int_equal(f.line[1].alarms, 0);
	s = call_close(&f, &c, 1);
	up = peer_result(&c.peer);
	assert_int_equal(up.lost, 4 * 160); /* the exchange sent nothing while unplugged */
	assert_int_equal(up.changed + up.inserted, 0);
	assert_int_equal(s.tdm_missed_octets, (4 + 50) * 160);
	assert_int_equal(c.peer.ts_gap_octets, (4 + 50) * 160);
	assert_int_equal(c.peer.seq_gaps, 0);
	assert_in_range(s.jb_delay_us, 20000, 60000);
	fixture_fini(&f);
}

void bridge_packet_times(void **state)
{
	static struct call c[6];
	struct fixture f;

	fixture_init(&f, 19, 8);
	for (unsigned i = 0; i < 6; i++) {
		struct media_params p;

		call_open(&f, &c[i], i + 1, i + 1, MEDIA_PCMA);
		p = c[i].params;
		p.remote.ptime_ms = (uint8_t)(10 * (i + 1));
		media_bridge_ops.set(f.media, c[i].id, &p);
		c[i].peer.packet_octets = 80 * (i + 1);
		c[i].peer.period_us = 10000 * (i + 1);
	}
	fixture_run(&f, 602);
	for (unsigned i = 0; i < 6; i++) /* in the middle of a packet of some */
		media_bridge_ops.set(f.media, c[i].id, &c[i].params);
	fixture_run(&f, 1);
	for (unsigned i = 0; i < 6; i++) {
		struct pattern_result up = peer_result(&c[i].peer);
		struct pattern_result down = far_result(&f, 1, i + 1);

		assert_perfect(&up);
		assert_true(down.started);
		assert_int_equal(down.lost + down.changed + down.foreign, 0);
		assert_true(down.good > 160 * 590);
		assert_int_equal(c[i].peer.seq_gaps + c[i].peer.ts_gap_octets, 0);
		assert_in_range(c[i].peer.got, 1206 / (i + 1) - 6, 1206 / (i + 1) + 2);
		assert_in_range(up.good, 160 * 594, 160 * 603);
	}
	for (unsigned i = 0; i < 6; i++)
		call_close(&f, &c[i], i + 1);
	fixture_fini(&f);
}

/* The peer's reports come from a port of its own, an SR each, a block after ours. */
struct reporter {
	int handle;
	struct rtcp_compound in, out;
	struct net_addr to;
	unsigned heard, elsewhere;
};

static void reporter_turn(struct fixture *f, struct call *c, struct reporter *r)
{
	uint8_t buf[1500];
	ssize_t n;

	if (r->out.block_count) {
		n = rtcp_encode(buf, sizeof(buf), &r->out);
		f->net->send(f->net->net, r->handle, buf, (size_t)n, &r->to);
		r->out.block_count = 0;
	}
	n = f->net->recv(f->net->net, c->peer.rtcp, buf, sizeof(buf), &r->to);
	r->elsewhere += n > 0;
	if (n == 0)
		n = f->net->recv(f->net->net, r->handle, buf, sizeof(buf), &r->to);
	if (n <= 0)
		return;
	assert_int_equal(rtcp_decode(buf, (size_t)n, &r->in), 0);
	assert_true(r->in.sender);
	assert_int_equal(strlen(r->in.cname), 24);
	assert_int_equal(r->in.octets, r->in.packets * 160);
	assert_int_equal(r->to.port, c->local.rtcp.port);
	r->heard++;
	r->out = (struct rtcp_compound){.ssrc = c->peer.ssrc, .sender = true, .block_count = 1};
	r->out.ntp = 0x123456789abcdef0ULL;
	r->out.block[0].ssrc = r->in.ssrc;
	r->out.block[0].lost = 17;
	r->out.block[0].lsr = (uint32_t)(r->in.ntp >> 16);
	r->out.block[0].dlsr = 65536 / 50;
}

void bridge_reports_by_rtcp(void **state)
{
	static struct call c;
	struct rtp_net_sim_knobs knobs = {.delay_us = 35000};
	struct net_addr own = fixture_addr("10.0.0.2", 7777);
	struct net_addr other = fixture_addr("10.0.0.66", 7777);
	struct rtcp_compound lie = {.block_count = 1, .block = {{.lost = 99}}};
	int stranger;
	struct reporter r = {0};
	struct fixture f;
	struct media_stats s;
	uint8_t buf[1500];
	ssize_t n;

	fixture_init(&f, 20, 8);
	rtp_net_sim_set(f.sim, &knobs);
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	r.handle = f.net->open(f.net->net, &own);
	stranger = f.net->open(f.net->net, &other);
	lie.block[0].ssrc = fixture_stats(&f, c.id).ssrc_tx;
	n = rtcp_encode(buf, sizeof(buf), &lie);
	for (unsigned i = 0; i < 60 * 50; i++) {
		fixture_run(&f, 1);
		reporter_turn(&f, &c, &r);
		if (i % 50 == 0)
			f.net->send(f.net->net, stranger, buf, (size_t)n, &c.local.rtcp);
	}
	assert_in_range(r.heard, 8, 30);  /* each 2 … 6 s */
	assert_int_equal(r.elsewhere, 1); /* the first one, where the SDP says */
	assert_int_equal(r.in.block_count, 1);
	assert_int_equal(r.in.block[0].ssrc, c.peer.ssrc);
	assert_int_equal(r.in.block[0].lost, 0);
	assert_int_equal(r.in.block[0].lsr, 0x56789abc);
	assert_in_range(r.in.block[0].dlsr, 65536, 65536 * 7);
	s = fixture_stats(&f, c.id);
	assert_int_equal(s.remote_lost, 17);
	assert_in_range(s.rtp_foreign, 58, 60);
	assert_in_range(s.rtt_us, 70000, 90000); /* the peer reads once a block */
	call_close(&f, &c, 1);
	fixture_run(&f, 5);
	n = f.net->recv(f.net->net, r.handle, buf, sizeof(buf), NULL);
	assert_int_equal(rtcp_decode(buf, (size_t)(n > 0 ? n : 0), &r.in), 0);
	assert_true(r.in.bye);
	fixture_fini(&f);
}

void bridge_bad_packets_are_counted(void **state)
{
	static struct call c;
	struct pattern_result down;
	struct media_stats s;
	struct fixture f;

	fixture_init(&f, 22, 8);
	call_open(&f, &c, 1, 1, MEDIA_PCMA);
	for (unsigned i = 0; i < 2000; i++) {
		uint8_t junk[1600];
		size_t len = 1 + rng_below(&f.rng, sizeof(junk));

		for (size_t k = 0; k < len; k++)
			junk[k] = (uint8_t)rng_u32(&f.rng);
		if (len > 1 && (junk[1] & 0x7f) == MEDIA_PCMA)
			junk[1] = 99;
		f.net->send(f.net->net, c.peer.rtp, junk, len, &c.peer.to);
		f.net->send(f.net->net, c.peer.rtcp, junk, len, &c.local.rtcp);
		if (i % 5 == 0)
			fixture_run(&f, 1);
	}
	fixture_run(&f, 50);
	s = call_close(&f, &c, 1);
	down = far_result(&f, 1, 1);
	assert_perfect(&down);
	assert_true(s.rtp_malformed >= 2000);
	assert_true(posted[1].early == 1);
	fixture_fini(&f);
}
