/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/t1e1/e1_dahdi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "hw/t1e1/dahdi_probe.h"
#include "hw/t1e1/e1_dahdi_half.h"

struct dahdi_span {
	struct e1_dahdi_audio audio; /* the worker's */
	struct e1_dahdi_dchan dchan; /* control's */
};

/* ── what went wrong, and what to do ── */

int e1_dahdi_explain(char why[E1_DAHDI_WHY], const struct e1_dahdi_cfg *cfg, int channel, int err)
{
	struct strbuf b;

	strbuf_init(&b, why, E1_DAHDI_WHY);
	switch (-err) {
	case ENOENT:
		strbuf_add(&b, "there is no /dev/dahdi/ctl: load the driver of your card (modprobe "
			       "dahdi and the card's own)");
		break;
	case EACCES:
	case EPERM:
		strbuf_add(&b, "no permission for /dev/dahdi: run as root, or add this user to "
			       "the group that owns it (usermod -a -G dialout USER)");
		break;
	case EBUSY:
		strbuf_addf(&b,
			    "channel %d is in use by another program; fuser -v "
			    "/dev/dahdi/* tells which",
			    channel);
		break;
	case ENODEV:
	case ENXIO:
		strbuf_addf(&b,
			    "DAHDI span %u is not there, or has no channels yet; cat "
			    "/proc/dahdi/%u, and dahdi_cfg -v sets it up",
			    cfg->dahdi_span, cfg->dahdi_span);
		break;
	case EOPNOTSUPP:
		strbuf_add(&b, "echo_cancel is set but no echo canceller is attached: add "
			       "\"echocanceller=oslec,CHANNELS\" to /etc/dahdi/system.conf and run "
			       "dahdi_cfg, or set echo_cancel: 0");
		break;
	default:
		strbuf_addf(&b, "DAHDI channel %d: %s", channel, strerror(-err));
	}
	return err;
}

int e1_dahdi_explain_signalling(char why[E1_DAHDI_WHY], const struct e1_dahdi_cfg *cfg,
				const struct e1_dahdi_channel *ch, unsigned ts, bool dchannel)
{
	struct strbuf b;

	strbuf_init(&b, why, E1_DAHDI_WHY);
	if (ch->number == DAHDI_NO_CHANNEL)
		strbuf_addf(&b, "DAHDI span %u has no timeslot %u; correct bchannels and dchannel",
			    cfg->dahdi_span, ts);
	else
		strbuf_addf(&b,
			    "timeslot %u (channel %d) is configured for something else; it "
			    "needs \"%s=%d\" in /etc/dahdi/system.conf, then dahdi_cfg",
			    ts, ch->number, dchannel ? "dchan" : "bchan", ch->number);
	return -EPROTOTYPE;
}

/* ── the seam ── */

static int span_pace_fd(struct e1_span *s)
{
	return ((struct dahdi_span *)s->impl)->audio.set.epoll_fd;
}

static int span_run(struct e1_span *s, int64_t now_us, e1_block_fn fn, void *arg)
{
	return e1_dahdi_audio_run(&((struct dahdi_span *)s->impl)->audio, now_us, fn, arg);
}

static void span_ts_enable(struct e1_span *s, unsigned ts, bool on)
{
	e1_dahdi_audio_enable(&((struct dahdi_span *)s->impl)->audio, ts, on);
}

static void span_line(struct e1_span *s, struct e1_line *out)
{
	*out = ((struct dahdi_span *)s->impl)->audio.line;
}

static void span_ts_counts(struct e1_span *s, unsigned ts, struct e1_ts_counts *out)
{
	*out = ((struct dahdi_span *)s->impl)->audio.ts[ts].counts;
}

static int span_dchan_fd(struct e1_span *s)
{
	return ((struct dahdi_span *)s->impl)->dchan.set.epoll_fd;
}

static ssize_t span_dchan_recv(struct e1_span *s, uint8_t *frame, size_t cap)
{
	return e1_dahdi_dchan_recv(&((struct dahdi_span *)s->impl)->dchan, frame, cap);
}

static int span_dchan_send(struct e1_span *s, const uint8_t *frame, size_t len)
{
	return e1_dahdi_dchan_send(&((struct dahdi_span *)s->impl)->dchan, frame, len);
}

static uint64_t span_dchan_bad(struct e1_span *s)
{
	return ((struct dahdi_span *)s->impl)->dchan.bad;
}

static void span_close(struct e1_span *s)
{
	struct dahdi_span *d = s->impl;

	s->ops = NULL;
	s->impl = NULL;
	if (!d)
		return;
	e1_dahdi_audio_close(&d->audio);
	e1_dahdi_dchan_stop(&d->dchan);
	free(d);
}

static const struct e1_ops dahdi_ops = {
    .pace_fd = span_pace_fd,
    .run = span_run,
    .ts_enable = span_ts_enable,
    .line = span_line,
    .ts_counts = span_ts_counts,
    .dchan_fd = span_dchan_fd,
    .dchan_recv = span_dchan_recv,
    .dchan_send = span_dchan_send,
    .dchan_bad = span_dchan_bad,
    .close = span_close,
};

static struct dahdi_span *new_span(void)
{
	struct dahdi_span *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->audio.ctl = d->dchan.fd = -1;
	d->audio.set = d->dchan.set = (struct e1_dahdi_set){-1, -1};
	for (unsigned ts = 0; ts < E1_TIMESLOTS; ts++)
		d->audio.ts[ts].fd = -1;
	return d;
}

/* A span that is named by its place: which number has it today? */
static int find_card(struct e1_dahdi_cfg *c, char why[E1_DAHDI_WHY])
{
	const struct dahdi_probe_span *found;
	const char *sentence = "";
	struct dahdi_probe p;
	struct strbuf b;
	int err = dahdi_probe(&p);

	if (!err)
		err = -p.ctl_errno;
	if (err)
		return e1_dahdi_explain(why, c, DAHDI_NO_CHANNEL, err);
	found = dahdi_probe_find(&p, c->card, &sentence);
	if (found)
		c->dahdi_span = found->id.span;
	dahdi_probe_free(&p);
	if (found)
		return 0;
	strbuf_init(&b, why, E1_DAHDI_WHY);
	strbuf_addf(&b, "%s: %s; spanbridge doctor shows the cards", c->card, sentence);
	return -ENODEV;
}

int e1_dahdi_open(struct e1_span *out, uint16_t number, const struct e1_dahdi_cfg *cfg,
		  char why[E1_DAHDI_WHY])
{
	struct e1_dahdi_cfg c = *cfg;
	struct dahdi_span *d = new_span();
	int err;

	*out = (struct e1_span){.ops = &dahdi_ops, .impl = d, .number = number};
	why[0] = '\0';
	if (!d)
		return e1_dahdi_explain(why, cfg, DAHDI_NO_CHANNEL, -ENOMEM);
	if (!c.buffers)
		c.buffers = E1_DAHDI_BUFFERS;
	c.bchannels &= ~(1u | 1u << c.dchannel_ts);
	if (!c.bchannels || c.buffers > E1_DAHDI_BUFFERS_MAX)
		err = e1_dahdi_explain(why, &c, DAHDI_NO_CHANNEL, -EINVAL);
	else
		err = *c.card ? find_card(&c, why) : 0;
	if (!err)
		err = e1_dahdi_audio_open(&d->audio, &c, why);
	if (!err)
		err = e1_dahdi_dchan_start(&d->dchan, number, &c, why);
	if (err)
		span_close(out);
	return err;
}
