/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/media_bridge/worker.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "gateway/base/clock.h"

enum {
	STALLED_US = 500000,	       /* a span without blocks for so long has none to give */
	LINE_COUNTERS_US = 1000000,    /* how often grown counters are reported */
	LINE_BLOCKS_US = 10 * 1000000, /* and those that always grow */
};

int worker_create(struct media_worker **out, unsigned sessions_max, int report_fd)
{
	struct media_worker *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = w->wake_fd < 0 ? -errno : 0;
	w->report_fd = report_fd;
	w->sessions_max = sessions_max;
	w->live = calloc(sessions_max, sizeof(w->live[0]));
	if (!err && !w->live)
		err = -ENOMEM;
	if (!err)
		err = ring_create(&w->cmds, sizeof(struct worker_cmd),
				  (size_t)sessions_max * WORKER_CMDS_PER_SESSION, false);
	if (!err)
		err = ring_create(&w->events, sizeof(struct worker_event),
				  (size_t)sessions_max * WORKER_EVENTS_PER_SESSION, false);
	if (!err)
		err = ring_create(&w->lines, sizeof(struct worker_line), WORKER_LINE_EVENTS, false);
	if (err) {
		worker_destroy(w);
		return err;
	}
	*out = w;
	return 0;
}

void worker_destroy(struct media_worker *w)
{
	if (!w)
		return;
	ring_destroy(w->cmds);
	ring_destroy(w->events);
	ring_destroy(w->lines);
	if (w->wake_fd >= 0)
		close(w->wake_fd);
	free(w->live);
	free(w);
}

int media_worker_add_span(struct media_worker *w, struct e1_span *span)
{
	struct worker_span *ws;

	if (w->span_count == WORKER_SPANS_MAX)
		return -ENOSPC;
	ws = &w->span[w->span_count++];
	*ws = (struct worker_span){.worker = w, .span = span, .block_us = INT64_MIN / 2};
	return 0;
}

void worker_wake(struct media_worker *w)
{
	uint64_t one = 1;

	if (write(w->wake_fd, &one, sizeof(one)) < 0)
		return; /* EAGAIN: it is awake */
}

/* ── to control ── */

static void report(struct media_worker *w, enum worker_event_type type, struct worker_session *ws)
{
	struct worker_event e = {type, ws};

	/* Never full: see the places that are reserved. */
	if (!ring_push(w->events, &e))
		counter_add(&w->dropped, 1);
	w->report_due = true;
}

static bool counters_grew(const struct e1_line *a, const struct e1_line *b)
{
	return a->missed_blocks != b->missed_blocks || a->bad_blocks != b->bad_blocks ||
	       a->slips != b->slips || a->tx_underruns != b->tx_underruns ||
	       a->crc4_errors != b->crc4_errors ||
	       a->fas_errors != b->fas_errors || a->bpv != b->bpv ||
	       a->ebit_errors != b->ebit_errors || a->errored_seconds != b->errored_seconds ||
	       a->severely_errored_seconds != b->severely_errored_seconds ||
	       a->timing_slips != b->timing_slips || a->irq_misses != b->irq_misses ||
	       !e1_params_equal(&a->params, &b->params);
}

static void report_line(struct media_worker *w, struct worker_span *ws)
{
	struct worker_line l = {.span = ws->span->number};
	int64_t age_us = w->now_us - ws->line_us;
	bool due;

	ws->span->ops->line(ws->span, &l.line);
	due = !ws->line_known || l.line.alarms != ws->line.alarms ||
	      (age_us >= LINE_COUNTERS_US && counters_grew(&l.line, &ws->line)) ||
	      (age_us >= LINE_BLOCKS_US && l.line.blocks != ws->line.blocks);
	if (!due)
		return;
	if (!ring_push(w->lines, &l)) { /* not known there yet: again at the next turn */
		counter_add(&w->dropped, 1);
		return;
	}
	ws->line = l.line;
	ws->line_us = w->now_us;
	ws->line_known = true;
	w->report_due = true;
}

/* ── commands ── */

static void count_timeslot(struct worker_session *ws)
{
	struct e1_span *e1 = ws->span->span;
	struct e1_ts_counts c;

	if (!e1->ops->ts_counts)
		return;
	e1->ops->ts_counts(e1, ws->ts, &c);
	counter_add(&ws->s.n.tdm_idle, c.tx_idle_octets);
	counter_add(&ws->s.n.tdm_dropped, c.tx_dropped_octets);
}

static void leave_timeslot(struct worker_session *ws)
{
	if (!ws->span)
		return;
	count_timeslot(ws);
	ws->span->by_ts[ws->ts] = NULL;
	ws->span->span->ops->ts_enable(ws->span->span, ws->ts, false);
	ws->span = NULL;
}

static void enter_timeslot(struct media_worker *w, struct worker_session *ws,
			   const struct call_channel *channel)
{
	struct worker_span *span = NULL;

	for (unsigned i = 0; i < w->span_count && channel->span; i++)
		if (w->span[i].span->number == channel->span)
			span = &w->span[i];
	if (ws->span == span && (!span || ws->ts == channel->ts))
		return;
	leave_timeslot(ws);
	if (!span)
		return;
	ws->span = span;
	ws->ts = channel->ts;
	if (span->by_ts[ws->ts]) /* an old call's, which has not let go yet */
		span->by_ts[ws->ts]->span = NULL;
	span->by_ts[ws->ts] = ws;
	span->span->ops->ts_enable(span->span, ws->ts, true);
}

