/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTP packets (RFC 3550 5.1): header out of and into octets. Pure. Decoding skips CSRCs, the
 * header extension and padding, and trusts no length. */
#ifndef SRC_MEDIA_BRIDGE_RTP_PACKET_H
#define SRC_MEDIA_BRIDGE_RTP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RTP_HEADER_OCTETS = 12 };

struct rtp_header {
	bool marker;
	uint8_t payload_type; /* 0…127 */
	uint16_t seq;
	uint32_t timestamp; /* in samples of 125 µs */
	uint32_t ssrc;
};

void rtp_encode_header(uint8_t out[RTP_HEADER_OCTETS], const struct rtp_header *h);
/* 0, or -EBADMSG: not RTP version 2, or its lengths do not add up. *payload points into in;
 * *octets may be 0. */
int rtp_decode(const uint8_t *in, size_t len, struct rtp_header *h, const uint8_t **payload,
	       size_t *octets);

#endif
