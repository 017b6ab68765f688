/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation rules: read, and written as rewrites. Of a set the rule with the lowest precedence that
 * fits is used and no other, which is what a group of rewrites does. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/plan/cisco_priv.h"

static const char *const field_name[CISCO_FIELDS] = {"called", "calling", "redirecting"};

/* ── Reading ── */

/* "/match/", cut out of *rest; NULL: none. Numbers have no /, so neither has a match. */
static char *take_slashed(char **rest)
{
	char *begin = *rest, *end;

	if (*begin != '/')
		return NULL;
	end = strchr(++begin, '/');
	if (!end)
		return NULL;
	*end = '\0';
	*rest = pi_trim(end + 1);
	return begin;
}

static const char *ton_of(const char *word)
{
	static const char *const same[] = {"unknown", "international", "national", "subscriber",
					   "abbreviated", "network"};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strncasecmp(word, same[i], strlen(word)) == 0 && *word)
			return same[i];
	return NULL;
}

static const char *npi_of(const char *word)
{
	return strcasecmp(word, "isdn") == 0	  ? "e164"
	       : strcasecmp(word, "unknown") == 0 ? "unknown"
	       : strcasecmp(word, "private") == 0 ? "private"
						  : NULL;
}

/* "type national unknown plan any isdn" behind the two patterns. */
/* *at: where it goes wrong. */
static bool take_types(char *rest, struct cisco_rule *r, const char **at)
{
	char from[32], to[32], what[8];
	int used;

	while (*rest) {
		bool type, any;
		const char *f, *t;

		*at = rest;
		if (sscanf(rest, "%7s %31s %31s%n", what, from, to, &used) != 3)
			return false;
		rest = pi_trim(rest + used);
		type = strcasecmp(what, "type") == 0;
		any = strcasecmp(from, "any") == 0;
		f = any ? "" : type ? ton_of(from) : npi_of(from);
		t = type ? ton_of(to) : npi_of(to);
		if (!f || !t || (!type && strcasecmp(what, "plan") != 0))
			return false;
		snprintf(type ? r->from_ton : r->from_npi, type ? sizeof(r->from_ton) : sizeof(r->from_npi),
			 "%s", f);
		snprintf(type ? r->to_ton : r->to_npi, type ? sizeof(r->to_ton) : sizeof(r->to_npi), "%s",
			 t);
	}
	return true;
}

/* Empty: ours can say it. */
static const char *wrong(const struct cisco_rule *r)
{
	char regex[CISCO_REGEX], number[CISCO_REGEX];

	if (!cisco_regex(r->match, r->reject ? "" : r->with, regex, number))
		return "a match or replacement with signs that regexes of numbers do not have here: digits "
		       "* # + . ? [ ] ^ $ - A-D \\( \\) and \\0 to \\9";
	if (!r->reject && *r->with == '+' && *r->to_ton && strcmp(r->to_ton, "international") != 0)
		return "a + in front is type international, and the rule sets another one: leave one out";
	return NULL;
}

void cisco_take_rule(struct cisco *c, char *rest, const char *line)
{
	struct cisco_rule r = {.line = c->m.line, .set = c->set};
	const char *bad = NULL;
	char none[] = "", *match, *with = none;

	pi_copy(r.text, sizeof(r.text), line, strlen(line));
	r.precedence = (unsigned)strtoul(rest, NULL, 10);
	rest = pi_trim(rest + strspn(rest, "0123456789"));
	r.reject = cisco_word(&rest, "reject");
	c->m.at = rest;
	match = take_slashed(&rest);
	c->m.at = match ? rest : c->m.at;
	if (match && !r.reject)
		with = take_slashed(&rest);
	if (!match || !with || !pi_copy(r.match, sizeof(r.match), match, strlen(match)) ||
	    !pi_copy(r.with, sizeof(r.with), with, strlen(with)))
		bad = "what is right: rule 1 /match/ /replacement/, or rule 1 reject /match/";
	else if (!take_types(rest, &r, &c->m.at))
		bad = "behind the replacement stand type FROM TO (any, unknown, international, national, "
		      "subscriber, abbreviated, network) and plan FROM TO (any, unknown, isdn, private)";
	else if ((bad = wrong(&r)))
		c->m.at = match;
	if (!bad && c->rules == CISCO_RULES_MAX)
		bad = "more rules than have a place here";
	if (bad)
		pi_note(&c->m, c->m.line, line, "%s", bad);
	else
		c->rule[c->rules++] = r;
}

/* ── Where a profile is applied ── */

static const char *endpoint_of(const struct cisco *c, const struct cisco_use *u)
{
	return u->peer >= 0 ? c->peer[u->peer].target : u->endpoint;
}

