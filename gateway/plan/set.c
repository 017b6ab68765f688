/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule makes of a number. */
#include <string.h>

#include "gateway/plan/plan_priv.h"
#include "gateway/plan/trace.h"

bool plan_set_is_nothing(const struct plan_set *s)
{
	return !s->strip && !(s->prepend && *s->prepend) && !s->number && s->ton == -1 && s->npi == -1 &&
	       s->presentation == -1 && s->screening == -1 && !s->remove;
}

/* As a regex sees it: with the + of E.164. */
static void subject_of(const struct call_number *n, char out[CALL_DIGITS_MAX + 2])
{
	struct strbuf b;

	strbuf_init(&b, out, CALL_DIGITS_MAX + 2);
	strbuf_add(&b, plan_is_e164(n) ? "+" : "");
	strbuf_add(&b, n->digits);
}

/* The template with $1…$9 filled in. */
static void fill_in(struct strbuf *out, const char *text, const struct match_part *match,
		    const struct call_number *n)
{
	char subject[CALL_DIGITS_MAX + 2];
	struct regex_found found;

	subject_of(n, subject);
	if (!match || !match->regex || !regex_match(match->regex, subject, &found))
		memset(&found, 0, sizeof(found));
	for (; *text; text++) {
		if (*text == '$' && text[1] >= '0' && text[1] <= '9') {
			unsigned g = (unsigned)(*++text - '0');

			strbuf_add_n(out, subject + found.group[g].at, found.group[g].len);
		} else {
			strbuf_add_n(out, text, 1);
		}
	}
}

static void take_text(struct call_number *n, const char *text)
{
	n->ton = CALL_TON_UNKNOWN;
	if (*text == '+') {
		n->ton = CALL_TON_INTERNATIONAL;
		n->npi = CALL_NPI_E164;
		text++;
	}
	memcpy(n->digits, text, strlen(text) + 1);
}

static bool replace(const char *with, const struct match_part *match, struct call_number *n)
{
	char text[CALL_DIGITS_MAX + 2];
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	fill_in(&b, with, match, n);
	if (b.truncated || strlen(text) - (*text == '+') > CALL_DIGITS_MAX)
		return false;
	/* A group may have caught what can stand at the front only. */
	if (strspn(text + (*text == '+'), "0123456789*#") != strlen(text) - (*text == '+'))
		return false;
	take_text(n, text);
	n->present = true;
	return true;
}

static bool edit(const struct plan_set *s, struct call_number *n)
{
	const char *front = s->prepend ? s->prepend : "";
	bool plus = *front == '+';
	size_t had = strlen(n->digits), before = strlen(front + plus), keep;
	char digits[CALL_DIGITS_MAX + 1];

	if (had < s->strip)
		return false;
	keep = had - s->strip;
	if (before + keep > CALL_DIGITS_MAX)
		return false;
	memcpy(digits, front + plus, before);
	memcpy(digits + before, n->digits + s->strip, keep + 1);
	memcpy(n->digits, digits, before + keep + 1);
	if (plus) {
		n->ton = CALL_TON_INTERNATIONAL;
		n->npi = CALL_NPI_E164;
	}
	return true;
}

bool plan_set_apply(const struct plan_set *s, const struct match_part *match, struct call_number *n)
{
	struct call_number new = *n;

	if (s->remove) {
		*n = (struct call_number){0};
		return true;
	}
	if (s->number ? !replace(s->number, match, &new) : new.present && !edit(s, &new))
		return false;
	if (!new.present)
		return true; /* nothing that could have a type */
	if (s->ton == PLAN_TON_SAME)
		new.ton = n->ton;
	else if (s->ton != -1)
		new.ton = (uint8_t)s->ton;
	if (s->npi != -1)
		new.npi = (uint8_t)s->npi;
	if (s->presentation != -1)
		new.presentation = (uint8_t)s->presentation;
	if (s->screening != -1)
		new.screening = (uint8_t)s->screening;
	*n = new;
	return true;
}

bool plan_set_all(const struct rule_parts *r, const struct plan_set set[PLAN_NUMBERS],
		  struct plan_values *v, const struct plan_env *env)
{
	for (int i = PLAN_CALLED; i < PLAN_CONNECTED; i++) {
		struct call_number before = v->number[i];

		if (plan_set_is_nothing(&set[i]))
			continue;
		if (!plan_set_apply(&set[i], r->match[i], &v->number[i])) {
			trace_impossible(env, r, (enum plan_number)i, &before);
			if (i == PLAN_CALLED)
				return false;
			continue;
		}
		trace_rewritten(env, r, (enum plan_number)i, &before, &v->number[i]);
	}
	if (set != r->given.set)
		return true;
	if (r->given.set_name) {
		str_copy(v->name, sizeof(v->name), r->given.set_name);
		trace_name(env, r);
	}
	if (r->given.set_bearer >= 0)
		v->bearer = (enum call_bearer)r->given.set_bearer;
	return true;
}
