/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/media_bridge/rtcp_packet.h"

#include <errno.h>

#include "src/media_bridge/octets.h"

enum { RTCP_SR = 200, RTCP_RR = 201, RTCP_SDES = 202, RTCP_BYE = 203 };
enum { SDES_END = 0, SDES_CNAME = 1 };
enum { SENDER_OCTETS = 20, BLOCK_OCTETS = 24 };

static void put_header(uint8_t *p, unsigned count, unsigned type, size_t octets)
{
	p[0] = (uint8_t)(2 << 6 | count);
	p[1] = (uint8_t)type;
	put_be16(p + 2, (uint16_t)(octets / 4 - 1));
}

static void put_block(uint8_t *p, const struct rtcp_block *b)
{
	put_be32(p, b->ssrc);
	put_be32(p + 4, (uint32_t)b->fraction_lost << 24 | ((uint32_t)b->lost & 0xffffff));
	put_be32(p + 8, b->highest_seq);
	put_be32(p + 12, b->jitter);
	put_be32(p + 16, b->lsr);
	put_be32(p + 20, b->dlsr);
}

static size_t put_report(uint8_t *p, const struct rtcp_compound *c)
{
	size_t n = 8;

	put_be32(p + 4, c->ssrc);
	if (c->sender) {
		put_be32(p + n, (uint32_t)(c->ntp >> 32));
		put_be32(p + n + 4, (uint32_t)c->ntp);
		put_be32(p + n + 8, c->timestamp);
		put_be32(p + n + 12, c->packets);
		put_be32(p + n + 16, c->octets);
		n += SENDER_OCTETS;
	}
	for (unsigned i = 0; i < c->block_count; i++, n += BLOCK_OCTETS)
		put_block(p + n, &c->block[i]);
	put_header(p, c->block_count, c->sender ? RTCP_SR : RTCP_RR, n);
	return n;
}

static size_t sdes_octets(size_t cname)
{
	/* SSRC, item header, text, at least one terminating zero, to a full word (6.5) */
	return 4 + (4 + 2 + cname + 1 + 3) / 4 * 4;
}

static size_t put_sdes(uint8_t *p, const struct rtcp_compound *c, size_t cname)
{
	size_t n = sdes_octets(cname);

	memset(p, 0, n);
	put_header(p, 1, RTCP_SDES, n);
	put_be32(p + 4, c->ssrc);
	p[8] = SDES_CNAME;
	p[9] = (uint8_t)cname;
	memcpy(p + 10, c->cname, cname);
	return n;
}

ssize_t rtcp_encode(uint8_t *out, size_t cap, const struct rtcp_compound *c)
{
	size_t cname = strnlen(c->cname, RTCP_CNAME_MAX), n;

	if (c->block_count > RTCP_BLOCKS_MAX)
		return -EINVAL;
	n = 8 + (c->sender ? SENDER_OCTETS : 0) + c->block_count * BLOCK_OCTETS +
	    sdes_octets(cname) + (c->bye ? 8 : 0);
	if (n > cap)
		return -EINVAL;
	n = put_report(out, c);
	n += put_sdes(out + n, c, cname);
	if (c->bye) {
		put_header(out + n, 1, RTCP_BYE, 8);
		put_be32(out + n + 4, c->ssrc);
		n += 8;
	}
	return (ssize_t)n;
}

static void get_block(const uint8_t *p, struct rtcp_block *b)
{
	uint32_t lost = get_be32(p + 4);

	b->ssrc = get_be32(p);
	b->fraction_lost = (uint8_t)(lost >> 24);
	lost &= 0xffffff;
	b->lost = (int32_t)lost - (lost & 0x800000 ? 0x1000000 : 0);
	b->highest_seq = get_be32(p + 8);
	b->jitter = get_be32(p + 12);
	b->lsr = get_be32(p + 16);
	b->dlsr = get_be32(p + 20);
}

/* p … p + len is one SR or RR, header included. */
static int get_report(const uint8_t *p, size_t len, struct rtcp_compound *c)
{
	bool sender = p[1] == RTCP_SR;
	unsigned count = p[0] & 0x1f;
	size_t n = 8 + (sender ? SENDER_OCTETS : 0);

	if (len < n + count * (size_t)BLOCK_OCTETS)
		return -EBADMSG;
	c->ssrc = get_be32(p + 4);
	if (sender) {
		c->sender = true;
		c->ntp = (uint64_t)get_be32(p + 8) << 32 | get_be32(p + 12);
		c->timestamp = get_be32(p + 16);
		c->packets = get_be32(p + 20);
		c->octets = get_be32(p + 24);
	}
	for (; count && c->block_count < RTCP_BLOCKS_MAX; count--, n += BLOCK_OCTETS)
		get_block(p + n, &c->block[c->block_count++]);
	return 0;
}

/* Takes the CNAME of the reporter; other chunks and items are stepped over. */
static int get_sdes(const uint8_t *p, size_t len, struct rtcp_compound *c)
{
	unsigned chunks = p[0] & 0x1f;
	size_t n = 4;

	for (; chunks; chunks--) {
		bool ours;

		if (len - n < 8)
			return -EBADMSG;
		ours = get_be32(p + n) == c->ssrc;
		n += 4;
		while (n < len && p[n] != SDES_END) {
			if (len - n < 2 || len - n - 2 < p[n + 1])
				return -EBADMSG;
			if (ours && p[n] == SDES_CNAME) {
				memcpy(c->cname, p + n + 2, p[n + 1]);
				c->cname[p[n + 1]] = '\0';
			}
			n += 2 + (size_t)p[n + 1];
		}
		n = (n + 4) / 4 * 4; /* at least one zero, then to the word */
		if (n > len)
			return -EBADMSG;
	}
	return 0;
}

static int get_packet(const uint8_t *p, size_t len, struct rtcp_compound *c)
{
	switch (p[1]) {
	case RTCP_SR:
	case RTCP_RR:
		return len < 8 ? -EBADMSG : get_report(p, len, c);
	case RTCP_SDES:
		return get_sdes(p, len, c);
	case RTCP_BYE:
		if (len < 4 + (size_t)(p[0] & 0x1f) * 4)
			return -EBADMSG;
		for (unsigned i = 0; i < (p[0] & 0x1fu); i++)
			c->bye |= get_be32(p + 4 + 4 * (size_t)i) == c->ssrc;
		return 0;
	default:
		return 0;
	}
}

int rtcp_decode(const uint8_t *in, size_t len, struct rtcp_compound *c)
{
	memset(c, 0, sizeof(*c));
	if (len < 8 || (in[1] != RTCP_SR && in[1] != RTCP_RR))
		return -EBADMSG; /* 6.1: a compound begins with a report */
	while (len) {
		size_t n, body;

		if (len < 4 || in[0] >> 6 != 2)
			return -EBADMSG;
		n = ((size_t)get_be16(in + 2) + 1) * 4;
		if (n > len)
			return -EBADMSG;
		body = n;
		if (in[0] & 0x20) { /* padding: in the last packet only */
			if (n != len || in[n - 1] == 0 || in[n - 1] % 4 || in[n - 1] > n - 4)
				return -EBADMSG;
			body -= in[n - 1];
		}
		if (get_packet(in, body, c))
			return -EBADMSG;
		in += n;
		len -= n;
	}
	return 0;
}
