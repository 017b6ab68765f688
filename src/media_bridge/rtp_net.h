/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where RTP and RTCP datagrams go: real UDP sockets (rtp_net_udp) or a memory network with loss,
 * delay and reordering (rtp_net_sim, for virtual time). open/close in the control thread, the rest
 * in the worker; a port is used by one thread at a time.
 */
#ifndef SRC_MEDIA_BRIDGE_RTP_NET_H
#define SRC_MEDIA_BRIDGE_RTP_NET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/base/net_addr.h"

struct rtp_net {
	void *net;
	/* Binds addr (port given). Returns a handle >= 0 (UDP: the descriptor), -EADDRINUSE, … */
	int (*open)(void *net, const struct net_addr *addr);
	void (*close)(void *net, int handle);
	/* One datagram; 0 none waits; -errno otherwise (an ICMP error is consumed: try again).
	 * from may be NULL. Empty datagrams are skipped. */
	ssize_t (*recv)(void *net, int handle, void *buf, size_t cap, struct net_addr *from);
	ssize_t (*send)(void *net, int handle, const void *buf, size_t len,
			const struct net_addr *to);
	/* From now on only packets from that address are received (and what waits already), and
	 * send goes there cheaper (to is NULL). NULL undoes it. */
	int (*connect)(void *net, int handle, const struct net_addr *peer);
	/* As recv, and how long ago the datagram came (0 for a handle's first one), for RTCP that
	 * is looked at now and then. */
	ssize_t (*recv_aged)(void *net, int handle, void *buf, size_t cap, struct net_addr *from,
			     int64_t *age_us);
};

extern const struct rtp_net rtp_net_udp;

#endif
