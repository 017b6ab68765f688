/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/core.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS_MAX = 32 }; /* of calls and adapters in one turn */

static bool route_call(void *arg, call_id call, const struct call_setup *setup,
		       struct call_route *out)
{
	struct core *c = arg;

	if (!c->stopping)
		return lookup_route(c->lookup, c->now_us, call, setup, rng_u64(c->env.rng), out);
	/* another gateway may take it: 503 */
	out->cause = (struct call_cause){.value = CAUSE_TEMPORARY_FAILURE,
					 .location = CALL_LOC_PRIVATE_LOCAL};
	return true;
}

static void on_decided(void *arg, call_id call, const struct call_route *route)
{
	struct core *c = arg;

	call_table_routed(c->calls, call, route);
}

static void count_call(void *arg, uint32_t limit, int by)
{
	struct core *c = arg;

	core_plan_count(&c->plan, limit, by, clock_wall_us());
}

static void connected_number(void *arg, const struct call_setup *setup, struct call_endpoint b,
			     struct call_number *number)
{
	struct core *c = arg;
	struct plan_env env = {.wall_us = clock_wall_us()};

	plan_connected(c->plan.plan, setup, b, number, &env);
}

static struct core_span *find_span(struct core *c, uint16_t number)
{
	for (unsigned i = 0; i < c->span_count; i++)
		if (c->config->span[i].isdn.span == number)
			return &c->span[i];
	return NULL;
}

static const struct call_port *find_port(void *arg, struct call_endpoint ep)
{
	struct core *c = arg;
	struct core_span *span;

	if (ep.kind == CALL_EP_TRUNK)
		return ep.index < c->trunk_count ? &c->trunk[ep.index].port : NULL;
	span = ep.kind == CALL_EP_SPAN ? find_span(c, ep.index) : NULL;
	return span ? &span->port : NULL;
}

static void note_open_call(void *arg, const struct call_record *record)
{
	struct core *c = arg;

	if (c->env.on_open)
		c->env.on_open(c->env.arg, record);
}

static void record_call(void *arg, const struct call_record *record)
{
	struct core *c = arg;

	if (!record->refused)
		lookup_drop(c->lookup, record->call);
	if (c->env.on_record)
		c->env.on_record(c->env.arg, record);
}

static void line_changed(void *arg, int64_t now_us, uint16_t number, const struct e1_line *line)
{
	struct core *c = arg;
	struct core_span *s = find_span(c, number);

	if (!s)
		return;
	if (s->line.alarms != line->alarms)
		s->line_since_us = now_us;
	s->line = *line;
	if (s->isdn)
		isdn_span_line(s->isdn, now_us, line);
}

/* The address that the kernel would send from towards peer: for a trunk bound to 0.0.0.0 or ::. */
static int local_address_towards(const struct net_addr *peer, struct net_addr *out)
{
	struct sockaddr_storage ss;
	socklen_t len = net_addr_to_sockaddr(peer, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&ss, len)) {
		err = -errno;
	} else {
		len = sizeof(ss);
		if (getsockname(fd, (struct sockaddr *)&ss, &len))
			err = -errno;
		else
			net_addr_from_sockaddr(out, (struct sockaddr *)&ss);
	}
	close(fd);
	return err;
}

static bool peer_is_local(const struct sip_trunk_cfg *t)
{
	for (unsigned i = 0; i < t->local_network_count; i++)
		if (net_prefix_holds(&t->local_network[i], &t->peer))
			return true;
	return false;
}

/* Bound to 0.0.0.0 or ::, the trunk needs a real address to name to peers in its local networks. */
static void resolve_bind(struct sip_trunk_cfg *t)
{
	struct net_addr local;

	if (!net_addr_is_any(&t->bind))
		return;
	if (local_address_towards(&t->peer, &local))
		local = t->advertise;
	local.port = t->bind.port;
	t->bind = local;
}

