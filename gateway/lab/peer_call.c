/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/peer_call.h"

#include <stdlib.h>
#include <string.h>

enum {
	T2_US = 4000000,
	KEEP_US = 5000000, /* how long an ended call answers repetitions */
};

static int64_t t1_us(const struct peer_call *c)
{
	return (c->peer->cfg.t1_ms ? c->peer->cfg.t1_ms : 500) * US_PER_MS;
}

/* The last four digits. */
static int number_of(const char *digits)
{
	size_t len = strlen(digits);

	return atoi(len > 4 ? digits + len - 4 : digits);
}

/* ── timers ── */

static void on_repeat(void *arg, int64_t now_us)
{
	struct peer_call *c = arg;
	int64_t next_us;

	if (now_us >= c->give_up_us) {
		peer_call_end(c, now_us, SIP_PEER_TIMEOUT);
		peer_call_over(c, now_us);
		return;
	}
	c->report.retransmitted++;
	c->peer->counters.tx++;
	c->peer->cfg.send(c->peer->cfg.arg, &c->out_to, c->out, c->out_len);
	/* RFC 3261 17.1.1.2: an INVITE doubles without a limit, all else up to T2. */
	c->repeat_us *= 2;
	if (c->repeat_us > T2_US && c->state != PEER_CALLING)
		c->repeat_us = T2_US;
	next_us = now_us + c->repeat_us;
	deadline_set(c->peer->cfg.deadlines, &c->repeat,
		     next_us < c->give_up_us ? next_us : c->give_up_us);
}

static void on_action(void *arg, int64_t now_us)
{
	struct peer_call *c = arg;

	switch (c->state) {
	case PEER_CALLING:
	case PEER_PROCEEDING:
		peer_uac_cancel(c, now_us, 0);
		break;
	case PEER_RINGING:
		peer_uas_step(c, now_us);
		break;
	case PEER_TALKING:
		peer_call_bye(c, now_us,
			      c->report.outgoing ? c->dial.bye_cause : c->rule.bye_cause);
		break;
	case PEER_CANCELLING:
		peer_call_end(c, now_us, SIP_PEER_TIMEOUT);
		peer_call_over(c, now_us);
		break;
	case PEER_OVER:
		peer_call_free(c);
		break;
	default:
		break;
	}
}

static void on_tick(void *arg, int64_t now_us)
{
	struct peer_call *c = arg;

	peer_audio_turn(&c->audio, now_us);
	deadline_set(c->peer->cfg.deadlines, &c->tick, peer_audio_next_us(&c->audio, now_us));
}

/* ── life ── */

struct peer_call *peer_call_create(struct sip_peer *p, int64_t now_us, const char *called)
{
	struct peer_call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	if (peer_audio_open(&c->audio, p->cfg.net, &p->cfg.local, p->cfg.rtp_port_min,
			    p->cfg.rtp_port_max, p->cfg.rng)) {
		free(c);
		return NULL;
	}
	c->peer = p;
	c->report.call = ++p->next_call;
	c->report.start_us = now_us;
	str_copy(c->report.called, sizeof(c->report.called), called);
	c->number = number_of(c->report.called);
	peer_audio_streams(&c->audio, (uint16_t)(c->number * 2 + 1), (uint16_t)(c->number * 2));
	if (p->plant != PEER_PLANT_NONE && (p->plant_number < 0 || p->plant_number == c->number)) {
		c->plant = c->audio.plant = p->plant;
		p->plant = PEER_PLANT_NONE;
	}
	rng_hex(p->cfg.rng, c->local_tag, 16);
	rng_hex(p->cfg.rng, c->branch, 16);
	deadline_init(&c->repeat, on_repeat, c);
	deadline_init(&c->action, on_action, c);
	deadline_init(&c->tick, on_tick, c);
	deadline_set(p->cfg.deadlines, &c->tick, now_us + PEER_PACKET_US);
	TAILQ_INSERT_TAIL(&p->calls, c, entry);
	p->counters.active++;
	return c;
}

void peer_call_free(struct peer_call *c)
{
	struct deadline_queue *q = c->peer->cfg.deadlines;

	deadline_cancel(q, &c->repeat);
	deadline_cancel(q, &c->action);
	deadline_cancel(q, &c->tick);
	peer_audio_close(&c->audio);
	if (c->reported)
		c->peer->counters.kept--;
	else
		c->peer->counters.active--;
	TAILQ_REMOVE(&c->peer->calls, c, entry);
	free(c);
}

void peer_call_event(struct peer_call *c, enum sip_peer_event event)
{
	c->report.audio = c->audio.counts;
	c->report.payload_type = c->audio.payload_type;
	if (event != SIP_PEER_ENDED)
		c->report.heard = c->audio.check.result;
	if (c->peer->cfg.event)
		c->peer->cfg.event(c->peer->cfg.arg, event, &c->report);
}

void peer_call_end(struct peer_call *c, int64_t now_us, enum sip_peer_end end)
{
	if (c->reported)
		return;
	c->report.end = end;
	c->report.end_us = now_us;
	peer_audio_turn(&c->audio, now_us);
	peer_audio_end(&c->audio, now_us, &c->report.heard);
	peer_audio_close(&c->audio);
	deadline_cancel(c->peer->cfg.deadlines, &c->tick);
	peer_call_event(c, SIP_PEER_ENDED);
	c->reported = true;
	c->peer->counters.active--;
	c->peer->counters.kept++;
}

