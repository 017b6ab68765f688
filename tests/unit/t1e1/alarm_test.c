/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "hw/t1e1/e1.h"
#include "tests/unit/t1e1/t1e1_tests.h"

void alarm_names_are_bounded(void **state)
{
	char out[64], small[4], rest[64];

	assert_string_equal(e1_alarm_names(0, out, sizeof(out)), "none");
	assert_string_equal(e1_alarm_names(E1_ALARM_LOS | E1_ALARM_RAI, out, sizeof(out)),
			    "LOS,RAI");
	assert_string_equal(e1_alarm_names(0x1f, out, sizeof(out)), "LOS,LFA,AIS,RAI,NOT_READY");
	/* Bits that nobody named are shown, not hidden. */
	assert_string_equal(e1_alarm_names(UINT32_MAX, rest, sizeof(rest)),
			    "LOS,LFA,LMFA,AIS,RAI,RED,LOOPBACK,RECOVERING,NOT_READY,0xfffffe");
	assert_string_equal(e1_alarm_names(0x200, rest, sizeof(rest)), "0x200");
	assert_string_equal(e1_alarm_names(0x1f, small, sizeof(small)), "LOS");
	assert_ptr_equal(e1_alarm_names(0x1f, small, 0), small);
}
