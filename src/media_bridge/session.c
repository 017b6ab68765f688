/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/media_bridge/session.h"

#include <errno.h>
#include <string.h>

#include "src/media_bridge/law.h"

enum {
	PACKETS_PER_TICK = 64, /* a flood must not hold up the other sessions of the span */
	RECV_OCTETS = 2048,
	SILENT_TICKS = 100,
	DEBT_MAX_US = 1000000, /* the span was dead, not late */
};

/* ── control ── */

void session_params_build(struct session_params *out, const struct media_params *p)
{
	const struct media_format *format = &p->remote.format[0];
	bool known = p->remote.present && !p->remote.rejected && p->remote.format_count > 0;
	enum media_law tdm_law = p->channel.law;
	unsigned ptime = p->remote.ptime_ms ? p->remote.ptime_ms : 20;

	ptime = ptime / 10 * 10;
	if (ptime < 10)
		ptime = 10;
	if (ptime > SESSION_PTIME_MAX_MS)
		ptime = SESSION_PTIME_MAX_MS;
	memset(out, 0, sizeof(*out));
	out->p = *p;
	out->rtp_law = tdm_law;
	out->packet_octets = (uint16_t)(ptime * 8);
	if (!known)
		return;
	out->known = true;
	out->send = p->send && p->remote.rtp.port && !net_addr_is_any(&p->remote.rtp);
	out->receive = p->receive;
	out->payload_type = format->payload_type;
	out->rtp_law = format->codec == MEDIA_PCMU ? MEDIA_ULAW : MEDIA_ALAW;
	if (out->rtp_law != tdm_law) {
		bool ulaw = out->rtp_law == MEDIA_ULAW;

		out->to_rtp = ulaw ? law_alaw_to_ulaw : law_ulaw_to_alaw;
		out->to_tdm = ulaw ? law_ulaw_to_alaw : law_alaw_to_ulaw;
	}
}

void session_init(struct session *s, const struct session_cfg *cfg)
{
	memset(s, 0, sizeof(*s));
	s->net = cfg->net;
	s->rtp = cfg->rtp;
	s->rtcp = cfg->rtcp;
	rng_init_seed(&s->rng, rng_u64(cfg->rng));
	s->ssrc = rng_u32(cfg->rng);
	s->tx_seq = (uint16_t)rng_u32(cfg->rng);
	s->tx_ts = rng_u32(cfg->rng);
	rng_hex(cfg->rng, s->cname, SESSION_CNAME_DIGITS);
	s->ticks = s->ssrc; /* spreads what sessions do now and then over the ticks */
	jbuf_init(&s->jbuf, &cfg->jbuf);
}

/* ── counters for other threads ── */

static void publish_latch(struct session *s)
{
	uint64_t words[4] = {0};
	uint32_t version = counter32_get(&s->n.latch_version);

	_Static_assert(sizeof(s->peer) <= sizeof(words), "an address fits");
	memcpy(words, &s->peer, sizeof(s->peer));
	counter32_set(&s->n.latch_version, version + 1);
	for (unsigned i = 0; i < 4; i++)
		atomic_store_explicit(&s->n.latch[i], words[i], memory_order_release);
	atomic_store_explicit(&s->n.latch_version, version + 2, memory_order_release);
}

static void read_latch(const struct session *s, struct net_addr *out)
{
	uint64_t words[4];
	uint32_t before, after;

	for (unsigned tries = 0; tries < 8; tries++) {
		before = atomic_load_explicit(&s->n.latch_version, memory_order_acquire);
		for (unsigned i = 0; i < 4; i++)
			words[i] = atomic_load_explicit(&s->n.latch[i], memory_order_acquire);
		after = counter32_get(&s->n.latch_version);
		if (before == after && before % 2 == 0) {
			memcpy(out, words, sizeof(*out));
			return;
		}
	}
	memset(out, 0, sizeof(*out)); /* it changes right now: the next reader sees it */
}

