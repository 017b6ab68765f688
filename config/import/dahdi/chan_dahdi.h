/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asterisk's chan_dahdi.conf as values: the channels that each `channel =>` (or `dahdichan =`)
 * made, with the settings that held at that place. Order is what counts in that file: a setting
 * holds for all channels that are made after it. Other sections begin with what [channels] ended
 * with, then come the templates that they name, then their own lines. Private to config/import/.
 */
#ifndef CONFIG_IMPORT_CHAN_DAHDI_H
#define CONFIG_IMPORT_CHAN_DAHDI_H

#include "config/import/dahdi/import_text.h"

enum chan_setting {
	CHAN_SIGNALLING,
	CHAN_SWITCHTYPE,
	CHAN_GROUP,
	CHAN_CONTEXT,
	CHAN_PRIDIALPLAN,
	CHAN_ECHOCANCEL,
	CHAN_RXGAIN,
	CHAN_TXGAIN,
	CHAN_T309, /* from pritimer */
	CHAN_SETTINGS
};

enum { CHAN_VALUE = 48, CHAN_MAKERS_MAX = 512, CHAN_SECTIONS_MAX = 128 };

struct chan_value {
	unsigned line; /* 0: not set */
	char value[CHAN_VALUE];
	char text[IMPORT_QUOTE]; /* the line, for a comment */
};

struct chan_settings {
	struct chan_value of[CHAN_SETTINGS];
};

/* One `channel =>`. */
struct chan_maker {
	struct channel_set channels;
	struct chan_settings settings;
	unsigned line;
	char text[IMPORT_QUOTE];
};

struct chan_dahdi {
	const struct import_source *source;
	struct chan_maker *maker;
	unsigned makers;
};

/* 0 or -ENOMEM. */
int chan_dahdi_read(const struct import_source *source, struct import_notes *notes,
		    struct chan_dahdi **out);
void chan_dahdi_free(struct chan_dahdi *c); /* NULL legal */

#endif
