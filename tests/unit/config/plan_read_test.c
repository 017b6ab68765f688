/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the words of the file to the values of the plan: every key of a rule, a rewrite, an edge; and
 * what is said of words that mean nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/create.h"
#include "gateway/plan/decide.h"
#include "gateway/plan/zone.h"

#define HEAD                                                                                       \
	"spans:\n  - {span: 1, driver: virtual, connect: /e1, side: user}\n"                       \
	"  - {span: 7, driver: virtual, connect: /e7, side: user%s}\n"                             \
	"trunks:\n  - {name: t, bind: \"127.0.0.1:5060\", peer: \"127.0.0.2:5060\"}\n"             \
	"  - {name: u, bind: \"127.0.0.1:5060\", peer: \"127.0.0.3:5060\"%s}\n"                    \
	"%splan:\n  %s\n"

static void keep(void *arg, const char *text)
{
	char *all = arg;
	size_t n = strlen(all);

	snprintf(all + n, 4096 - n, "%s\n", text);
}

static struct config *parse_edges(const char *span, const char *trunk, const char *numbers,
				  const char *plan, char said[4096])
{
	struct config *c = NULL;
	char text[8192];
	int n;

	said[0] = '\0';
	snprintf(text, sizeof(text), HEAD, span, trunk, numbers, plan);
	n = config_parse(&c, "f", text, strlen(text), keep, said);
	assert_int_equal(n == 0, c != NULL);
	return c;
}

static struct config *parse(const char *numbers, const char *plan, char said[4096])
{
	return parse_edges("", "", numbers, plan, said);
}

/* ── a rule in short words: only what is not as in plan_rule_nothing() ── */

static void add_n(struct strbuf *b, const char *key, long n, long nothing)
{
	if (n != nothing)
		strbuf_addf(b, " %s=%ld", key, n);
}

static void add_t(struct strbuf *b, const char *key, const char *text)
{
	if (text)
		strbuf_addf(b, " %s=%s", key, text);
}

static void add_end(struct strbuf *b, const char *key, struct call_endpoint ep)
{
	strbuf_addf(b, " %s%c%u", key, ep.kind == CALL_EP_SPAN ? 's' : ep.kind == CALL_EP_TRUNK ? 't' : '?',
		    ep.index);
}

static void add_limit(struct strbuf *b, const struct plan_limit *l)
{
	add_n(b, "calls", l->calls, 0);
	add_n(b, "second", l->per_second, 0);
	add_n(b, "minute", l->per_minute, 0);
	add_n(b, "cause", l->cause, 0);
}

static void add_sets(struct strbuf *b, const struct plan_set set[PLAN_NUMBERS])
{
	for (unsigned i = 0; i < PLAN_NUMBERS; i++) {
		struct plan_set none = PLAN_SET_NOTHING;
		const struct plan_set *s = &set[i];

		if (memcmp(s, &none, sizeof(none)) == 0)
			continue;
		strbuf_addf(b, " set%u:", i);
		add_n(b, "strip", s->strip, 0);
		add_t(b, "prepend", s->prepend);
		add_t(b, "number", s->number);
		add_n(b, "ton", s->ton, -1);
		add_n(b, "npi", s->npi, -1);
		add_n(b, "pres", s->presentation, -1);
		add_n(b, "screen", s->screening, -1);
		add_n(b, "remove", s->remove, 0);
	}
}

static void add_matches(struct strbuf *b, const struct plan_match match[PLAN_NUMBERS])
{
	for (unsigned i = 0; i < PLAN_NUMBERS; i++) {
		const struct plan_match *m = &match[i];

		if (!m->kind && !m->tons && !m->npis && !m->presentations && !m->absent)
			continue;
		strbuf_addf(b, " match%u:", i);
		add_n(b, "kind", m->kind, PLAN_MATCH_ANY);
		add_t(b, "text", m->text);
		add_n(b, "list", m->list, 0);
		add_n(b, "tons", m->tons, 0);
		add_n(b, "npis", m->npis, 0);
		add_n(b, "pres", m->presentations, 0);
		add_n(b, "absent", m->absent, 0);
	}
}

static void add_when(struct strbuf *b, const struct plan_when *w)
{
	add_n(b, "days", w->days, 0);
	for (unsigned i = 0; i < w->time_count; i++)
		strbuf_addf(b, " time=%u-%u", w->time[i].from_min, w->time[i].to_min);
	for (unsigned i = 0; i < w->date_count; i++)
		strbuf_addf(b, " date=%d-%d", w->dates[i].from, w->dates[i].to);
	add_n(b, "holidays", w->holidays, 0);
	add_n(b, "zone", w->zone, 0);
}

