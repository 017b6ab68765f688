/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Number plan: by table, against a naive reader of the rules, and with no memory. */
#include "tests/unit/plan/plan_tests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "gateway/plan/create.h"
#include "tests/unit/call/alloc_fail.h"

#define ANY -1

/* A rule in the short form: one target, the called number by prefix. */
struct simple {
	char name[CALL_NAME_MAX + 1];
	struct call_endpoint from;
	char prefix[CALL_DIGITS_MAX + 2];
	int8_t match_ton;
	uint8_t strip;
	char prepend[CALL_DIGITS_MAX + 2];
	int8_t set_ton, set_npi;
	struct call_endpoint target;
};

enum { SIMPLE_MAX = 64 };

static void expand(const struct simple *s, struct plan_rule *r, struct plan_target *target)
{
	struct plan_match *m = &r->match[PLAN_CALLED];
	struct plan_set *set = &r->set[PLAN_CALLED];

	*target = plan_target_nothing();
	target->to = s->target;
	*r = plan_rule_nothing();
	r->name = s->name;
	r->from = &s->from;
	r->from_count = s->from.kind != CALL_EP_NONE;
	r->target = target;
	r->target_count = 1;
	m->kind = PLAN_MATCH_PREFIX;
	m->text = s->prefix;
	m->tons = s->match_ton == ANY ? 0 : (uint8_t)(1 << s->match_ton);
	set->strip = s->strip;
	set->prepend = s->prepend;
	set->ton = s->set_ton;
	set->npi = s->set_npi;
}

static int create(struct plan **out, const struct simple *s, unsigned count, unsigned *bad)
{
	struct plan_target target[SIMPLE_MAX];
	struct plan_rule rule[SIMPLE_MAX];
	struct plan_cfg cfg = {.rule = rule, .rule_count = count};
	struct plan_error error;
	int err;

	for (unsigned i = 0; i < count; i++)
		expand(&s[i], &rule[i], &target[i]);
	err = plan_create(out, &cfg, &error);
	if (err == -EINVAL) {
		assert_true(*error.text && *error.key);
		if (bad)
			*bad = error.rule;
	}
	memset(rule, 0, sizeof(rule)); /* the plan has its own */
	memset(target, 0, sizeof(target));
	return err;
}

/* As a call is routed: what leaves on the first way is in *s. */
static struct call_cause route(const struct plan *p, struct call_setup *s, struct call_route *r)
{
	static const struct plan_env env = {.random = 1};

	plan_decide(p, s, &env, r);
	if (!r->cause.value)
		call_way_apply(&r->way[0], s);
	return r->cause;
}

static struct call_endpoint span(uint16_t index)
{
	return (struct call_endpoint){CALL_EP_SPAN, index};
}

static struct call_endpoint trunk(uint16_t index)
{
	return (struct call_endpoint){CALL_EP_TRUNK, index};
}

static struct simple rule(const char *name, const char *prefix, unsigned strip,
			     const char *prepend, struct call_endpoint target)
{
	struct simple r = {.match_ton = ANY,
			      .set_ton = ANY,
			      .set_npi = ANY,
			      .strip = (uint8_t)strip,
			      .target = target};

	snprintf(r.name, sizeof(r.name), "%s", name);
	snprintf(r.prefix, sizeof(r.prefix), "%s", prefix);
	snprintf(r.prepend, sizeof(r.prepend), "%s", prepend);
	return r;
}

static struct call_setup dialled(const char *digits, uint8_t ton, struct call_endpoint from)
{
	struct call_setup s = {.source = from,
			       .called = {.present = true, .ton = ton, .npi = CALL_NPI_E164}};

	snprintf(s.called.digits, sizeof(s.called.digits), "%s", digits);
	return s;
}

