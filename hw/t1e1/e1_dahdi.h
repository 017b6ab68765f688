/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * E1 on a DAHDI card: one span of the kernel's driver behind the seam of e1.h. The only folder that
 * sees DAHDI's headers is this one; built without them, open says so and nothing else changes.
 *
 * Audio (media worker). Each B-channel has a descriptor of its own, open as long as the span is, so
 * that no other program takes it. Blocks of 160 octets in both directions; the line's clock is the
 * only clock: for each block that is read one is written.
 *  - Receive queue: the kernel's 32 blocks, which cost no delay as long as they are read in time.
 *  - Transmit queue: `buffers` blocks are written ahead when a timeslot is enabled. They are delay,
 *    and what the worker may be late by, less one block. The kernel moves audio in bursts (4 ms
 *    with a timer of 250 Hz) and the block that comes in is complete only then: one block ahead
 *    would always be one burst too late, two leave 20 ms for the scheduler. Hence the default.
 *  - A worker that is later than that is told so by the kernel (buffer events). It delivers all
 *    that was received, sends the newest `buffers` blocks and drops the ones before, so that the
 *    delay is as before; both what the line sent in their place and what was dropped is counted.
 *
 * The pace descriptor is an epoll set of the enabled timeslots, one timeslot that is always read
 * (the pacemaker, so that there is a tick without calls) and a timer of one second for line state
 * and for coming back. Timeslots are enabled right after a block of the pacemaker, hence their
 * blocks end together and one wake-up serves all.
 *
 * D-channel (control): the kernel's HDLC with FCS. Frames carry two octets more there.
 *
 * A span that is pulled: all descriptors are closed, E1_ALARM_NOT_READY. Once a second each thread
 * tries to open its own again; channels that have lost their signalling are configured as before
 * (needs the right to: root or CAP_SYS_ADMIN).
 */
#ifndef HW_T1E1_E1_DAHDI_H
#define HW_T1E1_E1_DAHDI_H

#include "hw/t1e1/e1.h"

enum {
	E1_DAHDI_BUFFERS_MIN = 2,
	E1_DAHDI_BUFFERS_MAX = 8,
	E1_DAHDI_BUFFERS = 2,
	E1_DAHDI_ECHO_MAX_MS = 128, /* the kernel's limit: 1024 samples */
	E1_DAHDI_GAIN_MAX_DB = 20,
	E1_DAHDI_WHY = 256,
	E1_DAHDI_CARD = 47, /* octets of a place */
};

struct e1_dahdi_cfg {
	uint16_t dahdi_span; /* the kernel's number, from 1 */
	char card[E1_DAHDI_CARD + 1]; /* not empty: the span is found by its place instead */
	uint8_t dchannel_ts;
	uint32_t bchannels;   /* bit ts */
	uint8_t buffers;      /* blocks of 20 ms queued towards the line; 0: E1_DAHDI_BUFFERS */
	uint8_t echo_tail_ms; /* echo canceller of card or kernel, per call; 0: none */
	int8_t rx_gain_db, tx_gain_db;
};

/* 0, or -errno with why one sentence that tells what to do. -ENOTSUP: built without DAHDI. */
int e1_dahdi_open(struct e1_span *out, uint16_t number, const struct e1_dahdi_cfg *cfg,
		  char why[E1_DAHDI_WHY]);

/* Control thread. Loops and the like, for a technician at the line. */
enum e1_dahdi_maint {
	E1_DAHDI_MAINT_NONE,
	E1_DAHDI_MAINT_LOCAL_LOOP,   /* what we send comes back to us */
	E1_DAHDI_MAINT_LINE_LOOP,    /* what the far end sends goes back to it */
	E1_DAHDI_MAINT_PAYLOAD_LOOP, /* the same, framed anew */
	E1_DAHDI_MAINT_RESET_COUNTERS,
};
/* 0; -ENOSYS: the card cannot; -EPERM. */
int e1_dahdi_maint(uint16_t dahdi_span, enum e1_dahdi_maint what);

#endif
