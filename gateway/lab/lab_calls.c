/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/lab_calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	RING_MS = 100,	  /* after the SETUP or INVITE */
	ANSWER_MS = 1000, /* after ringing: time enough for early audio to be heard */
	GIVE_UP_MS = 800,
};

const char *lab_direction_name(enum lab_direction d)
{
	return d == LAB_E1_TO_SIP ? "E1→SIP" : "SIP→E1";
}

const char *lab_direction_key(enum lab_direction d)
{
	return d == LAB_E1_TO_SIP ? "e1-to-sip" : "sip-to-e1";
}

void lab_calls_init(struct lab_calls *calls, int talk_ms)
{
	*calls = (struct lab_calls){.talk_ms = talk_ms, .next_number = 1};
}

static void drop(struct lab_call *c)
{
	json_decref(c->pbx);
	json_decref(c->peer);
	json_decref(c->record);
}

void lab_calls_forget(struct lab_calls *calls, unsigned keep)
{
	unsigned n = 0;

	while (calls->count - n > keep && calls->call[n].told)
		drop(&calls->call[n++]);
	calls->count -= n;
	if (n)
		memmove(calls->call, calls->call + n, calls->count * sizeof(calls->call[0]));
}

void lab_calls_fini(struct lab_calls *calls)
{
	for (unsigned i = 0; i < calls->count; i++)
		drop(&calls->call[i]);
	free(calls->call);
	calls->call = NULL;
	calls->count = 0;
}

struct lab_call *lab_calls_add(struct lab_calls *calls, enum lab_direction d, enum lab_kind kind)
{
	struct lab_call *more = realloc(calls->call, (calls->count + 1) * sizeof(*more));
	struct lab_call *c;
	struct strbuf b;

	if (!more)
		return NULL;
	calls->call = more;
	c = &more[calls->count++];
	*c = (struct lab_call){
	    .direction = d, .kind = kind, .talk_ms = calls->talk_ms, .number = calls->next_number};
	calls->next_number = calls->next_number % 9999 + 1;
	/* The caller's cause: 16 and 31 in turn; a BYE that says none means 16. */
	c->cause = c->number % 2 ? 31 : 16;
	if (d == LAB_SIP_TO_E1 && c->cause == 16)
		c->cause = 0;
	strbuf_init(&b, c->called, sizeof(c->called));
	strbuf_addf(&b, "0%c0%d%04u", d == LAB_E1_TO_SIP ? '3' : '4', (int)kind, c->number);
	strbuf_init(&b, c->calling, sizeof(c->calling));
	strbuf_addf(&b, "0211%04u", c->number);
	return c;
}

/* ── what to do with calls that come ── */

static int peer_rule(struct lab_rig *rig, enum lab_kind kind, int provisional, int status,
		     int hold_ms)
{
	char prefix[] = "030?";

	prefix[3] = (char)('0' + kind);
	return lab_rig_command(rig, LAB_PEER,
			       json_pack("{ss ss si si si si si}", "cmd", "rule", "prefix", prefix,
					 "provisional", provisional, "ring_ms", RING_MS,
					 "answer_ms", ANSWER_MS, "status", status, "hold_ms",
					 hold_ms));
}

static int pbx_rule(struct lab_rig *rig, enum lab_kind kind, const char *key, int value,
		    int hold_ms)
{
	char prefix[] = "040?";
	json_t *rule;

	prefix[3] = (char)('0' + kind);
	rule = json_pack("{ss ss si sb si}", "cmd", "rule", "prefix", prefix, "alert_after_ms",
			 RING_MS, "alert_inband", 1, "hold_ms", hold_ms);
	if (key)
		json_object_set_new(rule, key, json_integer(value));
	return lab_rig_command(rig, LAB_PBX, rule);
}

