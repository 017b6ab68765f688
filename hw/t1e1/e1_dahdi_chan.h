/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One DAHDI channel, and what the two halves of a span (audio, D-channel) do alike: find their
 * channels, open them, take events off them. No state; each half calls it from its own thread.
 */
#ifndef HW_T1E1_E1_DAHDI_CHAN_H
#define HW_T1E1_E1_DAHDI_CHAN_H

#include "hw/t1e1/e1_dahdi.h"

enum {
	DAHDI_NO_CHANNEL = 0,
	DAHDI_RX_BLOCKS = 32, /* the kernel's most */
};

/* What e1_dahdi_events() found, bits. */
enum {
	DAHDI_SAW_ALARM = 1 << 0, /* begun or ended */
	DAHDI_SAW_UNDERRUN = 1 << 1,
	DAHDI_SAW_OVERRUN = 1 << 2,
	DAHDI_SAW_HDLC = 1 << 3, /* abort, bad FCS or a frame too long */
	DAHDI_SAW_REMOVED = 1 << 4,
};

struct e1_dahdi_channel {
	int number;  /* the kernel's; DAHDI_NO_CHANNEL */
	int sigtype; /* 0: not configured */
	bool alaw;
};

/* /dev/dahdi/ctl; descriptor or -errno. */
int e1_dahdi_ctl_open(void);
/* The channels of a span by timeslot. How many; -ENODEV: there is no such span; -errno. */
int e1_dahdi_find(int ctl, uint16_t dahdi_span, struct e1_dahdi_channel ch[E1_TIMESLOTS]);
/* A channel that has lost its signalling gets it again. 0 or -errno. */
int e1_dahdi_configure(int ctl, struct e1_dahdi_channel *ch, bool dchannel);
bool e1_dahdi_is_clear(const struct e1_dahdi_channel *ch);
bool e1_dahdi_is_hdlc(const struct e1_dahdi_channel *ch);
/* Descriptors, non-blocking, or -errno. */
int e1_dahdi_bchan_open(const struct e1_dahdi_channel *ch, const struct e1_dahdi_cfg *cfg);
int e1_dahdi_dchan_open(const struct e1_dahdi_channel *ch);
/* 0, or -errno: no canceller is attached to the channel. */
int e1_dahdi_echo(int fd, unsigned tail_ms);
/* Takes all waiting events. */
unsigned e1_dahdi_events(int fd);
/* Throws away what is queued in both directions, and events. */
void e1_dahdi_flush(int fd);
void e1_dahdi_watch_buffers(int fd, bool on);
/* errno of a read or write: the channel is gone. */
bool e1_dahdi_is_gone(int err);

#endif
