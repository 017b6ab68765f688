/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lookup/enum/dns_sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct dns_socket {
	uv_poll_t poll;
	struct dns_sockets *owner;
	struct dns_socket *next;
	int fd;
	bool watched; /* poll is initialised */
	bool stream;
	struct net_addr peer;
};

void dns_sockets_init(struct dns_sockets *s, uv_loop_t *loop, int64_t (*now_us)(void *arg),
		      void *now_arg, void (*ready)(void *arg, int fd, bool readable, bool writable),
		      void *ready_arg)
{
	*s = (struct dns_sockets){.loop = loop,
				  .now_us = now_us,
				  .now_arg = now_arg,
				  .ready = ready,
				  .ready_arg = ready_arg};
}

static struct dns_socket *find(const struct dns_sockets *s, int fd)
{
	struct dns_socket *k = s->open;

	while (k && k->fd != fd)
		k = k->next;
	return k;
}

static struct lookup_server *server_of(struct dns_sockets *s, const struct dns_socket *k)
{
	for (unsigned i = 0; k && i < s->server_count; i++)
		if (net_addr_equal(&s->server[i].addr, &k->peer))
			return &s->server[i];
	return NULL;
}

/* ── watching ── */

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct dns_socket *k = poll->data;

	/* An error is c-ares's to find. */
	k->owner->ready(k->owner->ready_arg, k->fd, status < 0 || events & UV_READABLE,
			events & UV_WRITABLE);
}

void dns_sockets_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct dns_socket *k = find(arg, fd);
	int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);

	if (!k)
		return;
	if (!k->watched && uv_poll_init(k->owner->loop, &k->poll, fd))
		return; /* its questions end by time */
	k->watched = true;
	k->poll.data = k;
	if (events)
		uv_poll_start(&k->poll, events, on_poll);
	else
		uv_poll_stop(&k->poll);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* ── c-ares's calls ── */

static ares_socket_t open_socket(int family, int type, int protocol, void *arg)
{
	struct dns_sockets *s = arg;
	struct dns_socket *k = calloc(1, sizeof(*k));

	if (!k) {
		errno = ENOMEM;
		return -1;
	}
	k->fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (k->fd < 0) {
		free(k);
		return -1;
	}
	k->owner = s;
	k->stream = type == SOCK_STREAM;
	k->next = s->open;
	s->open = k;
	return k->fd;
}

static int close_socket(ares_socket_t fd, void *arg)
{
	struct dns_sockets *s = arg;
	struct dns_socket *k = find(s, fd), **link = &s->open;

	if (!k)
		return close(fd);
	while (*link != k)
		link = &(*link)->next;
	*link = k->next;
	if (k->watched)
		uv_close((uv_handle_t *)&k->poll, on_closed);
	else
		free(k);
	return close(fd);
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len,
			  void *arg)
{
	struct dns_socket *k = find(arg, fd);

	if (k)
		net_addr_from_sockaddr(&k->peer, to);
	return connect(fd, to, len);
}

/* c-ares 1.18 takes an empty datagram for the end of the connection, and a question that comes back
 * for an answer without records. RFC 1035 4.1.1: a header, and QR set. */
static bool is_answer(const uint8_t *octets, size_t len)
{
	enum { HEADER = 12, QR = 0x80 };

	return len >= HEADER && octets[2] & QR;
}

static ares_ssize_t receive(ares_socket_t fd, void *octets, size_t size, int flags,
			    struct sockaddr *from, ares_socklen_t *from_len, void *arg)
{
	struct dns_sockets *s = arg;
	struct dns_socket *k = find(s, fd);
	struct lookup_server *server = server_of(s, k);
	ares_ssize_t n = recvfrom(fd, octets, size, flags, from, from_len);

	if (n >= 0 && k && !k->stream && !is_answer(octets, (size_t)n)) {
		errno = EAGAIN;
		return -1;
	}
	if (n > 0 && server) {
		server->answered += !k->stream;
		server->in_row = 0;
		server->answered_us = s->now_us(s->now_arg);
	}
	return n;
}

static ares_ssize_t transmit(ares_socket_t fd, const struct iovec *part, int count, void *arg)
{
	struct dns_sockets *s = arg;
	struct dns_socket *k = find(s, fd);
	struct lookup_server *server = server_of(s, k);
	struct msghdr msg = {.msg_iov = (struct iovec *)(uintptr_t)part, .msg_iovlen = (size_t)count};
	ares_ssize_t n = sendmsg(fd, &msg, MSG_NOSIGNAL);

	if (server && k && !k->stream) {
		server->asked++;
		server->in_row++;
	}
	return n;
}

void dns_sockets_attach(struct dns_sockets *s, ares_channel channel)
{
	static const struct ares_socket_functions functions = {
	    .asocket = open_socket,
	    .aclose = close_socket,
	    .aconnect = connect_socket,
	    .arecvfrom = receive,
	    .asendv = transmit,
	};

	ares_set_socket_functions(channel, &functions, s);
}
