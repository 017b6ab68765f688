/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Socket spans in real time, through the same calls as the gateway's threads make. Nothing here
 * asks how long anything took: each test waits for what must happen, half a minute at most.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "hw/t1e1/e1_virt.h"
#include "hw/t1e1/e1_virt_link.h"
#include "tests/unit/t1e1/numbered.h"
#include "tests/unit/t1e1/scratch.h"
#include "tests/unit/t1e1/t1e1_tests.h"

enum { TS = 31, GUARD_MS = 30000 };

void scratch_init(struct scratch *s)
{
	snprintf(s->folder, sizeof(s->folder), "/tmp/e1-test-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(s->path, sizeof(s->path), "%s/e1", s->folder);
}

void scratch_fini(struct scratch *s)
{
	unlink(s->path);
	assert_int_equal(rmdir(s->folder), 0);
}

/* ── one end ── */

struct end {
	struct e1_span span;
	struct numbered n;
	uint8_t frames_sent, frames_read;
};

static int end_open(struct end *e, const char *path, bool listen, bool master, uint8_t who)
{
	const struct e1_virt_socket_cfg cfg = {
	    .path = path, .listen = listen, .clock_master = master};
	const char *why;
	int rc;

	memset(e, 0, sizeof(*e));
	e->n.who = who;
	rc = e1_virt_socket_open(&e->span, 1, &cfg, &why);
	if (!rc) {
		assert_null(why);
		e->span.ops->ts_enable(&e->span, TS, true);
	}
	return rc;
}

static uint32_t end_alarms(struct end *e)
{
	struct e1_line line;

	e->span.ops->line(&e->span, &line);
	return line.alarms;
}

static void end_send(struct end *e)
{
	uint8_t frame[5] = {e->n.who, e->frames_sent, 1, 2, 3};

	if (!e->span.ops->dchan_send(&e->span, frame, sizeof(frame)))
		e->frames_sent++;
}

static void end_read(struct end *e)
{
	uint8_t frame[E1_DCHAN_FRAME_MAX];

	while (e->span.ops->dchan_recv(&e->span, frame, sizeof(frame)) > 0) {
		assert_int_not_equal(frame[0], e->n.who);
		e->frames_read++;
	}
}

/* Waits for something to do at any of the ends, and does it. */
static void ends_turn(struct end *const *ends, unsigned count)
{
	struct pollfd fds[8] = {0};

	for (unsigned i = 0; i < count; i++) {
		fds[2 * i].fd = ends[i]->span.ops->pace_fd(&ends[i]->span);
		fds[2 * i + 1].fd = ends[i]->span.ops->dchan_fd(&ends[i]->span);
		fds[2 * i].events = fds[2 * i + 1].events = POLLIN;
	}
	assert_true(poll(fds, 2 * count, GUARD_MS) > 0);
	for (unsigned i = 0; i < count; i++) {
		if (fds[2 * i].revents)
			ends[i]->span.ops->run(&ends[i]->span, clock_mono_us(), numbered_block,
					       &ends[i]->n);
		if (fds[2 * i + 1].revents)
			end_read(ends[i]);
	}
}

static void end_close(struct end *e)
{
	e->span.ops->close(&e->span);
}

void socket_works_in_all_four_forms(void **state)
{
	for (int form = 0; form < 4; form++) {
		struct scratch scratch;
		struct end a, b, *both[] = {&a, &b};

		scratch_init(&scratch);
		/* The one that connects comes first: it waits without an error. */
		assert_int_equal(end_open(&b, scratch.path, false, !(form & 1), 0x22), 0);
		for (int i = 0; i < 2; i++)
			ends_turn(both + 1, 1);
		assert_int_equal(end_alarms(&b), E1_ALARM_LOS);
		assert_int_equal(end_open(&a, scratch.path, true, form & 1, 0x11), 0);
		while (a.n.read < 10 || b.n.read < 10 || end_alarms(&a) || end_alarms(&b))
			ends_turn(both, 2);
		while (!a.frames_sent || !b.frames_sent) {
			end_send(&a);
			end_send(&b);
			ends_turn(both, 2);
		}
		while (a.frames_read < b.frames_sent || b.frames_read < a.frames_sent)
			ends_turn(both, 2);
		assert_int_equal(a.n.unexplained + b.n.unexplained, 0);
		if (form & 2) {
			/* The listener goes and comes back. */
			end_close(&a);
			while (!(end_alarms(&b) & E1_ALARM_LOS))
				ends_turn(both + 1, 1);
			assert_int_equal(end_open(&a, scratch.path, true, form & 1, 0x11), 0);
			a.n.any_start = true;
			b.n.expected = 0;
			while (a.n.read < 5 || (end_alarms(&b) & E1_ALARM_LOS))
				ends_turn(both, 2);
		}
		end_close(&a);
		end_close(&b);
		scratch_fini(&scratch);
	}
}

/* ── opening ── */

static int try_open(const char *path, const char **why)
{
	const struct e1_virt_socket_cfg cfg = {.path = path, .listen = true};
	struct e1_span span;
	int rc = e1_virt_socket_open(&span, 1, &cfg, why);

	assert_true(rc < 0);
	assert_non_null(*why);
	assert_null(span.ops);
	return rc;
}

void socket_explains_what_it_cannot_open(void **state)
{
	struct scratch scratch;
	char path[200];
	const char *why;
	struct end first;
	struct stat st;
	int fd;

	scratch_init(&scratch);
	memset(path, 'x', sizeof(path));
	path[101] = '\0';
	assert_int_equal(try_open(path, &why), -ENAMETOOLONG);
	assert_int_equal(try_open("", &why), -ENAMETOOLONG);
	snprintf(path, sizeof(path), "%s/no/such", scratch.folder);
	assert_int_equal(try_open(path, &why), -ENOENT);
	/* A file that is no socket is not ours to remove. */
	fd = open(scratch.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(try_open(scratch.path, &why), -EADDRINUSE);
	assert_int_equal(stat(scratch.path, &st), 0);
	unlink(scratch.path);
	/* Nor is a socket that somebody listens on. */
	assert_int_equal(end_open(&first, scratch.path, true, true, 1), 0);
	assert_int_equal(try_open(scratch.path, &why), -EADDRINUSE);
	assert_int_equal(stat(scratch.path, &st), 0);
	/* 100 octets are allowed, and there is room for the second path. */
	memset(path, 'x', sizeof(path));
	memcpy(path, scratch.folder, strlen(scratch.folder));
	path[strlen(scratch.folder)] = '/';
	path[100] = '\0';
	end_close(&first);
	assert_int_equal(end_open(&first, path, true, true, 1), 0);
	end_close(&first);
	assert_int_equal(stat(path, &st), -1);
	scratch_fini(&scratch);
}

void socket_replaces_a_stale_file(void **state)
{
	struct scratch scratch;
	struct end end;
	struct stat st;
	pid_t child;
	int status;

	scratch_init(&scratch);
	child = fork();
	if (child == 0) {
		/* Killed programs remove nothing. */
		_exit(end_open(&end, scratch.path, true, true, 1) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(stat(scratch.path, &st), 0);
	assert_int_equal(end_open(&end, scratch.path, true, true, 1), 0);
	end_close(&end);
	assert_int_equal(stat(scratch.path, &st), -1);
	scratch_fini(&scratch);
}

/* ── strangers ── */

static int stranger(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* True when the other side has hung up; its hello may come first. */
static bool hung_up(int fd)
{
	uint8_t octets[64];

	for (;;) {
		ssize_t n = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);

		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return true;
		if (n < 0)
			return false;
	}
}

static void refused_after(struct end *e, const char *path, const void *message, size_t len)
{
	int fd = stranger(path);

	if (len)
		assert_int_equal(send(fd, message, len, MSG_NOSIGNAL), len);
	while (!hung_up(fd))
		ends_turn(&e, 1);
	close(fd);
	assert_int_equal(end_alarms(e), E1_ALARM_LOS);
}

void socket_turns_strangers_away(void **state)
{
	struct e1_wire_hello hello = {E1_WIRE_AUDIO, false, 77};
	uint8_t message[3000] = "GET / HTTP/1.0";
	struct scratch scratch;
	struct end master, slave, *both[] = {&master, &slave};
	struct e1_line line;
	int fd;

	scratch_init(&scratch);
	assert_int_equal(end_open(&master, scratch.path, true, true, 1), 0);
	refused_after(&master, scratch.path, message, 14);
	refused_after(&master, scratch.path, message, sizeof(message));
	hello.clock_master = true; /* so is the other end */
	e1_wire_hello_encode(&hello, message);
	refused_after(&master, scratch.path, message, E1_WIRE_HELLO_OCTETS);
	hello.clock_master = false;
	hello.purpose = E1_WIRE_DCHAN;
	e1_wire_hello_encode(&hello, message);
	refused_after(&master, scratch.path, message, E1_WIRE_HELLO_OCTETS);
	message[1] = 99; /* a version to come */
	refused_after(&master, scratch.path, message, E1_WIRE_HELLO_OCTETS);
	refused_after(&master, scratch.path, NULL, 0); /* says nothing */
	master.span.ops->line(&master.span, &line);
	assert_int_equal(line.bad_blocks, 3);
	/* The right one still finds its place, and keeps it. */
	assert_int_equal(end_open(&slave, scratch.path, false, false, 2), 0);
	while (slave.n.read < 5)
		ends_turn(both, 2);
	fd = stranger(scratch.path);
	while (!hung_up(fd))
		ends_turn(both, 2);
	close(fd);
	while (slave.n.read < 10)
		ends_turn(both, 2);
	assert_int_equal(slave.n.lost, 0);
	end_close(&slave);
	end_close(&master);
	scratch_fini(&scratch);
}

/* ── processes ── */

static pid_t start_peer(const char *path, bool listen, bool master)
{
	pid_t child = fork();

	if (child == 0) {
		struct end end, *ends[] = {&end};

		alarm(60);
		if (end_open(&end, path, listen, master, 0x77))
			_exit(1);
		end.n.any_start = true;
		for (;;) {
			end_send(&end);
			ends_turn(ends, 1);
		}
	}
	assert_true(child > 0);
	return child;
}

static void kill_peer(pid_t child, int signal_number)
{
	int status;

	assert_int_equal(kill(child, signal_number), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), signal_number);
}

void socket_survives_a_killed_peer(void **state)
{
	for (int form = 0; form < 4; form++) {
		const bool listening = form & 1, master = form & 2;
		struct scratch scratch;
		struct end end, *ends[] = {&end};
		uint64_t told = 0;

		scratch_init(&scratch);
		assert_int_equal(end_open(&end, scratch.path, listening, master, 0x33), 0);
		for (int life = 0; life < 2; life++) {
			pid_t child = start_peer(scratch.path, !listening, !master);
			uint64_t until = end.n.read + 8;
			uint8_t frames = end.frames_read;

			/* Its numbers begin anew with each life. */
			end.n.expected = 0;
			while (end.n.read < until || end.frames_read == frames) {
				end_send(&end);
				ends_turn(ends, 1);
			}
			kill_peer(child, SIGKILL);
			while (!(end_alarms(&end) & E1_ALARM_LOS)) {
				end_send(&end);
				ends_turn(ends, 1);
			}
			assert_true(end.n.told_missed >= told);
			told = end.n.told_missed;
		}
		end_close(&end);
		unlink(scratch.path);
		if (!listening) {
			char dchan[64];

			snprintf(dchan, sizeof(dchan), "%s.d", scratch.path);
			unlink(dchan);
		}
		scratch_fini(&scratch);
	}
}

/* ── threads ── */

struct threaded {
	struct end end;
	atomic_bool stop;
	atomic_uint blocks, frames;
	pthread_t worker, control;
};

static void *worker_main(void *arg)
{
	struct threaded *t = arg;
	struct e1_span *s = &t->end.span;
	struct pollfd fd = {.fd = s->ops->pace_fd(s), .events = POLLIN};
	struct e1_line line;

	while (!atomic_load(&t->stop)) {
		poll(&fd, 1, 100);
		s->ops->run(s, clock_mono_us(), numbered_block, &t->end.n);
		s->ops->line(s, &line);
		s->ops->ts_enable(s, 5, line.blocks & 1);
		s->ops->ts_enable(s, 5, false);
		atomic_store(&t->blocks, (unsigned)t->end.n.read);
	}
	return NULL;
}

static void *control_main(void *arg)
{
	struct threaded *t = arg;
	struct e1_span *s = &t->end.span;

	while (!atomic_load(&t->stop)) {
		struct pollfd fd = {.fd = s->ops->dchan_fd(s), .events = POLLIN};

		end_send(&t->end);
		poll(&fd, 1, 5);
		end_read(&t->end);
		atomic_store(&t->frames, t->end.frames_read);
	}
	return NULL;
}

void socket_threads_share_nothing(void **state)
{
	struct scratch scratch;
	struct threaded t[2] = {0};

	scratch_init(&scratch);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(end_open(&t[i].end, scratch.path, !i, !i, (uint8_t)(3 + i)), 0);
		assert_int_equal(pthread_create(&t[i].worker, NULL, worker_main, &t[i]), 0);
		assert_int_equal(pthread_create(&t[i].control, NULL, control_main, &t[i]), 0);
	}
	for (int i = 0; i < 2; i++)
		for (int ms = 0; atomic_load(&t[i].blocks) < 20 || atomic_load(&t[i].frames) < 10;
		     ms++) {
			assert_true(ms < GUARD_MS);
			poll(NULL, 0, 1);
		}
	for (int i = 0; i < 2; i++)
		atomic_store(&t[i].stop, true);
	for (int i = 0; i < 2; i++) {
		pthread_join(t[i].worker, NULL);
		pthread_join(t[i].control, NULL);
		assert_int_equal(t[i].end.n.unexplained, 0);
	}
	for (int i = 0; i < 2; i++)
		end_close(&t[i].end);
	scratch_fini(&scratch);
}