void peer_call_over(struct peer_call *c, int64_t now_us)
{
	peer_call_stop_repeat(c);
	c->state = PEER_OVER;
	deadline_set(c->peer->cfg.deadlines, &c->action, now_us + KEEP_US);
}

/* ── audio ── */

bool peer_call_connect(struct peer_call *c, struct sip_span body)
{
	uint8_t type = c->peer->cfg.payload_type;
	struct sip_sdp sdp;

	sip_sdp_parse(&sdp, body);
	if (!sdp.present)
		return false;
	if (type == 8 ? !sdp.pcma : !sdp.pcmu)
		type = sdp.payload_type;
	peer_audio_connect(&c->audio, &sdp.rtp, &sdp.rtcp, type);
	return true;
}

void peer_call_start_audio(struct peer_call *c, int64_t now_us, bool answered)
{
	if (c->plant == PEER_PLANT_LATE && !answered)
		return;
	if (c->audio.sending || !c->audio.remote.family)
		return;
	peer_audio_send(&c->audio, now_us);
	on_tick(c, now_us);
}

void peer_call_answered(struct peer_call *c, int64_t now_us)
{
	/* Only what was read before: a packet that waits may have been sent after the answer. */
	c->report.early_media = c->audio.check.result.started;
	c->report.answer_us = now_us;
}

void peer_call_sdp(struct peer_call *c, char *out, size_t size, uint8_t payload_type)
{
	struct strbuf b;

	strbuf_init(&b, out, size);
	sip_sdp_format(&b, &c->audio.local, c->report.call, payload_type, false);
}

/* ── messages ── */

void peer_call_send(struct peer_call *c, const struct strbuf *msg, const struct net_addr *to)
{
	if (msg->truncated)
		return;
	c->peer->counters.tx++;
	c->peer->cfg.send(c->peer->cfg.arg, to, msg->text, msg->len);
}

void peer_call_send_repeated(struct peer_call *c, int64_t now_us, const struct strbuf *msg,
			     const struct net_addr *to)
{
	if (msg->text != c->out)
		memcpy(c->out, msg->text, msg->len);
	c->out_len = msg->len;
	c->out_to = *to;
	c->repeat_us = t1_us(c);
	c->give_up_us = now_us + 64 * c->repeat_us;
	deadline_set(c->peer->cfg.deadlines, &c->repeat, now_us + c->repeat_us);
	peer_call_send(c, msg, to);
}

void peer_call_stop_repeat(struct peer_call *c)
{
	deadline_cancel(c->peer->cfg.deadlines, &c->repeat);
}

void peer_msg_reason(struct strbuf *out, uint8_t cause)
{
	if (cause)
		strbuf_addf(out, "Reason: Q.850;cause=%u\r\n", cause);
}

void peer_msg_end(struct strbuf *out, const char *sdp)
{
	if (sdp)
		strbuf_addf(out, "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
			    strlen(sdp), sdp);
	else
		strbuf_add(out, "Content-Length: 0\r\n\r\n");
}

void peer_call_request(struct peer_call *c, struct strbuf *out, const char *method, unsigned cseq)
{
	char local[NET_ADDR_TEXT];

	net_addr_format(&c->peer->cfg.local, local);
	strbuf_addf(out, "%s %s SIP/2.0\r\n", method, c->target);
	strbuf_addf(out, "Via: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\n", local, c->branch);
	strbuf_addf(out, "Max-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\n", c->from, c->to);
	strbuf_addf(out, "Call-ID: %s\r\nCSeq: %u %s\r\n", c->report.call_id, cseq, method);
	if (strcmp(method, "INVITE") == 0)
		strbuf_addf(out, "Contact: <sip:lab@%s>\r\n", local);
}

void peer_call_bye(struct peer_call *c, int64_t now_us, uint8_t cause)
{
	char text[PEER_MESSAGE_MAX];
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	rng_hex(c->peer->cfg.rng, c->branch, 16);
	peer_call_request(c, &b, "BYE", ++c->cseq);
	peer_msg_reason(&b, cause);
	peer_msg_end(&b, NULL);
	c->state = PEER_LEAVING;
	peer_call_send_repeated(c, now_us, &b, &c->remote);
}

void peer_learn_target(struct peer_call *c, const struct sip_text *m)
{
	struct sip_span uri = sip_span_uri(sip_text_header(m, "Contact", 0));
	char host[NET_ADDR_TEXT];
	struct net_addr addr;
	const char *at;

	if (uri.len == 0 || uri.len >= sizeof(c->target))
		return;
	sip_span_copy(uri, c->target, sizeof(c->target));
	at = strchr(c->target, '@');
	if (!at)
		at = strchr(c->target, ':');
	if (!at)
		return;
	str_copy(host, sizeof(host), at + 1);
	host[strcspn(host, ";?")] = '\0';
	if (net_addr_parse(&addr, host) == 0) {
		addr.port = addr.port ? addr.port : 5060;
		c->remote = addr;
	}
}
