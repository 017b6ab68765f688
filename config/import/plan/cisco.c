/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cisco IOS: voice translation-rule and -profile, dial-peer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/plan/cisco_regex.h"
#include "config/import/plan/plan_import_priv.h"

enum { PROFILES_MAX = 256, PEERS_MAX = 512, PORTS_MAX = 64 };

struct profile {
	char name[40];
	unsigned called, calling; /* numbers of translation rules; 0: none */
};

struct peer {
	unsigned line;
	char head[80]; /* "dial-peer voice 1 pots" */
	char number[16], pattern[PI_TEXT], prefix[PI_TEXT], target[PI_TEXT], preference[16];
	bool pots, keep_all;
	int forward; /* digits, -1: not given */
};

/* Where a translation rule is used, gathered before the rules are written. */
struct use {
	unsigned rule;
	bool calling;
};

struct reader {
	struct importer m;
	enum { IN_NOTHING, IN_RULES, IN_PROFILE, IN_PEER } in;
	unsigned rules;		/* number of the translation rule that is being read */
	unsigned rules_written; /* of it */
	struct use use[2 * PROFILES_MAX];
	unsigned uses;
	struct peer peer[PEERS_MAX];
	unsigned peers;
	char port[PORTS_MAX][40]; /* span n + 1 stands for port n */
	unsigned ports;
};

static bool word_is(char **rest, const char *word)
{
	size_t n = strlen(word);

	if (strncasecmp(*rest, word, n) != 0 || ((*rest)[n] && (*rest)[n] != ' '))
		return false;
	*rest = pi_trim(*rest + n);
	return true;
}

/* "/match/", cut out of *rest; NULL: none. A \/ is a / of the match, which numbers do not have. */
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

/* "type national unknown plan any isdn" behind the two patterns. */
static bool take_types(char *rest, char ton[16], char set[64])
{
	char from[32], to[32], what[8];
	int used;

	while (*rest) {
		if (sscanf(rest, "%7s %31s %31s%n", what, from, to, &used) != 3)
			return false;
		rest = pi_trim(rest + used);
		if (strcasecmp(what, "type") == 0) {
			if (strcasecmp(from, "any") != 0 && !ton_of(from))
				return false;
			if (!ton_of(to))
				return false;
			if (strcasecmp(from, "any") != 0)
				snprintf(ton, 16, "%s", ton_of(from));
			snprintf(set + strlen(set), 64 - strlen(set), ", ton: %s", ton_of(to));
		} else if (strcasecmp(what, "plan") == 0 && strcasecmp(from, "any") == 0 &&
			   strcasecmp(to, "isdn") == 0) {
			snprintf(set + strlen(set), 64 - strlen(set), ", npi: e164");
		} else if (strcasecmp(what, "plan") != 0 || strcasecmp(from, to) != 0) {
			return false;
		}
	}
	return true;
}

static bool used_for(const struct reader *r, unsigned rule, bool calling, bool *unused)
{
	bool hit = false;

	*unused = true;
	for (unsigned i = 0; i < r->uses; i++)
		if (r->use[i].rule == rule) {
			*unused = false;
			hit |= r->use[i].calling == calling;
		}
	return hit;
}

static void write_rewrite(struct reader *r, const char *name, const char *field, const char *regex,
			  const char *ton, const char *number, const char *set)
{
	FILE *f = r->m.rewrites;

	fprintf(f, "    - name: %s\n      stage: in\n      match: {%s: {regex: ", name, field);
	pi_quoted(f, regex);
	if (*ton)
		fprintf(f, ", ton: [%s]", ton);
	fprintf(f, "}}\n      set: {%s: {number: ", field);
	pi_quoted(f, number);
	fprintf(f, "%s}}\n", set);
}

