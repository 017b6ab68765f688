/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/control_protocol.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "src/mgmt/control_rows.h"

enum {
	CALL_ROWS = 100, /* a call's row is long: a page must not hold the turn up */
	LOG_ROWS_DEFAULT = 50,
	ARGS_MAX = 5,
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
	/* Writes the result, one value; false: r->error, and nothing was written. */
	bool (*run)(struct request *r, struct json_out *o);
	const char *arg[ARGS_MAX];
	const char *doc;
};

static bool fail(struct request *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct request *r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(r->error, sizeof(r->error), format, ap);
	va_end(ap);
	return false;
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

static void open_rows(struct json_out *o)
{
	json_open(o, NULL, '{');
	json_open(o, "rows", '[');
}

static bool close_rows(struct json_out *o, bool more, uint64_t next)
{
	json_close(o, ']');
	if (more)
		json_count(o, "next", next);
	else
		json_raw(o, "next", "null", 4);
	json_close(o, '}');
	return true;
}

static bool run_status(struct request *r, struct json_out *o)
{
	control_write_status(o, r->view);
	return true;
}

static bool run_spans(struct request *r, struct json_out *o)
{
	const struct control_view *v = r->view;
	struct control_span s;
	int64_t i;
	bool more;

	if (!take_number(r, "page", 0, 0, INT32_MAX, &i))
		return false;
	open_rows(o);
	for (int rows = 0; (more = v->span(v->arg, (unsigned)i, &s)) && rows < CONTROL_ROWS_MAX;
	     rows++, i++)
		control_write_span(o, v, &s);
	return close_rows(o, more, (uint64_t)i);
}

/* Pages of channels are numbered span index * 32 + timeslot. */
static bool run_channels(struct request *r, struct json_out *o)
{
	const struct control_view *v = r->view;
	unsigned i, ts, rows = 0;
	struct control_span s;
	int64_t page;

	if (!take_number(r, "page", 0, 0, INT32_MAX, &page))
		return false;
	open_rows(o);
	ts = (unsigned)(page % E1_TIMESLOTS);
	for (i = (unsigned)(page / E1_TIMESLOTS); v->span(v->arg, i, &s); i++, ts = 0) {
		for (; ts < E1_TIMESLOTS; ts++) {
			if (!(s.bchannels >> ts & 1))
				continue;
			if (rows++ == CONTROL_ROWS_MAX)
				return close_rows(o, true, (uint64_t)i * E1_TIMESLOTS + ts);
			control_write_channel(o, &s, ts);
		}
	}
	return close_rows(o, false, 0);
}

static bool run_trunks(struct request *r, struct json_out *o)
{
	const struct control_view *v = r->view;
	struct control_trunk t;
	int64_t i;
	bool more;

	if (!take_number(r, "page", 0, 0, INT32_MAX, &i))
		return false;
	open_rows(o);
	for (int rows = 0; (more = v->trunk(v->arg, (unsigned)i, &t)) && rows < CONTROL_ROWS_MAX;
	     rows++, i++)
		control_write_trunk(o, &t);
	return close_rows(o, more, (uint64_t)i);
}

static bool run_calls(struct request *r, struct json_out *o)
{
	const struct control_view *v = r->view;
	struct call_record record;
	unsigned cursor;
	int64_t page;

	if (!take_number(r, "page", 0, 0, INT32_MAX, &page))
		return false;
	open_rows(o);
	cursor = (unsigned)page;
	for (int rows = 0; rows < CALL_ROWS; rows++) {
		if (!v->call(v->arg, &cursor, &record))
			return close_rows(o, false, 0);
		control_write_call(o, v, &record);
	}
	return close_rows(o, true, cursor);
}

/* Pages of the log are numbered as the events are; page 0 asks for the last ones. */
static bool run_log(struct request *r, struct json_out *o)
{
	const struct log_tail *tail = r->view->log;
	uint64_t next = log_tail_next(tail), first = log_tail_first(tail), n;
	int64_t last, page;
	int rows = 0;

	if (!take_number(r, "last", LOG_ROWS_DEFAULT, 1, LOG_TAIL_EVENTS, &last) ||
	    !take_number(r, "page", 0, 0, INT64_MAX, &page))
		return false;
	open_rows(o);
	n = page ? (uint64_t)page : next - first > (uint64_t)last ? next - (uint64_t)last : first;
	for (n = n < first ? first : n; n < next; n++) {
		struct log_event event;

		if (rows++ == CONTROL_ROWS_MAX)
			return close_rows(o, true, n);
		if (log_tail_get(tail, n, &event))
			control_write_event(o, NULL, &event, n);
	}
	return close_rows(o, false, 0);
}

static bool run_subscribe(struct request *r, struct json_out *o)
{
	uint64_t next = log_tail_next(r->view->log);
	int64_t from;

	if (!take_number(r, "from", (int64_t)next, 1, INT64_MAX, &from) ||
	    !take_level(r, &r->answer->level))
		return false;
	r->answer->subscribe = true;
	r->answer->from = (uint64_t)from < next ? (uint64_t)from : next;
	json_open(o, NULL, '{');
	json_count(o, "from", r->answer->from);
	json_close(o, '}');
	return true;
}

/* A call's id, as `calls` shows it. *text: as it was written. */
static bool take_call(struct request *r, call_id *id, const char **text)
{
	*text = json_string_value(json_object_get(r->args, "call"));
	if (!*text || strlen(*text) > 16 || strspn(*text, "0123456789abcdef") != strlen(*text))
		return fail(r, "\"call\" must be a call's id in quotes, as `calls` shows it");
	*id = strtoull(*text, NULL, 16);
	return true;
}

static bool run_trace(struct request *r, struct json_out *o)
{
	struct control_trace *f = &r->answer->filter;
	json_t *raw = json_object_get(r->args, "raw");
	const char *text;
	int64_t span;

	if (!take_number(r, "span", 0, 0, UINT16_MAX, &span))
		return false;
	if (json_object_get(r->args, "call") && !take_call(r, &f->call, &text))
		return false;
	if (raw && !json_is_boolean(raw))
		return fail(r, "\"raw\" must be true or false");
	f->span = (uint16_t)span;
	f->raw = json_is_true(raw);
	r->answer->trace = true;
	r->answer->trace_from = trace_next(r->view->trace);
	json_open(o, NULL, '{');
	json_count(o, "from", r->answer->trace_from);
	json_close(o, '}');
	return true;
}

/* What a call's messages were, in order; also of one that has ended not long ago. */
static bool run_ladder(struct request *r, struct json_out *o)
{
	json_t *raw = json_object_get(r->args, "raw");
	struct trace_event e;
	unsigned left_out;
	const char *text;
	call_id id;

	if (!take_call(r, &id, &text))
		return false;
	if (raw && !json_is_boolean(raw))
		return fail(r, "\"raw\" must be true or false");
	if (!trace_ladder(r->view->trace, id, 0, &e, &left_out))
		return fail(r, "no message of call %s is kept any more", text);
	json_open(o, NULL, '{');
	json_text(o, "call", text);
	json_count(o, "left_out", left_out);
	json_count(o, "left_out_after", left_out ? TRACE_LADDER_FIRST : 0);
	json_open(o, "rows", '[');
	for (unsigned i = 0; trace_ladder(r->view->trace, id, i, &e, &left_out); i++)
		control_write_trace(o, NULL, &e, 0, json_is_true(raw));
	json_close(o, ']');
	json_close(o, '}');
	return true;
}

static bool run_clear_call(struct request *r, struct json_out *o)
{
	struct call_cause cause = {.location = CALL_LOC_PRIVATE_LOCAL};
	const char *text;
	call_id id;
	int64_t value;

	if (!take_number(r, "cause", CAUSE_NORMAL, 1, 127, &value))
		return false;
	if (!take_call(r, &id, &text))
		return false;
	cause.value = (uint8_t)value;
	if (!id || !r->view->clear_call(r->view->arg, id, cause))
		return fail(r, "there is no call %s any more; `calls` shows those that live", text);
	json_open(o, NULL, '{');
	json_text(o, "call", text);
	json_close(o, '}');
	return true;
}

/* Pages of timers are numbered span index * ISDN_TIMERS + timer. */
static bool run_timers(struct request *r, struct json_out *o)
{
	const struct control_view *v = r->view;
	struct control_span s;
	int64_t page;
	unsigned i, t, rows = 0;

	if (!take_number(r, "page", 0, 0, INT32_MAX, &page))
		return false;
	open_rows(o);
	t = (unsigned)(page % ISDN_TIMERS);
	for (i = (unsigned)(page / ISDN_TIMERS); v->span(v->arg, i, &s); i++, t = 0) {
		for (; t < ISDN_TIMERS; t++) {
			if (rows++ == CONTROL_ROWS_MAX)
				return close_rows(o, true, (uint64_t)i * ISDN_TIMERS + t);
			control_write_timer(o, &s, (enum isdn_timer)t);
		}
	}
	return close_rows(o, false, 0);
}

static bool run_restart(struct request *r, struct json_out *o)
{
	const char *why;
	int64_t span, ts;

	if (!take_number(r, "span", 0, 1, 255, &span) ||
	    !take_number(r, "ts", 0, 1, E1_TIMESLOTS - 1, &ts))
		return false;
	if (!span)
		return fail(r, "\"span\" must be a number from 1 to 255");
	why = r->view->restart(r->view->arg, (unsigned)span, (unsigned)ts);
	if (why)
		return fail(r, "no RESTART on span %lld: %s", (long long)span, why);
	json_open(o, NULL, '{');
	json_count(o, "span", (uint64_t)span);
	json_close(o, '}');
	return true;
}

static bool run_lookup_subscribe(struct request *r, struct json_out *o)
{
	json_t *list = json_object_get(r->args, "services"), *v;
	struct control_services *s = &r->answer->services;
	size_t i;

	json_array_foreach(list, i, v)
	{
		if (s->count == CONTROL_SERVICES_MAX || !json_is_string(v) ||
		    !*json_string_value(v) ||
		    !str_copy(s->name[s->count++], sizeof(s->name[0]), json_string_value(v)))
			return fail(r, "\"services\" has at most %d names of at most %d octets",
				    CONTROL_SERVICES_MAX, CALL_NAME_MAX);
	}
	if (!s->count)
		return fail(r, "\"services\" must be a list of names, as numbers.lookups has them");
	r->answer->lookup = true;
	json_open(o, NULL, '{');
	json_count(o, "services", s->count);
	json_close(o, '}');
	return true;
}

/* "+4930123": E.164; without the plus: as it is. */
static bool take_called(struct request *r, json_t *v, struct plan_answer *out)
{
	const char *text = json_string_value(v);
	bool e164 = text && *text == '+';

	if (!v || json_is_null(v))
		return true;
	if (e164)
		text++;
	if (!text || !*text || strspn(text, "0123456789*#") != strlen(text) ||
	    !str_copy(out->called.digits, sizeof(out->called.digits), text))
		return fail(r, "\"called\" must be a number of at most %d digits in quotes, with a "
			       "leading + when it is international", CALL_DIGITS_MAX);
	out->has_called = out->called.present = true;
	out->called.ton = e164 ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN;
	out->called.npi = CALL_NPI_E164;
	return true;
}

static bool take_name(struct request *r, json_t *v, struct plan_answer *out)
{
	if (!v || json_is_null(v))
		return true;
	if (!json_is_string(v) || !str_copy(out->name, sizeof(out->name), json_string_value(v)))
		return fail(r, "\"name\" must be a text of at most %d octets", CALL_NAME_MAX);
	out->has_name = true;
	return true;
}

/* found true or false; anything else says that the one asked could not tell. */
static bool run_lookup_answer(struct request *r, struct json_out *o)
{
	const char *id = json_string_value(json_object_get(r->args, "lookup"));
	json_t *found = json_object_get(r->args, "found");
	struct plan_answer a = {.kind = PLAN_ANSWER_FAILED};

	if (!id || !*id || strlen(id) > 16 || strspn(id, "0123456789abcdef") != strlen(id))
		return fail(r, "\"lookup\" must be a question's id in quotes, as it came");
	if (found && !json_is_boolean(found) && !json_is_null(found))
		return fail(r, "\"found\" must be true, false, or null when nobody could tell");
	if (json_is_boolean(found))
		a.kind = json_is_true(found) ? PLAN_ANSWER_FOUND : PLAN_ANSWER_NOT_FOUND;
	if (!take_called(r, json_object_get(r->args, "called"), &a) ||
	    !take_name(r, json_object_get(r->args, "name"), &a))
		return false;
	if (!r->view->lookup_answer(r->view->arg, strtoull(id, NULL, 16), &a))
		return fail(r, "no call waits for look-up %s any more", id);
	json_raw(o, NULL, "{}", 2);
	return true;
}

static bool run_shutdown(struct request *r, struct json_out *o)
{
	r->view->shutdown(r->view->arg);
	json_raw(o, NULL, "{}", 2);
	return true;
}

/* The answer is an event of the log, which may be a second away: subscribe from `from`. */
static bool run_plan_reload(struct request *r, struct json_out *o)
{
	json_open(o, NULL, '{');
	json_count(o, "from", log_tail_next(r->view->log));
	json_close(o, '}');
	r->view->plan_reload(r->view->arg);
	return true;
}

static bool run_help(struct request *r, struct json_out *o);

static const struct command commands[] = {
    {"status", run_status, {NULL}, "what is wrong, versions, counters"},
    {"spans", run_spans, {"page"}, "each span's D-channel, alarms, counters"},
    {"channels", run_channels, {"page"}, "each B-channel's state and call"},
    {"timers", run_timers, {"page"}, "each span's timers of layer 3"},
    {"trunks", run_trunks, {"page"}, "each SIP trunk's addresses and calls"},
    {"calls", run_calls, {"page"}, "the calls that live"},
    {"log", run_log, {"page", "last"}, "the last log events"},
    {"subscribe", run_subscribe, {"from", "level"}, "log events as they happen, one a line"},
    {"trace", run_trace, {"span", "call", "raw"}, "messages as they come and go, one a line"},
    {"ladder", run_ladder, {"call", "raw"}, "the messages of one call"},
    {"clear-call", run_clear_call, {"call", "cause"}, "ends one call"},
    {"plan-reload", run_plan_reload, {NULL}, "reads the number plan anew; an event says how it went"},
    {"restart-channels", run_restart, {"span", "ts"}, "RESTART on a channel, or on all idle ones"},
    {"lookup-subscribe", run_lookup_subscribe, {"services"},
     "the number plan's HTTP look-ups come to you, one a line"},
    {"lookup-answer", run_lookup_answer, {"lookup", "found", "called", "name"},
     "what you have found out"},
    {"shutdown", run_shutdown, {NULL}, "clears all calls and ends the program"},
    {"help", run_help, {NULL}, "this list"},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static bool run_help(struct request *r, struct json_out *o)
{
	(void)r;
	open_rows(o);
	for (unsigned i = 0; i < COMMANDS; i++) {
		json_open(o, NULL, '{');
		json_text(o, "cmd", commands[i].name);
		json_text(o, "doc", commands[i].doc);
		json_open(o, "args", '[');
		for (unsigned k = 0; k < ARGS_MAX && commands[i].arg[k]; k++)
			json_text(o, NULL, commands[i].arg[k]);
		json_close(o, ']');
		json_close(o, '}');
	}
	return close_rows(o, false, 0);
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

static bool run(struct request *r, struct json_out *o)
{
	const char *name = json_string_value(json_object_get(r->args, "cmd")), *key;
	const struct command *c = commands;
	struct strbuf list;
	char names[400];
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
	return c->run(r, o);
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

static bool parse(struct request *r, const char *line, size_t len)
{
	json_error_t error;

	if (len > CONTROL_LINE_MAX)
		return fail(r, "the line is longer than %d octets", CONTROL_LINE_MAX);
	if (too_deep(line, len))
		return fail(r, "nested deeper than %d levels", CONTROL_DEPTH_MAX);
	r->args = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (!r->args)
		return fail(r, "not JSON: %s (column %d)", error.text, error.column);
	if (!json_is_object(r->args))
		return fail(r, "a request is a JSON object; write {\"id\":1,\"cmd\":\"status\"}");
	return true;
}

/* The request's id goes back as it came, when it is something that a client can match. */
static void echo_id(struct json_out *o, const json_t *request)
{
	json_t *id = json_object_get(request, "id");
	char number[24];

	if (json_is_integer(id)) {
		int n = snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(id));

		json_raw(o, "id", number, (size_t)n);
	} else if (json_is_string(id) && json_string_length(id) <= ID_MAX) {
		json_text(o, "id", json_string_value(id));
	} else {
		json_raw(o, "id", "null", 4);
	}
}

void control_handle(const struct control_view *view, const char *line, size_t len,
		    struct control_answer *answer)
{
	struct request r = {.view = view, .answer = answer};
	struct json_out o = {0}, result = {0};
	char *text = NULL;
	size_t n = 0;

	*answer = (struct control_answer){0};
	if (parse(&r, line, len) && run(&r, &result))
		text = json_take(&result, &n);
	json_open(&o, NULL, '{');
	echo_id(&o, r.args);
	json_bool(&o, "ok", text);
	if (text)
		json_raw(&o, "result", text, n);
	else
		json_text(&o, "error", *r.error ? r.error : "out of memory");
	json_close(&o, '}');
	answer->subscribe = answer->subscribe && text;
	answer->trace = answer->trace && text;
	answer->lookup = answer->lookup && text;
	answer->text = json_take(&o, &answer->len);
	free(text);
	json_drop(&result);
	json_decref(r.args);
}

char *control_event_line(const struct log_event *event, uint64_t number)
{
	struct json_out o = {0};

	json_open(&o, NULL, '{');
	control_write_event(&o, "event", event, number);
	json_close(&o, '}');
	return json_take(&o, NULL);
}

char *control_trace_line(const struct trace_event *e, uint64_t number,
			 const struct control_trace *filter, bool *failed)
{
	struct json_out o = {0};
	char *text;

	*failed = false;
	if ((filter->call && e->call != filter->call) ||
	    (filter->span && (e->kind != TRACE_ISDN || e->span != filter->span)) ||
	    (!filter->raw && !trace_is_message(e)))
		return NULL;
	json_open(&o, NULL, '{');
	control_write_trace(&o, "trace", e, number, filter->raw);
	json_close(&o, '}');
	text = json_take(&o, NULL);
	*failed = !text;
	return text;
}

char *control_lookup_line(const struct lookup_question *q)
{
	struct json_out o = {0};
	char id[24];

	snprintf(id, sizeof(id), "%llx", (unsigned long long)q->id);
	json_open(&o, NULL, '{');
	json_open(&o, "lookup", '{');
	json_text(&o, "id", id);
	json_text(&o, "service", q->where);
	json_text(&o, "number", q->number);
	json_text(&o, "calling", q->calling);
	json_count(&o, "timeout_ms", q->timeout_ms);
	json_close(&o, '}');
	json_close(&o, '}');
	return json_take(&o, NULL);
}

char *control_lost_line(uint64_t count)
{
	struct json_out o = {0};

	json_open(&o, NULL, '{');
	json_count(&o, "lost", count);
	json_close(&o, '}');
	return json_take(&o, NULL);
}
