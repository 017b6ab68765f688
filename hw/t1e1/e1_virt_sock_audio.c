/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker's half of a socket span. How it keeps time: e1_virt_sock.h. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "hw/t1e1/e1_virt_sock.h"

enum {
	LOS_US = 1000000,     /* without a block */
	GIVE_UP_US = 5000000, /* the peer keeps the connection and does nothing */
	SLACK_PERIODS = 2 * E1_SOCK_BACKLOG_PERIODS,
};

int e1_sock_audio_open(struct e1_sock_audio *a, const char *path, bool listen,
		       const struct e1_wire_hello *own, const char **why)
{
	const struct itimerspec every = {.it_interval.tv_nsec = E1_BLOCK_US * 1000,
					 .it_value.tv_nsec = E1_BLOCK_US * 1000};
	int rc;

	a->tick_fd = -1;
	rc = e1_link_open(&a->link, path, listen, own, why);
	if (rc || !own->clock_master)
		return rc;
	*why = "the system is out of descriptors";
	a->tick_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (a->tick_fd < 0 || timerfd_settime(a->tick_fd, 0, &every, NULL))
		return -errno;
	return e1_link_watch(&a->link, a->tick_fd);
}

void e1_sock_audio_close(struct e1_sock_audio *a)
{
	if (!a->link.opened)
		return;
	if (a->tick_fd >= 0)
		close(a->tick_fd);
	e1_link_close(&a->link);
}

void e1_sock_audio_line(const struct e1_sock_audio *a, struct e1_line *out)
{
	*out = a->audio.line;
	out->alarms = a->link.state != E1_LINK_UP || a->los ? E1_ALARM_LOS : 0;
	out->bad_blocks += a->link.bad;
}

/* Notices a new connection. False while there is none. */
static bool line_is_up(struct e1_sock_audio *a, int64_t now_us)
{
	if (a->link.state != E1_LINK_UP)
		return false;
	if (a->ups == a->link.ups)
		return true;
	a->ups = a->link.ups;
	a->los = true; /* until a block has come */
	a->under_way = 0;
	if (a->link.own.clock_master)
		a->last_block_us = now_us;
	return true;
}

static void send_block(struct e1_sock_audio *a, bool fill, uint64_t period)
{
	const struct e1_wire_block head = {.fill = fill, .period = period};
	size_t len = e1_wire_block_encode(&head, fill ? NULL : &a->tx, a->message);

	/* A block that is not taken leaves a hole in the periods, which the peer counts. */
	(void)e1_link_send(&a->link, a->message, len);
}

/* 1: a block; 0: none waits; -EBADMSG: a bad one, dropped; -ENETDOWN. */
static int receive_block(struct e1_sock_audio *a, struct e1_wire_block *head)
{
	ssize_t n = e1_link_recv(&a->link, a->message, sizeof(a->message));

	if (n == -EMSGSIZE)
		return -EBADMSG;
	if (n <= 0)
		return (int)n;
	if (e1_wire_block_decode(head, &a->rx, a->message, (size_t)n)) {
		a->audio.line.bad_blocks++;
		return -EBADMSG;
	}
	return 1;
}

/* ── clock master ── */

static void skip_periods(struct e1_sock_audio *a, uint64_t n)
{
	if (a->ever_up)
		e1_virt_audio_miss(&a->audio, n);
	a->period += n;
	a->backlog -= n;
}

static void send_and_keep(struct e1_sock_audio *a, bool fill)
{
	send_block(a, fill, a->period);
	a->sent[a->under_way++] = a->period++;
	a->backlog--;
}

static void send_fill(struct e1_sock_audio *a)
{
	/* The hole was counted where the block was missing. */
	if (a->holes)
		a->holes--;
	else if (a->ever_up)
		e1_virt_audio_miss(&a->audio, 1);
	send_and_keep(a, true);
}

/* The answer to sent[i] has come: older ones will not. False: we never asked for this one. */
static bool settle(struct e1_sock_audio *a, uint64_t period)
{
	unsigned i = 0;

	while (i < a->under_way && a->sent[i] != period)
		i++;
	if (i == a->under_way)
		return false;
	if (i) {
		e1_virt_audio_miss(&a->audio, i);
		a->holes += i;
	}
	a->under_way -= i + 1;
	memmove(a->sent, a->sent + i + 1, a->under_way * sizeof(a->sent[0]));
	return true;
}

