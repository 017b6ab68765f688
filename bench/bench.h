/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the benches share. A bench measures our cost and, in the same run, the floor: the least
 * that this machine needs for the same work, in code of its own without any of the project's.
 * One file a bench; add it to the table in main.c. It prints what it likes to stderr; its figure
 * goes to the report.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

struct bench_report {
	double value, floor; /* the ratio is value / floor; less is better for both */
	const char *unit;
};

/* 0, or -errno after a sentence on stderr. */
typedef int (*bench_fn)(struct bench_report *report);

int bench_relay_30(struct bench_report *report);
int bench_relay_480(struct bench_report *report);
int bench_relay_1920(struct bench_report *report);
int bench_sip_calls(struct bench_report *report);
int bench_setup_latency(struct bench_report *report);
int bench_idle_cpu(struct bench_report *report);
int bench_idle_memory(struct bench_report *report);
int bench_plan_1m(struct bench_report *report);
int bench_plan_rules(struct bench_report *report);
int bench_plan_load(struct bench_report *report);
int bench_plan_memory(struct bench_report *report);
int bench_plan_swap(struct bench_report *report);

double bench_median(double *values, unsigned count); /* sorts them */
void bench_remove_folder(const char *path);	      /* with its files; it holds no folders */

#endif
