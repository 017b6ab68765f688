/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the importers share: lines of a file, ranges of channels, notes, and text that may stand in
 * a comment of our file. Private to config/import/.
 */
#ifndef CONFIG_IMPORT_IMPORT_TEXT_H
#define CONFIG_IMPORT_IMPORT_TEXT_H

#include "config/import/dahdi/import.h"

enum {
	IMPORT_CHANNELS_MAX = 1024,
	IMPORT_SPANS_MAX = 128,
	IMPORT_LINE_MAX = 1024,
	IMPORT_QUOTE = 100
};

/* One bit for each channel of DAHDI, from 1. */
struct channel_set {
	uint64_t bits[IMPORT_CHANNELS_MAX / 64 + 1];
};

struct import_lines {
	const struct import_source *source;
	size_t at;
	unsigned number;	    /* of the line last given, from 1 */
	char line[IMPORT_LINE_MAX]; /* without end of line, trimmed */
	bool cut;		    /* it was longer */
};

struct import_notes {
	import_note_fn on_note;
	void *arg;
	unsigned count;
};

bool import_next_line(struct import_lines *l);
/* Cuts off space at both ends, in place. */
char *import_trim(char *text);
/* Printable ASCII for a comment or a terminal, cut when long. Returns out. */
const char *import_quote(char out[IMPORT_QUOTE], const char *text);
void import_note(struct import_notes *n, const struct import_source *source, unsigned line,
		 const char *text, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* "1-15,17-31"; false: not such a list, or beyond the channels that there are. Adds to set. */
bool import_channels(const char *text, struct channel_set *set);
bool channel_in(const struct channel_set *set, unsigned channel);
void channel_add(struct channel_set *set, unsigned channel);
/* A number from 0 to max; false: it is none. */
bool import_number(const char *text, unsigned max, unsigned *out);

#endif
