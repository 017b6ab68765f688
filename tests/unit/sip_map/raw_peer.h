/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A peer that a test writes by hand: it sends any text to instance 0 of a world of one, from the
 * trunk's address, and reads what came back. Shares no code with what it tests.
 */
#ifndef TESTS_UNIT_SIP_MAP_RAW_PEER_H
#define TESTS_UNIT_SIP_MAP_RAW_PEER_H

#include "tests/unit/sip_map/sip_world.h"

enum { RAW_TEXT_MAX = 4096 };

struct raw_peer {
	struct sip_world *w;
	struct net_addr from; /* the trunk's peer unless changed */
	unsigned mark;        /* log entries that were looked at */
};

void raw_open(struct raw_peer *p);
void raw_close(struct raw_peer *p);
/* Sends; "\n" in the format becomes CRLF. A body follows an empty line; Content-Length is the
 * test's business. */
void raw_send(struct raw_peer *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The next message that came, which must begin so. */
const char *raw_expect(struct raw_peer *p, const char *begins);
/* Nothing more came. */
void raw_expect_nothing(struct raw_peer *p);
/* A header's value (or a parameter behind it, up to ; > or line end) copied out. */
void raw_header(const char *text, const char *name, char *out, size_t size);
void raw_tag(const char *text, const char *header, char *out, size_t size);
bool raw_has(const char *text, const char *line);

/* An INVITE as the trunk's peer would send it, branch and CSeq of your choice; body may be "". */
void raw_invite(struct raw_peer *p, const char *branch, unsigned cseq, const char *more,
		const char *body);
extern const char raw_sdp[];

#endif
