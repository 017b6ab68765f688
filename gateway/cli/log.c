/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"

/* As the log file has it: time LEVEL event key=value … */
static void print_event(const struct cli *c, const json_t *event)
{
	char text[2048];
	const char *key;
	json_t *v;

	if (c->json) {
		json_dumpf(event, stdout, JSON_COMPACT);
		putchar('\n');
		return;
	}
	printf("%s %s", cli_clean(text, 64, cli_text(event, "time")), cli_text(event, "level"));
	printf(" %s", cli_clean(text, sizeof(text), cli_text(event, "event")));
	json_object_foreach((json_t *)event, key, v)
	{
		if (strcmp(key, "time") == 0 || strcmp(key, "level") == 0 ||
		    strcmp(key, "event") == 0 || strcmp(key, "number") == 0)
			continue;
		if (json_is_string(v)) {
			bool plain =
			    *json_string_value(v) && !strpbrk(json_string_value(v), " \"=");

			cli_clean(text, sizeof(text), json_string_value(v));
			printf(plain ? " %s=%s" : " %s=\"%s\"", key, text);
		} else if (json_is_integer(v)) {
			printf(" %s=%lld", key, (long long)json_integer_value(v));
		} else {
			printf(" %s=-", key);
		}
	}
	putchar('\n');
}

static bool wanted(const json_t *event, const char *level)
{
	static const char *const order[] = {"ERROR", "WARN", "INFO", "DEBUG"};
	int seen = 3, most = 3;

	for (int i = 0; i < 4; i++) {
		seen = strcmp(order[i], cli_text(event, "level")) == 0 ? i : seen;
		most = level && strcasecmp(order[i], level) == 0 ? i : most;
	}
	return seen <= most;
}

/* Events as they happen, until somebody stops us or the core ends. */
static int follow(struct cli *c, json_int_t from, const char *level)
{
	json_t *args = json_pack("{s:I}", "from", from), *o;

	if (level)
		json_object_set_new(args, "level", json_string(level));
	o = cli_ask(c, "subscribe", args);
	if (!o)
		return CLI_FAILED;
	json_decref(o);
	fflush(stdout);
	while ((o = cli_hear(c, true))) {
		const json_t *event = json_object_get(o, "event");

		if (event)
			print_event(c, event);
		else
			fprintf(stderr, "spanbridge: %lld events came too fast and are missing\n",
				(long long)cli_number(o, "lost"));
		json_decref(o);
		if (fflush(stdout)) /* the reader of our pipe has gone */
			return CLI_OK;
	}
	return CLI_FAILED;
}

/* Prints up to last events; *next becomes the number that follows them. */
static bool print_tail(struct cli *c, int last, const char *level, json_int_t *next)
{
	json_t *args = json_pack("{s:i}", "last", last), *page, *event, *more;

	do {
		size_t i;

		page = cli_ask(c, "log", args);
		if (!page)
			return false;
		json_array_foreach(json_object_get(page, "rows"), i, event)
		{
			*next = cli_number(event, "number") + 1;
			if (wanted(event, level))
				print_event(c, event);
		}
		more = json_object_get(page, "next");
		args = json_is_integer(more) ? json_pack("{s:O}", "page", more) : NULL;
		json_decref(page);
	} while (args);
	return true;
}

int cli_log(struct cli *c)
{
	const char *level = NULL;
	bool following = false;
	json_int_t next = 1;
	int last = 50;

	for (int i = 0; i < c->argc; i++) {
		if (strcmp(c->argv[i], "-f") == 0 || strcmp(c->argv[i], "--follow") == 0) {
			following = true;
		} else if (strcmp(c->argv[i], "-n") == 0 && i + 1 < c->argc) {
			last = atoi(c->argv[++i]);
			if (last < 1 || last > 500)
				return cli_usage("log", "-n takes a number from 1 to 500");
		} else if (strcmp(c->argv[i], "--level") == 0 && i + 1 < c->argc) {
			level = c->argv[++i];
			if (strcmp(level, "error") && strcmp(level, "warn") &&
			    strcmp(level, "info") && strcmp(level, "debug"))
				return cli_usage("log", "--level takes error, warn, info or debug");
		} else {
			return cli_usage("log", "log does not know \"%s\"", c->argv[i]);
		}
	}
	if (!print_tail(c, last, level, &next))
		return CLI_FAILED;
	return following ? follow(c, next, level) : CLI_OK;
}
