/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP and RTCP packets, and the jitter buffer. An input is records: what to do, a length, octets.
 * The octet before the records chooses the buffer's mode. The books must balance at each step.
 */
#include <string.h>

#include "src/media_bridge/jbuf.h"
#include "src/media_bridge/rtcp_packet.h"
#include "src/media_bridge/rtp_packet.h"
#include "tests/fuzz/fuzz.h"

enum { RECORDS_MAX = 400 };

static void check_books(const struct jbuf *j)
{
	const struct jbuf_counters *n = &j->n;
	uint64_t in = counter_get(&n->received) + counter_get(&n->concealed);
	uint64_t out = counter_get(&n->played) + counter_get(&n->late) + counter_get(&n->dropped);

	fuzz_check(j->held <= JBUF_RING_OCTETS);
	fuzz_check(in == out + j->held);
}

static void rtp(struct jbuf *j, const uint8_t *octets, size_t len)
{
	uint8_t again[RTP_HEADER_OCTETS];
	struct rtp_header h, h2;
	const uint8_t *payload, *none;
	size_t n, zero;

	if (rtp_decode(octets, len, &h, &payload, &n))
		return;
	fuzz_check(payload >= octets && n <= len && payload + n <= octets + len);
	rtp_encode_header(again, &h);
	fuzz_check(rtp_decode(again, sizeof(again), &h2, &none, &zero) == 0 && zero == 0);
	fuzz_check(h2.seq == h.seq && h2.timestamp == h.timestamp && h2.ssrc == h.ssrc &&
		   h2.marker == h.marker && h2.payload_type == h.payload_type);
	jbuf_put(j, h.timestamp, h.marker, payload, (unsigned)n);
}

static void rtcp(const uint8_t *octets, size_t len)
{
	static uint8_t out[4096];
	struct rtcp_compound c, c2;
	ssize_t n;

	if (rtcp_decode(octets, len, &c))
		return;
	fuzz_check(c.block_count <= RTCP_BLOCKS_MAX && strlen(c.cname) <= RTCP_CNAME_MAX);
	n = rtcp_encode(out, sizeof(out), &c);
	fuzz_check(n > 0 && rtcp_decode(out, (size_t)n, &c2) == 0);
	fuzz_check(c2.ssrc == c.ssrc && c2.sender == c.sender && c2.block_count == c.block_count &&
		   c2.bye == c.bye && strcmp(c2.cname, c.cname) == 0);
}

static uint32_t u32(const uint8_t *octets, size_t len)
{
	uint32_t value = 0;

	for (size_t i = 0; i < len && i < 4; i++)
		value = value << 8 | octets[i];
	return value;
}

/* A packet that fits the stream: timestamp steps of 80 octets, so that few octets say much. */
static void put(struct jbuf *j, uint32_t timestamp, const uint8_t *octets, size_t len)
{
	uint8_t payload[JBUF_PACKET_OCTETS + 160];

	memset(payload, (int)len, sizeof(payload));
	jbuf_put(j, timestamp, len && octets[0] & 1, payload,
		 len > 1 ? 8 * octets[1] : JBUF_BLOCK_OCTETS);
}

static void act(struct jbuf *j, uint32_t *timestamp, uint8_t what, const uint8_t *octets,
		size_t len)
{
	uint8_t block[JBUF_BLOCK_OCTETS];

	switch (what % 8) {
	case 0:
		rtp(j, octets, len);
		break;
	case 1:
		rtcp(octets, len);
		break;
	case 2:
		put(j, *timestamp += len > 2 ? 80 * octets[2] : JBUF_BLOCK_OCTETS, octets, len);
		break;
	case 3:
		jbuf_get(j, block, len ? octets[0] % (JBUF_BLOCK_OCTETS + 1) : JBUF_BLOCK_OCTETS);
		break;
	case 4:
		put(j, *timestamp = u32(octets, len), octets, len);
		break;
	case 5:
		jbuf_resync(j, *timestamp = u32(octets, len));
		break;
	case 6:
		jbuf_skip(j, u32(octets, len));
		break;
	default:
		if (len)
			jbuf_catch_up(j, u32(octets, len));
		else
			jbuf_reset(j);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct jbuf j;
	struct jbuf_cfg cfg = {0};
	uint32_t timestamp = 0;

	if (!size)
		return 0;
	cfg.law = data[0] & 1 ? MEDIA_ULAW : MEDIA_ALAW;
	cfg.fixed = data[0] & 2;
	if (data[0] & 4) {
		cfg.min_ms = data[0];
		cfg.max_ms = (uint16_t)(257 * data[0]);
	}
	jbuf_init(&j, &cfg);
	data++, size--;
	for (unsigned i = 0; i < RECORDS_MAX && size >= 2; i++) {
		size_t len = data[1] < size - 2 ? data[1] : size - 2;
		uint8_t *octets = fuzz_copy(data + 2, len);

		act(&j, &timestamp, data[0], octets, len);
		check_books(&j);
		free(octets);
		data += 2 + len;
		size -= 2 + len;
	}
	jbuf_reset(&j);
	fuzz_check(j.held == 0);
	check_books(&j);
	return 0;
}
