/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "src/sip_map/trunk/trunk.h"

enum { USER_MAX = 256 };

/* Digits of a user part, cut at its parameters (;phone-context and the like, RFC 3966). */
static bool parse_digits(struct call_number *out, const char *user, bool tel)
{
	size_t n = 0;
	bool international = *user == '+';

	memset(out, 0, sizeof(*out));
	if (international)
		user++;
	for (; *user && *user != ';'; user++) {
		if ((international || tel) && strchr("-.()", *user))
			continue; /* RFC 3966 visual separators */
		if (!isdigit((unsigned char)*user) && *user != '*' && *user != '#')
			return false;
		if (n == CALL_DIGITS_MAX)
			return false;
		out->digits[n++] = *user;
	}
	out->present = n > 0;
	out->ton = international ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN;
	out->npi = strpbrk(out->digits, "*#") ? CALL_NPI_UNKNOWN : CALL_NPI_E164;
	return n > 0;
}

bool trunk_number_parse(struct call_number *out, const struct sip_uri *uri)
{
	return parse_digits(out, uri->user, strcasecmp(uri->scheme, "tel") == 0);
}

static int hex_value(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind a display name: the name itself may hold anything. */
static const char *skip_name(const char *p)
{
	const char *open;

	p += strspn(p, " \t");
	if (*p == '"') {
		for (p++; *p && *p != '"'; p++)
			if (*p == '\\' && p[1])
				p++;
		if (*p)
			p++;
	}
	open = strchr(p, '<');
	return open ? open + 1 : p;
}

/* The user part of the first URI in a raw name-addr header, unescaped once. */
static bool first_user(const char *header, char out[USER_MAX], bool *tel)
{
	const char *p = skip_name(header);
	size_t n = 0, end;

	*tel = strncasecmp(p, "tel:", 4) == 0;
	if (!*tel && strncasecmp(p, "sip:", 4) != 0 && strncasecmp(p, "sips:", 5) != 0)
		return false;
	p = strchr(p, ':') + 1;
	end = strcspn(p, *tel ? ";>, " : "@>, ");
	if (!*tel && p[end] != '@')
		return false;
	for (size_t i = 0; i < end && n < USER_MAX - 1; i++) {
		int hi = p[i] == '%' && i + 2 < end ? hex_value(p[i + 1]) : -1;
		int lo = hi >= 0 ? hex_value(p[i + 2]) : -1;

		out[n++] = lo >= 0 ? (char)(hi << 4 | lo) : p[i];
		if (lo >= 0)
			i += 2;
	}
	out[n] = '\0';
	return memchr(out, '\0', n) == NULL;
}

/* Length of the UTF-8 sequence at p, 0 when it is none or a control character. */
static size_t utf8_length(const unsigned char *p)
{
	size_t n = p[0] < 0x80	 ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;

	if (n == 1 && (p[0] < 0x20 || p[0] == 0x7f))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static void parse_name(char out[CALL_NAME_MAX + 1], const char *quoted)
{
	size_t n = 0, len = strlen(quoted);
	bool in_quotes = len >= 2 && quoted[0] == '"' && quoted[len - 1] == '"';
	const char *end = quoted + len - (in_quotes ? 1 : 0);

	for (const char *p = quoted + (in_quotes ? 1 : 0); p < end;) {
		size_t size;

		if (in_quotes && *p == '\\' && p + 1 < end)
			p++;
		size = utf8_length((const unsigned char *)p);
		if (size && n + size > CALL_NAME_MAX)
			break;
		memcpy(out + n, p, size);
		n += size;
		p += size ? size : 1;
	}
	out[n] = '\0';
}

/* Priv-values are separated by semicolons (RFC 3323 4.2). */
static bool has_priv_value(const char *p, const char *value)
{
	size_t n = strlen(value);

	while (*p) {
		p += strspn(p, " \t;,");
		if (strncasecmp(p, value, n) == 0 && strchr(" \t;,", p[n]))
			return true;
		p += strcspn(p, ";,");
	}
	return false;
}

void trunk_calling_parse(struct call_setup *setup, const struct sip_msg *m)
{
	const char *asserted = guard_find(m->g, GUARD_P_ASSERTED_IDENTITY);
	const char *privacy = guard_find(m->g, GUARD_PRIVACY);
	bool restricted = strcasecmp(m->from_uri.user, "anonymous") == 0 ||
			  strcasecmp(m->from_uri.host, "anonymous.invalid") == 0;
	struct call_number *n = &setup->calling;
	char user[USER_MAX];
	bool tel;

	/* Trunks are peers that we were told to trust, so what they assert counts (RFC 3325 5). */
	if (asserted && first_user(asserted, user, &tel) && parse_digits(n, user, tel))
		n->screening = CALL_SCREEN_NETWORK;
	else if (!restricted)
		trunk_number_parse(n, &m->from_uri);
	if (privacy && !has_priv_value(privacy, "none") &&
	    (has_priv_value(privacy, "id") || has_priv_value(privacy, "user")))
		restricted = true;
	if (!n->present)
		memset(n, 0, sizeof(*n));
	if (restricted) {
		n->present = true;
		n->presentation = CALL_PRES_RESTRICTED;
	} else {
		parse_name(setup->calling_name, m->from_name);
	}
}
