/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/bench.h"
#include "gateway/base/log.h"

static const struct {
	const char *name;
	bench_fn run;
	const char *what;
} benches[] = {
    {"relay-30", bench_relay_30, "media thread, 30 calls of one span: CPU per call and 20 ms"},
    {"relay-480", bench_relay_480, "the same, 480 calls of 16 spans"},
    {"relay-1920", bench_relay_1920, "the same, 1920 calls of 64 spans"},
    {"sip-calls", bench_sip_calls, "control, SIP to E1 on 64 spans: CPU per call"},
    {"setup-latency", bench_setup_latency, "control, SETUP read to INVITE sent, p99"},
    {"idle-cpu", bench_idle_cpu, "spanbridged with one span and no call"},
    {"idle-memory", bench_idle_memory, "the same: private memory"},
    {"plan-1m", bench_plan_1m, "number plan: a decision over 1,000,000 prefixes with targets"},
    {"plan-rules", bench_plan_rules, "number plan: a decision over 10,000 pattern rules"},
    {"plan-load", bench_plan_load, "number plan: a list of 1,000,000 from its text"},
    {"plan-memory", bench_plan_memory, "the same: what it keeps"},
    {"plan-swap", bench_plan_swap, "control, such a plan swapped under 30 calls a second: longest turn"},
};
enum { BENCHES = sizeof(benches) / sizeof(benches[0]) };

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, unsigned count)
{
	qsort(values, count, sizeof(values[0]), compare);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

void bench_remove_folder(const char *path)
{
	char file[600];
	struct dirent *e;
	DIR *d = opendir(path);

	while (d && (e = readdir(d)) != NULL) {
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		unlink(file); /* not . and .. */
	}
	if (d)
		closedir(d);
	rmdir(path);
}

/* "idle" asks for idle-cpu and idle-memory. */
static int is_asked(const char *name, const char *only)
{
	size_t len = strlen(only);

	return strncmp(name, only, len) == 0 && (name[len] == '\0' || name[len] == '-');
}

static void usage(FILE *out)
{
	fputs("usage: spanbridge-bench [--only NAME] [--list]\n"
	      "Each result is one line: bench NAME VALUE UNIT floor VALUE ratio RATIO\n",
	      out);
}

static int run_one(unsigned i)
{
	struct bench_report r = {0};
	int err;

	fprintf(stderr, "%s: %s\n", benches[i].name, benches[i].what);
	err = benches[i].run(&r);
	if (err) {
		fprintf(stderr, "%s: failed: %s\n", benches[i].name, strerror(-err));
		return 1;
	}
	printf("bench %s %.3f %s floor %.3f ratio %.2f\n", benches[i].name, r.value, r.unit,
	       r.floor, r.value / r.floor);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	const char *only = NULL;
	struct rlimit files;
	int failed = 0, ran = 0;

	log_init(LOG_ERROR, NULL, NULL);

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--list") == 0) {
			for (unsigned b = 0; b < BENCHES; b++)
				printf("%-12s %s\n", benches[b].name, benches[b].what);
			return 0;
		}
		if (strcmp(argv[i], "--only") != 0 || i + 1 == argc) {
			usage(stderr);
			return 2;
		}
		only = argv[++i];
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	for (unsigned b = 0; b < BENCHES; b++) {
		if (only && !is_asked(benches[b].name, only))
			continue;
		failed |= run_one(b);
		ran++;
	}
	if (!ran) {
		fprintf(stderr, "no bench \"%s\"; --list shows them\n", only);
		return 2;
	}
	return failed;
}
