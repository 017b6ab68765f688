/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "src/mgmt/record_json.h"
#include "tests/unit/mgmt/mgmt_test.h"

/* As a reader of the file would: text, then parsed again. */
static json_t *there_and_back(const struct call_record *r, int64_t now_us)
{
	struct json_out out = {0};
	json_error_t error;
	json_t *read;
	char *text;

	record_write(&out, r, "span:1", "trunk:provider", now_us);
	text = json_take(&out, NULL);
	assert_non_null(text);
	assert_null(strchr(text, '\n'));
	read = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!read)
		fail_msg("%s: %s", error.text, text);
	free(text);
	return read;
}

static void a_whole_record(void **state)
{
	struct call_record r;
	json_t *o, *part;

	make_record(&r);
	o = there_and_back(&r, 0);
	assert_string_equal(text_at(o, "call"), "1a2b");
	assert_string_equal(text_at(o, "source"), "span:1");
	assert_string_equal(text_at(o, "target"), "trunk:provider");
	assert_string_equal(text_at(o, "rule"), "out-national");
	assert_string_equal(text_at(o, "begin"), "2025-11-21T03:12:44.104Z");
	assert_string_equal(text_at(o, "answer"), "2025-11-21T03:12:48.104Z");
	assert_string_equal(text_at(o, "end"), "2025-11-21T03:13:48.354Z");
	assert_string_equal(text_at(o, "calling_name"), "Jörg \"J\" Müller");
	assert_string_equal(text_at(o, "bearer"), "3.1kHz");
	assert_string_equal(text_at(o, "cleared_by"), "target");
	assert_string_equal(text_at(o, "peer_call_id"), "1:17");
	assert_true(json_is_true(json_object_get(o, "early_media")));
	assert_true(json_is_false(json_object_get(o, "interrupted")));
	assert_null(json_object_get(o, "state"));
	assert_int_equal(number_at(o, "pdd_ms"), 1500);
	assert_int_equal(number_at(o, "setup_ms"), 4000);
	assert_int_equal(number_at(o, "talk_ms"), 60000);
	assert_int_equal(number_at(o, "duration_ms"), 64250);
	part = json_object_get(o, "calling");
	assert_string_equal(text_at(part, "digits"), "4930555012");
	assert_string_equal(text_at(part, "ton"), "international");
	assert_string_equal(text_at(part, "npi"), "e164");
	assert_string_equal(text_at(part, "presentation"), "restricted");
	assert_string_equal(text_at(part, "screening"), "network");
	assert_string_equal(text_at(json_object_get(o, "called"), "ton"), "national");
	assert_string_equal(text_at(json_object_get(o, "called_out"), "digits"), "49301234567");
	part = json_object_get(o, "redirecting");
	assert_string_equal(text_at(part, "digits"), "4930555099");
	assert_string_equal(text_at(o, "redirect_reason"), "busy");
	assert_int_equal(number_at(o, "redirect_count"), 2);
	part = json_object_get(o, "connected");
	assert_string_equal(text_at(part, "digits"), "49301234500");
	assert_string_equal(text_at(part, "presentation"), "allowed");
	part = json_object_get(o, "connected_out");
	assert_string_equal(text_at(part, "digits"), "301234500");
	assert_string_equal(text_at(part, "ton"), "national");
	part = json_object_get(o, "channel");
	assert_int_equal(number_at(part, "span"), 1);
	assert_int_equal(number_at(part, "ts"), 17);
	part = json_object_get(o, "cause_a");
	assert_int_equal(number_at(part, "value"), 16);
	assert_string_equal(text_at(part, "location"), "private-local");
	assert_null(json_object_get(part, "sip_status"));
	part = json_object_get(o, "cause_b");
	assert_int_equal(number_at(part, "sip_status"), 486);
	part = json_object_get(o, "media");
	assert_string_equal(text_at(part, "codec"), "PCMA");
	assert_string_equal(text_at(part, "remote"), "192.0.2.7:16400");
	assert_int_equal(number_at(part, "rtp_lost_packets"), 10);
	assert_int_equal(number_at(part, "tdm_rx_octets"), 480000);
	json_decref(o);
}

static void a_refused_call_has_few_keys(void **state)
{
	struct call_record r = {.call = 1,
				.setup = {.source = {CALL_EP_TRUNK, 3}},
				.begin_us = 100,
				.end_us = 2100,
				.cause_a = {.value = CAUSE_NO_ROUTE}};
	static const char *const absent[] = {"answer",	     "alerting", "talk_ms", "setup_ms",
					     "pdd_ms",	     "called",	 "calling", "called_out",
					     "channel",	     "rule",	 "cause_b", "cleared_by",
					     "calling_name", "peer",	 "connected", "connected_out",
					     "redirecting",  "redirect_reason"};
	json_t *o = there_and_back(&r, 0);

	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		if (json_object_get(o, absent[i]))
			fail_msg("%s should not be there", absent[i]);
	assert_int_equal(number_at(o, "duration_ms"), 2);
	json_decref(o);
}

