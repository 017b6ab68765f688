/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/rng.h"
#include "tests/unit/mgmt/fake_view.h"
#include "tests/unit/mgmt/mgmt_test.h"

static struct fake_core core;

static json_t *ask_n(const char *line, size_t len)
{
	struct control_answer a;
	json_t *o;

	control_handle(&core.view, line, len, &a);
	assert_non_null(a.text);
	assert_int_equal(a.len, strlen(a.text));
	assert_null(strchr(a.text, '\n'));
	o = json_loads(a.text, JSON_REJECT_DUPLICATES, NULL);
	if (!o)
		fail_msg("no JSON: %s", a.text);
	free(a.text);
	return o;
}

static json_t *ask(const char *line)
{
	return ask_n(line, strlen(line));
}

/* The result alone; fails the test when the answer is an error. */
static json_t *result_of(const char *line)
{
	json_t *o = ask(line), *result = json_object_get(o, "result");

	if (!json_is_true(json_object_get(o, "ok")) || !result)
		fail_msg("%s: %s", line, json_string_value(json_object_get(o, "error")));
	json_incref(result);
	json_decref(o);
	return result;
}

static int set_up(void **state)
{
	fake_core_init(&core);
	return 0;
}

static int tear_down(void **state)
{
	fake_core_fini(&core);
	return 0;
}

static void refused(const char *line, const char *says)
{
	json_t *o = ask(line);

	assert_true(json_is_false(json_object_get(o, "ok")));
	assert_null(json_object_get(o, "result"));
	if (!strstr(text_at(o, "error"), says))
		fail_msg("%s: %s", line, text_at(o, "error"));
	json_decref(o);
}

static void bad_input_gets_a_clear_answer(void **state)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
	    {"", "not JSON"},
	    {"x", "not JSON"},
	    {"{", "not JSON"},
	    {"[]", "a request is a JSON object"},
	    {"[1,2]", "a request is a JSON object"},
	    {"null", "not JSON"},
	    {"{}", "no command"},
	    {"{\"id\":1}", "no command"},
	    {"{\"cmd\":7}", "no command"},
	    {"{\"cmd\":null}", "no command"},
	    {"{\"cmd\":\"statsu\"}", "unknown command \"statsu\"; there are: status, spans"},
	    {"{\"cmd\":\"status\",\"cmd\":\"spans\"}", "duplicate"},
	    {"{\"cmd\":\"status\",\"page\":1}", "status has no argument \"page\""},
	    {"{\"cmd\":\"calls\",\"pgae\":1}", "calls has no argument \"pgae\""},
	    {"{\"cmd\":\"calls\",\"page\":-1}", "\"page\" must be a number from 0"},
	    {"{\"cmd\":\"calls\",\"page\":1.5}", "\"page\" must be a number"},
	    {"{\"cmd\":\"calls\",\"page\":\"1\"}", "\"page\" must be a number"},
	    {"{\"cmd\":\"calls\",\"page\":99999999999}", "\"page\" must be a number"},
	    {"{\"cmd\":\"calls\",\"page\":99999999999999999999999999}", "too big"},
	    {"{\"cmd\":\"calls\",\"page\":1e999}", "real"},
	    {"{\"cmd\":\"log\",\"last\":0}", "\"last\" must be a number from 1 to 500"},
	    {"{\"cmd\":\"log\",\"last\":501}", "\"last\" must be a number from 1 to 500"},
	    {"{\"cmd\":\"subscribe\",\"level\":\"loud\"}", "\"level\" must be error, warn"},
	    {"{\"cmd\":\"subscribe\",\"level\":3}", "\"level\" must be error, warn"},
	    {"{\"cmd\":\"subscribe\",\"from\":0}", "\"from\" must be a number from 1"},
	    {"{\"cmd\":\"restart-channels\"}", "\"span\" must be a number from 1 to 255"},
	    {"{\"cmd\":\"restart-channels\",\"span\":1,\"ts\":32}", "\"ts\" must be a number"},
	    {"{\"cmd\":\"restart-channels\",\"span\":7}", "span 7: there is no such span"},
	    {"{\"cmd\":\"clear-call\"}", "\"call\" must be a call's id"},
	    {"{\"cmd\":\"clear-call\",\"call\":26}", "\"call\" must be a call's id"},
	    {"{\"cmd\":\"clear-call\",\"call\":\"\"}", "there is no call"},
	    {"{\"cmd\":\"clear-call\",\"call\":\"0\"}", "there is no call"},
	    {"{\"cmd\":\"clear-call\",\"call\":\"-1\"}", "\"call\" must be"},
	    {"{\"cmd\":\"clear-call\",\"call\":\"1a2c\"}", "there is no call 1a2c"},
	    {"{\"cmd\":\"clear-call\",\"call\":\"11111111111111111\"}", "\"call\" must be"},
	    {"{\"cmd\":\"clear-call\",\"call\":\"1a2b\",\"cause\":128}", "from 1 to 127"},
	    {"{\"cmd\":\"status\"} {\"cmd\":\"status\"}", "not JSON"},
	    {"{\"cmd\":\"status\",\"id\":[[[[[[[[1]]]]]]]]}", "nested deeper"},
	    {"{\"cmd\":\"st\xff\"}", "not JSON"},
	    {"{\"cmd\":\"a\\u0000b\"}", "not JSON"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refused(bad[i].line, bad[i].says);
	}
	assert_int_equal(core.cleared, 0);
	assert_false(core.shut_down);
}

