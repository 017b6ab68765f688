/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "src/media_bridge/port_pool.h"
#include "src/media_bridge/rtcp_packet.h"
#include "src/media_bridge/rtp_packet.h"
#include "src/media_bridge/rtp_source.h"
#include "tests/unit/media_bridge/media_tests.h"

void rtp_header_comes_back(void **state)
{
	static const uint8_t wire[] = {0x80, 0x88, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8, 0xd5};
	struct rtp_header h = {true, 8, 0x1234, 0x01020304, 0x05060708}, back;
	const uint8_t *payload;
	uint8_t out[RTP_HEADER_OCTETS];
	size_t octets;

	rtp_encode_header(out, &h);
	assert_memory_equal(out, wire, RTP_HEADER_OCTETS);
	assert_int_equal(rtp_decode(wire, sizeof(wire), &back, &payload, &octets), 0);
	assert_true(back.marker);
	assert_int_equal(back.payload_type, 8);
	assert_int_equal(back.seq, 0x1234);
	assert_int_equal(back.timestamp, 0x01020304);
	assert_int_equal(back.ssrc, 0x05060708);
	assert_int_equal(octets, 1);
	assert_ptr_equal(payload, wire + 12);
}

/* Built part by part, then cut at every length: only the whole one has the payload. */
void rtp_lengths_are_not_trusted(void **state)
{
	static const uint8_t full[] = {
	    0xb2, 0x00, 0, 1, 0,   0,	0,   2, 0, 0, 0, 3, /* P, X, two CSRCs */
	    1,	  1,	1, 1, 2,   2,	2,   2, 9, 9, 0, 1, /* CSRCs, extension of one word */
	    7,	  7,	7, 7, 'a', 'b', 'c', 0, 0, 3,
	};
	const uint8_t *payload;
	struct rtp_header h;
	size_t octets;
	struct rng rng;

	assert_int_equal(rtp_decode(full, sizeof(full), &h, &payload, &octets), 0);
	assert_int_equal(octets, 3);
	assert_memory_equal(payload, "abc", 3);
	for (size_t len = 0; len < sizeof(full); len++) {
		uint8_t *cut = malloc(len ? len : 1); /* exact size: ASan sees any step beyond */

		assert_non_null(cut);
		memcpy(cut, full, len);
		if (rtp_decode(cut, len, &h, &payload, &octets) == 0)
			assert_true(octets <= len && payload + octets <= cut + len);
		free(cut);
	}
	rng_init_seed(&rng, 1);
	for (unsigned i = 0; i < 20000; i++) {
		size_t len = rng_below(&rng, 64);
		uint8_t *in = malloc(len ? len : 1);

		assert_non_null(in);
		for (size_t k = 0; k < len; k++)
			in[k] = (uint8_t)rng_u32(&rng);
		if (len)
			in[0] = (uint8_t)((in[0] & 0x3f) | 0x80);
		if (rtp_decode(in, len, &h, &payload, &octets) == 0) {
			assert_true(payload >= in + 12);
			assert_true(octets <= len && payload + octets <= in + len);
		}
		free(in);
	}
}

static void random_compound(struct rng *rng, struct rtcp_compound *c)
{
	memset(c, 0, sizeof(*c));
	c->ssrc = rng_u32(rng);
	c->sender = rng_below(rng, 2);
	if (c->sender) {
		c->ntp = rng_u64(rng);
		c->timestamp = rng_u32(rng);
		c->packets = rng_u32(rng);
		c->octets = rng_u32(rng);
	}
	c->block_count = rng_below(rng, RTCP_BLOCKS_MAX + 1);
	for (unsigned i = 0; i < c->block_count; i++)
		c->block[i] = (struct rtcp_block){
		    .ssrc = rng_u32(rng),
		    .fraction_lost = (uint8_t)rng_u32(rng),
		    .lost = (int32_t)rng_below(rng, 1 << 24) - (1 << 23),
		    .highest_seq = rng_u32(rng),
		    .jitter = rng_u32(rng),
		    .lsr = rng_u32(rng),
		    .dlsr = rng_u32(rng),
		};
	rng_hex(rng, c->cname, rng_below(rng, RTCP_CNAME_MAX));
	c->bye = rng_below(rng, 2);
}

void rtcp_compound_comes_back(void **state)
{
	struct rng rng;

	rng_init_seed(&rng, 2);
	for (unsigned i = 0; i < 2000; i++) {
		struct rtcp_compound c, back;
		uint8_t out[2048];
		ssize_t n;

		random_compound(&rng, &c);
		n = rtcp_encode(out, sizeof(out), &c);
		assert_true(n > 0 && n % 4 == 0);
		assert_int_equal(rtcp_encode(out, (size_t)n - 1, &c), -EINVAL);
		assert_int_equal(rtcp_encode(out, (size_t)n, &c), n);
		assert_int_equal(rtcp_decode(out, (size_t)n, &back), 0);
		assert_int_equal(back.ssrc, c.ssrc);
		assert_int_equal(back.sender, c.sender);
		assert_int_equal(back.ntp, c.ntp);
		assert_int_equal(back.octets, c.octets);
		assert_int_equal(back.block_count, c.block_count);
		assert_memory_equal(back.block, c.block, sizeof(c.block));
		assert_string_equal(back.cname, c.cname);
		assert_int_equal(back.bye, c.bye);
	}
}

