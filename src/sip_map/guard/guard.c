/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/guard/guard.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/sip_map/method.h"

static const struct {
	const char *name;
	const char *compact; /* RFC 3261 7.3.3; k is Supported, which libosip2 does not know */
	enum guard_header_id id;
} header_names[] = {
    {"Via", "v", GUARD_VIA},
    {"From", "f", GUARD_FROM},
    {"To", "t", GUARD_TO},
    {"Call-ID", "i", GUARD_CALL_ID},
    {"CSeq", NULL, GUARD_CSEQ},
    {"Contact", "m", GUARD_CONTACT},
    {"Record-Route", NULL, GUARD_RECORD_ROUTE},
    {"Max-Forwards", NULL, GUARD_MAX_FORWARDS},
    {"Content-Length", "l", GUARD_CONTENT_LENGTH},
    {"Content-Type", "c", GUARD_CONTENT_TYPE},
    {"Content-Encoding", "e", GUARD_CONTENT_ENCODING},
    {"Content-Disposition", NULL, GUARD_CONTENT_DISPOSITION},
    {"Require", NULL, GUARD_REQUIRE},
    {"Accept", NULL, GUARD_ACCEPT},
    {"Reason", NULL, GUARD_REASON},
    {"Privacy", NULL, GUARD_PRIVACY},
    {"P-Asserted-Identity", NULL, GUARD_P_ASSERTED_IDENTITY},
    {"Diversion", NULL, GUARD_DIVERSION},
    {"History-Info", NULL, GUARD_HISTORY_INFO},
    {"Warning", NULL, GUARD_WARNING},
    {"Timestamp", NULL, GUARD_TIMESTAMP},
};

const char *guard_find(const struct guard_msg *m, enum guard_header_id id)
{
	for (unsigned i = 0; i < m->header_count; i++)
		if (m->header[i].id == id)
			return m->header[i].value;
	return NULL;
}

bool guard_has_token(const struct guard_msg *m, enum guard_header_id id, const char *token)
{
	size_t n = strlen(token);

	for (unsigned i = 0; i < m->header_count; i++) {
		const char *p = m->header[i].value;

		if (m->header[i].id != id)
			continue;
		while (*p) {
			p += strspn(p, " \t,");
			if (strncasecmp(p, token, n) == 0 && strchr(" \t,;", p[n]))
				return true;
			p += strcspn(p, ",");
		}
	}
	return false;
}

/* The first thing found wrong is the one that is reported. */
static void refuse(struct guard_msg *m, unsigned status, const char *why)
{
	if (m->refuse_status == 0) {
		m->refuse_status = status;
		m->refuse_why = why;
	}
}

/* RFC 3261 25.1 token */
static bool is_token(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("-.!%*_+`'~", *text))
			return false;
	return true;
}

static unsigned count_any(const char *text, const char *set)
{
	unsigned n = 0;

	for (; *text; text++)
		if (strchr(set, *text))
			n++;
	return n;
}

/* Ends the line that begins at p, in place: unfolds it, trims it, sets *next behind it.
 * Returns the line as a C string. head_end points at the octet behind the head. */
static char *take_line(struct guard_msg *m, char *p, char *head_end, char **next)
{
	char *end = p;

	for (;;) {
		end = memchr(end, '\n', (size_t)(head_end - end));
		if (!end || end + 1 >= head_end)
			break;
		/* RFC 3261 7.3.1: a line that begins with white space continues this one (an
		 * empty line never does: it ends the headers). */
		if (end == p || (end == p + 1 && *p == '\r') || (end[1] != ' ' && end[1] != '\t'))
			break;
		*end = ' ';
		if (end > p && end[-1] == '\r')
			end[-1] = ' ';
	}
	*next = end ? end + 1 : head_end;
	if (!end)
		end = head_end;
	if (end > p && end[-1] == '\r')
		end--;
	for (char *c = p; c < end; c++) {
		if (*c == '\0' || *c == '\r') {
			*c = ' ';
			refuse(m, 400, "NUL or lone CR in a header");
		}
	}
	*end = '\0';
	return p;
}

static void trim_end(char *text)
{
	size_t n = strlen(text);

	while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	text[n] = '\0';
}

static bool scan_status_line(struct guard_msg *m, const char *line)
{
	const char *code = line + 8;

	if (!isdigit((unsigned char)code[0]) || !isdigit((unsigned char)code[1]) ||
	    !isdigit((unsigned char)code[2]) || (code[3] != ' ' && code[3] != '\0'))
		return false;
	m->status = (unsigned)strtoul(code, NULL, 10);
	return m->status >= 100 && m->status <= 699;
}