static void describe(const struct plan_rule *r, char *out, size_t size)
{
	struct strbuf b;

	strbuf_init(&b, out, size);
	strbuf_add(&b, r->name);
	add_n(&b, "stage", r->stage, PLAN_ROUTE);
	add_t(&b, "group", r->group);
	for (unsigned i = 0; i < r->from_count; i++)
		add_end(&b, "from=", r->from[i]);
	add_matches(&b, r->match);
	add_t(&b, "mname", r->match_name);
	for (unsigned i = 0; i < r->bearer_count; i++)
		add_n(&b, "bearer", r->bearer[i], -1);
	add_when(&b, &r->when);
	add_limit(&b, &r->limit);
	add_sets(&b, r->set);
	add_t(&b, "name", r->set_name);
	add_n(&b, "setbearer", r->set_bearer, -1);
	for (unsigned i = 0; i < r->target_count; i++) {
		const struct plan_target *t = &r->target[i];

		add_end(&b, "to=", t->to);
		add_n(&b, "prio", t->priority, 0);
		add_n(&b, "weight", t->weight > 1 ? t->weight : 0, 0); /* 0 counts as 1 */
		add_n(&b, "cost", t->cost, 0);
		add_limit(&b, &t->limit);
		add_sets(&b, t->set);
	}
	add_n(&b, "bar", r->bar, 0);
	add_n(&b, "emergency", r->emergency, 0);
	add_n(&b, "lookup", r->lookup, 0);
	for (unsigned i = 0; i < 4 && r->reroute_given; i++)
		strbuf_addf(&b, "%s%x", i ? "," : " reroute=", r->reroute[i]);
}

