/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spanbridge plan: the number plan of a configuration file, without a running core. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/plan/lint.h"
#include "config/plan/profile.h"
#include "gateway/cli/cli.h"

static void print_mistake(void *arg, const char *text)
{
	fprintf(stderr, "%s\n", text);
}

struct config *cli_load(const char *path)
{
	struct config *config = NULL;
	int mistakes = config_load(&config, path, print_mistake, NULL);

	if (mistakes)
		fprintf(stderr, "%d mistake%s\n", mistakes, mistakes == 1 ? "" : "s");
	return config;
}

struct findings {
	const char *file;
	json_t *list; /* NULL: print */
};

static void on_finding(void *arg, unsigned line, const char *text)
{
	const struct findings *f = arg;

	if (f->list)
		json_array_append_new(f->list, json_pack("{s:i, s:s}", "line", (int)line, "text", text));
	else if (line)
		printf("%s:%u: %s\n", f->file, line, text);
	else
		printf("%s: %s\n", f->file, text);
}

static int plan_lint_verb(struct cli *c)
{
	struct findings f = {.list = NULL};
	struct config *config;
	unsigned count;

	if (c->argc != 1)
		return cli_usage("plan", "plan lint needs: FILE");
	config = cli_load(c->argv[0]);
	if (!config)
		return CLI_FAILED;
	f.file = c->argv[0];
	f.list = c->json ? json_array() : NULL;
	count = plan_lint(config, on_finding, &f);
	if (f.list)
		cli_print_json(f.list);
	else if (count)
		printf("%u finding%s\n", count, count == 1 ? "" : "s");
	else
		printf("%s: nothing to say against the number plan\n", c->argv[0]);
	json_decref(f.list);
	config_destroy(config);
	return count ? CLI_FAILED : CLI_OK;
}

/* The profile as it is built in, sources, cases and all: a start for one's own. */
static int plan_profile_verb(struct cli *c)
{
	if (c->argc == 0) {
		for (unsigned i = 0; profile_name(i); i++) {
			const struct e164_profile *p = profile_find(profile_name(i));

			printf("%s  +%-3s  %s\n", profile_name(i), p ? p->country_code : "",
			       p ? p->country : "");
		}
		return CLI_OK;
	}
	if (c->argc != 1 || !profile_text(c->argv[0]))
		return cli_usage("plan", "plan profile needs one of the names that `spanbridge plan "
					 "profile` lists");
	fputs(profile_text(c->argv[0]), stdout);
	return CLI_OK;
}

static void print_refusal(json_t *event)
{
	int more = (int)cli_number(event, "mistakes") - 1;
	char why[1200];

	fprintf(stderr, "the old number plan stays: %s\n",
		cli_clean(why, sizeof(why), cli_text(event, "why")));
	if (more > 0)
		fprintf(stderr, "and %d mistake%s more; spanbridge config check FILE shows all\n", more,
			more > 1 ? "s" : "");
}

/* Waits for the event that tells how it went. */
static int plan_reload_verb(struct cli *c)
{
	json_t *o = cli_ask(c, "plan-reload", NULL), *event;
	int status = -1;

	if (!o)
		return CLI_FAILED;
	event = cli_ask(c, "subscribe", json_pack("{s:I, s:s}", "from", (json_int_t)cli_number(o, "from"),
						  "level", "info"));
	json_decref(o);
	json_decref(event);
	while (event && status < 0 && (o = cli_hear(c, true))) {
		const char *name;

		event = json_object_get(o, "event");
		name = cli_text(event, "event");
		if (strcmp(name, "plan.taken") == 0) {
			printf("the new number plan is in use\n");
			status = CLI_OK;
		} else if (strcmp(name, "plan.refused") == 0) {
			print_refusal(event);
			status = CLI_FAILED;
		}
		event = o;
		json_decref(o);
	}
	return status < 0 ? CLI_FAILED : status;
}

static const struct {
	const char *name;
	int (*run)(struct cli *c); /* argv: what follows the name */
} verbs[] = {{"test", cli_plan_test},
	     {"reload", plan_reload_verb},
	     {"lint", plan_lint_verb}, {"replay", cli_plan_replay}, {"profile", plan_profile_verb}};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

int cli_plan(struct cli *c)
{
	unsigned i = 0;

	while (c->argc && i < VERBS && strcmp(verbs[i].name, c->argv[0]) != 0)
		i++;
	if (!c->argc || i == VERBS)
		return cli_usage("plan", "plan needs: test NUMBER, reload, lint FILE, replay --config FILE, or profile [NAME]");
	c->argc--;
	memmove(c->argv, c->argv + 1, sizeof(c->argv[0]) * (size_t)(c->argc + 1));
	return verbs[i].run(c);
}
