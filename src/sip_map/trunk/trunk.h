/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trunks: whose a packet is, which of our addresses a peer sees, and how numbers and names stand
 * in SIP URIs. Pure; any thread.
 */
#ifndef SRC_SIP_MAP_TRUNK_TRUNK_H
#define SRC_SIP_MAP_TRUNK_TRUNK_H

#include "gateway/base/strbuf.h"
#include "src/sip_map/osip/msg.h"
#include "src/sip_map/sip.h"

/* The trunk that a request on that socket belongs to, -1 for none. Of several the one whose peer
 * is exactly `from` wins, then peer host, then the longest source network. */
int trunk_by_source(const struct sip_trunk_cfg *trunks, unsigned count, unsigned socket,
		    const struct net_addr *from);
/* Our address as that peer is to see it, with port. */
struct net_addr trunk_local(const struct sip_trunk_cfg *t, const struct net_addr *peer);
/* Host (and port unless 5060) for URIs and Via: IPv6 in brackets. */
void trunk_add_host(struct strbuf *b, const struct net_addr *a);

/* User part of a URI → number. False when it is none that ISDN can carry. */
bool trunk_number_parse(struct call_number *out, const struct sip_uri *uri);
/* Number → user part, escaped. */
void trunk_number_add(struct strbuf *b, const struct call_number *n);
/* Who calls: From, or P-Asserted-Identity of a trusted peer, and what Privacy says (RFC 3323, 3325). */
void trunk_calling_parse(struct call_setup *setup, const struct sip_msg *m, bool trusted);
/* Who answered, of a 2xx: P-Asserted-Identity of a trusted peer (RFC 4497 9.2.3); not present when it
 * says nothing. */
void trunk_connected_parse(struct call_number *out, const struct sip_msg *m, bool trusted);
/* Our host part in URIs that name somebody on our side, or the peer's: the trunk's domain, else the
 * address. */
void trunk_domain_add(struct strbuf *b, const struct sip_trunk_cfg *t,
		      const struct net_addr *address);
/* Digits of an unescaped user part. False when it is no number that ISDN can carry. */
bool trunk_digits_parse(struct call_number *out, const char *user, bool tel);
/* A display name as quoted-string; nothing for an empty one. */
void trunk_name_add(struct strbuf *b, const char *name);

#endif
