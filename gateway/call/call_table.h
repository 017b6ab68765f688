/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The call table: owns every call, runs the pure state machine (call_fsm.h) on queued events and
 * carries out its actions through the ports. Events are never handled inside the function that
 * posts them: call_table_turn() runs them to completion, in order.
 *
 * Owner: control thread. A call is freed when nothing of it is open, or by its clear guard, which
 * logs what was still open.
 */
#ifndef GATEWAY_CALL_CALL_TABLE_H
#define GATEWAY_CALL_CALL_TABLE_H

#include "gateway/base/deadline.h"
#include "gateway/call/call_ports.h"
#include "gateway/call/call_route.h"

struct call_table;

/* One ended call, for the record writer; also what `show calls` prints of a live one. */
struct call_record {
	call_id call;
	struct call_setup setup;      /* as leg A brought it */
	struct call_number called_out, calling_out; /* as leg B got them */
	struct call_number connected, connected_out; /* who answered: as leg B gave it, as leg A got it */
	struct call_endpoint target;
	struct call_channel channel;  /* last confirmed one */
	char plan_rule[CALL_NAME_MAX + 1];
	uint8_t ways_tried;           /* of the route */
	const char *state;            /* name of the state */
	int64_t begin_wall_us, begin_us; /* wall clock and monotonic */
	int64_t proceeding_us, alerting_us, answer_us, clear_us, end_us; /* monotonic, 0: never */
	bool early_media;             /* valid RTP before the answer */
	bool cleared_by_known;
	enum call_side cleared_by;    /* which leg cleared first */
	struct call_cause cause_a, cause_b; /* as received from, or sent to, each leg */
	struct media_stats media;
	bool guard_hit;               /* the clear guard ended it */
	/* Why its adapter refused it before it became a call (`call` is 0, static text); NULL: it did. */
	const char *refused;
	char called_text[CALL_NAME_MAX + 1]; /* refused: who was called, when that is no number */
};

/* Places beyond calls_max that only emergency calls get. */
enum { CALL_EMERGENCY_PLACES = 4 };

struct call_table_cfg {
	unsigned calls_max;
	struct deadline_queue *deadlines; /* the control loop's */
	const struct media_ops *media_ops;
	void *media;
	uint32_t ring_limit_ms; /* T301; 0: as call_timers[] has it */
	/* Number plan. true: *out says where the call goes, or why nowhere. false: it asks somebody
	 * first and will say so with call_table_routed(). call 0: only asked whether it is an
	 * emergency, the table being full. */
	bool (*route)(void *arg, call_id call, const struct call_setup *setup,
		      struct call_route *out);
	/* A limit of the route counts one call more (by 1) or less (by -1). NULL: nobody counts. */
	void (*count)(void *arg, uint32_t limit, int by);
	/* Number plan: the number that answered at b becomes what leg A is to see; setup as leg A
	 * brought it. NULL: it passes as it is. */
	void (*connected)(void *arg, const struct call_setup *setup, struct call_endpoint b,
			  struct call_number *number);
	/* The port behind an endpoint, NULL when there is none or it is out of service. */
	const struct call_port *(*port)(void *arg, struct call_endpoint ep);
	/* A call that began or was answered, as its record would be now. NULL: nobody cares. */
	void (*open)(void *arg, const struct call_record *record);
	/* An ended call, or one that was refused before it was one. Called once for each. */
	void (*record)(void *arg, const struct call_record *record);
	void *arg; /* of those above */
};

struct call_table_counters {
	uint64_t begun, answered, ended, refused_full, unexpected_events, stale_events, guard_hits;
	uint64_t refused; /* by their adapters, before they were calls */
	unsigned active;
};

int call_table_create(struct call_table **out, const struct call_table_cfg *cfg);
/* Calls that are still there are recorded as interrupted and freed. NULL is legal. */
void call_table_destroy(struct call_table *t);

/* Leg A's adapter announces a call. 0 when the table is full for it (refuse with 42 / 503 by yourself,
 * and say so with call_table_refused()).
 * CALL_EV_SETUP is queued. leg: the adapter's handle. now_us: this turn's. */
call_id call_table_incoming(struct call_table *t, int64_t now_us, const struct call_setup *setup,
			    const struct leg_ops *ops, void *leg);
/* Leg A's adapter has refused an attempt: it gets its record. Once for each, whatever is repeated on
 * the wire, and only for who is configured: strangers must not fill the disk. */
void call_table_refused(struct call_table *t, int64_t now_us, const struct call_refusal *refusal);
/* The plan's answer that route() promised. A stale id is dropped. */
void call_table_routed(struct call_table *t, call_id call, const struct call_route *route);
/* Queues an event. A stale id is counted and dropped. */
void call_table_post(struct call_table *t, call_id call, const struct call_event *event);
/* Runs every queued event, also those posted meanwhile. */
void call_table_turn(struct call_table *t, int64_t now_us);
bool call_table_idle(const struct call_table *t); /* no event queued */

const struct call_table_counters *call_table_counters(const struct call_table *t);
/* Iteration for `show calls`: cursor from 0; false at the end. Media counters are filled in. */
bool call_table_next(struct call_table *t, unsigned *cursor, struct call_record *out);
/* Operator, shutdown: clears one (false: no such call) or all. */
bool call_table_clear(struct call_table *t, call_id call, struct call_cause cause);
void call_table_clear_all(struct call_table *t, struct call_cause cause);

#endif
