/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real sockets on loopback, and a real worker thread. What the kernel does in between is waited
 * for, never timed. */
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "src/media_bridge/session.h"
#include "tests/unit/media_bridge/fixture.h"
#include "tests/unit/media_bridge/media_tests.h"

enum { GUARD_US = 30 * 1000000 };

/* A span whose blocks are due when the test says so, on any thread. It sends what it got. */
struct echo_span {
	struct e1_span span;
	int fd;
	bool on[E1_TIMESLOTS];
	struct pattern_gen gen;
	struct pattern_check check; /* of timeslot 1 */
	atomic_ulong good;
};

static int echo_pace_fd(struct e1_span *s)
{
	return ((struct echo_span *)s->impl)->fd;
}

static int echo_run(struct e1_span *s, int64_t now_us, e1_block_fn fn, void *arg)
{
	struct echo_span *e = s->impl;
	uint64_t blocks = 0;

	if (read(e->fd, &blocks, sizeof(blocks)) < 0)
		return 0;
	for (uint64_t i = 0; i < blocks; i++) {
		for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++) {
			uint8_t rx[E1_BLOCK_OCTETS], tx[E1_BLOCK_OCTETS];

			if (!e->on[ts])
				continue;
			memset(tx, E1_IDLE_OCTET, sizeof(tx));
			memset(rx, E1_IDLE_OCTET, sizeof(rx));
			if (ts == 1)
				pattern_gen_fill(&e->gen, rx, sizeof(rx));
			fn(arg, ts, 0, rx, tx);
			if (ts == 1)
				pattern_check_feed(&e->check, now_us, tx, sizeof(tx));
		}
	}
	atomic_store(&e->good, e->check.result.good);
	return (int)blocks;
}

static void echo_ts_enable(struct e1_span *s, unsigned ts, bool on)
{
	((struct echo_span *)s->impl)->on[ts] = on;
}

static void echo_line(struct e1_span *s, struct e1_line *out)
{
	memset(out, 0, sizeof(*out));
}

static const struct e1_ops echo_ops = {
    .pace_fd = echo_pace_fd,
    .run = echo_run,
    .ts_enable = echo_ts_enable,
    .line = echo_line,
};

static void echo_init(struct echo_span *e, uint16_t stream)
{
	memset(e, 0, sizeof(*e));
	e->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_true(e->fd >= 0);
	e->span = (struct e1_span){&echo_ops, e, 1};
	pattern_gen_init(&e->gen, stream);
	pattern_check_init(&e->check, stream);
}

static void echo_tick(struct echo_span *e)
{
	uint64_t one = 1;

	assert_int_equal(write(e->fd, &one, sizeof(one)), sizeof(one));
}

static void wait_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	assert_int_equal(poll(&p, 1, 30000), 1);
}

static bool ipv6_missing(void)
{
	struct net_addr a = fixture_addr("::1", 0);
	int fd = rtp_net_udp.open(NULL, &a);

	if (fd >= 0)
		rtp_net_udp.close(NULL, fd);
	return fd < 0;
}

static void media_init(struct media **m, struct rng *rng, unsigned sessions)
{
	struct media_cfg cfg = {
	    .sessions_max = sessions,
	    .rtp_port_min = 1024,
	    .rtp_port_max = 32767,
	    .net = &rtp_net_udp,
	    .rng = rng,
	};

	rng_init_secure(rng);
	memset(posted, 0, sizeof(posted));
	assert_int_equal(media_create(m, &cfg), 0);
	media_bind_calls(*m, (struct call_table *)m);
}

/* An echoing peer on the kernel's choice of port. */
static int peer_open(const char *host, struct net_addr *addr)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int fd;

	*addr = fixture_addr(host, 0);
	fd = rtp_net_udp.open(NULL, addr);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	net_addr_from_sockaddr(addr, (struct sockaddr *)&sa);
	return fd;
}

static void echo_packet(int fd)
{
	struct net_addr from;
	uint8_t buf[2048];
	ssize_t n;

	wait_readable(fd);
	n = rtp_net_udp.recv(NULL, fd, buf, sizeof(buf), &from);
	assert_int_equal(n, RTP_HEADER_OCTETS + 160);
	assert_int_equal(rtp_net_udp.send(NULL, fd, buf, (size_t)n, &from), n);
}

/* Telephony by its DSCP, which is the upper six bits. */
static void assert_marked(int fd, uint8_t family)
{
	int tos = 0;
	socklen_t len = sizeof(tos);

	if (family == 4)
		assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_TOS, &tos, &len), 0);
	else
		assert_int_equal(getsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, &len), 0);
	assert_int_equal(tos, 46 << 2);
}

