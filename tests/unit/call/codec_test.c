/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Offer and answer, by table. RFC 3264. */
#include "tests/unit/call/call_tests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/call/codec_choice.h"

/* "A8 U0" style: codec letter (A PCMA, U PCMU) and payload type. */
static void set_formats(struct media_desc *d, const char *text)
{
	d->format_count = 0;
	for (; *text; text++) {
		if (*text != 'A' && *text != 'U')
			continue;
		d->format[d->format_count].codec = *text == 'A' ? MEDIA_PCMA : MEDIA_PCMU;
		d->format[d->format_count].payload_type = (uint8_t)strtol(text + 1, NULL, 10);
		d->format_count++;
	}
}

static struct media_desc desc(const char *rtp, const char *formats, unsigned direction)
{
	struct media_desc d = {.present = true, .direction = (uint8_t)direction};

	assert_int_equal(net_addr_parse(&d.rtp, rtp), 0);
	set_formats(&d, formats);
	return d;
}

static struct call_port port_with(const char *formats)
{
	struct call_port p = {.ptime_ms = 20};
	struct media_desc d;

	set_formats(&d, formats);
	for (unsigned i = 0; i < d.format_count; i++)
		p.codec[p.codec_count++] = d.format[i].codec;
	return p;
}

void test_codec_answer(void **state)
{
	static const struct {
		const char *ours, *local, *offer_at, *offer;
		unsigned offered_direction;
		int result;
		enum media_codec codec;
		uint8_t payload_type;
		unsigned direction;
	} row[] = {
	    {"A U", "10.0.0.1:9", "10.0.0.2:7", "A8", 3, 0, MEDIA_PCMA, 8, 3},
	    /* our preference among the offered */
	    {"A U", "10.0.0.1:9", "10.0.0.2:7", "U0 A8", 3, 0, MEDIA_PCMA, 8, 3},
	    {"U A", "10.0.0.1:9", "10.0.0.2:7", "A8 U0", 3, 0, MEDIA_PCMU, 0, 3},
	    {"A U", "10.0.0.1:9", "10.0.0.2:7", "U0", 3, 0, MEDIA_PCMU, 0, 3},
	    /* their payload type stays */
	    {"A U", "10.0.0.1:9", "10.0.0.2:7", "U0 A97", 3, 0, MEDIA_PCMA, 97, 3},
	    /* nothing in common */
	    {"A", "10.0.0.1:9", "10.0.0.2:7", "U0", 3, -EPROTO, 0, 0, 0},
	    {"A", "10.0.0.1:9", "10.0.0.2:7", "", 3, -EPROTO, 0, 0, 0},
	    {"", "10.0.0.1:9", "10.0.0.2:7", "A8", 3, -EPROTO, 0, 0, 0},
	    /* direction mirrored (6.1) */
	    {"A", "10.0.0.1:9", "10.0.0.2:7", "A8", MEDIA_SENDONLY, 0, MEDIA_PCMA, 8,
	     MEDIA_RECVONLY},
	    {"A", "10.0.0.1:9", "10.0.0.2:7", "A8", MEDIA_RECVONLY, 0, MEDIA_PCMA, 8,
	     MEDIA_SENDONLY},
	    {"A", "10.0.0.1:9", "10.0.0.2:7", "A8", MEDIA_INACTIVE, 0, MEDIA_PCMA, 8,
	     MEDIA_INACTIVE},
	    /* address families */
	    {"A", "[2001:db8::1]:9", "[2001:db8::2]:7", "A8", 3, 0, MEDIA_PCMA, 8, 3},
	    {"A", "[2001:db8::1]:9", "10.0.0.2:7", "A8", 3, -EPROTO, 0, 0, 0},
	    {"A", "10.0.0.1:9", "[2001:db8::2]:7", "A8", 3, -EPROTO, 0, 0, 0},
	    {"A", "[::]:9", "10.0.0.2:7", "A8", 3, 0, MEDIA_PCMA, 8, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct call_port port = port_with(row[i].ours);
		struct media_desc local = desc(row[i].local, "", 0), answer, remote;
		struct media_desc offer =
		    desc(row[i].offer_at, row[i].offer, row[i].offered_direction);
		int err = codec_answer_offer(&port, &local, &offer, &answer, &remote);

		assert_int_equal(err, row[i].result);
		assert_int_equal(codec_answer_offer(&port, &local, &offer, NULL, NULL), err);
		if (err)
			continue;
		assert_true(answer.present && !answer.rejected);
		assert_int_equal(answer.format_count, 1);
		assert_int_equal(answer.format[0].codec, row[i].codec);
		assert_int_equal(answer.format[0].payload_type, row[i].payload_type);
		assert_int_equal(answer.direction, row[i].direction);
		assert_int_equal(answer.ptime_ms, 20);
		assert_true(net_addr_equal(&answer.rtp, &local.rtp));
		assert_int_equal(remote.format_count, 1);
		assert_int_equal(remote.format[0].payload_type, row[i].payload_type);
		assert_int_equal(remote.direction, row[i].offered_direction);
		assert_true(net_addr_equal(&remote.rtp, &offer.rtp));
	}
}

void test_codec_rejected_stream(void **state)
{
	struct call_port port = port_with("A U");
	struct media_desc local = desc("10.0.0.1:9", "", 0), answer, remote;
	struct media_desc offer = desc("10.0.0.2:7", "A8", 3);

	(void)state;
	offer.rejected = true; /* RFC 3264 8.2: a stream taken out stays in its place, port 0 */
	offer.rtp.port = 0;
	assert_int_equal(codec_answer_offer(&port, &local, &offer, &answer, &remote), 0);
	assert_true(answer.rejected);
	assert_int_equal(answer.direction, MEDIA_INACTIVE);
	assert_int_equal(remote.direction, MEDIA_INACTIVE);
	offer.present = false;
	assert_int_equal(codec_answer_offer(&port, &local, &offer, &answer, &remote), -EPROTO);
}

void test_codec_offer_and_accept(void **state)
{
	static const struct {
		const char *answer, *at;
		bool rejected;
		int result;
		enum media_codec codec;
		uint8_t payload_type;
	} row[] = {
	    {"A8", "10.0.0.2:7", false, 0, MEDIA_PCMA, 8},
	    {"U0", "10.0.0.2:7", false, 0, MEDIA_PCMU, 0},
	    {"U0 A8", "10.0.0.2:7", false, 0, MEDIA_PCMU, 0}, /* answerer's order */
	    {"A99", "10.0.0.2:7", false, 0, MEDIA_PCMA, 99},
	    {"", "10.0.0.2:7", false, -EPROTO, 0, 0},
	    {"A8", "10.0.0.2:7", true, -EPROTO, 0, 0},
	    {"A8", "[2001:db8::2]:7", false, -EPROTO, 0, 0},
	};
	struct call_port port = port_with("A U"), only_a = port_with("A");
	struct media_desc local = desc("10.0.0.1:9", "", 0), offer, remote;

	(void)state;
	codec_make_offer(&port, &local, &offer);
	assert_true(offer.present);
	assert_int_equal(offer.format_count, 2);
	assert_int_equal(offer.format[0].payload_type, 8);
	assert_int_equal(offer.format[1].payload_type, 0);
	assert_int_equal(offer.direction, MEDIA_SENDRECV);
	assert_int_equal(offer.ptime_ms, 20);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct media_desc answer = desc(row[i].at, row[i].answer, 3);

		answer.rejected = row[i].rejected;
		assert_int_equal(codec_accept_answer(&offer, &answer, NULL), row[i].result);
		assert_int_equal(codec_accept_answer(&offer, &answer, &remote), row[i].result);
		if (row[i].result)
			continue;
		assert_int_equal(remote.format_count, 1);
		assert_int_equal(remote.format[0].codec, row[i].codec);
		assert_int_equal(remote.format[0].payload_type, row[i].payload_type);
	}
	/* A codec that we never offered, and a count from a broken reader */
	codec_make_offer(&only_a, &local, &offer);
	remote = desc("10.0.0.2:7", "U0", 3);
	assert_int_equal(codec_accept_answer(&offer, &remote, NULL), -EPROTO);
	remote.format_count = 255;
	for (unsigned i = 0; i < MEDIA_FORMATS_MAX; i++)
		remote.format[i].codec = MEDIA_PCMU;
	assert_int_equal(codec_accept_answer(&offer, &remote, NULL), -EPROTO);
}
