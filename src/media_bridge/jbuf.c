/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/media_bridge/jbuf.h"

#include <string.h>

#include "src/media_bridge/law.h"

enum {
	RING_MASK = JBUF_RING_OCTETS - 1,
	JUMP_OCTETS = 8000,  /* further off than a second is another clock, not jitter */
	WINDOW_BLOCKS = 100, /* two seconds */
	WINDOW_PACKETS = 25, /* fewer say nothing about the slowest one */
	PAUSE_OCTETS = 1600, /* without packets: what comes next may start at a new delay */
	CONCEAL_RUN = 80,
	CONCEAL_STEPS = 6,
};

static int32_t ts_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static uint32_t blocks_up(uint32_t octets)
{
	return (octets + JBUF_BLOCK_OCTETS - 1) / JBUF_BLOCK_OCTETS * JBUF_BLOCK_OCTETS;
}

/* ── bits ── */

/* Walks the words that hold [ts, ts + n): mask of the part that lies in each. */
struct span {
	unsigned bit, left;
};

static bool span_next(struct span *s, unsigned *word, uint64_t *mask)
{
	unsigned first = s->bit % 64, n = 64 - first;

	if (s->left == 0)
		return false;
	if (n > s->left)
		n = s->left;
	*word = s->bit / 64 % (JBUF_RING_OCTETS / 64);
	*mask = (n == 64 ? ~0ULL : (1ULL << n) - 1) << first;
	s->bit += n;
	s->left -= n;
	return true;
}

static bool bits_all(const struct jbuf *j, uint32_t ts, unsigned n)
{
	struct span s = {ts & RING_MASK, n};
	unsigned w;
	uint64_t m;

	while (span_next(&s, &w, &m))
		if ((j->have[w] & m) != m)
			return false;
	return true;
}

static bool bits_none(const struct jbuf *j, uint32_t ts, unsigned n)
{
	struct span s = {ts & RING_MASK, n};
	unsigned w;
	uint64_t m;

	while (span_next(&s, &w, &m))
		if (j->have[w] & m)
			return false;
	return true;
}

static void bits_set(struct jbuf *j, uint32_t ts, unsigned n)
{
	struct span s = {ts & RING_MASK, n};
	unsigned w;
	uint64_t m;

	while (span_next(&s, &w, &m))
		j->have[w] |= m;
}

/* Returns how many were set. */
static unsigned bits_clear(struct jbuf *j, uint32_t ts, unsigned n)
{
	struct span s = {ts & RING_MASK, n};
	unsigned w, cleared = 0;
	uint64_t m;

	while (span_next(&s, &w, &m)) {
		cleared += (unsigned)__builtin_popcountll(j->have[w] & m);
		j->have[w] &= ~m;
	}
	return cleared;
}

/* ── beginnings, jumps, slips ── */

void jbuf_init(struct jbuf *j, const struct jbuf_cfg *cfg)
{
	uint32_t start = cfg->start_ms ? cfg->start_ms : 40;
	uint32_t min = cfg->min_ms ? cfg->min_ms : 20;
	uint32_t max = cfg->max_ms ? cfg->max_ms : 200;

	if (max > JBUF_DELAY_MAX_MS)
		max = JBUF_DELAY_MAX_MS;
	if (start > max)
		start = max;
	if (min > start || cfg->fixed)
		min = start;
	memset(j, 0, sizeof(*j));
	j->law = cfg->law;
	j->fixed = cfg->fixed;
	j->min = min * 8;
	j->start = start * 8;
	j->max = max * 8;
	j->target = j->start;
}

static void window_begin(struct jbuf *j)
{
	j->lead_min = INT32_MAX;
	j->lead_max = INT32_MIN;
	j->window_blocks = j->window_packets = 0;
}

static void drop_held(struct jbuf *j)
{
	counter_add(&j->n.dropped, j->held);
	j->held = 0;
	memset(j->have, 0, sizeof(j->have));
}

void jbuf_reset(struct jbuf *j)
{
	if (!j->started)
		return;
	drop_held(j);
	j->started = false;
}

/* From here on a packet with this timestamp has `lead`. */
static void begin(struct jbuf *j, uint32_t timestamp, uint32_t lead)
{
	drop_held(j);
	j->play_ts = timestamp - lead;
	j->floor_ts = j->play_ts;
	j->run = CONCEAL_RUN * CONCEAL_STEPS; /* nothing to repeat */
	j->stretch = 0;
	j->jump_due = false;
	window_begin(j);
}

void jbuf_resync(struct jbuf *j, uint32_t timestamp)
{
	if (!j->started)
		return; /* the next packet begins anyway */
	counter_add(&j->n.slips, 1);
	begin(j, timestamp, j->target);
}

/* Moves the time to be played forward; what it passes is lost. */
static void advance(struct jbuf *j, uint32_t octets)
{
	unsigned passed = octets < JBUF_RING_OCTETS ? octets : JBUF_RING_OCTETS;
	unsigned dropped = bits_clear(j, j->play_ts, passed);

	j->play_ts += octets;
	j->floor_ts = j->play_ts;
	j->held -= dropped;
	counter_add(&j->n.dropped, dropped);
}

