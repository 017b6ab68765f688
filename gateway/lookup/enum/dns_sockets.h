/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets that c-ares opens, watched by the loop, and what goes through them counted per server.
 * The loop's thread. Private to gateway/lookup/enum/.
 */
#ifndef GATEWAY_LOOKUP_ENUM_DNS_SOCKETS_H
#define GATEWAY_LOOKUP_ENUM_DNS_SOCKETS_H

#include <ares.h>

#include "gateway/lookup/enum/resolver.h"

struct dns_socket;

struct dns_sockets {
	uv_loop_t *loop;
	struct lookup_server server[RESOLVER_SERVERS_MAX]; /* the order is the resolver's */
	unsigned server_count;
	struct dns_socket *open; /* a handful */
	int64_t (*now_us)(void *arg);
	void *now_arg;
	void (*ready)(void *arg, int fd, bool readable, bool writable);
	void *ready_arg;
};

void dns_sockets_init(struct dns_sockets *s, uv_loop_t *loop, int64_t (*now_us)(void *arg),
		      void *now_arg, void (*ready)(void *arg, int fd, bool readable, bool writable),
		      void *ready_arg);
/* From now on the channel's sockets are made here. ares_destroy() closes them. */
void dns_sockets_attach(struct dns_sockets *s, ares_channel channel);
/* ares_options.sock_state_cb, with the struct dns_sockets as its data. */
void dns_sockets_state(void *arg, ares_socket_t fd, int readable, int writable);

#endif
