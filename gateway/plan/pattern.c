/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/pattern.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int pattern_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c == '*' ? 10 : c == '#' ? 11 : -1;
}

/* [1-5*]: text stands behind the bracket. The set, 0 when it is none; *end behind what was read. */
static uint16_t parse_set(const char *text, const char **end)
{
	uint16_t set = 0;

	for (; *text && *text != ']'; text++) {
		int from = pattern_digit(*text), to = from;

		if (from >= 0 && text[1] == '-') {
			text += 2;
			to = pattern_digit(*text);
		}
		*end = text;
		if (from < 0 || to < from || (to > from && to > 9))
			return 0;
		for (int d = from; d <= to; d++)
			set |= (uint16_t)(1 << d);
	}
	*end = text + (*text == ']');
	return *text == ']' ? set : 0;
}

static uint16_t parse_place(const char *text, const char **end)
{
	*end = text + 1;
	switch (*text) {
	case 'X':
		return PATTERN_ANY_DIGIT;
	case 'Z':
		return PATTERN_ANY_DIGIT & ~1;
	case 'N':
		return PATTERN_ANY_DIGIT & ~3;
	case '[':
		return parse_set(text + 1, end);
	default:
		return pattern_digit(*text) < 0 ? 0 : (uint16_t)(1 << pattern_digit(*text));
	}
}

static int bad_at(const char *text, const char *at, size_t *offset, const char **why,
		  const char *sentence)
{
	*offset = (size_t)(at - text);
	*why = sentence;
	return -EINVAL;
}

int pattern_parse(struct pattern *out, const char *text, size_t *offset, const char **why)
{
	const char *at = text, *end;

	*out = (struct pattern){0};
	if (*at == '+') {
		out->e164 = true;
		at++;
	}
	for (; *at; at = end) {
		uint16_t set;

		end = at + 1;
		if (*at == ' ' || *at == '-')
			continue;
		if (*at == '.' || *at == '!') {
			if (at[1])
				return bad_at(text, at, offset, why,
					      ". and ! stand at the end of a pattern only");
			out->tail = *at == '.' ? PATTERN_ONE_OR_MORE : PATTERN_ANY_MORE;
			continue;
		}
		set = parse_place(at, &end);
		if (!set)
			return bad_at(text, *at == '[' && *end ? end : at, offset, why,
				      *at == '[' ? "a set is written [1-5], [136] or [1-5*]"
						 : "a pattern has digits, * and #, X Z N [1-5] and a "
						   "final . or !");
		if (out->length == CALL_DIGITS_MAX)
			return bad_at(text, at, offset, why,
				      "longer than the 32 digits that a number can have");
		out->set[out->length++] = set;
	}
	return 0;
}

int pattern_match(const struct pattern *p, const char *digits)
{
	for (unsigned i = 0; i < p->length; i++) {
		int digit = digits[i] ? pattern_digit(digits[i]) : -1;

		if (digit < 0 || !(p->set[i] >> digit & 1))
			return -1;
	}
	if (p->tail == PATTERN_EXACT && digits[p->length])
		return -1;
	if (p->tail == PATTERN_ONE_OR_MORE && !digits[p->length])
		return -1;
	return p->length;
}

/* Steps of 1/128 bit: of two that differ by less neither is called narrower. */
static unsigned width_of(double numbers, bool open)
{
	return 2 * (unsigned)(128 * log2(numbers)) + open;
}

unsigned pattern_width(const struct pattern *p)
{
	double numbers = 1;

	for (unsigned i = 0; i < p->length; i++)
		numbers *= __builtin_popcount(p->set[i]);
	return width_of(numbers, p->tail != PATTERN_EXACT);
}

unsigned pattern_range_width(const char *first, const char *last)
{
	while (*first && *first == *last) { /* so that a double holds what is left */
		first++;
		last++;
	}
	return width_of(*first ? strtod(last, NULL) - strtod(first, NULL) + 1 : 1, false);
}

/* Digits from `from` to `to` at one place, any behind it. */
static void add_block(struct pattern *out, const char *head, size_t places, int from, int to,
		      size_t length)
{
	*out = (struct pattern){.length = (uint8_t)length};
	for (size_t i = 0; i < places; i++)
		out->set[i] = (uint16_t)(1 << (head[i] - '0'));
	for (int d = from; d <= to; d++)
		out->set[places] |= (uint16_t)(1 << d);
	for (size_t i = places + 1; i < length; i++)
		out->set[i] = PATTERN_ANY_DIGIT;
}

/* 123-457 is 12[3-9], 1[3-9]X, [2-3]XX, 4[0-4]X, 45[0-7]: the borders of the block, from the last
 * place where the two numbers differ outwards. Where first ends with zeros, or last with nines, there
 * is no border: 120-459 is 1[2-9]X, [2-3]XX, 4[0-5]X. */
int pattern_range(struct pattern out[PATTERN_RANGE_MAX], const char *first, const char *last)
{
	size_t length = strlen(first), same = 0, low_end = length, high_end = length;
	int count = 0, from, to;

	if (length == 0 || length > CALL_DIGITS_MAX || strlen(last) != length ||
	    strspn(first, "0123456789") != length || strspn(last, "0123456789") != length ||
	    strcmp(first, last) > 0)
		return -EINVAL;
	while (same + 1 < length && first[same] == last[same])
		same++;
	while (low_end > same + 1 && first[low_end - 1] == '0')
		low_end--;
	while (high_end > same + 1 && last[high_end - 1] == '9')
		high_end--;
	for (size_t i = length - 1; i > same; i--) {
		from = first[i] - '0' + (i + 1 < low_end);
		to = last[i] - '0' - (i + 1 < high_end);
		if (i < low_end && from <= 9)
			add_block(&out[count++], first, i, from, 9, length);
		if (i < high_end && to >= 0)
			add_block(&out[count++], last, i, 0, to, length);
	}
	from = first[same] - '0' + (same + 1 < low_end);
	to = last[same] - '0' - (same + 1 < high_end);
	if (from <= to)
		add_block(&out[count++], first, same, from, to, length);
	return count;
}
