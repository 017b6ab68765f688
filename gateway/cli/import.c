/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spanbridge import and export: other programs' files into ours and back. */
#include "config/import/dahdi/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"

/* The whole of a file, malloced; NULL: told. */
static char *read_whole(const char *path, size_t *len)
{
	char *text = malloc(IMPORT_FILE_MAX + 1);
	FILE *f = text ? fopen(path, "re") : NULL;

	if (!f) {
		fprintf(stderr, "spanbridge: %s cannot be read: %s\n", path, strerror(errno));
		free(text);
		return NULL;
	}
	*len = fread(text, 1, IMPORT_FILE_MAX + 1, f);
	if (ferror(f)) {
		fprintf(stderr, "spanbridge: %s cannot be read: %s\n", path, strerror(errno));
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

static void print_note(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
}

static bool take_source(const char *path, struct import_source *out)
{
	*out = (struct import_source){.name = path};
	out->text = read_whole(path, &out->len);
	return out->text;
}

int cli_import(struct cli *c)
{
	bool asterisk = c->argc && strcmp(c->argv[0], "asterisk") == 0;
	struct import_source source = {0}, system = {0};
	const char *why = "";
	char *out = NULL;
	int notes;

	if (c->argc && cli_imports_plan(c->argv[0]))
		return cli_import_plan(c);
	if (c->argc < 2 || c->argc > 2 + asterisk || (!asterisk && strcmp(c->argv[0], "dahdi")))
		return cli_usage(
		    "import", "import needs: dahdi FILE, asterisk FILE [SYSTEM.CONF], extensions "
			      "FILE [chan_dahdi.conf] [pjsip.conf] [sip.conf], cisco FILE or csv FILE");
	if (!take_source(c->argv[1], &source) ||
	    (c->argc == 3 && !take_source(c->argv[2], &system))) {
		free((char *)source.text);
		return CLI_FAILED;
	}
	notes = asterisk ? import_asterisk(&source, c->argc == 3 ? &system : NULL, &out, print_note,
					   NULL, &why)
			 : import_dahdi(&source, &out, print_note, NULL, &why);
	if (notes < 0)
		fprintf(stderr, "spanbridge: %s: %s\n", c->argv[1], why);
	else
		fputs(out, stdout);
	if (notes > 0)
		fprintf(stderr, "%d line%s could not be taken over as above\n", notes,
			notes == 1 ? "" : "s");
	free(out);
	free((char *)source.text);
	free((char *)system.text);
	return notes < 0 ? CLI_FAILED : CLI_OK;
}

static void print_mistake(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
}

int cli_export(struct cli *c)
{
	struct config *config = NULL;
	char *out = NULL;
	int err;

	if (c->argc != 2 || strcmp(c->argv[0], "dahdi") != 0)
		return cli_usage("export", "export needs: dahdi CONFIG");
	if (config_load(&config, c->argv[1], print_mistake, NULL))
		return CLI_FAILED;
	err = export_dahdi(config, c->argv[1], &out);
	if (err)
		fprintf(stderr, "spanbridge: %s: %s\n", c->argv[1],
			err == -ENOENT ? "it has no span with driver: dahdi" : strerror(-err));
	else
		fputs(out, stdout);
	free(out);
	config_destroy(config);
	return err ? CLI_FAILED : CLI_OK;
}
