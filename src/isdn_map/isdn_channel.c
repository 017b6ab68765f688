/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_channel.h"

static bool in_mask(uint32_t mask, unsigned ts)
{
	return ts >= 1 && ts < E1_TIMESLOTS && (mask >> ts & 1);
}

enum isdn_hunting isdn_hunting_default(enum isdn_side side)
{
	return side == ISDN_NETWORK ? ISDN_HUNT_DESCENDING : ISDN_HUNT_ASCENDING;
}

static uint8_t least_recent(uint32_t free, const struct isdn_hunt *hunt)
{
	uint8_t best = 0;

	for (uint8_t ts = 1; ts < E1_TIMESLOTS; ts++)
		if (in_mask(free, ts) && (!best || hunt->freed[ts] < hunt->freed[best]))
			best = ts;
	return best;
}

uint8_t isdn_channel_hunt(uint32_t free, const struct isdn_hunt *hunt)
{
	uint32_t above = hunt->last < 31 ? free & ~UINT32_C(0) << (hunt->last + 1) : 0;

	free &= ~1u;
	if (!free)
		return 0;
	switch (hunt->policy) {
	case ISDN_HUNT_ASCENDING:
		break;
	case ISDN_HUNT_DESCENDING:
		return (uint8_t)(31 - __builtin_clz(free));
	case ISDN_HUNT_CYCLIC:
		return (uint8_t)__builtin_ctz(above ? above : free);
	case ISDN_HUNT_LEAST_RECENT:
		return least_recent(free, hunt);
	}
	return (uint8_t)__builtin_ctz(free);
}

void isdn_hunt_taken(struct isdn_hunt *hunt, uint8_t ts)
{
	hunt->last = ts;
}

void isdn_hunt_freed(struct isdn_hunt *hunt, uint8_t ts)
{
	hunt->freed[ts] = ++hunt->releases;
}

bool isdn_channel_refused(uint8_t cause)
{
	return cause == CAUSE_CHANNEL_UNACCEPTABLE || cause == CAUSE_CHANNEL_NOT_AVAILABLE ||
	       cause == CAUSE_CHANNEL_DOES_NOT_EXIST;
}

struct isdn_channel_choice isdn_channel_for_setup(struct isdn_channel_id asked, uint32_t acceptable,
						  uint32_t free, const struct isdn_hunt *hunt)
{
	uint8_t ts;

	/* "No channel" offers a call without a B-channel (call waiting): we have no use for it. */
	if (asked.kind == ISDN_CHANNEL_NONE)
		return (struct isdn_channel_choice){.cause = CAUSE_NO_CIRCUIT};
	if (asked.kind == ISDN_CHANNEL_ONE) {
		if (in_mask(acceptable, asked.number))
			return (struct isdn_channel_choice){.ts = asked.number};
		if (asked.exclusive)
			return (struct isdn_channel_choice){.cause = CAUSE_CHANNEL_NOT_AVAILABLE};
	}
	ts = isdn_channel_hunt(free, hunt);
	if (!ts)
		return (struct isdn_channel_choice){.cause = CAUSE_NO_CIRCUIT};
	return (struct isdn_channel_choice){.ts = ts};
}

struct isdn_channel_choice isdn_channel_for_answer(struct isdn_channel_id answered, uint8_t ours,
						   uint32_t free)
{
	/* A first answer without Channel ID accepts what the SETUP said (Q.931 5.2.3.1). */
	if (answered.kind == ISDN_CHANNEL_ANY && ours)
		return (struct isdn_channel_choice){.ts = ours};
	if (answered.kind == ISDN_CHANNEL_ONE) {
		if (in_mask(free | 1u << ours, answered.number))
			return (struct isdn_channel_choice){.ts = answered.number};
	}
	return (struct isdn_channel_choice){.cause = CAUSE_CHANNEL_UNACCEPTABLE};
}
