/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control half: sessions from open to GONE, ports, what is said to the workers. */
#include "src/media_bridge/media.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "gateway/base/log.h"
#include "src/media_bridge/port_pool.h"
#include "src/media_bridge/worker.h"

enum { WORKERS_MAX = 64 };

enum media_state {
	MEDIA_APART,	 /* control's: never attached, or detached */
	MEDIA_ATTACHED,	 /* a worker's */
	MEDIA_DETACHING, /* DETACH is on its way */
};

struct media_session {
	struct worker_session ws; /* first: events name it */
	struct media *media;
	slot_id id;
	call_id call;
	uint16_t pool_port; /* 0: the port was named by the caller */
	enum media_state state;
	struct media_worker *worker; /* not APART */
	struct media_params wanted;
	bool set_due;	  /* wanted is newer than what the worker has */
	bool set_pending; /* SET sent, the old block has not come back */
	bool close_due, failed_due, gone;
	struct session_params params[2];
	unsigned params_live; /* the worker's one */
	bool queued;
	TAILQ_ENTRY(media_session) work;
};

struct media {
	struct media_cfg cfg;
	struct call_table *calls;
	struct slots *sessions;
	struct port_pool ports;
	int event_fd;
	struct media_worker *worker[WORKERS_MAX];
	unsigned workers;
	TAILQ_HEAD(media_session_list, media_session) work; /* something is to be said or posted */
	struct media_counters n;
};

/* ── creation ── */