static void reject_rule(struct reader *r, const char *match, const char *name, const char *line)
{
	char regex[CISCO_REGEX], number[CISCO_REGEX];

	if (!cisco_regex(match, "", regex, number)) {
		pi_note(&r->m, r->m.line, line, "the match has signs that regexes here do not have");
		return;
	}
	pi_origin(&r->m, r->m.plan, r->m.line, line);
	fprintf(r->m.plan, "  - name: %s\n    match: {called: {regex: ", name);
	pi_quoted(r->m.plan, regex);
	fprintf(r->m.plan, "}}\n    bar: 21\n");
	r->m.rules++;
}

/* "rule 1 /^0\(.*\)/ /\1/ type any national" */
static void take_rule(struct reader *r, char *rest, const char *line)
{
	char regex[CISCO_REGEX], number[CISCO_REGEX], ton[16] = "", set[64] = "", name[64];
	char *match, *with = NULL;
	bool reject, unused, called, calling;

	snprintf(name, sizeof(name), "rule-%u-%.10s", r->rules, rest);
	name[strcspn(name, " ")] = '\0';
	rest = pi_trim(rest + strspn(rest, "0123456789"));
	reject = word_is(&rest, "reject");
	match = take_slashed(&rest);
	if (match && !reject)
		with = take_slashed(&rest);
	if (reject && match) {
		reject_rule(r, match, name, line);
		return;
	}
	if (!match || !with || !take_types(rest, ton, set) ||
	    !cisco_regex(match, with, regex, number)) {
		pi_note(&r->m, r->m.line, line, "not /match/ /replacement/ [type A B] [plan any isdn] with "
						"signs that regexes here have");
		return;
	}
	calling = used_for(r, r->rules, true, &unused);
	called = used_for(r, r->rules, false, &unused);
	pi_origin(&r->m, r->m.rewrites, r->m.line, line);
	if (unused)
		fprintf(r->m.rewrites, "    # FILL IN: no profile uses voice translation-rule %u; called "
				       "is assumed\n",
			r->rules);
	if (r->rules_written++ == 1)
		pi_note(&r->m, r->m.line, line,
			"only the first rule that fits is used there, here all that fit in order: see "
			"with plan test that rules of set %u do not see each other's numbers",
			r->rules);
	if (called || unused)
		write_rewrite(r, name, "called", regex, ton, number, set);
	if (calling) {
		snprintf(name + strlen(name), sizeof(name) - strlen(name), "-calling");
		write_rewrite(r, name, "calling", regex, ton, number, set);
	}
	r->m.rules++;
}

/* ── Dial peers ── */

static void take_port(struct reader *r, struct peer *p, const char *text)
{
	char port[40];
	unsigned i = 0;

	pi_copy(port, sizeof(port), text, strcspn(text, " ") < 39 ? strcspn(text, " ") : 39);
	for (char *c = port; *c; c++)
		*c = *c > 0x20 && *c < 0x7f ? *c : '?';
	while (i < r->ports && strcmp(r->port[i], port) != 0)
		i++;
	if (i == PORTS_MAX)
		return;
	if (i == r->ports) {
		pi_copy(r->port[i], sizeof(r->port[i]), port, strlen(port));
		r->ports++;
	}
	snprintf(p->target, sizeof(p->target), "span:%u", i + 1);
}

static bool take_peer_line(struct reader *r, struct peer *p, char *line)
{
	char name[PI_TEXT];

	if (word_is(&line, "destination-pattern"))
		return pi_copy(p->pattern, sizeof(p->pattern), line, strlen(line));
	if (word_is(&line, "prefix"))
		return pi_copy(p->prefix, sizeof(p->prefix), line, strlen(line)) &&
		       line[strspn(line, "0123456789*#")] == '\0';
	if (word_is(&line, "preference"))
		return pi_copy(p->preference, sizeof(p->preference), line, strlen(line)) &&
		       line[strspn(line, "0123456789")] == '\0';
	if (word_is(&line, "no digit-strip")) {
		p->keep_all = true;
		return true;
	}
	if (word_is(&line, "forward-digits")) {
		p->keep_all = strcasecmp(line, "all") == 0;
		p->forward = *line >= '0' && *line <= '9' ? atoi(line) : -1;
		return p->keep_all || (p->forward >= 0 && p->forward <= 32);
	}
	if (word_is(&line, "port") || word_is(&line, "trunkgroup")) {
		take_port(r, p, line);
		return *p->target;
	}
	if (word_is(&line, "session target")) {
		pi_name(name, sizeof(name), strchr(line, ':') ? strchr(line, ':') + 1 : line);
		snprintf(p->target, sizeof(p->target), "trunk:%.60s", name);
		return *name;
	}
	return word_is(&line, "description") || word_is(&line, "session protocol") ||
	       word_is(&line, "incoming called-number") || word_is(&line, "direct-inward-dial") ||
	       word_is(&line, "digit-strip");
}

