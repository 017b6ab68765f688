/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SDP in and out. Each text is also read cut at every octet. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/sip_map/sdp/body.h"
#include "src/sip_map/sdp/sdp.h"
#include "tests/unit/sip_map/tests.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\n"
#define C4   "c=IN IP4 192.0.2.2\r\n"

struct expectation {
	const char *text;
	int err;
	const char *rtp, *rtcp; /* NULL: no usable line */
	unsigned formats;
	enum media_codec first;
	uint8_t payload_type, direction, ptime_ms;
	bool rejected;
	unsigned lines, ours;
};

static const struct expectation table[] = {
    {HEAD C4 "t=0 0\r\nm=audio 4000 RTP/AVP 8 0 101\r\na=ptime:20\r\n", 0, "192.0.2.2:4000",
     "192.0.2.2:4001", 2, MEDIA_PCMA, 8, MEDIA_SENDRECV, 20, false, 1, 0},
    /* line ends of others, no final one */
    {"v=0\no=- 1 1 IN IP4 192.0.2.2\nc=IN IP4 192.0.2.2\nm=audio 4000 RTP/AVP 0", 0,
     "192.0.2.2:4000", "192.0.2.2:4001", 1, MEDIA_PCMU, 0, MEDIA_SENDRECV, 0, false, 1, 0},
    {"v=0\rc=IN IP4 192.0.2.2\rm=audio 1 RTP/AVP 8\r", 0, "192.0.2.2:1", "192.0.2.2:2", 1,
     MEDIA_PCMA, 8, MEDIA_SENDRECV, 0, false, 1, 0},
    /* IPv6, rtcp elsewhere, direction of the session overridden */
    {HEAD "a=recvonly\r\nc=IN IP6 2001:db8::5\r\nm=audio 4000 RTP/AVP 8\r\n"
	  "a=rtcp:5001 IN IP6 2001:db8::6\r\na=inactive\r\n",
     0, "[2001:db8::5]:4000", "[2001:db8::6]:5001", 1, MEDIA_PCMA, 8, MEDIA_INACTIVE, 0, false, 1,
     0},
    {HEAD C4 "a=sendonly\r\nm=audio 4000 RTP/AVP 8\r\na=rtcp:5001\r\n", 0, "192.0.2.2:4000",
     "192.0.2.2:5001", 1, MEDIA_PCMA, 8, MEDIA_SENDONLY, 0, false, 1, 0},
    /* dynamic payload types, and a static one that is something else here */
    {HEAD C4 "m=audio 4000 RTP/AVP 0 96 97\r\na=rtpmap:0 L16/8000\r\n"
	     "a=rtpmap:96 pcma/8000/1\r\na=rtpmap:97 PCMU/16000\r\n",
     0, "192.0.2.2:4000", "192.0.2.2:4001", 1, MEDIA_PCMA, 96, MEDIA_SENDRECV, 0, false, 1, 0},
    /* hold as RFC 2543 had it */
    {HEAD "c=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 8\r\n", 0, "0.0.0.0:4000", "0.0.0.0:4001", 1,
     MEDIA_PCMA, 8, MEDIA_SENDONLY, 0, false, 1, 0},
    /* the first that we can use; its own address */
    {HEAD C4 "m=video 3000 RTP/AVP 31\r\nm=audio 0 RTP/AVP 8\r\nm=audio 4000 RTP/SAVP 8\r\n"
	     "m=audio 4002 RTP/AVP 18\r\nm=audio 4004 RTP/AVP 0\r\nc=IN IP4 192.0.2.9/127\r\n"
	     "m=audio 4006 RTP/AVP 8\r\n",
     0, "192.0.2.9:4004", "192.0.2.9:4005", 1, MEDIA_PCMU, 0, MEDIA_SENDRECV, 0, false, 6, 4},
    {HEAD C4 "m=audio 65535/2 RTP/AVP 8\r\n", 0, "192.0.2.2:65535", NULL, 1, MEDIA_PCMA, 8,
     MEDIA_SENDRECV, 0, false, 1, 0},
    /* nothing for us */
    {HEAD C4 "m=audio 4000 RTP/AVP 18 4\r\n", .lines = 1, .ours = 1},
    {HEAD C4 "m=audio 0 RTP/AVP 8\r\n", .rejected = true, .lines = 1, .ours = 1},
    {HEAD C4 "m=image 4000 udptl t38\r\n", .lines = 1, .ours = 1},
    {HEAD "m=audio 4000 RTP/AVP 8\r\n", .lines = 1, .ours = 1}, /* no address */
    {HEAD "c=IN IP4 224.0.0.9/15\r\nm=audio 4000 RTP/AVP 8\r\n", .lines = 1, .ours = 1},
    {HEAD "c=IN IP4 host.example\r\nm=audio 4000 RTP/AVP 8\r\n", .lines = 1, .ours = 1},
    {HEAD "c=IN IP6 192.0.2.2\r\nm=audio 4000 RTP/AVP 8\r\n", .lines = 1, .ours = 1},
    {HEAD C4, .lines = 0, .ours = 0},
    /* no SDP */
    {"", -EBADMSG},
    {"rubbish", -EBADMSG},
    {"v=1\r\n", -EBADMSG},
    {"v=0\r\nm audio\r\n", -EBADMSG},
    {HEAD C4 "m=audio\r\n", -EBADMSG},
    {HEAD C4 "m=audio 1 RTP/AVP\r", -EBADMSG}, /* libosip2 reads beyond this one */
    {HEAD C4 "m=audio 70000 RTP/AVP 8\r\n", -EBADMSG},
    {HEAD C4 "m=audio -1 RTP/AVP 8\r\n", -EBADMSG},
    {HEAD "m=a 1 b c\nm=a 1 b c\nm=a 1 b c\nm=a 1 b c\nm=a 1 b c\nm=a 1 b c\nm=a 1 b c\n"
	  "m=a 1 b c\nm=a 1 b c\n",
     -EBADMSG},
};

