/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The call machine, walked exhaustively; and machines with a planted mistake, each of which the
 * walk's rules must catch. */
#include "tests/unit/call/call_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/call/fsm_walk.h"

static struct walk walked;

void test_fsm_walk(void **state)
{
	(void)state;
	walk_run(&walked, call_fsm_next);
	printf("# walked %u contexts of the machine, %u with what an onlooker knows, %llu steps\n",
	       walked.contexts, walked.nodes, (unsigned long long)walked.steps);
	if (*walked.broken)
		fail_msg("%s", walked.broken);
	assert_true(walked.contexts > 100);
}

static void print_difference(const char *what, unsigned state, uint64_t declared, uint64_t seen)
{
	if (declared != seen)
		printf("# %s of %s: declared %#llx, seen %#llx\n", what, call_state_name(state),
		       (unsigned long long)declared, (unsigned long long)seen);
}

/* The rules table says what the code does, no more and no less. */
void test_fsm_rules(void **state)
{
	bool same = true;

	(void)state;
	for (unsigned i = 0; i < CALL_ST_COUNT; i++) {
		const struct call_fsm_rule *r = &call_fsm_rules[i];
		/* Acting on an event in some contexts and not in others is legal: a timer that
		 * does not run, a CONFIRMED that nobody waits for. */
		uint64_t ignored = walked.ignored[i] & ~walked.acted[i];

		print_difference("events", i, r->events, walked.acted[i]);
		print_difference("successors", i, r->successors, walked.successors[i]);
		same &= r->events == walked.acted[i] && r->successors == walked.successors[i];
		/* Timers race only when they run no more, which is no honest event. */
		print_difference("races", i, r->races & ~(1ULL << CALL_EV_TIMER), ignored);
		same &= (r->races & ~(1ULL << CALL_EV_TIMER)) == ignored;
		same &= !(r->races & r->events);
		same &= !(walked.unexpected[i] & (r->events | r->races));
		assert_non_null(r->name);
	}
	assert_true(same);
}

void test_fsm_tables(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CALL_TIMER_COUNT; i++) {
		assert_non_null(call_timers[i].name);
		assert_non_null(call_timers[i].meaning);
		assert_non_null(call_timers[i].clause);
		assert_true(call_timers[i].default_ms > 0);
	}
	assert_int_equal(call_timers[CALL_TIMER_RING].default_ms, 180000);
	assert_int_equal(call_timers[CALL_TIMER_CLEAR].default_ms, 60000);
	for (unsigned i = 0; i < CALL_EV_COUNT; i++)
		assert_string_not_equal(call_event_name(i), "?");
	for (unsigned i = 0; i < CALL_ACT_COUNT; i++)
		assert_string_not_equal(call_action_name(i), "?");
	assert_string_equal(call_state_name(CALL_ST_COUNT), "?");
	assert_string_equal(call_event_name(CALL_EV_COUNT), "?");
	assert_string_equal(call_action_name(CALL_ACT_COUNT), "?");
}

/* ---- planted mistakes ---- */

static unsigned dropped;

static void remove_action(struct call_actions *out, unsigned i)
{
	memmove(&out->act[i], &out->act[i + 1], (out->count - i - 1) * sizeof(out->act[0]));
	out->count--;
}

static struct call_ctx drop_action(const struct call_ctx *ctx, const struct call_event *ev,
				   struct call_actions *out)
{
	struct call_ctx c = call_fsm_next(ctx, ev, out);

	for (unsigned i = 0; i < out->count;)
		if (out->act[i].type == dropped)
			remove_action(out, i);
		else
			i++;
	return c;
}

static struct call_action *find(struct call_actions *out, enum call_action_type type)
{
	for (unsigned i = 0; i < out->count; i++)
		if (out->act[i].type == type)
			return &out->act[i];
	return NULL;
}

static void add(struct call_actions *out, struct call_action a)
{
	if (out->count < CALL_ACTIONS_MAX)
		out->act[out->count++] = a;
}

#define MISTAKE(name)                                                                              \
	static void name(const struct call_ctx *was, const struct call_event *ev,                  \
			 struct call_ctx *c, struct call_actions *out)

MISTAKE(gone_forgotten)
{
	if (ev->type == CALL_EV_GONE && ev->side == CALL_SIDE_B)
		c->b_open = was->b_open;
}

