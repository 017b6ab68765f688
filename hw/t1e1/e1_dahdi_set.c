/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "hw/t1e1/e1_dahdi_half.h"

static int add(int epoll_fd, int fd, uint32_t events, unsigned name)
{
	struct epoll_event e = {.events = events, .data.u32 = name};

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

int e1_dahdi_set_open(struct e1_dahdi_set *set)
{
	const struct itimerspec second = {.it_value.tv_sec = 1, .it_interval.tv_sec = 1};

	set->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	set->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (set->epoll_fd < 0 || set->timer_fd < 0 ||
	    timerfd_settime(set->timer_fd, 0, &second, NULL))
		return -errno;
	return add(set->epoll_fd, set->timer_fd, EPOLLIN, E1_DAHDI_TICK);
}

void e1_dahdi_set_close(struct e1_dahdi_set *set)
{
	if (set->timer_fd >= 0)
		close(set->timer_fd);
	if (set->epoll_fd >= 0)
		close(set->epoll_fd);
	set->timer_fd = set->epoll_fd = -1;
}

int e1_dahdi_set_add(struct e1_dahdi_set *set, int fd, unsigned name)
{
	return add(set->epoll_fd, fd, EPOLLIN | EPOLLPRI, name);
}

void e1_dahdi_set_remove(struct e1_dahdi_set *set, int fd)
{
	epoll_ctl(set->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

void e1_dahdi_set_ticked(struct e1_dahdi_set *set)
{
	uint64_t expirations;

	if (read(set->timer_fd, &expirations, sizeof(expirations)) < 0)
		return; /* EAGAIN: nothing to take */
}