static void an_attempt_that_became_no_call_says_why(void **state)
{
	struct call_record r = {.refused = "no usable media",
				.called_text = "ali\xff",
				.setup = {.source = {CALL_EP_TRUNK, 3}},
				.begin_us = 100,
				.end_us = 100,
				.cause_a = {.value = 65, .location = 1, .sip_status = 488}};
	json_t *o = there_and_back(&r, 0), *cause = json_object_get(o, "cause_a");

	assert_string_equal(text_at(o, "call"), "-");
	assert_string_equal(text_at(o, "refused"), "no usable media");
	assert_string_equal(text_at(o, "called_text"), "ali\xef\xbf\xbd");
	assert_int_equal(number_at(cause, "value"), 65);
	assert_int_equal(number_at(cause, "sip_status"), 488);
	assert_true(json_is_false(json_object_get(o, "interrupted")));
	json_decref(o);
}

static void a_live_call_tells_its_state(void **state)
{
	struct call_record r;
	json_t *o;

	make_record(&r);
	r.clear_us = r.end_us = 0;
	o = there_and_back(&r, 19000000);
	assert_string_equal(text_at(o, "state"), "active");
	assert_int_equal(number_at(o, "talk_ms"), 10000);
	assert_int_equal(number_at(o, "duration_ms"), 14000);
	assert_null(json_object_get(o, "end"));
	json_decref(o);
}

/* Octets of a peer may be anything; the line must stay JSON and one line. */
static void hostile_text_stays_json(void **state)
{
	struct call_record r;
	json_t *o;

	make_record(&r);
	memcpy(r.setup.calling_name, "a\xff\xc3(\n\"\\\x01\xed\xa0\x80z", 13);
	memset(r.setup.peer_call_id, 0xfe, CALL_ID_TEXT_MAX);
	r.setup.called.ton = 7;
	r.cause_a.location = 9;
	r.setup.bearer = (enum call_bearer)0x1f;
	o = there_and_back(&r, 0);
	assert_string_equal(
	    text_at(o, "calling_name"),
	    "a\xef\xbf\xbd\xef\xbf\xbd(\n\"\\\x01\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz");
	assert_int_equal(strlen(text_at(o, "peer_call_id")), 3 * CALL_ID_TEXT_MAX);
	assert_int_equal(number_at(json_object_get(o, "called"), "ton"), 7);
	assert_int_equal(number_at(json_object_get(o, "cause_a"), "location"), 9);
	assert_int_equal(number_at(o, "bearer"), 0x1f);
	json_decref(o);
}

static void a_wall_clock_step_changes_no_duration(void **state)
{
	struct call_record r;
	json_t *o;

	make_record(&r);
	r.begin_wall_us -= 3600 * 1000000LL;
	o = there_and_back(&r, 0);
	assert_int_equal(number_at(o, "talk_ms"), 60000);
	assert_string_equal(text_at(o, "begin"), "2025-11-21T02:12:44.104Z");
	assert_string_equal(text_at(o, "clear"), "2025-11-21T02:13:48.104Z");
	json_decref(o);
}

static void endpoints(void **state)
{
	char out[RECORD_ENDPOINT_TEXT];

	assert_string_equal(record_endpoint((struct call_endpoint){CALL_EP_SPAN, 12}, NULL, out),
			    "span:12");
	assert_string_equal(record_endpoint((struct call_endpoint){CALL_EP_TRUNK, 0}, "a.b", out),
			    "trunk:a.b");
	assert_string_equal(record_endpoint((struct call_endpoint){CALL_EP_TRUNK, 4}, NULL, out),
			    "trunk:4");
	assert_string_equal(record_endpoint((struct call_endpoint){CALL_EP_NONE, 0}, NULL, out),
			    "none");
}

const struct CMUnitTest record_tests[] = {
    cmocka_unit_test(a_whole_record),
    cmocka_unit_test(a_refused_call_has_few_keys),
	    cmocka_unit_test(an_attempt_that_became_no_call_says_why),
    cmocka_unit_test(a_live_call_tells_its_state),
    cmocka_unit_test(hostile_text_stays_json),
    cmocka_unit_test(a_wall_clock_step_changes_no_duration),
    cmocka_unit_test(endpoints),
};
const size_t record_test_count = sizeof(record_tests) / sizeof(record_tests[0]);
