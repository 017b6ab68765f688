/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "config/plan/lint_priv.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/create.h"
#include "gateway/plan/pattern.h"

enum { E164_LEAST = 9 };

static bool can_make(const struct plan_match *m)
{
	return m->kind == PLAN_MATCH_ANY || m->kind == PLAN_MATCH_PREFIX ||
	       m->kind == PLAN_MATCH_PATTERN || m->kind == PLAN_MATCH_RANGE;
}

bool lint_can_sample(const struct plan_rule *r)
{
	for (int i = 0; i < PLAN_CONNECTED; i++)
		if (!can_make(&r->match[i]))
			return false;
	return !r->match_name && !r->lookup && r->when.holidays <= 0;
}

static void add_digits(struct lint *l, char *digits, unsigned count)
{
	size_t n = strlen(digits);

	while (count-- && n < CALL_DIGITS_MAX)
		digits[n++] = (char)('0' + rng_below(&l->rng, 10));
	digits[n] = '\0';
}

/* No 0 first: behind a prefix it would be a slip of whoever dials. What is E.164 has some length. */
static void add_more(struct lint *l, char *digits, unsigned count, bool e164)
{
	size_t n = strlen(digits);

	if (e164 && n + count < E164_LEAST)
		count = E164_LEAST - (unsigned)n;
	if (e164 && n + count > E164_DIGITS_MAX && n < E164_DIGITS_MAX)
		count = E164_DIGITS_MAX - (unsigned)n;
	if (!count || n == CALL_DIGITS_MAX)
		return;
	digits[n] = (char)('1' + rng_below(&l->rng, 9));
	digits[n + 1] = '\0';
	add_digits(l, digits, count - 1);
}

static void make_from_pattern(struct lint *l, const struct pattern *p, unsigned attempt, char *digits)
{
	static const char all[] = "0123456789*#";
	unsigned n = 0;

	for (; n < p->length; n++) {
		unsigned pick = rng_below(&l->rng, PATTERN_DIGITS);

		if (p->set[n] == PATTERN_ANY_DIGIT && !pick)
			pick = 1; /* as add_more() */
		while (!(p->set[n] >> pick & 1))
			pick = (pick + 1) % PATTERN_DIGITS;
		digits[n] = all[pick];
	}
	digits[n] = '\0';
	if (p->tail != PATTERN_EXACT)
		add_more(l, digits, (p->tail == PATTERN_ONE_OR_MORE) + attempt % 9, p->e164);
}

/* "first-last" of equal length. */
static void make_from_range(struct lint *l, const char *text, unsigned attempt, char *digits)
{
	char first[CALL_DIGITS_MAX + 2], last[CALL_DIGITS_MAX + 2];
	struct pattern part[PATTERN_RANGE_MAX];
	const char *dash = strchr(text, '-');
	size_t n = dash ? (size_t)(dash - text) : 0;
	int parts;

	digits[0] = '\0';
	if (!dash || n > CALL_DIGITS_MAX + 1)
		return;
	snprintf(first, sizeof(first), "%.*s", (int)n, text);
	str_copy(last, sizeof(last), dash + 1);
	memmove(first, first + (*first == '+'), strlen(first) + 1 - (*first == '+'));
	memmove(last, last + (*last == '+'), strlen(last) + 1 - (*last == '+'));
	parts = pattern_range(part, first, last);
	if (parts > 0)
		make_from_pattern(l, &part[attempt % (unsigned)parts], attempt, digits);
}

static bool make_number(struct lint *l, const struct plan_match *m, unsigned attempt,
			struct call_number *out)
{
	struct pattern p;
	const char *why, *text = m->text ? m->text : "";
	size_t offset;
	uint8_t ton = attempt % 3 ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN;
	bool e164;

	*out = (struct call_number){.present = !m->absent};
	if (m->absent)
		return true;
	if (m->kind == PLAN_MATCH_PATTERN) {
		if (pattern_parse(&p, text, &offset, &why))
			return false;
		make_from_pattern(l, &p, attempt, out->digits);
	} else if (m->kind == PLAN_MATCH_RANGE) {
		make_from_range(l, text, attempt, out->digits);
	} else {
		str_copy(out->digits, sizeof(out->digits), text + (*text == '+'));
		e164 = *text == '+' || m->tons == 1 << CALL_TON_INTERNATIONAL;
		add_more(l, out->digits, attempt % 13 + !*text, e164);
	}
	if (m->tons && !(m->tons >> ton & 1))
		for (ton = 0; !(m->tons >> ton & 1);)
			ton++;
	out->ton = ton;
	out->npi = ton == CALL_TON_INTERNATIONAL ? CALL_NPI_E164 : CALL_NPI_UNKNOWN;
	if (m->npis && !(m->npis >> out->npi & 1))
		for (out->npi = 0; !(m->npis >> out->npi & 1);)
			out->npi++;
	while (m->presentations && !(m->presentations >> out->presentation & 1))
		out->presentation++;
	return true;
}

/* As the line sends what is *n inside. */
static void to_edge(const struct plan *plan, struct call_endpoint source, struct call_number *n)
{
	const struct plan_edge *at = plan_edge_of(plan, source);
	struct e164 e = {.kind = E164_NUMBER};
	struct e164_edge edge;

	if (!at || n->ton != CALL_TON_INTERNATIONAL || !n->present)
		return;
	edge = at->edge;
	edge.form = E164_FORM_INTERNATIONAL;
	str_copy(e.digits, sizeof(e.digits), n->digits);
	(void)e164_denormalise(&edge, &e, n);
}

bool lint_sample(struct lint *l, const struct plan_rule *r, struct call_endpoint source,
		 unsigned attempt, struct call_setup *out, struct call_number *inner)
{
	*out = (struct call_setup){.source = source,
				   .bearer = r->bearer_count ? r->bearer[0] : CALL_BEARER_SPEECH,
				   .sending_complete = true};
	if (!make_number(l, &r->match[PLAN_CALLED], attempt, &out->called) ||
	    !make_number(l, &r->match[PLAN_CALLING], attempt, &out->calling) ||
	    !make_number(l, &r->match[PLAN_REDIRECTING], attempt, &out->redirecting))
		return false;
	*inner = out->called;
	to_edge(l->plan, source, &out->called);
	to_edge(l->plan, source, &out->calling);
	return true;
}

int64_t lint_moment(const struct plan_rule *r, unsigned attempt)
{
	enum { DAY_S = 86400, STEP_S = 97 * 60 };
	/* Without dates: weeks from a Monday on, at ever other minutes. */
	int64_t day = r->when.date_count ? r->when.dates[0].from : 20458; /* 2026-01-05 */

	return (day * DAY_S + (int64_t)attempt * STEP_S) * 1000000;
}
