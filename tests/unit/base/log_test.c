/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/base/base_tests.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/rng.h"
#include "gateway/base/strbuf.h"

/* 2026-11-21T03:12:55.104Z */
#define WHEN_US 1795230775104999LL

static struct log_event event_with(const struct log_field *fields, unsigned count)
{
	struct log_event e = {.wall_us = WHEN_US, .level = LOG_WARN, .name = "sip.request_refused"};

	e.field_count = count;
	memcpy(e.field, fields, count * sizeof(*fields));
	return e;
}

void test_log_line(void **state)
{
	static const struct {
		struct log_field field;
		const char *text;
	} row[] = {
	    {{"k", LOG_TEXT, {.text = "plain"}}, "k=plain"},
	    {{"k", LOG_TEXT, {.text = "192.0.2.7:5060"}}, "k=192.0.2.7:5060"},
	    {{"k", LOG_TEXT, {.text = NULL}}, "k=-"},
	    {{"k", LOG_TEXT, {.text = ""}}, "k=\"\""},
	    {{"k", LOG_TEXT, {.text = "two words"}}, "k=\"two words\""},
	    {{"k", LOG_TEXT, {.text = "a=b"}}, "k=\"a=b\""},
	    {{"k", LOG_TEXT, {.text = "a\"b\\"}}, "k=\"a\\u0022b\\u005c\""},
	    {{"k", LOG_TEXT, {.text = "a\r\nb\x1b[2J\x7f"}},
	     "k=\"a\\u000d\\u000ab\\u001b[2J\\u007f\""},
	    {{"k", LOG_TEXT, {.text = "M\xc3\xbcller"}}, "k=\"M\\u00fcller\""},
	    {{"k", LOG_SIGNED, {.i = INT64_MIN}}, "k=-9223372036854775808"},
	    {{"k", LOG_UNSIGNED, {.u = UINT64_MAX}}, "k=18446744073709551615"},
	};
	char out[256], want[300];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct log_event e = event_with(&row[i].field, 1);

		snprintf(want, sizeof(want), "2026-11-21T03:12:55.104Z WARN sip.request_refused %s",
			 row[i].text);
		log_format_line(&e, out, sizeof(out));
		assert_string_equal(out, want);
		e.call = 0x1000a;
		log_format_line(&e, out, sizeof(out));
		assert_non_null(strstr(out, "refused call=1000a k="));
		for (size_t size = 1; size < 60; size++)
			assert_true(log_format_line(&e, out, size) < size);
	}
}

/* What a JSON reader makes of a field's text. */
static void check_json_text(const char *text, const char *want)
{
	struct log_field f = L_S("k", text);
	struct log_event e = event_with(&f, 1);
	char out[2048];
	size_t len = log_format_json(&e, out, sizeof(out));
	json_t *j;

	assert_int_equal(len, strlen(out));
	j = json_loads(out, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "event")), "sip.request_refused");
	assert_string_equal(json_string_value(json_object_get(j, "level")), "WARN");
	assert_string_equal(json_string_value(json_object_get(j, "time")),
			    "2026-11-21T03:12:55.104Z");
	assert_string_equal(json_string_value(json_object_get(j, "k")), want);
	json_decref(j);
}

void test_log_json_text(void **state)
{
	(void)state;
	check_json_text("", "");
	check_json_text("plain", "plain");
	check_json_text("a\"b\\c/\b\f\n\r\t\x01\x7f", "a\"b\\c/\b\f\n\r\t\x01\x7f");
	check_json_text("M\xc3\xbcller", "M\xc3\xbcller");
	check_json_text("\xe2\x82\xac \xf0\x9f\x93\x9e", "\xe2\x82\xac \xf0\x9f\x93\x9e");
	/* Not UTF-8: each octet stands for itself (ISO 8859-1) */
	check_json_text("\xfc", "\xc3\xbc");
	check_json_text("\xc3", "\xc3\x83");
	check_json_text("\xe2\x82", "\xc3\xa2\xc2\x82");
	check_json_text("\xc0\xaf", "\xc3\x80\xc2\xaf");	     /* overlong */
	check_json_text("\xed\xa0\x80", "\xc3\xad\xc2\xa0\xc2\x80"); /* a surrogate */
	check_json_text("\xf8\x88\x80\x80", "\xc3\xb8\xc2\x88\xc2\x80\xc2\x80");
	check_json_text("\xf4\x90\x80\x80", "\xc3\xb4\xc2\x90\xc2\x80\xc2\x80");
}

