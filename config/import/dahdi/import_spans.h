/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What both importers make: PRI spans, each value with the place that it came from, and the YAML
 * text of them. Private to config/import/.
 */
#ifndef CONFIG_IMPORT_IMPORT_SPANS_H
#define CONFIG_IMPORT_IMPORT_SPANS_H

#include "config/import/dahdi/chan_dahdi.h"
#include "config/import/dahdi/system_conf.h"

enum { IMPORT_WHERE = 240 };

/* The comment behind a line: "system.conf:3: span=1,1,0,ccs,hdb3"; empty: none. */
struct import_where {
	char text[IMPORT_WHERE];
};

struct import_span {
	unsigned span;			 /* DAHDI's and ours, from 1 */
	unsigned first, channels;	 /* DAHDI's channels */
	bool t1, d4, ami, crc4, dynamic; /* of the span= line; with known_timing */
	unsigned lbo;
	unsigned timing; /* as in system.conf; with known_timing */
	bool known_timing;
	unsigned dchannel;	  /* timeslot; 0: not known */
	uint32_t bchannels;	  /* bit ts */
	int side;		  /* enum isdn_side; -1: not known */
	unsigned t309_s, echo_ms; /* 0: not given */
	int rx_gain_db, tx_gain_db;
	const char *set_ton, *set_npi; /* words of our plan; NULL: leave */
	char group[CHAN_VALUE];	       /* of Dial(DAHDI/gN); empty: none */
	char context[CHAN_VALUE];
	struct import_where span_at, dchannel_at, bchannels_at, side_at, clock_at, t309_at, echo_at,
	    rx_at, tx_at, dialplan_at, group_at, context_at;
};

struct import_result {
	struct import_span span[IMPORT_SPANS_MAX];
	unsigned count;
	const char *command; /* "import dahdi" */
};

void import_where(struct import_where *w, const struct import_source *source, unsigned line,
		  const char *text);
void import_say(struct import_where *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The entry of this span, made when it is new; NULL: no room. */
struct import_span *import_span_at(struct import_result *r, unsigned span);
/* A whole configuration, malloced; NULL: no memory. Orders the spans by number. */
char *import_write(struct import_result *r);

#endif
