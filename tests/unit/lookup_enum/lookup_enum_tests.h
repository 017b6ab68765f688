/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this test share. */
#ifndef TESTS_UNIT_LOOKUP_ENUM_LOOKUP_ENUM_TESTS_H
#define TESTS_UNIT_LOOKUP_ENUM_LOOKUP_ENUM_TESTS_H

#include "gateway/lookup/enum/naptr.h"

void test_wire_good_answer(void **state);
void test_wire_zero_octet(void **state);
void test_wire_no_record(void **state);
void test_wire_spoiled(void **state);
void test_resolver_answers(void **state);
void test_resolver_too_late(void **state);
void test_resolver_bounds(void **state);
void test_resolver_bad_name(void **state);
void test_resolver_refused(void **state);

/* "+49…" when it is E.164, empty when there is none; returns out. */
static inline const char *text_of(const struct call_number *n, char out[CALL_DIGITS_MAX + 2])
{
	snprintf(out, CALL_DIGITS_MAX + 2, "%s%s", n->ton == CALL_TON_INTERNATIONAL ? "+" : "",
		 n->present ? n->digits : "");
	return out;
}

#endif
