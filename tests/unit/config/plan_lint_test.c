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

enum { RULES = 250, TARGETS = 10 };

/* span:1 is a network side (telephones behind it), trunk:p a provider. */
struct bed {
	struct config_span span;
	struct config_trunk trunk;
	struct config config;
	struct plan_rule rule[RULES];
	struct plan_target target[RULES][TARGETS];
	struct call_endpoint from[RULES];
	struct plan_edge edge[2];
	struct plan_cfg cfg;
	char said[65536];
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
	for (unsigned t = 0; t < TARGETS; t++) {
		b->target[i][t] = plan_target_nothing();
		b->target[i][t].to = to;
	}
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

/* ── Calls made for a rule ── */

enum { CONDITIONS = 17 };

/* What a rule may ask of a call, one thing at a time. */
static void narrow(struct plan_rule *r, unsigned condition)
{
	static const enum call_bearer audio[] = {CALL_BEARER_AUDIO_3K1};
	struct plan_match *called = &r->match[PLAN_CALLED], *calling = &r->match[PLAN_CALLING],
			  *redirecting = &r->match[PLAN_REDIRECTING];

	switch (condition) {
	case 0: called->kind = PLAN_MATCH_RANGE, called->text = "+4930199-+4930203"; break;
	case 1: called->kind = PLAN_MATCH_RANGE, called->text = "5000-5999"; break;
	case 2: called->kind = PLAN_MATCH_PATTERN, called->text = "+4930[1-4]XZN."; break;
	case 3: called->kind = PLAN_MATCH_PATTERN, called->text = "*#[2-35]"; break;
	case 4: called->kind = PLAN_MATCH_PATTERN, called->text = "12345678901234567890123456789012!"; break;
	case 5: called->tons = 1 << CALL_TON_ABBREVIATED; break;
	case 6: called->tons = 1 << CALL_TON_NATIONAL, called->npis = 1 << CALL_NPI_PRIVATE; break;
	case 7: calling->presentations = 1 << CALL_PRES_NOT_AVAILABLE; break;
	case 8: calling->kind = PLAN_MATCH_PREFIX, calling->text = "+44"; break;
	case 9: calling->absent = true; break;
	case 10: redirecting->kind = PLAN_MATCH_PATTERN, redirecting->text = "7X"; break;
	case 11: redirecting->npis = 1 << CALL_NPI_E164; break;
	case 12: r->bearer = audio, r->bearer_count = 1; break;
	case 13: r->when.days = 1 << 6; break;
	case 14: r->when.dates[0] = (struct plan_dates){20000, 20001}, r->when.date_count = 1; break;
	case 15:
		r->when.time[0] = (struct plan_span_of_day){8 * 60, 10 * 60};
		r->when.time_count = 1;
		break;
	default: called->kind = PLAN_MATCH_PREFIX, called->text = "";
	}
}

/* Calls made for a rule fit it: in front it decides some of them, behind a rule that takes all calls
 * it decides none, and that is told. */
static void test_samples(void **state)
{
	struct bed *b = malloc(sizeof(*b));

	(void)state;
	for (unsigned condition = 0; condition < CONDITIONS; condition++)
		for (unsigned front = 0; front < 2; front++) {
			begin(b);
			b->cfg.order = PLAN_LISTED;
			if (front)
				narrow(add(b, "narrow", PLAN_MATCH_ANY, NULL, &span1, trunk0), condition);
			add(b, "out", PLAN_MATCH_ANY, NULL, &span1, trunk0);
			if (!front)
				narrow(add(b, "narrow", PLAN_MATCH_ANY, NULL, &span1, trunk0), condition);
			add(b, "in", PLAN_MATCH_ANY, NULL, &trunk0, span1);
			if (!front)
				finds(b, "11: rule narrow decides none of ");
			else if (condition + 1 == CONDITIONS)
				finds(b, "11: rule out decides none of 48 calls made for it: rule narrow (line 10)");
			else if (lint(b))
				fail_msg("condition %u: %s", condition, b->said);
		}
	/* What nobody can make a call for is not complained of, but a regex that is never asked, and holidays
	 * without any. */
	for (unsigned what = 0; what < 4; what++) {
		struct plan_rule *r;

		begin(b);
		b->cfg.order = PLAN_LISTED;
		add(b, "out", PLAN_MATCH_ANY, NULL, &span1, trunk0);
		r = add(b, "in", PLAN_MATCH_ANY, NULL, &trunk0, span1);
		r = add(b, "odd", PLAN_MATCH_ANY, NULL, &span1, trunk0);
		if (what == 0)
			r->match_name = "x";
		if (what == 1)
			r->when.holidays = 1;
		if (what > 1) {
			r->match[what - 2].kind = PLAN_MATCH_REGEX;
			r->match[what - 2].text = "1";
		}
		assert_int_equal(lint(b), what == 1 || what == 2);
		if (what == 1 || what == 2)
			assert_non_null(strstr(b->said, what == 1 ? "rule odd holds on holidays only"
								  : "rule odd is never asked: rule out"));
	}
	free(b);
}

static void test_rewrites(void **state)
{
	struct bed *b = malloc(sizeof(*b));
	struct plan_rule *r;

	(void)state;
	for (unsigned stage = PLAN_REWRITE_IN; stage <= PLAN_REWRITE_ANSWER; stage++)
		for (unsigned dead = 0; dead < 2; dead++) {
			sound(b);
			r = add(b, "change", PLAN_MATCH_PATTERN, dead ? "0049301234567" : "+49.", &span1, trunk0);
			r->stage = (enum plan_stage)stage;
			r->target_count = 0;
			r->set[PLAN_CALLING].presentation = CALL_PRES_RESTRICTED;
			if (dead && stage == PLAN_REWRITE_IN)
				finds(b, "13: rule change decides none of 48 calls made for it: its numbers never "
					 "look so inside");
			else
				assert_int_equal(lint(b), 0);
		}
	free(b);
}

/* ── Two patterns, one thing different at a time ── */

static void test_overlap_conditions(void **state)
{
	static const struct {
		const char *a, *b, *want; /* want NULL: they do not overlap */
	} row[] = {
	    {"+49[2-4]X", "+49X5", "overlap: +4925 is in both"},
	    {"+49[2-4]X.", "+49X5.", "overlap: +49251 is in both"},
	    {"+49[2-4]X!", "+49X5!", "overlap: +4925 is in both"},
	    {"49[2-4]X", "49X5", "overlap: 4925 is in both"},
	    {"+49[2-4]X", "49X5", NULL},
	    {"+49[2-4]X.", "+49X5!", NULL},
	    {"+49[2-4]X", "+49X5X", NULL},
	    {"+49[2-4]X", "+49[2-4]5", NULL}, /* one holds the other */
	    {"+49[2-4]5", "+49[2-4]X", NULL},
	    {"+49[2-4]1", "+49[34]2", NULL},
	    {"*[12]X", "*[23]1", "overlap: *21 is in both"},
	};
	static const struct call_endpoint other = {CALL_EP_SPAN, 9};
	static const enum call_bearer data[] = {CALL_BEARER_UNRESTRICTED};
	struct bed *b = malloc(sizeof(*b));

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		begin(b);
		add(b, "a", PLAN_MATCH_PATTERN, row[i].a, &span1, trunk0);
		add(b, "b", PLAN_MATCH_PATTERN, row[i].b, &span1, trunk0);
		lint(b);
		if (!strstr(b->said, row[i].want ? row[i].want : "overlap") != !row[i].want)
			fail_msg("%s %s: %s", row[i].a, row[i].b, b->said);
	}
	for (unsigned what = 0; what < 15; what++)
		for (unsigned which = 0; which < 2; which++) {
			struct plan_rule *r;

			begin(b);
			add(b, "a", PLAN_MATCH_PATTERN, row[0].a, what == 1 ? NULL : &span1, trunk0);
			add(b, "b", PLAN_MATCH_PATTERN, row[0].b, what == 1 ? NULL : &span1, trunk0);
			r = &b->rule[which];
			switch (what) {
			case 2: r->from = &other; break;
			case 3: r->from_count = 0; break;
			case 4: r->when.days = 1; break;
			case 5: r->emergency = true; break;
			case 6: r->bearer = data, r->bearer_count = 1; break;
			case 7: r->match[PLAN_CALLING].absent = true; break;
			case 8: r->match_name = "x"; break;
			case 9: r->stage = PLAN_REWRITE_IN, r->target_count = 0; break;
			case 10: r->match[PLAN_REDIRECTING].presentations = 1; break;
			case 11: r->match[PLAN_CALLING].tons = 1; break;
			case 12: r->match[PLAN_CALLED].npis = 1 << CALL_NPI_E164; break;
			case 13: r->match[PLAN_CALLED].presentations = 1; break;
			case 14: r->match[PLAN_CALLING].npis = 1; break;
			}
			lint(b);
			assert_int_equal(strstr(b->said, "overlap") != NULL, what < 2);
		}
	free(b);
}

