/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"

enum { WIRE_DELAY_US = 2000, SETTLE_TURNS_MAX = 1000 };

struct sim_datagram {
	STAILQ_ENTRY(sim_datagram) entry;
	int64_t due_us;
	bool to_core;
	struct net_addr from;
	size_t len;
	char msg[];
};

const struct net_addr sim_sip_gateway = {.family = 4, .port = 5060, .ip = {192, 0, 2, 1}};
const struct net_addr sim_sip_far = {.family = 4, .port = 5080, .ip = {192, 0, 2, 2}};

static void die(const char *what)
{
	fprintf(stderr, "simulation: %s\n", what);
	abort();
}

/* A test's own far ends stand where the exchanges would. */
static unsigned exchanges(const struct sim *s)
{
	return s->cfg.far ? 0 : s->cfg.spans;
}

/* ── the SIP wire ── */

static void put_on_wire(struct sim *s, bool to_core, const char *msg, size_t len)
{
	struct sim_datagram *d;

	s->wire_datagrams++;
	if (rng_below(&s->rng, 1000000) < s->cfg.sip_loss_ppm) {
		s->sip_lost++;
		return;
	}
	d = malloc(sizeof(*d) + len);
	if (!d)
		die("out of memory");
	d->due_us = s->now_us + WIRE_DELAY_US;
	d->to_core = to_core;
	d->from = to_core ? sim_sip_far : sim_sip_gateway;
	d->len = len;
	memcpy(d->msg, msg, len);
	STAILQ_INSERT_TAIL(&s->wire, d, entry);
}

static int core_sends(void *arg, unsigned socket, const struct net_addr *to, const char *msg,
		      size_t len)
{
	struct sim *s = arg;

	(void)socket;
	if (s->on_core_sends)
		s->on_core_sends(s->arg, msg, len);
	if (net_addr_equal(to, &sim_sip_far))
		put_on_wire(s, false, msg, len);
	return 0;
}

static int peer_sends(void *arg, const struct net_addr *to, const char *msg, size_t len)
{
	if (net_addr_equal(to, &sim_sip_gateway))
		put_on_wire(arg, true, msg, len);
	return 0;
}

int sim_sip_send(struct sim *s, const char *msg, size_t len)
{
	put_on_wire(s, true, msg, len);
	return 0;
}

static int64_t begin_core(struct sim *s)
{
	if (!s->measure)
		return 0;
	s->turn_begin_us = clock_mono_us();
	return clock_thread_cpu_us();
}

static void end_core(struct sim *s, int64_t begin_us)
{
	if (s->measure)
		s->core_cpu_us += clock_thread_cpu_us() - begin_us;
}

static void core_receives(struct sim *s, const struct sim_datagram *d)
{
	int64_t begin_us;

	if (s->on_core_hears)
		s->on_core_hears(s->arg, d->msg, d->len);
	begin_us = begin_core(s);
	core_sip_receive(s->core, s->now_us, 0, &d->from, d->msg, d->len);
	end_core(s, begin_us);
}

static void core_turns(struct sim *s)
{
	int64_t begin_us = begin_core(s);

	core_turn(s->core, s->now_us);
	end_core(s, begin_us);
}

static bool deliver(struct sim *s)
{
	struct sim_datagram *d = STAILQ_FIRST(&s->wire);

	if (!d || d->due_us > s->now_us)
		return false;
	STAILQ_REMOVE_HEAD(&s->wire, entry);
	if (d->to_core)
		core_receives(s, d);
	else if (s->cfg.far)
		s->cfg.far->sip(s->cfg.far->arg, s->now_us, d->msg, d->len);
	else
		sip_peer_receive(s->peer, s->now_us, &d->from, d->msg, d->len);
	free(d);
	return true;
}

/* ── what is seen ── */

static void add_heard(struct sim_audio *sum, const struct pattern_result *r, bool early)
{
	sum->good += r->good;
	sum->lost += r->lost;
	sum->inserted += r->inserted;
	sum->changed += r->changed;
	sum->foreign += r->foreign;
	sum->heard_early += early;
}

