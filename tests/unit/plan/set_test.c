/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules set, the connected number on its way back, and more rules than a search has places for. */
#include <stdio.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/rule_tree.h"
#include "tests/unit/plan/make.h"
#include "tests/unit/plan/plan_tests.h"

static struct make m;

static struct call_number number(const char *digits, uint8_t ton, uint8_t npi, uint8_t presentation,
				 uint8_t screening)
{
	struct call_number n = {.present = true, .ton = ton, .npi = npi, .presentation = presentation,
				.screening = screening};

	str_copy(n.digits, sizeof(n.digits), digits);
	return n;
}

static void same(const struct call_number *a, const struct call_number *b)
{
	assert_int_equal(a->present, b->present);
	assert_string_equal(a->digits, b->digits);
	assert_int_equal(a->ton, b->ton);
	assert_int_equal(a->npi, b->npi);
	assert_int_equal(a->presentation, b->presentation);
	assert_int_equal(a->screening, b->screening);
}

/* A calling number 4930, type 2, plan 9, restricted, network provided; what each set makes of it. */
static const struct {
	struct plan_set set;
	struct call_number want;
} sets[] = {
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = -1}, {true, .ton = 2, .npi = 9, .presentation = 1, .screening = 3, .digits = "4930"}},
    {{.ton = 0, .npi = -1, .presentation = -1, .screening = -1}, {true, .ton = 0, .npi = 9, .presentation = 1, .screening = 3, .digits = "4930"}},
    {{.ton = -1, .npi = 0, .presentation = -1, .screening = -1}, {true, .ton = 2, .npi = 0, .presentation = 1, .screening = 3, .digits = "4930"}},
    {{.ton = -1, .npi = -1, .presentation = 0, .screening = -1}, {true, .ton = 2, .npi = 9, .presentation = 0, .screening = 3, .digits = "4930"}},
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = 0}, {true, .ton = 2, .npi = 9, .presentation = 1, .screening = 0, .digits = "4930"}},
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = -1, .remove = true}, {false, .digits = ""}},
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = -1, .strip = 4}, {true, .ton = 2, .npi = 9, .presentation = 1, .screening = 3, .digits = ""}},
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = -1, .strip = 5}, {true, .ton = 2, .npi = 9, .presentation = 1, .screening = 3, .digits = "4930"}},
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = -1, .strip = 2, .prepend = "+1"}, {true, .ton = 1, .npi = 1, .presentation = 1, .screening = 3, .digits = "130"}},
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = -1, .prepend = "*"}, {true, .ton = 2, .npi = 9, .presentation = 1, .screening = 3, .digits = "*4930"}},
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = -1, .prepend = "1234567890123456789012345678"},
     {true, .ton = 2, .npi = 9, .presentation = 1, .screening = 3, .digits = "12345678901234567890123456784930"}},
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = -1, .prepend = "12345678901234567890123456789"},
     {true, .ton = 2, .npi = 9, .presentation = 1, .screening = 3, .digits = "4930"}},
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = -1, .number = "+44"}, {true, .ton = 1, .npi = 1, .presentation = 1, .screening = 3, .digits = "44"}},
    {{.ton = -1, .npi = -1, .presentation = -1, .screening = -1, .number = "44"}, {true, .ton = 0, .npi = 9, .presentation = 1, .screening = 3, .digits = "44"}},
    {{.ton = PLAN_TON_SAME, .npi = 1, .presentation = 2, .screening = 1, .number = "44"}, {true, .ton = 2, .npi = 1, .presentation = 2, .screening = 1, .digits = "44"}},
};

void test_set_fields(void **state)
{
	static const struct call_endpoint to = {CALL_EP_TRUNK, 5};
	struct call_number before = number("4930", 2, 9, 1, 3), n;
	struct call_setup s = make_call("1", "");
	struct plan_env env = {.random = 1};
	struct call_route r;

	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		for (unsigned which = PLAN_CALLING; which <= PLAN_CONNECTED; which++) {
			struct plan_rule *rule;
			struct plan *p;

			m.count = 0;
			rule = make_rule(&m, "x", PLAN_MATCH_ANY, NULL, 1);
			rule->set[which] = sets[i].set;
			if (which == PLAN_CONNECTED) {
				rule->stage = PLAN_REWRITE_ANSWER;
				rule->target_count = 0;
			}
			p = make_plan(&m, PLAN_LONGEST, NULL);
			s.calling = s.redirecting = before;
			n = before;
			plan_decide(p, &s, &env, &r);
			plan_connected(p, &s, to, &n, &env);
			same(which == PLAN_CALLING ? &r.way[0].calling
			     : which == PLAN_REDIRECTING ? &r.way[0].redirecting : &n, &sets[i].want);
			/* A number that is not there is not made, but by `number`. */
			n = s.calling = s.redirecting = (struct call_number){.present = false};
			plan_decide(p, &s, &env, &r);
			same(which == PLAN_CALLING ? &r.way[0].redirecting : &r.way[0].calling, &n);
			assert_int_equal(which == PLAN_CALLING && r.way[0].calling.present,
					 which == PLAN_CALLING && sets[i].set.number);
			plan_connected(p, &s, to, &n, &env);
			assert_false(n.present);
			plan_destroy(p);
		}
}

