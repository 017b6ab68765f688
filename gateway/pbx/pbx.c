/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/pbx/pbx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "gateway/base/deadline.h"
#include "gateway/pbx/pbx_audio.h"
#include "gateway/pbx/pbx_pri.h"

enum {
	CAUSE_NO_CHANNEL = 34,
	CAUSE_REJECTED = 21,
	CAUSE_CHANNEL_UNACCEPTABLE = 6,
	CAUSE_CHANNEL_BUSY = 44,
	CAUSE_TEMPORARY_FAILURE = 41,
	CLEAR_GUARD_MS = 45000, /* T305 and twice T308 are over by then (Q.931 table 9-2) */
	/* Both ends send SABME when a line comes up. libpri repeats its own after T200 (1 s) even
	 * when it has answered the other's, which resets the link and loses a SETUP in between. */
	SETTLE_MS = 1200,
};

struct call {
	struct pbx *pbx;
	LIST_ENTRY(call) entry;
	void *pri; /* NULL: libpri has let go of it */
	uint32_t number;
	bool outgoing, channel_confirmed, clearing, we_cleared;
	uint8_t ts, cause_received, clear_cause;
	bool inband;
	struct pbx_number called, calling;
	struct pbx_rule rule; /* incoming */
	uint32_t hold_ms;
	int64_t setup_us, connect_us;
	uint64_t slips_before;		     /* of the span, when the call took its channel */
	struct deadline alert, answer, hold; /* hold: hang up, give up, guard */
};

struct pbx {
	struct pbx_cfg cfg;
	struct e1_span *e1;
	pbx_event_fn fn;
	void *arg;
	struct pbx_pri *pri;
	struct deadline_queue deadlines;
	LIST_HEAD(, call) calls;
	unsigned call_count;
	uint32_t last_number;
	uint32_t busy; /* bit ts */
	bool up;
	struct deadline settle; /* then the D-channel counts as up */
	int64_t now_us;
	struct pbx_rule rule[PBX_RULES_MAX];
	unsigned rule_count;
	struct pbx_audio audio;
};

/* ── calls ── */

static uint64_t slips(const struct pbx *p)
{
	struct e1_line line;

	p->e1->ops->line(p->e1, &line);
	return line.slips;
}

static void count_timeslot(const struct call *c, struct pbx_event *ev)
{
	struct e1_span *e1 = c->pbx->e1;
	struct e1_ts_counts counts = {0};

	if (e1->ops->ts_counts)
		e1->ops->ts_counts(e1, c->ts, &counts);
	ev->tx_idle_octets = counts.tx_idle_octets;
	ev->tx_dropped_octets = counts.tx_dropped_octets;
}

static void emit(struct call *c, enum pbx_event_type type)
{
	struct pbx *p = c->pbx;
	struct pbx_event ev = {
	    .type = type,
	    .now_us = p->now_us,
	    .call = c->number,
	    .outgoing = c->outgoing,
	    .called = c->called,
	    .calling = c->calling,
	    .ts = c->ts,
	    .pi_inband = c->inband,
	    .setup_us = c->setup_us,
	    .connect_us = c->connect_us,
	    .answered = c->connect_us != 0,
	    .we_cleared = c->we_cleared,
	    .cause = c->cause_received,
	};

	if (type == PBX_HANGUP && c->ts) {
		ev.missed_octets = pbx_audio_end(&p->audio, c->ts, &ev.audio);
		count_timeslot(c, &ev);
		ev.slipped_octets = (slips(p) - c->slips_before) * E1_BLOCK_OCTETS;
		ev.early_media =
		    ev.audio.started && (!c->connect_us || ev.audio.first_us < c->connect_us);
		/* A SETUP without an answer connects nobody: with the D-channel cut, the gateway
		 * may still have the call before on this timeslot. */
		if (c->outgoing && !c->channel_confirmed)
			ev.audio = (struct pattern_result){0};
	}
	p->fn(p->arg, &ev);
}

static void drop_channel(struct call *c)
{
	if (!c->ts)
		return;
	c->pbx->busy &= ~(1u << c->ts);
	c->pbx->e1->ops->ts_enable(c->pbx->e1, c->ts, false);
	c->ts = 0;
}

static void take_channel(struct call *c, uint8_t ts)
{
	struct pbx *p = c->pbx;

	drop_channel(c);
	c->ts = ts;
	p->busy |= 1u << ts;
	c->slips_before = slips(p);
	pbx_audio_begin(&p->audio, ts, c->called.digits);
	p->e1->ops->ts_enable(p->e1, ts, true);
}

