/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/peer_audio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	RTP_HEADER = 12,
	PCMA = 8,
	BURST_MAX = 25,	     /* packets that are made up for after a stall */
	PLANT_PACKET = 50,   /* the one that is spoilt */
	SEQ_JUMP_MAX = 1000, /* more is a new sequence */
	RTCP_FIRST_US = 1000000,
	RTCP_EVERY_US = 5000000,
	PORT_TRIES = 200,
};

/* ── laws ── */

static int alaw_value(uint8_t octet)
{
	int code = octet ^ 0x55, segment = code >> 4 & 7, v = (code & 15) * 16 + 8;

	if (segment)
		v = (v + 256) << (segment - 1);
	return code & 0x80 ? v : -v;
}

static int ulaw_value(uint8_t octet)
{
	int code = ~octet & 0xff, v = (((code & 15) * 8 + 132) << (code >> 4 & 7)) - 132;

	return code & 0x80 ? -v : v;
}

static uint8_t nearest(int (*value)(uint8_t), int wanted)
{
	int best = 0, best_off = 1 << 20;

	for (int code = 0; code < 256; code++) {
		int v = value((uint8_t)code), off = abs(v - wanted);

		/* Both laws have a positive and a negative zero: keep the sign. */
		if (off < best_off || (off == best_off && (v >= 0) == (wanted >= 0))) {
			best = code;
			best_off = off;
		}
	}
	return (uint8_t)best;
}

uint8_t peer_alaw_to_ulaw(uint8_t octet)
{
	static uint8_t table[256];
	static bool made;

	for (int i = 0; i < 256 && !made; i++)
		table[i] = nearest(ulaw_value, alaw_value((uint8_t)i));
	made = true;
	return table[octet];
}

uint8_t peer_ulaw_to_alaw(uint8_t octet)
{
	static uint8_t table[256];
	static bool made;

	for (int i = 0; i < 256 && !made; i++)
		table[i] = nearest(alaw_value, ulaw_value((uint8_t)i));
	made = true;
	return table[octet];
}

/* ── octets of the wire ── */

static void put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

/* ── open, close ── */

int peer_audio_open(struct peer_audio *a, const struct rtp_net *net, const struct net_addr *ip,
		    uint16_t port_min, uint16_t port_max, struct rng *rng)
{
	unsigned pairs = (port_max - port_min + 1u) / 2;
	unsigned at = pairs ? rng_below(rng, pairs) : 0;

	memset(a, 0, sizeof(*a));
	a->net = net;
	a->rtp = a->rtcp = -1;
	a->next_send_us = a->next_rtcp_us = TIME_NEVER_US;
	a->seq_out = (uint16_t)rng_u32(rng);
	a->ts_out = rng_u32(rng);
	a->ssrc_out = rng_u32(rng);
	for (unsigned i = 0; i < pairs && i < PORT_TRIES; i++, at = (at + 1) % pairs) {
		struct net_addr addr = *ip;

		addr.port = (uint16_t)(port_min + (port_min & 1) + at * 2);
		if (addr.port >= port_max)
			continue;
		a->rtp = net->open(net->net, &addr);
		if (a->rtp < 0)
			continue;
		a->local = addr;
		addr.port++;
		a->rtcp = net->open(net->net, &addr);
		if (a->rtcp >= 0)
			return 0;
		net->close(net->net, a->rtp);
	}
	a->rtp = a->rtcp = -1;
	return -EADDRINUSE;
}

void peer_audio_close(struct peer_audio *a)
{
	if (a->rtp >= 0)
		a->net->close(a->net->net, a->rtp);
	if (a->rtcp >= 0)
		a->net->close(a->net->net, a->rtcp);
	a->rtp = a->rtcp = -1;
	a->sending = false;
	a->next_send_us = a->next_rtcp_us = TIME_NEVER_US;
}

void peer_audio_connect(struct peer_audio *a, const struct net_addr *rtp,
			const struct net_addr *rtcp, uint8_t payload_type)
{
	a->remote = *rtp;
	a->remote_rtcp = *rtcp;
	a->payload_type = payload_type;
}

