/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks at DAHDI from outside, opening no channel: what spans there are, how they and their
 * channels are set up, who is in use. For `spanbridge doctor`, for messages at the start, and for
 * choosing a span by its place. Blocks (ioctls, /proc, /sys): not for control or media threads.
 */
#ifndef HW_T1E1_DAHDI_PROBE_H
#define HW_T1E1_DAHDI_PROBE_H

#include "hw/t1e1/dahdi_decode.h"

struct dahdi_probe_span {
	struct dahdi_span_id id;
	struct e1_line line;			    /* alarms, counters, params */
	struct dahdi_channel channel[E1_TIMESLOTS]; /* by position; number 0: there is none */
	bool in_use[E1_TIMESLOTS];
};

struct dahdi_probe {
	bool built;    /* false: this program was built without DAHDI's header; the rest is empty */
	bool loaded;   /* the kernel module is there */
	int ctl_errno; /* of opening /dev/dahdi/ctl, 0: it opens */
	int channel_errno; /* of /dev/dahdi/channel, which the driver of a span opens */
	unsigned device_gid, device_mode; /* of /dev/dahdi/channel */
	unsigned count;
	struct dahdi_probe_span *span; /* in a stable order: dahdi_order_spans() */
};

/* 0 or -ENOMEM. What cannot be looked at is told in the fields. */
int dahdi_probe(struct dahdi_probe *out);
void dahdi_probe_free(struct dahdi_probe *p);
/* As dahdi_find_span(), on what was found. */
const struct dahdi_probe_span *dahdi_probe_find(const struct dahdi_probe *p, const char *selector,
						const char **why);

/* ── dahdi_probe.c's own: the part that needs the header ── */

/* SPANSTAT of one span into out; false: there is none. ctl: /dev/dahdi/ctl. */
bool dahdi_probe_read_span(int ctl, unsigned number, struct dahdi_probe_span *out);
/* GET_PARAMS of one channel; false: there is none. */
bool dahdi_probe_read_channel(int ctl, unsigned number, struct dahdi_channel *out);
bool dahdi_probe_is_built(void);

#endif