MISTAKE(media_gone_forgotten)
{
	if (ev->type == CALL_EV_MEDIA_GONE)
		c->media_open = was->media_open;
}

MISTAKE(freed_early)
{
	if (was->state == CALL_ST_CLEARING && ev->type == CALL_EV_GONE &&
	    c->state != CALL_ST_DONE && ev->side == CALL_SIDE_A) {
		add(out, (struct call_action){.type = CALL_ACT_RECORD});
		add(out, (struct call_action){.type = CALL_ACT_FREE});
		c->state = CALL_ST_DONE;
	}
}

MISTAKE(b_not_cleared)
{
	for (unsigned i = 0; i < out->count; i++)
		if (out->act[i].type == CALL_ACT_CLEAR && out->act[i].side == CALL_SIDE_B)
			remove_action(out, i);
}

MISTAKE(cause_lost)
{
	struct call_action *a = find(out, CALL_ACT_CLEAR);

	if (a)
		a->cause.value = 0;
}

MISTAKE(cause_replaced)
{
	struct call_action *a = find(out, CALL_ACT_CLEAR);

	if (a)
		a->cause.value = CAUSE_NORMAL;
}

MISTAKE(diagnostic_lost)
{
	for (unsigned i = 0; i < out->count; i++)
		out->act[i].cause.diagnostic_timer = false;
}

MISTAKE(answered_twice)
{
	if (was->state == CALL_ST_ACTIVE && ev->type == CALL_EV_CONFIRMED)
		add(out, (struct call_action){.type = CALL_ACT_A_ANSWER,
					      .with_media = c->rtp_side == CALL_SIDE_A});
}

MISTAKE(answered_after_hang_up)
{
	if (was->state == CALL_ST_CLEARING && ev->type == CALL_EV_ANSWER && was->b_open &&
	    ev->side == CALL_SIDE_B && c->a_open)
		add(out, (struct call_action){.type = CALL_ACT_A_ANSWER,
					      .with_media = c->rtp_side == CALL_SIDE_A});
}

MISTAKE(answer_race_forgotten)
{
	if (was->state == CALL_ST_CLEARING && ev->type == CALL_EV_ANSWER && was->b_open &&
	    ev->side == CALL_SIDE_B)
		out->count = 0;
}

MISTAKE(progress_after_answer)
{
	if (was->state == CALL_ST_ACTIVE && ev->type == CALL_EV_PROGRESS && ev->side == CALL_SIDE_B)
		add(out, (struct call_action){.type = CALL_ACT_A_PROGRESS});
}

MISTAKE(alerting_twice)
{
	if (was->state == CALL_ST_ALERTING && ev->type == CALL_EV_ALERTING &&
	    ev->side == CALL_SIDE_B)
		add(out, (struct call_action){.type = CALL_ACT_A_ALERT});
}

MISTAKE(ringback_stays)
{
	struct call_action *a = find(out, CALL_ACT_MEDIA_SET);

	if (a && c->ringback == CALL_RINGBACK_LOCAL && c->rtp_side == CALL_SIDE_B)
		a->media_flags |= CALL_MEDIA_RINGBACK;
}

MISTAKE(sends_too_early)
{
	struct call_action *a = find(out, CALL_ACT_MEDIA_SET);

	if (a && a->media_flags & CALL_MEDIA_RECEIVE)
		a->media_flags |= CALL_MEDIA_SEND;
}

MISTAKE(one_way)
{
	struct call_action *a = find(out, CALL_ACT_MEDIA_SET);

	if (a && c->answered)
		a->media_flags &= (uint8_t)~CALL_MEDIA_SEND;
}

MISTAKE(refused_offer_disturbs)
{
	if (find(out, CALL_ACT_OFFER_REFUSE) && c->media_flags)
		add(out, (struct call_action){.type = CALL_ACT_MEDIA_SET,
					      .media_flags = c->media_flags});
}

MISTAKE(tone_never_ends)
{
	struct call_action *a = find(out, CALL_ACT_MEDIA_CLOSE);

	if (a && was->tone_on)
		remove_action(out, (unsigned)(a - out->act));
}

MISTAKE(tone_after_answer)
{
	struct call_action *a = find(out, CALL_ACT_CLEAR);

	if (a && was->answered && a->side == CALL_SIDE_A)
		a->pi = CALL_PI_8;
}

