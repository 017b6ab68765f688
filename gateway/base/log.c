/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gateway/base/clock.h"
#include "gateway/base/strbuf.h"

static enum log_level limit = LOG_INFO;
static log_sink_fn sink_fn;
static void *sink_arg;

void log_init(enum log_level max_level, log_sink_fn sink, void *arg)
{
	limit = max_level;
	sink_fn = sink;
	sink_arg = arg;
}

bool log_enabled(enum log_level level)
{
	return level <= limit;
}

const char *log_level_name(enum log_level level)
{
	static const char *const name[] = {"ERROR", "WARN", "INFO", "DEBUG"};

	return name[level];
}

void log_emit(enum log_level level, const char *name, uint64_t call, const struct log_field *fields,
	      size_t count)
{
	struct log_event e = {.level = level, .name = name, .call = call};

	if (!log_enabled(level))
		return;
	e.wall_us = clock_wall_us();
	e.field_count = count < LOG_FIELDS_MAX ? (unsigned)count : LOG_FIELDS_MAX;
	memcpy(e.field, fields, e.field_count * sizeof(*fields));
	if (sink_fn) {
		sink_fn(sink_arg, &e);
	} else {
		char line[2048];

		log_format_line(&e, line, sizeof(line));
		fprintf(stderr, "%s\n", line);
	}
}

static void add_time(struct strbuf *b, int64_t wall_us)
{
	time_t s = wall_us / US_PER_S;
	struct tm tm;
	char text[32];

	gmtime_r(&s, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	strbuf_addf(b, "%s.%03dZ", text, (int)(wall_us % US_PER_S / US_PER_MS));
}

/* RFC 3629. The code point at text and its octets; an octet that starts none stands for itself. */
static uint32_t next_char(const unsigned char *text, unsigned *octets)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned n = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : text[0] >= 0xc0 ? 2 : 1;
	uint32_t c = n == 1 ? text[0] : text[0] & (0x7fu >> n);

	*octets = 1;
	for (unsigned i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80) /* the terminating NUL, too */
			return text[0];
		c = c << 6 | (text[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || text[0] >= 0xf8)
		return text[0];
	*octets = n;
	return c;
}

/* Control characters, quotes, backslashes and everything beyond ASCII as \uXXXX: right in JSON
 * whatever came from the wire, and harmless on a terminal. */
static void add_escaped(struct strbuf *b, const char *text)
{
	unsigned octets;

	for (; *text; text += octets) {
		uint32_t c = next_char((const unsigned char *)text, &octets);

		if (c >= 0x20 && c <= 0x7e && c != '"' && c != '\\')
			strbuf_add_n(b, text, 1);
		else if (c < 0x10000)
			strbuf_addf(b, "\\u%04" PRIx32, c);
		else /* RFC 8259 7: a surrogate pair */
			strbuf_addf(b, "\\u%04" PRIx32 "\\u%04" PRIx32,
				    0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
	}
}

static bool plain(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || strchr("\"\\=", *text))
			return false;
	return true;
}

static void add_value(struct strbuf *b, const struct log_field *f, bool json)
{
	if (f->type == LOG_SIGNED) {
		strbuf_addf(b, "%" PRId64, f->i);
	} else if (f->type == LOG_UNSIGNED) {
		strbuf_addf(b, "%" PRIu64, f->u);
	} else if (!f->text) {
		strbuf_add(b, json ? "null" : "-");
	} else if (!json && *f->text && plain(f->text)) {
		strbuf_add(b, f->text);
	} else {
		strbuf_add(b, "\"");
		add_escaped(b, f->text);
		strbuf_add(b, "\"");
	}
}

size_t log_format_line(const struct log_event *event, char *out, size_t size)
{
	struct strbuf b;

	strbuf_init(&b, out, size);
	add_time(&b, event->wall_us);
	strbuf_addf(&b, " %s %s", log_level_name(event->level), event->name);
	if (event->call)
		strbuf_addf(&b, " call=%" PRIx64, event->call);
	for (unsigned i = 0; i < event->field_count; i++) {
		strbuf_addf(&b, " %s=", event->field[i].key);
		add_value(&b, &event->field[i], false);
	}
	return b.len;
}

size_t log_format_json(const struct log_event *event, char *out, size_t size)
{
	struct strbuf b;

	if (size < 192) {
		out[0] = '\0';
		return 0;
	}
	strbuf_init(&b, out, size - 1); /* keeps room for the closing brace */
	strbuf_add(&b, "{\"time\":\"");
	add_time(&b, event->wall_us);
	strbuf_addf(&b, "\",\"level\":\"%s\",\"event\":\"%.100s\"", log_level_name(event->level),
		    event->name);
	if (event->call)
		strbuf_addf(&b, ",\"call\":\"%" PRIx64 "\"", event->call);
	for (unsigned i = 0; i < event->field_count; i++) {
		size_t before = b.len;

		strbuf_addf(&b, ",\"%s\":", event->field[i].key);
		add_value(&b, &event->field[i], true);
		if (b.truncated) {
			b.len = before;
			b.text[before] = '\0';
			break;
		}
	}
	b.size = size;
	b.truncated = false;
	strbuf_add(&b, "}");
	return b.len;
}
