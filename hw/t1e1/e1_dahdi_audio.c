/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The media worker's half of a DAHDI span. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "hw/t1e1/e1_dahdi_half.h"

enum {
	TICK_EVENTS = E1_TIMESLOTS + 1,
	RUN_BLOCKS_MAX = 2 * DAHDI_RX_BLOCKS, /* of one timeslot, in one run() */
};

/* ── opening, and again after the span was pulled ── */

static void close_timeslots(struct e1_dahdi_audio *a)
{
	for (unsigned ts = 0; ts < E1_TIMESLOTS; ts++) {
		if (a->ts[ts].fd >= 0)
			close(a->ts[ts].fd);
		a->ts[ts].fd = -1;
		a->ts[ts].running = false;
	}
}

static int open_timeslot(struct e1_dahdi_audio *a, unsigned ts, struct e1_dahdi_channel *ch,
			 char why[E1_DAHDI_WHY])
{
	int err = e1_dahdi_configure(a->ctl, ch, false);

	if (err)
		return e1_dahdi_explain(why, &a->cfg, ch->number, err);
	if (ch->number == DAHDI_NO_CHANNEL || !e1_dahdi_is_clear(ch))
		return e1_dahdi_explain_signalling(why, &a->cfg, ch, ts, false);
	a->ts[ts].fd = e1_dahdi_bchan_open(ch, &a->cfg);
	if (a->ts[ts].fd < 0)
		return e1_dahdi_explain(why, &a->cfg, ch->number, a->ts[ts].fd);
	return 0;
}

static int open_timeslots(struct e1_dahdi_audio *a, char why[E1_DAHDI_WHY])
{
	struct e1_dahdi_channel ch[E1_TIMESLOTS];
	int err = e1_dahdi_find(a->ctl, a->cfg.dahdi_span, ch);

	if (err < 0)
		return e1_dahdi_explain(why, &a->cfg, DAHDI_NO_CHANNEL, err);
	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++) {
		if (!(a->cfg.bchannels >> ts & 1))
			continue;
		err = open_timeslot(a, ts, &ch[ts], why);
		if (err)
			return err;
	}
	return e1_dahdi_set_add(&a->set, a->ts[a->pacer].fd, a->pacer);
}

/* A canceller is asked for in the configuration: better to hear at start that there is none. */
static int try_echo(struct e1_dahdi_audio *a, char why[E1_DAHDI_WHY])
{
	if (!a->cfg.echo_tail_ms)
		return 0;
	if (e1_dahdi_echo(a->ts[a->pacer].fd, a->cfg.echo_tail_ms))
		return e1_dahdi_explain(why, &a->cfg, DAHDI_NO_CHANNEL, -EOPNOTSUPP);
	e1_dahdi_echo(a->ts[a->pacer].fd, 0);
	return 0;
}

int e1_dahdi_audio_open(struct e1_dahdi_audio *a, const struct e1_dahdi_cfg *cfg,
			char why[E1_DAHDI_WHY])
{
	int err;

	a->cfg = *cfg;
	a->pacer = (unsigned)__builtin_ctz(cfg->bchannels);
	a->ctl = e1_dahdi_ctl_open();
	if (a->ctl < 0)
		return e1_dahdi_explain(why, cfg, DAHDI_NO_CHANNEL, a->ctl);
	err = e1_dahdi_set_open(&a->set);
	if (err)
		return e1_dahdi_explain(why, cfg, DAHDI_NO_CHANNEL, err);
	err = open_timeslots(a, why);
	if (!err)
		err = try_echo(a, why);
	e1_dahdi_line_open(a);
	e1_dahdi_line_read(a, clock_mono_us());
	return err;
}

void e1_dahdi_audio_close(struct e1_dahdi_audio *a)
{
	close_timeslots(a);
	e1_dahdi_set_close(&a->set);
	if (a->ctl >= 0)
		close(a->ctl);
	a->ctl = -1;
}

static void leave_span(struct e1_dahdi_audio *a)
{
	close_timeslots(a);
	a->gone = true;
	a->line_due = true;
}

static void come_back(struct e1_dahdi_audio *a)
{
	char why[E1_DAHDI_WHY]; /* control says it, about the D-channel */

	if (open_timeslots(a, why)) {
		close_timeslots(a);
		return;
	}
	a->gone = false;
	a->line_due = true;
}

/* ── one timeslot ── */

