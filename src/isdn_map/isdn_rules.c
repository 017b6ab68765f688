/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_rules.h"

uint8_t isdn_bearer_refusal(int capability)
{
	if (capability == CALL_BEARER_SPEECH || capability == CALL_BEARER_AUDIO_3K1)
		return 0;
	return CAUSE_BEARER_NOT_IMPLEMENTED;
}

uint8_t isdn_progress_due(uint8_t pi, uint8_t cause, bool inband_told, bool not_isdn_told)
{
	if (not_isdn_told)
		pi &= (uint8_t)~CALL_PI_1;
	if (inband_told && !cause)
		pi &= (uint8_t)~CALL_PI_8;
	return pi;
}

static bool location_is_defined(uint8_t location)
{
	return location <= CALL_LOC_PRIVATE_REMOTE || location == CALL_LOC_INTERNATIONAL ||
	       location == CALL_LOC_BEYOND_INTERWORKING;
}

struct call_cause isdn_cause_received(int value, uint8_t location, uint8_t fallback)
{
	struct call_cause cause = {.value = fallback, .location = CALL_LOC_PRIVATE_LOCAL};

	if (value >= 1 && value <= 127) {
		cause.value = (uint8_t)value;
		cause.location = location & 0x0f;
	}
	return cause;
}

struct call_cause isdn_cause_to_send(struct call_cause cause)
{
	if (cause.value < 1 || cause.value > 127)
		cause.value = CAUSE_NORMAL_UNSPECIFIED;
	if (!location_is_defined(cause.location))
		cause.location = CALL_LOC_PRIVATE_LOCAL;
	return cause;
}