/* One period. False when there is nothing to read yet. */
static bool master_period(struct e1_sock_audio *a, int64_t now_us, e1_block_fn fn, void *arg,
			  int *blocks)
{
	struct e1_wire_block head;
	int rc;

	if (a->under_way < E1_SOCK_DEPTH) {
		send_fill(a);
		return true;
	}
	rc = receive_block(a, &head);
	if (rc == -EBADMSG)
		return true;
	if (rc <= 0)
		return false;
	if (head.fill || !settle(a, head.period)) {
		a->audio.line.bad_blocks++;
		return true;
	}
	e1_virt_audio_run(&a->audio, fn, arg, &a->rx, &a->tx);
	send_and_keep(a, false);
	a->last_block_us = now_us;
	a->ever_up = true;
	a->los = false;
	(*blocks)++;
	return true;
}

static int master_run(struct e1_sock_audio *a, int64_t now_us, e1_block_fn fn, void *arg)
{
	int blocks = 0;

	for (int i = 0; i < E1_SOCK_RUN_BLOCKS && a->backlog && line_is_up(a, now_us); i++)
		if (!master_period(a, now_us, fn, arg, &blocks))
			break;
	if (!line_is_up(a, now_us)) {
		skip_periods(a, a->backlog);
		return blocks;
	}
	if (now_us - a->last_block_us >= LOS_US)
		a->los = true;
	if (a->backlog > E1_SOCK_BACKLOG_PERIODS)
		skip_periods(a, a->backlog);
	if (now_us - a->last_block_us >= GIVE_UP_US)
		e1_link_hang_up(&a->link);
	e1_link_wait_for(&a->link, a->backlog ? EPOLLIN : 0);
	return blocks;
}

static void count_ticks(struct e1_sock_audio *a)
{
	uint64_t expirations;

	if (read(a->tick_fd, &expirations, sizeof(expirations)) == (ssize_t)sizeof(expirations))
		a->backlog += expirations;
}

/* ── slave ── */

/* Periods go by at the rate of time, whatever the peer writes. */
static bool period_may_be(struct e1_sock_audio *a, int64_t now_us, uint64_t period)
{
	uint64_t by_now = a->line_period + (uint64_t)(now_us - a->line_us) / E1_BLOCK_US;

	if (!a->ever_up || a->clock != a->link.peer.sender)
		by_now = period;
	else if (period <= a->last_period || period > by_now + SLACK_PERIODS)
		return false;
	if (period >= by_now) {
		a->line_period = period;
		a->line_us = now_us;
	}
	return true;
}

/* What the master's periods say is missing before this one. */
static void count_gap(struct e1_sock_audio *a, int64_t now_us, uint64_t period)
{
	uint64_t elapsed = (uint64_t)(now_us - a->last_block_us) / E1_BLOCK_US;
	uint64_t gap = elapsed ? elapsed - 1 : 0;

	if (!a->ever_up)
		return;
	/* A master that was started anew counts from nothing: then time tells. */
	if (a->clock == a->link.peer.sender)
		gap = period - a->last_period - 1;
	if (gap)
		e1_virt_audio_miss(&a->audio, gap);
}

/* One message. False when none waits. */
static bool slave_block(struct e1_sock_audio *a, int64_t now_us, e1_block_fn fn, void *arg,
			int *blocks)
{
	struct e1_wire_block head;
	int rc = receive_block(a, &head);

	if (rc == -EBADMSG)
		return true;
	if (rc <= 0)
		return false;
	if (!period_may_be(a, now_us, head.period)) {
		a->audio.line.bad_blocks++;
		return true;
	}
	count_gap(a, now_us, head.period);
	a->clock = a->link.peer.sender;
	a->last_period = head.period;
	a->last_block_us = now_us;
	/* The first idle blocks of all stand for nothing; later ones stand among audio. */
	if (head.fill)
		a->audio.line.slips += a->steady;
	else
		a->steady = true;
	e1_virt_audio_run(&a->audio, fn, arg, head.fill ? NULL : &a->rx, &a->tx);
	send_block(a, false, head.period);
	a->ever_up = true;
	a->los = false;
	(*blocks)++;
	return true;
}

static int slave_run(struct e1_sock_audio *a, int64_t now_us, e1_block_fn fn, void *arg)
{
	int blocks = 0;

	for (int i = 0; i < E1_SOCK_RUN_BLOCKS && line_is_up(a, now_us); i++)
		if (!slave_block(a, now_us, fn, arg, &blocks))
			break;
	if (now_us - a->last_block_us >= LOS_US)
		a->los = true;
	return blocks;
}

int e1_sock_audio_run(struct e1_sock_audio *a, int64_t now_us, e1_block_fn fn, void *arg)
{
	int ready = e1_link_turn(&a->link, now_us);

	if (!a->link.own.clock_master)
		return slave_run(a, now_us, fn, arg);
	if (ready == E1_LINK_OWNER_READY)
		count_ticks(a);
	return master_run(a, now_us, fn, arg);
}