static const struct {
	const char *rule, *want;
} rules[] = {
    {"- {name: a, to: \"trunk:t\"}",
     "a to=t0"},
    {"- {name: a, from: any, to: \"trunk:u\"}",
     "a to=t1"},
    {"- {name: a, from: [\"span:7\", \"span:1\"], to: \"trunk:u\", prefix: \"1\"}",
     "a from=s7 from=s1 match0: kind=1 text=1 to=t1"},
    {"- {name: a, from: [\"span:7\", \"span:1\"], to: \"trunk:t\"}",
     "a from=s7 from=s1 to=t0"},
    {"- {name: a, from: [\"span:7\", any], to: \"trunk:t\"}",
     "a to=t0"},
    {"- {name: a, prefix: \"+49\", strip: 2, prepend: \"0\", to: \"trunk:t\"}",
     "a match0: kind=1 text=+49 tons=2 set0: strip=2 prepend=0 to=t0"},
    {"- {name: a, ton: any, set_ton: leave, set_npi: leave, to: \"trunk:t\"}",
     "a to=t0"},
    {"- {name: a, ton: unknown, set_ton: unknown, set_npi: unknown, to: \"trunk:t\"}",
     "a match0: tons=1 set0: ton=0 npi=0 to=t0"},
    {"- {name: a, ton: international, set_ton: international, set_npi: e164, to: \"trunk:t\"}",
     "a match0: tons=2 set0: ton=1 npi=1 to=t0"},
    {"- {name: a, ton: national, set_ton: national, set_npi: private, to: \"trunk:t\"}",
     "a match0: tons=4 set0: ton=2 npi=9 to=t0"},
    {"- {name: a, ton: subscriber, set_ton: subscriber, to: \"trunk:t\"}",
     "a match0: tons=16 set0: ton=4 to=t0"},
    {"- {name: a, match: {called: {prefix: \"1\"}, calling: {pattern: \"2X\"}, redirecting: "
     "{range: \"3-4\"}, connected: {regex: \"5\"}}, to: \"trunk:t\"}",
     "a match0: kind=1 text=1 match1: kind=2 text=2X match2: kind=3 text=3-4 match3: kind=4 text=5 to=t0"},
    {"- {name: a, match: {called: {ton: [unknown, international, national, network, "
     "subscriber, abbreviated]}}, to: \"trunk:t\"}",
     "a match0: tons=95 to=t0"},
    {"- {name: a, match: {called: {ton: network, npi: private}, calling: {ton: abbreviated, "
     "npi: [unknown, e164]}}, to: \"trunk:t\"}",
     "a match0: tons=8 npis=512 match1: tons=64 npis=3 to=t0"},
    {"- {name: a, match: {calling: {presentation: allowed}, redirecting: {presentation: "
     "[restricted, not-available]}}, to: \"trunk:t\"}",
     "a match1: pres=1 match2: pres=6 to=t0"},
    {"- {name: a, match: {calling: {absent: true}, redirecting: {absent: false}}, to: "
     "\"trunk:t\"}",
     "a match1: absent=1 to=t0"},
    {"- {name: a, match: {name: \"^A\", bearer: speech}, to: \"trunk:t\"}",
     "a mname=^A bearer=0 to=t0"},
    {"- {name: a, match: {bearer: [audio, unrestricted, restricted, video]}, to: \"trunk:t\"}",
     "a bearer=16 bearer=8 bearer=9 bearer=24 to=t0"},
    {"- {name: a, set: {called: {strip: 32}, calling: {number: \"1\"}, redirecting: {remove: "
     "true}, connected: {prepend: \"+1\"}, name: N, bearer: audio}, to: \"trunk:t\"}",
     "a set0: strip=32 set1: number=1 set2: remove=1 set3: prepend=+1 name=N setbearer=16 to=t0"},
    {"- {name: a, set: {called: {ton: unknown, npi: unknown, presentation: allowed, "
     "screening: user}}, to: \"trunk:t\"}",
     "a set0: ton=0 npi=0 pres=0 screen=0 to=t0"},
    {"- {name: a, set: {called: {ton: international, npi: e164, presentation: restricted, "
     "screening: user-passed}}, to: \"trunk:t\"}",
     "a set0: ton=1 npi=1 pres=1 screen=1 to=t0"},
    {"- {name: a, set: {calling: {ton: national, npi: private, presentation: not-available, "
     "screening: user-failed}, bearer: video}, to: \"trunk:t\"}",
     "a set1: ton=2 npi=9 pres=2 screen=2 setbearer=24 to=t0"},
    {"- {name: a, set: {calling: {ton: network, screening: network}, bearer: speech}, to: "
     "\"trunk:t\"}",
     "a set1: ton=3 screen=3 setbearer=0 to=t0"},
    {"- {name: a, set: {calling: {ton: subscriber}, redirecting: {ton: abbreviated}, called: "
     "{ton: same, remove: false}}, to: \"trunk:t\"}",
     "a set0: ton=-2 set1: ton=4 set2: ton=6 to=t0"},
    {"- {name: a, when: {days: mon}, to: \"trunk:t\"}",
     "a days=1 to=t0"},
    {"- {name: a, when: {days: [tue, thu-sat]}, to: \"trunk:t\"}",
     "a days=58 to=t0"},
    {"- {name: a, when: {days: sat-mon}, to: \"trunk:t\"}",
     "a days=97 to=t0"},
    {"- {name: a, when: {days: [wed, fri, sun], holidays: only}, to: \"trunk:t\"}",
     "a days=84 holidays=1 to=t0"},
    {"- {name: a, when: {time: \"00:00-24:00\", holidays: never}, to: \"trunk:t\"}",
     "a time=0-1440 holidays=-1 to=t0"},
    {"- {name: a, when: {time: [\"08:09-19:59\", \"23:00-06:01\"], holidays: any}, to: "
     "\"trunk:t\"}",
     "a time=489-1199 time=1380-361 to=t0"},
    {"- {name: a, when: {dates: [1970-01-01, 1999-12-31, 2024-02-29, 2026-12-24..2026-12-26, "
     "2026-05-01..2026-05-01]}, to: \"trunk:t\"}",
     "a date=0-0 date=10956-10956 date=19782-19782 date=20811-20813 date=20574-20574 to=t0"},
    {"- {name: a, when: {days: mon, timezone: Asia/Shanghai}, to: \"trunk:t\"}",
     "a days=1 zone=1 to=t0"},
    {"- {name: a, when: {days: mon, timezone: Europe/Berlin}, to: \"trunk:t\"}",
     "a days=1 zone=2 to=t0"},
    {"- {name: a, limit: {calls: 1, per_second: 2, per_minute: 3, cause: 42}, to: \"trunk:t\"}",
     "a calls=1 second=2 minute=3 cause=42 to=t0"},
    {"- {name: a, limit: {per_second: 2}, to: \"trunk:t\"}",
     "a second=2 to=t0"},
    {"- {name: a, limit: {per_minute: 3}, to: \"trunk:t\"}",
     "a minute=3 to=t0"},
    {"- {name: a, targets: [{to: \"trunk:t\"}, {to: \"trunk:u\", priority: 1, weight: 70, "
     "cost: 0.0125}]}",
     "a to=t0 to=t1 prio=1 weight=70 cost=12500"},
    {"- {name: a, targets: [{to: \"trunk:t\", weight: 0, cost: 4294.967295}, {to: "
     "\"trunk:t\", cost: 19}, {to: \"trunk:t\", cost: .5}, {to: \"trunk:t\", cost: 0.123456}]}",
     "a to=t0 cost=4294967295 to=t0 cost=19000000 to=t0 cost=500000 to=t0 cost=123456"},
    {"- {name: a, targets: [{to: \"span:7\", limit: {calls: 5, cause: 17}, set: {called: "
     "{strip: 1}, calling: {number: \"2\"}}}]}",
     "a to=s7 calls=5 cause=17 set0: strip=1 set1: number=2"},
    {"- {name: a, prefix: \"1\", bar: 21}",
     "a match0: kind=1 text=1 bar=21"},
    {"- {name: a, emergency: true, reroute: [1, 31, 32, 63, 64, 127], to: \"trunk:t\"}",
     "a to=t0 emergency=1 reroute=80000002,80000001,1,80000000"},
    {"- {name: a, emergency: false, lookup: first, to: \"trunk:t\"}",
     "a to=t0 lookup=1"},
    {"- {name: a, lookup: second, to: \"trunk:t\"}",
     "a to=t0 lookup=2"},
};

