/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/lab_rig.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/strbuf.h"
#include "gateway/lab/peer_udp.h"

enum {
	RTP_PORTS = 512,
	PARENT_MAX = 50,	/* octets of a folder's name that leave room for a socket's */
	STOP_US = 10 * 1000000, /* a program has this long to end when asked */
	KILL_US = 2 * 1000000,
};

static int say(struct lab_rig *rig, int error, const char *what)
{
	fprintf(stderr, "lab: %s: %s\n", what, strerror(-error));
	rig->error = error;
	return error;
}

static void path_join(char *out, size_t size, const char *dir, const char *name)
{
	struct strbuf b;

	strbuf_init(&b, out, size);
	strbuf_addf(&b, "%s/%s", dir, name);
}

/* ── before the programs ── */

static int find_programs(struct lab_rig *rig)
{
	ssize_t n;

	if (rig->cfg.programs) {
		str_copy(rig->programs, sizeof(rig->programs), rig->cfg.programs);
		return 0;
	}
	n = readlink("/proc/self/exe", rig->programs, sizeof(rig->programs) - 1);
	if (n <= 0)
		return say(rig, -errno, "/proc/self/exe");
	rig->programs[n] = '\0';
	*strrchr(rig->programs, '/') = '\0';
	return 0;
}

static int make_folder(struct lab_rig *rig)
{
	static const char *const log_name[LAB_CHILDREN] = {"exchange.log", "core.log",
							   "sip-peer.log"};
	const char *files = rig->cfg.keep, *parent = getenv("TMPDIR");

	/* The path of a UNIX socket has 100 octets at most. */
	if (!parent || strlen(parent) > PARENT_MAX)
		parent = "/tmp";
	path_join(rig->dir, sizeof(rig->dir), parent, "spanbridge-lab-XXXXXX");
	if (!mkdtemp(rig->dir)) {
		int error = -errno;

		rig->dir[0] = '\0';
		return say(rig, error, parent);
	}
	path_join(rig->e1_path, sizeof(rig->e1_path), rig->dir, "e1.sock");
	path_join(rig->control_path, sizeof(rig->control_path), rig->dir, "control.sock");
	if (files && mkdir(files, 0777) && errno != EEXIST)
		return say(rig, -errno, files);
	if (!files)
		files = rig->dir;
	path_join(rig->config_path, sizeof(rig->config_path), files, "spanbridge.yaml");
	path_join(rig->records_path, sizeof(rig->records_path), files, "calls.jsonl");
	for (int i = 0; i < LAB_CHILDREN; i++)
		path_join(rig->log_path[i], sizeof(rig->log_path[i]), files, log_name[i]);
	unlink(rig->records_path);
	return 0;
}

