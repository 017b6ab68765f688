/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known about the packets of one SSRC: extended sequence number, exact loss, duplicates,
 * interarrival jitter, and the figures of a receiver report (RFC 3550 6.4, A.1, A.3, A.8). Pure.
 *
 * lost = expected − different ones received; a packet that comes late takes its loss back, up to
 * RTP_SOURCE_WINDOW packets back. A sequence number that jumps implausibly far begins a new count
 * when its successor follows (A.1): the peer started again, nothing was lost.
 */
#ifndef SRC_MEDIA_BRIDGE_RTP_SOURCE_H
#define SRC_MEDIA_BRIDGE_RTP_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/media_bridge/rtcp_packet.h"

enum { RTP_SOURCE_WINDOW = 128 };

enum rtp_source_verdict {
	RTP_SOURCE_GOOD,
	RTP_SOURCE_DUPLICATE, /* had it, or too old to know */
};

struct rtp_source {
	bool active;	   /* a packet came */
	uint16_t max_seq;  /* highest seen */
	uint16_t jump_seq; /* the one that would confirm a jump */
	bool jump_due;
	uint32_t cycles;      /* wraps of max_seq, times 65536 */
	uint64_t base;	      /* extended number of the first one */
	uint64_t window[2];   /* bit n: max_seq − n was received */
	uint64_t received;    /* all, as RFC 3550 counts them */
	uint64_t different;   /* without duplicates */
	uint64_t lost_before; /* of earlier counts of this session */
	uint32_t jitter_x16;  /* A.8, in samples, times 16 */
	uint32_t transit;     /* arrival − timestamp of the last packet, samples */
	uint64_t expected_prior, received_prior; /* at the last report */
};

/* Forgets the source but keeps what was lost so far. Zeroed memory is a fresh one. */
void rtp_source_restart(struct rtp_source *s);
enum rtp_source_verdict rtp_source_receive(struct rtp_source *s, uint16_t seq, uint32_t timestamp,
					   int64_t now_us);
/* Packets, of all counts since the beginning. */
uint64_t rtp_source_lost(const struct rtp_source *s);
uint32_t rtp_source_jitter_us(const struct rtp_source *s);
/* Fills fraction_lost, lost, highest_seq, jitter; the fraction is since the last call. */
void rtp_source_report(struct rtp_source *s, struct rtcp_block *out);

#endif