#define NUMBERS                                                                                    \
	"numbers:\n  timezone: Asia/Shanghai\n  lookups:\n    - {name: first, type: http}\n"       \
	"    - {name: second, type: enum}\n"

static void test_rules(void **state)
{
	char said[4096], got[600];
	bool bad = false;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct config *c = parse(NUMBERS, rules[i].rule, said);

		if (!c) {
			printf("# %s\n# %s", rules[i].rule, said);
			bad = true;
			continue;
		}
		describe(plan_rule_at(c->plan, 0), got, sizeof(got));
		if (strcmp(got, rules[i].want) != 0) {
			printf("# %s\n# is  %s\n# not %s\n", rules[i].rule, got, rules[i].want);
			bad = true;
		}
		config_destroy(c);
	}
	assert_false(bad);
}

static const struct {
	const char *rewrite, *want;
} rewrites[] = {
    {"{name: r, set: {called: {strip: 1}}}", "r stage=1 set0: strip=1"},
    {"{name: r, stage: in, from: \"span:7\", group: g, set: {name: N}}",
     "r stage=1 group=g from=s7 name=N"},
    {"{name: r, stage: out, to: [\"trunk:u\", \"span:1\"], set: {calling: {remove: true}}}",
     "r stage=2 set1: remove=1 to=t1 to=s1"},
    {"{name: r, stage: out, to: any, from: any, set: {bearer: speech}}", "r stage=2 setbearer=0"},
    {"{name: r, stage: answer, match: {connected: {prefix: \"1\"}}, when: {days: tue}, "
     "set: {connected: {prepend: \"2\"}}}",
     "r stage=3 match3: kind=1 text=1 days=2 set3: prepend=2"},
};

static void test_rewrites(void **state)
{
	char said[4096], got[600], numbers[400];

	(void)state;
	for (size_t i = 0; i < sizeof(rewrites) / sizeof(rewrites[0]); i++) {
		struct config *c;

		snprintf(numbers, sizeof(numbers), "numbers:\n  rewrites:\n    - %s\n", rewrites[i].rewrite);
		c = parse(numbers, "- {name: a, to: \"trunk:t\"}", said);
		if (!c)
			fail_msg("%s: %s", rewrites[i].rewrite, said);
		assert_int_equal(plan_rule_count(c->plan), 2);
		describe(plan_rule_at(c->plan, 1), got, sizeof(got));
		assert_string_equal(got, rewrites[i].want);
		config_destroy(c);
	}
}

static void test_edges(void **state)
{
	const struct plan_edge *e;
	char said[4096];
	struct config *c = parse_edges(", numbers: {profile: de, area: \"30\", bare: national, send: dialled, "
				       "send_calling: national}", ", numbers: {profile: br, carrier: \"21\", "
				       "send: bare-national}", "", "- {name: a, to: \"trunk:t\"}", said);

	(void)state;
	assert_non_null(c);
	assert_null(plan_edge_of(c->plan, (struct call_endpoint){CALL_EP_SPAN, 1}));
	assert_null(plan_edge_of(c->plan, (struct call_endpoint){CALL_EP_TRUNK, 0}));
	e = plan_edge_of(c->plan, (struct call_endpoint){CALL_EP_SPAN, 7});
	assert_string_equal(e->edge.profile->name, "de");
	assert_string_equal(e->edge.area, "30");
	assert_string_equal(e->edge.carrier, "");
	assert_int_equal(e->edge.bare, E164_BARE_NATIONAL);
	assert_int_equal(e->edge.form, E164_FORM_DIALLED);
	assert_int_equal(e->form_calling, E164_FORM_NATIONAL);
	e = plan_edge_of(c->plan, (struct call_endpoint){CALL_EP_TRUNK, 1});
	assert_string_equal(e->edge.profile->name, "br");
	assert_string_equal(e->edge.carrier, "21");
	assert_int_equal(e->edge.bare, E164_BARE_DIALLED);
	assert_int_equal(e->edge.form, E164_FORM_BARE_NATIONAL);
	assert_int_equal(e->form_calling, E164_FORM_BARE_NATIONAL);
	config_destroy(c);
}

