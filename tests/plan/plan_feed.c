/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks the number plan of configuration files, many times in one process: JSON objects in, one a
 * line, an answer a line out. For the tests of this folder.
 *
 *   {"plan": PATH}   {"ok": true, "limits": [NAME…]} or {"ok": false, "mistakes": [TEXT…]}
 *   {"from": "span:1", "called": NUMBER, "calling": NUMBER, "redirecting": NUMBER, "name": "",
 *    "bearer": 16, "at": "2026-01-05T12:00", "random": 1, "usage": {LIMIT: [calls, second, minute]}}
 *                    {"rule", "line", "cause", "emergency", "reroute": [CAUSE…],
 *                     "ways": [{"to", "called", …}]}
 *
 * "answer" of a call: what its look-up finds, "none", "failed" (as without it), or
 * {"called": NUMBER, "name": ""}.
 * A NUMBER is {"digits", "ton", "npi", "pres"}, null: absent. Each call is decided with and without a
 * trace, which may make no difference.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/endpoint_text.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/decide.h"
#include "gateway/plan/moment.h"

enum { LIMITS_MAX = 64 };

static void die(const char *what)
{
	fprintf(stderr, "plan_feed: %s\n", what);
	exit(2);
}

static void take_mistake(void *arg, const char *text)
{
	json_array_append_new(arg, json_string(text));
}

static json_t *take_plan(struct config **config, const char *path)
{
	json_t *mistakes = json_array(), *limits;

	config_destroy(*config);
	*config = NULL;
	if (config_load(config, path, take_mistake, mistakes))
		return json_pack("{s:b, s:o}", "ok", 0, "mistakes", mistakes);
	json_decref(mistakes);
	limits = json_array();
	for (unsigned i = 0; i < plan_limits((*config)->plan); i++) {
		struct plan_limit limit;

		json_array_append_new(limits,
				      json_string(plan_limit_name((*config)->plan, i, &limit)));
	}
	return json_pack("{s:b, s:o}", "ok", 1, "limits", limits);
}

static unsigned number_at(const json_t *o, const char *key, unsigned fallback)
{
	const json_t *v = json_object_get(o, key);

	return v ? (unsigned)json_integer_value(v) : fallback;
}

static struct call_number read_number(const json_t *call, const char *key)
{
	const json_t *o = json_object_get(call, key);
	struct call_number n = {.present = json_is_object(o)};

	if (!n.present)
		return n;
	n.ton = (uint8_t)number_at(o, "ton", CALL_TON_UNKNOWN);
	n.npi = (uint8_t)number_at(o, "npi", CALL_NPI_E164);
	n.presentation = (uint8_t)number_at(o, "pres", CALL_PRES_ALLOWED);
	str_copy(n.digits, sizeof(n.digits), json_string_value(json_object_get(o, "digits")));
	return n;
}

static json_t *write_number(const struct call_number *n)
{
	if (!n->present)
		return json_null();
	return json_pack("{s:s, s:i, s:i, s:i}", "digits", n->digits, "ton", n->ton, "npi", n->npi,
			 "pres", n->presentation);
}

static void read_usage(const struct config *config, const json_t *call,
		       struct plan_usage usage[LIMITS_MAX])
{
	const json_t *all = json_object_get(call, "usage");

	if (plan_limits(config->plan) > LIMITS_MAX)
		die("too many limits");
	for (unsigned i = 0; i < plan_limits(config->plan); i++) {
		struct plan_limit limit;
		const json_t *u = json_object_get(all, plan_limit_name(config->plan, i, &limit));
		uint32_t v[3] = {0};

		for (unsigned k = 0; k < 3; k++)
			v[k] = (uint32_t)json_integer_value(json_array_get(u, k));
		usage[i] = (struct plan_usage){v[0], v[1], v[2]};
	}
}

