/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams whose every octet follows from its timestamp, through the jitter buffer in virtual
 * time: what comes out must be either right and new, or counted. */
#include <stdlib.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "src/media_bridge/jbuf.h"
#include "src/media_bridge/law.h"
#include "tests/unit/media_bridge/media_tests.h"

static uint8_t octet_of(uint32_t ts)
{
	return (uint8_t)(ts * 2654435761u >> 24);
}

static void put(struct jbuf *j, uint32_t ts, unsigned octets, bool marker)
{
	uint8_t data[JBUF_PACKET_OCTETS];

	for (unsigned i = 0; i < octets; i++)
		data[i] = octet_of(ts + i);
	jbuf_put(j, ts, marker, data, octets);
}

static void assert_counted(const struct jbuf *j)
{
	const struct jbuf_counters *n = &j->n;

	assert_int_equal(counter_get(&n->played),
			 counter_get(&n->received) - counter_get(&n->late) -
			     counter_get(&n->dropped) + counter_get(&n->concealed) - j->held);
}

/* One block out; every octet that is not counted as concealed must be in its place. Returns how
 * many were real. */
static unsigned get(struct jbuf *j, unsigned octets)
{
	uint64_t concealed = counter_get(&j->n.concealed), played = counter_get(&j->n.played);
	uint32_t ts = j->play_ts;
	unsigned right = 0, real;
	uint8_t out[JBUF_BLOCK_OCTETS];

	jbuf_get(j, out, octets);
	real = (unsigned)(counter_get(&j->n.played) - played - counter_get(&j->n.concealed) +
			  concealed);
	for (unsigned i = 0; i < octets; i++)
		right += out[i] == octet_of(ts + i);
	assert_true(right >= real);
	assert_counted(j);
	return real;
}

static void init(struct jbuf *j, bool fixed)
{
	struct jbuf_cfg cfg = {.law = MEDIA_ALAW, .fixed = fixed};

	jbuf_init(j, &cfg);
}

/* What happens to a packet in the rough stream below. */
struct flight {
	int64_t at; /* block in which it comes */
	uint32_t ts;
	unsigned octets;
	bool marker, gone;
};

enum { ROUGH_PACKETS = 1500 };

/* Everything that a network and a careless peer do. Returns when the last one was sent, in octets.
 */
static int64_t rough_flights(struct rng *rng, struct flight *f)
{
	uint32_t ts = rng_u32(rng), size = 80 * (1 + rng_below(rng, 6));
	int64_t clock = 0;

	for (unsigned i = 0; i < ROUGH_PACKETS; i++) {
		uint32_t what = rng_below(rng, 300);

		if (what == 0)
			ts += rng_u32(rng); /* another clock */
		if (what == 1)
			clock += 160 * (int64_t)rng_below(rng, 200); /* silence, timestamp stands */
		if (what == 2) {
			uint32_t pause = 160 * rng_below(rng, 400);

			clock += pause;
			ts += pause;
			f[i].marker = true;
		}
		f[i].octets = what == 3 ? 1 + rng_below(rng, JBUF_PACKET_OCTETS) : size;
		f[i].ts = ts;
		f[i].at = clock / 160 + (what < 40 ? rng_below(rng, 12) : rng_below(rng, 2));
		f[i].gone = what > 280;
		ts += f[i].octets;
		clock += f[i].octets;
	}
	return clock;
}

static void rough_puts(struct jbuf *j, struct rng *rng, const struct flight *f, int64_t block)
{
	for (unsigned i = 0; i < ROUGH_PACKETS; i++) {
		if (f[i].at != block || f[i].gone)
			continue;
		put(j, f[i].ts, f[i].octets, f[i].marker);
		assert_counted(j);
		if (rng_below(rng, 50) == 0)
			put(j, f[i].ts, f[i].octets, false);
	}
	if (rng_below(rng, 500) == 0)
		jbuf_skip(j, 160 * rng_below(rng, 20));
	if (rng_below(rng, 1000) == 0)
		jbuf_resync(j, rng_u32(rng));
	if (rng_below(rng, 1000) == 0)
		jbuf_reset(j);
}

