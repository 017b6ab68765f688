/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab's calls: what is placed, what is expected of it, what exchange, SIP peer and core said
 * about it, and the verdict. A call is known by its called number:
 *   0 3|4 0 K NNNN   3: E1 to SIP, 4: SIP to E1; K: kind; N: the call's number, for its audio
 * Verdicts are pure: JSON in, text out.
 */
#ifndef GATEWAY_LAB_LAB_CALLS_H
#define GATEWAY_LAB_LAB_CALLS_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/strbuf.h"
#include "gateway/lab/lab_rig.h"

enum lab_direction { LAB_E1_TO_SIP, LAB_SIP_TO_E1, LAB_DIRECTIONS };
const char *lab_direction_name(enum lab_direction d); /* "E1→SIP" */
const char *lab_direction_key(enum lab_direction d);  /* "e1-to-sip" */

enum lab_kind {
	LAB_CALLER_ENDS = 1, /* answered, with early media; who called hangs up */
	LAB_CALLEE_ENDS,     /* … who was called */
	LAB_BUSY,
	LAB_REJECTED,
	LAB_CANCELLED, /* rings, the caller gives up */
	LAB_NO_ANSWER, /* the called side gives up */
	LAB_KINDS,
};

struct lab_call {
	enum lab_direction direction;
	enum lab_kind kind;
	unsigned number;
	char called[12], calling[12];
	int talk_ms;   /* from the answer to the hang-up */
	uint8_t cause; /* that the caller hangs up with; 0: a BYE without Reason */
	bool placed, not_placed, answered;
	bool told; /* the demo printed its line */
	/* The last word of each about it; owned; NULL: none yet. */
	json_t *pbx, *peer, *record;
};

struct lab_calls {
	struct lab_call *call;
	unsigned count;
	int talk_ms; /* of the calls that are added from now on, and of the rules */
	unsigned next_number;
};

void lab_calls_init(struct lab_calls *calls, int talk_ms);
void lab_calls_fini(struct lab_calls *calls);
/* NULL: no memory. Earlier pointers become invalid. */
struct lab_call *lab_calls_add(struct lab_calls *calls, enum lab_direction d, enum lab_kind kind);
/* Forgets the oldest finished and told ones above `keep`. Earlier pointers become invalid. */
void lab_calls_forget(struct lab_calls *calls, unsigned keep);
/* Tells exchange and peer what to do with the calls that will come. 0 or -errno. */
int lab_calls_rules(const struct lab_calls *calls, struct lab_rig *rig);
int lab_call_place(struct lab_call *c, struct lab_rig *rig);
/* An event of the rig; returns the call that it belongs to, or NULL. */
struct lab_call *lab_calls_event(struct lab_calls *calls, enum lab_source source,
				 const json_t *event);
/* All three had their last word (or it was never placed). */
bool lab_call_done(const struct lab_call *c);
bool lab_calls_done(const struct lab_calls *calls);

/* What the check found in one call, and sums over a direction. */
struct lab_verdict {
	unsigned calls, talks, answered, early, audio, causes, records,
	    good;					      /* calls that had it */
	int64_t octets, lost, inserted, counted, unexplained; /* of audio, both ends */
};
/* Adds to *v. Mistakes go to why, one sentence each, separated by "; ". True: none. */
bool lab_call_check(const struct lab_call *c, struct lab_verdict *v, struct strbuf *why);

#endif
