/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the gateway costs while nothing happens: one virtual span with an exchange on it, one
 * trunk, no call. CPU in percent of a core over ten seconds and private memory, beside a process
 * that only answers a 20 ms block on a socket with a block.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "gateway/base/clock.h"

enum { MEASURE_S = 10, BLOCK_OCTETS = 32 * 160 };

struct usage {
	double cpu_s, private_mb;
};

/* Nanoseconds on a CPU of every thread: finer than the ticks of /proc/PID/stat. */
static double read_cpu_s(pid_t pid)
{
	char path[300];
	double sum_s = 0;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	d = opendir(path);
	while (d && (e = readdir(d)) != NULL) {
		unsigned long long ns;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", (int)pid, e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (f && fscanf(f, "%llu", &ns) == 1)
			sum_s += (double)ns / 1e9;
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return sum_s;
}

static struct usage read_usage(pid_t pid)
{
	struct usage u = {.cpu_s = read_cpu_s(pid)};
	char path[64], line[512];
	unsigned long kb;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Private_Clean: %lu", &kb) == 1 ||
		    sscanf(line, "Private_Dirty: %lu", &kb) == 1)
			u.private_mb += (double)kb / 1024;
	if (f)
		fclose(f);
	return u;
}

static void wait_until(int64_t due_us)
{
	struct timespec ts = {.tv_sec = due_us / US_PER_S, .tv_nsec = due_us % US_PER_S * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static pid_t spawn(char *const argv[], const char *log_path)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!freopen("/dev/null", "r", stdin) || !freopen(log_path, "w", stdout) ||
		    dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
			_exit(126);
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static void end(pid_t pid)
{
	if (pid > 0) {
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
	}
}

/* ── the floor ── */

static void answer_blocks(int fd)
{
	static char block[BLOCK_OCTETS];

	while (recv(fd, block, sizeof(block), 0) > 0)
		if (send(fd, block, sizeof(block), MSG_NOSIGNAL) < 0)
			break;
	_exit(0);
}

static int measure_floor(struct usage *out)
{
	static char block[BLOCK_OCTETS];
	struct usage before, after;
	int64_t next_us;
	pid_t pid;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd))
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		answer_blocks(fd[1]);
	}
	close(fd[1]);
	before = read_usage(pid);
	next_us = clock_mono_us();
	for (int i = 0; i < MEASURE_S * 50; i++) {
		wait_until(next_us += 20000);
		if (send(fd[0], block, sizeof(block), MSG_NOSIGNAL) < 0 ||
		    recv(fd[0], block, sizeof(block), 0) <= 0)
			break;
	}
	after = read_usage(pid);
	close(fd[0]);
	waitpid(pid, NULL, 0);
	*out = (struct usage){after.cpu_s - before.cpu_s, after.private_mb};
	return 0;
}

/* ── the gateway ── */

/* The programs stand in the folder above the bench's. */
static void find_program(const char *name, char *out, size_t size)
{
	char self[256];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < 2 && strrchr(self, '/'); i++)
		*strrchr(self, '/') = '\0';
	snprintf(out, size, "%s/%s", self, name);
}

static int write_config(const char *dir, char *path, size_t size)
{
	FILE *f;

	snprintf(path, size, "%s/idle.yaml", dir);
	f = fopen(path, "w");
	if (!f)
		return -errno;
	fprintf(f,
		"spans:\n  - span: 1\n    driver: virtual\n    connect: %s/e1.sock\n"
		"    side: user\n"
		"trunks:\n  - name: bench\n    bind: 127.0.0.1:15060\n    peer: 127.0.0.1:15070\n"
		"plan:\n  - name: out\n    from: span:1\n    to: trunk:bench\n"
		"control:\n  socket: %s/control.sock\n",
		dir, dir);
	return fclose(f) ? -errno : 0;
}

static void show_log(const char *path)
{
	char line[512];
	FILE *f = fopen(path, "r");

	fputs("idle: spanbridged ended by itself:\n", stderr);
	while (f && fgets(line, sizeof(line), f))
		fputs(line, stderr);
	if (f)
		fclose(f);
}

static int measure_gateway(const char *dir, struct usage *out)
{
	char config[300], socket_path[300], log_path[300];
	char core_program[300], pbx_program[300];
	char *core_argv[] = {core_program, (char *)"--config", config, NULL};
	char *pbx_argv[] = {pbx_program, (char *)"--socket", socket_path, (char *)"--json", NULL};
	struct usage before;
	pid_t pbx, core;
	int err = write_config(dir, config, sizeof(config));

	if (err)
		return err;
	find_program("spanbridged", core_program, sizeof(core_program));
	find_program("spanbridge-pbx", pbx_program, sizeof(pbx_program));
	snprintf(socket_path, sizeof(socket_path), "%s/e1.sock", dir);
	snprintf(log_path, sizeof(log_path), "%s/pbx.log", dir);
	pbx = spawn(pbx_argv, log_path);
	snprintf(log_path, sizeof(log_path), "%s/core.log", dir);
	core = spawn(core_argv, log_path);
	wait_until(clock_mono_us() + 3 * US_PER_S); /* D-channel up, everything touched once */
	before = read_usage(core);
	wait_until(clock_mono_us() + MEASURE_S * US_PER_S);
	*out = read_usage(core);
	out->cpu_s -= before.cpu_s;
	err = waitpid(core, NULL, WNOHANG) == 0 ? 0 : -ECHILD;
	if (err)
		show_log(log_path);
	if (!err)
		end(core);
	end(pbx);
	return err;
}

/* Both figures come from one run; the second bench takes what the first has measured. */
static int measure(struct usage *gateway, struct usage *floor)
{
	static struct usage seen[2];
	static bool done;
	char dir[] = "/tmp/spanbridge-bench-XXXXXX";
	int err = 0;

	if (!done) {
		if (!mkdtemp(dir))
			return -errno;
		err = measure_floor(&seen[1]);
		if (!err)
			err = measure_gateway(dir, &seen[0]);
		bench_remove_folder(dir);
		done = !err;
	}
	*gateway = seen[0];
	*floor = seen[1];
	return err;
}

int bench_idle_cpu(struct bench_report *report)
{
	struct usage gateway, floor;
	int err = measure(&gateway, &floor);

	report->value = 100 * gateway.cpu_s / MEASURE_S;
	report->floor = 100 * floor.cpu_s / MEASURE_S;
	report->unit = "percent_of_a_core";
	return err;
}

int bench_idle_memory(struct bench_report *report)
{
	struct usage gateway, floor;
	int err = measure(&gateway, &floor);

	report->value = gateway.private_mb;
	report->floor = floor.private_mb;
	report->unit = "MB_private";
	return err;
}
