/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/sip_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct sip_span trim(const char *at, const char *end)
{
	while (at < end && isspace((unsigned char)*at))
		at++;
	while (end > at && isspace((unsigned char)end[-1]))
		end--;
	return (struct sip_span){at, (size_t)(end - at)};
}

static const char *find(const char *at, const char *end, char c)
{
	const char *hit = at < end ? memchr(at, c, (size_t)(end - at)) : NULL;

	return hit ? hit : end;
}

/* End of the header that begins at `at`, folded lines with it; *next: where the next begins. */
static const char *header_end(const char *at, const char *end, const char **next)
{
	const char *line = at;

	for (;;) {
		line = find(line, end, '\n');
		*next = line < end ? line + 1 : end;
		if (*next == end || (**next != ' ' && **next != '\t'))
			return line;
		line = *next;
	}
}

static int parse_start(struct sip_text *m, struct sip_span line)
{
	const char *end = line.at + line.len, *one, *two;

	one = find(line.at, end, ' ');
	if (one == end)
		return -EBADMSG;
	two = find(one + 1, end, ' ');
	if (line.len >= 7 && strncasecmp(line.at, "SIP/2.0", 7) == 0) {
		if (end - one < 4)
			return -EBADMSG;
		for (int i = 1; i <= 3; i++) {
			if (!isdigit((unsigned char)one[i]))
				return -EBADMSG;
			m->status = m->status * 10 + one[i] - '0';
		}
		return m->status >= 100 && m->status < 700 ? 0 : -EBADMSG;
	}
	if (two == end || !sip_span_is(trim(two, end), "SIP/2.0"))
		return -EBADMSG;
	m->request = true;
	m->method = (struct sip_span){line.at, (size_t)(one - line.at)};
	m->uri = trim(one, two);
	return m->method.len && m->uri.len ? 0 : -EBADMSG;
}

int sip_text_parse(struct sip_text *m, const char *msg, size_t len)
{
	const char *at = msg, *end = msg + len, *next, *stop;
	struct sip_span length;

	memset(m, 0, sizeof(*m));
	while (at < end && (*at == '\r' || *at == '\n'))
		at++;
	stop = find(at, end, '\n');
	if (stop == end || parse_start(m, trim(at, stop)))
		return -EBADMSG;
	for (at = stop + 1; at < end; at = next) {
		const char *colon;

		stop = header_end(at, end, &next);
		if (trim(at, stop).len == 0)
			break;
		colon = find(at, stop, ':');
		if (colon == stop || m->header_count == SIP_TEXT_HEADERS_MAX)
			return -EBADMSG;
		m->header[m->header_count].name = trim(at, colon);
		m->header[m->header_count++].value = trim(colon + 1, stop);
	}
	if (at >= end)
		return -EBADMSG; /* the empty line is missing */
	m->body = (struct sip_span){next, (size_t)(end - next)};
	length = sip_text_header(m, "Content-Length", 0);
	if (length.len) {
		char text[12];
		unsigned long n;

		sip_span_copy(length, text, sizeof(text));
		n = strtoul(text, NULL, 10);
		if (n > m->body.len)
			return -EBADMSG;
		m->body.len = n;
	}
	return 0;
}

bool sip_span_is(struct sip_span s, const char *text)
{
	return strlen(text) == s.len && strncasecmp(s.at, text, s.len) == 0;
}

void sip_span_copy(struct sip_span s, char *out, size_t size)
{
	size_t n = s.len < size - 1 ? s.len : size - 1;

	if (n)
		memcpy(out, s.at, n);
	out[n] = '\0';
}

/* RFC 3261 7.3.3 and 20 */
static char compact_form(const char *name)
{
	static const struct {
		const char *name;
		char compact;
	} forms[] = {{"Via", 'v'},	   {"From", 'f'},    {"To", 't'},
		     {"Call-ID", 'i'},	   {"Contact", 'm'}, {"Content-Length", 'l'},
		     {"Content-Type", 'c'}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcasecmp(forms[i].name, name) == 0)
			return forms[i].compact;
	return '\0';
}

static bool header_is(struct sip_span name, const char *wanted)
{
	if (sip_span_is(name, wanted))
		return true;
	return name.len == 1 && tolower((unsigned char)name.at[0]) == compact_form(wanted);
}

struct sip_span sip_text_header(const struct sip_text *m, const char *name, unsigned n)
{
	for (unsigned i = 0; i < m->header_count; i++)
		if (header_is(m->header[i].name, name) && n-- == 0)
			return m->header[i].value;
	return (struct sip_span){"", 0};
}

bool sip_span_param(struct sip_span s, const char *name, char *out, size_t size)
{
	const char *end = s.at + s.len, *at = find(s.at, end, '>');

	at = find(at == end ? s.at : at, end, ';');
	while (at < end) {
		const char *stop = find(at + 1, end, ';');
		const char *equal = find(at + 1, stop, '=');

		if (sip_span_is(trim(at + 1, equal), name)) {
			sip_span_copy(trim(equal < stop ? equal + 1 : stop, stop), out, size);
			return true;
		}
		at = stop;
	}
	return false;
}

struct sip_span sip_span_uri(struct sip_span s)
{
	const char *end = s.at + s.len, *open = find(s.at, end, '<');

	if (open < end)
		return trim(open + 1, find(open, end, '>'));
	return trim(s.at, find(s.at, end, ';'));
}

void sip_span_user(struct sip_span uri, char *out, size_t size)
{
	const char *end = uri.at + uri.len;
	const char *at = find(uri.at, end, ':'), *stop = find(uri.at, end, '@');

	at = at < end ? at + 1 : uri.at;
	if (stop == end && !(uri.len >= 4 && strncasecmp(uri.at, "tel:", 4) == 0))
		stop = at; /* a URI of a host has no user */
	stop = find(at, stop, ';');
	if (at < stop && *at == '+')
		at++;
	sip_span_copy((struct sip_span){at, (size_t)(stop - at)}, out, size);
}

