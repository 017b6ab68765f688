/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab's verdict: a call that is right in every point, and then one point wrong at a time. */
#include "tests/unit/lab/lab_tests.h"

#include <stdio.h>
#include <string.h>

#include "gateway/lab/lab_calls.h"

static const char pbx_text[] =
    "{'answered':true,'cause':0,'early_media':true,'ts':5,'missed_octets':160,'audio':{'good':"
    "32000,'lost':480,'inserted':160,'changed':0,'foreign':0}}";
static const char peer_text[] =
    "{'end':'bye_received','status':200,'cause':31,'early_media':true,'heard':{'good':32000,"
    "'lost':320,'inserted':0,'changed':0,'foreign':0},'audio':{'missing_octets':160,"
    "'sent_packets':200,'received_packets':199}}";
static const char record_text[] =
    "{'source':'span:1','target':'trunk:lab','calling':{'digits':'02110001'},'cleared_by':"
    "'source','cause_a':{'value':31},'cause_b':{'value':31},'answer':'x','channel':{'ts':5},"
    "'interrupted':false,'media':{'rtp_tx_packets':200,'rtp_rx_packets':200,'rtp_lost_packets':"
    "1,'jb_late_octets':100,'jb_dropped_octets':460,'jb_unplayed_octets':400,'jb_concealed_octets':"
    "320,"
    "'tdm_missed_octets':160}}";

static json_t *object(const char *text)
{
	char json[1000];
	json_t *o;

	snprintf(json, sizeof(json), "%s", text);
	for (char *at = json; *at; at++)
		if (*at == '\'')
			*at = '"';
	o = json_loads(json, 0, NULL);
	assert_non_null(o);
	return o;
}

static struct lab_call *good_call(struct lab_calls *calls)
{
	struct lab_call *c;

	lab_calls_init(calls, 3000);
	c = lab_calls_add(calls, LAB_E1_TO_SIP, LAB_CALLER_ENDS);
	assert_non_null(c);
	assert_string_equal(c->called, "03010001");
	c->placed = true;
	c->pbx = object(pbx_text);
	c->peer = object(peer_text);
	c->record = object(record_text);
	return c;
}

static bool verdict(const struct lab_call *c, struct lab_verdict *v, char why[1000])
{
	struct strbuf b;

	strbuf_init(&b, why, 1000);
	memset(v, 0, sizeof(*v));
	return lab_call_check(c, v, &b);
}

void check_takes_a_good_call(void **state)
{
	struct lab_calls calls;
	struct lab_call *c = good_call(&calls);
	struct lab_verdict v;
	char why[1000];

	assert_true(verdict(c, &v, why));
	assert_string_equal(why, "");
	assert_int_equal(v.good, 1);
	assert_int_equal(v.audio, 1);
	assert_int_equal(v.early, 1);
	assert_int_equal(v.octets, 64000);
	assert_int_equal(v.lost, 800);
	assert_int_equal(v.counted, 960);
	assert_int_equal(v.unexplained, 0);
	lab_calls_fini(&calls);
}

/* object: p exchange, s SIP peer, r record; path to one value, and a wrong one. */
static void assert_noticed(char object_key, const char *path, const char *wrong, const char *said)
{
	struct lab_calls calls;
	struct lab_call *c = good_call(&calls);
	json_t *o = object_key == 'p' ? c->pbx : object_key == 's' ? c->peer : c->record;
	const char *dot = strchr(path, '.');
	struct lab_verdict v;
	char why[1000], outer[40];

	if (dot) {
		snprintf(outer, sizeof(outer), "%.*s", (int)(dot - path), path);
		o = json_object_get(o, outer);
		path = dot + 1;
	}
	assert_non_null(json_object_get(o, path));
	json_object_set_new(o, path, json_loads(wrong, JSON_DECODE_ANY, NULL));
	assert_false(verdict(c, &v, why));
	assert_int_equal(v.good, 0);
	if (!strstr(why, said)) {
		print_error("expected \"%s\", said \"%s\"\n", said, why);
		fail();
	}
	lab_calls_fini(&calls);
}

