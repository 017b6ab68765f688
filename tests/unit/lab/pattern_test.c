/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/lab/lab_tests.h"

#include <string.h>

#include "gateway/base/rng.h"
#include "gateway/lab/pattern.h"

enum { STREAM = 61, OTHER = 62, ROUNDS = 4000, LINE_MAX_OCTETS = 20000 };

/* What the line carries, and what a perfect judge would say of it. */
struct line {
	uint8_t octet[LINE_MAX_OCTETS];
	size_t len;
	struct pattern_gen gen;
	struct pattern_result want;
};

static void line_good(struct line *l, size_t n)
{
	pattern_gen_fill(&l->gen, l->octet + l->len, n);
	l->len += n;
	l->want.good += n;
}

static void line_lose(struct line *l, uint32_t n)
{
	l->gen.index += n;
	l->want.lost += n;
}

static void line_silence(struct line *l, size_t n)
{
	memset(l->octet + l->len, 0xd5, n);
	l->len += n;
	l->want.inserted += n;
}

/* Octets that went by already come again. */
static void line_repeat(struct line *l, uint32_t n)
{
	struct pattern_gen again = l->gen;

	again.index -= n;
	pattern_gen_fill(&again, l->octet + l->len, n);
	l->len += n;
	l->want.inserted += n;
}

static void line_change(struct line *l, struct rng *rng, uint32_t n)
{
	pattern_gen_fill(&l->gen, l->octet + l->len, n);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *octet = &l->octet[l->len + i], right = *octet;

		do
			*octet = (uint8_t)rng_u32(rng);
		while (*octet == right || *octet == 0xd5 || *octet == 0xff);
	}
	l->len += n;
	l->want.changed += n;
}

/* Another stream in place of ours; the octets at its borders must not look like ours. */
static void line_foreign(struct line *l, struct rng *rng, uint32_t n)
{
	struct pattern_gen other = {.stream = OTHER, .index = rng_u32(rng) >> 4};
	uint8_t ours[3];
	uint8_t *at = l->octet + l->len;
	struct pattern_gen peek;

	do {
		other.index++;
		peek = other;
		pattern_gen_fill(&peek, at, n + 1);
		peek = l->gen;
		pattern_gen_fill(&peek, ours, 1);
		peek.index = l->gen.index + n - 1;
		pattern_gen_fill(&peek, ours + 1, 2);
	} while (at[0] == ours[0] || at[n - 1] == ours[1] || at[n] == ours[2]);
	l->len += n;
	l->want.foreign += n;
	line_lose(l, n);
}

/* Noise that is too much. */
static void line_noise(struct line *l, struct rng *rng, uint32_t n)
{
	static const uint8_t noise[4] = {0x55, 0x7f, 0x2a, 0xaa};

	for (uint32_t i = 0; i < n; i++)
		l->octet[l->len + i] = noise[rng_below(rng, 4)];
	l->len += n;
	l->want.inserted += n;
}

/* What the line heard last 10 ms, 6 dB lower each time (a segment down in A-law). */
static void line_fade(struct line *l, uint32_t n)
{
	struct pattern_gen peek = l->gen;
	uint8_t right;

	peek.index -= n;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t code = l->octet[l->len - 80] ^ 0x55, magnitude = code & 0x7f;

		magnitude = magnitude >= 16 ? magnitude - 16 : magnitude / 2;
		code = ((code & 0x80) | magnitude) ^ 0x55;
		/* At the borders nothing may look like the stream by chance. */
		pattern_gen_fill(&peek, &right, 1);
		l->octet[l->len++] = (i == 0 || i == n - 1) && code == right ? 0xd5 : code;
	}
	l->want.inserted += n;
}

static void line_edit(struct line *l, struct rng *rng)
{
	uint32_t n = 1 + rng_below(rng, rng_below(rng, 4) ? 20 : 400);

	switch (rng_below(rng, 10)) {
	case 0:
		line_lose(l, n);
		break;
	case 1:
		line_silence(l, n);
		break;
	case 2:
		line_repeat(l, n < l->gen.index ? n : 1);
		break;
	case 3:
		line_change(l, rng, n);
		break;
	case 4:
		line_foreign(l, rng, n + PATTERN_LOCK_OCTETS);
		break;
	case 5:
		line_noise(l, rng, n);
		break;
	case 6: /* a concealed loss */
		line_lose(l, n);
		line_silence(l, n);
		break;
	case 7: /* a concealed loss of another kind */
		line_lose(l, 80 + n);
		line_fade(l, 80 + n);
		break;
	case 8: /* concealed, and nothing was lost */
		line_fade(l, 160);
		break;
	default: /* a loss filled up with too little */
		line_lose(l, n + 5);
		line_silence(l, n);
		break;
	}
}

