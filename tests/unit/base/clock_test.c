/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clocks and random. This executable is linked with the wrap, as the core is. */
#include "tests/unit/base/base_tests.h"

#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "gateway/base/clock.h"
#include "gateway/base/rng.h"

void test_clock_wrap(void **state)
{
	struct timeval tv;
	struct timespec ts;
	int64_t real = clock_mono_us(), wall = clock_wall_us();

	(void)state;
	assert_true(real > 0);
	assert_true(wall > 1500000000LL * US_PER_S);
	/* Before the first libclock_set() a library sees monotonic time. */
	gettimeofday(&tv, NULL);
	assert_true(tv.tv_sec * US_PER_S + tv.tv_usec >= real);
	assert_true(tv.tv_sec * US_PER_S + tv.tv_usec < real + 60 * US_PER_S);
	libclock_set(90 * US_PER_S + 7);
	gettimeofday(&tv, NULL);
	assert_int_equal(tv.tv_sec, 90);
	assert_int_equal(tv.tv_usec, 7);
	clock_gettime(CLOCK_REALTIME, &ts);
	assert_int_equal(ts.tv_sec, 90);
	assert_int_equal(ts.tv_nsec, 7000);
	assert_true(clock_mono_us() >= real); /* ours stay real */
	assert_true(clock_wall_us() > 1500000000LL * US_PER_S);
	assert_true(clock_thread_cpu_us() < clock_mono_us());
}

void test_rng(void **state)
{
	struct rng a, b;
	char hex[34];
	unsigned seen[10] = {0};

	(void)state;
	rng_init_seed(&a, 42);
	rng_init_seed(&b, 42);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(rng_u64(&a), rng_u64(&b));
	rng_init_seed(&b, 43);
	assert_true(rng_u64(&a) != rng_u64(&b));
	for (unsigned i = 0; i < 10000; i++) {
		uint32_t n = rng_below(&a, 10);

		assert_true(n < 10);
		seen[n]++;
	}
	for (unsigned i = 0; i < 10; i++)
		assert_true(seen[i] > 800 && seen[i] < 1200);
	assert_int_equal(rng_below(&a, 1), 0);
	memset(hex, '#', sizeof(hex));
	rng_hex(&a, hex, 32);
	assert_int_equal(strspn(hex, "0123456789abcdef"), 32);
	assert_int_equal(hex[32], '\0');
	assert_int_equal(hex[33], '#');
	rng_hex(&a, hex, 0);
	assert_string_equal(hex, "");
	rng_init_seed(&a, 0); /* never becomes the secure one by chance */
	rng_init_seed(&b, 0);
	assert_int_equal(rng_u64(&a), rng_u64(&b));
	rng_init_secure(&a);
	rng_init_secure(&b);
	assert_true(rng_u64(&a) != rng_u64(&b));
}