void peer_audio_streams(struct peer_audio *a, uint16_t out, uint16_t in)
{
	pattern_gen_init(&a->gen, out);
	pattern_check_init(&a->check, in);
}

void peer_audio_send(struct peer_audio *a, int64_t now_us)
{
	if (a->sending || !a->remote.family || a->rtp < 0)
		return;
	a->sending = true;
	a->next_send_us = now_us;
	a->next_rtcp_us = now_us + RTCP_FIRST_US;
}

/* ── out ── */

static void spoil(struct peer_audio *a, uint8_t octets[PEER_PACKET_OCTETS])
{
	struct pattern_gen other = {.stream = (uint16_t)(a->gen.stream + 2), .index = a->gen.index};

	if (a->counts.sent_packets != PLANT_PACKET)
		return;
	if (a->plant == PEER_PLANT_WRONG_OCTET)
		octets[80] ^= 0x10;
	if (a->plant == PEER_PLANT_DROP)
		pattern_gen_fill(&a->gen, octets, PEER_PACKET_OCTETS);
	if (a->plant == PEER_PLANT_SWAP)
		pattern_gen_fill(&other, octets, PEER_PACKET_OCTETS);
}

static void send_packet(struct peer_audio *a, int64_t now_us)
{
	uint8_t packet[RTP_HEADER + PEER_PACKET_OCTETS];
	uint8_t *octets = packet + RTP_HEADER;

	memset(packet, 0, RTP_HEADER);
	packet[0] = 2 << 6;
	packet[1] = (uint8_t)(a->payload_type | (a->counts.sent_packets ? 0 : 0x80));
	put16(packet + 2, a->seq_out++);
	put32(packet + 4, a->ts_out);
	put32(packet + 8, a->ssrc_out);
	pattern_gen_fill(&a->gen, octets, PEER_PACKET_OCTETS);
	spoil(a, octets);
	for (int i = 0; i < PEER_PACKET_OCTETS && a->payload_type != PCMA; i++)
		octets[i] = peer_alaw_to_ulaw(octets[i]);
	a->ts_out += PEER_PACKET_OCTETS;
	if (!a->counts.sent_packets)
		a->counts.first_sent_us = now_us;
	a->counts.sent_packets++;
	a->counts.sent_octets += PEER_PACKET_OCTETS;
	a->net->send(a->net->net, a->rtp, packet, sizeof(packet), &a->remote);
}

static void send_due(struct peer_audio *a, int64_t now_us)
{
	for (int i = 0; now_us >= a->next_send_us; i++) {
		if (i < BURST_MAX)
			send_packet(a, now_us);
		else /* a long stall: time went by that nobody spoke in */
			a->ts_out += PEER_PACKET_OCTETS;
		a->next_send_us += PEER_PACKET_US;
	}
}

/* RFC 3550 6.4.1: SR with one report block, SDES CNAME. */
static void send_rtcp(struct peer_audio *a, int64_t now_us)
{
	static const char cname[] = "lab@spanbridge";
	uint8_t packet[28 + 24 + 8 + 2 + sizeof(cname) + 4] = {0};
	size_t sdes = 8 + 2 + sizeof(cname) - 1 + 1, len = 28;

	packet[0] = 2 << 6;
	packet[1] = 200;
	put32(packet + 4, a->ssrc_out);
	put32(packet + 8, (uint32_t)(now_us / US_PER_S));
	put32(packet + 12, (uint32_t)((uint64_t)(now_us % US_PER_S) * 4294967296ull / US_PER_S));
	put32(packet + 16, a->ts_out);
	put32(packet + 20, (uint32_t)a->counts.sent_packets);
	put32(packet + 24, (uint32_t)a->counts.sent_octets);
	if (a->receiving) {
		packet[0] |= 1;
		put32(packet + 28, a->ssrc_in);
		put32(packet + 32, (uint32_t)a->counts.lost & 0xffffff);
		put32(packet + 36, a->seq_next - 1u);
		len += 24;
	}
	put16(packet + 2, (unsigned)(len / 4 - 1));
	sdes = (sdes + 3) / 4 * 4;
	packet[len] = 2 << 6 | 1;
	packet[len + 1] = 202;
	put16(packet + len + 2, (unsigned)(sdes / 4 - 1));
	put32(packet + len + 4, a->ssrc_out);
	packet[len + 8] = 1;
	packet[len + 9] = sizeof(cname) - 1;
	memcpy(packet + len + 10, cname, sizeof(cname) - 1);
	a->net->send(a->net->net, a->rtcp, packet, len + sdes, &a->remote_rtcp);
	a->next_rtcp_us = now_us + RTCP_EVERY_US;
}