void session_stats(const struct session *s, struct media_stats *out)
{
	const struct jbuf_counters *jb = &s->jbuf.n;

	memset(out, 0, sizeof(*out));
	out->tdm_rx_octets = counter_get(&s->n.tdm_rx);
	out->tdm_tx_octets = counter_get(&jb->played);
	out->tdm_missed_octets = counter_get(&s->n.tdm_missed);
	out->tdm_idle_octets = counter_get(&s->n.tdm_idle);
	out->tdm_dropped_octets = counter_get(&s->n.tdm_dropped);
	out->rtp_tx_packets = counter_get(&s->n.tx_packets);
	out->rtp_tx_octets = counter_get(&s->n.tx_octets);
	out->rtp_tx_errors = counter_get(&s->n.tx_errors);
	out->rtp_rx_packets = counter_get(&s->n.rx_packets);
	out->rtp_rx_octets = counter_get(&s->n.rx_octets);
	out->rtp_foreign = counter_get(&s->n.foreign);
	out->rtp_malformed = counter_get(&s->n.malformed);
	out->rtp_lost = counter_get(&s->n.lost);
	out->jb_late_octets = counter_get(&jb->late);
	out->jb_dropped_octets = counter_get(&jb->dropped) + counter_get(&s->n.rx_dropped);
	out->jb_unplayed_octets = counter_get(&s->n.unplayed);
	out->jb_concealed_octets = counter_get(&jb->concealed);
	out->jb_slips = (uint32_t)counter_get(&jb->slips);
	out->jb_delay_us = counter32_get(&jb->lead) * 125;
	out->jitter_us = counter32_get(&s->n.jitter_us);
	out->rtt_us = counter32_get(&s->n.rtt_us);
	out->remote_lost = counter32_get(&s->n.remote_lost);
	out->ssrc_tx = s->ssrc;
	out->ssrc_rx = counter32_get(&s->n.ssrc_rx);
	read_latch(s, &out->latched);
}

/* ── source latch ── */

static void unlatch(struct session *s)
{
	if (s->connected)
		s->net->connect(s->net->net, s->rtp, NULL);
	s->latched = s->connected = s->settled = s->away = false;
	s->peer = s->rtcp_peer = (struct net_addr){0};
	publish_latch(s);
}

static void latch(struct session *s, const struct net_addr *from)
{
	s->latched = true;
	s->peer = *from;
	s->connected = s->net->connect(s->net->net, s->rtp, from) == 0;
	publish_latch(s);
}

/* See the head of session.h. */
static void watch_silence(struct session *s)
{
	if (++s->silent_ticks < SILENT_TICKS || !s->connected)
		return;
	s->net->connect(s->net->net, s->rtp, NULL);
	s->connected = s->settled = false;
	s->away = true;
}

static void heard(struct session *s)
{
	s->silent_ticks = 0;
	if (!s->away)
		return;
	s->away = false;
	s->connected = s->net->connect(s->net->net, s->rtp, &s->peer) == 0;
}

static bool source_allowed(const struct session *s, const struct net_addr *from)
{
	if (s->latched)
		return net_addr_equal(from, &s->peer);
	return s->params->known && (s->params->p.accept_any_source ||
				    net_addr_same_host(from, &s->params->p.remote.rtp));
}

/* The static number is what a peer that knows RFC 3551 sends, whatever its SDP called it. */
static bool payload_type_known(const struct session_params *q, uint8_t payload_type)
{
	return payload_type == q->payload_type || payload_type == q->p.remote.format[0].codec;
}

/* A timeslot is to play what comes, also when its span stands still just now. */
static bool is_heard(const struct session *s)
{
	return s->params->receive && s->params->p.channel.span;
}

static void throw_held_away(struct session *s, bool missed)
{
	if (!missed)
		counter_add(&s->n.unplayed, s->jbuf.held);
	jbuf_reset(&s->jbuf);
}

/* ── RTP in ── */

static void first_packet(struct session *s, uint32_t ssrc)
{
	if (!s->rtp_seen) {
		s->rtp_seen = true;
		s->early_due = true;
	}
	if (s->ssrc_known && ssrc == s->rx_ssrc)
		return;
	if (s->ssrc_known)
		rtp_source_restart(&s->source);
	s->ssrc_known = true;
	s->rx_ssrc = ssrc;
	counter32_set(&s->n.ssrc_rx, ssrc);
}

