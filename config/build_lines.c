/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spans and trunks. */
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "gateway/base/strbuf.h"
#include "hw/t1e1/e1.h"

enum { ECHO_MIN_MS = 4 }; /* the kernel's: 32 samples */

static unsigned count_bits(uint32_t bits)
{
	return (unsigned)__builtin_popcount(bits);
}

static void span_channels(struct build *b, const struct schema_value *v, struct isdn_span_cfg *s)
{
	const uint32_t all = ~UINT32_C(1);

	if (!v[SPAN_DCHANNEL].ok || !v[SPAN_BCHANNELS].ok)
		return;
	s->dchannel_ts = (uint8_t)v[SPAN_DCHANNEL].number;
	s->bchannels = v[SPAN_BCHANNELS].given ? v[SPAN_BCHANNELS].slots
					       : all & ~(UINT32_C(1) << s->dchannel_ts);
	if (s->bchannels & UINT32_C(1) << s->dchannel_ts)
		COMPLAIN(b, v[SPAN_BCHANNELS].node,
			 "timeslot %u is the D-channel's and cannot carry calls; leave it out of "
			 "bchannels or change dchannel",
			 s->dchannel_ts);
}

static void span_timers(struct build *b, const struct node *map, const struct schema_value *v,
			struct isdn_span_cfg *s)
{
	struct schema_value timer[ISDN_TIMERS_SET];

	schema_read(b->report, v->given && v->ok ? v->node : NULL, map, "timers", schema_timers,
		    timer);
	for (unsigned t = 0; t < ISDN_TIMERS_SET; t++)
		if (timer[t].given && timer[t].ok)
			s->timer_ms[t] = (uint32_t)timer[t].number * (t == ISDN_N316 ? 1 : 1000);
}

/* `auto` is the last word of both tables. */
static void span_choices(const struct schema_value *v, struct isdn_span_cfg *s)
{
	static const enum call_ringback ringback[] = {CALL_RINGBACK_LOCAL, CALL_RINGBACK_REMOTE,
						      CALL_RINGBACK_NEVER};
	bool network = v[SPAN_SIDE].number == ISDN_NETWORK;

	s->side = network ? ISDN_NETWORK : ISDN_USER;
	/* The two ends hunt from opposite ends, so that glare stays rare. */
	s->hunting = network ? ISDN_HUNT_DESCENDING : ISDN_HUNT_ASCENDING;
	if (v[SPAN_HUNTING].number <= ISDN_HUNT_LEAST_RECENT)
		s->hunting = (enum isdn_hunting)v[SPAN_HUNTING].number;
	s->ringback = network ? CALL_RINGBACK_LOCAL : CALL_RINGBACK_REMOTE;
	if (v[SPAN_RINGBACK].number < 3)
		s->ringback = ringback[v[SPAN_RINGBACK].number];
	s->failure_tone = network && v[SPAN_FAILURE_TONE].number != 1;
	s->law = MEDIA_ALAW;
	s->exclusive = v[SPAN_EXCLUSIVE].number;
	s->overlap = v[SPAN_OVERLAP].number;
	s->restart = (enum isdn_restart_policy)v[SPAN_RESTART].number;
}

static void span_path(struct build *b, const struct node *map, const struct schema_value *v,
		      struct config_span *s, struct span_place *place)
{
	const struct schema_value *end = &v[v[SPAN_LISTEN].given ? SPAN_LISTEN : SPAN_CONNECT];

	if (v[SPAN_LISTEN].given == v[SPAN_CONNECT].given) {
		const struct node *at = v[SPAN_LISTEN].given ? v[SPAN_LISTEN].node->key : map;

		COMPLAIN(b, at, "a virtual span needs either listen: PATH or connect: PATH%s",
			 v[SPAN_LISTEN].given ? ", not both" : "");
		return;
	}
	if (!end->ok)
		return;
	s->listen = v[SPAN_LISTEN].given;
	str_copy(s->path, sizeof(s->path), end->text);
	place->path = end->node;
}

/* What the card should be set to, for doctor and export. Words stand in the order of the enums,
 * without their `unknown`. */
