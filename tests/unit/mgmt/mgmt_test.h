/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module's tests, one array per file; one group runs them all. */
#ifndef TESTS_UNIT_MGMT_MGMT_TEST_H
#define TESTS_UNIT_MGMT_MGMT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "gateway/call/call_table.h"

extern const struct CMUnitTest record_tests[], capture_tests[], writer_tests[], log_tail_tests[],
    protocol_tests[], server_tests[], cli_tests[], trace_tests[], journal_tests[];
extern const size_t record_test_count, capture_test_count, writer_test_count, log_tail_test_count,
    protocol_test_count, server_test_count, cli_test_count, trace_test_count,
    journal_test_count;

/* A call with every field set. */
void make_record(struct call_record *r);
/* Of a JSON object; "(none)" and -1 where there is none. */
const char *text_at(json_t *o, const char *key);
long long number_at(json_t *o, const char *key);
/* A directory of its own for a test; removed with what is in it at the end. Returns out. */
const char *make_directory(char out[64]);
void remove_directory(const char *path);
/* The file's text, NUL-terminated, malloced; its length in *len when not NULL. "" when not there.
 */
char *read_whole(const char *path, size_t *len);

#endif
