/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who sent a call on: Diversion (RFC 5806) and History-Info (RFC 7044) in an INVITE, with the reasons
 * of RFC 5806 9.1, RFC 4458 and RFC 7544 5. Of a long story the last redirecting number, its reason
 * and how often the call was sent on are kept. Pure; any thread; nothing is allocated.
 */
#ifndef SRC_SIP_MAP_TRUNK_REDIRECT_H
#define SRC_SIP_MAP_TRUNK_REDIRECT_H

#include "src/sip_map/guard/guard.h"
#include "src/sip_map/sip.h"

enum {
	REDIRECT_ENTRIES_MAX = 20, /* looked at; what a peer writes beyond is not read */
	REDIRECT_WRITTEN_MAX = 5,  /* diversions that our History-Info counts */
};

struct redirect_word {
	uint8_t reason;	  /* enum call_redirect */
	uint16_t cause;	  /* of a History-Info entry's URI (RFC 4458) */
	const char *word; /* reason of a Diversion */
};
/* For writing the first row of a reason counts. Their number. */
extern const struct redirect_word redirect_words[];
extern const unsigned redirect_word_count;

/* setup: redirecting, redirect_reason, redirect_count; untouched when the headers that t uses do not
 * say, and for a trunk that is not trusted. */
void trunk_redirect_parse(struct call_setup *setup, const struct guard_msg *g,
			  const struct sip_trunk_cfg *t);

#endif
