/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plain non-blocking UDP socket for SIP. The program polls sip_udp_fd() and calls
 * sip_udp_receive() when it is readable; sip_udp_send() fits behind struct sip_transport.
 * Control thread.
 */
#ifndef SRC_SIP_MAP_TRANSPORT_SIP_UDP_H
#define SRC_SIP_MAP_TRANSPORT_SIP_UDP_H

#include <stddef.h>

#include "gateway/base/net_addr.h"

enum { SIP_UDP_BATCH = 32 }; /* datagrams a turn: other work must get its turn too */

/* Binds; port 0 takes a free one and bind->port becomes it. Returns the descriptor or -errno. */
int sip_udp_open(struct net_addr *bind);
void sip_udp_close(int fd); /* -1 legal */
/* 0 or -errno; -EAGAIN: the socket's buffer is full, the datagram is lost. */
int sip_udp_send(int fd, const struct net_addr *to, const char *msg, size_t len);

typedef void (*sip_udp_fn)(void *arg, const struct net_addr *from, const char *msg, size_t len);
/* Hands at most SIP_UDP_BATCH datagrams to on_datagram. How many; less than that: none is left. */
unsigned sip_udp_receive(int fd, sip_udp_fn on_datagram, void *arg);

#endif
