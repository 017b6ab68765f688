/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decisions: a truth table in both orders, targets, limits, bars, emergency, hours, look-ups. */
#include <stdio.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "gateway/plan/list.h"
#include "gateway/plan/zone.h"
#include "tests/unit/plan/make.h"
#include "tests/unit/plan/plan_tests.h"

/* 2026-11-25 is a Wednesday. */
#define AT(day, hour) (((int64_t)(20782 + (day)-25) * 86400 + (hour)*3600) * 1000000)

static const enum call_bearer data[] = {CALL_BEARER_UNRESTRICTED};
static const struct call_endpoint span2[] = {{CALL_EP_SPAN, 2}};

static void table_rules(struct make *m)
{
	struct plan_rule *r;

	make_rule(m, "any", PLAN_MATCH_ANY, NULL, 0);
	make_rule(m, "prefix", PLAN_MATCH_PREFIX, "0", 1);
	make_rule(m, "long", PLAN_MATCH_PREFIX, "030", 2);
	make_rule(m, "e164", PLAN_MATCH_PREFIX, "+49", 3);
	make_rule(m, "pattern", PLAN_MATCH_PATTERN, "+861[3-9]XXXXXXXXX", 4);
	make_rule(m, "more", PLAN_MATCH_PATTERN, "9NX.", 5);
	make_rule(m, "range", PLAN_MATCH_RANGE, "5000-5099", 6);
	make_rule(m, "wide", PLAN_MATCH_PATTERN, "5XXX", 7);
	make_rule(m, "regex", PLAN_MATCH_REGEX, "^7(1|2)+$", 8);
	r = make_rule(m, "data", PLAN_MATCH_PREFIX, "030", 9);
	r->bearer = data;
	r->bearer_count = 1;
	r->from = span2;
	r->from_count = 1;
	r = make_rule(m, "caller", PLAN_MATCH_PREFIX, "8", 10);
	r->match[PLAN_CALLING].kind = PLAN_MATCH_PREFIX;
	r->match[PLAN_CALLING].text = "+4930";
	r = make_rule(m, "hidden", PLAN_MATCH_PREFIX, "8", 11);
	r->match[PLAN_CALLING].presentations = 1 << CALL_PRES_RESTRICTED;
	r = make_rule(m, "nobody", PLAN_MATCH_PREFIX, "8", 12);
	r->match[PLAN_CALLING].absent = true;
	r = make_rule(m, "office", PLAN_MATCH_PREFIX, "6", 13);
	r->when = (struct plan_when){.days = 0x1f, .time = {{8 * 60, 18 * 60}}, .time_count = 1};
	r = make_rule(m, "night", PLAN_MATCH_PREFIX, "6", 14);
	r->when = (struct plan_when){.days = 1 << 4, .time = {{22 * 60, 6 * 60}}, .time_count = 1};
	r = make_rule(m, "national", PLAN_MATCH_PREFIX, "4", 15);
	r->match[PLAN_CALLED].tons = 1 << CALL_TON_NATIONAL;
	r = make_rule(m, "named", PLAN_MATCH_PREFIX, "33", 16);
	r->match_name = "^Doorman";
	r = make_rule(m, "forwarded", PLAN_MATCH_PREFIX, "33", 17);
	r->match[PLAN_REDIRECTING].kind = PLAN_MATCH_PATTERN;
	r->match[PLAN_REDIRECTING].text = "1XX";
}

