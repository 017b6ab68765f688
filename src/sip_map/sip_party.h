/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who calls and who is called, as an INVITE says it: what the SIP side writes, and what `plan test`
 * shows without sending anything. Pure; any thread; needs no SIP library.
 */
#ifndef SRC_SIP_MAP_SIP_PARTY_H
#define SRC_SIP_MAP_SIP_PARTY_H

#include "gateway/base/strbuf.h"
#include "src/sip_map/sip.h"

/* The value of From without its tag. local: our address as the peer sees it. */
void sip_party_from(struct strbuf *b, const struct sip_trunk_cfg *t, const struct net_addr *local,
		    const struct call_setup *setup);
/* The request URI; To is the same between angle brackets. */
void sip_party_uri(struct strbuf *b, const struct sip_trunk_cfg *t, const struct call_setup *setup);
/* The header lines that privacy asks for (RFC 3323), or nothing. */
void sip_party_privacy(struct strbuf *b, const struct call_setup *setup);
/* The header lines with which a 2xx says who answered: P-Asserted-Identity, and Privacy when it is to
 * be kept from others. Nothing when that is not known, and for a trunk that is not trusted (RFC 3325
 * 6, RFC 4497 9.1.3). */
void sip_party_connected(struct strbuf *b, const struct sip_trunk_cfg *t,
			 const struct net_addr *local, const struct call_number *n);
/* The header lines that say who sent the call on (RFC 5806, 7044), or nothing: as the trunk wants
 * them; who is to be hidden is told to trusted ones only. */
void sip_party_redirecting(struct strbuf *b, const struct sip_trunk_cfg *t,
			   const struct net_addr *local, const struct call_setup *setup);
/* Our address as that peer is to see it, with port. */
struct net_addr trunk_local(const struct sip_trunk_cfg *t, const struct net_addr *peer);

#endif
