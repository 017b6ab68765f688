/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The structure of the pcapng file, read by code of its own; tests/e2e has tshark read one. */
#include <string.h>

#include "src/mgmt/capture.h"
#include "tests/unit/mgmt/mgmt_test.h"

struct reader {
	const uint8_t *at, *end;
	uint32_t type, length;
	const uint8_t *body;
	size_t body_len;
};

static uint32_t get_32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static bool next_block(struct reader *r)
{
	if (r->at == r->end)
		return false;
	assert_true(r->end - r->at >= 12);
	r->type = get_32(r->at);
	r->length = get_32(r->at + 4);
	assert_int_equal(r->length % 4, 0);
	assert_true(r->length >= 12 && r->length <= (size_t)(r->end - r->at));
	assert_int_equal(get_32(r->at + r->length - 4), r->length);
	r->body = r->at + 8;
	r->body_len = r->length - 12;
	r->at += r->length;
	return true;
}

static uint16_t ones_sum(const uint8_t *p, size_t n, uint32_t more)
{
	uint32_t total = more;

	for (size_t i = 0; i < n; i++)
		total += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)total;
}

static void the_file_begins_with_its_interface(void **state)
{
	uint8_t out[512];
	struct capture c;
	struct reader r = {.at = out};
	size_t n = capture_begin(&c, out, sizeof(out));

	r.end = out + n;
	assert_true(next_block(&r));
	assert_int_equal(r.type, 0x0a0d0d0a);
	assert_int_equal(get_32(r.body), 0x1a2b3c4d);
	assert_int_equal(get_32(r.body + 4), 1); /* 1.0 on a little-endian machine */
	assert_true(next_block(&r));
	assert_int_equal(r.type, 1);
	assert_int_equal(r.body[0], 101);
	assert_false(next_block(&r));
}

static void a_frame_says_who_sent_it(void **state)
{
	static const uint8_t frame[] = {0x00, 0x01, 0x7f};
	uint8_t out[512];
	struct capture c;

	capture_begin(&c, out, sizeof(out));
	for (unsigned i = 0; i < 4; i++) {
		bool network = i & 1, outbound = i & 2;
		struct reader r = {.at = out};

		r.end = out + capture_frame(&c, out, sizeof(out), INT64_C(0x123456789abcde), 7,
					    network, outbound, frame, sizeof(frame));
		assert_true(next_block(&r));
		if (i == 0) { /* the span is described once */
			assert_int_equal(r.type, 1);
			assert_int_equal(r.body[0], 177);
			assert_memory_equal(r.body + 12, "span7", 5);
			assert_true(next_block(&r));
		}
		assert_int_equal(r.type, 6);
		assert_int_equal(get_32(r.body), 1);
		assert_int_equal(get_32(r.body + 4), 0x123456);
		assert_int_equal(get_32(r.body + 8), 0x789abcde);
		assert_int_equal(get_32(r.body + 12), 19);
		assert_int_equal(get_32(r.body + 16), 19);
		assert_int_equal(r.body[21], outbound ? 4 : 0);
		assert_int_equal(r.body[26], network);
		assert_memory_equal(r.body + 36, frame, sizeof(frame));
		assert_int_equal(get_32(r.body + 40), 2 | 4 << 16); /* option: flags, 4 octets */
		assert_int_equal(get_32(r.body + 44), outbound ? 2 : 1);
		assert_false(next_block(&r));
	}
}

static void check_datagram(const char *local_text, const char *peer_text, bool outbound,
			   const char *payload, size_t len)
{
	struct net_addr local, peer;
	static uint8_t out[70000];
	struct reader r = {.at = out};
	const uint8_t *ip, *udp;
	size_t head;
	uint32_t pseudo;
	struct capture c;

	net_addr_parse(&local, local_text);
	net_addr_parse(&peer, peer_text);
	capture_begin(&c, out, sizeof(out));
	r.end = out + capture_udp(&c, out, sizeof(out), 1, outbound, &local, &peer, payload, len);
	assert_true(next_block(&r));
	assert_int_equal(r.type, 6);
	assert_int_equal(get_32(r.body), 0);
	ip = r.body + 20;
	head = local.family == 4 ? 20 : 40;
	assert_int_equal(get_32(r.body + 12), head + 8 + len);
	udp = ip + head;
	if (head == 20) {
		assert_int_equal(ip[0], 0x45);
		assert_int_equal(ip[2] << 8 | ip[3], 28 + len);
		assert_int_equal(ones_sum(ip, 20, 0), 0xffff);
		pseudo = ones_sum(ip + 12, 8, 0);
	} else {
		assert_int_equal(ip[0] >> 4, 6);
		assert_int_equal(ip[4] << 8 | ip[5], 8 + len);
		pseudo = ones_sum(ip + 8, 32, 0);
	}
	assert_int_equal(udp[0] << 8 | udp[1], outbound ? local.port : peer.port);
	assert_int_equal(udp[2] << 8 | udp[3], outbound ? peer.port : local.port);
	assert_int_equal(ones_sum(udp, 8 + len, pseudo + 17 + 8 + (uint32_t)len), 0xffff);
	assert_memory_equal(udp + 8, payload, len);
	assert_memory_equal(ip + (head == 20 ? 12 : 8), outbound ? local.ip : peer.ip,
			    head == 20 ? 4 : 16);
}

static void datagrams_have_right_headers(void **state)
{
	static char big[65507];

	memset(big, 0xa5, sizeof(big));
	check_datagram("192.0.2.1:5060", "198.51.100.7:5080", true, "OPTIONS", 7);
	check_datagram("192.0.2.1:5060", "198.51.100.7:5080", false, "OPTIONS ", 8);
	check_datagram("[::1]:5060", "[2001:db8::1]:5070", true, "INVITE", 6);
	check_datagram("[::1]:5060", "[2001:db8::1]:5070", false, "", 0);
	check_datagram("127.0.0.1:5060", "127.0.0.1:5070", true, big, sizeof(big));
}

static void what_does_not_fit_is_refused(void **state)
{
	static const uint8_t frame[260] = {0};
	static char text[65508];
	uint8_t out[600], guard[600];
	struct net_addr four, six;
	struct capture c, before;

	net_addr_parse(&four, "192.0.2.1:5060");
	net_addr_parse(&six, "[::1]:5060");
	assert_int_equal(capture_begin(&c, out, 40), 0);
	capture_begin(&c, out, sizeof(out));
	before = c;
	memset(guard, 0xee, sizeof(guard));
	for (size_t cap = 0; cap < 60 + 16 + 260; cap += 7) {
		memset(out, 0xee, sizeof(out));
		assert_int_equal(capture_frame(&c, out, cap, 1, 1, false, true, frame, 260), 0);
		assert_memory_equal(out + cap, guard, sizeof(out) - cap);
		assert_memory_equal(&c, &before, sizeof(c));
	}
	assert_int_equal(capture_frame(&c, out, sizeof(out), 1, 256, false, true, frame, 3), 0);
	assert_int_equal(capture_udp(&c, out, sizeof(out), 1, true, &four, &six, "x", 1), 0);
	assert_int_equal(
	    capture_udp(&c, out, sizeof(out), 1, true, &four, &four, text, sizeof(text)), 0);
}

const struct CMUnitTest capture_tests[] = {
    cmocka_unit_test(the_file_begins_with_its_interface),
    cmocka_unit_test(a_frame_says_who_sent_it),
    cmocka_unit_test(datagrams_have_right_headers),
    cmocka_unit_test(what_does_not_fit_is_refused),
};
const size_t capture_test_count = sizeof(capture_tests) / sizeof(capture_tests[0]);
