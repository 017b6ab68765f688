/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configurations of others into ours, and back. Text in, text out; no file is opened here, so an
 * #include is reported and not followed. What comes out is a whole configuration in which every
 * line that was taken over says where it came from (file:line), and what the other file cannot know
 * (addresses of the SIP side) is marked FILL IN. Each line of the input that has no effect is told
 * by on_note as `file:line: text: why`: nothing is dropped in silence.
 *
 * Inputs are bounded (IMPORT_FILE_MAX, channels and spans of DAHDI); any octets are legal input.
 * Any thread. *out is malloced, the caller's.
 */
#ifndef CONFIG_IMPORT_IMPORT_H
#define CONFIG_IMPORT_IMPORT_H

#include "config/config.h"

enum { IMPORT_FILE_MAX = 1 << 20, IMPORT_NOTES_MAX = 1000 };

struct import_source {
	const char *name; /* for messages and comments */
	const char *text;
	size_t len;
};

typedef void (*import_note_fn)(void *arg, const char *text);

/* Number of notes (0: everything was taken over), or -errno: -E2BIG, -ENOMEM, -ENOENT when there is
 * no PRI span in it (then *why is one sentence and *out stays). */
/* system.conf of DAHDI: spans, D-channels, B-channels. */
int import_dahdi(const struct import_source *system, char **out, import_note_fn on_note, void *arg,
		 const char **why);
/* chan_dahdi.conf of Asterisk. Settings accumulate until `channel =>` makes channels of them;
 * other sections begin with what [channels] ended with. system: DAHDI's own file, which knows what
 * channels belong to what span; NULL: 31 channels a span are taken for granted. */
int import_asterisk(const struct import_source *chan_dahdi, const struct import_source *system,
		    char **out, import_note_fn on_note, void *arg, const char **why);

/* A system.conf for the DAHDI spans of a configuration. 0, -ENOENT: it has none, -ENOMEM. */
int export_dahdi(const struct config *config, const char *config_name, char **out);

#endif
