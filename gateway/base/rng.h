/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random, handed in. rng_init_secure() asks the kernel (tags, Call-IDs, SSRCs must not be
 * guessable); rng_init_seed() repeats exactly (simulation). One owner thread per object.
 */
#ifndef GATEWAY_BASE_RNG_H
#define GATEWAY_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state; /* 0: secure */
};

void rng_init_secure(struct rng *r);
void rng_init_seed(struct rng *r, uint64_t seed);
uint64_t rng_u64(struct rng *r);
uint32_t rng_u32(struct rng *r);
/* 0 … below-1, below >= 1. */
uint32_t rng_below(struct rng *r, uint32_t below);
/* Writes digits lower-case hexadecimal digits and a NUL: out holds digits + 1 octets. */
void rng_hex(struct rng *r, char *out, size_t digits);

#endif