static unsigned make_rules(struct simple *r)
{
	unsigned n = 0;

	r[n++] = rule("default", "", 0, "", trunk(0));
	r[n++] = rule("zero-first", "0", 1, "", trunk(1));
	r[n++] = rule("zero-second", "0", 0, "", trunk(2));
	r[n++] = rule("zero-span2", "0", 0, "99", trunk(3));
	r[n - 1].from = span(2);
	r[n++] = rule("international", "00", 2, "+", trunk(4));
	r[n++] = rule("germany", "+49", 2, "0", trunk(11));
	r[n - 1].set_ton = CALL_TON_NATIONAL;
	r[n++] = rule("berlin", "4930", 4, "", trunk(12));
	r[n - 1].match_ton = CALL_TON_INTERNATIONAL;
	r[n - 1].set_ton = CALL_TON_SUBSCRIBER;
	r[n - 1].set_npi = CALL_NPI_PRIVATE;
	r[n++] = rule("service", "*1#", 3, "110", trunk(13));
	r[n++] = rule("extension", "8", 1, "", trunk(14));
	r[n++] = rule("long", "7", 0, "12345678901234567890", trunk(5));
	return n;
}

static const struct {
	const char *digits;
	uint8_t ton, from_span; /* 0: from trunk 0 */
	const char *rule, *out; /* out NULL: cause 28 */
	uint8_t ton_out, npi_out;
} routes[] = {
    {"123", CALL_TON_UNKNOWN, 1, "default", "123", CALL_TON_UNKNOWN, 1},
    {"0123", CALL_TON_UNKNOWN, 1, "zero-first", "123", CALL_TON_UNKNOWN, 1},
    /* a rule with `from` before one without, at the same length */
    {"0123", CALL_TON_UNKNOWN, 2, "zero-span2", "990123", CALL_TON_UNKNOWN, 1},
    {"0123", CALL_TON_UNKNOWN, 0, "zero-first", "123", CALL_TON_UNKNOWN, 1},
    /* length before `from` */
    {"0049301", CALL_TON_UNKNOWN, 2, "international", "49301", CALL_TON_INTERNATIONAL, 1},
    /* a + in the prefix is the type of number */
    {"4940555", CALL_TON_INTERNATIONAL, 1, "germany", "040555", CALL_TON_NATIONAL, 1},
    {"4940555", CALL_TON_NATIONAL, 1, "default", "4940555", CALL_TON_NATIONAL, 1},
    {"4930777", CALL_TON_INTERNATIONAL, 1, "berlin", "777", CALL_TON_SUBSCRIBER, CALL_NPI_PRIVATE},
    /* the longer one does not fit by type: the shorter one is asked */
    {"4930777", CALL_TON_UNKNOWN, 1, "default", "4930777", CALL_TON_UNKNOWN, 1},
    {"4930", CALL_TON_INTERNATIONAL, 1, "berlin", NULL, 0, 0}, /* nothing left */
    {"493", CALL_TON_INTERNATIONAL, 1, "germany", "03", CALL_TON_NATIONAL, 1},
    {"49", CALL_TON_INTERNATIONAL, 1, "germany", "0", CALL_TON_NATIONAL, 1},
    {"4", CALL_TON_INTERNATIONAL, 1, "default", "4", CALL_TON_INTERNATIONAL, 1},
    {"*1#", CALL_TON_UNKNOWN, 1, "service", "110", CALL_TON_UNKNOWN, 1},
    {"*1#5", CALL_TON_UNKNOWN, 1, "service", "1105", CALL_TON_UNKNOWN, 1},
    {"*1", CALL_TON_UNKNOWN, 1, "default", "*1", CALL_TON_UNKNOWN, 1},
    {"8", CALL_TON_UNKNOWN, 1, "extension", NULL, 0, 0},
    {"81", CALL_TON_UNKNOWN, 1, "extension", "1", CALL_TON_UNKNOWN, 1},
    {"", CALL_TON_UNKNOWN, 1, "default", NULL, 0, 0},
    {"712345678901", CALL_TON_UNKNOWN, 1, "long", "12345678901234567890712345678901",
     CALL_TON_UNKNOWN, 1},
    {"7123456789012", CALL_TON_UNKNOWN, 1, "long", NULL, 0, 0}, /* 33 digits */
};