static void on_record(void *arg, const struct call_record *record)
{
	struct sim *s = arg;
	const struct media_stats *m = &record->media;

	s->record = *record;
	s->records++;
	s->guard_hits += record->guard_hit;
	s->at_isdn.explained += m->jb_late_octets + m->jb_dropped_octets + m->jb_concealed_octets;
	s->at_sip.explained += m->tdm_missed_octets;
}

static void on_pbx_event(void *arg, const struct pbx_event *ev)
{
	struct sim *s = arg;

	s->alertings += ev->type == PBX_ALERTING;
	s->progresses += ev->type == PBX_PROGRESS;
	s->connects += ev->type == PBX_CONNECTED;
	s->inbands += ev->pi_inband && (ev->type == PBX_ALERTING || ev->type == PBX_PROGRESS);
	if (ev->type != PBX_HANGUP)
		return;
	s->hangup = *ev;
	s->hangups++;
	add_heard(&s->at_isdn, &ev->audio, ev->early_media);
	s->at_isdn.explained += ev->missed_octets;
	if (s->on_hangup)
		s->on_hangup(s->arg, ev);
}

static void on_peer_event(void *arg, enum sip_peer_event event, const struct sip_peer_report *r)
{
	struct sim *s = arg;

	s->peer_answers += event == SIP_PEER_ANSWERED;
	if (event != SIP_PEER_ENDED)
		return;
	s->report = *r;
	s->reports++;
	add_heard(&s->at_sip, &r->heard, r->early_media);
	s->at_sip.explained += r->audio.missing_octets + r->audio.skipped_octets;
	if (s->on_report)
		s->on_report(s->arg, r);
}

/* ── building ── */

static void print_config_error(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
}

static void make_config(struct sim *s)
{
	static char text[32768];
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	if (s->cfg.config) {
		if (config_parse(&s->config, "simulation.yaml", s->cfg.config,
				 strlen(s->cfg.config), print_config_error, NULL))
			die("the configuration is wrong");
		return;
	}
	strbuf_add(&b, "spans:\n");
	for (unsigned i = 1; i <= s->cfg.spans; i++)
		strbuf_addf(&b,
			    "  - span: %u\n    driver: virtual\n    connect: /simulated/%u\n"
			    "    side: %s\n    ringback: %s\n    timers: {t309: %u}\n",
			    i, i, i % 2 ? "user" : "network",
			    s->cfg.ringback ? s->cfg.ringback : "auto",
			    s->cfg.t309_s ? s->cfg.t309_s : 90);
	strbuf_add(&b, "trunks:\n  - name: peer\n    bind: 192.0.2.1:5060\n"
		       "    peer: 192.0.2.2:5080\nplan:\n");
	for (unsigned i = 1; i <= s->cfg.spans; i++)
		strbuf_addf(&b,
			    "  - name: to-sip-%u\n    from: span:%u\n    to: trunk:peer\n"
			    "  - name: to-span-%u\n    from: trunk:peer\n    prefix: \"%02u\"\n"
			    "    strip: 2\n    to: span:%u\n",
			    i, i, i, i, i);
	strbuf_addf(&b, "control:\n  socket: /simulated/control\nlimits:\n  calls: %u\n",
		    s->cfg.calls_max ? s->cfg.calls_max : 2000);
	if (b.truncated ||
	    config_parse(&s->config, "simulation.yaml", text, b.len, print_config_error, NULL))
		die("the configuration is wrong");
}

static void make_spans(struct sim *s)
{
	for (unsigned i = 0; i < s->cfg.spans; i++) {
		struct e1_span end[2];
		struct pbx_cfg cfg = {
		    .network = i % 2 == 0,
		    .dchannel_ts = 16,
		    .bchannels = ~(1u | 1u << 16),
		    .t309_ms = (s->cfg.t309_s ? s->cfg.t309_s : 90) * 1000,
		};

		if (e1_virt_pair_create(&s->pair[i], end))
			die("no virtual pair");
		s->near[i] = end[0];
		s->far[i] = end[1];
		s->near[i].number = s->far[i].number = (uint16_t)(i + 1);
		/* From the other end than the core: it hunts up as user, down as network. */
		cfg.descending = cfg.network;
		if (!s->cfg.far && pbx_create(&s->pbx[i], &cfg, &s->far[i], on_pbx_event, s))
			die("no exchange");
	}
}

