/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each finding of plan_lint() by a plan that has it, and a plan that has none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/plan/lint.h"
#include "config/plan/profile.h"
#include "gateway/plan/create.h"

enum { RULES = 8 };

/* span:1 is a network side (telephones behind it), trunk:p a provider. */
struct bed {
	struct config_span span;
	struct config_trunk trunk;
	struct config config;
	struct plan_rule rule[RULES];
	struct plan_target target[RULES][2];
	struct call_endpoint from[RULES];
	struct plan_edge edge[2];
	struct plan_cfg cfg;
	char said[8192];
};

static const struct call_endpoint span1 = {CALL_EP_SPAN, 1}, trunk0 = {CALL_EP_TRUNK, 0};

static void begin(struct bed *b)
{
	*b = (struct bed){.span = {.isdn = {.span = 1, .side = ISDN_NETWORK}, .line = 2},
			  .trunk = {.sip = {.name = "p"}, .line = 5}};
	b->config.span = &b->span;
	b->config.trunk = &b->trunk;
	b->config.span_count = b->config.trunk_count = 1;
	b->cfg.rule = b->rule;
}

static struct plan_rule *add(struct bed *b, const char *name, enum plan_match_kind kind,
			     const char *text, const struct call_endpoint *from,
			     struct call_endpoint to)
{
	unsigned i = b->cfg.rule_count++;
	struct plan_rule *r = &b->rule[i];

	*r = plan_rule_nothing();
	r->name = name;
	r->line = 10 + i;
	r->match[PLAN_CALLED].kind = kind;
	r->match[PLAN_CALLED].text = text;
	if (from) {
		b->from[i] = *from;
		r->from = &b->from[i];
		r->from_count = 1;
	}
	b->target[i][0] = b->target[i][1] = plan_target_nothing();
	b->target[i][0].to = b->target[i][1].to = to;
	r->target = b->target[i];
	r->target_count = 1;
	return r;
}

static void add_edge(struct bed *b, struct call_endpoint at, const char *profile, const char *area,
		     enum e164_bare bare, enum e164_form form)
{
	struct plan_edge *e = &b->edge[b->cfg.edge_count++];

	*e = (struct plan_edge){.at = at, .edge = {.bare = bare, .form = form}, .form_calling = form};
	e->edge.profile = profile_find(profile);
	snprintf(e->edge.area, sizeof(e->edge.area), "%s", area);
	b->cfg.edge = b->edge;
}

static void keep(void *arg, unsigned line, const char *text)
{
	struct bed *b = arg;
	size_t n = strlen(b->said);

	snprintf(b->said + n, sizeof(b->said) - n, "%u: %s\n", line, text);
}

static unsigned lint(struct bed *b)
{
	struct plan_error bad = {.key = ""};
	struct plan *plan = NULL;
	unsigned count;
	int err = plan_create(&plan, &b->cfg, &bad);

	if (err)
		printf("# rule %u, %s: %s\n", bad.rule, bad.key, bad.text);
	assert_int_equal(err, 0);
	b->config.plan = plan;
	count = plan_lint(&b->config, keep, b);
	plan_destroy(plan);
	return count;
}

/* One finding, and it says this. */
static void finds(struct bed *b, const char *want)
{
	unsigned count = lint(b);

	if (count != 1 || !strstr(b->said, want))
		printf("# %u findings:\n%s", count, b->said);
	assert_int_equal(count, 1);
	assert_non_null(strstr(b->said, want));
}

/* A sound plan around which the others are built. */
static void sound(struct bed *b)
{
	begin(b);
	add_edge(b, span1, "de", "30", E164_BARE_DIALLED, E164_FORM_NATIONAL);
	add_edge(b, trunk0, "de", "30", E164_BARE_INTERNATIONAL, E164_FORM_INTERNATIONAL);
	add(b, "out", PLAN_MATCH_PREFIX, "+", &span1, trunk0);
	add(b, "in", PLAN_MATCH_PREFIX, "+493023125", &trunk0, span1);
	add(b, "emergency", PLAN_MATCH_PATTERN, "11[02]", NULL, trunk0)->emergency = true;
}

static void test_sound(void **state)
{
	struct bed *b = malloc(sizeof(*b));

	(void)state;
	sound(b);
	if (lint(b))
		printf("# %s", b->said);
	assert_string_equal(b->said, "");
	free(b);
}

static void test_shadowed(void **state)
{
	struct bed *b = malloc(sizeof(*b));

	(void)state;
	sound(b);
	b->cfg.order = PLAN_LISTED;
	add(b, "berlin", PLAN_MATCH_PREFIX, "+4930", &span1, trunk0);
	finds(b, "13: rule berlin decides none of 48 calls made for it: rule out (line 10) takes them");
	/* The longest match sees it. */
	sound(b);
	add(b, "berlin", PLAN_MATCH_PREFIX, "+4930", &span1, trunk0);
	assert_int_equal(lint(b), 0);
	/* Hidden by times that hold together. */
	sound(b);
	b->cfg.order = PLAN_LISTED;
	b->rule[0].when.days = 0x1f;
	add(b, "weekend", PLAN_MATCH_PREFIX, "+4930", &span1, trunk0)->when.days = 0x60;
	assert_int_equal(lint(b), 0);
	sound(b);
	b->cfg.order = PLAN_LISTED;
	b->rule[0].when.days = 0x1f;
	add(b, "monday", PLAN_MATCH_PREFIX, "+4930", &span1, trunk0)->when.days = 1;
	finds(b, "13: rule monday decides none");
	/* What cannot come: inside, 030… is +4930…. */
	sound(b);
	add(b, "raw", PLAN_MATCH_PREFIX, "030", &span1, trunk0);
	assert_true(lint(b) <= 1);
	free(b);
}

