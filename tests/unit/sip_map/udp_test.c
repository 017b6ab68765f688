/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets, on loopback; and who sees the datagrams. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "src/sip_map/transport/sip_udp.h"
#include "tests/unit/sip_map/raw_peer.h"
#include "tests/unit/sip_map/tests.h"

enum { GUARD_MS = 30000 };

struct inbox {
	unsigned count;
	struct net_addr from;
	char last[64];
};

static void on_datagram(void *arg, const struct net_addr *from, const char *msg, size_t len)
{
	struct inbox *in = arg;

	in->count++;
	in->from = *from;
	assert_true(len < sizeof(in->last));
	memcpy(in->last, msg, len);
	in->last[len] = '\0';
}

static void wait_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	assert_int_equal(poll(&p, 1, GUARD_MS), 1);
}

static void exchange(const char *address)
{
	struct net_addr a, b;
	struct inbox in = {0};
	int fd_a, fd_b;

	assert_int_equal(net_addr_parse(&a, address), 0);
	b = a;
	fd_a = sip_udp_open(&a);
	fd_b = sip_udp_open(&b);
	assert_true(fd_a >= 0 && fd_b >= 0);
	assert_true(a.port != 0 && a.port != b.port);
	assert_int_equal(sip_udp_receive(fd_b, on_datagram, &in), 0);
	for (unsigned i = 0; i < SIP_UDP_BATCH + 1; i++)
		assert_int_equal(sip_udp_send(fd_a, &b, "hello", 5), 0);
	while (in.count < SIP_UDP_BATCH + 1) {
		unsigned before = in.count;

		wait_readable(fd_b);
		assert_in_range(sip_udp_receive(fd_b, on_datagram, &in), 1, SIP_UDP_BATCH);
		assert_in_range(in.count - before, 1, SIP_UDP_BATCH);
	}
	assert_string_equal(in.last, "hello");
	assert_true(net_addr_equal(&in.from, &a));
	assert_int_equal(sip_udp_open(&a), -EADDRINUSE);
	sip_udp_close(fd_a);
	sip_udp_close(fd_b);
	sip_udp_close(-1);
}

void test_udp_sockets(void **state)
{
	(void)state;
	exchange("127.0.0.1");
	exchange("::1");
}

struct seen {
	unsigned in, out;
	struct net_addr local, peer;
};

static void on_message(void *arg, unsigned socket, bool outbound, const struct net_addr *local,
		       const struct net_addr *peer, const char *msg, size_t len)
{
	struct seen *seen = arg;

	assert_int_equal(socket, 0);
	assert_true(len > 20 && msg);
	(*(outbound ? &seen->out : &seen->in))++;
	seen->local = *local;
	seen->peer = *peer;
}

/* Captures see each datagram, also those that are refused. */
void test_messages_are_seen(void **state)
{
	struct seen seen = {0};
	struct raw_peer p;
	struct sip_cfg cfg;

	(void)state;
	raw_open(&p);
	sip_destroy(p.w->sip[0]);
	cfg = (struct sip_cfg){.trunk = p.w->trunk,
			       .trunk_count = 1,
			       .calls_max = 2,
			       .deadlines = &p.w->deadlines,
			       .rng = &p.w->rng,
			       .calls = p.w->calls[0],
			       .on_message = on_message,
			       .on_message_arg = &seen};
	cfg.transport.arg = &p.w->port[0];
	cfg.transport.send = world_transport_send;
	assert_int_equal(sip_create(&p.w->sip[0], &cfg), 0);
	net_addr_parse(&p.from, "198.51.100.7:5080");
	raw_invite(&p, "x", 1, "", raw_sdp);
	assert_int_equal(seen.in, 1);
	assert_int_equal(seen.out, 1);
	assert_true(net_addr_equal(&seen.local, &p.w->trunk[0].bind));
	assert_true(net_addr_equal(&seen.peer, &p.from));
	raw_send(&p, "rubbish that is no SIP at all\n\n");
	assert_int_equal(seen.in, 2);
	assert_int_equal(seen.out, 1);
	assert_int_equal(sip_counters(p.w->sip[0])->rx_malformed, 1);
	raw_close(&p);
}