static void end_call(struct call *c)
{
	struct pbx *p = c->pbx;

	emit(c, PBX_HANGUP);
	drop_channel(c);
	deadline_cancel(&p->deadlines, &c->alert);
	deadline_cancel(&p->deadlines, &c->answer);
	deadline_cancel(&p->deadlines, &c->hold);
	LIST_REMOVE(c, entry);
	p->call_count--;
	free(c);
}

static void after_ms(struct call *c, struct deadline *d, uint32_t ms)
{
	if (ms != PBX_NEVER_MS)
		deadline_set(&c->pbx->deadlines, d, c->pbx->now_us + ms * US_PER_MS);
}

/* Clears; ends it at once when libpri has nothing more to say. */
static void clear(struct call *c, uint8_t cause)
{
	struct pbx *p = c->pbx;

	if (c->clearing)
		return;
	c->clearing = true;
	pbx_audio_speak(&p->audio, c->ts, false);
	deadline_cancel(&p->deadlines, &c->alert);
	deadline_cancel(&p->deadlines, &c->answer);
	after_ms(c, &c->hold, CLEAR_GUARD_MS);
	pbx_pri_clear(p->pri, c->pri, cause);
}

static void on_hold_over(void *arg, int64_t now_us)
{
	struct call *c = arg;

	(void)now_us;
	if (c->clearing) {
		pbx_pri_forget(c->pbx->pri, c->pri);
		end_call(c);
		return;
	}
	c->we_cleared = true;
	clear(c, c->clear_cause);
}

static void on_alert_due(void *arg, int64_t now_us)
{
	struct call *c = arg;

	(void)now_us;
	pbx_pri_alerting(c->pbx->pri, c->pri, c->ts, c->rule.alert_inband);
	if (c->rule.alert_inband)
		pbx_audio_speak(&c->pbx->audio, c->ts, true);
}

static void connected(struct call *c)
{
	c->connect_us = c->pbx->now_us;
	pbx_audio_speak(&c->pbx->audio, c->ts, true);
	deadline_cancel(&c->pbx->deadlines, &c->hold);
	after_ms(c, &c->hold, c->hold_ms);
	emit(c, PBX_CONNECTED);
}

static void on_answer_due(void *arg, int64_t now_us)
{
	struct call *c = arg;

	(void)now_us;
	pbx_pri_connect(c->pbx->pri, c->pri, c->ts);
	connected(c);
}

static struct call *new_call(struct pbx *p, bool outgoing)
{
	struct call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->pbx = p;
	c->outgoing = outgoing;
	c->number = ++p->last_number;
	c->setup_us = p->now_us;
	deadline_init(&c->alert, on_alert_due, c);
	deadline_init(&c->answer, on_answer_due, c);
	deadline_init(&c->hold, on_hold_over, c);
	LIST_INSERT_HEAD(&p->calls, c, entry);
	p->call_count++;
	return c;
}

static struct call *find_call(struct pbx *p, const void *pri)
{
	struct call *c;

	LIST_FOREACH (c, &p->calls, entry)
		if (c->pri == pri)
			return c;
	return NULL;
}

static uint8_t hunt(const struct pbx *p)
{
	uint32_t idle = p->cfg.bchannels & ~p->busy;

	if (!idle)
		return 0;
	return (uint8_t)(p->cfg.descending ? 31 - __builtin_clz(idle) : __builtin_ctz(idle));
}

/* ── what the other side does ── */

static const struct pbx_rule *match_rule(const struct pbx *p, const char *digits)
{
	const struct pbx_rule *best = NULL;

	for (unsigned i = 0; i < p->rule_count; i++) {
		const struct pbx_rule *r = &p->rule[i];

		if (strncmp(digits, r->prefix, strlen(r->prefix)) == 0 &&
		    (!best || strlen(r->prefix) > strlen(best->prefix)))
			best = r;
	}
	return best;
}

static bool channel_is_free(const struct pbx *p, uint8_t ts)
{
	return ts < E1_TIMESLOTS && (p->cfg.bchannels & ~p->busy) >> ts & 1;
}

static void refuse(struct pbx *p, const struct pbx_pri_event *setup, uint8_t ts, uint8_t cause)
{
	const struct pbx_event ev = {
	    .type = PBX_REFUSED,
	    .now_us = p->now_us,
	    .called = setup->called,
	    .calling = setup->calling,
	    .ts = setup->ts,
	    .cause = cause,
	};

	/* libpri would answer DISCONNECT to a SETUP that has had no answer yet. */
	pbx_pri_proceeding(p->pri, setup->call, setup->ts ? setup->ts : ts);
	pbx_pri_clear(p->pri, setup->call, cause);
	p->fn(p->arg, &ev);
}

