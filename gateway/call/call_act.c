/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/call/call_priv.h"
#include "gateway/call/codec_choice.h"

static void post(struct call *c, enum call_event_type type, enum call_side side,
		 struct call_cause cause)
{
	struct call_event ev = {.type = type, .side = side, .cause = cause};

	call_table_post(c->table, c->id, &ev);
}

/* ---- media ---- */

static void act_media_open(struct call *c)
{
	const struct call_table_cfg *cfg = &c->table->cfg;
	const struct call_port *port = &c->rtp_port;
	const struct media_desc *theirs = &c->record.setup.media;
	int err = cfg->media_ops->open(cfg->media, c->id, &port->media_bind, &port->media_advertise,
				       &c->session, &c->local);

	if (err) {
		c->session = 0;
		LOG(LOG_ERROR, "call.media_open_failed", c->id, L_S("why", strerror(-err)));
		post(c, CALL_EV_MEDIA_FAILED, CALL_SIDE_A, call_own_cause(CAUSE_CONGESTION));
		post(c, CALL_EV_MEDIA_GONE, CALL_SIDE_A, call_own_cause(CAUSE_CONGESTION));
		return;
	}
	codec_make_offer(port, &c->local, &c->offer);
	if (c->ctx.rtp_side == CALL_SIDE_A && theirs->present) {
		struct media_desc remote;

		if (codec_answer_offer(port, &c->local, theirs, &c->answer, &remote) == 0)
			call_set_remote(c, &remote);
		else
			post(c, CALL_EV_MEDIA_FAILED, CALL_SIDE_A,
			     call_own_cause(CAUSE_BEARER_NOT_IMPLEMENTED));
	}
}

/* E.180: busy is for who cannot be reached because of a call, congestion for all that fails. */
static enum call_tone tone_of(const struct call *c, uint8_t flags)
{
	if (flags & CALL_MEDIA_RINGBACK)
		return CALL_TONE_RINGBACK;
	if (!(flags & CALL_MEDIA_TONE))
		return CALL_TONE_NONE;
	return c->record.cause_a.value == CAUSE_BUSY ? CALL_TONE_BUSY : CALL_TONE_CONGESTION;
}

static void act_media_set(struct call *c, uint8_t flags)
{
	const struct call_table_cfg *cfg = &c->table->cfg;
	const struct media_desc *remote = &c->remote;
	struct media_params p = {
	    .channel = c->channel,
	    .remote = *remote,
	    .accept_any_source = c->rtp_port.media_any_source,
	    .relatch = c->relatch,
	    .tone = tone_of(c, flags),
	};

	if (remote->present && !remote->rejected) {
		/* RFC 3264 8.4: on hold they do not receive (sendonly, inactive, or c=0.0.0.0) */
		p.send = flags & CALL_MEDIA_SEND && remote->direction & MEDIA_RECVONLY &&
			 remote->rtp.port && !net_addr_is_any(&remote->rtp);
		p.receive = flags & CALL_MEDIA_RECEIVE && remote->direction & MEDIA_SENDONLY;
	}
	c->relatch = false;
	if (c->session)
		cfg->media_ops->set(cfg->media, c->session, &p);
}

static void act_media_close(struct call *c)
{
	if (c->session)
		c->table->cfg.media_ops->close(c->table->cfg.media, c->session);
}

/* ---- legs ---- */

void call_open_b(struct call *c)
{
	struct call_leg *b = &c->leg[CALL_SIDE_B];
	struct call_cause cause = call_own_cause(CAUSE_TEMPORARY_FAILURE);
	void *handle = NULL;

	c->b_setup.media = (struct media_desc){.present = false};
	if (c->ctx.rtp_side == CALL_SIDE_B)
		c->b_setup.media = c->offer;
	c->b_setup.sending_complete = true;
	b->ops = c->b_port.ops;
	if (c->way_cause.value) /* the way has no port: said when it was taken */
		cause = c->way_cause;
	/* Without a session there is no voice, and MEDIA_FAILED is on its way. */
	if (c->session && !c->way_cause.value &&
	    b->ops->open(c->b_port.adapter, c->id, &c->b_setup, &handle, &cause) == 0) {
		b->handle = handle;
		c->open_failed = false;
		return;
	}
	if (cause.value == 0)
		cause = call_own_cause(CAUSE_TEMPORARY_FAILURE);
	c->open_failed = c->session;
	if (c->open_failed && call_room_make(c, cause))
		return;
	post(c, CALL_EV_GONE, CALL_SIDE_B, cause);
}

static void command(struct call *c, enum call_side side, const struct leg_cmd *cmd)
{
	struct call_leg *leg = &c->leg[side];

	/* A leg that posted GONE is dead at once, also while the event is still queued. */
	if (leg->handle)
		leg->ops->command(leg->handle, cmd);
}

