/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/t1e1/e1_virt_link.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
	RETRY_US = 250000,
	HELLO_LIMIT_US = 2000000,
	BACKLOG = 4,
	EVENTS = 8,
	READY_TIMER = 2,
	READY_LISTEN = 3,
	READY_CONN = 4,
};

static int epoll_add(struct e1_virt_link *l, int fd, uint32_t events, uint32_t name)
{
	struct epoll_event ev = {.events = events, .data.u32 = name};

	return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

int e1_link_watch(struct e1_virt_link *l, int fd)
{
	return epoll_add(l, fd, EPOLLIN, E1_LINK_OWNER_READY);
}

/* ── opening ── */

static int seqpacket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* True when the file is a socket that nobody listens on: what a killed program leaves. */
static bool is_stale(const struct sockaddr_un *address)
{
	struct stat st;
	bool stale;
	int fd;

	if (lstat(address->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return false;
	fd = seqpacket();
	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
		errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static int start_listening(struct e1_virt_link *l, const char **why)
{
	const struct sockaddr *address = (const struct sockaddr *)&l->address;
	struct stat st;
	int rc;

	l->listen_fd = seqpacket();
	if (l->listen_fd < 0) {
		*why = "no socket to be had";
		return -errno;
	}
	rc = bind(l->listen_fd, address, sizeof(l->address)) ? -errno : 0;
	if (rc == -EADDRINUSE && is_stale(&l->address)) {
		unlink(l->address.sun_path);
		rc = bind(l->listen_fd, address, sizeof(l->address)) ? -errno : 0;
	}
	if (rc) {
		*why = rc == -EADDRINUSE
			   ? "the socket's path is taken: by a program that listens there, or by a "
			     "file that is no socket"
			   : "the socket cannot be made at this path: its folder must exist and be "
			     "writable";
		return rc;
	}
	if (!lstat(l->address.sun_path, &st)) {
		l->socket_dev = st.st_dev;
		l->socket_ino = st.st_ino;
	}
	if (listen(l->listen_fd, BACKLOG)) {
		*why = "the socket cannot be listened on";
		return -errno;
	}
	return epoll_add(l, l->listen_fd, EPOLLIN, READY_LISTEN);
}

int e1_link_open(struct e1_virt_link *l, const char *path, bool listening,
		 const struct e1_wire_hello *own, const char **why)
{
	/* The first look at once, then for ever. */
	const struct itimerspec every = {.it_interval.tv_nsec = RETRY_US * 1000,
					 .it_value.tv_nsec = 1};
	size_t len = strlen(path);
	int rc;

	memset(l, 0, sizeof(*l));
	l->opened = true;
	l->listen = listening;
	l->own = *own;
	l->listen_fd = l->conn_fd = -1;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	*why = "the system is out of descriptors or memory";
	if (l->epoll_fd < 0 || l->timer_fd < 0)
		return -errno;
	if (len == 0 || len >= sizeof(l->address.sun_path)) {
		*why = "a UNIX socket's path has 1 to 100 octets";
		return -ENAMETOOLONG;
	}
	l->address.sun_family = AF_UNIX;
	memcpy(l->address.sun_path, path, len + 1);
	rc = epoll_add(l, l->timer_fd, EPOLLIN, READY_TIMER);
	if (!rc && timerfd_settime(l->timer_fd, 0, &every, NULL))
		rc = -errno;
	if (!rc && listening)
		rc = start_listening(l, why);
	if (!rc)
		*why = NULL;
	return rc;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void e1_link_close(struct e1_virt_link *l)
{
	struct stat st;

	if (!l->opened)
		return;
	if (l->socket_ino && !lstat(l->address.sun_path, &st) && st.st_dev == l->socket_dev &&
	    st.st_ino == l->socket_ino)
		unlink(l->address.sun_path);
	close_fd(&l->conn_fd);
	close_fd(&l->listen_fd);
	close_fd(&l->timer_fd);
	close_fd(&l->epoll_fd);
	l->state = E1_LINK_DOWN;
}

/* ── messages ── */

void e1_link_hang_up(struct e1_virt_link *l)
{
	close_fd(&l->conn_fd);
	l->state = E1_LINK_DOWN;
}

void e1_link_wait_for(struct e1_virt_link *l, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.u32 = READY_CONN};

	if (l->conn_fd < 0 || l->conn_events == events)
		return;
	if (!epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, l->conn_fd, &ev))
		l->conn_events = events;
}

ssize_t e1_link_recv(struct e1_virt_link *l, uint8_t *out, size_t cap)
{
	ssize_t n;

	if (l->conn_fd < 0)
		return -ENETDOWN;
	do {
		n = recv(l->conn_fd, out, cap, MSG_DONTWAIT | MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n > 0 && (size_t)n <= cap)
		return n;
	if (n > 0) {
		l->bad++;
		return -EMSGSIZE;
	}
	if (n < 0 && (errno == EAGAIN || errno == ENOMEM || errno == ENOBUFS))
		return 0;
	/* A record without octets looks like the end; our peers write none. */
	e1_link_hang_up(l);
	return -ENETDOWN;
}

int e1_link_send(struct e1_virt_link *l, const uint8_t *message, size_t len)
{
	ssize_t n;

	if (l->conn_fd < 0)
		return -ENETDOWN;
	do {
		n = send(l->conn_fd, message, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	if (errno == EAGAIN || errno == ENOMEM || errno == ENOBUFS)
		return -EAGAIN;
	/* What the peer wrote before it went may still be read. */
	return -ENETDOWN;
}

/* ── coming up ── */

static void adopt(struct e1_virt_link *l, int fd, int64_t now_us)
{
	uint8_t hello[E1_WIRE_HELLO_OCTETS];
	size_t len = e1_wire_hello_encode(&l->own, hello);

	l->conn_fd = fd;
	l->conn_events = EPOLLIN;
	l->since_us = now_us;
	l->state = E1_LINK_HELLO;
	if (epoll_add(l, fd, EPOLLIN, READY_CONN) || e1_link_send(l, hello, len))
		e1_link_hang_up(l);
}

static void try_connect(struct e1_virt_link *l, int64_t now_us)
{
	int fd = seqpacket();

	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&l->address, sizeof(l->address))) {
		close(fd);
		return;
	}
	adopt(l, fd, now_us);
}

static bool peer_has_gone(struct e1_virt_link *l)
{
	uint8_t octet;

	return recv(l->conn_fd, &octet, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

static void accept_peer(struct e1_virt_link *l, int64_t now_us)
{
	int fd = accept4(l->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (l->conn_fd >= 0 && peer_has_gone(l))
		e1_link_hang_up(l);
	if (l->conn_fd >= 0) {
		l->refused++;
		close(fd);
		return;
	}
	adopt(l, fd, now_us);
}

static void refuse(struct e1_virt_link *l, const char *why)
{
	l->refused++;
	l->why = why;
	e1_link_hang_up(l);
}

static void hear_hello(struct e1_virt_link *l)
{
	uint8_t message[E1_WIRE_HELLO_OCTETS];
	struct e1_wire_hello peer;
	ssize_t n = e1_link_recv(l, message, sizeof(message));
	int rc;

	if (n == 0 || n == -ENETDOWN)
		return;
	rc = n < 0 ? -EBADMSG : e1_wire_hello_decode(&peer, message, (size_t)n);
	if (rc) {
		l->bad += n > 0;
		refuse(l, rc == -EPROTO ? "the peer speaks another version"
					: "the peer is no virtual E1");
	} else if (peer.purpose != l->own.purpose) {
		refuse(l, "the peer connects audio with D-channel");
	} else if (peer.clock_master == l->own.clock_master) {
		refuse(l, l->own.clock_master ? "both ends are clock master"
					      : "neither end is clock master");
	} else {
		l->peer = peer;
		l->state = E1_LINK_UP;
		l->ups++;
		l->why = NULL;
	}
}

int e1_link_turn(struct e1_virt_link *l, int64_t now_us)
{
	struct epoll_event ev[EVENTS];
	int n = epoll_wait(l->epoll_fd, ev, EVENTS, 0);
	int owner = 0;

	for (int i = 0; i < n; i++) {
		uint64_t expirations;

		switch (ev[i].data.u32) {
		case E1_LINK_OWNER_READY:
			owner = E1_LINK_OWNER_READY;
			break;
		case READY_TIMER:
			if (read(l->timer_fd, &expirations, sizeof(expirations)) < 0)
				break;
			if (l->state == E1_LINK_HELLO && now_us - l->since_us >= HELLO_LIMIT_US)
				refuse(l, "the peer says nothing");
			if (l->state == E1_LINK_DOWN && !l->listen)
				try_connect(l, now_us);
			break;
		case READY_LISTEN:
			accept_peer(l, now_us);
			break;
		case READY_CONN:
			/* Who is not reading would be woken for ever. */
			if (ev[i].events & (EPOLLHUP | EPOLLERR) && !(l->conn_events & EPOLLIN))
				e1_link_hang_up(l);
			break;
		}
	}
	if (l->state == E1_LINK_HELLO)
		hear_hello(l);
	return owner;
}
