/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uthash with our own hash function (FNV-1a; uthash's own does not compile without warnings under
 * clang), which also shortens tags to numbers. Include this instead of <uthash.h>. */
#ifndef SRC_SIP_MAP_HASH_H
#define SRC_SIP_MAP_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SIP_HASH_START 14695981039346656037ULL

static inline uint64_t sip_hash(uint64_t h, const void *octets, size_t len)
{
	const unsigned char *p = octets;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 1099511628211ULL;
	return h;
}

#define HASH_FUNCTION(keyptr, keylen, hashv)                                                       \
	do {                                                                                       \
		uint64_t long_hash = sip_hash(SIP_HASH_START, (keyptr), (keylen));                 \
		(hashv) = (unsigned)(long_hash ^ long_hash >> 32);                                 \
	} while (0)

#include <uthash.h>

#endif
