/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "hw/t1e1/e1_virt_wire.h"
#include "tests/unit/t1e1/t1e1_tests.h"

static void check_hello(void)
{
	const struct e1_wire_hello own = {
	    .purpose = E1_WIRE_DCHAN, .clock_master = true, .sender = 0x0123456789abcdef};
	struct e1_wire_hello got;
	uint8_t octets[E1_WIRE_HELLO_OCTETS + 1] = {0}, bad[sizeof(octets)];

	assert_int_equal(e1_wire_hello_encode(&own, octets), E1_WIRE_HELLO_OCTETS);
	assert_int_equal(e1_wire_hello_decode(&got, octets, E1_WIRE_HELLO_OCTETS), 0);
	assert_int_equal(got.purpose, own.purpose);
	assert_true(got.clock_master);
	assert_int_equal(got.sender, own.sender);
	for (size_t len = 0; len <= sizeof(octets); len++)
		if (len != E1_WIRE_HELLO_OCTETS)
			assert_int_equal(e1_wire_hello_decode(&got, octets, len), -EBADMSG);
	memcpy(bad, octets, sizeof(bad));
	bad[1]++;
	assert_int_equal(e1_wire_hello_decode(&got, bad, E1_WIRE_HELLO_OCTETS), -EPROTO);
	for (size_t at = 0; at < 10; at++) {
		memcpy(bad, octets, sizeof(bad));
		bad[at] ^= 0x80;
		assert_true(e1_wire_hello_decode(&got, bad, E1_WIRE_HELLO_OCTETS) < 0);
	}
}

void wire_refuses_what_it_did_not_write(void **state)
{
	static struct e1_virt_block block, got;
	static uint8_t octets[E1_WIRE_BLOCK_MAX];
	struct e1_wire_block head = {.period = UINT64_MAX - 1}, read;
	struct rng rng;

	check_hello();
	rng_init_seed(&rng, 7);
	for (unsigned i = 0; i < 500; i++) {
		size_t len;

		block.mask = i == 0 ? 0 : i == 1 ? UINT32_MAX : rng_u32(&rng);
		for (unsigned ts = 0; ts < E1_TIMESLOTS; ts++)
			memset(block.octets[ts], (int)rng_below(&rng, 256), E1_BLOCK_OCTETS);
		len = e1_wire_block_encode(&head, &block, octets);
		assert_in_range(len, E1_WIRE_BLOCK_HEAD, E1_WIRE_BLOCK_MAX);
		assert_int_equal(e1_wire_block_decode(&read, &got, octets, len), 0);
		assert_int_equal(read.period, head.period);
		assert_false(read.fill);
		assert_int_equal(got.mask, block.mask);
		for (unsigned ts = 0; ts < E1_TIMESLOTS; ts++)
			if (block.mask & UINT32_C(1) << ts)
				assert_memory_equal(got.octets[ts], block.octets[ts],
						    E1_BLOCK_OCTETS);
		for (int cut = 1; cut < 20; cut++)
			assert_true(e1_wire_block_decode(&read, &got, octets,
							 rng_below(&rng, (uint32_t)len)) < 0);
		octets[1] |= 2;
		assert_int_equal(e1_wire_block_decode(&read, &got, octets, len), -EBADMSG);
		octets[1] = block.mask ? 1 : 0; /* idle with audio in it */
		octets[0] ^= block.mask ? 0 : 1;
		assert_int_equal(e1_wire_block_decode(&read, &got, octets, len), -EBADMSG);
	}
}
