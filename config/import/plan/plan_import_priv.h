/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the importers of number plans share: lines, notes, rules as they are written. Private to
 * config/import/plan/. */
#ifndef CONFIG_PLAN_IMPORT_PLAN_IMPORT_PRIV_H
#define CONFIG_PLAN_IMPORT_PLAN_IMPORT_PRIV_H

#include <stdbool.h>
#include <stdio.h>

#include "config/import/plan/plan_import.h"

enum { PI_LINE = 1024, PI_TEXT = 160, PI_TARGETS = 32, PI_QUOTE = 120, PI_FROM = 1024 };

struct importer {
	const char *name;
	const char *text; /* what is left of the input */
	size_t left;
	unsigned line;	  /* number of buffer's line, from 1 */
	unsigned indent;  /* octets before buffer in the file's line */
	const char *at;	  /* in buffer: what notes of this line are about */
	char buffer[PI_LINE]; /* trimmed, without control characters */
	FILE *plan, *rewrites, *lost;
	char *plan_text, *rewrites_text, *lost_text;
	size_t plan_len, rewrites_len, lost_len;
	unsigned rules, notes;
	plan_import_note_fn on_note;
	void *arg;
};

/* What becomes of the called number on its way to a target. Empty texts: not given. */
struct pi_set {
	unsigned strip;
	char prepend[PI_TEXT], number[PI_TEXT], ton[16], npi[16];
};

struct pi_target {
	char to[PI_TEXT];   /* "span:1" */
	char priority[16], weight[16], cost[16];
	struct pi_set set;
};

struct pi_rule {
	char name[PI_TEXT];
	char from[PI_FROM];	      /* "\"span:1\", \"trunk:x\"" */
	char key[12], match[PI_TEXT]; /* "prefix", "pattern"; of the called number */
	char ton[16];
	char calling[PI_TEXT];	      /* pattern of the calling number */
	char set_calling[PI_TEXT];
	unsigned bar;		      /* cause; 0: none */
	struct pi_target target[PI_TARGETS];
	unsigned targets;
};

/* 0 or -ENOMEM. */
int pi_begin(struct importer *m, const char *name, const char *text, size_t len,
	     plan_import_note_fn on_note, void *arg);
/* Ends with the notes or -errno, as the public functions do. */
int pi_end(struct importer *m, const char *command, const char *head, char **out);
bool pi_next_line(struct importer *m);
bool pi_read_line(struct importer *m); /* of another file than the one that notes are about */
char *pi_trim(char *text);
/* A line that has no effect, or not all of it: "file:line:column: text: why". The column is that of
 * m->at where line is the present one, else 1. */
void pi_note(struct importer *m, unsigned line, const char *text, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void pi_note_at(struct importer *m, unsigned line, unsigned column, const char *text,
		const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Column in the file of a place in m->buffer. */
unsigned pi_column(const struct importer *m, const char *at);
/* Writes "# file:line: text". */
void pi_origin(struct importer *m, FILE *to, unsigned line, const char *text);
/* A YAML scalar in double quotes. */
void pi_quoted(FILE *to, const char *text);
void pi_write_rule(struct importer *m, const struct pi_rule *r);
/* Only octets of a name of ours, others become '-'; cut. */
void pi_name(char *out, size_t size, const char *text);
bool pi_copy(char *out, size_t size, const char *text, size_t n);

#endif