void check_notices_each_mistake(void **state)
{
	assert_noticed('p', "answered", "false", "answered at the exchange: expected 1, seen 0");
	assert_noticed('p', "cause", "16", "cause at the exchange: expected 0, seen 16");
	assert_noticed('p', "early_media", "false", "early media at the exchange");
	assert_noticed('p', "audio.lost", "481", "unexplained octets: expected 0, seen 1 ");
	assert_noticed('p', "audio.inserted", "321", "seen 1 ");
	assert_noticed('p', "audio.changed", "1", "seen 1 ");
	assert_noticed('p', "audio.foreign", "160", "seen 160 ");
	assert_noticed('p', "audio.good", "20000", "expected 21168 octets or more, seen 20000");
	assert_noticed('s', "heard.lost", "321", "audio at the SIP peer: unexplained");
	assert_noticed('s', "heard.inserted", "1", "audio at the SIP peer: unexplained");
	assert_noticed('s', "heard.changed", "1", "audio at the SIP peer: unexplained");
	assert_noticed('s', "end", "\"bye_sent\"", "expected bye_received, seen bye_sent");
	assert_noticed('s', "status", "486", "status at the SIP peer: expected 200, seen 486");
	assert_noticed('s', "cause", "16", "expected 31, seen 16");
	assert_noticed('s', "audio.sent_packets", "199", "more packets received");
	assert_noticed('s', "audio.received_packets", "201", "fewer packets sent");
	assert_noticed('r', "source", "\"span:2\"", "record: source");
	assert_noticed('r', "target", "\"none\"", "record: target");
	assert_noticed('r', "calling.digits", "\"1\"", "record: calling number");
	assert_noticed('r', "cleared_by", "\"target\"", "record: cleared by");
	assert_noticed('r', "cause_a.value", "16", "record: cause of that side");
	assert_noticed('r', "channel.ts", "6", "record: timeslot");
	assert_noticed('r', "interrupted", "true", "record: interrupted");
	assert_noticed('r', "media.rtp_lost_packets", "0", "unexplained");
}

void check_notices_what_is_missing(void **state)
{
	struct lab_calls calls;
	struct lab_call *c = good_call(&calls);
	struct lab_verdict v;
	char why[1000];

	json_object_del(c->record, "answer");
	assert_false(verdict(c, &v, why));
	assert_non_null(strstr(why, "record: answered"));
	json_decref(c->record);
	c->record = NULL;
	assert_false(lab_call_done(c));
	assert_false(verdict(c, &v, why));
	assert_string_equal(why, "the core wrote no record");
	json_decref(c->peer);
	c->peer = NULL;
	assert_false(verdict(c, &v, why));
	assert_string_equal(why, "the SIP peer never told its end");
	json_decref(c->pbx);
	c->pbx = NULL;
	assert_false(verdict(c, &v, why));
	assert_string_equal(why, "the exchange never told its end");
	c->not_placed = true;
	assert_true(lab_call_done(c));
	assert_false(verdict(c, &v, why));
	assert_string_equal(why, "the exchange could not place it");
	lab_calls_fini(&calls);
}

void calls_find_their_events(void **state)
{
	struct lab_calls calls;
	struct lab_call *c = NULL;
	json_t *o;

	lab_calls_init(&calls, 3000);
	for (int i = 0; i < 12; i++) {
		c = lab_calls_add(&calls, LAB_SIP_TO_E1, LAB_BUSY);
		assert_non_null(c);
		c->placed = c->told = true;
	}
	o = object("{'event':'hangup','called':'04030003','cause':17}");
	assert_ptr_equal(lab_calls_event(&calls, LAB_PBX, o), &calls.call[2]);
	json_decref(o);
	o = object("{'event':'ended','called':'04030003'}");
	lab_calls_event(&calls, LAB_PEER, o);
	json_decref(o);
	assert_false(lab_call_done(&calls.call[2]));
	o = object("{'called':{'digits':'04030003'}}");
	lab_calls_event(&calls, LAB_RECORDS, o);
	json_decref(o);
	assert_true(lab_call_done(&calls.call[2]));
	assert_false(lab_calls_done(&calls));
	o = object("{'event':'hangup','called':'0'}");
	assert_null(lab_calls_event(&calls, LAB_PBX, o));
	json_decref(o);
	lab_calls_forget(&calls, 2);
	assert_int_equal(calls.count, 2);
	assert_string_equal(calls.call[0].called, "04030011");
	lab_calls_fini(&calls);
}
