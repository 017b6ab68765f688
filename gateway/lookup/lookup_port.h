/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who answers the number plan's questions (ENUM, HTTP), as the plan's owner sees it: a port that the
 * program fills in, and what is counted. Asking never blocks; the answer comes back later, under the
 * question's id, or never: then time runs out. An answer that comes too late finds nobody.
 * Values; control thread.
 */
#ifndef GATEWAY_PLAN_LOOKUP_PORT_H
#define GATEWAY_PLAN_LOOKUP_PORT_H

#include "gateway/base/net_addr.h"
#include "gateway/plan/decide.h"

/* Valid while ask() runs. */
struct lookup_question {
	uint64_t id; /* never twice */
	enum plan_lookup_kind kind;
	char where[PLAN_QUERY_MAX]; /* ENUM: the domain (RFC 6116 3.2); HTTP: the service's name */
	char number[CALL_DIGITS_MAX + 2];  /* called; "+" before E.164 */
	char calling[CALL_DIGITS_MAX + 2]; /* likewise; empty: not given */
	uint32_t timeout_ms;
};

struct lookup_port {
	void *arg;
	/* Who is asked, a number of its own; 0: there is nobody to ask. Must not answer before it
	 * returns. NULL: nobody ever. */
	uint32_t (*ask)(void *arg, const struct lookup_question *question);
};

/* asked is the sum of those down to waiting. */
struct lookup_counters {
	uint64_t asked;
	uint64_t found, not_found;
	uint64_t failed;    /* nobody to ask, or the one asked could not tell, or went away */
	uint64_t timed_out; /* no answer in time */
	uint64_t dropped;   /* the call ended first */
	unsigned waiting;   /* now */
	uint64_t late;	    /* answers that nobody waited for any more */
	uint64_t in_row;    /* failed or timed out since the last answer */
};

/* A DNS server that is asked. */
struct lookup_server {
	struct net_addr addr;
	uint64_t asked, answered; /* datagrams; answered: of whatever kind */
	uint64_t in_row;	  /* asked since the last answer */
	int64_t answered_us;	  /* monotonic, the last one; 0: never */
};

#endif
