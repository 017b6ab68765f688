/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Built without DAHDI's header: there is nothing to ask. */
#include "hw/t1e1/dahdi_probe.h"

bool dahdi_probe_is_built(void)
{
	return false;
}

bool dahdi_probe_read_span(int ctl, unsigned number, struct dahdi_probe_span *out)
{
	(void)ctl;
	(void)number;
	(void)out;
	return false;
}

bool dahdi_probe_read_channel(int ctl, unsigned number, struct dahdi_channel *out)
{
	(void)ctl;
	(void)number;
	(void)out;
	return false;
}
