/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware seam: blocks of octets per timeslot, line state and counters, D-channel frames
 * without FCS. Nothing of any card. DAHDI, the virtual pair and E1 over IP are equal drivers.
 *
 * A span is used by two threads, each with its own functions: the media worker (run, ts_enable,
 * line) and control (dchan_*). A driver keeps what the two touch apart, or atomic.
 * Receive paces transmit: a driver writes exactly as many octets as it read; no other media clock
 * exists. ts is 0…31 as on the wire.
 */
#ifndef HW_T1E1_E1_H
#define HW_T1E1_E1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	E1_TIMESLOTS = 32,
	E1_BLOCK_OCTETS = 160,    /* 20 ms of one timeslot */
	E1_BLOCK_US = 20000,
	E1_DCHAN_FRAME_MAX = 260 + 4 + 2, /* Q.921 N201, address and control, to spare */
	E1_IDLE_OCTET = 0xd5,     /* silence on an idle A-law timeslot */
};

enum { /* alarms, bits; names in e1_alarm_names() */
	E1_ALARM_LOS = 1 << 0, /* no signal; the virtual span: the peer is not there */
	E1_ALARM_LFA = 1 << 1,
	E1_ALARM_AIS = 1 << 2,
	E1_ALARM_RAI = 1 << 3, /* the far end does not receive us */
	E1_ALARM_NOT_READY = 1 << 4, /* no device */
	E1_ALARM_LMFA = 1 << 5, /* CRC-4 or CAS multiframe lost (G.706 4.2) */
	E1_ALARM_RED = 1 << 6, /* LOS or LFA: the card does not say which */
	E1_ALARM_LOOPBACK = 1 << 7, /* the line is looped, at our end or the far one */
	E1_ALARM_RECOVERING = 1 << 8, /* the fault is gone; the card waits before it clears */
};

enum e1_type { E1_TYPE_UNKNOWN, E1_TYPE_E1, E1_TYPE_T1, E1_TYPE_J1 };
enum e1_code { E1_CODE_UNKNOWN, E1_CODE_AMI, E1_CODE_HDB3, E1_CODE_B8ZS };
enum e1_framing {
	E1_FRAMING_UNKNOWN,
	E1_FRAMING_CCS,
	E1_FRAMING_CAS,
	E1_FRAMING_D4,
	E1_FRAMING_ESF
};

/* How the line is set up, as the card says. A span without a line (virtual) leaves it all 0. */
struct e1_params {
	enum e1_type type;
	enum e1_code code;
	enum e1_framing framing;
	bool crc4; /* CRC-4 multiframe (G.704 2.3.3) */
	/* Line build-out as in a span= line: 0 short haul (an E1 always), 1…4 DSX-1 up to 655 ft,
	 * 5…7 CSU at -7.5, -15, -22.5 dB. */
	uint8_t lbo;
	uint16_t sync_source; /* number of the span that gives the card its clock; 0: its own */
	bool sync_master;     /* the driver takes its time from this span's card */
};

/* One value, whole; read by the worker only, which reports changes to control. Counters grow. */
struct e1_line {
	uint32_t alarms;
	uint64_t blocks;         /* run so far */
	uint64_t missed_blocks;  /* 20 ms blocks that the peer sent and we never got, or that were
				    due and did not come: every timeslot lost E1_BLOCK_OCTETS */
	uint64_t bad_blocks;     /* malformed, dropped whole */
	uint64_t slips; /* 20 ms of every timeslot repeated, or idle in place of what the peer did not
			   write (it missed a block itself): inserted, in addition to what it sent */
	uint64_t tx_underruns; /* times that a timeslot had nothing to send: we were late */
	uint64_t crc4_errors, fas_errors, bpv, ebit_errors;
	uint64_t errored_seconds, severely_errored_seconds; /* RFC 4805; see e1_seconds.h */
	uint64_t timing_slips; /* of the card's elastic store: the two ends have different clocks */
	uint64_t irq_misses;   /* the card was not served in time */
	struct e1_params params;
};

/* Called by run for each enabled timeslot of each block: octets that came in, octets to go out
 * (prefilled with idle). missed: blocks that were lost directly before this one. */
typedef void (*e1_block_fn)(void *arg, unsigned ts, unsigned missed,
			    const uint8_t rx[E1_BLOCK_OCTETS], uint8_t tx[E1_BLOCK_OCTETS]);

/* What an enabled timeslot sent otherwise than it was told, since it was enabled. */
struct e1_ts_counts {
	uint64_t tx_idle_octets;    /* idle that the line sent because nothing had been written */
	uint64_t tx_dropped_octets; /* written too late, never sent */
};

struct e1_span;

struct e1_ops {
	/* ── media worker ── */
	/* Readable when run() has something to do. -1: stepped by hand (virtual time). */
	int (*pace_fd)(struct e1_span *s);
	/* Runs every block that is due; returns how many, or -errno. Never blocks. */
	int (*run)(struct e1_span *s, int64_t now_us, e1_block_fn fn, void *arg);
	void (*ts_enable)(struct e1_span *s, unsigned ts, bool on);
	void (*line)(struct e1_span *s, struct e1_line *out);
	/* NULL: this driver sends all that it is told. Until the timeslot is enabled again. */
	void (*ts_counts)(struct e1_span *s, unsigned ts, struct e1_ts_counts *out);
	/* ── control ── */
	/* Readable when a frame waits; -1 in virtual time. May change after a re-plug: ask again
	 * whenever the line state changed. */
	int (*dchan_fd)(struct e1_span *s);
	/* One frame, address to last octet, no FCS. 0: none waits. -ENETDOWN: no line. -EMSGSIZE:
	 * a frame longer than cap was dropped and counted. */
	ssize_t (*dchan_recv)(struct e1_span *s, uint8_t *frame, size_t cap);
	/* 0; -ENETDOWN: no line; -EAGAIN: queue full, the frame was dropped and counted (LAPD
	 * repeats it). */
	int (*dchan_send)(struct e1_span *s, const uint8_t *frame, size_t len);
	/* Frames so far that broke off or whose check was wrong. NULL: this driver has none. */
	uint64_t (*dchan_bad)(struct e1_span *s);
	/* ── after both have stopped ── */
	void (*close)(struct e1_span *s);
};

struct e1_span {
	const struct e1_ops *ops;
	void *impl;   /* the driver's */
	uint16_t number; /* from 1 */
};

/* "LOS,RAI", "none" into out (at least 64 octets). Returns out. */
const char *e1_alarm_names(uint32_t alarms, char *out, size_t size);
/* "1-3,7" of bit ts. Returns out. */
const char *e1_slots_text(uint32_t slots, char *out, size_t size);
/* "E1", "HDB3", "CCS", "-7.5 dB (CSU)"; else "unknown". */
const char *e1_type_name(enum e1_type type);
const char *e1_code_name(enum e1_code code);
const char *e1_framing_name(enum e1_framing framing);
const char *e1_lbo_name(unsigned lbo);
bool e1_params_equal(const struct e1_params *a, const struct e1_params *b);

#endif
