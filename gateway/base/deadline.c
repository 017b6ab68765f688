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

void deadline_cancel(struct deadline_queue *q, struct deadline *d)
{
	struct deadline *below;

	if (!d->queued)
		return;
	below = meld_children(d->child);
	d->child = NULL;
	if (q->root == d) {
		q->root = below;
	} else {
		if (d->prev->child == d)
			d->prev->child = d->next;
		else
			d->prev->next = d->next;
		if (d->next)
			d->next->prev = d->prev;
		q->root = meld(q->root, below);
	}
	d->next = d->prev = NULL;
	d->queued = false;
	d->due_us = TIME_NEVER_US;
}

void deadline_set(struct deadline_queue *q, struct deadline *d, int64_t due_us)
{
	deadline_cancel(q, d);
	if (due_us == TIME_NEVER_US)
		return;
	d->due_us = due_us;
	d->seq = q->next_seq++;
	d->queued = true;
	q->root = meld(q->root, d);
}

int64_t deadline_next_us(const struct deadline_queue *q)
{
	return q->root ? q->root->due_us : TIME_NEVER_US;
}

unsigned deadline_run(struct deadline_queue *q, int64_t now_us)
{
	unsigned ran = 0;
	/* What a handler sets now waits for the next run, so that a handler which sets itself to
	 * "now" cannot keep the turn from ending. */
	uint64_t newest = q->next_seq;

	while (q->root && q->root->due_us <= now_us && q->root->seq < newest) {
		struct deadline *d = q->root;

		deadline_cancel(q, d);
		d->fire(d->arg, now_us);
		ran++;
	}
	return ran;
}
