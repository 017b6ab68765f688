/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTCP compound packets (RFC 3550 6): one report (SR or RR), SDES with a CNAME, and BYE at the
 * end of a session. Pure. Decoding takes what the session needs from any number of packets in a
 * compound and skips kinds that it does not know; the checks are those of RFC 3550 A.2.
 */
#ifndef SRC_MEDIA_BRIDGE_RTCP_PACKET_H
#define SRC_MEDIA_BRIDGE_RTCP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	RTCP_BLOCKS_MAX = 31,
	RTCP_CNAME_MAX = 255,
};

struct rtcp_block { /* RFC 3550 6.4.1 */
	uint32_t ssrc;
	uint8_t fraction_lost; /* of 256 */
	int32_t lost;	       /* packets, signed 24 bits */
	uint32_t highest_seq;  /* extended */
	uint32_t jitter;       /* in timestamp units */
	uint32_t lsr;	       /* middle 32 bits of the NTP time of the last SR, 0: none */
	uint32_t dlsr;	       /* 1/65536 s since then */
};

struct rtcp_compound {
	uint32_t ssrc;	    /* of the reporter */
	bool sender;	    /* SR: the next four are valid */
	uint64_t ntp;	    /* 32.32 */
	uint32_t timestamp; /* RTP's, at the same moment */
	uint32_t packets, octets;
	unsigned block_count;
	struct rtcp_block block[RTCP_BLOCKS_MAX]; /* the first ones, when a peer sends more */
	char cname[RTCP_CNAME_MAX + 1];		  /* "" when there was none; from the wire */
	bool bye;
};

/* Returns the length, -EINVAL when cap is too small. */
ssize_t rtcp_encode(uint8_t *out, size_t cap, const struct rtcp_compound *c);
/* 0 or -EBADMSG. */
int rtcp_decode(const uint8_t *in, size_t len, struct rtcp_compound *c);

#endif
