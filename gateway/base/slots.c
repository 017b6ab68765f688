/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/slots.h"

#include <errno.h>
#include <stdlib.h>

enum { SLOT_BITS = 20 };
#define SLOT_MASK ((1u << SLOT_BITS) - 1)

struct slot {
	void *object;
	uint64_t generation;
	unsigned next_free;
};

struct slots {
	unsigned capacity, used;
	unsigned free_head, free_tail; /* queue, so that a slot rests as long as possible */
	struct slot *slot;
};

int slots_create(struct slots **out, unsigned capacity)
{
	struct slots *s;

	if (capacity == 0 || capacity > SLOT_MASK)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->slot = calloc(capacity, sizeof(*s->slot));
	if (!s->slot) {
		free(s);
		return -ENOMEM;
	}
	s->capacity = capacity;
	for (unsigned i = 0; i < capacity; i++) {
		s->slot[i].generation = 1;
		s->slot[i].next_free = i + 1;
	}
	s->free_tail = capacity - 1;
	*out = s;
	return 0;
}

void slots_destroy(struct slots *s)
{
	if (!s)
		return;
	free(s->slot);
	free(s);
}

slot_id slots_put(struct slots *s, void *object)
{
	unsigned i = s->free_head;

	if (s->used == s->capacity || !object)
		return 0;
	s->free_head = s->slot[i].next_free;
	s->slot[i].object = object;
	s->used++;
	return s->slot[i].generation << SLOT_BITS | i;
}

void *slots_get(const struct slots *s, slot_id id)
{
	unsigned i = id & SLOT_MASK;

	if (i >= s->capacity || s->slot[i].generation != id >> SLOT_BITS)
		return NULL;
	return s->slot[i].object;
}

void slots_remove(struct slots *s, slot_id id)
{
	unsigned i = id & SLOT_MASK;

	if (!slots_get(s, id))
		return;
	s->slot[i].object = NULL;
	s->slot[i].generation++;
	s->slot[i].next_free = s->capacity;
	if (s->used == s->capacity)
		s->free_head = i;
	else
		s->slot[s->free_tail].next_free = i;
	s->free_tail = i;
	s->used--;
}

unsigned slots_used(const struct slots *s)
{
	return s->used;
}

void *slots_next(const struct slots *s, unsigned *cursor, slot_id *id)
{
	while (*cursor < s->capacity) {
		unsigned i = (*cursor)++;

		if (!s->slot[i].object)
			continue;
		if (id)
			*id = s->slot[i].generation << SLOT_BITS | i;
		return s->slot[i].object;
	}
	return NULL;
}
