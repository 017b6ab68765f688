/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "src/sip_map/trunk/name_addr.h"
#include "src/sip_map/trunk/trunk.h"

enum { ASSERTED_MAX = 4 }; /* identities looked at */

/* Digits of a user part, cut at its parameters (;phone-context and the like, RFC 3966). */
bool trunk_digits_parse(struct call_number *out, const char *user, bool tel)
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
	return trunk_digits_parse(out, uri->user, strcasecmp(uri->scheme, "tel") == 0);
}

/* RFC 3325 9.1: one identity, or a sip and a tel URI of the same user. The first that is a number
 * counts; screening says who vouches for it. */
static bool asserted_number(struct call_number *out, const struct guard_msg *g)
{
	char user[NAME_ADDR_USER_MAX];
	struct name_addr value;
	unsigned values = 0;
	bool tel;

	for (unsigned i = 0; i < g->header_count; i++) {
		const char *p = g->header[i].value;

		if (g->header[i].id != GUARD_P_ASSERTED_IDENTITY)
			continue;
		while (values++ < ASSERTED_MAX && name_addr_next(&p, &value))
			if (name_addr_user(value.uri, user, &tel) && trunk_digits_parse(out, user, tel)) {
				out->screening = CALL_SCREEN_NETWORK;
				return true;
			}
	}
	return false;
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

/* The peer asks to keep who it is from others (RFC 3323 4.2, RFC 3325 9.3). */
static bool wants_privacy(const struct guard_msg *g)
{
	const char *privacy = guard_find(g, GUARD_PRIVACY);

	return privacy && !has_priv_value(privacy, "none") &&
	       (has_priv_value(privacy, "id") || has_priv_value(privacy, "user"));
}

void trunk_calling_parse(struct call_setup *setup, const struct sip_msg *m, bool trusted)
{
	bool restricted = strcasecmp(m->from_uri.user, "anonymous") == 0 ||
			  strcasecmp(m->from_uri.host, "anonymous.invalid") == 0;
	struct call_number *n = &setup->calling;

	/* What a trusted peer asserts counts more than From (RFC 3325 5). */
	if (!(trusted && asserted_number(n, m->g)) && !restricted)
		trunk_number_parse(n, &m->from_uri);
	if (wants_privacy(m->g))
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

void trunk_connected_parse(struct call_number *out, const struct sip_msg *m, bool trusted)
{
	bool found = trusted && asserted_number(out, m->g);

	if (!found)
		memset(out, 0, sizeof(*out));
	if (wants_privacy(m->g) && trusted) {
		out->present = true;
		out->presentation = CALL_PRES_RESTRICTED;
	}
}
