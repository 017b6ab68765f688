/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control's half of a socket span: frames, queued here while the line at 64 kbit/s is busy or the
 * peer does not read, and no further than the queue. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "hw/t1e1/e1_virt_sock.h"

enum {
	OCTET_US = 125,		   /* at 64 kbit/s */
	FRAME_OVERHEAD_OCTETS = 3, /* Q.921 2.2: two of FCS, a flag between frames */
	RECV_TRIES = 16,
};

int e1_sock_dchan_open(struct e1_sock_dchan *d, const char *path, bool listen,
		       const struct e1_wire_hello *own, bool paced, const char **why)
{
	int rc;

	d->paced = paced;
	d->pace_fd = -1;
	rc = e1_link_open(&d->link, path, listen, own, why);
	if (rc || !paced)
		return rc;
	*why = "the system is out of descriptors";
	d->pace_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (d->pace_fd < 0)
		return -errno;
	return e1_link_watch(&d->link, d->pace_fd);
}

void e1_sock_dchan_close(struct e1_sock_dchan *d)
{
	if (!d->link.opened)
		return;
	if (d->pace_fd >= 0)
		close(d->pace_fd);
	e1_link_close(&d->link);
}

static void log_changes(struct e1_sock_dchan *d)
{
	bool up = d->link.state == E1_LINK_UP;

	if (up != d->was_up)
		LOG(LOG_INFO, up ? "e1.peer_connected" : "e1.peer_gone", 0, L_U("span", d->span));
	if (d->link.why && d->link.why != d->why)
		LOG(LOG_WARN, "e1.peer_refused", 0, L_U("span", d->span), L_S("why", d->link.why));
	d->was_up = up;
	d->why = d->link.why;
}

static void wait_for_line(struct e1_sock_dchan *d)
{
	const struct itimerspec at = {.it_value.tv_sec = d->free_us / US_PER_S,
				      .it_value.tv_nsec = d->free_us % US_PER_S * 1000};

	timerfd_settime(d->pace_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void clear_timer(struct e1_sock_dchan *d)
{
	const struct itimerspec never = {0};

	timerfd_settime(d->pace_fd, 0, &never, NULL);
}

static void flush(struct e1_sock_dchan *d, int64_t now_us)
{
	if (d->link.state != E1_LINK_UP)
		d->held = 0; /* frames of a line that is gone */
	while (d->held) {
		const struct e1_sock_frame *f = &d->queue[d->first];
		int rc;

		if (d->paced && now_us < d->free_us) {
			wait_for_line(d);
			break;
		}
		rc = e1_link_send(&d->link, f->message, f->len);
		if (rc == -EAGAIN) {
			e1_link_wait_for(&d->link, EPOLLIN | EPOLLOUT);
			return;
		}
		d->first = (d->first + 1) % E1_SOCK_QUEUE_FRAMES;
		d->held--;
		if (d->paced)
			d->free_us = now_us + (int64_t)(f->len + FRAME_OVERHEAD_OCTETS) * OCTET_US;
	}
	e1_link_wait_for(&d->link, EPOLLIN);
}

/* A frame's length; 0: none waits; -EMSGSIZE, -ENETDOWN. */
static ssize_t receive(struct e1_sock_dchan *d, uint8_t *frame, size_t cap)
{
	uint8_t message[E1_WIRE_FRAME_MAX];
	ssize_t n = 0;

	for (int i = 0; i < RECV_TRIES && d->link.state == E1_LINK_UP; i++) {
		n = e1_link_recv(&d->link, message, sizeof(message));
		if (n == 0 || n == -ENETDOWN)
			return n;
		if (n == -EMSGSIZE)
			continue;
		if (n < 2 || message[0] != 'F') {
			d->link.bad++;
			continue;
		}
		if ((size_t)n - 1 > cap) {
			d->dropped++;
			return -EMSGSIZE;
		}
		memcpy(frame, message + 1, (size_t)n - 1);
		return n - 1;
	}
	return d->link.state == E1_LINK_UP ? 0 : -ENETDOWN;
}

ssize_t e1_sock_dchan_recv(struct e1_sock_dchan *d, int64_t now_us, uint8_t *frame, size_t cap)
{
	ssize_t n = receive(d, frame, cap);

	if (n != 0 && n != -ENETDOWN)
		return n;
	/* Nothing to read is what ends a turn: time to look after the connection. */
	if (e1_link_turn(&d->link, now_us) == E1_LINK_OWNER_READY)
		clear_timer(d);
	flush(d, now_us);
	log_changes(d);
	return n == -ENETDOWN ? receive(d, frame, cap) : n;
}

int e1_sock_dchan_send(struct e1_sock_dchan *d, int64_t now_us, const uint8_t *frame, size_t len)
{
	struct e1_sock_frame *f;

	if (!len || len > E1_DCHAN_FRAME_MAX)
		return -EINVAL;
	if (d->link.state != E1_LINK_UP)
		return -ENETDOWN;
	if (d->held == E1_SOCK_QUEUE_FRAMES) {
		d->dropped++;
		return -EAGAIN;
	}
	f = &d->queue[(d->first + d->held++) % E1_SOCK_QUEUE_FRAMES];
	f->message[0] = 'F';
	memcpy(f->message + 1, frame, len);
	f->len = len + 1;
	flush(d, now_us);
	return 0;
}
