/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/transport/sip_udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIVE_BUFFER = 1 << 20, DATAGRAM_MAX = 65535 };

int sip_udp_open(struct net_addr *bind_addr)
{
	struct sockaddr_storage ss;
	socklen_t len = net_addr_to_sockaddr(bind_addr, &ss);
	int on = 1, size = RECEIVE_BUFFER, err;
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/* :: must not take the IPv4 address of another trunk */
	if (ss.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&ss, len) == 0) {
		len = sizeof(ss);
		if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0) {
			struct net_addr bound;

			net_addr_from_sockaddr(&bound, (struct sockaddr *)&ss);
			bind_addr->port = bound.port;
			return fd;
		}
	}
	err = -errno;
	close(fd);
	return err;
}

void sip_udp_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

int sip_udp_send(int fd, const struct net_addr *to, const char *msg, size_t len)
{
	struct sockaddr_storage ss;
	socklen_t ss_len = net_addr_to_sockaddr(to, &ss);

	for (;;) {
		if (sendto(fd, msg, len, MSG_NOSIGNAL, (struct sockaddr *)&ss, ss_len) >= 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

unsigned sip_udp_receive(int fd, sip_udp_fn on_datagram, void *arg)
{
	char msg[DATAGRAM_MAX];
	unsigned n = 0;

	while (n < SIP_UDP_BATCH) {
		struct sockaddr_storage ss;
		socklen_t ss_len = sizeof(ss);
		ssize_t got = recvfrom(fd, msg, sizeof(msg), 0, (struct sockaddr *)&ss, &ss_len);
		struct net_addr from;

		if (got < 0) {
			if (errno == EINTR)
				continue;
			/* ECONNREFUSED and the like: an ICMP answer to what we sent; read on */
			if (errno != EAGAIN && errno != EWOULDBLOCK && n++ < SIP_UDP_BATCH)
				continue;
			break;
		}
		n++;
		net_addr_from_sockaddr(&from, (struct sockaddr *)&ss);
		on_datagram(arg, &from, msg, (size_t)got);
	}
	return n;
}