static void check_request_uri(struct guard_msg *m)
{
	const char *colon = strchr(m->uri, ':');
	size_t scheme = colon ? (size_t)(colon - m->uri) : 0;
	unsigned separators = count_any(m->uri, ";?&");

	if (!*m->uri || strpbrk(m->uri, "<>\" \t"))
		refuse(m, 400, "bad Request-URI");
	else if (strlen(m->uri) > GUARD_VALUE_MAX || separators > GUARD_SEPARATORS_MAX)
		refuse(m, 414, "Request-URI too long");
	else if (!scheme || strcspn(m->uri, "@;?/") < scheme)
		refuse(m, 400, "Request-URI without a scheme");
	else if ((scheme != 3 || strncasecmp(m->uri, "sip", 3) != 0) &&
		 (scheme != 3 || strncasecmp(m->uri, "tel", 3) != 0))
		refuse(m, 416, "Request-URI scheme"); /* sips is no scheme for UDP */
	else if (strchr(m->uri, '?'))
		refuse(m, 400, "headers in the Request-URI"); /* RFC 3261 19.1.1 */
	if (strstr(m->uri, "%00"))
		refuse(m, 400, "%00");
	/* One that is refused leaves the headers enough for an answer. */
	m->separators = separators > GUARD_SEPARATORS_MAX ? 0 : separators;
}

/* METHOD SP Request-URI SP SIP/2.0, single spaces (RFC 3261 7.1). */
static bool scan_request_line(struct guard_msg *m, char *line)
{
	char *uri = strchr(line, ' '), *version;

	if (!uri || uri == line)
		return false;
	version = strchr(uri + 1, ' ');
	if (!version || !strstr(version, "SIP/"))
		return false;
	*uri++ = '\0';
	if (!is_token(line))
		return false;
	if (strncmp(version + 1, "SIP/", 4) != 0) { /* spaces in front of it or in the URI */
		refuse(m, 400, "bad request line");
		version = strrchr(version, 'S') - 1;
	}
	*version++ = '\0';
	m->request = true;
	m->method = line;
	m->uri = uri;
	if (strcasecmp(version, "SIP/2.0") != 0) {
		bool number = isdigit((unsigned char)version[4]) && !strpbrk(version, " \t");

		refuse(m, number ? 505 : 400, "SIP version");
	}
	check_request_uri(m);
	return true;
}

static enum guard_header_id header_id(const char *name)
{
	for (size_t i = 0; i < sizeof(header_names) / sizeof(header_names[0]); i++)
		if (strcasecmp(name, header_names[i].name) == 0 ||
		    (header_names[i].compact && strcasecmp(name, header_names[i].compact) == 0))
			return header_names[i].id;
	return GUARD_OTHER;
}

static void scan_header(struct guard_msg *m, char *line)
{
	char *colon = strchr(line, ':'), *value;
	enum guard_header_id id;

	if (!colon) {
		refuse(m, 400, "header without a colon");
		return;
	}
	*colon = '\0';
	trim_end(line);
	if (!is_token(line)) {
		refuse(m, 400, "bad header name");
		return;
	}
	id = header_id(line);
	if (id == GUARD_OTHER)
		return;
	value = colon + 1;
	value += strspn(value, " \t");
	trim_end(value);
	if (id < GUARD_PARSED) {
		unsigned separators = count_any(value, ",;?&");

		if (strlen(value) > GUARD_VALUE_MAX ||
		    m->separators + separators > GUARD_SEPARATORS_MAX) {
			refuse(m, 400, "header too long");
			return;
		}
		m->separators += separators;
		if (strstr(value, "%00"))
			refuse(m, 400, "%00");
	}
	m->header[m->header_count++] = (struct guard_header){.id = id, .value = value};
}

/* Digits only, bounded. */
static bool parse_number(const char *text, uint64_t max, uint64_t *out, const char **end)
{
	uint64_t n = 0;

	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text); text++) {
		n = n * 10 + (uint64_t)(*text - '0');
		if (n > max)
			return false;
	}
	*out = n;
	*end = text;
	return true;
}

static void check_cseq(struct guard_msg *m)
{
	const char *text = guard_find(m, GUARD_CSEQ), *end;
	uint64_t n;

	m->cseq_method = "";
	if (!text)
		return;
	if (!parse_number(text, UINT32_MAX, &n, &end) || (*end != ' ' && *end != '\t')) {
		refuse(m, 400, "CSeq");
		return;
	}
	m->cseq = (uint32_t)n;
	m->cseq_method = end + strspn(end, " \t");
	if (!is_token(m->cseq_method))
		refuse(m, 400, "CSeq");
	else if (m->request && strcmp(m->cseq_method, m->method) != 0)
		refuse(m, 400, "CSeq method");
}