static void feed_in_pieces(struct pattern_check *c, struct rng *rng, const uint8_t *in, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t n = 1 + rng_below(rng, 200);

		if (n > len - at)
			n = len - at;
		pattern_check_feed(c, (int64_t)at, in + at, n);
		at += n;
	}
}

static void assert_same(uint64_t seed, const struct pattern_result *got,
			const struct pattern_result *want)
{
	if (got->good == want->good && got->lost == want->lost && got->inserted == want->inserted &&
	    got->changed == want->changed && got->foreign == want->foreign)
		return;
	print_error("seed %llu: good %llu/%llu lost %llu/%llu inserted %llu/%llu changed %llu/%llu "
		    "foreign %llu/%llu (seen/done)\n",
		    (unsigned long long)seed, (unsigned long long)got->good,
		    (unsigned long long)want->good, (unsigned long long)got->lost,
		    (unsigned long long)want->lost, (unsigned long long)got->inserted,
		    (unsigned long long)want->inserted, (unsigned long long)got->changed,
		    (unsigned long long)want->changed, (unsigned long long)got->foreign,
		    (unsigned long long)want->foreign);
	fail();
}

/* Random edits, the first and the last as near to the ends as the checker promises. */
void pattern_counts_random_edits_exactly(void **state)
{
	static struct line l;

	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		struct rng rng;
		struct pattern_check c;
		struct pattern_result got;
		unsigned edits;
		uint32_t start;

		rng_init_seed(&rng, seed);
		memset(&l, 0, sizeof(l));
		start = rng_below(&rng, 3) ? rng_below(&rng, 1000) : rng_u32(&rng) >> 1;
		l.gen = (struct pattern_gen){.stream = STREAM, .index = start};
		edits = rng_below(&rng, 12);
		line_good(&l, 80 + rng_below(&rng, 30));
		for (unsigned i = 0; i < edits; i++) {
			line_edit(&l, &rng);
			line_good(&l, PATTERN_LOCK_OCTETS + rng_below(&rng, 300));
		}
		pattern_check_init(&c, STREAM);
		feed_in_pieces(&c, &rng, l.octet, l.len);
		pattern_check_end(&c, &got);
		assert_true(got.started);
		assert_int_equal(got.first_index, start);
		assert_same(seed, &got, &l.want);
	}
}

/* Changed octets need no distance: a place that kept its length is compared octet by octet. */
void pattern_counts_near_changes(void **state)
{
	static struct line l;

	for (uint64_t seed = 1; seed <= 500; seed++) {
		struct rng rng;
		struct pattern_check c;
		struct pattern_result got;

		rng_init_seed(&rng, seed);
		memset(&l, 0, sizeof(l));
		l.gen.stream = STREAM;
		line_good(&l, 160);
		for (unsigned i = 0; i < 4; i++) {
			line_change(&l, &rng, 1);
			line_good(&l, rng_below(&rng, 10));
		}
		line_good(&l, PATTERN_LOCK_OCTETS);
		pattern_check_init(&c, STREAM);
		feed_in_pieces(&c, &rng, l.octet, l.len);
		pattern_check_end(&c, &got);
		assert_same(seed, &got, &l.want);
	}
}

/* Whatever is done to the line, octets and indices add up. */
void pattern_sums_hold_for_any_damage(void **state)
{
	static struct line l;

	for (uint64_t seed = 1; seed <= 1000; seed++) {
		struct rng rng;
		struct pattern_check c;
		struct pattern_result got;

		rng_init_seed(&rng, seed);
		memset(&l, 0, sizeof(l));
		l.gen.stream = STREAM;
		line_good(&l, 100);
		for (unsigned i = 0; i < 20; i++) {
			line_edit(&l, &rng);
			line_good(&l, rng_below(&rng, 40));
		}
		line_good(&l, 100);
		pattern_check_init(&c, STREAM);
		feed_in_pieces(&c, &rng, l.octet, l.len);
		pattern_check_end(&c, &got);
		assert_int_equal(got.good + got.inserted + got.changed + got.foreign, l.len);
		assert_int_equal(got.good + got.lost + got.changed, l.gen.index);
	}
}

