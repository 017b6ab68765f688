/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exchange's audio: a pattern spoken and a pattern checked on each timeslot with a call. */
#ifndef GATEWAY_PBX_PBX_AUDIO_H
#define GATEWAY_PBX_PBX_AUDIO_H

#include "gateway/pbx/pbx.h"

struct pbx_audio {
	bool gateway;	/* speak and expect what a gateway would */
	int64_t now_us; /* of the blocks being run */
	enum pbx_plant plant;
	struct pbx_timeslot {
		bool on, speaking;
		unsigned in_flight; /* blocks that left the other side before this call began */
		unsigned hold_back; /* octets of silence still to put in (plant) */
		uint64_t missed_octets;
		struct pattern_gen gen;
		struct pattern_check check;
	} ts[E1_TIMESLOTS];
};

/* A call begins on the timeslot; its number are the last four of the called digits. */
void pbx_audio_begin(struct pbx_audio *a, uint8_t ts, const char *called_digits);
void pbx_audio_speak(struct pbx_audio *a, uint8_t ts, bool on);
/* Ends it; returns the octets that the driver missed meanwhile. */
uint64_t pbx_audio_end(struct pbx_audio *a, uint8_t ts, struct pattern_result *out);
/* An e1_block_fn; arg is a struct pbx_audio. */
void pbx_audio_block(void *arg, unsigned ts, unsigned missed, const uint8_t rx[E1_BLOCK_OCTETS],
		     uint8_t tx[E1_BLOCK_OCTETS]);

#endif
