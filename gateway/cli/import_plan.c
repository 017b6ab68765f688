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
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), BESIDE_MAX = 4 };

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

/* extensions takes further files that say what enters which context. */
static bool right_files(const struct cli *c)
{
	if (c->argc < 2 || c->argc > 2 + BESIDE_MAX)
		return false;
	for (int i = 2; i < c->argc; i++)
		if (strcmp(c->argv[0], "extensions") != 0 || !plan_import_is_beside(c->argv[i]))
			return false;
	return true;
}

static int say_result(const char *path, int notes, const char *out)
{
	if (notes < 0) {
		fprintf(stderr, "spanbridge: %s: %s\n", path,
			notes == -ENOENT  ? "there is no rule of a number plan in it"
			: notes == -E2BIG ? "it is longer than 8 MiB; import it in parts"
					  : strerror(-notes));
		return CLI_FAILED;
	}
	fputs(out, stdout);
	if (notes)
		fprintf(stderr, "%d line%s could not be taken over, or not whole: see above\n", notes,
			notes == 1 ? "" : "s");
	return CLI_OK;
}

int cli_import_plan(struct cli *c)
{
	struct plan_import_file file[1 + BESIDE_MAX];
	unsigned files = 0;
	char *out = NULL;
	int notes, result = CLI_FAILED;

	if (!right_files(c))
		return cli_usage("import", "import needs: extensions FILE [chan_dahdi.conf] [pjsip.conf] "
					   "[sip.conf], cisco FILE or csv FILE");
	for (; files + 1 < (unsigned)c->argc; files++) {
		file[files] = (struct plan_import_file){.name = c->argv[files + 1]};
		file[files].text = read_whole(file[files].name, &file[files].len);
		if (!file[files].text)
			break;
	}
	if (files + 1 == (unsigned)c->argc) {
		notes = files > 1 ? plan_import_extensions_with(&file[0], &file[1], files - 1, &out,
								print_note, NULL)
				  : kinds[kind_of(c->argv[0])].run(file[0].name, file[0].text, file[0].len,
								   &out, print_note, NULL);
		result = say_result(file[0].name, notes, out);
	}
	while (files--)
		free((char *)file[files].text);
	free(out);
	return result;
}