/* "["span:1", "trunk:x"]" of one profile and direction; empty: it is not applied so. */
static void list_endpoints(struct cisco *c, const struct cisco_profile *p, bool out, char list[1024])
{
	size_t n = 0;

	list[0] = '\0';
	for (unsigned i = 0; i < c->uses; i++) {
		const struct cisco_use *u = &c->use[i];
		const char *to = endpoint_of(c, u);
		char quoted[PI_TEXT + 2];

		if (u->out != out || strcmp(u->profile, p->name) != 0)
			continue;
		snprintf(quoted, sizeof(quoted), "\"%.150s\"", to);
		if (!*to || strstr(list, quoted))
			continue;
		if (n + strlen(quoted) + 4 > 1024) {
			pi_note(&c->m, u->line, u->profile, "applied at more places than have a place here");
			break;
		}
		n += (size_t)snprintf(list + n, 1024 - n, "%s%s", n ? ", " : "[", quoted);
	}
	if (n)
		snprintf(list + n, 1024 - n, "]");
}

/* A profile of a dial peer holds here for all that goes to the peer's target. */
static void tell_shared_targets(struct cisco *c, const struct cisco_use *u)
{
	const struct cisco_peer *p = u->peer >= 0 ? &c->peer[u->peer] : NULL;

	if (!p || !*p->target || p->shut)
		return;
	if (!u->out)
		pi_note(&c->m, u->line, p->head,
			"incoming calls are told by where they come from here (%.60s), not by what this "
			"peer matches",
			p->target);
	if (u->out && *p->prefix)
		pi_note(&c->m, u->line, p->head,
			"prefix %.20s is put in front before the rules of %.40s here, there behind them",
			p->prefix, u->profile);
	for (unsigned i = 0; u->out && i < c->peers; i++) {
		bool same = false;

		if (strcmp(c->peer[i].target, p->target) != 0 || c->peer[i].shut || !*c->peer[i].pattern)
			continue;
		for (unsigned k = 0; k < c->uses; k++)
			same |= c->use[k].peer == (int)i && c->use[k].out &&
				strcmp(c->use[k].profile, u->profile) == 0;
		if (!same)
			pi_note(&c->m, c->peer[i].line, c->peer[i].head,
				"the rules of profile %.40s hold for it too, as it has the target (%.60s) "
				"of dial peer %s; give it a trunk of its own",
				u->profile, p->target, p->number);
	}
}

/* ── Writing ── */

struct place {
	const char *name; /* of the profile */
	unsigned line;
	const char *stage, *side, *list; /* list empty: all calls */
};

static void write_match(FILE *f, const char *field, const struct cisco_rule *r, const char *regex)
{
	fprintf(f, "      match: {%s: {regex: ", field);
	pi_quoted(f, regex);
	if (*r->from_ton)
		fprintf(f, ", ton: [%s]", r->from_ton);
	if (*r->from_npi)
		fprintf(f, ", npi: [%s]", r->from_npi);
	fputs("}}\n", f);
}

/* What it makes of the number. A new number keeps its type, as it does there; one that began with a +
 * has none without it. */
static void write_set(FILE *f, const char *field, const struct cisco_rule *r, const char *number)
{
	bool plus = strstr(r->match, "\\+") || *r->with == '+';

	fprintf(f, "      set: {%s: {", field);
	if (r->reject) { /* as it is: a rule of the plan bars it */
		fputs("strip: 0}}\n", f);
		return;
	}
	fputs("number: ", f);
	pi_quoted(f, number);
	if (*r->to_ton || !plus)
		fprintf(f, ", ton: %s", *r->to_ton ? r->to_ton : "same");
	if (*r->to_npi)
		fprintf(f, ", npi: %s", r->to_npi);
	fputs("}}\n", f);
}

static void write_rewrite(struct cisco *c, const struct place *at, const char *field,
			  const struct cisco_rule *r, bool group)
{
	char regex[CISCO_REGEX], number[CISCO_REGEX];
	FILE *f = c->m.rewrites;

	cisco_regex(r->match, r->with, regex, number);
	if (!r->reject && !*number) {
		pi_note(&c->m, r->line, r->text, "it leaves no digit of the %s number: not taken over",
			field);
		return;
	}
	pi_origin(&c->m, f, r->line, r->text);
	fprintf(f, "    - name: %.16s-%s-%s-%u.%u\n      stage: %s\n", at->name, at->stage, field, r->set,
		r->precedence, at->stage);
	if (*at->list)
		fprintf(f, "      %s: %s\n", at->side, at->list);
	if (group)
		fprintf(f, "      group: %.16s-%s-%s\n", at->name, at->stage, field);
	write_match(f, field, r, regex);
	write_set(f, field, r, number);
	c->m.rules++;
}