/* longest and listed: the rule that decides in each order; listed NULL: "any", being the first. */
static const struct row {
	const char *called, *calling;
	const char *longest, *listed;
	int64_t at;
	uint8_t ton, presentation;
	bool data, span2;
	const char *name, *redirecting;
} table[] = {
    {.called = "123", .longest = "any"},
    {.called = "012", .longest = "prefix"},
    {.called = "0", .longest = "prefix"},
    {.called = "030", .longest = "long"},
    {.called = "0301", .longest = "long"},
    {.called = "0301", .longest = "data", .data = true, .span2 = true},
    {.called = "0301", .longest = "long", .data = true},
    {.called = "0301", .longest = "long", .span2 = true},
    {.called = "+4930", .longest = "e164"},
    {.called = "4930", .longest = "any"}, /* 49 is not +49 */
    {.called = "004930", .longest = "prefix"},
    {.called = "+8613912345678", .calling = "+494012", .longest = "pattern"},
    {.called = "+8612912345678", .calling = "+494012", .longest = "any"},
    {.called = "+861391234567", .calling = "+494012", .longest = "any"},
    {.called = "+86139123456789", .calling = "+494012", .longest = "any"},
    {.called = "9234", .longest = "more"},
    {.called = "923", .longest = "any"}, /* . is one or more */
    {.called = "9134", .longest = "any"},
    {.called = "5000", .longest = "range"},
    {.called = "5099", .longest = "range"},
    {.called = "5100", .longest = "wide"},
    {.called = "50000", .longest = "any"},
    {.called = "712", .longest = "any"}, /* a regex decides no digits: it comes behind */
    {.called = "8", .calling = "+493012", .longest = "caller"},
    {.called = "8", .calling = "+494012", .longest = "any"},
    {.called = "8", .calling = "+494012", .presentation = 1, .longest = "hidden"},
    {.called = "8", .longest = "nobody"},
    {.called = "6", .at = AT(25, 12), .longest = "office"},
    {.called = "6", .at = AT(25, 18), .longest = "any"},
    {.called = "6", .at = AT(27, 23), .longest = "night"}, /* Friday night */
    {.called = "6", .at = AT(28, 5), .longest = "night"},  /* Saturday, begun on Friday */
    {.called = "6", .at = AT(27, 5), .longest = "any"},
    {.called = "4", .ton = CALL_TON_NATIONAL, .longest = "national"},
    {.called = "4", .ton = CALL_TON_SUBSCRIBER, .longest = "any"},
    {.called = "33", .name = "Doorman 2", .longest = "named"},
    {.called = "33", .name = "The Doorman", .longest = "any"},
    {.called = "33", .redirecting = "123", .longest = "forwarded"},
    {.called = "33", .redirecting = "1234", .longest = "any"},
};

static void run_row(const struct plan *p, const struct row *row, const char *want)
{
	struct call_setup s = make_call(row->called, row->calling ? row->calling : "");
	struct plan_env env = {.wall_us = row->at};
	struct call_route r;

	if (row->ton)
		s.called.ton = row->ton;
	s.calling.presentation = row->presentation;
	s.bearer = row->data ? CALL_BEARER_UNRESTRICTED : CALL_BEARER_SPEECH;
	s.source.index = row->span2 ? 2 : 1;
	snprintf(s.calling_name, sizeof(s.calling_name), "%s", row->name ? row->name : "");
	if (row->redirecting)
		s.redirecting = make_call(row->redirecting, "").called;
	plan_decide(p, &s, &env, &r);
	if (strcmp(r.rule, want) != 0)
		fail_msg("%s: %s decides, not %s", row->called, r.rule, want);
	assert_int_equal(r.cause.value, 0);
	assert_string_equal(r.way[0].called.digits, s.called.digits);
	assert_string_equal(r.way[0].calling.digits, s.calling.digits);
	assert_int_equal(r.way[0].called.ton, s.called.ton);
}

void test_decide_table(void **state)
{
	static struct make m;
	struct plan *p;

	(void)state;
	m.count = 0;
	table_rules(&m);
	p = make_plan(&m, PLAN_LONGEST, NULL);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		run_row(p, &table[i], table[i].longest);
	plan_destroy(p);
	p = make_plan(&m, PLAN_LISTED, NULL);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		run_row(p, &table[i], "any");
	plan_destroy(p);
	m.rule[0].match[PLAN_CALLED].kind = PLAN_MATCH_REGEX; /* fits its own number only */
	m.rule[0].match[PLAN_CALLED].text = "^712$";
	p = make_plan(&m, PLAN_LISTED, NULL);
	run_row(p, &table[1], "prefix");
	run_row(p, &table[4], "prefix");
	run_row(p, &table[11], "pattern");
	run_row(p, &table[18], "range");
	plan_destroy(p);
	printf("# %zu rows, in both orders\n", sizeof(table) / sizeof(table[0]));
}