static void span_line(struct build *b, const struct schema_value *v, struct config_span *s)
{
	struct e1_params *p = &s->line_params;
	bool t1;

	if (v[SPAN_LINE].given)
		p->type = (enum e1_type)(v[SPAN_LINE].number + 1);
	if (v[SPAN_FRAMING].given)
		p->framing = (enum e1_framing)(v[SPAN_FRAMING].number + 1);
	if (v[SPAN_CODE].given)
		p->code = (enum e1_code)(v[SPAN_CODE].number + 1);
	p->lbo = (uint8_t)v[SPAN_BUILD_OUT].number;
	s->crc4_given = v[SPAN_CRC4].given;
	p->crc4 = v[SPAN_CRC4].given && v[SPAN_CRC4].number;
	t1 = p->type == E1_TYPE_T1 || p->type == E1_TYPE_J1;
	if (v[SPAN_FRAMING].ok && v[SPAN_FRAMING].given &&
	    t1 != (p->framing == E1_FRAMING_D4 || p->framing == E1_FRAMING_ESF))
		COMPLAIN(b, v[SPAN_FRAMING].node, "%s goes with line: %s",
			 e1_framing_name(p->framing),
			 t1 ? "e1; a T1 has d4 or esf" : "t1 or j1; an E1 has ccs or cas");
	if (v[SPAN_CODE].ok && v[SPAN_CODE].given && p->code != E1_CODE_AMI &&
	    t1 != (p->code == E1_CODE_B8ZS))
		COMPLAIN(b, v[SPAN_CODE].node, "%s goes with line: %s", e1_code_name(p->code),
			 t1 ? "e1; a T1 has ami or b8zs" : "t1 or j1; an E1 has ami or hdb3");
	if (p->crc4 && t1)
		COMPLAIN(b, v[SPAN_CRC4].node,
			 "crc4 is an E1's; a T1 with framing: esf has its own");
}

static void span_dahdi(struct build *b, const struct node *map, const struct schema_value *v,
		       struct config_span *s)
{
	if (v[SPAN_DAHDI_SPAN].given == v[SPAN_DAHDI_CARD].given)
		COMPLAIN(b, map,
			 "a span of a DAHDI card needs dahdi_span: N, the number that lsdahdi and "
			 "/proc/dahdi show, or dahdi_card: PLACE%s",
			 v[SPAN_DAHDI_SPAN].given ? ", not both" : "");
	if (v[SPAN_LISTEN].given || v[SPAN_CONNECT].given)
		COMPLAIN(b, v[v[SPAN_LISTEN].given ? SPAN_LISTEN : SPAN_CONNECT].node->key,
			 "listen and connect belong to driver: virtual");
	if (v[SPAN_ECHO_CANCEL].ok && v[SPAN_ECHO_CANCEL].number > 0 &&
	    v[SPAN_ECHO_CANCEL].number < ECHO_MIN_MS)
		COMPLAIN(b, v[SPAN_ECHO_CANCEL].node,
			 "the shortest echo canceller has a tail of %d ms; 0 means none",
			 ECHO_MIN_MS);
	span_line(b, v, s);
	/* Not said, it is as it must be: the network gives the clock. */
	if (!v[SPAN_CLOCK].given)
		s->clock_master = s->isdn.side == ISDN_NETWORK;
	s->dahdi = (struct e1_dahdi_cfg){
	    .dahdi_span = (uint16_t)v[SPAN_DAHDI_SPAN].number,
	    .dchannel_ts = s->isdn.dchannel_ts,
	    .bchannels = s->isdn.bchannels,
	    .buffers = (uint8_t)v[SPAN_BUFFERS].number,
	    .echo_tail_ms = (uint8_t)v[SPAN_ECHO_CANCEL].number,
	    .rx_gain_db = (int8_t)v[SPAN_RX_GAIN].number,
	    .tx_gain_db = (int8_t)v[SPAN_TX_GAIN].number,
	};
	if (v[SPAN_DAHDI_CARD].ok && v[SPAN_DAHDI_CARD].given)
		str_copy(s->dahdi.card, sizeof(s->dahdi.card), v[SPAN_DAHDI_CARD].text);
}

