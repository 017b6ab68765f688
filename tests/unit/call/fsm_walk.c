/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/call/fsm_walk.h"

#include <stdlib.h>
#include <string.h>

/* The default one falls through switch labels without saying so to clang. */
#define HASH_FUNCTION(key, len, value) HASH_FNV(key, len, value)
#include <uthash.h>

struct node {
	struct call_ctx ctx;
	struct shadow shadow;
};
_Static_assert(sizeof(struct node) == sizeof(struct call_ctx) + sizeof(struct shadow),
	       "nodes are compared octet by octet");

struct seen {
	struct node node;
	struct seen *next; /* not yet expanded */
	UT_hash_handle hh;
};
struct seen_ctx {
	struct call_ctx ctx;
	UT_hash_handle hh;
};

struct search {
	struct walk *w;
	struct seen *seen, *first, *last;
	struct seen_ctx *contexts;
};

static void add_context(struct search *s, const struct call_ctx *ctx)
{
	struct seen_ctx *found;

	HASH_FIND(hh, s->contexts, ctx, sizeof(*ctx), found);
	if (found)
		return;
	found = calloc(1, sizeof(*found));
	if (!found)
		abort();
	found->ctx = *ctx;
	HASH_ADD(hh, s->contexts, ctx, sizeof(found->ctx), found);
	s->w->contexts++;
}

static void add_node(struct search *s, const struct node *node)
{
	struct seen *found;

	HASH_FIND(hh, s->seen, node, sizeof(*node), found);
	if (found)
		return;
	found = calloc(1, sizeof(*found));
	if (!found)
		abort();
	found->node = *node;
	HASH_ADD(hh, s->seen, node, sizeof(found->node), found);
	if (s->last)
		s->last->next = found;
	else
		s->first = found;
	s->last = found;
	s->w->nodes++;
	add_context(s, &node->ctx);
}

static void report(struct walk *w, const struct node *at, const struct call_event *ev,
		   const char *rule)
{
	snprintf(w->broken, sizeof(w->broken),
		 "%s [%s, rtp %c, ringback %u, tone %u, a%d b%d m%d] + %s(%c pi %u media %d "
		 "unusable %d reroute %d cause %u timer %u)",
		 rule, call_state_name(at->ctx.state), at->ctx.rtp_side ? 'b' : 'a',
		 at->ctx.ringback, at->ctx.failure_tone, at->ctx.a_open, at->ctx.b_open,
		 at->ctx.media_open, call_event_name(ev->type), ev->side ? 'b' : 'a', ev->pi,
		 ev->media.present, ev->unusable, ev->reroute, ev->cause.value, ev->timer);
}

static bool only_unexpected(const struct call_actions *out)
{
	return out->count == 1 && out->act[0].type == CALL_ACT_COUNT_UNEXPECTED;
}

/* Something that cannot be: nothing may change. From a leg or session that is not there, and of
 * kinds that a side never sends, it must be counted, too. */
static const char *dishonest(const struct node *at, const struct call_event *ev,
			     const struct call_actions *out, const struct call_ctx *after)
{
	bool by_call = ev->type == CALL_EV_ROUTE_WAITS || ev->type == CALL_EV_ROUTED ||
		       ev->type == CALL_EV_TIMER;

	if (memcmp(after, &at->ctx, sizeof(*after)) != 0)
		return "an impossible event changed the context";
	if (only_unexpected(out) || (by_call && out->count == 0))
		return NULL;
	return "an impossible event was not counted";
}

static void note_rules(struct walk *w, const struct call_ctx *before, const struct call_event *ev,
		       const struct call_actions *out, const struct call_ctx *after)
{
	uint64_t bit = 1ULL << ev->type;

	if (only_unexpected(out))
		w->unexpected[before->state] |= bit;
	else if (out->count || memcmp(before, after, sizeof(*after)) != 0)
		w->acted[before->state] |= bit;
	else
		w->ignored[before->state] |= bit;
	if (after->state != before->state)
		w->successors[before->state] |= 1ULL << after->state;
}

/* One step from a node. False when a rule broke. */
static bool take_step(struct walk *w, const struct node *at, const struct call_event *ev,
		      struct node *to)
{
	struct call_actions out;
	const char *rule;
	bool legit = shadow_legit(&at->shadow, &at->ctx, ev);

	*to = *at;
	to->ctx = w->next(&at->ctx, ev, &out);
	w->steps++;
	if (!legit) {
		rule = dishonest(at, ev, &out, &to->ctx);
	} else {
		/* States in which an honest event may still be unexpected: CONFIRMED before the
		 * answer, ANSWER twice. Then nothing may change. */
		if (only_unexpected(&out))
			rule = dishonest(at, ev, &out, &to->ctx);
		else
			rule = shadow_step(&to->shadow, &at->ctx, ev, &out, &to->ctx);
		note_rules(w, &at->ctx, ev, &out, &to->ctx);
	}
	if (rule)
		report(w, at, ev, rule);
	return !rule;
}