static void giant_input_is_bounded(void **state)
{
	static char line[CONTROL_LINE_MAX + 2];
	json_t *o;

	memset(line, '[', sizeof(line));
	o = ask_n(line, CONTROL_LINE_MAX);
	assert_non_null(strstr(text_at(o, "error"), "nested deeper"));
	json_decref(o);
	o = ask_n(line, CONTROL_LINE_MAX + 1);
	assert_non_null(strstr(text_at(o, "error"), "longer than 65536"));
	json_decref(o);
	memset(line, '1', sizeof(line));
	o = ask_n(line, CONTROL_LINE_MAX);
	assert_true(json_is_false(json_object_get(o, "ok")));
	json_decref(o);
	memset(line, 'c', sizeof(line));
	memcpy(line, "{\"cmd\":\"", 8);
	memcpy(line + CONTROL_LINE_MAX - 2, "\"}", 2);
	o = ask_n(line, CONTROL_LINE_MAX);
	assert_non_null(strstr(text_at(o, "error"), "unknown command \"cccc"));
	json_decref(o);
}

/* Mutations of a good request: an answer always, and never a crash. */
static void mutations_are_answered(void **state)
{
	static const char good[] =
	    "{\"id\":\"a\",\"cmd\":\"calls\",\"page\":12} {\"call\":[1.5e3,true]}";
	struct rng rng;

	rng_init_seed(&rng, 20251121);
	for (int i = 0; i < 8000; i++) {
		char line[sizeof(good)];
		size_t len = 1 + rng_below(&rng, sizeof(good) - 1);

		memcpy(line, good, sizeof(good));
		for (uint32_t n = rng_below(&rng, 4); n > 0; n--)
			line[rng_below(&rng, sizeof(good) - 1)] = (char)rng_u32(&rng);
		json_decref(ask_n(line, len));
	}
}

static void the_id_comes_back(void **state)
{
	json_t *o = ask("{\"id\":42,\"cmd\":\"help\"}");

	assert_int_equal(number_at(o, "id"), 42);
	json_decref(o);
	o = ask("{\"id\":\"x-1\",\"cmd\":\"nonsense\"}");
	assert_string_equal(text_at(o, "id"), "x-1");
	json_decref(o);
	o = ask("{\"id\":{},\"cmd\":\"help\"}");
	assert_true(json_is_null(json_object_get(o, "id")));
	json_decref(o);
}

