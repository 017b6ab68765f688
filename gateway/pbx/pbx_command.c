/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/pbx/pbx_command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "gateway/base/strbuf.h"

enum { BEARER_AUDIO_3K1 = 0x10, NPI_E164 = 1, CAUSE_NORMAL = 16 };

static void print(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static void print_error(const char *why)
{
	print(json_pack("{ss ss}", "event", "error", "why", why));
}

/* ── events ── */

static json_t *audio_json(const struct pattern_result *a)
{
	return json_pack("{sb sI sI sI sI sI si}", "started", a->started, "good",
			 (json_int_t)a->good, "lost", (json_int_t)a->lost, "inserted",
			 (json_int_t)a->inserted, "changed", (json_int_t)a->changed, "foreign",
			 (json_int_t)a->foreign, "gaps", (int)a->gaps);
}

static const char *event_name(enum pbx_event_type type)
{
	static const char *const name[] = {
	    [PBX_UP] = "up",
	    [PBX_DOWN] = "down",
	    [PBX_INCOMING] = "incoming",
	    [PBX_PROCEEDING] = "proceeding",
	    [PBX_PROGRESS] = "progress",
	    [PBX_ALERTING] = "alerting",
	    [PBX_CONNECTED] = "connected",
	    [PBX_HANGUP] = "hangup",
	};

	return name[type];
}

static void add_results(json_t *o, const struct pbx_event *ev)
{
	json_object_set_new(o, "answered", json_boolean(ev->answered));
	json_object_set_new(o, "we_cleared", json_boolean(ev->we_cleared));
	json_object_set_new(o, "cause", json_integer(ev->cause));
	json_object_set_new(o, "early_media", json_boolean(ev->early_media));
	json_object_set_new(o, "setup_us", json_integer(ev->setup_us));
	json_object_set_new(o, "connect_us", json_integer(ev->connect_us));
	json_object_set_new(o, "first_audio_us", json_integer(ev->audio.first_us));
	json_object_set_new(o, "missed_octets", json_integer((json_int_t)ev->missed_octets));
	json_object_set_new(o, "audio", audio_json(&ev->audio));
}

void pbx_commands_event(void *arg, const struct pbx_event *ev)
{
	struct pbx_commands *c = arg;
	json_t *o =
	    json_pack("{ss sI}", "event", event_name(ev->type), "now_us", (json_int_t)ev->now_us);

	if (ev->call) {
		json_object_set_new(o, "call", json_integer(ev->call));
		json_object_set_new(o, "outgoing", json_boolean(ev->outgoing));
		json_object_set_new(o, "called", json_string(ev->called.digits));
		json_object_set_new(o, "called_ton", json_integer(ev->called.ton));
		json_object_set_new(o, "calling", json_string(ev->calling.digits));
		json_object_set_new(o, "ts", json_integer(ev->ts));
		json_object_set_new(o, "inband", json_boolean(ev->pi_inband));
	}
	if (ev->type == PBX_HANGUP)
		add_results(o, ev);
	print(o);
	if (ev->type == PBX_UP && c->call_when_up) {
		struct pbx_call_request r = {
		    .bearer = BEARER_AUDIO_3K1, .hold_ms = 10000, .give_up_ms = PBX_NEVER_MS};

		str_copy(r.called.digits, sizeof(r.called.digits), c->call_when_up);
		r.called.npi = NPI_E164;
		c->call_when_up = NULL;
		if (!pbx_call(c->pbx, ev->now_us, &r))
			print_error("no free B-channel");
	}
}

/* ── commands ── */

static uint32_t get_ms(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);

	return json_is_integer(v) && json_integer_value(v) >= 0 &&
		       json_integer_value(v) < PBX_NEVER_MS
		   ? (uint32_t)json_integer_value(v)
		   : PBX_NEVER_MS;
}

static uint8_t get_u8(json_t *o, const char *key, uint8_t otherwise)
{
	json_t *v = json_object_get(o, key);

	return json_is_integer(v) && json_integer_value(v) >= 0 && json_integer_value(v) <= 255
		   ? (uint8_t)json_integer_value(v)
		   : otherwise;
}

static bool get_digits(json_t *o, const char *key, char out[PBX_DIGITS_MAX + 1])
{
	const char *text = json_string_value(json_object_get(o, key));

	out[0] = '\0';
	return text && strspn(text, "0123456789*#") == strlen(text) &&
	       str_copy(out, PBX_DIGITS_MAX + 1, text);
}

