/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lookup/lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/strbuf.h"

enum { SLOT_BITS = 20 }; /* of a call id, slots.h; a question's id has the same slot */

struct waiting {
	struct lookup *lookup;
	call_id call;
	uint64_t question; /* 0: does not wait */
	uint32_t who;	   /* is asked */
	uint64_t random;
	uint64_t plan_use; /* core_plan.uses when ctx began: else ctx.plan is gone */
	struct call_setup setup;
	struct plan_ctx ctx;
	struct deadline deadline;
};

struct lookup {
	struct lookup_cfg cfg;
	struct lookup_counters counters;
	uint64_t last_question;
	struct waiting *by_slot; /* calls_max of them; memory that no call has used stays untouched */
};

static const struct plan_answer no_answer = {.kind = PLAN_ANSWER_FAILED};

int lookup_create(struct lookup **out, const struct lookup_cfg *cfg)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (l)
		l->by_slot = calloc(cfg->calls_max, sizeof(*l->by_slot));
	if (!l || !l->by_slot) {
		free(l);
		return -ENOMEM;
	}
	l->cfg = *cfg;
	*out = l;
	return 0;
}

/* It waits no more. */
static void end_wait(struct waiting *w)
{
	w->question = 0;
	w->lookup->counters.waiting--;
	deadline_cancel(w->lookup->cfg.deadlines, &w->deadline);
}

void lookup_destroy(struct lookup *l)
{
	if (!l)
		return;
	for (unsigned i = 0; i < l->cfg.calls_max && l->counters.waiting; i++)
		if (l->by_slot[i].question)
			end_wait(&l->by_slot[i]);
	free(l->by_slot);
	free(l);
}

static struct waiting *at_slot(struct lookup *l, uint64_t id)
{
	uint64_t slot = id & ((1u << SLOT_BITS) - 1);

	return slot < l->cfg.calls_max ? &l->by_slot[slot] : NULL;
}

static void count_failure(struct waiting *w, uint64_t *counter, const char *why)
{
	++*counter;
	w->lookup->counters.in_row++;
	LOG(LOG_WARN, "lookup.failed", w->call, L_S("query", w->ctx.query.text), L_S("why", why));
}

static void write_number(char *out, size_t size, const struct call_number *n)
{
	bool e164 = n->ton == CALL_TON_INTERNATIONAL;
	struct strbuf b;

	strbuf_init(&b, out, size);
	if (n->present)
		strbuf_addf(&b, "%s%s", e164 ? "+" : "", n->digits);
}

static void make_question(const struct waiting *w, struct lookup_question *q)
{
	const struct plan_query *query = &w->ctx.query;
	const struct call_number *number = w->ctx.values.number;

	*q = (struct lookup_question){
	    .id = w->question, .kind = query->kind, .timeout_ms = query->timeout_ms};
	str_copy(q->where, sizeof(q->where), query->text);
	if (query->kind == PLAN_LOOKUP_HTTP) /* "service number" */
		q->where[strcspn(q->where, " ")] = '\0';
	write_number(q->number, sizeof(q->number), &number[PLAN_CALLED]);
	write_number(q->calling, sizeof(q->calling), &number[PLAN_CALLING]);
}

static const char *nobody_because(enum plan_lookup_kind kind)
{
	return kind == PLAN_LOOKUP_HTTP
		   ? "no program answers for this service: is spanbridge-lookup running?"
		   : "DNS cannot be asked: too many questions wait, or there was a dns.unusable";
}

static bool ask(struct waiting *w, int64_t now_us)
{
	struct lookup *l = w->lookup;
	struct lookup_question q;

	l->counters.asked++;
	w->question = ++l->last_question << SLOT_BITS | (w->call & ((1u << SLOT_BITS) - 1));
	make_question(w, &q);
	w->who = l->cfg.port.ask ? l->cfg.port.ask(l->cfg.port.arg, &q) : 0;
	if (!w->who) {
		w->question = 0;
		count_failure(w, &l->counters.failed, nobody_because(q.kind));
		return false;
	}
	l->counters.waiting++;
	deadline_set(l->cfg.deadlines, &w->deadline,
		     now_us + (int64_t)q.timeout_ms * US_PER_MS);
	return true;
}

static void begin(struct waiting *w, const struct call_setup *setup)
{
	w->plan_use = w->lookup->cfg.plan->uses;
	core_plan_begin(w->lookup->cfg.plan, &w->ctx, setup, clock_wall_us(), w->random);
}