static void take_packet(struct session *s, int64_t now_us, const uint8_t *in, size_t len,
			const struct net_addr *from, bool to_jbuf)
{
	const uint8_t *payload;
	struct rtp_header h;
	size_t octets;
	bool new_source, twice;

	if (from && !source_allowed(s, from)) {
		counter_add(&s->n.foreign, 1);
		return;
	}
	if (rtp_decode(in, len, &h, &payload, &octets) || octets == 0 ||
	    octets > JBUF_PACKET_OCTETS || !payload_type_known(s->params, h.payload_type)) {
		counter_add(&s->n.malformed, 1);
		return;
	}
	if (!s->latched)
		latch(s, from);
	heard(s);
	new_source = !s->ssrc_known || h.ssrc != s->rx_ssrc;
	if (new_source || !s->rtp_seen)
		first_packet(s, h.ssrc);
	counter_add(&s->n.rx_packets, 1);
	counter_add(&s->n.rx_octets, octets);
	twice = rtp_source_receive(&s->source, h.seq, h.timestamp, now_us) == RTP_SOURCE_DUPLICATE;
	if (twice || !to_jbuf) {
		counter_add(&s->n.rx_dropped, octets);
		if (twice || !is_heard(s))
			counter_add(&s->n.unplayed, octets);
		return;
	}
	if (new_source)
		jbuf_resync(&s->jbuf, h.timestamp);
	jbuf_put(&s->jbuf, h.timestamp, h.marker, payload, (unsigned)octets);
}

static void receive(struct session *s, int64_t now_us, bool to_jbuf)
{
	uint8_t in[RECV_OCTETS];
	struct net_addr from;
	bool any = false;

	for (unsigned i = 0; i < PACKETS_PER_TICK; i++) {
		bool trusted = s->settled;
		ssize_t n =
		    s->net->recv(s->net->net, s->rtp, in, sizeof(in), trusted ? NULL : &from);

		if (n == 0) {
			s->settled = s->connected;
			break;
		}
		if (n < 0) { /* the peer's host said that nobody listens there; perhaps not yet */
			counter_add(&s->n.tx_errors, 1);
			continue;
		}
		take_packet(s, now_us, in, (size_t)n, trusted ? NULL : &from, to_jbuf);
		any = true;
	}
	if (!any) {
		watch_silence(s);
	} else {
		counter_set(&s->n.lost, rtp_source_lost(&s->source));
		counter32_set(&s->n.jitter_us, rtp_source_jitter_us(&s->source));
	}
}

/* ── RTP out ── */

static void send_packet(struct session *s)
{
	const struct net_addr *to = s->latched ? &s->peer : &s->params->p.remote.rtp;
	size_t len = RTP_HEADER_OCTETS + (size_t)s->tx_fill;
	struct rtp_header h = {
	    .marker = !s->talking,
	    .payload_type = s->params->payload_type,
	    .seq = s->tx_seq++,
	    .timestamp = s->tx_ts - s->tx_fill,
	    .ssrc = s->ssrc,
	};
	ssize_t n;

	rtp_encode_header(s->tx, &h);
	n = s->net->send(s->net->net, s->rtp, s->tx, len, s->connected ? NULL : to);
	if (n == -ECONNREFUSED) { /* an earlier packet's; it kept this one from going out */
		counter_add(&s->n.tx_errors, 1);
		n = s->net->send(s->net->net, s->rtp, s->tx, len, s->connected ? NULL : to);
	}
	if (n < 0) {
		counter_add(&s->n.tx_errors, 1);
	} else {
		counter_add(&s->n.tx_packets, 1);
		counter_add(&s->n.tx_octets, s->tx_fill);
	}
	s->talking = true;
	s->tx_fill = 0;
}

static void packetise(struct session *s, const uint8_t *rx, unsigned octets)
{
	unsigned packet = s->params->packet_octets;

	while (octets) {
		unsigned n = packet - s->tx_fill;

		if (n > octets)
			n = octets;
		law_convert(s->tx + RTP_HEADER_OCTETS + s->tx_fill, rx, n, s->params->to_rtp);
		s->tx_fill = (uint16_t)(s->tx_fill + n);
		s->tx_ts += n;
		rx += n;
		octets -= n;
		if (s->tx_fill == packet)
			send_packet(s);
	}
}

/* A part of a packet is audio as well: it goes out short before anything changes. */
static void flush_packet(struct session *s)
{
	if (s->tx_fill)
		send_packet(s);
}

/* ── worker ── */

