/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of all timers of layer 3: what each is called, how long it runs on either side, which
 * values a span may set and who runs it. Configuration, `spanbridge show timers` and
 * docs/timers.md are made of it or tested against it. Pure; any thread.
 */
#ifndef SRC_ISDN_MAP_ISDN_TIMERS_H
#define SRC_ISDN_MAP_ISDN_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

enum isdn_side { ISDN_USER, ISDN_NETWORK };

/* Order of the table, of the configuration's keys and of isdn_span_cfg.timer_ms. */
enum isdn_timer {
	ISDN_T302,
	ISDN_T303,
	ISDN_T304,
	ISDN_T305,
	ISDN_T306,
	ISDN_T308,
	ISDN_T309,
	ISDN_T310,
	ISDN_T313,
	ISDN_T316,
	ISDN_N316, /* a count */
	ISDN_TIMERS_SET,
	/* Not to be set: */
	ISDN_T301 = ISDN_TIMERS_SET,
	ISDN_TIMER_ANNOUNCEMENT,
	ISDN_TIMER_SETTLE,
	ISDN_TIMER_CLEARING,
	ISDN_TIMERS,
	ISDN_TIMER_NONE = ISDN_TIMERS
};

enum isdn_timer_owner {
	ISDN_TIMER_OURS,   /* isdn_timers.c, isdn_restart.c, isdn_down.c */
	ISDN_TIMER_LIBPRI, /* we only tell it the value */
	ISDN_TIMER_CALL,   /* the call's state machine, for legs of any kind */
};

struct isdn_timer_info {
	const char *name;	 /* as Q.931 calls it */
	uint16_t number;	 /* of it, for the diagnostic of cause 102; 0: none */
	uint32_t default_ms[2];	 /* per enum isdn_side; 0: this side has none. N316: a count */
	uint16_t min_s, max_s;	 /* what the configuration may set; N316: a count; 0, 0: nothing */
	enum isdn_timer_owner owner;
	const char *meaning; /* from when to when, and what its end does */
	const char *clause;
};

const struct isdn_timer_info *isdn_timer_info(enum isdn_timer timer);
/* The value in force: set (0: the default), derived where it is derived. Milliseconds; N316: a
 * count; 0: this side has none. */
uint32_t isdn_timer_value(const uint32_t set[ISDN_TIMERS_SET], enum isdn_side side,
			  enum isdn_timer timer);
/* "isdn", "libpri", "call". */
const char *isdn_timer_owner_name(enum isdn_timer_owner owner);

#endif
