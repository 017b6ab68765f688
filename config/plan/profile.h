/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Country profiles: what is true of a country's numbering plan, as YAML files of their own
 * (config/profiles/). Those of the project are built into the programs, sources, cases and all;
 * profile_find() gives them by name. A file that somebody wrote for his own country is read by the
 * same reader, and its cases decide whether it is taken.
 *
 * profile_find() may be called from any thread and never gives its memory away; what profile_parse()
 * fills in belongs to the caller: profile_file_fini().
 */
#ifndef CONFIG_PROFILE_H
#define CONFIG_PROFILE_H

#include <stddef.h>

#include "gateway/plan/e164.h"

/* One saved case of a profile: what is dialled on a line of that country, what it is, and how it is
 * dialled again. */
struct profile_case {
	unsigned line, column;
	char dialled[CALL_DIGITS_MAX + 16]; /* as written, for messages */
	struct call_number number;
	char area[E164_PREFIX_MAX + 1], carrier[E164_PREFIX_MAX + 1]; /* of the edge */
	enum e164_kind kind;
	char is[CALL_DIGITS_MAX + 1]; /* NUMBER without its +, SHORT, EMERGENCY */
	struct call_number back;      /* present false: not asked (OTHER) */
};

struct profile_file {
	struct e164_profile profile;
	struct profile_case *cases; /* owner: this */
	unsigned case_count;
};

enum { PROFILE_FILE_MAX = 1 << 18, PROFILE_CASES_MAX = 1000 };

/* One mistake; the text is complete, with file, line and column. */
typedef void (*profile_error_fn)(void *arg, const char *text);

/* 0, or the number of mistakes reported; *out is filled in only on 0. name: the file, for messages.
 * Runs the cases; one that fails is a mistake. */
int profile_parse(struct profile_file *out, const char *name, const char *text, size_t len,
		  profile_error_fn on_error, void *arg);
void profile_file_fini(struct profile_file *f); /* NULL legal */

/* Built in: by name ("cn"), NULL when there is none of that name. */
const struct e164_profile *profile_find(const char *name);
/* Their names and texts, in alphabetical order; NULL past the last. */
const char *profile_name(unsigned index);
const char *profile_text(const char *name);

#endif
