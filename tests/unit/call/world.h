/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world for the call table: legs and media sessions that only note what they are told and say
 * what the test lets them say. It holds the table to the ports' contract: no command to a leg that
 * said GONE, nothing to a session that said MEDIA_GONE, every handle its own.
 */
#ifndef TESTS_UNIT_CALL_WORLD_H
#define TESTS_UNIT_CALL_WORLD_H

#include "gateway/call/call_fsm.h"
#include "gateway/call/call_table.h"

enum { WORLD_LEGS = 64, WORLD_SESSIONS = 32, WORLD_CMDS = 48, WORLD_SPAN = 1, WORLD_TRUNK = 0 };

struct world;

struct fake_leg {
	struct world *w;
	bool live;	       /* announced or opened, and not GONE yet */
	bool cleared;	       /* was told LEG_CLEAR */
	bool repeats_clearing; /* says CLEARING again to every LEG_CLEAR */
	call_id call;
	enum call_side side;
	struct call_setup setup; /* as given to open(), or as announced */
	unsigned cmd_count;
	struct leg_cmd cmd[WORLD_CMDS];
};

struct fake_session {
	bool live, closed;
	call_id call;
	unsigned sets;
	struct media_params params; /* the last ones */
};

struct world {
	struct call_table *table;
	struct deadline_queue deadlines;
	int64_t now_us;
	struct fake_leg leg[WORLD_LEGS];
	bool keep_gone; /* legs that are gone can be looked at for a while */
	unsigned next_leg;
	struct fake_session session[WORLD_SESSIONS];
	struct call_port span, trunk;
	/* Faults to come */
	bool emergency;	    /* routes say so */
	int free_channels;  /* for legs B; -1: any number */
	bool fail_open, fail_media, no_route, span_down, same_side;
	bool route_waits; /* the test says call_table_routed() */
	unsigned more_ways; /* of each route; cause 34 opens the next one */
	int in_use[CALL_WAYS_MAX]; /* of the limits that ways have */
	bool gone_inside_clear; /* legs say GONE from inside LEG_CLEAR */
	bool hold_turns;	/* world_turn() does nothing */
	unsigned records;
	struct call_record record; /* the last one */
	unsigned broken;	   /* promises that the table broke */
};

void world_init(struct world *w, unsigned calls_max);
void world_fini(struct world *w);
/* Adds time and runs deadlines and the table. */
void world_advance(struct world *w, int64_t us);
void world_turn(struct world *w);

/* A new call from the span (ISDN) or the trunk (with an offer, unless told otherwise). NULL when
 * the table refused it. */
struct fake_leg *world_call_from_span(struct world *w, enum call_ringback ringback);
struct fake_leg *world_call_from_trunk(struct world *w, bool with_offer);
/* Announces a setup of the test's own making. */
struct fake_leg *world_call(struct world *w, const struct call_setup *setup);
/* The live leg B of a call, the session of a call; NULL when there is none. */
struct fake_leg *world_leg_b(struct world *w, call_id call);
struct fake_session *world_session(struct world *w, call_id call);

/* The leg says something (and the table is turned). */
void leg_says(struct fake_leg *leg, enum call_event_type type);
void leg_says_pi(struct fake_leg *leg, enum call_event_type type, uint8_t pi);
void leg_says_media(struct fake_leg *leg, enum call_event_type type, const struct media_desc *d);
void leg_says_cause(struct fake_leg *leg, enum call_event_type type, uint8_t cause);
void leg_posts(struct fake_leg *leg, const struct call_event *ev); /* without turning */
void session_says(struct world *w, struct fake_session *s, enum call_event_type type);

/* The number of commands of a type that a leg was given; the last one of them. */
unsigned leg_count(const struct fake_leg *leg, enum leg_cmd_type type);
const struct leg_cmd *leg_last(const struct fake_leg *leg, enum leg_cmd_type type);

/* A description with one PCMA format at 192.0.2.host:port. */
struct media_desc world_desc(unsigned host, uint16_t port);

#endif
