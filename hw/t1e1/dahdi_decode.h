/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What DAHDI's ioctl structures, events and /proc/dahdi/N say, as values. Pure: structures in,
 * values out, no descriptor and no clock, so that recorded structures of a card can be tested.
 * The .c file needs <dahdi/user.h>; this header does not, and the values can be used without it.
 * Any thread; nobody frees anything. Nothing here trusts that a text of the kernel is terminated.
 */
#ifndef HW_T1E1_DAHDI_DECODE_H
#define HW_T1E1_DAHDI_DECODE_H

#include "hw/t1e1/e1.h"

struct dahdi_spaninfo; /* <dahdi/user.h> */
struct dahdi_params;

enum { DAHDI_TEXT = 41, DAHDI_CHANNELS_MAX = 32, DAHDI_SPANS_MAX = 128 };

/* Which span this is: what a configuration selects by, and people recognise. */
struct dahdi_span_id {
	uint16_t span;		      /* DAHDI's number, from 1; it changes when cards are added */
	uint16_t local;		      /* on its card, from 1; 0: not known (sysfs knows) */
	uint16_t first_channel;	      /* DAHDI's number of its first channel; 0: not known */
	uint8_t channels, configured; /* it has, and those with a signalling */
	enum e1_type type;
	char name[DAHDI_TEXT];	      /* "TE2/0/1" */
	char description[DAHDI_TEXT]; /* "T2XXP (PCI) Card 0 Span 1" */
	char location[DAHDI_TEXT];    /* "PCI Bus 03 Slot 05"; empty for software spans */
	char hardware_id[DAHDI_TEXT]; /* the card's serial number or bus path; sysfs knows */
	char device[DAHDI_TEXT];      /* "Wildcard TE205P" */
};

enum dahdi_signalling {
	DAHDI_SIGNALLING_NONE,	    /* not configured */
	DAHDI_SIGNALLING_CLEAR,	    /* a B-channel: bchan= */
	DAHDI_SIGNALLING_HDLC,	    /* a D-channel: dchan=, the kernel does HDLC */
	DAHDI_SIGNALLING_HARD_HDLC, /* a D-channel: hardhdlc=, the card does */
	DAHDI_SIGNALLING_OTHER,	    /* analogue, CAS, cross-connected, … */
	DAHDI_SIGNALLING_BROKEN,    /* the driver gave the port up */
};

struct dahdi_channel {
	uint16_t channel, span; /* DAHDI's numbers, from 1 */
	uint16_t position;	/* in the span, from 1: the timeslot */
	enum dahdi_signalling signalling;
	bool alaw;
	uint32_t alarms;       /* E1_ALARM_… */
	char name[DAHDI_TEXT]; /* "TE2/0/1/16" */
};

/* What DAHDI_GETEVENT gives, as far as a PRI span has use for it. */
enum dahdi_event {
	DAHDI_HAPPENED_NOTHING,
	DAHDI_HAPPENED_ALARM, /* ask SPANSTAT which */
	DAHDI_HAPPENED_NO_ALARM,
	DAHDI_HAPPENED_ABORT,	/* HDLC: a frame that broke off */
	DAHDI_HAPPENED_OVERRUN, /* HDLC: a frame too long for its buffer */
	DAHDI_HAPPENED_BAD_FCS,
	DAHDI_HAPPENED_REMOVED,	   /* the span went away: close the channel */
	DAHDI_HAPPENED_READ_LATE,  /* buffer events: received audio was lost */
	DAHDI_HAPPENED_WRITE_LATE, /* buffer events: idle was sent for want of audio */
	DAHDI_HAPPENED_OTHER,
};

/* The kernel's counters are 32 bits wide and start anew when a span comes back; ours only grow.
 * All zero at first: what had been counted before we came is then part of the first result. */
struct dahdi_counters {
	uint32_t bpv, crc4, ebit, fas, errored_seconds, irq_misses, timing_slips;
};

uint32_t dahdi_decode_alarms(uint32_t alarms);
/* Sets alarms, params and the counters of line that the card keeps; leaves blocks, slips and the
 * others of our own. */
void dahdi_decode_span(const struct dahdi_spaninfo *info, struct dahdi_counters *seen,
		       struct e1_line *line);
void dahdi_decode_span_id(const struct dahdi_spaninfo *info, struct dahdi_span_id *out);
void dahdi_decode_channel(const struct dahdi_params *params, struct dahdi_channel *out);
enum dahdi_event dahdi_decode_event(int event);
const char *dahdi_event_name(enum dahdi_event event);
const char *dahdi_signalling_name(enum dahdi_signalling signalling);

/* total grows by what seen has grown by; a counter that is smaller than before began anew. */
void dahdi_counter_advance(uint64_t *total, uint32_t *seen, uint32_t now);

/* /proc/dahdi/N: the only place that tells slips of the elastic store, and who is in use. */
struct dahdi_proc {
	uint16_t span;
	bool master;	   /* DAHDI's time comes from this span */
	bool clock_source; /* the card's clock comes from this span */
	uint32_t timing_slips, irq_misses;
	unsigned channels;
	struct {
		uint16_t channel;
		bool in_use;
	} channel[DAHDI_CHANNELS_MAX];
};
/* -EBADMSG: this is no such text. What it does not know, it passes over. */
int dahdi_decode_proc(const char *text, size_t len, struct dahdi_proc *out);
void dahdi_decode_slips(const struct dahdi_proc *proc, struct dahdi_counters *seen,
			struct e1_line *line);

/*
 * Spans of several cards in an order that stays the same when DAHDI numbers them differently: by
 * location, hardware id, number on the card. Those without a location come last, by number.
 */
void dahdi_order_spans(struct dahdi_span_id *span, unsigned count);
/* selector: "3" is DAHDI's number; else LOCATION or HARDWARE_ID, with #LOCAL behind it when the
 * card has several spans: "PCI Bus 03 Slot 05#2". NULL, and *why in one sentence. */
const struct dahdi_span_id *dahdi_find_span(const struct dahdi_span_id *span, unsigned count,
					    const char *selector, const char **why);

#endif
