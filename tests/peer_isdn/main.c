/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer-isdn SOCKET network|user: the script player as a process, for tests with real programs. It
 * makes the virtual E1 and is its clock master. Layer 2 runs by itself; messages are hex, from the
 * protocol discriminator on, one line each:
 *
 *   stdin    send 08020001…      listen TIMESLOT OCTET      cut      mend
 *   stdout   up      down        recv 08028001…
 *
 * Ends with its stdin.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "hw/t1e1/e1_virt.h"
#include "tests/peer_isdn/peer.h"

enum { LINE_MAX_OCTETS = 2 * Q931_MAX + 32, TURN_MS_MAX = 1000 };

static struct peer peer;

static void die(const char *why)
{
	fprintf(stderr, "peer-isdn: %s\n", why);
	exit(1);
}

static void failed(const char *file, int line)
{
	fprintf(stderr, "%s:%d\n", file, line);
	exit(1);
}

static void send_hex(const char *hex)
{
	uint8_t octets[Q931_MAX];
	size_t n = 0;
	unsigned octet;

	for (; n < sizeof(octets) && sscanf(hex, "%2x", &octet) == 1; hex += 2)
		octets[n++] = (uint8_t)octet;
	peer_send_octets(&peer, octets, n);
}

static void command(const char *line)
{
	unsigned ts, octet;

	if (strncmp(line, "send ", 5) == 0)
		send_hex(line + 5);
	else if (sscanf(line, "listen %u %x", &ts, &octet) == 2 && ts < E1_TIMESLOTS)
		peer_listen(&peer, ts, (uint8_t)octet);
	else if (strcmp(line, "cut") == 0)
		lapd_cut(&peer.lapd);
	else if (strcmp(line, "mend") == 0)
		lapd_mend(&peer.lapd, peer.now_us);
	else
		die("a line on stdin is no command");
}

/* false: stdin has ended. */
static bool read_commands(void)
{
	static char text[LINE_MAX_OCTETS];
	static size_t len;
	ssize_t n = read(STDIN_FILENO, text + len, sizeof(text) - 1 - len);
	char *end;

	if (n <= 0)
		return false;
	len += (size_t)n;
	text[len] = '\0';
	while ((end = strchr(text, '\n')) != NULL) {
		*end++ = '\0';
		command(text);
		len -= (size_t)(end - text);
		memmove(text, end, len + 1);
	}
	if (len == sizeof(text) - 1)
		die("a line on stdin is too long");
	return true;
}

static void tell(void)
{
	static bool up;
	const struct peer_frame *frame;

	if (up != peer.lapd.up)
		puts(peer.lapd.up ? "up" : "down");
	up = peer.lapd.up;
	for (; peer.waiting; peer.waiting--) {
		frame = &peer.inbox[peer.first];
		peer.first = (peer.first + 1) % PEER_INBOX;
		fputs("recv ", stdout);
		for (size_t i = 0; i < frame->len; i++)
			printf("%02x", frame->octets[i]);
		puts("");
	}
	fflush(stdout);
}

static int until_ms(int64_t now_us)
{
	int64_t ms = (peer_next_us(&peer) - now_us + 999) / 1000;

	return ms < 0 ? 0 : ms > TURN_MS_MAX ? TURN_MS_MAX : (int)ms;
}

int main(int argc, char **argv)
{
	struct e1_span e1;
	struct e1_virt_socket_cfg cfg = {.listen = true, .clock_master = true};
	const char *why = "";

	if (argc != 3)
		die("usage: peer-isdn SOCKET network|user");
	cfg.path = argv[1];
	if (e1_virt_socket_open(&e1, 1, &cfg, &why))
		die(why);
	peer_init(&peer, "peer-isdn", strcmp(argv[2], "network") == 0, &e1);
	peer.fail = failed;
	peer.lapd.passive = true;
	peer_start(&peer, clock_mono_us());
	for (bool more = true; more;) {
		struct pollfd fd[3] = {{.fd = STDIN_FILENO, .events = POLLIN},
				       {.fd = e1.ops->pace_fd(&e1), .events = POLLIN},
				       {.fd = e1.ops->dchan_fd(&e1), .events = POLLIN}};
		int64_t now_us;

		tell();
		poll(fd, 3, until_ms(clock_mono_us()));
		now_us = clock_mono_us();
		if (fd[1].revents)
			peer_block(&peer, now_us);
		peer_turn(&peer, now_us);
		if (fd[0].revents)
			more = read_commands();
	}
	e1.ops->close(&e1);
	return 0;
}
