/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In place of the driver where DAHDI's headers were not found. */
#include <errno.h>

#include "gateway/base/strbuf.h"
#include "hw/t1e1/e1_dahdi.h"

int e1_dahdi_open(struct e1_span *out, uint16_t number, const struct e1_dahdi_cfg *cfg,
		  char why[E1_DAHDI_WHY])
{
	(void)out;
	(void)number;
	(void)cfg;
	str_copy(why, E1_DAHDI_WHY,
		 "this build has no DAHDI driver: <dahdi/user.h> was not there, or -Ddahdi=disabled "
		 "left it out; install Debian's package dahdi-source and build again");
	return -ENOTSUP;
}

int e1_dahdi_maint(uint16_t dahdi_span, enum e1_dahdi_maint what)
{
	(void)dahdi_span;
	(void)what;
	return -ENOTSUP;
}