void rtcp_garbage_is_refused(void **state)
{
	static const uint8_t sdes_alone[] = {0x80, 202, 0, 0, 0x80, 201, 0, 1, 0, 0, 0, 1};
	static const uint8_t block_missing[] = {0x81, 201, 0, 1, 0, 0, 0, 1};
	static const uint8_t beyond[] = {0x80, 201, 0, 2, 0, 0, 0, 1};
	static const uint8_t version[] = {0x40, 201, 0, 1, 0, 0, 0, 1};
	struct rtcp_compound c;
	struct rng rng;

	assert_int_equal(rtcp_decode(sdes_alone, sizeof(sdes_alone), &c), -EBADMSG);
	assert_int_equal(rtcp_decode(block_missing, sizeof(block_missing), &c), -EBADMSG);
	assert_int_equal(rtcp_decode(beyond, sizeof(beyond), &c), -EBADMSG);
	assert_int_equal(rtcp_decode(version, sizeof(version), &c), -EBADMSG);
	rng_init_seed(&rng, 3);
	for (unsigned i = 0; i < 20000; i++) {
		uint8_t out[2048], *in;
		size_t len;

		random_compound(&rng, &c);
		len = (size_t)rtcp_encode(out, sizeof(out), &c);
		for (unsigned k = 0; k < 3; k++)
			out[rng_below(&rng, (uint32_t)len)] ^= (uint8_t)rng_u32(&rng);
		if (rng_below(&rng, 2))
			len = rng_below(&rng, (uint32_t)len + 1);
		in = malloc(len ? len : 1);
		assert_non_null(in);
		memcpy(in, out, len);
		rtcp_decode(in, len, &c);
		free(in);
	}
}

/* Any mixture of loss, duplicates and short reordering, over the wrap of the sequence number. */
void source_counts_exactly(void **state)
{
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct rtp_source s = {0};
		uint64_t lost = 0, duplicates = 0, refused = 0;
		struct rng rng;
		uint16_t seq;
		int64_t now_us = 0;

		rng_init_seed(&rng, seed);
		seq = (uint16_t)(65000 + rng_below(&rng, 500));
		for (unsigned i = 0; i < 2000; i++, seq++, now_us += 20000) {
			uint32_t what = i && i < 1990 ? rng_below(&rng, 20) : 9;

			if (what == 0) {
				lost++;
			} else if (what == 1) { /* overtaken by the next one */
				rtp_source_receive(&s, (uint16_t)(seq + 1), (i + 1) * 160, now_us);
				rtp_source_receive(&s, seq, i * 160, now_us);
				seq++;
				i++;
			} else {
				bool again = what == 2;

				assert_int_equal(rtp_source_receive(&s, seq, i * 160, now_us),
						 RTP_SOURCE_GOOD);
				duplicates += again;
				if (again)
					refused += rtp_source_receive(&s, seq, i * 160, now_us) ==
						   RTP_SOURCE_DUPLICATE;
			}
		}
		assert_int_equal(rtp_source_lost(&s), lost);
		assert_int_equal(refused, duplicates);
	}
}

void source_starts_again_after_a_jump(void **state)
{
	struct rtp_source s = {0};
	struct rtcp_block b;

	for (unsigned i = 0; i < 10; i++)
		rtp_source_receive(&s, (uint16_t)(100 + i), i * 160, i * 20000);
	rtp_source_receive(&s, 112, 12 * 160, 12 * 20000); /* two lost */
	rtp_source_report(&s, &b);
	assert_int_equal(b.lost, 2);
	assert_int_equal(b.highest_seq, 112);
	assert_int_equal(b.fraction_lost, 2 * 256 / 13);
	assert_int_equal(b.jitter, 0);
	rtp_source_receive(&s, 30000, 0, 260000); /* a stray one */
	rtp_source_receive(&s, 113, 13 * 160, 260000);
	assert_int_equal(rtp_source_lost(&s), 2);
	rtp_source_receive(&s, 40000, 0, 280000);
	rtp_source_receive(&s, 40001, 160, 300000); /* the peer started again */
	rtp_source_receive(&s, 40003, 480, 340000);
	assert_int_equal(rtp_source_lost(&s), 3);
	rtp_source_restart(&s);
	assert_int_equal(rtp_source_lost(&s), 3);
	rtp_source_receive(&s, 7, 0, 400000);
	assert_int_equal(rtp_source_lost(&s), 3);
}

void ports_rest_before_they_return(void **state)
{
	struct port_pool p;
	struct rng rng;
	uint16_t got[5], seen = 0;

	rng_init_seed(&rng, 4);
	assert_int_equal(port_pool_init(&p, 10001, 10002, &rng), -EINVAL);
	assert_int_equal(port_pool_init(&p, 10001, 10011, &rng), 0);
	for (unsigned i = 0; i < 5; i++) {
		got[i] = port_pool_take(&p);
		assert_int_equal(got[i] % 2, 0);
		assert_in_range(got[i], 10002, 10010);
		seen |= (uint16_t)(1 << (got[i] - 10002) / 2);
	}
	assert_int_equal(seen, 31);
	assert_int_equal(port_pool_take(&p), 0);
	port_pool_give(&p, got[3]);
	port_pool_give(&p, got[1]);
	assert_int_equal(port_pool_take(&p), got[3]);
	port_pool_give(&p, got[3]);
	assert_int_equal(port_pool_take(&p), got[1]);
	port_pool_fini(&p);
}