/* A port that is free now; whoever takes it first has it. */
static int free_port(struct net_addr *addr)
{
	int fd = peer_udp_open(addr);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int choose_addresses(struct lab_rig *rig)
{
	int error;

	net_addr_parse(&rig->core_sip, rig->cfg.ipv6 ? "::1" : "127.0.0.1");
	error = free_port(&rig->core_sip);
	if (error)
		return say(rig, error, rig->cfg.ipv6 ? "no IPv6 on this machine" : "UDP");
	/* Below the ports that the system gives out by itself. Both programs look for free ones
	 * within their range, so two labs may share one. */
	rig->rtp_core = (uint16_t)(10000 + rng_below(&rig->rng, 20) * 2 * RTP_PORTS);
	rig->rtp_peer = (uint16_t)(rig->rtp_core + RTP_PORTS);
	return 0;
}

static int watch(struct lab_rig *rig)
{
	sigset_t set;
	FILE *records;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	rig->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	rig->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	records = fopen(rig->records_path, "ae");
	if (rig->signal_fd < 0 || rig->watch_fd < 0 || !records)
		return say(rig, -errno, rig->records_path);
	fclose(records);
	rig->records.fd = open(rig->records_path, O_RDONLY | O_CLOEXEC);
	if (rig->records.fd < 0 ||
	    inotify_add_watch(rig->watch_fd, rig->records_path, IN_MODIFY) < 0)
		return say(rig, -errno, rig->records_path);
	return 0;
}

/* ── the programs ── */

static int start_child(struct lab_rig *rig, enum lab_source who, const char *program,
		       const char *const *args)
{
	char path[600], *argv[12];
	int error, n = 0;

	path_join(path, sizeof(path), rig->programs, program);
	argv[n++] = path;
	while (*args && n < 11)
		argv[n++] = (char *)(uintptr_t)*args++;
	argv[n] = NULL;
	error = lab_child_start(&rig->child[who], argv, rig->cfg.keep ? rig->log_path[who] : NULL);
	return error ? say(rig, error, path) : 0;
}

static int start_peer(struct lab_rig *rig)
{
	char gateway[NET_ADDR_TEXT], host[NET_ADDR_TEXT], ports[24];
	const char *args[] = {"sip-peer", "--gateway", gateway, "--sip", host,
			      "--rtp",	  ports,       "--law", "pcma",	 NULL};
	struct strbuf b;

	net_addr_format(&rig->core_sip, gateway);
	net_addr_format_host(&rig->core_sip, host);
	strbuf_init(&b, ports, sizeof(ports));
	strbuf_addf(&b, "%u-%u", rig->rtp_peer, rig->rtp_peer + RTP_PORTS - 1);
	if (rig->cfg.ulaw)
		args[8] = "pcmu";
	return start_child(rig, LAB_PEER, "spanbridge", args);
}

static int start_pbx(struct lab_rig *rig)
{
	const char *args[] = {"--socket", rig->e1_path, "--json", "--exit-on-eof", NULL};
	char span[12];
	struct strbuf b;

	strbuf_init(&b, span, sizeof(span));
	strbuf_addf(&b, "%u", rig->cfg.dahdi_pbx);
	if (rig->cfg.dahdi) {
		args[0] = "--dahdi-span";
		args[1] = span;
	}
	return start_child(rig, LAB_PBX, "spanbridge-pbx", args);
}

static int write_config(struct lab_rig *rig)
{
	char core[NET_ADDR_TEXT], peer[NET_ADDR_TEXT];
	FILE *f = fopen(rig->config_path, "we");

	if (!f)
		return say(rig, -errno, rig->config_path);
	/* Calls come as soon as the D-channel is up: a RESTART would meet and clear them. */
	fprintf(f, "# Written by spanbridge lab.\nspans:\n  - span: 1\n    side: user\n"
		   "    restart: never\n");
	if (rig->cfg.dahdi)
		fprintf(f, "    driver: dahdi\n    dahdi_span: %u\n", rig->cfg.dahdi_core);
	else
		fprintf(f, "    driver: virtual\n    connect: %s\n", rig->e1_path);
	fprintf(f, "trunks:\n  - name: lab\n    bind: \"%s\"\n    peer: \"%s\"\n    codecs: [%s]\n",
		net_addr_format(&rig->core_sip, core), net_addr_format(&rig->peer_sip, peer),
		rig->cfg.ulaw ? "PCMU" : "PCMA");
	fprintf(f, "plan:\n  - name: to-sip\n    from: span:1\n    to: trunk:lab\n"
		   "  - name: to-e1\n    from: trunk:lab\n    to: span:1\n");
	fprintf(f, "rtp:\n  ports: %u-%u\n", rig->rtp_core, rig->rtp_core + RTP_PORTS - 1);
	fprintf(f, "control:\n  socket: %s\nrecords:\n  file: \"%s\"\n", rig->control_path,
		rig->records_path);
	if (rig->cfg.capture)
		fprintf(f, "capture:\n  file: \"%s\"\n", rig->cfg.capture);
	fprintf(f, "log:\n  level: %s\n", rig->cfg.keep ? "debug" : "info");
	if (fclose(f))
		return say(rig, -errno, rig->config_path);
	return 0;
}

static int start_core(struct lab_rig *rig)
{
	const char *args[] = {"--config", rig->config_path, NULL};
	int error = write_config(rig);

	return error ? error : start_child(rig, LAB_CORE, "spanbridged", args);
}

/* Both ends must say that the D-channel is up: while one still sends SABME the other's first
 * SETUP is thrown away (Q.921 5.5.1.2). */
static void on_log_line(void *arg, const char *text)
{
	struct lab_rig *rig = arg;

	if (strstr(text, " span.dchannel_up "))
		rig->core_up = true;
	else if (strstr(text, " span.dchannel_down "))
		rig->core_up = false;
}

int lab_rig_start(struct lab_rig *rig, const struct lab_rig_cfg *cfg)
{
	static const char *const name[LAB_CHILDREN] = {"spanbridge-pbx", "spanbridged", "sip-peer"};
	int error;

	memset(rig, 0, sizeof(*rig));
	rig->cfg = *cfg;
	rig->signal_fd = rig->watch_fd = rig->records.fd = -1;
	for (int i = 0; i < LAB_CHILDREN; i++)
		lab_child_init(&rig->child[i], name[i]);
	rig->child[LAB_CORE].on_log = on_log_line;
	rig->child[LAB_CORE].on_log_arg = rig;
	rng_init_secure(&rig->rng);
	error = find_programs(rig);
	if (!error)
		error = make_folder(rig);
	if (!error)
		error = choose_addresses(rig);
	if (!error)
		error = watch(rig);
	if (!error)
		error = start_pbx(rig);
	if (!error)
		error = start_peer(rig); /* the core follows when we know the peer's port */
	return error;
}

bool lab_rig_is_up(const struct lab_rig *rig)
{
	return rig->pbx_up && rig->core_up;
}

/* ── events ── */

static void on_ready(struct lab_rig *rig, const json_t *event)
{
	const char *sip = json_string_value(json_object_get(event, "sip"));

	if (rig->peer_sip.family || !sip || net_addr_parse(&rig->peer_sip, sip))
		return;
	start_core(rig);
}

static void take_event(struct lab_rig *rig, enum lab_source source, const char *text)
{
	json_t *event = json_loads(text, 0, NULL);
	const char *name = json_string_value(json_object_get(event, "event"));

	if (source != LAB_RECORDS && rig->child[source].log)
		fprintf(rig->child[source].log, "%s\n", text);
	if (!json_is_object(event)) {
		if (*text)
			fprintf(stderr, "lab: %s says what is no JSON: %.200s\n",
				source == LAB_RECORDS ? "the record file" : rig->child[source].name,
				text);
		json_decref(event);
		return;
	}
	if (source == LAB_PEER && name && strcmp(name, "ready") == 0)
		on_ready(rig, event);
	if (source == LAB_PBX && name && (!strcmp(name, "up") || !strcmp(name, "down")))
		rig->pbx_up = name[0] == 'u';
	if (name && strcmp(name, "status") == 0)
		rig->synced[source] = true;
	if (rig->cfg.event)
		rig->cfg.event(rig->cfg.arg, source, event);
	json_decref(event);
}

static void on_pbx_line(void *arg, char *text)
{
	take_event(arg, LAB_PBX, text);
}

static void on_peer_line(void *arg, char *text)
{
	take_event(arg, LAB_PEER, text);
}

static void on_core_line(void *arg, char *text)
{
}

static void on_record_line(void *arg, char *text)
{
	take_event(arg, LAB_RECORDS, text);
}

/* A regular file has no end that stays: read what there is. */
static void read_records(struct lab_rig *rig)
{
	struct lab_stream *s = &rig->records;
	char text[4096], *end;
	ssize_t n;

	while (s->fd >= 0 && (n = read(s->fd, text, sizeof(text))) > 0) {
		for (char *at = text; at < text + n; at = end + 1) {
			end = memchr(at, '\n', (size_t)(text + n - at));
			if (!end)
				end = text + n;
			for (; at < end && s->len + 1 < sizeof(s->line); at++)
				s->line[s->len++] = *at;
			if (end == text + n)
				break;
			s->line[s->len] = '\0';
			s->len = 0;
			on_record_line(rig, s->line);
		}
	}
}

static void read_signals(struct lab_rig *rig)
{
	struct signalfd_siginfo info;

	while (read(rig->signal_fd, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			rig->interrupted = true;
}

static int reap(struct lab_rig *rig)
{
	char text[80];
	int error = 0;

	for (int i = 0; i < LAB_CHILDREN; i++) {
		struct lab_child *c = &rig->child[i];
		bool running = c->pid != 0;

		if (!lab_child_reap(c) || !running || rig->stopping)
			continue;
		fprintf(stderr, "lab: %s ended by itself: %s. Its last lines:\n", c->name,
			lab_child_end_text(c, text, sizeof(text)));
		lab_child_print_tail(c, stderr);
		c->told = true;
		error = -ECHILD;
	}
	return error;
}

static void read_children(struct lab_rig *rig)
{
	static const lab_line_fn fn[LAB_CHILDREN] = {on_pbx_line, on_core_line, on_peer_line};

	for (int i = 0; i < LAB_CHILDREN; i++) {
		lab_child_read_err(&rig->child[i]);
		lab_child_read_out(&rig->child[i], fn[i], rig);
	}
}

int lab_rig_wait(struct lab_rig *rig, int64_t until_us)
{
	struct pollfd fds[2 + 2 * LAB_CHILDREN] = {{.fd = rig->signal_fd, .events = POLLIN},
						   {.fd = rig->watch_fd, .events = POLLIN}};
	int64_t wait_us = until_us - clock_mono_us();
	struct timespec wait;
	char notices[4096];
	int n, error;

	for (int i = 0; i < LAB_CHILDREN; i++) {
		fds[2 + 2 * i] = (struct pollfd){.fd = rig->child[i].out.fd, .events = POLLIN};
		fds[3 + 2 * i] = (struct pollfd){.fd = rig->child[i].err.fd, .events = POLLIN};
	}
	if (wait_us < 0)
		wait_us = 0;
	wait = (struct timespec){.tv_sec = (time_t)(wait_us / US_PER_S),
				 .tv_nsec = (long)(wait_us % US_PER_S) * 1000};
	n = ppoll(fds, 2 + 2 * LAB_CHILDREN, until_us == TIME_NEVER_US ? NULL : &wait, NULL);
	if (n < 0 && errno != EINTR)
		return -errno;
	if (n == 0)
		return -ETIME;
	while (read(rig->watch_fd, notices, sizeof(notices)) > 0)
		;
	read_signals(rig);
	read_children(rig);
	read_records(rig);
	error = reap(rig);
	if (rig->interrupted && !rig->stopping)
		return -EINTR;
	return error ? error : rig->error;
}

int lab_rig_command(struct lab_rig *rig, enum lab_source to, json_t *command)
{
	char *text = command ? json_dumps(command, JSON_COMPACT) : NULL;
	int error = text ? lab_child_write(&rig->child[to], text) : -ENOMEM;

	free(text);
	json_decref(command);
	return error;
}

int lab_rig_sync(struct lab_rig *rig, int64_t until_us)
{
	static const enum lab_source both[] = {LAB_PBX, LAB_PEER};
	int error = 0;

	for (int i = 0; i < 2 && !error; i++) {
		rig->synced[both[i]] = false;
		error = lab_rig_command(rig, both[i], json_pack("{ss}", "cmd", "status"));
	}
	while (!error && !(rig->synced[LAB_PBX] && rig->synced[LAB_PEER]))
		error = lab_rig_wait(rig, until_us);
	return error;
}

/* ── the end ── */

static bool wait_ended(struct lab_rig *rig, enum lab_source who, int64_t until_us)
{
	while (rig->child[who].pid && clock_mono_us() < until_us)
		lab_rig_wait(rig, until_us);
	return rig->child[who].pid == 0;
}

static int stop_child(struct lab_rig *rig, enum lab_source who)
{
	struct lab_child *c = &rig->child[who];
	char text[80];

	if (!c->started)
		return 0;
	if (c->told)
		return -1;
	if (who == LAB_PEER && c->in >= 0) { /* ends with its input, and in order */
		close(c->in);
		c->in = -1;
	} else if (c->pid) {
		kill(c->pid, SIGTERM);
	}
	if (!wait_ended(rig, who, clock_mono_us() + STOP_US)) {
		fprintf(stderr, "lab: %s does not end when asked; killed. Its last lines:\n",
			c->name);
		lab_child_print_tail(c, stderr);
		kill(c->pid, SIGKILL);
		wait_ended(rig, who, clock_mono_us() + KILL_US);
		return -1;
	}
	/* A program that does not catch SIGTERM has ended as asked, too. */
	if ((WIFEXITED(c->status) && WEXITSTATUS(c->status) == 0) ||
	    (WIFSIGNALED(c->status) && WTERMSIG(c->status) == SIGTERM))
		return 0;
	fprintf(stderr, "lab: %s ended badly: %s. Its last lines:\n", c->name,
		lab_child_end_text(c, text, sizeof(text)));
	lab_child_print_tail(c, stderr);
	return -1;
}

static void remove_folder(struct lab_rig *rig)
{
	DIR *dir = rig->dir[0] ? opendir(rig->dir) : NULL;
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(rig->dir);
}

int lab_rig_stop(struct lab_rig *rig)
{
	int error;

	rig->stopping = true;
	/* The outer two first: the core sees its calls end in order. */
	error = stop_child(rig, LAB_PEER);
	error |= stop_child(rig, LAB_PBX);
	error |= stop_child(rig, LAB_CORE);
	for (int i = 0; i < LAB_CHILDREN; i++)
		lab_child_close(&rig->child[i]);
	if (rig->signal_fd >= 0)
		close(rig->signal_fd);
	if (rig->watch_fd >= 0)
		close(rig->watch_fd);
	if (rig->records.fd >= 0)
		close(rig->records.fd);
	remove_folder(rig);
	return error;
}
