/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/media_bridge/rtp_source.h"

#include <stdlib.h>

/* RFC 3550 A.1 */
enum { DROPOUT_MAX = 3000 };

static uint64_t highest(const struct rtp_source *s)
{
	return (uint64_t)s->cycles + s->max_seq;
}

static uint64_t expected(const struct rtp_source *s)
{
	return s->active ? highest(s) - s->base + 1 : 0;
}

static void begin(struct rtp_source *s, uint16_t seq)
{
	s->active = true;
	s->max_seq = seq;
	/* One cycle up, so that a packet from before the first one has a number as well. */
	s->cycles = 1 << 16;
	s->base = highest(s);
	s->window[0] = 0;
	s->window[1] = 0;
	s->received = s->different = 0;
	s->expected_prior = s->received_prior = 0;
	s->jump_due = false;
}

void rtp_source_restart(struct rtp_source *s)
{
	*s = (struct rtp_source){.lost_before = rtp_source_lost(s)};
}

static void window_shift(struct rtp_source *s, unsigned n)
{
	if (n >= 128) {
		s->window[0] = s->window[1] = 0;
	} else if (n >= 64) {
		s->window[1] = s->window[0] << (n - 64);
		s->window[0] = 0;
	} else if (n) {
		s->window[1] = s->window[1] << n | s->window[0] >> (64 - n);
		s->window[0] <<= n;
	}
}

static enum rtp_source_verdict mark(struct rtp_source *s, unsigned back)
{
	uint64_t bit = 1ULL << back % 64;

	s->received++;
	if (s->window[back / 64] & bit)
		return RTP_SOURCE_DUPLICATE;
	s->window[back / 64] |= bit;
	s->different++;
	return RTP_SOURCE_GOOD;
}

static void measure_jitter(struct rtp_source *s, uint32_t timestamp, int64_t now_us)
{
	uint32_t transit = (uint32_t)(now_us / 125) - timestamp;
	int32_t d = (int32_t)(transit - s->transit);

	s->transit = transit;
	if (s->received == 0)
		return;
	if (d < 0)
		d = d == INT32_MIN ? INT32_MAX : -d;
	if (d > 8000)
		return; /* a new clock, not jitter */
	s->jitter_x16 += (uint32_t)d - ((s->jitter_x16 + 8) >> 4);
}

enum rtp_source_verdict rtp_source_receive(struct rtp_source *s, uint16_t seq, uint32_t timestamp,
					   int64_t now_us)
{
	int ahead;

	if (!s->active)
		begin(s, seq);
	ahead = (int16_t)(seq - s->max_seq);
	if (ahead >= DROPOUT_MAX || ahead <= -DROPOUT_MAX) {
		if (!s->jump_due || seq != s->jump_seq) {
			s->jump_due = true;
			s->jump_seq = (uint16_t)(seq + 1);
			return RTP_SOURCE_GOOD; /* the jitter buffer decides by its timestamp */
		}
		rtp_source_restart(s);
		begin(s, seq);
		ahead = 0;
	}
	s->jump_due = false;
	measure_jitter(s, timestamp, now_us);
	if (ahead > 0) {
		window_shift(s, (unsigned)ahead);
		if (seq < s->max_seq)
			s->cycles += 1 << 16;
		s->max_seq = seq;
		ahead = 0;
	} else if (-ahead >= RTP_SOURCE_WINDOW) {
		s->received++;
		return RTP_SOURCE_DUPLICATE;
	}
	if (highest(s) - (unsigned)-ahead < s->base)
		s->base = highest(s) - (unsigned)-ahead; /* overtaken by the first one */
	return mark(s, (unsigned)-ahead);
}

uint64_t rtp_source_lost(const struct rtp_source *s)
{
	return s->lost_before + expected(s) - (s->active ? s->different : 0);
}

uint32_t rtp_source_jitter_us(const struct rtp_source *s)
{
	return (uint32_t)((uint64_t)s->jitter_x16 * 125 / 16);
}

void rtp_source_report(struct rtp_source *s, struct rtcp_block *out)
{
	uint64_t expected_now = expected(s), expected_step, received_step;
	int64_t lost = (int64_t)(expected_now - s->received);

	if (lost > 0x7fffff)
		lost = 0x7fffff;
	if (lost < -0x800000)
		lost = -0x800000;
	expected_step = expected_now - s->expected_prior;
	received_step = s->received - s->received_prior;
	s->expected_prior = expected_now;
	s->received_prior = s->received;
	out->fraction_lost = 0;
	if (expected_step > received_step) {
		uint64_t fraction = ((expected_step - received_step) << 8) / expected_step;

		out->fraction_lost = (uint8_t)(fraction < 255 ? fraction : 255);
	}
	out->lost = (int32_t)lost;
	out->highest_seq = (uint32_t)(highest(s) - (1 << 16));
	out->jitter = s->jitter_x16 >> 4;
}
