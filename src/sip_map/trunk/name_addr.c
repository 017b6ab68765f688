/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/trunk/name_addr.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Up to one of the octets in stop that does not stand in a quoted string. */
static size_t length_to(const char *p, size_t len, const char *stop)
{
	bool quoted = false;
	size_t n = 0;

	for (; n < len; n++) {
		if (quoted && p[n] == '\\' && n + 1 < len)
			n++;
		else if (p[n] == '"')
			quoted = !quoted;
		else if (!quoted && strchr(stop, p[n]))
			break;
	}
	return n;
}

static struct text_span trim(const char *p, size_t len)
{
	while (len && strchr(" \t", *p)) {
		p++;
		len--;
	}
	while (len && strchr(" \t", p[len - 1]))
		len--;
	return (struct text_span){p, len};
}

bool name_addr_next(const char **p, struct name_addr *out)
{
	const char *at = *p + strspn(*p, " \t,");
	size_t len = strlen(at), n = length_to(at, len, "<,"), end;

	*out = (struct name_addr){{at, 0}, {at, 0}};
	*p = at + len;
	if (!len)
		return false;
	if (at[n] != '<') { /* RFC 3261 20: without brackets, all parameters are the header's */
		end = length_to(at, n, ";");
		out->uri = trim(at, end);
		out->params = (struct text_span){at + end, n - end};
		*p = at + n;
		return true;
	}
	at += n + 1;
	len -= n + 1;
	end = strcspn(at, ">");
	if (end == len)
		return true; /* never closed: nothing behind it can be told apart */
	out->uri = trim(at, end);
	at += end + 1;
	out->params = (struct text_span){at, length_to(at, len - end - 1, ",")};
	*p = at + out->params.len;
	return true;
}

static int hex_value(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool has_scheme(struct text_span uri, const char *scheme)
{
	size_t n = strlen(scheme);

	return uri.len > n && strncasecmp(uri.at, scheme, n) == 0;
}

/* Like strcspn(), in a span. */
static size_t span_to(struct text_span s, const char *stop)
{
	size_t n = 0;

	while (n < s.len && !strchr(stop, s.at[n]))
		n++;
	return n;
}

bool name_addr_user(struct text_span uri, char out[NAME_ADDR_USER_MAX], bool *tel)
{
	size_t scheme, end, n = 0;
	const char *p;

	*tel = has_scheme(uri, "tel:");
	if (!*tel && !has_scheme(uri, "sip:") && !has_scheme(uri, "sips:"))
		return false;
	scheme = span_to(uri, ":") + 1;
	uri = (struct text_span){uri.at + scheme, uri.len - scheme};
	end = span_to(uri, *tel ? ";" : "@");
	if (!*tel && end == uri.len)
		return false;
	p = uri.at;
	for (size_t i = 0; i < end && n < NAME_ADDR_USER_MAX - 1; i++) {
		int hi = p[i] == '%' && i + 2 < end ? hex_value(p[i + 1]) : -1;
		int lo = hi >= 0 ? hex_value(p[i + 2]) : -1;

		out[n++] = lo >= 0 ? (char)(hi << 4 | lo) : p[i];
		if (lo >= 0)
			i += 2;
	}
	out[n] = '\0';
	return memchr(out, '\0', n) == NULL;
}

bool name_addr_param(struct text_span params, const char *name, char out[NAME_ADDR_PARAM_MAX])
{
	size_t size = strlen(name);

	*out = '\0';
	while (params.len) {
		size_t n = params.at[0] == ';' ? 1 : 0, end = n;
		struct text_span one, key;

		end += length_to(params.at + n, params.len - n, ";");
		one = trim(params.at + n, end - n);
		params = (struct text_span){params.at + end, params.len - end};
		key = trim(one.at, span_to(one, "="));
		if (key.len != size || strncasecmp(key.at, name, size) != 0)
			continue;
		n = span_to(one, "=");
		if (n == one.len)
			return true;
		one = trim(one.at + n + 1, one.len - n - 1);
		if (one.len >= 2 && *one.at == '"' && one.at[one.len - 1] == '"')
			one = (struct text_span){one.at + 1, one.len - 2};
		if (one.len >= NAME_ADDR_PARAM_MAX)
			one.len = NAME_ADDR_PARAM_MAX - 1;
		memcpy(out, one.at, one.len);
		out[one.len] = '\0';
		return true;
	}
	return false;
}

/* Parameters of the user part (a telephone-subscriber, RFC 3261 19.1.6) stand before the @. */
struct text_span name_addr_uri_params(struct text_span uri)
{
	size_t end = span_to(uri, "?"), at = span_to((struct text_span){uri.at, end}, "@"), from;

	if (at == end)
		at = 0;
	from = at + span_to((struct text_span){uri.at + at, end - at}, ";");
	return (struct text_span){uri.at + from, end - from};
}

struct text_span name_addr_uri_headers(struct text_span uri)
{
	size_t from = span_to(uri, "?");

	if (from < uri.len)
		from++;
	return (struct text_span){uri.at + from, uri.len - from};
}
