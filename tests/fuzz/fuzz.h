/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput(): any octets in,
 * real code in virtual time, fuzz_check() for what must hold whatever came. libFuzzer drives it
 * (./run fuzz), and replay.c does without: the kept inputs and some mutations in every test run.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define fuzz_check(condition)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* A copy of exactly that size, so that ASan sees a read too far. free() it. */
void *fuzz_copy(const void *data, size_t size);
/* From now on every log event is formatted both ways, and thrown away (with FUZZ_LOG=1 in the
 * environment: shown). */
void fuzz_log_init(void);

#endif
