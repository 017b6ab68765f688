/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded text building into the caller's memory: never overruns, always NUL-terminated,
 * remembers that something did not fit. */
#ifndef GATEWAY_BASE_STRBUF_H
#define GATEWAY_BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *text;
	size_t size; /* octets at text, with the NUL; at least 1 */
	size_t len;
	bool truncated;
};

void strbuf_init(struct strbuf *b, char *memory, size_t size);
void strbuf_add(struct strbuf *b, const char *text);
void strbuf_add_n(struct strbuf *b, const char *text, size_t n);
void strbuf_addf(struct strbuf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *b, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Copies text into out[size]; false (and a cut, terminated copy) when it does not fit. */
bool str_copy(char *out, size_t size, const char *text);

#endif
