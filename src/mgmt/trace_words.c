/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a message of the trace says, in one line. */
#include <string.h>

#include "gateway/base/strbuf.h"
#include "src/isdn_map/isdn_frame.h"
#include "src/isdn_map/isdn_words.h"
#include "src/mgmt/trace.h"

bool trace_is_message(const struct trace_event *e)
{
	struct isdn_frame f;

	if (e->kind == TRACE_SIP)
		return true;
	isdn_frame_decode(&f, e->octets, e->len);
	return f.is_message;
}

static size_t first_line(const struct trace_event *e)
{
	const uint8_t *end = memchr(e->octets, '\n', e->len);
	size_t n = end ? (size_t)(end - e->octets) : e->len;

	return n && e->octets[n - 1] == '\r' ? n - 1 : n;
}

size_t trace_words(const struct trace_event *e, char *out, size_t size)
{
	struct strbuf b;
	size_t n;

	if (e->kind == TRACE_ISDN)
		return isdn_words_line(out, size, e->octets, e->len);
	strbuf_init(&b, out, size);
	n = first_line(e);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&b, "%c",
			    e->octets[i] >= 0x20 && e->octets[i] != 0x7f ? e->octets[i] : '?');
	return b.len;
}
