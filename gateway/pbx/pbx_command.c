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

static void print_error(const struct pbx_commands *c, const char *why)
{
	if (c->for_people)
		printf("error: %s\n", why);
	else
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
	    [PBX_REFUSED] = "refused",
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
	json_object_set_new(o, "slipped_octets", json_integer((json_int_t)ev->slipped_octets));
	json_object_set_new(o, "tx_idle_octets", json_integer((json_int_t)ev->tx_idle_octets));
	json_object_set_new(o, "tx_dropped_octets",
			    json_integer((json_int_t)ev->tx_dropped_octets));
	json_object_set_new(o, "audio", audio_json(&ev->audio));
}

static void print_json(const struct pbx_event *ev)
{
	json_t *o =
	    json_pack("{ss sI}", "event", event_name(ev->type), "now_us", (json_int_t)ev->now_us);

	if (ev->call)
		json_object_set_new(o, "call", json_integer(ev->call));
	if (ev->call || ev->type == PBX_REFUSED) {
		json_object_set_new(o, "outgoing", json_boolean(ev->outgoing));
		json_object_set_new(o, "called", json_string(ev->called.digits));
		json_object_set_new(o, "called_ton", json_integer(ev->called.ton));
		json_object_set_new(o, "calling", json_string(ev->calling.digits));
		json_object_set_new(o, "ts", json_integer(ev->ts));
		json_object_set_new(o, "inband", json_boolean(ev->pi_inband));
	}
	if (ev->type == PBX_REFUSED)
		json_object_set_new(o, "cause", json_integer(ev->cause));
	if (ev->type == PBX_HANGUP)
		add_results(o, ev);
	print(o);
}

static void print_text(const struct pbx_event *ev)
{
	const struct pattern_result *a = &ev->audio;

	printf("%6lld.%03lld  ", (long long)(ev->now_us / US_PER_S),
	       (long long)(ev->now_us / US_PER_MS % 1000));
	if (ev->type == PBX_UP || ev->type == PBX_DOWN) {
		printf("D-channel %s\n", event_name(ev->type));
		return;
	}
	printf("call %u %s %s", ev->call, ev->outgoing ? "to" : "for", ev->called.digits);
	if (ev->calling.digits[0])
		printf(" from %s", ev->calling.digits);
	printf(", timeslot %u: %s%s", ev->ts, event_name(ev->type),
	       ev->pi_inband ? " (in-band audio)" : "");
	if (ev->type == PBX_REFUSED)
		printf(", cause %u", ev->cause);
	if (ev->type == PBX_HANGUP)
		printf(", cause %u%s; heard %llu octets right, %llu lost, %llu inserted, %llu "
		       "changed, %llu of another call; the line missed %llu, slipped %llu",
		       ev->cause, ev->we_cleared ? " (we cleared)" : "",
		       (unsigned long long)a->good, (unsigned long long)a->lost,
		       (unsigned long long)a->inserted, (unsigned long long)a->changed,
		       (unsigned long long)a->foreign, (unsigned long long)ev->missed_octets,
		       (unsigned long long)ev->slipped_octets);
	putchar('\n');
}

static void place_only_call(struct pbx_commands *c, int64_t now_us)
{
	struct pbx_call_request r = {
	    .bearer = BEARER_AUDIO_3K1, .hold_ms = 10000, .give_up_ms = PBX_NEVER_MS};

	str_copy(r.called.digits, sizeof(r.called.digits), c->call_when_up);
	r.called.npi = NPI_E164;
	c->call_when_up = NULL;
	c->only_call = pbx_call(c->pbx, now_us, &r);
	if (!c->only_call) {
		print_error(c, "no free B-channel");
		c->quit = true;
	}
}