/* ── in ── */

static bool seen_get(const struct peer_audio *a, uint16_t seq)
{
	return a->seen[seq % PEER_HISTORY / 8] >> (seq % 8) & 1;
}

static void seen_set(struct peer_audio *a, uint16_t seq, bool on)
{
	uint8_t bit = (uint8_t)(1 << (seq % 8));

	if (on)
		a->seen[seq % PEER_HISTORY / 8] |= bit;
	else
		a->seen[seq % PEER_HISTORY / 8] &= (uint8_t)~bit;
}

/* The oldest held packet is played; what is missing before it is lost by now. */
static void play_first(struct peer_audio *a)
{
	struct peer_packet *p = &a->held[0];
	uint16_t gap = (uint16_t)(p->seq - a->seq_next);
	int32_t skipped = (int32_t)(p->ts - a->ts_next);

	for (uint16_t i = 0; i < gap; i++)
		seen_set(a, (uint16_t)(a->seq_next + i), false);
	a->counts.lost += gap;
	a->counts.missing_octets += (uint64_t)gap * PEER_PACKET_OCTETS;
	if (!gap && skipped > 0)
		a->counts.skipped_octets += (uint32_t)skipped;
	for (uint16_t i = 0; i < p->len && a->payload_type != PCMA; i++)
		p->payload[i] = peer_ulaw_to_alaw(p->payload[i]);
	pattern_check_feed(&a->check, p->arrived_us, p->payload, p->len);
	a->seq_next = (uint16_t)(p->seq + 1);
	a->ts_next = p->ts + p->len;
	memmove(a->held, a->held + 1, --a->held_count * sizeof(*p));
}

static void play(struct peer_audio *a, int64_t now_us, bool all)
{
	while (a->held_count) {
		bool next = a->held[0].seq == a->seq_next;

		if (!next && !all && a->held_count < PEER_HELD_MAX &&
		    now_us - a->held[0].arrived_us < PEER_HOLD_US)
			return;
		play_first(a);
	}
}

static void restart(struct peer_audio *a, int64_t now_us, uint32_t ssrc, uint16_t seq, uint32_t ts)
{
	play(a, now_us, true);
	a->counts.restarts += a->receiving;
	if (!a->receiving)
		a->counts.first_received_us = now_us;
	a->receiving = true;
	a->ssrc_in = ssrc;
	a->seq_next = seq;
	a->ts_next = ts;
	memset(a->seen, 0, sizeof(a->seen));
}

/* Behind what was played: late, or known already. */
static void receive_old(struct peer_audio *a, uint16_t seq)
{
	if (seen_get(a, seq)) {
		a->counts.duplicate++;
		return;
	}
	seen_set(a, seq, true);
	a->counts.late++;
	if (a->counts.lost)
		a->counts.lost--;
}

static void hold(struct peer_audio *a, int64_t now_us, uint16_t seq, uint32_t ts,
		 const uint8_t *payload, size_t len)
{
	unsigned at = a->held_count;
	struct peer_packet *p;

	while (at && (int16_t)(seq - a->held[at - 1].seq) < 0)
		at--;
	memmove(a->held + at + 1, a->held + at, (a->held_count - at) * sizeof(*p));
	p = &a->held[at];
	*p = (struct peer_packet){.seq = seq, .ts = ts, .arrived_us = now_us};
	p->len = (uint16_t)len;
	memcpy(p->payload, payload, len);
	a->held_count++;
	seen_set(a, seq, true);
}