/* true: decided. false: somebody is asked. */
static bool go_on(struct waiting *w, int64_t now_us, const struct plan_answer *answer,
		  struct call_route *out)
{
	struct core_plan *plan = w->lookup->cfg.plan;

	while (core_plan_step(plan, &w->ctx, clock_wall_us(), w->random, answer, out) ==
	       PLAN_NEEDS_ANSWER) {
		if (ask(w, now_us))
			return false;
		answer = &no_answer;
	}
	return true;
}

/* The plan has been swapped since the question: the new one decides, from the beginning. What was
 * answered is used when it asks the same first. */
static bool go_on_anew(struct waiting *w, int64_t now_us, const struct plan_answer *answer,
		       struct call_route *out)
{
	struct core_plan *plan = w->lookup->cfg.plan;
	struct plan_query asked = w->ctx.query;

	begin(w, &w->setup);
	if (core_plan_step(plan, &w->ctx, clock_wall_us(), w->random, NULL, out) == PLAN_DECIDED)
		return true;
	if (w->ctx.query.kind == asked.kind && strcmp(w->ctx.query.text, asked.text) == 0)
		return go_on(w, now_us, answer, out);
	return ask(w, now_us) ? false : go_on(w, now_us, &no_answer, out);
}

static void take(struct waiting *w, int64_t now_us, const struct plan_answer *answer)
{
	struct lookup *l = w->lookup;
	struct call_route route = {.count = 0};
	bool same_plan = w->plan_use == l->cfg.plan->uses;

	end_wait(w);
	if (same_plan ? go_on(w, now_us, answer, &route) : go_on_anew(w, now_us, answer, &route))
		l->cfg.decided(l->cfg.arg, w->call, &route);
}

static void on_timeout(void *arg, int64_t now_us)
{
	struct waiting *w = arg;

	count_failure(w, &w->lookup->counters.timed_out, "no answer in time");
	take(w, now_us, &no_answer);
}

/* What can be said without asking, for a call that has no place yet. */
static bool decide_at_once(struct lookup *l, const struct call_setup *setup, uint64_t random,
			   struct call_route *out)
{
	struct plan_ctx ctx;

	core_plan_begin(l->cfg.plan, &ctx, setup, clock_wall_us(), random);
	return core_plan_step(l->cfg.plan, &ctx, clock_wall_us(), random, NULL, out) ==
	       PLAN_DECIDED;
}

bool lookup_route(struct lookup *l, int64_t now_us, call_id call, const struct call_setup *setup,
		  uint64_t random, struct call_route *out)
{
	struct waiting *w = at_slot(l, call);

	if (!call)
		return decide_at_once(l, setup, random, out);
	if (w->question)
		lookup_drop(l, w->call);
	w->lookup = l;
	w->call = call;
	w->random = random;
	deadline_init(&w->deadline, on_timeout, w);
	begin(w, setup);
	if (go_on(w, now_us, NULL, out))
		return true;
	w->setup = *setup;
	return false;
}

bool lookup_answer(struct lookup *l, int64_t now_us, uint64_t question,
		   const struct plan_answer *answer, const char *why)
{
	struct waiting *w = at_slot(l, question);

	if (!w || !question || w->question != question) {
		l->counters.late++;
		return false;
	}
	if (answer->kind == PLAN_ANSWER_FAILED) {
		count_failure(w, &l->counters.failed,
			      why ? why : "the one asked could not tell");
	} else {
		++*(answer->kind == PLAN_ANSWER_FOUND ? &l->counters.found
						      : &l->counters.not_found);
		l->counters.in_row = 0;
	}
	take(w, now_us, answer);
	return true;
}

void lookup_lost(struct lookup *l, int64_t now_us, uint32_t who)
{
	unsigned left = l->counters.waiting;

	for (unsigned i = 0; i < l->cfg.calls_max && left; i++) {
		struct waiting *w = &l->by_slot[i];

		if (!w->question)
			continue;
		left--;
		if (w->who != who)
			continue;
		count_failure(w, &l->counters.failed, "the one asked is gone");
		take(w, now_us, &no_answer);
	}
}

void lookup_drop(struct lookup *l, call_id call)
{
	struct waiting *w = at_slot(l, call);

	if (!w || !w->question || w->call != call)
		return;
	l->counters.dropped++;
	end_wait(w);
}

const struct lookup_counters *lookup_counters(const struct lookup *l)
{
	return &l->counters;
}