/* A match that is no more than first digits; false: it is more. */
static bool literal_prefix(const char *match, char out[CISCO_REGEX])
{
	size_t n;

	if (*match++ != '^')
		return false;
	n = strspn(match, "0123456789*#");
	n -= n && (match[n] == '*' || match[n - 1] == '*'); /* the digit before * may be absent */
	if (!n || (match[n] && strcmp(match + n, ".*") != 0 && strcmp(match + n, ".*$") != 0))
		return false;
	snprintf(out, CISCO_REGEX, "%.*s", (int)n, match);
	return true;
}

/* begins: it is the first one of its set. */
static void write_bar(struct cisco *c, const struct place *at, const char *field,
		      const struct cisco_rule *r, bool begins)
{
	char regex[CISCO_REGEX], number[CISCO_REGEX], prefix[CISCO_REGEX];
	bool literal = literal_prefix(r->match, prefix);
	FILE *f = c->m.plan;

	cisco_regex(r->match, "", regex, number);
	pi_origin(&c->m, f, r->line, r->text);
	fprintf(f, "  - name: %.16s-reject-%s-%u.%u\n", at->name, field, r->set, r->precedence);
	if (*at->list)
		fprintf(f, "    from: %s\n", at->list);
	fprintf(f, "    match: {%s: {%s: ", field, literal ? "prefix" : "regex");
	pi_quoted(f, literal ? prefix : regex);
	fputs("}}\n    bar: 21\n    first: true\n", f);
	if (!begins)
		pi_note(&c->m, r->line, r->text,
			"what a rule before it in its set makes is barred here, too, where it fits; see "
			"that none does, with plan test");
	c->m.rules++;
}

static int compare_rules(const void *a, const void *b)
{
	const struct cisco_rule *x = a, *y = b;

	return x->set != y->set		     ? (x->set < y->set ? -1 : 1)
	       : x->precedence != y->precedence ? (x->precedence < y->precedence ? -1 : 1)
						: (x->line < y->line ? -1 : 1);
}

/* The rules of a set are in their order already. */
static void write_set_of_rules(struct cisco *c, const struct place *at, enum cisco_field field,
			       unsigned set)
{
	unsigned count = 0, seen = 0;

	for (unsigned i = 0; i < c->rules; i++)
		count += c->rule[i].set == set;
	if (!count)
		pi_note(&c->m, at->line, at->name, "there is no rule in voice translation-rule %u", set);
	for (unsigned i = 0; i < c->rules; i++) {
		if (c->rule[i].set != set)
			continue;
		write_rewrite(c, at, field_name[field], &c->rule[i], count > 1);
		if (c->rule[i].reject && strcmp(at->stage, "in") == 0)
			write_bar(c, at, field_name[field], &c->rule[i], seen == 0);
		seen++;
	}
}

static bool write_profile(struct cisco *c, const struct cisco_profile *p, bool out, bool anywhere)
{
	char list[1024] = "", name[CISCO_NAME];
	struct place at = {name, p->line, out ? "out" : "in", out ? "to" : "from", list};

	pi_name(name, sizeof(name), p->name);
	if (!anywhere)
		list_endpoints(c, p, out, list);
	if (!anywhere && !*list)
		return false;
	if (anywhere)
		fprintf(c->m.rewrites, "    # FILL IN: nothing applies profile %s; here it holds for all calls "
				       "that come in\n",
			name);
	for (int field = 0; field < CISCO_FIELDS; field++)
		if (p->set[field])
			write_set_of_rules(c, &at, (enum cisco_field)field, p->set[field]);
	return true;
}

static bool set_is_used(const struct cisco *c, unsigned set)
{
	for (unsigned i = 0; i < c->profiles; i++)
		for (int field = 0; field < CISCO_FIELDS; field++)
			if (c->profile[i].set[field] == set)
				return true;
	return false;
}

void cisco_write_rules(struct cisco *c)
{
	char name[CISCO_NAME];
	struct place all = {name, 0, "in", "from", ""};

	qsort(c->rule, c->rules, sizeof(*c->rule), compare_rules);
	for (unsigned i = 0; i < c->uses; i++)
		tell_shared_targets(c, &c->use[i]);
	for (unsigned i = 0; i < c->profiles; i++) {
		bool in = write_profile(c, &c->profile[i], false, false);
		bool out = write_profile(c, &c->profile[i], true, false);

		if (!in && !out)
			write_profile(c, &c->profile[i], false, true);
	}
	for (unsigned i = 0; i < c->rules; i++) {
		if (set_is_used(c, c->rule[i].set) || (i && c->rule[i - 1].set == c->rule[i].set))
			continue;
		all.line = c->rule[i].line;
		fprintf(c->m.rewrites, "    # FILL IN: no profile uses voice translation-rule %u; called "
				       "numbers of all calls are assumed\n",
			c->rule[i].set);
		snprintf(name, sizeof(name), "set%u", c->rule[i].set);
		write_set_of_rules(c, &all, CISCO_CALLED, c->rule[i].set);
	}
}
