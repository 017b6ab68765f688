/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/peer_call.h"

#include <stdio.h>
#include <string.h>

static const char *phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} known[] = {{100, "Trying"},
		     {180, "Ringing"},
		     {183, "Session Progress"},
		     {200, "OK"},
		     {403, "Forbidden"},
		     {404, "Not Found"},
		     {405, "Method Not Allowed"},
		     {480, "Temporarily Unavailable"},
		     {481, "Call/Transaction Does Not Exist"},
		     {486, "Busy Here"},
		     {487, "Request Terminated"},
		     {488, "Not Acceptable Here"},
		     {503, "Service Unavailable"},
		     {603, "Decline"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			return known[i].phrase;
	return "No";
}

/* A response to any request, on the spot. */
static void reply(struct sip_peer *p, const struct net_addr *to, const struct sip_text *m,
		  int status, const char *tag, const char *sdp)
{
	char text[PEER_MESSAGE_MAX], local[NET_ADDR_TEXT], value[PEER_HEADER_MAX], old[64];
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	strbuf_addf(&b, "SIP/2.0 %d %s\r\n", status, phrase(status));
	sip_text_echo(m, &b);
	sip_span_copy(sip_text_header(m, "To", 0), value, sizeof(value));
	strbuf_addf(&b, "To: %s", value);
	if (status > 100 && !sip_span_param(sip_text_header(m, "To", 0), "tag", old, sizeof(old)))
		strbuf_addf(&b, ";tag=%s", tag);
	strbuf_add(&b, "\r\n");
	if (status == 405 || status == 200)
		strbuf_add(&b, "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n");
	if (sdp)
		strbuf_addf(&b, "Contact: <sip:lab@%s>\r\n", net_addr_format(&p->cfg.local, local));
	peer_msg_end(&b, sdp);
	if (b.truncated)
		return;
	p->counters.tx++;
	p->cfg.send(p->cfg.arg, to, b.text, b.len);
}

/* A response to the call's INVITE, kept in c->out. */
static void respond(struct peer_call *c, int64_t now_us, int status, uint8_t cause, bool with_sdp)
{
	char sdp[512], local[NET_ADDR_TEXT], text[PEER_MESSAGE_MAX];
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	strbuf_addf(&b, "SIP/2.0 %d %s\r\n%sTo: %s\r\n", status, phrase(status), c->echo,
		    c->echo_to);
	if (status < 300)
		strbuf_addf(&b, "Contact: <sip:lab@%s>\r\n",
			    net_addr_format(&c->peer->cfg.local, local));
	peer_msg_reason(&b, cause);
	peer_call_sdp(c, sdp, sizeof(sdp), c->audio.payload_type);
	peer_msg_end(&b, with_sdp ? sdp : NULL);
	c->report.status = status;
	if (status >= 200) {
		peer_call_send_repeated(c, now_us, &b, &c->remote);
		return;
	}
	memcpy(c->out, b.text, b.len);
	c->out_len = b.len;
	c->out_to = c->remote;
	peer_call_send(c, &b, &c->remote);
}

void peer_uas_refuse(struct peer_call *c, int64_t now_us, int status, uint8_t cause)
{
	enum sip_peer_end end = status == 487 ? SIP_PEER_CANCELLED : SIP_PEER_REFUSED;

	deadline_cancel(c->peer->cfg.deadlines, &c->action);
	c->state = PEER_REFUSING;
	respond(c, now_us, status, cause, false);
	peer_call_end(c, now_us, end);
}

static void answer(struct peer_call *c, int64_t now_us)
{
	peer_call_answered(c, now_us);
	c->state = PEER_ANSWERING;
	respond(c, now_us, 200, 0, true);
	peer_call_start_audio(c, now_us, true);
	peer_call_event(c, SIP_PEER_ANSWERED);
}

static void ring(struct peer_call *c, int64_t now_us)
{
	bool early = c->rule.provisional == 183 && !c->offer_due;

	c->rung = true;
	if (c->rule.provisional) {
		c->report.ring_us = now_us;
		c->report.early_sdp = early;
		respond(c, now_us, c->rule.provisional, 0, early);
		if (early)
			peer_call_start_audio(c, now_us, false);
		peer_call_event(c, SIP_PEER_RINGING);
	}
	if (c->rule.status)
		deadline_set(c->peer->cfg.deadlines, &c->action,
			     now_us + c->rule.answer_ms * US_PER_MS);
}

void peer_uas_step(struct peer_call *c, int64_t now_us)
{
	if (!c->rung)
		ring(c, now_us);
	else if (c->rule.status >= 300)
		peer_uas_refuse(c, now_us, c->rule.status, c->rule.cause);
	else
		answer(c, now_us);
}

static const struct sip_peer_rule *find_rule(const struct sip_peer *p, const char *called)
{
	static const struct sip_peer_rule none = {.status = 404, .hold_ms = -1};
	const struct sip_peer_rule *best = NULL;

	for (unsigned i = 0; i < p->rule_count; i++) {
		const struct sip_peer_rule *r = &p->rule[i];
		size_t len = strlen(r->prefix);

		if (strncmp(r->prefix, called, len) == 0 && (!best || len > strlen(best->prefix)))
			best = r;
	}
	return best ? best : &none;
}

/* What requests of ours will need: From and To change places. */
static bool learn_dialog(struct peer_call *c, const struct net_addr *from, const struct sip_text *m)
{
	struct strbuf b;
	char to[PEER_HEADER_MAX - 32];

	strbuf_init(&b, c->echo, sizeof(c->echo));
	sip_text_echo(m, &b);
	sip_span_copy(sip_text_header(m, "Call-ID", 0), c->report.call_id,
		      sizeof(c->report.call_id));
	sip_span_copy(sip_text_header(m, "To", 0), to, sizeof(to));
	snprintf(c->echo_to, sizeof(c->echo_to), "%s;tag=%s", to, c->local_tag);
	str_copy(c->from, sizeof(c->from), c->echo_to);
	sip_span_copy(sip_text_header(m, "From", 0), c->to, sizeof(c->to));
	sip_span_user(sip_span_uri(sip_text_header(m, "From", 0)), c->report.calling,
		      sizeof(c->report.calling));
	c->remote = *from;
	return !b.truncated;
}

static void new_invite(struct sip_peer *p, int64_t now_us, const struct net_addr *from,
		       const struct sip_text *m)
{
	char called[SIP_PEER_DIGITS_MAX + 1], tag[17];
	struct peer_call *c = NULL;
	struct sip_span method;

	sip_span_user(m->uri, called, sizeof(called));
	if (p->counters.active < p->cfg.calls_max)
		c = peer_call_create(p, now_us, called);
	if (!c) {
		rng_hex(p->cfg.rng, tag, 16);
		reply(p, from, m, 503, tag, NULL);
		return;
	}
	c->state = PEER_RINGING;
	c->rule = *find_rule(p, called);
	c->invite_cseq = sip_text_cseq(m, &method);
	if (!learn_dialog(c, from, m)) {
		peer_call_free(c);
		p->counters.malformed++;
		return;
	}
	reply(p, from, m, 100, "", NULL);
	c->report.status = 100;
	c->audio.payload_type = p->cfg.payload_type;
	c->offer_due = m->body.len == 0;
	peer_call_event(c, SIP_PEER_INCOMING);
	if (!c->offer_due && !peer_call_connect(c, m->body)) {
		peer_uas_refuse(c, now_us, 488, 0);
		return;
	}
	peer_learn_target(c, m);
	c->remote = *from;
	deadline_set(p->cfg.deadlines, &c->action, now_us + c->rule.ring_ms * US_PER_MS);
}

/* In the dialog: the same answer as before, at the place that it names now. */
static void re_invite(struct peer_call *c, const struct net_addr *from, const struct sip_text *m)
{
	char sdp[512];

	if (m->body.len && !peer_call_connect(c, m->body)) {
		reply(c->peer, from, m, 488, c->local_tag, NULL);
		return;
	}
	peer_call_sdp(c, sdp, sizeof(sdp), c->audio.payload_type);
	reply(c->peer, from, m, 200, c->local_tag, sdp);
}

static void on_ack(struct peer_call *c, int64_t now_us, const struct sip_text *m)
{
	if (c->state == PEER_REFUSING) {
		peer_call_over(c, now_us);
		return;
	}
	if (c->state != PEER_ANSWERING)
		return;
	peer_call_stop_repeat(c);
	c->state = PEER_TALKING;
	if (c->offer_due && m->body.len && peer_call_connect(c, m->body))
		peer_call_start_audio(c, now_us, true);
	if (c->rule.hold_ms >= 0)
		deadline_set(c->peer->cfg.deadlines, &c->action,
			     c->report.answer_us + c->rule.hold_ms * US_PER_MS);
}

static void on_invite(struct sip_peer *p, int64_t now_us, struct peer_call *c,
		      const struct net_addr *from, const struct sip_text *m)
{
	struct sip_span method;

	if (!c)
		new_invite(p, now_us, from, m);
	else if (!c->report.outgoing && sip_text_cseq(m, &method) == c->invite_cseq) {
		if (c->out_len && c->state != PEER_TALKING && c->state != PEER_LEAVING)
			p->cfg.send(p->cfg.arg, &c->out_to, c->out, c->out_len);
	} else if (c->state == PEER_TALKING)
		re_invite(c, from, m);
	else
		reply(p, from, m, 481, c->local_tag, NULL);
}

static void on_cancel(struct peer_call *c, int64_t now_us, const struct net_addr *from,
		      const struct sip_text *m)
{
	reply(c->peer, from, m, 200, c->local_tag, NULL);
	if (c->state != PEER_RINGING)
		return;
	c->report.cause = sip_text_q850(m);
	peer_uas_refuse(c, now_us, 487, 0);
}

static void on_bye(struct peer_call *c, int64_t now_us, const struct net_addr *from,
		   const struct sip_text *m)
{
	reply(c->peer, from, m, 200, c->local_tag, NULL);
	if (c->state == PEER_OVER)
		return;
	if (!c->reported)
		c->report.cause = sip_text_q850(m);
	peer_call_end(c, now_us, SIP_PEER_BYE_RECEIVED);
	peer_call_over(c, now_us);
}

void peer_uas_request(struct sip_peer *p, int64_t now_us, struct peer_call *c,
		      const struct net_addr *from, const struct sip_text *m)
{
	char tag[17];

	rng_hex(p->cfg.rng, tag, 16);
	if (sip_span_is(m->method, "INVITE")) {
		on_invite(p, now_us, c, from, m);
	} else if (sip_span_is(m->method, "ACK")) {
		if (c)
			on_ack(c, now_us, m);
	} else if (sip_span_is(m->method, "OPTIONS")) {
		reply(p, from, m, 200, tag, NULL);
	} else if (!sip_span_is(m->method, "CANCEL") && !sip_span_is(m->method, "BYE")) {
		reply(p, from, m, 405, tag, NULL);
	} else if (!c || (sip_span_is(m->method, "BYE") && c->state == PEER_RINGING)) {
		p->counters.unmatched++;
		reply(p, from, m, 481, tag, NULL);
	} else if (sip_span_is(m->method, "CANCEL")) {
		on_cancel(c, now_us, from, m);
	} else {
		on_bye(c, now_us, from, m);
	}
}