static void rough_stream(uint64_t seed)
{
	struct flight *f = calloc(ROUGH_PACKETS, sizeof(*f));
	struct jbuf *j = malloc(sizeof(*j));
	struct rng rng;
	uint64_t real = 0;
	int64_t end;

	assert_non_null(f);
	assert_non_null(j);
	rng_init_seed(&rng, seed);
	init(j, seed % 4 == 0);
	end = rough_flights(&rng, f);
	for (int64_t block = 0; block < end / 160 + 20; block++) {
		unsigned asked = seed % 3 ? 160 : 1 + rng_below(&rng, 159);

		rough_puts(j, &rng, f, block);
		real += get(j, asked);
		if (asked < 160)
			real += get(j, 160 - asked);
		assert_true(counter32_get(&j->n.lead) <= j->max + JBUF_PACKET_OCTETS);
	}
	jbuf_reset(j);
	assert_counted(j);
	assert_int_equal(j->held, 0);
	assert_true(real > 0);
	free(f);
	free(j);
}

void jbuf_sums_hold_for_any_stream(void **state)
{
	for (uint64_t seed = 1; seed <= 40; seed++)
		rough_stream(seed);
}

/* Every phase, wrap included: nothing lost, nothing added, the delay is the start delay. */
void jbuf_perfect_stream_is_untouched(void **state)
{
	static const uint32_t begins[] = {0, 77, UINT32_MAX - 5000, 0x7ffffff0};

	for (unsigned b = 0; b < 4; b++) {
		struct jbuf j;
		uint64_t real = 0;

		init(&j, false);
		for (uint32_t i = 0; i < 3000; i++) {
			put(&j, begins[b] + i * 160, 160, i == 0);
			real += get(&j, 160);
		}
		assert_int_equal(real, 3000 * 160 - 320);
		assert_int_equal(j.held, 320);
		assert_int_equal(counter_get(&j.n.concealed), 0);
		assert_int_equal(counter_get(&j.n.slips), 0);
		assert_int_equal(counter32_get(&j.n.lead), 320);
	}
}

/* An hour in which the peer's clock is off: 50 ppm are a block in 400 s. */
static void drift(int ppm, bool fixed)
{
	uint64_t packets = 0, slips_expected = 3600 / 400;
	struct jbuf j;
	const struct jbuf_counters *n = &j.n;

	init(&j, fixed);
	for (int64_t block = 0; block < 3600 * 50; block++) {
		int64_t now_us = block * 20000;

		while ((int64_t)packets * (20000000000LL / (1000000 + ppm)) <= now_us) {
			put(&j, (uint32_t)packets * 160, 160, packets == 0);
			packets++;
		}
		get(&j, 160);
	}
	assert_in_range(counter_get(&n->slips), slips_expected - 2, slips_expected + 1);
	assert_int_equal(counter_get(&n->late), 0);
	if (ppm > 0) {
		assert_int_equal(counter_get(&n->dropped), counter_get(&n->slips) * 160);
		assert_int_equal(counter_get(&n->concealed), 0);
	} else {
		assert_int_equal(counter_get(&n->dropped), 0);
		assert_int_equal(counter_get(&n->concealed), counter_get(&n->slips) * 160);
	}
	assert_in_range(counter32_get(&n->lead), 0, 640);
}

void jbuf_drift_ends_in_single_slips(void **state)
{
	drift(50, false);
	drift(-50, false);
	drift(50, true);
	drift(-50, true);
}

/* Jitter of 0 … spread_ms, in order: late octets are few once the delay has grown. */
static uint64_t jittery(struct jbuf *j, struct rng *rng, unsigned seconds, unsigned spread_ms,
			uint32_t *ts, int64_t *block)
{
	uint64_t before = counter_get(&j->n.late) + counter_get(&j->n.concealed);
	int64_t due[64] = {0};
	uint32_t sent = *ts;
	unsigned waiting = 0;

	for (unsigned i = 0; i < seconds * 50; i++, (*block)++) {
		int64_t at = *block * 20 + rng_below(rng, spread_ms + 1);

		if (waiting && at < due[waiting - 1])
			at = due[waiting - 1];
		due[waiting++] = at;
		sent += 160;
		while (waiting && due[0] <= *block * 20) {
			put(j, *ts, 160, false);
			*ts += 160;
			memmove(due, due + 1, (waiting - 1) * sizeof(due[0]));
			waiting--;
		}
		get(j, 160);
	}
	while (*ts != sent) {
		put(j, *ts, 160, false);
		*ts += 160;
	}
	return counter_get(&j->n.late) + counter_get(&j->n.concealed) - before;
}

