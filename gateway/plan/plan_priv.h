/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside a plan: rules as they were given, beside what was compiled from them. Private to
 * gateway/plan/: create.c builds it, match.c and set.c read single rules, decide.c ties them.
 */
#ifndef GATEWAY_PLAN_PLAN_PRIV_H
#define GATEWAY_PLAN_PLAN_PRIV_H

#include "gateway/base/strbuf.h"
#include "gateway/plan/create.h"
#include "gateway/plan/list.h"
#include "gateway/plan/pattern.h"
#include "gateway/plan/regex.h"
#include "gateway/plan/rule_tree.h"
#include "gateway/plan/zone.h"

struct match_part {
	bool e164; /* the text had a + */
	struct pattern pattern;	 /* PREFIX, PATTERN */
	char first[CALL_DIGITS_MAX + 1], last[CALL_DIGITS_MAX + 1]; /* RANGE */
	struct regex *regex;	 /* REGEX */
	const struct plan_list *list; /* LIST */
};

struct rule_parts {
	struct plan_rule given; /* texts, targets… belong to the plan */
	struct match_part *match[PLAN_NUMBERS]; /* NULL: any digits */
	struct regex *name;
	uint64_t key; /* rank: the lower is asked first. Of a list's rule: without its length */
	uint16_t limit; /* 1 + index; 0: none */
	uint16_t *target_limit; /* per target */
};

struct limit_entry {
	char *name;
	struct plan_limit limit;
};

struct plan {
	enum plan_order order;
	struct rule_parts *rule; /* in the order of the file */
	unsigned rule_count;
	uint32_t *by_rank; /* PLAN_ROUTE only, indexes */
	unsigned route_count;
	uint32_t *by_rewrite; /* the others, in the order of the file */
	unsigned rewrite_count;
	uint32_t *by_list; /* PLAN_ROUTE whose called number is looked for in a list */
	unsigned list_rule_count;
	struct rule_tree *tree; /* of the other PLAN_ROUTE rules; values are places in by_rank */
	struct plan_edge *edge;
	unsigned edge_count;
	struct plan_list **list;
	unsigned list_count;
	struct plan_lookup *lookup;
	unsigned lookup_count;
	struct zone **zone;
	unsigned zone_count;
	bool zone_is_plans;
	int32_t *holiday; /* ascending */
	unsigned holiday_count;
	uint32_t reroute[4];
	struct limit_entry *limit;
	unsigned limit_count;
	struct block *memory; /* all texts and arrays of rules */
};

/* The key of a rule whose called number fits in length digits with that width. */
uint64_t plan_key(const struct plan *p, const struct plan_rule *r, unsigned index, unsigned length,
		  unsigned width);

static inline bool plan_is_e164(const struct call_number *n)
{
	return n->ton == CALL_TON_INTERNATIONAL &&
	       (n->npi == CALL_NPI_E164 || n->npi == CALL_NPI_UNKNOWN);
}

/* ── match.c ── */

/* Does the number fit? why: NULL, or gets the reason when not. */
bool plan_match_number(const struct rule_parts *r, enum plan_number which,
		       const struct call_number *n, struct strbuf *why);
/* All conditions but the called number's digits and the limit. */
bool plan_match_rest(const struct plan *p, const struct rule_parts *r, const struct plan_ctx *ctx,
		     const struct plan_env *env, struct strbuf *why);
bool plan_when_holds(const struct plan *p, const struct plan_when *w, int64_t wall_us,
		     struct strbuf *why);
bool plan_limit_free(const struct plan *p, uint16_t limit, const struct plan_env *env,
		     struct strbuf *why);
/* "+8613…", "112 (national)", "none". Returns out. */
enum { PLAN_NUMBER_TEXT = 80 };
const char *plan_number_text(const struct call_number *n, char out[PLAN_NUMBER_TEXT]);
enum { PLAN_ENDPOINT_TEXT = CALL_NAME_MAX + 8 };
const char *plan_endpoint_text(const struct plan_env *env, struct call_endpoint ep,
			       char out[PLAN_ENDPOINT_TEXT]);
extern const char *const plan_number_name[PLAN_NUMBERS];

/* ── set.c ── */

/* Carries a set out. false: it cannot be (longer than 32 digits, shorter than strip); *n is then as
 * before. */
bool plan_set_apply(const struct plan_set *s, const struct match_part *match, struct call_number *n);
bool plan_set_is_nothing(const struct plan_set *s);
/* The sets of a rule or target, and the rule's name and bearer with its own. A number other than the
 * called one that cannot be rewritten stays as it is. false: the called one cannot. */
bool plan_set_all(const struct rule_parts *r, const struct plan_set set[PLAN_NUMBERS],
		  struct plan_values *v, const struct plan_env *env);

/* ── numbers.c ── */

/* Begins ctx: the numbers of the call as leg A brought them, in their inner form. */
void plan_take_values(struct plan_ctx *ctx, const struct plan *plan, const struct call_setup *setup,
		      const struct plan_env *env);
/* From its inner form into that of the edge. */
void plan_denormalise(const struct plan_edge *edge, bool calling, struct call_number *n);
/* Carries out the rewrites of a stage. to: a target, for stage out. */
void plan_rewrite(const struct plan *p, enum plan_stage stage, struct call_endpoint to,
		  struct plan_ctx *ctx, const struct plan_env *env);

#endif
