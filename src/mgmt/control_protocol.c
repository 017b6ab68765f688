/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/control_protocol.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "src/mgmt/control_rows.h"
#include "src/mgmt/record_json.h"

enum {
	CALL_ROWS = 100, /* a call's row is long: a page must not hold the turn up */
	LOG_ROWS_DEFAULT = 50,
	ARGS_MAX = 2,
	ID_MAX = 64,
	ERROR_MAX = 512,
};

struct request {
	const struct control_view *view;
	json_t *args; /* the request itself */
	struct control_answer *answer;
	char error[ERROR_MAX]; /* empty: none */
};

struct command {
	const char *name;
	json_t *(*run)(struct request *r); /* NULL: r->error */
	const char *arg[ARGS_MAX];
	const char *doc;
};

static json_t *fail(struct request *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static json_t *fail(struct request *r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(r->error, sizeof(r->error), format, ap);
	va_end(ap);
	return NULL;
}

/* An optional number of the request; false: reported. */
static bool take_number(struct request *r, const char *key, int64_t fallback, int64_t min,
			int64_t max, int64_t *out)
{
	json_t *v = json_object_get(r->args, key);

	*out = fallback;
	if (!v)
		return true;
	*out = json_integer_value(v);
	if (json_is_integer(v) && *out >= min && *out <= max)
		return true;
	fail(r, "\"%s\" must be a number from %lld to %lld", key, (long long)min, (long long)max);
	return false;
}

static bool take_level(struct request *r, enum log_level *out)
{
	static const char *const name[] = {"error", "warn", "info", "debug"};
	json_t *v = json_object_get(r->args, "level");

	*out = LOG_DEBUG;
	for (int i = 0; v && i < 4; i++) {
		if (json_is_string(v) && strcmp(json_string_value(v), name[i]) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	if (v)
		fail(r, "\"level\" must be error, warn, info or debug");
	return !v;
}

static json_t *rows_page(json_t *rows, bool more, uint64_t next)
{
	json_t *o = json_object();

	json_object_set_new(o, "rows", rows);
	json_object_set_new(o, "next", more ? json_integer((json_int_t)next) : json_null());
	return o;
}

static json_t *run_status(struct request *r)
{
	return control_status(r->view);
}

static json_t *run_spans(struct request *r)
{
	const struct control_view *v = r->view;
	json_t *rows;
	struct control_span s;
	int64_t i;
	bool more;

	if (!take_number(r, "page", 0, 0, INT32_MAX, &i))
		return NULL;
	rows = json_array();
	while ((more = v->span(v->arg, (unsigned)i, &s)) &&
	       json_array_size(rows) < CONTROL_ROWS_MAX) {
		json_array_append_new(rows, control_span_row(v, &s));
		i++;
	}
	return rows_page(rows, more, (uint64_t)i);
}

static bool page_is_full(const json_t *rows)
{
	return json_array_size(rows) == CONTROL_ROWS_MAX;
}

/* Pages of channels are numbered span index * 32 + timeslot. */
static json_t *run_channels(struct request *r)
{
	const struct control_view *v = r->view;
	int64_t page;
	unsigned i, ts;
	struct control_span s;
	json_t *rows;

	if (!take_number(r, "page", 0, 0, INT32_MAX, &page))
		return NULL;
	rows = json_array();
	ts = (unsigned)(page % E1_TIMESLOTS);
	for (i = (unsigned)(page / E1_TIMESLOTS); v->span(v->arg, i, &s); i++, ts = 0) {
		for (; ts < E1_TIMESLOTS; ts++) {
			if (!(s.bchannels >> ts & 1))
				continue;
			if (page_is_full(rows))
				return rows_page(rows, true, (uint64_t)i * E1_TIMESLOTS + ts);
			json_array_append_new(rows, control_channel_row(&s, ts));
		}
	}
	return rows_page(rows, false, 0);
}

static json_t *run_trunks(struct request *r)
{
	const struct control_view *v = r->view;
	struct control_trunk t;
	json_t *rows;
	int64_t i;
	bool more;

	if (!take_number(r, "page", 0, 0, INT32_MAX, &i))
		return NULL;
	rows = json_array();
	while ((more = v->trunk(v->arg, (unsigned)i, &t)) && !page_is_full(rows)) {
		json_array_append_new(rows, control_trunk_row(&t));
		i++;
	}
	return rows_page(rows, more, (uint64_t)i);
}

static json_t *run_calls(struct request *r)
{
	const struct control_view *v = r->view;
	struct call_record record;
	unsigned cursor;
	json_t *rows;
	int64_t page;

	if (!take_number(r, "page", 0, 0, INT32_MAX, &page))
		return NULL;
	rows = json_array();
	cursor = (unsigned)page;
	while (json_array_size(rows) < CALL_ROWS) {
		if (!v->call(v->arg, &cursor, &record))
			return rows_page(rows, false, 0);
		json_array_append_new(rows, control_call_row(v, &record));
	}
	return rows_page(rows, true, cursor);
}

/* Pages of the log are numbered as the events are; page 0 asks for the last ones. */
static json_t *run_log(struct request *r)
{
	const struct log_tail *tail = r->view->log;
	uint64_t next = log_tail_next(tail), first = log_tail_first(tail), n;
	int64_t last, page;
	json_t *rows;

	if (!take_number(r, "last", LOG_ROWS_DEFAULT, 1, LOG_TAIL_EVENTS, &last) ||
	    !take_number(r, "page", 0, 0, INT64_MAX, &page))
		return NULL;
	n = page ? (uint64_t)page : next - first > (uint64_t)last ? next - (uint64_t)last : first;
	rows = json_array();
	for (n = n < first ? first : n; n < next; n++) {
		struct log_event event;

		if (page_is_full(rows))
			return rows_page(rows, true, n);
		if (log_tail_get(tail, n, &event))
			json_array_append_new(rows, control_event_row(&event, n));
	}
	return rows_page(rows, false, 0);
}

static json_t *run_subscribe(struct request *r)
{
	uint64_t next = log_tail_next(r->view->log);
	int64_t from;
	json_t *o;

	if (!take_number(r, "from", (int64_t)next, 1, INT64_MAX, &from) ||
	    !take_level(r, &r->answer->level))
		return NULL;
	r->answer->subscribe = true;
	r->answer->from = (uint64_t)from < next ? (uint64_t)from : next;
	o = json_object();
	json_object_set_new(o, "from", json_integer((json_int_t)r->answer->from));
	return o;
}

static json_t *run_clear_call(struct request *r)
{
	const char *text = json_string_value(json_object_get(r->args, "call"));
	struct call_cause cause = {.location = CALL_LOC_PRIVATE_LOCAL};
	call_id id;
	char *end;
	int64_t value;
	json_t *o;

	if (!take_number(r, "cause", CAUSE_NORMAL, 1, 127, &value))
		return NULL;
	if (!text || strlen(text) > 16 || strspn(text, "0123456789abcdef") != strlen(text))
		return fail(r, "\"call\" must be a call's id in quotes, as `calls` shows it");
	id = strtoull(text, &end, 16);
	cause.value = (uint8_t)value;
	if (!id || *end || !r->view->clear_call(r->view->arg, id, cause))
		return fail(r, "there is no call %s any more; `calls` shows those that live", text);
	o = json_object();
	json_object_set_new(o, "call", json_string(text));
	return o;
}

static json_t *run_shutdown(struct request *r)
{
	r->view->shutdown(r->view->arg);
	return json_object();
}

static json_t *run_help(struct request *r);

static const struct command commands[] = {
    {"status", run_status, {NULL}, "what is wrong, versions, counters"},
    {"spans", run_spans, {"page"}, "each span's D-channel, alarms, counters"},
    {"channels", run_channels, {"page"}, "each B-channel's state and call"},
    {"trunks", run_trunks, {"page"}, "each SIP trunk's addresses and calls"},
    {"calls", run_calls, {"page"}, "the calls that live"},
    {"log", run_log, {"page", "last"}, "the last log events"},
    {"subscribe", run_subscribe, {"from", "level"}, "log events as they happen, one a line"},
    {"clear-call", run_clear_call, {"call", "cause"}, "ends one call"},
    {"shutdown", run_shutdown, {NULL}, "clears all calls and ends the program"},
    {"help", run_help, {NULL}, "this list"},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static json_t *run_help(struct request *r)
{
	json_t *rows = json_array();

	(void)r;
	for (unsigned i = 0; i < COMMANDS; i++) {
		json_t *o = json_object(), *args = json_array();

		json_object_set_new(o, "cmd", json_string(commands[i].name));
		json_object_set_new(o, "doc", json_string(commands[i].doc));
		for (unsigned k = 0; k < ARGS_MAX && commands[i].arg[k]; k++)
			json_array_append_new(args, json_string(commands[i].arg[k]));
		json_object_set_new(o, "args", args);
		json_array_append_new(rows, o);
	}
	return rows_page(rows, false, 0);
}

static bool knows(const struct command *c, const char *key)
{
	if (strcmp(key, "id") == 0 || strcmp(key, "cmd") == 0)
		return true;
	for (unsigned i = 0; i < ARGS_MAX && c->arg[i]; i++)
		if (strcmp(c->arg[i], key) == 0)
			return true;
	return false;
}

static json_t *run(struct request *r)
{
	const char *name = json_string_value(json_object_get(r->args, "cmd")), *key;
	const struct command *c = commands;
	struct strbuf list;
	char names[256];
	json_t *v;

	if (!name)
		return fail(r, "no command; write {\"id\":1,\"cmd\":\"status\"}");
	while (c < commands + COMMANDS && strcmp(c->name, name) != 0)
		c++;
	if (c == commands + COMMANDS) {
		strbuf_init(&list, names, sizeof(names));
		for (unsigned i = 0; i < COMMANDS; i++)
			strbuf_addf(&list, "%s%s", i ? ", " : "", commands[i].name);
		return fail(r, "unknown command \"%.40s\"; there are: %s", name, names);
	}
	json_object_foreach(r->args, key, v)
	{
		if (!knows(c, key))
			return fail(r, "%s has no argument \"%.40s\"; `help` lists them", c->name,
				    key);
	}
	return c->run(r);
}

/* jansson recurses: bounded before it sees the text. */
static bool too_deep(const char *line, size_t len)
{
	unsigned depth = 0;
	bool in_text = false;

	for (size_t i = 0; i < len; i++) {
		if (in_text && line[i] == '\\')
			i++;
		else if (line[i] == '"')
			in_text = !in_text;
		else if (!in_text && (line[i] == '{' || line[i] == '['))
			depth++;
		else if (!in_text && (line[i] == '}' || line[i] == ']') && depth)
			depth--;
		if (depth > CONTROL_DEPTH_MAX)
			return true;
	}
	return false;
}

static json_t *parse(struct request *r, const char *line, size_t len)
{
	json_error_t error;
	json_t *o;

	if (len > CONTROL_LINE_MAX)
		return fail(r, "the line is longer than %d octets", CONTROL_LINE_MAX);
	if (too_deep(line, len))
		return fail(r, "nested deeper than %d levels", CONTROL_DEPTH_MAX);
	o = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (!o)
		return fail(r, "not JSON: %s (column %d)", error.text, error.column);
	if (json_is_object(o))
		return o;
	json_decref(o);
	return fail(r, "a request is a JSON object; write {\"id\":1,\"cmd\":\"status\"}");
}

/* The request's id goes back as it came, when it is something that a client can match. */
static json_t *echo_id(const json_t *request)
{
	json_t *id = json_object_get(request, "id");

	if (json_is_integer(id) || (json_is_string(id) && json_string_length(id) <= ID_MAX))
		return json_incref(id);
	return json_null();
}

void control_handle(const struct control_view *view, const char *line, size_t len,
		    struct control_answer *answer)
{
	struct request r = {.view = view, .answer = answer};
	json_t *o = json_object(), *result = NULL;

	*answer = (struct control_answer){0};
	r.args = parse(&r, line, len);
	if (r.args)
		result = run(&r);
	json_object_set_new(o, "id", echo_id(r.args));
	json_object_set_new(o, "ok", json_boolean(result != NULL));
	if (result)
		json_object_set_new(o, "result", result);
	else
		json_object_set_new(o, "error", record_text(*r.error ? r.error : "out of memory"));
	answer->text = json_dumps(o, JSON_COMPACT);
	answer->len = answer->text ? strlen(answer->text) : 0;
	answer->subscribe = answer->subscribe && result;
	json_decref(o);
	json_decref(r.args);
}

char *control_event_line(const struct log_event *event, uint64_t number)
{
	json_t *o = json_object();
	char *text;

	json_object_set_new(o, "event", control_event_row(event, number));
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

char *control_lost_line(uint64_t count)
{
	json_t *o = json_object();
	char *text;

	json_object_set_new(o, "lost", json_integer((json_int_t)count));
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}
