/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/pbx/pbx_audio.h"

#include <stdlib.h>
#include <string.h>

enum {
	TOWARDS_SIP = 0,
	TOWARDS_ISDN = 1,
	NUMBER_DIGITS = 4,
	PLANT_AT_OCTET = 4000, /* half a second in */
	PLANT_DROP_OCTETS = 40,
	PLANT_LATE_OCTETS = 800,
	IN_FLIGHT_BLOCKS = 2,
};

static uint16_t call_number(const char *digits)
{
	size_t len = strlen(digits);

	return (uint16_t)strtoul(len > NUMBER_DIGITS ? digits + len - NUMBER_DIGITS : digits, NULL,
				 10);
}

void pbx_audio_begin(struct pbx_audio *a, uint8_t ts, const char *called_digits)
{
	struct pbx_timeslot *t = &a->ts[ts];
	uint16_t n = call_number(called_digits);

	*t = (struct pbx_timeslot){.on = true, .in_flight = IN_FLIGHT_BLOCKS};
	pattern_gen_init(&t->gen, (uint16_t)(n * 2 + (a->gateway ? TOWARDS_ISDN : TOWARDS_SIP)));
	pattern_check_init(&t->check,
			   (uint16_t)(n * 2 + (a->gateway ? TOWARDS_SIP : TOWARDS_ISDN)));
}

void pbx_audio_speak(struct pbx_audio *a, uint8_t ts, bool on)
{
	a->ts[ts].speaking = on;
}

uint64_t pbx_audio_end(struct pbx_audio *a, uint8_t ts, struct pattern_result *out)
{
	a->ts[ts].on = false;
	pattern_check_end(&a->ts[ts].check, out);
	return a->ts[ts].missed_octets;
}

/* Spoils what was just generated, or what will be, once. */
static void apply_plant(struct pbx_audio *a, struct pbx_timeslot *t, uint8_t tx[E1_BLOCK_OCTETS])
{
	struct pattern_gen other;

	if (a->plant == PBX_PLANT_NONE || t->gen.index < PLANT_AT_OCTET)
		return;
	switch (a->plant) {
	case PBX_PLANT_WRONG_OCTET:
		tx[E1_BLOCK_OCTETS / 2] ^= 0x11;
		break;
	case PBX_PLANT_DROP:
		t->gen.index += PLANT_DROP_OCTETS;
		break;
	case PBX_PLANT_SWAP:
		pattern_gen_init(&other, t->gen.stream ^ 2);
		other.index = t->gen.index - E1_BLOCK_OCTETS;
		pattern_gen_fill(&other, tx, E1_BLOCK_OCTETS);
		break;
	case PBX_PLANT_LATE:
		t->hold_back = PLANT_LATE_OCTETS;
		break;
	case PBX_PLANT_NONE:
		break;
	}
	a->plant = PBX_PLANT_NONE;
}

void pbx_audio_block(void *arg, unsigned ts, unsigned missed, const uint8_t rx[E1_BLOCK_OCTETS],
		     uint8_t tx[E1_BLOCK_OCTETS])
{
	struct pbx_audio *a = arg;
	struct pbx_timeslot *t = &a->ts[ts];

	if (!t->on)
		return;
	t->missed_octets += (uint64_t)missed * E1_BLOCK_OCTETS;
	if (t->in_flight)
		t->in_flight--;
	else
		pattern_check_feed(&t->check, a->now_us, rx, E1_BLOCK_OCTETS);
	if (!t->speaking)
		return;
	if (t->hold_back) {
		t->hold_back -= E1_BLOCK_OCTETS;
		return;
	}
	pattern_gen_fill(&t->gen, tx, E1_BLOCK_OCTETS);
	apply_plant(a, t, tx);
}
