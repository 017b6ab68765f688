/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/peer_isdn/sip_script.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { RTP_HEADER = 12, RTP_PAYLOAD = 160, RTP_PORT = 40000 };

void sip_script_init(struct sip_script *s, const struct net_addr *local,
		     const struct net_addr *gateway, const struct rtp_net *net)
{
	memset(s, 0, sizeof(*s));
	s->local = s->rtp_local = *local;
	s->rtp_local.port = RTP_PORT;
	s->gateway = *gateway;
	s->net = net;
	s->rtp = net->open(net->net, &s->rtp_local);
}

void sip_script_fini(struct sip_script *s)
{
	if (s->rtp >= 0)
		s->net->close(s->net->net, s->rtp);
	s->rtp = -1;
}

/* ── what comes ── */

static bool is_repetition(struct sip_script *s, const char *msg, size_t len)
{
	unsigned size = sizeof(s->seen) / sizeof(s->seen[0]);
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)msg[i]) * 1099511628211u;
	for (unsigned i = 0; i < size && i < s->seen_count; i++)
		if (s->seen[i] == hash)
			return true;
	s->seen[s->seen_count++ % size] = hash;
	return false;
}

void sip_script_receive(struct sip_script *s, int64_t now_us, const char *msg, size_t len)
{
	struct sip_script_message *slot = &s->inbox[(s->first + s->waiting) % SIP_SCRIPT_INBOX];
	struct sip_sdp sdp;
	struct sip_text text;

	s->now_us = now_us;
	if (is_repetition(s, msg, len)) {
		s->repeated++;
		return;
	}
	if (s->waiting == SIP_SCRIPT_INBOX || len > sizeof(slot->octets) ||
	    sip_text_parse(&text, msg, len)) {
		fprintf(stderr, "# sip: malformed, too long or too many:\n%.*s\n", (int)len, msg);
		s->fail(__FILE__, __LINE__);
		return;
	}
	if (!text.request && text.status == 100)
		return;
	sip_sdp_parse(&sdp, text.body);
	if (sdp.present)
		s->rtp_remote = sdp.rtp;
	slot->at_us = now_us;
	slot->len = len;
	memcpy(slot->octets, msg, len);
	s->waiting++;
}

void sip_script_block(struct sip_script *s)
{
	uint8_t packet[RTP_HEADER + RTP_PAYLOAD] = {0x80, 8, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4};
	uint8_t in[512];
	uint32_t stamp = s->rtp_sequence * 160u;
	ssize_t n;

	while ((n = s->net->recv(s->net->net, s->rtp, in, sizeof(in), NULL)) > RTP_HEADER) {
		s->heard = in[n - 1];
		s->rtp_received++;
	}
	if (!s->says || !s->rtp_remote.port)
		return;
	packet[2] = (uint8_t)(s->rtp_sequence >> 8);
	packet[3] = (uint8_t)s->rtp_sequence++;
	for (int i = 0; i < 4; i++)
		packet[4 + i] = (uint8_t)(stamp >> (24 - 8 * i));
	memset(packet + RTP_HEADER, s->octet, RTP_PAYLOAD);
	s->net->send(s->net->net, s->rtp, packet, sizeof(packet), &s->rtp_remote);
}

/* ── writing ── */

static void put_body(struct sip_script *s, struct strbuf *b, int what)
{
	char text[512];
	struct strbuf sdp;

	strbuf_init(&sdp, text, sizeof(text));
	if (what & SIP_SDP)
		sip_sdp_format(&sdp, &s->rtp_local, 1, 8, false);
	if (sdp.len)
		strbuf_add(b, "Content-Type: application/sdp\r\n");
	strbuf_addf(b, "Content-Length: %zu\r\n\r\n", sdp.len);
	strbuf_add_n(b, text, sdp.len);
}

static void put_request(struct sip_script *s, struct sip_script_call *c, const char *method,
			const char *uri, const char *via, unsigned cseq, int what,
			const char *headers)
{
	static char text[SIP_SCRIPT_TEXT];
	char host[NET_ADDR_TEXT];
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	net_addr_format(&s->local, host);
	strbuf_addf(&b, "%s %s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\n", method, uri, via);
	strbuf_addf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n", c->local, c->remote,
		    c->call_id, cseq, method);
	strbuf_addf(&b, "Contact: <sip:far@%s>\r\n%s", host, headers ? headers : "");
	put_body(s, &b, what);
	s->send(s->arg, text, b.len);
}

