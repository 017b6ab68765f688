/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clocks. Every module takes `now_us`: monotonic microseconds, read once a turn by whoever owns
 * the thread's loop and handed in. Only loop owners (main.c of a program, the bench) call
 * clock_mono_us(); only log, records and the number plan (hours, holidays) call clock_wall_us().
 *
 * libpri and libosip2 ask the system for the time. They are linked statically with
 * --wrap=gettimeofday,--wrap=clock_gettime, and see the value that libclock_set() was last given
 * in this thread: so a wall-clock step cannot fire a Q.921/Q.931 timer, and a simulation can run
 * T309 in a millisecond.
 */
#ifndef GATEWAY_BASE_CLOCK_H
#define GATEWAY_BASE_CLOCK_H

#include <stdint.h>

#define US_PER_MS 1000LL
#define US_PER_S  1000000LL
#define TIME_NEVER_US INT64_MAX

/* Monotonic time in µs. Real clock, also in programs linked with the wrap. Any thread. */
int64_t clock_mono_us(void);
/* Wall clock in µs since 1970 (UTC). Any thread. For people to read: log lines and records. */
int64_t clock_wall_us(void);
/* CPU time of the calling thread in µs. For the bench and turn statistics. */
int64_t clock_thread_cpu_us(void);

/* What the wrapped time functions of the static libraries answer in this thread from now on.
 * Each control turn calls it first. Until the first call the libraries see real monotonic time. */
void libclock_set(int64_t now_us);

#endif