static void status_is_quiet_when_all_is_well(void **state)
{
	json_t *o = result_of("{\"cmd\":\"status\"}");

	assert_int_equal(json_array_size(json_object_get(o, "problems")), 0);
	assert_string_equal(text_at(o, "version"), "0.1.0");
	assert_string_equal(text_at(o, "started"), "2025-11-21T03:11:14.104Z");
	assert_int_equal(number_at(o, "uptime_s"), 90);
	assert_int_equal(number_at(json_object_get(o, "spans"), "up"), 2);
	assert_int_equal(number_at(json_object_get(o, "channels"), "count"), 60);
	assert_int_equal(number_at(json_object_get(o, "channels"), "busy"), 1);
	assert_int_equal(number_at(json_object_get(o, "turns"), "late"), 3);
	assert_int_equal(number_at(json_object_get(o, "turns"), "starved"), 2);
	assert_int_equal(number_at(json_object_get(o, "turns"), "longest_us"), 6500);
	assert_int_equal(number_at(json_object_get(o, "turns"), "longest_cpu_us"), 900);
	assert_null(json_object_get(o, "capture"));
	json_decref(o);
}

static void status_says_what_is_wrong(void **state)
{
	static const char *const expected[][2] = {
	    {"span 1: D-channel down", "LOS"},
	    {"span 2: alarm RAI", "the D-channel is up"},
	    {"span 2: 2 channels blocked", "(none)"},
	    {"span 2: 1 channels out of service", "the other end does not acknowledge RESTART"},
	    {"INVITEs refused from 192.0.2.7 (403)", "no trunk has this address"},
	    {"call records cannot be written, 7 wait", "No space left on device"},
	    {"3 call records are lost", "the disk was full or hung for too long"},
	};
	json_t *o, *list;

	core.span[0].isdn.dchannel_up = false;
	core.span[0].isdn.dchannel_since_us = 99 * US_PER_S;
	core.span[0].isdn.alarms = E1_ALARM_LOS;
	core.span[1].isdn.alarms = E1_ALARM_RAI;
	core.span[1].isdn.channel[1].state = ISDN_CH_BLOCKED;
	core.span[1].isdn.channel[2].state = ISDN_CH_BLOCKED;
	core.span[1].isdn.channel[16].state = ISDN_CH_BLOCKED; /* no B-channel */
	core.span[1].isdn.channel[3].state = ISDN_CH_OUT_OF_SERVICE;
	core.span[1].isdn.channel[4].state = ISDN_CH_RESTARTING; /* so far no problem */
	core.sip.refused_unknown_source = 12;
	core.sip.last_refused_us = 98 * US_PER_S;
	net_addr_parse(&core.sip.last_refused, "192.0.2.7:5060");
	core.writer.file[WRITER_RECORDS].error = 28;
	core.writer.file[WRITER_RECORDS].waiting = 7;
	core.writer.file[WRITER_RECORDS].lost = 3;
	o = result_of("{\"cmd\":\"status\"}");
	list = json_object_get(o, "problems");
	assert_int_equal(json_array_size(list), 7);
	for (size_t i = 0; i < 7; i++) {
		assert_string_equal(text_at(json_array_get(list, i), "what"), expected[i][0]);
		assert_string_equal(text_at(json_array_get(list, i), "why"), expected[i][1]);
	}
	assert_string_equal(text_at(json_array_get(list, 0), "since"), "2025-11-21T03:12:43.104Z");
	assert_int_equal(number_at(json_array_get(list, 4), "count"), 12);
	json_decref(o);
	core.now_us += 3600 * US_PER_S; /* an old refusal is no problem any more */
	o = result_of("{\"cmd\":\"status\"}");
	assert_int_equal(json_array_size(json_object_get(o, "problems")), 6);
	json_decref(o);
	core.span[1].isdn.restart_unanswered = true;
	o = result_of("{\"cmd\":\"status\"}");
	assert_int_equal(json_array_size(json_object_get(o, "problems")), 7);
	json_decref(o);
}

static void channels_are_restarted(void **state)
{
	json_decref(result_of("{\"cmd\":\"restart-channels\",\"span\":1,\"ts\":5}"));
	assert_true(core.restarted);
	assert_int_equal(core.restarted_ts, 5);
	json_decref(result_of("{\"cmd\":\"restart-channels\",\"span\":1}"));
	assert_int_equal(core.restarted_ts, 0);
}

