/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the call table, for call_table.c (table, queue, turn), call_event.c (the values that an
 * event brings, before the machine sees it) and call_act.c (what the machine wants done). A call
 * is one struct: its machine context and the values that the context leaves out.
 */
#ifndef GATEWAY_CALL_CALL_PRIV_H
#define GATEWAY_CALL_CALL_PRIV_H

#include <sys/queue.h>

#include "gateway/call/call_fsm.h"
#include "gateway/call/call_table.h"

/* Two legs at most: indexed by enum call_side. */
enum { CALL_SIDES = 2 };

/* An event has its own place for every kind (type and side or timer) that may wait at once, and
 * there are some for repeats (a flood of 183s). A repeat beyond those is dropped and counted; so
 * the end of a leg always gets through, and one call cannot take another one's places. */
enum {
	CALL_EVENT_KINDS = CALL_EV_COUNT * CALL_SIDES + CALL_TIMER_COUNT,
	CALL_EVENT_SPARE = 8,
	CALL_EVENT_PLACES = CALL_EVENT_KINDS + CALL_EVENT_SPARE,
};
_Static_assert(CALL_EVENT_KINDS <= 64, "kinds must fit into call.kinds_queued");

struct call_leg {
	const struct leg_ops *ops;
	void *handle;	  /* the adapter's; NULL before it is open and once it posted GONE */
	bool cause_known; /* the record has the first cause that came from it or went to it */
};

struct call_timer_slot {
	struct call *call;
	struct deadline deadline;
};

struct call {
	struct call_table *table;
	call_id id;
	struct call_ctx ctx;
	struct call_timer_slot timer[CALL_TIMER_COUNT];
	struct call_leg leg[CALL_SIDES];
	struct call_route route;   /* the plan's decision, once it is there */
	uint8_t way;		   /* of it: the one taken */
	struct call_cause way_cause; /* why it cannot be; value 0: it can */
	bool open_failed;	   /* leg B could not even be opened on this way */
	uint8_t full_way;	   /* emergency: 1 + the first way that had no channel free, 0: none */
	bool went_back;		   /* to it, after all the others */
	call_id room_of;	   /* emergency: leg B is opened when this call has left; 0: it is not waited for */
	bool preempted;		   /* it is being cleared for an emergency call */
	uint32_t counted[2];	   /* limits that count this call: the rule's, the way's; 0: none */
	struct call_setup b_setup; /* routed: what leg B gets */
	struct call_port rtp_port; /* copy: of the side whose voice is RTP */
	struct call_port b_port;   /* copy */
	slot_id session;	   /* 0: none, or it posted MEDIA_GONE */
	struct media_desc local;   /* where we receive */
	struct media_desc offer;   /* ours, to the RTP side */
	struct media_desc answer;  /* ours, to the RTP side's last offer */
	struct media_desc remote;  /* the RTP side's, one format; present false: not known */
	bool relatch;		   /* remote moved since media was last set */
	struct media_desc new_answer, new_remote; /* of the OFFER event being handled */
	struct call_cause
	    failure; /* what B gave when the call began to fail; value 0: it did not */
	struct call_channel channel;
	struct call_record record;
	uint64_t kinds_queued; /* bit per kind that has its own place taken */
	unsigned spare_used;
	bool flood_logged;
};

struct call_event_node {
	TAILQ_ENTRY(call_event_node) link;
	call_id call;
	int8_t kind; /* -1: in a spare place */
	struct call_event ev;
};
TAILQ_HEAD(call_event_list, call_event_node);

struct call_table {
	struct call_table_cfg cfg;
	struct slots *slots;
	struct call_event_list queue, unused;
	struct call_event_node *nodes; /* all places; handed out from the front when needed first,
					* so that memory is touched only as far as it was used */
	size_t node_count, nodes_touched;
	unsigned waiting; /* calls with room_of */
	bool turning;
	int64_t now_us;	       /* of this turn */
	struct deadline again; /* a turn stopped before the queue was empty */
	struct call_table_counters counters;
};

/* call_event.c: takes the event's values into the call; clears ev->media.present when the machine
 * must not build on them. Before the step. */
void call_take_values(struct call *c, struct call_event *ev);
/* What the record learns from the step that was just made. */
void call_note_step(struct call *c, const struct call_ctx *before, const struct call_event *ev);
void call_note_cause(struct call *c, enum call_side side, struct call_cause cause);
/* Makes remote the RTP side's description; sees whether it moved. */
void call_set_remote(struct call *c, const struct media_desc *remote);

/* call_route.c: asks for a route; ROUTED comes, after ROUTE_WAITS when it takes its time. */
void call_route_ask(struct call *c);
/* Leg B ends with this cause before the answer: is there another way for it? */
bool call_route_goes_on(const struct call *c, uint8_t cause);
/* Makes the next way the one that leg B is opened on. */
void call_route_next(struct call *c);
/* The call is over: the plan's limits count it no more. */
void call_route_end(struct call *c);

/* call_room.c: leg B found no channel free. True: another call is being cleared for this one, and
 * leg B will be opened when it has left. */
bool call_room_make(struct call *c, struct call_cause cause);
/* It is no more waited for. False: it was not. */
bool call_room_forget(struct call *c);
/* The victim's leg there is gone; where NULL: all of it. */
void call_room_freed(struct call_table *t, call_id victim, const struct call_endpoint *where);

/* call_act.c: opens leg B, or says GONE for it. */
void call_open_b(struct call *c);
/* call_act.c: the record of a call that the table's end cuts off. */
void call_abandon(struct call *c);
/* call_act.c: carries one action out. FREE is the table's. */
void call_act(struct call *c, const struct call_action *a);

/* A cause of our own making. */
static inline struct call_cause call_own_cause(uint8_t value)
{
	return (struct call_cause){.value = value, .location = CALL_LOC_PRIVATE_LOCAL};
}

#endif
