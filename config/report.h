/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Collects the mistakes of one configuration file: they are found in any order (syntax, values,
 * then what does not fit together) and told in the order of the file. Bounded. Private to config/.
 */
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include "config/config.h"

struct report_entry {
	unsigned line, column; /* from 1; 0: the file as a whole */
	char *text;	       /* owner: the report; NULL when memory ran out */
};

struct report {
	const char *file; /* for the messages; the caller's */
	struct report_entry entry[CONFIG_ERRORS_MAX];
	unsigned count; /* all mistakes, also those past the bound */
};

void report_add(struct report *r, unsigned line, unsigned column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Tells them all, frees them; returns their number. */
unsigned report_flush(struct report *r, config_error_fn on_error, void *arg);

enum { REPORT_QUOTE = 80 };
/* Text of the file as it may be shown on a terminal, in quotes, cut when it is long. Returns out.
 */
const char *report_quote(char out[REPORT_QUOTE], const char *text);

#endif