static void timers_are_shown(void **state)
{
	json_t *o = result_of("{\"cmd\":\"timers\"}"), *rows = json_object_get(o, "rows"), *row;

	assert_int_equal(json_array_size(rows), 2 * ISDN_TIMERS);
	row = json_array_get(rows, ISDN_T309);
	assert_string_equal(text_at(row, "timer"), "T309");
	assert_string_equal(text_at(row, "run_by"), "isdn");
	assert_string_equal(text_at(row, "clause"), "Q.931 5.8.9");
	assert_int_equal(number_at(row, "value"), 90000);
	json_decref(o);
}

/* Follows the pages; returns all rows, each page at most max. */
static json_t *all_rows(const char *cmd, size_t max, unsigned *pages)
{
	json_t *rows = json_array();
	long long next = 0;

	for (*pages = 0; next >= 0; ++*pages) {
		char line[128];
		json_t *o;

		snprintf(line, sizeof(line), "{\"cmd\":\"%s\",\"page\":%lld}", cmd, next);
		o = result_of(line);
		assert_in_range(json_array_size(json_object_get(o, "rows")), 0, max);
		json_array_extend(rows, json_object_get(o, "rows"));
		next = number_at(o, "next");
		assert_true(*pages < 100);
		json_decref(o);
	}
	return rows;
}

static void lists_come_in_pages(void **state)
{
	unsigned pages;
	json_t *rows;

	core.spans = FAKE_SPANS_MAX;
	core.trunks = 450;
	core.call_count = 250;
	rows = all_rows("spans", 200, &pages);
	assert_int_equal(json_array_size(rows), 16);
	assert_int_equal(pages, 1);
	json_decref(rows);
	rows = all_rows("channels", 200, &pages);
	assert_int_equal(json_array_size(rows), 480);
	assert_int_equal(pages, 3);
	for (unsigned i = 0; i < 480; i++) { /* each once, none left out */
		json_t *row = json_array_get(rows, i);

		assert_int_equal(number_at(row, "span"), i / 30 + 1);
		assert_int_equal(number_at(row, "ts"), i % 30 + 1 + (i % 30 >= 15));
	}
	assert_string_equal(text_at(json_array_get(rows, 15), "call"), "1a2b");
	assert_string_equal(text_at(json_array_get(rows, 15), "state"), "busy");
	json_decref(rows);
	rows = all_rows("trunks", 200, &pages);
	assert_int_equal(json_array_size(rows), 450);
	assert_int_equal(pages, 3);
	assert_string_equal(text_at(json_array_get(rows, 0), "peer"), "[2001:db8::1]:5060");
	json_decref(rows);
	rows = all_rows("calls", 200, &pages);
	assert_int_equal(json_array_size(rows), 250);
	assert_string_equal(text_at(json_array_get(rows, 249), "call"), "fa");
	assert_string_equal(text_at(json_array_get(rows, 0), "target"), "trunk:provider");
	assert_string_equal(text_at(json_array_get(rows, 0), "state"), "active");
	assert_int_equal(number_at(json_array_get(rows, 0), "talk_ms"), 91000);
	json_decref(rows);
}

static void the_log_has_pages_too(void **state)
{
	unsigned pages;
	json_t *o, *rows;

	fake_core_log(&core, 700, LOG_INFO);
	o = result_of("{\"cmd\":\"log\",\"last\":3}");
	rows = json_object_get(o, "rows");
	assert_int_equal(json_array_size(rows), 3);
	assert_int_equal(number_at(json_array_get(rows, 0), "number"), 698);
	assert_int_equal(number_at(json_array_get(rows, 2), "n"), 700);
	assert_string_equal(text_at(json_array_get(rows, 2), "event"), "test.event");
	assert_true(json_is_null(json_object_get(o, "next")));
	json_decref(o);
	o = result_of("{\"cmd\":\"log\",\"last\":500}");
	assert_int_equal(json_array_size(json_object_get(o, "rows")), 200);
	assert_int_equal(number_at(o, "next"), 401);
	json_decref(o);
	rows = all_rows("log", 200, &pages); /* page 0: the last 50 */
	assert_int_equal(json_array_size(rows), 50);
	json_decref(rows);
	o = result_of("{\"cmd\":\"log\",\"page\":5}"); /* gone: begins with what there is */
	assert_int_equal(number_at(json_array_get(json_object_get(o, "rows"), 0), "number"), 201);
	json_decref(o);
}

