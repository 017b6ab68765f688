/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/sip_map/sip_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/log.h"

/* ---- the call table's stand-in ---- */

call_id call_table_incoming(struct call_table *t, int64_t now_us, const struct call_setup *setup,
			    const struct leg_ops *ops, void *leg)
{
	struct world_call *c;

	(void)now_us;
	assert_ptr_equal(ops, &sip_leg_ops);
	if (t->full || t->count == WORLD_CALLS_MAX)
		return 0;
	c = &t->call[t->count++];
	*c = (struct world_call){.used = true, .setup = *setup, .leg = leg, .side = CALL_SIDE_A};
	return t->count;
}

void call_table_post(struct call_table *t, call_id call, const struct call_event *event)
{
	struct world_call *c;

	assert_in_range(call, 1, t->count);
	c = &t->call[call - 1];
	assert_int_equal(event->side, c->side);
	if (c->gone)
		c->after_gone++;
	if (event->type == CALL_EV_GONE)
		c->gone++;
	if (c->event_count < WORLD_EVENTS_MAX)
		c->event[c->event_count++] = *event;
}

void call_table_refused(struct call_table *t, int64_t now_us, const struct call_refusal *refusal)
{
	assert_int_equal(now_us, t->world->now_us);
	assert_non_null(refusal->why);
	t->refused++;
	t->refusal = *refusal;
}

/* ---- network ---- */

struct net_addr world_address(unsigned index, int family)
{
	struct net_addr a;
	char text[32];

	snprintf(text, sizeof(text), family == 6 ? "[2001:db8::%u]:5060" : "192.0.2.%u:5060",
		 index + 1);
	assert_int_equal(net_addr_parse(&a, text), 0);
	return a;
}

int world_transport_send(void *arg, unsigned socket, const struct net_addr *to, const char *msg,
			 size_t len)
{
	struct sip_world *w = *(struct sip_world **)arg;
	unsigned index = (unsigned)(((char *)arg - (char *)w->port) / (long)sizeof(w->port[0]));
	struct world_packet *p, **at = &w->packets;
	bool lost = w->blackhole || rng_below(&w->rng, 1000) < w->loss_per_mille;

	assert_int_equal(socket, 0);
	if (w->send_error)
		return w->send_error;
	if (w->log_count < WORLD_LOG_MAX)
		w->log[w->log_count++] = (struct world_log){.at_us = w->now_us,
							    .from = w->trunk[index].bind,
							    .to = *to,
							    .lost = lost,
							    .text = strndup(msg, len)};
	if (lost)
		return 0;
	p = malloc(sizeof(*p) + len);
	p->due_us = w->now_us + w->delay_us;
	if (w->jitter)
		p->due_us += rng_below(&w->rng, (uint32_t)w->delay_us + 1);
	p->from = w->trunk[index].bind;
	p->to = *to;
	p->len = len;
	memcpy(p->text, msg, len);
	while (*at && (*at)->due_us <= p->due_us)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
	return 0;
}

static void deliver(struct sip_world *w, struct world_packet *p)
{
	for (unsigned i = 0; i < w->count; i++)
		if (net_addr_equal(&p->to, &w->trunk[i].bind))
			sip_receive(w->sip[i], w->now_us, 0, &p->from, p->text, p->len);
	free(p);
}

void world_inject(struct sip_world *w, unsigned to, const struct net_addr *from, const char *text,
		  size_t len)
{
	char *exact = malloc(len ? len : 1); /* so that ASan sees a read too far */

	memcpy(exact, text, len);
	sip_receive(w->sip[to], w->now_us, 0, from, exact, len);
	free(exact);
	world_turn(w);
}

void world_turn(struct sip_world *w)
{
	libclock_set(w->now_us);
	for (unsigned i = 0; i < w->count; i++)
		sip_turn(w->sip[i], w->now_us);
}

void world_run(struct sip_world *w, int64_t until_us)
{
	for (;;) {
		int64_t next = deadline_next_us(&w->deadlines);

		world_turn(w);
		if (w->packets && w->packets->due_us < next)
			next = w->packets->due_us;
		if (next > until_us)
			break;
		if (next > w->now_us)
			w->now_us = next;
		libclock_set(w->now_us);
		while (w->packets && w->packets->due_us <= w->now_us) {
			struct world_packet *p = w->packets;

			w->packets = p->next;
			deliver(w, p);
		}
		deadline_run(&w->deadlines, w->now_us);
	}
	if (until_us > w->now_us)
		w->now_us = until_us;
	world_turn(w);
}

void world_run_for(struct sip_world *w, int64_t us)
{
	world_run(w, w->now_us + us);
}