void e1_dahdi_audio_enable(struct e1_dahdi_audio *a, unsigned ts, bool on)
{
	struct e1_dahdi_timeslot *t = &a->ts[ts];

	if (ts >= E1_TIMESLOTS || t->enabled == on)
		return;
	t->enabled = on;
	if (on) {
		t->counts = (struct e1_ts_counts){0};
		t->missed = 0;
		t->block_us = 0;
		t->underran = false;
	} else if (t->running) {
		t->running = false;
		if (ts != a->pacer)
			e1_dahdi_set_remove(&a->set, t->fd);
		e1_dahdi_watch_buffers(t->fd, false);
		if (a->cfg.echo_tail_ms)
			e1_dahdi_echo(t->fd, 0);
		e1_dahdi_flush(t->fd); /* the next call shall not hear the end of this one */
	}
}

static void write_block(struct e1_dahdi_timeslot *t, const uint8_t tx[E1_BLOCK_OCTETS])
{
	if (write(t->fd, tx, E1_BLOCK_OCTETS) != E1_BLOCK_OCTETS)
		t->counts.tx_dropped_octets += E1_BLOCK_OCTETS;
}

/* The line gave nothing for longer than its queue holds: it stood still (an alarm, a span that was
 * pulled). */
static void count_standstill(struct e1_dahdi_audio *a, struct e1_dahdi_timeslot *t, int64_t now_us)
{
	int64_t due = (now_us - t->block_us) / E1_BLOCK_US;

	if (!t->block_us || due <= DAHDI_RX_BLOCKS)
		return;
	t->missed += (unsigned)due;
	a->line.missed_blocks += (uint64_t)due;
	t->block_us = now_us;
}

/* Right after a block of the pacemaker: queues begin together, blocks end together. */
static void start_timeslot(struct e1_dahdi_audio *a, unsigned ts, int64_t now_us)
{
	struct e1_dahdi_timeslot *t = &a->ts[ts];
	uint8_t idle[E1_BLOCK_OCTETS];

	memset(idle, E1_IDLE_OCTET, sizeof(idle));
	if (a->cfg.echo_tail_ms)
		e1_dahdi_echo(t->fd, a->cfg.echo_tail_ms);
	e1_dahdi_flush(t->fd);
	for (unsigned i = 0; i < a->cfg.buffers; i++)
		write_block(t, idle);
	e1_dahdi_watch_buffers(t->fd, true);
	if (ts != a->pacer)
		e1_dahdi_set_add(&a->set, t->fd, ts);
	count_standstill(a, t, now_us);
	t->block_us = now_us;
	t->running = true;
}

static void start_waiting(struct e1_dahdi_audio *a, int64_t now_us)
{
	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		if (a->ts[ts].enabled && !a->ts[ts].running && a->ts[ts].fd >= 0)
			start_timeslot(a, ts, now_us);
}

/* One block in, and what is to go out for it. False: none waits, or an event stands before it. */
static bool take_block(struct e1_dahdi_audio *a, unsigned ts, int64_t now_us, e1_block_fn fn,
		       void *arg, uint8_t tx[E1_BLOCK_OCTETS])
{
	struct e1_dahdi_timeslot *t = &a->ts[ts];

	if (read(t->fd, a->rx, sizeof(a->rx)) != E1_BLOCK_OCTETS)
		return false;
	t->block_us = now_us;
	memset(tx, E1_IDLE_OCTET, E1_BLOCK_OCTETS);
	fn(arg, ts, t->missed, a->rx, tx);
	t->missed = 0;
	return true;
}

/* The line took more than the queue held. All that came in is delivered; of what was to go out the
 * newest blocks fill the queue anew, those before are too late. */
static unsigned catch_up(struct e1_dahdi_audio *a, unsigned ts, int64_t now_us, e1_block_fn fn,
			 void *arg)
{
	struct e1_dahdi_timeslot *t = &a->ts[ts];
	const unsigned depth = a->cfg.buffers;
	unsigned n = 0, late;

	while (n < RUN_BLOCKS_MAX && take_block(a, ts, now_us, fn, arg, a->tx[n % depth]))
		n++;
	for (; n < depth; n++) { /* never less than the queue needs */
		memset(a->tx[n % depth], E1_IDLE_OCTET, E1_BLOCK_OCTETS);
		t->counts.tx_idle_octets += E1_BLOCK_OCTETS;
	}
	for (unsigned i = n - depth; i < n; i++)
		write_block(t, a->tx[i % depth]);
	late = n - depth;
	t->counts.tx_dropped_octets += late * E1_BLOCK_OCTETS;
	/* The kernel does not tell where within a block the line was. Over a timeslot's life these
	 * parts add up to less than one block. */
	t->counts.tx_idle_octets += (late + !t->underran) * E1_BLOCK_OCTETS;
	t->underran = true;
	a->line.tx_underruns++;
	return n;
}

