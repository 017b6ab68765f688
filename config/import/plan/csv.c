/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of prefixes: comma, semicolon or tab; the first line names the columns. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/plan/plan_import_priv.h"

enum { COLUMNS = 32, CELL = 100 };
enum {
	C_PREFIX, C_TARGET, C_NAME, C_FROM, C_TON, C_STRIP, C_PREPEND, C_SET_TON, C_SET_NPI,
	C_PRIORITY, C_WEIGHT, C_COST, C_KNOWN
};
static const char *const known[C_KNOWN] = {"prefix", "target", "name",	  "from",
					   "ton",    "strip",  "prepend", "set_ton",
					   "set_npi", "priority", "weight", "cost"};

struct reader {
	struct importer m;
	int column[C_KNOWN]; /* -1: not there */
	unsigned columns;
	char separator;
	char cell[COLUMNS][CELL];
	size_t start[COLUMNS]; /* of the cell in its line */
	struct pi_rule rule;
	char from[CELL]; /* of rule */
};

/* RFC 4180, within one line. */
static bool split(struct reader *r, const char *line, unsigned *count)
{
	const char *begin = line;
	bool quoted = false;
	size_t n = 0;

	*count = 0;
	r->start[0] = 0;
	for (;; line++) {
		if (*count == COLUMNS)
			return false;
		if (*line == '"') {
			if (quoted && line[1] == '"')
				line++;
			else {
				quoted = !quoted;
				continue;
			}
		} else if (!*line || (*line == r->separator && !quoted)) {
			char *trimmed;

			r->cell[*count][n] = '\0';
			trimmed = pi_trim(r->cell[*count]);
			memmove(r->cell[*count], trimmed, strlen(trimmed) + 1);
			++*count;
			n = 0;
			if (!*line)
				return !quoted;
			if (*count < COLUMNS)
				r->start[*count] = (size_t)(line + 1 - begin);
			continue;
		}
		if (n == CELL - 1)
			return false;
		r->cell[*count][n++] = *line;
	}
}

static bool take_header(struct reader *r)
{
	char line[PI_LINE];

	pi_copy(line, sizeof(line), r->m.buffer, strlen(r->m.buffer));
	r->separator = strchr(line, ';') ? ';' : strchr(line, '\t') ? '\t' : ',';
	for (unsigned k = 0; k < C_KNOWN; k++)
		r->column[k] = -1;
	if (!split(r, line, &r->columns))
		r->columns = 0;
	for (unsigned i = 0; i < r->columns; i++) {
		unsigned k = 0;

		while (k < C_KNOWN && strcasecmp(known[k], r->cell[i]) != 0)
			k++;
		if (k < C_KNOWN)
			r->column[k] = (int)i;
		else {
			r->m.at = r->m.buffer + r->start[i];
			pi_note(&r->m, r->m.line, r->cell[i],
				"not a column that is known here: prefix, target, name, from, ton, strip, "
				"prepend, set_ton, set_npi, priority, weight, cost");
		}
	}
	r->m.at = r->m.buffer;
	if (r->column[C_PREFIX] >= 0 && r->column[C_TARGET] >= 0)
		return true;
	pi_note(&r->m, r->m.line, line, "the first line must name columns, prefix and target among "
					"them");
	return false;
}

static const char *cell(const struct reader *r, unsigned which)
{
	return r->column[which] >= 0 ? r->cell[r->column[which]] : "";
}

static bool only(const char *text, const char *octets)
{
	while (*text && strchr(octets, *text))
		text++;
	return !*text;
}

static bool is_endpoint(const char *text)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-";

	return (strncmp(text, "span:", 5) == 0 && text[5] && only(text + 5, "0123456789")) ||
	       (strncmp(text, "trunk:", 6) == 0 && text[6] && only(text + 6, name));
}

static bool is_number(const char *text, const char *octets)
{
	return only(text + (*text == '+'), octets);
}

/* Empty, or one of words. */
static bool is_word(const char *text, const char *const *words)
{
	while (*text && *words && strcmp(text, *words) != 0)
		words++;
	return !*text || *words;
}

static bool cell_is_good(const struct reader *r, unsigned which)
{
	static const char *const tons[] = {"unknown", "international", "national", "subscriber",
					   "abbreviated", "network", NULL};
	static const char *const npis[] = {"unknown", "e164", "private", NULL};
	const char *text = cell(r, which);

	switch (which) {
	case C_PREFIX:
	case C_PREPEND:
		return is_number(text, "0123456789*#");
	case C_TARGET:
		return is_endpoint(text);
	case C_FROM:
		return !*text || is_endpoint(text);
	case C_STRIP:
		return only(text, "0123456789") && atoi(text) <= 32;
	case C_PRIORITY:
	case C_WEIGHT:
		return only(text, "0123456789");
	case C_COST:
		return only(text, "0123456789.");
	case C_TON:
	case C_SET_TON:
		return is_word(text, tons);
	case C_SET_NPI:
		return is_word(text, npis);
	default:
		return true;
	}
}

