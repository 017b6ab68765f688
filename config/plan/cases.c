/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The saved cases of the number plan: a plan whose cases fail is a mistake in the file, so that it
 * never becomes the one that decides. */
#include <stdio.h>
#include <string.h>

#include "config/build.h"
#include "config/endpoint_text.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/decide.h"
#include "gateway/plan/moment.h"

/* Noon of a Monday: a case without a time must not depend on when it is run. */
#define CASE_DAY "2026-01-05T12:00"

static const uint8_t case_ton[] = {CALL_TON_UNKNOWN,  CALL_TON_INTERNATIONAL, CALL_TON_NATIONAL,
				   CALL_TON_NETWORK,  CALL_TON_SUBSCRIBER,    CALL_TON_ABBREVIATED};

struct saved_case {
	const struct node *at;
	char name[CALL_NAME_MAX + 1];
	struct call_setup setup;
	int64_t wall_us;
	struct schema_value want[EXPECT_COUNT];
	struct call_endpoint target;
	struct call_number number, calling;
};

static void read_number(struct build *b, const struct schema_value *v, struct call_number *out)
{
	if (v->given && v->ok && e164_number_parse(out, v->text))
		COMPLAIN(b, v->node, "not a number; write digits, * # and a + in front, spaces as you "
				     "like");
}

static struct call_endpoint read_endpoint(struct build *b, const struct schema_value *v)
{
	struct call_endpoint ep = {.kind = CALL_EP_NONE};
	char seen[REPORT_QUOTE];

	if (!v->given || !v->ok)
		return ep;
	if (endpoint_find(b->config, v->node->text, &ep))
		COMPLAIN(b, v->node, "there is no %s in this configuration",
			 report_quote(seen, v->node->text));
	return ep;
}

static void read_expect(struct build *b, const struct schema_value *v, struct saved_case *c)
{
	const struct schema_value *w = c->want;
	bool refused, goes;

	if (!v->given || !v->ok)
		return;
	schema_read(b->report, v->node, NULL, "expect", schema_expect, c->want);
	c->target = read_endpoint(b, &w[EXPECT_TARGET]);
	read_number(b, &w[EXPECT_NUMBER], &c->number);
	read_number(b, &w[EXPECT_CALLING], &c->calling);
	refused = (w[EXPECT_BARRED].given && w[EXPECT_BARRED].number) || w[EXPECT_CAUSE].given;
	goes = w[EXPECT_TARGET].given || w[EXPECT_NUMBER].given || w[EXPECT_TON].given ||
	       w[EXPECT_CALLING].given;
	if (refused && goes)
		COMPLAIN(b, v->node, "a call that is refused has no target and no number; expect one "
				     "or the other");
	if (!refused && !goes && !w[EXPECT_RULE].given && !w[EXPECT_BARRED].given)
		COMPLAIN(b, v->node, "expects nothing; give target, number, rule, barred or cause");
}

static bool read_case(struct build *b, const struct node *n, struct saved_case *c)
{
	struct schema_value v[CASE_COUNT];
	unsigned before = b->report->count;

	*c = (struct saved_case){.at = n};
	if (n->kind != NODE_MAP) {
		if (!n->bad)
			COMPLAIN(b, n, "a case is a map: {from: span:1, called: \"112\", expect: {…}}");
		return false;
	}
	schema_read(b->report, n, NULL, "a case", schema_case, v);
	c->setup.source = read_endpoint(b, &v[CASE_FROM]);
	read_number(b, &v[CASE_CALLED], &c->setup.called);
	read_number(b, &v[CASE_CALLING], &c->setup.calling);
	c->setup.bearer = CALL_BEARER_AUDIO_3K1;
	c->setup.sending_complete = true;
	if (v[CASE_TON].given && v[CASE_TON].ok)
		c->setup.called.ton = case_ton[v[CASE_TON].number];
	if (v[CASE_CALLING_TON].given && v[CASE_CALLING_TON].ok)
		c->setup.calling.ton = case_ton[v[CASE_CALLING_TON].number];
	if (v[CASE_NAME].given && v[CASE_NAME].ok)
		str_copy(c->name, sizeof(c->name), v[CASE_NAME].text);
	else if (v[CASE_CALLED].ok && v[CASE_CALLED].given)
		str_copy(c->name, sizeof(c->name), v[CASE_CALLED].text);
	if (plan_moment_parse(v[CASE_AT].given && v[CASE_AT].ok ? v[CASE_AT].text : CASE_DAY,
			      plan_zone(b->config->plan), &c->wall_us))
		COMPLAIN(b, v[CASE_AT].node, "not a moment; write 2026-12-24T10:00 (in the time zone of "
					     "the plan), or with Z or +08:00 behind it");
	read_expect(b, &v[CASE_EXPECT], c);
	return b->report->count == before;
}

