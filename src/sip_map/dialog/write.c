/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every SIP text that we send, except the ACK to a refusal (osip/txn.c). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/sip_map/sip_party.h"
#include "src/sip_map/cause_map.h"
#include "src/sip_map/dialog/leg.h"
#include "src/sip_map/reason.h"
#include "src/sip_map/trunk/trunk.h"

static bool is_param(const char *p, size_t n, const char *name)
{
	size_t len = strlen(name);

	while (n && (*p == ' ' || *p == '\t')) {
		p++;
		n--;
	}
	return n >= len && strncasecmp(p, name, len) == 0 &&
	       (n == len || strchr(" \t=", p[len]) != NULL);
}

/* The topmost Via goes back with where its packet really came from (RFC 3261 18.2.1, 3581 4). */
static void add_top_via(struct strbuf *b, const char *value, const struct net_addr *from)
{
	size_t n = guard_part_length(value, ";,");
	bool rport = false;
	char host[NET_ADDR_TEXT];

	strbuf_add(b, "Via: ");
	strbuf_add_n(b, value, n);
	while (value[n] == ';') {
		value += n + 1;
		n = guard_part_length(value, ";,");
		if (is_param(value, n, "rport"))
			rport = true;
		else if (!is_param(value, n, "received"))
			strbuf_addf(b, ";%.*s", (int)n, value);
	}
	if (rport)
		strbuf_addf(b, ";rport=%u", from->port);
	strbuf_addf(b, ";received=%s", net_addr_format_host(from, host));
	strbuf_add(b, value + n); /* further values of the same line */
	strbuf_add(b, "\r\n");
}

static void add_header(struct strbuf *b, const struct guard_msg *g, enum guard_header_id id,
		       const char *name)
{
	const char *value = guard_find(g, id);

	if (value)
		strbuf_addf(b, "%s: %s\r\n", name, value);
}

static bool has_tag(const char *to)
{
	const char *p = strrchr(to, '>');

	for (p = p ? p : to; *p; p++) {
		p += guard_part_length(p, ";");
		if (!*p)
			return false;
		if (is_param(p + 1, guard_part_length(p + 1, ";"), "tag"))
			return true;
	}
	return false;
}

char *write_echo(const struct guard_msg *g, const struct net_addr *from, const char *to_tag)
{
	char text[GUARD_HEAD_MAX + 512];
	const char *to = guard_find(g, GUARD_TO);
	struct strbuf b;
	bool top = true;

	strbuf_init(&b, text, sizeof(text));
	for (unsigned i = 0; i < g->header_count; i++) {
		if (g->header[i].id != GUARD_VIA)
			continue;
		if (top)
			add_top_via(&b, g->header[i].value, from);
		else
			strbuf_addf(&b, "Via: %s\r\n", g->header[i].value);
		top = false;
	}
	add_header(&b, g, GUARD_FROM, "From");
	if (to && (!to_tag || has_tag(to)))
		strbuf_addf(&b, "To: %s\r\n", to);
	else if (to)
		strbuf_addf(&b, "To: %s;tag=%s\r\n", to, to_tag);
	add_header(&b, g, GUARD_CALL_ID, "Call-ID");
	add_header(&b, g, GUARD_CSEQ, "CSeq");
	add_header(&b, g, GUARD_TIMESTAMP, "Timestamp");
	return b.truncated ? NULL : strdup(text);
}

char *write_record_route(const struct guard_msg *g)
{
	char text[GUARD_HEAD_MAX + 512];
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	for (unsigned i = 0; i < g->header_count; i++)
		if (g->header[i].id == GUARD_RECORD_ROUTE)
			strbuf_addf(&b, "Record-Route: %s\r\n", g->header[i].value);
	return b.truncated ? NULL : strdup(text);
}

static void add_body(struct strbuf *b, const char *body)
{
	if (body)
		strbuf_addf(b, "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
			    strlen(body), body);
	else
		strbuf_add(b, "Content-Length: 0\r\n\r\n");
}

void write_response(struct sip *s, struct strbuf *b, unsigned status, const char *echo,
		    const char *more, const char *body)
{
	strbuf_init(b, s->text, sizeof(s->text));
	strbuf_addf(b, "SIP/2.0 %u %s\r\n%s%sServer: %s\r\n", status,
		    sip_phrase(s->cfg.causes, status), echo, more ? more : "", s->user_agent);
	add_body(b, body);
}

void write_new_branch(struct sip *s, char branch[LEG_TAG_MAX + 8])
{
	memcpy(branch, "z9hG4bK", 7);
	rng_hex(s->cfg.rng, branch + 7, LEG_TAG_MAX);
}

