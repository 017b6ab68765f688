/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structured log. One event, one line:
 *   2026-11-21T03:12:55.104Z WARN sip.request_refused call=- src=192.0.2.7:5060 status=403
 * Log, control socket and JSON print from the same struct log_event. An event's name is
 * `subject.what_happened`, a field's key a noun; both are stable, prose goes into a "why" field.
 *
 *   LOG(LOG_WARN, "span.alarm", call_id_or_0, L_U("span", 1), L_S("alarm", "LOS"));
 *
 * The sink is set once at start by the program, before threads. The core's sink copies the event
 * into a ring for the writer thread, so that logging never touches a disk or a terminal here.
 * Without a sink events go to stderr. Never called on the media path.
 */
#ifndef GATEWAY_BASE_LOG_H
#define GATEWAY_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

enum { LOG_FIELDS_MAX = 16 };

struct log_field {
	const char *key;
	enum { LOG_TEXT, LOG_SIGNED, LOG_UNSIGNED } type;
	union {
		const char *text; /* NULL prints "-"; may come from the wire, is escaped */
		int64_t i;
		uint64_t u;
	};
};

struct log_event {
	int64_t wall_us; /* since 1970 UTC */
	enum log_level level;
	const char *name;
	uint64_t call; /* 0: belongs to no call */
	unsigned field_count;
	struct log_field field[LOG_FIELDS_MAX];
};

#define L_S(k, v) ((struct log_field){.key = (k), .type = LOG_TEXT, .text = (v)})
#define L_I(k, v) ((struct log_field){.key = (k), .type = LOG_SIGNED, .i = (v)})
#define L_U(k, v) ((struct log_field){.key = (k), .type = LOG_UNSIGNED, .u = (v)})

#define LOG(level, name, call, ...)                                                                \
	log_emit((level), (name), (call), (const struct log_field[]){__VA_ARGS__},                 \
		 sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

typedef void (*log_sink_fn)(void *arg, const struct log_event *event);

/* Events above max_level are dropped at once. sink NULL: stderr. */
void log_init(enum log_level max_level, log_sink_fn sink, void *arg);
bool log_enabled(enum log_level level);
void log_emit(enum log_level level, const char *name, uint64_t call, const struct log_field *fields,
	      size_t count);

const char *log_level_name(enum log_level level);
/* The line, without newline; returns its length (cut at size - 1). */
size_t log_format_line(const struct log_event *event, char *out, size_t size);
/* The same event as one JSON object, always valid JSON (a field that does not fit is left out). */
size_t log_format_json(const struct log_event *event, char *out, size_t size);

#endif
