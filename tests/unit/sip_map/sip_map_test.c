/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/sip_map/tests.h"

#define ENTRY(name) {#name, test_##name, NULL, NULL, NULL},

int main(void)
{
	const struct CMUnitTest tests[] = {SIP_TESTS(ENTRY)};

	return cmocka_run_group_tests_name("sip_map", tests, NULL, NULL);
}
