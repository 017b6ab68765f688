/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libpri and libosip2 get when they ask for the time: see clock.h. Linked (with
 * -Wl,--wrap=gettimeofday,--wrap=clock_gettime) only into programs that hold those libraries. */
#include "gateway/base/clock.h"

#include <sys/time.h>
#include <time.h>

static _Thread_local int64_t library_now_us = -1;

int __real_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_gettimeofday(struct timeval *tv, void *tz);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);

void libclock_set(int64_t now_us)
{
	library_now_us = now_us;
}

static int64_t library_clock_us(void)
{
	return library_now_us >= 0 ? library_now_us : clock_mono_us();
}

int __wrap_gettimeofday(struct timeval *tv, void *tz)
{
	int64_t now_us = library_clock_us();

	(void)tz;
	tv->tv_sec = now_us / US_PER_S;
	tv->tv_usec = now_us % US_PER_S;
	return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	int64_t now_us = library_clock_us();

	/* CPU clocks are no protocol's business. */
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return __real_clock_gettime(clock, ts);
	ts->tv_sec = now_us / US_PER_S;
	ts->tv_nsec = now_us % US_PER_S * 1000;
	return 0;
}
