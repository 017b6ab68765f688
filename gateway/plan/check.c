/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int wrong(struct plan_error *bad, const char *key, size_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static int wrong(struct plan_error *bad, const char *key, size_t offset, const char *format, ...)
{
	struct strbuf b;
	va_list ap;

	bad->key = key;
	bad->offset = (unsigned)offset;
	strbuf_init(&b, bad->text, sizeof(bad->text));
	va_start(ap, format);
	strbuf_vaddf(&b, format, ap);
	va_end(ap);
	return -EINVAL;
}

static const char *const match_key[PLAN_NUMBERS] = {"match.called", "match.calling",
						    "match.redirecting", "match.connected"};
static const char *const set_key[PLAN_NUMBERS] = {"set.called", "set.calling", "set.redirecting",
						  "set.connected"};

/* ── matches ── */

static int check_range(const char *text, struct match_part *m, const char *key,
		       struct plan_error *bad)
{
	struct pattern block[PATTERN_RANGE_MAX];
	const char *dash = strchr(text, '-'), *last = dash ? dash + 1 : NULL;
	bool plus = *text == '+';
	size_t length = dash ? (size_t)(dash - text - plus) : 0;

	if (!dash)
		return wrong(bad, key, 0, "a range is FIRST-LAST, for example 4930555000-4930555999");
	if (plus != (*last == '+'))
		return wrong(bad, key, (size_t)(last - text),
			     "either both numbers of a range have a + or none");
	last += plus;
	if (length == 0 || length > CALL_DIGITS_MAX || strlen(last) != length)
		return wrong(bad, key, (size_t)(last - text),
			     "the two numbers of a range must be equally long, of 1 to %d digits",
			     CALL_DIGITS_MAX);
	memcpy(m->first, text + plus, length);
	memcpy(m->last, last, length + 1);
	m->e164 = plus;
	if (pattern_range(block, m->first, m->last) < 0)
		return wrong(bad, key, 0, "a range is of digits 0-9, the lower number first");
	return 0;
}

static int check_pattern(const struct plan_match *given, struct match_part *m, const char *key,
			 struct plan_error *bad)
{
	const char *why;
	size_t offset;

	if (given->kind == PLAN_MATCH_PREFIX) {
		size_t good = strspn(given->text + (*given->text == '+'), "0123456789*#") +
			      (*given->text == '+');

		if (given->text[good])
			return wrong(bad, key, good,
				     "a prefix is digits 0-9, * and #, with a + in front for E.164; "
				     "write pattern: for X, N, Z and sets");
	}
	if (pattern_parse(&m->pattern, given->text, &offset, &why))
		return wrong(bad, key, offset, "%s", why);
	if (given->kind == PLAN_MATCH_PREFIX)
		m->pattern.tail = PATTERN_ANY_MORE;
	m->e164 = m->pattern.e164;
	return 0;
}

static int check_regex(const char *text, struct regex **out, const char *key,
		       struct plan_error *bad)
{
	char why[120] = "";
	size_t offset = 0;
	int err = regex_create(out, text, &offset, why, sizeof(why));

	return err == -EINVAL ? wrong(bad, key, offset, "no regular expression: %s", why) : err;
}

static int check_digits(const struct plan_match *given, struct match_part *m,
			const struct plan_cfg *cfg, const char *key, struct plan_error *bad)
{
	if (given->kind != PLAN_MATCH_LIST && !given->text)
		return wrong(bad, key, 0, "says how to match but not what");
	switch (given->kind) {
	case PLAN_MATCH_PREFIX:
	case PLAN_MATCH_PATTERN:
		return check_pattern(given, m, key, bad);
	case PLAN_MATCH_RANGE:
		return check_range(given->text, m, key, bad);
	case PLAN_MATCH_REGEX:
		return check_regex(given->text, &m->regex, key, bad);
	case PLAN_MATCH_LIST:
		if (given->list >= cfg->list_count)
			return wrong(bad, key, 0, "there is no such list");
		m->list = cfg->list[given->list];
		return 0;
	default:
		return wrong(bad, key, 0, "there is no such kind of match");
	}
}

/* A + says international already. */
static int check_plus(struct plan_match *given, const char *key, struct plan_error *bad)
{
	if (!given->tons)
		given->tons = 1 << CALL_TON_INTERNATIONAL;
	if (given->tons != 1 << CALL_TON_INTERNATIONAL)
		return wrong(bad, key, 0,
			     "a number with + has type international; leave the + or the type out");
	return 0;
}

static int check_match(struct rule_parts *r, unsigned n, const struct plan_cfg *cfg,
		       struct plan_error *bad)
{
	struct plan_match *given = &r->given.match[n];
	int err;

	if (given->absent && given->kind != PLAN_MATCH_ANY)
		return wrong(bad, match_key[n], 0, "a number that is absent has no digits to match");
	if (given->kind == PLAN_MATCH_ANY)
		return 0;
	r->match[n] = calloc(1, sizeof(*r->match[n]));
	if (!r->match[n])
		return -ENOMEM;
	err = check_digits(given, r->match[n], cfg, match_key[n], bad);
	if (!err && r->match[n]->e164)
		err = check_plus(given, match_key[n], bad);
	return err;
}

/* ── sets ── */

static bool digits_only(const char *text)
{
	return text[strspn(text, "0123456789*#")] == '\0';
}

static int check_number(const struct plan_set *s, const struct match_part *m, const char *key,
			struct plan_error *bad)
{
	const char *text = s->number + (*s->number == '+');
	unsigned groups = m && m->regex ? regex_groups(m->regex) : 0;

	if (s->strip || s->prepend)
		return wrong(bad, key, 0, "either number, or strip and prepend");
	for (; *text; text++) {
		if (*text == '$' && text[1] >= '0' && text[1] <= '9') {
			text++;
			if (!m || !m->regex)
				return wrong(bad, key, (size_t)(text - s->number),
					     "$%c needs a regex in the match of the same number",
					     *text);
			if ((unsigned)(*text - '0') > groups)
				return wrong(bad, key, (size_t)(text - s->number),
					     "the regex has no group $%c, only %u", *text, groups);
		} else if (!strchr("0123456789*#", *text)) {
			return wrong(bad, key, (size_t)(text - s->number),
				     "a number is digits, * and #, with a + in front for E.164");
		}
	}
	if (!*s->number)
		return wrong(bad, key, 0, "an empty number; remove: true sends none");
	return strlen(s->number) > CALL_DIGITS_MAX + 1
		   ? wrong(bad, key, 0, "longer than %d digits", CALL_DIGITS_MAX)
		   : 0;
}

/* A leading + is written for people; inside, it is the type of number. */
static int check_set(struct plan_set *s, const struct match_part *m, const char *key,
		     struct plan_error *bad)
{
	const char *front = s->prepend ? s->prepend : "";
	bool plus = *front == '+' || (s->number && *s->number == '+');

	if (s->number && check_number(s, m, key, bad))
		return -EINVAL;
	if (!digits_only(front + (*front == '+')) || strlen(front) > CALL_DIGITS_MAX)
		return wrong(bad, key, 0,
			     "prepend is up to %d digits, * and #, with a + in front for E.164",
			     CALL_DIGITS_MAX);
	if (plus && s->ton != -1 && s->ton != CALL_TON_INTERNATIONAL)
		return wrong(bad, key, 0,
			     "a + sets type international, ton says another; leave one out");
	/* Q.931 table 4-9: type of number has three bits, numbering plan four. */
	if (s->strip > CALL_DIGITS_MAX || s->ton < PLAN_TON_SAME || s->ton > 7 || s->npi < -1 || s->npi > 15 ||
	    s->presentation < -1 || s->presentation > 3 || s->screening < -1 || s->screening > 3)
		return wrong(bad, key, 0, "a value that does not exist");
	return 0;
}

/* ── the whole ── */

static int check_targets(const struct rule_parts *r, struct plan_error *bad)
{
	const struct plan_rule *g = &r->given;
	const struct match_part *called = r->match[PLAN_CALLED];
	bool from_list = called && called->list && plan_list_has_targets(called->list);

	for (unsigned i = 0; i < g->target_count; i++) {
		struct plan_target *t = (struct plan_target *)&g->target[i];

		if (t->to.kind == CALL_EP_NONE)
			return wrong(bad, "to", 0, "there is no such span or trunk");
		for (unsigned n = 0; n < PLAN_NUMBERS; n++)
			if (check_set(&t->set[n], r->match[n], "targets", bad))
				return -EINVAL;
	}
	if (g->stage != PLAN_ROUTE)
		return g->bar || g->emergency || g->lookup
			   ? wrong(bad, "stage", 0, "a rewrite rule only rewrites")
			   : 0;
	if (g->bar > 127)
		return wrong(bad, "bar", 0, "a cause is 1 to 127 (Q.850)");
	if (g->bar && (g->target_count || g->emergency))
		return wrong(bad, "bar", 0, "a rule bars calls or has targets, not both");
	if (!g->bar && !g->target_count && !from_list)
		return wrong(bad, "to", 0, "says nowhere to go: add to, targets, or bar");
	return 0;
}

int plan_check_rule(struct rule_parts *r, const struct plan_cfg *cfg, struct plan_error *bad)
{
	struct plan_rule *g = &r->given;
	int err = 0;

	if (!g->name)
		g->name = "";
	if (strlen(g->name) > CALL_NAME_MAX)
		return wrong(bad, "name", 0, "longer than %d characters", CALL_NAME_MAX);
	for (unsigned n = 0; n < PLAN_NUMBERS && !err; n++)
		err = check_match(r, n, cfg, bad);
	for (unsigned n = 0; n < PLAN_NUMBERS && !err; n++)
		err = check_set(&g->set[n], r->match[n], set_key[n], bad);
	if (!err && g->match_name)
		err = check_regex(g->match_name, &r->name, "match.name", bad);
	if (err)
		return err;
	if (g->set_name && strlen(g->set_name) > CALL_NAME_MAX)
		return wrong(bad, "set.name", 0, "longer than %d octets", CALL_NAME_MAX);
	if (g->lookup > cfg->lookup_count)
		return wrong(bad, "lookup", 0, "there is no such look-up");
	if (g->when.zone > cfg->zone_count)
		return wrong(bad, "when", 0, "there is no such time zone");
	return check_targets(r, bad);
}
