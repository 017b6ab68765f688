/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"

enum { TEXT_MAX = 1024 };

void report_add(struct report *r, unsigned line, unsigned column, const char *format, ...)
{
	struct report_entry *e;
	char text[TEXT_MAX];
	struct strbuf b;
	va_list ap;

	if (r->count++ >= CONFIG_ERRORS_MAX)
		return;
	strbuf_init(&b, text, sizeof(text));
	if (line)
		strbuf_addf(&b, "%s:%u:%u: ", r->file, line, column);
	else
		strbuf_addf(&b, "%s: ", r->file);
	va_start(ap, format);
	strbuf_vaddf(&b, format, ap);
	va_end(ap);
	e = &r->entry[r->count - 1];
	*e = (struct report_entry){.line = line, .column = column, .text = strdup(text)};
}

static int compare(const void *a, const void *b)
{
	const struct report_entry *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return 0;
}

unsigned report_flush(struct report *r, config_error_fn on_error, void *arg)
{
	unsigned shown = r->count < CONFIG_ERRORS_MAX ? r->count : CONFIG_ERRORS_MAX;

	qsort(r->entry, shown, sizeof(r->entry[0]), compare);
	for (unsigned i = 0; i < shown; i++) {
		on_error(arg, r->entry[i].text ? r->entry[i].text : "out of memory");
		free(r->entry[i].text);
	}
	if (r->count > shown) {
		char text[TEXT_MAX];
		struct strbuf b;

		strbuf_init(&b, text, sizeof(text));
		strbuf_addf(&b, "%s: and %u more mistakes; correct these first", r->file,
			    r->count - shown);
		on_error(arg, text);
	}
	return r->count;
}

const char *report_quote(char out[REPORT_QUOTE], const char *text)
{
	struct strbuf b;
	size_t n = strlen(text);
	bool cut = n > REPORT_QUOTE - 8;

	if (cut) {
		n = REPORT_QUOTE - 8;
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--; /* not within a UTF-8 character */
	}
	strbuf_init(&b, out, REPORT_QUOTE);
	strbuf_add(&b, "\"");
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		/* 0xc2 0x80…0x9f are control characters to a terminal, too. */
		if (c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && ((unsigned char)text[i + 1] & 0xe0) == 0x80)) {
			strbuf_add(&b, "?");
			i += c == 0xc2;
		} else {
			strbuf_add_n(&b, text + i, 1);
		}
	}
	strbuf_add(&b, cut ? "…\"" : "\"");
	return out;
}
