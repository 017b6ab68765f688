/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/rng.h"

#include <stdlib.h>
#include <sys/random.h>

void rng_init_secure(struct rng *r)
{
	r->state = 0;
}

void rng_init_seed(struct rng *r, uint64_t seed)
{
	r->state = seed ? seed : 0x9e3779b97f4a7c15ULL;
}

uint64_t rng_u64(struct rng *r)
{
	uint64_t z;

	if (r->state == 0) {
		if (getrandom(&z, sizeof(z), 0) != (ssize_t)sizeof(z))
			abort(); /* never happens for 8 octets once the kernel's pool is ready */
		return z;
	}
	/* SplitMix64 (Steele, Lea, Flood 2014) */
	r->state += 0x9e3779b97f4a7c15ULL;
	if (r->state == 0)
		r->state = 1;
	z = r->state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

uint32_t rng_u32(struct rng *r)
{
	return (uint32_t)(rng_u64(r) >> 32);
}

uint32_t rng_below(struct rng *r, uint32_t below)
{
	return (uint32_t)((uint64_t)rng_u32(r) * below >> 32);
}

void rng_hex(struct rng *r, char *out, size_t digits)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < digits; i++) {
		if (i % 16 == 0)
			bits = rng_u64(r);
		out[i] = "0123456789abcdef"[bits & 15];
		bits >>= 4;
	}
	out[digits] = '\0';
}