/* RFC 3261 12.2.1.1: a first route without ;lr wants to be the Request-URI itself. */
static void add_strict_routes(const struct sip_dialog *d, struct strbuf *b)
{
	for (unsigned i = 1; i < d->route_count; i++)
		strbuf_addf(b, "Route: %s\r\n", d->route[i]);
	strbuf_addf(b, "Route: <%s>\r\n", d->target);
}

static void add_request_line(const struct sip_dialog *d, struct strbuf *b, const char *method)
{
	const char *uri = d->target;
	size_t n;

	if (d->strict) {
		uri = strchr(d->route[0], '<');
		uri = uri ? uri + 1 : d->route[0];
	}
	n = strcspn(uri, d->strict ? ">" : "");
	strbuf_addf(b, "%s %.*s SIP/2.0\r\n", method, (int)n, uri);
}

void write_request(struct sip_leg *leg, const struct sip_dialog *d, struct strbuf *b,
		   const char *method, uint32_t cseq, const char *branch, const char *more,
		   const char *body)
{
	struct sip *s = leg->sip;

	strbuf_init(b, s->text, sizeof(s->text));
	add_request_line(d, b, method);
	strbuf_add(b, "Via: SIP/2.0/UDP ");
	trunk_add_host(b, &leg->local);
	strbuf_addf(b, ";rport;branch=%s\r\nMax-Forwards: 70\r\n", branch);
	if (d->strict)
		add_strict_routes(d, b);
	for (unsigned i = 0; i < d->route_count && !d->strict; i++)
		strbuf_addf(b, "Route: %s\r\n", d->route[i]);
	strbuf_addf(b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n", leg->local_party,
		    d->remote_party, leg->call_id_text, cseq, method);
	strbuf_addf(b, "User-Agent: %s\r\n%s", s->user_agent, more ? more : "");
	add_body(b, body);
}

void write_contact(const struct sip_leg *leg, struct strbuf *b)
{
	strbuf_add(b, "Contact: <sip:");
	trunk_add_host(b, &leg->local);
	strbuf_add(b, ">\r\n");
}

void write_new_number(const struct sip_leg *leg, struct strbuf *b, const struct call_cause *cause)
{
	bool international = *cause->new_number == '+';
	struct call_number number = {.ton =
					 international ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN};

	str_copy(number.digits, sizeof(number.digits), cause->new_number + international);
	strbuf_add(b, "Contact: <sip:");
	trunk_number_add(b, &number);
	strbuf_add(b, "@");
	trunk_add_host(b, &leg->local);
	strbuf_add(b, ">\r\n");
}

const char *write_sdp(struct sip_leg *leg, const struct media_desc *media)
{
	const struct sdp_lines *lines = leg->offered ? &leg->offer_lines : NULL;
	char text[SDP_TEXT_MAX], *copy;
	struct strbuf b;

	if (!media->present)
		return NULL;
	/* RFC 3264 8: the version counts up by one with each change, and only then. */
	for (int attempt = 0; attempt < 2; attempt++) {
		strbuf_init(&b, text, sizeof(text));
		sdp_format(&b, media, lines, &leg->origin);
		if (leg->sdp && strcmp(leg->sdp, text) == 0)
			return leg->sdp;
		if (leg->sdp && attempt == 0)
			leg->origin.version++;
		else
			break;
	}
	copy = b.truncated ? NULL : strdup(text);
	if (!copy)
		return NULL;
	free(leg->sdp);
	leg->sdp = copy;
	return leg->sdp;
}

void write_reason(struct strbuf *b, const struct call_cause *cause)
{
	if (cause->value && cause->sip_status == 0)
		sip_reason_add(b, cause);
}

int write_parties(struct sip_leg *leg)
{
	char from[1024], uri[512], to[600], random[33];
	struct strbuf b, u, t;

	strbuf_init(&b, from, sizeof(from));
	sip_party_from(&b, leg->trunk, &leg->local, leg->setup);
	strbuf_addf(&b, ";tag=%s", leg->local_tag);
	strbuf_init(&u, uri, sizeof(uri));
	sip_party_uri(&u, leg->trunk, leg->setup);
	strbuf_init(&t, to, sizeof(to));
	strbuf_addf(&t, "<%s>", uri);
	rng_hex(leg->sip->cfg.rng, random, 32); /* RFC 3261 8.1.1.4: enough to need no host */
	if (b.truncated || u.truncated || t.truncated)
		return -EINVAL;
	leg->local_party = strdup(from);
	leg->call_id_text = strdup(random);
	leg->d.target = strdup(uri);
	leg->d.remote_party = strdup(to);
	if (!leg->local_party || !leg->call_id_text || !leg->d.target || !leg->d.remote_party)
		return -ENOMEM;
	leg_tell_call(leg);
	return 0;
}