static void compare_spans(struct build *b, unsigned index, const struct schema_value *v)
{
	const struct config_span *s = &b->config->span[index], *o = b->config->span;

	for (; o < s; o++) {
		if (s->isdn.span && s->isdn.span == o->isdn.span)
			COMPLAIN(b, v[SPAN_NUMBER].node,
				 "span %u stands twice, also at line %u; number spans differently",
				 s->isdn.span, o->line);
		if (*s->path && strcmp(s->path, o->path) == 0)
			COMPLAIN(b, b->span[index].path,
				 "%s is the path of the span at line %u, too; each span needs its "
				 "own",
				 s->path, o->line);
		if (s->dahdi.dahdi_span && s->dahdi.dahdi_span == o->dahdi.dahdi_span)
			COMPLAIN(b, v[SPAN_DAHDI_SPAN].node,
				 "DAHDI span %u stands twice, also at line %u", s->dahdi.dahdi_span,
				 o->line);
		if (*s->dahdi.card && strcmp(s->dahdi.card, o->dahdi.card) == 0)
			COMPLAIN(b, v[SPAN_DAHDI_CARD].node,
				 "%s stands twice, also at line %u; #1, #2, ... behind it name the "
				 "spans of a card",
				 s->dahdi.card, o->line);
	}
}

static void build_span(struct build *b, const struct node *map, unsigned index)
{
	struct config_span *s = &b->config->span[index];
	struct schema_value v[SPAN_COUNT];

	if (map->kind != NODE_MAP) {
		if (!map->bad)
			COMPLAIN(b, map,
				 "a span is a map: \"- span: 1\" and further keys below it");
		return;
	}
	schema_read(b->report, map, NULL, "a span", schema_span, v);
	if (v[SPAN_NUMBERS].given && v[SPAN_NUMBERS].ok)
		b->span[index].numbers = v[SPAN_NUMBERS].node;
	s->line = map->line;
	s->isdn.span = (uint16_t)(v[SPAN_NUMBER].ok ? v[SPAN_NUMBER].number : 0);
	s->driver = v[SPAN_DRIVER].number == CONFIG_DRIVER_DAHDI ? CONFIG_DRIVER_DAHDI
								 : CONFIG_DRIVER_VIRTUAL;
	s->clock_master = v[SPAN_CLOCK].given && v[SPAN_CLOCK].number == 1;
	span_choices(v, &s->isdn);
	span_timers(b, map, &v[SPAN_TIMERS], &s->isdn);
	span_channels(b, v, &s->isdn);
	if (s->driver == CONFIG_DRIVER_DAHDI)
		span_dahdi(b, map, v, s);
	else
		span_path(b, map, v, s, &b->span[index]);
	compare_spans(b, index, v);
	b->channels += count_bits(s->isdn.bchannels);
}

void build_spans(struct build *b)
{
	struct config *c = b->config;
	unsigned count = build_rows(b, TOP_SPANS, sizeof(*c->span), (void **)&c->span);
	const struct node *n = count ? b->top[TOP_SPANS].node->first : NULL;

	b->span = arena_alloc(b->arena, count * sizeof(*b->span));
	if (count && !b->span) {
		report_add(b->report, 0, 0, "out of memory");
		return;
	}
	for (; n; n = n->next)
		build_span(b, n, c->span_count++);
}

static void trunk_media(struct build *b, const struct schema_value *v, struct config_trunk *t)
{
	bool own_bind = v[TRUNK_RTP_BIND].given && v[TRUNK_RTP_BIND].ok;

	for (unsigned i = 0; i < v[TRUNK_CODECS].count; i++)
		t->codec[t->codec_count++] = v[TRUNK_CODECS].word[i] ? MEDIA_PCMU : MEDIA_PCMA;
	t->ptime_ms = (uint8_t)v[TRUNK_PTIME].number;
	t->rtp_any_source = v[TRUNK_RTP_ANY_SOURCE].number;
	t->rtp_bind = own_bind ? v[TRUNK_RTP_BIND].addr : t->sip.bind;
	t->rtp_bind.port = 0;
	if (v[TRUNK_RTP_ADVERTISE].given)
		t->rtp_advertise = v[TRUNK_RTP_ADVERTISE].addr;
	else if (t->sip.advertise.family && !(own_bind && !net_addr_is_any(&t->rtp_bind)))
		t->rtp_advertise = t->sip.advertise;
	else
		t->rtp_advertise = t->rtp_bind;
	if (v[TRUNK_RTP_ADVERTISE].ok && t->rtp_advertise.family &&
	    net_addr_is_any(&t->rtp_advertise) && own_bind)
		COMPLAIN(
		    b, v[TRUNK_RTP_BIND].node,
		    "rtp_bind takes every address of this machine, so the peer must be told one; "
		    "add rtp_advertise: ADDRESS");
}