static void new_via(struct sip_script *s, char out[SIP_SCRIPT_HEADER])
{
	char host[NET_ADDR_TEXT];

	net_addr_format(&s->local, host);
	snprintf(out, SIP_SCRIPT_HEADER, "SIP/2.0/UDP %s;branch=z9hG4bKscript%u", host,
		 ++s->serial);
}

void sip_invite(struct sip_script *s, struct sip_script_call *c, const char *called, int what,
		const char *headers)
{
	char gateway[NET_ADDR_TEXT], host[NET_ADDR_TEXT];

	net_addr_format(&s->gateway, gateway);
	net_addr_format(&s->local, host);
	memset(c, 0, sizeof(*c));
	c->ours = true;
	c->cseq = c->invite_cseq = 1;
	new_via(s, c->via);
	snprintf(c->call_id, sizeof(c->call_id), "script-%u@far", s->serial);
	snprintf(c->local, sizeof(c->local), "<sip:4989654321@%s>;tag=far%u", host, s->serial);
	snprintf(c->remote, sizeof(c->remote), "<sip:%s@%s>", called, gateway);
	snprintf(c->uri, sizeof(c->uri), "sip:%s@%s", called, gateway);
	snprintf(c->target, sizeof(c->target), "%s", c->uri);
	put_request(s, c, "INVITE", c->uri, c->via, 1, what, headers);
}

void sip_ack(struct sip_script *s, struct sip_script_call *c)
{
	char via[SIP_SCRIPT_HEADER];

	new_via(s, via);
	put_request(s, c, "ACK", c->target, via, c->invite_cseq, 0, NULL);
}

void sip_cancel(struct sip_script *s, struct sip_script_call *c, const char *headers)
{
	char tagged[SIP_SCRIPT_HEADER], *tag;

	/* RFC 3261 9.1: To as the INVITE had it, without a tag. */
	memcpy(tagged, c->remote, sizeof(tagged));
	tag = strstr(c->remote, ";tag=");
	if (tag)
		*tag = '\0';
	put_request(s, c, "CANCEL", c->uri, c->via, c->invite_cseq, 0, headers);
	memcpy(c->remote, tagged, sizeof(tagged));
}

void sip_request(struct sip_script *s, struct sip_script_call *c, const char *method,
		 const char *headers)
{
	char via[SIP_SCRIPT_HEADER];

	new_via(s, via);
	put_request(s, c, method, c->target, via, ++c->cseq, 0, headers);
}

static void put_reply(struct sip_script *s, struct sip_script_call *c, const char *request,
		      size_t len, const char *status, int what, const char *headers)
{
	static char text[SIP_SCRIPT_TEXT];
	char host[NET_ADDR_TEXT], to[SIP_SCRIPT_HEADER];
	struct sip_text r;
	struct strbuf b;

	if (sip_text_parse(&r, request, len)) {
		fprintf(stderr, "# sip: there is no request to answer with %s\n", status);
		s->fail(__FILE__, __LINE__);
		return;
	}
	strbuf_init(&b, text, sizeof(text));
	net_addr_format(&s->local, host);
	sip_span_copy(sip_text_header(&r, "To", 0), to, sizeof(to));
	strbuf_addf(&b, "SIP/2.0 %s\r\n", status);
	sip_text_echo(&r, &b);
	strbuf_addf(&b, "To: %s", to);
	if (!strstr(to, ";tag="))
		strbuf_addf(&b, ";tag=far%u", c->tag);
	strbuf_add(&b, "\r\n");
	if (!(what & SIP_NO_CONTACT))
		strbuf_addf(&b, "Contact: <sip:far@%s>\r\n", host);
	strbuf_add(&b, headers ? headers : "");
	put_body(s, &b, what);
	s->send(s->arg, text, b.len);
}

void sip_reply(struct sip_script *s, struct sip_script_call *c, const char *status, int what,
	       const char *headers)
{
	put_reply(s, c, c->invite, c->invite_len, status, what, headers);
}

void sip_reply_request(struct sip_script *s, struct sip_script_call *c, const char *status)
{
	put_reply(s, c, c->request, c->request_len, status, 0, NULL);
}

/* ── expecting ── */

