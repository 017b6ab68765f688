/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RTCP side of a session: reports out about every five seconds, reports in, round trip. */
#include <string.h>

#include "gateway/base/clock.h"
#include "src/media_bridge/rtcp_packet.h"
#include "src/media_bridge/session.h"

enum {
	REPORT_US = 5 * 1000000,
	/* RFC 3550 6.3.1: e − 3/2, in thousandths, undoes what timer reconsideration shortens */
	RECONSIDERATION = 1218,
	POLL_TICKS = 25, /* the kernel tells how long a report has waited: half a second is fine */
	POLL_PACKETS = 4,
	RECV_OCTETS = 1500,
	SEND_OCTETS = 160,
};

static uint64_t ntp_time(int64_t now_us)
{
	uint64_t s = (uint64_t)now_us / US_PER_S, us = (uint64_t)now_us % US_PER_S;

	return s << 32 | (us << 32) / US_PER_S;
}

/* RFC 3550 6.3.1: between half and one and a half of the interval. */
static int64_t next_interval_us(struct session *s, int64_t interval_us)
{
	int64_t spread = interval_us / 2 + rng_below(&s->rng, (uint32_t)interval_us);

	return spread * 1000 / RECONSIDERATION;
}

void session_rtcp_start(struct session *s, int64_t now_us)
{
	s->rtcp_due_us = now_us + next_interval_us(s, REPORT_US / 2);
}

/* ── out ── */

/* Where the peer's reports come from; else what the SDP says; else beside the latched port. */
static bool destination(const struct session *s, struct net_addr *to)
{
	const struct media_desc *remote = &s->params->p.remote;
	bool as_told = !s->latched || net_addr_equal(&s->peer, &remote->rtp);

	if (!s->params->known)
		return false;
	if (s->rtcp_peer.family)
		*to = s->rtcp_peer;
	else if (as_told && remote->rtcp.family && remote->rtcp.port)
		*to = remote->rtcp;
	else {
		*to = as_told ? remote->rtp : s->peer;
		if (to->port == 0 || to->port == UINT16_MAX)
			return false;
		to->port++;
	}
	return to->family && to->port && !net_addr_is_any(to);
}

static void send_report(struct session *s, int64_t now_us, bool bye)
{
	uint64_t sent = counter_get(&s->n.tx_packets);
	struct rtcp_compound c;
	uint8_t out[SEND_OCTETS];
	struct net_addr to;
	ssize_t n;

	if (!destination(s, &to))
		return;
	memset(&c, 0, sizeof(c));
	c.ssrc = s->ssrc;
	c.bye = bye;
	memcpy(c.cname, s->cname, sizeof(s->cname));
	c.sender = sent != s->sent_at_report; /* 6.4: SR when something was sent since */
	c.ntp = ntp_time(now_us);
	c.timestamp = s->tx_ts;
	c.packets = (uint32_t)sent;
	c.octets = (uint32_t)counter_get(&s->n.tx_octets);
	s->sent_at_report = sent;
	if (s->source.active) {
		struct rtcp_block *b = &c.block[c.block_count++];

		b->ssrc = s->rx_ssrc;
		rtp_source_report(&s->source, b);
		b->lsr = s->last_sr;
		if (s->last_sr_us)
			b->dlsr = (uint32_t)((now_us - s->last_sr_us) * 65536 / US_PER_S);
	}
	n = rtcp_encode(out, sizeof(out), &c);
	if (n > 0)
		s->net->send(s->net->net, s->rtcp, out, (size_t)n, &to);
}

void session_rtcp_bye(struct session *s, int64_t now_us)
{
	if (counter_get(&s->n.tx_packets)) /* 6.3.7: only who was heard says good-bye */
		send_report(s, now_us, true);
}

/* ── in ── */

static void take_block(struct session *s, const struct rtcp_block *b, int64_t arrived_us)
{
	uint32_t now = (uint32_t)(ntp_time(arrived_us) >> 16), rtt;

	counter32_set(&s->n.remote_lost, b->lost > 0 ? (uint32_t)b->lost : 0);
	if (b->lsr == 0)
		return;
	rtt = now - b->lsr - b->dlsr; /* 6.4.1 */
	if (rtt & 0x80000000)
		rtt = 0;    /* finer than the clocks */
	if (rtt < 60 << 16) /* a minute: the peer made it up */
		counter32_set(&s->n.rtt_us, (uint32_t)((uint64_t)rtt * US_PER_S >> 16));
}

static bool source_allowed(const struct session *s, const struct net_addr *from)
{
	if (s->latched)
		return net_addr_same_host(from, &s->peer);
	return s->params->known && net_addr_same_host(from, &s->params->p.remote.rtp);
}

static void take_report(struct session *s, const struct rtcp_compound *c, int64_t arrived_us)
{
	if (c->sender) {
		s->last_sr = (uint32_t)(c->ntp >> 16);
		s->last_sr_us = arrived_us;
	}
	for (unsigned i = 0; i < c->block_count; i++)
		if (c->block[i].ssrc == s->ssrc)
			take_block(s, &c->block[i], arrived_us);
}

static void receive_reports(struct session *s, int64_t now_us)
{
	uint8_t in[RECV_OCTETS];
	struct rtcp_compound c;
	struct net_addr from;

	for (unsigned i = 0; i < POLL_PACKETS; i++) {
		int64_t age_us = 0;
		ssize_t n = s->net->recv_aged(s->net->net, s->rtcp, in, sizeof(in), &from, &age_us);

		if (n == 0)
			return;
		if (n < 0)
			continue;
		if (!source_allowed(s, &from)) {
			counter_add(&s->n.foreign, 1);
		} else if (rtcp_decode(in, (size_t)n, &c)) {
			counter_add(&s->n.malformed, 1);
		} else {
			s->rtcp_peer = from;
			take_report(s, &c, now_us - age_us);
		}
	}
}

void session_rtcp_turn(struct session *s, int64_t now_us)
{
	if (++s->ticks % POLL_TICKS == 0)
		receive_reports(s, now_us);
	if (now_us < s->rtcp_due_us)
		return;
	s->rtcp_due_us = now_us + next_interval_us(s, REPORT_US);
	receive_reports(s, now_us); /* the newest SR for our report */
	send_report(s, now_us, false);
}
