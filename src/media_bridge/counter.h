/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters with one writer that another thread may read while they run: relaxed atomics, which
 * cost the writer no more than a plain add. A reader may see one counter newer than the next.
 */
#ifndef SRC_MEDIA_BRIDGE_COUNTER_H
#define SRC_MEDIA_BRIDGE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t counter64;
typedef _Atomic uint32_t counter32;

/* Owner only. */
static inline void counter_add(counter64 *c, uint64_t n)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static inline void counter_set(counter64 *c, uint64_t value)
{
	atomic_store_explicit(c, value, memory_order_relaxed);
}

/* Any thread. */
static inline uint64_t counter_get(const counter64 *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static inline void counter32_set(counter32 *c, uint32_t value)
{
	atomic_store_explicit(c, value, memory_order_relaxed);
}

static inline uint32_t counter32_get(const counter32 *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

#endif