static json_t *write_route(const struct config *config, const struct call_route *r)
{
	json_t *ways = json_array(), *reroute = json_array();

	for (unsigned cause = 0; cause < 128; cause++)
		if (call_route_reopens(r, (uint8_t)cause))
			json_array_append_new(reroute, json_integer(cause));
	for (unsigned i = 0; !r->cause.value && i < r->count; i++) {
		const struct call_way *w = &r->way[i];
		char to[ENDPOINT_TEXT];

		json_array_append_new(
		    ways, json_pack("{s:s, s:o, s:o, s:o, s:s, s:i}", "to",
				    endpoint_text(config, w->to, to), "called",
				    write_number(&w->called), "calling", write_number(&w->calling),
				    "redirecting", write_number(&w->redirecting), "name",
				    w->calling_name, "bearer", (int)w->bearer));
	}
	return json_pack("{s:s, s:i, s:i, s:b, s:o, s:o}", "rule", r->rule, "line",
			 *r->rule ? (int)r->line : 0, "cause", (int)r->cause.value, "emergency",
			 r->emergency, "reroute", reroute, "ways", ways);
}

static void hear(void *arg, const struct plan_step_note *note)
{
	*(unsigned *)arg += strlen(note->text) > 0;
}

static struct plan_answer read_answer(const json_t *call)
{
	const json_t *o = json_object_get(call, "answer");
	const char *text = json_string_value(o), *name;
	struct plan_answer a = {.kind = PLAN_ANSWER_FAILED};

	if (text && strcmp(text, "none") == 0)
		a.kind = PLAN_ANSWER_NOT_FOUND;
	if (!json_is_object(o))
		return a;
	a.kind = PLAN_ANSWER_FOUND;
	a.called = read_number(o, "called");
	a.has_called = a.called.present;
	name = json_string_value(json_object_get(o, "name"));
	a.has_name = name && *name;
	str_copy(a.name, sizeof(a.name), name ? name : "");
	return a;
}

static void decide(const struct config *config, const json_t *call, const struct call_setup *setup,
		   const struct plan_env *env, struct call_route *out)
{
	struct plan_answer given = read_answer(call);
	const struct plan_answer *answer = NULL;
	struct plan_ctx ctx;

	memset(out, 0, sizeof(*out));
	plan_begin(&ctx, config->plan, setup, env);
	while (plan_step(&ctx, env, answer, out) == PLAN_NEEDS_ANSWER)
		answer = &given;
}

static json_t *take_call(const struct config *config, const json_t *call)
{
	struct plan_usage usage[LIMITS_MAX];
	unsigned notes = 0;
	struct plan_env env = {.random = number_at(call, "random", 1), .usage = usage};
	struct call_setup setup = {.bearer = number_at(call, "bearer", CALL_BEARER_AUDIO_3K1)};
	const char *at = json_string_value(json_object_get(call, "at"));
	const char *name = json_string_value(json_object_get(call, "name"));
	const char *from = json_string_value(json_object_get(call, "from"));
	struct call_route route, traced;
	json_t *plain, *again;

	if (!config || !from || endpoint_find(config, from, &setup.source))
		die("no plan, or no such from");
	if (plan_moment_parse(at ? at : "2026-01-05T12:00", plan_zone(config->plan), &env.wall_us))
		die("no such at");
	setup.called = read_number(call, "called");
	setup.calling = read_number(call, "calling");
	setup.redirecting = read_number(call, "redirecting");
	str_copy(setup.calling_name, sizeof(setup.calling_name), name ? name : "");
	read_usage(config, call, usage);
	decide(config, call, &setup, &env, &route);
	env.trace = hear;
	env.trace_arg = &notes;
	decide(config, call, &setup, &env, &traced);
	plain = write_route(config, &route);
	again = write_route(config, &traced);
	if (!json_equal(plain, again) || !notes)
		die("a trace changes the decision, or says nothing");
	json_decref(again);
	return plain;
}

int main(void)
{
	static char line[1 << 16];
	struct config *config = NULL;

	while (fgets(line, sizeof(line), stdin)) {
		json_t *in = json_loads(line, 0, NULL), *out;
		const char *path = json_string_value(json_object_get(in, "plan"));

		if (!in)
			die("no JSON");
		out = path ? take_plan(&config, path) : take_call(config, in);
		json_dumpf(out, stdout, JSON_COMPACT);
		putchar('\n');
		fflush(stdout);
		json_decref(out);
		json_decref(in);
	}
	config_destroy(config);
	return 0;
}
