/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guard stands between the socket and libosip2's parser. It cuts a datagram into start line,
 * headers and body without understanding more than that, bounds what it lets pass (size, number
 * of headers, parameters and list members: the parser is quadratic in them), refuses what the
 * parser would take wrongly (NUL, %00, a Content-Length or CSeq that is no number, a status code
 * that wraps) and keeps enough of a bad request to answer it with 400.
 *
 * Works in place in the caller's copy of the datagram; nothing is allocated. Header values become
 * C strings in that copy, unfolded and trimmed. Pure; any thread.
 */
#ifndef SRC_SIP_MAP_GUARD_GUARD_H
#define SRC_SIP_MAP_GUARD_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GUARD_HEAD_MAX = 16384,	    /* octets of start line and headers */
	GUARD_HEADERS_MAX = 128,    /* lines after unfolding */
	GUARD_SEPARATORS_MAX = 160, /* of , ; ? & in the Request-URI and all that is parsed */
	GUARD_VALUE_MAX = 4096,	    /* octets of one header that the parser sees */
};

enum guard_header_id {
	GUARD_VIA,
	GUARD_FROM,
	GUARD_TO,
	GUARD_CALL_ID,
	GUARD_CSEQ,
	GUARD_CONTACT,
	GUARD_RECORD_ROUTE,
	GUARD_PARSED, /* those above go to the parser */
	GUARD_MAX_FORWARDS,
	GUARD_CONTENT_LENGTH,
	GUARD_CONTENT_TYPE,
	GUARD_CONTENT_ENCODING,
	GUARD_CONTENT_DISPOSITION,
	GUARD_REQUIRE,
	GUARD_ACCEPT,
	GUARD_REASON,
	GUARD_PRIVACY,
	GUARD_P_ASSERTED_IDENTITY,
	GUARD_DIVERSION,
	GUARD_HISTORY_INFO,
	GUARD_WARNING,
	GUARD_TIMESTAMP,
	GUARD_OTHER,
};

struct guard_header {
	enum guard_header_id id;
	char *value; /* in the caller's buffer, never NULL */
};

struct guard_msg {
	bool request;
	char *method, *uri; /* request */
	unsigned status;    /* response: 100…699 */
	uint32_t cseq;
	const char *cseq_method;
	unsigned header_count, separators;
	struct guard_header header[GUARD_HEADERS_MAX]; /* without GUARD_OTHER */
	const char *body; /* cut to Content-Length; may hold any octet */
	size_t body_len;
	unsigned refuse_status; /* request: answer with it; 0: none */
	const char *refuse_why; /* also for drops */
};

enum guard_verdict {
	GUARD_OK,
	GUARD_KEEPALIVE, /* nothing but line ends (RFC 5626 3.5.1): not counted as broken */
	GUARD_REFUSE,	 /* a request to be answered with refuse_status */
	GUARD_DROP,	 /* broken, and nobody to answer (or a response, or an ACK) */
};

/* buf[len] must be writable (a NUL goes there). */
enum guard_verdict guard_scan(struct guard_msg *m, char *buf, size_t len);

/* The first header of that kind, NULL when there is none. */
const char *guard_find(const struct guard_msg *m, enum guard_header_id id);
/* Does a comma-separated header hold this token (case-insensitive)? Searches all lines. */
bool guard_has_token(const struct guard_msg *m, enum guard_header_id id, const char *token);
/* Length of a header value's next part: up to one of the separators outside quotes. */
size_t guard_part_length(const char *value, const char *separators);

#endif
