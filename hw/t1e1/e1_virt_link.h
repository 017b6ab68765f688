/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One SOCK_SEQPACKET connection that makes itself again for ever: one end listens on a UNIX path,
 * the other tries every quarter of a second. Each side says hello; the link is up once the peer's
 * fits. A peer that says something else, or nothing for two seconds, is hung up on and counted; a
 * second peer is turned away while the first one is there. Never blocks, never raises SIGPIPE.
 *
 * A socket span has two, audio and D-channel, each with its own path, so that worker and control
 * share nothing. Used by the thread that owns it alone.
 */
#ifndef HW_T1E1_E1_VIRT_LINK_H
#define HW_T1E1_E1_VIRT_LINK_H

#include <sys/un.h>

#include "hw/t1e1/e1_virt_wire.h"

enum e1_link_state { E1_LINK_DOWN, E1_LINK_HELLO, E1_LINK_UP };

/* What the owner's own descriptors in the epoll set are called; the link's have values above. */
enum { E1_LINK_OWNER_READY = 1 };

struct e1_virt_link {
	struct sockaddr_un address;
	bool opened, listen;
	struct e1_wire_hello own, peer; /* peer: valid while up, and kept afterwards */
	enum e1_link_state state;
	int epoll_fd, timer_fd, listen_fd, conn_fd; /* -1: none */
	uint32_t conn_events;			    /* what epoll waits for on conn_fd */
	int64_t since_us;			    /* of the connection */
	dev_t socket_dev; /* of the file that we made, so that we remove no other one */
	ino_t socket_ino;
	uint64_t ups;	  /* times that it came up */
	uint64_t bad;	  /* messages that were no hello, or malformed */
	uint64_t refused; /* peers turned away */
	const char *why;  /* why the last peer was refused; NULL: it was not */
};

/* 0 or -errno with *why set. A link that was never opened is all zero and may be closed. */
int e1_link_open(struct e1_virt_link *l, const char *path, bool listen,
		 const struct e1_wire_hello *own, const char **why);
void e1_link_close(struct e1_virt_link *l);
/* Adds a descriptor of the owner's; e1_link_turn() then reports E1_LINK_OWNER_READY. */
int e1_link_watch(struct e1_virt_link *l, int fd);

/* Accepts, connects, says and hears hello, gives up on the silent. Returns E1_LINK_OWNER_READY or
 * 0. */
int e1_link_turn(struct e1_virt_link *l, int64_t now_us);
/* What epoll shall wait for while up: EPOLLIN, EPOLLOUT. A hang-up is always seen. */
void e1_link_wait_for(struct e1_virt_link *l, uint32_t events);
/* One message while up. Its length; 0: none waits; -EMSGSIZE: longer than cap, dropped and counted;
 * -ENETDOWN: the peer is gone. */
ssize_t e1_link_recv(struct e1_virt_link *l, uint8_t *out, size_t cap);
/* 0; -EAGAIN: the peer does not read; -ENETDOWN. */
int e1_link_send(struct e1_virt_link *l, const uint8_t *message, size_t len);
void e1_link_hang_up(struct e1_virt_link *l);

#endif
