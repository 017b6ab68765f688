/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/peer_udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int peer_udp_open(struct net_addr *addr)
{
	struct sockaddr_storage sa;
	socklen_t len = net_addr_to_sockaddr(addr, &sa);
	const int receive_octets = 1 << 20;
	int fd, err;

	fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* A stalled machine must not lose what it could have read: as far as the system lets us. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_octets, sizeof(receive_octets));
	if (bind(fd, (struct sockaddr *)&sa, len))
		goto failed;
	len = sizeof(sa);
	if (getsockname(fd, (struct sockaddr *)&sa, &len))
		goto failed;
	net_addr_from_sockaddr(addr, (struct sockaddr *)&sa);
	return fd;
failed:
	err = -errno;
	close(fd);
	return err;
}

ssize_t peer_udp_recv(int fd, void *buf, size_t cap, struct net_addr *from)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	ssize_t n = recvfrom(fd, buf, cap, MSG_DONTWAIT, (struct sockaddr *)&sa, &len);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	net_addr_from_sockaddr(from, (struct sockaddr *)&sa);
	return n;
}

int peer_udp_send(int fd, const void *buf, size_t len, const struct net_addr *to)
{
	struct sockaddr_storage sa;
	socklen_t sa_len = net_addr_to_sockaddr(to, &sa);

	if (sendto(fd, buf, len, MSG_DONTWAIT, (struct sockaddr *)&sa, sa_len) < 0)
		return -errno;
	return 0;
}

static int net_open(void *net, const struct net_addr *addr)
{
	struct net_addr bound = *addr;

	return peer_udp_open(&bound);
}

static void net_close(void *net, int handle)
{
	close(handle);
}

static ssize_t net_recv(void *net, int handle, void *buf, size_t cap, struct net_addr *from)
{
	return peer_udp_recv(handle, buf, cap, from);
}

static ssize_t net_send(void *net, int handle, const void *buf, size_t len,
			const struct net_addr *to)
{
	int err = peer_udp_send(handle, buf, len, to);

	return err ? err : (ssize_t)len;
}

static int net_connect(void *net, int handle, const struct net_addr *peer)
{
	return -ENOTSUP;
}

const struct rtp_net peer_udp_net = {
    .open = net_open,
    .close = net_close,
    .recv = net_recv,
    .send = net_send,
    .connect = net_connect,
};