MISTAKE(announcement_cut_off)
{
	if (was->state != CALL_ST_ANNOUNCING && c->state == CALL_ST_ANNOUNCING)
		add(out, (struct call_action){.type = CALL_ACT_CLEAR,
					      .side = CALL_SIDE_B,
					      .cause = {.value = CAUSE_NORMAL}});
}

MISTAKE(announcement_not_heard)
{
	struct call_action *a = find(out, CALL_ACT_A_PROGRESS);

	if (a && c->state == CALL_ST_ANNOUNCING)
		a->with_media = false;
}

MISTAKE(announced_cause_lost)
{
	struct call_action *a = find(out, CALL_ACT_CLEAR);

	if (a && was->state == CALL_ST_ANNOUNCING && a->cause.value == 0)
		a->cause.value = CAUSE_NORMAL;
}

MISTAKE(reroute_too_late)
{
	if (was->state == CALL_ST_ALERTING && ev->reroute && ev->type == CALL_EV_GONE &&
	    was->a_open && ev->side == CALL_SIDE_B && was->b_open) {
		out->count = 0;
		c->state = CALL_ST_CALLING;
		c->b_open = true;
		add(out, (struct call_action){.type = CALL_ACT_NEXT_WAY});
		add(out, (struct call_action){.type = CALL_ACT_OPEN_B});
	}
}

MISTAKE(reroute_keeps_b)
{
	struct call_action *a = find(out, CALL_ACT_CLEAR);

	if (a && c->state == CALL_ST_REROUTING)
		remove_action(out, (unsigned)(a - out->act));
}

MISTAKE(reroute_keeps_channel)
{
	struct call_action *a = find(out, CALL_ACT_MEDIA_SET);

	if (a && a->media_flags == 0)
		remove_action(out, (unsigned)(a - out->act));
}

MISTAKE(t303_not_stopped)
{
	if (ev->type == CALL_EV_ROUTE_WAITS && find(out, CALL_ACT_A_PROCEED))
		out->count = 0;
}

MISTAKE(proceeds_twice)
{
	if (was->proceeded && ev->type == CALL_EV_ROUTED && was->state == CALL_ST_ROUTING)
		add(out, (struct call_action){.type = CALL_ACT_A_PROCEED});
}

MISTAKE(t310_not_stopped)
{
	struct call_action *a = find(out, CALL_ACT_A_PROGRESS);

	if (a && a->pi == CALL_PI_1)
		a->pi = 0;
}

MISTAKE(moved_channel_forgotten)
{
	struct call_action *a = find(out, CALL_ACT_MEDIA_SET);

	if (a && ev->type == CALL_EV_CHANNEL && was->media_flags)
		remove_action(out, (unsigned)(a - out->act));
}

MISTAKE(pi8_without_policy)
{
	struct call_action *a = find(out, CALL_ACT_A_ALERT);

	if (a && c->rtp_side == CALL_SIDE_B)
		a->pi = CALL_PI_8;
}

MISTAKE(pi8_missing)
{
	struct call_action *a = find(out, CALL_ACT_A_ALERT);

	if (a)
		a->pi = 0;
}

MISTAKE(cut_through_not_told)
{
	struct call_action *a = find(out, CALL_ACT_A_PROGRESS);

	if (a && ev->type == CALL_EV_EARLY_RTP)
		remove_action(out, (unsigned)(a - out->act));
}

MISTAKE(sdp_for_late_offer)
{
	struct call_action *a = find(out, CALL_ACT_A_PROGRESS);

	if (a && c->rtp_side == CALL_SIDE_A)
		a->with_media = true;
}

MISTAKE(no_ring_limit)
{
	struct call_action *a = find(out, CALL_ACT_TIMER_START);

	if (a && a->timer == CALL_TIMER_RING)
		remove_action(out, (unsigned)(a - out->act));
}

MISTAKE(no_clear_guard)
{
	struct call_action *a = find(out, CALL_ACT_TIMER_START);

	if (a && a->timer == CALL_TIMER_CLEAR)
		remove_action(out, (unsigned)(a - out->act));
}

MISTAKE(offer_answered_twice)
{
	if (find(out, CALL_ACT_OFFER_ANSWER))
		add(out, *find(out, CALL_ACT_OFFER_ANSWER));
}