/* 70/30 within 1 % of 10,000. */
void test_decide_weights(void **state)
{
	static struct make m;
	struct call_setup s = make_call("1", "");
	struct plan_env env = {0};
	unsigned first = 0, both = 0;
	struct call_route r;
	struct plan *p;
	struct rng rng;

	(void)state;
	m.count = 0;
	make_rule(&m, "shared", PLAN_MATCH_ANY, NULL, 0);
	m.target[0][0].weight = 70;
	make_target(&m, 1, 30);
	make_target(&m, 2, 100)->priority = 1;
	p = make_plan(&m, PLAN_LONGEST, NULL);
	printf("# seed 7\n");
	rng_init_seed(&rng, 7);
	for (unsigned i = 0; i < 10000; i++) {
		env.random = rng_u64(&rng);
		plan_decide(p, &s, &env, &r);
		assert_int_equal(r.count, 3);
		assert_int_equal(r.way[2].to.index, 2);
		first += r.way[0].to.index == 0;
		both += r.way[0].to.index != r.way[1].to.index;
	}
	printf("# %u of 10000 went to the 70 %% first\n", first);
	assert_int_equal(both, 10000);
	assert_in_range(first, 6900, 7100);
	plan_destroy(p);
}

void test_decide_cost_and_reroute(void **state)
{
	static struct make m;
	struct call_setup s = make_call("1", "");
	struct plan_env env = {.random = 5};
	struct call_route r;
	struct plan *p;

	(void)state;
	m.count = 0;
	make_rule(&m, "cheap", PLAN_MATCH_ANY, NULL, 0);
	m.target[0][0].cost = 50000;
	make_target(&m, 1, 1)->cost = 12500;
	make_target(&m, 2, 1)->cost = 20000;
	p = make_plan(&m, PLAN_LONGEST, NULL);
	plan_decide(p, &s, &env, &r);
	assert_int_equal(r.way[0].to.index, 1);
	assert_int_equal(r.way[1].to.index, 2);
	assert_int_equal(r.way[2].to.index, 0);
	for (unsigned cause = 0; cause < 256; cause++)
		assert_int_equal(call_route_reopens(&r, (uint8_t)cause),
				 cause == 34 || cause == 38 || cause == 41 || cause == 42 ||
				     cause == 44 || cause == 47);
	plan_destroy(p);
}

/* A bar of callers decides no digit: `first` brings it in front, in both orders, but not of 112. */
void test_decide_first(void **state)
{
	static struct make m;
	struct call_setup barred = make_call("+4930", "+8811"), sos = make_call("112", "+8811"),
			  other = make_call("+4930", "+8611");
	struct plan_env env = {0};
	struct call_route r;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		bool first = i & 1;
		struct plan_rule *bar;
		struct plan *p;

		m.count = 0;
		make_rule(&m, "germany", PLAN_MATCH_PREFIX, "+49", 0);
		make_rule(&m, "sos", PLAN_MATCH_PREFIX, "112", 0)->emergency = true;
		bar = make_rule(&m, "nuisance", PLAN_MATCH_ANY, NULL, 0);
		bar->match[PLAN_CALLING].kind = PLAN_MATCH_PREFIX;
		bar->match[PLAN_CALLING].text = "+881";
		bar->target_count = 0;
		bar->bar = CAUSE_REJECTED;
		bar->first = first;
		p = make_plan(&m, i & 2 ? PLAN_LONGEST : PLAN_LISTED, NULL);
		plan_decide(p, &barred, &env, &r);
		assert_string_equal(r.rule, first ? "nuisance" : "germany");
		assert_int_equal(r.cause.value, first ? CAUSE_REJECTED : 0);
		plan_decide(p, &sos, &env, &r);
		assert_string_equal(r.rule, "sos");
		plan_decide(p, &other, &env, &r);
		assert_string_equal(r.rule, "germany");
		plan_destroy(p);
	}
}