static void make_peer(struct sim *s)
{
	struct sip_peer_cfg cfg = {
	    .deadlines = &s->peer_deadlines,
	    .rng = &s->peer_rng,
	    .local = sim_sip_far,
	    .gateway = sim_sip_gateway,
	    .rtp_port_min = 20000,
	    .rtp_port_max = 60000,
	    .net = rtp_net_sim_ops(s->net),
	    .calls_max = 4000,
	    .payload_type = 8,
	    .send = peer_sends,
	    .event = on_peer_event,
	    .arg = s,
	};

	if (sip_peer_create(&s->peer, &cfg))
		die("no SIP peer");
}

static bool all_up(const struct sim *s)
{
	for (unsigned i = 0; i < s->cfg.spans; i++) {
		struct isdn_span_status status;

		isdn_span_status(s->core->span[i].isdn, &status);
		if (!status.dchannel_up || (s->pbx[i] && !pbx_up(s->pbx[i])))
			return false;
	}
	return true;
}

void sim_create(struct sim *s, const struct sim_cfg *cfg)
{
	struct core_env env;
	const char *why;

	memset(s, 0, sizeof(*s));
	s->cfg = *cfg;
	s->now_us = 1000 * US_PER_S;
	s->next_tick_us = s->now_us;
	STAILQ_INIT(&s->wire);
	rng_init_seed(&s->rng, cfg->seed * 3 + 1);
	rng_init_seed(&s->core_rng, cfg->seed * 3 + 2);
	rng_init_seed(&s->peer_rng, cfg->seed * 3 + 3);
	libclock_set(s->now_us);
	make_config(s);
	if (rtp_net_sim_create(&s->net, cfg->seed))
		die("no network");
	make_spans(s);
	if (cfg->far)
		cfg->far->start(cfg->far->arg, s);
	else
		make_peer(s);
	env = (struct core_env){
	    .span = s->near,
	    .sip_transport = {.arg = s, .send = core_sends},
	    .rtp_net = rtp_net_sim_ops(s->net),
	    .rng = &s->core_rng,
	    .workers = 1,
	    .lookup = cfg->lookup,
	    .on_record = on_record,
	    .arg = s,
	};
	if (core_create(&s->core, s->config, &env, &why))
		die(why);
	if (!sim_run_until(s, all_up, 60 * US_PER_S))
		die("a D-channel does not come up");
}

void sim_destroy(struct sim *s)
{
	struct sim_datagram *d;

	core_destroy(s->core);
	sip_peer_destroy(s->peer);
	for (unsigned i = 0; i < s->cfg.spans; i++) {
		pbx_destroy(s->pbx[i]);
		s->near[i].ops->close(&s->near[i]);
		s->far[i].ops->close(&s->far[i]);
	}
	rtp_net_sim_destroy(s->net);
	config_destroy(s->config);
	while ((d = STAILQ_FIRST(&s->wire)) != NULL) {
		STAILQ_REMOVE_HEAD(&s->wire, entry);
		free(d);
	}
}

/* ── time ── */

bool sim_is_quiet(const struct sim *s)
{
	for (unsigned i = 0; i < exchanges(s); i++)
		if (pbx_calls(s->pbx[i]))
			return false;
	return call_table_counters(s->core->calls)->active == 0 &&
	       media_counters(s->core->media)->open == 0 &&
	       (!s->peer || sip_peer_counters(s->peer)->active == 0);
}

static void earlier(int64_t *next_us, int64_t t_us)
{
	if (t_us < *next_us)
		*next_us = t_us;
}

static bool frames_wait(const struct sim *s)
{
	for (unsigned i = 0; i < s->cfg.spans; i++)
		if (e1_virt_frames_waiting(s->pair[i], 0) || e1_virt_frames_waiting(s->pair[i], 1))
			return true;
	return false;
}

