/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spanbridge plan replay: calls of the past through a plan that is not active yet. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/endpoint_text.h"
#include "gateway/base/rng.h"
#include "gateway/base/strbuf.h"
#include "gateway/cli/cli.h"
#include "gateway/plan/decide.h"
#include "gateway/plan/moment.h"

#define DEFAULT_CONFIG "/etc/spanbridge/spanbridge.yaml"

enum { REPLAY_MAX = 1000000, CHANGES_MAX = 10000, OUTCOME = 3 * CALL_NAME_MAX };

/* One way in which calls would change, with the first call of it. */
struct change {
	char was[OUTCOME], now[OUTCOME], source[ENDPOINT_TEXT]; /* what they have in common */
	char called[CALL_DIGITS_MAX + 2], was_number[CALL_DIGITS_MAX + 32],
	    now_number[CALL_DIGITS_MAX + 32], call[24], begin[32];
	unsigned calls;
};

struct replay {
	const struct config *config;
	struct rng rng;
	unsigned calls, same, unread, changed, other_rule, refused;
	struct change *change;
	unsigned changes;
};

/* ── A record as a call ── */

static uint8_t ton_of(const json_t *number)
{
	static const char *const names[] = {"unknown", "international", "national",
					    "network", "subscriber",	"",
					    "abbreviated"};
	const json_t *ton = json_object_get(number, "ton");

	if (json_is_integer(ton))
		return (uint8_t)(json_integer_value(ton) & 7);
	for (unsigned i = 0; ton && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], json_string_value(ton)) == 0)
			return (uint8_t)i;
	return CALL_TON_UNKNOWN;
}

static void read_number(const json_t *record, const char *key, struct call_number *out)
{
	const json_t *o = json_object_get(record, key), *pres;
	const char *npi;

	if (!json_is_object(o) || !json_is_string(json_object_get(o, "digits")))
		return;
	out->present = true;
	str_copy(out->digits, sizeof(out->digits), cli_text(o, "digits"));
	out->ton = ton_of(o);
	npi = cli_text(o, "npi");
	out->npi = strcmp(npi, "e164") == 0	 ? CALL_NPI_E164
		   : strcmp(npi, "private") == 0 ? CALL_NPI_PRIVATE
						 : CALL_NPI_UNKNOWN;
	pres = json_object_get(o, "presentation");
	if (json_is_string(pres) && strcmp(json_string_value(pres), "restricted") == 0)
		out->presentation = CALL_PRES_RESTRICTED;
}

static enum call_bearer bearer_of(const char *name)
{
	static const struct {
		const char *name;
		enum call_bearer bearer;
	} all[] = {{"unrestricted", CALL_BEARER_UNRESTRICTED},
		   {"restricted", CALL_BEARER_RESTRICTED},
		   {"3.1kHz", CALL_BEARER_AUDIO_3K1},
		   {"unrestricted-tones", CALL_BEARER_UNRESTRICTED_TONES},
		   {"video", CALL_BEARER_VIDEO}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].bearer;
	return CALL_BEARER_SPEECH;
}

/* false: the record says too little, or the candidate has no such span or trunk. */
static bool read_call(const struct config *config, const json_t *record, struct call_setup *out,
		      int64_t *wall_us)
{
	char begin[24];

	*out = (struct call_setup){.sending_complete = true};
	if (endpoint_find(config, cli_text(record, "source"), &out->source))
		return false;
	read_number(record, "called", &out->called);
	read_number(record, "calling", &out->calling);
	read_number(record, "redirecting", &out->redirecting);
	str_copy(out->calling_name, sizeof(out->calling_name), cli_text(record, "calling_name"));
	out->bearer = bearer_of(cli_text(record, "bearer"));
	snprintf(begin, sizeof(begin), "%.19sZ", cli_text(record, "begin"));
	return plan_moment_parse(begin, NULL, wall_us) == 0;
}

/* ── What became of it, and what would ── */

static void show_number(const struct call_number *n, char out[CALL_DIGITS_MAX + 32])
{
	snprintf(out, CALL_DIGITS_MAX + 32, "%s%s%s", n->ton == CALL_TON_INTERNATIONAL ? "+" : "",
		 n->digits,
		 n->ton == CALL_TON_NATIONAL	 ? " (national)"
		 : n->ton == CALL_TON_SUBSCRIBER ? " (subscriber)"
						 : "");
}

static bool same_number(const struct call_number *a, const struct call_number *b)
{
	return strcmp(a->digits, b->digits) == 0 && a->ton == b->ton;
}

