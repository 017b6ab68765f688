/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an HTTP look-up asks and what its answer means, without the network: a URL from a template,
 * and the control socket's lookup-answer from a status and a body. Pure. Private to the program.
 */
#ifndef GATEWAY_LOOKUP_HTTP_HTTP_ANSWER_H
#define GATEWAY_LOOKUP_HTTP_HTTP_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { HTTP_URL_MAX = 1024, HTTP_BODY_MAX = 16384 };

/* {number} and {calling} of the template, percent-encoded (RFC 3986 2.1). false: out is too small. */
bool http_url(char *out, size_t size, const char *pattern, const char *number, const char *calling);
/* The arguments of lookup-answer for question `id`; new reference. 200 with {"called":"+49…"},
 * {"name":"…"} or both: found; with neither, 204 or 404: not found; anything else: nobody could
 * tell, and *why says what was wrong (else NULL). status 0: no answer came. */
json_t *http_answer(const char *id, long status, const char *body, size_t len, const char **why);

#endif
