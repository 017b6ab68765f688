/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks every context of the call machine that an honest world can bring about, with every event
 * and its payload variants (progress indicators, media, causes), and checks what must always hold.
 *
 * Beside the machine's context the walk keeps a shadow: what an onlooker knows who sees only the
 * events and the actions. The rules are about the shadow, so that a machine which forgets an
 * action, or its own state, is caught. A node is context and shadow together.
 */
#ifndef TESTS_UNIT_CALL_FSM_WALK_H
#define TESTS_UNIT_CALL_FSM_WALK_H

#include <stdio.h>

#include "gateway/call/call_fsm.h"

/* The machine, or a spoilt one. */
typedef struct call_ctx (*fsm_next_fn)(const struct call_ctx *ctx, const struct call_event *ev,
				       struct call_actions *out);

/* All octets: equal when memcmp says so. */
struct shadow {
	bool a_open, b_open, m_open;	     /* an end is still promised */
	bool a_cleared, b_cleared, m_closed; /* was asked to end */
	bool route_pending;
	uint8_t timers;			   /* bit n: runs */
	uint8_t proceeds, alerts, answers; /* told to A, counted up to 2 */
	bool sdp_told;			   /* A got a description before the answer */
	bool pi8_told;			   /* by PROGRESS or ALERTING */
	bool pi1_told;
	bool opens, next_way; /* B was opened; it may be once more */
	bool rerouting; /* B failed, and another way was promised */
	bool announcing;		 /* B hung up with an announcement that A can hear */
	bool tone;			 /* A was cleared with a tone, and nothing has ended it */
	bool channel, remote, early_rtp; /* what the events said */
	bool offered;			 /* A's setup came with an offer */
	bool our_offer_out;
	uint8_t flags;	 /* of the last MEDIA_SET */
	bool b_answered; /* ANSWER was accepted */
	bool hung;	 /* something ended the call */
	uint8_t records, frees;
	bool guard; /* the clear guard expired */
};

struct walk {
	fsm_next_fn next;
	unsigned nodes, contexts;
	uint64_t steps;
	/* What the walk saw of the rules table, per state: */
	uint64_t acted[CALL_ST_COUNT], ignored[CALL_ST_COUNT], unexpected[CALL_ST_COUNT];
	uint64_t successors[CALL_ST_COUNT];
	char broken[400]; /* empty: every rule held */
};

/* Runs until a rule breaks or every node was visited. */
void walk_run(struct walk *w, fsm_next_fn next);

/* fsm_shadow.c: does the step's bookkeeping in sh; NULL, or which rule broke. legit: the world as
 * the shadow knows it may post this event. */
const char *shadow_step(struct shadow *sh, const struct call_ctx *before,
			const struct call_event *ev, const struct call_actions *out,
			const struct call_ctx *after);
bool shadow_legit(const struct shadow *sh, const struct call_ctx *ctx, const struct call_event *ev);

#endif