/* The 31st call takes the next way; an emergency call never asks. */
void test_decide_limits(void **state)
{
	static struct make m;
	struct call_setup s = make_call("1", ""), sos = make_call("112", "");
	struct plan_usage usage[3] = {{.calls = 29}};
	struct plan_env env = {.usage = usage};
	struct call_route r;
	struct plan *p;

	(void)state;
	m.count = 0;
	make_rule(&m, "first", PLAN_MATCH_PREFIX, "1", 0)->limit.calls = 30;
	make_rule(&m, "second", PLAN_MATCH_ANY, NULL, 1);
	m.target[1][0].limit.per_second = 5;
	make_target(&m, 2, 1)->priority = 1;
	make_rule(&m, "premium", PLAN_MATCH_PREFIX, "0900", 3)->limit =
	    (struct plan_limit){.per_minute = 5, .cause = CAUSE_REJECTED};
	make_rule(&m, "sos", PLAN_MATCH_PREFIX, "112", 4)->emergency = true;
	m.rule[3].limit.calls = 1;
	m.rule[3].when.days = 1 << 6; /* Sundays only: does not hold an emergency up */
	p = make_plan(&m, PLAN_LONGEST, NULL);
	assert_int_equal(plan_limits(p), 4);
	assert_string_equal(plan_limit_name(p, 1, NULL), "second/1");
	plan_decide(p, &s, &env, &r);
	assert_string_equal(r.rule, "first");
	assert_int_equal(r.limit, 1);
	usage[0].calls = 30;
	plan_decide(p, &s, &env, &r);
	assert_string_equal(r.rule, "second");
	assert_int_equal(r.way[0].to.index, 1);
	usage[1].in_second = 5;
	plan_decide(p, &s, &env, &r);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.way[0].to.index, 2);
	s = make_call("0900123", "");
	usage[2].in_minute = 5;
	plan_decide(p, &s, &env, &r);
	assert_int_equal(r.cause.value, CAUSE_REJECTED);
	plan_decide(p, &sos, &env, &r);
	assert_string_equal(r.rule, "sos");
	assert_true(r.emergency);
	plan_destroy(p);
}

void test_decide_bar(void **state)
{
	static struct make m;
	struct call_setup s = make_call("0900123", ""), sos = make_call("0911", "");
	struct plan_env env = {0};
	struct plan_rule *r;
	struct call_route route;
	struct plan *p;

	(void)state;
	m.count = 0;
	make_rule(&m, "all", PLAN_MATCH_ANY, NULL, 0);
	r = make_rule(&m, "barred", PLAN_MATCH_PREFIX, "09", 0);
	r->bar = CAUSE_REJECTED;
	r->target_count = 0;
	r = make_rule(&m, "sos", PLAN_MATCH_PATTERN, "0!", 1);
	r->emergency = true;
	r->match[PLAN_CALLED].text = "0911";
	p = make_plan(&m, PLAN_LONGEST, NULL);
	plan_decide(p, &s, &env, &route);
	assert_int_equal(route.cause.value, CAUSE_REJECTED);
	assert_string_equal(route.rule, "barred");
	plan_decide(p, &sos, &env, &route);
	assert_int_equal(route.cause.value, 0);
	assert_string_equal(route.rule, "sos");
	plan_destroy(p);
}

/* A rule touches only the field that it names. */
void test_decide_only_named(void **state)
{
	static struct make m;
	struct call_setup s = make_call("+4930123", "+4940999"), out, want;
	struct plan_env env = {0};
	struct call_route r;
	struct plan *p;

	(void)state;
	s.redirecting = make_call("+4989555", "").called;
	snprintf(s.calling_name, sizeof(s.calling_name), "Ada");
	for (unsigned field = 0; field < 5; field++) {
		struct plan_rule *rule;

		m.count = 0;
		rule = make_rule(&m, "one", PLAN_MATCH_ANY, NULL, 0);
		want = s;
		if (field < 3) {
			rule->set[field].strip = 2;
			rule->set[field].prepend = "0";
			rule->set[field].ton = CALL_TON_NATIONAL;
		}
		if (field == 0)
			want.called = make_call("030123", "").called;
		if (field == 1)
			want.calling = make_call("040999", "").called;
		if (field == 2)
			want.redirecting = make_call("089555", "").called;
		if (field == 0)
			want.called.ton = CALL_TON_NATIONAL;
		if (field == 1)
			want.calling.ton = CALL_TON_NATIONAL;
		if (field == 2)
			want.redirecting.ton = CALL_TON_NATIONAL;
		if (field == 3) {
			rule->set[PLAN_CALLING].presentation = CALL_PRES_RESTRICTED;
			want.calling.presentation = CALL_PRES_RESTRICTED;
		}
		if (field == 4) {
			rule->set_name = "Grace";
			snprintf(want.calling_name, sizeof(want.calling_name), "Grace");
		}
		want.target = (struct call_endpoint){CALL_EP_TRUNK, 0};
		p = make_plan(&m, PLAN_LONGEST, NULL);
		plan_decide(p, &s, &env, &r);
		out = s;
		call_way_apply(&r.way[0], &out);
		assert_string_equal(out.called.digits, want.called.digits);
		assert_string_equal(out.calling.digits, want.calling.digits);
		assert_string_equal(out.redirecting.digits, want.redirecting.digits);
		assert_string_equal(out.calling_name, want.calling_name);
		assert_int_equal(out.called.ton, want.called.ton);
		assert_int_equal(out.calling.ton, want.calling.ton);
		assert_int_equal(out.redirecting.ton, want.redirecting.ton);
		assert_int_equal(out.calling.presentation, want.calling.presentation);
		assert_int_equal(out.bearer, want.bearer);
		plan_destroy(p);
	}
}

