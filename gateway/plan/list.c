/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/list.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "gateway/plan/digit_trie.h"
#include "gateway/plan/pattern.h"

enum { COLUMNS_MAX = 16, FIELD_MAX = 200, ROWS_MAX = 50000000 };

enum column { COL_NUMBER, COL_TO, COL_COST, COL_PRIORITY, COL_WEIGHT, COL_REPLACE, COL_OTHER };
static const char *const column_name[COL_OTHER] = {"number",   "to",	 "cost",
						   "priority", "weight", "replace"};

struct plan_list {
	char name[CALL_NAME_MAX + 1];
	struct digit_trie trie[2]; /* any number; E.164 only */
	struct plan_list_row *row; /* NULL: membership only */
	size_t rows;
	char *text; /* replacements, one after another; offset 0 is unused */
	uint32_t text_len, text_room;
	size_t count;
	bool has_targets;
};

struct field {
	const char *at;
	size_t len;
};

struct parser {
	struct plan_list *l;
	struct plan_list_error *bad;
	plan_find_endpoint_fn find;
	void *arg;
	const char *at, *end; /* what is left of the text */
	unsigned line;
	const char *line_begin;
	char separator;
	enum column column[COLUMNS_MAX];
	unsigned columns;
	bool wants_rows; /* some column beside the number */
	struct digit_key *key;
	size_t keys, key_room, row_room;
};