/* Worker turned by hand: each block goes out, comes back and is played. */
static void udp_call(const char *host)
{
	struct net_addr bind = fixture_addr(host, 0), peer_addr;
	struct media_worker *w;
	struct media_desc local = {0};
	struct media_params p;
	struct media_stats s;
	struct echo_span e;
	struct media *m;
	struct rng rng;
	struct peer peer = {0};
	int peer_fd = peer_open(host, &peer_addr), stranger;
	slot_id id;
	int64_t now_us = 1000000;

	assert_marked(peer_fd, peer_addr.family);
	media_init(&m, &rng, 4);
	echo_init(&e, 2);
	assert_int_equal(media_worker_create(m, &w), 0);
	assert_int_equal(media_worker_add_span(w, &e.span), 0);
	assert_int_equal(media_bridge_ops.open(m, 1, &bind, &bind, &id, &local), 0);
	peer.addr = peer_addr;
	p = fixture_params(&peer, 1, 1, MEDIA_PCMA);
	media_bridge_ops.set(m, id, &p);
	stranger = peer_open(host, &peer_addr);
	for (unsigned i = 0; i < 100; i++, now_us += 20000) {
		if (i == 50) { /* the peer is gone for a moment: refused, counted, harmless */
			rtp_net_udp.close(NULL, peer_fd);
			echo_tick(&e);
			media_worker_turn(w, now_us);
			echo_tick(&e);
			media_worker_turn(w, now_us);
			peer_fd = rtp_net_udp.open(NULL, &peer.addr);
			assert_true(peer_fd >= 0);
		}
		rtp_net_udp.send(NULL, stranger, "junk", 4, &local.rtp);
		echo_tick(&e);
		media_worker_turn(w, now_us);
		if (i >= SESSION_STALE_BLOCKS)
			echo_packet(peer_fd);
	}
	media_turn(m, now_us);
	media_bridge_ops.stats(m, id, &s);
	assert_true(net_addr_equal(&s.latched, &peer.addr));
	assert_in_range(s.rtp_rx_packets, 95, 98);
	assert_true(s.rtp_tx_errors >= 1);
	assert_true(e.check.result.good > 90 * 160);
	assert_int_equal(e.check.result.foreign, 0);
	assert_int_equal(posted[1].early, 1);
	media_bridge_ops.close(m, id);
	media_worker_turn(w, now_us);
	media_turn(m, now_us);
	assert_int_equal(posted[1].gone, 1);
	assert_sums(&posted[1].stats);
	rtp_net_udp.close(NULL, peer_fd);
	rtp_net_udp.close(NULL, stranger);
	media_destroy(m);
	close(e.fd);
}

void udp_call_on_ipv4(void **state)
{
	udp_call("127.0.0.1");
}

void udp_call_on_ipv6(void **state)
{
	if (ipv6_missing())
		skip();
	udp_call("::1");
}

static void *worker_thread(void *arg)
{
	media_worker_run(arg);
	return NULL;
}

enum { THREAD_ROUNDS = 20, THREAD_CALLS = 8 };

/* Calls come, the first one until RTP has come back, counters are read meanwhile, calls go. */
static void thread_round(struct media *m, struct echo_span *e, int peer_fd, const struct peer *peer,
			 unsigned call)
{
	struct net_addr bind = fixture_addr("127.0.0.1", 0);
	int64_t guard_us = clock_mono_us() + GUARD_US;
	struct media_desc local = {0};
	slot_id id[THREAD_CALLS];
	unsigned ticks = 0;

	for (unsigned i = 0; i < THREAD_CALLS; i++) {
		struct media_params p = fixture_params(peer, 1, 1 + i, MEDIA_PCMA);

		p.send = i == 0;
		assert_int_equal(media_bridge_ops.open(m, call + i, &bind, &bind, &id[i], &local),
				 0);
		media_bridge_ops.set(m, id[i], &p);
		p.relatch = false;
		for (unsigned k = 0; k < 5; k++)
			media_bridge_ops.set(m, id[i], &p);
	}
	while (posted[call].early == 0 && clock_mono_us() < guard_us) {
		struct media_stats s;

		echo_tick(e);
		if (++ticks > SESSION_STALE_BLOCKS)
			echo_packet(peer_fd);
		media_turn(m, clock_mono_us());
		media_bridge_ops.stats(m, id[0], &s);
		assert_true(s.latched.family == 0 || net_addr_equal(&s.latched, &peer->addr));
	}
	assert_int_equal(posted[call].early, 1);
	for (unsigned i = 0; i < THREAD_CALLS; i++)
		media_bridge_ops.close(m, id[i]);
	while (media_counters(m)->open && clock_mono_us() < guard_us) {
		wait_readable(media_event_fd(m));
		media_turn(m, clock_mono_us());
	}
	for (unsigned i = 0; i < THREAD_CALLS; i++) {
		assert_int_equal(posted[call + i].gone, 1);
		assert_sums(&posted[call + i].stats);
	}
}

/* The worker on a thread of its own. */
void udp_threads(void **state)
{
	struct peer peer = {0};
	int peer_fd = peer_open("127.0.0.1", &peer.addr);
	struct media_worker *w;
	struct echo_span e;
	struct media *m;
	struct rng rng;
	pthread_t thread;

	media_init(&m, &rng, THREAD_CALLS);
	echo_init(&e, 2);
	assert_int_equal(media_worker_create(m, &w), 0);
	assert_int_equal(media_worker_add_span(w, &e.span), 0);
	assert_int_equal(pthread_create(&thread, NULL, worker_thread, w), 0);
	for (unsigned round = 0; round < THREAD_ROUNDS; round++)
		thread_round(m, &e, peer_fd, &peer, 1 + round * THREAD_CALLS);
	media_worker_stop(w);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(media_counters(m)->worker_turns > THREAD_ROUNDS);
	media_destroy(m);
	rtp_net_udp.close(NULL, peer_fd);
	close(e.fd);
}
