/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/media_bridge/fixture.h"

#include <string.h>

#include "tests/unit/media_bridge/media_tests.h"

struct posted posted[FIXTURE_CALLS];
uint16_t fixture_jb_max_ms;

/* Stands for the call table. */
void call_table_post(struct call_table *t, call_id call, const struct call_event *event)
{
	struct posted *p = &posted[call];

	assert_true(call < FIXTURE_CALLS);
	assert_int_equal(p->gone, 0);
	switch (event->type) {
	case CALL_EV_EARLY_RTP:
		p->early++;
		break;
	case CALL_EV_MEDIA_GONE:
		p->gone++;
		p->stats = event->stats;
		break;
	case CALL_EV_MEDIA_FAILED:
		p->failed++;
		p->cause = event->cause;
		break;
	default:
		p->other++;
	}
}

static void on_line(void *arg, int64_t now_us, uint16_t span, const struct e1_line *line)
{
	struct fixture *f = arg;

	f->lines++;
	f->line[span] = *line;
}

void fixture_init(struct fixture *f, uint64_t seed, unsigned sessions_max)
{
	struct media_cfg cfg = {
	    .sessions_max = sessions_max,
	    .rtp_port_min = 20000,
	    .rtp_port_max = 20199,
	    .rng = &f->rng,
	    .jb_max_ms = fixture_jb_max_ms,
	    .on_line = on_line,
	    .on_line_arg = f,
	};

	memset(f, 0, sizeof(*f));
	memset(posted, 0, sizeof(posted));
	print_message("seed %llu\n", (unsigned long long)seed);
	rng_init_seed(&f->rng, seed);
	f->now_us = 1000000;
	assert_int_equal(rtp_net_sim_create(&f->sim, seed), 0);
	f->net = rtp_net_sim_ops(f->sim);
	cfg.net = f->net;
	assert_int_equal(media_create(&f->media, &cfg), 0);
	media_bind_calls(f->media, (struct call_table *)f);
	for (unsigned i = 0; i < FIXTURE_SPANS; i++) {
		struct e1_span end[2];

		assert_int_equal(e1_virt_pair_create(&f->pair[i], end), 0);
		f->near[i] = end[0];
		f->far[i] = end[1];
		f->near[i].number = (uint16_t)(i + 1);
		assert_int_equal(media_worker_create(f->media, &f->worker[i]), 0);
		assert_int_equal(media_worker_add_span(f->worker[i], &f->near[i]), 0);
	}
}

void fixture_fini(struct fixture *f)
{
	media_destroy(f->media);
	for (unsigned i = 0; i < FIXTURE_SPANS; i++) {
		f->near[i].ops->close(&f->near[i]);
		f->far[i].ops->close(&f->far[i]);
	}
	rtp_net_sim_destroy(f->sim);
}

static void far_block(void *arg, unsigned ts, unsigned missed, const uint8_t rx[E1_BLOCK_OCTETS],
		      uint8_t tx[E1_BLOCK_OCTETS])
{
	struct far_ts *t = &((struct far_ts *)arg)[ts];

	memcpy(t->last, rx, E1_BLOCK_OCTETS);
	pattern_check_feed(&t->check, 0, rx, E1_BLOCK_OCTETS);
	if (t->tape && t->tape_octets + E1_BLOCK_OCTETS <= t->tape_size) {
		memcpy(t->tape + t->tape_octets, rx, E1_BLOCK_OCTETS);
		t->tape_octets += E1_BLOCK_OCTETS;
	}
	if (t->pattern)
		pattern_gen_fill(&t->gen, tx, E1_BLOCK_OCTETS);
	else
		memset(tx, t->fill, E1_BLOCK_OCTETS);
}

static void peer_receive(struct fixture *f, struct peer *p)
{
	uint8_t in[2048];
	ssize_t n;

	while ((n = f->net->recv(f->net->net, p->rtp, in, sizeof(in), NULL)) > 0) {
		const uint8_t *payload;
		struct rtp_header h;
		size_t octets;

		assert_int_equal(rtp_decode(in, (size_t)n, &h, &payload, &octets), 0);
		if (p->got++) {
			p->ts_gap_octets += h.timestamp - p->last_ts;
			p->seq_gaps += (uint16_t)(h.seq - p->last_seq - 1);
		}
		p->last_ts = h.timestamp + (uint32_t)octets;
		p->last_seq = h.seq;
		p->markers += h.marker;
		p->got_octets += octets;
		pattern_check_feed(&p->check, f->now_us, payload, octets);
	}
}

void peer_send(struct fixture *f, struct peer *p)
{
	uint8_t out[RTP_HEADER_OCTETS + 1440];
	struct rtp_header h = {p->marker_next, p->payload_type, p->seq++, p->ts, p->ssrc};

	rtp_encode_header(out, &h);
	pattern_gen_fill(&p->gen, out + RTP_HEADER_OCTETS, p->packet_octets);
	p->marker_next = false;
	p->ts += p->packet_octets;
	p->sent++;
	assert_true(f->net->send(f->net->net, p->rtp, out, RTP_HEADER_OCTETS + p->packet_octets,
				 &p->to) > 0);
}

void fixture_run_span(struct fixture *f, unsigned i)
{
	f->far[i].ops->run(&f->far[i], f->now_us, far_block, f->ts[i]);
	if (!f->held_up)
		media_worker_turn(f->worker[i], f->now_us);
}