static void test_overlap(void **state)
{
	struct bed *b = malloc(sizeof(*b));

	(void)state;
	sound(b);
	add(b, "a", PLAN_MATCH_PATTERN, "+49[2-4]XXXX", &span1, trunk0);
	add(b, "b", PLAN_MATCH_PATTERN, "+49X5XXX", &span1, trunk0);
	finds(b, "14: rules a (line 13) and b overlap: +4925");
	sound(b);
	add(b, "a", PLAN_MATCH_PATTERN, "+49[2-4]XXXX", &span1, trunk0);
	add(b, "b", PLAN_MATCH_PATTERN, "+49[5-7]XXXX", &span1, trunk0);
	add(b, "c", PLAN_MATCH_PATTERN, "+493XXXX", &span1, trunk0);
	if (lint(b))
		printf("# %s", b->said);
	assert_string_equal(b->said, "");
	free(b);
}

static void test_plus_zero(void **state)
{
	struct bed *b = malloc(sizeof(*b));
	unsigned count;

	(void)state;
	sound(b);
	add(b, "zero", PLAN_MATCH_PREFIX, "+00", &span1, trunk0);
	count = lint(b);
	assert_true(count >= 1);
	assert_non_null(strstr(b->said, "13: rule zero matches +00, but no country code begins with 0"));
	/* Made by a rule: 0… behind a +. */
	begin(b);
	add(b, "out", PLAN_MATCH_PREFIX, "9", &span1, trunk0)->set[PLAN_CALLED].prepend = "+00";
	b->rule[0].set[PLAN_CALLED].strip = 1;
	add(b, "in", PLAN_MATCH_ANY, NULL, &trunk0, span1);
	finds(b, "10: rule out sends +00");
	free(b);
}

static void test_doubled(void **state)
{
	struct bed *b = malloc(sizeof(*b));
	struct plan_set *s;

	(void)state;
	sound(b);
	b->edge[1].edge.form = E164_FORM_NATIONAL;
	s = &add(b, "national", PLAN_MATCH_PREFIX, "+4940", &span1, trunk0)->set[PLAN_CALLED];
	s->strip = 2;
	s->prepend = "0";
	s->ton = CALL_TON_NATIONAL;
	finds(b, "13: rule national sends 040");
	assert_non_null(strstr(b->said, "type national, and the national prefix as well"));
	free(b);
}

static void test_round_trip(void **state)
{
	struct bed *b = malloc(sizeof(*b));

	(void)state;
	sound(b);
	b->edge[1].edge.form = E164_FORM_BARE;
	b->edge[1].edge.bare = E164_BARE_DIALLED;
	b->cfg.rule_count = 2;
	assert_true(lint(b) >= 2);
	assert_non_null(strstr(b->said, "5: trunk:p is sent bare international numbers, but its own"));
	assert_non_null(strstr(b->said, "10: rule out sends +"));
	assert_non_null(strstr(b->said, "would be read as another number there"));
	sound(b);
	b->edge[0].edge.form = E164_FORM_SUBSCRIBER;
	b->edge[0].edge.area[0] = '\0';
	finds(b, "2: span:1 wants local numbers, but has no area code");
	free(b);
}

static void test_targets(void **state)
{
	struct bed *b = malloc(sizeof(*b));

	(void)state;
	sound(b);
	b->rule[0].target_count = 2;
	b->target[0][1].priority = 2;
	b->rule[0].reroute_given = true;
	finds(b, "10: rule out has further targets, but no cause opens the next one");
	sound(b);
	add(b, "loop", PLAN_MATCH_PREFIX, "+4940", &span1, span1);
	finds(b, "13: rule loop sends calls from span:1 back to where they came from");
	sound(b);
	b->cfg.rule_count = 1;
	assert_true(lint(b) >= 1);
	assert_non_null(strstr(b->said, "2: no rule sends a call to span:1"));
	free(b);
}

static void test_emergency(void **state)
{
	struct bed *b = malloc(sizeof(*b));

	(void)state;
	sound(b);
	b->cfg.rule_count = 2;
	assert_int_equal(lint(b), 2);
	assert_non_null(strstr(b->said, "0: emergency number 110 (Germany) has no route from anywhere"));
	assert_non_null(strstr(b->said, "0: emergency number 112 (Germany) has no route from anywhere"));
	/* From the trunk only: the telephones have none. */
	sound(b);
	b->rule[2].from = &b->from[1];
	b->from[1] = trunk0;
	b->rule[2].from_count = 1;
	b->target[2][0].to = span1;
	assert_int_equal(lint(b), 2);
	assert_non_null(strstr(b->said, "2: emergency number 112 (Germany) has no route from span:1"));
	free(b);
}

/* 48 numbers for each of many rules: bounded, and the same each time. */
static void test_repeatable(void **state)
{
	struct bed *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));

	(void)state;
	sound(a);
	sound(b);
	a->cfg.rule_count = b->cfg.rule_count = 1;
	assert_int_equal(lint(a), lint(b));
	assert_string_equal(a->said, b->said);
	free(a);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sound),      cmocka_unit_test(test_shadowed),
	    cmocka_unit_test(test_overlap),    cmocka_unit_test(test_plus_zero),
	    cmocka_unit_test(test_doubled),    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_targets),    cmocka_unit_test(test_emergency),
	    cmocka_unit_test(test_repeatable),
	};

	return cmocka_run_group_tests_name("plan_lint", tests, NULL, NULL);
}