/* ---- the end in a fair world ---- */

/* Everything that was told to end says so, in the given order. It must be freed then. */
static bool fair_end(struct walk *w, const struct node *from, const uint8_t order[3])
{
	struct node at = *from, to;
	struct call_event hang_up = {.type = CALL_EV_OPERATOR_CLEAR};

	if (!at.shadow.hung) {
		if (!take_step(w, &at, &hang_up, &to))
			return false;
		at = to;
	}
	for (unsigned i = 0; i < 3; i++) {
		struct call_event ev = {.type = order[i] == 2 ? CALL_EV_MEDIA_GONE : CALL_EV_GONE,
					.side =
					    order[i] == 2 ? CALL_SIDE_A : (enum call_side)order[i]};

		if (at.shadow.frees || !shadow_legit(&at.shadow, &at.ctx, &ev))
			continue;
		if (!take_step(w, &at, &ev, &to))
			return false;
		at = to;
	}
	if (at.shadow.frees == 1)
		return true;
	report(w, from, &hang_up, "a fair world does not come to an end");
	return false;
}

static bool all_fair_ends(struct walk *w, const struct node *from)
{
	static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
					     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	if (from->ctx.state == CALL_ST_IDLE || from->shadow.frees)
		return true;
	for (unsigned i = 0; i < 6; i++)
		if (!fair_end(w, from, orders[i]))
			return false;
	return true;
}

/* ---- every event ---- */

static bool try_event(struct search *s, const struct node *at, const struct call_event *ev)
{
	struct node to;

	if (!take_step(s->w, at, ev, &to))
		return false;
	add_node(s, &to);
	return true;
}

/* The payloads that the machine can tell apart. */
static bool try_variants(struct search *s, const struct node *at, struct call_event ev)
{
	static const uint8_t pis[] = {0, CALL_PI_1, CALL_PI_2, CALL_PI_8 | CALL_PI_2};
	static const uint8_t causes[] = {0, CAUSE_BUSY};
	bool rtp = (uint8_t)ev.side == at->ctx.rtp_side; /* the table lets no other media in */

	for (unsigned p = 0; p < sizeof(pis); p++)
		for (unsigned c = 0; c < sizeof(causes); c++)
			for (unsigned m = 0; m <= rtp; m++) {
				ev.pi = pis[p];
				ev.cause.value = causes[c];
				ev.media.present = m;
				if (!try_event(s, at, &ev))
					return false;
				ev.unusable = m && ev.type == CALL_EV_OFFER;
				if (ev.unusable && !try_event(s, at, &ev))
					return false;
				ev.unusable = false;
				ev.reroute =
				    ev.side == CALL_SIDE_B &&
				    (ev.type == CALL_EV_CLEARING || ev.type == CALL_EV_GONE);
				if (ev.reroute && !try_event(s, at, &ev))
					return false;
				ev.reroute = false;
			}
	return true;
}

static bool expand(struct search *s, const struct node *at)
{
	for (unsigned type = 0; type <= CALL_EV_COUNT; type++)
		for (unsigned side = 0; side < 2; side++) {
			struct call_event ev = {.type = type, .side = side};
			unsigned timers = type == CALL_EV_TIMER ? CALL_TIMER_COUNT + 1 : 1;

			for (unsigned t = 0; t < timers; t++) {
				ev.timer = t;
				if (!try_variants(s, at, ev))
					return false;
			}
		}
	return all_fair_ends(s->w, at);
}

static void free_search(struct search *s)
{
	struct seen *n, *tmp;
	struct seen_ctx *c, *ctmp;

	HASH_ITER(hh, s->seen, n, tmp)
	{
		HASH_DEL(s->seen, n);
		free(n);
	}
	HASH_ITER(hh, s->contexts, c, ctmp)
	{
		HASH_DEL(s->contexts, c);
		free(c);
	}
}

void walk_run(struct walk *w, fsm_next_fn next)
{
	struct search s = {.w = w};

	memset(w, 0, sizeof(*w));
	w->next = next;
	for (unsigned i = 0; i < 2 * 2 * 3; i++) {
		struct node start;

		memset(&start, 0, sizeof(start));
		start.ctx =
		    call_fsm_start((enum call_side)(i % 2), (enum call_ringback)(i / 4), i / 2 % 2);
		add_node(&s, &start);
	}
	for (; s.first && !*w->broken; s.first = s.first->next)
		if (!expand(&s, &s.first->node))
			break;
	free_search(&s);
}
