/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab peer's own reading of SIP and SDP text: spans into the datagram, nothing is copied, no
 * library. Deliberately apart from src/sip_map, so that a mistake there is not made here too.
 * Pure. A span lives as long as the datagram.
 */
#ifndef GATEWAY_LAB_SIP_TEXT_H
#define GATEWAY_LAB_SIP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/net_addr.h"
#include "gateway/base/strbuf.h"

struct sip_span {
	const char *at;
	size_t len;
};

enum { SIP_TEXT_HEADERS_MAX = 48 };

struct sip_text {
	bool request;
	struct sip_span method, uri; /* request */
	int status;		     /* response */
	unsigned header_count;
	struct {
		struct sip_span name, value; /* trimmed; folded lines as they stand */
	} header[SIP_TEXT_HEADERS_MAX];
	struct sip_span body;
};

/* 0 or -EBADMSG. */
int sip_text_parse(struct sip_text *m, const char *msg, size_t len);
/* The n-th header of that name (long form; the compact form is found too); len 0: none. */
struct sip_span sip_text_header(const struct sip_text *m, const char *name, unsigned n);
bool sip_span_is(struct sip_span s, const char *text); /* ignoring case */
void sip_span_copy(struct sip_span s, char *out, size_t size);
/* A parameter after `;`, outside of <>; false: not there. */
bool sip_span_param(struct sip_span s, const char *name, char *out, size_t size);
/* The URI inside <>, or up to the first `;`. */
struct sip_span sip_span_uri(struct sip_span s);
/* User part of a sip: or tel: URI, without a leading + and parameters. */
void sip_span_user(struct sip_span uri, char *out, size_t size);
/* CSeq. Returns the number, *method the method. */
unsigned sip_text_cseq(const struct sip_text *m, struct sip_span *method);
/* Cause of a Reason header with protocol Q.850; 0: none. */
int sip_text_q850(const struct sip_text *m);
/* Response's headers that must come back as they came: Via, Record-Route, From, Call-ID, CSeq. */
void sip_text_echo(const struct sip_text *request, struct strbuf *out);

/* One audio stream of an SDP. */
struct sip_sdp {
	bool present; /* an audio stream that can be used */
	struct net_addr rtp, rtcp;
	uint8_t payload_type; /* the first of PCMA, PCMU that stands there */
	bool pcma, pcmu;      /* which of them stand there */
};
void sip_sdp_parse(struct sip_sdp *out, struct sip_span body);
/* first: the payload type to prefer; both: offer the other law too. */
void sip_sdp_format(struct strbuf *out, const struct net_addr *rtp, unsigned session, uint8_t first,
		    bool both);

#endif