static void init_trunk(struct core_trunk *t, const struct config_trunk *from)
{
	struct call_port *p = &t->port;

	t->cfg = from->sip;
	resolve_bind(&t->cfg);
	*p = (struct call_port){.ops = &sip_leg_ops};
	p->media_bind = from->rtp_bind;
	p->media_advertise = from->rtp_advertise;
	if (peer_is_local(&t->cfg))
		p->media_advertise =
		    net_addr_is_any(&from->rtp_bind) ? t->cfg.bind : from->rtp_bind;
	p->media_bind.port = p->media_advertise.port = 0;
	p->media_any_source = from->rtp_any_source;
	p->codec_count = from->codec_count;
	memcpy(p->codec, from->codec, sizeof(p->codec));
	p->ptime_ms = from->ptime_ms;
}

static int create_trunks(struct core *c)
{
	const struct config *config = c->config;
	struct sip_trunk_cfg *copy;
	struct sip_cfg cfg;
	int err;

	c->trunk = calloc(config->trunk_count + 1, sizeof(*c->trunk));
	copy = calloc(config->trunk_count + 1, sizeof(*copy));
	for (unsigned i = 0; c->trunk && copy && i < config->trunk_count; i++) {
		init_trunk(&c->trunk[i], &config->trunk[i]);
		copy[i] = c->trunk[i].cfg;
	}
	cfg = (struct sip_cfg){
	    .trunk = copy,
	    .trunk_count = config->trunk_count,
	    .calls_max = config->calls_max + CALL_EMERGENCY_PLACES,
	    .deadlines = &c->deadlines,
	    .transport = c->env.sip_transport,
	    .calls = c->calls,
	    .rng = c->env.rng,
	    .on_message = c->env.on_message,
	    .on_call = c->env.on_sip_call,
	    .on_message_arg = c->env.arg,
	    .causes = config->causes,
	    .user_agent = "Spanbridge/" SPANBRIDGE_VERSION,
	};
	err = c->trunk && copy ? sip_create(&c->sip, &cfg) : -ENOMEM;
	free(copy);
	if (err)
		return err;
	c->trunk_count = config->trunk_count;
	for (unsigned i = 0; i < c->trunk_count; i++)
		c->trunk[i].port.adapter = c->sip;
	return 0;
}

static int create_spans(struct core *c)
{
	unsigned count = c->config->span_count;

	c->span = calloc(count + 1, sizeof(*c->span));
	if (!c->span)
		return -ENOMEM;
	c->span_count = count;
	for (unsigned i = 0; i < count; i++) {
		struct core_span *s = &c->span[i];
		int err;

		s->e1 = &c->env.span[i];
		err = isdn_span_create(&s->isdn, &c->config->span[i].isdn, s->e1, c->calls,
				       c->env.on_frame, c->env.arg);
		if (!err)
			err = media_worker_add_span(c->worker[i % c->worker_count], s->e1);
		if (err)
			return err;
		isdn_span_on_call(s->isdn, c->env.on_isdn_call, c->env.arg);
		s->port = (struct call_port){.ops = &isdn_leg_ops, .adapter = s->isdn};
	}
	return 0;
}

static int create_media(struct core *c)
{
	const struct config *config = c->config;
	struct media_cfg cfg = {
	    .sessions_max = config->calls_max + CALL_EMERGENCY_PLACES,
	    .rtp_port_min = config->rtp_port_min,
	    .rtp_port_max = config->rtp_port_max,
	    .net = c->env.rtp_net,
	    .rng = c->env.rng,
	    .jb_min_ms = config->jb_min_ms,
	    .jb_start_ms = config->jb_start_ms,
	    .jb_max_ms = config->jb_max_ms,
	    .on_line = line_changed,
	    .on_line_arg = c,
	};
	unsigned workers = c->env.workers ? c->env.workers : 1;
	int err = media_create(&c->media, &cfg);

	if (err)
		return err;
	c->worker = calloc(workers, sizeof(struct media_worker *));
	if (!c->worker)
		return -ENOMEM;
	while (c->worker_count < workers && !err) {
		err = media_worker_create(c->media, &c->worker[c->worker_count]);
		c->worker_count += !err;
	}
	return err;
}

