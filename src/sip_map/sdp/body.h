/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the SDP in a message body, also inside multipart (RFC 2046 5.1, 5621). Pure; any thread. */
#ifndef SRC_SIP_MAP_SDP_BODY_H
#define SRC_SIP_MAP_SDP_BODY_H

#include <stdbool.h>
#include <stddef.h>

/* Is that Content-Type value the type (and subtype)? "multipart/" fits any subtype. */
bool body_is_type(const char *content_type, const char *type);
/* The first application/sdp part: *part within body. False: none. */
bool body_find_sdp(const char *content_type, const char *body, size_t len, const char **part,
		   size_t *part_len);

#endif
