/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "src/mgmt/log_tail.h"
#include "tests/unit/mgmt/mgmt_test.h"

static void make_event(struct log_event *e)
{
	*e = (struct log_event){
	    .wall_us = 1763694764104000,
	    .level = LOG_WARN,
	    .name = "span.alarm",
	    .call = 77,
	    .field_count = 4,
	    .field = {L_U("span", 1), L_S("alarm", "LOS"), L_I("delta", -5), L_S("empty", NULL)}};
}

static void an_event_survives_packing(void **state)
{
	unsigned char packed[LOG_PACKED_MAX];
	char before[512], after[512];
	struct log_event e, back;

	make_event(&e);
	assert_true(log_unpack(&back, packed, log_pack(&e, packed)));
	log_format_line(&e, before, sizeof(before));
	log_format_line(&back, after, sizeof(after));
	assert_string_equal(before, after);
	log_format_json(&e, before, sizeof(before));
	log_format_json(&back, after, sizeof(after));
	assert_string_equal(before, after);
}

static void a_giant_event_is_cut(void **state)
{
	unsigned char packed[LOG_PACKED_MAX];
	static char giant[100000];
	struct log_event e, back;
	size_t len;

	memset(giant, 'x', sizeof(giant) - 1);
	make_event(&e);
	e.name = giant;
	e.field_count = LOG_FIELDS_MAX;
	for (unsigned i = 0; i < LOG_FIELDS_MAX; i++)
		e.field[i] = L_S(giant, giant);
	e.field[LOG_FIELDS_MAX - 1] = L_U("last", 42);
	len = log_pack(&e, packed);
	assert_in_range(len, 1, LOG_PACKED_MAX);
	assert_true(log_unpack(&back, packed, len));
	assert_in_range(back.field_count, 2, LOG_FIELDS_MAX - 1);
	assert_string_equal(back.field[back.field_count - 1].key, "last");
}

static void garbage_is_refused(void **state)
{
	unsigned char packed[LOG_PACKED_MAX];
	struct log_event e, back;
	struct rng rng;
	size_t len;

	rng_init_seed(&rng, 4711);
	make_event(&e);
	len = log_pack(&e, packed);
	for (size_t n = 0; n < len; n++)
		assert_false(log_unpack(&back, packed, n));
	for (int i = 0; i < 8000; i++) {
		len = log_pack(&e, packed);
		packed[rng_below(&rng, (uint32_t)len)] = (unsigned char)rng_u32(&rng);
		if (log_unpack(&back, packed, len)) {
			char line[512];

			log_format_json(&back, line, sizeof(line));
		}
	}
}

static void the_tail_holds_the_last(void **state)
{
	struct log_event e, back;
	struct log_tail *t;

	assert_int_equal(log_tail_create(&t), 0);
	make_event(&e);
	assert_int_equal(log_tail_first(t), log_tail_next(t));
	for (uint64_t i = 1; i <= LOG_TAIL_EVENTS + 10; i++) {
		char text[24];

		snprintf(text, sizeof(text), "n%llu", (unsigned long long)i);
		e.field[1] = L_S("alarm", text);
		assert_int_equal(log_tail_next(t), i);
		log_tail_add(t, &e);
	}
	assert_int_equal(log_tail_first(t), 11);
	assert_false(log_tail_get(t, 10, &back));
	assert_true(log_tail_get(t, 11, &back));
	assert_string_equal(back.field[1].text, "n11");
	assert_true(log_tail_get(t, LOG_TAIL_EVENTS + 10, &back));
	assert_string_equal(back.field[1].text, "n510");
	assert_false(log_tail_get(t, LOG_TAIL_EVENTS + 11, &back));
	log_tail_destroy(t);
	log_tail_destroy(NULL);
}

const struct CMUnitTest log_tail_tests[] = {
    cmocka_unit_test(an_event_survives_packing),
    cmocka_unit_test(a_giant_event_is_cut),
    cmocka_unit_test(garbage_is_refused),
    cmocka_unit_test(the_tail_holds_the_last),
};
const size_t log_tail_test_count = sizeof(log_tail_tests) / sizeof(log_tail_tests[0]);
