/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single-producer single-consumer ring of fixed-size values between two threads. Bounded: a full
 * ring refuses, the producer counts. The optional eventfd wakes a consumer that waits in poll:
 * the producer calls ring_notify() once per turn, not once per value.
 */
#ifndef GATEWAY_BASE_RING_H
#define GATEWAY_BASE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring;

/* capacity is rounded up to a power of two. with_wake makes the eventfd. 0 or -errno. */
int ring_create(struct ring **out, size_t value_size, size_t capacity, bool with_wake);
/* NULL is legal. Both sides must have stopped. */
void ring_destroy(struct ring *r);
/* Producer. Copies the value in; false when full. */
bool ring_push(struct ring *r, const void *value);
/* Producer. Free places; at least that many pushes will succeed. */
size_t ring_free(const struct ring *r);
/* Producer. Wakes the consumer if something was pushed since the last call. */
void ring_notify(struct ring *r);
/* Consumer. Copies the oldest value out; false when empty. */
bool ring_pop(struct ring *r, void *value);
/* Consumer. The descriptor to poll for reading, -1 without wake. ring_wake_clear() before popping. */
int ring_wake_fd(const struct ring *r);
void ring_wake_clear(struct ring *r);

#endif
