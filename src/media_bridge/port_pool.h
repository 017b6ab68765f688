/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pairs of UDP ports, even RTP and odd RTCP (RFC 3550 11), in random order. A pair that was given
 * back waits behind all the others, so that packets of an old call do not meet a new one. Control
 * thread. */
#ifndef SRC_MEDIA_BRIDGE_PORT_POOL_H
#define SRC_MEDIA_BRIDGE_PORT_POOL_H

#include <stdint.h>

#include "gateway/base/rng.h"

struct port_pool {
	uint16_t *even; /* queue of free pairs */
	unsigned pairs; /* of the range */
	unsigned head, free;
};

/* 0, -EINVAL (no pair in the range), -ENOMEM. */
int port_pool_init(struct port_pool *p, uint16_t port_min, uint16_t port_max, struct rng *rng);
void port_pool_fini(struct port_pool *p);
/* The pair that rested longest; 0 when none is free. */
uint16_t port_pool_take(struct port_pool *p);
void port_pool_give(struct port_pool *p, uint16_t even);

#endif
