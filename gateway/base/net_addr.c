/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/net_addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool net_addr_same_host(const struct net_addr *a, const struct net_addr *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
	return net_addr_same_host(a, b) && a->port == b->port;
}

bool net_addr_is_any(const struct net_addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->ip, zero, sizeof(zero)) == 0;
}

bool net_prefix_holds(const struct net_prefix *p, const struct net_addr *a)
{
	unsigned whole = p->bits / 8, rest = p->bits % 8;

	if (p->base.family != a->family || memcmp(p->base.ip, a->ip, whole) != 0)
		return false;
	return rest == 0 || (p->base.ip[whole] ^ a->ip[whole]) >> (8 - rest) == 0;
}

/* RFC 4291 2.5.5.2: ::ffff:a.b.c.d is an IPv4 node. */
static bool unmap(struct net_addr *a)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (a->family != 6 || memcmp(a->ip, mapped, sizeof(mapped)) != 0)
		return false;
	a->family = 4;
	a->scope = 0;
	memmove(a->ip, a->ip + 12, 4);
	memset(a->ip + 4, 0, 12);
	return true;
}

void net_addr_from_sockaddr(struct net_addr *out, const struct sockaddr *sa)
{
	memset(out, 0, sizeof(*out));
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		out->family = 4;
		out->port = ntohs(in->sin_port);
		memcpy(out->ip, &in->sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		out->family = 6;
		out->port = ntohs(in6->sin6_port);
		out->scope = in6->sin6_scope_id;
		memcpy(out->ip, &in6->sin6_addr, 16);
		unmap(out);
	}
}

socklen_t net_addr_to_sockaddr(const struct net_addr *a, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (a->family == 4) {
		struct sockaddr_in *in = (void *)out;

		in->sin_family = AF_INET;
		in->sin_port = htons(a->port);
		memcpy(&in->sin_addr, a->ip, 4);
		return sizeof(*in);
	} else {
		struct sockaddr_in6 *in6 = (void *)out;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(a->port);
		in6->sin6_scope_id = a->scope;
		memcpy(&in6->sin6_addr, a->ip, 16);
		return sizeof(*in6);
	}
}

static int parse_port(const char *text, uint16_t *port)
{
	char *end;
	long n;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	n = strtol(text, &end, 10);
	if (*end || n < 1 || n > 65535)
		return -EINVAL;
	*port = (uint16_t)n;
	return 0;
}

static int parse_host(struct net_addr *out, const char *host)
{
	if (inet_pton(AF_INET, host, out->ip) == 1)
		out->family = 4;
	else if (inet_pton(AF_INET6, host, out->ip) == 1)
		out->family = 6;
	else
		return -EINVAL;
	return 0;
}

int net_addr_parse(struct net_addr *out, const char *text)
{
	char host[NET_ADDR_TEXT];
	const char *colon = strrchr(text, ':'), *start = text, *end = text + strlen(text);
	struct net_addr a = {0};

	if (*text == '[') {
		start = text + 1;
		end = strchr(text, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return -EINVAL;
		if (end[1] == ':' && parse_port(end + 2, &a.port))
			return -EINVAL;
	} else if (colon && strchr(text, ':') == colon) {
		end = colon;
		if (parse_port(colon + 1, &a.port))
			return -EINVAL;
	}
	if ((size_t)(end - start) >= sizeof(host))
		return -EINVAL;
	memcpy(host, start, (size_t)(end - start));
	host[end - start] = '\0';
	if (parse_host(&a, host) || (*text == '[' && a.family != 6))
		return -EINVAL;
	unmap(&a);
	*out = a;
	return 0;
}

int net_prefix_parse(struct net_prefix *out, const char *text)
{
	char host[NET_ADDR_TEXT];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	struct net_prefix p = {0};
	char *end;
	long bits;

	if (n >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, n);
	host[n] = '\0';
	if (parse_host(&p.base, host))
		return -EINVAL;
	bits = p.base.family == 4 ? 32 : 128;
	if (slash) {
		long max = bits;

		if (slash[1] < '0' || slash[1] > '9')
			return -EINVAL;
		bits = strtol(slash + 1, &end, 10);
		if (*end || bits > max)
			return -EINVAL;
	}
	if (unmap(&p.base)) {
		bits -= 96;
		if (bits < 0) /* mixes IPv4 and IPv6 */
			return -EINVAL;
	}
	p.bits = (uint8_t)bits;
	*out = p;
	return 0;
}

const char *net_addr_format_host(const struct net_addr *a, char out[NET_ADDR_TEXT])
{
	if (a->family == 0 ||
	    !inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->ip, out, NET_ADDR_TEXT))
		memcpy(out, "none", 5);
	return out;
}

const char *net_addr_format(const struct net_addr *a, char out[NET_ADDR_TEXT])
{
	char host[NET_ADDR_TEXT];

	net_addr_format_host(a, host);
	if (a->port == 0 || a->family == 0)
		memcpy(out, host, sizeof(host));
	else
		snprintf(out, NET_ADDR_TEXT, a->family == 6 ? "[%.45s]:%u" : "%.45s:%u", host,
			 a->port);
	return out;
}
