/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/t1e1/e1_virt_block.h"

#include <string.h>

void e1_virt_audio_enable(struct e1_virt_audio *a, unsigned ts, bool on)
{
	uint32_t bit;

	if (ts >= E1_TIMESLOTS)
		return;
	bit = UINT32_C(1) << ts;
	if (on && !(a->enabled & bit))
		a->missed[ts] = 0;
	a->enabled = on ? a->enabled | bit : a->enabled & ~bit;
}

void e1_virt_audio_miss(struct e1_virt_audio *a, uint64_t n)
{
	a->line.missed_blocks += n;
	for (unsigned ts = 0; ts < E1_TIMESLOTS; ts++)
		if (a->enabled & UINT32_C(1) << ts)
			a->missed[ts] += (unsigned)n;
}

void e1_virt_audio_run(struct e1_virt_audio *a, e1_block_fn fn, void *arg,
		       const struct e1_virt_block *rx, struct e1_virt_block *tx)
{
	uint8_t idle[E1_BLOCK_OCTETS];

	memset(idle, E1_IDLE_OCTET, sizeof(idle));
	tx->mask = 0;
	for (unsigned ts = 0; ts < E1_TIMESLOTS; ts++) {
		uint32_t bit = UINT32_C(1) << ts;
		unsigned missed = a->missed[ts];

		if (!(a->enabled & bit))
			continue;
		a->missed[ts] = 0;
		tx->mask |= bit;
		memset(tx->octets[ts], E1_IDLE_OCTET, E1_BLOCK_OCTETS);
		fn(arg, ts, missed, rx && rx->mask & bit ? rx->octets[ts] : idle, tx->octets[ts]);
	}
	a->line.blocks++;
}