struct past {
	const char *rule, *target;
	struct call_number called_out;
	unsigned cause; /* of a call that was never sent on */
};

static struct past read_past(const json_t *record)
{
	struct past p = {.rule = cli_text(record, "rule"), .target = cli_text(record, "target")};
	const json_t *cause = json_object_get(record, "cause_a");

	read_number(record, "called_out", &p.called_out);
	if (!*p.target || strcmp(p.target, "none") == 0)
		p.cause = (unsigned)cli_number(cause, "value");
	return p;
}

/* Weights draw lots and failed ways lead to the next: whichever way it was, it counts as the same. */
static bool is_same(const struct replay *r, const struct past *p, const struct call_route *route)
{
	char to[ENDPOINT_TEXT];

	if (route->cause.value)
		return p->cause == route->cause.value;
	for (unsigned i = 0; i < route->count; i++)
		if (strcmp(endpoint_text(r->config, route->way[i].to, to), p->target) == 0 &&
		    same_number(&route->way[i].called, &p->called_out))
			return true;
	return false;
}

static void describe(struct replay *r, const json_t *record, const struct past *p,
		     const struct call_setup *setup, const struct call_route *route,
		     struct change *c)
{
	char to[ENDPOINT_TEXT];

	*c = (struct change){.calls = 1};
	str_copy(c->source, sizeof(c->source), cli_text(record, "source"));
	snprintf(c->called, sizeof(c->called), "%s%s",
		 setup->called.ton == CALL_TON_INTERNATIONAL ? "+" : "", setup->called.digits);
	str_copy(c->call, sizeof(c->call), cli_text(record, "call"));
	str_copy(c->begin, sizeof(c->begin), cli_text(record, "begin"));
	if (p->cause)
		snprintf(c->was, sizeof(c->was), "refused with cause %u", p->cause);
	else
		snprintf(c->was, sizeof(c->was), "%.60s by rule %.60s", p->target, p->rule);
	if (!p->cause)
		show_number(&p->called_out, c->was_number);
	if (route->cause.value)
		snprintf(c->now, sizeof(c->now), "refused with cause %u%s%.60s", route->cause.value,
			 *route->rule ? " by rule " : ", no rule fits", route->rule);
	else
		snprintf(c->now, sizeof(c->now), "%.60s by rule %.60s",
			 endpoint_text(r->config, route->way[0].to, to), route->rule);
	if (!route->cause.value)
		show_number(&route->way[0].called, c->now_number);
}

static void add_change(struct replay *r, const struct change *c)
{
	r->changed++;
	for (unsigned i = 0; i < r->changes; i++)
		if (strcmp(r->change[i].was, c->was) == 0 && strcmp(r->change[i].now, c->now) == 0 &&
		    strcmp(r->change[i].source, c->source) == 0) {
			r->change[i].calls++;
			return;
		}
	if (r->changes < CHANGES_MAX)
		r->change[r->changes++] = *c;
}

static void replay_line(struct replay *r, const char *line)
{
	json_t *record = json_loads(line, 0, NULL);
	struct plan_env env = {.random = rng_u64(&r->rng)};
	struct call_setup setup;
	struct call_route route;
	struct change c;
	struct past p;

	r->calls++;
	/* No plan would be asked for it: it never became a call. */
	if (json_object_get(record, "refused")) {
		r->refused++;
		json_decref(record);
		return;
	}
	if (!json_is_object(record) || !read_call(r->config, record, &setup, &env.wall_us)) {
		r->unread++;
		json_decref(record);
		return;
	}
	plan_decide(r->config->plan, &setup, &env, &route);
	p = read_past(record);
	if (is_same(r, &p, &route)) {
		r->same++;
		r->other_rule += *p.rule && strcmp(p.rule, route.rule) != 0;
	} else {
		describe(r, record, &p, &setup, &route, &c);
		add_change(r, &c);
	}
	json_decref(record);
}

/* ── The file of records ── */

/* Where the last n lines begin. */
static long last_lines(FILE *f, unsigned n)
{
	long *start = calloc(n, sizeof(*start)), at = 0;
	size_t size = 0, seen = 0;
	char *line = NULL;
	ssize_t len;

	while (start && (len = getline(&line, &size, f)) >= 0) {
		start[seen++ % n] = at;
		at += len;
	}
	at = start && seen ? start[seen > n ? seen % n : 0] : 0;
	free(line);
	free(start);
	return at;
}

