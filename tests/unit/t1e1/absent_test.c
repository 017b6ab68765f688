/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Built without DAHDI's header. */
#include <errno.h>
#include <string.h>

#include "hw/t1e1/dahdi_probe.h"
#include "hw/t1e1/e1_dahdi.h"
#include "tests/unit/t1e1/t1e1_tests.h"

void without_a_driver_the_way_to_one_is_told(void **state)
{
	struct e1_dahdi_cfg cfg = {0};
	struct dahdi_probe_span span;
	struct dahdi_channel channel;
	char why[E1_DAHDI_WHY];
	struct e1_span e1;

	(void)state;
	assert_int_equal(e1_dahdi_open(&e1, 1, &cfg, why), -ENOTSUP);
	assert_non_null(strstr(why, "install Debian's package dahdi-source and build again"));
	assert_int_equal(e1_dahdi_maint(1, 0), -ENOTSUP);
	assert_false(dahdi_probe_is_built());
	assert_false(dahdi_probe_read_span(-1, 1, &span));
	assert_false(dahdi_probe_read_channel(-1, 1, &channel));
}