unsigned sip_text_cseq(const struct sip_text *m, struct sip_span *method)
{
	struct sip_span value = sip_text_header(m, "CSeq", 0);
	const char *end = value.at + value.len, *space = find(value.at, end, ' ');
	char digits[12];

	sip_span_copy(trim(value.at, space), digits, sizeof(digits));
	*method = trim(space, end);
	return (unsigned)strtoul(digits, NULL, 10);
}

int sip_text_q850(const struct sip_text *m)
{
	struct sip_span reason;

	for (unsigned n = 0; (reason = sip_text_header(m, "Reason", n)).len; n++) {
		const char *end = reason.at + reason.len;
		char cause[8];

		if (!sip_span_is(trim(reason.at, find(reason.at, end, ';')), "Q.850"))
			continue;
		if (sip_span_param(reason, "cause", cause, sizeof(cause)))
			return atoi(cause);
	}
	return 0;
}

static void echo(const struct sip_text *m, const char *name, struct strbuf *out)
{
	struct sip_span value;

	for (unsigned n = 0; (value = sip_text_header(m, name, n)).len; n++) {
		strbuf_addf(out, "%s: ", name);
		strbuf_add_n(out, value.at, value.len);
		strbuf_add(out, "\r\n");
	}
}

void sip_text_echo(const struct sip_text *request, struct strbuf *out)
{
	echo(request, "Via", out);
	echo(request, "Record-Route", out);
	echo(request, "From", out);
	echo(request, "Call-ID", out);
	echo(request, "CSeq", out);
}

static void sdp_connection(struct net_addr *host, struct sip_span value)
{
	char text[NET_ADDR_TEXT];

	if (value.len < 8 || strncmp(value.at, "IN IP", 5) != 0)
		return;
	sip_span_copy(trim(value.at + 7, value.at + value.len), text, sizeof(text));
	net_addr_parse(host, text);
}

/* m=audio 4000 RTP/AVP 8 0 101 */
static void sdp_media(struct sip_sdp *out, struct sip_span value, unsigned *port)
{
	char text[160], *word, *save = NULL;

	sip_span_copy(value, text, sizeof(text));
	word = strtok_r(text, " ", &save);
	if (!word || strcmp(word, "audio") != 0 || !(word = strtok_r(NULL, " ", &save)))
		return;
	*port = (unsigned)strtoul(word, NULL, 10);
	word = strtok_r(NULL, " ", &save);
	if (!word || strcmp(word, "RTP/AVP") != 0)
		*port = 0;
	while ((word = strtok_r(NULL, " ", &save))) {
		int type = atoi(word);

		if (type != 8 && type != 0)
			continue;
		if (!out->pcma && !out->pcmu)
			out->payload_type = (uint8_t)type;
		*(type == 8 ? &out->pcma : &out->pcmu) = true;
	}
}

void sip_sdp_parse(struct sip_sdp *out, struct sip_span body)
{
	const char *at = body.at, *end = body.at + body.len, *stop;
	struct net_addr session = {0}, media = {0};
	unsigned port = 0, rtcp_port = 0;
	bool in_audio = false, seen_media = false;

	memset(out, 0, sizeof(*out));
	for (; at < end; at = stop + (stop < end)) {
		struct sip_span value;

		stop = find(at, end, '\n');
		if (stop - at < 2 || at[1] != '=')
			continue;
		value = trim(at + 2, stop);
		if (*at == 'm') {
			in_audio = !seen_media && value.len > 6 && !strncmp(value.at, "audio ", 6);
			seen_media = seen_media || in_audio;
			if (in_audio)
				sdp_media(out, value, &port);
		} else if (*at == 'c' && !seen_media) {
			sdp_connection(&session, value);
		} else if (*at == 'c' && in_audio) {
			sdp_connection(&media, value);
		} else if (*at == 'a' && in_audio && value.len > 5 &&
			   strncmp(value.at, "rtcp:", 5) == 0) {
			char text[8];

			sip_span_copy((struct sip_span){value.at + 5, value.len - 5}, text,
				      sizeof(text));
			rtcp_port = (unsigned)strtoul(text, NULL, 10);
		}
	}
	out->rtp = media.family ? media : session;
	if (!out->rtp.family || port == 0 || port > 65534 || (!out->pcma && !out->pcmu))
		return;
	out->rtp.port = (uint16_t)port;
	out->rtcp = out->rtp;
	out->rtcp.port = (uint16_t)(rtcp_port && rtcp_port < 65536 ? rtcp_port : port + 1);
	out->present = true;
}

void sip_sdp_format(struct strbuf *out, const struct net_addr *rtp, unsigned session, uint8_t first,
		    bool both)
{
	char host[NET_ADDR_TEXT];
	int ip = rtp->family;

	net_addr_format_host(rtp, host);
	strbuf_addf(out, "v=0\r\no=lab %u 1 IN IP%d %s\r\ns=-\r\nc=IN IP%d %s\r\nt=0 0\r\n",
		    session, ip, host, ip, host);
	strbuf_addf(out, "m=audio %u RTP/AVP %u", rtp->port, first);
	if (both)
		strbuf_addf(out, " %u", first == 8 ? 0 : 8);
	strbuf_add(out, "\r\n");
	if (first == 8 || both)
		strbuf_add(out, "a=rtpmap:8 PCMA/8000\r\n");
	if (first == 0 || both)
		strbuf_add(out, "a=rtpmap:0 PCMU/8000\r\n");
	strbuf_add(out, "a=ptime:20\r\na=sendrecv\r\n");
}
