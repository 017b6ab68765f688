/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/call/world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void broke(struct world *w, const char *what)
{
	w->broken++;
	fprintf(stderr, "# broken promise: %s\n", what);
}

/* ---- ports ---- */

static struct fake_leg *new_leg(struct world *w)
{
	for (unsigned i = 0; i < WORLD_LEGS; i++) {
		struct fake_leg *l = &w->leg[(w->next_leg + i) % WORLD_LEGS];

		if (l->live)
			continue;
		*l = (struct fake_leg){.w = w, .live = true};
		if (w->keep_gone)
			w->next_leg = (unsigned)(l - w->leg) + 1;
		return l;
	}
	return NULL;
}

static int leg_open(void *adapter, call_id call, const struct call_setup *setup, void **leg,
		    struct call_cause *cause)
{
	struct world *w = adapter;
	struct fake_leg *l = w->fail_open || !w->free_channels ? NULL : new_leg(w);

	if (!l) {
		cause->value = CAUSE_NO_CIRCUIT;
		return -EBUSY;
	}
	l->call = call;
	l->side = CALL_SIDE_B;
	l->setup = *setup;
	w->free_channels -= w->free_channels > 0;
	*leg = l;
	return 0;
}

static void leg_command(void *leg, const struct leg_cmd *cmd)
{
	struct fake_leg *l = leg;
	struct call_event gone = {.type = CALL_EV_GONE}, clearing = {.type = CALL_EV_CLEARING};

	if (!l->live)
		broke(l->w, "a command to a leg that is gone");
	if (l->cmd_count < WORLD_CMDS)
		l->cmd[l->cmd_count++] = *cmd;
	if (l->side == CALL_SIDE_B && cmd->type < LEG_OFFER_ANSWER)
		broke(l->w, "a command for A given to B");
	if (cmd->type != LEG_CLEAR)
		return;
	l->cleared = true;
	if (l->repeats_clearing)
		leg_posts(l, &clearing);
	if (l->w->gone_inside_clear)
		leg_posts(l, &gone);
}

static const struct leg_ops fake_leg_ops = {leg_open, leg_command};

static struct fake_session *session_of(struct world *w, slot_id id)
{
	struct fake_session *s = &w->session[(id - 1) % WORLD_SESSIONS];

	if (id == 0 || id > WORLD_SESSIONS || !s->live)
		broke(w, "a command to a session that is gone");
	return s;
}

static int media_open(void *media, call_id call, const struct net_addr *bind,
		      const struct net_addr *advertise, slot_id *session, struct media_desc *local)
{
	struct world *w = media;

	if (w->fail_media)
		return -EADDRINUSE;
	for (unsigned i = 0; i < WORLD_SESSIONS; i++) {
		if (w->session[i].live)
			continue;
		w->session[i] = (struct fake_session){.live = true, .call = call};
		local->rtp = local->rtcp = *advertise;
		local->rtp.port = (uint16_t)(10000 + 2 * i);
		local->rtcp.port = (uint16_t)(10001 + 2 * i);
		*session = i + 1;
		return 0;
	}
	return -EMFILE;
}

static void media_set(void *media, slot_id session, const struct media_params *params)
{
	struct fake_session *s = session_of(media, session);

	if (s->closed)
		broke(media, "set after close");
	s->params = *params;
	s->sets++;
}

static void media_close(void *media, slot_id session)
{
	session_of(media, session)->closed = true;
}

static void media_stats(void *media, slot_id session, struct media_stats *out)
{
	session_of(media, session);
	out->rtp_rx_packets = 77;
}

static const struct media_ops fake_media_ops = {media_open, media_set, media_close, media_stats};

/* ---- plan, ports, records ---- */

