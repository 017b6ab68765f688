/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream is made of frames of 8 octets. A frame is 56 bits (a fixed mark, the stream, the
 * frame's number), scrambled by a small Feistel network so that neighbouring frames look
 * unrelated, seven bits to the octet.
 *
 * Finding one's place: the last eight octets are unscrambled; when the mark is there, the octets
 * before them must be those that come before in that stream.
 */
#include "gateway/lab/pattern.h"

#include <string.h>

enum {
	MARK = 0x5a7, /* 11 bits */
	HALF_BITS = 28,
	HALF_MASK = (1 << HALF_BITS) - 1,
	FRAME_NUMBER_BITS = 29,
	MATCH_MIN = 16, /* octets that must fit before a place is believed */
	SILENCE_ALAW = 0xd5,
	SILENCE_ULAW = 0xff,
};

/* Sorted. A-law octets that come back the same from µ-law, however the tables round; neither
 * law's silence or its negative is among them. */
static const uint8_t alphabet[128] = {
    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20,
    0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x50, 0x51,
    0x52, 0x53, 0x54, 0x56, 0x57, 0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6c,
    0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x7c, 0x7d, 0x7e, 0x90, 0x91,
    0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
    0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xd0, 0xd1, 0xd2, 0xd3,
    0xd4, 0xd6, 0xd7, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8,
    0xe9, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xfc, 0xfd, 0xfe,
};

static const uint32_t round_key[4] = {0x9e3779b9, 0x7f4a7c15, 0xf39cc060, 0x5cedc834};

static uint32_t mix(uint32_t half, uint32_t key)
{
	uint32_t x = half ^ key;

	x *= 0x85ebca6bu;
	x ^= x >> 15;
	x *= 0xc2b2ae35u;
	x ^= x >> 13;
	return x & HALF_MASK;
}

static void frame_encode(uint16_t stream, uint32_t number, uint8_t out[PATTERN_FRAME])
{
	uint64_t bits = (uint64_t)MARK << (16 + FRAME_NUMBER_BITS) |
			(uint64_t)stream << FRAME_NUMBER_BITS | number;
	uint32_t left = (uint32_t)(bits >> HALF_BITS), right = (uint32_t)bits & HALF_MASK;

	for (int i = 0; i < 4; i++) {
		uint32_t next = left ^ mix(right, round_key[i]);

		left = right;
		right = next;
	}
	bits = (uint64_t)left << HALF_BITS | right;
	for (int i = 0; i < PATTERN_FRAME; i++)
		out[i] = alphabet[bits >> (7 * i) & 0x7f];
}

/* -1: no octet of any stream. */
static int alphabet_find(uint8_t octet)
{
	unsigned at = 0;

	for (unsigned step = 64; step; step /= 2)
		if (octet >= alphabet[at + step])
			at += step;
	return alphabet[at] == octet ? (int)at : -1;
}

static bool frame_decode(const uint8_t in[PATTERN_FRAME], uint16_t *stream, uint32_t *number)
{
	uint64_t bits = 0;
	uint32_t left, right;

	for (int i = 0; i < PATTERN_FRAME; i++) {
		int value = alphabet_find(in[i]);

		if (value < 0)
			return false;
		bits |= (uint64_t)value << (7 * i);
	}
	left = (uint32_t)(bits >> HALF_BITS);
	right = (uint32_t)bits & HALF_MASK;
	for (int i = 3; i >= 0; i--) {
		uint32_t before = right ^ mix(left, round_key[i]);

		right = left;
		left = before;
	}
	bits = (uint64_t)left << HALF_BITS | right;
	*stream = (uint16_t)(bits >> FRAME_NUMBER_BITS);
	*number = (uint32_t)(bits & ((1u << FRAME_NUMBER_BITS) - 1));
	return bits >> (16 + FRAME_NUMBER_BITS) == MARK;
}

void pattern_gen_init(struct pattern_gen *g, uint16_t stream)
{
	g->stream = stream;
	g->index = 0;
}

void pattern_gen_fill(struct pattern_gen *g, uint8_t *out, size_t octets)
{
	uint8_t frame[PATTERN_FRAME];

	while (octets) {
		size_t at = g->index % PATTERN_FRAME, n = PATTERN_FRAME - at;

		if (n > octets)
			n = octets;
		frame_encode(g->stream, g->index / PATTERN_FRAME, frame);
		memcpy(out, frame + at, n);
		g->index += (uint32_t)n;
		out += n;
		octets -= n;
	}
}

void pattern_check_init(struct pattern_check *c, uint16_t stream)
{
	memset(c, 0, sizeof(*c));
	c->stream = stream;
}

static uint8_t octet_at(struct pattern_check *c, uint16_t stream, uint32_t index)
{
	uint32_t number = index / PATTERN_FRAME;

	if (!c->frame_known || c->frame_stream != stream || c->frame_number != number) {
		frame_encode(stream, number, c->frame);
		c->frame_stream = stream;
		c->frame_number = number;
		c->frame_known = true;
	}
	return c->frame[index % PATTERN_FRAME];
}

static bool is_silence(uint8_t octet)
{
	return octet == SILENCE_ALAW || octet == SILENCE_ULAW;
}

static void gap_reset(struct pattern_check *c)
{
	c->gap_octets = c->gap_filled = c->gap_wrong = 0;
	c->fade_run = 0;
	c->held = 0;
	c->following = false;
}

/* Octet i of the window counts as filled in, and not as wrong. */
static void window_set_filled(struct pattern_check *c, unsigned i)
{
	if (c->window_filled[i])
		return;
	c->window_filled[i] = true;
	c->gap_filled++;
	c->gap_wrong--;
}

/* The last `octets` of the window count for something else. */
static void window_take_back(struct pattern_check *c, unsigned octets)
{
	c->gap_octets -= octets;
	for (unsigned i = c->held - octets; i < c->held; i++) {
		if (c->window_filled[i])
			c->gap_filled--;
		else
			c->gap_wrong--;
	}
}

/* A-law: the sign is bit 7, the magnitude the other seven, alternate bits inverted (G.711). */
static bool is_faded(uint8_t octet, uint8_t before)
{
	octet ^= 0x55;
	before ^= 0x55;
	return (octet & 0x80) == (before & 0x80) && (octet & 0x7f) <= (before & 0x7f);
}

static void find_fade(struct pattern_check *c, uint8_t octet)
{
	if (!is_silence(octet) && !is_faded(octet, c->heard[c->heard_at])) {
		c->fade_run = 0;
		return;
	}
	if (++c->fade_run < PATTERN_FADE_RUN)
		return;
	/* It is a run from here on: the octets before this one, too, and later ones one by one. */
	for (unsigned i = 0; i < (c->fade_run == PATTERN_FADE_RUN ? c->fade_run : 1); i++)
		if (i < c->held)
			window_set_filled(c, c->held - 1 - i);
}

static void gap_push(struct pattern_check *c, int64_t now_us, uint8_t octet)
{
	if (c->held == PATTERN_WINDOW) {
		const unsigned keep = PATTERN_WINDOW / 2, from = c->held - keep;

		memmove(c->window, c->window + from, keep);
		memmove(c->window_filled, c->window_filled + from, keep * sizeof(bool));
		memmove(c->window_us, c->window_us + from, keep * sizeof(int64_t));
		c->held = keep;
	}
	c->window[c->held] = octet;
	c->window_us[c->held] = now_us;
	c->window_filled[c->held++] = false;
	c->gap_octets++;
	c->gap_wrong++;
	if (is_silence(octet))
		window_set_filled(c, c->held - 1);
	find_fade(c, octet);
}

/* Octets that stand in their place among wrong ones: only where the gap kept its length. */
static uint64_t gap_right_octets(struct pattern_check *c, uint32_t skipped, unsigned before)
{
	uint64_t right = 0;

	if (c->gap_octets != skipped || before != skipped)
		return 0;
	for (unsigned i = 0; i < before; i++)
		right += !c->window_filled[i] &&
			 c->window[i] == octet_at(c, c->stream, c->next_index + i);
	return right;
}

/* Our stream goes on `skipped` octets further, after `before` octets of the window. */
static void gap_close(struct pattern_check *c, uint32_t skipped, unsigned before)
{
	struct pattern_result *r = &c->result;
	uint64_t right = gap_right_octets(c, skipped, before);
	uint64_t wrong = c->gap_wrong - right;
	uint64_t room = skipped - right;
	uint64_t changed = wrong < room ? wrong : room;
	uint64_t lost = room - changed;
	uint64_t inserted = c->gap_filled + wrong - changed;

	r->good += right;
	r->changed += changed;
	r->lost += lost;
	r->inserted += inserted;
	r->gaps += lost || inserted;
	c->next_index += skipped;
	gap_reset(c);
	c->locked = true;
}

static void count_good(struct pattern_check *c, int64_t now_us, uint32_t octets)
{
	c->result.good += octets;
	c->result.last_us = now_us;
	c->next_index += octets;
}

/* The last `match` octets of the window are our stream, up to index `last`. */
static void found_own(struct pattern_check *c, int64_t now_us, uint32_t last, unsigned match)
{
	uint32_t first = last - match + 1;
	unsigned before = c->held - match;
	int32_t ahead = (int32_t)(first - c->next_index);

	window_take_back(c, match);
	if (!c->result.started) {
		c->result.started = true;
		c->result.first_index = first;
		c->result.first_us = c->window_us[before];
		c->next_index = first;
		gap_reset(c);
		c->locked = true;
		count_good(c, now_us, match);
	} else if (ahead >= 0) {
		gap_close(c, (uint32_t)ahead, before);
		count_good(c, now_us, match);
	} else if ((int32_t)(last - c->next_index) >= 0) {
		c->gap_filled += (uint32_t)-ahead;
		c->gap_octets += (uint32_t)-ahead;
		gap_close(c, 0, before);
		count_good(c, now_us, match - (uint32_t)-ahead);
	} else {
		c->gap_filled += match;
		c->gap_octets += match;
		c->following = true;
		c->follow_stream = c->stream;
		c->follow_index = last + 1;
		c->held = 0;
	}
}

static void found_foreign(struct pattern_check *c, uint16_t stream, uint32_t last, unsigned match)
{
	window_take_back(c, match);
	c->gap_octets += match;
	c->result.foreign += match;
	c->result.foreign_stream = stream;
	c->following = true;
	c->follow_stream = stream;
	c->follow_index = last + 1;
	c->held = 0;
}

static void find_place(struct pattern_check *c, int64_t now_us)
{
	uint16_t stream;
	uint32_t number, last;
	unsigned match = PATTERN_FRAME;

	if (c->held < MATCH_MIN ||
	    !frame_decode(c->window + c->held - PATTERN_FRAME, &stream, &number))
		return;
	last = number * PATTERN_FRAME + PATTERN_FRAME - 1;
	/* A stream begins at 0: what stands before that belongs to something else. */
	while (match < c->held && match <= last &&
	       c->window[c->held - match - 1] == octet_at(c, stream, last - match))
		match++;
	if (match < MATCH_MIN)
		return;
	if (stream == c->stream)
		found_own(c, now_us, last, match);
	else
		found_foreign(c, stream, last, match);
}

/* True when the octet continues the run that is being followed. */
static bool follow(struct pattern_check *c, int64_t now_us, uint8_t octet)
{
	if (octet != octet_at(c, c->follow_stream, c->follow_index)) {
		c->following = false;
		return false;
	}
	if (c->follow_stream != c->stream) {
		c->result.foreign++;
		c->gap_octets++;
	} else if (c->follow_index == c->next_index) {
		gap_close(c, 0, 0);
		count_good(c, now_us, 1);
		return true;
	} else {
		c->gap_filled++;
		c->gap_octets++;
	}
	c->follow_index++;
	return true;
}

static void feed_one(struct pattern_check *c, int64_t now_us, uint8_t octet)
{
	if (c->locked) {
		if (octet == octet_at(c, c->stream, c->next_index)) {
			count_good(c, now_us, 1);
			return;
		}
		c->locked = false;
		gap_reset(c);
	}
	if (c->following && follow(c, now_us, octet))
		return;
	gap_push(c, now_us, octet);
	if (!is_silence(octet)) /* which is in no frame */
		find_place(c, now_us);
}

/* Nearly all octets: whole frames in their place. */
static bool whole_frame(struct pattern_check *c, int64_t now_us, const uint8_t *in)
{
	if (!c->locked || c->next_index % PATTERN_FRAME)
		return false;
	octet_at(c, c->stream, c->next_index);
	if (memcmp(in, c->frame, PATTERN_FRAME) != 0)
		return false;
	count_good(c, now_us, PATTERN_FRAME);
	return true;
}

static void remember(struct pattern_check *c, const uint8_t *in, size_t octets)
{
	_Static_assert(PATTERN_FADE_OCTETS >= PATTERN_FRAME, "at most one wrap");
	size_t room = PATTERN_FADE_OCTETS - c->heard_at, n = octets < room ? octets : room;

	memcpy(c->heard + c->heard_at, in, n);
	memcpy(c->heard, in + n, octets - n);
	c->heard_at = (c->heard_at + (unsigned)octets) % PATTERN_FADE_OCTETS;
}

void pattern_check_feed(struct pattern_check *c, int64_t now_us, const uint8_t *in, size_t octets)
{
	while (octets) {
		size_t n = 1;

		if (octets >= PATTERN_FRAME && whole_frame(c, now_us, in))
			n = PATTERN_FRAME;
		else
			feed_one(c, now_us, *in);
		remember(c, in, n);
		in += n;
		octets -= n;
	}
}

void pattern_check_end(struct pattern_check *c, struct pattern_result *out)
{
	c->locked = false;
	gap_reset(c);
	*out = c->result;
}