/* ---- calls ---- */

struct media_desc world_media(unsigned i, int family, uint16_t port, bool answer)
{
	struct media_desc m = {.present = true, .direction = MEDIA_SENDRECV, .ptime_ms = 20};

	m.format[m.format_count++] = (struct media_format){MEDIA_PCMA, 8};
	if (!answer)
		m.format[m.format_count++] = (struct media_format){MEDIA_PCMU, 0};
	m.rtp = m.rtcp = world_address(i, family);
	m.rtp.port = port;
	m.rtcp.port = (uint16_t)(port + 1);
	return m;
}

unsigned world_open(struct sip_world *w, unsigned i, const char *digits)
{
	struct call_table *t = w->calls[i];
	struct world_call *c = &t->call[t->count++];
	struct call_setup setup = {.target = {.kind = CALL_EP_TRUNK, .index = 0},
				   .called = {.present = true, .ton = CALL_TON_INTERNATIONAL},
				   .calling = {.present = true, .digits = "30123456"}};
	struct call_cause cause;

	*c = (struct world_call){.used = true, .side = CALL_SIDE_B};
	snprintf(setup.called.digits, sizeof(setup.called.digits), "%s", digits);
	setup.media = world_media(i, w->trunk[i].bind.family, 40000, false);
	assert_int_equal(sip_leg_ops.open(w->sip[i], t->count, &setup, &c->leg, &cause), 0);
	world_turn(w);
	return t->count - 1;
}

void world_command(struct sip_world *w, struct world_call *c, enum leg_cmd_type type,
		   const struct media_desc *media, struct call_cause cause)
{
	struct leg_cmd cmd = {.type = type, .cause = cause};

	if (media)
		cmd.media = *media;
	sip_leg_ops.command(c->leg, &cmd);
	world_turn(w);
}

int world_find_event(const struct world_call *c, enum call_event_type type)
{
	for (unsigned i = 0; i < c->event_count; i++)
		if (c->event[i].type == type)
			return (int)i;
	return -1;
}

unsigned world_count_sent(const struct sip_world *w, const char *begins, unsigned nth,
			  int64_t *at_us, const char **text)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->log_count; i++) {
		if (strncmp(w->log[i].text, begins, strlen(begins)) != 0)
			continue;
		if (n == nth && at_us)
			*at_us = w->log[i].at_us;
		if (n == nth && text)
			*text = w->log[i].text;
		n++;
	}
	return n;
}

/* ---- life ---- */

static void start(struct sip_world *w, unsigned i)
{
	struct sip_cfg cfg = {.trunk = &w->trunk[i],
			      .trunk_count = 1,
			      .calls_max = w->calls_max,
			      .deadlines = &w->deadlines,
			      .rng = &w->rng,
			      .calls = w->calls[i],
			      .user_agent = "test"};

	cfg.transport.arg = &w->port[i];
	cfg.transport.send = world_transport_send;
	assert_int_equal(sip_create(&w->sip[i], &cfg), 0);
}

void world_restart(struct sip_world *w, unsigned i)
{
	sip_destroy(w->sip[i]);
	start(w, i);
}

struct sip_world *world_create(unsigned count, int family, uint64_t seed, unsigned calls_max)
{
	struct sip_world *w = calloc(1, sizeof(*w));

	w->now_us = 1000 * US_PER_S;
	w->delay_us = 5 * US_PER_MS;
	w->count = count;
	w->calls_max = calls_max;
	rng_init_seed(&w->rng, seed);
	libclock_set(w->now_us);
	log_init(LOG_ERROR, NULL, NULL);
	for (unsigned i = 0; i < count; i++) {
		struct sip_trunk_cfg *t = &w->trunk[i];

		snprintf(t->name, sizeof(t->name), "trunk%u", i);
		t->bind = world_address(i, family);
		t->peer = world_address(i ^ 1, family);
		w->calls[i] = calloc(1, sizeof(*w->calls[i]));
		w->calls[i]->world = w;
		w->port[i].world = w;
		w->port[i].index = i;
		start(w, i);
	}
	return w;
}

void world_destroy(struct sip_world *w)
{
	for (unsigned i = 0; i < w->count; i++) {
		sip_destroy(w->sip[i]);
		free(w->calls[i]);
	}
	assert_int_equal(deadline_next_us(&w->deadlines), TIME_NEVER_US);
	while (w->packets) {
		struct world_packet *p = w->packets;

		w->packets = p->next;
		free(p);
	}
	for (unsigned i = 0; i < w->log_count; i++)
		free(w->log[i].text);
	free(w);
}
