/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `plan test` tells: the reason for each condition that does not hold, and the words of each
 * step. */
#include <stdio.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "tests/unit/plan/make.h"
#include "tests/unit/plan/plan_tests.h"

static char told[8192];

static const char *trunk_name(void *arg, uint16_t index)
{
	(void)arg;
	return index == 1 ? "one" : NULL;
}

static void tell(void *arg, const struct plan_step_note *n)
{
	static const char kind[] = "NWSTLtxR"; /* enum plan_step_kind */
	size_t len = strlen(told);

	(void)arg;
	if (n->rule)
		snprintf(told + len, sizeof(told) - len, "%c %s:%u %s\n", kind[n->kind], n->rule, n->line,
			 n->text);
	else
		snprintf(told + len, sizeof(told) - len, "%c %s\n", kind[n->kind], n->text);
}

static struct plan_env listening(void)
{
	told[0] = '\0';
	return (struct plan_env){.wall_us = INT64_C(1798106400) * 1000000, /* Thursday 2026-12-24 10:00 */
				 .trace = tell,
				 .trunk_name = trunk_name};
}

static void is_told(const char *want)
{
	if (strcmp(told, want) != 0)
		fail_msg("told:\n%sexpected:\n%s", told, want);
}

static struct make m;

/* One rule that does not fit, for one reason. */
static void misfit(const struct call_setup *s, struct plan_cfg *cfg, const char *why)
{
	struct plan_env env = listening();
	struct plan *p = make_plan(&m, PLAN_LONGEST, cfg);
	struct call_route found;
	char want[300];

	plan_decide(p, s, &env, &found);
	snprintf(want, sizeof(want), "S x:1 %s\nR refused with cause 3: no rule fits\n", why);
	is_told(want);
	assert_int_equal(found.cause.value, CAUSE_NO_ROUTE);
	plan_destroy(p);
}

static struct plan_rule *one(enum plan_match_kind kind, const char *text)
{
	m.count = 0;
	return make_rule(&m, "x", kind, text, 1);
}

void test_explain_numbers(void **state)
{
	struct call_setup s = make_call("+4930123", "030");
	struct plan_rule *r;

	(void)state;
	one(PLAN_MATCH_PREFIX, "+44");
	misfit(&s, NULL, "the called number +4930123 does not fit +44");
	one(PLAN_MATCH_RANGE, "4930124-4930129");
	misfit(&s, NULL, "the called number +4930123 does not fit 4930124-4930129");
	one(PLAN_MATCH_REGEX, "^49");
	misfit(&s, NULL, "the called number +4930123 does not fit ^49");
	one(PLAN_MATCH_ANY, NULL)->match[PLAN_CALLED].tons = 1 << CALL_TON_NATIONAL;
	misfit(&s, NULL, "the type of the called number is international");
	s.called.ton = CALL_TON_NATIONAL;
	one(PLAN_MATCH_PREFIX, "+49");
	misfit(&s, NULL, "the called number 4930123 (national) is no E.164 number, +49 is");
	one(PLAN_MATCH_RANGE, "+4930120-+4930129");
	misfit(&s, NULL, "the called number 4930123 (national) is no E.164 number, +4930120-+4930129 is");
	s.called.npi = CALL_NPI_PRIVATE;
	one(PLAN_MATCH_PREFIX, "5");
	misfit(&s, NULL, "the called number 4930123 (national) (plan 9) does not fit 5");
	one(PLAN_MATCH_ANY, NULL)->match[PLAN_CALLED].npis = 1 << CALL_NPI_E164;
	misfit(&s, NULL, "the numbering plan of the called number is 9");
	s.called = (struct call_number){.present = true};
	one(PLAN_MATCH_PREFIX, "5");
	misfit(&s, NULL, "the called number no digits does not fit 5");
	one(PLAN_MATCH_ANY, NULL)->match[PLAN_CALLING].absent = true;
	misfit(&s, NULL, "there is a calling number");
	one(PLAN_MATCH_ANY, NULL)->match[PLAN_REDIRECTING].presentations = 1;
	misfit(&s, NULL, "there is no redirecting number");
	s.calling.presentation = CALL_PRES_RESTRICTED;
	one(PLAN_MATCH_ANY, NULL)->match[PLAN_CALLING].presentations = 1 << CALL_PRES_ALLOWED;
	misfit(&s, NULL, "the presentation of the calling number is 1");
	r = one(PLAN_MATCH_ANY, NULL);
	r->match[PLAN_CALLING].kind = PLAN_MATCH_PREFIX;
	r->match[PLAN_CALLING].text = "4";
	misfit(&s, NULL, "the calling number 030 (restricted) does not fit 4");
}

