/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spanbridged: the core as a daemon. Reads the configuration, opens spans and sockets, starts the
 * threads (control is this one), and turns the core on libuv's loop: descriptors mark the turn as
 * due, one turn a loop pass does the work, one timer waits for the next deadline.
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/plan/lint.h"
#include "gateway/daemon.h"

static const char usage[] =
    "Usage: spanbridged [--config FILE]     run the gateway in the foreground\n"
    "       spanbridged --check FILE        say what is wrong with a configuration, and stop\n"
    "\n"
    "Options:\n"
    "  -c, --config FILE    configuration (default /etc/spanbridge/spanbridge.yaml)\n"
    "      --check FILE     read FILE, report every mistake as file:line:column, start nothing\n"
    "      --capture FILE   write D-channels and SIP to FILE as pcapng (overrides `capture:`)\n"
    "  -V, --version        print the version\n"
    "  -h, --help           this text\n"
    "\n"
    "Examples of configurations stand in config/examples/. While it runs, look inside with\n"
    "`spanbridge status`. SIGTERM clears all calls and stops; a second one stops at once.\n"
    "SIGHUP opens the record, log and capture files anew (after a rotation) and takes a new number\n"
    "plan from the configuration, if it is right; the log says so.\n"
    "Exit status: 0 stopped as asked, 1 could not start or run, 2 wrong usage or configuration.\n";

static void print_error(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
}

/* Legal, and yet most likely not what is meant. */
static void print_warning(void *arg, unsigned line, const char *text)
{
	fprintf(stderr, "%s:%u: warning: %s\n", (const char *)arg, line, text);
}

static int check_config(const char *path)
{
	struct config *config;
	int mistakes = config_load(&config, path, print_error, NULL);

	if (mistakes) {
		fprintf(stderr, "%s: %d mistake%s, nothing was started\n", path, mistakes,
			mistakes == 1 ? "" : "s");
		return 2;
	}
	printf("%s: good: %u span%s, %u trunk%s\n", path, config->span_count,
	       config->span_count == 1 ? "" : "s", config->trunk_count,
	       config->trunk_count == 1 ? "" : "s");
	plan_lint(config, print_warning, (void *)path);
	config_destroy(config);
	return 0;
}

static int run(const char *path, const char *capture)
{
	struct config *config;
	int mistakes = config_load(&config, path, print_error, NULL), status;

	if (mistakes) {
		fprintf(stderr,
			"%s: %d mistake%s, nothing was started. Mend the file, then check it with: "
			"spanbridged --check %s\n",
			path, mistakes, mistakes == 1 ? "" : "s", path);
		return 2;
	}
	plan_lint(config, print_warning, (void *)path);
	if (capture && snprintf(config->capture_path, sizeof(config->capture_path), "%s",
				capture) >= (int)sizeof(config->capture_path)) {
		fprintf(stderr, "spanbridged: --capture: the path is longer than %zu octets\n",
			sizeof(config->capture_path) - 1);
		config_destroy(config);
		return 2;
	}
	status = daemon_run(config, path);
	config_destroy(config);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},  {"check", required_argument, NULL, 'k'},
	    {"capture", required_argument, NULL, 'p'}, {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},	       {0},
	};
	const char *path = "/etc/spanbridge/spanbridge.yaml", *check = NULL, *capture = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "c:Vh", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			path = optarg;
			break;
		case 'k':
			check = optarg;
			break;
		case 'p':
			capture = optarg;
			break;
		case 'V':
			puts("spanbridged " SPANBRIDGE_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs("Try: spanbridged --help\n", stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "spanbridged: %s: unexpected word. Try: spanbridged --help\n",
			argv[optind]);
		return 2;
	}
	return check ? check_config(check) : run(path, capture);
}
