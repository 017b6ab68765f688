/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/osip/msg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <osipparser2/osip_message.h>

#include "gateway/base/strbuf.h"

enum { HEAD_TEXT_MAX = GUARD_HEAD_MAX + 1024 };

/* Only what the dialogs need goes to the parser, and never a body: its MIME and SDP parsers leak
 * and read too far. */
static int parse_head(osip_message_t **out, const struct guard_msg *g)
{
	static const char *const names[GUARD_PARSED] = {
	    [GUARD_VIA] = "Via",
	    [GUARD_FROM] = "From",
	    [GUARD_TO] = "To",
	    [GUARD_CALL_ID] = "Call-ID",
	    [GUARD_CSEQ] = "CSeq",
	    [GUARD_CONTACT] = "Contact",
	    [GUARD_RECORD_ROUTE] = "Record-Route",
	};
	char text[HEAD_TEXT_MAX];
	struct strbuf b;
	osip_message_t *msg;

	strbuf_init(&b, text, sizeof(text));
	if (g->request)
		strbuf_addf(&b, "%s %s SIP/2.0\r\n", g->method, g->uri);
	else
		strbuf_addf(&b, "SIP/2.0 %u -\r\n", g->status);
	for (unsigned i = 0; i < g->header_count; i++)
		if (g->header[i].id < GUARD_PARSED)
			strbuf_addf(&b, "%s: %s\r\n", names[g->header[i].id], g->header[i].value);
	strbuf_add(&b, "Content-Length: 0\r\n\r\n");
	if (b.truncated || osip_message_init(&msg))
		return -EBADMSG;
	if (osip_message_parse(msg, text, b.len)) {
		osip_message_free(msg);
		return -EBADMSG;
	}
	*out = msg;
	return 0;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static uint16_t port_number(const char *text)
{
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	return n <= 65535 ? (uint16_t)n : 0;
}

static void view_uri(struct sip_uri *out, osip_uri_t *uri)
{
	osip_uri_param_t *lr = NULL;

	*out = (struct sip_uri){.scheme = "", .user = "", .host = ""};
	if (!uri)
		return;
	out->scheme = or_empty(uri->scheme);
	out->user = or_empty(uri->username);
	out->host = or_empty(uri->host);
	out->port = port_number(uri->port);
	/* Of other schemes (tel:) libosip2 keeps the rest as one string. */
	if (!uri->host && uri->string)
		out->user = uri->string;
	osip_uri_uparam_get_byname(uri, (char *)"lr", &lr);
	out->loose = lr != NULL;
}

static const char *param(osip_list_t *params, const char *name)
{
	osip_generic_param_t *p = NULL;

	osip_generic_param_get_byname(params, (char *)name, &p);
	return p ? or_empty(p->gvalue) : "";
}

static void view_via(struct sip_msg *m, osip_message_t *msg)
{
	osip_via_t *via = osip_list_get(&msg->vias, 0);

	m->via.host = m->via.branch = "";
	m->via.count = (unsigned)osip_list_size(&msg->vias);
	if (!via)
		return;
	m->via.host = or_empty(via->host);
	m->via.port = port_number(via->port);
	m->via.branch = param(&via->via_params, "branch");
}

static void view_routes(struct sip_msg *m, osip_message_t *msg)
{
	for (int i = 0;; i++) {
		osip_record_route_t *rr = osip_list_get(&msg->record_routes, i);

		if (!rr)
			return;
		if (m->route_count == SIP_ROUTES_MAX) {
			m->routes_cut = true;
			return;
		}
		if (osip_record_route_to_str(rr, &m->route[m->route_count].text))
			continue;
		view_uri(&m->route[m->route_count].uri, rr->url);
		m->route_count++;
	}
}

static void view_contact(struct sip_msg *m, osip_message_t *msg)
{
	osip_contact_t *contact = osip_list_get(&msg->contacts, 0);

	view_uri(&m->contact_uri, contact ? contact->url : NULL);
	/* Contact: * has no URL; a URI of another scheme is no target for us. */
	if (!contact || !contact->url || !contact->url->host || !contact->url->scheme)
		return;
	if (osip_uri_to_str(contact->url, &m->contact))
		m->contact = NULL;
}

int sip_msg_parse(struct sip_msg *out, const struct guard_msg *g)
{
	osip_message_t *msg;
	struct sip_msg *m = out;
	int err = parse_head(&msg, g);

	memset(m, 0, sizeof(*m));
	if (err)
		return err;
	m->osip = msg;
	if (!msg->from || !msg->to || !msg->cseq || !msg->call_id || !msg->cseq->method ||
	    !msg->call_id->number || osip_list_size(&msg->vias) < 1) {
		sip_msg_fini(m);
		return -EBADMSG;
	}
	m->g = g;
	m->request = g->request;
	m->status = g->status;
	m->cseq = g->cseq;
	m->method = sip_method_parse(g->request ? g->method : g->cseq_method);
	m->call_id = guard_find(g, GUARD_CALL_ID);
	m->from = guard_find(g, GUARD_FROM);
	m->to = guard_find(g, GUARD_TO);
	m->from_tag = param(&msg->from->gen_params, "tag");
	m->to_tag = param(&msg->to->gen_params, "tag");
	m->from_name = or_empty(msg->from->displayname);
	view_via(m, msg);
	view_uri(&m->request_uri, msg->req_uri);
	view_uri(&m->from_uri, msg->from->url);
	view_contact(m, msg);
	view_routes(m, msg);
	return 0;
}

void sip_msg_fini(struct sip_msg *m)
{
	for (unsigned i = 0; i < m->route_count; i++)
		osip_free(m->route[i].text);
	m->route_count = 0;
	osip_free(m->contact);
	m->contact = NULL;
	if (m->osip)
		osip_message_free(m->osip);
	m->osip = NULL;
}

bool sip_uri_literal(const struct sip_uri *uri, struct net_addr *out)
{
	const char *host = uri->host;
	char bare[NET_ADDR_TEXT];
	size_t n = strlen(host);

	/* libosip2 keeps IPv6 hosts without brackets; take both forms. */
	if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
		host++;
		n -= 2;
	}
	if (n >= sizeof(bare))
		return false;
	memcpy(bare, host, n);
	bare[n] = '\0';
	/* A bare IPv4 address never has a colon here: port would be in uri->port. */
	if (net_addr_parse(out, bare) || out->port != 0)
		return false;
	out->port = uri->port ? uri->port : 5060;
	return true;
}
