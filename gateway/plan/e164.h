/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The E.164 core of the number plan: what a span, trunk or device sends becomes one of three things,
 * the same wherever it came from: a worldwide number (E.164: country code and national number), a
 * short number of the country (emergency or service), or something else, left as it came. And back,
 * in the form that the other edge wants. A profile is what is true of a country's numbering plan, an
 * edge is a profile and the habits of one line.
 *
 * A + never stands in digits: it is type of number international. So 0086…, +86… and 86… are three
 * different things: the first is a prefix to strip, the second is tagged, the third is a local or
 * national number unless the edge says that its bare numbers are international.
 *
 * Pure: values in, values out, nothing allocated; callable from any thread.
 */
#ifndef GATEWAY_PLAN_E164_H
#define GATEWAY_PLAN_E164_H

#include <stddef.h>

#include "gateway/call/call_types.h"

enum {
	E164_DIGITS_MAX = 15, /* E.164 6.1: country code and national number */
	E164_PREFIX_MAX = 7,
	E164_PATTERN_MAX = 23,
	E164_PREFIXES_MAX = 6,
	E164_RANGES_MAX = 96,
	E164_TEXT = CALL_DIGITS_MAX + 2,
};

/* What the numbers of a range are. */
enum e164_use {
	E164_USE_NATIONAL,  /* national numbers, dialled behind the national prefix if there is one */
	E164_USE_BARE,	    /* national numbers that are dialled without it as well */
	E164_USE_LOCAL,	    /* subscriber numbers, dialled within their area without its code */
	E164_USE_SHORT,	    /* short numbers: mean something inside the country only */
	E164_USE_EMERGENCY, /* short numbers that must always get through */
};

struct e164_range {
	/* The first digits: 0-9 * #, X any digit, Z 1-9, N 2-9, [1-57] a set. */
	char starts[E164_PATTERN_MAX + 1];
	uint8_t min, max; /* digits of the whole number, starts included, prefix and area excluded */
	uint8_t use;	  /* enum e164_use */
	/* National numbers here that have another country code (0262… in France is +262…); empty: the
	 * country's own. */
	char code[4];
};

/* Selects a carrier for one call: prefix, some digits that name it, then the number. */
struct e164_carrier {
	char prefix[E164_PREFIX_MAX + 1];
	uint8_t digits;
	/* What follows: a national number, an international one, or all that could be dialled. */
	enum { E164_THEN_NATIONAL, E164_THEN_INTERNATIONAL, E164_THEN_DIALLED } then;
};

struct e164_profile {
	char name[16];	  /* "cn" */
	char country[40]; /* "China" */
	char country_code[4];
	char international[E164_PREFIXES_MAX][E164_PREFIX_MAX + 1]; /* the first is used to send */
	char national[E164_PREFIX_MAX + 1]; /* national (trunk) prefix; empty: there is none */
	struct e164_carrier carrier[E164_PREFIXES_MAX];
	struct e164_range range[E164_RANGES_MAX];
	unsigned international_count, carrier_count, range_count;
};

/* What a number of unknown type without any prefix is. */
enum e164_bare {
	E164_BARE_DIALLED,	 /* what a subscriber dials: local, or national of E164_USE_BARE */
	E164_BARE_NATIONAL,	 /* a national number: exchanges that leave the prefix off */
	E164_BARE_INTERNATIONAL, /* E.164 without its +: many SIP providers */
};

/* The form in which an edge wants E.164 numbers. Each falls back to the next more explicit form when
 * the number has no such form there (a number abroad has no national form), or when it would be read
 * as something else there (a subscriber number that looks like a short one). */
enum e164_form {
	E164_FORM_INTERNATIONAL, /* +: all digits, type international */
	E164_FORM_NATIONAL,	 /* own country: national number, type national */
	E164_FORM_SUBSCRIBER,	 /* own area: subscriber number, type subscriber; else national */
	E164_FORM_DIALLED,	 /* type unknown, with the prefixes that one dials */
	E164_FORM_DIALLED_LOCAL, /* the same, own area without area code */
	E164_FORM_BARE,		 /* type unknown, all digits: E.164 without its + */
	E164_FORM_BARE_NATIONAL, /* type unknown; own country: national number without prefix; abroad
				    as dialled */
};

struct e164_edge {
	const struct e164_profile *profile; /* not owned; outlives the edge */
	char area[E164_PREFIX_MAX + 1];	    /* own area code without prefix; empty: no local form */
	char carrier[E164_PREFIX_MAX + 1];  /* selected when sending as dialled; empty: none */
	enum e164_bare bare;
	enum e164_form form;
};

enum e164_kind {
	E164_NUMBER,	/* digits: country code and national number */
	E164_SHORT,	/* digits as dialled */
	E164_EMERGENCY, /* a short number that must always get through; digits as dialled */
	E164_OTHER,	/* number is what came; feature codes, private plans, what does not fit */
};

/* How the number was read, for `plan test`. */
enum e164_read {
	E164_READ_NONE,
	E164_READ_TYPE,		 /* its type of number said it */
	E164_READ_INTERNATIONAL, /* behind an international prefix */
	E164_READ_NATIONAL,	 /* behind the national prefix */
	E164_READ_LOCAL,	 /* as a number of the own area */
	E164_READ_BARE,		 /* national or international without any prefix */
	E164_READ_SHORT,	 /* it is in the list of short numbers */
};

struct e164 {
	enum e164_kind kind;
	enum e164_read read;
	char digits[CALL_DIGITS_MAX + 1];
	bool home;	  /* NUMBER: of the edge's country */
	bool fits;	  /* NUMBER: of a length that its country has (abroad: at most 15 digits) */
	char carrier[E164_PREFIX_MAX + 1]; /* that was selected and taken off */
	struct call_number number;	   /* OTHER: as it came */
	const char *note; /* static; why it is OTHER or does not fit, or what was odd; NULL: nothing */
};

/* Never fails: what cannot be read is OTHER, with a note. in->present false: OTHER, empty. */
void e164_normalise(const struct e164_edge *edge, const struct call_number *in, struct e164 *out);

/* digits, ton and npi of *out; presentation and screening are left alone. 0, or -ERANGE: there is no
 * form of it that fits into CALL_DIGITS_MAX digits (*out unchanged). What it writes is read as the
 * same number by e164_normalise() at the same edge, for every NUMBER, SHORT and EMERGENCY; bare forms
 * when the edge reads bare numbers so. */
int e164_denormalise(const struct e164_edge *edge, const struct e164 *in, struct call_number *out);

/* Does text begin with pattern (e164_range.starts)? Its length in digits, or -1. */
int e164_pattern_match(const char *pattern, const char *text);
/* The length in digits of what a pattern matches, or -1: it is none. */
int e164_pattern_length(const char *pattern);

/* 0, or -EINVAL: *what says in words which part of the profile cannot be. */
int e164_profile_check(const struct e164_profile *p, const char **what);

/* "+49 (30) 1234-56", "0049…" as people write them: a + becomes type international, spaces and
 * - . / ( ) are dropped. Its plan is E.164, as calls from either side have it, unless there is a * or #
 * in it. 0, or -EINVAL. */
int e164_number_parse(struct call_number *out, const char *text);
/* "+493012345", "112", "other:*21#". Returns out. */
const char *e164_format(const struct e164 *e, char out[E164_TEXT + 6]);

#endif
