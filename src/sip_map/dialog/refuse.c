/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals in front of any transaction, and the record of a call that got one. */
#include <stdlib.h>
#include <string.h>

#include "src/sip_map/cause_map.h"
#include "src/sip_map/dialog/leg.h"
#include "src/sip_map/trunk/trunk.h"

enum { ECHO_TAG = 8, REPEATED_US = 32 * 1000 * 1000 /* 64 T1, as long as an INVITE is sent again */ };

/* The same for a request that is sent again, another one for all others. */
static uint64_t request_key(const struct guard_msg *g)
{
	const char *parts[] = {guard_find(g, GUARD_VIA), guard_find(g, GUARD_CALL_ID)};
	uint64_t h = SIP_HASH_START;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i])
			h = sip_hash(h, parts[i], strlen(parts[i]));
	return h;
}

/* RFC 3261 8.2.7: a stateless UAS gives the same To tag to the same request. */
static void stateless_tag(const struct guard_msg *g, char tag[2 * ECHO_TAG + 1])
{
	uint64_t h = request_key(g);

	for (int i = 0; i < 2 * ECHO_TAG; i++, h >>= 4)
		tag[i] = "0123456789abcdef"[h & 15];
	tag[2 * ECHO_TAG] = '\0';
}

const char *sip_standard_headers(unsigned status)
{
	switch (status) {
	case 405:
		return "Allow: " SIP_ALLOW "\r\n";
	case 406:
	case 415:
		return "Accept: application/sdp\r\n";
	case 488:
		return "Warning: 305 spanbridge \"No usable media\"\r\n";
	default:
		return "";
	}
}

/* ---- the record ---- */

/* A merged request is no attempt of its own: the INVITE that came by the other way has its record. */
static bool is_attempt(const struct sip *s, const struct guard_msg *g, unsigned status)
{
	const char *to = guard_find(g, GUARD_TO);

	if (strcmp(g->method, "INVITE") != 0 || status == 482)
		return false;
	return s->msg ? !*s->msg->to_tag : !to || !strcasestr(to, ";tag=");
}

/* Its sender repeats it until our response reaches him. */
static bool is_repeated(struct sip *s, uint64_t key)
{
	struct sip_refused *seen = &s->refused[key % SIP_REFUSED_KEPT];
	bool repeated = seen->key == key && s->now_us < seen->until_us;

	*seen = (struct sip_refused){.key = key, .until_us = s->now_us + REPEATED_US};
	return repeated;
}

static const char *why(const struct sip *s, unsigned status)
{
	if (!s->msg)
		return s->guard.refuse_why ? s->guard.refuse_why : "the INVITE cannot be read";
	switch (status) {
	case 400:
		return "Contact, Record-Route or SDP cannot be read";
	case 404:
		return "called number has what no telephone number has";
	case 406:
		return "it accepts no SDP";
	case 415:
		return "its body is no SDP";
	case 420:
		return "it requires an extension that we do not have";
	case 484:
		return "no called number";
	case 488:
		return "no usable media";
	default:
		return "no room for another call";
	}
}

void sip_record_refusal(struct sip *s, const struct guard_msg *g, const struct sip_path *path,
			unsigned status)
{
	int trunk = trunk_by_source(s->trunk, s->cfg.trunk_count, path->socket, &path->peer);
	const struct sip_msg *m = s->msg;
	struct call_refusal r = {.why = why(s, status)};
	const char *id = guard_find(g, GUARD_CALL_ID);

	if (trunk < 0 || !is_attempt(s, g, status) || is_repeated(s, request_key(g)))
		return;
	uas_fill_setup(s, &r.setup, m, (unsigned)trunk, path);
	str_copy(r.setup.peer_call_id, sizeof(r.setup.peer_call_id), id ? id : "");
	if (!m || !trunk_number_parse(&r.setup.called, &m->request_uri))
		str_copy(r.called_text, sizeof(r.called_text),
			 m ? m->request_uri.user : g->uri ? g->uri : "");
	r.cause = sip_cause_from_status(s->trunk[trunk].causes, status, CAUSE_ALWAYS);
	r.cause.location = CALL_LOC_PRIVATE_LOCAL;
	r.cause.sip_status = (uint16_t)status;
	call_table_refused(s->cfg.calls, s->now_us, &r);
}

/* ---- the response ---- */

void sip_refuse(struct sip *s, const struct guard_msg *g, const struct sip_path *path,
		unsigned status, const char *more)
{
	char tag[2 * ECHO_TAG + 1], headers[1024], *echo;
	struct strbuf b, h;

	if (status >= 300)
		sip_record_refusal(s, g, path, status);
	stateless_tag(g, tag);
	echo = write_echo(g, &path->peer, tag);
	if (!echo)
		return;
	strbuf_init(&h, headers, sizeof(headers));
	strbuf_add(&h, sip_standard_headers(status));
	strbuf_add(&h, more ? more : "");
	write_response(s, &b, status, echo, headers, NULL);
	if (!b.truncated && !h.truncated)
		sip_send(s, path, b.text, b.len);
	free(echo);
}
