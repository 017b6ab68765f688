/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/t1e1/e1_dahdi_gain.h"

#include <math.h>

enum { ALAW_MASK = 0x55, SIGN = 0x80 };

/* G.711 table 1a: a level of 12 bits, in the middle of its step. */
static double expand(unsigned code)
{
	unsigned segment = code >> 4 & 7, step = code & 15;

	return segment ? (step + 16.5) * (1u << (segment - 1)) * 2 : step * 2 + 1.0;
}

static uint8_t compress(double level)
{
	unsigned code = 0;

	/* 128 steps: look for the last one that does not lie above. */
	for (unsigned bit = 64; bit; bit >>= 1)
		if (expand(code + bit) - (expand(code + bit) - expand(code + bit - 1)) / 2 <= level)
			code += bit;
	return (uint8_t)code;
}

void e1_gain_table(uint8_t table[256], int gain_db)
{
	double factor = pow(10, gain_db / 20.0);

	for (unsigned i = 0; i < 256; i++) {
		unsigned code = i ^ ALAW_MASK;
		double level = expand(code & 0x7f) * factor;

		table[i] = (uint8_t)i;
		if (gain_db)
			table[i] = (uint8_t)((compress(level) | (code & SIGN)) ^ ALAW_MASK);
	}
}
