/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where libpri's memory comes from. libpri has no function to free a struct pri with its calls,
 * queued frames and timers, so the build renames calloc, malloc and free in its archive to the
 * functions here: what is allocated between enter and leave belongs to that heap and can be freed
 * as a whole. Outside (another user of libpri in the same program) they are the usual ones.
 *
 * Control thread; the heap entered is the thread's.
 */
#ifndef SRC_ISDN_MAP_PRI_PRI_HEAP_H
#define SRC_ISDN_MAP_PRI_PRI_HEAP_H

#include <stddef.h>
#include <sys/queue.h>

struct pri_heap_block;
LIST_HEAD(pri_heap, pri_heap_block);

void pri_heap_init(struct pri_heap *h);
/* Frees all that is still allocated in it. */
void pri_heap_fini(struct pri_heap *h);
void pri_heap_enter(struct pri_heap *h);
void pri_heap_leave(void);

/* For tests: how many pieces it holds. */
unsigned pri_heap_pieces(const struct pri_heap *h);

/* libpri's calloc, malloc and free. */
void *pri_heap_calloc(size_t count, size_t size);
void *pri_heap_malloc(size_t size);
void pri_heap_free(void *p);

#endif