static void check_numbers(struct guard_msg *m)
{
	const char *text = guard_find(m, GUARD_CONTENT_LENGTH), *end;
	uint64_t n;

	/* RFC 3261 18.3: over UDP what follows the body is ignored, a body too short is an error */
	if (text) {
		if (!parse_number(text, 0xffffff, &n, &end) || *end || n > m->body_len)
			refuse(m, 400, "Content-Length");
		else
			m->body_len = (size_t)n;
	}
	text = guard_find(m, GUARD_MAX_FORWARDS);
	if (text && (!parse_number(text, 0xffffffff, &n, &end) || *end))
		refuse(m, 400, "Max-Forwards");
}

static void check_headers(struct guard_msg *m)
{
	static const struct {
		enum guard_header_id id;
		bool mandatory;
	} single[] = {
	    {GUARD_FROM, true},		 {GUARD_TO, true},
	    {GUARD_CALL_ID, true},	 {GUARD_CSEQ, true},
	    {GUARD_MAX_FORWARDS, false}, {GUARD_CONTENT_LENGTH, false},
	    {GUARD_CONTENT_TYPE, false}, {GUARD_CONTENT_DISPOSITION, false},
	    {GUARD_TIMESTAMP, false},
	};
	unsigned seen[GUARD_OTHER] = {0};

	for (unsigned i = 0; i < m->header_count; i++)
		seen[m->header[i].id]++;
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		if (seen[single[i].id] > 1)
			refuse(m, 400, "header twice");
		else if (single[i].mandatory && !seen[single[i].id])
			refuse(m, 400, "header missing");
	}
	if (!seen[GUARD_VIA])
		refuse(m, 400, "header missing");
	check_cseq(m);
	check_numbers(m);
}

static bool scan_start_line(struct guard_msg *m, char *line)
{
	if (strncasecmp(line, "SIP/2.0 ", 8) == 0)
		return scan_status_line(m, line);
	return scan_request_line(m, line);
}

enum guard_verdict guard_scan(struct guard_msg *m, char *buf, size_t len)
{
	char *p = buf, *end = buf + len, *head_end = end;
	unsigned lines = 0;

	memset(m, 0, offsetof(struct guard_msg, header));
	m->refuse_status = 0;
	m->refuse_why = NULL;
	m->body_len = 0;
	*end = '\0';
	while (p < end && (*p == '\r' || *p == '\n'))
		p++;
	if (p == end)
		return GUARD_KEEPALIVE;
	m->refuse_why = "no SIP start line";
	if (head_end - p > GUARD_HEAD_MAX)
		head_end = p + GUARD_HEAD_MAX;
	if (!scan_start_line(m, take_line(m, p, head_end, &p)))
		return GUARD_DROP;
	if (m->refuse_status == 0)
		m->refuse_why = NULL;
	for (;;) {
		char *line;

		if (p >= head_end) {
			if (head_end != end)
				refuse(m, 513, "headers too long");
			break;
		}
		line = take_line(m, p, head_end, &p);
		if (!*line)
			break;
		if (++lines > GUARD_HEADERS_MAX) {
			refuse(m, 513, "too many headers");
			break;
		}
		scan_header(m, line);
	}
	m->body = p;
	m->body_len = (size_t)(end - p);
	check_headers(m);
	if (m->refuse_status == 0)
		return GUARD_OK;
	/* RFC 3261 8.2.1 comes first: of a method that we do not know the rest may be right. RFC
	 * 4475 3.1.1.2 and 3.1.2.18 want this, too. */
	if (m->request && m->refuse_status == 400 &&
	    sip_method_parse(m->method) == SIP_METHOD_UNKNOWN)
		m->refuse_status = 501;
	if (!m->request || strcmp(m->method, "ACK") == 0 || !guard_find(m, GUARD_VIA) ||
	    !guard_find(m, GUARD_CSEQ))
		return GUARD_DROP;
	return GUARD_REFUSE;
}

size_t guard_part_length(const char *value, const char *separators)
{
	bool quoted = false;
	size_t n = 0;

	for (; value[n]; n++) {
		if (quoted && value[n] == '\\' && value[n + 1])
			n++;
		else if (value[n] == '"')
			quoted = !quoted;
		else if (!quoted && strchr(separators, value[n]))
			break;
	}
	return n;
}
