/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/import/plan/cisco_regex.h"

#include <string.h>

#include "gateway/base/strbuf.h"

/* One octet of theirs in ours: \( groups, ( does not stand for itself in numbers. */
static bool add_piece(struct strbuf *b, const char **p, unsigned *groups)
{
	char c = *(*p)++, next = **p;

	if (c == '\\') {
		if (!next)
			return false;
		++*p;
		if (next == '(')
			++*groups;
		if (next == '(' || next == ')')
			strbuf_add_n(b, &next, 1);
		else if (strchr("+*.?#", next))
			strbuf_addf(b, "\\%c", next);
		else
			return false;
		return true;
	}
	if (!strchr("0123456789*#+.?[]^$-ABCDabcd", c))
		return false;
	/* \d of theirs is any octet of a number; ours must not take the + that stands for E.164. */
	strbuf_add_n(b, &c, 1);
	return true;
}

static bool translate_match(const char *match, struct strbuf *b, unsigned *groups)
{
	while (*match)
		if (!add_piece(b, &match, groups))
			return false;
	return true;
}

static unsigned closing(const char *match)
{
	unsigned n = 0;

	for (; *match; match++)
		if (*match == '\\' && match[1]) {
			n += match[1] == ')';
			match++;
		}
	return n;
}

/* Their \1 is our $N; \0 and & are all that matched. */
static bool translate_number(const char *with, unsigned shift, unsigned whole, unsigned groups,
			     struct strbuf *b)
{
	for (; *with; with++) {
		unsigned group;

		if (*with == '&') {
			strbuf_addf(b, "$%u", whole);
		} else if (*with == '\\' && with[1] >= '0' && with[1] <= '9') {
			group = (unsigned)(*++with - '0');
			if (group > groups)
				return false;
			strbuf_addf(b, "$%u", group ? group + shift : whole);
		} else if (strchr("0123456789*#+", *with)) {
			strbuf_add_n(b, with, 1);
		} else {
			return false;
		}
	}
	return true;
}

/* "(match)" in ours: what stands before and behind it stays in their numbers, so it becomes groups. The
 * + with which ours see a number of type international is no octet of theirs: it is skipped, unless the
 * match itself has one (SIP). */
bool cisco_regex(const char *match, const char *with, char regex[CISCO_REGEX],
		 char number[CISCO_REGEX])
{
	size_t n = strlen(match);
	bool start = *match == '^', end = n > start && match[n - 1] == '$' && (n < 2 || match[n - 2] != '\\');
	bool rest = n >= 2 && strcmp(match + n - 2, ".*") == 0 && (n < 3 || match[n - 3] != '\\');
	bool whole_end = end || rest;
	char middle[CISCO_REGEX];
	unsigned groups = 0, whole = start ? 1 : 2;
	struct strbuf b, m, out;

	if (n >= sizeof(middle))
		return false;
	memcpy(middle, match + start, n - start - end);
	middle[n - start - end] = '\0';
	strbuf_init(&m, regex, CISCO_REGEX);
	strbuf_add(&m, strstr(middle, "\\+") ? "^" : "^\\+?+");
	strbuf_add(&m, start ? "(" : "(.*?)(");
	if (!translate_match(middle, &m, &groups) || groups != closing(middle))
		return false;
	strbuf_add(&m, whole_end ? ")$" : ")(.*)$");
	strbuf_init(&out, number, CISCO_REGEX);
	strbuf_init(&b, middle, sizeof(middle));
	if (!translate_number(with, whole, whole, groups, &b))
		return false;
	if (!start)
		strbuf_add(&out, "$1");
	strbuf_add(&out, b.text);
	if (!whole_end)
		strbuf_addf(&out, "$%u", whole + groups + 1);
	return !m.truncated && !out.truncated && !b.truncated && whole + groups + !whole_end <= 9;
}
