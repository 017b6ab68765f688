/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/media_bridge/rtp_net_sim.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "gateway/base/rng.h"

enum { PACKET_MAX = 2048 };

struct packet {
	TAILQ_ENTRY(packet) link;
	int64_t due_us;
	struct net_addr from, to;
	size_t len;
	uint8_t data[];
};
TAILQ_HEAD(packets, packet);

struct port {
	bool open, connected;
	struct net_addr addr, peer;
	int64_t last_due_us;  /* of what this port sent: jitter keeps the order */
	struct packets inbox; /* by due time */
	struct port *next;    /* of the same port number */
};

struct rtp_net_sim {
	struct rtp_net ops;
	struct rng rng;
	int64_t now_us;
	struct rtp_net_sim_knobs knobs;
	struct rtp_net_sim_counters n;
	struct port **port;
	int ports;
	struct port *by_number[65536];
};

static bool sim_chance(struct rtp_net_sim *s, uint32_t ppm)
{
	return ppm && rng_below(&s->rng, 1000000) < ppm;
}

static struct port *sim_find(struct rtp_net_sim *s, const struct net_addr *addr)
{
	for (struct port *p = s->by_number[addr->port]; p; p = p->next)
		if (p->addr.family == addr->family &&
		    (net_addr_is_any(&p->addr) || net_addr_same_host(&p->addr, addr)))
			return p;
	return NULL;
}

static void port_clear(struct rtp_net_sim *s, struct port *p)
{
	struct packet *k;

	while ((k = TAILQ_FIRST(&p->inbox))) {
		TAILQ_REMOVE(&p->inbox, k, link);
		free(k);
		s->n.discarded++;
		s->n.in_flight--;
	}
}

/* ── struct rtp_net ── */

static int sim_new_port(struct rtp_net_sim *s)
{
	struct port **grown, *p;

	for (int i = 0; i < s->ports; i++)
		if (!s->port[i]->open)
			return i;
	p = calloc(1, sizeof(*p));
	grown = realloc(s->port, sizeof(*grown) * (size_t)(s->ports + 1));
	if (grown)
		s->port = grown;
	if (!p || !grown) {
		free(p);
		return -ENOMEM;
	}
	TAILQ_INIT(&p->inbox);
	s->port[s->ports] = p;
	return s->ports++;
}

static int sim_open(void *net, const struct net_addr *addr)
{
	struct rtp_net_sim *s = net;
	struct port *p;
	int handle;

	if (addr->family != 4 && addr->family != 6)
		return -EINVAL;
	if (sim_find(s, addr))
		return -EADDRINUSE;
	handle = sim_new_port(s);
	if (handle < 0)
		return handle;
	p = s->port[handle];
	p->open = true;
	p->connected = false;
	p->addr = *addr;
	p->last_due_us = 0;
	p->next = s->by_number[addr->port];
	s->by_number[addr->port] = p;
	return handle;
}

static void sim_close(void *net, int handle)
{
	struct rtp_net_sim *s = net;
	struct port *p = s->port[handle], **at = &s->by_number[p->addr.port];

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->open = false;
	port_clear(s, p);
}

static ssize_t sim_recv_aged(void *net, int handle, void *buf, size_t cap, struct net_addr *from,
			     int64_t *age_us)
{
	struct rtp_net_sim *s = net;
	struct port *p = s->port[handle];
	struct packet *k = TAILQ_FIRST(&p->inbox);
	size_t len;

	if (!k || k->due_us > s->now_us)
		return 0;
	TAILQ_REMOVE(&p->inbox, k, link);
	len = k->len < cap ? k->len : cap;
	memcpy(buf, k->data, len);
	if (from)
		*from = k->from;
	*age_us = s->now_us - k->due_us;
	free(k);
	s->n.delivered++;
	s->n.in_flight--;
	return (ssize_t)len;
}

