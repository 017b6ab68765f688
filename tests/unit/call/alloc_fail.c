/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/call/alloc_fail.h"

#include <stdbool.h>
#include <stddef.h>

static unsigned left;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);

void alloc_fail_at(unsigned n)
{
	left = n;
}

static bool fails_now(void)
{
	return left && --left == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __real_calloc(n, size);
}
