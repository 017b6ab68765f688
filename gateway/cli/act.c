/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/plan/lint.h"
#include "gateway/cli/cli.h"

int cli_call(struct cli *c)
{
	json_t *args, *o;

	if (c->argc < 2 || c->argc > 3 || strcmp(c->argv[0], "clear") != 0)
		return cli_usage("call", "call needs: clear ID [CAUSE]");
	args = json_pack("{s:s}", "call", c->argv[1]);
	if (c->argc == 3)
		json_object_set_new(args, "cause", json_integer(atoi(c->argv[2])));
	o = cli_ask(c, "clear-call", args);
	if (!o)
		return CLI_FAILED;
	if (c->json)
		cli_print_json(o);
	else
		printf("call %s is being cleared\n", c->argv[1]);
	json_decref(o);
	return CLI_OK;
}

int cli_span(struct cli *c)
{
	json_t *args, *o;

	if (c->argc < 2 || c->argc > 3 || strcmp(c->argv[1], "restart") != 0)
		return cli_usage("span", "span needs: N restart [TIMESLOT]");
	args = json_pack("{s:i}", "span", atoi(c->argv[0]));
	if (c->argc == 3)
		json_object_set_new(args, "ts", json_integer(atoi(c->argv[2])));
	o = cli_ask(c, "restart-channels", args);
	if (!o)
		return CLI_FAILED;
	if (c->json)
		cli_print_json(o);
	else
		printf("RESTART is being sent; see `spanbridge show channels`\n");
	json_decref(o);
	return CLI_OK;
}

static void print_mistake(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
}

static void print_warning(void *arg, unsigned line, const char *text)
{
	fprintf(stderr, "%s:%u: warning: %s\n", (const char *)arg, line, text);
}

int cli_config(struct cli *c)
{
	struct config *config = NULL;
	int mistakes;

	if (c->argc == 1 && strcmp(c->argv[0], "keys") == 0) {
		config_print_keys(stdout);
		return CLI_OK;
	}
	if (c->argc != 2 || strcmp(c->argv[0], "check") != 0)
		return cli_usage("config", "config needs: check FILE, or: keys");
	mistakes = config_load(&config, c->argv[1], print_mistake, NULL);
	if (mistakes) {
		fprintf(stderr, "%d mistake%s\n", mistakes, mistakes == 1 ? "" : "s");
		return CLI_FAILED;
	}
	printf("%s is right: %u span%s, %u trunk%s, up to %u calls\n", c->argv[1],
	       config->span_count, config->span_count == 1 ? "" : "s", config->trunk_count,
	       config->trunk_count == 1 ? "" : "s", config->calls_max);
	plan_lint(config, print_warning, c->argv[1]);
	config_destroy(config);
	return CLI_OK;
}