void test_explain_rest(void **state)
{
	static const struct call_endpoint from[] = {{CALL_EP_SPAN, 3}};
	static const enum call_bearer bearer[] = {CALL_BEARER_UNRESTRICTED};
	static const int32_t holiday[] = {20000, 20811, 20900, 30000}; /* 20811 is 2026-12-24 */
	struct plan_cfg cfg = {.holiday = holiday, .holiday_count = 4};
	struct call_setup s = make_call("1", "");
	struct plan_rule *r;

	(void)state;
	r = one(PLAN_MATCH_ANY, NULL);
	r->from = from;
	r->from_count = 1;
	misfit(&s, NULL, "the call comes from span:1");
	s.source = (struct call_endpoint){CALL_EP_TRUNK, 3};
	misfit(&s, NULL, "the call comes from trunk number 3");
	s.source.index = 1;
	misfit(&s, NULL, "the call comes from trunk:one");
	s.source.kind = CALL_EP_NONE;
	misfit(&s, NULL, "the call comes from nowhere");
	one(PLAN_MATCH_ANY, NULL)->match_name = "^A";
	snprintf(s.calling_name, sizeof(s.calling_name), "BA");
	misfit(&s, NULL, "the calling name \"BA\" does not fit ^A");
	r = one(PLAN_MATCH_ANY, NULL);
	r->bearer = bearer;
	r->bearer_count = 1;
	misfit(&s, NULL, "the bearer is 0x00");
	one(PLAN_MATCH_ANY, NULL)->when.days = 1 << 6;
	misfit(&s, NULL, "it does not hold now: Thursday 2026-12-24 10:00 UTC");
	one(PLAN_MATCH_ANY, NULL)->when.holidays = -1;
	misfit(&s, &cfg, "it does not hold now: Thursday 2026-12-24 10:00 UTC, a holiday");
	one(PLAN_MATCH_ANY, NULL)->when.holidays = 1;
	misfit(&s, NULL, "it does not hold now: Thursday 2026-12-24 10:00 UTC");
}

/* Each limit when it is just reached; one below, the call goes. */
void test_explain_limits(void **state)
{
	static const char *const why[] = {"5 of 5 calls", "5 of 5 calls in this second",
					  "5 of 5 calls in this minute"};
	struct call_setup s = make_call("1", "");
	struct call_route found;
	char want[300];

	(void)state;
	for (unsigned which = 0; which < 3; which++)
		for (unsigned cause = 0; cause < 2; cause++)
			for (uint32_t n = 4; n < 6; n++) {
				struct plan_usage usage = {which == 0 ? n : 0, which == 1 ? n : 0,
							   which == 2 ? n : 0};
				struct plan_env env = listening();
				struct plan_rule *r = one(PLAN_MATCH_ANY, NULL);
				struct plan *p;

				env.usage = &usage;
				r->limit = (struct plan_limit){which == 0 ? 5 : 0, which == 1 ? 5 : 0,
							       which == 2 ? 5 : 0, cause ? 21 : 0};
				p = make_plan(&m, PLAN_LONGEST, NULL);
				plan_decide(p, &s, &env, &found);
				assert_int_equal(found.cause.value, n < 5 ? 0 : cause ? 21 : CAUSE_NO_ROUTE);
				snprintf(want, sizeof(want),
					 cause ? "R x:1 refused with cause 21: its limit is reached: %s\n"
					       : "S x:1 its limit is reached: %s\n"
						 "R refused with cause 3: no rule fits\n",
					 why[which]);
				is_told(n < 5 ? "T x:1 it fits\nt x:1 trunk:one, called 1, calling none\n" : want);
				plan_destroy(p);
			}
}