static int wrong(struct parser *p, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int wrong(struct parser *p, const char *at, const char *format, ...)
{
	struct strbuf b;
	va_list ap;

	p->bad->line = p->line;
	p->bad->column = (unsigned)(at - p->line_begin) + 1;
	strbuf_init(&b, p->bad->text, sizeof(p->bad->text));
	va_start(ap, format);
	strbuf_vaddf(&b, format, ap);
	va_end(ap);
	return -EINVAL;
}

/* ── lines and fields ── */

/* # alone or before a blank; #31# is a number. */
static bool is_comment(const struct field *line)
{
	return *line->at == '#' && (line->len == 1 || line->at[1] == ' ' || line->at[1] == '\t');
}

/* The next line with something in it, without its end. */
static bool next_line(struct parser *p, struct field *out)
{
	while (p->at < p->end) {
		const char *end = memchr(p->at, '\n', (size_t)(p->end - p->at));

		p->line++;
		p->line_begin = out->at = p->at;
		p->at = end ? end + 1 : p->end;
		end = end ? end : p->end;
		if (end > out->at && end[-1] == '\r')
			end--;
		out->len = (size_t)(end - out->at);
		if (out->len && !is_comment(out))
			return true;
	}
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '"';
}

/* Takes the first field off the line; quotes and blanks around it do not count. */
static struct field next_field(const struct parser *p, struct field *line)
{
	const char *end = memchr(line->at, p->separator, line->len);
	struct field f = {line->at, end ? (size_t)(end - line->at) : line->len};

	line->len -= f.len + (end != NULL);
	line->at = end ? end + 1 : f.at + f.len;
	while (f.len && is_blank(f.at[f.len - 1]))
		f.len--;
	while (f.len && is_blank(*f.at)) {
		f.at++;
		f.len--;
	}
	return f;
}

static bool is_word(struct field f, const char *word)
{
	return f.len == strlen(word) && memcmp(f.at, word, f.len) == 0;
}

static int read_header(struct parser *p, struct field line)
{
	unsigned numbers = 0;

	p->separator = memchr(line.at, ';', line.len)	 ? ';'
		       : memchr(line.at, '\t', line.len) ? '\t'
							 : ',';
	while (line.len) {
		struct field f = next_field(p, &line);
		unsigned c = 0;

		if (p->columns == COLUMNS_MAX)
			return wrong(p, f.at, "more than %d columns", COLUMNS_MAX);
		while (c < COL_OTHER && !is_word(f, column_name[c]))
			c++;
		if (c == COL_OTHER)
			return wrong(p, f.at,
				     "there is no column \"%.*s\"; the first line names them: "
				     "number, to, cost, priority, weight, replace",
				     f.len < 40 ? (int)f.len : 40, f.at);
		p->column[p->columns++] = (enum column)c;
		numbers += c == COL_NUMBER;
		p->wants_rows |= c != COL_NUMBER;
		p->l->has_targets |= c == COL_TO;
	}
	return numbers == 1 ? 0
			    : wrong(p, p->line_begin,
				    "the first line must name one column \"number\"");
}

/* ── values ── */

static int add_key(struct parser *p, const struct digit_key *k)
{
	if (p->keys == p->key_room) {
		size_t room = p->key_room ? p->key_room + p->key_room / 2 : 1024;
		struct digit_key *key = reallocarray(p->key, room, sizeof(*key));

		if (!key)
			return -ENOMEM;
		p->key = key;
		p->key_room = room;
	}
	p->key[p->keys] = *k;
	p->key[p->keys++].value = (uint32_t)p->l->rows;
	return 0;
}

static int add_block(struct parser *p, const struct pattern *block, bool plus)
{
	unsigned places = block->length;
	int err = 0;

	/* What is open at the end is open in a prefix anyway. */
	while (places && block->set[places - 1] == PATTERN_ANY_DIGIT)
		places--;
	for (unsigned digit = 0; digit < 10 && !err; digit++) {
		struct digit_key k = {.length = (uint8_t)places, .plus = plus};

		if (places && !(block->set[places - 1] >> digit & 1))
			continue;
		for (unsigned i = 0; i + 1 < places; i++)
			digit_key_put(&k, i, (unsigned)__builtin_ctz(block->set[i]));
		if (places)
			digit_key_put(&k, places - 1, digit);
		err = add_key(p, &k);
		if (!places)
			break;
	}
	return err;
}

static int take_range(struct parser *p, struct field f, size_t dash)
{
	struct pattern block[PATTERN_RANGE_MAX];
	char first[CALL_DIGITS_MAX + 1] = "", last[CALL_DIGITS_MAX + 1] = "";
	bool plus = *f.at == '+';
	const char *second = f.at + dash + 1;
	size_t len = dash - plus, len2 = f.len - dash - 1;
	int count = -1, err = 0;

	if (len2 && *second == '+' && plus) {
		second++;
		len2--;
	}
	if (len <= CALL_DIGITS_MAX && len2 <= CALL_DIGITS_MAX) {
		memcpy(first, f.at + plus, len);
		memcpy(last, second, len2);
		count = pattern_range(block, first, last);
	}
	if (count < 0)
		return wrong(p, f.at,
			     "a range is FIRST-LAST, equally long, the lower number first");
	for (int i = 0; i < count && !err; i++)
		err = add_block(p, &block[i], plus);
	return err;
}

static int take_number(struct parser *p, struct field f)
{
	struct digit_key k = {.plus = f.len && *f.at == '+'};
	const char *dash = memchr(f.at, '-', f.len);

	if (dash)
		return take_range(p, f, (size_t)(dash - f.at));
	for (size_t i = k.plus; i < f.len; i++) {
		int digit = pattern_digit(f.at[i]);

		if (digit < 0)
			return wrong(p, f.at + i,
				     "a number is digits, * and #, with a + in front for E.164, or "
				     "FIRST-LAST");
		if (k.length == CALL_DIGITS_MAX)
			return wrong(p, f.at + i, "longer than %d digits", CALL_DIGITS_MAX);
		digit_key_put(&k, k.length++, (unsigned)digit);
	}
	if (!k.length)
		return wrong(p, f.at, "there is no number");
	return add_key(p, &k);
}

static int take_integer(struct parser *p, struct field f, const char *name, uint16_t *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < f.len; i++) {
		if (f.at[i] < '0' || f.at[i] > '9' || n > UINT16_MAX / 10)
			return wrong(p, f.at, "%s is a number from 0 to 65535", name);
		n = n * 10 + (unsigned)(f.at[i] - '0');
	}
	if (n > UINT16_MAX)
		return wrong(p, f.at, "%s is a number from 0 to 65535", name);
	*out = (uint16_t)n;
	return 0;
}

