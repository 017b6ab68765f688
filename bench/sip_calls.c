/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What control costs: SIP→E1 calls over 64 virtual spans, real libosip2 and libpri, the exchanges
 * and the SIP peer in the same process but not in the figure. The floor is the libosip2 work of
 * one side of a call alone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/osip_floor.h"
#include "tests/sim/sim.h"

enum { SPANS = 64, CALLS = 10000, CALLS_A_MS = 1, DRAIN_US = 120 * 1000 * 1000 };

static double measure_gateway(void)
{
	struct sim_cfg cfg = {.seed = 1, .spans = SPANS, .calls_max = SPANS * 30};
	struct pbx_rule rule = {
	    .prefix = "1", .alert_after_ms = 0, .answer_after_ms = 0, .hold_ms = PBX_NEVER_MS};
	static struct sim s;
	double cost_us = -1;

	sim_create(&s, &cfg);
	for (unsigned i = 0; i < SPANS; i++)
		pbx_rule(s.pbx[i], &rule);
	s.measure = true;
	for (unsigned n = 0; n < CALLS; n++) {
		char called[16];

		snprintf(called, sizeof(called), "%02u1%04u", 1 + n % SPANS, n % 10000);
		sim_call_from_sip(&s, called, 0, -1);
		if (n % CALLS_A_MS == 0)
			sim_run_us(&s, US_PER_MS);
	}
	if (sim_run_until(&s, sim_is_quiet, DRAIN_US) && s.peer_answers == CALLS)
		cost_us = (double)s.core_cpu_us / CALLS;
	else
		fprintf(stderr, "sip-calls: only %llu of %d calls were answered\n",
			(unsigned long long)s.peer_answers, CALLS);
	sim_destroy(&s);
	return cost_us;
}

int bench_sip_calls(struct bench_report *report)
{
	int64_t begin_us = clock_thread_cpu_us();
	int err = osip_floor_run(CALLS);

	if (err)
		return err;
	report->floor = (double)(clock_thread_cpu_us() - begin_us) / CALLS;
	report->value = measure_gateway();
	report->unit = "us_cpu_per_call";
	if (report->value < 0)
		return -EPROTO;
	fprintf(stderr, "sip-calls: %.0f calls a second on one core\n", 1e6 / report->value);
	return 0;
}
