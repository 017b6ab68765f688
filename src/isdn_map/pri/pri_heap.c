/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/pri/pri_heap.h"

#include <stdint.h>
#include <stdlib.h>

/* In front of each piece of memory; as long as its alignment. */
struct pri_heap_block {
	_Alignas(max_align_t) LIST_ENTRY(pri_heap_block) entry; /* le_prev NULL: in no heap */
	unsigned char memory[];
};

static _Thread_local struct pri_heap *current;

void pri_heap_init(struct pri_heap *h)
{
	LIST_INIT(h);
}

void pri_heap_fini(struct pri_heap *h)
{
	struct pri_heap_block *b;

	while ((b = LIST_FIRST(h))) {
		LIST_REMOVE(b, entry);
		free(b);
	}
}

void pri_heap_enter(struct pri_heap *h)
{
	current = h;
}

void pri_heap_leave(void)
{
	current = NULL;
}

unsigned pri_heap_pieces(const struct pri_heap *h)
{
	const struct pri_heap_block *b;
	unsigned n = 0;

	LIST_FOREACH (b, h, entry)
		n++;
	return n;
}

void *pri_heap_calloc(size_t count, size_t size)
{
	struct pri_heap_block *b;

	if (size && count > (SIZE_MAX - sizeof(*b)) / size)
		return NULL;
	b = calloc(1, sizeof(*b) + count * size);
	if (!b)
		return NULL;
	if (current)
		LIST_INSERT_HEAD(current, b, entry);
	return b->memory;
}

void *pri_heap_malloc(size_t size)
{
	return pri_heap_calloc(1, size);
}

void pri_heap_free(void *p)
{
	struct pri_heap_block *b;

	if (!p)
		return;
	b = (struct pri_heap_block *)((unsigned char *)p - offsetof(struct pri_heap_block, memory));
	if (b->entry.le_prev)
		LIST_REMOVE(b, entry);
	free(b);
}
