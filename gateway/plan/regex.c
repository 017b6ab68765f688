/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/regex.h"

#include <errno.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* A number of 32 digits needs some hundred steps; a thousand times that is an expression that
 * would hold up other calls. */
enum { STEPS_MAX = 20000, HEAP_KIB_MAX = 256 };

struct regex {
	pcre2_code *code;
	pcre2_match_context *bounds;
};

int regex_create(struct regex **out, const char *text, size_t *offset, char *why, size_t size)
{
	struct regex *r = calloc(1, sizeof(*r));
	PCRE2_SIZE at = 0;
	int code = 0;

	if (!r)
		return -ENOMEM;
	r->bounds = pcre2_match_context_create(NULL);
	if (!r->bounds) {
		regex_destroy(r);
		return -ENOMEM;
	}
	pcre2_set_match_limit(r->bounds, STEPS_MAX);
	pcre2_set_heap_limit(r->bounds, HEAP_KIB_MAX);
	r->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
				&code, &at, NULL);
	if (!r->code) {
		pcre2_get_error_message(code, (PCRE2_UCHAR *)why, size);
		*offset = at;
		regex_destroy(r);
		return code == PCRE2_ERROR_NOMEMORY ? -ENOMEM : -EINVAL;
	}
	*out = r;
	return 0;
}

void regex_destroy(struct regex *r)
{
	if (!r)
		return;
	pcre2_code_free(r->code);
	pcre2_match_context_free(r->bounds);
	free(r);
}

unsigned regex_groups(const struct regex *r)
{
	uint32_t count = 0;

	pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &count);
	return count;
}

bool regex_match(const struct regex *r, const char *subject, struct regex_found *found)
{
	pcre2_match_data *data = pcre2_match_data_create(REGEX_GROUPS, NULL);
	PCRE2_SIZE *at;
	int n;

	if (!data)
		return false;
	n = pcre2_match(r->code, (PCRE2_SPTR)subject, PCRE2_ZERO_TERMINATED, 0, 0, data, r->bounds);
	at = pcre2_get_ovector_pointer(data);
	for (int i = 0; found && i < REGEX_GROUPS; i++) {
		bool took_part = i < n && at[2 * i] != PCRE2_UNSET && at[2 * i + 1] > at[2 * i];

		found->group[i].at = took_part ? at[2 * i] : 0;
		found->group[i].len = took_part ? at[2 * i + 1] - at[2 * i] : 0;
	}
	pcre2_match_data_free(data);
	return n >= 0;
}
