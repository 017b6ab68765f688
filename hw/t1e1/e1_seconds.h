/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errored and severely errored seconds of a line, from its counters, for cards that count errors
 * and not seconds. Thresholds of RFC 4805 (dsx1 line statistics). The driver's own thread calls
 * e1_seconds_turn() with whatever it last read, as often as it likes; a second ends when time says
 * so, and one in which nobody looked counts with the next. Nothing to free.
 */
#ifndef HW_T1E1_E1_SECONDS_H
#define HW_T1E1_E1_SECONDS_H

#include "hw/t1e1/e1.h"

struct e1_seconds {
	bool begun;
	int64_t second_us; /* monotonic, when the running second began */
	uint64_t crc4_errors, fas_errors, bpv, timing_slips; /* at its beginning */
	uint32_t alarms;				     /* seen in it */
	/* results; they only grow */
	uint64_t errored, severely_errored;
};

void e1_seconds_turn(struct e1_seconds *s, int64_t now_us, const struct e1_line *line);

#endif