static int create_calls(struct core *c)
{
	struct call_table_cfg cfg = {
	    .calls_max = c->config->calls_max,
	    .deadlines = &c->deadlines,
	    .ring_limit_ms = c->config->ring_limit_ms,
	    .media_ops = &media_bridge_ops,
	    .media = c->media,
	    .route = route_call,
	    .count = count_call,
	    .connected = connected_number,
	    .port = find_port,
	    .open = note_open_call,
	    .record = record_call,
	    .arg = c,
	};
	int err = call_table_create(&c->calls, &cfg);

	if (!err)
		media_bind_calls(c->media, c->calls);
	return err;
}

static int create_plan(struct core *c)
{
	struct lookup_cfg cfg = {
	    .calls_max = c->config->calls_max + CALL_EMERGENCY_PLACES,
	    .deadlines = &c->deadlines,
	    .plan = &c->plan,
	    .port = c->env.lookup,
	    .decided = on_decided,
	    .arg = c,
	};
	int err = core_plan_use(&c->plan, c->config->plan);

	return err ? err : lookup_create(&c->lookup, &cfg);
}

int core_create(struct core **out, const struct config *config, const struct core_env *env,
		const char **why)
{
	static const struct {
		const char *name;
		int (*create)(struct core *c);
	} part[] = {
	    {"number plan", create_plan},
	    {"media", create_media},
	    {"call table", create_calls},
	    {"SIP trunks", create_trunks},
	    {"spans", create_spans},
	};
	struct core *c = calloc(1, sizeof(*c));

	*why = "core";
	if (!c)
		return -ENOMEM;
	c->config = config;
	c->env = *env;
	for (unsigned i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		int err = part[i].create(c);

		if (err) {
			*why = part[i].name;
			core_destroy(c);
			return err;
		}
	}
	*out = c;
	return 0;
}

void core_destroy(struct core *c)
{
	if (!c)
		return;
	/* Legs first: what they would still post has nowhere to go. */
	for (unsigned i = 0; i < c->span_count; i++)
		isdn_span_destroy(c->span[i].isdn);
	sip_destroy(c->sip);
	call_table_destroy(c->calls);
	media_destroy(c->media);
	lookup_destroy(c->lookup);
	core_plan_fini(&c->plan);
	free(c->worker);
	free(c->span);
	free(c->trunk);
	free(c);
}

void core_sip_receive(struct core *c, int64_t now_us, unsigned socket, const struct net_addr *from,
		      const char *msg, size_t len)
{
	libclock_set(now_us);
	sip_receive(c->sip, now_us, socket, from, msg, len);
}

void core_turn(struct core *c, int64_t now_us)
{
	libclock_set(now_us);
	c->now_us = now_us;
	c->turns++;
	media_turn(c->media, now_us);
	deadline_run(&c->deadlines, now_us);
	/* Calls give commands, adapters post events: until both are quiet. What a flood leaves is
	 * due at once, after everybody else's turn. */
	for (int round = 0; round < ROUNDS_MAX && (round == 0 || !call_table_idle(c->calls));
	     round++) {
		call_table_turn(c->calls, now_us);
		for (unsigned i = 0; i < c->span_count; i++)
			isdn_span_turn(c->span[i].isdn, now_us);
		sip_turn(c->sip, now_us);
	}
}

int64_t core_next_us(const struct core *c)
{
	int64_t next_us = deadline_next_us(&c->deadlines);

	if (!call_table_idle(c->calls))
		return 0;
	for (unsigned i = 0; i < c->span_count; i++) {
		int64_t t_us = isdn_span_next_us(c->span[i].isdn);

		if (t_us < next_us)
			next_us = t_us;
	}
	return next_us;
}
