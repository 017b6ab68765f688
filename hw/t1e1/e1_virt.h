/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual E1: two ends, what goes out of one comes in at the other. A first-class driver.
 *
 *  - Manual pair: both ends in one process and thread, moved one block at a time by
 *    e1_virt_step(): virtual time. With knobs for faults.
 *  - Socket: one end listens on a UNIX path, the other connects; works across processes and
 *    containers. One end is clock master (the exchange, usually): its timerfd paces both; the
 *    other runs a block when one arrives. The D-channel has a connection of its own, so that
 *    control and worker share nothing. Either end may be killed and come back: LOS meanwhile.
 */
#ifndef HW_T1E1_E1_VIRT_H
#define HW_T1E1_E1_VIRT_H

#include "hw/t1e1/e1.h"

struct e1_virt_pair;

/* end[0] and end[1] are two spans to use with the usual ops; close() both. The last one to be
 * closed frees the pair. */
int e1_virt_pair_create(struct e1_virt_pair **out, struct e1_span end[2]);
/* 20 ms pass: each end has one more block due (run() then gives it). */
void e1_virt_step(struct e1_virt_pair *p);
/* Faults. Each holds until taken back. */
void e1_virt_cut_dchan(struct e1_virt_pair *p, bool cut);  /* frames vanish, audio flows */
void e1_virt_unplug(struct e1_virt_pair *p, bool unplugged); /* LOS at both ends */
/* The next n blocks vanish on the way to that end: counted there as missed. What it had no occasion
 * to write then is idle at the other end, counted there as slips. */
void e1_virt_lose_blocks(struct e1_virt_pair *p, unsigned end, unsigned n);
/* Frames waiting for the end (0/1): the simulation turns until both are 0. */
unsigned e1_virt_frames_waiting(const struct e1_virt_pair *p, unsigned end);

struct e1_virt_socket_cfg {
	/* UNIX socket for audio, at most 100 octets; the D-channel's is beside it, with ".d" behind
	 * the name. Stale files are replaced. */
	const char *path;
	bool listen;        /* this end makes the socket */
	bool clock_master;  /* exactly one of the two ends */
	bool dchan_64k;     /* frames leave no faster than 64 kbit/s */
};
/* Never waits: the other end may come later. 0 or -errno with *why set to one sentence. */
int e1_virt_socket_open(struct e1_span *out, uint16_t number,
			const struct e1_virt_socket_cfg *cfg, const char **why);

#endif