static void follow_rule(struct call *c)
{
	struct pbx *p = c->pbx;
	const struct pbx_rule *r = &c->rule;

	pbx_pri_proceeding(p->pri, c->pri, c->ts);
	if (r->refuse_cause) {
		c->we_cleared = true;
		clear(c, r->refuse_cause);
		return;
	}
	if (r->progress_inband) {
		pbx_pri_progress(p->pri, c->pri, c->ts);
		pbx_audio_speak(&p->audio, c->ts, true);
	}
	c->hold_ms = r->hold_ms;
	c->clear_cause = r->cause;
	after_ms(c, &c->alert, r->alert_after_ms);
	after_ms(c, &c->answer, r->answer_after_ms);
}

static void on_setup(struct pbx *p, const struct pbx_pri_event *ev)
{
	const struct pbx_rule *rule = match_rule(p, ev->called.digits);
	uint8_t ts = channel_is_free(p, ev->ts) ? ev->ts : hunt(p);
	struct call *c;

	if (!rule || !ts || (ev->exclusive && ts != ev->ts)) {
		refuse(p, ev, ts,
		       !rule ? CAUSE_REJECTED
		       : ts  ? CAUSE_CHANNEL_BUSY
			     : CAUSE_NO_CHANNEL);
		return;
	}
	c = new_call(p, false);
	if (!c) {
		refuse(p, ev, ts, CAUSE_NO_CHANNEL);
		return;
	}
	c->pri = ev->call;
	c->called = ev->called;
	c->calling = ev->calling;
	c->rule = *rule;
	take_channel(c, ts);
	emit(c, PBX_INCOMING);
	follow_rule(c);
}

static void on_answer(struct call *c, const struct pbx_pri_event *ev)
{
	static const enum pbx_event_type type[] = {
	    [PBX_PRI_PROCEEDING] = PBX_PROCEEDING,
	    [PBX_PRI_PROGRESS] = PBX_PROGRESS,
	    [PBX_PRI_ALERTING] = PBX_ALERTING,
	};
	struct pbx *p = c->pbx;

	if (c->clearing)
		return;
	/* The first answer's channel is binding (Q.931 5.2.3.1). */
	if (!c->channel_confirmed && ev->ts && ev->ts != c->ts) {
		if (!channel_is_free(p, ev->ts)) {
			c->we_cleared = true;
			clear(c, CAUSE_CHANNEL_UNACCEPTABLE);
			return;
		}
		take_channel(c, ev->ts);
	} else if (!c->channel_confirmed) { /* nobody listened until now */
		pbx_audio_begin(&p->audio, c->ts, c->called.digits);
	}
	c->channel_confirmed = true;
	pbx_audio_speak(&p->audio, c->ts, true);
	c->inband = ev->inband;
	if (ev->type == PBX_PRI_CONNECT)
		connected(c);
	else
		emit(c, type[ev->type]);
}

static void on_clearing(struct call *c, const struct pbx_pri_event *ev)
{
	if (!c->cause_received && !c->we_cleared)
		c->cause_received = ev->cause;
	if (ev->over)
		end_call(c);
	else if (c->clearing) /* both sides at once: libpri answers RELEASE when asked again */
		pbx_pri_clear(c->pbx->pri, c->pri, ev->cause);
	else
		clear(c, ev->cause);
}

/* libpri acknowledges a RESTART and keeps the calls (Q.931 5.5.2: they are gone). */
static void on_restart(struct pbx *p, uint8_t ts)
{
	struct call *c, *next;

	for (c = LIST_FIRST(&p->calls); c; c = next) {
		next = LIST_NEXT(c, entry);
		if (ts && c->ts != ts)
			continue;
		c->cause_received = CAUSE_TEMPORARY_FAILURE;
		pbx_pri_forget(p->pri, c->pri);
		end_call(c);
	}
}

static void set_up(struct pbx *p, bool up)
{
	if (p->up == up)
		return;
	p->up = up;
	p->fn(p->arg, &(struct pbx_event){.type = up ? PBX_UP : PBX_DOWN, .now_us = p->now_us});
}

static void on_settled(void *arg, int64_t now_us)
{
	(void)now_us;
	set_up(arg, true);
}

static void on_link(struct pbx *p, bool up)
{
	deadline_cancel(&p->deadlines, &p->settle);
	if (up)
		deadline_set(&p->deadlines, &p->settle, p->now_us + SETTLE_MS * US_PER_MS);
	else
		set_up(p, false);
}

