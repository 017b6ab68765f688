/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/plan/plan_tests.h"

int main(void)
{
#define LIST_TEST(name) cmocka_unit_test(name),
	const struct CMUnitTest tests[] = {PLAN_TESTS(LIST_TEST)};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