/* Their destination-pattern in ours: . is any digit, T any more; literal: leading digits that are
 * given, which a POTS peer does not send. */
static bool peer_pattern(const char *text, char out[PI_TEXT], unsigned *literal, unsigned *length)
{
	bool leading = true, set = false;
	size_t n = 0;

	*literal = *length = 0;
	for (; *text && n < PI_TEXT - 1; text++) {
		char c = *text == '.' ? 'X' : *text == 'T' ? '!' : *text;

		if (!strchr("0123456789*#X![]-+", c) || (c == '!' && text[1]) || (c == '+' && n) ||
		    (set && strchr("X!+", c)))
			return false;
		leading &= strchr("0123456789*#+", c) != NULL && !set;
		*literal += leading && c != '+';
		set = c == '[' || (set && c != ']');
		*length += !set && c != '!' && c != '+';
		out[n++] = c;
	}
	out[n] = '\0';
	if (n && out[n - 1] == '!')
		*length = 0;
	return n && !*text && !set;
}

static bool same_match(const struct peer *a, const struct peer *b)
{
	return *a->pattern && strcmp(a->pattern, b->pattern) == 0;
}

static bool peer_target(struct reader *r, const struct peer *p, struct pi_target *t,
			char match[PI_TEXT])
{
	unsigned literal, length;

	*t = (struct pi_target){0};
	if (!*p->pattern || !*p->target)
		return false;
	if (!peer_pattern(p->pattern, match, &literal, &length)) {
		pi_note(&r->m, p->line, p->head, "destination-pattern %.60s has signs that patterns "
						 "here do not have",
			p->pattern);
		return false;
	}
	pi_copy(t->to, sizeof(t->to), p->target, strlen(p->target));
	if (p->pots && p->forward >= 0 && !length) {
		pi_note(&r->m, p->line, p->head, "forward-digits %d of a number of any length",
			p->forward);
		return false;
	}
	if (p->pots && p->forward >= 0)
		t->set.strip = length > (unsigned)p->forward ? length - (unsigned)p->forward : 0;
	else if (p->pots && !p->keep_all)
		t->set.strip = literal;
	pi_copy(t->set.prepend, sizeof(t->set.prepend), p->prefix, strlen(p->prefix));
	return true;
}

/* Peers of one pattern are targets of one rule, by their preference. */
static void write_peers(struct reader *r)
{
	for (unsigned i = 0; i < r->peers; i++) {
		struct pi_rule rule = {.key = "pattern"};
		bool first = true;

		for (unsigned j = 0; j < i && first; j++)
			first = !same_match(&r->peer[j], &r->peer[i]);
		for (unsigned j = i; first && j < r->peers && rule.targets < PI_TARGETS; j++) {
			struct pi_target *t = &rule.target[rule.targets];

			if (j != i && !same_match(&r->peer[j], &r->peer[i]))
				continue;
			if (!peer_target(r, &r->peer[j], t, rule.match))
				continue;
			pi_origin(&r->m, r->m.plan, r->peer[j].line, r->peer[j].head);
			if (*r->peer[j].preference)
				snprintf(t->priority, sizeof(t->priority), "%d",
					 atoi(r->peer[j].preference) + 1);
			rule.targets++;
		}
		snprintf(rule.name, sizeof(rule.name), "peer-%s", r->peer[i].number);
		if (rule.targets)
			pi_write_rule(&r->m, &rule);
	}
	for (unsigned i = 0; i < r->ports; i++)
		fprintf(r->m.plan, "  # FILL IN: span:%u stands for port %s\n", i + 1, r->port[i]);
}

