/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The script player against itself: every octet of a message that is not as expected is noticed,
 * and so is an element too many, too few, or in the wrong place. */
#include <stdlib.h>
#include <string.h>

#include "tests/peer_isdn/bed.h"

enum { HEADER = 5 }; /* discriminator, call reference, message type */

static const char *differs(const uint8_t *octets, size_t len, const struct ie *expected)
{
	struct q931_message m;

	q931_decode(&m, octets, len);
	return q931_differs(&m, 1, expected);
}

/* As the gateway would send it on a call of ours: with the flag. */
static size_t encode(const struct ie *elements, uint8_t out[Q931_MAX])
{
	return q931_encode(Q931_THEIRS | 1, elements, out);
}

static void every_bit_counts(const struct ie *expected)
{
	uint8_t octets[Q931_MAX];
	size_t len = encode(expected, octets);
	unsigned planted = 0;

	assert_null(differs(octets, len, expected));
	for (size_t i = 0; i < len; i++)
		for (unsigned bit = 0; bit < 8; bit++, planted++) {
			octets[i] ^= (uint8_t)(1u << bit);
			assert_non_null(differs(octets, len, expected));
			octets[i] ^= (uint8_t)(1u << bit);
		}
	for (; len > HEADER; planted++)
		assert_non_null(differs(octets, --len, expected));
	print_message("# %u mistakes planted and noticed\n", planted);
}

static void octets(void **state)
{
	(void)state;
	every_bit_counts(PEER_LIST(SETUP, BEARER_3K1, CHANNEL_PREFERRED(31),
				   CALLING(0x01, 0x80, "4989654321"), CALLED(0x81, "12345"),
				   SENDING_COMPLETE));
	every_bit_counts(PEER_LIST(ALERTING, PI(1, 8)));
	every_bit_counts(PEER_LIST(DISCONNECT, CAUSE(5, 17), PI(1, 8)));
	every_bit_counts(PEER_LIST(DISCONNECT, TIMER_EXPIRED('3', '1', '0')));
	every_bit_counts(PEER_LIST(RESTART, CHANNEL(1), RESTART_CHANNELS));
	every_bit_counts(PEER_LIST(STATUS, CAUSE(0, 30), CALL_STATE(10)));
}

static void elements(void **state)
{
	uint8_t out[Q931_MAX];
	size_t len;

	(void)state;
	len = encode(PEER_LIST(DISCONNECT, CAUSE(5, 17), PI(1, 8)), out);
	assert_null(differs(out, len, PEER_LIST(DISCONNECT, CAUSE(5, 17), MORE)));
	assert_null(differs(out, len, PEER_LIST(DISCONNECT, CAUSE(5, 17), ANY(IE_PROGRESS))));
	assert_non_null(differs(out, len, PEER_LIST(DISCONNECT, CAUSE(5, 17))));
	assert_non_null(differs(out, len, PEER_LIST(DISCONNECT, PI(1, 8))));
	assert_non_null(differs(out, len, PEER_LIST(DISCONNECT, PI(1, 8), CAUSE(5, 17))));
	assert_non_null(differs(out, len, PEER_LIST(DISCONNECT, CAUSE(5, 17), PI(1, 8), PI(1, 1))));
	assert_non_null(differs(out, len, PEER_LIST(DISCONNECT, CAUSE(5, 17), PI(1, 1))));
	assert_non_null(differs(out, len, PEER_LIST(DISCONNECT, CAUSE(1, 17), PI(1, 8))));
	len = encode(PEER_LIST(DISCONNECT, PI(1, 8), CAUSE(5, 17)), out);
	assert_non_null(differs(out, len, PEER_LIST(DISCONNECT, MORE))); /* 4.5.1: not ascending */
}

/* What a length on the wire says is never believed. */
static void anything(void **state)
{
	struct rng rng;
	uint8_t in[Q931_MAX];
	struct q931_message m;

	(void)state;
	rng_init_seed(&rng, 5);
	for (unsigned round = 0; round < 20000; round++) {
		size_t len = rng_below(&rng, sizeof(in) + 1);
		uint8_t *exact = malloc(len ? len : 1);

		for (size_t i = 0; i < len; i++)
			exact[i] = (uint8_t)rng_below(&rng, 256);
		if (len > HEADER && round % 2)
			memcpy(exact, "\x08\x02\x80\x01\x45", HEADER);
		q931_decode(&m, exact, len);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(octets),
	    cmocka_unit_test(elements),
	    cmocka_unit_test(anything),
	};

	return cmocka_run_group_tests_name("peer_isdn plants", tests, NULL, NULL);
}
