/* SPDX-License-Identifier: GPL-2.0-or-later */
/* draft-ietf-opsawg-pcapng: section header, interface description and enhanced packet blocks. */
#include "src/mgmt/capture.h"

#include <stdio.h>
#include <string.h>

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	OPTION_END = 0,
	OPTION_HARDWARE = 2, /* section */
	OPTION_APPLICATION = 4,
	OPTION_NAME = 2,  /* interface */
	OPTION_FLAGS = 2, /* packet */
	FLAGS_INBOUND = 1,
	FLAGS_OUTBOUND = 2,
	LINKTYPE_RAW = 101,
	/* LAPD behind a pseudo-header. The plain LAPD type (203) knows the direction only, takes
	 * what we send for the user's, and so reads a network side's commands as responses. */
	LINKTYPE_LINUX_LAPD = 177,
	SNAP_LENGTH = 262144,
	PSEUDO_OCTETS = 16,
};

/* Builds one block; too small a buffer is remembered and makes its length 0. */
struct block {
	uint8_t *out;
	size_t cap, len;
	bool full;
};

static void add(struct block *b, const void *data, size_t n)
{
	if (b->full || n > b->cap - b->len) {
		b->full = true;
		return;
	}
	if (n)
		memcpy(b->out + b->len, data, n);
	b->len += n;
}

static void add_16(struct block *b, uint16_t v)
{
	add(b, &v, sizeof(v));
}

static void add_32(struct block *b, uint32_t v)
{
	add(b, &v, sizeof(v));
}

static void pad(struct block *b)
{
	static const uint8_t zero[3];

	add(b, zero, -b->len & 3);
}

static void add_option(struct block *b, uint16_t code, const void *value, size_t n)
{
	add_16(b, code);
	add_16(b, (uint16_t)n);
	add(b, value, n);
	pad(b);
}

static void begin(struct block *b, uint8_t *out, size_t cap, uint32_t type)
{
	*b = (struct block){.out = out, .cap = cap};
	add_32(b, type);
	add_32(b, 0); /* length, filled in by finish() */
}

static size_t finish(struct block *b)
{
	uint32_t total = (uint32_t)b->len + 4;

	add_32(b, total);
	if (b->full)
		return 0;
	memcpy(b->out + 4, &total, sizeof(total));
	return b->len;
}

static size_t add_interface(uint8_t *out, size_t cap, uint16_t linktype, const char *name)
{
	struct block b;

	begin(&b, out, cap, BLOCK_INTERFACE);
	add_16(&b, linktype);
	add_16(&b, 0);
	add_32(&b, SNAP_LENGTH);
	add_option(&b, OPTION_NAME, name, strlen(name));
	add_option(&b, OPTION_END, NULL, 0);
	return finish(&b);
}

size_t capture_begin(struct capture *c, uint8_t *out, size_t cap)
{
	static const char program[] = "spanbridged";
	struct block b;
	size_t section, interface;

	*c = (struct capture){0};
	begin(&b, out, cap, BLOCK_SECTION);
	add_32(&b, BYTE_ORDER_MAGIC);
	add_16(&b, 1); /* version 1.0 */
	add_16(&b, 0);
	add_32(&b, UINT32_MAX); /* section length: not given */
	add_32(&b, UINT32_MAX);
	add_option(&b, OPTION_APPLICATION, program, sizeof(program) - 1);
	add_option(&b, OPTION_END, NULL, 0);
	section = finish(&b);
	if (!section)
		return 0;
	interface = add_interface(out + section, cap - section, LINKTYPE_RAW, "sip");
	if (!interface)
		return 0;
	c->interfaces = 1;
	return section + interface;
}

static void begin_packet(struct block *b, uint8_t *out, size_t cap, uint32_t interface,
			 int64_t wall_us, size_t len)
{
	begin(b, out, cap, BLOCK_PACKET);
	add_32(b, interface);
	add_32(b, (uint32_t)((uint64_t)wall_us >> 32));
	add_32(b, (uint32_t)wall_us);
	add_32(b, (uint32_t)len);
	add_32(b, (uint32_t)len);
}

static size_t finish_packet(struct block *b, bool outbound)
{
	uint32_t flags = outbound ? FLAGS_OUTBOUND : FLAGS_INBOUND;

	pad(b);
	add_option(b, OPTION_FLAGS, &flags, sizeof(flags));
	add_option(b, OPTION_END, NULL, 0);
	return finish(b);
}

/* Linux cooked header (all big-endian): packet type, ARPHRD_LAPD, address length, address, of
 * which the first octet says that we are the network, ETH_P_LAPD. */
