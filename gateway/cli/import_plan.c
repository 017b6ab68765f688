/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spanbridge import extensions|cisco|csv: other people's dial plans. */
#include "config/import/plan/plan_import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"

static const struct {
	const char *name;
	int (*run)(const char *name, const char *text, size_t len, char **out,
		   plan_import_note_fn on_note, void *arg);
} kinds[] = {{"extensions", plan_import_extensions},
	     {"cisco", plan_import_cisco},
	     {"csv", plan_import_csv}};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static unsigned kind_of(const char *name)
{
	unsigned i = 0;

	while (i < KINDS && strcmp(kinds[i].name, name) != 0)
		i++;
	return i;
}

bool cli_imports_plan(const char *kind)
{
	return kind_of(kind) < KINDS;
}

static void print_note(void *arg, const char *text)
{
	fprintf(stderr, "%s\n", text);
}

/* A regular file of at most PLAN_IMPORT_MAX octets, malloced; NULL: told. */
static char *read_whole(const char *path, size_t *len)
{
	char *text = malloc(PLAN_IMPORT_MAX + 1);
	FILE *f = text ? fopen(path, "re") : NULL;
	bool good = f;

	if (f) {
		*len = fread(text, 1, PLAN_IMPORT_MAX + 1, f);
		good = !ferror(f);
	}
	if (!good)
		fprintf(stderr, "spanbridge: %s cannot be read: %s\n", path, strerror(errno));
	if (f)
		fclose(f);
	if (good)
		return text;
	free(text);
	return NULL;
}

int cli_import_plan(struct cli *c)
{
	char *text, *out = NULL;
	size_t len = 0;
	int notes;

	if (c->argc != 2 || !cli_imports_plan(c->argv[0]))
		return cli_usage("import", "import needs: extensions FILE, cisco FILE or csv FILE");
	text = read_whole(c->argv[1], &len);
	if (!text)
		return CLI_FAILED;
	notes = kinds[kind_of(c->argv[0])].run(c->argv[1], text, len, &out, print_note, NULL);
	free(text);
	if (notes < 0) {
		fprintf(stderr, "spanbridge: %s: %s\n", c->argv[1],
			notes == -ENOENT  ? "there is no rule of a number plan in it"
			: notes == -E2BIG ? "it is longer than 8 MiB; import it in parts"
					  : strerror(-notes));
		return CLI_FAILED;
	}
	fputs(out, stdout);
	free(out);
	if (notes)
		fprintf(stderr, "%d line%s could not be taken over, or not whole: see above\n", notes,
			notes == 1 ? "" : "s");
	return CLI_OK;
}