static void handle(struct pbx *p, const struct pbx_pri_event *ev)
{
	struct call *c = ev->call ? find_call(p, ev->call) : NULL;

	switch ((int)ev->type) {
	case PBX_PRI_UP:
	case PBX_PRI_DOWN:
		on_link(p, ev->type == PBX_PRI_UP);
		break;
	case PBX_PRI_RESTART:
		on_restart(p, ev->ts);
		break;
	case PBX_PRI_SETUP:
		if (c) /* libpri let go of that one silently and reuses its memory */
			end_call(c);
		on_setup(p, ev);
		break;
	case PBX_PRI_PROCEEDING:
	case PBX_PRI_PROGRESS:
	case PBX_PRI_ALERTING:
	case PBX_PRI_CONNECT:
		if (c)
			on_answer(c, ev);
		break;
	case PBX_PRI_DISCONNECT:
	case PBX_PRI_RELEASED:
		if (c)
			on_clearing(c, ev);
		else if (!ev->over)
			pbx_pri_clear(p->pri, ev->call, ev->cause);
		break;
	}
}

/* ── the exchange ── */

int pbx_create(struct pbx **out, const struct pbx_cfg *cfg, struct e1_span *e1, pbx_event_fn fn,
	       void *arg)
{
	struct pbx *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->cfg = *cfg;
	p->e1 = e1;
	p->fn = fn;
	p->arg = arg;
	deadline_init(&p->settle, on_settled, p);
	p->audio.gateway = cfg->gateway_audio;
	err = pbx_pri_create(&p->pri, cfg->network, cfg->t309_ms ? cfg->t309_ms : 90000, e1);
	if (err) {
		pbx_destroy(p);
		return err;
	}
	*out = p;
	return 0;
}

void pbx_destroy(struct pbx *p)
{
	if (!p)
		return;
	while (!LIST_EMPTY(&p->calls)) {
		struct call *c = LIST_FIRST(&p->calls);

		LIST_REMOVE(c, entry);
		free(c);
	}
	pbx_pri_destroy(p->pri);
	free(p);
}

void pbx_turn(struct pbx *p, int64_t now_us)
{
	struct pbx_pri_event ev;

	libclock_set(now_us);
	p->now_us = now_us;
	while (pbx_pri_next_event(p->pri, now_us, &ev))
		handle(p, &ev);
	if (deadline_run(&p->deadlines, now_us))
		while (pbx_pri_next_event(p->pri, now_us, &ev))
			handle(p, &ev);
}

int64_t pbx_next_us(const struct pbx *p)
{
	int64_t ours_us = deadline_next_us(&p->deadlines), pri_us = pbx_pri_next_us(p->pri);

	return ours_us < pri_us ? ours_us : pri_us;
}

int pbx_run(struct pbx *p, int64_t now_us)
{
	p->audio.now_us = now_us;
	return p->e1->ops->run(p->e1, now_us, pbx_audio_block, &p->audio);
}

uint32_t pbx_call(struct pbx *p, int64_t now_us, const struct pbx_call_request *request)
{
	uint8_t ts = request->ts ? request->ts : hunt(p);
	struct call *c;

	libclock_set(now_us);
	p->now_us = now_us;
	if (!p->up || !channel_is_free(p, ts))
		return 0;
	c = new_call(p, true);
	if (!c)
		return 0;
	c->called = request->called;
	c->calling = request->calling;
	c->hold_ms = request->hold_ms;
	c->clear_cause = request->cause;
	c->pri = pbx_pri_setup(p->pri, request, ts);
	if (!c->pri) {
		LIST_REMOVE(c, entry);
		p->call_count--;
		free(c);
		return 0;
	}
	take_channel(c, ts);
	after_ms(c, &c->hold, request->give_up_ms);
	return c->number;
}

static struct call *find_number(struct pbx *p, uint32_t number)
{
	struct call *c;

	LIST_FOREACH (c, &p->calls, entry)
		if (c->number == number)
			return c;
	return NULL;
}

bool pbx_clear(struct pbx *p, uint32_t call, uint8_t cause)
{
	struct call *c = find_number(p, call);

	if (!c || c->clearing)
		return false;
	c->we_cleared = true;
	clear(c, cause);
	return true;
}

void pbx_clear_all(struct pbx *p, uint8_t cause)
{
	struct call *c;

	LIST_FOREACH (c, &p->calls, entry) {
		if (c->clearing)
			continue;
		c->we_cleared = true;
		clear(c, cause);
	}
}

bool pbx_rule(struct pbx *p, const struct pbx_rule *rule)
{
	unsigned i = 0;

	while (i < p->rule_count && strcmp(p->rule[i].prefix, rule->prefix) != 0)
		i++;
	if (i == PBX_RULES_MAX)
		return false;
	p->rule[i] = *rule;
	p->rule_count += i == p->rule_count;
	return true;
}

void pbx_plant(struct pbx *p, enum pbx_plant plant)
{
	p->audio.plant = plant;
}

void pbx_drop_dchannel(struct pbx *p, bool drop)
{
	pbx_pri_drop(p->pri, drop);
}

unsigned pbx_calls(const struct pbx *p)
{
	return p->call_count;
}

bool pbx_up(const struct pbx *p)
{
	return p->up;
}