/* ── Further findings ── */

static void test_more_targets(void **state)
{
	static const struct plan_lookup lookup = {"l", PLAN_LOOKUP_HTTP, "l", 1, 0, 0};
	struct bed *b = malloc(sizeof(*b));

	(void)state;
	for (unsigned what = 0; what < 4; what++) {
		sound(b);
		b->rule[0].target_count = 3;
		b->rule[0].reroute_given = true;
		if (what == 0)
			b->target[0][2].cost = 1;
		if (what == 1)
			b->target[0][2].priority = 1;
		if (what == 3) {
			b->target[0][2].priority = 1;
			b->rule[0].reroute[3] = 1;
		}
		assert_int_equal(lint(b), what < 2);
	}
	for (unsigned count = CALL_WAYS_MAX; count <= CALL_WAYS_MAX + 1; count++) {
		sound(b);
		b->rule[0].target_count = count;
		if (count > CALL_WAYS_MAX)
			finds(b, "10: rule out has 9 targets; a call tries at most 8 of them");
		else
			assert_int_equal(lint(b), 0);
	}
	sound(b);
	add(b, "loop", PLAN_MATCH_PREFIX, "+4940", &span1, trunk0);
	b->target[3][1].to = span1;
	b->rule[3].target_count = 2;
	finds(b, "13: rule loop sends calls from span:1 back");
	/* A second target reaches what no first one does; so may a list or a look-up. */
	sound(b);
	b->target[1][0].to = trunk0;
	b->rule[1].from = &span1;
	b->target[1][1].to = span1;
	b->rule[1].target_count = 2;
	lint(b);
	assert_null(strstr(b->said, "no rule sends"));
	b->said[0] = '\0';
	b->rule[1].target_count = 1;
	lint(b);
	assert_non_null(strstr(b->said, "2: no rule sends a call to span:1"));
	b->said[0] = '\0';
	b->rule[1].lookup = 1;
	b->cfg.lookup = &lookup;
	b->cfg.lookup_count = 1;
	lint(b);
	assert_null(strstr(b->said, "no rule sends"));
	free(b);
}