void test_plan_table(void **state)
{
	struct simple rules[16];
	unsigned count = make_rules(rules);
	struct plan *p;

	(void)state;
	assert_int_equal(create(&p, rules, count, NULL), 0);
	memset(rules, 0, sizeof(rules)); /* the plan has its own */
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		struct call_endpoint from =
		    span(routes[i].from_span ? routes[i].from_span : 3);
		struct call_setup s = dialled(routes[i].digits, routes[i].ton, from);
		struct call_route r;
		struct call_cause cause = route(p, &s, &r);

		assert_string_equal(r.rule, routes[i].rule);
		assert_int_equal(cause.value, routes[i].out ? 0 : CAUSE_INVALID_NUMBER);
		if (!routes[i].out) {
			assert_string_equal(s.called.digits, routes[i].digits);
			assert_int_equal(s.target.kind, CALL_EP_NONE);
			continue;
		}
		assert_string_equal(s.called.digits, routes[i].out);
		assert_int_equal(s.called.ton, routes[i].ton_out);
		assert_int_equal(s.called.npi, routes[i].npi_out);
		assert_int_equal(r.count, 1);
		assert_int_equal(s.target.kind, r.way[0].to.kind);
	}
	plan_destroy(p);
	plan_destroy(NULL);
}

void test_plan_no_route(void **state)
{
	struct simple r = rule("one", "1", 0, "", trunk(0));
	struct call_setup s = dialled("2", 0, span(1));
	struct call_route found;
	struct plan *p;

	(void)state;
	assert_int_equal(create(&p, &r, 1, NULL), 0);
	assert_int_equal(route(p, &s, &found).value, CAUSE_NO_ROUTE);
	assert_string_equal(found.rule, "");
	s = dialled("1", 0, span(1));
	assert_int_equal(route(p, &s, &found).value, 0);
	plan_destroy(p);
	assert_int_equal(create(&p, NULL, 0, NULL), 0);
	assert_int_equal(route(p, &s, &found).value, CAUSE_NO_ROUTE);
	plan_destroy(p);
}

/* A strip that is longer than the number is no route to guess at. */
void test_plan_strip_too_long(void **state)
{
	struct simple r = rule("one", "", 3, "100", trunk(0));
	struct call_setup s = dialled("12", 0, span(1));
	struct call_route found;
	struct plan *p;

	(void)state;
	assert_int_equal(create(&p, &r, 1, NULL), 0);
	assert_int_equal(route(p, &s, &found).value, CAUSE_INVALID_NUMBER);
	s = dialled("123", 0, span(1));
	assert_int_equal(route(p, &s, &found).value, 0);
	assert_string_equal(s.called.digits, "100");
	plan_destroy(p);
}

static void refused(struct simple bad_rule)
{
	struct simple rules[3] = {rule("good", "1", 0, "", trunk(0)),
				     rule("good", "2", 0, "", trunk(0)), bad_rule};
	unsigned bad = 99;
	struct plan *p = NULL;

	assert_int_equal(create(&p, rules, 3, &bad), -EINVAL);
	assert_int_equal(bad, 2);
	assert_null(p);
	assert_int_equal(create(&p, rules, 3, NULL), -EINVAL);
}

void test_plan_bad_rules(void **state)
{
	struct simple r;

	(void)state;
	refused(rule("x", "12a", 0, "", trunk(0)));
	refused(rule("x", "1+2", 0, "", trunk(0)));
	refused(rule("x", "", 0, "1 2", trunk(0)));
	refused(rule("x", "", 33, "", trunk(0)));
	refused(rule("x", "", 0, "", (struct call_endpoint){CALL_EP_NONE, 0}));
	r = rule("x", "+49", 0, "", trunk(0));
	r.match_ton = CALL_TON_NATIONAL;
	refused(r);
	r = rule("x", "", 0, "+49", trunk(0));
	r.set_ton = CALL_TON_NATIONAL;
	refused(r);
	r = rule("x", "", 0, "", trunk(0));
	r.set_ton = -3;
	refused(r);
	r = rule("x", "", 0, "", trunk(0));
	r.set_npi = 16;
	refused(r);
	r = rule("x", "", 0, "", trunk(0));
	memset(r.prefix, '1', sizeof(r.prefix) - 1); /* one digit too many */
	r.prefix[sizeof(r.prefix) - 1] = '\0';
	refused(r);
}

