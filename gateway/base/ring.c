/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct ring {
	/* set once */
	size_t value_size, mask;
	int wake_fd;
	unsigned char *values;
	/* owner: producer */
	_Alignas(64) _Atomic size_t head;
	size_t tail_seen;
	bool notify_due;
	/* owner: consumer */
	_Alignas(64) _Atomic size_t tail;
};

int ring_create(struct ring **out, size_t value_size, size_t capacity, bool with_wake)
{
	struct ring *r = aligned_alloc(64, (sizeof(*r) + 63) / 64 * 64);
	size_t places = 1;

	if (!r)
		return -ENOMEM;
	memset(r, 0, sizeof(*r));
	while (places < capacity)
		places *= 2;
	r->value_size = value_size;
	r->mask = places - 1;
	r->wake_fd = -1;
	r->values = calloc(places, value_size);
	if (r->values && with_wake)
		r->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!r->values || (with_wake && r->wake_fd < 0)) {
		int err = r->values ? -errno : -ENOMEM;

		ring_destroy(r);
		return err;
	}
	*out = r;
	return 0;
}

void ring_destroy(struct ring *r)
{
	if (!r)
		return;
	if (r->wake_fd >= 0)
		close(r->wake_fd);
	free(r->values);
	free(r);
}

bool ring_push(struct ring *r, const void *value)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

	if (head - r->tail_seen > r->mask) {
		r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
		if (head - r->tail_seen > r->mask)
			return false;
	}
	memcpy(r->values + (head & r->mask) * r->value_size, value, r->value_size);
	atomic_store_explicit(&r->head, head + 1, memory_order_release);
	r->notify_due = true;
	return true;
}

size_t ring_free(const struct ring *r)
{
	return r->mask + 1 - (atomic_load_explicit(&r->head, memory_order_relaxed) -
			      atomic_load_explicit(&r->tail, memory_order_acquire));
}

void ring_notify(struct ring *r)
{
	uint64_t one = 1;

	if (!r->notify_due)
		return;
	r->notify_due = false;
	/* EAGAIN: the counter is full, so the consumer is awake anyway. */
	if (r->wake_fd >= 0 && write(r->wake_fd, &one, sizeof(one)) < 0)
		return;
}

bool ring_pop(struct ring *r, void *value)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	if (tail == atomic_load_explicit(&r->head, memory_order_acquire))
		return false;
	memcpy(value, r->values + (tail & r->mask) * r->value_size, r->value_size);
	atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
	return true;
}

int ring_wake_fd(const struct ring *r)
{
	return r->wake_fd;
}

void ring_wake_clear(struct ring *r)
{
	uint64_t count;

	if (r->wake_fd >= 0 && read(r->wake_fd, &count, sizeof(count)) < 0)
		return; /* EAGAIN: nothing was due */
}
