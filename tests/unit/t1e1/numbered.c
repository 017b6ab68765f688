/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/t1e1/numbered.h"

#include <string.h>

#include "tests/unit/t1e1/t1e1_tests.h"

static void write_block(struct numbered *n, unsigned ts, uint8_t tx[E1_BLOCK_OCTETS])
{
	for (unsigned i = 0; i < E1_BLOCK_OCTETS; i++)
		assert_int_equal(tx[i], E1_IDLE_OCTET);
	memset(tx, n->who, E1_BLOCK_OCTETS);
	tx[0] = (uint8_t)ts;
	memcpy(tx + 1, &n->written, sizeof(n->written));
	n->written++;
}

void numbered_block(void *arg, unsigned ts, unsigned missed, const uint8_t rx[E1_BLOCK_OCTETS],
		    uint8_t tx[E1_BLOCK_OCTETS])
{
	struct numbered *n = arg;
	uint32_t number;

	n->told_missed += missed;
	write_block(n, ts, tx);
	if (rx[E1_BLOCK_OCTETS - 1] == E1_IDLE_OCTET) {
		for (unsigned i = 0; i < E1_BLOCK_OCTETS; i++)
			assert_int_equal(rx[i], E1_IDLE_OCTET);
		n->idle++;
		return;
	}
	assert_int_equal(rx[0], ts);
	for (unsigned i = 5; i < E1_BLOCK_OCTETS; i++)
		assert_int_equal(rx[i], rx[5]);
	assert_int_not_equal(rx[5], n->who);
	memcpy(&number, rx + 1, sizeof(number));
	if (n->any_start && !n->read)
		n->expected = number;
	assert_true(number >= n->expected);
	n->lost += number - n->expected;
	if (n->lost > n->told_missed)
		n->unexplained++;
	n->expected = number + 1;
	n->read++;
}