/* What is wrong with the line, NULL: nothing. */
static const char *check(struct reader *r)
{
	static const char *const right[C_KNOWN] = {
	    [C_PREFIX] = "prefix takes digits, with a + in front for E.164",
	    [C_PREPEND] = "prepend takes digits, with a + in front for E.164",
	    [C_TARGET] = "target takes span:NUMBER or trunk:NAME",
	    [C_FROM] = "from takes span:NUMBER or trunk:NAME",
	    [C_STRIP] = "strip takes a number of digits, 0 to 32",
	    [C_PRIORITY] = "priority takes a number",
	    [C_WEIGHT] = "weight takes a number",
	    [C_COST] = "cost takes a number as 0.05",
	    [C_TON] = "ton takes unknown, international, national, subscriber, abbreviated or network",
	    [C_SET_TON] = "set_ton takes unknown, international, national, subscriber, abbreviated or "
			  "network",
	    [C_SET_NPI] = "set_npi takes unknown, e164 or private"};

	for (unsigned which = 0; which < C_KNOWN; which++) {
		if (cell_is_good(r, which))
			continue;
		r->m.at = r->m.buffer + r->start[r->column[which] >= 0 ? r->column[which] : 0];
		return right[which];
	}
	return NULL;
}

static void put(char *out, size_t size, const char *text)
{
	pi_copy(out, size, text, strlen(text));
}

static void flush(struct reader *r)
{
	if (r->rule.targets)
		pi_write_rule(&r->m, &r->rule);
	r->rule = (struct pi_rule){.key = "prefix"};
}

static void begin_rule(struct reader *r)
{
	struct pi_rule *rule = &r->rule;

	flush(r);
	put(rule->match, sizeof(rule->match), cell(r, C_PREFIX));
	if (*cell(r, C_FROM))
		snprintf(rule->from, sizeof(rule->from), "\"%s\"", cell(r, C_FROM));
	put(r->from, sizeof(r->from), cell(r, C_FROM));
	put(rule->ton, sizeof(rule->ton), cell(r, C_TON));
	if (*cell(r, C_NAME))
		pi_name(rule->name, sizeof(rule->name), cell(r, C_NAME));
	else
		snprintf(rule->name, sizeof(rule->name), "line-%u", r->m.line);
}

static void take_row(struct reader *r)
{
	char line[PI_LINE];
	struct pi_target *t;
	unsigned count;
	const char *wrong;

	pi_copy(line, sizeof(line), r->m.buffer, strlen(r->m.buffer));
	if (!*line || *line == '#')
		return;
	wrong = !split(r, line, &count)	  ? "quotes do not end, or a cell is too long"
		: count != r->columns	  ? "not as many cells as the first line has"
					  : check(r);
	if (wrong) {
		pi_note(&r->m, r->m.line, line, "%s", wrong);
		return;
	}
	if (!r->rule.targets || strcmp(r->rule.match, cell(r, C_PREFIX)) != 0 ||
	    strcmp(r->from, cell(r, C_FROM)) != 0 || strcmp(r->rule.ton, cell(r, C_TON)) != 0)
		begin_rule(r);
	if (r->rule.targets == PI_TARGETS) {
		pi_note(&r->m, r->m.line, line, "more than %d targets of one prefix", PI_TARGETS);
		return;
	}
	pi_origin(&r->m, r->m.plan, r->m.line, line);
	t = &r->rule.target[r->rule.targets++];
	put(t->to, sizeof(t->to), cell(r, C_TARGET));
	put(t->priority, sizeof(t->priority), cell(r, C_PRIORITY));
	put(t->weight, sizeof(t->weight), cell(r, C_WEIGHT));
	put(t->cost, sizeof(t->cost), cell(r, C_COST));
	t->set.strip = (unsigned)atoi(cell(r, C_STRIP));
	put(t->set.prepend, sizeof(t->set.prepend), cell(r, C_PREPEND));
	put(t->set.ton, sizeof(t->set.ton), cell(r, C_SET_TON));
	put(t->set.npi, sizeof(t->set.npi), cell(r, C_SET_NPI));
}

int plan_import_csv(const char *name, const char *text, size_t len, char **out,
		    plan_import_note_fn on_note, void *arg)
{
	struct reader *r = calloc(1, sizeof(*r));
	int err = r ? pi_begin(&r->m, name, text, len, on_note, arg) : -ENOMEM;

	if (!r)
		return err;
	r->rule.key[0] = 'p';
	if (!err && pi_next_line(&r->m) && take_header(r)) {
		while (pi_next_line(&r->m))
			take_row(r);
		flush(r);
	}
	if (err)
		(void)pi_end(&r->m, "", "", out);
	else
		err = pi_end(&r->m, "csv", "", out);
	free(r);
	return err;
}
