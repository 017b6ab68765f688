/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call as JSON: one line of the call-record file when it has ended, one row of `calls` while it
 * lives. Pure. Times are UTC with milliseconds; durations are milliseconds on the monotonic clock,
 * so a wall-clock step does not change them. Keys without a value are left out.
 */
#ifndef SRC_MGMT_RECORD_JSON_H
#define SRC_MGMT_RECORD_JSON_H

#include "gateway/call/call_table.h"
#include "src/mgmt/json_out.h"

enum { RECORD_ENDPOINT_TEXT = 80, RECORD_TIME_TEXT = 32 };

/* "span:1", "trunk:provider" (trunk_name NULL: "trunk:0"), "none". Returns out. */
const char *record_endpoint(struct call_endpoint ep, const char *trunk_name,
			    char out[RECORD_ENDPOINT_TEXT]);
/* "2026-11-21T03:12:44.104Z". Returns out. */
const char *record_time(int64_t wall_us, char out[RECORD_TIME_TEXT]);

/* One object. source, target: as record_endpoint() makes them. now_us: 0 for an ended call. */
void record_write(struct json_out *o, const struct call_record *r, const char *source,
		  const char *target, int64_t now_us);

#endif
