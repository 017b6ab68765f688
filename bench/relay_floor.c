/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The least that relaying RTP can cost with plain sockets: per call one connected UDP socket, a
 * ring of eight packets as jitter buffer, a copy in, a copy out. No code of the project, nor its
 * clock: the kernel is asked directly.
 * Each 20 ms, per call: receive until nothing is left, lay down by sequence number, take the
 * packet that is due two later into the "timeslot", and send the "timeslot's" octets.
 */
#include "bench/relay_floor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 12, OCTETS = 160, RING = 8, DELAY = 2, CALLS_MAX = 4096 };

static int open_socket(uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    getsockname(fd, (struct sockaddr *)&a, &len))
		return -1;
	*port = ntohs(a.sin_port);
	return fd;
}

static void next_tick(struct timespec *at)
{
	at->tv_nsec += RELAY_TICK_US * 1000;
	if (at->tv_nsec >= 1000000000) {
		at->tv_nsec -= 1000000000;
		at->tv_sec++;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, at, NULL))
		;
}

static double cpu_us(void)
{
	struct timespec t;

	syscall(SYS_clock_gettime, CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void set_header(uint8_t *p, uint16_t seq, uint32_t ssrc)
{
	uint32_t ts = htonl(seq * 160u);

	p[0] = 0x80;
	p[1] = 8;
	p[2] = (uint8_t)(seq >> 8);
	p[3] = (uint8_t)seq;
	memcpy(p + 4, &ts, 4);
	memcpy(p + 8, &ssrc, 4);
}

/* ── peers ── */

static void peers_run(unsigned calls, const int *fd)
{
	uint8_t in[2048], out[HEADER + OCTETS];
	static char heard[CALLS_MAX];
	struct timespec at;

	memset(out, 0xd5, sizeof(out));
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &at);
	for (uint16_t seq = 0;; seq++) {
		for (unsigned i = 0; i < calls; i++) {
			struct sockaddr_in from;
			socklen_t len = sizeof(from);
			ssize_t n;

			while ((n = recvfrom(fd[i], in, sizeof(in), 0, (struct sockaddr *)&from,
					     &len)) >= 0) {
				if (!heard[i] && n > HEADER && (in[1] & 0x7f) == 8)
					heard[i] = !connect(fd[i], (struct sockaddr *)&from, len);
				len = sizeof(from);
			}
			set_header(out, seq, i);
			if (heard[i] && send(fd[i], out, sizeof(out), 0) < 0)
				heard[i] = 1; /* refused: the relay is gone, we end soon */
		}
		next_tick(&at);
	}
}

pid_t relay_peers_start(unsigned calls, uint16_t *port, int *hold)
{
	int *fd = calloc(calls, sizeof(*fd)), ends[2];
	pid_t pid;

	if (!fd || calls > CALLS_MAX || pipe(ends))
		return -ENOMEM;
	for (unsigned i = 0; i < calls; i++)
		if ((fd[i] = open_socket(&port[i])) < 0)
			return -errno;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* whatever happens to the bench */
		close(ends[1]);
		peers_run(calls, fd);
		_exit(0);
	}
	close(ends[0]);
	for (unsigned i = 0; i < calls; i++)
		close(fd[i]);
	free(fd);
	*hold = ends[1];
	return pid;
}

/* ── the floor ── */

struct floor_call {
	int fd;
	uint16_t seq, due;
	int started;
	uint8_t ring[RING][OCTETS];
	uint8_t have[RING];
	uint8_t rx[OCTETS], tx[OCTETS]; /* the timeslot */
	uint8_t packet[HEADER + OCTETS];
};

static unsigned floor_tick(struct floor_call *c)
{
	uint8_t in[2048];
	unsigned got = 0;
	ssize_t n;

	while ((n = recv(c->fd, in, sizeof(in), 0)) > 0) {
		uint16_t seq = (uint16_t)(in[2] << 8 | in[3]);

		if (n != HEADER + OCTETS || in[0] != 0x80)
			continue;
		if (!c->started)
			c->due = (uint16_t)(seq - DELAY);
		c->started = 1;
		memcpy(c->ring[seq % RING], in + HEADER, OCTETS);
		c->have[seq % RING] = 1;
		got++;
	}
	if (c->have[c->due % RING])
		memcpy(c->tx, c->ring[c->due % RING], OCTETS);
	else
		memset(c->tx, 0xd5, OCTETS);
	c->have[c->due++ % RING] = 0;
	set_header(c->packet, c->seq++, 1);
	memcpy(c->packet + HEADER, c->rx, OCTETS);
	if (send(c->fd, c->packet, sizeof(c->packet), 0) < 0)
		c->started |= 2;
	return got;
}

double relay_floor(unsigned calls, const uint16_t *port, unsigned warm, unsigned ticks,
		   uint64_t *received)
{
	struct floor_call *call = calloc(calls, sizeof(*call));
	struct timespec at;
	double begin = 0;
	uint16_t own;

	for (unsigned i = 0; call && i < calls; i++) {
		struct sockaddr_in a = {.sin_family = AF_INET,
					.sin_addr = {htonl(INADDR_LOOPBACK)},
					.sin_port = htons(port[i])};

		call[i].fd = open_socket(&own);
		if (call[i].fd < 0 || connect(call[i].fd, (struct sockaddr *)&a, sizeof(a)))
			return -1;
		memset(call[i].rx, (int)i, OCTETS);
	}
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &at);
	for (unsigned t = 0; call && t < ticks; t++) {
		if (t == warm) {
			*received = 0;
			begin = cpu_us();
		}
		for (unsigned i = 0; i < calls; i++)
			*received += floor_tick(&call[i]);
		next_tick(&at);
	}
	begin = cpu_us() - begin;
	for (unsigned i = 0; call && i < calls; i++)
		close(call[i].fd);
	free(call);
	return begin;
}
