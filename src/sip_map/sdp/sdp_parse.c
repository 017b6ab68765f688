/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "src/sip_map/sdp/sdp.h"

enum { LINES_MAX = 300, LINE_MAX_OCTETS = 512, FORMATS_PARSED_MAX = 32, PAYLOAD_TYPES = 128 };

/* What may stand at session level and be overridden by a media line's own. */
struct level {
	struct net_addr addr; /* of c=; family 0: none */
	bool addr_unusable;   /* a name, multicast, another network type */
	int direction;	      /* -1: not given */
};

/* The m-line being read. */
struct section {
	bool open, audio;
	uint16_t port;
	unsigned payload_count;
	uint8_t payload[FORMATS_PARSED_MAX];
	int8_t codec[PAYLOAD_TYPES]; /* from rtpmap: enum media_codec, -1 another, -2 none given */
	struct level level;
	uint8_t ptime_ms;
	uint16_t rtcp_port;
	struct net_addr rtcp_addr;
};

struct parser {
	struct media_desc *out;
	struct sdp_lines *lines;
	struct level session;
	struct section m;
	unsigned audio_lines, audio_rejected;
};

/* One word, up to white space; returns what follows it. out may be NULL. */
static const char *word(const char *p, char *out, size_t size)
{
	size_t n;

	p += strspn(p, " ");
	n = strcspn(p, " ");
	if (out) {
		size_t copy = n < size ? n : size - 1;

		memcpy(out, p, copy);
		out[copy] = '\0';
	}
	return p + n;
}

/* Decimal digits up to max; -1 for anything else. *end behind them. */
static long number(const char *p, long max, const char **end)
{
	long n = 0;

	if (!isdigit((unsigned char)*p))
		return -1;
	for (; isdigit((unsigned char)*p); p++) {
		n = n * 10 + (*p - '0');
		if (n > max)
			return -1;
	}
	*end = p;
	return n;
}

static bool is_multicast(const struct net_addr *a)
{
	return a->family == 4 ? (a->ip[0] & 0xf0) == 0xe0 : a->ip[0] == 0xff;
}

/* "IN IP4 192.0.2.1" or "IN IP6 2001:db8::1" (RFC 8866 5.7). */
static bool parse_address(const char *p, struct net_addr *out)
{
	char net[8], type[8], host[64];
	struct net_addr a;

	p = word(p, net, sizeof(net));
	p = word(p, type, sizeof(type));
	word(p, host, sizeof(host));
	host[strcspn(host, "/")] = '\0';
	if (strcasecmp(net, "IN") != 0 || net_addr_parse(&a, host) || a.port)
		return false;
	if (strcasecmp(type, a.family == 4 ? "IP4" : "IP6") != 0)
		return false;
	*out = a;
	return true;
}

static void parse_connection(struct level *level, const char *value)
{
	level->addr_unusable = !parse_address(value, &level->addr) || is_multicast(&level->addr);
}

static int codec_by_name(const char *name)
{
	if (strncasecmp(name, "PCMU/8000", 9) == 0 && (!name[9] || strcmp(name + 9, "/1") == 0))
		return MEDIA_PCMU;
	if (strncasecmp(name, "PCMA/8000", 9) == 0 && (!name[9] || strcmp(name + 9, "/1") == 0))
		return MEDIA_PCMA;
	return -1;
}

static void parse_rtpmap(struct section *m, const char *value)
{
	const char *end;
	long type = number(value, PAYLOAD_TYPES - 1, &end);
	char name[32];

	if (type < 0 || *end != ' ')
		return;
	word(end, name, sizeof(name));
	m->codec[type] = (int8_t)codec_by_name(name);
}

static void parse_rtcp(struct section *m, const char *value)
{
	const char *end;
	long port = number(value, 65535, &end);

	if (port <= 0)
		return;
	m->rtcp_port = (uint16_t)port;
	if (*end == ' ' && (!parse_address(end, &m->rtcp_addr) || is_multicast(&m->rtcp_addr)))
		m->rtcp_addr.family = 0;
}

static bool parse_direction(struct level *level, const char *name)
{
	static const struct {
		const char *name;
		int direction;
	} table[] = {{"sendrecv", MEDIA_SENDRECV},
		     {"sendonly", MEDIA_SENDONLY},
		     {"recvonly", MEDIA_RECVONLY},
		     {"inactive", MEDIA_INACTIVE}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(name, table[i].name) == 0) {
			level->direction = table[i].direction;
			return true;
		}
	}
	return false;
}

static void parse_attribute(struct parser *p, const char *value)
{
	struct section *m = &p->m;
	const char *end;
	long n;

	if (parse_direction(m->open ? &m->level : &p->session, value) || !m->open)
		return;
	if (strncmp(value, "rtpmap:", 7) == 0) {
		parse_rtpmap(m, value + 7);
	} else if (strncmp(value, "rtcp:", 5) == 0) {
		parse_rtcp(m, value + 5);
	} else if (strncmp(value, "ptime:", 6) == 0) {
		n = number(value + 6, 255, &end);
		if (n > 0)
			m->ptime_ms = (uint8_t)n;
	}
}

/* RFC 3551 table 4: 0 and 8 are PCMU and PCMA unless an rtpmap says otherwise. */
static int codec_of(const struct section *m, uint8_t type)
{
	if (m->codec[type] != -2)
		return m->codec[type];
	return type == 0 ? MEDIA_PCMU : type == 8 ? MEDIA_PCMA : -1;
}

