/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A socket span: e1_ops over its two halves. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/rng.h"
#include "gateway/base/strbuf.h"
#include "hw/t1e1/e1_virt_sock.h"

enum { PATH_OCTETS_MAX = 100 };

/* Each half is one thread's alone. */
struct sock {
	struct e1_sock_audio audio; /* media worker */
	struct e1_sock_dchan dchan; /* control */
};

/* ── media worker ── */

static int sock_pace_fd(struct e1_span *s)
{
	struct sock *k = s->impl;

	return k->audio.link.epoll_fd;
}

static int sock_run(struct e1_span *s, int64_t now_us, e1_block_fn fn, void *arg)
{
	struct sock *k = s->impl;

	return e1_sock_audio_run(&k->audio, now_us, fn, arg);
}

static void sock_ts_enable(struct e1_span *s, unsigned ts, bool on)
{
	struct sock *k = s->impl;

	e1_virt_audio_enable(&k->audio.audio, ts, on);
}

static void sock_line(struct e1_span *s, struct e1_line *out)
{
	const struct sock *k = s->impl;

	e1_sock_audio_line(&k->audio, out);
}

/* ── control ── */

static int sock_dchan_fd(struct e1_span *s)
{
	struct sock *k = s->impl;

	return k->dchan.link.epoll_fd;
}

static ssize_t sock_dchan_recv(struct e1_span *s, uint8_t *frame, size_t cap)
{
	struct sock *k = s->impl;

	return e1_sock_dchan_recv(&k->dchan, clock_mono_us(), frame, cap);
}

static int sock_dchan_send(struct e1_span *s, const uint8_t *frame, size_t len)
{
	struct sock *k = s->impl;

	return e1_sock_dchan_send(&k->dchan, clock_mono_us(), frame, len);
}

/* ── both have stopped ── */

static void sock_destroy(struct sock *k)
{
	if (!k)
		return;
	e1_sock_dchan_close(&k->dchan);
	e1_sock_audio_close(&k->audio);
	free(k);
}

static void sock_close(struct e1_span *s)
{
	sock_destroy(s->impl);
	s->impl = NULL;
	s->ops = NULL;
}

static const struct e1_ops sock_ops = {
    .pace_fd = sock_pace_fd,
    .run = sock_run,
    .ts_enable = sock_ts_enable,
    .line = sock_line,
    .dchan_fd = sock_dchan_fd,
    .dchan_recv = sock_dchan_recv,
    .dchan_send = sock_dchan_send,
    .close = sock_close,
};

int e1_virt_socket_open(struct e1_span *out, uint16_t number, const struct e1_virt_socket_cfg *cfg,
			const char **why)
{
	struct e1_wire_hello own = {.clock_master = cfg->clock_master};
	char dchan_path[PATH_OCTETS_MAX + 3];
	struct rng rng;
	struct sock *k;
	int rc;

	*out = (struct e1_span){.number = number};
	if (!cfg->path[0] || strlen(cfg->path) > PATH_OCTETS_MAX) {
		*why = "a UNIX socket's path has 1 to 100 octets";
		return -ENAMETOOLONG;
	}
	*why = "out of memory";
	k = calloc(1, sizeof(*k));
	if (!k)
		return -ENOMEM;
	rng_init_secure(&rng);
	own.sender = rng_u64(&rng);
	k->dchan.span = number;
	str_copy(dchan_path, sizeof(dchan_path), cfg->path);
	str_copy(dchan_path + strlen(cfg->path), 3, ".d");
	own.purpose = E1_WIRE_AUDIO;
	rc = e1_sock_audio_open(&k->audio, cfg->path, cfg->listen, &own, why);
	own.purpose = E1_WIRE_DCHAN;
	if (!rc)
		rc = e1_sock_dchan_open(&k->dchan, dchan_path, cfg->listen, &own, cfg->dchan_64k,
					why);
	if (rc) {
		sock_destroy(k);
		return rc;
	}
	*why = NULL;
	out->ops = &sock_ops;
	out->impl = k;
	return 0;
}
