/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slot + generation ids: how one thread names an object of another. An id whose object is gone
 * finds nothing (normal: drop and count); it never finds a newer object in the same slot.
 * Bounded number of slots, least recently freed first. One owner thread.
 */
#ifndef GATEWAY_BASE_SLOTS_H
#define GATEWAY_BASE_SLOTS_H

#include <stdint.h>

/* 0 is no object. Low 20 bits: slot; the rest: generation, never 0. */
typedef uint64_t slot_id;

struct slots;

int slots_create(struct slots **out, unsigned capacity);
void slots_destroy(struct slots *s);
/* 0 when all slots are taken. */
slot_id slots_put(struct slots *s, void *object);
/* NULL for a stale or made-up id. */
void *slots_get(const struct slots *s, slot_id id);
/* Frees the slot; the object is the caller's. Stale ids are ignored. */
void slots_remove(struct slots *s, slot_id id);
unsigned slots_used(const struct slots *s);
/* Iteration: first with cursor 0; returns NULL at the end. Removing the current one is legal. */
void *slots_next(const struct slots *s, unsigned *cursor, slot_id *id);

#endif
