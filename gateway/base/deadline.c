/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/deadline.h"

#include <stddef.h>

static bool before(const struct deadline *a, const struct deadline *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->seq < b->seq;
}

static struct deadline *meld(struct deadline *a, struct deadline *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (before(b, a)) {
		struct deadline *t = a;

		a = b;
		b = t;
	}
	b->prev = a;
	b->next = a->child;
	if (a->child)
		a->child->prev = b;
	a->child = b;
	a->next = a->prev = NULL;
	return a;
}

/* Pairs the children left to right, then melds the pairs right to left. */
static struct deadline *meld_children(struct deadline *first)
{
	struct deadline *pairs = NULL, *root = NULL;

	while (first) {
		struct deadline *a = first, *b = a->next;

		first = b ? b->next : NULL;
		a->next = a->prev = NULL;
		if (b)
			b->next = b->prev = NULL;
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		struct deadline *rest = pairs->next;

		pairs->next = NULL;
		root = meld(root, pairs);
		pairs = rest;
	}
	return root;
}

void deadline_init(struct deadline *d, void (*fire)(void *arg, int64_t now_us), void *arg)
{
	*d = (struct deadline){.fire = fire, .arg = arg, .due_us = TIME_NEVER_US};
}

/* The heap that d is in, or belongs into. */
static struct deadline **heap_of(struct deadline_queue *q, const struct deadline *d)
{
	return q->running && d->seq >= q->run_seq ? &q->parked : &q->root;
}

void deadline_cancel(struct deadline_queue *q, struct deadline *d)
{
	struct deadline *below, **heap;

	if (!d->queued)
		return;
	heap = heap_of(q, d);
	below = meld_children(d->child);
	d->child = NULL;
	if (*heap == d) {
		*heap = below;
	} else {
		if (d->prev->child == d)
			d->prev->child = d->next;
		else
			d->prev->next = d->next;
		if (d->next)
			d->next->prev = d->prev;
		*heap = meld(*heap, below);
	}
	d->next = d->prev = NULL;
	d->queued = false;
	d->due_us = TIME_NEVER_US;
}

void deadline_set(struct deadline_queue *q, struct deadline *d, int64_t due_us)
{
	struct deadline **heap;

	deadline_cancel(q, d);
	if (due_us == TIME_NEVER_US)
		return;
	d->due_us = due_us;
	d->seq = q->next_seq++;
	d->queued = true;
	heap = heap_of(q, d);
	*heap = meld(*heap, d);
}

int64_t deadline_next_us(const struct deadline_queue *q)
{
	int64_t root_us = q->root ? q->root->due_us : TIME_NEVER_US;
	int64_t parked_us = q->parked ? q->parked->due_us : TIME_NEVER_US;

	return root_us < parked_us ? root_us : parked_us;
}

unsigned deadline_run(struct deadline_queue *q, int64_t now_us)
{
	unsigned ran = 0;

	if (q->running) /* from inside a handler */
		return 0;
	/* What a handler sets now waits for the next run, so that a handler which sets itself to
	 * "now" cannot keep the turn from ending; in a heap of its own, so that one which sets
	 * itself into the past cannot keep the others from running. */
	q->running = true;
	q->run_seq = q->next_seq;
	while (q->root && q->root->due_us <= now_us) {
		struct deadline *d = q->root;

		deadline_cancel(q, d);
		d->fire(d->arg, now_us);
		ran++;
	}
	q->running = false;
	q->root = meld(q->root, q->parked);
	q->parked = NULL;
	return ran;
}
