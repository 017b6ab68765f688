/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * B-channel choice, pure. On E1 a channel number of Q.931 4.5.13 is the timeslot number, so one
 * 32-bit mask with bit `ts` stands for a set of channels. Bit 0 never counts: a mask is cleaned of
 * it before use, whoever made it.
 */
#ifndef SRC_ISDN_MAP_ISDN_CHANNEL_H
#define SRC_ISDN_MAP_ISDN_CHANNEL_H

#include "src/isdn_map/isdn.h"

/* What a Channel Identification said. */
struct isdn_channel_id {
	enum {
		ISDN_CHANNEL_ANY,  /* no Channel ID, or "any channel" */
		ISDN_CHANNEL_NONE, /* "no channel" */
		ISDN_CHANNEL_ONE,  /* .number */
	} kind;
	uint8_t number; /* 0…255, as it came: may be no timeslot at all */
	bool exclusive; /* no alternative is acceptable; else it is a preference */
};

/* cause 0: .ts is it. */
struct isdn_channel_choice {
	uint8_t ts;
	uint8_t cause;
};

/* The span's policy where the configuration gives none: opposite to the peer's, so that the two
 * sides meet last. The network hunts downwards, the user upwards. */
enum isdn_hunting isdn_hunting_default(enum isdn_side side);

/* First free timeslot in the order of hunting; 0 when free is empty. */
uint8_t isdn_channel_hunt(uint32_t free, enum isdn_hunting hunting);

/* An incoming SETUP asks for `asked`; free: usable and idle timeslots. Q.931 5.1.2, 5.2.3. */
struct isdn_channel_choice isdn_channel_for_setup(struct isdn_channel_id asked, uint32_t free,
						  enum isdn_hunting hunting);

/* The peer's first answer to our SETUP names `answered`; ours: the timeslot that we hold for the
 * call (0: lost to a colliding call); free: usable and idle, without ours. */
struct isdn_channel_choice isdn_channel_for_answer(struct isdn_channel_id answered, uint8_t ours,
						   uint32_t free);

#endif
