/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/base/base_tests.h"

int main(void)
{
#define LIST_TEST(name) cmocka_unit_test(name),
	const struct CMUnitTest tests[] = {BASE_TESTS(LIST_TEST)};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