/* What the plan did, in words. */
static const char *tell(const struct config *config, const struct call_route *r, unsigned way,
			char *out, size_t size)
{
	char to[ENDPOINT_TEXT];
	struct strbuf s;

	strbuf_init(&s, out, size);
	if (r->cause.value) {
		strbuf_addf(&s, "is refused with cause %u", r->cause.value);
	} else {
		const struct call_way *w = &r->way[way];

		strbuf_addf(&s, "goes to %s as %s%s%s", endpoint_text(config, w->to, to),
			    w->called.ton == CALL_TON_INTERNATIONAL ? "+" : "", w->called.digits,
			    w->called.ton == CALL_TON_NATIONAL	   ? " (national)"
			    : w->called.ton == CALL_TON_SUBSCRIBER ? " (subscriber)"
								   : "");
		if (w->calling.present)
			strbuf_addf(&s, " from %s%s",
				    w->calling.ton == CALL_TON_INTERNATIONAL ? "+" : "",
				    w->calling.digits);
	}
	if (*r->rule)
		strbuf_addf(&s, " by rule %s (line %u)", r->rule, r->line);
	else
		strbuf_add(&s, "; no rule fits");
	return out;
}

static bool same_number(const struct call_number *want, const struct call_number *got)
{
	bool plus = want->ton == CALL_TON_INTERNATIONAL;

	return strcmp(want->digits, got->digits) == 0 &&
	       (!plus || got->ton == CALL_TON_INTERNATIONAL);
}

static bool way_fits(const struct saved_case *c, const struct call_way *w)
{
	const struct schema_value *v = c->want;

	return (!v[EXPECT_TARGET].given ||
		(c->target.kind == w->to.kind && c->target.index == w->to.index)) &&
	       (!v[EXPECT_NUMBER].given || same_number(&c->number, &w->called)) &&
	       (!v[EXPECT_CALLING].given || same_number(&c->calling, &w->calling)) &&
	       (!v[EXPECT_TON].given || case_ton[v[EXPECT_TON].number] == w->called.ton);
}

/* Among ways of equal priority and cost the weights draw lots: any of them will do. */
static bool route_fits(const struct saved_case *c, const struct call_route *r)
{
	const struct schema_value *v = c->want;

	if (v[EXPECT_RULE].given && strcmp(v[EXPECT_RULE].text, r->rule) != 0)
		return false;
	if (v[EXPECT_CAUSE].given && v[EXPECT_CAUSE].number != r->cause.value)
		return false;
	if (v[EXPECT_BARRED].given && v[EXPECT_BARRED].number != (r->cause.value && *r->rule))
		return false;
	if (r->cause.value)
		return v[EXPECT_CAUSE].given || v[EXPECT_BARRED].given ||
		       (v[EXPECT_RULE].given && !v[EXPECT_TARGET].given);
	for (unsigned i = 0; i < r->count; i++) {
		if (r->way[i].priority != r->way[0].priority || r->way[i].cost != r->way[0].cost)
			return false;
		if (way_fits(c, &r->way[i]))
			return true;
	}
	return false;
}

static void run_case(struct build *b, const struct saved_case *c)
{
	struct plan_env env = {.wall_us = c->wall_us};
	struct strbuf want;
	char wanted[300], got[400], seen[REPORT_QUOTE];
	static const char *const keys[] = {"target", "number", "ton", "calling",
					   "rule",   "barred", "cause"};
	struct call_route route;

	plan_decide(b->config->plan, &c->setup, &env, &route);
	if (route_fits(c, &route))
		return;
	strbuf_init(&want, wanted, sizeof(wanted));
	for (unsigned i = 0; i < EXPECT_COUNT; i++)
		if (c->want[i].given)
			strbuf_addf(&want, "%s%s %s", want.len ? ", " : "", keys[i],
				    report_quote(seen, c->want[i].node->text));
	COMPLAIN(b, c->at, "case %s fails: the call %s; expected %s. Change the plan, or the case if the "
			   "plan is right",
		 report_quote(seen, c->name), tell(b->config, &route, 0, got, sizeof(got)), wanted);
}

void build_cases(struct build *b)
{
	const struct schema_value *v = &b->top[TOP_CASES];

	if (!v->given || !v->ok || !b->config->plan || b->report->count)
		return; /* a half-read plan would fail them all */
	for (const struct node *n = v->node->first; n; n = n->next) {
		struct saved_case c;

		if (read_case(b, n, &c))
			run_case(b, &c);
	}
}
