/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two halves of a socket span's end. They share nothing: audio belongs to the media worker,
 * D-channel to control, each with a connection of its own.
 *
 * Buffering. The clock master's timer makes a period of 20 ms due; the slave runs a block when one
 * arrives and answers with its own, under the same period number. Two blocks are under way at any
 * time (40 ms): the master writes two idle ones when the line comes up, and from then on one for
 * each one it reads. So the slave cannot be too fast or too slow, no queue can overflow, and
 * nothing ever slips while both programs live:
 *  - master late: it runs every period that came due, in a burst;
 *  - slave late by more than 40 ms: the master has nothing to read, so it waits, and makes up for
 *    the periods as soon as blocks come back. What was written arrives, only later;
 *  - slave late by more than a second: the periods that came due meanwhile are missed at both
 *    ends (nobody wrote anything then), and the line is down until a block comes.
 * Numbers of periods, seen at each end, have no hole: each is either run or in missed_blocks.
 */
#ifndef HW_T1E1_E1_VIRT_SOCK_H
#define HW_T1E1_E1_VIRT_SOCK_H

#include "hw/t1e1/e1_virt.h"
#include "hw/t1e1/e1_virt_link.h"

enum {
	E1_SOCK_DEPTH = 2,	      /* blocks under way */
	E1_SOCK_RUN_BLOCKS = 50,      /* at most, in one run() */
	E1_SOCK_BACKLOG_PERIODS = 50, /* that a late peer may make up for */
	E1_SOCK_QUEUE_FRAMES = 64,
};

struct e1_sock_audio {
	struct e1_virt_link link;
	struct e1_virt_audio audio;
	uint64_t ups; /* of the link, when we last looked */
	bool ever_up;
	bool los; /* the link may be up, but no blocks come */
	int64_t last_block_us;
	/* Clock master. */
	int tick_fd;		      /* -1: slave */
	uint64_t period;	      /* number of the next one */
	uint64_t backlog;	      /* periods that came due and were not run yet */
	uint64_t sent[E1_SOCK_DEPTH]; /* periods under way, oldest first */
	unsigned under_way;
	unsigned holes; /* blocks under way that got lost: idle ones will take their place */
	/* Slave. */
	uint64_t clock;	      /* whose periods: the master's hello */
	uint64_t last_period; /* run or missed */
	uint64_t line_period; /* the latest period there can be, seen at line_us */
	int64_t line_us;
	bool steady; /* a block that is no fill has come */
	/* Scratch. */
	struct e1_virt_block rx, tx;
	uint8_t message[E1_WIRE_BLOCK_MAX];
};

int e1_sock_audio_open(struct e1_sock_audio *a, const char *path, bool listen,
		       const struct e1_wire_hello *own, const char **why);
void e1_sock_audio_close(struct e1_sock_audio *a);
int e1_sock_audio_run(struct e1_sock_audio *a, int64_t now_us, e1_block_fn fn, void *arg);
void e1_sock_audio_line(const struct e1_sock_audio *a, struct e1_line *out);

struct e1_sock_frame {
	size_t len; /* octets of message */
	uint8_t message[E1_WIRE_FRAME_MAX];
};

struct e1_sock_dchan {
	struct e1_virt_link link;
	uint16_t span;
	bool paced; /* 64 kbit/s */
	int pace_fd;
	int64_t free_us; /* when the line has sent the last frame */
	struct e1_sock_frame queue[E1_SOCK_QUEUE_FRAMES];
	unsigned first, held;
	uint64_t dropped;
	bool was_up; /* as last logged */
	const char *why;
};

int e1_sock_dchan_open(struct e1_sock_dchan *d, const char *path, bool listen,
		       const struct e1_wire_hello *own, bool paced, const char **why);
void e1_sock_dchan_close(struct e1_sock_dchan *d);
ssize_t e1_sock_dchan_recv(struct e1_sock_dchan *d, int64_t now_us, uint8_t *frame, size_t cap);
int e1_sock_dchan_send(struct e1_sock_dchan *d, int64_t now_us, const uint8_t *frame, size_t len);

#endif