static void add_pseudo_header(struct block *b, bool network, bool outbound)
{
	const uint8_t header[PSEUDO_OCTETS] = {
	    [1] = outbound ? 4 : 0, /* PACKET_OUTGOING, PACKET_HOST */
	    [2] = 0x20,
	    [3] = 0xfd,
	    [5] = 1,
	    [6] = network,
	    [15] = 0x30};

	add(b, header, sizeof(header));
}

size_t capture_frame(struct capture *c, uint8_t *out, size_t cap, int64_t wall_us, uint16_t span,
		     bool network, bool outbound, const uint8_t *frame, size_t len)
{
	struct block b;
	size_t described = 0, packet;
	uint16_t interface;

	if (span >= CAPTURE_SPANS_MAX || len > SNAP_LENGTH)
		return 0;
	interface = c->interface[span];
	if (!interface) {
		char name[16];

		snprintf(name, sizeof(name), "span%u", span);
		described = add_interface(out, cap, LINKTYPE_LINUX_LAPD, name);
		if (!described)
			return 0;
		interface = (uint16_t)c->interfaces;
	}
	begin_packet(&b, out + described, cap - described, interface, wall_us, PSEUDO_OCTETS + len);
	add_pseudo_header(&b, network, outbound);
	add(&b, frame, len);
	packet = finish_packet(&b, outbound);
	if (!packet)
		return 0;
	if (described) {
		c->interface[span] = interface;
		c->interfaces++;
	}
	return described + packet;
}

/* RFC 1071, over big-endian words; an odd last octet counts as if a zero followed. */
static uint32_t sum(uint32_t so_far, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (size_t i = 0; i + 1 < n; i += 2)
		so_far += (uint32_t)p[i] << 8 | p[i + 1];
	if (n % 2)
		so_far += (uint32_t)p[n - 1] << 8;
	return so_far;
}

static void put_sum(uint8_t *at, uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	total = ~total & 0xffff;
	at[0] = (uint8_t)(total >> 8);
	at[1] = (uint8_t)total;
}

static void put_16(uint8_t *at, size_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

enum { IP4_OCTETS = 20, IP6_OCTETS = 40, UDP_OCTETS = 8, PROTOCOL_UDP = 17, HOPS = 64 };

/* Returns the header's octets. */
static size_t make_ip(uint8_t *h, const struct net_addr *from, const struct net_addr *to,
		      size_t udp_len)
{
	if (from->family == 4) {
		h[0] = 0x45;
		put_16(h + 2, IP4_OCTETS + udp_len);
		h[6] = 0x40; /* do not fragment */
		h[8] = HOPS;
		h[9] = PROTOCOL_UDP;
		memcpy(h + 12, from->ip, 4);
		memcpy(h + 16, to->ip, 4);
		put_sum(h + 10, sum(0, h, IP4_OCTETS));
		return IP4_OCTETS;
	}
	h[0] = 0x60;
	put_16(h + 4, udp_len);
	h[6] = PROTOCOL_UDP;
	h[7] = HOPS;
	memcpy(h + 8, from->ip, 16);
	memcpy(h + 24, to->ip, 16);
	return IP6_OCTETS;
}

/* RFC 768, RFC 8200 8.1: the addresses, protocol and length belong to the sum. */
static void make_udp(uint8_t *h, const struct net_addr *from, const struct net_addr *to,
		     const void *payload, size_t len)
{
	size_t address = from->family == 4 ? 4 : 16;
	uint32_t total = PROTOCOL_UDP + (uint32_t)(UDP_OCTETS + len);

	put_16(h, from->port);
	put_16(h + 2, to->port);
	put_16(h + 4, UDP_OCTETS + len);
	total = sum(sum(total, from->ip, address), to->ip, address);
	total = sum(sum(total, h, UDP_OCTETS), payload, len);
	put_sum(h + 6, total);
	if (h[6] == 0 && h[7] == 0)
		h[6] = h[7] = 0xff; /* 0 would say that there is none */
}

size_t capture_udp(struct capture *c, uint8_t *out, size_t cap, int64_t wall_us, bool outbound,
		   const struct net_addr *local, const struct net_addr *peer, const void *payload,
		   size_t len)
{
	const struct net_addr *from = outbound ? local : peer, *to = outbound ? peer : local;
	uint8_t header[IP6_OCTETS + UDP_OCTETS] = {0};
	struct block b;
	size_t ip;

	(void)c;
	if (from->family != to->family || (from->family != 4 && from->family != 6) ||
	    len > 65535 - IP4_OCTETS - UDP_OCTETS)
		return 0;
	ip = make_ip(header, from, to, UDP_OCTETS + len);
	make_udp(header + ip, from, to, payload, len);
	begin_packet(&b, out, cap, 0, wall_us, ip + UDP_OCTETS + len);
	add(&b, header, ip + UDP_OCTETS);
	add(&b, payload, len);
	return finish_packet(&b, outbound);
}
