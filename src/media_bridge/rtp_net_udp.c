/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTP over UDP sockets. Nothing in here blocks; a handle is its descriptor. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "src/media_bridge/rtp_net.h"

enum {
	DSCP_EF = 46 << 2,	/* RFC 3246, RFC 4594 4.1: telephony */
	RECEIVE_OCTETS = 65536, /* a second or two of 20 ms packets, as the kernel counts them */
	EMPTY_MAX = 16,
};

static int udp_options(int fd, uint8_t family)
{
	int on = 1, tos = DSCP_EF, octets = RECEIVE_OCTETS;

	/* Best effort: calls work without a mark and with the system's default buffer. */
	if (family == 6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof(octets));
	if (family == 6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)))
		return -errno;
	return 0;
}

static int udp_open(void *net, const struct net_addr *addr)
{
	struct sockaddr_storage sa;
	socklen_t len = net_addr_to_sockaddr(addr, &sa);
	int fd, err;

	if (addr->family != 4 && addr->family != 6)
		return -EINVAL;
	fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = udp_options(fd, addr->family);
	if (!err && bind(fd, (struct sockaddr *)&sa, len))
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static void udp_close(void *net, int handle)
{
	close(handle);
}

static ssize_t udp_recv(void *net, int handle, void *buf, size_t cap, struct net_addr *from)
{
	struct sockaddr_storage sa;

	for (unsigned i = 0; i < EMPTY_MAX; i++) {
		socklen_t len = sizeof(sa);
		ssize_t n = from ? recvfrom(handle, buf, cap, 0, (struct sockaddr *)&sa, &len)
				 : recv(handle, buf, cap, 0);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (n == 0)
			continue;
		if (from)
			net_addr_from_sockaddr(from, (struct sockaddr *)&sa);
		return n;
	}
	return 0;
}

static int64_t message_age_us(int fd, struct msghdr *m)
{
	struct timespec came;
	int on = 1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		int64_t age;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPNS)
			continue;
		__builtin_memcpy(&came, CMSG_DATA(c), sizeof(came));
		/* The kernel stamps with the wall clock; only the difference is used, and a step of
		 * the clock in between must not become a round trip. */
		age = clock_wall_us() - (came.tv_sec * US_PER_S + came.tv_nsec / 1000);
		return age < 0 || age > 2 * US_PER_S ? 0 : age;
	}
	/* The handle's first one: from now on they are stamped. */
	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	return 0;
}

static ssize_t udp_recv_aged(void *net, int handle, void *buf, size_t cap, struct net_addr *from,
			     int64_t *age_us)
{
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct sockaddr_storage sa;
	struct iovec iov = {buf, cap};

	for (unsigned i = 0; i < EMPTY_MAX; i++) {
		struct msghdr m = {
		    .msg_name = &sa,
		    .msg_namelen = sizeof(sa),
		    .msg_iov = &iov,
		    .msg_iovlen = 1,
		    .msg_control = control,
		    .msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(handle, &m, 0);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (n == 0)
			continue;
		net_addr_from_sockaddr(from, (struct sockaddr *)&sa);
		*age_us = message_age_us(handle, &m);
		return n;
	}
	return 0;
}

static ssize_t udp_send(void *net, int handle, const void *buf, size_t len,
			const struct net_addr *to)
{
	struct sockaddr_storage sa;
	ssize_t n;

	if (to) {
		socklen_t sa_len = net_addr_to_sockaddr(to, &sa);

		n = sendto(handle, buf, len, 0, (struct sockaddr *)&sa, sa_len);
	} else {
		n = send(handle, buf, len, 0);
	}
	return n < 0 ? -errno : n;
}

static int udp_connect(void *net, int handle, const struct net_addr *peer)
{
	struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(sa.ss_family);

	if (peer)
		len = net_addr_to_sockaddr(peer, &sa);
	else
		len = sizeof(sa);
	return connect(handle, (struct sockaddr *)&sa, len) ? -errno : 0;
}

const struct rtp_net rtp_net_udp = {
    .open = udp_open,
    .close = udp_close,
    .recv = udp_recv,
    .send = udp_send,
    .connect = udp_connect,
    .recv_aged = udp_recv_aged,
};
