/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A D-channel frame through the frame codec: nothing it reports may lie outside of the frame. */
#include <string.h>

#include "src/isdn_map/isdn_frame.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct call_cause cause = {.value = 88, .location = CALL_LOC_TRANSIT};
	uint8_t *frame = fuzz_copy(data, size);
	struct isdn_frame f, again;

	isdn_frame_decode(&f, frame, size);
	fuzz_check(!f.has_cause || (f.is_message && f.cause_offset < f.cause_value_offset &&
				    f.cause_value_offset < size));
	fuzz_check(!f.is_message || f.cref <= 0x7fff);
	isdn_frame_set_cause(&f, frame, cause);
	isdn_frame_decode(&again, frame, size);
	fuzz_check(again.is_message == f.is_message && again.has_cause == f.has_cause &&
		   again.type == f.type && again.cref == f.cref);
	fuzz_check(!f.has_cause ||
		   (again.cause.value == cause.value && again.cause.location == cause.location));
	fuzz_check(f.has_cause || !size || memcmp(frame, data, size) == 0);
	free(frame);
	return 0;
}
