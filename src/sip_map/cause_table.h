/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two tables, one per direction: which SIP status a Q.850 cause becomes, and which cause and
 * location a status, a BYE or a CANCEL becomes. The defaults are the files of config/mapping/, compiled in
 * as text (RFC 4497 8.4.1 and 8.4.4, RFC 3398 where it adds rows). A file of the operator's, of the
 * same format, replaces those rows that it names, by key and condition; the others stay.
 *
 * Values; whoever makes one owns it. cause_table_default() is for ever. Reading: any thread; a
 * table that is in use is not changed any more.
 */
#ifndef SRC_SIP_MAP_CAUSE_TABLE_H
#define SRC_SIP_MAP_CAUSE_TABLE_H

#include "gateway/call/call_types.h"

/* What a row asks for beside its key; the word in the file's column "condition". A row with one
 * that holds goes before the row without. */
enum cause_condition {
	CAUSE_ALWAYS,	   /* "" */
	CAUSE_LOC_IS_USER, /* location=user: q850_to_sip */
	CAUSE_RING_LIMIT,  /* t301: our own ring limit made the cause; q850_to_sip */
	CAUSE_NEW_NUMBER,  /* new-number: the cause, or a Contact, gives one; both tables */
	CAUSE_BEARER, /* warning=bearer: a Warning says that the media cannot be had; sip_to_q850 */
	CAUSE_ELSEWHERE, /* completed-elsewhere: Reason: SIP;cause=200; sip_to_q850, CANCEL */
	CAUSE_CONDITIONS
};

enum {
	CAUSE_KEY_OTHER = 0, /* "other": what no row names */
	CAUSE_KEY_BYE = 1,   /* keys of sip_to_q850 that are no status */
	CAUSE_KEY_CANCEL = 2,
	CAUSE_KEY_3XX = 3,
	CAUSE_ROWS_MAX = 256,
	CAUSE_PHRASE_MAX = 47,
	CAUSE_FILE_MAX = 1 << 16, /* octets of a file */
};

struct cause_row {
	uint16_t key; /* Q.850 cause, status, or one of CAUSE_KEY_* */
	uint8_t condition;
	uint16_t status;	 /* q850_to_sip: 300…699 */
	uint8_t cause, location; /* sip_to_q850 */
	char phrase[CAUSE_PHRASE_MAX + 1];
};

enum cause_direction { CAUSE_Q850_TO_SIP, CAUSE_SIP_TO_Q850 };

struct cause_table {
	struct {
		unsigned count;
		struct cause_row row[CAUSE_ROWS_MAX];
	} to[2]; /* by enum cause_direction */
};

const struct cause_table *cause_table_default(void);

/* One mistake: line from 1, and what is wrong and what would be right. */
typedef void (*cause_table_error_fn)(void *arg, unsigned line, const char *text);

/* Takes the rows of a file into the table. 0, or the number of mistakes reported; then some rows
 * may be in the table already. */
unsigned cause_table_read(struct cause_table *t, enum cause_direction direction, const char *text,
			  size_t len, cause_table_error_fn on_error, void *arg);
/* NULL: no such row. */
const struct cause_row *cause_table_find(const struct cause_table *t,
					 enum cause_direction direction, unsigned key,
					 enum cause_condition condition);

#endif
