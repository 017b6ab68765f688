/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/plan/make.h"

#include <stdio.h>

#include "tests/unit/plan/plan_tests.h"

struct plan_rule *make_rule(struct make *m, const char *name, enum plan_match_kind kind,
			    const char *text, uint16_t trunk)
{
	struct plan_rule *r = &m->rule[m->count];

	*r = plan_rule_nothing();
	r->name = name;
	r->line = m->count + 1;
	r->match[PLAN_CALLED].kind = kind;
	r->match[PLAN_CALLED].text = text;
	r->target = m->target[m->count++];
	make_target(m, trunk, 1);
	return r;
}

struct plan_target *make_target(struct make *m, uint16_t trunk, uint16_t weight)
{
	struct plan_rule *r = &m->rule[m->count - 1];
	struct plan_target *t = &m->target[m->count - 1][r->target_count++];

	*t = plan_target_nothing();
	t->to = (struct call_endpoint){CALL_EP_TRUNK, trunk};
	t->weight = weight;
	return t;
}

struct plan *make_plan(struct make *m, enum plan_order order, struct plan_cfg *cfg)
{
	struct plan_cfg own = {.order = order};
	struct plan_error bad;
	struct plan *p = NULL;

	cfg = cfg ? cfg : &own;
	cfg->order = order;
	cfg->rule = m->rule;
	cfg->rule_count = m->count;
	if (plan_create(&p, cfg, &bad))
		fail_msg("rule %u, %s: %s", bad.rule, bad.key, bad.text);
	return p;
}

static struct call_number number(const char *text)
{
	struct call_number n = {.present = *text != '\0', .npi = CALL_NPI_E164};

	if (*text == '+') {
		n.ton = CALL_TON_INTERNATIONAL;
		text++;
	}
	snprintf(n.digits, sizeof(n.digits), "%s", text);
	return n;
}

struct call_setup make_call(const char *called, const char *calling)
{
	return (struct call_setup){.source = {CALL_EP_SPAN, 1},
				   .called = number(called),
				   .calling = number(calling),
				   .bearer = CALL_BEARER_SPEECH};
}
