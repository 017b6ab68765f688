/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/peer_isdn/rows.h"

#include <stdlib.h>
#include <string.h>

#include "tests/peer_isdn/bed.h"

static void split(struct row *r, char separator)
{
	static char none[1];
	char *in = r->text, *out = r->text;

	for (unsigned i = 0; i < ROW_CELLS; i++)
		r->cell[i] = none;
	while (r->cells < ROW_CELLS) {
		bool quoted = false;

		r->cell[r->cells++] = out;
		for (; *in && *in != '\n' && (quoted || *in != separator); in++) {
			if (separator == ',' && *in == '"')
				quoted = !quoted;
			else
				*out++ = *in;
		}
		if (*in != separator)
			break;
		in++;
		*out++ = '\0';
	}
	*out = '\0';
}

unsigned rows_read(const char *path, char separator, struct row row[ROWS_MAX])
{
	FILE *file = fopen(path, "r");
	unsigned count = 0, line = 0;
	char text[ROW_TEXT];

	if (!file) {
		perror(path);
		exit(1);
	}
	while (fgets(text, sizeof(text), file)) {
		if (++line == 1 || count == ROWS_MAX)
			continue;
		memset(&row[count], 0, sizeof(row[count]));
		row[count].line = line;
		memcpy(row[count].text, text, sizeof(text));
		split(&row[count++], separator);
	}
	fclose(file);
	return count;
}

static unsigned driven, rows;
static void (*drive)(void **state);

static void drive_row(void **state)
{
	drive(state);
	driven++;
}

static void all_driven(void **state)
{
	(void)state;
	print_message("# rows driven %u / rows in the file %u\n", driven, rows);
	assert_int_equal(driven, rows);
}

int rows_run(const char *name, struct row *row, unsigned count, void (*test)(void **state))
{
	static struct CMUnitTest tests[ROWS_MAX + 1];
	static char names[ROWS_MAX][96];

	drive = test;
	rows = count;
	for (unsigned i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "line %u: %s %s %s", row[i].line,
			 row[i].cell[0], row[i].cell[1], row[i].cell[3]);
		tests[i] = (struct CMUnitTest){names[i], drive_row, NULL, bed_drop, &row[i]};
	}
	tests[count] = (struct CMUnitTest){"every row was driven", all_driven, NULL, NULL, NULL};
	return _cmocka_run_group_tests(name, tests, count + 1, NULL, NULL);
}
