/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/base/base_tests.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include "gateway/base/ring.h"
#include "gateway/base/rng.h"

struct value {
	uint64_t number;
	unsigned char text[20]; /* not a power of two: 32 octets with padding */
};

static struct value value_of(uint64_t n)
{
	struct value v = {.number = n};

	for (unsigned i = 0; i < sizeof(v.text); i++)
		v.text[i] = (unsigned char)(n * 7 + i);
	return v;
}

static bool is_value(const struct value *v, uint64_t n)
{
	struct value want = value_of(n);

	if (v->number != n)
		return false;
	for (unsigned i = 0; i < sizeof(v->text); i++)
		if (v->text[i] != want.text[i])
			return false;
	return true;
}

void test_ring_one_thread(void **state)
{
	struct ring *r;
	struct rng rng;
	struct value v;
	uint64_t in = 0, out = 0;

	(void)state;
	rng_init_seed(&rng, 5);
	assert_int_equal(ring_create(&r, sizeof(v), 6, false), 0); /* becomes 8 */
	assert_int_equal(ring_wake_fd(r), -1);
	assert_false(ring_pop(r, &v));
	for (unsigned i = 0; i < 10000; i++) {
		assert_int_equal(ring_free(r), 8 - (in - out));
		if (rng_below(&rng, 2)) {
			v = value_of(in);
			assert_int_equal(ring_push(r, &v), in - out < 8);
			in += in - out < 8;
		} else {
			assert_int_equal(ring_pop(r, &v), in != out);
			if (in != out)
				assert_true(is_value(&v, out++));
		}
	}
	ring_notify(r); /* legal without wake */
	ring_wake_clear(r);
	ring_destroy(r);
	ring_destroy(NULL);
}

static bool readable(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, timeout_ms) == 1;
}

void test_ring_wake(void **state)
{
	struct ring *r;
	uint32_t v = 1;

	(void)state;
	assert_int_equal(ring_create(&r, sizeof(v), 4, true), 0);
	assert_true(ring_wake_fd(r) >= 0);
	ring_notify(r); /* nothing was pushed */
	assert_false(readable(ring_wake_fd(r), 0));
	assert_true(ring_push(r, &v));
	assert_false(readable(ring_wake_fd(r), 0)); /* only once per turn */
	ring_notify(r);
	ring_notify(r);
	assert_true(readable(ring_wake_fd(r), 0));
	ring_wake_clear(r);
	assert_false(readable(ring_wake_fd(r), 0));
	ring_wake_clear(r);
	assert_true(ring_pop(r, &v));
	ring_destroy(r);
}

enum { VALUES = 100000 };

struct producer {
	struct ring *ring;
	uint64_t refused;
};

static void *produce(void *arg)
{
	struct producer *p = arg;

	for (uint64_t n = 0; n < VALUES;) {
		struct value v = value_of(n);
		size_t room = ring_free(p->ring);

		if (ring_push(p->ring, &v)) {
			n++;
		} else {
			p->refused++;
			if (room) /* ring_free() promised it */
				return p;
			ring_notify(p->ring);
			sched_yield();
		}
		if (n % 16 == 0)
			ring_notify(p->ring);
	}
	ring_notify(p->ring);
	return NULL;
}

void test_ring_two_threads(void **state)
{
	struct producer p = {0};
	pthread_t thread;
	uint64_t got = 0, wrong = 0;
	struct value v;
	void *broke;

	(void)state;
	assert_int_equal(ring_create(&p.ring, sizeof(v), 64, true), 0);
	assert_int_equal(pthread_create(&thread, NULL, produce, &p), 0);
	while (got < VALUES) {
		/* A lost wake would end in the guard of 30 s. */
		if (!readable(ring_wake_fd(p.ring), 30000))
			break;
		ring_wake_clear(p.ring);
		while (ring_pop(p.ring, &v)) {
			wrong += !is_value(&v, got);
			got++;
		}
	}
	pthread_join(thread, &broke);
	assert_null(broke);
	assert_int_equal(got, VALUES);
	assert_int_equal(wrong, 0);
	assert_false(ring_pop(p.ring, &v));
	ring_destroy(p.ring);
}