static const struct e164_profile germany = {
    .name = "de", .country_code = "49", .international = {"00"}, .international_count = 1, .national = "0",
    .range = {{"[2-9]", 5, 11, E164_USE_NATIONAL, ""}}, .range_count = 1};

/* B says 030555 (or what the rewrites make of it), A sees it in the form that it wants. */
void test_set_connected(void **state)
{
	static const struct call_endpoint a = {CALL_EP_SPAN, 1}, b = {CALL_EP_TRUNK, 1}, c = {CALL_EP_TRUNK, 2};
	struct plan_edge edge[] = {
	    {a, {.profile = &germany, .form = E164_FORM_INTERNATIONAL}, .form_calling = E164_FORM_NATIONAL},
	    {b, {.profile = &germany}, .form_calling = E164_FORM_DIALLED}};
	struct plan_cfg cfg = {.edge = edge, .edge_count = 2};
	struct plan_env env = {.random = 1};
	struct call_number n, want;
	struct plan_rule *r;
	struct plan *p;

	(void)state;
	m.count = 0;
	r = make_rule(&m, "other", PLAN_MATCH_ANY, NULL, 1); /* of another stage */
	r->set[PLAN_CONNECTED].number = "1";
	r = make_rule(&m, "hide", PLAN_MATCH_ANY, NULL, 1);
	r->stage = PLAN_REWRITE_ANSWER;
	r->target_count = 0;
	r->match[PLAN_CONNECTED].kind = PLAN_MATCH_PREFIX;
	r->match[PLAN_CONNECTED].text = "+4940";
	r->set[PLAN_CONNECTED].presentation = CALL_PRES_RESTRICTED;
	r = make_rule(&m, "from-c", PLAN_MATCH_ANY, NULL, 1);
	r->stage = PLAN_REWRITE_ANSWER;
	r->target_count = 0;
	r->from = &c;
	r->from_count = 1;
	r->set[PLAN_CONNECTED].number = "+4940777";
	p = make_plan(&m, PLAN_LONGEST, &cfg);
	n = number("030555", 0, 1, 0, 3);
	want = number("30555", CALL_TON_NATIONAL, 1, 0, 3);
	plan_connected(p, &(struct call_setup){.source = a}, b, &n, &env);
	same(&n, &want);
	n = number("040555", 0, 1, 0, 3);
	want = number("40555", CALL_TON_NATIONAL, 1, CALL_PRES_RESTRICTED, 3);
	plan_connected(p, &(struct call_setup){.source = a}, b, &n, &env);
	same(&n, &want);
	n = number("5", 0, 1, 0, 3); /* has no edge, and is from c */
	want = number("40777", CALL_TON_NATIONAL, 1, 0, 3);
	plan_connected(p, &(struct call_setup){.source = a}, c, &n, &env);
	same(&n, &want);
	n = number("30555", CALL_TON_NATIONAL, 1, 0, 3); /* the other way */
	want = number("030555", 0, 1, 0, 3);
	plan_connected(p, &(struct call_setup){.source = b}, a, &n, &env);
	same(&n, &want);
	n = want = (struct call_number){.present = false, .ton = 2};
	plan_connected(p, &(struct call_setup){.source = a}, c, &n, &env);
	same(&n, &want);
	plan_destroy(p);
}

/* Patterns of 1 and X in every mixture: all of them fit 111111111, more than a search has places: then each rule is
 * asked, and the same ones decide. */
