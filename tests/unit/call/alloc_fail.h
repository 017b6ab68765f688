/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lets the n-th allocation from now on fail, once. The executable is linked with
 * -Wl,--wrap=malloc,--wrap=calloc. */
#ifndef TESTS_UNIT_CALL_ALLOC_FAIL_H
#define TESTS_UNIT_CALL_ALLOC_FAIL_H

void alloc_fail_at(unsigned n); /* 0: never */

#endif
