/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notes of an explanation, made only when env->trace asks for them; in live calls each of
 * these is one comparison. Private to gateway/plan/.
 */
#ifndef GATEWAY_PLAN_TRACE_H
#define GATEWAY_PLAN_TRACE_H

#include "gateway/plan/plan_priv.h"

/* A buffer for a reason, empty; NULL when nobody listens. */
struct strbuf *trace_buffer(const struct plan_env *env, struct strbuf *b,
			    char text[PLAN_STEP_TEXT]);
void trace_normalised(const struct plan_env *env, enum plan_number which,
		      const struct call_number *n, const struct e164 *e);
void trace_rewritten(const struct plan_env *env, const struct rule_parts *r, enum plan_number which,
		     const struct call_number *before, const struct call_number *after);
void trace_impossible(const struct plan_env *env, const struct rule_parts *r,
		      enum plan_number which, const struct call_number *n);
void trace_name(const struct plan_env *env, const struct rule_parts *r);
/* Every routing rule whose called number does not fit. */
void trace_all_misfits(const struct plan_env *env, const struct plan_ctx *ctx);
void trace_skip(const struct plan_env *env, const struct rule_parts *r, const char *why);
void trace_take(const struct plan_env *env, const struct rule_parts *r);
void trace_answer(const struct plan_env *env, const struct rule_parts *r,
		  const struct plan_lookup *l, const struct plan_answer *answer);
void trace_target(const struct plan_env *env, const struct rule_parts *r, const struct call_way *w);
void trace_target_skip(const struct plan_env *env, const struct rule_parts *r,
		       struct call_endpoint to, const char *why);
/* r NULL: no rule did it. */
void trace_refuse(const struct plan_env *env, const struct rule_parts *r, uint8_t cause,
		  const char *why);

#endif