static void test_prefixes(void **state)
{
	struct bed *b = malloc(sizeof(*b));
	struct plan_rule *r;

	(void)state;
	for (unsigned n = 0; n < PLAN_CONNECTED; n++)
		for (unsigned plus = 0; plus < 2; plus++) {
			begin(b);
			r = add(b, "zero", PLAN_MATCH_ANY, NULL, &span1, trunk0);
			add(b, "in", PLAN_MATCH_ANY, NULL, &trunk0, span1);
			r->match[n].kind = PLAN_MATCH_PREFIX;
			r->match[n].text = plus ? "+012" : "012";
			r->match[n].tons = plus ? 0 : 1 << CALL_TON_INTERNATIONAL;
			lint(b);
			assert_non_null(strstr(b->said, "10: rule zero matches +012"));
			b->said[0] = '\0';
			r->match[n].text = "012";
			r->match[n].tons = 0;
			lint(b);
			assert_null(strstr(b->said, "matches +"));
		}
	/* The prefix twice, where two of them are no international prefix. */
	for (unsigned times = 1; times < 3; times++) {
		begin(b);
		add_edge(b, trunk0, "us", "", E164_BARE_DIALLED, E164_FORM_NATIONAL);
		r = add(b, "out", PLAN_MATCH_PREFIX, "9", &span1, trunk0);
		r->set[PLAN_CALLED].prepend = times == 2 ? "112" : "12";
		add(b, "in", PLAN_MATCH_ANY, NULL, &trunk0, span1);
		add(b, "911", PLAN_MATCH_PREFIX, "911", NULL, trunk0)->emergency = true;
		lint(b);
		assert_int_equal(strstr(b->said, "with the national prefix twice") != NULL, times == 2);
	}
	sound(b);
	b->edge[1].edge.form = E164_FORM_BARE_NATIONAL;
	lint(b);
	assert_non_null(strstr(b->said, "5: trunk:p is sent bare national numbers"));
	sound(b);
	b->edge[1].edge.form = E164_FORM_BARE_NATIONAL;
	b->edge[1].edge.bare = E164_BARE_NATIONAL;
	lint(b);
	assert_null(strstr(b->said, "is sent bare"));
	sound(b);
	b->edge[1].edge.form = E164_FORM_BARE;
	lint(b);
	assert_null(strstr(b->said, "is sent bare"));
	sound(b);
	add(b, "zero", PLAN_MATCH_PREFIX, "9", &span1, trunk0)->set[PLAN_CALLED].prepend = "000";
	lint(b);
	assert_non_null(strstr(b->said, "13: rule zero sends 0009"));
	sound(b);
	b->edge[1].edge.form = E164_FORM_DIALLED_LOCAL;
	b->edge[1].edge.area[0] = '\0';
	lint(b);
	assert_non_null(strstr(b->said, "5: trunk:p wants local numbers"));
	free(b);
}

/* No more findings than one reads. */
static void test_many(void **state)
{
	struct bed *b = malloc(sizeof(*b));
	unsigned lines = 0;

	(void)state;
	begin(b);
	for (unsigned i = 0; i < 220; i++)
		add(b, "loop", PLAN_MATCH_REGEX, "1", &span1, span1);
	assert_true(lint(b) >= 220);
	for (const char *p = b->said; *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, PLAN_LINT_MAX);
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
	    cmocka_unit_test(test_samples),    cmocka_unit_test(test_rewrites),
	    cmocka_unit_test(test_overlap_conditions), cmocka_unit_test(test_more_targets),
	    cmocka_unit_test(test_prefixes),   cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("plan_lint", tests, NULL, NULL);
}
