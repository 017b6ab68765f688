/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The telephone number of a tel: URI (RFC 3966), or of a sip: URI whose user part is one (RFC 3261
 * 19.1.6), with what number portability adds (RFC 4694). */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/strbuf.h"
#include "gateway/lookup/enum/naptr.h"

/* %2B and the like; false: no hexadecimal digits there, or nothing that is printed. */
static bool unescape(char *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned c = (unsigned char)text[i];

		if (c == '%') {
			char hex[3] = "";

			if (i + 2 >= len)
				return false;
			memcpy(hex, text + i + 1, 2);
			if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]))
				return false;
			c = 0;
			for (int k = 0; k < 2; k++)
				c = c * 16 + (unsigned)(isdigit((unsigned char)hex[k])
							    ? hex[k] - '0'
							    : tolower((unsigned char)hex[k]) - 'a' + 10);
			i += 2;
		}
		if (!isprint((int)c))
			return false;
		*out++ = (char)c;
	}
	*out = '\0';
	return true;
}

/* Digits between visual separators, a + before worldwide ones; 0 or -EBADMSG. */
static int read_number(struct call_number *out, const char *text, size_t len)
{
	bool global = len && *text == '+';
	struct strbuf b;

	*out = (struct call_number){.present = true,
				    .npi = CALL_NPI_E164,
				    .ton = global ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN};
	strbuf_init(&b, out->digits, sizeof(out->digits));
	for (size_t i = global; i < len; i++) {
		if (strchr("-.()", text[i]) && text[i])
			continue;
		if (!text[i] || !strchr(global ? "0123456789" : "0123456789*#", text[i]))
			return -EBADMSG;
		strbuf_add_n(&b, text + i, 1);
	}
	return b.len && !b.truncated ? 0 : -EBADMSG;
}

/* Value of a parameter, or NULL; *len of it. Without "=": empty. */
static const char *parameter(const char *params, const char *name, size_t *len)
{
	size_t name_len = strlen(name);

	while (*params == ';') {
		size_t whole = strcspn(++params, ";");

		if (strncasecmp(params, name, name_len) == 0 &&
		    (params[name_len] == '=' || whole == name_len)) {
			*len = whole > name_len ? whole - name_len - 1 : 0;
			return params + whole - *len;
		}
		params += whole;
	}
	return NULL;
}

/* RFC 4694: npdi says that somebody has asked, rn where a ported number is served. A routing number
 * that cannot be carried on (a local one, hexadecimal digits) is left out, and so is npdi: the next
 * network asks for itself. */
static void read_porting(struct call_porting *out, const char *params)
{
	size_t len = 0;
	const char *rn = parameter(params, "rn", &len);

	*out = (struct call_porting){.asked = parameter(params, "npdi", &(size_t){0}) != NULL};
	if (rn && (*rn != '+' || read_number(&out->routing, rn, len)))
		*out = (struct call_porting){.asked = false};
}

int naptr_uri_number(const char *uri, struct call_number *called, struct call_porting *porting)
{
	bool tel = strncasecmp(uri, "tel:", 4) == 0;
	const char *begin = uri + 4 + (strncasecmp(uri, "sips:", 5) == 0);
	char user[NAPTR_URI_MAX];
	size_t len;

	if (!tel && strncasecmp(uri, "sip:", 4) != 0 && strncasecmp(uri, "sips:", 5) != 0)
		return -EBADMSG;
	len = strcspn(begin, "@");
	if (!tel && !begin[len]) /* a host alone */
		return -ENOENT;
	if (len >= sizeof(user) || !unescape(user, begin, len))
		return -EBADMSG;
	user[strcspn(user, tel ? "" : ":")] = '\0'; /* a password */
	len = strcspn(user, ";");
	if (read_number(called, user, len))
		return tel ? -EBADMSG : -ENOENT;
	read_porting(porting, user + len);
	return 0;
}
