/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IPv4 or IPv6 address with a port, as a plain value that may be compared and copied. */
#ifndef GATEWAY_BASE_NET_ADDR_H
#define GATEWAY_BASE_NET_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { NET_ADDR_TEXT = 56 }; /* "[ipv6]:65535" and NUL fit */

struct net_addr {
	uint8_t family;   /* 4, 6; 0: none */
	uint16_t port;    /* host order; 0: any or not known */
	uint8_t ip[16];   /* network order; IPv4 in the first four, the rest 0 */
	uint32_t scope;   /* IPv6 link-local interface index, else 0 */
};

/* A network in CIDR form. */
struct net_prefix {
	struct net_addr base; /* port 0 */
	uint8_t bits;
};

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b); /* with port */
bool net_addr_same_host(const struct net_addr *a, const struct net_addr *b); /* without */
bool net_addr_is_any(const struct net_addr *a); /* 0.0.0.0, :: */
bool net_prefix_holds(const struct net_prefix *p, const struct net_addr *a);

/* IPv4-mapped IPv6 (::ffff:a.b.c.d) becomes IPv4. */
void net_addr_from_sockaddr(struct net_addr *out, const struct sockaddr *sa);
/* Returns the length for bind, sendto, … */
socklen_t net_addr_to_sockaddr(const struct net_addr *a, struct sockaddr_storage *out);

/* "192.0.2.1", "192.0.2.1:5060", "2001:db8::1", "[2001:db8::1]:5060". No names. 0 or -EINVAL. */
int net_addr_parse(struct net_addr *out, const char *text);
/* "192.0.2.0/24", "2001:db8::/32", or a bare address (all bits). */
int net_prefix_parse(struct net_prefix *out, const char *text);
/* With port when it is not 0. Returns out. */
const char *net_addr_format(const struct net_addr *a, char out[NET_ADDR_TEXT]);
/* The host alone, IPv6 without brackets. */
const char *net_addr_format_host(const struct net_addr *a, char out[NET_ADDR_TEXT]);

#endif
