/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON text straight into one growing buffer, without a tree: a page of calls is written within a
 * control turn, where a tree took ten times as long. Always valid UTF-8: what is not becomes
 * U+FFFD. Running out of memory is remembered, and told at the end. Private to src/mgmt/.
 *
 *   struct json_out j = {0};
 *   json_open(&j, NULL, '{');
 *   json_text(&j, "name", "x");
 *   json_close(&j, '}');
 *   text = json_take(&j, &len);
 *
 * key: NULL for the outermost value and in a list. Keys are our own words and need no escape.
 */
#ifndef SRC_MGMT_JSON_OUT_H
#define SRC_MGMT_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_out {
	char *text; /* owner: this, until json_take() */
	size_t len, size;
	bool comma; /* something stands before the next value */
	bool failed;
};

/* bracket: { or [ and } or ]. */
void json_open(struct json_out *j, const char *key, char bracket);
void json_close(struct json_out *j, char bracket);
void json_text(struct json_out *j, const char *key, const char *text);
void json_count(struct json_out *j, const char *key, uint64_t n);
void json_bool(struct json_out *j, const char *key, bool value);
/* text: JSON already. */
void json_raw(struct json_out *j, const char *key, const char *text, size_t len);
/* The text, NUL-terminated, malloced, the caller's; NULL when memory ran out. j is empty again. */
char *json_take(struct json_out *j, size_t *len);
void json_drop(struct json_out *j);

#endif
