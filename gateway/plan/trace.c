/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/trace.h"

#include <string.h>

static void note(const struct plan_env *env, enum plan_step_kind kind, const struct rule_parts *r,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
static void note(const struct plan_env *env, enum plan_step_kind kind, const struct rule_parts *r,
		 const char *format, ...)
{
	struct plan_step_note n = {.kind = kind};
	struct strbuf b;
	va_list ap;

	if (r) {
		n.rule = r->given.name;
		n.line = r->given.line;
	}
	strbuf_init(&b, n.text, sizeof(n.text));
	va_start(ap, format);
	strbuf_vaddf(&b, format, ap);
	va_end(ap);
	env->trace(env->trace_arg, &n);
}

struct strbuf *trace_buffer(const struct plan_env *env, struct strbuf *b, char text[PLAN_STEP_TEXT])
{
	if (!env->trace)
		return NULL;
	strbuf_init(b, text, PLAN_STEP_TEXT);
	return b;
}

void trace_normalised(const struct plan_env *env, enum plan_number which,
		      const struct call_number *n, const struct e164 *e)
{
	static const char *const read[] = {
	    [E164_READ_NONE] = "left as it came",
	    [E164_READ_TYPE] = "its type of number says so",
	    [E164_READ_INTERNATIONAL] = "behind the international prefix",
	    [E164_READ_NATIONAL] = "behind the national prefix",
	    [E164_READ_LOCAL] = "a number of the own area",
	    [E164_READ_BARE] = "without any prefix",
	    [E164_READ_SHORT] = "a short number of the country",
	};
	char text[PLAN_NUMBER_TEXT];

	if (!env->trace)
		return;
	note(env, PLAN_STEP_NUMBER, NULL, "the %s number is %s: %s%s%s%s",
	     plan_number_name[which], plan_number_text(n, text), read[e->read],
	     e->kind == E164_EMERGENCY ? ", an emergency number" : "", e->note ? "; " : "",
	     e->note ? e->note : "");
}

void trace_rewritten(const struct plan_env *env, const struct rule_parts *r, enum plan_number which,
		     const struct call_number *before, const struct call_number *after)
{
	char was[PLAN_NUMBER_TEXT], is[PLAN_NUMBER_TEXT];

	if (env->trace)
		note(env, PLAN_STEP_REWRITE, r, "the %s number %s becomes %s",
		     plan_number_name[which], plan_number_text(before, was),
		     plan_number_text(after, is));
}

void trace_impossible(const struct plan_env *env, const struct rule_parts *r,
		      enum plan_number which, const struct call_number *n)
{
	char text[PLAN_NUMBER_TEXT];

	if (env->trace)
		note(env, PLAN_STEP_REWRITE, r,
		     "the %s number %s cannot be rewritten so: too short for what is taken off, or "
		     "too long",
		     plan_number_name[which], plan_number_text(n, text));
}

void trace_name(const struct plan_env *env, const struct rule_parts *r)
{
	if (env->trace)
		note(env, PLAN_STEP_REWRITE, r, "the calling name becomes \"%s\"",
		     r->given.set_name);
}

void trace_all_misfits(const struct plan_env *env, const struct plan_ctx *ctx)
{
	const struct plan *p = ctx->plan;

	for (unsigned i = 0; i < p->route_count && env->trace; i++) {
		const struct rule_parts *r = &p->rule[p->by_rank[i]];
		char text[PLAN_STEP_TEXT];
		struct strbuf b;

		strbuf_init(&b, text, sizeof(text));
		if (!plan_match_number(r, PLAN_CALLED, &ctx->values.number[PLAN_CALLED], &b))
			trace_skip(env, r, text);
	}
}

void trace_skip(const struct plan_env *env, const struct rule_parts *r, const char *why)
{
	if (env->trace)
		note(env, PLAN_STEP_SKIP, r, "%s", why);
}

void trace_take(const struct plan_env *env, const struct rule_parts *r)
{
	if (env->trace)
		note(env, PLAN_STEP_TAKE, r, "%s", r->given.emergency
						       ? "it fits; an emergency rule, asked first"
						       : "it fits");
}

void trace_answer(const struct plan_env *env, const struct rule_parts *r,
		  const struct plan_lookup *l, const struct plan_answer *answer)
{
	const struct call_number *routing = &answer->porting.routing;
	char text[PLAN_NUMBER_TEXT], routed[PLAN_NUMBER_TEXT];

	if (!env->trace)
		return;
	if (answer->kind == PLAN_ANSWER_FOUND && answer->has_called && routing->present)
		note(env, PLAN_STEP_LOOKUP, r, "%s: found, %s is ported, its routing number %s %s",
		     l->name, plan_number_text(&answer->called, text),
		     plan_number_text(routing, routed),
		     l->routing_called ? "becomes the called number" : "goes along (SIP)");
	else if (answer->kind == PLAN_ANSWER_FOUND && answer->has_called)
		note(env, PLAN_STEP_LOOKUP, r, "%s: found, the called number becomes %s", l->name,
		     plan_number_text(&answer->called, text));
	else if (answer->kind == PLAN_ANSWER_FOUND)
		note(env, PLAN_STEP_LOOKUP, r, "%s: found", l->name);
	else
		note(env, PLAN_STEP_LOOKUP, r, "%s: %s%s", l->name,
		     answer->kind == PLAN_ANSWER_NOT_FOUND ? "not found" : "no answer in time",
		     l->fallback == PLAN_FALLBACK_NEXT ? "; the next rule is asked" : "");
}

void trace_target(const struct plan_env *env, const struct rule_parts *r, const struct call_way *w)
{
	char called[PLAN_NUMBER_TEXT], calling[PLAN_NUMBER_TEXT], to[PLAN_ENDPOINT_TEXT];

	if (!env->trace)
		return;
	note(env, PLAN_STEP_TARGET, r, "%s, called %s, calling %s",
	     plan_endpoint_text(env, w->to, to),
	     plan_number_text(&w->called, called),
	     plan_number_text(&w->calling, calling));
}

void trace_target_skip(const struct plan_env *env, const struct rule_parts *r,
		       struct call_endpoint to, const char *why)
{
	char text[PLAN_ENDPOINT_TEXT];

	if (env->trace)
		note(env, PLAN_STEP_TARGET_SKIP, r, "%s: %s", plan_endpoint_text(env, to, text),
		     why);
}

void trace_refuse(const struct plan_env *env, const struct rule_parts *r, uint8_t cause,
		  const char *why)
{
	if (env->trace)
		note(env, PLAN_STEP_REFUSE, r, "refused with cause %u: %s", cause, why);
}
