/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A decision of the number plan: a struct call_route. plan_begin() once a call, then plan_step() until it has decided;
 * between steps the caller asks what ctx->query wants (ENUM, HTTP) and comes back with the answer,
 * or with PLAN_ANSWER_FAILED when query.timeout_ms have passed. Everything that changes comes in as
 * values: wall time, how busy things are, random. So the same call decides the same again, and
 * `plan test` explains live decisions with this very code (env.trace).
 *
 * Pure: no clock, no memory, no I/O. Control thread, or any that holds the plan.
 */
#ifndef GATEWAY_PLAN_DECIDE_H
#define GATEWAY_PLAN_DECIDE_H

#include "gateway/call/call_route.h"
#include "gateway/plan/rule.h"

struct plan;

enum { PLAN_QUERY_MAX = 256, PLAN_STEP_TEXT = 256 };

/* What rules see and change of a call. */
struct plan_values {
	struct call_number number[PLAN_NUMBERS];
	char name[CALL_NAME_MAX + 1];              /* calling name */
	struct call_porting porting;               /* of the called number; rules see nothing of it */
	enum call_bearer bearer;
};

/* How busy what a limit counts is; the owner of the calls keeps one per limit (plan_limits()). */
struct plan_usage {
	uint32_t calls;     /* now */
	uint32_t in_second, in_minute; /* begun in the last one */
};

/* One line of an explanation. text is complete; rule may be NULL. */
enum plan_step_kind {
	PLAN_STEP_NUMBER,   /* what a number became at the edge */
	PLAN_STEP_REWRITE,  /* a rewrite rule changed something */
	PLAN_STEP_SKIP,     /* a rule does not fit: why */
	PLAN_STEP_TAKE,     /* the rule that decides */
	PLAN_STEP_LOOKUP,
	PLAN_STEP_TARGET,   /* a way out, in order */
	PLAN_STEP_TARGET_SKIP, /* one that cannot be used now: why */
	PLAN_STEP_REFUSE,
};
struct plan_step_note {
	enum plan_step_kind kind;
	const char *rule;
	unsigned line;
	char text[PLAN_STEP_TEXT];
};
typedef void (*plan_trace_fn)(void *arg, const struct plan_step_note *note);

struct plan_env {
	int64_t wall_us;    /* UTC, since 1970 */
	uint64_t random;    /* drawn anew for each call */
	const struct plan_usage *usage; /* plan_limits() of them; NULL: nothing is busy */
	plan_trace_fn trace; /* NULL in live calls: then texts cost nothing */
	const char *(*trunk_name)(void *arg, uint16_t index); /* for its texts; may be NULL */
	void *trace_arg;     /* of both */
};

enum plan_answer_kind { PLAN_ANSWER_FOUND, PLAN_ANSWER_NOT_FOUND, PLAN_ANSWER_FAILED };
struct plan_answer {
	enum plan_answer_kind kind;
	bool has_called, has_name;
	struct call_number called;    /* FOUND: replaces the called number (inner form) */
	struct call_porting porting;  /* likewise, of called */
	char name[CALL_NAME_MAX + 1]; /* FOUND: replaces the calling name */
};

struct plan_query {
	enum plan_lookup_kind kind;
	char text[PLAN_QUERY_MAX]; /* ENUM: the domain (RFC 6116 3.2); HTTP: "service number" */
	uint32_t timeout_ms;
};

struct plan_ctx {
	const struct plan *plan;  /* the caller holds it until the call has its decision */
	struct call_endpoint source;
	struct plan_values values; /* inner form */
	struct plan_values before; /* the rule that waits changed them */
	bool emergency;           /* the called number is one, says the edge's profile or a rule */
	uint64_t last_key;        /* rules up to this rank have been tried */
	bool waiting;             /* for the answer to query */
	unsigned rule;            /* that waits */
	struct plan_query query;
};

enum plan_result { PLAN_DECIDED, PLAN_NEEDS_ANSWER };

void plan_begin(struct plan_ctx *ctx, const struct plan *plan, const struct call_setup *setup,
		const struct plan_env *env);
/* answer: NULL in the first step. *out is filled in when PLAN_DECIDED comes back. */
enum plan_result plan_step(struct plan_ctx *ctx, const struct plan_env *env,
			   const struct plan_answer *answer, struct call_route *out);
/* Both in one, look-ups failing at once. */
void plan_decide(const struct plan *plan, const struct call_setup *setup,
		 const struct plan_env *env, struct call_route *out);
/* The number that answered, as leg A is to see it: read by the profile of b, where leg B is, changed
 * by the rewrites of stage answer, written as setup->source wants calling numbers. setup: as leg A
 * brought it. A number that is not present stays so. */
void plan_connected(const struct plan *plan, const struct call_setup *setup, struct call_endpoint b,
		    struct call_number *n, const struct plan_env *env);

#endif
