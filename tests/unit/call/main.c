/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/call/call_tests.h"

int main(void)
{
#define LIST_TEST(name) cmocka_unit_test(name),
	const struct CMUnitTest tests[] = {CALL_TESTS(LIST_TEST)};

	return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
