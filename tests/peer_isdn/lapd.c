/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/peer_isdn/lapd.h"

#include <string.h>

enum { /* control field with P/F = 0, Q.921 table 5 */
       SABME = 0x6f,
       DM = 0x0f,
       DISC = 0x43,
       UA = 0x63,
       RR = 0x01,
       RNR = 0x05,
       REJ = 0x09,
       PF_U = 0x10, /* of an unnumbered frame */
};

static size_t put_address(const struct lapd *l, bool command, uint8_t *out)
{
	/* Commands of the network and responses of the user have C/R = 1. */
	out[0] = command == l->network ? 0x02 : 0x00;
	out[1] = 0x01;
	return 2;
}

static void put_unnumbered(struct lapd *l, bool command, uint8_t control)
{
	uint8_t frame[3];
	size_t n = put_address(l, command, frame);

	frame[n++] = control;
	if (!l->deaf)
		l->send(l->arg, frame, n);
}

static void put_supervisory(struct lapd *l, bool command, uint8_t control, bool pf)
{
	uint8_t frame[4];
	size_t n = put_address(l, command, frame);

	frame[n++] = control;
	frame[n++] = (uint8_t)(l->vr << 1 | pf);
	if (!l->deaf)
		l->send(l->arg, frame, n);
}

static uint8_t unacknowledged(const struct lapd *l)
{
	return (uint8_t)((l->vs - l->va) & 127);
}

static void put_info(struct lapd *l, unsigned index, uint8_t ns)
{
	const struct lapd_info *info = &l->queue[(l->first + index) % LAPD_QUEUE];
	uint8_t frame[4 + LAPD_N201];
	size_t n = put_address(l, true, frame);

	frame[n++] = (uint8_t)(ns << 1);
	frame[n++] = (uint8_t)(l->vr << 1);
	memcpy(frame + n, info->octets, info->len);
	if (!l->deaf)
		l->send(l->arg, frame, n + info->len);
}

static void restart_timers(struct lapd *l, int64_t now_us)
{
	bool waits = unacknowledged(l) > 0;

	l->t200_us = waits ? now_us + LAPD_T200_US : INT64_MAX;
	l->t203_us = waits ? INT64_MAX : now_us + LAPD_T203_US;
}

static void send_waiting(struct lapd *l, int64_t now_us)
{
	if (!l->up)
		return;
	while (unacknowledged(l) < l->queued && unacknowledged(l) < LAPD_WINDOW) {
		put_info(l, unacknowledged(l), l->vs);
		l->vs = (l->vs + 1) & 127;
	}
	restart_timers(l, now_us);
}

static void repeat(struct lapd *l)
{
	uint8_t count = unacknowledged(l);

	for (uint8_t i = 0; i < count; i++)
		put_info(l, i, (uint8_t)((l->va + i) & 127));
	l->repeated += count;
}

static void release(struct lapd *l, int64_t now_us)
{
	l->up = false;
	l->t203_us = INT64_MAX;
	l->t200_us = now_us; /* SABME at once */
}

static void acknowledged(struct lapd *l, int64_t now_us, uint8_t nr)
{
	uint8_t count = (uint8_t)((nr - l->va) & 127);

	if (count > unacknowledged(l)) {
		l->odd++; /* 5.8.5: an N(R) that cannot be: the link is made anew */
		release(l, now_us);
		return;
	}
	l->va = nr;
	l->first = (l->first + count) % LAPD_QUEUE;
	l->queued -= count;
	restart_timers(l, now_us);
}

static void establish(struct lapd *l, int64_t now_us)
{
	l->vs = l->va = l->vr = 0;
	l->ups += !l->up;
	l->up = true;
	send_waiting(l, now_us);
}