void test_set_many_hits(void **state)
{
	enum { PLACES = 9, RULES = 1 << PLACES };
	static char text[RULES][PLACES + 1];
	struct plan_env env = {.random = 1};
	struct plan *p;

	(void)state;
	assert_true((int)RULES > (int)RULE_TREE_HITS_MAX);
	for (unsigned order = 0; order < 2; order++) {
		m.count = 0;
		for (unsigned i = 0; i < RULES; i++) { /* all 1 last */
			for (unsigned k = 0; k < PLACES; k++)
				text[i][k] = i >> k & 1 ? '1' : 'X';
			make_rule(&m, text[i], PLAN_MATCH_PATTERN, text[i], 1);
		}
		p = make_plan(&m, order ? PLAN_LISTED : PLAN_LONGEST, NULL);
		for (unsigned i = 0; i < RULES; i++) {
			unsigned want = order ? 1 : i + 1; /* the narrowest one is the number's own mixture */
			char digits[PLACES + 1] = "";
			struct call_route found;
			struct call_setup s;

			for (unsigned k = 0; k < PLACES; k++)
				digits[k] = i >> k & 1 ? '1' : '2';
			s = make_call(digits, "");
			plan_decide(p, &s, &env, &found);
			assert_int_equal(found.line, want);
		}
		plan_destroy(p);
	}
}

/* What groups make may be longer than a number can be, or have a + where none can stand. */
void test_set_groups(void **state)
{
	static const struct {
		const char *number, *called, *want; /* NULL: refused with 28 */
	} row[] = {
	    {"$1$1", "1234567890123456", "12345678901234561234567890123456"},
	    {"$1$1", "12345678901234567", NULL},
	    {"+$1$1", "1234567890123456", "12345678901234561234567890123456"},
	    {"+$1$1", "12345678901234567", NULL},
	    {"$1", "+49", "49"},
	    {"0$1", "+49", NULL},
	    {"*$2#", "1", "*#"},
	};
	struct plan_env env = {.random = 1};
	struct call_route r;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct call_setup s = make_call(row[i].called, "");
		struct plan *p;

		m.count = 0;
		make_rule(&m, "x", PLAN_MATCH_REGEX, "^(\\+?[0-9]+)(x?)", 1)->set[PLAN_CALLED].number =
		    row[i].number;
		p = make_plan(&m, PLAN_LONGEST, NULL);
		plan_decide(p, &s, &env, &r);
		assert_int_equal(r.cause.value, row[i].want ? 0 : CAUSE_INVALID_NUMBER);
		if (row[i].want)
			assert_string_equal(r.way[0].called.digits, row[i].want);
		plan_destroy(p);
	}
}

/* An emergency call gets through: with the number as it is where a set cannot be, asking nobody, and
 * past a rule that leads to its own side only. */
void test_set_emergency(void **state)
{
	static const struct plan_lookup ask = {"strict", PLAN_LOOKUP_HTTP, "lnp", 300,
					       PLAN_FALLBACK_NEXT, CAUSE_TEMPORARY_FAILURE};
	enum { RULE, TARGET, EMPTY, LOOKUP, OTHER_SIDE, WAYS };
	struct plan_cfg cfg = {.lookup = &ask, .lookup_count = 1};
	struct call_setup s = make_call("112", "");
	struct plan_env env = {.random = 1};
	struct call_route r;
	struct plan *p;

	(void)state;
	for (unsigned i = 0; i < 2 * WAYS; i++) {
		bool urgent = i / WAYS;
		unsigned way = i % WAYS;
		struct plan_rule *rule;
		struct plan_ctx ctx;

		m.count = 0;
		rule = make_rule(&m, "sos", PLAN_MATCH_PREFIX, "112", 1);
		rule->emergency = urgent;
		if (way == RULE || way == EMPTY)
			rule->set[PLAN_CALLED].strip = way == RULE ? 4 : 3;
		if (way == TARGET)
			m.target[0][0].set[PLAN_CALLED].strip = 4;
		if (way == OTHER_SIDE)
			m.target[0][0].to = (struct call_endpoint){CALL_EP_SPAN, 2};
		rule->lookup = way == LOOKUP;
		make_rule(&m, "rest", PLAN_MATCH_ANY, NULL, 2);
		p = make_plan(&m, PLAN_LONGEST, &cfg);
		plan_begin(&ctx, p, &s, &env);
		if (!urgent && way == LOOKUP) {
			assert_int_equal(plan_step(&ctx, &env, NULL, &r), PLAN_NEEDS_ANSWER);
		} else {
			assert_int_equal(plan_step(&ctx, &env, NULL, &r), PLAN_DECIDED);
			assert_int_equal(r.cause.value, urgent ? 0 : way == OTHER_SIDE ? 79 : 28);
		}
		if (urgent) {
			assert_string_equal(r.rule, way == OTHER_SIDE ? "rest" : "sos");
			assert_int_equal(r.way[0].to.index, way == OTHER_SIDE ? 2 : 1);
			assert_string_equal(r.way[0].called.digits, "112");
		}
		plan_destroy(p);
	}
}
