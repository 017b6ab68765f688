/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_timers.h"

/* What libpri needs at most to end a clearing call, and a reserve: then it has lost it. */
enum { CLEARING_RESERVE_MS = 7000 };

/* The most that may be set for T305 and T308 keeps `clearing` below the call's own clear guard, for
 * T304 and T310 below its set-up guard (call_timers). */
/* clang-format off */
static const struct isdn_timer_info table[ISDN_TIMERS] = {
	[ISDN_T302] = {"T302", 302, {5000, 15000}, 1, 60, ISDN_TIMER_OURS,
		"last digit received, until the next; then the number counts as complete, and a call "
		"without digits ends with 28",
		"Q.931 5.1.3, 5.2.4"},
	[ISDN_T303] = {"T303", 303, {4000, 4000}, 1, 30, ISDN_TIMER_OURS,
		"SETUP sent, until the first answer; SETUP is sent a second time, then the call ends "
		"with 18 and RELEASE COMPLETE with 102 is sent", "Q.931 5.1.1, 5.2.1"},
	[ISDN_T304] = {"T304", 304, {30000, 20000}, 1, 120, ISDN_TIMER_OURS,
		"SETUP ACKNOWLEDGE came, until the next sign of life; then the call ends with 102",
		"Q.931 5.1.3, 5.2.4"},
	[ISDN_T305] = {"T305", 305, {30000, 30000}, 4, 30, ISDN_TIMER_LIBPRI,
		"DISCONNECT sent, until RELEASE; then RELEASE is sent", "Q.931 5.3.3, 5.3.4"},
	[ISDN_T306] = {"T306", 306, {0, 30000}, 1, 30, ISDN_TIMER_LIBPRI,
		"DISCONNECT with a tone sent, until RELEASE; then RELEASE is sent", "Q.931 5.3.4.1"},
	[ISDN_T308] = {"T308", 308, {4000, 4000}, 1, 10, ISDN_TIMER_LIBPRI,
		"RELEASE sent, until RELEASE COMPLETE; RELEASE is sent a second time, then the call "
		"is forgotten", "Q.931 5.3.3, 5.3.4"},
	[ISDN_T309] = {"T309", 309, {90000, 90000}, 1, 300, ISDN_TIMER_OURS,
		"layer 2 lost, until it is back; then answered calls end with 27", "Q.931 5.8.9"},
	[ISDN_T310] = {"T310", 310, {120000, 30000}, 1, 130, ISDN_TIMER_OURS,
		"CALL PROCEEDING came, until ALERTING, PROGRESS, CONNECT or DISCONNECT; then the call "
		"ends with 102", "Q.931 5.1.6, 5.2.4"},
	[ISDN_T313] = {"T313", 313, {4000, 0}, 1, 30, ISDN_TIMER_OURS,
		"CONNECT sent, until CONNECT ACKNOWLEDGE; then the call ends with 102",
		"Q.931 5.2.8"},
	[ISDN_T316] = {"T316", 316, {30000, 30000}, 2, 300, ISDN_TIMER_OURS,
		"RESTART sent, until RESTART ACKNOWLEDGE; then RESTART is sent again", "Q.931 5.5.1"},
	[ISDN_N316] = {"N316", 0, {2, 2}, 1, 10, ISDN_TIMER_OURS,
		"how often RESTART is sent; then the channel is out of service", "Q.931 5.5.1"},
	[ISDN_T301] = {"T301", 301, {180000, 180000}, 0, 0, ISDN_TIMER_CALL,
		"ALERTING came, until the answer; then the call ends", "Q.931 table 9-1, 5.2.4"},
	[ISDN_TIMER_ANNOUNCEMENT] = {"announcement", 0, {30000, 30000}, 0, 0, ISDN_TIMER_CALL,
		"DISCONNECT with in-band information came before the answer, until RELEASE; then the "
		"call ends", "Q.931 5.4"},
	[ISDN_TIMER_SETTLE] = {"settle", 0, {1200, 1200}, 0, 0, ISDN_TIMER_OURS,
		"layer 2 came up, until we send SETUP: the peer's SABME may come once more, "
		"T200 after its first, and what was sent before it is lost; also the most that a call "
		"waits for a channel that is being restarted", "Q.921 5.5.1, T200"},
	[ISDN_TIMER_CLEARING] = {"clearing", 0, {45000, 45000}, 0, 0, ISDN_TIMER_OURS,
		"clearing began, until the call reference is free: T305, twice T308 and 7 s; then the "
		"call is forgotten and its channel restarted", "none, our guard above T305 and T308"},
};
/* clang-format on */

const struct isdn_timer_info *isdn_timer_info(enum isdn_timer timer)
{
	return &table[timer];
}

uint32_t isdn_timer_value(const uint32_t set[ISDN_TIMERS_SET], enum isdn_side side,
			  enum isdn_timer timer)
{
	if (timer == ISDN_TIMER_CLEARING)
		return isdn_timer_value(set, side, ISDN_T305) +
		       2 * isdn_timer_value(set, side, ISDN_T308) + CLEARING_RESERVE_MS;
	if (timer < ISDN_TIMERS_SET && table[timer].default_ms[side] && set[timer])
		return set[timer];
	return table[timer].default_ms[side];
}

const char *isdn_timer_owner_name(enum isdn_timer_owner owner)
{
	static const char *const names[] = {[ISDN_TIMER_OURS] = "isdn",
					    [ISDN_TIMER_LIBPRI] = "libpri",
					    [ISDN_TIMER_CALL] = "call"};

	return names[owner];
}
