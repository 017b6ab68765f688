/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layer 2 of the script player: Q.921 multiple frame operation on one data link (SAPI 0, TEI
 * 0), as a primary rate D-channel has it. Written from the tables of Q.921; shares nothing with
 * libpri or the gateway. Simple on purpose: it repeats what is lost and counts what is odd.
 *
 * Octets come in by lapd_receive() and go out by send(); time is handed in. One thread. No memory
 * of its own.
 */
#ifndef TESTS_PEER_ISDN_LAPD_H
#define TESTS_PEER_ISDN_LAPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LAPD_N201 = 260, /* octets of information, Q.921 5.9.3 */
	LAPD_QUEUE = 128,
	LAPD_WINDOW = 7,	 /* k, Q.921 5.9.5 */
	LAPD_T200_US = 1000000,	 /* 5.9.1 */
	LAPD_T203_US = 10000000, /* 5.9.8 */
};

struct lapd {
	bool network; /* which C/R bit is a command, Q.921 table 1 */
	bool
	    passive; /* lapd_start() waits for the other end's SABME, so that the two never cross */
	bool up;     /* multiple frame established */
	bool deaf;   /* nothing that comes in is looked at, nothing goes out: a cut line */
	uint8_t vs, va, vr;
	int64_t t200_us, t203_us; /* due; INT64_MAX: stopped */
	/* Out: [va … vs) sent and not acknowledged, then those that wait. */
	unsigned first, queued;
	struct lapd_info {
		size_t len;
		uint8_t octets[LAPD_N201];
	} queue[LAPD_QUEUE];
	uint64_t repeated, rejected, odd, ups; /* frames; times that the link came up */
	void (*send)(void *arg, const uint8_t *frame, size_t len);
	/* Information, in order, once. */
	void (*deliver)(void *arg, const uint8_t *info, size_t len);
	void *arg;
};

/* network, send, deliver and arg are set by then. Sends SABME. */
void lapd_start(struct lapd *l, int64_t now_us);
void lapd_receive(struct lapd *l, int64_t now_us, const uint8_t *frame, size_t len);
void lapd_send(struct lapd *l, int64_t now_us, const uint8_t *info, size_t len);
/* Gives the link up (DISC) and stays deaf and dumb, until it is mended: SABME. */
void lapd_cut(struct lapd *l);
void lapd_mend(struct lapd *l, int64_t now_us);
void lapd_run(struct lapd *l, int64_t now_us); /* due timers */
int64_t lapd_next_us(const struct lapd *l);

#endif