MISTAKE(b_opened_first)
{
	struct call_action *m = find(out, CALL_ACT_MEDIA_OPEN), *b = find(out, CALL_ACT_OPEN_B);

	if (m && b) {
		struct call_action t = *m;

		*m = *b;
		*b = t;
	}
}

MISTAKE(unexpected_moves)
{
	if (out->count == 1 && out->act[0].type == CALL_ACT_COUNT_UNEXPECTED &&
	    ev->type == CALL_EV_SETUP && was->state == CALL_ST_ACTIVE)
		c->state = CALL_ST_ALERTING;
}

MISTAKE(stranger_is_heard)
{
	struct call_event b = *ev;

	/* A's own ALERTING taken for B's */
	if (ev->type == CALL_EV_ALERTING && ev->side == CALL_SIDE_A) {
		b.side = CALL_SIDE_B;
		*c = call_fsm_next(was, &b, out);
	}
}

MISTAKE(hangs_up_by_itself)
{
	if (was->state == CALL_ST_ALERTING && ev->type == CALL_EV_EARLY_RTP)
		c->state = CALL_ST_CLEARING;
}

#define MISTAKES(X)                                                                                \
	X(gone_forgotten)                                                                          \
	X(media_gone_forgotten)                                                                    \
	X(freed_early)                                                                             \
	X(b_not_cleared)                                                                           \
	X(cause_lost)                                                                              \
	X(cause_replaced)                                                                          \
	X(diagnostic_lost)                                                                         \
	X(answered_twice)                                                                          \
	X(answered_after_hang_up)                                                                  \
	X(answer_race_forgotten)                                                                   \
	X(progress_after_answer)                                                                   \
	X(alerting_twice)                                                                          \
	X(ringback_stays)                                                                          \
	X(sends_too_early)                                                                         \
	X(one_way)                                                                                 \
	X(refused_offer_disturbs)                                                                  \
	X(tone_never_ends)                                                                         \
	X(tone_after_answer)                                                                       \
	X(announcement_cut_off)                                                                    \
	X(announcement_not_heard)                                                                  \
	X(announced_cause_lost)                                                                    \
	X(reroute_too_late)                                                                        \
	X(reroute_keeps_b)                                                                         \
	X(reroute_keeps_channel)                                                                   \
	X(t303_not_stopped)                                                                        \
	X(proceeds_twice)                                                                          \
	X(t310_not_stopped)                                                                        \
	X(moved_channel_forgotten)                                                                 \
	X(pi8_without_policy)                                                                      \
	X(pi8_missing)                                                                             \
	X(cut_through_not_told)                                                                    \
	X(sdp_for_late_offer)                                                                      \
	X(no_ring_limit)                                                                           \
	X(no_clear_guard)                                                                          \
	X(offer_answered_twice)                                                                    \
	X(b_opened_first)                                                                          \
	X(unexpected_moves)                                                                        \
	X(stranger_is_heard)                                                                       \
	X(hangs_up_by_itself)

typedef void (*mistake_fn)(const struct call_ctx *was, const struct call_event *ev,
			   struct call_ctx *c, struct call_actions *out);
static mistake_fn mistake;

static struct call_ctx with_mistake(const struct call_ctx *ctx, const struct call_event *ev,
				    struct call_actions *out)
{
	struct call_ctx c = call_fsm_next(ctx, ev, out);

	mistake(ctx, ev, &c, out);
	return c;
}

static void must_be_caught(const char *name, fsm_next_fn spoilt)
{
	struct walk *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	walk_run(w, spoilt);
	printf("# planted %s: %s\n", name, *w->broken ? w->broken : "NOT CAUGHT");
	assert_true(*w->broken);
	free(w);
}

void test_fsm_planted(void **state)
{
#define LIST_MISTAKE(name) {#name, name},
	static const struct {
		const char *name;
		mistake_fn make;
	} list[] = {MISTAKES(LIST_MISTAKE)};
#undef LIST_MISTAKE

	(void)state;
	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		mistake = list[i].make;
		must_be_caught(list[i].name, with_mistake);
	}
	/* And each kind of action, forgotten */
	for (dropped = 0; dropped < CALL_ACT_COUNT; dropped++)
		must_be_caught(call_action_name(dropped), drop_action);
}
