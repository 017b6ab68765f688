/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into a program: the wall clock is an hour ahead as soon as the file named by
 * WALLCLOCK_STEP_FILE exists, as when an administrator or NTP sets it. The monotonic clock stays.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { STEP_S = 3600 };

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
	const char *file = getenv("WALLCLOCK_STEP_FILE");

	return file && access(file, F_OK) == 0 ? STEP_S : 0;
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
