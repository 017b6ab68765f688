/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/sip_party.h"

#include "src/sip_map/trunk/trunk.h"

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

void trunk_number_add(struct strbuf *b, const struct call_number *n)
{
	if (n->ton == CALL_TON_INTERNATIONAL)
		strbuf_add(b, "+");
	/* RFC 3261 25.1: # is none of the characters that a user part may hold as they are */
	for (const char *p = n->digits; *p; p++)
		strbuf_add_n(b, *p == '#' ? "%23" : p, *p == '#' ? 3 : 1);
}

void trunk_name_add(struct strbuf *b, const char *name)
{
	if (!*name)
		return;
	strbuf_add(b, "\"");
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			strbuf_add(b, "\\");
		if ((unsigned char)*name >= 0x20 && *name != 0x7f)
			strbuf_add_n(b, name, 1);
	}
	strbuf_add(b, "\" ");
}

void trunk_domain_add(struct strbuf *b, const struct sip_trunk_cfg *t,
		      const struct net_addr *address)
{
	if (*t->domain)
		strbuf_add(b, t->domain);
	else
		trunk_add_host(b, address);
}

static bool restricted(const struct call_setup *setup)
{
	return setup->calling.present && setup->calling.presentation == CALL_PRES_RESTRICTED;
}

void sip_party_from(struct strbuf *b, const struct sip_trunk_cfg *t, const struct net_addr *local,
		    const struct call_setup *setup)
{
	/* RFC 3323 4.1.1.3 */
	if (restricted(setup)) {
		strbuf_add(b, "\"Anonymous\" <sip:anonymous@anonymous.invalid>");
		return;
	}
	trunk_name_add(b, setup->calling_name);
	strbuf_add(b, "<sip:");
	if (setup->calling.present && *setup->calling.digits &&
	    setup->calling.presentation == CALL_PRES_ALLOWED) {
		trunk_number_add(b, &setup->calling);
		strbuf_add(b, "@");
	}
	trunk_domain_add(b, t, local);
	strbuf_add(b, ">");
}

void sip_party_uri(struct strbuf *b, const struct sip_trunk_cfg *t, const struct call_setup *setup)
{
	strbuf_add(b, "sip:");
	trunk_number_add(b, &setup->called);
	/* RFC 4694 4 */
	if (setup->porting.asked)
		strbuf_add(b, ";npdi");
	if (setup->porting.routing.present) {
		strbuf_add(b, ";rn=");
		trunk_number_add(b, &setup->porting.routing);
	}
	strbuf_add(b, "@");
	trunk_domain_add(b, t, &t->peer);
}

void sip_party_connected(struct strbuf *b, const struct sip_trunk_cfg *t,
			 const struct net_addr *local, const struct call_number *n)
{
	if (t->untrusted || !n->present || !*n->digits ||
	    n->presentation > CALL_PRES_RESTRICTED)
		return;
	strbuf_add(b, "P-Asserted-Identity: <sip:");
	trunk_number_add(b, n);
	strbuf_add(b, "@");
	trunk_domain_add(b, t, local);
	strbuf_add(b, ">\r\n");
	if (n->presentation == CALL_PRES_RESTRICTED)
		strbuf_add(b, "Privacy: id\r\n");
}

void sip_party_privacy(struct strbuf *b, const struct call_setup *setup)
{
	if (restricted(setup))
		strbuf_add(b, "Privacy: id\r\n");
}
