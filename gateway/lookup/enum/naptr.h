/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the NAPTR records of a number say (ENUM, RFC 6116): the first of them, by order and preference,
 * that names a telephone number. Its services are E2U+sip, E2U+pstn:tel, E2U+pstn:sip, E2U+voice:tel
 * and E2U+tel; its regexp makes a sip:, sips: or tel: URI of the number asked for; the number in it
 * counts, a SIP host does not (trunks say where calls go). Other records are passed over.
 *
 * Octets from the network: at most NAPTR_RECORDS_MAX records and NAPTR_TRIES_MAX regexps are looked
 * at, each with bounded work (plan/regex.h). Pure: values in, values out; any thread.
 */
#ifndef GATEWAY_LOOKUP_ENUM_NAPTR_H
#define GATEWAY_LOOKUP_ENUM_NAPTR_H

#include <stddef.h>

#include "gateway/plan/decide.h"

enum { NAPTR_RECORDS_MAX = 32, NAPTR_TRIES_MAX = 8, NAPTR_URI_MAX = 512, NAPTR_WHY = 200 };

/* RFC 3403 4.1. Texts are the caller's; as on the wire, without the escapes of zone files. */
struct naptr {
	uint16_t order, preference;
	const char *flags, *service, *regexp, *replacement;
};

enum naptr_outcome {
	NAPTR_NUMBER,    /* called and porting hold */
	NAPTR_FOLLOW,    /* a non-terminal record: ask for the records of the domain `follow` */
	NAPTR_NOTHING,   /* no record is for telephone calls */
	NAPTR_MALFORMED, /* those that are cannot be understood */
};

struct naptr_result {
	enum naptr_outcome outcome;
	struct call_number called;   /* inner form, as in plan_answer */
	struct call_porting porting; /* RFC 4694 */
	char follow[PLAN_QUERY_MAX];
	char why[NAPTR_WHY]; /* MALFORMED: which record, what is wrong with it */
};

/* number: "+4930123", the application unique string (RFC 6116 3.1). */
void naptr_decide(const struct naptr *record, unsigned count, const char *number,
		  struct naptr_result *out);

/* Its parts. The regexp field applied to text (RFC 3402 3.2): 0 and out[size] holds its replacement;
 * -ENOENT: its expression does not match; -EBADMSG: *why says in words what is wrong with it. */
int naptr_rewrite(char *out, size_t size, const char *regexp, const char *text, const char **why);
/* The number in a URI. 0; -ENOENT: it is a URI with no number in it; -EBADMSG: it is no sip:, sips:
 * or tel: URI. */
int naptr_uri_number(const char *uri, struct call_number *called, struct call_porting *porting);

#endif