/* An IPv4 socket reaches no IPv6 peer, and a source of the other family never matches. */
static void check_family(struct build *b, const struct schema_value *v)
{
	static const int address[] = {TRUNK_PEER, TRUNK_ADVERTISE, TRUNK_RTP_BIND,
				      TRUNK_RTP_ADVERTISE};
	static const int networks[] = {TRUNK_SOURCES, TRUNK_LOCAL_NETWORKS};
	uint8_t family = v[TRUNK_BIND].addr.family;

	for (unsigned i = 0; i < 4; i++) {
		const struct schema_value *a = &v[address[i]];

		/* RTP may take another family than SIP; its two must agree. */
		if (address[i] == TRUNK_RTP_BIND && a->given && a->ok)
			family = a->addr.family;
		if (a->given && a->ok && a->addr.family != family)
			COMPLAIN(b, a->node,
				 "an IPv%u address, but bind is IPv%u; both must be the same",
				 a->addr.family, family);
	}
	family = v[TRUNK_BIND].addr.family;
	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < v[networks[i]].count; k++)
			if (v[networks[i]].network[k].base.family != family)
				COMPLAIN(
				    b, v[networks[i]].item[k],
				    "an IPv%u network, but bind is IPv%u: it would never match",
				    v[networks[i]].network[k].base.family, family);
}

static bool is_multicast(const struct net_addr *a)
{
	return a->family == 4 ? a->ip[0] >= 224 : a->ip[0] == 0xff;
}

static void check_addresses(struct build *b, const struct schema_value *v)
{
	static const struct {
		int key;
		bool any; /* 0.0.0.0 and :: are right */
	} rule[] = {{TRUNK_BIND, true},
		    {TRUNK_PEER, false},
		    {TRUNK_ADVERTISE, false},
		    {TRUNK_RTP_BIND, true},
		    {TRUNK_RTP_ADVERTISE, false}};

	for (unsigned i = 0; i < 5; i++) {
		const struct schema_value *a = &v[rule[i].key];

		if (!a->given || !a->ok)
			continue;
		if (is_multicast(&a->addr))
			COMPLAIN(b, a->node,
				 "a multicast or broadcast address; a trunk needs one machine's "
				 "address");
		else if (!rule[i].any && net_addr_is_any(&a->addr))
			COMPLAIN(b, a->node,
				 "not the address of a machine; write the address itself");
	}
	if (v[TRUNK_BIND].ok && net_addr_is_any(&v[TRUNK_BIND].addr) && !v[TRUNK_ADVERTISE].given)
		COMPLAIN(b, v[TRUNK_BIND].node,
			 "bind takes every address of this machine, so the peer must be told one; "
			 "add advertise: ADDRESS");
}

static unsigned find_socket(struct build *b, const struct net_addr *bind, const struct node *at)
{
	struct config *c = b->config;

	for (unsigned i = 0; i < c->socket_count; i++) {
		const struct net_addr *o = &c->socket[i];

		if (net_addr_equal(o, bind))
			return i;
		if (o->family == bind->family && o->port == bind->port &&
		    (net_addr_is_any(o) || net_addr_is_any(bind)))
			COMPLAIN(b, at,
				 "port %u is also bound at another trunk on every address of this "
				 "machine; use the same bind for both, or another port",
				 bind->port);
	}
	c->socket[c->socket_count] = *bind;
	return c->socket_count++;
}

static bool same_network(const struct net_prefix *a, const struct net_prefix *b)
{
	return a->bits == b->bits && net_addr_equal(&a->base, &b->base);
}

/* Whose call is it? A peer's own address and port win, then its address, then the smallest network;
 * so two trunks on one socket must not claim exactly the same. */