static bool route(void *arg, call_id call, const struct call_setup *setup, struct call_route *out)
{
	const struct world *w = arg;
	bool from_span = setup->source.kind == CALL_EP_SPAN;
	struct call_endpoint to = {from_span ? CALL_EP_TRUNK : CALL_EP_SPAN,
				   from_span ? WORLD_TRUNK : WORLD_SPAN};

	(void)call;
	if (w->route_waits)
		return false;
	if (w->no_route) {
		out->cause.value = CAUSE_NO_ROUTE;
		return true;
	}
	out->way[out->count++] = call_way_of(setup, w->same_side ? setup->source : to);
	for (; out->count <= w->more_ways; out->count++) {
		out->way[out->count] = out->way[0];
		out->way[out->count].called.digits[0] = (char)('0' + out->count);
		out->way[out->count].limit = out->count;
	}
	out->reroute[CAUSE_NO_CIRCUIT / 32] = 1u << CAUSE_NO_CIRCUIT % 32;
	out->emergency = w->emergency;
	snprintf(out->rule, sizeof(out->rule), "other-side");
	return true;
}

static void count(void *arg, uint32_t limit, int by)
{
	struct world *w = arg;

	w->in_use[limit] += by;
}

static const struct call_port *port(void *arg, struct call_endpoint ep)
{
	const struct world *w = arg;

	if (ep.kind == CALL_EP_SPAN)
		return w->span_down ? NULL : &w->span;
	return &w->trunk;
}

static void take_record(void *arg, const struct call_record *r)
{
	struct world *w = arg;

	w->records++;
	w->record = *r;
}

void world_init(struct world *w, unsigned calls_max)
{
	struct call_table_cfg cfg = {.calls_max = calls_max,
				     .deadlines = &w->deadlines,
				     .media_ops = &fake_media_ops,
				     .media = w,
				     .route = route,
				     .count = count,
				     .port = port,
				     .record = take_record,
				     .arg = w};

	memset(w, 0, sizeof(*w));
	w->now_us = 1000000;
	w->free_channels = -1;
	w->span = (struct call_port){.ops = &fake_leg_ops, .adapter = w};
	w->trunk = (struct call_port){.ops = &fake_leg_ops,
				      .adapter = w,
				      .codec_count = 2,
				      .codec = {MEDIA_PCMA, MEDIA_PCMU},
				      .ptime_ms = 20};
	net_addr_parse(&w->trunk.media_bind, "192.0.2.1");
	net_addr_parse(&w->trunk.media_advertise, "198.51.100.1");
	if (call_table_create(&w->table, &cfg))
		w->table = NULL;
}

void world_fini(struct world *w)
{
	call_table_destroy(w->table);
	w->table = NULL;
}

void world_turn(struct world *w)
{
	if (!w->hold_turns)
		call_table_turn(w->table, w->now_us);
}

void world_advance(struct world *w, int64_t us)
{
	w->now_us += us;
	deadline_run(&w->deadlines, w->now_us);
	world_turn(w);
}

/* ---- calls ---- */

struct fake_leg *world_call(struct world *w, const struct call_setup *setup)
{
	struct fake_leg *l = new_leg(w);

	if (!l)
		return NULL;
	l->side = CALL_SIDE_A;
	l->setup = *setup;
	l->call = call_table_incoming(w->table, w->now_us, setup, &fake_leg_ops, l);
	if (l->call == 0) {
		l->live = false;
		return NULL;
	}
	world_turn(w);
	return l;
}

static struct call_setup plain_setup(void)
{
	return (struct call_setup){
	    .called = {.present = true, .ton = CALL_TON_NATIONAL, .npi = 1, .digits = "30123"},
	    .calling = {.present = true, .digits = "40"},
	    .bearer = CALL_BEARER_AUDIO_3K1,
	    .sending_complete = true,
	    .ringback = CALL_RINGBACK_NEVER,
	};
}

struct fake_leg *world_call_from_span(struct world *w, enum call_ringback ringback)
{
	struct call_setup setup = plain_setup();