int lab_calls_rules(const struct lab_calls *calls, struct lab_rig *rig)
{
	int error;

	error = peer_rule(rig, LAB_CALLER_ENDS, 183, 200, -1);
	error |= peer_rule(rig, LAB_CALLEE_ENDS, 183, 200, calls->talk_ms);
	error |= peer_rule(rig, LAB_BUSY, 0, 486, -1);
	error |= peer_rule(rig, LAB_REJECTED, 0, 603, -1);
	error |= peer_rule(rig, LAB_CANCELLED, 180, 0, -1);
	error |= peer_rule(rig, LAB_NO_ANSWER, 180, 480, -1);
	error |= pbx_rule(rig, LAB_CALLER_ENDS, "answer_after_ms", RING_MS + ANSWER_MS, -1);
	error |=
	    pbx_rule(rig, LAB_CALLEE_ENDS, "answer_after_ms", RING_MS + ANSWER_MS, calls->talk_ms);
	error |= pbx_rule(rig, LAB_BUSY, "refuse", 17, -1);
	error |= pbx_rule(rig, LAB_REJECTED, "refuse", 21, -1);
	error |= pbx_rule(rig, LAB_CANCELLED, NULL, 0, -1);
	error |= pbx_rule(rig, LAB_NO_ANSWER, "refuse", 19, -1);
	return error ? -EPIPE : 0;
}

int lab_call_place(struct lab_call *c, struct lab_rig *rig)
{
	int hold_ms = c->kind == LAB_CALLER_ENDS ? c->talk_ms : -1;
	int give_up_ms = c->kind == LAB_CANCELLED ? GIVE_UP_MS : -1;

	c->placed = true;
	if (c->direction == LAB_E1_TO_SIP)
		return lab_rig_command(rig, LAB_PBX,
				       json_pack("{ss ss ss si si si}", "cmd", "call", "called",
						 c->called, "calling", c->calling, "hold_ms",
						 hold_ms, "give_up_ms", give_up_ms, "cause",
						 c->cause));
	return lab_rig_command(rig, LAB_PEER,
			       json_pack("{ss ss ss si si si}", "cmd", "call", "called", c->called,
					 "calling", c->calling, "hold_ms", hold_ms, "cancel_ms",
					 give_up_ms, "bye_cause", c->cause));
}

/* ── what is heard of them ── */

static struct lab_call *find(struct lab_calls *calls, const char *called)
{
	/* From the end: numbers come again after 9999 calls. */
	for (unsigned i = calls->count; called && i-- > 0;)
		if (strcmp(calls->call[i].called, called) == 0)
			return &calls->call[i];
	return NULL;
}

static const char *called_of(enum lab_source source, const json_t *event)
{
	const json_t *called = json_object_get(event, "called");

	if (source == LAB_RECORDS)
		called = json_object_get(called, "digits");
	return json_string_value(called);
}

static void keep(json_t **where, const json_t *event)
{
	if (!*where)
		*where = json_deep_copy(event);
}

struct lab_call *lab_calls_event(struct lab_calls *calls, enum lab_source source,
				 const json_t *event)
{
	struct lab_call *c = find(calls, called_of(source, event));
	const char *name = json_string_value(json_object_get(event, "event"));

	if (!c)
		return NULL;
	if (source == LAB_RECORDS) {
		keep(&c->record, event);
	} else if (!name) {
		return NULL;
	} else if (strcmp(name, "not_placed") == 0 ||
		   (strcmp(name, "placed") == 0 &&
		    json_integer_value(json_object_get(event, "call")) == 0)) {
		c->not_placed = true;
	} else if (strcmp(name, "connected") == 0 || strcmp(name, "answered") == 0) {
		c->answered = true;
	} else if (strcmp(name, "hangup") == 0) {
		keep(&c->pbx, event);
	} else if (strcmp(name, "ended") == 0) {
		keep(&c->peer, event);
	}
	return c;
}

bool lab_call_done(const struct lab_call *c)
{
	return c->not_placed || (c->pbx && c->peer && c->record);
}

bool lab_calls_done(const struct lab_calls *calls)
{
	for (unsigned i = 0; i < calls->count; i++)
		if (calls->call[i].placed && !lab_call_done(&calls->call[i]))
			return false;
	return true;
}