/* Who answered: `from` is where, `to` is who is told; called and calling number, name and bearer are
 * those of the call. Every rewrite that fits, in order; other numbers stay out of it. */
void test_decide_connected(void **state)
{
	static const struct call_endpoint trunk[] = {{CALL_EP_TRUNK, 0}, {CALL_EP_TRUNK, 1}};
	static struct make m;
	struct call_setup s = make_call("+4930123", "+4940999");
	struct plan_env env = {0};
	struct call_number n;
	struct plan_rule *r;
	struct plan *p;

	(void)state;
	m.count = 0;
	make_rule(&m, "all", PLAN_MATCH_ANY, NULL, 0);
	for (unsigned i = 0; i < 7; i++) {
		static const char *const name[] = {"bearer", "to",   "from", "called",
						   "calling", "none", "last"};

		r = make_rule(&m, name[i], PLAN_MATCH_ANY, NULL, 0);
		r->stage = PLAN_REWRITE_ANSWER;
		r->target_count = 0;
		r->set[PLAN_CALLING].number = "1";
		r->set[PLAN_CONNECTED].strip = 2;
		r->set[PLAN_CONNECTED].prepend = name[i][0] == 'n' ? NULL : "77";
	}
	r = &m.rule[1];
	r[0].bearer = data;
	r[0].bearer_count = 1;
	m.target[2][0].to = trunk[0]; /* the caller is on a span */
	r[1].target = m.target[2];
	r[1].target_count = 1;
	r[2].from = trunk;
	r[2].from_count = 1;
	r[3].match[PLAN_CALLED] = (struct plan_match){.kind = PLAN_MATCH_PREFIX, .text = "+4930"};
	r[4].match[PLAN_CALLING].absent = true;
	r[5].set[PLAN_CONNECTED] = PLAN_SET_NOTHING;
	r[6].match[PLAN_CONNECTED] = (struct plan_match){.kind = PLAN_MATCH_PREFIX, .text = "7755"};
	r[6].set[PLAN_CONNECTED] = PLAN_SET_NOTHING;
	r[6].set[PLAN_CONNECTED].presentation = CALL_PRES_RESTRICTED;
	p = make_plan(&m, PLAN_LONGEST, NULL);
	n = make_call("5555", "").called;
	plan_connected(p, &s, trunk[1], &n, &env); /* "called" */
	assert_string_equal(n.digits, "7755");
	assert_int_equal(n.presentation, CALL_PRES_RESTRICTED);
	n = make_call("666655", "").called;
	plan_connected(p, &s, trunk[0], &n, &env); /* "from", then "called" */
	assert_string_equal(n.digits, "776655");
	assert_int_equal(n.presentation, CALL_PRES_ALLOWED);
	n = make_call("1", "").called; /* too short for any of them: as it is */
	plan_connected(p, &s, trunk[0], &n, &env);
	assert_string_equal(n.digits, "1");
	n.present = false;
	plan_connected(p, &s, trunk[0], &n, &env);
	assert_false(n.present);
	assert_string_equal(s.calling.digits, "4940999");
	plan_destroy(p);
}

