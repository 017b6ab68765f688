/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/turn_cost.h"

#include <stdbool.h>
#include <sys/resource.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"

int64_t turn_cost_begin(struct turn_cost *t)
{
	struct rusage r;

	if (t->begin_us)
		return t->begin_us;
	t->begin_us = clock_mono_us();
	t->cpu_us = clock_thread_cpu_us();
	getrusage(RUSAGE_THREAD, &r);
	t->sleeps = r.ru_nvcsw;
	t->preempted = r.ru_nivcsw;
	return t->begin_us;
}

int64_t turn_cost_end(struct turn_cost *t)
{
	int64_t end_us = clock_mono_us(), us = end_us - t->begin_us;
	int64_t cpu_us = clock_thread_cpu_us() - t->cpu_us;
	struct rusage r;

	t->begin_us = 0;
	if ((uint64_t)us > t->longest_us)
		t->longest_us = (uint64_t)us;
	if ((uint64_t)cpu_us > t->longest_cpu_us)
		t->longest_cpu_us = (uint64_t)cpu_us;
	if (us <= TURN_SLOW_US)
		return end_us;
	getrusage(RUSAGE_THREAD, &r);
	t->late++;
	t->starved += cpu_us <= TURN_SLOW_US && r.ru_nvcsw == t->sleeps;
	LOG(LOG_WARN, "core.slow_turn", 0, L_I("us", us), L_I("cpu_us", cpu_us),
	    L_I("sleeps", r.ru_nvcsw - t->sleeps), L_I("preempted", r.ru_nivcsw - t->preempted));
	return end_us;
}
