/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/strbuf.h"
#include "hw/t1e1/e1.h"

static const struct {
	uint32_t bit;
	const char *name;
} alarm_names[] = {
    {E1_ALARM_LOS, "LOS"},
    {E1_ALARM_LFA, "LFA"},
    {E1_ALARM_LMFA, "LMFA"},
    {E1_ALARM_AIS, "AIS"},
    {E1_ALARM_RAI, "RAI"},
    {E1_ALARM_RED, "RED"},
    {E1_ALARM_LOOPBACK, "LOOPBACK"},
    {E1_ALARM_RECOVERING, "RECOVERING"},
    {E1_ALARM_NOT_READY, "NOT_READY"},
};

const char *e1_alarm_names(uint32_t alarms, char *out, size_t size)
{
	struct strbuf b;
	uint32_t known = 0;

	if (!size)
		return out;
	strbuf_init(&b, out, size);
	for (size_t i = 0; i < sizeof(alarm_names) / sizeof(alarm_names[0]); i++) {
		known |= alarm_names[i].bit;
		if (alarms & alarm_names[i].bit)
			strbuf_addf(&b, "%s%s", b.len ? "," : "", alarm_names[i].name);
	}
	if (alarms & ~known)
		strbuf_addf(&b, "%s0x%x", b.len ? "," : "", (unsigned)(alarms & ~known));
	if (!alarms)
		strbuf_add(&b, "none");
	return out;
}
