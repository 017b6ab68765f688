/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line program: asks the core over its control socket and prints what a technician
 * needs, aligned, the worst first; --json prints what the core said. Blocking, one thread; links
 * neither libpri nor libosip2. Exit status: 0 done, 1 it could not be done, 2 wrong usage.
 * Private to gateway/cli/.
 */
#ifndef GATEWAY_CLI_CLI_H
#define GATEWAY_CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_ARGS_MAX = 32 };

struct cli {
	const char *socket; /* path */
	bool socket_given;  /* by an option or the environment */
	bool json;
	bool help; /* asked for with the subcommand */
	int argc;  /* what is left behind the subcommand */
	char *argv[CLI_ARGS_MAX + 1];
	int fd;	  /* -1: not connected */
	char *in; /* owner: client.c; a line being read */
	size_t in_len, in_size;
};

/* ── client.c ── */

/* One request: cmd with args (stolen; NULL for none). The result, or NULL: told on stderr. */
json_t *cli_ask(struct cli *c, const char *cmd, json_t *args);
/* All pages of a list, as one array. NULL: told. */
json_t *cli_ask_rows(struct cli *c, const char *cmd);
/* The next line from the core, parsed; waits for ever. NULL: told. */
json_t *cli_hear(struct cli *c, bool patient);
void cli_hang_up(struct cli *c);

/* ── text.c ── */

/* The text at key, "" when there is none. */
const char *cli_text(const json_t *o, const char *key);
int64_t cli_number(const json_t *o, const char *key);
/* Text as a terminal may get it: control characters become '?'. Returns out. */
const char *cli_clean(char *out, size_t size, const char *text);
/* "03:12:44" when it was today by local time, else "2026-11-20 03:12:44". Returns out. */
const char *cli_moment(char *out, size_t size, const char *iso);
/* 5400000 → "1:30:00", 61000 → "1:01". Returns out. */
const char *cli_duration(char *out, size_t size, int64_t ms);
/* 273600 → "3 d 4 h", 65 → "1 min 5 s". Returns out. */
const char *cli_age(char *out, size_t size, int64_t s);
void cli_print_json(const json_t *value);

/* A table: cells are added from left to right; prints aligned. right: bit per column. */
enum { TABLE_COLUMNS_MAX = 16 };
struct table {
	unsigned columns, cells, size;
	uint32_t right;
	char **cell; /* owner: the table */
};
void table_init(struct table *t, unsigned columns, uint32_t right, const char *const *heads);
void table_add(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints and frees; a table without rows prints nothing. */
void table_print(struct table *t);

/* ── subcommands: exit status ── */

int cli_status(struct cli *c);
int cli_show(struct cli *c);
int cli_log(struct cli *c);
int cli_trace(struct cli *c);
/* show call ID */
int cli_show_call(struct cli *c);
int cli_call(struct cli *c);
int cli_span(struct cli *c);
int cli_config(struct cli *c);
int cli_doctor(struct cli *c);
int cli_import(struct cli *c);
int cli_export(struct cli *c);
int cli_plan(struct cli *c);

/* A configuration file; NULL: its mistakes were told on stderr. config_destroy() it. */
struct config;
struct config *cli_load(const char *path);

/* ── plan's own: argv is what follows the word ── */

int cli_plan_replay(struct cli *c);
int cli_plan_test(struct cli *c);

/* ── import's own ── */

bool cli_imports_plan(const char *kind); /* "extensions", "cisco", "csv" */
int cli_import_plan(struct cli *c);

/* ── help.c ── */

void cli_help(const char *subcommand); /* NULL: the program's */
/* "…; try `spanbridge show --help`". Returns CLI_USAGE. */
int cli_usage(const char *subcommand, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