void jbuf_grows_and_shrinks_with_jitter(void **state)
{
	struct jbuf j;
	struct rng rng;
	uint32_t ts = 5;
	int64_t block = 0;

	rng_init_seed(&rng, 6);
	init(&j, false);
	assert_int_equal(jittery(&j, &rng, 10, 15, &ts, &block), 0);
	assert_in_range(counter32_get(&j.n.lead), 160, 480);
	jittery(&j, &rng, 5, 100, &ts, &block);
	/* 100 ms of jitter: after a few seconds of growing hardly anything is late */
	assert_in_range(jittery(&j, &rng, 30, 100, &ts, &block), 0, 30 * 8000 / 50);
	assert_true(counter32_get(&j.n.lead) <= j.max);
	jittery(&j, &rng, 30, 5, &ts, &block);
	assert_int_equal(jittery(&j, &rng, 20, 5, &ts, &block), 0);
	assert_in_range(counter32_get(&j.n.lead), 160, 640);
}

static void run(struct jbuf *j, uint32_t *ts, unsigned blocks)
{
	while (blocks--) {
		put(j, *ts, 160, false);
		*ts += 160;
		get(j, 160);
	}
}

static void assert_flows(struct jbuf *j, uint32_t *ts)
{
	uint64_t concealed = counter_get(&j->n.concealed), late = counter_get(&j->n.late);

	run(j, ts, 100);
	assert_int_equal(counter_get(&j->n.concealed), concealed);
	assert_int_equal(counter_get(&j->n.late), late);
	assert_in_range(counter32_get(&j->n.lead), 0, j->max);
}

void jbuf_finds_a_stream_again(void **state)
{
	struct jbuf j;
	uint32_t ts = 1000;

	for (unsigned fixed = 0; fixed < 2; fixed++) {
		init(&j, fixed);
		run(&j, &ts, 50);
		ts += 123456789; /* a new clock, without a word */
		run(&j, &ts, 20);
		assert_flows(&j, &ts);
		ts -= 800; /* a clock that fell back a little */
		run(&j, &ts, 60);
		assert_flows(&j, &ts);
		for (unsigned i = 0; i < 500; i++) /* ten seconds of nothing, timestamps stand */
			get(&j, 160);
		run(&j, &ts, 20);
		assert_flows(&j, &ts);
		for (unsigned i = 0; i < 500; i++, ts += 160) /* and going on */
			get(&j, 160);
		run(&j, &ts, 20);
		assert_flows(&j, &ts);
		for (unsigned i = 0; i < 50; i++, ts += 160) /* a second in one block */
			put(&j, ts, 160, false);
		run(&j, &ts, 20);
		assert_flows(&j, &ts);
		jbuf_resync(&j, 42);
		ts = 42;
		run(&j, &ts, 20);
		assert_flows(&j, &ts);
	}
}

void jbuf_fixed_mode_keeps_its_delay(void **state)
{
	struct jbuf_cfg cfg = {.law = MEDIA_ALAW, .fixed = true, .start_ms = 60, .max_ms = 120};
	struct jbuf j;
	uint32_t ts = 0;

	jbuf_init(&j, &cfg);
	run(&j, &ts, 500);
	assert_int_equal(counter32_get(&j.n.lead), 480);
	for (unsigned i = 0; i < 200; i++) { /* each second packet is overtaken, one block late */
		put(&j, ts + 160, 160, false);
		get(&j, 160);
		put(&j, ts, 160, false);
		get(&j, 160);
		ts += 320;
	}
	assert_int_equal(counter_get(&j.n.late), 0);
	assert_int_equal(counter_get(&j.n.concealed), 0);
	assert_int_equal(counter_get(&j.n.slips), 0);
}

/* What was played, and what would no longer fit, is late, however the stream was moved. */
void jbuf_never_plays_twice(void **state)
{
	struct jbuf j;
	uint32_t ts = 0;

	init(&j, true);
	run(&j, &ts, 50);
	for (unsigned i = 0; i < 4; i++) /* two that are held, then nothing for two */
		get(&j, 160);
	put(&j, ts, 160, false); /* moves the stream back by two blocks */
	assert_int_equal(counter_get(&j.n.late), 0);
	assert_int_equal(counter_get(&j.n.slips), 1);
	put(&j, ts - 160, 160, false);
	assert_int_equal(counter_get(&j.n.late), 160);
	assert_int_equal(get(&j, 160), 160);
	ts += 160;
	for (unsigned i = 0; i < 12; i++)
		get(&j, 160);
	put(&j, ts, 160, false); /* after so long with the full delay again */
	assert_int_equal(counter32_get(&j.n.lead), 320);
	put(&j, ts - 160, 160, false);
	assert_int_equal(counter_get(&j.n.late), 320);
	ts += 160;
	for (unsigned i = 0; i < 12; i++)
		get(&j, 160);
	put(&j, ts + 1440 + 1600, 1440, false); /* as far ahead as it may be */
	put(&j, ts, 160, false);
	assert_int_equal(counter_get(&j.n.late), 480);
	for (unsigned i = 0; i < 30; i++)
		get(&j, 160);
	assert_int_equal(j.held, 0);
}

