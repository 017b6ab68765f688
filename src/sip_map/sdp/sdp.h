/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDP text ↔ struct media_desc (RFC 8866, 3264, 3605). Nothing else in the gateway sees SDP.
 *
 * Of an offer the first m-line that we can use (audio, RTP/AVP, unicast address, a codec that we
 * have) is ours; the others are answered with port 0, in order. Parser and writer are our own:
 * bounded, no allocation, any octets in. Pure; any thread.
 */
#ifndef SRC_SIP_MAP_SDP_SDP_H
#define SRC_SIP_MAP_SDP_SDP_H

#include <stddef.h>

#include "gateway/base/strbuf.h"
#include "gateway/call/call_types.h"

enum { SDP_MEDIA_MAX = 8, SDP_TEXT_MAX = 2048 };

/* What an answer must repeat of the offer's m-lines. */
struct sdp_lines {
	unsigned count, ours; /* ours == count: none is usable */
	struct {
		char media[16], proto[32], format[48];
	} line[SDP_MEDIA_MAX];
};

/* Who we are in the o= line. */
struct sdp_origin {
	uint64_t session;
	uint32_t version;
};

/* 0; -EBADMSG for what is no SDP. Without a usable line: 0, out->present, format_count 0, and
 * out->rejected when every audio line has port 0. */
int sdp_parse(struct media_desc *out, struct sdp_lines *lines, const char *text, size_t len);

/* An offer (answer_to NULL), or an answer to those lines. */
void sdp_format(struct strbuf *b, const struct media_desc *media, const struct sdp_lines *answer_to,
		const struct sdp_origin *origin);

#endif