static const char *do_call(struct pbx_commands *c, json_t *o, int64_t now_us)
{
	struct pbx_call_request r = {
	    .bearer = get_u8(o, "bearer", BEARER_AUDIO_3K1),
	    .ts = get_u8(o, "ts", 0),
	    .exclusive = json_is_true(json_object_get(o, "exclusive")),
	    .hold_ms = get_ms(o, "hold_ms"),
	    .give_up_ms = get_ms(o, "give_up_ms"),
	    .cause = get_u8(o, "cause", CAUSE_NORMAL),
	};
	uint32_t number;

	if (!get_digits(o, "called", r.called.digits))
		return "call: \"called\" must be up to 32 digits";
	get_digits(o, "calling", r.calling.digits);
	r.called.ton = get_u8(o, "ton", 0);
	r.called.npi = r.calling.npi = NPI_E164;
	r.calling.ton = get_u8(o, "calling_ton", 0);
	number = pbx_call(c->pbx, now_us, &r);
	print(json_pack("{ss sI ss sI sO*}", "event", "placed", "call", (json_int_t)number,
			"called", r.called.digits, "now_us", (json_int_t)now_us, "tag",
			json_object_get(o, "tag")));
	return number ? NULL : "call: the D-channel is down or no B-channel is free";
}

static const char *do_rule(struct pbx_commands *c, json_t *o)
{
	struct pbx_rule r = {
	    .refuse_cause = get_u8(o, "refuse", 0),
	    .progress_inband = json_is_true(json_object_get(o, "progress_inband")),
	    .alert_after_ms = get_ms(o, "alert_after_ms"),
	    .alert_inband = json_is_true(json_object_get(o, "alert_inband")),
	    .answer_after_ms = get_ms(o, "answer_after_ms"),
	    .hold_ms = get_ms(o, "hold_ms"),
	    .cause = get_u8(o, "cause", CAUSE_NORMAL),
	};

	if (!get_digits(o, "prefix", r.prefix))
		return "rule: \"prefix\" must be up to 32 digits, \"\" for all";
	return pbx_rule(c->pbx, &r) ? NULL : "rule: there are 64 rules already";
}

static const char *do_plant(struct pbx_commands *c, json_t *o)
{
	static const char *const name[] = {"none", "wrong-octet", "drop", "swap", "late"};
	const char *kind = json_string_value(json_object_get(o, "kind"));

	for (int i = 0; kind && i < 5; i++) {
		if (strcmp(kind, name[i]) == 0) {
			pbx_plant(c->pbx, (enum pbx_plant)i);
			return NULL;
		}
	}
	return "plant: \"kind\" must be wrong-octet, drop, swap, late or none";
}

static const char *do_hangup(struct pbx_commands *c, json_t *o)
{
	json_t *call = json_object_get(o, "call");

	return json_is_integer(call) && pbx_clear(c->pbx, (uint32_t)json_integer_value(call),
						  get_u8(o, "cause", CAUSE_NORMAL))
		   ? NULL
		   : "hangup: there is no such call";
}

static const char *do_fault(struct pbx_commands *c, json_t *o)
{
	const char *what = json_string_value(json_object_get(o, "dchannel"));

	if (!what || (strcmp(what, "drop") && strcmp(what, "pass")))
		return "fault: \"dchannel\" must be drop or pass";
	pbx_drop_dchannel(c->pbx, what[0] == 'd');
	return NULL;
}

static const char *carry_out(struct pbx_commands *c, json_t *o, int64_t now_us)
{
	const char *cmd = json_string_value(json_object_get(o, "cmd"));

	if (!cmd)
		return "a command is an object with \"cmd\"";
	if (strcmp(cmd, "call") == 0)
		return do_call(c, o, now_us);
	if (strcmp(cmd, "rule") == 0 || strcmp(cmd, "answer_rule") == 0)
		return do_rule(c, o);
	if (strcmp(cmd, "hangup") == 0)
		return do_hangup(c, o);
	if (strcmp(cmd, "plant") == 0)
		return do_plant(c, o);
	if (strcmp(cmd, "fault") == 0)
		return do_fault(c, o);
	if (strcmp(cmd, "hangup_all") == 0) {
		pbx_clear_all(c->pbx, CAUSE_NORMAL);
	} else if (strcmp(cmd, "quit") == 0) {
		c->quit = true;
	} else if (strcmp(cmd, "status") == 0) {
		print(json_pack("{ss sb si}", "event", "status", "up", pbx_up(c->pbx), "calls",
				(int)pbx_calls(c->pbx)));
	} else {
		return "unknown command: call, rule, hangup, hangup_all, plant, fault, status, "
		       "quit";
	}
	return NULL;
}

static void take_line(struct pbx_commands *c, int64_t now_us)
{
	json_error_t error;
	json_t *o;
	const char *why;

	if (c->held == 0 && !c->too_long)
		return;
	o = c->too_long ? NULL : json_loadb(c->line, c->held, 0, &error);
	if (c->too_long)
		why = "a line is longer than 4096 octets";
	else
		why = o ? carry_out(c, o, now_us) : error.text;
	if (why)
		print_error(why);
	json_decref(o);
	c->held = 0;
	c->too_long = false;
}

bool pbx_commands_read(struct pbx_commands *c, int fd, int64_t now_us)
{
	char in[PBX_LINE_MAX];
	ssize_t n = read(fd, in, sizeof(in));

	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN);
	for (ssize_t i = 0; i < n; i++) {
		if (in[i] == '\n')
			take_line(c, now_us);
		else if (c->held == sizeof(c->line))
			c->too_long = true;
		else
			c->line[c->held++] = in[i];
	}
	return true;
}