static void compare_trunks(struct build *b, unsigned index)
{
	const struct config_trunk *t = &b->config->trunk[index], *o = b->config->trunk;
	const struct trunk_place *place = &b->trunk[index];

	for (; o < t; o++) {
		if (*t->sip.name && strcmp(t->sip.name, o->sip.name) == 0)
			COMPLAIN(b, place->name,
				 "trunk %s stands twice, also at line %u; name trunks differently",
				 t->sip.name, o->line);
		if (!place->ok || !b->trunk[o - b->config->trunk].ok ||
		    t->sip.socket != o->sip.socket)
			continue;
		if (net_addr_equal(&t->sip.peer, &o->sip.peer))
			COMPLAIN(b, place->peer,
				 "trunk %s at line %u has the same bind and peer: whose call would "
				 "it be? Change one, or make them one trunk",
				 o->sip.name, o->line);
		for (unsigned i = 0; i < t->sip.source_count; i++)
			for (unsigned k = 0; k < o->sip.source_count; k++)
				if (same_network(&o->sip.source[k], &t->sip.source[i]))
					COMPLAIN(b, place->source[i],
						 "trunk %s at line %u takes calls from there, too; "
						 "give each source to one trunk",
						 o->sip.name, o->line);
	}
}

static void take_networks(const struct schema_value *v, struct net_prefix *out, uint8_t *count)
{
	memcpy(out, v->network, v->count * sizeof(*out));
	*count = (uint8_t)v->count;
}

static void build_trunk(struct build *b, const struct node *map, unsigned index)
{
	struct config_trunk *t = &b->config->trunk[index];
	struct trunk_place *place = &b->trunk[index];
	struct schema_value v[TRUNK_COUNT];

	if (map->kind != NODE_MAP) {
		if (!map->bad)
			COMPLAIN(b, map,
				 "a trunk is a map: \"- name: NAME\" and further keys below it");
		return;
	}
	schema_read(b->report, map, NULL, "a trunk", schema_trunk, v);
	if (v[TRUNK_NUMBERS].given && v[TRUNK_NUMBERS].ok)
		b->trunk[index].numbers = v[TRUNK_NUMBERS].node;
	t->line = map->line;
	if (v[TRUNK_NAME].ok)
		str_copy(t->sip.name, sizeof(t->sip.name), v[TRUNK_NAME].text);
	if (v[TRUNK_DOMAIN].ok && v[TRUNK_DOMAIN].text)
		str_copy(t->sip.domain, sizeof(t->sip.domain), v[TRUNK_DOMAIN].text);
	take_networks(&v[TRUNK_LOCAL_NETWORKS], t->sip.local_network, &t->sip.local_network_count);
	take_networks(&v[TRUNK_SOURCES], t->sip.source, &t->sip.source_count);
	memcpy(place->source, v[TRUNK_SOURCES].item, sizeof(place->source));
	place->peer = v[TRUNK_PEER].node;
	place->name = v[TRUNK_NAME].node;
	place->ok = v[TRUNK_BIND].ok && v[TRUNK_PEER].ok;
	t->sip.peer = v[TRUNK_PEER].addr;
	t->sip.advertise = v[TRUNK_ADVERTISE].addr;
	check_addresses(b, v);
	if (v[TRUNK_BIND].ok) {
		t->sip.bind = v[TRUNK_BIND].addr;
		t->sip.socket = find_socket(b, &t->sip.bind, v[TRUNK_BIND].node);
		check_family(b, v);
		trunk_media(b, v, t);
	}
	t->sip.untrusted = v[TRUNK_TRUSTED].ok && !v[TRUNK_TRUSTED].number;
	if (v[TRUNK_REDIRECTING].ok)
		t->sip.redirecting = (uint8_t)v[TRUNK_REDIRECTING].number;
	t->causes = build_trunk_causes(b, &v[TRUNK_CAUSES]);
	t->sip.causes = t->causes ? t->causes : b->config->causes;
	compare_trunks(b, index);
}

void build_trunks(struct build *b)
{
	struct config *c = b->config;
	unsigned count = build_rows(b, TOP_TRUNKS, sizeof(*c->trunk), (void **)&c->trunk);
	const struct node *n = count ? b->top[TOP_TRUNKS].node->first : NULL;

	b->trunk = arena_alloc(b->arena, count * sizeof(*b->trunk));
	c->socket = calloc(count + 1, sizeof(*c->socket));
	if ((count && !b->trunk) || !c->socket) {
		report_add(b->report, 0, 0, "out of memory");
		return;
	}
	for (; n; n = n->next)
		build_trunk(b, n, c->trunk_count++);
}
