/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "gateway/lab/lab.h"

#define DEFAULT_SOCKET "/run/spanbridge/control.sock"

static const struct {
	const char *name;
	int (*run)(struct cli *c);
} subcommands[] = {{"status", cli_status},
		   {"show", cli_show},
		   {"log", cli_log},
		   {"trace", cli_trace},
		   {"call", cli_call},
		   {"span", cli_span},
		   {"config", cli_config},
		   {"plan", cli_plan},
		   {"doctor", cli_doctor},
		   {"import", cli_import},
		   {"export", cli_export}};
enum { SUBCOMMANDS = sizeof(subcommands) / sizeof(subcommands[0]) };

/* Options may stand anywhere; the rest stays in order. 0, or the exit status. */
static int take_options(struct cli *c, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			c->json = true;
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			c->help = true;
		} else if (strcmp(argv[i], "--socket") == 0) {
			if (++i == argc)
				return cli_usage(NULL, "--socket needs a path");
			c->socket = argv[i];
			c->socket_given = true;
		} else if (strncmp(argv[i], "--socket=", 9) == 0) {
			c->socket = argv[i] + 9;
			c->socket_given = true;
		} else if (c->argc == CLI_ARGS_MAX) {
			return cli_usage(NULL, "too many arguments");
		} else {
			c->argv[c->argc++] = argv[i];
		}
	}
	return 0;
}

static int run(struct cli *c)
{
	const char *name = c->argv[0];
	unsigned i = 0;
	int status;

	while (i < SUBCOMMANDS && strcmp(subcommands[i].name, name) != 0)
		i++;
	if (i == SUBCOMMANDS)
		return cli_usage(NULL, "there is no command \"%s\"", name);
	if (c->help) {
		cli_help(name);
		return CLI_OK;
	}
	c->argc--;
	memmove(c->argv, c->argv + 1, sizeof(c->argv[0]) * (size_t)(c->argc + 1));
	status = subcommands[i].run(c);
	cli_hang_up(c);
	return status;
}

int main(int argc, char **argv)
{
	const char *socket = getenv("SPANBRIDGE_SOCKET");
	struct cli c = {.fd = -1, .socket = DEFAULT_SOCKET};
	int status;

	if (argc > 1 && strcmp(argv[1], "lab") == 0)
		return lab_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "sip-peer") == 0)
		return sip_peer_main(argc - 1, argv + 1);
	if (socket && *socket) {
		c.socket = socket;
		c.socket_given = true;
	}
	signal(SIGPIPE, SIG_IGN); /* `| head` is no error */
	status = take_options(&c, argc, argv);
	if (status)
		return status;
	if (c.argc == 0 && !c.help) {
		cli_help(NULL);
		return CLI_USAGE;
	}
	if (c.argc == 0) {
		cli_help(NULL);
		return CLI_OK;
	}
	if (strcmp(c.argv[0], "help") == 0) {
		cli_help(c.argc > 1 ? c.argv[1] : NULL);
		return CLI_OK;
	}
	return run(&c);
}
