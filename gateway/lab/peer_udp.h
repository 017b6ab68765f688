/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain UDP sockets of the lab's SIP peer, non-blocking. One thread. */
#ifndef GATEWAY_LAB_PEER_UDP_H
#define GATEWAY_LAB_PEER_UDP_H

#include "src/media_bridge/rtp_net.h"

/* Descriptor, or -errno. *addr with port 0 gets the port that the system chose. */
int peer_udp_open(struct net_addr *addr);
/* Length; 0: none waits; -errno. */
ssize_t peer_udp_recv(int fd, void *buf, size_t cap, struct net_addr *from);
int peer_udp_send(int fd, const void *buf, size_t len, const struct net_addr *to);

extern const struct rtp_net peer_udp_net;

#endif
