/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * B-channel choice, pure. On E1 a channel number of Q.931 4.5.13 is the timeslot number, so one
 * 32-bit mask with bit `ts` stands for a set of channels. Bit 0 never counts: a mask is cleaned of
 * it before use, whoever made it.
 */
#ifndef SRC_ISDN_MAP_ISDN_CHANNEL_H
#define SRC_ISDN_MAP_ISDN_CHANNEL_H

#include "src/isdn_map/isdn.h"

enum { CAUSE_CHANNEL_UNACCEPTABLE = 6, CAUSE_CHANNEL_DOES_NOT_EXIST = 82 }; /* Q.850 */

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

/* A policy and what cyclic and least recent hunting remember. */
struct isdn_hunt {
	enum isdn_hunting policy;
	uint8_t last;		      /* the timeslot that was taken last, 0: none yet */
	uint32_t releases;	      /* so far */
	uint32_t freed[E1_TIMESLOTS]; /* releases, when this one was; 0: never in use */
};

/* The free timeslot whose turn it is; 0 when free is empty. */
uint8_t isdn_channel_hunt(uint32_t free, const struct isdn_hunt *hunt);
void isdn_hunt_taken(struct isdn_hunt *hunt, uint8_t ts);
void isdn_hunt_freed(struct isdn_hunt *hunt, uint8_t ts);

/* An incoming SETUP asks for `asked`; acceptable: timeslots that the peer may have; free: those that
 * we would choose ourselves. Q.931 5.1.2, 5.2.3. */
struct isdn_channel_choice isdn_channel_for_setup(struct isdn_channel_id asked, uint32_t acceptable,
						  uint32_t free, const struct isdn_hunt *hunt);

/* The peer cleared our SETUP with this cause before any answer: because of the channel, so that
 * another one may do (Q.931 5.2.3.1: 44; 6 and 82 for a channel that it cannot use or has not). 34
 * says that no channel at all is free there. */
bool isdn_channel_refused(uint8_t cause);

/* The peer's first answer to our SETUP names `answered`; ours: the timeslot that we hold for the
 * call (0: lost to a colliding call); free: usable and idle, without ours. */
struct isdn_channel_choice isdn_channel_for_answer(struct isdn_channel_id answered, uint8_t ours,
						   uint32_t free);

#endif