	setup.source.kind = CALL_EP_SPAN;
	setup.source.index = WORLD_SPAN;
	setup.ringback = ringback;
	return world_call(w, &setup);
}

struct fake_leg *world_call_from_trunk(struct world *w, bool with_offer)
{
	struct call_setup setup = plain_setup();

	setup.source.kind = CALL_EP_TRUNK;
	setup.source.index = WORLD_TRUNK;
	if (with_offer)
		setup.media = world_desc(50, 4000);
	return world_call(w, &setup);
}

struct fake_leg *world_leg_b(struct world *w, call_id call)
{
	for (unsigned i = 0; i < WORLD_LEGS; i++)
		if (w->leg[i].live && w->leg[i].side == CALL_SIDE_B && w->leg[i].call == call)
			return &w->leg[i];
	return NULL;
}

struct fake_session *world_session(struct world *w, call_id call)
{
	for (unsigned i = 0; i < WORLD_SESSIONS; i++)
		if (w->session[i].live && w->session[i].call == call)
			return &w->session[i];
	return NULL;
}

void leg_posts(struct fake_leg *leg, const struct call_event *ev)
{
	struct call_event e = *ev;

	if (!leg->live)
		return;
	e.side = leg->side;
	if (e.type == CALL_EV_GONE) {
		leg->live = false;
		if (leg->side == CALL_SIDE_B && leg->w->free_channels >= 0)
			leg->w->free_channels++;
	}
	call_table_post(leg->w->table, leg->call, &e);
}

static void say(struct fake_leg *leg, const struct call_event *ev)
{
	leg_posts(leg, ev);
	world_turn(leg->w);
}

void leg_says(struct fake_leg *leg, enum call_event_type type)
{
	struct call_event ev = {.type = type};

	if (type == CALL_EV_CHANNEL)
		ev.channel = (struct call_channel){.span = WORLD_SPAN, .ts = 1};
	say(leg, &ev);
}

void leg_says_pi(struct fake_leg *leg, enum call_event_type type, uint8_t pi)
{
	struct call_event ev = {.type = type, .pi = pi};

	say(leg, &ev);
}

void leg_says_media(struct fake_leg *leg, enum call_event_type type, const struct media_desc *d)
{
	struct call_event ev = {.type = type, .media = *d};

	say(leg, &ev);
}

void leg_says_cause(struct fake_leg *leg, enum call_event_type type, uint8_t cause)
{
	struct call_event ev = {.type = type, .cause = {.value = cause}};

	say(leg, &ev);
}

void session_says(struct world *w, struct fake_session *s, enum call_event_type type)
{
	struct call_event ev = {.type = type};

	if (!s->live)
		return;
	if (type == CALL_EV_MEDIA_GONE) {
		ev.stats.rtp_tx_packets = 55;
		s->live = false;
	}
	call_table_post(w->table, s->call, &ev);
	world_turn(w);
}

unsigned leg_count(const struct fake_leg *leg, enum leg_cmd_type type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < leg->cmd_count; i++)
		n += leg->cmd[i].type == type;
	return n;
}

const struct leg_cmd *leg_last(const struct fake_leg *leg, enum leg_cmd_type type)
{
	static const struct leg_cmd none = {.pi = 0xff};

	for (unsigned i = leg->cmd_count; i-- > 0;)
		if (leg->cmd[i].type == type)
			return &leg->cmd[i];
	return &none;
}

struct media_desc world_desc(unsigned host, uint16_t port)
{
	struct media_desc d = {.present = true,
			       .direction = MEDIA_SENDRECV,
			       .ptime_ms = 20,
			       .format_count = 1,
			       .format = {{MEDIA_PCMA, 8}}};

	d.rtp = (struct net_addr){.family = 4, .port = port, .ip = {192, 0, 2, (uint8_t)host}};
	d.rtcp = d.rtp;
	d.rtcp.port++;
	return d;
}
