/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/schema.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"

enum { KEYS_MAX = 16, KEY_LENGTH_MAX = 32 };

/* Edit distance with neighbours swapped counted once; words longer than the bound never match. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[3][KEY_LENGTH_MAX + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > KEY_LENGTH_MAX || m > KEY_LENGTH_MAX)
		return UINT16_MAX;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *now = row[i % 3], *up = row[(i - 1) % 3], *upper = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			bool same = tolower((unsigned char)a[i - 1]) == b[j - 1];
			unsigned best = up[j - 1] + !same;

			best = up[j] + 1 < best ? up[j] + 1 : best;
			best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    upper[j - 2] + 1 < best)
				best = upper[j - 2] + 1;
			now[j] = best;
		}
	}
	return row[n % 3][m];
}

static void report_unknown(struct report *r, const struct node *key, const char *where,
			   const struct schema_key *keys)
{
	const struct schema_key *nearest = NULL;
	unsigned least = 4;
	char seen[REPORT_QUOTE], list[512];
	struct strbuf b;

	report_quote(seen, key->text);
	for (const struct schema_moved *m = schema_moved; m->table; m++)
		if (m->table == keys && strcmp(m->key, key->text) == 0) {
			report_add(r, key->line, key->column, "%s has no key %s any more; write \"%s\"",
				   where, seen, m->now);
			return;
		}
	strbuf_init(&b, list, sizeof(list));
	for (const struct schema_key *k = keys; k->key; k++) {
		unsigned d = distance(key->text, k->key);

		strbuf_addf(&b, "%s%s", k == keys ? "" : ", ", k->key);
		if (d < least && d * 2 <= strlen(k->key)) {
			least = d;
			nearest = k;
		}
	}
	if (nearest)
		report_add(r, key->line, key->column, "%s has no key %s; did you mean \"%s\"?",
			   where, seen, nearest->key);
	else
		report_add(r, key->line, key->column, "%s has no key %s; it has: %s", where, seen,
			   list);
}

/* A default is parsed like a value of the file, so that it cannot differ from what is documented.
 */
static void take_default(struct report *r, const struct schema_key *key, const struct node *at,
			 struct schema_value *v)
{
	struct node n = {.text = key->fallback};

	v->node = at;
	v->text = NULL;
	if (key->type == SCHEMA_WORDS) {
		char copy[64], *rest = copy, *word;

		str_copy(copy, sizeof(copy), key->fallback);
		while ((word = strsep(&rest, ",")))
			for (uint8_t i = 0; key->words[i]; i++)
				if (strcmp(key->words[i], word) == 0)
					v->word[v->count++] = i;
		v->ok = true;
	} else if (key->fallback) {
		v->ok = schema_parse(r, key, &n, v);
		v->node = at;
	} else {
		v->ok = true;
	}
}

static void read_member(struct report *r, const struct node *n, const char *where,
			const struct schema_key *keys, struct schema_value *value)
{
	const struct schema_key *k = keys;
	struct schema_value *v;

	while (k->key && strcmp(k->key, n->key->text) != 0)
		k++;
	if (n->key->bad)
		return;
	if (!k->key) {
		report_unknown(r, n->key, where, keys);
		return;
	}
	v = &value[k - keys];
	if (v->given) {
		report_add(r, n->key->line, n->key->column,
			   "%s stands twice; it was given at line %u, keep one", k->key,
			   v->node->key->line);
		return;
	}
	v->given = true;
	v->node = n;
	v->ok = schema_parse(r, k, n, v);
}

void schema_read(struct report *r, const struct node *map, const struct node *parent,
		 const char *where, const struct schema_key *keys, struct schema_value *value)
{
	unsigned count = 0;

	while (keys[count].key)
		count++;
	memset(value, 0, count * sizeof(*value));
	for (const struct node *n = map ? map->first : NULL; n; n = n->next)
		read_member(r, n, where, keys, value);
	for (unsigned i = 0; i < count; i++) {
		char right[160];

		if (value[i].given)
			continue;
		if (keys[i].required && map)
			report_add(r, map->line, map->column, "%s has no %s; it must be %s", where,
				   keys[i].key, schema_expected(&keys[i], right, sizeof(right)));
		else
			take_default(r, &keys[i], map ? map : parent, &value[i]);
	}
}

static void print_keys(FILE *out, const struct schema_key *keys, unsigned depth)
{
	for (; keys->key; keys++) {
		char right[160];
		int indent = (int)depth * 2;

		fprintf(out, "%*s%s:%s\n", indent, "", keys->key,
			keys->required ? "  (required)" : "");
		fprintf(out, "%*s    %s\n", indent, "", keys->doc);
		fprintf(out, "%*s    %s", indent, "", schema_expected(keys, right, sizeof(right)));
		if (keys->fallback || keys->fallback_doc)
			fprintf(out, "; default: %s",
				keys->fallback ? keys->fallback : keys->fallback_doc);
		fputc('\n', out);
		if (keys->child && keys->type != SCHEMA_ITEMS)
			print_keys(out, keys->child, depth + 1);
	}
}

void config_print_keys(FILE *out)
{
	print_keys(out, schema_top, 0);
}