void test_decide_regex_groups(void **state)
{
	static struct make m;
	struct call_setup s = make_call("+8613912345678", "");
	struct plan_env env = {0};
	struct call_route r;
	struct plan *p;

	(void)state;
	m.count = 0;
	make_rule(&m, "swap", PLAN_MATCH_REGEX, "^\\+86(\\d{3})(\\d+)$", 0)
	    ->set[PLAN_CALLED]
	    .number = "0$2*$1";
	make_rule(&m, "endless", PLAN_MATCH_REGEX, "^(([0-9]+)*)*x$", 1);
	p = make_plan(&m, PLAN_LONGEST, NULL);
	plan_decide(p, &s, &env, &r);
	assert_string_equal(r.way[0].called.digits, "012345678*139");
	assert_int_equal(r.way[0].called.ton, CALL_TON_UNKNOWN);
	s = make_call("11111111111111111111111111111111", ""); /* backtracks without end, bounded */
	plan_decide(p, &s, &env, &r);
	assert_int_equal(r.cause.value, CAUSE_NO_ROUTE);
	plan_destroy(p);
}

/* Asks, waits, and goes on where it was; without an answer it falls back. */
void test_decide_lookup(void **state)
{
	static const struct plan_lookup lookup[] = {
	    {"porting", PLAN_LOOKUP_ENUM, "e164.arpa", 300, PLAN_FALLBACK_CONTINUE, 0},
	    {"cnam", PLAN_LOOKUP_HTTP, "names", 200, PLAN_FALLBACK_NEXT, 0},
	};
	static struct make m;
	struct plan_cfg cfg = {.lookup = lookup, .lookup_count = 2};
	struct call_setup s = make_call("+442079460148", "");
	struct plan_answer answer = {.kind = PLAN_ANSWER_FOUND, .has_called = true};
	struct plan_env env = {0};
	struct plan_ctx ctx;
	struct call_route r;
	struct plan *p;

	(void)state;
	m.count = 0;
	make_rule(&m, "ported", PLAN_MATCH_PREFIX, "+44", 0)->lookup = 1;
	make_rule(&m, "named", PLAN_MATCH_PREFIX, "8", 1)->lookup = 2;
	m.rule[1].set[PLAN_CALLED].strip = 1;
	make_rule(&m, "rest", PLAN_MATCH_ANY, NULL, 2);
	p = make_plan(&m, PLAN_LONGEST, &cfg);
	plan_begin(&ctx, p, &s, &env);
	assert_int_equal(plan_step(&ctx, &env, NULL, &r), PLAN_NEEDS_ANSWER);
	assert_int_equal(ctx.query.timeout_ms, 300);
	assert_string_equal(ctx.query.text, "8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa"); /* RFC 6116 3.2 */
	answer.called = make_call("+441632960001", "").called;
	assert_int_equal(plan_step(&ctx, &env, &answer, &r), PLAN_DECIDED);
	assert_string_equal(r.rule, "ported");
	assert_string_equal(r.way[0].called.digits, "441632960001");
	plan_decide(p, &s, &env, &r); /* no answer: as it is */
	assert_string_equal(r.way[0].called.digits, "442079460148");
	s = make_call("8123", "");
	plan_begin(&ctx, p, &s, &env);
	assert_int_equal(plan_step(&ctx, &env, NULL, &r), PLAN_NEEDS_ANSWER);
	assert_string_equal(ctx.query.text, "names 123");
	answer.kind = PLAN_ANSWER_NOT_FOUND;
	assert_int_equal(plan_step(&ctx, &env, &answer, &r), PLAN_DECIDED);
	assert_string_equal(r.rule, "rest"); /* and the number is whole again */
	assert_string_equal(r.way[0].called.digits, "8123");
	plan_destroy(p);
}

/* ── rewrites ── */

static struct plan_rule *rewrite(struct make *m, const char *name, enum plan_stage stage,
				 const char *group, const char *regex, const char *number)
{
	struct plan_rule *r = make_rule(m, name, PLAN_MATCH_REGEX, regex, 0);

	r->target_count = 0;
	r->stage = stage;
	r->group = group;
	r->set[PLAN_CALLED].number = number;
	return r;
}

static void comes_out(const struct plan *p, const char *called, uint8_t ton, const char *want,
		      uint8_t want_ton)
{
	struct plan_env env = {0};
	struct call_setup s = make_call(called, "");
	struct call_route r;

	s.called.ton = ton;
	plan_decide(p, &s, &env, &r);
	assert_int_equal(r.count, 1);
	assert_string_equal(r.way[0].called.digits, want);
	assert_int_equal(r.way[0].called.ton, want_ton);
}