/* One block: RTP peers first, then the E1, then control. */
static void fixture_step(struct fixture *f)
{
	f->now_us += E1_BLOCK_US;
	for (unsigned i = 0; i < f->peers; i++) {
		struct peer *p = f->peer[i];

		if (!p->send)
			p->next_us = f->now_us;
		while (p->send && p->next_us <= f->now_us - E1_BLOCK_US / 2) {
			rtp_net_sim_step(f->sim, p->next_us);
			peer_send(f, p);
			p->next_us += p->period_us;
		}
	}
	rtp_net_sim_step(f->sim, f->now_us);
	for (unsigned i = 0; i < FIXTURE_SPANS; i++) {
		if (!f->stopped)
			e1_virt_step(f->pair[i]);
		fixture_run_span(f, i);
	}
	for (unsigned i = 0; i < f->peers; i++)
		peer_receive(f, f->peer[i]);
	media_turn(f->media, f->now_us);
}

void fixture_run(struct fixture *f, unsigned blocks)
{
	while (blocks--)
		fixture_step(f);
}

void fixture_seconds(struct fixture *f, unsigned seconds)
{
	fixture_run(f, seconds * 50);
}

struct net_addr fixture_addr(const char *host, uint16_t port)
{
	struct net_addr a;

	assert_int_equal(net_addr_parse(&a, host), 0);
	a.port = port;
	return a;
}

void fixture_peer(struct fixture *f, struct peer *p, const char *host, uint16_t port,
		  uint16_t stream)
{
	struct net_addr beside;

	memset(p, 0, sizeof(*p));
	p->addr = fixture_addr(host, port);
	beside = p->addr;
	beside.port++;
	p->rtp = f->net->open(f->net->net, &p->addr);
	p->rtcp = f->net->open(f->net->net, &beside);
	assert_true(p->rtp >= 0 && p->rtcp >= 0);
	p->payload_type = MEDIA_PCMA;
	p->packet_octets = 160;
	p->period_us = 20000;
	p->next_us = f->now_us;
	p->marker_next = true;
	p->seq = (uint16_t)rng_u32(&f->rng);
	p->ts = rng_u32(&f->rng);
	p->ssrc = rng_u32(&f->rng);
	pattern_gen_init(&p->gen, stream);
	pattern_check_init(&p->check, (uint16_t)(stream ^ 1));
	f->peer[f->peers++] = p;
}

void fixture_far(struct fixture *f, unsigned span, unsigned ts, uint16_t gen, uint16_t check)
{
	struct far_ts *t = &f->ts[span - 1][ts];

	t->pattern = true;
	pattern_gen_init(&t->gen, gen);
	pattern_check_init(&t->check, check);
	if (!t->on)
		f->far[span - 1].ops->ts_enable(&f->far[span - 1], ts, true);
	t->on = true;
}

slot_id fixture_open(struct fixture *f, call_id call, struct media_desc *local)
{
	struct net_addr bind = fixture_addr("10.0.0.1", 0);
	slot_id id = 0;

	memset(local, 0, sizeof(*local));
	assert_int_equal(media_bridge_ops.open(f->media, call, &bind, &bind, &id, local), 0);
	return id;
}

struct media_params fixture_params(const struct peer *p, unsigned span, unsigned ts,
				   enum media_codec codec)
{
	struct media_params m = {
	    .channel = {.span = (uint16_t)span, .ts = (uint8_t)ts, .law = MEDIA_ALAW},
	    .remote = {.present = true,
		       .direction = MEDIA_SENDRECV,
		       .format_count = 1,
		       .format = {{codec, (uint8_t)codec}},
		       .rtp = p->addr},
	    .send = true,
	    .receive = true,
	    .relatch = true,
	};

	m.remote.rtcp = p->addr;
	m.remote.rtcp.port++;
	return m;
}

struct media_stats fixture_stats(struct fixture *f, slot_id session)
{
	struct media_stats s;

	media_bridge_ops.stats(f->media, session, &s);
	return s;
}

void assert_sums(const struct media_stats *s)
{
	assert_int_equal(s->tdm_tx_octets, s->rtp_rx_octets - s->jb_late_octets -
					       s->jb_dropped_octets + s->jb_concealed_octets);
	assert_true(s->jb_unplayed_octets <= s->jb_dropped_octets);
}

/* ── calls ── */

void call_open(struct fixture *f, struct call *c, unsigned number, unsigned ts,
	       enum media_codec codec)
{
	uint16_t to_sip = (uint16_t)(2 * number), to_isdn = (uint16_t)(to_sip + 1);

	fixture_peer(f, &c->peer, "10.0.0.2", (uint16_t)(30000 + 2 * number), to_isdn);
	c->peer.payload_type = (uint8_t)codec;
	c->ts = ts;
	fixture_far(f, 1, ts, to_sip, to_isdn);
	c->id = fixture_open(f, number, &c->local);
	c->peer.to = c->local.rtp;
	c->params = fixture_params(&c->peer, 1, ts, codec);
	media_bridge_ops.set(f->media, c->id, &c->params);
	c->peer.send = true;
}

struct media_stats call_close(struct fixture *f, struct call *c, unsigned number)
{
	media_bridge_ops.close(f->media, c->id);
	media_bridge_ops.close(f->media, c->id);
	fixture_run(f, 2);
	assert_int_equal(posted[number].gone, 1);
	assert_sums(&posted[number].stats);
	return posted[number].stats;
}

struct pattern_result far_result(struct fixture *f, unsigned span, unsigned ts)
{
	struct pattern_result r;

	pattern_check_end(&f->ts[span - 1][ts].check, &r);
	return r;
}

struct pattern_result peer_result(struct peer *p)
{
	struct pattern_result r;

	pattern_check_end(&p->check, &r);
	return r;
}

void assert_perfect(const struct pattern_result *r)
{
	assert_true(r->started);
	assert_int_equal(r->lost, 0);
	assert_int_equal(r->inserted, 0);
	assert_int_equal(r->changed, 0);
	assert_int_equal(r->foreign, 0);
}