const char *sip_header(const struct sip_script *s, const char *name)
{
	static char value[SIP_SCRIPT_HEADER];

	sip_span_copy(sip_text_header(&s->text, name, 0), value, sizeof(value));
	return value;
}

bool sip_has_sdp(const struct sip_script *s)
{
	struct sip_sdp sdp;

	sip_sdp_parse(&sdp, s->text.body);
	return sdp.present;
}

static void copy_header(const struct sip_script *s, const char *name, char *out)
{
	sip_span_copy(sip_text_header(&s->text, name, 0), out, SIP_SCRIPT_HEADER);
}

static void take_request(struct sip_script *s, struct sip_script_call *c)
{
	char request_to[SIP_SCRIPT_HEADER];

	if (!sip_span_is(s->text.method, "INVITE")) {
		if (!sip_span_is(s->text.method, "ACK")) {
			memcpy(c->request, s->last.octets, s->last.len);
			c->request_len = s->last.len;
		}
		return;
	}
	memcpy(c->invite, s->last.octets, s->last.len);
	c->invite_len = s->last.len;
	copy_header(s, "To", request_to);
	if (strstr(request_to, ";tag="))
		return; /* a re-INVITE */
	c->ours = false;
	c->cseq = 100;
	c->tag = ++s->serial;
	copy_header(s, "Call-ID", c->call_id);
	copy_header(s, "From", c->remote);
	snprintf(c->local, sizeof(c->local), "%.400s;tag=far%u", request_to, c->tag);
	sip_span_copy(sip_span_uri(sip_text_header(&s->text, "Contact", 0)), c->target,
		      sizeof(c->target));
}

static void take_response(struct sip_script *s, struct sip_script_call *c)
{
	struct sip_span method, contact = sip_text_header(&s->text, "Contact", 0);

	sip_text_cseq(&s->text, &method);
	if (!sip_span_is(method, "INVITE") || !c->ours)
		return;
	copy_header(s, "To", c->remote);
	if (s->text.status < 300 && contact.len)
		sip_span_copy(sip_span_uri(contact), c->target, sizeof(c->target));
	if (s->text.status >= 300 && !s->no_ack)
		put_request(s, c, "ACK", c->uri, c->via, c->invite_cseq, 0, NULL);
}

static bool take(struct sip_script *s, int64_t within_us)
{
	int64_t until_us = s->now_us + within_us;

	while (!s->waiting && s->now_us < until_us)
		s->wait(s->arg, until_us);
	if (!s->waiting)
		return false;
	s->last = s->inbox[s->first];
	s->first = (s->first + 1) % SIP_SCRIPT_INBOX;
	s->waiting--;
	sip_text_parse(&s->text, s->last.octets, s->last.len);
	return true;
}

static bool is_what(const struct sip_script *s, const char *what)
{
	struct sip_span method;
	char status[SIP_SCRIPT_HEADER];

	if (s->text.request)
		return sip_span_is(s->text.method, what);
	sip_text_cseq(&s->text, &method);
	snprintf(status, sizeof(status), "%d %.*s", s->text.status, (int)method.len, method.at);
	return strcasecmp(status, what) == 0;
}

void sip_expect_at(struct sip_script *s, const char *file, int line, int64_t within_us,
		   struct sip_script_call *c, const char *what)
{
	char call_id[SIP_SCRIPT_HEADER];
	const char *why = "nothing came";

	if (take(s, within_us)) {
		copy_header(s, "Call-ID", call_id);
		why = !is_what(s, what) ? "another message came" : NULL;
		if (!why && c->call_id[0] && strcmp(call_id, c->call_id) != 0 &&
		    strcmp(what, "INVITE") != 0)
			why = "it came for another call";
	}
	if (!why) {
		if (s->text.request)
			take_request(s, c);
		else
			take_response(s, c);
		return;
	}
	fprintf(stderr, "# %s:%d: sip: %s, expected: %s\n", file, line, why, what);
	if (s->last.len && strcmp(why, "nothing came") != 0)
		fprintf(stderr, "%.*s\n", (int)s->last.len, s->last.octets);
	s->fail(file, line);
}

void sip_expect_silence_at(struct sip_script *s, const char *file, int line, int64_t us)
{
	if (!take(s, us))
		return;
	fprintf(stderr, "# %s:%d: sip: a message where none is due:\n%.*s\n", file, line,
		(int)s->last.len, s->last.octets);
	s->fail(file, line);
}
