/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/log.h"
#include "gateway/call/call_priv.h"
#include "gateway/call/codec_choice.h"

static bool same_format(const struct media_desc *a, const struct media_desc *b)
{
	return a->format[0].codec == b->format[0].codec &&
	       a->format[0].payload_type == b->format[0].payload_type;
}

void call_set_remote(struct call *c, const struct media_desc *remote)
{
	if (c->remote.present &&
	    (!net_addr_equal(&c->remote.rtp, &remote->rtp) || !same_format(&c->remote, remote)))
		c->relatch = true;
	c->remote = *remote;
}

/* B's answer to our offer, in a provisional or final response, or A's in its ACK. */
static void take_answer(struct call *c, struct call_event *ev)
{
	struct media_desc remote;

	if (!ev->media.present)
		return;
	if (codec_accept_answer(&c->offer, &ev->media, &remote) == 0) {
		call_set_remote(c, &remote);
		return;
	}
	ev->media.present = false;
	LOG(LOG_WARN, "call.media_unusable", c->id, L_S("event", call_event_name(ev->type)),
	    L_S("why", "no codec of our offer, rejected, or another address family"));
}

static void take_media(struct call *c, struct call_event *ev)
{
	if (ev->type == CALL_EV_SETUP)
		return;
	if ((uint8_t)ev->side != c->ctx.rtp_side) {
		ev->media.present = false;
		return;
	}
	switch (ev->type) {
	case CALL_EV_PROGRESS:
	case CALL_EV_ALERTING:
	case CALL_EV_ANSWER:
		if (c->ctx.state < CALL_ST_ACTIVE)
			take_answer(c, ev);
		break;
	case CALL_EV_CONFIRMED:
		if (c->ctx.answer_due)
			take_answer(c, ev);
		break;
	case CALL_EV_OFFER:
		/* Becomes ours when the machine says OFFER_ANSWER. */
		ev->unusable =
		    ev->media.present && codec_answer_offer(&c->rtp_port, &c->local, &ev->media,
							    &c->new_answer, &c->new_remote) != 0;
		break;
	default:
		ev->media.present = false;
		break;
	}
}

void call_note_cause(struct call *c, enum call_side side, struct call_cause cause)
{
	struct call_leg *leg = &c->leg[side];

	if (leg->cause_known || (cause.value == 0 && cause.sip_status == 0))
		return;
	leg->cause_known = true;
	*(side == CALL_SIDE_A ? &c->record.cause_a : &c->record.cause_b) = cause;
}

/* PROGRESS tells why the call fails while its announcement is still to be heard, and the release
 * that ends the announcement is then often a normal one. */
static void take_failure(struct call *c, struct call_event *ev)
{
	uint8_t value = ev->cause.value;

	if (ev->side != CALL_SIDE_B || c->ctx.state >= CALL_ST_ACTIVE)
		return;
	if (c->failure.value && ev->type != CALL_EV_PROGRESS &&
	    (value == 0 || value == CAUSE_NORMAL || value == CAUSE_NORMAL_UNSPECIFIED))
		ev->cause = c->failure;
	else if (value)
		c->failure = ev->cause;
}

/* RFC 4497 9.1.3, 9.2.3: who answered is told to the caller with the answer, or not at all. */
static void take_connected(struct call *c, const struct call_number *connected)
{
	const struct call_table_cfg *cfg = &c->table->cfg;
	struct call_record *r = &c->record;

	if (!connected->present || c->ctx.answered)
		return;
	r->connected = r->connected_out = *connected;
	if (cfg->connected)
		cfg->connected(cfg->arg, &r->setup, r->target, &r->connected_out);
}

void call_take_values(struct call *c, struct call_event *ev)
{
	take_media(c, ev);
	switch (ev->type) {
	case CALL_EV_ANSWER:
		if (ev->side == CALL_SIDE_B)
			take_connected(c, &ev->connected);
		break;
	case CALL_EV_PROGRESS:
		take_failure(c, ev);
		break;
	case CALL_EV_CHANNEL:
		if ((uint8_t)ev->side != c->ctx.rtp_side && ev->channel.span)
			c->channel = c->record.channel = ev->channel;
		break;
	case CALL_EV_CLEARING:
	case CALL_EV_GONE:
		take_failure(c, ev);
		ev->reroute = ev->side == CALL_SIDE_B && call_route_goes_on(c, ev->cause.value);
		if (ev->reroute && c->ctx.rtp_side == CALL_SIDE_A)
			c->channel = (struct call_channel){0}; /* the leg gives it back */
		if (!ev->reroute)
			call_note_cause(c, ev->side, ev->cause);
		break;
	case CALL_EV_EARLY_RTP:
		if (!c->ctx.answered && c->ctx.state < CALL_ST_ACTIVE)
			c->record.early_media = true;
		break;
	case CALL_EV_MEDIA_GONE:
		c->record.media = ev->stats;
		break;
	default:
		break;
	}
}

static const char *whats_open(const struct call_ctx *c)
{
	static const char *const text[] = {"nothing", "a",	 "b",	    "a,b",
					   "media",   "a,media", "b,media", "a,b,media"};

	return text[c->a_open + 2 * c->b_open + 4 * c->media_open];
}

void call_note_step(struct call *c, const struct call_ctx *before, const struct call_event *ev)
{
	struct call_record *r = &c->record;
	struct call_table *t = c->table;

	if (c->ctx.answered && !before->answered) {
		r->answer_us = t->now_us;
		t->counters.answered++;
		if (t->cfg.open)
			t->cfg.open(t->cfg.arg, r);
	}
	if (before->state < CALL_ST_CLEARING && c->ctx.state >= CALL_ST_CLEARING) {
		r->clear_us = t->now_us;
		if (ev->type == CALL_EV_CLEARING || ev->type == CALL_EV_GONE) {
			r->cleared_by_known = true;
			r->cleared_by = ev->side;
		}
	}
	if (before->state == CALL_ST_CLEARING && ev->type == CALL_EV_TIMER &&
	    c->ctx.state == CALL_ST_DONE) {
		r->guard_hit = true;
		t->counters.guard_hits++;
		LOG(LOG_ERROR, "call.clear_guard", c->id, L_S("open", whats_open(before)),
		    L_U("after_ms", call_timers[CALL_TIMER_CLEAR].default_ms));
	}
}
