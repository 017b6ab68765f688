/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regexp field: delimiter, POSIX extended regular expression, delimiter, replacement, delimiter,
 * flags. Expressions from the network never reach regcomp(), whose work has no bounds: what both
 * languages share is handed to PCRE2 with its limits, what POSIX leaves undefined is refused (so there
 * are no (?…), \d, a*? …). What stays different: of alternatives the first that fits is taken, not the
 * longest.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "gateway/lookup/enum/naptr.h"
#include "gateway/plan/regex.h"

enum { FIELD_MAX = 255, PATTERN_MAX = 2 * FIELD_MAX + 8 };

struct parts {
	const char *ere, *replacement;
	size_t ere_len, replacement_len;
	bool any_case;
};

/* The next delimiter that no backslash stands before; NULL: there is none. */
static const char *find_delimiter(const char *text, char delimiter)
{
	for (; *text && *text != delimiter; text++)
		if (*text == '\\' && text[1])
			text++;
	return *text ? text : NULL;
}

static bool split(const char *field, struct parts *p, const char **why)
{
	char delimiter = *field;
	const char *second, *third;

	if (strlen(field) > FIELD_MAX) {
		*why = "its regexp is longer than 255 octets";
		return false;
	}
	if (!delimiter || isdigit((unsigned char)delimiter) || strchr("\\i", delimiter)) {
		*why = delimiter ? "its regexp begins with no delimiter" : "it has no regexp";
		return false;
	}
	second = find_delimiter(field + 1, delimiter);
	third = second ? find_delimiter(second + 1, delimiter) : NULL;
	if (!third) {
		*why = "its regexp has not three delimiters";
		return false;
	}
	*p = (struct parts){.ere = field + 1,
			    .ere_len = (size_t)(second - field) - 1,
			    .replacement = second + 1,
			    .replacement_len = (size_t)(third - second) - 1,
			    .any_case = third[1] == 'i'};
	if (third[1] && strcmp(third + 1, "i") != 0) {
		*why = "its regexp has a flag other than i";
		return false;
	}
	return true;
}

/* From a [ to its ]: there a backslash is none. Octets taken, 0: it does not end. */
static size_t copy_bracket(struct strbuf *b, const char *ere, size_t len)
{
	size_t i = 1;

	if (i < len && ere[i] == '^')
		i++;
	if (i < len && ere[i] == ']')
		i++;
	for (; i < len && ere[i] != ']'; i++) {
		const char *end;

		if (ere[i] != '[' || i + 1 >= len || !strchr(":.=", ere[i + 1]))
			continue;
		/* [:digit:] */
		end = memchr(ere + i + 2, ']', len - i - 2);
		if (!end || end[-1] != ere[i + 1])
			return 0;
		i = (size_t)(end - ere);
	}
	if (i >= len)
		return 0;
	for (size_t k = 0; k <= i; k++)
		strbuf_addf(b, "%s%c", ere[k] == '\\' ? "\\" : "", ere[k]);
	return i + 1;
}

static bool is_repetition(char c)
{
	return c == '*' || c == '+' || c == '?' || c == '{';
}

/* false: it is nothing that POSIX defines. */
static bool translate(struct strbuf *b, const char *ere, size_t len)
{
	bool may_repeat = false; /* the last thing read */
	size_t i = 0;

	while (i < len) {
		const char *at = ere + i;
		size_t taken = 1;

		if (is_repetition(*at)) {
			if (!may_repeat)
				return false;
			if (*at == '{' && isdigit((unsigned char)at[1]))
				taken = strspn(at + 1, "0123456789,") + 2;
			if (i + taken > len || (*at == '{' && at[taken - 1] != '}'))
				return false;
			strbuf_add_n(b, at, taken);
		} else if (*at == '[') {
			taken = copy_bracket(b, at, len - i);
			if (!taken)
				return false;
		} else if (*at == '\\') {
			taken = 2;
			if (i + 1 >= len || !ispunct((unsigned char)at[1]))
				return false;
			strbuf_add_n(b, at, taken);
		} else {
			strbuf_add_n(b, at, 1);
		}
		may_repeat = !is_repetition(*at) && !strchr("(|^$", *at);
		i += taken;
	}
	return !b->truncated;
}

/* What is left of the replacement goes into out; false: *why. */
static bool fill_in(struct strbuf *b, const struct parts *p, const struct regex *r,
		    const struct regex_found *found, const char *text, const char **why)
{
	unsigned groups = regex_groups(r);

	for (size_t i = 0; i < p->replacement_len; i++) {
		char c = p->replacement[i];

		if (c != '\\') {
			strbuf_add_n(b, &c, 1);
			continue;
		}
		c = ++i < p->replacement_len ? p->replacement[i] : 'x';
		if (c >= '1' && c <= '9' && (unsigned)(c - '0') <= groups) {
			strbuf_add_n(b, text + found->group[c - '0'].at,
				     found->group[c - '0'].len);
		} else if (ispunct((unsigned char)c)) {
			strbuf_add_n(b, &c, 1);
		} else {
			*why = "the replacement of its regexp refers to a group that is not there";
			return false;
		}
	}
	if (b->truncated)
		*why = "its regexp makes a URI that is too long";
	return !b->truncated;
}

int naptr_rewrite(char *out, size_t size, const char *regexp, const char *text, const char **why)
{
	char pattern[PATTERN_MAX], ignored[128];
	struct regex_found found;
	struct regex *r = NULL;
	struct parts p;
	struct strbuf b;
	size_t offset;
	int result = -EBADMSG;

	if (!split(regexp, &p, why))
		return -EBADMSG;
	strbuf_init(&b, pattern, sizeof(pattern));
	strbuf_add(&b, p.any_case ? "(?i)" : "");
	if (!translate(&b, p.ere, p.ere_len) ||
	    regex_create(&r, pattern, &offset, ignored, sizeof(ignored))) {
		*why = "its regexp is no POSIX extended regular expression";
		return -EBADMSG;
	}
	strbuf_init(&b, out, size);
	if (!regex_match(r, text, &found))
		result = -ENOENT;
	else if (fill_in(&b, &p, r, &found, text, why))
		result = 0;
	regex_destroy(r);
	return result;
}
