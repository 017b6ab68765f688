/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/strbuf.h"

#include <stdio.h>
#include <string.h>

void strbuf_init(struct strbuf *b, char *memory, size_t size)
{
	*b = (struct strbuf){.text = memory, .size = size};
	memory[0] = '\0';
}

void strbuf_add_n(struct strbuf *b, const char *text, size_t n)
{
	size_t room = b->size - 1 - b->len;

	if (n > room) {
		n = room;
		b->truncated = true;
	}
	memcpy(b->text + b->len, text, n);
	b->len += n;
	b->text[b->len] = '\0';
}

void strbuf_add(struct strbuf *b, const char *text)
{
	strbuf_add_n(b, text, strlen(text));
}

void strbuf_vaddf(struct strbuf *b, const char *format, va_list ap)
{
	size_t room = b->size - b->len;
	int n = vsnprintf(b->text + b->len, room, format, ap);

	if (n < 0 || (size_t)n >= room) {
		b->truncated = true;
		n = n < 0 ? 0 : (int)room - 1;
	}
	b->len += (size_t)n;
	b->text[b->len] = '\0';
}

void strbuf_addf(struct strbuf *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	strbuf_vaddf(b, format, ap);
	va_end(ap);
}

bool str_copy(char *out, size_t size, const char *text)
{
	struct strbuf b;

	strbuf_init(&b, out, size);
	strbuf_add(&b, text);
	return !b.truncated;
}