static void assert_address(const struct net_addr *a, const char *expected)
{
	char text[NET_ADDR_TEXT];

	if (expected)
		assert_string_equal(net_addr_format(a, text), expected);
	else
		assert_int_equal(a->family, 0);
}

/* From memory of exactly that size, so that ASan sees a read too far. */
static int parse_exact(struct media_desc *d, struct sdp_lines *lines, const char *text, size_t len)
{
	char *exact = malloc(len ? len : 1);
	int err;

	memcpy(exact, text, len);
	err = sdp_parse(d, lines, exact, len);
	free(exact);
	return err;
}

void test_sdp_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct expectation *e = &table[i];
		struct sdp_lines lines;
		struct media_desc d;
		size_t len = strlen(e->text);
		int err = parse_exact(&d, &lines, e->text, len);

		if (err != e->err)
			print_error("row %zu: %d\n", i, err);
		assert_int_equal(err, e->err);
		for (size_t cut = 0; cut < len; cut++) {
			struct sdp_lines cut_lines;
			struct media_desc cut_desc;

			parse_exact(&cut_desc, &cut_lines, e->text, cut);
		}
		if (err)
			continue;
		assert_true(d.present);
		assert_int_equal(d.format_count, e->formats);
		assert_int_equal(d.rejected, e->rejected);
		assert_int_equal(lines.count, e->lines);
		assert_int_equal(lines.ours, e->ours);
		if (!e->rtp)
			continue;
		assert_address(&d.rtp, e->rtp);
		assert_address(&d.rtcp, e->rtcp);
		assert_int_equal(d.format[0].codec, e->first);
		assert_int_equal(d.format[0].payload_type, e->payload_type);
		assert_int_equal(d.direction, e->direction);
		assert_int_equal(d.ptime_ms, e->ptime_ms);
	}
	assert_int_equal(
	    parse_exact(&(struct media_desc){0}, &(struct sdp_lines){0}, "v=0\r\n\0\r\n", 8),
	    -EBADMSG);
}

