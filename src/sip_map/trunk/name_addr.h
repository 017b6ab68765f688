/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks a header that is a list of name-addr or addr-spec (RFC 3261 20.10): P-Asserted-Identity,
 * Diversion, History-Info. Spans point into the header; nothing is copied or allocated, nothing is
 * believed: what is no URI is an empty span, and the walk takes one step for each octet at most.
 * Pure; any thread.
 */
#ifndef SRC_SIP_MAP_TRUNK_NAME_ADDR_H
#define SRC_SIP_MAP_TRUNK_NAME_ADDR_H

#include <stdbool.h>
#include <stddef.h>

enum { NAME_ADDR_USER_MAX = 256, NAME_ADDR_PARAM_MAX = 64 };

struct text_span {
	const char *at;
	size_t len;
};

struct name_addr {
	struct text_span uri;	 /* scheme to headers, without angle brackets */
	struct text_span params; /* ";index=1;reason=unknown", behind the brackets; empty for none */
};

/* The next member of the list at *p, which moves behind it. False at the end. */
bool name_addr_next(const char **p, struct name_addr *out);
/* The user part, unescaped once; *tel: it is a tel URI. False: another scheme, no user, %00. */
bool name_addr_user(struct text_span uri, char out[NAME_ADDR_USER_MAX], bool *tel);
/* Value of ;name=value (of a URI or behind one), without quotes, cut at the size of out; "" when it
 * has none. False: it is not there. */
bool name_addr_param(struct text_span params, const char *name, char out[NAME_ADDR_PARAM_MAX]);
/* ";a=b" of a sip URI, and what stands behind its question mark. */
struct text_span name_addr_uri_params(struct text_span uri);
struct text_span name_addr_uri_headers(struct text_span uri);

#endif