static void subscribing(void **state)
{
	static const char line[] = "{\"cmd\":\"subscribe\",\"from\":5,\"level\":\"warn\"}";
	static const char wrong[] = "{\"cmd\":\"subscribe\",\"form\":5}";
	struct control_answer a;

	fake_core_log(&core, 10, LOG_INFO);
	control_handle(&core.view, line, strlen(line), &a);
	assert_true(a.subscribe);
	assert_int_equal(a.from, 5);
	assert_int_equal(a.level, LOG_WARN);
	free(a.text);
	control_handle(&core.view, wrong, strlen(wrong), &a);
	assert_false(a.subscribe);
	free(a.text);
}

static void acting(void **state)
{
	json_decref(result_of("{\"cmd\":\"clear-call\",\"call\":\"1a2b\",\"cause\":31}"));
	assert_int_equal(core.cleared, 0x1a2b);
	assert_int_equal(core.cleared_cause, 31);
	json_decref(result_of("{\"cmd\":\"shutdown\"}"));
	assert_true(core.shut_down);
}

static void bad_lookups_are_refused(void **state)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
	    {"{\"cmd\":\"lookup-subscribe\"}", "\"services\" must be a list"},
	    {"{\"cmd\":\"lookup-subscribe\",\"services\":[]}", "\"services\" must be a list"},
	    {"{\"cmd\":\"lookup-subscribe\",\"services\":[\"\"]}", "at most 16 names"},
	    {"{\"cmd\":\"lookup-subscribe\",\"services\":[7]}", "at most 16 names"},
	    {"{\"cmd\":\"lookup-subscribe\",\"services\":[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\","
	     "\"9\",\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]}", "at most 16 names"},
	    {"{\"cmd\":\"lookup-answer\"}", "\"lookup\" must be a question's id"},
	    {"{\"cmd\":\"lookup-answer\",\"lookup\":\"2F\"}", "\"lookup\" must be a question's id"},
	    {"{\"cmd\":\"lookup-answer\",\"lookup\":\"2e\"}", "no call waits for look-up 2e"},
	    {"{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"found\":1}", "\"found\" must be true"},
	    {"{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"called\":49}", "\"called\" must be a number"},
	    {"{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"called\":\"+\"}", "\"called\" must be a number"},
	    {"{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"called\":\"1 2\"}", "\"called\" must be a number"},
	    {"{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"called\":"
	     "\"123456789012345678901234567890123\"}", "\"called\" must be a number"},
	    {"{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"name\":7}", "\"name\" must be a text"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i].line, bad[i].says);
}

static void lookups_are_answered(void **state)
{
	static const char line[] = "{\"cmd\":\"lookup-subscribe\",\"services\":[\"lnp\",\"cnam\"]}";
	struct control_answer a;
	json_t *o;

	control_handle(&core.view, line, strlen(line), &a);
	assert_true(a.lookup);
	assert_int_equal(a.services.count, 2);
	assert_string_equal(a.services.name[1], "cnam");
	free(a.text);
	json_decref(result_of("{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"found\":true,"
			      "\"called\":\"+49301\",\"name\":\"Miller\"}"));
	assert_int_equal(core.answered, 0x2f);
	assert_int_equal(core.answer.kind, PLAN_ANSWER_FOUND);
	assert_true(core.answer.has_called && core.answer.has_name);
	assert_string_equal(core.answer.called.digits, "49301");
	assert_int_equal(core.answer.called.ton, CALL_TON_INTERNATIONAL);
	assert_string_equal(core.answer.name, "Miller");
	json_decref(result_of("{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"found\":true,"
			      "\"called\":\"115\"}"));
	assert_int_equal(core.answer.called.ton, CALL_TON_UNKNOWN);
	assert_false(core.answer.has_name);
	json_decref(result_of("{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"found\":false}"));
	assert_int_equal(core.answer.kind, PLAN_ANSWER_NOT_FOUND);
	json_decref(result_of("{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"found\":null}"));
	assert_int_equal(core.answer.kind, PLAN_ANSWER_FAILED);
	core.lookups = (struct lookup_counters){.asked = 9, .found = 2, .timed_out = 7, .in_row = 7};
	o = result_of("{\"cmd\":\"status\"}");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "lookups"),
							    "timed_out")), 7);
	assert_int_equal(json_array_size(json_object_get(o, "problems")), 1);
	json_decref(o);
}

