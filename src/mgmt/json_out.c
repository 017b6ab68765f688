/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/json_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 4096 };

static void add(struct json_out *j, const char *text, size_t len)
{
	if (j->failed)
		return;
	if (len >= j->size - j->len) { /* keeps room for the NUL */
		size_t size = j->size ? j->size : FIRST_SIZE;
		char *grown;

		while (len >= size - j->len)
			size *= 2;
		grown = realloc(j->text, size);
		if (!grown) {
			j->failed = true;
			return;
		}
		j->text = grown;
		j->size = size;
	}
	memcpy(j->text + j->len, text, len);
	j->len += len;
}

static void begin(struct json_out *j, const char *key)
{
	if (j->comma)
		add(j, ",", 1);
	j->comma = true;
	if (!key)
		return;
	add(j, "\"", 1);
	add(j, key, strlen(key));
	add(j, "\":", 2);
}

void json_open(struct json_out *j, const char *key, char bracket)
{
	begin(j, key);
	add(j, &bracket, 1);
	j->comma = false;
}

void json_close(struct json_out *j, char bracket)
{
	add(j, &bracket, 1);
	j->comma = true;
}

/* Octets of the UTF-8 character at p, 0 when it is none (RFC 3629 4). */
static size_t character(const unsigned char *p)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (n == 0 || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

void json_text(struct json_out *j, const char *key, const char *text)
{
	const unsigned char *p = (const unsigned char *)text, *plain = p;

	begin(j, key);
	add(j, "\"", 1);
	while (*p) {
		size_t n = character(p);
		char escape[8];

		if (n && *p >= 0x20 && *p != '"' && *p != '\\' && *p != 0x7f) {
			p += n;
			continue;
		}
		add(j, (const char *)plain, (size_t)(p - plain));
		if (n == 0)
			add(j, "\xef\xbf\xbd", 3);
		else
			add(j, escape, (size_t)snprintf(escape, sizeof(escape), "\\u%04x", *p));
		plain = ++p;
	}
	add(j, (const char *)plain, (size_t)(p - plain));
	add(j, "\"", 1);
}

void json_count(struct json_out *j, const char *key, uint64_t n)
{
	char digits[24], *p = digits + sizeof(digits);

	begin(j, key);
	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	add(j, p, (size_t)(digits + sizeof(digits) - p));
}

void json_bool(struct json_out *j, const char *key, bool value)
{
	begin(j, key);
	add(j, value ? "true" : "false", value ? 4 : 5);
}

void json_raw(struct json_out *j, const char *key, const char *text, size_t len)
{
	begin(j, key);
	add(j, text, len);
}

char *json_take(struct json_out *j, size_t *len)
{
	char *text = j->failed ? NULL : j->text;

	if (!text) {
		json_drop(j);
		return NULL;
	}
	text[j->len] = '\0';
	if (len)
		*len = j->len;
	*j = (struct json_out){0};
	return text;
}

void json_drop(struct json_out *j)
{
	free(j->text);
	*j = (struct json_out){0};
}
