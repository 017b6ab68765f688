/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What travels between the two ends of a socket span, one message per SOCK_SEQPACKET record,
 * numbers little-endian. Pure: octets in, values out. Decoding believes nothing.
 *
 *   hello  'H' version purpose role  "SPE1"  block_octets(2) 0(2)  sender(8)
 *   block  'B' flags 0(2)  timeslots(4)  period(8)  then 160 octets for each bit of timeslots
 *   frame  'F' then the D-channel frame
 */
#ifndef HW_T1E1_E1_VIRT_WIRE_H
#define HW_T1E1_E1_VIRT_WIRE_H

#include "hw/t1e1/e1_virt_block.h"

enum {
	E1_WIRE_VERSION = 1,
	E1_WIRE_HELLO_OCTETS = 20,
	E1_WIRE_BLOCK_HEAD = 16,
	E1_WIRE_BLOCK_MAX = E1_WIRE_BLOCK_HEAD + E1_TIMESLOTS * E1_BLOCK_OCTETS,
	E1_WIRE_FRAME_MAX = 1 + E1_DCHAN_FRAME_MAX,
};

enum e1_wire_purpose { E1_WIRE_AUDIO = 1, E1_WIRE_DCHAN = 2 };

struct e1_wire_hello {
	enum e1_wire_purpose purpose;
	bool clock_master;
	uint64_t sender; /* random, new at each start: whose periods are counted */
};

struct e1_wire_block {
	bool fill;	 /* idle, in place of a block that the sender had no occasion to write */
	uint64_t period; /* the clock master's count of 20 ms */
};

size_t e1_wire_hello_encode(const struct e1_wire_hello *h, uint8_t out[E1_WIRE_HELLO_OCTETS]);
/* 0, -EBADMSG, or -EPROTO: a hello of another version. */
int e1_wire_hello_decode(struct e1_wire_hello *h, const uint8_t *in, size_t len);
size_t e1_wire_block_encode(const struct e1_wire_block *head, const struct e1_virt_block *b,
			    uint8_t out[E1_WIRE_BLOCK_MAX]);
int e1_wire_block_decode(struct e1_wire_block *head, struct e1_virt_block *b, const uint8_t *in,
			 size_t len);

#endif
