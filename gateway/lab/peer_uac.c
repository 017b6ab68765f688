/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/peer_call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void send_ack(struct peer_call *c, bool success)
{
	char text[PEER_MESSAGE_MAX], invite_branch[17];
	struct strbuf b;

	/* RFC 3261 13.2.2.4: the ACK of a 2xx is a transaction of its own; 17.1.1.3: any other
	 * belongs to the INVITE's. */
	strbuf_init(&b, text, sizeof(text));
	str_copy(invite_branch, sizeof(invite_branch), c->branch);
	if (success)
		rng_hex(c->peer->cfg.rng, c->branch, 16);
	peer_call_request(c, &b, "ACK", c->invite_cseq);
	peer_msg_end(&b, NULL);
	peer_call_send(c, &b, success ? &c->remote : &c->peer->cfg.gateway);
	str_copy(c->branch, sizeof(c->branch), invite_branch);
}

/* Request URI and To of a request outside of the dialog. */
static void invite_target(struct peer_call *c)
{
	char gateway[NET_ADDR_TEXT];

	net_addr_format(&c->peer->cfg.gateway, gateway);
	snprintf(c->target, sizeof(c->target), "sip:%s@%s", c->report.called, gateway);
	snprintf(c->to, sizeof(c->to), "<sip:%s@%s>", c->report.called, gateway);
}

static void prepare(struct peer_call *c, const struct sip_peer_dial *dial)
{
	struct sip_peer *p = c->peer;
	char local[NET_ADDR_TEXT];

	net_addr_format(&p->cfg.local, local);
	c->dial = *dial;
	c->report.outgoing = true;
	str_copy(c->report.calling, sizeof(c->report.calling), dial->calling);
	rng_hex(p->cfg.rng, c->report.call_id, 24);
	c->remote = p->cfg.gateway;
	snprintf(c->from, sizeof(c->from), "<sip:%s@%s>;tag=%s",
		 dial->calling[0] ? dial->calling : "anonymous", local, c->local_tag);
	invite_target(c);
}

int sip_peer_call(struct sip_peer *p, int64_t now_us, const struct sip_peer_dial *dial)
{
	char sdp[512], text[PEER_MESSAGE_MAX];
	struct peer_call *c;
	struct strbuf b;

	if (p->counters.active >= p->cfg.calls_max)
		return -ENOSPC;
	c = peer_call_create(p, now_us, dial->called);
	if (!c)
		return -EADDRINUSE;
	prepare(c, dial);
	/* What we offer is what we may get at any moment. */
	c->audio.payload_type = p->cfg.payload_type;
	c->state = PEER_CALLING;
	c->cseq = c->invite_cseq = 1;
	peer_call_sdp(c, sdp, sizeof(sdp), p->cfg.payload_type);
	strbuf_init(&b, text, sizeof(text));
	peer_call_request(c, &b, "INVITE", c->invite_cseq);
	strbuf_add(&b, "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n");
	peer_msg_end(&b, sdp);
	if (dial->cancel_ms >= 0)
		deadline_set(p->cfg.deadlines, &c->action, now_us + dial->cancel_ms * US_PER_MS);
	peer_call_send_repeated(c, now_us, &b, &p->cfg.gateway);
	return (int)c->report.call;
}

void peer_uac_cancel(struct peer_call *c, int64_t now_us, uint8_t cause)
{
	char text[PEER_MESSAGE_MAX], to[PEER_HEADER_MAX], target[PEER_HEADER_MAX];
	struct strbuf b;

	/* RFC 3261 9.1: no CANCEL before a response came; then at once. */
	if (c->state == PEER_CALLING) {
		c->dial.cancel_ms = 0;
		return;
	}
	/* The same request URI and To as the INVITE, without the tag that a response brought. */
	str_copy(to, sizeof(to), c->to);
	str_copy(target, sizeof(target), c->target);
	invite_target(c);
	strbuf_init(&b, text, sizeof(text));
	peer_call_request(c, &b, "CANCEL", c->invite_cseq);
	peer_msg_reason(&b, cause);
	peer_msg_end(&b, NULL);
	str_copy(c->to, sizeof(c->to), to);
	str_copy(c->target, sizeof(c->target), target);
	c->state = PEER_CANCELLING;
	peer_call_send_repeated(c, now_us, &b, &c->peer->cfg.gateway);
}