static ssize_t sim_recv(void *net, int handle, void *buf, size_t cap, struct net_addr *from)
{
	int64_t age_us;

	return sim_recv_aged(net, handle, buf, cap, from, &age_us);
}

static int sim_post(struct rtp_net_sim *s, struct port *from, const void *buf, size_t len,
		    const struct net_addr *to, int64_t due_us)
{
	struct port *p = sim_find(s, to);
	struct packet *k, *at;

	if (!p || (p->connected && !net_addr_equal(&p->peer, &from->addr))) {
		s->n.nobody++;
		return 0;
	}
	k = malloc(sizeof(*k) + len);
	if (!k)
		return -ENOMEM;
	k->due_us = due_us;
	k->from = from->addr;
	k->to = *to;
	k->len = len;
	memcpy(k->data, buf, len);
	TAILQ_FOREACH_REVERSE(at, &p->inbox, packets, link)
	if (at->due_us <= due_us)
		break;
	if (at)
		TAILQ_INSERT_AFTER(&p->inbox, at, k, link);
	else
		TAILQ_INSERT_HEAD(&p->inbox, k, link);
	s->n.in_flight++;
	return 0;
}

static ssize_t sim_send(void *net, int handle, const void *buf, size_t len,
			const struct net_addr *to)
{
	struct rtp_net_sim *s = net;
	struct port *p = s->port[handle];
	int64_t due_us = s->now_us + s->knobs.delay_us;
	int err;

	if (!to)
		to = &p->peer;
	if (len == 0 || len > PACKET_MAX || to->family != p->addr.family)
		return -EINVAL;
	s->n.sent++;
	if (sim_chance(s, s->knobs.loss_ppm)) {
		s->n.lost++;
		s->n.lost_octets += len;
		return (ssize_t)len;
	}
	if (s->knobs.jitter_us)
		due_us += rng_below(&s->rng, s->knobs.jitter_us + 1);
	if (due_us < p->last_due_us)
		due_us = p->last_due_us;
	if (sim_chance(s, s->knobs.reorder_ppm)) {
		s->n.held_back++;
		due_us += s->knobs.reorder_us;
	} else {
		p->last_due_us = due_us;
	}
	err = sim_post(s, p, buf, len, to, due_us);
	if (!err && sim_chance(s, s->knobs.duplicate_ppm)) {
		s->n.duplicated++;
		err = sim_post(s, p, buf, len, to, due_us);
	}
	return err ? err : (ssize_t)len;
}

static int sim_connect(void *net, int handle, const struct net_addr *peer)
{
	struct rtp_net_sim *s = net;

	s->port[handle]->connected = peer != NULL;
	if (peer)
		s->port[handle]->peer = *peer;
	return 0;
}

/* ── the network itself ── */

int rtp_net_sim_create(struct rtp_net_sim **out, uint64_t seed)
{
	struct rtp_net_sim *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	rng_init_seed(&s->rng, seed);
	s->ops = (struct rtp_net){s,	    sim_open,	 sim_close,    sim_recv,
				  sim_send, sim_connect, sim_recv_aged};
	*out = s;
	return 0;
}

void rtp_net_sim_destroy(struct rtp_net_sim *s)
{
	if (!s)
		return;
	for (int i = 0; i < s->ports; i++) {
		port_clear(s, s->port[i]);
		free(s->port[i]);
	}
	free(s->port);
	free(s);
}

const struct rtp_net *rtp_net_sim_ops(struct rtp_net_sim *s)
{
	return &s->ops;
}

void rtp_net_sim_set(struct rtp_net_sim *s, const struct rtp_net_sim_knobs *knobs)
{
	s->knobs = *knobs;
}

void rtp_net_sim_step(struct rtp_net_sim *s, int64_t now_us)
{
	s->now_us = now_us;
}

const struct rtp_net_sim_counters *rtp_net_sim_counters(const struct rtp_net_sim *s)
{
	return &s->n;
}