/* All that fit, in order; of a group the first alone, also when it changes nothing. */
void test_decide_rewrites(void **state)
{
	static struct make m;
	struct plan *p;

	(void)state;
	m.count = 0;
	make_rule(&m, "all", PLAN_MATCH_ANY, NULL, 3);
	rewrite(&m, "a1", PLAN_REWRITE_IN, "a", "^1(.*)$", "2$1");
	rewrite(&m, "a2", PLAN_REWRITE_IN, "a", "^2(.*)$", "3$1");
	rewrite(&m, "a3", PLAN_REWRITE_IN, "a", "^999$", "999");
	rewrite(&m, "a4", PLAN_REWRITE_IN, "a", "^9(.*)$", "$1");
	rewrite(&m, "b1", PLAN_REWRITE_IN, "b", "^3(.*)$", "4$1");
	rewrite(&m, "b2", PLAN_REWRITE_OUT, "b", "^4(.*)$", "5$1"); /* another pass */
	rewrite(&m, "none", PLAN_REWRITE_IN, NULL, "^2(.*)$", "6$1");
	rewrite(&m, "a5", PLAN_REWRITE_IN, "a", "^6(.*)$", "7$1"); /* a is long over */
	rewrite(&m, "same", PLAN_REWRITE_OUT, NULL, "^8(.*)$", "0$1")->set[PLAN_CALLED].ton =
	    PLAN_TON_SAME;
	p = make_plan(&m, PLAN_LONGEST, NULL);
	comes_out(p, "15", CALL_TON_UNKNOWN, "75", CALL_TON_UNKNOWN); /* a1, none, a5 */
	comes_out(p, "25", CALL_TON_UNKNOWN, "55", CALL_TON_UNKNOWN); /* a2, b1, b2 */
	comes_out(p, "999", CALL_TON_UNKNOWN, "999", CALL_TON_UNKNOWN);
	comes_out(p, "991", CALL_TON_UNKNOWN, "91", CALL_TON_UNKNOWN);
	comes_out(p, "15", CALL_TON_NATIONAL, "75", CALL_TON_UNKNOWN); /* a new number */
	comes_out(p, "81", CALL_TON_NATIONAL, "01", CALL_TON_NATIONAL);
	comes_out(p, "5", CALL_TON_NATIONAL, "5", CALL_TON_NATIONAL);
	plan_destroy(p);
}

/* RFC 4694: the routing number of a ported number goes along as long as the number stays, or takes
 * its place. */
void test_decide_porting(void **state)
{
	struct plan_lookup lookup = {.name = "pstn", .where = "e164.arpa", .timeout_ms = 300};
	static struct make m;
	struct plan_cfg cfg = {.lookup = &lookup, .lookup_count = 1};
	struct call_setup s = make_call("+12155551234", "");
	struct plan_answer answer = {.kind = PLAN_ANSWER_FOUND, .has_called = true};

	(void)state;
	answer.called = s.called;
	answer.porting.asked = true;
	answer.porting.routing = make_call("+12159817600", "").called;
	for (int row = 0; row < 3; row++) {
		struct plan_env env = {0};
		struct plan_ctx ctx;
		struct call_route r;
		struct plan *p;

		m.count = 0;
		make_rule(&m, "ported", PLAN_MATCH_PREFIX, "+1", 0)->lookup = 1;
		if (row == 1)
			m.target[0][0].set[PLAN_CALLED].prepend = "9";
		lookup.routing_called = row == 2;
		p = make_plan(&m, PLAN_LONGEST, &cfg);
		plan_begin(&ctx, p, &s, &env);
		assert_int_equal(plan_step(&ctx, &env, NULL, &r), PLAN_NEEDS_ANSWER);
		assert_int_equal(plan_step(&ctx, &env, &answer, &r), PLAN_DECIDED);
		assert_string_equal(r.way[0].called.digits, row == 0   ? "12155551234"
							    : row == 1 ? "912155551234"
								       : "12159817600");
		assert_int_equal(r.way[0].porting.asked, row == 0);
		assert_int_equal(r.way[0].porting.routing.present, row == 0);
		if (row == 0)
			assert_string_equal(r.way[0].porting.routing.digits, "12159817600");
		plan_destroy(p);
	}
}
