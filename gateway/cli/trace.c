/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of both sides: as they happen, and those of one call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "gateway/cli/cli.h"

struct wish {
	long span;	  /* 0: all */
	const char *call; /* NULL: all */
	bool raw;
};

/* Lines of a SIP message, or octets of a frame, below the message. */
static void print_raw(const json_t *row)
{
	const char *text = cli_text(row, "text"), *octets = cli_text(row, "octets");
	char line[4096], clean[4096];

	while (*text) {
		size_t n = strcspn(text, "\n");
		struct strbuf b;

		strbuf_init(&b, line, sizeof(line));
		strbuf_add_n(&b, text, n && text[n - 1] == '\r' ? n - 1 : n);
		printf("    %s\n", cli_clean(clean, sizeof(clean), line));
		text += n + (text[n] == '\n');
	}
	if (*octets)
		printf("    %s\n", cli_clean(clean, sizeof(clean), octets));
	if (cli_number(row, "cut_at"))
		printf("    … only the first %lld octets are kept\n",
		       (long long)cli_number(row, "cut_at"));
}

static void print_message(const json_t *row, bool with_call)
{
	const char *time = cli_text(row, "time"), *clock = strchr(time, 'T');
	char text[2048], who[80], clean[80], at[16];
	struct strbuf b;

	strbuf_init(&b, at, 13); /* 15:09:12.345; the date is the log's business */
	strbuf_add(&b, clock ? clock + 1 : time);
	strbuf_init(&b, who, sizeof(who));
	if (json_object_get(row, "span"))
		strbuf_addf(&b, "span %lld", (long long)cli_number(row, "span"));
	else
		strbuf_addf(&b, "sip %s", cli_text(row, "peer"));
	printf("%s  %-26s %s  ", at, cli_clean(clean, sizeof(clean), who),
	       strcmp(cli_text(row, "direction"), "out") ? ">" : "<");
	if (with_call)
		printf("%-8s ", *cli_text(row, "call") ? cli_text(row, "call") : "-");
	puts(cli_clean(text, sizeof(text), cli_text(row, "words")));
	print_raw(row);
}

static int take_wish(struct cli *c, struct wish *w, const char *subcommand, int first)
{
	*w = (struct wish){0};
	for (int i = first; i < c->argc; i++) {
		if (strcmp(c->argv[i], "--raw") == 0) {
			w->raw = true;
		} else if (strcmp(c->argv[i], "--span") == 0 && i + 1 < c->argc && first == 0) {
			w->span = atol(c->argv[++i]);
			if (w->span < 1 || w->span > UINT16_MAX)
				return cli_usage(subcommand, "--span takes the number of a span");
		} else if (strcmp(c->argv[i], "--call") == 0 && i + 1 < c->argc && first == 0) {
			w->call = c->argv[++i];
		} else if (first && !w->call && c->argv[i][0] != '-') {
			w->call = c->argv[i];
		} else {
			return cli_usage(subcommand, "%s does not know \"%s\"", subcommand,
					 c->argv[i]);
		}
	}
	return CLI_OK;
}

static json_t *arguments(const struct wish *w)
{
	json_t *args = json_object();

	if (w->span)
		json_object_set_new(args, "span", json_integer(w->span));
	if (w->call)
		json_object_set_new(args, "call", json_string(w->call));
	if (w->raw)
		json_object_set_new(args, "raw", json_true());
	return args;
}

int cli_trace(struct cli *c)
{
	struct wish w;
	int status = take_wish(c, &w, "trace", 0);
	json_t *o;

	if (status)
		return status;
	o = cli_ask(c, "trace", arguments(&w));
	if (!o)
		return CLI_FAILED;
	json_decref(o);
	while (!fflush(stdout) && (o = cli_hear(c, true))) {
		const json_t *row = json_object_get(o, "trace");

		if (!row) {
			fprintf(stderr, "spanbridge: %lld messages came too fast and are missing\n",
				(long long)cli_number(o, "lost"));
		} else if (c->json) {
			json_dumpf(row, stdout, JSON_COMPACT);
			putchar('\n');
		} else {
			print_message(row, !w.call);
		}
		json_decref(o);
	}
	return ferror(stdout) ? CLI_OK : CLI_FAILED; /* the reader of our pipe has gone */
}

int cli_show_call(struct cli *c)
{
	json_t *ladder, *rows, *row;
	struct wish w;
	int status = take_wish(c, &w, "show", 1);
	size_t i;

	if (!status && !w.call)
		status = cli_usage("show", "show call needs the ID of a call");
	if (status)
		return status;
	ladder = cli_ask(c, "ladder", arguments(&w));
	if (!ladder)
		return CLI_FAILED;
	rows = json_object_get(ladder, "rows");
	if (c->json)
		cli_print_json(ladder);
	else
		json_array_foreach(rows, i, row)
		{
			if (i && (int64_t)i == cli_number(ladder, "left_out_after"))
				printf("… %lld messages are not kept …\n",
				       (long long)cli_number(ladder, "left_out"));
			print_message(row, false);
		}
	json_decref(ladder);
	return CLI_OK;
}