static void begin_peer(struct reader *r, char *rest, const char *line)
{
	struct peer *p = &r->peer[r->peers];

	if (r->peers == PEERS_MAX) {
		pi_note(&r->m, r->m.line, line, "more than %d dial peers", PEERS_MAX);
		return;
	}
	*p = (struct peer){.line = r->m.line, .forward = -1};
	pi_copy(p->head, sizeof(p->head), line, strlen(line));
	pi_copy(p->number, sizeof(p->number), rest, strspn(rest, "0123456789"));
	p->pots = strstr(rest, "pots") != NULL;
	r->peers++;
	r->in = IN_PEER;
}

/* ── Lines ── */

static bool begin_section(struct reader *r, char *line, const char *whole)
{
	r->in = IN_NOTHING;
	if (word_is(&line, "voice translation-rule")) {
		r->in = IN_RULES;
		r->rules = (unsigned)strtoul(line, NULL, 10);
		r->rules_written = 0;
	} else if (word_is(&line, "voice translation-profile")) {
		r->in = IN_PROFILE;
	} else if (word_is(&line, "dial-peer voice")) {
		begin_peer(r, line, whole);
	} else {
		return false;
	}
	return true;
}

static void take_line(struct reader *r)
{
	char whole[PI_LINE], *line = r->m.buffer, *rest = line;

	pi_copy(whole, sizeof(whole), line, strlen(line));
	if (!*line || *line == '!' || begin_section(r, line, whole))
		return;
	if (strncasecmp(line, "rule ", 5) == 0 && r->rules) {
		r->in = IN_RULES;
		take_rule(r, pi_trim(line + 5), whole);
		return;
	}
	if (strncasecmp(line, "translate ", 10) == 0)
		return; /* gathered before */
	if (r->peers && take_peer_line(r, &r->peer[r->peers - 1], rest)) {
		r->in = IN_PEER;
		return;
	}
	if (strncasecmp(line, "translation-profile ", 20) == 0)
		pi_note(&r->m, r->m.line, whole,
			"its rules stand in numbers.rewrites with stage: in, for all calls: add from: or "
			"stage: out and to: where that is too much");
	else
		pi_note(&r->m, r->m.line, whole, "nothing of a number plan, or not known");
}

/* Which rules are for called numbers and which for calling ones stands behind them in the file. */
static void gather_uses(struct reader *r, const char *text, size_t len)
{
	struct importer m = {.text = text, .left = len, .name = "", .lost = NULL};

	while (m.left) {
		const char *end = memchr(m.text, '\n', m.left);
		size_t n = end ? (size_t)(end - m.text) : m.left;
		char line[128], *rest;
		bool calling;

		pi_copy(line, sizeof(line), m.text, n < sizeof(line) ? n : sizeof(line) - 1);
		line[strcspn(line, "\r")] = '\0';
		m.text += n + (end != NULL);
		m.left -= n + (end != NULL);
		rest = pi_trim(line);
		if (!word_is(&rest, "translate") || r->uses == 2 * PROFILES_MAX)
			continue;
		calling = word_is(&rest, "calling");
		if (calling || word_is(&rest, "called"))
			r->use[r->uses++] =
			    (struct use){(unsigned)strtoul(rest, NULL, 10), calling};
	}
}

int plan_import_cisco(const char *name, const char *text, size_t len, char **out,
		      plan_import_note_fn on_note, void *arg)
{
	struct reader *r = calloc(1, sizeof(*r));
	int err = r ? pi_begin(&r->m, name, text, len, on_note, arg) : -ENOMEM;

	if (!r)
		return err;
	if (!err)
		gather_uses(r, text, len);
	while (!err && pi_next_line(&r->m))
		take_line(r);
	if (!err)
		write_peers(r);
	if (err)
		(void)pi_end(&r->m, "", "", out);
	else
		err = pi_end(&r->m, "cisco", "", out);
	free(r);
	return err;
}
