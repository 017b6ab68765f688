/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Self-indexing audio: every octet of a stream tells (with its neighbours) which call and
 * direction it belongs to and which octet of the stream it is. The checker so knows exactly what
 * was lost, inserted, changed, or came from another call, and how late it came. Pure.
 *
 * stream: call number * 2 + direction (0: towards SIP, 1: towards ISDN); up to 65535.
 * Works where octets pass unchanged, and through A-law to µ-law and back: a peer that speaks µ-law
 * converts what it sends and what it hears. Silence (0xd5 in A-law, 0xff in µ-law) never occurs.
 *
 * Concealment is known for what it is: octets heard before, silence, or PATTERN_FADE_RUN and more
 * in a row that repeat what was heard 10 ms ago and are no louder.
 *
 * The checker finds its place again after PATTERN_LOCK_OCTETS right octets in a row at most; two
 * edits closer to each other than that are counted as one place, whose sums still hold:
 *   good + lost + changed             = indices passed since first_index
 *   good + inserted + changed + foreign = octets since then
 */
#ifndef GATEWAY_LAB_PATTERN_H
#define GATEWAY_LAB_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pattern_gen {
	uint16_t stream;
	uint32_t index; /* of the next octet */
};
void pattern_gen_init(struct pattern_gen *g, uint16_t stream);
void pattern_gen_fill(struct pattern_gen *g, uint8_t *out, size_t octets);

struct pattern_result {
	uint64_t good;	   /* octets found in their place */
	uint64_t lost;	   /* octets skipped over between good ones */
	uint64_t inserted; /* octets of silence, or repeated ones, or too many, between good ones.
			      In place of right ones they count as lost and as inserted */
	uint64_t changed;  /* wrong octets in place of right ones */
	uint64_t foreign;  /* octets of another stream, also before the first and after the last
			      good octet; what they stand in place of counts as lost */
	uint32_t gaps;	   /* places where something was lost or inserted */
	uint16_t foreign_stream;   /* one of them */
	bool started;		   /* at least one good octet */
	uint32_t first_index;	   /* index of the first good octet */
	int64_t first_us, last_us; /* `now` of the feeds that held the first and last good octet */
};

enum {
	PATTERN_LOCK_OCTETS = 23,
	PATTERN_WINDOW = 64,
	PATTERN_FRAME = 8,
	PATTERN_FADE_OCTETS = 80,
	PATTERN_FADE_RUN = 16
};
struct pattern_check {
	uint16_t stream;
	struct pattern_result result;
	/* private */
	bool locked;	     /* the next octet should be next_index */
	uint32_t next_index; /* of our stream: all before it are accounted for */
	/* While not locked: a run of another stream, or of ours from before next_index. */
	bool following;
	uint16_t follow_stream;
	uint32_t follow_index;
	uint64_t gap_octets, gap_filled, gap_wrong; /* since the last good octet */
	/* The latest octets that are neither good nor followed, what they count as, and when they
	 * came. */
	uint8_t window[PATTERN_WINDOW];
	bool window_filled[PATTERN_WINDOW];
	int64_t window_us[PATTERN_WINDOW];
	unsigned held;
	uint8_t heard[PATTERN_FADE_OCTETS]; /* the last ones of all, a ring */
	unsigned heard_at, fade_run;
	/* The frame that was computed last. */
	bool frame_known;
	uint16_t frame_stream;
	uint32_t frame_number;
	uint8_t frame[PATTERN_FRAME];
};
void pattern_check_init(struct pattern_check *c, uint16_t stream);
void pattern_check_feed(struct pattern_check *c, int64_t now_us, const uint8_t *in, size_t octets);
/* Ends the stream: what trails after the last good octet counts for nothing. */
void pattern_check_end(struct pattern_check *c, struct pattern_result *out);

#endif