int media_create(struct media **out, const struct media_cfg *cfg)
{
	struct media *m = calloc(1, sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	m->cfg = *cfg;
	TAILQ_INIT(&m->work);
	m->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = m->event_fd < 0 ? -errno : 0;
	if (!err)
		err = slots_create(&m->sessions, cfg->sessions_max);
	if (!err)
		err = port_pool_init(&m->ports, cfg->rtp_port_min, cfg->rtp_port_max, cfg->rng);
	if (err) {
		media_destroy(m);
		return err;
	}
	*out = m;
	return 0;
}

static void session_free(struct media_session *s)
{
	const struct rtp_net *net = s->media->cfg.net;

	net->close(net->net, s->ws.s.rtp);
	net->close(net->net, s->ws.s.rtcp);
	s->media->n.ports_in_use -= 2;
	if (s->pool_port)
		port_pool_give(&s->media->ports, s->pool_port);
	if (s->queued)
		TAILQ_REMOVE(&s->media->work, s, work);
	slots_remove(s->media->sessions, s->id);
	free(s);
}

void media_destroy(struct media *m)
{
	struct media_session *s;
	unsigned cursor = 0;

	if (!m)
		return;
	while (m->sessions && (s = slots_next(m->sessions, &cursor, NULL)))
		session_free(s);
	for (unsigned i = 0; i < m->workers; i++)
		worker_destroy(m->worker[i]);
	slots_destroy(m->sessions);
	port_pool_fini(&m->ports);
	if (m->event_fd >= 0)
		close(m->event_fd);
	free(m);
}

void media_bind_calls(struct media *m, struct call_table *calls)
{
	m->calls = calls;
}

int media_worker_create(struct media *m, struct media_worker **out)
{
	int err;

	if (m->workers == WORKERS_MAX)
		return -ENOSPC;
	err = worker_create(out, m->cfg.sessions_max, m->event_fd);
	if (!err)
		m->worker[m->workers++] = *out;
	return err;
}

/* ── saying things to workers ── */

static void queue_work(struct media_session *s)
{
	uint64_t one = 1;

	if (s->queued)
		return;
	s->queued = true;
	TAILQ_INSERT_TAIL(&s->media->work, s, work);
	if (write(s->media->event_fd, &one, sizeof(one)) < 0)
		return; /* EAGAIN: media_turn() is due anyway */
}

/* The worker of a channel; for a session without a timeslot the first one. */
static struct media_worker *find_worker(const struct media *m, const struct call_channel *channel)
{
	if (channel->span == 0)
		return m->workers ? m->worker[0] : NULL;
	if (channel->ts == 0 || channel->ts >= E1_TIMESLOTS)
		return NULL;
	for (unsigned i = 0; i < m->workers; i++)
		for (unsigned k = 0; k < m->worker[i]->span_count; k++)
			if (m->worker[i]->span[k].span->number == channel->span)
				return m->worker[i];
	return NULL;
}

static bool say(struct media_session *s, enum worker_cmd_type type)
{
	struct worker_cmd c = {.type = type, .session = &s->ws, .last = s->close_due};

	if (ring_free(s->worker->cmds) == 0) {
		s->media->n.commands_stalled++;
		queue_work(s);
		return false;
	}
	if (type != WORKER_DETACH) {
		s->params_live ^= 1;
		session_params_build(&s->params[s->params_live], &s->wanted);
		s->wanted.relatch = false; /* said once */
		c.params = &s->params[s->params_live];
	}
	ring_push(s->worker->cmds, &c);
	worker_wake(s->worker);
	return true;
}

static void detach(struct media_session *s)
{
	if (say(s, WORKER_DETACH))
		s->state = MEDIA_DETACHING;
}

static void attach_or_set(struct media_session *s, struct media_worker *w)
{
	if (s->state == MEDIA_APART) {
		s->worker = w;
		if (!say(s, WORKER_ATTACH))
			return;
		s->state = MEDIA_ATTACHED;
		s->media->n.attached++;
	} else {
		if (s->set_pending || !say(s, WORKER_SET))
			return;
		s->set_pending = true;
	}
	s->set_due = false;
}

/* Brings the session one step nearer to what is wanted. What has to wait for the worker goes on
 * when its event comes. */
static void pursue(struct media_session *s)
{
	struct media_worker *w;

	if (s->state == MEDIA_DETACHING)
		return;
	if (s->close_due) {
		if (s->state == MEDIA_ATTACHED) {
			detach(s);
		} else if (!s->gone) {
			s->gone = true;
			queue_work(s);
		}
		return;
	}
	if (!s->set_due)
		return;
	w = find_worker(s->media, &s->wanted.channel);
	if (!w) {
		s->set_due = false;
		s->failed_due = true;
		queue_work(s);
	} else if (s->state == MEDIA_ATTACHED && s->worker != w) {
		detach(s);
	} else {
		attach_or_set(s, w);
	}
}

/* ── struct media_ops ── */

static int open_pair(struct media *m, const struct net_addr *bind, int *rtp, int *rtcp)
{
	const struct rtp_net *net = m->cfg.net;
	struct net_addr beside = *bind;

	*rtp = net->open(net->net, bind);
	if (*rtp < 0)
		return *rtp;
	beside.port++;
	*rtcp = net->open(net->net, &beside);
	if (*rtcp < 0) {
		net->close(net->net, *rtp);
		return *rtcp;
	}
	return 0;
}

/* From the range: pairs that another program holds are passed over. */
static int open_ports(struct media *m, struct media_session *s, struct net_addr *bind, int *rtp,
		      int *rtcp)
{
	int err = -EADDRINUSE;

	if (bind->port)
		return bind->port == UINT16_MAX ? -EINVAL : open_pair(m, bind, rtp, rtcp);
	for (unsigned tries = m->ports.free; tries; tries--) {
		bind->port = port_pool_take(&m->ports);
		err = open_pair(m, bind, rtp, rtcp);
		if (err == 0) {
			s->pool_port = bind->port;
			return 0;
		}
		port_pool_give(&m->ports, bind->port);
		if (err != -EADDRINUSE && err != -EACCES)
			break;
	}
	return err;
}

static int media_open(void *media, call_id call, const struct net_addr *bind,
		      const struct net_addr *advertise, slot_id *session, struct media_desc *local)
{
	struct media *m = media;
	struct media_session *s;
	struct session_cfg cfg = {
	    .net = m->cfg.net,
	    .rng = m->cfg.rng,
	    .jbuf = {.min_ms = m->cfg.jb_min_ms,
		     .start_ms = m->cfg.jb_start_ms,
		     .max_ms = m->cfg.jb_max_ms},
	};
	struct net_addr addr = *bind;
	int err;

	if (slots_used(m->sessions) == m->cfg.sessions_max)
		return -ENOSPC;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	err = open_ports(m, s, &addr, &cfg.rtp, &cfg.rtcp);
	if (err) {
		free(s);
		return err;
	}
	session_init(&s->ws.s, &cfg);
	s->media = m;
	s->call = call;
	s->id = slots_put(m->sessions, s);
	m->n.ports_in_use += 2;
	*session = s->id;
	local->rtp = *advertise;
	local->rtp.port = addr.port;
	local->rtcp = *advertise;
	local->rtcp.port = (uint16_t)(addr.port + 1);
	return 0;
}

static void media_set(void *media, slot_id session, const struct media_params *params)
{
	struct media *m = media;
	struct media_session *s = slots_get(m->sessions, session);
	bool relatch;

	if (!s || s->close_due)
		return;
	relatch = params->relatch || (s->set_due && s->wanted.relatch);
	s->wanted = *params;
	s->wanted.relatch = relatch;
	s->set_due = true;
	pursue(s);
}

static void media_close(void *media, slot_id session)
{
	struct media *m = media;
	struct media_session *s = slots_get(m->sessions, session);

	if (!s || s->close_due)
		return;
	s->close_due = true;
	pursue(s);
}

static void fill_stats(const struct media_session *s, struct media_stats *out)
{
	session_stats(&s->ws.s, out);
	out->codec = s->wanted.remote.present ? (uint8_t)s->wanted.remote.format[0].codec : 0;
}

static void media_stats(void *media, slot_id session, struct media_stats *out)
{
	struct media *m = media;
	struct media_session *s = slots_get(m->sessions, session);

	memset(out, 0, sizeof(*out));
	if (s)
		fill_stats(s, out);
}

const struct media_ops media_bridge_ops = {
    .open = media_open,
    .set = media_set,
    .close = media_close,
    .stats = media_stats,
};

/* ── hearing from workers ── */

static void post(struct media_session *s, struct call_event *e)
{
	if (s->media->calls)
		call_table_post(s->media->calls, s->call, e);
}

static void on_event(struct media *m, const struct worker_event *e)
{
	struct media_session *s = (struct media_session *)e->session;
	struct call_event early = {.type = CALL_EV_EARLY_RTP};

	switch (e->type) {
	case WORKER_EARLY_RTP:
		post(s, &early);
		break;
	case WORKER_SET_DONE:
		s->set_pending = false;
		pursue(s);
		break;
	case WORKER_DETACHED:
		s->state = MEDIA_APART;
		s->worker = NULL;
		s->set_pending = false;
		m->n.attached--;
		pursue(s);
		break;
	}
}

static void hear_worker(struct media *m, struct media_worker *w, int64_t now_us)
{
	struct worker_event e;
	struct worker_line l;

	while (ring_pop(w->events, &e))
		on_event(m, &e);
	while (ring_pop(w->lines, &l))
		if (m->cfg.on_line)
			m->cfg.on_line(m->cfg.on_line_arg, now_us, l.span, &l.line);
}

static void do_work(struct media_session *s, int64_t now_us)
{
	if (s->failed_due) {
		struct call_event e = {
		    .type = CALL_EV_MEDIA_FAILED,
		    .cause = {.value = CAUSE_CHANNEL_NOT_AVAILABLE,
			      .location = CALL_LOC_PRIVATE_LOCAL},
		};

		s->failed_due = false;
		LOG(LOG_WARN, "media.no_timeslot", s->call, L_U("span", s->wanted.channel.span),
		    L_U("ts", s->wanted.channel.ts));
		post(s, &e);
	}
	if (s->gone) {
		struct call_event e = {.type = CALL_EV_MEDIA_GONE};

		session_finish(&s->ws.s, now_us); /* on the way from one worker to another */
		fill_stats(s, &e.stats);
		post(s, &e);
		session_free(s);
		return;
	}
	pursue(s); /* a command that found the ring full */
}

void media_turn(struct media *m, int64_t now_us)
{
	struct media_session *s, *last;
	uint64_t count;

	if (read(m->event_fd, &count, sizeof(count)) < 0)
		count = 0; /* EAGAIN: turned without being woken */
	for (unsigned i = 0; i < m->workers; i++)
		hear_worker(m, m->worker[i], now_us);
	last = TAILQ_LAST(&m->work, media_session_list);
	while ((s = TAILQ_FIRST(&m->work))) {
		bool end = s == last;

		TAILQ_REMOVE(&m->work, s, work);
		s->queued = false;
		do_work(s, now_us);
		if (end)
			break;
	}
}

int media_event_fd(const struct media *m)
{
	return m->event_fd;
}

const struct media_counters *media_counters(struct media *m)
{
	m->n.open = slots_used(m->sessions);
	m->n.worker_turns = m->n.worker_late_turns = m->n.worker_max_turn_us = 0;
	m->n.events_dropped = 0;
	for (unsigned i = 0; i < m->workers; i++) {
		const struct media_worker *w = m->worker[i];
		uint64_t max_us = counter_get(&w->max_turn_us);

		m->n.worker_turns += counter_get(&w->turns);
		m->n.worker_late_turns += counter_get(&w->late_turns);
		m->n.events_dropped += counter_get(&w->dropped);
		if (max_us > m->n.worker_max_turn_us)
			m->n.worker_max_turn_us = max_us;
	}
	return &m->n;
}
