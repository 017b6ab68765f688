/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that wait for an answer the number plan wants: one place per call of the table, each with
 * its decision so far and a deadline. No answer in time, nobody to ask, or the one asked is gone: the
 * decision goes on without one (PLAN_ANSWER_FAILED). A plan that is swapped meanwhile is not held: the decision begins
 * anew with the new one, and an answer to the same question is used there.
 *
 * Control thread; allocates only in lookup_create().
 */
#ifndef GATEWAY_LOOKUP_H
#define GATEWAY_LOOKUP_H

#include "gateway/base/deadline.h"
#include "gateway/call/call_ports.h"
#include "gateway/core_plan.h"
#include "gateway/lookup/lookup_port.h"

struct lookup;

struct lookup_cfg {
	unsigned calls_max; /* slots of call ids */
	struct deadline_queue *deadlines;
	struct core_plan *plan;
	struct lookup_port port;
	/* A call that waited has its decision. */
	void (*decided)(void *arg, call_id call, const struct call_route *route);
	void *arg;
};

int lookup_create(struct lookup **out, const struct lookup_cfg *cfg);
void lookup_destroy(struct lookup *l); /* NULL legal; what waits is forgotten */
/* true: *out is the decision. false: somebody is asked, decided() comes; for call 0, which is none
 * yet, nobody is asked and nothing comes. random: the call's draw. */
bool lookup_route(struct lookup *l, int64_t now_us, call_id call, const struct call_setup *setup,
		  uint64_t random, struct call_route *out);
/* false: nobody waits for it any more. why: of one that FAILED, for the log; NULL: not known. */
bool lookup_answer(struct lookup *l, int64_t now_us, uint64_t question,
		   const struct plan_answer *answer, const char *why);
/* Who was asked under that number (lookup_port.ask) is gone: no call waits for it any longer. */
void lookup_lost(struct lookup *l, int64_t now_us, uint32_t who);
/* The call has ended; legal for one that does not wait. */
void lookup_drop(struct lookup *l, call_id call);
const struct lookup_counters *lookup_counters(const struct lookup *l);

#endif
