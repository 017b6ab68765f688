/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_channel.h"

enum { CAUSE_CHANNEL_UNACCEPTABLE = 6 };

static bool in_mask(uint32_t mask, unsigned ts)
{
	return ts >= 1 && ts < E1_TIMESLOTS && (mask >> ts & 1);
}

enum isdn_hunting isdn_hunting_default(enum isdn_side side)
{
	return side == ISDN_NETWORK ? ISDN_HUNT_DESCENDING : ISDN_HUNT_ASCENDING;
}

uint8_t isdn_channel_hunt(uint32_t free, enum isdn_hunting hunting)
{
	free &= ~1u;
	if (!free)
		return 0;
	if (hunting == ISDN_HUNT_DESCENDING)
		return (uint8_t)(31 - __builtin_clz(free));
	return (uint8_t)__builtin_ctz(free);
}

struct isdn_channel_choice isdn_channel_for_setup(struct isdn_channel_id asked, uint32_t free,
						  enum isdn_hunting hunting)
{
	uint8_t ts;

	/* "No channel" offers a call without a B-channel (call waiting): we have no use for it. */
	if (asked.kind == ISDN_CHANNEL_NONE)
		return (struct isdn_channel_choice){.cause = CAUSE_NO_CIRCUIT};
	if (asked.kind == ISDN_CHANNEL_ONE) {
		if (in_mask(free, asked.number))
			return (struct isdn_channel_choice){.ts = asked.number};
		if (asked.exclusive)
			return (struct isdn_channel_choice){.cause = CAUSE_CHANNEL_NOT_AVAILABLE};
	}
	ts = isdn_channel_hunt(free, hunting);
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