static void report_early(struct media_worker *w, struct worker_session *ws)
{
	if (!ws->s.early_due)
		return;
	ws->s.early_due = false;
	report(w, WORKER_EARLY_RTP, ws);
}

static void run_command(struct media_worker *w, const struct worker_cmd *c)
{
	struct worker_session *ws = c->session;

	switch (c->type) {
	case WORKER_ATTACH:
		ws->index = w->live_count;
		w->live[w->live_count++] = ws;
		session_set(&ws->s, c->params, w->now_us);
		enter_timeslot(w, ws, &c->params->p.channel);
		break;
	case WORKER_SET:
		session_set(&ws->s, c->params, w->now_us);
		enter_timeslot(w, ws, &c->params->p.channel);
		report(w, WORKER_SET_DONE, ws);
		break;
	case WORKER_DETACH:
		leave_timeslot(ws);
		if (c->last)
			session_finish(&ws->s, w->now_us);
		report_early(w, ws);
		w->live[ws->index] = w->live[--w->live_count];
		w->live[ws->index]->index = ws->index;
		report(w, WORKER_DETACHED, ws);
		break;
	}
}

/* ── a turn ── */

static void on_block(void *arg, unsigned ts, unsigned missed, const uint8_t rx[E1_BLOCK_OCTETS],
		     uint8_t tx[E1_BLOCK_OCTETS])
{
	struct worker_span *span = arg;
	struct worker_session *ws = span->by_ts[ts];

	if (!ws)
		return;
	session_block(&ws->s, span->worker->now_us, missed, rx, tx);
	report_early(span->worker, ws);
}

/* Sessions whose timeslot does not run (none yet, or the span is dead) still latch and count. */
static void run_idle(struct media_worker *w)
{
	if (w->now_us - w->idle_us < E1_BLOCK_US)
		return;
	w->idle_us = w->now_us;
	for (unsigned i = 0; i < w->live_count; i++) {
		struct worker_session *ws = w->live[i];

		if (ws->span && w->now_us - ws->span->block_us < STALLED_US)
			continue;
		session_idle(&ws->s, w->now_us);
		report_early(w, ws);
	}
}

static void run_span(struct media_worker *w, struct worker_span *ws)
{
	int blocks = ws->span->ops->run(ws->span, w->now_us, on_block, ws);

	if (blocks > 0)
		ws->block_us = w->now_us;
	if (blocks > 1)
		counter_add(&w->late_turns, 1);
	report_line(w, ws);
}

static void drain_commands(struct media_worker *w)
{
	struct worker_cmd c;

	while (ring_pop(w->cmds, &c))
		run_command(w, &c);
}

static void finish_turn(struct media_worker *w)
{
	uint64_t one = 1;

	counter_add(&w->turns, 1);
	if (!w->report_due)
		return;
	w->report_due = false;
	if (write(w->report_fd, &one, sizeof(one)) < 0)
		return; /* EAGAIN: control is awake */
}

void media_worker_turn(struct media_worker *w, int64_t now_us)
{
	w->now_us = now_us;
	drain_commands(w);
	for (unsigned i = 0; i < w->span_count; i++)
		run_span(w, &w->span[i]);
	run_idle(w);
	finish_turn(w);
}

/* ── the loop of a real thread ── */

/* One timer tick a span; -1 (a span that has no descriptor now) is skipped by poll. */
static void fill_poll(struct media_worker *w, struct pollfd *p)
{
	p[0] = (struct pollfd){.fd = w->wake_fd, .events = POLLIN};
	for (unsigned i = 0; i < w->span_count; i++)
		p[i + 1] = (struct pollfd){.fd = w->span[i].span->ops->pace_fd(w->span[i].span),
					   .events = POLLIN | POLLPRI};
}

void media_worker_run(struct media_worker *w)
{
	struct pollfd p[WORKER_SPANS_MAX + 1];

	media_worker_turn(w, clock_mono_us()); /* reports how the lines are at the beginning */
	while (!atomic_load(&w->stop)) {
		int64_t begin_us, took_us;
		uint64_t count;

		fill_poll(w, p);
		if (poll(p, w->span_count + 1, -1) < 0)
			continue; /* EINTR */
		begin_us = clock_mono_us();
		w->now_us = begin_us;
		if (p[0].revents && read(w->wake_fd, &count, sizeof(count)) < 0)
			continue;
		drain_commands(w);
		for (unsigned i = 0; i < w->span_count; i++)
			if (p[i + 1].revents)
				run_span(w, &w->span[i]);
		run_idle(w);
		finish_turn(w);
		took_us = clock_mono_us() - begin_us;
		if (took_us > (int64_t)counter_get(&w->max_turn_us))
			counter_set(&w->max_turn_us, (uint64_t)took_us);
	}
}

void media_worker_stop(struct media_worker *w)
{
	atomic_store(&w->stop, true);
	worker_wake(w);
}