/* "0.0125" in millionths. */
static int take_cost(struct parser *p, struct field f, uint32_t *out)
{
	uint64_t n = 0;
	int decimals = -1;

	for (size_t i = 0; i < f.len; i++) {
		char c = f.at[i];

		if (c == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (c < '0' || c > '9' || decimals == 6 || n > UINT32_MAX)
			return wrong(p, f.at, "a cost is a number such as 0.0125, up to 4000");
		n = n * 10 + (unsigned)(c - '0');
		decimals += decimals >= 0;
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 6; decimals++)
		n *= 10;
	if (n > UINT32_MAX)
		return wrong(p, f.at, "a cost is a number such as 0.0125, up to 4000");
	*out = (uint32_t)n;
	return 0;
}

static int take_replace(struct parser *p, struct field f, uint32_t *out)
{
	struct plan_list *l = p->l;
	size_t i = f.len && *f.at == '+';

	if (!f.len)
		return 0;
	while (i < f.len && pattern_digit(f.at[i]) >= 0)
		i++;
	if (i < f.len || f.len > CALL_DIGITS_MAX + 1 || (f.len == 1 && *f.at == '+'))
		return wrong(p, f.at + i, "the new number is up to %d digits, with a + in front for "
					  "E.164", CALL_DIGITS_MAX);
	if (l->text_len + f.len + 2 > l->text_room) {
		uint32_t room = l->text_room ? l->text_room + l->text_room / 2 : 4096;
		char *text = realloc(l->text, room);

		if (!text)
			return -ENOMEM;
		l->text = text;
		l->text_room = room;
	}
	*out = l->text_len ? l->text_len : 1;
	memcpy(l->text + *out, f.at, f.len);
	l->text[*out + f.len] = '\0';
	l->text_len = *out + (uint32_t)f.len + 1;
	return 0;
}

static int take_field(struct parser *p, enum column c, struct field f, struct plan_list_row *row)
{
	switch (c) {
	case COL_NUMBER:
		return take_number(p, f);
	case COL_TO:
		if (!f.len)
			return wrong(p, f.at, "no target; with a column `to` each line names its own, "
					      "span:NUMBER or trunk:NAME");
		row->to = p->find(p->arg, f.at, f.len);
		if (row->to.kind == CALL_EP_NONE)
			return wrong(p, f.at, "there is no \"%.*s\"; write span:NUMBER or trunk:NAME",
				     f.len < 40 ? (int)f.len : 40, f.at);
		return 0;
	case COL_COST:
		return take_cost(p, f, &row->cost);
	case COL_PRIORITY:
		return take_integer(p, f, "priority", &row->priority);
	case COL_WEIGHT:
		return take_integer(p, f, "weight", &row->weight);
	default:
		return take_replace(p, f, &row->replace);
	}
}

static int add_row(struct parser *p, const struct plan_list_row *row)
{
	struct plan_list *l = p->l;

	if (l->rows == p->row_room) {
		size_t room = p->row_room ? p->row_room + p->row_room / 2 : 1024;
		struct plan_list_row *rows = reallocarray(l->row, room, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		l->row = rows;
		p->row_room = room;
	}
	l->row[l->rows++] = *row;
	return 0;
}

static int read_line(struct parser *p, struct field line)
{
	struct plan_list_row row = {0};
	unsigned i = 0;
	int err = 0;

	for (; i < p->columns && !err; i++) {
		if (!line.len && i > 0 && line.at[-1] != p->separator)
			return wrong(p, line.at, "the line ends early; it must have %u columns",
				     p->columns);
		err = take_field(p, p->column[i], next_field(p, &line), &row);
	}
	if (!err && line.len)
		err = wrong(p, line.at, "more than the %u columns of the first line", p->columns);
	if (!err && p->l->count++ == ROWS_MAX)
		err = wrong(p, p->line_begin, "too many lines");
	return err || !p->wants_rows ? err : add_row(p, &row);
}

/* ── the whole ── */

/* Rows stand in the order of their numbers, so that those of one number are side by side. */
static int order_rows(struct parser *p)
{
	struct plan_list_row *row;

	if (!p->wants_rows || !p->keys)
		return 0;
	row = calloc(p->keys, sizeof(*row));
	if (!row)
		return -ENOMEM;
	for (size_t i = 0; i < p->keys; i++) {
		row[i] = p->l->row[p->key[i].value];
		p->key[i].value = (uint32_t)i;
	}
	free(p->l->row);
	p->l->row = row;
	p->l->rows = p->keys;
	return 0;
}

static int build(struct parser *p)
{
	size_t plain = 0;
	uint32_t same = 0;
	int err;

	err = digit_key_sort(p->key, p->keys);
	if (!err)
		err = order_rows(p);
	while (plain < p->keys && !p->key[plain].plus)
		plain++;
	if (!err)
		err = digit_trie_build(&p->l->trie[0], p->key, (uint32_t)plain, &same);
	if (!err)
		err = digit_trie_build(&p->l->trie[1], p->key + plain,
				       (uint32_t)(p->keys - plain), &same);
	if (err == -ERANGE) {
		p->line = 0;
		wrong(p, p->line_begin, "a number stands more than %d times", DIGIT_TRIE_SAME_MAX);
		return -EINVAL;
	}
	return err;
}

int plan_list_parse(struct plan_list **out, const char *name, const char *csv, size_t len,
		    plan_find_endpoint_fn find, void *arg, struct plan_list_error *bad)
{
	struct parser p = {.bad = bad, .find = find, .arg = arg, .at = csv, .end = csv + len};
	struct field line;
	int err;

	*bad = (struct plan_list_error){0};
	p.line_begin = csv;
	p.l = calloc(1, sizeof(*p.l));
	if (!p.l)
		return -ENOMEM;
	str_copy(p.l->name, sizeof(p.l->name), name);
	if (len >= 3 && memcmp(csv, "\xef\xbb\xbf", 3) == 0)
		p.at += 3;
	if (next_line(&p, &line))
		err = read_header(&p, line);
	else
		err = wrong(&p, p.line_begin,
			    "the list is empty; its first line names the columns: number, …");
	while (!err && next_line(&p, &line))
		err = read_line(&p, line);
	if (!err)
		err = build(&p);
	free(p.key);
	if (err)
		plan_list_destroy(p.l);
	else
		*out = p.l;
	return err;
}

void plan_list_destroy(struct plan_list *l)
{
	if (!l)
		return;
	digit_trie_free(&l->trie[0]);
	digit_trie_free(&l->trie[1]);
	free(l->row);
	free(l->text);
	free(l);
}

const char *plan_list_name(const struct plan_list *l)
{
	return l->name;
}

size_t plan_list_count(const struct plan_list *l)
{
	return l->count;
}

size_t plan_list_octets(const struct plan_list *l)
{
	size_t octets = sizeof(*l) + l->text_room + l->rows * sizeof(*l->row);

	for (int i = 0; i < 2; i++)
		octets += l->trie[i].node_room * sizeof(struct digit_node) + l->trie[i].label_room;
	return octets;
}

bool plan_list_has_targets(const struct plan_list *l)
{
	return l->has_targets;
}

const char *plan_list_text(const struct plan_list *l, uint32_t offset)
{
	return l->text + offset;
}

int plan_list_find(const struct plan_list *l, const struct call_number *n,
		   const struct plan_list_row **row, unsigned *rows)
{
	uint32_t value = 0, other = 0;
	unsigned values = 0, others = 0;
	bool e164 = n->ton == CALL_TON_INTERNATIONAL &&
		    (n->npi == CALL_NPI_E164 || n->npi == CALL_NPI_UNKNOWN);
	int found = digit_trie_find(&l->trie[0], n->digits, &value, &values);
	int better = e164 ? digit_trie_find(&l->trie[1], n->digits, &other, &others) : -1;

	if (better >= 0 && better >= found) {
		found = better;
		value = other;
		values = others;
	}
	if (row)
		*row = found >= 0 && l->row ? &l->row[value] : NULL;
	if (rows)
		*rows = values;
	return found;
}