/* A's description of ours: the answer to its offer, or, when it made none, our offer. */
static const struct media_desc *media_for_a(const struct call *c)
{
	return c->record.setup.media.present ? &c->answer : &c->offer;
}

static void tell_a(struct call *c, enum leg_cmd_type type, const struct call_action *a)
{
	struct leg_cmd cmd = {.type = type, .pi = a->pi};

	if (a->with_media)
		cmd.media = *media_for_a(c);
	if (type == LEG_ANSWER)
		cmd.connected = c->record.connected_out;
	command(c, CALL_SIDE_A, &cmd);
}

static void act_offer_answer(struct call *c, enum call_side side)
{
	struct leg_cmd cmd = {.type = LEG_OFFER_ANSWER};

	if (c->ctx.answer_due) { /* it came without an offer: we make one */
		cmd.media = c->offer;
	} else {
		c->answer = cmd.media = c->new_answer;
		call_set_remote(c, &c->new_remote);
	}
	command(c, side, &cmd);
}

static void act_clear(struct call *c, const struct call_action *a)
{
	struct leg_cmd cmd = {.type = LEG_CLEAR, .cause = a->cause, .pi = a->pi};

	if (cmd.cause.value == 0)
		cmd.cause = c->failure;
	call_note_cause(c, a->side, cmd.cause);
	command(c, a->side, &cmd);
	if (a->side == CALL_SIDE_B && call_room_forget(c)) /* it was never opened */
		post(c, CALL_EV_GONE, CALL_SIDE_B, cmd.cause);
}

/* ---- the rest ---- */

static void act_timer_start(struct call *c, unsigned timer)
{
	const struct call_table_cfg *cfg = &c->table->cfg;
	uint32_t ms = call_timers[timer].default_ms;

	if (timer == CALL_TIMER_RING && cfg->ring_limit_ms)
		ms = cfg->ring_limit_ms;
	deadline_set(cfg->deadlines, &c->timer[timer].deadline, c->table->now_us + ms * US_PER_MS);
}

static void act_record(struct call *c)
{
	struct call_record *r = &c->record;
	const struct call_table_cfg *cfg = &c->table->cfg;

	r->end_us = c->table->now_us;
	r->state = call_state_name(c->ctx.state);
	if (c->session) /* the guard: the session never said how it ended */
		cfg->media_ops->stats(cfg->media, c->session, &r->media);
	LOG(LOG_INFO, "call.ended", c->id, L_U("cause_a", r->cause_a.value),
	    L_U("cause_b", r->cause_b.value),
	    L_S("cleared_by", !r->cleared_by_known	     ? "gateway"
			      : r->cleared_by == CALL_SIDE_A ? "a"
							     : "b"),
	    L_I("talk_ms", r->answer_us ? (r->clear_us - r->answer_us) / US_PER_MS : 0));
	if (cfg->record)
		cfg->record(cfg->arg, r);
}

void call_abandon(struct call *c)
{
	if (!c->record.clear_us)
		c->record.clear_us = c->table->now_us;
	c->record.guard_hit = true;
	act_record(c);
}

void call_act(struct call *c, const struct call_action *a)
{
	struct leg_cmd refuse = {.type = LEG_OFFER_ANSWER};

	switch (a->type) {
	case CALL_ACT_ROUTE:
		call_route_ask(c);
		break;
	case CALL_ACT_MEDIA_OPEN:
		act_media_open(c);
		break;
	case CALL_ACT_MEDIA_SET:
		act_media_set(c, a->media_flags);
		break;
	case CALL_ACT_MEDIA_CLOSE:
		act_media_close(c);
		break;
	case CALL_ACT_OPEN_B:
		call_open_b(c);
		break;
	case CALL_ACT_NEXT_WAY:
		call_route_next(c);
		break;
	case CALL_ACT_A_PROCEED:
		c->record.proceeding_us = c->table->now_us;
		tell_a(c, LEG_PROCEED, a);
		break;
	case CALL_ACT_A_PROGRESS:
		tell_a(c, LEG_PROGRESS, a);
		break;
	case CALL_ACT_A_ALERT:
		c->record.alerting_us = c->table->now_us;
		tell_a(c, LEG_ALERT, a);
		break;
	case CALL_ACT_A_ANSWER:
		tell_a(c, LEG_ANSWER, a);
		break;
	case CALL_ACT_OFFER_ANSWER:
		act_offer_answer(c, a->side);
		break;
	case CALL_ACT_OFFER_REFUSE:
		command(c, a->side, &refuse);
		break;
	case CALL_ACT_CLEAR:
		act_clear(c, a);
		break;
	case CALL_ACT_TIMER_START:
		act_timer_start(c, a->timer);
		break;
	case CALL_ACT_TIMER_STOP:
		deadline_cancel(c->table->cfg.deadlines, &c->timer[a->timer].deadline);
		break;
	case CALL_ACT_RECORD:
		act_record(c);
		break;
	default:
		break;
	}
}
