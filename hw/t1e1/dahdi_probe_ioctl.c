/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/ioctl.h>

#include <dahdi/user.h>

#include "hw/t1e1/dahdi_probe.h"

bool dahdi_probe_is_built(void)
{
	return true;
}

bool dahdi_probe_read_span(int ctl, unsigned number, struct dahdi_probe_span *out)
{
	struct dahdi_spaninfo info = {.spanno = (int)number};
	struct dahdi_counters seen = {0};

	if (ioctl(ctl, DAHDI_SPANSTAT, &info))
		return false;
	*out = (struct dahdi_probe_span){0};
	dahdi_decode_span_id(&info, &out->id);
	dahdi_decode_span(&info, &seen, &out->line);
	return true;
}

bool dahdi_probe_read_channel(int ctl, unsigned number, struct dahdi_channel *out)
{
	struct dahdi_params params = {.channo = (int)number};

	if (ioctl(ctl, DAHDI_GET_PARAMS, &params))
		return false;
	dahdi_decode_channel(&params, out);
	return true;
}
