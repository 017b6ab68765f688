/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two halves of a DAHDI span. They share nothing: audio belongs to the media worker, the
 * D-channel to control, each with descriptors of its own to the same span.
 */
#ifndef HW_T1E1_E1_DAHDI_HALF_H
#define HW_T1E1_E1_DAHDI_HALF_H

#include "hw/t1e1/dahdi_decode.h"
#include "hw/t1e1/e1_dahdi_chan.h"
#include "hw/t1e1/e1_seconds.h"

enum { E1_DAHDI_TICK = 0 }; /* the timer's name in an epoll set; timeslots have their number */

/* An epoll set that stays for ever, with a timer of one second in it. */
struct e1_dahdi_set {
	int epoll_fd, timer_fd; /* -1 */
};
int e1_dahdi_set_open(struct e1_dahdi_set *set);
void e1_dahdi_set_close(struct e1_dahdi_set *set);
int e1_dahdi_set_add(struct e1_dahdi_set *set, int fd, unsigned name);
void e1_dahdi_set_remove(struct e1_dahdi_set *set, int fd);
void e1_dahdi_set_ticked(struct e1_dahdi_set *set);

struct e1_dahdi_timeslot {
	int fd; /* -1: not ours, or the span is gone */
	bool enabled;
	bool running;	  /* enabled, and its queues began at a block of the pacemaker */
	unsigned missed;  /* blocks before the next one */
	int64_t block_us; /* when the last one was read */
	bool underran;	  /* since it was enabled */
	struct e1_ts_counts counts;
};

struct e1_dahdi_audio {
	struct e1_dahdi_cfg cfg;
	struct e1_dahdi_set set;
	int ctl;	/* for line state; -1 */
	unsigned pacer; /* timeslot */
	bool gone;
	bool line_due;
	struct e1_line line;
	struct dahdi_counters seen; /* of the kernel, when last asked */
	struct e1_seconds seconds;
	char proc_path[24];
	struct e1_dahdi_timeslot ts[E1_TIMESLOTS];
	uint8_t rx[E1_BLOCK_OCTETS];
	uint8_t tx[E1_DAHDI_BUFFERS_MAX][E1_BLOCK_OCTETS];
};

int e1_dahdi_audio_open(struct e1_dahdi_audio *a, const struct e1_dahdi_cfg *cfg,
			char why[E1_DAHDI_WHY]);
void e1_dahdi_audio_close(struct e1_dahdi_audio *a);
int e1_dahdi_audio_run(struct e1_dahdi_audio *a, int64_t now_us, e1_block_fn fn, void *arg);
void e1_dahdi_audio_enable(struct e1_dahdi_audio *a, unsigned ts, bool on);
/* e1_dahdi_line.c: asks the kernel. */
void e1_dahdi_line_open(struct e1_dahdi_audio *a);
void e1_dahdi_line_read(struct e1_dahdi_audio *a, int64_t now_us);

struct e1_dahdi_dchan {
	struct e1_dahdi_cfg cfg;
	struct e1_dahdi_set set;
	int fd; /* -1: gone */
	uint16_t number;
	uint64_t dropped, bad; /* frames */
};

int e1_dahdi_dchan_start(struct e1_dahdi_dchan *d, uint16_t number, const struct e1_dahdi_cfg *cfg,
			 char why[E1_DAHDI_WHY]);
void e1_dahdi_dchan_stop(struct e1_dahdi_dchan *d);
ssize_t e1_dahdi_dchan_recv(struct e1_dahdi_dchan *d, uint8_t *frame, size_t cap);
int e1_dahdi_dchan_send(struct e1_dahdi_dchan *d, const uint8_t *frame, size_t len);

/* One sentence about an error of a channel. Returns err. */
int e1_dahdi_explain(char why[E1_DAHDI_WHY], const struct e1_dahdi_cfg *cfg, int channel, int err);
int e1_dahdi_explain_signalling(char why[E1_DAHDI_WHY], const struct e1_dahdi_cfg *cfg,
				const struct e1_dahdi_channel *ch, unsigned ts, bool dchannel);

#endif
