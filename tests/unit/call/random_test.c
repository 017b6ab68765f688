/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls in random order of everything that adapters may post, with faults, and without turns in
 * between. Whatever happened: once everybody who was told to end has ended, nothing is left. */
#include "tests/unit/call/call_tests.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/base/log.h"
#include "gateway/base/rng.h"
#include "tests/unit/call/world.h"

enum { ROUNDS = 400, STEPS = 150, CALLS_MAX = 6 };

static void drop_event(void *arg, const struct log_event *event)
{
	(void)arg;
	(void)event;
}

static void new_call(struct world *w, struct rng *r)
{
	if (rng_below(r, 2))
		world_call_from_span(w, (enum call_ringback)rng_below(r, 3));
	else
		world_call_from_trunk(w, rng_below(r, 4) != 0);
}

static void leg_event(struct world *w, struct rng *r)
{
	struct fake_leg *l = &w->leg[rng_below(r, 2 * CALLS_MAX)];
	struct call_event ev = {.type = rng_below(r, CALL_EV_COUNT)};

	if (!l->live)
		return;
	/* An end is as good as any other event, but most calls should get somewhere. */
	if ((ev.type == CALL_EV_GONE || ev.type == CALL_EV_CLEARING) && rng_below(r, 3))
		ev.type = CALL_EV_ANSWER;
	if (ev.type == CALL_EV_MEDIA_GONE || ev.type == CALL_EV_MEDIA_FAILED ||
	    (ev.type == CALL_EV_OPERATOR_CLEAR && rng_below(r, 8)))
		return;
	ev.pi = (uint8_t)rng_below(r, 16);
	ev.cause.value = (uint8_t)rng_below(r, 128);
	ev.timer = rng_below(r, CALL_TIMER_COUNT);
	if (rng_below(r, 2))
		ev.media = world_desc(rng_below(r, 3), (uint16_t)(5000 + rng_below(r, 3)));
	if (rng_below(r, 8) == 0)
		ev.media.format_count = 0;
	ev.channel = (struct call_channel){.span = WORLD_SPAN, .ts = (uint8_t)rng_below(r, 32)};
	leg_posts(l, &ev);
}

/* What was told to end does so, sooner or later. */
static void ends(struct world *w, struct rng *r, unsigned one_in)
{
	struct call_event gone = {.type = CALL_EV_GONE};

	for (unsigned i = 0; i < WORLD_LEGS; i++)
		if (w->leg[i].live && w->leg[i].cleared && rng_below(r, one_in) == 0)
			leg_posts(&w->leg[i], &gone);
	for (unsigned i = 0; i < WORLD_SESSIONS; i++)
		if (w->session[i].live && w->session[i].closed && rng_below(r, one_in) == 0)
			session_says(w, &w->session[i], CALL_EV_MEDIA_GONE);
}

static void session_event(struct world *w, struct rng *r)
{
	struct fake_session *s = &w->session[rng_below(r, 8)];

	if (!s->live)
		return;
	session_says(w, s,
		     rng_below(r, 8)   ? CALL_EV_EARLY_RTP
		     : rng_below(r, 2) ? CALL_EV_MEDIA_FAILED
				       : CALL_EV_MEDIA_GONE);
}

static void random_step(struct world *w, struct rng *r)
{
	/* Adapters post several events before the table gets its turn. */
	w->hold_turns = rng_below(r, 4) != 0;
	switch (rng_below(r, 16)) {
	case 0:
	case 6:
		new_call(w, r);
		break;
	case 1:
		session_event(w, r);
		break;
	case 2:
		w->fail_open = rng_below(r, 16) == 0;
		w->fail_media = rng_below(r, 16) == 0;
		w->no_route = rng_below(r, 16) == 0;
		w->span_down = rng_below(r, 16) == 0;
		w->gone_inside_clear = rng_below(r, 2);
		break;
	case 3:
		world_advance(w, rng_below(r, 20 * US_PER_S));
		break;
	case 4:
		ends(w, r, 4);
		break;
	case 5:
		if (rng_below(r, 8) == 0)
			call_table_clear_all(w->table, (struct call_cause){.value = 41});
		break;
	default:
		leg_event(w, r);
		break;
	}
	world_turn(w);
}

static void one_round(uint64_t seed, uint64_t *calls, uint64_t *answered)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct call_table_counters *n;
	struct rng r;

	assert_non_null(w);
	rng_init_seed(&r, seed);
	world_init(w, CALLS_MAX);
	for (unsigned i = 0; i < STEPS && !w->broken; i++)
		random_step(w, &r);
	w->hold_turns = false;
	call_table_clear_all(w->table, (struct call_cause){.value = 41});
	world_turn(w);
	ends(w, &r, 1);
	world_turn(w);
	n = call_table_counters(w->table);
	if (w->broken || n->active || n->begun != n->ended || n->ended != w->records ||
	    deadline_next_us(&w->deadlines) != TIME_NEVER_US || !call_table_idle(w->table))
		fail_msg("seed %llu: %u promises broken, %u calls left, %llu begun, %llu ended, "
			 "%u records",
			 (unsigned long long)seed, w->broken, n->active,
			 (unsigned long long)n->begun, (unsigned long long)n->ended, w->records);
	*calls += n->begun;
	*answered += n->answered;
	world_fini(w);
	free(w);
}

void test_random(void **state)
{
	const char *given = getenv("TEST_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : 1, calls = 0, answered = 0;

	(void)state;
	log_init(LOG_ERROR, drop_event, NULL);
	printf("# seeds %llu … %llu (TEST_SEED sets the first)\n", (unsigned long long)seed,
	       (unsigned long long)seed + ROUNDS - 1);
	for (unsigned i = 0; i < ROUNDS; i++)
		one_round(seed + i, &calls, &answered);
	printf("# %llu calls, %llu answered\n", (unsigned long long)calls,
	       (unsigned long long)answered);
	assert_true(answered > ROUNDS);
}