void pbx_commands_event(void *arg, const struct pbx_event *ev)
{
	struct pbx_commands *c = arg;

	if (c->for_people)
		print_text(ev);
	else
		print_json(ev);
	if (ev->type == PBX_UP && c->call_when_up)
		place_only_call(c, ev->now_us);
	if (ev->type == PBX_HANGUP && ev->call == c->only_call) {
		c->only_call_answered = ev->answered;
		c->quit = true;
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

/* False: there is something else than digits. Not there: empty. */
static bool get_optional_digits(json_t *o, const char *key, char out[PBX_DIGITS_MAX + 1])
{
	return get_digits(o, key, out) || !json_object_get(o, key);
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
	if (!get_optional_digits(o, "calling", r.calling.digits))
		return "call: \"calling\" must be up to 32 digits";
	r.called.ton = get_u8(o, "ton", 0);
	r.called.npi = r.calling.npi = NPI_E164;
	r.calling.ton = get_u8(o, "calling_ton", 0);
	number = pbx_call(c->pbx, now_us, &r);
	if (!c->for_people)
		print(json_pack("{ss sI ss sI sO*}", "event", "placed", "call", (json_int_t)number,
				"called", r.called.digits, "now_us", (json_int_t)now_us, "tag",
				json_object_get(o, "tag")));
	return number ? NULL : "call: the D-channel is down or no B-channel is free";
}

static const char *do_rule(struct pbx_commands *c, json_t *o, int64_t now_us)
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

static const char *do_plant(struct pbx_commands *c, json_t *o, int64_t now_us)
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

static const char *do_hangup(struct pbx_commands *c, json_t *o, int64_t now_us)
{
	json_t *call = json_object_get(o, "call");

	return json_is_integer(call) && pbx_clear(c->pbx, (uint32_t)json_integer_value(call),
						  get_u8(o, "cause", CAUSE_NORMAL))
		   ? NULL
		   : "hangup: there is no such call";
}

static const char *do_fault(struct pbx_commands *c, json_t *o, int64_t now_us)
{
	const char *what = json_string_value(json_object_get(o, "dchannel"));

	if (!what || (strcmp(what, "drop") && strcmp(what, "pass")))
		return "fault: \"dchannel\" must be drop or pass";
	pbx_drop_dchannel(c->pbx, what[0] == 'd');
	return NULL;
}

static const char *do_hangup_all(struct pbx_commands *c, json_t *o, int64_t now_us)
{
	pbx_clear_all(c->pbx, CAUSE_NORMAL);
	return NULL;
}

static const char *do_quit(struct pbx_commands *c, json_t *o, int64_t now_us)
{
	c->quit = true;
	return NULL;
}

static const char *do_status(struct pbx_commands *c, json_t *o, int64_t now_us)
{
	if (c->for_people)
		printf("D-channel %s, %u calls\n", pbx_up(c->pbx) ? "up" : "down",
		       pbx_calls(c->pbx));
	else
		print(json_pack("{ss sb si}", "event", "status", "up", pbx_up(c->pbx), "calls",
				(int)pbx_calls(c->pbx)));
	return NULL;
}

#define RULE_INTEGERS "refuse alert_after_ms answer_after_ms hold_ms cause"

static const struct command {
	const char *name;
	const char *(*run)(struct pbx_commands *c, json_t *o, int64_t now_us);
	const char *integers, *strings, *booleans; /* keys, with spaces between */
} commands[] = {
    {"call", do_call, "ton calling_ton hold_ms give_up_ms cause ts bearer", "called calling tag",
     "exclusive"},
    {"rule", do_rule, RULE_INTEGERS, "prefix", "progress_inband alert_inband"},
    {"answer_rule", do_rule, RULE_INTEGERS, "prefix", "progress_inband alert_inband"},
    {"hangup", do_hangup, "call cause", "", ""},
    {"hangup_all", do_hangup_all, "", "", ""},
    {"plant", do_plant, "", "kind", ""},
    {"fault", do_fault, "", "dchannel", ""},
    {"status", do_status, "", "", ""},
    {"quit", do_quit, "", "", ""},
};

static bool is_listed(const char *list, const char *key)
{
	size_t len = strlen(key);

	while (*list) {
		size_t word = strcspn(list, " ");

		if (word == len && memcmp(list, key, len) == 0)
			return true;
		list += word + (list[word] == ' ');
	}
	return false;
}

/* A misspelt key would else mean "never" or "no" without a word. */
static const char *check_keys(struct pbx_commands *c, const struct command *cmd, json_t *o)
{
	const char *key, *must = NULL;
	json_t *value;
	struct strbuf b;

	json_object_foreach(o, key, value)
	{
		if (strcmp(key, "cmd") == 0)
			continue;
		if (is_listed(cmd->integers, key))
			must = json_is_integer(value) ? NULL : "an integer";
		else if (is_listed(cmd->strings, key))
			must = json_is_string(value) ? NULL : "a string";
		else if (is_listed(cmd->booleans, key))
			must = json_is_boolean(value) ? NULL : "true or false";
		else
			must = "left out: there is no such key";
		if (must)
			break;
	}
	if (!must)
		return NULL;
	strbuf_init(&b, c->why, sizeof(c->why));
	strbuf_addf(&b, "%s: \"%.40s\" must be %s", cmd->name, key, must);
	return c->why;
}

static const char *carry_out(struct pbx_commands *c, json_t *o, int64_t now_us)
{
	const char *name = json_string_value(json_object_get(o, "cmd")), *why;

	if (!name)
		return "a command is an object with \"cmd\"";
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		why = check_keys(c, &commands[i], o);
		return why ? why : commands[i].run(c, o, now_us);
	}
	return "unknown command: call, rule, hangup, hangup_all, plant, fault, status, quit";
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
		print_error(c, why);
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
