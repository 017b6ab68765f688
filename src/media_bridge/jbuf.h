/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Jitter buffer for G.711, counted in octets (= samples of 125 µs). Pure: no clock; the caller's
 * jbuf_get() of one TDM block after the other is its only time. Packets are laid down by their
 * timestamp in a ring of octets; a bit per octet says what is there.
 *
 *   played = received − late − dropped + concealed − held        always, in octets
 *
 *  received   came in by jbuf_put()
 *  late       their time to be played had passed
 *  dropped    duplicates, more than fits, skipped by a slip, thrown away by reset or skip
 *  concealed  played without a packet having brought them
 *  played     given out since the first real octet of all (what comes before it is idle, uncounted)
 *  held       waiting; jbuf_reset() makes it 0, so the counters of an ended session add up
 *
 * Lead: how many octets before its time to be played a packet comes. The delay begins at `start`.
 * It grows when packets come too late (if nothing real was played since, the stream is moved back
 * and no octet is lost; else one block of concealment is inserted), up to `max`. It shrinks by one
 * block when even the slowest packet of two seconds came a block earlier than `start` asks, and in
 * pauses down to `min`. Growing and shrinking by a block is a slip, counted: clock drift ends
 * there. Never is speech cut to get below `start`. Fixed mode: delay stays at `start`, only slips
 * move it.
 *
 * A worker that was held up gets all the packets of that time at once, and the blocks bit by bit.
 * It says so by jbuf_catch_up(); such a lead is no reason to throw packets away.
 *
 * Concealment repeats the last 10 ms, 6 dB lower each time, then idle.
 */
#ifndef SRC_MEDIA_BRIDGE_JBUF_H
#define SRC_MEDIA_BRIDGE_JBUF_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/call/call_types.h"
#include "src/media_bridge/counter.h"

enum {
	JBUF_RING_OCTETS = 8192,
	JBUF_BLOCK_OCTETS = 160,   /* most that one get may ask */
	JBUF_PACKET_OCTETS = 1440, /* most that one put may bring */
	JBUF_DELAY_MAX_MS = 250,
	JBUF_CATCH_UP_OCTETS =
	    4640, /* with the greatest delay, a packet and 10 ms of past: a ring */
};

struct jbuf_cfg {
	enum media_law law; /* of the octets */
	bool fixed;
	uint16_t min_ms, start_ms, max_ms; /* 0: 20, 40, 200; brought into order and range */
};

struct jbuf_counters { /* octets; other threads may read */
	counter64 received, late, dropped, concealed, played;
	counter64 slips; /* blocks inserted or cut, and times that the stream was found anew */
	counter32 lead;	 /* of the last packet: its delay in here */
};

struct jbuf {
	struct jbuf_counters n;
	/* in octets, set once */
	uint32_t min, start, max;
	enum media_law law;
	bool fixed;
	/* state */
	bool started; /* a packet came */
	bool filling; /* nothing real played yet */
	bool jump_due;
	uint32_t jump_ts;  /* the timestamp that would confirm a jump */
	uint32_t play_ts;  /* of the next octet to be played */
	uint32_t floor_ts; /* nothing before it can be played any more */
	uint32_t real_end; /* timestamp after the last real octet that was played */
	uint32_t held;
	uint32_t run;		    /* octets concealed since real_end */
	uint32_t stretch;	    /* octets of concealment to be inserted */
	uint32_t catch_up;	    /* see jbuf_catch_up() */
	uint32_t target;	    /* delay that pauses and new beginnings aim at */
	int32_t lead_min, lead_max; /* of the packets in this window */
	unsigned window_blocks, window_packets;
	uint64_t have[JBUF_RING_OCTETS / 64];
	uint8_t data[JBUF_RING_OCTETS];
};

void jbuf_init(struct jbuf *j, const struct jbuf_cfg *cfg);
/* Drops what is held and waits for a stream as at the beginning; counters stay. */
void jbuf_reset(struct jbuf *j);
/* The stream begins anew (SSRC change): drops what is held, plays on with this packet. */
void jbuf_resync(struct jbuf *j, uint32_t timestamp);
/* One packet. octets over JBUF_PACKET_OCTETS are cut off and count as dropped. */
void jbuf_put(struct jbuf *j, uint32_t timestamp, bool marker, const uint8_t *data,
	      unsigned octets);
/* Fills out with octets (at most JBUF_BLOCK_OCTETS), always. */
void jbuf_get(struct jbuf *j, uint8_t *out, unsigned octets);
/* The timeslot is that many octets behind the clock and will ask for them soon: until the next call
 * packets may lead by as much more. */
void jbuf_catch_up(struct jbuf *j, uint32_t octets);
/* Time passed in which nothing could be played (the driver missed blocks). */
void jbuf_skip(struct jbuf *j, uint32_t octets);

#endif
