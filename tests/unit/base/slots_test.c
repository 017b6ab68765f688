/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/base/base_tests.h"

#include <errno.h>

#include "gateway/base/rng.h"
#include "gateway/base/slots.h"

enum { CAPACITY = 7, OLD = 4000 };

void test_slots_limits(void **state)
{
	struct slots *s;
	int x = 0;

	(void)state;
	assert_int_equal(slots_create(&s, 0), -EINVAL);
	assert_int_equal(slots_create(&s, 1u << 20), -EINVAL);
	assert_int_equal(slots_create(&s, 1), 0);
	assert_int_equal(slots_put(s, NULL), 0);
	assert_true(slots_put(s, &x) != 0);
	assert_int_equal(slots_put(s, &x), 0);
	slots_destroy(s);
	slots_destroy(NULL);
}

/* Random puts and removes; every id that ever was is kept and asked for. */
void test_slots_generations(void **state)
{
	static slot_id old[OLD];
	static int objects[OLD];
	static int live[OLD];
	struct slots *s;
	struct rng r;
	unsigned used = 0, made = 0;

	(void)state;
	rng_init_seed(&r, 9);
	assert_int_equal(slots_create(&s, CAPACITY), 0);
	while (made < OLD) {
		if (rng_below(&r, 2)) {
			slot_id id = slots_put(s, &objects[made]);

			assert_int_equal(id != 0, used < CAPACITY);
			if (!id)
				continue;
			old[made] = id;
			live[made++] = 1;
			used++;
		} else if (made) {
			unsigned i = made - 1 - rng_below(&r, made < 20 ? made : 20);

			assert_ptr_equal(slots_get(s, old[i]), live[i] ? &objects[i] : NULL);
			slots_remove(s, old[i]); /* stale: ignored */
			used -= (unsigned)live[i];
			live[i] = 0;
		}
		assert_int_equal(slots_used(s), used);
	}
	for (unsigned i = 0; i < OLD; i++) {
		assert_ptr_equal(slots_get(s, old[i]), live[i] ? &objects[i] : NULL);
		assert_null(slots_get(s, old[i] + (1ULL << 40))); /* not yet given out */
	}
	assert_null(slots_get(s, 0));
	assert_null(slots_get(s, UINT64_MAX));
	assert_null(slots_get(s, 1ULL << 20 | CAPACITY));
	slots_destroy(s);
}

/* A freed slot rests as long as possible. */
void test_slots_oldest_first(void **state)
{
	struct slots *s;
	int x;
	slot_id id[3], again;

	(void)state;
	assert_int_equal(slots_create(&s, 3), 0);
	for (unsigned i = 0; i < 3; i++)
		id[i] = slots_put(s, &x);
	slots_remove(s, id[1]);
	slots_remove(s, id[0]);
	slots_remove(s, id[2]);
	for (unsigned i = 0; i < 3; i++) {
		static const unsigned order[] = {1, 0, 2};

		again = slots_put(s, &x);
		assert_int_equal(again & 0xfffff, id[order[i]] & 0xfffff);
		assert_true(again != id[order[i]]);
	}
	slots_destroy(s);
}

void test_slots_iteration(void **state)
{
	struct slots *s;
	int objects[CAPACITY];
	unsigned cursor = 0, seen = 0;
	slot_id id;
	void *o;

	(void)state;
	assert_int_equal(slots_create(&s, CAPACITY), 0);
	assert_null(slots_next(s, &cursor, &id));
	for (unsigned i = 0; i < CAPACITY; i++)
		assert_true(slots_put(s, &objects[i]) != 0);
	cursor = 0;
	while ((o = slots_next(s, &cursor, &id))) {
		assert_ptr_equal(o, &objects[seen]);
		assert_ptr_equal(slots_get(s, id), o);
		if (seen++ % 2)
			slots_remove(s, id);
	}
	assert_int_equal(seen, CAPACITY);
	cursor = 0;
	for (seen = 0; slots_next(s, &cursor, NULL);)
		seen++;
	assert_int_equal(seen, slots_used(s));
	slots_destroy(s);
}