static void take_to(struct peer_call *c, const struct sip_text *m)
{
	struct sip_span to = sip_text_header(m, "To", 0);

	if (to.len && to.len < sizeof(c->to))
		sip_span_copy(to, c->to, sizeof(c->to));
}

static void provisional(struct peer_call *c, int64_t now_us, const struct sip_text *m)
{
	if (c->state == PEER_CALLING) {
		c->state = PEER_PROCEEDING;
		peer_call_stop_repeat(c);
	}
	if (m->status > 100 && c->state == PEER_PROCEEDING) {
		if (!c->report.ring_us)
			c->report.ring_us = now_us;
		if (m->body.len && peer_call_connect(c, m->body)) {
			c->report.early_sdp = true;
			peer_call_start_audio(c, now_us, false);
		}
		peer_call_event(c, SIP_PEER_RINGING);
	}
	if (c->state == PEER_PROCEEDING && c->dial.cancel_ms == 0 && !c->action.queued)
		peer_uac_cancel(c, now_us, 0);
}

static void success(struct peer_call *c, int64_t now_us, const struct sip_text *m)
{
	struct deadline_queue *q = c->peer->cfg.deadlines;
	bool first = c->state <= PEER_CANCELLING, cancelled = c->state == PEER_CANCELLING;

	if (!first) {
		send_ack(c, true);
		return;
	}
	peer_call_stop_repeat(c);
	deadline_cancel(q, &c->action);
	take_to(c, m);
	peer_learn_target(c, m);
	peer_call_answered(c, now_us);
	if (m->body.len)
		peer_call_connect(c, m->body);
	send_ack(c, true);
	c->state = PEER_TALKING;
	peer_call_start_audio(c, now_us, true);
	peer_call_event(c, SIP_PEER_ANSWERED);
	if (cancelled)
		peer_call_bye(c, now_us, 0); /* the answer met our CANCEL */
	else if (c->dial.hold_ms >= 0)
		deadline_set(q, &c->action, now_us + c->dial.hold_ms * US_PER_MS);
}

static void failure(struct peer_call *c, int64_t now_us, const struct sip_text *m)
{
	char to[PEER_HEADER_MAX];
	bool cancelled = c->state == PEER_CANCELLING && m->status == 487;

	str_copy(to, sizeof(to), c->to);
	take_to(c, m);
	send_ack(c, false);
	if (c->state > PEER_CANCELLING) {
		str_copy(c->to, sizeof(c->to), to);
		return;
	}
	if (sip_text_q850(m))
		c->report.cause = sip_text_q850(m);
	peer_call_end(c, now_us, cancelled ? SIP_PEER_CANCELLED : SIP_PEER_REFUSED);
	peer_call_over(c, now_us);
}

void peer_uac_response(struct peer_call *c, int64_t now_us, const struct sip_text *m)
{
	struct sip_span method;
	unsigned cseq = sip_text_cseq(m, &method);

	if (sip_span_is(method, "INVITE") && cseq == c->invite_cseq && c->report.outgoing) {
		if (c->state <= PEER_CANCELLING)
			c->report.status = m->status;
		if (m->status < 200)
			provisional(c, now_us, m);
		else if (m->status < 300)
			success(c, now_us, m);
		else
			failure(c, now_us, m);
	} else if (sip_span_is(method, "CANCEL") && c->state == PEER_CANCELLING) {
		peer_call_stop_repeat(c);
		/* The INVITE's own final is still due (RFC 3261 9.1: 64 T1). */
		deadline_set(c->peer->cfg.deadlines, &c->action, now_us + 32 * US_PER_S);
	} else if (sip_span_is(method, "BYE") && c->state == PEER_LEAVING && m->status >= 200) {
		peer_call_end(c, now_us, SIP_PEER_BYE_SENT);
		peer_call_over(c, now_us);
	}
}