void jbuf_catch_up(struct jbuf *j, uint32_t octets)
{
	j->catch_up = octets < JBUF_CATCH_UP_OCTETS ? octets : JBUF_CATCH_UP_OCTETS;
}

void jbuf_skip(struct jbuf *j, uint32_t octets)
{
	if (!j->started)
		return;
	advance(j, octets);
	window_begin(j);
}

/* A packet that comes after its time. When only concealment was played since the last real octet,
 * the whole stream is behind: move back and lose nothing. */
static void rewind_stream(struct jbuf *j, uint32_t ts, int32_t lead)
{
	uint32_t back = 0u - (uint32_t)lead; /* also when lead is INT32_MIN */
	int32_t pause = ts_diff(ts, j->floor_ts);

	if (j->filling || pause < 0 || pause >= JUMP_OCTETS)
		return;
	if (j->held && back > JBUF_BLOCK_OCTETS)
		return; /* what is held would no longer fit */
	if (back >= PAUSE_OCTETS)
		back += j->target; /* nothing came for so long that it may as well begin anew */
	else
		back = blocks_up(back);
	j->play_ts -= back;
	counter_add(&j->n.slips, 1);
	if (j->target < j->max && !j->fixed)
		j->target += JBUF_BLOCK_OCTETS;
	window_begin(j);
}

/* Too late, and something real was played since: others overtook it. More delay for its like. */
static void late(struct jbuf *j, unsigned octets)
{
	counter_add(&j->n.late, octets);
	if (j->fixed || j->stretch || j->filling)
		return;
	/* When all are late it is no jitter: time was skipped, or their clock fell back. */
	if (j->lead_max < 0 || (uint32_t)j->lead_max + JBUF_BLOCK_OCTETS > j->max)
		return;
	j->stretch = JBUF_BLOCK_OCTETS;
}

/* False: the packet belongs to a clock that nothing has confirmed yet. */
static bool jump_confirmed(struct jbuf *j, uint32_t ts, unsigned octets)
{
	if (j->jump_due && ts == j->jump_ts) {
		counter_add(&j->n.slips, 1);
		begin(j, ts, j->target);
		return true;
	}
	j->jump_due = true;
	j->jump_ts = ts + octets;
	return false;
}

/* After a pause the delay is free to choose: nobody hears it. */
static void place_talkspurt(struct jbuf *j, uint32_t ts, int32_t lead)
{
	if (j->held || ts_diff(ts, j->floor_ts) <= 0 || lead < 0)
		return;
	if (!j->fixed && j->window_packets >= WINDOW_PACKETS) {
		uint32_t spread = (uint32_t)(j->lead_max - j->lead_min);
		uint32_t need = blocks_up(spread + JBUF_BLOCK_OCTETS);

		j->target = need < j->min ? j->min : need > j->max ? j->max : need;
	}
	if ((uint32_t)lead != j->target) {
		j->play_ts = ts - j->target;
		window_begin(j);
	}
}

/* ── packets in ── */

static void lay_down(struct jbuf *j, uint32_t ts, const uint8_t *data, unsigned octets)
{
	unsigned at = ts & RING_MASK, first = JBUF_RING_OCTETS - at;
	unsigned laid = 0;

	if (bits_none(j, ts, octets)) {
		if (first > octets)
			first = octets;
		memcpy(j->data + at, data, first);
		memcpy(j->data, data + first, octets - first);
		bits_set(j, ts, octets);
		j->held += octets;
		return;
	}
	for (unsigned i = 0; i < octets; i++) {
		if (!bits_none(j, ts + i, 1))
			continue;
		j->data[(ts + i) & RING_MASK] = data[i];
		bits_set(j, ts + i, 1);
		laid++;
	}
	j->held += laid;
	counter_add(&j->n.dropped, octets - laid);
}

static void observe(struct jbuf *j, int32_t lead)
{
	j->window_packets++;
	if (lead < j->lead_min)
		j->lead_min = lead;
	if (lead > j->lead_max)
		j->lead_max = lead;
	counter32_set(&j->n.lead, lead > 0 ? (uint32_t)lead : 0);
}

/* Brings the stream and this packet together; false: the packet was counted away whole. */
static bool place(struct jbuf *j, uint32_t ts, bool marker, unsigned octets)
{
	int32_t lead;

	if (!j->started) {
		j->started = true;
		j->filling = true;
		j->target = j->start;
		begin(j, ts, j->start);
	}
	lead = ts_diff(ts, j->play_ts);
	if (marker)
		place_talkspurt(j, ts, lead);
	lead = ts_diff(ts, j->play_ts);
	if (lead < 0)
		rewind_stream(j, ts, lead);
	lead = ts_diff(ts, j->play_ts);
	if (lead > JUMP_OCTETS || lead < -JUMP_OCTETS) {
		if (!jump_confirmed(j, ts, octets)) {
			counter_add(&j->n.dropped, octets);
			return false;
		}
		lead = ts_diff(ts, j->play_ts);
	} else {
		j->jump_due = false;
	}
	if (lead > (int32_t)(j->max + j->catch_up)) {
		advance(j, (uint32_t)lead - (j->target > j->start ? j->target : j->start));
		counter_add(&j->n.slips, 1);
		window_begin(j);
		lead = ts_diff(ts, j->play_ts);
	}
	observe(j, lead - (int32_t)j->catch_up);
	return true;
}

