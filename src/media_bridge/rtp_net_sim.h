/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network in memory and virtual time, behind the same seam as UDP: loss, delay, jitter,
 * reordering and duplicates from a seed, so that a run repeats exactly. Counts exactly what it did
 * to the packets, so that a test can ask that nothing else went missing. One thread.
 */
#ifndef SRC_MEDIA_BRIDGE_RTP_NET_SIM_H
#define SRC_MEDIA_BRIDGE_RTP_NET_SIM_H

#include "src/media_bridge/rtp_net.h"

struct rtp_net_sim;

struct rtp_net_sim_knobs { /* of packets sent from now on */
	uint32_t loss_ppm, duplicate_ppm;
	uint32_t delay_us;
	uint32_t jitter_us;   /* 0 … this is added; packets between two ports keep their order */
	uint32_t reorder_ppm; /* that many are held back by reorder_us and overtaken */
	uint32_t reorder_us;
};

struct rtp_net_sim_counters {
	uint64_t sent, delivered;
	uint64_t lost, duplicated, held_back; /* by the knobs */
	uint64_t lost_octets;		      /* whole packets, headers included */
	uint64_t nobody;    /* nobody had that address, or was connected elsewhere */
	uint64_t discarded; /* waited in a port when it was closed */
	uint64_t in_flight; /* now, those that wait in a port included */
};

int rtp_net_sim_create(struct rtp_net_sim **out, uint64_t seed);
void rtp_net_sim_destroy(struct rtp_net_sim *s); /* NULL is legal */
/* The operations to hand to others; valid as long as s. */
const struct rtp_net *rtp_net_sim_ops(struct rtp_net_sim *s);
void rtp_net_sim_set(struct rtp_net_sim *s, const struct rtp_net_sim_knobs *knobs);
/* Time goes on: what is due by now can be received. */
void rtp_net_sim_step(struct rtp_net_sim *s, int64_t now_us);
const struct rtp_net_sim_counters *rtp_net_sim_counters(const struct rtp_net_sim *s);

#endif