static int64_t next_us(const struct sim *s)
{
	int64_t t_us = frames_wait(s) ? s->now_us : core_next_us(s->core);

	earlier(&t_us, deadline_next_us(&s->peer_deadlines));
	for (unsigned i = 0; i < exchanges(s); i++)
		earlier(&t_us, pbx_next_us(s->pbx[i]));
	if (s->cfg.far)
		earlier(&t_us, s->cfg.far->next_us(s->cfg.far->arg));
	if (!STAILQ_EMPTY(&s->wire))
		earlier(&t_us, STAILQ_FIRST(&s->wire)->due_us);
	if (!sim_is_quiet(s))
		earlier(&t_us, s->next_tick_us);
	return t_us;
}

static void tick(struct sim *s)
{
	s->ticks++;
	s->next_tick_us = s->now_us + E1_BLOCK_US;
	for (unsigned i = 0; i < s->cfg.spans; i++)
		e1_virt_step(s->pair[i]);
	for (unsigned i = 0; i < s->core->worker_count; i++)
		media_worker_turn(s->core->worker[i], s->now_us);
	for (unsigned i = 0; i < exchanges(s); i++)
		pbx_run(s->pbx[i], s->now_us);
	if (s->cfg.far)
		s->cfg.far->block(s->cfg.far->arg, s->now_us);
}

void sim_step(struct sim *s, int64_t until_us)
{
	int64_t t_us = next_us(s);
	int turns = 0;

	if (t_us > until_us)
		t_us = until_us;
	if (t_us > s->now_us)
		s->now_us = t_us;
	libclock_set(s->now_us);
	rtp_net_sim_step(s->net, s->now_us);
	while (deliver(s))
		;
	if (s->now_us >= s->next_tick_us)
		tick(s);
	do {
		core_turns(s);
		for (unsigned i = 0; i < exchanges(s); i++)
			pbx_turn(s->pbx[i], s->now_us);
		if (s->cfg.far)
			s->cfg.far->turn(s->cfg.far->arg, s->now_us);
		deadline_run(&s->peer_deadlines, s->now_us);
		if (++turns > SETTLE_TURNS_MAX)
			die("something is due for ever");
	} while (frames_wait(s));
}

void sim_run_us(struct sim *s, int64_t us)
{
	int64_t until_us = s->now_us + us;

	while (s->now_us < until_us)
		sim_step(s, until_us);
}

bool sim_run_until(struct sim *s, bool (*done)(const struct sim *s), int64_t limit_us)
{
	int64_t until_us = s->now_us + limit_us;

	while (!done(s)) {
		if (s->now_us >= until_us)
			return false;
		sim_step(s, until_us);
	}
	return true;
}

unsigned sim_leftovers(struct sim *s)
{
	const struct sip_counters *sip = sip_counters(s->core->sip);
	unsigned left = call_table_counters(s->core->calls)->active +
			media_counters(s->core->media)->open + sip->dialogs + sip->transactions;

	for (unsigned i = 0; i < s->cfg.spans; i++) {
		struct isdn_span_status status;

		isdn_span_status(s->core->span[i].isdn, &status);
		left += status.busy + (s->pbx[i] ? pbx_calls(s->pbx[i]) : 0);
	}
	return left;
}

/* ── calls ── */

uint32_t sim_call_from_isdn(struct sim *s, unsigned span, const char *called, uint32_t hold_ms,
			    uint32_t give_up_ms)
{
	struct pbx_call_request r = {
	    .called = {.ton = 0, .npi = 1},
	    .calling = {.digits = "4930123456", .ton = 1, .npi = 1},
	    .bearer = CALL_BEARER_AUDIO_3K1,
	    .hold_ms = hold_ms,
	    .give_up_ms = give_up_ms,
	};

	str_copy(r.called.digits, sizeof(r.called.digits), called);
	return pbx_call(s->pbx[span - 1], s->now_us, &r);
}

int sim_call_from_sip(struct sim *s, const char *called, int32_t hold_ms, int32_t cancel_ms)
{
	struct sip_peer_dial d = {
	    .calling = "4989654321", .hold_ms = hold_ms, .cancel_ms = cancel_ms};

	str_copy(d.called, sizeof(d.called), called);
	return sip_peer_call(s->peer, s->now_us, &d);
}
