/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/trunk/trunk.h"

static unsigned match(const struct sip_trunk_cfg *t, const struct net_addr *from)
{
	unsigned best = 0;

	if (net_addr_equal(&t->peer, from))
		return 1000;
	if (net_addr_same_host(&t->peer, from))
		return 500;
	for (unsigned i = 0; i < t->source_count; i++)
		if (net_prefix_holds(&t->source[i], from) && t->source[i].bits + 1U > best)
			best = t->source[i].bits + 1U;
	return best;
}

int trunk_by_source(const struct sip_trunk_cfg *trunks, unsigned count, unsigned socket,
		    const struct net_addr *from)
{
	unsigned best = 0;
	int found = -1;

	for (unsigned i = 0; i < count; i++) {
		unsigned n = trunks[i].socket == socket ? match(&trunks[i], from) : 0;

		if (n > best) {
			best = n;
			found = (int)i;
		}
	}
	return found;
}