static bool replay_file(struct replay *r, const char *path, unsigned last)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!f) {
		fprintf(stderr, "spanbridge: %s cannot be read: %s; name the call records with --records "
				"FILE\n",
			path, strerror(errno));
		return false;
	}
	if (fseek(f, last_lines(f, last), SEEK_SET) == 0)
		while (getline(&line, &size, f) >= 0)
			replay_line(r, line);
	free(line);
	fclose(f);
	return true;
}

static int most_first(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return (x->calls < y->calls) - (x->calls > y->calls);
}

static void print_json(const struct replay *r)
{
	json_t *list = json_array(), *o;

	for (unsigned i = 0; i < r->changes; i++) {
		const struct change *c = &r->change[i];

		json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s}}",
						      "calls", (int)c->calls, "source", c->source, "was",
						      c->was, "would_be", c->now, "example", "call",
						      c->call, "begin", c->begin, "called", c->called,
						      "was_number", c->was_number, "would_be_number",
						      c->now_number));
	}
	o = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:o}", "calls", (int)r->calls, "same",
		      (int)r->same, "other_rule", (int)r->other_rule, "changed", (int)r->changed,
		      "refused", (int)r->refused, "unread", (int)r->unread, "changes", list);
	cli_print_json(o);
	json_decref(o);
}

static void print_text(const struct replay *r)
{
	char clean[4][OUTCOME];

	printf("%u call%s: %u as before (%u by another rule), %u would change, %u could not be asked\n",
	       r->calls, r->calls == 1 ? "" : "s", r->same, r->other_rule, r->changed,
	       r->unread + r->refused);
	for (unsigned i = 0; i < r->changes; i++) {
		const struct change *c = &r->change[i];

		printf("\n%u call%s from %s\n  was       %s\n  would be  %s\n  e.g. call %s, %s: %s\n",
		       c->calls, c->calls == 1 ? "" : "s", cli_clean(clean[0], OUTCOME, c->source),
		       cli_clean(clean[1], OUTCOME, c->was), cli_clean(clean[2], OUTCOME, c->now),
		       c->call, c->begin, cli_clean(clean[3], OUTCOME, c->called));
		if (*c->was_number || *c->now_number)
			printf("    was sent as %s, would be sent as %s\n",
			       *c->was_number ? cli_clean(clean[0], OUTCOME, c->was_number) : "nothing",
			       *c->now_number ? cli_clean(clean[1], OUTCOME, c->now_number) : "nothing");
	}
	if (r->refused)
		printf("\n%u record%s of attempts that were refused before any plan was asked\n",
		       r->refused, r->refused == 1 ? "" : "s");
	if (r->unread)
		printf("\n%u record%s could not be asked: no JSON, or from a span or trunk that this "
		       "configuration does not have\n",
		       r->unread, r->unread == 1 ? "" : "s");
}

struct options {
	const char *config, *records;
	unsigned last;
};

static bool take_options(struct cli *c, struct options *o)
{
	*o = (struct options){.config = DEFAULT_CONFIG, .last = 1000};
	for (int i = 0; i < c->argc; i += 2) {
		const char *value = i + 1 < c->argc ? c->argv[i + 1] : NULL;

		if (!value)
			return false;
		if (strcmp(c->argv[i], "--config") == 0)
			o->config = value;
		else if (strcmp(c->argv[i], "--records") == 0)
			o->records = value;
		else if (strcmp(c->argv[i], "--last") == 0)
			o->last = (unsigned)strtoul(value, NULL, 10);
		else
			return false;
	}
	return o->last > 0 && o->last <= REPLAY_MAX;
}

int cli_plan_replay(struct cli *c)
{
	struct replay r = {.calls = 0};
	struct config *config;
	struct options o;
	bool good;

	if (!take_options(c, &o))
		return cli_usage("plan", "plan replay takes: --config FILE, --records FILE, --last N (1 to "
					 "1000000)");
	config = cli_load(o.config);
	if (!config)
		return CLI_FAILED;
	if (!o.records && !*config->records_path) {
		fprintf(stderr, "spanbridge: %s keeps no call records; name them with --records FILE\n",
			o.config);
		config_destroy(config);
		return CLI_FAILED;
	}
	r.config = config;
	r.change = calloc(CHANGES_MAX, sizeof(*r.change));
	rng_init_seed(&r.rng, 1);
	good = r.change && replay_file(&r, o.records ? o.records : config->records_path, o.last);
	if (good)
		qsort(r.change, r.changes, sizeof(*r.change), most_first);
	if (good && c->json)
		print_json(&r);
	else if (good)
		print_text(&r);
	free(r.change);
	config_destroy(config);
	return good ? CLI_OK : CLI_FAILED;
}
