/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/t1e1/e1_virt_wire.h"

#include <errno.h>
#include <string.h>

enum { ROLE_SLAVE, ROLE_MASTER };
enum { FLAG_FILL = 1 };

static const uint8_t magic[4] = {'S', 'P', 'E', '1'};

static void put_le(uint8_t *out, uint64_t value, unsigned octets)
{
	for (unsigned i = 0; i < octets; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le(const uint8_t *in, unsigned octets)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < octets; i++)
		value |= (uint64_t)in[i] << (8 * i);
	return value;
}

size_t e1_wire_hello_encode(const struct e1_wire_hello *h, uint8_t out[E1_WIRE_HELLO_OCTETS])
{
	out[0] = 'H';
	out[1] = E1_WIRE_VERSION;
	out[2] = (uint8_t)h->purpose;
	out[3] = h->clock_master ? ROLE_MASTER : ROLE_SLAVE;
	memcpy(out + 4, magic, sizeof(magic));
	put_le(out + 8, E1_BLOCK_OCTETS, 2);
	put_le(out + 10, 0, 2);
	put_le(out + 12, h->sender, 8);
	return E1_WIRE_HELLO_OCTETS;
}

int e1_wire_hello_decode(struct e1_wire_hello *h, const uint8_t *in, size_t len)
{
	if (len < 8 || in[0] != 'H' || memcmp(in + 4, magic, sizeof(magic)) != 0)
		return -EBADMSG;
	if (in[1] != E1_WIRE_VERSION)
		return -EPROTO;
	if (len != E1_WIRE_HELLO_OCTETS || (in[2] != E1_WIRE_AUDIO && in[2] != E1_WIRE_DCHAN) ||
	    in[3] > ROLE_MASTER || get_le(in + 8, 2) != E1_BLOCK_OCTETS)
		return -EBADMSG;
	h->purpose = in[2] == E1_WIRE_AUDIO ? E1_WIRE_AUDIO : E1_WIRE_DCHAN;
	h->clock_master = in[3] == ROLE_MASTER;
	h->sender = get_le(in + 12, 8);
	return 0;
}

size_t e1_wire_block_encode(const struct e1_wire_block *head, const struct e1_virt_block *b,
			    uint8_t out[E1_WIRE_BLOCK_MAX])
{
	size_t at = E1_WIRE_BLOCK_HEAD;

	out[0] = 'B';
	out[1] = head->fill ? FLAG_FILL : 0;
	put_le(out + 2, 0, 2);
	put_le(out + 4, b ? b->mask : 0, 4);
	put_le(out + 8, head->period, 8);
	for (unsigned ts = 0; b && ts < E1_TIMESLOTS; ts++) {
		if (!(b->mask & UINT32_C(1) << ts))
			continue;
		memcpy(out + at, b->octets[ts], E1_BLOCK_OCTETS);
		at += E1_BLOCK_OCTETS;
	}
	return at;
}

int e1_wire_block_decode(struct e1_wire_block *head, struct e1_virt_block *b, const uint8_t *in,
			 size_t len)
{
	size_t at = E1_WIRE_BLOCK_HEAD;

	if (len < E1_WIRE_BLOCK_HEAD || in[0] != 'B' || in[1] & ~FLAG_FILL)
		return -EBADMSG;
	head->fill = in[1] & FLAG_FILL;
	b->mask = (uint32_t)get_le(in + 4, 4);
	head->period = get_le(in + 8, 8);
	if (len != at + (size_t)__builtin_popcount(b->mask) * E1_BLOCK_OCTETS ||
	    (head->fill && b->mask))
		return -EBADMSG;
	for (unsigned ts = 0; ts < E1_TIMESLOTS; ts++) {
		if (!(b->mask & UINT32_C(1) << ts))
			continue;
		memcpy(b->octets[ts], in + at, E1_BLOCK_OCTETS);
		at += E1_BLOCK_OCTETS;
	}
	return 0;
}
