/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/strbuf.h"
#include "gateway/cli/cli.h"

const char *cli_text(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

int64_t cli_number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* Names and numbers come from callers: an escape sequence in them must not move the cursor.
 * jansson gives valid UTF-8 only; there 0xc2 0x80 to 0xc2 0x9f are control characters, too. */
const char *cli_clean(char *out, size_t size, const char *text)
{
	struct strbuf b;

	strbuf_init(&b, out, size);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool pair = p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;

		if (*p < 0x20 || *p == 0x7f || pair)
			strbuf_add(&b, "?");
		else
			strbuf_add_n(&b, (const char *)p, 1);
		p += pair;
	}
	return out;
}

const char *cli_moment(char *out, size_t size, const char *iso)
{
	struct tm utc = {0}, local, today;
	time_t at, now = time(NULL);

	if (!strptime(iso, "%Y-%m-%dT%H:%M:%S", &utc)) {
		str_copy(out, size, "-");
		return out;
	}
	at = timegm(&utc);
	localtime_r(&at, &local);
	localtime_r(&now, &today);
	if (local.tm_yday == today.tm_yday && local.tm_year == today.tm_year)
		strftime(out, size, "%H:%M:%S", &local);
	else
		strftime(out, size, "%Y-%m-%d %H:%M:%S", &local);
	return out;
}

const char *cli_duration(char *out, size_t size, int64_t ms)
{
	int64_t s = ms / 1000;

	if (s >= 3600)
		snprintf(out, size, "%d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60),
			 (int)(s % 60));
	else
		snprintf(out, size, "%d:%02d", (int)(s / 60), (int)(s % 60));
	return out;
}

const char *cli_age(char *out, size_t size, int64_t s)
{
	static const struct {
		int64_t s;
		const char *name;
	} unit[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	unsigned i = 0;

	while (i < 3 && s < unit[i].s)
		i++;
	if (i == 3)
		snprintf(out, size, "%d s", (int)s);
	else
		snprintf(out, size, "%d %s %d %s", (int)(s / unit[i].s), unit[i].name,
			 (int)(s % unit[i].s / unit[i + 1].s), unit[i + 1].name);
	return out;
}

void cli_print_json(const json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
}

void table_init(struct table *t, unsigned columns, uint32_t right, const char *const *heads)
{
	*t = (struct table){.columns = columns, .right = right};
	for (unsigned i = 0; i < columns; i++)
		table_add(t, "%s", heads[i]);
}

void table_add(struct table *t, const char *format, ...)
{
	char raw[512], clean[512];
	va_list ap;

	if (t->cells == t->size) {
		unsigned size = t->size ? t->size * 2 : 64;
		char **cell = realloc(t->cell, size * sizeof(*cell));

		if (!cell)
			return;
		t->cell = cell;
		t->size = size;
	}
	va_start(ap, format);
	vsnprintf(raw, sizeof(raw), format, ap);
	va_end(ap);
	t->cell[t->cells++] = strdup(cli_clean(clean, sizeof(clean), raw));
}

static int width(const char *text)
{
	int n = 0;

	for (; text && *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

void table_print(struct table *t)
{
	int widest[TABLE_COLUMNS_MAX] = {0};
	bool heads_only = t->cells <= t->columns;

	for (unsigned i = 0; i < t->cells; i++)
		if (width(t->cell[i]) > widest[i % t->columns])
			widest[i % t->columns] = width(t->cell[i]);
	for (unsigned i = 0; i < t->cells; i++) {
		unsigned column = i % t->columns;
		int gap = widest[column] - width(t->cell[i]);
		bool last = column + 1 == t->columns, right = t->right >> column & 1;

		if (!heads_only) {
			printf("%*s%s%*s", right ? gap : 0, "", t->cell[i] ? t->cell[i] : "",
			       right || last ? 0 : gap, "");
			fputs(last ? "\n" : "  ", stdout);
		}
		free(t->cell[i]);
	}
	free(t->cell);
	*t = (struct table){0};
}
