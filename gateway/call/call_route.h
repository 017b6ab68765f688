/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a call may go: what the number plan decided, kept with the call. Ways stand in the order to
 * try them; when leg B on one of them fails with a cause that call_route_reopens(), the next one is
 * opened. A value; no pointers.
 */
#ifndef GATEWAY_CALL_CALL_ROUTE_H
#define GATEWAY_CALL_CALL_ROUTE_H

#include <string.h>

#include "gateway/call/call_types.h"

enum { CALL_WAYS_MAX = 8 };

/* One target, with everything as it leaves there. */
struct call_way {
	struct call_endpoint to;
	struct call_number called, calling, redirecting;
	struct call_porting porting;
	char calling_name[CALL_NAME_MAX + 1];
	enum call_bearer bearer;
	uint32_t limit; /* that counts it: 1 + its index in the plan, or core_plan.h's name for it; 0: none */
	uint16_t priority, weight;
	uint32_t cost;  /* millionths */
};

struct call_route {
	struct call_cause cause; /* value 0: way[] holds; else why the call is refused */
	char rule[CALL_NAME_MAX + 1]; /* that decided; empty: none */
	unsigned line;           /* of the rule, in the configuration */
	bool emergency;          /* must get through, whatever is full */
	uint32_t limit;          /* the rule's, as in struct call_way */
	uint32_t reroute[4];     /* a bit for each cause 0…127 */
	uint8_t count;
	struct call_way way[CALL_WAYS_MAX];
};

/* Does a leg B that failed with this cause open the next way? (Whether there is one says count.) */
static inline bool call_route_reopens(const struct call_route *r, uint8_t cause)
{
	return cause < 128 && r->reroute[cause / 32] >> cause % 32 & 1;
}

/* The way to an endpoint with everything as it came. */
static inline struct call_way call_way_of(const struct call_setup *setup, struct call_endpoint to)
{
	struct call_way w = {.to = to,
			     .called = setup->called,
			     .calling = setup->calling,
			     .redirecting = setup->redirecting,
			     .porting = setup->porting,
			     .bearer = setup->bearer};

	memcpy(w.calling_name, setup->calling_name, sizeof(w.calling_name));
	return w;
}

/* Makes setup what leg B on that way gets. */
static inline void call_way_apply(const struct call_way *w, struct call_setup *setup)
{
	setup->target = w->to;
	setup->called = w->called;
	setup->calling = w->calling;
	setup->redirecting = w->redirecting;
	setup->porting = w->porting;
	setup->bearer = w->bearer;
	memcpy(setup->calling_name, w->calling_name, sizeof(setup->calling_name));
}

#endif
