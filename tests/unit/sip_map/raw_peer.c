/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/sip_map/raw_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const char raw_sdp[] = "v=0\no=- 1 1 IN IP4 192.0.2.2\ns=-\nc=IN IP4 192.0.2.2\nt=0 0\n"
		       "m=audio 30000 RTP/AVP 8 0 101\na=rtpmap:101 telephone-event/8000\n";

void raw_open(struct raw_peer *p)
{
	memset(p, 0, sizeof(*p));
	p->w = world_create(1, 4, 7, 10);
	p->from = p->w->trunk[0].peer;
}

void raw_close(struct raw_peer *p)
{
	world_destroy(p->w);
}

void raw_send(struct raw_peer *p, const char *format, ...)
{
	char text[RAW_TEXT_MAX], wire[2 * RAW_TEXT_MAX];
	size_t n = 0;
	va_list ap;

	va_start(ap, format);
	assert_in_range(vsnprintf(text, sizeof(text), format, ap), 1, sizeof(text) - 1);
	va_end(ap);
	for (const char *c = text; *c; c++) {
		if (*c == '\n')
			wire[n++] = '\r';
		wire[n++] = *c;
	}
	world_inject(p->w, 0, &p->from, wire, n);
}

const char *raw_expect(struct raw_peer *p, const char *begins)
{
	const char *text;

	if (p->mark >= p->w->log_count)
		print_error("nothing came, expected \"%s\"\n", begins);
	assert_true(p->mark < p->w->log_count);
	text = p->w->log[p->mark++].text;
	if (strncmp(text, begins, strlen(begins)) != 0)
		print_error("expected \"%s\", got\n%s\n", begins, text);
	assert_memory_equal(text, begins, strlen(begins));
	return text;
}

void raw_expect_nothing(struct raw_peer *p)
{
	if (p->mark < p->w->log_count)
		print_error("expected nothing, got\n%s\n", p->w->log[p->mark].text);
	assert_int_equal(p->mark, p->w->log_count);
}

void raw_header(const char *text, const char *name, char *out, size_t size)
{
	char pattern[64];
	const char *p;

	snprintf(pattern, sizeof(pattern), "\r\n%s: ", name);
	p = strstr(text, pattern);
	if (!p)
		print_error("no %s in\n%s\n", name, text);
	assert_non_null(p);
	p += strlen(pattern);
	snprintf(out, size, "%.*s", (int)strcspn(p, "\r"), p);
}

void raw_tag(const char *text, const char *header, char *out, size_t size)
{
	char value[512];
	const char *p;

	raw_header(text, header, value, sizeof(value));
	p = strstr(value, ";tag=");
	assert_non_null(p);
	snprintf(out, size, "%.*s", (int)strcspn(p + 5, ";>"), p + 5);
}

bool raw_has(const char *text, const char *line)
{
	char pattern[512];

	snprintf(pattern, sizeof(pattern), "\r\n%s\r\n", line);
	if (strstr(text, pattern))
		return true;
	print_error("no \"%s\" in\n%s\n", line, text);
	return false;
}

void raw_invite(struct raw_peer *p, const char *branch, unsigned cseq, const char *more,
		const char *body)
{
	size_t len = strlen(body);

	for (const char *c = body; *c; c++)
		len += *c == '\n';
	raw_send(p,
		 "INVITE sip:+4930555@192.0.2.1 SIP/2.0\n"
		 "Via: SIP/2.0/UDP 10.9.9.9:5062;branch=z9hG4bK%s;rport\n"
		 "Max-Forwards: 70\nFrom: \"A \\\"b\\\"\" <sip:030123@peer.example>;tag=ft\n"
		 "To: <sip:+4930555@192.0.2.1>\nCall-ID: raw1\nCSeq: %u INVITE\n"
		 "Contact: <sip:peer@192.0.2.2:5066>\n%s%sContent-Length: %zu\n\n%s",
		 branch, cseq, more, len ? "Content-Type: application/sdp\n" : "", len, body);
}