static void dns_servers_are_shown(void **state)
{
	json_t *o, *list, *s;

	(void)state;
	core.dns_servers = 2;
	o = result_of("{\"cmd\":\"status\"}");
	list = json_object_get(o, "dns");
	assert_int_equal(json_array_size(list), 2);
	s = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(s, "server")), "192.0.2.1:53");
	assert_int_equal(json_integer_value(json_object_get(s, "last_answer_ms")), 2500);
	s = json_array_get(list, 1);
	assert_true(json_is_null(json_object_get(s, "last_answer_ms")));
	assert_int_equal(json_integer_value(json_object_get(s, "unanswered_in_row")), 4);
	list = json_object_get(o, "problems");
	assert_int_equal(json_array_size(list), 1);
	assert_non_null(strstr(json_string_value(json_object_get(json_array_get(list, 0), "what")),
			       "[::1]:5353"));
	json_decref(o);
}

static void a_ladder_of_a_call(void **state)
{
	json_t *o, *rows;

	fake_core_messages(&core, 1);
	o = result_of("{\"cmd\":\"ladder\",\"call\":\"1a2b\",\"raw\":true}");
	rows = json_object_get(o, "rows");
	assert_int_equal(json_array_size(rows), 3);
	assert_string_equal(
	    json_string_value(json_object_get(json_array_get(rows, 0), "octets")),
	    "02 01 00 00 08 02 00 05 05 04 03 80 90 a3");
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 2), "text")),
			    "SIP/2.0 180 Ringing\r\nCall-ID: abc\r\n\r\n");
	json_decref(o);
	for (size_t i = 0; i < 6; i++) {
		static const char *const bad[] = {
		    "{\"cmd\":\"ladder\"}",
		    "{\"cmd\":\"ladder\",\"call\":\"77\"}",
		    "{\"cmd\":\"ladder\",\"call\":\"1a2b\",\"raw\":1}",
		    "{\"cmd\":\"trace\",\"call\":5}",
		    "{\"cmd\":\"trace\",\"span\":-1}",
		    "{\"cmd\":\"trace\",\"raw\":\"yes\"}"};

		o = ask(bad[i]);
		assert_false(json_is_true(json_object_get(o, "ok")));
		json_decref(o);
	}
}

static void help_lists_what_works(void **state)
{
	json_t *o = result_of("{\"cmd\":\"help\"}"), *rows = json_object_get(o, "rows");

	assert_int_equal(json_array_size(rows), 17);
	json_decref(o);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
const struct CMUnitTest protocol_tests[] = {
    TEST(bad_input_gets_a_clear_answer),
    TEST(giant_input_is_bounded),
    TEST(mutations_are_answered),
    TEST(the_id_comes_back),
    TEST(status_is_quiet_when_all_is_well),
    TEST(status_says_what_is_wrong),
    TEST(channels_are_restarted),
    TEST(timers_are_shown),
    TEST(lists_come_in_pages),
    TEST(the_log_has_pages_too),
    TEST(subscribing),
    TEST(acting),
    TEST(bad_lookups_are_refused),
    TEST(lookups_are_answered),
    TEST(dns_servers_are_shown),
    TEST(a_ladder_of_a_call),
    TEST(help_lists_what_works),
};
const size_t protocol_test_count = sizeof(protocol_tests) / sizeof(protocol_tests[0]);
