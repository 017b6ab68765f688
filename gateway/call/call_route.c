/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a call goes: admission, the plan's answer, and the ways that it names, one after the other.
 */
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/call/call_priv.h"
#include "gateway/call/codec_choice.h"

/* Only what a telephone can hear; 64 kbit/s data would be spoilt by an audio codec. */
static bool bearer_is_audio(enum call_bearer bearer)
{
	return bearer == CALL_BEARER_SPEECH || bearer == CALL_BEARER_AUDIO_3K1;
}

static const struct call_port *port_of(struct call *c, struct call_endpoint ep)
{
	return c->table->cfg.port(c->table->cfg.arg, ep);
}

/* Leg A's offer must be one that we shall be able to answer: better to say so before B rings. */
static bool offer_usable(const struct call *c)
{
	const struct media_desc *offer = &c->record.setup.media;
	struct media_desc local = {.rtp = c->rtp_port.media_advertise};

	return !offer->present || (!offer->rejected && codec_answer_offer(&c->rtp_port, &local,
									  offer, NULL, NULL) == 0);
}

static struct call_cause find_ports(struct call *c)
{
	const struct call_port *a = port_of(c, c->record.setup.source);
	const struct call_port *b = port_of(c, c->b_setup.target);

	if (!a || !b) /* Q.850 27: the interface is not working */
		return call_own_cause(CAUSE_OUT_OF_ORDER);
	/* One end of a media session is a timeslot and the other one RTP. */
	if (c->record.setup.source.kind == c->b_setup.target.kind)
		return call_own_cause(CAUSE_NOT_IMPLEMENTED);
	c->b_port = *b;
	c->rtp_port = c->ctx.rtp_side == CALL_SIDE_A ? *a : *b;
	if (c->ctx.rtp_side == CALL_SIDE_A && !offer_usable(c))
		return call_own_cause(CAUSE_BEARER_NOT_IMPLEMENTED);
	return (struct call_cause){0};
}

/* One call more on the limit of the rule (0) or of the way (1), and one less on what was there. */
static void count(struct call *c, unsigned which, uint32_t limit)
{
	const struct call_table_cfg *cfg = &c->table->cfg;

	if (cfg->count && c->counted[which])
		cfg->count(cfg->arg, c->counted[which], -1);
	c->counted[which] = limit;
	if (cfg->count && limit)
		cfg->count(cfg->arg, limit, 1);
}

void call_route_end(struct call *c)
{
	count(c, 0, 0);
	count(c, 1, 0);
}

/* Goes to the way with that number, or to the first one after it that has a port. Sets way_cause.
 */
static void take_way(struct call *c, unsigned way)
{
	struct call_record *r = &c->record;

	do {
		c->way = (uint8_t)way;
		c->b_setup = r->setup;
		call_way_apply(&c->route.way[way], &c->b_setup);
		c->way_cause = find_ports(c);
	} while (c->way_cause.value && ++way < c->route.count);
	count(c, 1, c->way_cause.value ? 0 : c->route.way[c->way].limit);
	r->target = c->b_setup.target;
	r->called_out = c->b_setup.called;
	r->calling_out = c->b_setup.calling;
	r->ways_tried++;
}

static void post_routed(struct call *c, struct call_cause cause)
{
	struct call_event ev = {.type = CALL_EV_ROUTED, .cause = cause};

	if (cause.value)
		LOG(LOG_INFO, "call.refused", c->id, L_S("called", c->record.setup.called.digits),
		    L_U("cause", cause.value), L_S("rule", c->record.plan_rule));
	else
		LOG(LOG_INFO, "call.routed", c->id, L_S("called", c->b_setup.called.digits),
		    L_S("rule", c->record.plan_rule), L_U("ways", c->route.count));
	call_table_post(c->table, c->id, &ev);
}

static void route_ready(struct call *c)
{
	const struct call_route *route = &c->route;
	struct call_cause cause = route->cause;

	memcpy(c->record.plan_rule, route->rule, sizeof(c->record.plan_rule));
	if (!cause.value && (!route->count || route->count > CALL_WAYS_MAX))
		cause = call_own_cause(CAUSE_NO_ROUTE);
	if (!cause.value) {
		count(c, 0, route->limit);
		take_way(c, 0);
		cause = c->way_cause;
	}
	post_routed(c, cause);
}

void call_table_routed(struct call_table *t, call_id call, const struct call_route *route)
{
	struct call *c = slots_get(t->slots, call);

	if (!c || c->ctx.state != CALL_ST_ROUTING) { /* it has hung up meanwhile */
		t->counters.stale_events++;
		return;
	}
	c->route = *route;
	route_ready(c);
}

void call_route_ask(struct call *c)
{
	const struct call_table_cfg *cfg = &c->table->cfg;
	struct call_event waits = {.type = CALL_EV_ROUTE_WAITS};

	if (!bearer_is_audio(c->record.setup.bearer))
		post_routed(c, call_own_cause(CAUSE_BEARER_NOT_IMPLEMENTED));
	else if (cfg->route(cfg->arg, c->id, &c->record.setup, &c->route))
		route_ready(c);
	else
		call_table_post(c->table, c->id, &waits);
}

bool call_route_goes_on(const struct call *c, uint8_t cause)
{
	if ((c->ctx.state != CALL_ST_CALLING && c->ctx.state != CALL_ST_PROCEEDING) ||
	    c->went_back || (c->way + 1 >= c->route.count && !c->full_way))
		return false;
	/* What never got out of here, for want of a line or channel, is no answer of anybody. */
	return c->open_failed || call_route_reopens(&c->route, cause);
}

void call_route_next(struct call *c)
{
	unsigned way = c->way + 1u;

	/* An emergency call that nobody could take: back to the way that was full, to make room. */
	c->went_back = way >= c->route.count;
	if (c->went_back)
		way = c->full_way - 1u;
	LOG(LOG_INFO, "call.rerouted", c->id, L_U("way", way + 1u), L_U("of", c->route.count),
	    L_U("cause", c->failure.value));
	c->leg[CALL_SIDE_B] = (struct call_leg){0};
	c->failure = (struct call_cause){0};
	c->open_failed = false;
	if (c->ctx.rtp_side == CALL_SIDE_B)
		c->remote = (struct media_desc){0};
	take_way(c, way);
}