/* A call from span 1, at a minute of 2026; what its rule is. */
static const char *decide(const struct config *c, const char *called, int month, int day, int hour,
			  struct call_route *out)
{
	struct call_setup s = {.source = {CALL_EP_SPAN, 1}, .called = {.present = true}};
	struct plan_env env = {.wall_us = (zone_day(2026, month, day) * INT64_C(24) + hour) * 3600000000};

	str_copy(s.called.digits, sizeof(s.called.digits), called);
	plan_decide(c->plan, &s, &env, out);
	return out->rule;
}

static void test_numbers(void **state)
{
	static const char rule[] = "- {name: first, when: {holidays: only}, to: \"trunk:t\"}\n"
				   "  - {name: long, prefix: \"12\", to: \"trunk:t\"}";
	struct call_route r;
	char said[4096];
	struct config *c = parse("numbers:\n  order: listed\n  timezone: Asia/Shanghai\n  reroute: [1, 2, 127]\n"
				 "  holidays: [2026-10-01..2026-10-03, 2026-05-01]\n", rule, said);

	(void)state;
	assert_non_null(c);
	assert_string_equal(zone_name(plan_zone(c->plan)), "Asia/Shanghai");
	/* The holiday begins at 16:00 UTC of the day before. */
	assert_string_equal(decide(c, "12", 9, 30, 15, &r), "long");
	assert_string_equal(decide(c, "12", 9, 30, 16, &r), "first");
	assert_string_equal(decide(c, "12", 10, 2, 0, &r), "first");
	assert_string_equal(decide(c, "12", 10, 3, 16, &r), "long");
	assert_string_equal(decide(c, "12", 4, 30, 16, &r), "first");
	for (unsigned cause = 0; cause < 256; cause++)
		assert_int_equal(call_route_reopens(&r, (uint8_t)cause),
				 cause == 1 || cause == 2 || cause == 127);
	config_destroy(c);
	c = parse("numbers:\n  holidays: 2026-10-01\n", rule, said);
	assert_non_null(c);
	assert_null(plan_zone(c->plan));
	assert_string_equal(decide(c, "12", 10, 1, 0, &r), "long"); /* the longest, not the first */
	assert_string_equal(decide(c, "2", 10, 1, 23, &r), "first");
	assert_string_equal(decide(c, "2", 10, 2, 0, &r), "");
	config_destroy(c);
}

static void test_lookups(void **state)
{
	static const struct {
		const char *lookup, *query;
		uint32_t timeout_ms;
		uint8_t cause;
		const char *rule; /* without an answer */
	} row[] = {
	    {"{name: x, type: enum}", "2.1.e164.arpa", 300, 0, "ask"},
	    {"{name: x, type: enum, suffix: e.org, timeout_ms: 10, failed: next}", "2.1.e.org", 10, 0, "rest"},
	    {"{name: x, type: http}", "x +12", 300, 0, "ask"},
	    {"{name: x, type: http, service: s, failed: continue, cause: 42}", "s +12", 300, 42, "ask"},
	};
	static const struct plan_answer failed = {.kind = PLAN_ANSWER_FAILED};
	char said[4096], numbers[300];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct call_setup s = {.source = {CALL_EP_SPAN, 1},
				       .called = {.present = true, .ton = CALL_TON_INTERNATIONAL, .digits = "12"}};
		struct plan_env env = {.random = 1};
		struct call_route r;
		struct plan_ctx ctx;
		struct config *c;

		snprintf(numbers, sizeof(numbers), "numbers:\n  lookups:\n    - {name: w, type: http}\n    - %s\n",
			 row[i].lookup);
		c = parse(numbers, "- {name: ask, prefix: \"1\", lookup: x, to: \"trunk:t\"}\n"
				   "  - {name: rest, to: \"trunk:t\"}", said);
		assert_non_null(c);
		plan_begin(&ctx, c->plan, &s, &env);
		assert_int_equal(plan_step(&ctx, &env, NULL, &r), PLAN_NEEDS_ANSWER);
		assert_string_equal(ctx.query.text, row[i].query);
		assert_int_equal(ctx.query.timeout_ms, row[i].timeout_ms);
		assert_int_equal(plan_step(&ctx, &env, &failed, &r), PLAN_DECIDED);
		assert_string_equal(r.rule, row[i].rule);
		assert_int_equal(r.cause.value, row[i].cause);
		config_destroy(c);
	}
}

