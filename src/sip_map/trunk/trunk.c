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

struct net_addr trunk_local(const struct sip_trunk_cfg *t, const struct net_addr *peer)
{
	struct net_addr local = t->advertise;

	if (local.family == 0)
		local = t->bind;
	for (unsigned i = 0; i < t->local_network_count; i++)
		if (net_prefix_holds(&t->local_network[i], peer))
			local = t->bind;
	local.port = t->bind.port;
	return local;
}

void trunk_add_host(struct strbuf *b, const struct net_addr *a)
{
	char host[NET_ADDR_TEXT];

	strbuf_addf(b, a->family == 6 ? "[%s]" : "%s", net_addr_format_host(a, host));
	if (a->port != 0 && a->port != 5060)
		strbuf_addf(b, ":%u", a->port);
}