/* The worker was held up: what came meanwhile and what is due meanwhile meet in one turn. */
void jbuf_catches_up(void **state)
{
	struct jbuf j;
	uint32_t ts = 0;

	init(&j, false);
	run(&j, &ts, 50);
	for (unsigned held_up = 2; held_up <= 29; held_up += 9) {
		jbuf_catch_up(&j, (held_up - 1) * 160);
		for (unsigned i = 0; i < held_up; i++, ts += 160)
			put(&j, ts, 160, false);
		assert_int_equal(counter32_get(&j.n.lead), 320);
		for (unsigned i = 0; i < held_up; i++)
			assert_int_equal(get(&j, 160), 160);
		jbuf_catch_up(&j, 0);
	}
	assert_int_equal(counter_get(&j.n.dropped) + counter_get(&j.n.slips), 0);
	assert_flows(&j, &ts);
	for (unsigned i = 0; i < 20; i++, ts += 160) /* a burst without that is too much */
		put(&j, ts, 160, false);
	assert_true(counter_get(&j.n.dropped) > 0);
}

/* The last 10 ms again, 6 dB lower each time, then silence. */
static void conceal(enum media_law law, int16_t (*decode)(uint8_t), uint8_t idle)
{
	struct jbuf_cfg cfg = {.law = law};
	uint8_t out[JBUF_BLOCK_OCTETS], last[80];
	struct jbuf j;
	uint32_t ts = 0;

	jbuf_init(&j, &cfg);
	run(&j, &ts, 10);
	get(&j, 160);
	jbuf_get(&j, out, 160);
	memcpy(last, out + 80, 80);
	for (unsigned step = 0; step < 12; step++) {
		jbuf_get(&j, out, 80);
		for (unsigned i = 0; i < 80; i++) {
			int full = abs(decode(last[i])), now = abs(decode(out[i]));

			assert_true(step < 6 || out[i] == idle);
			assert_true(step || out[i] == last[i]);
			assert_true(step > 5 || (out[i] & 0x80) == (last[i] & 0x80));
			assert_true(now <= (full >> step) + 40);
			assert_true(step > 5 || now + 260 >= full >> step);
		}
	}
}

void jbuf_conceals_fading(void **state)
{
	conceal(MEDIA_ALAW, law_alaw_decode, LAW_ALAW_IDLE);
	conceal(MEDIA_ULAW, law_ulaw_decode, LAW_ULAW_IDLE);
}

/* Where the peer stops sending in silence, the delay comes down to what the jitter asks. */
void jbuf_uses_pauses(void **state)
{
	struct jbuf j;
	uint32_t ts = 0;

	init(&j, false);
	run(&j, &ts, 60);
	assert_int_equal(counter32_get(&j.n.lead), 320);
	for (unsigned i = 0; i < 20; i++, ts += 160)
		get(&j, 160);
	put(&j, ts, 160, true);
	ts += 160;
	get(&j, 160);
	assert_int_equal(counter32_get(&j.n.lead), 160);
	assert_flows(&j, &ts);
}

/* Each tenth packet is overtaken by three others: after the first ones none is late. */
void jbuf_makes_room_for_the_overtaken(void **state)
{
	struct jbuf j;
	uint32_t ts = 0;
	uint64_t late;

	init(&j, false);
	run(&j, &ts, 10);
	for (unsigned i = 0; i < 50; i++) {
		if (i == 5)
			late = counter_get(&j.n.late);
		run(&j, &ts, 6);
		ts += 160;
		run(&j, &ts, 3);
		get(&j, 160);
		put(&j, ts - 640, 160, false);
	}
	assert_in_range(late, 160, 800);
	assert_int_equal(counter_get(&j.n.late), late);
}
