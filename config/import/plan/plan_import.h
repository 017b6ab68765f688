/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dial plans of others into our number plan: Asterisk's extensions.conf, Cisco's voice translation
 * rules and dial peers, and tables of prefixes (CSV). Text in, text out: the `plan:` and `numbers:`
 * parts of a configuration, each rule with the line that it came from, and at the end a list of what
 * was not taken over. What the other file cannot know is marked FILL IN. Each line without effect is
 * told by on_note as `file:line:column: text: why` too: nothing is dropped in silence.
 *
 * Any octets are legal input; bounded by PLAN_IMPORT_MAX. Any thread.
 */
#ifndef CONFIG_PLAN_IMPORT_PLAN_IMPORT_H
#define CONFIG_PLAN_IMPORT_PLAN_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

enum { PLAN_IMPORT_MAX = 8 << 20 };

typedef void (*plan_import_note_fn)(void *arg, const char *text);

/* Number of notes (0: all was taken over), or -errno: -E2BIG, -ENOMEM, -ENOENT: no rule in it (*out
 * stays). *out is malloced, the caller's. name: the file, for comments and notes. */
int plan_import_extensions(const char *name, const char *text, size_t len, char **out,
			   plan_import_note_fn on_note, void *arg);
/* With the files that say what enters which context: chan_dahdi.conf, pjsip.conf, sip.conf, known by
 * their names. Then each rule has its from:, and DAHDI/gN its spans. */
struct plan_import_file {
	const char *name, *text;
	size_t len;
};
int plan_import_extensions_with(const struct plan_import_file *file,
				const struct plan_import_file *beside, unsigned beside_count, char **out,
				plan_import_note_fn on_note, void *arg);
/* Is it one of these files, by its name? */
bool plan_import_is_beside(const char *name);
int plan_import_cisco(const char *name, const char *text, size_t len, char **out,
		      plan_import_note_fn on_note, void *arg);
/* First line: names of columns, of prefix (needed), target (needed), name, from, ton, strip, prepend,
 * set_ton, set_npi, priority, weight, cost. Lines of one prefix become targets of one rule. */
int plan_import_csv(const char *name, const char *text, size_t len, char **out,
		    plan_import_note_fn on_note, void *arg);

#endif