/* ── words that mean nothing ── */

static const struct {
	const char *numbers, *rule, *said;
} bad[] = {
    {"", "5", "a rule is a map"},
    {"", "{name: a, match: {called: {prefix: \"1\", range: 1-2}}, to: \"trunk:t\"}", "either prefix or range; give one"},
    {"", "{name: a, prefix: \"1\", match: {called: {pattern: \"1\"}}, to: \"trunk:t\"}", "matched twice"},
    {"", "{name: a, match: {called: {list: l}}, to: \"trunk:t\"}", "there is no list \"l\" in numbers.lists"},
    {"", "{name: a, lookup: l, to: \"trunk:t\"}", "there is no look-up \"l\" in numbers.lookups"},
    {"", "{name: a, set: {called: {remove: true}}, to: \"trunk:t\"}", "a call needs a called number"},
    {"", "{name: a, targets: [{to: \"trunk:t\", set: {name: x}}]}", "name is set by the rule, not for one target"},
    {"", "{name: a, targets: [{to: \"trunk:t\", set: {bearer: audio}}]}", "bearer is set by the rule"},
    {"", "{name: a, limit: {cause: 3}, to: \"trunk:t\"}", "limit has no calls, per_second or per_minute"},
    {"", "{name: a, targets: [{to: \"trunk:t\", cost: 4294.967296}]}", "a cost is a number"},
    {"", "{name: a, targets: [{to: \"trunk:t\", cost: 0.1234567}]}", "a cost is a number"},
    {"", "{name: a, targets: [{to: \"trunk:t\", cost: 1x}]}", "a cost is a number"},
    {"", "{name: a, targets: [{to: \"trunk:t\", cost: \"1:\"}]}", "a cost is a number"},
    {"", "{name: a, targets: [{to: \"trunk:t\", cost: \"1/\"}]}", "a cost is a number"},
    {"", "{name: a, targets: [{to: \"trunk:t\", cost: 1.2.3}]}", "a cost is a number"},
    {"", "{name: a, targets: [5]}", "a target is a map"},
    {"", "{name: a, to: \"trunk:t\", targets: [{to: \"trunk:t\"}]}", "either to or targets; give one"},
    {"", "{name: a}", "a rule has no to"},
    {"", "{name: a, from: \"span:1\", to: \"span:7\"}", ":35: a call from a span cannot go to a span yet; name a trunk"},
    {"", "{name: a, from: [\"span:1\", \"trunk:u\"], targets: [{to: \"trunk:t\"}]}",
     ":53: a call from a trunk cannot go to a trunk yet; name a span"},
    {"", "{name: a, to: \"trunk:x\"}", "there is no trunk \"x\"; there is: trunk:t, trunk:u"},
    {"", "{name: a, to: \"span:2\"}", "there is no span \"2\"; there is: span:1, span:7"},
    {"", "{name: a, to: \"trunk:t\"}\n  - {name: a, prefix: \"1\", to: \"trunk:t\"}",
     "f:9:5: rule a stands twice, also at line 8; name rules differently"},
    {"", "{name: a, when: {days: mo}, to: \"trunk:t\"}", "days are mon"},
    {"", "{name: a, when: {days: mon-}, to: \"trunk:t\"}", "days are mon"},
    {"", "{name: a, when: {days: monday}, to: \"trunk:t\"}", "days are mon"},
    {"", "{name: a, when: {time: \"8:00-18:00\"}, to: \"trunk:t\"}", "hours are written"},
    {"", "{name: a, when: {time: \"08:00-18:000\"}, to: \"trunk:t\"}", "hours are written"},
    {"", "{name: a, when: {time: \"08:00-24:01\"}, to: \"trunk:t\"}", "hours are written"},
    {"", "{name: a, when: {time: \"24:00-08:00\"}, to: \"trunk:t\"}", "hours are written"},
    {"", "{name: a, when: {time: \"08:60-18:00\"}, to: \"trunk:t\"}", "hours are written"},
    {"", "{name: a, when: {time: \"08:00-1/:00\"}, to: \"trunk:t\"}", "hours are written"},
    {"", "{name: a, when: {time: \"08:00-:8:00\"}, to: \"trunk:t\"}", "hours are written"},
    {"", "{name: a, when: {time: \"08:00-18.00\"}, to: \"trunk:t\"}", "hours are written"},
    {"", "{name: a, when: {time: \"08:00+18:00\"}, to: \"trunk:t\"}", "hours are written"},
    {"", "{name: a, when: {time: \"08:00-08:00\"}, to: \"trunk:t\"}", "hours that end when they begin"},
    {"", "{name: a, when: {dates: 2026-02-29}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: 2026-00-10}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: 2026-13-10}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: 2026-10-00}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: 2026/10-01}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: 2026-10/01}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: x026-10-01}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: 20x6-10-01}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: 2026-10-011}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: 2026-10-01-.2026-10-02}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: 2026-10-01..2026-10-32}, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"", "{name: a, when: {dates: 2026-10-02..2026-10-01}, to: \"trunk:t\"}", "the earlier date stands first"},
    {"", "{name: a, when: {days: mon, timezone: ../passwd}, to: \"trunk:t\"}", "is no time zone; write"},
    {"", "{name: a, when: {days: mon, timezone: /etc/passwd}, to: \"trunk:t\"}", "is no time zone; write"},
    {"", "{name: a, when: {days: mon, timezone: Mars/Base}, to: \"trunk:t\"}", "is no time zone here (/usr/share/zoneinfo/Mars/Base: No"},
    {"", "{name: a, when: {days: mon, timezone: tzdata.zi}, to: \"trunk:t\"}", "is no time zone file"},
    {"holidays: soon", "{name: a, to: \"trunk:t\"}", "a date is 2026-12-24"},
    {"lists: [5]", "{name: a, to: \"trunk:t\"}", "a list is a map"},
    {"lists: [{name: l, file: /nowhere/l.csv}]", "{name: a, to: \"trunk:t\"}", "/nowhere/l.csv cannot be read"},
    {"lists: [{name: l, file: /}]", "{name: a, to: \"trunk:t\"}", "/ cannot be read: not a regular file"},
    {"lookups: [5]", "{name: a, to: \"trunk:t\"}", "a look-up is a map"},
    {"lookups: [{name: l, type: http}, {name: l, type: enum}]", "{name: a, to: \"trunk:t\"}", "look-up l stands twice"},
    {"rewrites: [5]", "{name: a, to: \"trunk:t\"}", "a rewrite is a map"},
    {"rewrites: [{name: r, to: \"trunk:t\", set: {name: n}}]", "{name: a, to: \"trunk:t\"}", "to belongs to stage: out"},
};

static void test_bad(void **state)
{
	char said[4096], numbers[300], rule[400];
	bool wrong = false;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct config *c;

		snprintf(numbers, sizeof(numbers), *bad[i].numbers ? "numbers:\n  %s\n" : "%s", bad[i].numbers);
		snprintf(rule, sizeof(rule), "- %s", bad[i].rule);
		c = parse(numbers, rule, said);
		if (c || !strstr(said, bad[i].said) || strchr(said, '\n') != said + strlen(said) - 1) {
			printf("# %s %s: %s", bad[i].numbers, bad[i].rule, c ? "taken\n" : said);
			wrong = true;
		}
		config_destroy(c);
	}
	assert_false(wrong);
}