/* The receive queue was full: what came meanwhile is told by the clock alone, rounded up, as nobody
 * knows how long the last block had waited for us. For as long the line had nothing to send. */
static void count_overrun(struct e1_dahdi_audio *a, struct e1_dahdi_timeslot *t, int64_t now_us,
			  int64_t since_us, unsigned n)
{
	int64_t due = (now_us - since_us + 2 * E1_BLOCK_US - 1) / E1_BLOCK_US;

	t->missed = due > (int64_t)n ? (unsigned)(due - n) : 1;
	t->counts.tx_idle_octets += (uint64_t)t->missed * E1_BLOCK_OCTETS;
	a->line.missed_blocks += t->missed;
}

static void run_events(struct e1_dahdi_audio *a, unsigned ts, int64_t now_us, e1_block_fn fn,
		       void *arg)
{
	struct e1_dahdi_timeslot *t = &a->ts[ts];
	unsigned saw = e1_dahdi_events(t->fd), n = 0;
	int64_t since_us = t->block_us;

	if (saw & DAHDI_SAW_REMOVED) {
		leave_span(a);
		return;
	}
	if (saw & DAHDI_SAW_ALARM)
		a->line_due = true;
	if (t->running && !(saw & DAHDI_SAW_OVERRUN))
		count_standstill(a, t, now_us);
	if (t->running && (saw & DAHDI_SAW_UNDERRUN))
		n = catch_up(a, ts, now_us, fn, arg);
	if (t->running && (saw & DAHDI_SAW_OVERRUN))
		count_overrun(a, t, now_us, since_us, n);
}

/* The pacemaker without a call: its blocks only tell the time. */
static int skip_blocks(struct e1_dahdi_audio *a)
{
	int blocks = 0;

	while (blocks < RUN_BLOCKS_MAX &&
	       read(a->ts[a->pacer].fd, a->rx, sizeof(a->rx)) == E1_BLOCK_OCTETS)
		blocks++;
	return blocks;
}

static void run_timeslot(struct e1_dahdi_audio *a, unsigned ts, uint32_t events, int64_t now_us,
			 e1_block_fn fn, void *arg)
{
	struct e1_dahdi_timeslot *t = &a->ts[ts];

	if (t->fd < 0) /* gone in this very turn */
		return;
	if (events & (EPOLLERR | EPOLLHUP)) {
		leave_span(a);
		return;
	}
	if (events & EPOLLPRI)
		run_events(a, ts, now_us, fn, arg);
	if (!(events & EPOLLIN) || t->fd < 0)
		return;
	if (!t->running)
		skip_blocks(a);
	else if (!(events & EPOLLPRI) && take_block(a, ts, now_us, fn, arg, a->tx[0]))
		write_block(t, a->tx[0]);
}

static void run_tick(struct e1_dahdi_audio *a)
{
	e1_dahdi_set_ticked(&a->set);
	if (a->gone)
		come_back(a);
	a->line_due = true;
}

int e1_dahdi_audio_run(struct e1_dahdi_audio *a, int64_t now_us, e1_block_fn fn, void *arg)
{
	struct epoll_event ready[TICK_EVENTS];
	int n = epoll_wait(a->set.epoll_fd, ready, TICK_EVENTS, 0);
	bool paced = false;

	for (int i = 0; i < n; i++) {
		unsigned ts = ready[i].data.u32;

		if (ts == E1_DAHDI_TICK) {
			run_tick(a);
			continue;
		}
		run_timeslot(a, ts, ready[i].events, now_us, fn, arg);
		paced = paced || (ts == a->pacer && (ready[i].events & EPOLLIN));
	}
	if (paced) {
		a->line.blocks++;
		start_waiting(a, now_us);
	}
	if (a->line_due)
		e1_dahdi_line_read(a, now_us);
	a->line_due = false;
	return paced;
}