/* Length of header, or 0: not RTP of ours. Padding is taken off *len. */
static size_t rtp_header(const struct peer_audio *a, const uint8_t *packet, size_t *len)
{
	size_t at;

	if (*len < RTP_HEADER || packet[0] >> 6 != 2 || (packet[1] & 0x7f) != a->payload_type)
		return 0;
	at = RTP_HEADER + (packet[0] & 15u) * 4;
	if (packet[0] & 0x10) {
		if (*len < at + 4)
			return 0;
		at += 4 + get16(packet + at + 2) * 4u;
	}
	if (packet[0] & 0x20) {
		if (packet[*len - 1] == 0 || packet[*len - 1] > *len)
			return 0;
		*len -= packet[*len - 1];
	}
	return *len > at && *len - at <= PEER_PAYLOAD_MAX ? at : 0;
}

static void receive_rtp(struct peer_audio *a, int64_t now_us, const uint8_t *packet, size_t len)
{
	size_t at = rtp_header(a, packet, &len);
	uint32_t ts, ssrc;
	uint16_t seq;
	int16_t ahead;

	if (!at) {
		a->counts.malformed++;
		return;
	}
	seq = get16(packet + 2);
	ts = get32(packet + 4);
	ssrc = get32(packet + 8);
	ahead = (int16_t)(seq - a->seq_next);
	if (!a->receiving || ssrc != a->ssrc_in || abs(ahead) > SEQ_JUMP_MAX) {
		restart(a, now_us, ssrc, seq, ts);
		ahead = 0;
	}
	a->counts.received_packets++;
	a->counts.received_octets += len - at;
	if (ahead < 0) {
		receive_old(a, seq);
		return;
	}
	for (unsigned i = 0; i < a->held_count; i++)
		if (a->held[i].seq == seq) {
			a->counts.duplicate++;
			return;
		}
	hold(a, now_us, seq, ts, packet + at, len - at);
	play(a, now_us, false);
}

static void receive_rtcp(struct peer_audio *a, const uint8_t *packet, size_t len)
{
	if (len < 8 || packet[0] >> 6 != 2 || packet[1] < 200 || packet[1] > 204)
		return;
	a->counts.rtcp_received++;
	while (len >= 8) {
		size_t part = (get16(packet + 2) + 1u) * 4, block = packet[1] == 200 ? 28 : 8;

		if (part > len)
			return;
		if ((packet[1] == 200 || packet[1] == 201) && (packet[0] & 31) &&
		    part >= block + 24 && get32(packet + block) == a->ssrc_out)
			a->counts.rtcp_lost = get32(packet + block + 4) & 0xffffff;
		packet += part;
		len -= part;
	}
}

static void receive_all(struct peer_audio *a, int64_t now_us)
{
	enum { TRIES = 64 };
	uint8_t packet[2048];
	struct net_addr from;
	ssize_t n;

	for (int i = 0; i < TRIES; i++) {
		n = a->net->recv(a->net->net, a->rtp, packet, sizeof(packet), &from);
		if (n == 0)
			break;
		if (n > 0)
			receive_rtp(a, now_us, packet, (size_t)n);
	}
	for (int i = 0; i < TRIES; i++) {
		n = a->net->recv(a->net->net, a->rtcp, packet, sizeof(packet), &from);
		if (n == 0)
			break;
		if (n > 0)
			receive_rtcp(a, packet, (size_t)n);
	}
}

void peer_audio_turn(struct peer_audio *a, int64_t now_us)
{
	if (a->rtp < 0)
		return;
	receive_all(a, now_us);
	play(a, now_us, false);
	if (a->sending)
		send_due(a, now_us);
	if (now_us >= a->next_rtcp_us)
		send_rtcp(a, now_us);
}

int64_t peer_audio_next_us(const struct peer_audio *a, int64_t now_us)
{
	if (a->rtp < 0)
		return TIME_NEVER_US;
	return a->sending ? a->next_send_us : now_us + PEER_PACKET_US;
}

void peer_audio_end(struct peer_audio *a, int64_t now_us, struct pattern_result *heard)
{
	play(a, now_us, true);
	pattern_check_end(&a->check, heard);
}