void pattern_takes_its_place_anywhere(void **state)
{
	for (uint32_t start = 0; start < 3000; start++) {
		struct pattern_gen g = {.stream = 65535, .index = start * 977u};
		struct pattern_check c;
		struct pattern_result got;
		uint8_t octet[PATTERN_LOCK_OCTETS];

		pattern_gen_fill(&g, octet, sizeof(octet));
		pattern_check_init(&c, 65535);
		pattern_check_feed(&c, 7, octet, sizeof(octet));
		pattern_check_end(&c, &got);
		assert_true(got.started);
		assert_int_equal(got.first_index, start * 977u);
		assert_int_equal(got.good, sizeof(octet));
		assert_int_equal(got.first_us, 7);
	}
}

/* Before the first good octet: silence, a tone. After the last: silence, noise. None counts. */
void pattern_ignores_what_is_around(void **state)
{
	struct pattern_gen g;
	struct pattern_check c;
	struct pattern_result got;
	uint8_t octet[160];
	struct rng rng;

	rng_init_seed(&rng, 5);
	pattern_check_init(&c, STREAM);
	memset(octet, 0xd5, sizeof(octet));
	for (int i = 0; i < 50; i++)
		pattern_check_feed(&c, i, octet, sizeof(octet));
	for (int i = 0; i < 160; i++)
		octet[i] = (uint8_t)(i % 20 * 9);
	for (int i = 0; i < 50; i++)
		pattern_check_feed(&c, 50 + i, octet, sizeof(octet));
	for (int i = 0; i < 160; i++)
		octet[i] = (uint8_t)rng_u32(&rng);
	pattern_check_feed(&c, 100, octet, sizeof(octet));
	assert_false(c.result.started);
	pattern_gen_init(&g, STREAM);
	for (int i = 0; i < 20; i++) {
		pattern_gen_fill(&g, octet, 5);
		pattern_check_feed(&c, 200 + i, octet, 5);
	}
	memset(octet, 0xd5, sizeof(octet));
	pattern_check_feed(&c, 300, octet, sizeof(octet));
	octet[9] = 0x33;
	pattern_check_feed(&c, 301, octet, sizeof(octet));
	pattern_check_end(&c, &got);
	assert_int_equal(got.good, 100);
	assert_int_equal(got.lost + got.inserted + got.changed + got.foreign, 0);
	assert_int_equal(got.first_us, 200);
	assert_int_equal(got.last_us, 219);
	assert_int_equal(got.first_index, 0);
}

/* Crosstalk counts whenever it comes, also when our own stream never does. */
void pattern_sees_another_call(void **state)
{
	struct pattern_gen g;
	struct pattern_check c;
	struct pattern_result got;
	uint8_t octet[160];

	pattern_check_init(&c, STREAM);
	pattern_gen_init(&g, 4711);
	g.index = 90;
	pattern_gen_fill(&g, octet, sizeof(octet));
	pattern_check_feed(&c, 1, octet, sizeof(octet));
	pattern_check_end(&c, &got);
	assert_false(got.started);
	assert_int_equal(got.foreign, 160);
	assert_int_equal(got.foreign_stream, 4711);
}

/* Two packets in the wrong order: one is missing in its place and comes where none belongs. */
void pattern_sees_a_swap(void **state)
{
	struct pattern_gen g;
	struct pattern_check c;
	struct pattern_result got;
	static uint8_t octet[160 * 4];

	pattern_gen_init(&g, STREAM);
	pattern_gen_fill(&g, octet, 160);
	pattern_gen_fill(&g, octet + 320, 160);
	pattern_gen_fill(&g, octet + 160, 160);
	pattern_gen_fill(&g, octet + 480, 160);
	pattern_check_init(&c, STREAM);
	pattern_check_feed(&c, 1, octet, sizeof(octet));
	pattern_check_end(&c, &got);
	assert_int_equal(got.lost, 160);
	assert_int_equal(got.inserted, 160);
	assert_int_equal(got.changed + got.foreign, 0);
}

void pattern_never_says_silence(void **state)
{
	struct pattern_gen g;
	uint8_t octet[1000];

	for (unsigned stream = 0; stream < 65536; stream += 1009) {
		g = (struct pattern_gen){.stream = (uint16_t)stream, .index = stream * 31337u};
		pattern_gen_fill(&g, octet, sizeof(octet));
		for (size_t i = 0; i < sizeof(octet); i++)
			assert_true(octet[i] != 0xd5 && octet[i] != 0xff);
	}
}
