/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control's half of a DAHDI span: the D-channel through the kernel's HDLC. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "gateway/base/log.h"
#include "hw/t1e1/e1_dahdi_half.h"

enum {
	FCS_OCTETS = 2, /* the kernel writes it there, and leaves it there */
	RECV_TRIES = 64,
};

static int open_dchannel(struct e1_dahdi_dchan *d, char why[E1_DAHDI_WHY])
{
	struct e1_dahdi_channel ch[E1_TIMESLOTS], *c = &ch[d->cfg.dchannel_ts];
	int ctl = e1_dahdi_ctl_open(), err;

	if (ctl < 0)
		return e1_dahdi_explain(why, &d->cfg, DAHDI_NO_CHANNEL, ctl);
	err = e1_dahdi_find(ctl, d->cfg.dahdi_span, ch);
	if (err > 0)
		err = e1_dahdi_configure(ctl, c, true);
	close(ctl);
	if (err < 0)
		return e1_dahdi_explain(why, &d->cfg, DAHDI_NO_CHANNEL, err);
	if (c->number == DAHDI_NO_CHANNEL || !e1_dahdi_is_hdlc(c))
		return e1_dahdi_explain_signalling(why, &d->cfg, c, d->cfg.dchannel_ts, true);
	d->fd = e1_dahdi_dchan_open(c);
	if (d->fd < 0)
		return e1_dahdi_explain(why, &d->cfg, c->number, d->fd);
	return e1_dahdi_set_add(&d->set, d->fd, d->cfg.dchannel_ts);
}

int e1_dahdi_dchan_start(struct e1_dahdi_dchan *d, uint16_t number, const struct e1_dahdi_cfg *cfg,
			 char why[E1_DAHDI_WHY])
{
	int err;

	d->cfg = *cfg;
	d->number = number;
	d->fd = -1;
	err = e1_dahdi_set_open(&d->set);
	return err ? e1_dahdi_explain(why, cfg, DAHDI_NO_CHANNEL, err) : open_dchannel(d, why);
}

void e1_dahdi_dchan_stop(struct e1_dahdi_dchan *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	e1_dahdi_set_close(&d->set);
}

static void lose(struct e1_dahdi_dchan *d)
{
	close(d->fd);
	d->fd = -1;
	LOG(LOG_WARN, "e1.span_gone", 0, L_U("span", d->number),
	    L_U("dahdi_span", d->cfg.dahdi_span));
}

static void come_back(struct e1_dahdi_dchan *d)
{
	char why[E1_DAHDI_WHY] = "";

	if (!open_dchannel(d, why)) {
		LOG(LOG_INFO, "e1.span_back", 0, L_U("span", d->number),
		    L_U("dahdi_span", d->cfg.dahdi_span));
		return;
	}
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	LOG(LOG_DEBUG, "e1.span_still_gone", 0, L_U("span", d->number), L_S("why", why));
}

/* Takes what stands before the next frame. False: the channel is gone. */
static bool take_events(struct e1_dahdi_dchan *d)
{
	unsigned saw = e1_dahdi_events(d->fd);

	d->bad += (saw & DAHDI_SAW_HDLC) != 0;
	return !(saw & DAHDI_SAW_REMOVED);
}

/* The timer, and events that no read would tell while nothing comes in. */
static void look_around(struct e1_dahdi_dchan *d)
{
	struct epoll_event ready[2];
	int n = epoll_wait(d->set.epoll_fd, ready, 2, 0);

	for (int i = 0; i < n; i++) {
		if (ready[i].data.u32 == E1_DAHDI_TICK) {
			e1_dahdi_set_ticked(&d->set);
			if (d->fd < 0)
				come_back(d);
		} else if (d->fd >= 0 && ((ready[i].events & (EPOLLERR | EPOLLHUP)) ||
					  ((ready[i].events & EPOLLPRI) && !take_events(d)))) {
			lose(d);
		}
	}
}

ssize_t e1_dahdi_dchan_recv(struct e1_dahdi_dchan *d, uint8_t *frame, size_t cap)
{
	uint8_t buffer[E1_DCHAN_FRAME_MAX + FCS_OCTETS + 1];

	for (int i = 0; i < RECV_TRIES && d->fd >= 0; i++) {
		ssize_t n = read(d->fd, buffer, sizeof(buffer));

		if (n > (ssize_t)(cap + FCS_OCTETS) || n == (ssize_t)sizeof(buffer)) {
			d->dropped++;
			return -EMSGSIZE;
		}
		if (n > FCS_OCTETS) {
			memcpy(frame, buffer, (size_t)n - FCS_OCTETS);
			return n - FCS_OCTETS;
		}
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && (e1_dahdi_is_gone(errno) || !take_events(d)))
			lose(d);
	}
	look_around(d);
	return d->fd < 0 ? -ENETDOWN : 0;
}

int e1_dahdi_dchan_send(struct e1_dahdi_dchan *d, const uint8_t *frame, size_t len)
{
	uint8_t buffer[E1_DCHAN_FRAME_MAX + FCS_OCTETS] = {0};

	if (!len || len > E1_DCHAN_FRAME_MAX)
		return -EINVAL;
	memcpy(buffer, frame, len);
	for (int i = 0; i < 2 && d->fd >= 0; i++) {
		if (write(d->fd, buffer, len + FCS_OCTETS) == (ssize_t)(len + FCS_OCTETS))
			return 0;
		if (errno == EAGAIN) {
			d->dropped++;
			return -EAGAIN;
		}
		if (e1_dahdi_is_gone(errno) || !take_events(d)) /* else an event stood before it */
			lose(d);
	}
	return -ENETDOWN;
}