void session_set(struct session *s, const struct session_params *params, int64_t now_us)
{
	const struct session_params *old = s->params;

	if (old)
		flush_packet(s);
	else
		session_rtcp_start(s, now_us);
	s->params = params;
	if (params->p.relatch || !params->p.remote.present)
		unlatch(s);
	if (!params->send)
		s->talking = false;
	if (!old || old->p.channel.span != params->p.channel.span ||
	    old->p.channel.ts != params->p.channel.ts)
		s->stale_blocks = SESSION_STALE_BLOCKS;
	if (!params->receive || s->jbuf.law != params->rtp_law) {
		throw_held_away(s, is_heard(s));
		s->jbuf.law = params->rtp_law;
	}
}

static void fill_timeslot(struct session *s, uint8_t tx[E1_BLOCK_OCTETS])
{
	const struct session_params *q = s->params;

	if (q->p.tone > CALL_TONE_RINGBACK || (q->p.tone == CALL_TONE_RINGBACK && !s->rtp_seen)) {
		tone_fill(&s->tone, q->p.tone, q->p.channel.law, tx, E1_BLOCK_OCTETS);
	} else if (q->receive) {
		jbuf_get(&s->jbuf, tx, E1_BLOCK_OCTETS);
		if (q->to_tdm)
			law_convert(tx, tx, E1_BLOCK_OCTETS, q->to_tdm);
	} else if (q->p.channel.law == MEDIA_ULAW) {
		memset(tx, LAW_ULAW_IDLE, E1_BLOCK_OCTETS);
	}
}

/* Blocks that the driver owes, by the clock. It pays them back or says that they were missed; what
 * it forgot is forgiven little by little, and so is a clock that is not quite ours.
 * Returns how many of those missed took time since: of the others nothing was to be played, as the
 * jitter buffer has found its stream again after the time in which they went by. */
static unsigned count_debt(struct session *s, int64_t now_us, unsigned missed)
{
	int64_t debt_us = s->debt_us + now_us - s->block_us;
	int64_t passed = (debt_us + E1_BLOCK_US / 4) / E1_BLOCK_US - 1; /* without this one */

	if (s->block_us == 0 || debt_us > DEBT_MAX_US)
		debt_us = 0;
	debt_us -= (1 + (int64_t)missed) * E1_BLOCK_US;
	debt_us -= debt_us / 128;
	s->debt_us = debt_us > 0 ? debt_us : 0;
	s->block_us = now_us;
	jbuf_catch_up(&s->jbuf, (uint32_t)(s->debt_us / E1_BLOCK_US) * E1_BLOCK_OCTETS);
	if (passed >= (int64_t)missed)
		return missed;
	return passed > 0 ? (unsigned)passed : 0;
}

void session_block(struct session *s, int64_t now_us, unsigned missed,
		   const uint8_t rx[E1_BLOCK_OCTETS], uint8_t tx[E1_BLOCK_OCTETS])
{
	bool stale = s->stale_blocks > 0;
	unsigned skipped = count_debt(s, now_us, missed);

	if (missed) {
		uint32_t octets = missed * E1_BLOCK_OCTETS;

		counter_add(&s->n.tdm_missed, octets);
		flush_packet(s);
		s->tx_ts += octets; /* the far jitter buffer sees when it is missing */
		jbuf_skip(&s->jbuf, skipped * E1_BLOCK_OCTETS);
	}
	receive(s, now_us, s->params->receive);
	fill_timeslot(s, tx);
	counter_add(&s->n.tdm_rx, E1_BLOCK_OCTETS);
	s->stale_blocks -= stale; /* nobody hears the end of somebody else's call */
	if (s->params->send && !stale)
		packetise(s, rx, E1_BLOCK_OCTETS);
	else
		s->tx_ts += E1_BLOCK_OCTETS;
	session_rtcp_turn(s, now_us);
}

void session_idle(struct session *s, int64_t now_us)
{
	receive(s, now_us, false);
	throw_held_away(s, is_heard(s));
	session_rtcp_turn(s, now_us);
}

void session_finish(struct session *s, int64_t now_us)
{
	if (s->finished || !s->params)
		return;
	s->finished = true;
	flush_packet(s);
	session_rtcp_bye(s, now_us);
	throw_held_away(s, false);
	if (s->connected)
		s->net->connect(s->net->net, s->rtp, NULL);
	s->connected = s->settled = false; /* the record still tells where it was latched */
}
