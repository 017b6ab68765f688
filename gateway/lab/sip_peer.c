/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/sip_peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/lab/peer_call.h"

const char *sip_peer_end_name(enum sip_peer_end end)
{
	static const char *const name[] = {
	    [SIP_PEER_BYE_SENT] = "bye_sent", [SIP_PEER_BYE_RECEIVED] = "bye_received",
	    [SIP_PEER_REFUSED] = "refused",   [SIP_PEER_CANCELLED] = "cancelled",
	    [SIP_PEER_TIMEOUT] = "timeout",   [SIP_PEER_NO_PORT] = "no_port",
	};

	return name[end];
}

int sip_peer_create(struct sip_peer **out, const struct sip_peer_cfg *cfg)
{
	struct sip_peer *p = calloc(1, sizeof(*p));

	*out = p;
	if (!p)
		return -ENOMEM;
	p->cfg = *cfg;
	TAILQ_INIT(&p->calls);
	return 0;
}

void sip_peer_destroy(struct sip_peer *p)
{
	if (!p)
		return;
	while (!TAILQ_EMPTY(&p->calls))
		peer_call_free(TAILQ_FIRST(&p->calls));
	free(p);
}

static struct peer_call *find_by_call_id(struct sip_peer *p, struct sip_span call_id)
{
	struct peer_call *c;

	TAILQ_FOREACH (c, &p->calls, entry)
		if (strlen(c->report.call_id) == call_id.len &&
		    memcmp(c->report.call_id, call_id.at, call_id.len) == 0)
			return c;
	return NULL;
}

void sip_peer_receive(struct sip_peer *p, int64_t now_us, const struct net_addr *from,
		      const char *msg, size_t len)
{
	struct sip_text m;
	struct sip_span call_id;
	struct peer_call *c;

	p->counters.rx++;
	if (sip_text_parse(&m, msg, len)) {
		p->counters.malformed++;
		return;
	}
	call_id = sip_text_header(&m, "Call-ID", 0);
	if (!call_id.len || call_id.len > SIP_PEER_TEXT_MAX ||
	    !sip_text_header(&m, "CSeq", 0).len || !sip_text_header(&m, "Via", 0).len) {
		p->counters.malformed++;
		return;
	}
	c = find_by_call_id(p, call_id);
	if (m.request)
		peer_uas_request(p, now_us, c, from, &m);
	else if (c)
		peer_uac_response(c, now_us, &m);
	else
		p->counters.unmatched++;
}

int sip_peer_set_rule(struct sip_peer *p, const struct sip_peer_rule *rule)
{
	for (unsigned i = 0; i < p->rule_count; i++)
		if (strcmp(p->rule[i].prefix, rule->prefix) == 0) {
			p->rule[i] = *rule;
			return 0;
		}
	if (p->rule_count == PEER_RULES_MAX)
		return -ENOSPC;
	p->rule[p->rule_count++] = *rule;
	return 0;
}

int sip_peer_hangup(struct sip_peer *p, int64_t now_us, unsigned call, uint8_t cause)
{
	struct peer_call *c;

	TAILQ_FOREACH (c, &p->calls, entry)
		if (c->report.call == call && !c->reported)
			break;
	if (!c)
		return -ENOENT;
	if (c->state == PEER_CALLING || c->state == PEER_PROCEEDING)
		peer_uac_cancel(c, now_us, cause);
	else if (c->state == PEER_RINGING)
		peer_uas_refuse(c, now_us, 480, cause);
	else if (c->state == PEER_TALKING || c->state == PEER_ANSWERING) {
		deadline_cancel(p->cfg.deadlines, &c->action);
		peer_call_bye(c, now_us, cause);
	}
	return 0;
}

void sip_peer_plant(struct sip_peer *p, enum peer_plant plant, int number)
{
	p->plant = plant;
	p->plant_number = number;
}

const struct sip_peer_counters *sip_peer_counters(const struct sip_peer *p)
{
	return &p->counters;
}
