/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The floor of the relay benches, and the peers of both sides; see relay_floor.c. */
#ifndef BENCH_RELAY_FLOOR_H
#define BENCH_RELAY_FLOOR_H

#include <stdint.h>
#include <sys/types.h>

enum { RELAY_TICK_US = 20000 };

/* A process of its own with one RTP peer per call on 127.0.0.1, which sends and receives a packet
 * each 20 ms once it has heard from us. Fills in the ports. Returns its pid or -errno; it ends
 * when *hold, the pipe that it was given, is closed. */
pid_t relay_peers_start(unsigned calls, uint16_t *port, int *hold);

/* One connected socket per call, `ticks` times 20 ms; CPU of this thread for the ticks after the
 * first `warm`, in µs, or -1. *received: packets in those ticks. */
double relay_floor(unsigned calls, const uint16_t *port, unsigned warm, unsigned ticks,
		   uint64_t *received);

#endif
