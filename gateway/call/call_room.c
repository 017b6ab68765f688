/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room for emergency calls: where every channel of the target is taken, another call gives its own. */
#include "gateway/base/log.h"
#include "gateway/call/call_priv.h"

enum { CAUSE_PREEMPTION = 8 }; /* Q.850: the call is being cleared so that another one gets through */

static bool same(struct call_endpoint a, struct call_endpoint b)
{
	return a.kind == b.kind && a.index == b.index;
}

static bool has_leg_at(const struct call *c, struct call_endpoint ep)
{
	return (c->leg[CALL_SIDE_A].handle && same(c->record.setup.source, ep)) ||
	       (c->leg[CALL_SIDE_B].handle && same(c->b_setup.target, ep));
}

/* A call that has failed and only lets its caller hear so loses nothing. Of the others, the youngest:
 * who has just begun loses least; never another emergency call. */
static bool may_give(const struct call *c)
{
	return c->ctx.tone_on || (!c->route.emergency && c->ctx.state > CALL_ST_ROUTING &&
				  c->ctx.state < CALL_ST_CLEARING);
}

static bool rather(const struct call *c, const struct call *than)
{
	if (c->ctx.tone_on != than->ctx.tone_on)
		return c->ctx.tone_on;
	return c->record.begin_us >= than->record.begin_us;
}

static struct call *find_victim(struct call_table *t, struct call_endpoint ep)
{
	struct call *c, *best = NULL;
	unsigned cursor = 0;

	while ((c = slots_next(t->slots, &cursor, NULL)))
		if (!c->preempted && may_give(c) && has_leg_at(c, ep) &&
		    (!best || rather(c, best)))
			best = c;
	return best;
}

bool call_room_make(struct call *c, struct call_cause cause)
{
	struct call_event clear = {.type = CALL_EV_OPERATOR_CLEAR,
				   .cause = call_own_cause(CAUSE_PREEMPTION)};
	struct call *victim;

	if (!c->route.emergency || cause.value != CAUSE_NO_CIRCUIT)
		return false;
	if (c->way + 1 < c->route.count && !c->went_back) { /* nobody is cut off while another way may do */
		if (!c->full_way)
			c->full_way = c->way + 1;
		return false;
	}
	victim = find_victim(c->table, c->b_setup.target);
	if (!victim)
		return false;
	LOG(LOG_WARN, "call.preempted", victim->id, L_S("by", c->b_setup.called.digits),
	    L_S("why", "an emergency call found no free channel"));
	victim->preempted = true;
	c->room_of = victim->id;
	c->table->waiting++;
	call_table_post(c->table, victim->id, &clear);
	return true;
}

bool call_room_forget(struct call *c)
{
	if (!c->room_of)
		return false;
	c->room_of = 0;
	c->table->waiting--;
	return true;
}

void call_room_freed(struct call_table *t, call_id victim, const struct call_endpoint *where)
{
	unsigned cursor = 0;
	struct call *c;

	if (!t->waiting)
		return;
	while ((c = slots_next(t->slots, &cursor, NULL)))
		if (c->room_of == victim && (!where || same(c->b_setup.target, *where)) &&
		    call_room_forget(c))
			call_open_b(c);
}
