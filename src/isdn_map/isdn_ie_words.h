/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of information elements: names, and who puts the contents of each into words. Pure.
 * A writer takes whatever contents there are: what is missing is left out, what nobody knows is
 * shown in hexadecimal. Private to isdn_words.c and the writers (isdn_ie_*.c).
 */
#ifndef SRC_ISDN_MAP_ISDN_IE_WORDS_H
#define SRC_ISDN_MAP_ISDN_IE_WORDS_H

#include "gateway/base/strbuf.h"
#include "src/isdn_map/isdn_ie.h"

typedef void (*isdn_ie_writer)(struct strbuf *b, const struct isdn_ie *ie);

struct isdn_ie_info {
	uint8_t codeset, id; /* of a single-octet element: without its value */
	const char *name;    /* as in the standard */
	const char *brief;   /* for the compact line */
	isdn_ie_writer words;
};

/* NULL: nobody knows it. */
const struct isdn_ie_info *isdn_ie_find(const struct isdn_ie *ie);
size_t isdn_ie_count(void); /* rows of the table, for tests */
const struct isdn_ie_info *isdn_ie_row(size_t i);

/* ── helpers ── */
struct isdn_name {
	uint8_t value;
	const char *name;
};
/* The name, or "reserved (N)". */
void isdn_words_name(struct strbuf *b, const struct isdn_name *names, size_t count, uint8_t value);
#define ISDN_WORDS_NAME(b, names, value)                                                           \
	isdn_words_name(b, names, sizeof(names) / sizeof(*(names)), value)
void isdn_words_hex(struct strbuf *b, const uint8_t *octets, size_t n);
/* In quotes, ISO 8859-1 as UTF-8; quotes, backslashes and what cannot be printed as \xNN. */
void isdn_words_text(struct strbuf *b, const uint8_t *octets, size_t n);
void isdn_words_location(struct strbuf *b, uint8_t location);
/* How many octets belong to a group that ends with bit 8 set (Q.931 4.5.1): 0…n. */
size_t isdn_words_group(const uint8_t *octets, size_t n);

/* ── isdn_ie_bearer.c ── */
void isdn_ie_bearer(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_llc(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_hlc(struct strbuf *b, const struct isdn_ie *ie);
/* ── isdn_ie_party.c ── */
void isdn_ie_number(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_subaddress(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_transit_network(struct strbuf *b, const struct isdn_ie *ie);
/* ── isdn_ie_call.c ── */
void isdn_ie_cause(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_channel(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_progress(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_call_state(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_restart(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_notification(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_signal(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_change_status(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_segmented(struct strbuf *b, const struct isdn_ie *ie);
/* ── isdn_ie_text.c ── */
void isdn_ie_text(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_display(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_date_time(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_user_user(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_network_facilities(struct strbuf *b, const struct isdn_ie *ie);
void isdn_ie_decimal(struct strbuf *b, const struct isdn_ie *ie);
/* ── isdn_ie_facility.c ── */
void isdn_ie_facility(struct strbuf *b, const struct isdn_ie *ie);

#endif
