/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a number plan consists of, as values: rules with what they match, what they set and where
 * they send calls. The configuration reader and importers fill these in; plan_create() (plan.h)
 * copies, checks and compiles them. Texts belong to the caller and may go after plan_create().
 *
 * All numbers are seen in their inner form: E.164 (e164.h) has TON international and no +, what is
 * short or unknown keeps its digits and type. A leading + in a match or in what is set means TON
 * international.
 */
#ifndef GATEWAY_PLAN_RULE_H
#define GATEWAY_PLAN_RULE_H

#include "gateway/call/call_types.h"

enum plan_number { PLAN_CALLED, PLAN_CALLING, PLAN_REDIRECTING, PLAN_CONNECTED, PLAN_NUMBERS };

enum plan_match_kind {
	PLAN_MATCH_ANY,
	PLAN_MATCH_PREFIX,  /* "+8621": first digits */
	PLAN_MATCH_PATTERN, /* "+86 1[3-9]X.": the whole number; pattern.h */
	PLAN_MATCH_RANGE,   /* "+4930555000-+4930555999": equally long, the whole number */
	PLAN_MATCH_REGEX,   /* PCRE2, anchored by nothing; sees "+…" for E.164 */
	PLAN_MATCH_LIST,    /* longest prefix in plan_cfg.list[list] */
};

/* One number, all of it must fit. All zero: any number, also none. */
struct plan_match {
	enum plan_match_kind kind;
	const char *text;  /* NULL with ANY and LIST */
	uint16_t list;     /* index */
	uint8_t tons;      /* bits 1 << enum call_ton; 0: any */
	uint16_t npis;     /* bits 1 << enum call_npi; 0: any */
	uint8_t presentations; /* bits 1 << enum call_presentation; 0: any */
	bool absent;       /* there must be no such number */
};

static inline bool plan_match_is_nothing(const struct plan_match *m)
{
	return m->kind == PLAN_MATCH_ANY && !m->tons && !m->npis && !m->presentations && !m->absent;
}

/* What becomes of one number. All zero but the four -1: nothing. strip and prepend, or number. */
struct plan_set {
	uint8_t strip;       /* digits off the front */
	const char *prepend; /* NULL: none; a leading + sets TON international, NPI E.164 */
	const char *number;  /* NULL, or the whole new number; $1…$9 when the rule's match is REGEX */
	/* -1: leave, but a new number has type unknown, or international with its +; PLAN_TON_SAME: the
	 * new number keeps the type of the old one. */
	int8_t ton;
	int8_t npi, presentation, screening; /* -1: leave */
	bool remove;         /* the number is not sent at all */
};
enum { PLAN_TON_SAME = -2 };
#define PLAN_SET_NOTHING ((struct plan_set){.ton = -1, .npi = -1, .presentation = -1, .screening = -1})

/* 0 in a field: no limit. */
struct plan_limit {
	uint32_t calls;      /* at once */
	uint32_t per_second, per_minute; /* begun */
	uint8_t cause;       /* reached: refuse with this cause; 0: try what comes next */
};

/* When a rule holds, in the plan's time zone or its own. All zero: always. */
struct plan_when {
	uint8_t days;        /* bits, 1 << 0 is Monday … 1 << 6 Sunday; 0: all */
	struct plan_span_of_day { uint16_t from_min, to_min; } time[4]; /* [from, to); over midnight
				* when to < from; the day is then that of the beginning */
	uint8_t time_count;
	struct plan_dates { int32_t from, to; } dates[8]; /* days since 1970-01-01, both included */
	uint8_t date_count;
	int8_t holidays;     /* 1: only on them, -1: never on them, 0: no matter */
	uint16_t zone;       /* index + 1 of plan_cfg.zone; 0: the plan's */
};

struct plan_target {
	struct call_endpoint to;
	uint16_t priority;   /* lower first */
	uint16_t weight;     /* share among equal priority and cost; 0 counts as 1 */
	uint32_t cost;       /* millionths; lower first among equal priority */
	struct plan_limit limit;
	struct plan_set set[PLAN_NUMBERS]; /* after the rule's own */
};

enum plan_stage {
	PLAN_ROUTE,     /* chooses where the call goes: the best one that fits, once */
	PLAN_REWRITE_IN,  /* before routing: every one that fits, in order (but see group) */
	PLAN_REWRITE_OUT, /* after routing, for each target: `to` names targets, 0 of them: all */
	PLAN_REWRITE_ANSWER, /* the connected number on its way back */
};

struct plan_rule {
	const char *name;
	enum plan_stage stage;
	unsigned line;       /* in the configuration, for messages */
	const char *group;   /* rewrites: of those that follow each other with the same group only the
				first that fits is used; NULL: none */
	/* conditions */
	const struct call_endpoint *from; /* any of these; count 0: any source */
	unsigned from_count;
	struct plan_match match[PLAN_NUMBERS];
	const char *match_name; /* calling name, PCRE2; NULL: any */
	const enum call_bearer *bearer; /* any of these; count 0: any */
	unsigned bearer_count;
	struct plan_when when;
	struct plan_limit limit; /* PLAN_ROUTE only */
	/* what it does */
	struct plan_set set[PLAN_NUMBERS];
	const char *set_name;   /* calling name; NULL: leave */
	int16_t set_bearer;     /* enum call_bearer, -1: leave */
	const struct plan_target *target;
	unsigned target_count;  /* 0 with bar, with a list that has its own targets, or a rewrite */
	uint8_t bar;            /* refuse with this cause; 0: no */
	bool emergency;         /* asked before all others; no limit, hour or bar holds it up */
	bool first;             /* asked before those without it, but behind emergency rules */
	bool first_given;       /* somebody has thought of it: nothing for lint to say */
	uint16_t lookup;        /* index + 1 of plan_cfg.lookup, asked before the targets; 0: none */
	bool reroute_given;     /* reroute holds; else the plan's */
	uint32_t reroute[4];    /* bit set over causes 0…127 that open the next target */
};

/* A rule that says nothing yet. */
static inline struct plan_rule plan_rule_nothing(void)
{
	struct plan_rule r = {.set_bearer = -1};

	for (int i = 0; i < PLAN_NUMBERS; i++)
		r.set[i] = PLAN_SET_NOTHING;
	return r;
}
static inline struct plan_target plan_target_nothing(void)
{
	struct plan_target t = {.to = {CALL_EP_NONE, 0}};

	for (int i = 0; i < PLAN_NUMBERS; i++)
		t.set[i] = PLAN_SET_NOTHING;
	return t;
}

enum plan_lookup_kind { PLAN_LOOKUP_ENUM, PLAN_LOOKUP_HTTP };
struct plan_lookup {
	const char *name;
	enum plan_lookup_kind kind;
	const char *where;      /* ENUM: suffix "e164.arpa"; HTTP: name of the service asked */
	uint32_t timeout_ms;
	enum plan_fallback {
		PLAN_FALLBACK_CONTINUE, /* the rule's targets with the number as it is */
		PLAN_FALLBACK_NEXT,     /* as if the rule did not fit */
	} fallback;
	uint8_t cause;          /* not 0: refuse with it instead */
	bool routing_called;    /* the routing number of a ported one becomes the called number */
};

#endif
