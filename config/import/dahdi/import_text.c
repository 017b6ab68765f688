/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/import/dahdi/import_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

char *import_trim(char *text)
{
	char *end;

	while (is_space(*text))
		text++;
	end = text + strlen(text);
	while (end > text && is_space(end[-1]))
		end--;
	*end = '\0';
	return text;
}

bool import_next_line(struct import_lines *l)
{
	const char *from = l->source->text + l->at, *nl;
	size_t left = l->source->len - l->at, n;
	char *trimmed;

	if (!left)
		return false;
	nl = memchr(from, '\n', left);
	n = nl ? (size_t)(nl - from) : left;
	l->at += n + (nl ? 1 : 0);
	l->number++;
	l->cut = n >= sizeof(l->line);
	n = l->cut ? sizeof(l->line) - 1 : n;
	for (size_t i = 0; i < n; i++)
		l->line[i] = from[i] ? from[i] : '?';
	l->line[n] = '\0';
	trimmed = import_trim(l->line);
	memmove(l->line, trimmed, strlen(trimmed) + 1);
	return true;
}

const char *import_quote(char out[IMPORT_QUOTE], const char *text)
{
	size_t n = 0;

	for (; *text && n < IMPORT_QUOTE - 4; text++)
		out[n++] = *text == '\t'				 ? ' '
			   : *text < 0x20 || (unsigned char)*text > 0x7e ? '?'
									 : *text;
	out[n] = '\0';
	if (*text)
		memcpy(out + n, "...", 4);
	return out;
}

void import_note(struct import_notes *n, const struct import_source *source, unsigned line,
		 const char *text, const char *format, ...)
{
	char note[700], name[IMPORT_QUOTE], quoted[IMPORT_QUOTE];
	struct strbuf b;
	va_list ap;

	n->count++;
	if (!n->on_note || n->count > IMPORT_NOTES_MAX)
		return;
	strbuf_init(&b, note, sizeof(note));
	strbuf_addf(&b, "%s:", import_quote(name, source->name));
	if (line)
		strbuf_addf(&b, "%u:", line);
	if (text)
		strbuf_addf(&b, " %s:", import_quote(quoted, text));
	strbuf_add(&b, " ");
	va_start(ap, format);
	strbuf_vaddf(&b, format, ap);
	va_end(ap);
	for (char *p = note; *p; p++)
		*p = *p < 0x20 || *p == 0x7f ? '?' : *p;
	n->on_note(n->arg, note);
	if (n->count == IMPORT_NOTES_MAX)
		n->on_note(n->arg, "there is more; only the first 1000 are told");
}

bool import_number(const char *text, unsigned max, unsigned *out)
{
	unsigned long n = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (unsigned long)(*text - '0');
		if (n > max)
			return false;
	}
	*out = (unsigned)n;
	return true;
}

bool channel_in(const struct channel_set *set, unsigned channel)
{
	return channel <= IMPORT_CHANNELS_MAX && set->bits[channel / 64] >> channel % 64 & 1;
}

void channel_add(struct channel_set *set, unsigned channel)
{
	if (channel && channel <= IMPORT_CHANNELS_MAX)
		set->bits[channel / 64] |= UINT64_C(1) << channel % 64;
}

static bool add_range(char *item, struct channel_set *set)
{
	char *dash = strchr(item, '-');
	unsigned first, last;

	if (dash)
		*dash = '\0';
	if (!import_number(import_trim(item), IMPORT_CHANNELS_MAX, &first) || !first)
		return false;
	last = first;
	if (dash &&
	    (!import_number(import_trim(dash + 1), IMPORT_CHANNELS_MAX, &last) || last < first))
		return false;
	for (unsigned c = first; c <= last; c++)
		channel_add(set, c);
	return true;
}

bool import_channels(const char *text, struct channel_set *set)
{
	char copy[IMPORT_LINE_MAX], *rest = copy, *item;

	if (!str_copy(copy, sizeof(copy), text) || !*copy)
		return false;
	while ((item = strsep(&rest, ",")))
		if (!add_range(item, set))
			return false;
	return true;
}