/* Of two rules that match the same calls one is dead; with further conditions nobody can say. */
static void test_twins(void **state)
{
	static const struct {
		const char *one, *other;
		bool twins;
	} row[] = {
	    {"prefix: \"1\"", "prefix: \"1\"", true},
	    {"prefix: \"1\"", "match: {called: {pattern: \"1\"}}", false},
	    {"prefix: \"1\"", "prefix: \"2\"", false},
	    {"prefix: \"1\", ton: national", "prefix: \"1\"", false},
	    {"prefix: \"1\", ton: national", "prefix: \"1\", ton: national", true},
	    {"prefix: \"1\", emergency: true", "prefix: \"1\"", false},
	    {"prefix: \"1\", emergency: true", "prefix: \"1\", emergency: true", true},
	    {"from: \"span:1\"", "from: \"span:1\"", true},
	    {"from: \"span:1\"", "from: \"span:7\"", false},
	    {"from: \"span:1\"", "strip: 1", false},
	    {"from: [\"span:1\", \"span:7\"]", "from: [\"span:1\", \"span:7\"]", false},
	    {"match: {calling: {prefix: \"1\"}}", "match: {calling: {prefix: \"1\"}}", false},
	    {"match: {calling: {ton: national}}", "match: {calling: {ton: national}}", false},
	    {"match: {calling: {npi: private}}", "match: {calling: {npi: private}}", false},
	    {"match: {calling: {presentation: allowed}}", "match: {calling: {presentation: allowed}}", false},
	    {"match: {redirecting: {absent: true}}", "match: {redirecting: {absent: true}}", false},
	    {"match: {called: {npi: private}}", "match: {called: {npi: private}}", false},
	    {"match: {called: {presentation: allowed}}", "match: {called: {presentation: allowed}}", false},
	    {"match: {name: x}", "match: {name: x}", false},
	    {"match: {bearer: audio}", "match: {bearer: audio}", false},
	    {"when: {days: mon}", "when: {days: mon}", false},
	    {"when: {time: \"01:00-02:00\"}", "when: {time: \"01:00-02:00\"}", false},
	    {"when: {dates: 2026-01-01}", "when: {dates: 2026-01-01}", false},
	    {"when: {holidays: only}", "when: {holidays: only}", false},
	    {"limit: {calls: 1}", "limit: {calls: 1}", false},
	    {"limit: {per_second: 1}", "limit: {per_second: 1}", false},
	    {"limit: {per_minute: 1}", "limit: {per_minute: 1}", false},
	    {"lookup: first", "lookup: first", false},
	};
	char said[4096], rules_text[600];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (unsigned turn = 0; turn < 2; turn++) {
			struct config *c;

			snprintf(rules_text, sizeof(rules_text),
				 "- {name: a, %s, to: \"trunk:t\"}\n  - {name: b, prefix: \"333\", to: \"trunk:t\"}\n"
				 "  - {name: c, %s, to: \"trunk:t\"}",
				 turn ? row[i].other : row[i].one, turn ? row[i].one : row[i].other);
			c = parse(NUMBERS, rules_text, said);
			if (!c != row[i].twins)
				fail_msg("%s: %s", rules_text, said);
			if (!c)
				assert_non_null(strstr(said, "rule c matches the same calls as rule a at line 13"));
			config_destroy(c);
		}
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Lists stand beside the configuration; their targets are its spans and trunks. */
static void test_lists(void **state)
{
	static const struct {
		const char *csv, *said; /* said NULL: it is good */
	} row[] = {
	    {"number,to\n1,span:7\n2,trunk:u\n3,trunk:t\n", NULL},
	    {"number,to\n1,span:77\n", "l.csv:2:3: there is no \"span:77\""},
	    {"number,to\n1,span:\n", "l.csv:2:3: there is no \"span:\""},
	    {"number,to\n1,trunk:\n", "l.csv:2:3: there is no \"trunk:\""},
	    {"number,to\n1,trunk:tt\n", "l.csv:2:3: there is no \"trunk:tt\""},
	    {"number,to\n1,trunk-t\n", "l.csv:2:3: there is no \"trunk-t\""},
	    {"", "l.csv cannot be read: the file is empty"},
	};
	char folder[] = "/tmp/spanbridge-list-XXXXXX", csv[100], yaml[100], text[2000], said[4096];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(csv, sizeof(csv), "%s/l.csv", folder);
	snprintf(yaml, sizeof(yaml), "%s/c.yaml", folder);
	snprintf(text, sizeof(text), HEAD, "", "", "numbers:\n  lists: [{name: none, file: l.csv}, {name: l, file: l.csv}]\n",
		 "- {name: a, match: {called: {list: l}}}");
	write_file(yaml, text);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct config *c = NULL;
		struct call_route r;

		said[0] = '\0';
		write_file(csv, row[i].csv);
		if (config_load(&c, yaml, keep, said) != 0) {
			if (!row[i].said || !strstr(said, row[i].said))
				fail_msg("%s: %s", row[i].csv, said);
			continue;
		}
		assert_null(row[i].said);
		assert_int_equal(plan_rule_at(c->plan, 0)->match[PLAN_CALLED].kind, PLAN_MATCH_LIST);
		assert_int_equal(plan_rule_at(c->plan, 0)->match[PLAN_CALLED].list, 1);
		plan_decide(c->plan,
			    &(struct call_setup){.source = {CALL_EP_TRUNK, 0},
						 .called = {.present = true, .digits = "1"}},
			    &(struct plan_env){.random = 1}, &r);
		assert_string_equal(r.rule, "a");
		assert_int_equal(r.way[0].to.kind, CALL_EP_SPAN);
		assert_int_equal(r.way[0].to.index, 7);
		decide(c, "2", 1, 1, 0, &r);
		assert_int_equal(r.way[0].to.kind, CALL_EP_TRUNK);
		assert_int_equal(r.way[0].to.index, 1);
		decide(c, "3", 1, 1, 0, &r);
		assert_int_equal(r.way[0].to.index, 0);
		config_destroy(c);
	}
	unlink(csv);
	unlink(yaml);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rules),   cmocka_unit_test(test_rewrites), cmocka_unit_test(test_edges),
	    cmocka_unit_test(test_numbers), cmocka_unit_test(test_lookups),  cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_twins),   cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests_name("plan_read", tests, NULL, NULL);
}