/* A call with everything: an edge, a rewrite on the way in, two rules, a look-up, three targets. */
void test_explain_steps(void **state)
{
	static const struct plan_lookup lookup[] = {{"porting", PLAN_LOOKUP_HTTP, "port", 1, PLAN_FALLBACK_CONTINUE, 0},
						    {"next", PLAN_LOOKUP_HTTP, "n", 1, PLAN_FALLBACK_NEXT, 0},
						    {"firm", PLAN_LOOKUP_HTTP, "f", 1, PLAN_FALLBACK_NEXT, 42}};
	struct plan_cfg cfg = {.lookup = lookup, .lookup_count = 3};
	struct plan_usage usage[2] = {{.calls = 1}};
	struct plan_answer answer = {.kind = PLAN_ANSWER_FOUND, .has_name = true, .name = "Ada"};
	struct call_setup s = make_call("0123", "+4930");
	struct plan_env env = listening();
	struct plan_ctx ctx;
	struct call_route found;
	struct plan_rule *r;
	struct plan *p;

	(void)state;
	m.count = 0;
	r = make_rule(&m, "in", PLAN_MATCH_PREFIX, "01", 0);
	r->stage = PLAN_REWRITE_IN;
	r->target_count = 0;
	r->set[PLAN_CALLED].strip = 1;
	r->set[PLAN_CALLED].prepend = "+49";
	r->set[PLAN_CALLING].strip = 5;
	r = make_rule(&m, "long", PLAN_MATCH_PREFIX, "+4912", 1);
	r->set_name = "Grace";
	r->lookup = 2;
	r = make_rule(&m, "short", PLAN_MATCH_PREFIX, "+49", 1);
	r->lookup = 1;
	m.target[2][0].limit.calls = 1;
	make_target(&m, 2, 1)->priority = 1;
	make_target(&m, 1, 1)->priority = 2;
	m.target[2][2].set[PLAN_CALLED].strip = 6;
	p = make_plan(&m, PLAN_LONGEST, &cfg);
	env.usage = usage;
	plan_begin(&ctx, p, &s, &env);
	assert_int_equal(plan_step(&ctx, &env, NULL, &found), PLAN_NEEDS_ANSWER);
	is_told("W in:1 the called number 0123 becomes +49123\n"
		"W in:1 the calling number +4930 cannot be rewritten so: too short for what is taken off, or "
		"too long\nT long:2 it fits\nW long:2 the calling name becomes \"Grace\"\n");
	told[0] = '\0';
	answer.kind = PLAN_ANSWER_NOT_FOUND;
	assert_int_equal(plan_step(&ctx, &env, &answer, &found), PLAN_NEEDS_ANSWER);
	is_told("L long:2 next: not found; the next rule is asked\nT short:3 it fits\n");
	assert_string_equal(ctx.query.text, "port +49123");
	told[0] = '\0';
	answer.kind = PLAN_ANSWER_FOUND;
	assert_int_equal(plan_step(&ctx, &env, &answer, &found), PLAN_DECIDED);
	is_told("L short:3 porting: found\nx short:3 trunk:one: its limit is reached: 1 of 1 calls\n"
		"t short:3 trunk number 2, called +49123, calling +4930\n"
		"W short:3 the called number +49123 cannot be rewritten so: too short for what is taken off, or "
		"too long\nx short:3 trunk:one: what would be sent is no number\n");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.way[0].calling_name, "Ada");
	plan_destroy(p);
}

