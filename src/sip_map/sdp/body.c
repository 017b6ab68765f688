/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/sdp/body.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BOUNDARY_MAX = 70, PARTS_MAX = 16 }; /* RFC 2046 5.1.1 */

bool body_is_type(const char *content_type, const char *type)
{
	size_t n = strlen(type);

	return strncasecmp(content_type, type, n) == 0 &&
	       (type[n - 1] == '/' || strchr(" \t;", content_type[n]) != NULL);
}

/* "--" and the boundary parameter; false when there is none. */
static bool delimiter(const char *content_type, char out[BOUNDARY_MAX + 3])
{
	const char *p = strcasestr(content_type, "boundary=");
	size_t n;

	if (!p)
		return false;
	p += 9;
	n = *p == '"' ? strcspn(++p, "\"") : strcspn(p, " \t;");
	if (n == 0 || n > BOUNDARY_MAX)
		return false;
	snprintf(out, BOUNDARY_MAX + 3, "--%.*s", (int)n, p);
	return true;
}

/* A part is [p, end): its headers, an empty line, its content. */
static bool part_is_sdp(const char *p, const char *end, const char **content)
{
	bool sdp = false, typed = false;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		char line[128];
		size_t n = nl ? (size_t)(nl - p) : (size_t)(end - p);
		const char *value;

		if (n && p[n - 1] == '\r')
			n--;
		snprintf(line, sizeof(line), "%.*s", (int)(n < 127 ? n : 127), p);
		p = nl ? nl + 1 : end;
		if (n == 0) {
			*content = p;
			return sdp;
		}
		if (strncasecmp(line, "Content-Type:", 13) != 0)
			continue;
		if (typed) /* which one counts? */
			return false;
		typed = true;
		value = line + 13;
		value += strspn(value, " \t");
		sdp = body_is_type(value, "application/sdp");
	}
	return false;
}

bool body_find_sdp(const char *content_type, const char *body, size_t len, const char **part,
		   size_t *part_len)
{
	char mark[BOUNDARY_MAX + 3];
	const char *end = body + len, *p;

	if (!delimiter(content_type, mark))
		return false;
	p = memmem(body, len, mark, strlen(mark));
	for (int i = 0; p && i < PARTS_MAX; i++) {
		const char *next, *content;

		p += strlen(mark);
		if (p < end && *p == '\r')
			p++;
		if (p >= end || *p != '\n')
			return false; /* the closing delimiter, or none of ours */
		p++;
		next = memmem(p, (size_t)(end - p), mark, strlen(mark));
		if (part_is_sdp(p, next ? next : end, &content)) {
			*part = content;
			*part_len = (size_t)((next ? next : end) - content);
			return true;
		}
		p = next;
	}
	return false;
}
