/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into a program: three seconds after its start the wall clock goes on by an hour, as an
 * administrator or NTP may do. The monotonic clock stays as it is.
 */
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

enum { STEP_AFTER_S = 3, STEP_S = 3600 };

typedef int (*clock_fn)(clockid_t clock, struct timespec *ts);

static int real_clock(clockid_t clock, struct timespec *ts)
{
	static clock_fn real;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	return real(clock, ts);
}

static time_t step_s(void)
{
	static time_t begin_s;
	struct timespec now;

	real_clock(CLOCK_MONOTONIC, &now);
	if (!begin_s)
		begin_s = now.tv_sec;
	return now.tv_sec - begin_s >= STEP_AFTER_S ? STEP_S : 0;
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int result = real_clock(clock, ts);

	if (clock == CLOCK_REALTIME)
		ts->tv_sec += step_s();
	return result;
}

__attribute__((visibility("default"))) int gettimeofday(struct timeval *restrict tv,
							void *restrict tz)
{
	struct timespec ts;

	(void)tz;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}