/* ---- against a naive reader ---- */

enum { RULES = 60, NUMBERS = 400, ROUNDS = 60 };

static void random_digits(struct rng *r, char *out, unsigned max)
{
	unsigned n = rng_below(r, max + 1);

	for (unsigned i = 0; i < n; i++)
		out[i] = "012*#"[rng_below(r, 5)];
	out[n] = '\0';
}

/* Reads every rule, in order, and keeps a better one. */
static int naive(const struct simple *rules, unsigned count, const struct call_setup *s)
{
	int best = -1;

	for (unsigned i = 0; i < count; i++) {
		const struct simple *r = &rules[i], *b = best < 0 ? NULL : &rules[best];
		size_t n = strlen(r->prefix);
		bool from = r->from.kind != CALL_EP_NONE;

		if (strncmp(s->called.digits, r->prefix, n) != 0)
			continue;
		if (from && (r->from.kind != s->source.kind || r->from.index != s->source.index))
			continue;
		if (r->match_ton != ANY && r->match_ton != s->called.ton)
			continue;
		if (!b || n > strlen(b->prefix) ||
		    (n == strlen(b->prefix) && from && b->from.kind == CALL_EP_NONE))
			best = (int)i;
	}
	return best;
}

static unsigned one_round(struct rng *r)
{
	struct simple rules[RULES];
	unsigned routed = 0;
	struct plan *p;

	for (unsigned i = 0; i < RULES; i++) {
		char prefix[8], name[16];

		random_digits(r, prefix, 4);
		if (!*prefix && rng_below(r, 4))
			snprintf(prefix, sizeof(prefix), "1");
		snprintf(name, sizeof(name), "%u", i);
		rules[i] = rule(name, prefix, 0, "9", trunk((uint16_t)i));
		if (rng_below(r, 3) == 0)
			rules[i].from = span((uint16_t)rng_below(r, 3));
		if (rng_below(r, 3) == 0)
			rules[i].match_ton = (int8_t)rng_below(r, 3);
	}
	assert_int_equal(create(&p, rules, RULES, NULL), 0);
	for (unsigned i = 0; i < NUMBERS; i++) {
		char digits[8];
		struct call_setup s;
		struct call_route found;
		int want;

		random_digits(r, digits, 7);
		s = dialled(digits, (uint8_t)rng_below(r, 3), span((uint16_t)rng_below(r, 3)));
		want = naive(rules, RULES, &s);
		route(p, &s, &found);
		assert_int_equal(*found.rule ? atoi(found.rule) : -1, want);
		routed += want >= 0;
	}
	plan_destroy(p);
	return routed;
}

void test_plan_naive(void **state)
{
	struct rng r;
	unsigned routed = 0;

	(void)state;
	printf("# seed 3\n");
	rng_init_seed(&r, 3);
	for (unsigned i = 0; i < ROUNDS; i++)
		routed += one_round(&r);
	printf("# %u numbers routed, of %u\n", routed, ROUNDS * NUMBERS);
	assert_true(routed > ROUNDS * NUMBERS / 2 && routed < ROUNDS * NUMBERS);
}

void test_plan_no_memory(void **state)
{
	struct simple rules[16];
	unsigned count = make_rules(rules), failed = 0;
	struct plan *p = NULL;

	(void)state;
	for (unsigned n = 1; !p; n++) {
		alloc_fail_at(n);
		failed += create(&p, rules, count, NULL) == -ENOMEM;
	}
	alloc_fail_at(0);
	assert_true(failed > 10);
	plan_destroy(p);
}