static void receive_unnumbered(struct lapd *l, int64_t now_us, uint8_t control)
{
	uint8_t final = control & PF_U;

	switch (control & ~PF_U) {
	case SABME:
		if (l->up) /* 5.7.1: what is not acknowledged is discarded */
			l->queued = 0;
		put_unnumbered(l, false, UA | final);
		establish(l, now_us);
		break;
	case DISC:
		put_unnumbered(l, false, (l->up ? UA : DM) | final);
		release(l, now_us);
		break;
	case UA:
		if (!l->up)
			establish(l, now_us);
		break;
	case DM:
		if (l->up)
			release(l, now_us);
		break;
	default:
		l->odd++;
	}
}

static void receive_supervisory(struct lapd *l, int64_t now_us, bool command, const uint8_t *f)
{
	bool pf = f[1] & 1;

	if ((f[0] & ~0x0c) != RR) {
		l->odd++;
		return;
	}
	acknowledged(l, now_us, f[1] >> 1);
	if (!l->up)
		return;
	if (command && pf)
		put_supervisory(l, false, RR, true);
	else if (f[0] == REJ || (!command && pf))
		repeat(l);
	send_waiting(l, now_us);
}

static void receive_info(struct lapd *l, int64_t now_us, const uint8_t *f, size_t len)
{
	uint8_t ns = f[0] >> 1;
	bool poll = f[1] & 1;

	acknowledged(l, now_us, f[1] >> 1);
	if (!l->up)
		return;
	if (ns != l->vr) {
		l->rejected++;
		put_supervisory(l, false, REJ, poll);
		return;
	}
	l->vr = (l->vr + 1) & 127;
	put_supervisory(l, false, RR, poll);
	l->deliver(l->arg, f + 2, len - 2);
	send_waiting(l, now_us);
}

void lapd_receive(struct lapd *l, int64_t now_us, const uint8_t *frame, size_t len)
{
	bool command;

	if (l->deaf)
		return;
	if (len < 3 || frame[0] & 0xfd || frame[1] != 0x01) {
		l->odd++;
		return;
	}
	command = (frame[0] & 0x02) == (l->network ? 0x00 : 0x02);
	if ((frame[2] & 0x03) == 0x03)
		receive_unnumbered(l, now_us, frame[2]);
	else if (!l->up || len < 4)
		l->odd += l->up;
	else if (frame[2] & 1)
		receive_supervisory(l, now_us, command, frame + 2);
	else
		receive_info(l, now_us, frame + 2, len - 2);
}

void lapd_start(struct lapd *l, int64_t now_us)
{
	release(l, now_us);
	if (l->passive)
		l->t200_us = INT64_MAX;
	lapd_run(l, now_us);
}

void lapd_send(struct lapd *l, int64_t now_us, const uint8_t *info, size_t len)
{
	struct lapd_info *slot = &l->queue[(l->first + l->queued) % LAPD_QUEUE];

	if (l->queued == LAPD_QUEUE || len > LAPD_N201) {
		l->odd++;
		return;
	}
	slot->len = len;
	memcpy(slot->octets, info, len);
	l->queued++;
	send_waiting(l, now_us);
}

void lapd_cut(struct lapd *l)
{
	put_unnumbered(l, true, DISC | PF_U);
	l->deaf = true;
}

void lapd_mend(struct lapd *l, int64_t now_us)
{
	l->deaf = false;
	lapd_start(l, now_us);
}

void lapd_run(struct lapd *l, int64_t now_us)
{
	if (now_us >= l->t203_us) {
		l->t203_us = INT64_MAX;
		l->t200_us = now_us + LAPD_T200_US;
		put_supervisory(l, true, RR, true);
	} else if (now_us >= l->t200_us) {
		l->t200_us = now_us + LAPD_T200_US;
		if (!l->up)
			put_unnumbered(l, true, SABME | PF_U);
		else
			put_supervisory(l, true, RR,
					true); /* 5.6.7: enquire, repeat when answered */
	}
}

int64_t lapd_next_us(const struct lapd *l)
{
	return l->t200_us < l->t203_us ? l->t200_us : l->t203_us;
}
