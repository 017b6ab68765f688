/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /match/ /replacement/ of a Cisco voice translation rule as one of our regexes and the number that
 * it makes. Theirs changes what matched and leaves the rest of the number; ours makes a whole number,
 * so the rest is matched too and put back. Pure. Private to config/import/plan/.
 */
#ifndef CONFIG_PLAN_IMPORT_CISCO_REGEX_H
#define CONFIG_PLAN_IMPORT_CISCO_REGEX_H

#include <stdbool.h>

enum { CISCO_REGEX = 160 };

/* false: there is no such rule of ours (an unknown sign, more than nine groups, too long). */
bool cisco_regex(const char *match, const char *with, char regex[CISCO_REGEX],
		 char number[CISCO_REGEX]);

#endif
