/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor beside which the gateway's CPU time is put: of each channel of a span, each block is
 * read and one is written, and for each one RTP packet is received and one sent. Nothing else.
 *
 *   dahdi-floor SPAN CHANNELS SECONDS    prints the CPU time of that, in microseconds
 *
 * A child process is the RTP peer; its time does not count.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "hw/t1e1/e1_dahdi_chan.h"

enum { PACKET_OCTETS = 12 + E1_BLOCK_OCTETS, QUEUED = 2 };

struct channel {
	int line, rtp, far; /* descriptors; far: the peer's end of rtp */
};

static struct channel channel[E1_TIMESLOTS];
static unsigned count;

static void fail(const char *what)
{
	fprintf(stderr, "dahdi-floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int bound_socket(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(*at);

	*at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof(*at)) ||
	    getsockname(fd, (struct sockaddr *)at, &len))
		fail("UDP");
	return fd;
}

static void connect_pair(struct channel *c)
{
	struct sockaddr_in near, far;

	c->rtp = bound_socket(&near);
	c->far = bound_socket(&far);
	if (connect(c->rtp, (struct sockaddr *)&far, sizeof(far)) ||
	    connect(c->far, (struct sockaddr *)&near, sizeof(near)))
		fail("UDP");
}

static void open_channels(unsigned span, unsigned wanted)
{
	const struct e1_dahdi_cfg cfg = {.dahdi_span = (uint16_t)span};
	struct e1_dahdi_channel ch[E1_TIMESLOTS];
	uint8_t idle[E1_BLOCK_OCTETS];
	int ctl = e1_dahdi_ctl_open();

	memset(idle, E1_IDLE_OCTET, sizeof(idle));
	if (ctl < 0 || e1_dahdi_find(ctl, (uint16_t)span, ch) < 0)
		fail("span");
	for (unsigned ts = 1; ts < E1_TIMESLOTS && count < wanted; ts++) {
		struct channel *c = &channel[count];

		if (!e1_dahdi_is_clear(&ch[ts]))
			continue;
		c->line = e1_dahdi_bchan_open(&ch[ts], &cfg);
		if (c->line < 0)
			fail("channel");
		connect_pair(c);
		count++;
	}
	for (unsigned i = 0; i < count; i++) {
		e1_dahdi_flush(channel[i].line);
		for (int n = 0; n < QUEUED; n++)
			if (write(channel[i].line, idle, sizeof(idle)) < 0)
				fail("write");
	}
}

/* One packet to each channel every 20 ms, whatever comes back is thrown away. */
static void run_peer(void)
{
	const struct itimerspec every = {.it_value.tv_nsec = E1_BLOCK_US * 1000,
					 .it_interval.tv_nsec = E1_BLOCK_US * 1000};
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	uint8_t packet[PACKET_OCTETS] = {0x80, 8};
	uint64_t due;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	timerfd_settime(timer, 0, &every, NULL);
	while (read(timer, &due, sizeof(due)) == sizeof(due)) {
		for (unsigned i = 0; i < count; i++) {
			if (send(channel[i].far, packet, sizeof(packet), 0) < 0)
				continue;
			while (recv(channel[i].far, packet, sizeof(packet), 0) > 0)
				;
		}
	}
}

static int run_block(struct channel *c)
{
	uint8_t block[E1_BLOCK_OCTETS], in[PACKET_OCTETS], out[PACKET_OCTETS] = {0x80, 8};

	if (read(c->line, block, sizeof(block)) != E1_BLOCK_OCTETS)
		return 0;
	memcpy(out + 12, block, sizeof(block));
	if (recv(c->rtp, in, sizeof(in), 0) == PACKET_OCTETS)
		memcpy(block, in + 12, sizeof(block));
	if (send(c->rtp, out, sizeof(out), 0) < 0 && errno != ECONNREFUSED)
		fail("send");
	return write(c->line, block, sizeof(block)) > 0;
}

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned run(double until)
{
	struct epoll_event ready[E1_TIMESLOTS];
	int set = epoll_create1(0);
	unsigned blocks = 0;

	for (unsigned i = 0; i < count; i++) {
		struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};

		epoll_ctl(set, EPOLL_CTL_ADD, channel[i].line, &e);
	}
	while (seconds_of(CLOCK_MONOTONIC) < until) {
		int n = epoll_wait(set, ready, E1_TIMESLOTS, 100);

		for (int i = 0; i < n; i++)
			blocks += (unsigned)run_block(&channel[ready[i].data.u32]);
	}
	close(set);
	return blocks;
}

int main(int argc, char **argv)
{
	double seconds = argc == 4 ? strtod(argv[3], NULL) : 0, cpu;
	unsigned blocks;
	pid_t peer;

	if (seconds <= 0) {
		fputs("usage: dahdi-floor SPAN CHANNELS SECONDS\n", stderr);
		return 2;
	}
	open_channels((unsigned)strtoul(argv[1], NULL, 10), (unsigned)strtoul(argv[2], NULL, 10));
	peer = fork();
	if (peer == 0) {
		run_peer();
		_exit(0);
	}
	run(seconds_of(CLOCK_MONOTONIC) + 1); /* all of it has been used once */
	cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	blocks = run(seconds_of(CLOCK_MONOTONIC) + seconds);
	cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
	printf("{\"cpu_us\": %.0f, \"blocks\": %u}\n", cpu * 1e6, blocks);
	return 0;
}