void test_sdp_format(void **state)
{
	static const char offer[] =
	    HEAD C4 "t=0 0\r\nm=video 3000 RTP/AVP 31 32\r\nm=audio 4000 RTP/AVP 96 0\r\n"
		    "a=rtpmap:96 PCMA/8000\r\nm=audio 5000 RTP/AVP 0\r\n";
	static const char expected[] =
	    "v=0\r\no=- 77 3 IN IP6 2001:db8::1\r\ns=-\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\n"
	    "m=video 0 RTP/AVP 31\r\nm=audio 9000 RTP/AVP 96\r\na=rtpmap:96 PCMA/8000\r\n"
	    "a=rtcp:9009\r\na=ptime:20\r\na=recvonly\r\nm=audio 0 RTP/AVP 0\r\n";
	struct sdp_origin origin = {.session = 77, .version = 3};
	struct media_desc d,
	    ours = {
		.present = true, .format_count = 1, .ptime_ms = 20, .direction = MEDIA_RECVONLY};
	struct sdp_lines lines;
	char text[SDP_TEXT_MAX];
	struct strbuf b;

	(void)state;
	assert_int_equal(sdp_parse(&d, &lines, offer, strlen(offer)), 0);
	assert_int_equal(d.format[0].payload_type, 96);
	ours.format[0] = d.format[0];
	net_addr_parse(&ours.rtp, "[2001:db8::1]:9000");
	net_addr_parse(&ours.rtcp, "[2001:db8::1]:9009");
	strbuf_init(&b, text, sizeof(text));
	sdp_format(&b, &ours, &lines, &origin);
	assert_string_equal(text, expected);
	/* what we write we read the same */
	assert_int_equal(sdp_parse(&d, &lines, text, strlen(text)), 0);
	assert_true(net_addr_equal(&d.rtp, &ours.rtp));
	assert_true(net_addr_equal(&d.rtcp, &ours.rtcp));
	assert_int_equal(d.direction, ours.direction);
	assert_int_equal(d.ptime_ms, 20);
	assert_int_equal(lines.ours, 1);
}

void test_sdp_in_multipart(void **state)
{
	static const char type[] = "multipart/mixed ; boundary=\"a b\"";
	static const char body[] =
	    "preamble\r\n--a b\r\nContent-Type: application/isup\r\n\r\nxyz\r\n"
	    "--a b\r\nContent-type:application/sdp;x=y\r\n\r\nv=0\r\n--a b--\r\n";
	static const char twice[] = "--a b\r\nContent-Type: text/plain\r\nContent-Type: "
				    "application/sdp\r\n\r\nv=0\r\n--a b--\r\n";
	const char *part;
	size_t len;

	(void)state;
	assert_true(body_find_sdp(type, body, strlen(body), &part, &len));
	assert_memory_equal(part, "v=0\r\n", len);
	assert_int_equal(len, 5);
	for (size_t cut = 0; cut < strlen(body); cut++) {
		char *exact = malloc(cut ? cut : 1);

		memcpy(exact, body, cut);
		body_find_sdp(type, exact, cut, &part, &len);
		free(exact);
	}
	assert_false(body_find_sdp("multipart/mixed", body, strlen(body), &part, &len));
	assert_false(body_find_sdp("multipart/mixed;boundary=zz", body, strlen(body), &part, &len));
	/* a header of a part twice: which one counts? */
	assert_false(body_find_sdp(type, twice, strlen(twice), &part, &len));
	assert_true(body_is_type("Application/SDP ;a=b", "application/sdp"));
	assert_false(body_is_type("application/sdpx", "application/sdp"));
	assert_true(body_is_type("multipart/alternative", "multipart/"));
}