void jbuf_put(struct jbuf *j, uint32_t ts, bool marker, const uint8_t *data, unsigned octets)
{
	int32_t behind;

	counter_add(&j->n.received, octets);
	if (octets > JBUF_PACKET_OCTETS) {
		counter_add(&j->n.dropped, octets - JBUF_PACKET_OCTETS);
		octets = JBUF_PACKET_OCTETS;
	}
	if (octets == 0 || !place(j, ts, marker, octets))
		return;
	behind = ts_diff(j->play_ts, ts);
	if (ts_diff(j->floor_ts, ts) > behind)
		behind = ts_diff(j->floor_ts, ts); /* played before a rewind */
	if (behind > 0) {
		unsigned cut = (unsigned)behind < octets ? (unsigned)behind : octets;

		late(j, cut);
		ts += cut;
		data += cut;
		octets -= cut;
	}
	if (octets)
		lay_down(j, ts, data, octets);
}

/* ── octets out ── */

/* 6 dB lower in the logarithmic domain: one segment down. Where no segment is left, it is quiet
 * enough. */
static uint8_t fade(enum media_law law, uint8_t octet, unsigned steps)
{
	uint8_t invert = law == MEDIA_ULAW ? 0x7f : 0x55, plain = octet ^ invert;
	unsigned magnitude = plain & 0x7f;

	magnitude = magnitude > steps * 16 ? magnitude - steps * 16 : 0;
	return (uint8_t)(((plain & 0x80) | magnitude) ^ invert);
}

static uint8_t conceal_octet(struct jbuf *j)
{
	unsigned step = j->run / CONCEAL_RUN;
	uint32_t from = j->real_end - CONCEAL_RUN + j->run % CONCEAL_RUN;

	if (step >= CONCEAL_STEPS)
		return j->law == MEDIA_ULAW ? LAW_ULAW_IDLE : LAW_ALAW_IDLE;
	j->run++;
	return fade(j->law, j->data[from & RING_MASK], step);
}

static void copy_out(struct jbuf *j, uint8_t *out, unsigned octets)
{
	unsigned at = j->play_ts & RING_MASK, first = JBUF_RING_OCTETS - at;

	if (first > octets)
		first = octets;
	memcpy(out, j->data + at, first);
	memcpy(out + first, j->data, octets - first);
	bits_clear(j, j->play_ts, octets);
	j->held -= octets;
	j->real_end = j->floor_ts = j->play_ts + octets;
	j->run = 0;
}

/* Octet by octet where something is missing. */
static void patch_out(struct jbuf *j, uint8_t *out, unsigned octets)
{
	unsigned concealed = 0;

	for (unsigned i = 0; i < octets; i++) {
		uint32_t ts = j->play_ts + i;

		if (bits_clear(j, ts, 1)) {
			out[i] = j->data[ts & RING_MASK];
			j->held--;
			j->real_end = j->floor_ts = ts + 1;
			j->run = 0;
		} else {
			out[i] = conceal_octet(j);
			concealed++;
		}
	}
	counter_add(&j->n.concealed, concealed);
}

static void window_turn(struct jbuf *j)
{
	if (++j->window_blocks < WINDOW_BLOCKS)
		return;
	if (j->window_packets >= WINDOW_PACKETS &&
	    j->lead_min >= (int32_t)j->start + JBUF_BLOCK_OCTETS) {
		advance(j, JBUF_BLOCK_OCTETS);
		counter_add(&j->n.slips, 1);
	}
	if (j->target > j->start)
		j->target -= JBUF_BLOCK_OCTETS;
	window_begin(j);
}

void jbuf_get(struct jbuf *j, uint8_t *out, unsigned octets)
{
	if (!j->started || (j->filling && bits_none(j, j->play_ts, octets))) {
		memset(out, j->law == MEDIA_ULAW ? LAW_ULAW_IDLE : LAW_ALAW_IDLE, octets);
		if (j->started)
			j->play_ts += octets;
		/* Who has heard something hears the gap that a reset makes. */
		if (counter_get(&j->n.played)) {
			counter_add(&j->n.played, octets);
			counter_add(&j->n.concealed, octets);
		}
		return;
	}
	j->filling = false;
	counter_add(&j->n.played, octets);
	if (j->stretch >= octets) {
		for (unsigned i = 0; i < octets; i++)
			out[i] = conceal_octet(j);
		counter_add(&j->n.concealed, octets);
		counter_add(&j->n.slips, 1);
		j->stretch = 0;
		window_begin(j);
		return;
	}
	if (bits_all(j, j->play_ts, octets))
		copy_out(j, out, octets);
	else
		patch_out(j, out, octets);
	j->play_ts += octets;
	window_turn(j);
}
