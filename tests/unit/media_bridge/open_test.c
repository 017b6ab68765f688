/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions that cannot be opened, or end before anything moved. */
#include <errno.h>

#include "tests/unit/media_bridge/fixture.h"
#include "tests/unit/media_bridge/media_tests.h"

void bridge_open_fails_cleanly(void **state)
{
	struct net_addr bind, odd;
	struct media_desc local;
	struct fixture f;
	slot_id id[8], one;

	fixture_init(&f, 21, 8);
	bind = fixture_addr("10.0.0.1", 0);
	for (unsigned i = 0; i < 8; i++)
		id[i] = fixture_open(&f, i + 1, &local);
	assert_int_equal(media_bridge_ops.open(f.media, 9, &bind, &bind, &one, &local), -ENOSPC);
	media_bridge_ops.close(f.media, id[0]); /* never set: gone without a worker */
	fixture_run(&f, 1);
	assert_int_equal(posted[1].gone, 1);
	bind.port = local.rtp.port; /* taken */
	assert_int_equal(media_bridge_ops.open(f.media, 9, &bind, &bind, &one, &local),
			 -EADDRINUSE);
	odd = fixture_addr("10.0.0.1", UINT16_MAX);
	assert_int_equal(media_bridge_ops.open(f.media, 9, &odd, &odd, &one, &local), -EINVAL);
	assert_int_equal(media_counters(f.media)->ports_in_use, 14);
	fixture_fini(&f); /* with seven still open */
}
