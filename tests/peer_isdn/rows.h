/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests that are driven by a table in a file: one cmocka test a row, and in the end "rows driven N
 * / rows in the file M", which must be equal. A row that nobody drives fails.
 */
#ifndef TESTS_PEER_ISDN_ROWS_H
#define TESTS_PEER_ISDN_ROWS_H

#include <stdio.h>

enum { ROWS_MAX = 256, ROW_CELLS = 10, ROW_TEXT = 512 };

struct row {
	unsigned line; /* in the file, from 1 */
	unsigned cells;
	char *cell[ROW_CELLS]; /* "" where the file has none */
	char text[ROW_TEXT];   /* what cell points into */
};

/* The rows after the header. separator: '\t', or ',' with "" around cells that hold one. Exits when
 * the file cannot be read. Returns how many. */
unsigned rows_read(const char *path, char separator, struct row row[ROWS_MAX]);
/* Runs test(&state), state holding the row, for each. Returns an exit status. */
int rows_run(const char *name, struct row *row, unsigned count, void (*test)(void **state));

#endif
