/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of a web server, and what its answers come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/lookup/http/http_answer.h"

static void urls(void **state)
{
	static const struct {
		const char *pattern, *url;
	} row[] = {
	    {"http://a/{number}", "http://a/%2B4930123"},
	    {"http://a/?n={number}&c={calling}&n={number}",
	     "http://a/?n=%2B4930123&c=%2A21%23&n=%2B4930123"},
	    {"http://a/{numbers}{", "http://a/{numbers}{"},
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_true(http_url(out, sizeof(out), row[i].pattern, "+4930123", "*21#"));
		assert_string_equal(out, row[i].url);
	}
	assert_true(http_url(out, sizeof("http://a/%2B49"), "http://a/{number}", "+49", ""));
	assert_false(http_url(out, sizeof("http://a/%2B49") - 1, "http://a/{number}", "+49", ""));
}

/* wrong: somebody must be told why. */
static void answers(void **state)
{
	static const struct {
		long status;
		const char *body, *args;
		bool wrong;
	} row[] = {
	    {200, "{\"called\":\"+4930999\",\"name\":\"A\"}",
	     "{\"called\":\"+4930999\",\"found\":true,\"lookup\":\"2f\",\"name\":\"A\"}", false},
	    {200, "{\"called\":\"115\",\"name\":null,\"more\":[1]}",
	     "{\"called\":\"115\",\"found\":true,\"lookup\":\"2f\"}", false},
	    {200, "{\"name\":\"A\"}", "{\"found\":true,\"lookup\":\"2f\",\"name\":\"A\"}", false},
	    {200, "{}", "{\"found\":false,\"lookup\":\"2f\"}", false},
	    {404, "<html>", "{\"found\":false,\"lookup\":\"2f\"}", false},
	    {204, "", "{\"found\":false,\"lookup\":\"2f\"}", false},
	    {200, "", "{\"found\":null,\"lookup\":\"2f\"}", true},
	    {200, "[]", "{\"found\":null,\"lookup\":\"2f\"}", true},
	    {200, "{\"called\":49}", "{\"found\":null,\"lookup\":\"2f\"}", true},
	    {200, "{\"called\":\"\",\"name\":\"A\"}", "{\"found\":null,\"lookup\":\"2f\"}", true},
	    {200, "{\"called\":\"++49\"}", "{\"found\":null,\"lookup\":\"2f\"}", true},
	    {200, "{\"called\":\"123456789012345678901234567890123\"}",
	     "{\"found\":null,\"lookup\":\"2f\"}", true},
	    {200, "{\"name\":[]}", "{\"found\":null,\"lookup\":\"2f\"}", true},
	    {302, "{\"called\":\"1\"}", "{\"found\":null,\"lookup\":\"2f\"}", true},
	    {500, "{\"called\":\"1\"}", "{\"found\":null,\"lookup\":\"2f\"}", true},
	    {0, "", "{\"found\":null,\"lookup\":\"2f\"}", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *why;
		json_t *args = http_answer("2f", row[i].status, row[i].body, strlen(row[i].body),
					   &why);
		char *text = json_dumps(args, JSON_COMPACT | JSON_SORT_KEYS);

		assert_string_equal(text, row[i].args);
		assert_int_equal(why != NULL, row[i].wrong);
		free(text);
		json_decref(args);
	}
}

/* 63 octets, then characters of two: none is cut in the middle of the 64 that a call carries. */
static void a_long_name(void **state)
{
	char body[200], want[64] = "";
	const char *why;
	json_t *args;

	(void)state;
	memset(want, 'x', 63);
	snprintf(body, sizeof(body), "{\"name\":\"%s\u00fc\u00fc\"}", want);
	args = http_answer("1", 200, body, strlen(body), &why);
	assert_string_equal(json_string_value(json_object_get(args, "name")), want);
	json_decref(args);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(urls),
	    cmocka_unit_test(answers),
	    cmocka_unit_test(a_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