static void describe(const struct section *m, const struct level *level, struct media_desc *d)
{
	for (unsigned i = 0; i < m->payload_count && d->format_count < MEDIA_FORMATS_MAX; i++) {
		int codec = codec_of(m, m->payload[i]);

		if (codec >= 0)
			d->format[d->format_count++] = (struct media_format){
			    .codec = (enum media_codec)codec, .payload_type = m->payload[i]};
	}
	d->direction = (uint8_t)(level->direction < 0 ? MEDIA_SENDRECV : level->direction);
	/* RFC 3264 8.4: hold as RFC 2543 had it. Nowhere to send to is nothing to receive. */
	if (net_addr_is_any(&level->addr))
		d->direction &= (uint8_t)~MEDIA_RECVONLY;
	d->ptime_ms = m->ptime_ms;
	d->rtp = level->addr;
	d->rtp.port = m->port;
	d->rtcp = m->rtcp_addr.family ? m->rtcp_addr : level->addr;
	d->rtcp.port = m->rtcp_port ? m->rtcp_port : (uint16_t)(m->port + 1); /* RFC 3550 11 */
	if (d->rtcp.port == 0)
		d->rtcp.family = 0;
}

/* Ends the m-line that is being read: is it the one for us? */
static void close_section(struct parser *p)
{
	struct section *m = &p->m;
	struct level level = m->level;
	struct media_desc d = {.present = true};

	if (!m->open)
		return;
	m->open = false;
	if (!m->audio)
		return;
	p->audio_lines++;
	if (m->port == 0) {
		p->audio_rejected++;
		return;
	}
	if (!level.addr.family && !level.addr_unusable) {
		level.addr = p->session.addr;
		level.addr_unusable = p->session.addr_unusable;
	}
	if (level.direction < 0)
		level.direction = p->session.direction;
	if (!level.addr.family || level.addr_unusable || p->lines->ours < SDP_MEDIA_MAX)
		return;
	describe(m, &level, &d);
	if (d.format_count == 0)
		return;
	*p->out = d;
	p->lines->ours = p->lines->count - 1;
}

static int open_section(struct parser *p, const char *value)
{
	struct section *m = &p->m;
	char port[16], type[8];
	const char *q, *formats, *end;
	long n;

	close_section(p);
	if (p->lines->count == SDP_MEDIA_MAX)
		return -EBADMSG;
	*m = (struct section){.open = true, .level.direction = -1};
	memset(m->codec, -2, sizeof(m->codec));
	q = word(value, p->lines->line[p->lines->count].media, sizeof(p->lines->line[0].media));
	q = word(q, port, sizeof(port));
	formats = word(q, p->lines->line[p->lines->count].proto, sizeof(p->lines->line[0].proto));
	word(formats, p->lines->line[p->lines->count].format, sizeof(p->lines->line[0].format));
	n = number(port, 65535, &end);
	if (n < 0 || (*end && *end != '/') || !*p->lines->line[p->lines->count].format)
		return -EBADMSG;
	m->port = (uint16_t)n;
	m->audio = strcmp(p->lines->line[p->lines->count].media, "audio") == 0 &&
		   strcmp(p->lines->line[p->lines->count].proto, "RTP/AVP") == 0;
	p->lines->count++;
	for (unsigned i = 0; i < FORMATS_PARSED_MAX; i++) {
		formats = word(formats, type, sizeof(type));
		n = number(type, PAYLOAD_TYPES - 1, &end);
		if (n < 0 || *end)
			continue;
		m->payload[m->payload_count++] = (uint8_t)n;
	}
	return 0;
}

static int parse_line(struct parser *p, const char *line, unsigned index)
{
	if (index == 0)
		return strncmp(line, "v=0", 3) == 0 ? 0 : -EBADMSG;
	if (!isalpha((unsigned char)line[0]) || line[1] != '=')
		return -EBADMSG;
	switch (line[0]) {
	case 'c':
		parse_connection(p->m.open ? &p->m.level : &p->session, line + 2);
		return 0;
	case 'm':
		return open_section(p, line + 2);
	case 'a':
		parse_attribute(p, line + 2);
		return 0;
	default:
		return 0;
	}
}

int sdp_parse(struct media_desc *out, struct sdp_lines *lines, const char *text, size_t len)
{
	struct parser p = {.out = out, .lines = lines, .session.direction = -1};
	const char *end = text + len;
	unsigned index = 0;

	*out = (struct media_desc){.present = true};
	memset(lines, 0, sizeof(*lines));
	lines->ours = SDP_MEDIA_MAX;
	while (text < end) {
		char line[LINE_MAX_OCTETS];
		size_t n = 0;

		while (text + n < end && text[n] != '\n' && text[n] != '\r' && text[n] != '\0')
			n++;
		if (text + n < end && text[n] == '\0')
			return -EBADMSG;
		/* A line too long for any that we read is cut: what it lost says nothing to us. */
		memcpy(line, text, n < sizeof(line) ? n : sizeof(line) - 1);
		line[n < sizeof(line) ? n : sizeof(line) - 1] = '\0';
		text += n;
		while (text < end && (*text == '\r' || *text == '\n'))
			text++;
		if (n == 0)
			continue;
		if (index == LINES_MAX || parse_line(&p, line, index++))
			return -EBADMSG;
	}
	close_section(&p);
	if (index == 0)
		return -EBADMSG;
	if (lines->ours == SDP_MEDIA_MAX) {
		lines->ours = lines->count;
		out->rejected = p.audio_lines > 0 && p.audio_rejected == p.audio_lines;
	}
	return 0;
}
