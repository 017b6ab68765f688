/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns, checks and texts of the E.164 core. */
#include "gateway/plan/e164.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One place of a pattern against one digit (0: none, the pattern is only read). Moves *pattern past
 * the place; false: no match, or no pattern. */
static bool match_set(const char **pattern, char digit)
{
	const char *p = *pattern + 1;
	bool hit = false, any = false;

	while (*p >= '0' && *p <= '9') {
		char low = *p++, high = low;

		if (*p == '-') {
			high = p[1];
			if (high < low || high > '9')
				return false;
			p += 2;
		}
		hit |= digit >= low && digit <= high;
		any = true;
	}
	if (*p != ']' || !any)
		return false;
	*pattern = p + 1;
	return hit || !digit;
}

static bool match_place(const char **pattern, char digit)
{
	char c = **pattern, low = c;

	if (c == '[')
		return match_set(pattern, digit);
	if (c == 'X' || c == 'Z' || c == 'N')
		low = c == 'X' ? '0' : c == 'Z' ? '1' : '2';
	else if ((c < '0' || c > '9') && c != '*' && c != '#')
		return false;
	++*pattern;
	return !digit || (low == c ? digit == c : digit >= low && digit <= '9');
}

int e164_pattern_length(const char *pattern)
{
	int n = 0;

	for (; *pattern; n++)
		if (!match_place(&pattern, '\0'))
			return -1;
	return n;
}

int e164_pattern_match(const char *pattern, const char *text)
{
	int n = 0;

	for (; *pattern; n++)
		if (!text[n] || !match_place(&pattern, text[n]))
			return -1;
	return n;
}

static bool digits_in(const char *text, size_t size, const char *of)
{
	return memchr(text, '\0', size) && text[strspn(text, of)] == '\0';
}

static const char *check_range(const struct e164_range *r)
{
	int n;

	if (!memchr(r->starts, '\0', sizeof(r->starts)))
		return "the pattern of a range is too long";
	n = e164_pattern_length(r->starts);
	if (n < 0)
		return "the pattern of a range may hold digits, X, Z, N and sets such as [2-9] only";
	if (r->min == 0 || r->min > r->max || r->max > CALL_DIGITS_MAX || n > r->max)
		return "the lengths of a range must hold its pattern, and least may not exceed most";
	if (!digits_in(r->code, sizeof(r->code), "0123456789") || *r->code == '0')
		return "the country code of a range must be digits and cannot begin with 0";
	return r->use > E164_USE_EMERGENCY ? "a range is of no kind that there is" : NULL;
}

static const char *check_prefixes(const struct e164_profile *p)
{
	static const char dial[] = "0123456789*#";

	for (unsigned i = 0; i < p->international_count; i++)
		if (!digits_in(p->international[i], sizeof(p->international[i]), dial) ||
		    !*p->international[i])
			return "an international prefix must be digits";
	for (unsigned i = 0; i < p->carrier_count; i++) {
		const struct e164_carrier *c = &p->carrier[i];

		if (!digits_in(c->prefix, sizeof(c->prefix), dial) || !*c->prefix)
			return "a carrier prefix must be digits";
		if (c->digits == 0 || c->digits > E164_PREFIX_MAX ||
		    c->then > E164_THEN_DIALLED)
			return "a carrier is named by 1 to 7 digits";
	}
	return digits_in(p->national, sizeof(p->national), dial)
		   ? NULL
		   : "the national prefix must be digits";
}

int e164_profile_check(const struct e164_profile *p, const char **what)
{
	const char *bad = NULL;

	if (p->international_count > E164_PREFIXES_MAX || p->carrier_count > E164_PREFIXES_MAX ||
	    p->range_count > E164_RANGES_MAX)
		bad = "there are too many prefixes or ranges";
	else if (!memchr(p->name, '\0', sizeof(p->name)) ||
		 !memchr(p->country, '\0', sizeof(p->country)) || !*p->name)
		bad = "the profile has no name";
	/* E.164 6.2: one to three digits; none begins with 0. */
	else if (!digits_in(p->country_code, sizeof(p->country_code), "0123456789") ||
		 !*p->country_code || *p->country_code == '0')
		bad = "the country code must be 1 to 3 digits and cannot begin with 0";
	else
		bad = check_prefixes(p);
	for (unsigned i = 0; i < p->range_count && !bad; i++)
		bad = check_range(&p->range[i]);
	if (what)
		*what = bad;
	return bad ? -EINVAL : 0;
}

int e164_number_parse(struct call_number *out, const char *text)
{
	struct call_number n = {.present = true, .npi = CALL_NPI_E164};
	size_t len = 0;

	text += strspn(text, " ");
	if (*text == '+') {
		n.ton = CALL_TON_INTERNATIONAL;
		text++;
	}
	for (; *text; text++) {
		if (strchr(" -./()", *text))
			continue;
		if (!strchr("0123456789*#", *text) || len == CALL_DIGITS_MAX)
			return -EINVAL;
		if (strchr("*#", *text) && n.ton != CALL_TON_INTERNATIONAL)
			n.npi = CALL_NPI_UNKNOWN;
		n.digits[len++] = *text;
	}
	if (!len)
		return -EINVAL;
	*out = n;
	return 0;
}

const char *e164_format(const struct e164 *e, char out[E164_TEXT + 6])
{
	snprintf(out, E164_TEXT + 6, "%s%.*s",
		 e->kind == E164_NUMBER ? "+" : e->kind == E164_OTHER ? "other:" : "",
		 CALL_DIGITS_MAX, e->kind == E164_OTHER ? e->number.digits : e->digits);
	return out;
}
