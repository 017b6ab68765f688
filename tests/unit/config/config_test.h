/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_CONFIG_CONFIG_TEST_H
#define TESTS_UNIT_CONFIG_CONFIG_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"

/* What the loader reported. */
struct mistakes {
	unsigned count;
	char text[CONFIG_ERRORS_MAX + 1][1100];
};

void mistakes_add(void *arg, const char *text);
/* Parses text as "f" and gathers what is wrong with it. */
int parse(struct config **out, const char *text, struct mistakes *m);
/* The smallest right file, with parts replaced. NULL: as it is. */
struct parts {
	const char *span, *trunk, *plan, *rest;
};
const char *make_file(const struct parts *p);

extern const struct CMUnitTest good_tests[], bad_tests[], causes_tests[], mutation_tests[];
extern const size_t good_test_count, bad_test_count, causes_test_count, mutation_test_count;

#endif