void test_explain_answers(void **state)
{
	static const struct {
		enum plan_answer_kind kind;
		bool called;
		enum plan_fallback fallback;
		uint8_t cause, want;
		const char *told;
	} row[] = {
	    {PLAN_ANSWER_FOUND, true, 0, 0, 0, "found, the called number becomes +44\n"
	     "t x:1 trunk:one, called +44, calling none\n"},
	    {PLAN_ANSWER_FOUND, false, PLAN_FALLBACK_NEXT, 42, 0, "found\nt x:1 trunk:one, called 7, calling none\n"},
	    {PLAN_ANSWER_NOT_FOUND, true, 0, 42, 0, "not found\nt x:1 trunk:one, called 7, calling none\n"},
	    {PLAN_ANSWER_FAILED, true, 0, 0, 0, "no answer in time\nt x:1 trunk:one, called 7, calling none\n"},
	    {PLAN_ANSWER_FAILED, false, 0, 42, 42, "no answer in time\n"
	     "R x:1 refused with cause 42: the look-up failed\n"},
	    {PLAN_ANSWER_FAILED, false, PLAN_FALLBACK_NEXT, 0, CAUSE_NO_ROUTE,
	     "no answer in time; the next rule is asked\nR refused with cause 3: no rule fits\n"},
	    {PLAN_ANSWER_NOT_FOUND, false, PLAN_FALLBACK_NEXT, 42, CAUSE_NO_ROUTE,
	     "not found; the next rule is asked\nR refused with cause 3: no rule fits\n"},
	};
	struct call_setup s = make_call("7", "");

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct plan_lookup lookup = {"who", PLAN_LOOKUP_HTTP, "w", 250, row[i].fallback, row[i].cause};
		struct plan_cfg cfg = {.lookup = &lookup, .lookup_count = 1};
		struct plan_answer answer = {.kind = row[i].kind, .has_called = row[i].called,
					     .called = make_call("+44", "").called};
		struct plan_env env = listening();
		struct call_route found;
		struct plan_ctx ctx;
		char want[300];
		struct plan *p;

		one(PLAN_MATCH_ANY, NULL)->lookup = 1;
		p = make_plan(&m, PLAN_LONGEST, &cfg);
		plan_begin(&ctx, p, &s, &env);
		assert_int_equal(plan_step(&ctx, &env, NULL, &found), PLAN_NEEDS_ANSWER);
		assert_int_equal(ctx.query.kind, PLAN_LOOKUP_HTTP);
		assert_int_equal(ctx.query.timeout_ms, 250);
		assert_string_equal(ctx.query.text, "w 7");
		is_told("T x:1 it fits\n");
		told[0] = '\0';
		assert_int_equal(plan_step(&ctx, &env, &answer, &found), PLAN_DECIDED);
		snprintf(want, sizeof(want), "L x:1 who: %s", row[i].told);
		is_told(want);
		assert_int_equal(found.cause.value, row[i].want);
		plan_destroy(p);
	}
}

/* ENUM is asked about E.164 numbers of digits only (RFC 6116 3.2); others go as without a look-up. */
void test_explain_enum(void **state)
{
	static const struct plan_lookup lookup[] = {{"e", PLAN_LOOKUP_ENUM, "e164.arpa", 1, 0, 0}};
	static const struct {
		const char *called;
		uint8_t ton;
		bool asked;
	} row[] = {{"+4930", CALL_TON_INTERNATIONAL, true}, {"+49*", CALL_TON_INTERNATIONAL, false},
		   {"4930", CALL_TON_NATIONAL, false},	    {"+", CALL_TON_INTERNATIONAL, false}};
	struct plan_cfg cfg = {.lookup = lookup, .lookup_count = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct call_setup s = make_call(row[i].called, "");
		struct plan_env env = listening();
		struct call_route found;
		struct plan_ctx ctx;
		struct plan *p;

		s.called.ton = row[i].ton;
		one(PLAN_MATCH_ANY, NULL)->lookup = 1;
		p = make_plan(&m, PLAN_LONGEST, &cfg);
		plan_begin(&ctx, p, &s, &env);
		assert_int_equal(plan_step(&ctx, &env, NULL, &found) == PLAN_NEEDS_ANSWER, row[i].asked);
		plan_destroy(p);
	}
}

void test_explain_emergency(void **state)
{
	struct call_setup s = make_call("112", "");
	struct plan_env env = listening();
	struct call_route found;
	struct plan_rule *r;
	struct plan *p;

	(void)state;
	m.count = 0;
	r = make_rule(&m, "closed", PLAN_MATCH_PREFIX, "112", 0);
	r->bar = 21;
	r->target_count = 0;
	make_rule(&m, "sos", PLAN_MATCH_ANY, NULL, 1)->emergency = true;
	p = make_plan(&m, PLAN_LONGEST, NULL);
	plan_decide(p, &s, &env, &found);
	is_told("T sos:2 it fits; an emergency rule, asked first\nt sos:2 trunk:one, called 112, calling none\n");
	plan_destroy(p);
	m.rule[1].emergency = false;
	told[0] = '\0';
	p = make_plan(&m, PLAN_LONGEST, NULL);
	plan_decide(p, &s, &env, &found);
	is_told("R closed:1 refused with cause 21: barred\n");
	assert_int_equal(found.line, 1);
	assert_int_equal(found.cause.location, CALL_LOC_PRIVATE_LOCAL);
	plan_destroy(p);
}
