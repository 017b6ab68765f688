/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/clock.h"

#include <time.h>

/* ld --wrap turns a reference to __real_X into X; in programs linked without it the weak
 * reference stays NULL and X itself is the real one. */
extern int __real_clock_gettime(clockid_t clock, struct timespec *ts) __attribute__((weak));

static int64_t read_clock_us(clockid_t clock)
{
	struct timespec ts = {0};

	if (__real_clock_gettime)
		__real_clock_gettime(clock, &ts);
	else
		clock_gettime(clock, &ts);
	return ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
	return read_clock_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
	return read_clock_us(CLOCK_REALTIME);
}

int64_t clock_thread_cpu_us(void)
{
	return read_clock_us(CLOCK_THREAD_CPUTIME_ID);
}
