/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The deadline queue against a model that looks through an array. */
#include "tests/unit/base/base_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/deadline.h"
#include "gateway/base/rng.h"

enum { COUNT = 40, ROUNDS = 300, STEPS = 120 };

struct model {
	struct deadline_queue q;
	struct deadline d[COUNT];
	int64_t due_us[COUNT]; /* TIME_NEVER_US: not set */
	uint64_t order[COUNT]; /* of setting */
	uint64_t next_order, run_order;
	bool meddle; /* handlers set and cancel others */
	unsigned fired;
	struct rng rng;
};

/* The one that a run at now_us must fire next, COUNT: none. */
static unsigned model_next(const struct model *m, int64_t now_us, uint64_t before_order)
{
	unsigned best = COUNT;

	for (unsigned i = 0; i < COUNT; i++) {
		if (m->due_us[i] == TIME_NEVER_US || m->due_us[i] > now_us ||
		    m->order[i] >= before_order)
			continue;
		if (best == COUNT || m->due_us[i] < m->due_us[best] ||
		    (m->due_us[i] == m->due_us[best] && m->order[i] < m->order[best]))
			best = i;
	}
	return best;
}

static void model_set(struct model *m, unsigned i, int64_t due_us)
{
	m->due_us[i] = due_us;
	m->order[i] = m->next_order++;
	deadline_set(&m->q, &m->d[i], due_us);
}

static void model_cancel(struct model *m, unsigned i)
{
	m->due_us[i] = TIME_NEVER_US;
	deadline_cancel(&m->q, &m->d[i]);
}

static void check_next(const struct model *m)
{
	int64_t least = TIME_NEVER_US;

	for (unsigned i = 0; i < COUNT; i++)
		if (m->due_us[i] < least)
			least = m->due_us[i];
	assert_int_equal(deadline_next_us(&m->q), least);
}

static struct model *current;

static void fire(void *arg, int64_t now_us)
{
	struct model *m = current;
	unsigned i = (unsigned)((struct deadline *)arg - m->d);

	assert_int_equal(i, model_next(m, now_us, m->run_order));
	m->due_us[i] = TIME_NEVER_US;
	assert_int_equal(m->d[i].due_us, TIME_NEVER_US);
	m->fired++;
	if (!m->meddle)
		return;
	for (unsigned n = rng_below(&m->rng, 4); n; n--) {
		unsigned other = rng_below(&m->rng, 3) ? rng_below(&m->rng, COUNT) : i;

		if (rng_below(&m->rng, 3) == 0)
			model_cancel(m, other);
		else /* also into the past, where it must not keep the others from running */
			model_set(m, other, now_us - 50 + rng_below(&m->rng, 100));
		check_next(m);
	}
	assert_int_equal(deadline_run(&m->q, now_us), 0); /* not from inside */
}

static void one_round(struct model *m, uint64_t seed)
{
	int64_t now_us = 1000;

	memset(m, 0, sizeof(*m));
	rng_init_seed(&m->rng, seed);
	for (unsigned i = 0; i < COUNT; i++) {
		deadline_init(&m->d[i], fire, &m->d[i]);
		m->due_us[i] = TIME_NEVER_US;
	}
	m->meddle = seed % 2;
	for (unsigned s = 0; s < STEPS; s++) {
		unsigned i = rng_below(&m->rng, COUNT), before = m->fired, ran;

		switch (rng_below(&m->rng, 8)) {
		case 0:
			model_cancel(m, i);
			break;
		case 1:
			model_set(m, i, TIME_NEVER_US);
			break;
		case 2:
			now_us += rng_below(&m->rng, 60);
			m->run_order = m->next_order;
			ran = deadline_run(&m->q, now_us);
			assert_int_equal(ran, m->fired - before);
			assert_int_equal(model_next(m, now_us, m->run_order), COUNT);
			break;
		default: /* few values, so that many are equal */
			model_set(m, i, now_us + rng_below(&m->rng, 12) * 10);
			break;
		}
		check_next(m);
	}
	for (unsigned i = 0; i < COUNT; i++)
		model_cancel(m, i);
	assert_int_equal(deadline_next_us(&m->q), TIME_NEVER_US);
}

void test_deadline_model(void **state)
{
	struct model *m = malloc(sizeof(*m));
	unsigned fired = 0;

	(void)state;
	assert_non_null(m);
	current = m;
	printf("# seeds 1 … %d\n", ROUNDS);
	for (unsigned seed = 1; seed <= ROUNDS; seed++) {
		one_round(m, seed);
		fired += m->fired;
	}
	printf("# %u deadlines fired\n", fired);
	assert_true(fired > ROUNDS * 10);
	free(m);
}

static unsigned periodic_runs, late_runs;
static struct deadline_queue queue;
static struct deadline periodic, late;

static void run_periodic(void *arg, int64_t now_us)
{
	(void)arg;
	(void)now_us;
	periodic_runs++;
	deadline_set(&queue, &periodic, 1); /* always in the past */
}

static void run_late(void *arg, int64_t now_us)
{
	(void)arg;
	(void)now_us;
	late_runs++;
}

void test_deadline_no_starving(void **state)
{
	(void)state;
	deadline_init(&periodic, run_periodic, NULL);
	deadline_init(&late, run_late, NULL);
	deadline_set(&queue, &periodic, 1);
	deadline_set(&queue, &late, 500);
	assert_int_equal(deadline_run(&queue, 1000), 2);
	assert_int_equal(periodic_runs, 1);
	assert_int_equal(late_runs, 1);
	assert_int_equal(deadline_next_us(&queue), 1);
	deadline_cancel(&queue, &periodic);
	deadline_cancel(&queue, &periodic);
	assert_int_equal(deadline_run(&queue, 2000), 0);
}
