/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DAHDI's system.conf as values: which spans there are, what channels they have, what each channel
 * is. Reading never fails: what is not understood becomes a note. Private to config/import/.
 *
 * The file says nothing of how many channels a span has: an E1 has 31, a T1 24, dynamic spans say
 * so. Channels are counted through in the order of the spans' numbers; dynamic ones come last.
 */
#ifndef CONFIG_IMPORT_SYSTEM_CONF_H
#define CONFIG_IMPORT_SYSTEM_CONF_H

#include "config/import/dahdi/import_text.h"

struct system_span {
	unsigned number;	  /* DAHDI's, from 1; 0: free entry */
	unsigned line;		  /* of the file */
	unsigned first, channels; /* DAHDI's number of its first channel, and how many */
	unsigned timing; /* 0: the clock is ours; 1, 2, …: taken from the line, in this order */
	unsigned lbo;
	bool t1, cas, hdb3_or_b8zs, crc4, esf, dynamic;
	char text[IMPORT_QUOTE]; /* the line */
};

struct system_channel {
	enum { SYSTEM_NONE, SYSTEM_BCHAN, SYSTEM_DCHAN, SYSTEM_HARDHDLC, SYSTEM_OTHER } kind;
	unsigned line;
	unsigned echo_line; /* of the echo canceller that is attached; 0: none */
};

struct system_conf {
	const struct import_source *source;
	struct system_span span[IMPORT_SPANS_MAX + 1]; /* by number */
	unsigned span_count;
	unsigned highest; /* number of a span */
	struct system_channel channel[IMPORT_CHANNELS_MAX + 1];
	unsigned zone_line; /* of loadzone; 0: none */
};

/* *out is malloced, free() it. 0 or -ENOMEM. */
int system_conf_read(const struct import_source *source, struct import_notes *notes,
		     struct system_conf **out);
/* The span that a channel belongs to; NULL: none. */
const struct system_span *system_conf_span_of(const struct system_conf *c, unsigned channel);

#endif
