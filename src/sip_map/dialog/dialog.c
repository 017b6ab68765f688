/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer's half of a dialog: tag, party, remote target, route set (RFC 3261 12.1). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/sip_map/dialog/leg.h"

void dialog_fini(struct sip_dialog *d)
{
	free(d->remote_tag);
	free(d->remote_party);
	free(d->target);
	for (unsigned i = 0; i < d->route_count; i++)
		free(d->route[i]);
	memset(d, 0, sizeof(*d));
}

/* Where requests go: the first route, else the target, if it is an address that our socket can
 * reach; names (no DNS yet) and other families go to where the peer speaks from. */
static void choose_hop(struct sip_dialog *d, const struct sip_leg *leg, const struct sip_uri *uri,
		       const struct net_addr *fallback)
{
	struct net_addr hop;

	if (sip_uri_literal(uri, &hop) && hop.family == leg->trunk->bind.family &&
	    !net_addr_is_any(&hop)) {
		hop.scope = net_addr_same_host(&hop, fallback) ? fallback->scope : 0;
		d->hop = hop;
	} else {
		d->hop = *fallback;
	}
}

static int set_text(char **field, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

/* RFC 3261 12.1.1 (as it stands, from a request) and 12.1.2 (reversed, from a response) */
static int set_routes(struct sip_dialog *d, const struct sip_msg *m)
{
	for (unsigned i = 0; i < m->route_count; i++) {
		unsigned from = m->request ? i : m->route_count - 1 - i;

		d->route[i] = strdup(m->route[from].text);
		if (!d->route[i])
			return -ENOMEM;
		d->route_count++;
		if (i == 0)
			d->strict = !m->route[from].uri.loose;
	}
	return 0;
}

int dialog_set(struct sip_dialog *d, const struct sip_leg *leg, const struct sip_msg *m,
	       const struct net_addr *fallback)
{
	char *target = NULL;
	int err = 0;

	/* Without a Contact (RFC 3261 wants one) the target stays what we called. */
	if (!m->contact && leg->d.target)
		target = strdup(leg->d.target);
	dialog_fini(d);
	d->target = target;
	if (m->contact)
		err = set_text(&d->target, m->contact);
	else if (!target)
		return -EPROTO;
	if (!err)
		err = set_text(&d->remote_tag, m->request ? m->from_tag : m->to_tag);
	if (!err)
		err = set_text(&d->remote_party, m->request ? m->from : m->to);
	if (!err)
		err = set_routes(d, m);
	choose_hop(d, leg,
		   m->route_count ? &m->route[m->request ? 0 : m->route_count - 1].uri
				  : &m->contact_uri,
		   fallback);
	return err;
}

int dialog_refresh(struct sip_dialog *d, const struct sip_leg *leg, const struct sip_msg *m,
		   const struct net_addr *fallback)
{
	int err;

	/* RFC 3261 12.2.2: the target only; the route set stays. */
	if (!m->contact)
		return 0;
	err = set_text(&d->target, m->contact);
	if (!err && d->route_count == 0)
		choose_hop(d, leg, &m->contact_uri, fallback);
	return err;
}