/* Any octets, any room: a JSON reader takes it, and nothing is written beyond the room. */
void test_log_json_always_valid(void **state)
{
	struct rng r;
	char text[3][64], out[1600];

	(void)state;
	rng_init_seed(&r, 17);
	for (unsigned round = 0; round < 3000; round++) {
		struct log_field f[5] = {L_S("a", text[0]), L_S("b", text[1]), L_S("c", text[2]),
					 L_S("d", NULL), L_I("e", -1)};
		struct log_event e = event_with(f, 5);
		size_t size = 192 + rng_below(&r, 1400), len;
		json_t *j;

		for (unsigned i = 0; i < 3; i++) {
			size_t n = rng_below(&r, 60);

			for (size_t k = 0; k < n; k++)
				text[i][k] = (char)(1 + rng_below(&r, 255));
			text[i][n] = '\0';
		}
		e.call = rng_u64(&r);
		memset(out, '#', sizeof(out));
		len = log_format_json(&e, out, size);
		assert_true(len < size);
		assert_int_equal(out[len], '\0');
		assert_int_equal(out[size], '#');
		j = json_loads(out, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(j);
		if (size > 1300) {
			assert_true(json_is_null(json_object_get(j, "d")));
			assert_int_equal(json_integer_value(json_object_get(j, "e")), -1);
		}
		json_decref(j);
	}
	assert_int_equal(log_format_json(&(struct log_event){.name = "x"}, out, 10), 0);
	assert_string_equal(out, "");
}

static struct log_event got;
static unsigned got_count;

static void sink(void *arg, const struct log_event *event)
{
	assert_ptr_equal(arg, &got);
	got = *event;
	got_count++;
}

void test_log_emit(void **state)
{
	struct log_field many[LOG_FIELDS_MAX + 4];

	(void)state;
	for (unsigned i = 0; i < LOG_FIELDS_MAX + 4; i++)
		many[i] = L_U("n", i);
	log_init(LOG_INFO, sink, &got);
	assert_true(log_enabled(LOG_INFO) && !log_enabled(LOG_DEBUG));
	LOG(LOG_DEBUG, "test.no", 0, L_U("n", 1));
	assert_int_equal(got_count, 0);
	LOG(LOG_WARN, "test.yes", 7, L_U("n", 1), L_S("s", "x"));
	assert_int_equal(got_count, 1);
	assert_int_equal(got.call, 7);
	assert_int_equal(got.field_count, 2);
	assert_true(got.wall_us > 1500000000LL * 1000000);
	log_emit(LOG_ERROR, "test.many", 0, many, LOG_FIELDS_MAX + 4);
	assert_int_equal(got.field_count, LOG_FIELDS_MAX);
	log_init(LOG_INFO, NULL, NULL);
}

void test_strbuf(void **state)
{
	char memory[8 + 1];
	struct strbuf b;

	(void)state;
	memory[8] = '#';
	strbuf_init(&b, memory, 8);
	assert_string_equal(b.text, "");
	strbuf_add(&b, "abc");
	strbuf_addf(&b, "%d", 42);
	assert_string_equal(b.text, "abc42");
	assert_false(b.truncated);
	strbuf_addf(&b, "%s", "xy");
	assert_string_equal(b.text, "abc42xy");
	assert_false(b.truncated); /* exactly full */
	strbuf_add_n(&b, "", 0);
	assert_false(b.truncated);
	strbuf_addf(&b, "z");
	assert_true(b.truncated);
	strbuf_add(&b, "z");
	assert_string_equal(b.text, "abc42xy");
	assert_int_equal(b.len, 7);
	strbuf_init(&b, memory, 8);
	strbuf_addf(&b, "%s", "0123456789");
	assert_string_equal(b.text, "0123456");
	assert_true(b.truncated);
	strbuf_init(&b, memory, 1);
	strbuf_addf(&b, "%d", 7);
	strbuf_add(&b, "q");
	assert_string_equal(b.text, "");
	assert_true(b.truncated && b.len == 0);
	assert_true(str_copy(memory, 8, "1234567"));
	assert_false(str_copy(memory, 8, "12345678"));
	assert_string_equal(memory, "1234567");
	assert_int_equal(memory[8], '#');
}
