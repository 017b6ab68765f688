/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edge profiles: how one side of the gateway writes numbers, and the way from there to E.164 and
 * back. Inside the plan a number is E.164 when its TON is international (digits: country code
 * first, no +); everything else (extensions, emergency numbers, service codes) is a "short" number
 * and keeps digits and TON as it came. So 0086…, +86… and 86… are three different things.
 *
 * A profile is a value of constant texts: a row of the country table, or read from the
 * configuration. It is compiled once (patterns checked) into a struct plan_edge_form. Pure; any
 * thread.
 */
#ifndef GATEWAY_PLAN_PROFILE_H
#define GATEWAY_PLAN_PROFILE_H

#include <stddef.h>

#include "gateway/call/call_types.h"

enum { PLAN_FORMS_MAX = 32 }; /* entries of each list of a profile */

/* How an edge wants E.164 numbers to be sent. */
enum plan_send {
	PLAN_SEND_AS_IS,   /* no change: TON international, NPI E.164 (SIP writes +) */
	PLAN_SEND_E164,    /* the same, said on purpose */
	PLAN_SEND_TON,     /* own country: TON national without trunk prefix; else international */
	PLAN_SEND_DIALLED, /* TON unknown, as one would dial: 0…, 00… */
	PLAN_SEND_DIGITS,  /* TON unknown, country code first, neither + nor prefix */
};

/* Lists end with NULL; a NULL list is empty. Patterns are those of pattern.h: X Z N [1-5] . ! */
struct plan_profile {
	const char *name;    /* "cn", or as the configuration calls it */
	const char *country; /* E.164 country code, "86"; "": none, numbers pass as they are */
	const char *area;    /* area code without trunk prefix, "10"; "": none */
	/* Dialled before a number of another country, before one of another area; the first one is
	 * what we send. Patterns (0XX for a carrier code). Empty national: no trunk prefix. */
	const char *const *international;
	const char *const *national;
	const char *const *bare; /* national numbers dialled without any prefix: 1[3-9]XXXXXXXXX */
	const char *const *local; /* subscriber numbers, to which country and area are added */
	const char *const *short_numbers; /* stay as they are, asked before all others */
	bool plus_missing; /* what fits nothing else and begins with a country code of E.164 length
			    * (8 to 15 digits, no leading 0) is E.164 without its + */
	enum plan_send send, send_calling; /* called; calling, redirecting and connected numbers */
};

/* The built-in profile of a country by ISO 3166 code ("cn"), NULL when there is none. */
const struct plan_profile *plan_profile_country(const char *iso);

struct plan_edge_form; /* compiled */

/* 0, -ENOMEM, or -EINVAL with the list's name and the bad text in key and text. */
int plan_edge_form_create(struct plan_edge_form **out, const struct plan_profile *p,
			  const char **key, const char **text);
void plan_edge_form_destroy(struct plan_edge_form *f); /* NULL legal */

/* What became of a number: for tests and for explaining. */
enum plan_form_seen {
	PLAN_SEEN_AS_IS, /* short, private or no profile: left alone */
	PLAN_SEEN_E164,
	PLAN_SEEN_INTERNATIONAL_PREFIX,
	PLAN_SEEN_NATIONAL_TON,
	PLAN_SEEN_NATIONAL_PREFIX,
	PLAN_SEEN_BARE,
	PLAN_SEEN_SUBSCRIBER,
	PLAN_SEEN_PLUS_MISSING,
	PLAN_SEEN_SHORT,
	PLAN_SEEN_TOO_LONG, /* would pass 15 digits (E.164 6.1) or our bound: left alone */
};

/* f NULL: nothing changes. */
enum plan_form_seen plan_normalise(const struct plan_edge_form *f, struct call_number *n);
void plan_denormalise(const struct plan_edge_form *f, enum plan_send send, struct call_number *n);
const char *plan_form_seen_text(enum plan_form_seen seen);

#endif
