/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls on a healthy D-channel: messages, channels, refusals, clearing. */
#include "tests/unit/isdn_map/tests.h"

#include <string.h>

#include "tests/unit/isdn_map/harness.h"

enum {
	MSG_ALERTING = 0x01,
	MSG_PROCEEDING = 0x02,
	MSG_PROGRESS = 0x03,
	MSG_SETUP = 0x05,
	MSG_CONNECT = 0x07,
	MSG_CONNECT_ACK = 0x0f,
	MSG_DISCONNECT = 0x45,
	MSG_RELEASE = 0x4d,
	MSG_RELEASE_COMPLETE = 0x5a,
	IE_BEARER = 0x04,
	IE_CAUSE = 0x08,
	IE_CHANNEL = 0x18,
	IE_PROGRESS = 0x1e,
	IE_DISPLAY = 0x28,
	IE_CALLING = 0x6c,
	IE_CALLED = 0x70,
	IE_SENDING_COMPLETE = 0xa1,
};

/* An element of the last message of that type which came to this end. */
static void assert_element(const struct wire_end *end, uint8_t type, uint8_t id, const char *octets,
			   size_t n)
{
	size_t len = 0;
	const uint8_t *ie = wire_element(end, type, id, &len);

	if (!ie)
		fail_msg("message 0x%02x has no element 0x%02x", type, id);
	assert_int_equal(len, n);
	assert_memory_equal(ie, octets, n);
}
#define ASSERT_ELEMENT(end, type, id, octets)                                                      \
	assert_element(end, type, id, octets, sizeof(octets) - 1)

static void assert_no_element(const struct wire_end *end, uint8_t type, uint8_t id)
{
	size_t len;

	assert_true(end->messages[type] > 0);
	assert_null(wire_element(end, type, id, &len));
}

static void incoming_messages(enum isdn_side side)
{
	struct world *w = world_create_up(side);
	struct stub_call *c;
	q931_call *pc;

	pc = peer_call(w, "4930555", 3, 0);
	c = stub_last(w);
	assert_int_equal(c->setup.source.kind, CALL_EP_SPAN);
	assert_int_equal(c->setup.source.index, 1);
	assert_string_equal(c->setup.called.digits, "4930555");
	assert_int_equal(c->setup.called.ton, CALL_TON_INTERNATIONAL);
	assert_int_equal(c->setup.called.npi, CALL_NPI_E164);
	assert_string_equal(c->setup.calling.digits, "30987654");
	assert_int_equal(c->setup.calling.ton, CALL_TON_NATIONAL);
	assert_int_equal(c->setup.calling.presentation, CALL_PRES_RESTRICTED);
	assert_int_equal(c->setup.calling.screening, CALL_SCREEN_USER_PASSED);
	/* EuroISDN: display goes from network to user only */
	assert_string_equal(c->setup.calling_name, side == ISDN_USER ? "M\xc3\xbcller" : "");
	assert_int_equal(c->setup.bearer, CALL_BEARER_AUDIO_3K1);
	assert_true(c->setup.sending_complete);
	assert_int_equal(c->setup.ringback, w->cfg.ringback);
	assert_string_equal(c->setup.peer_call_id, "1:1");
	assert_int_equal(c->events, 0); /* no channel before our answer */

	stub_command(w, c, LEG_PROCEED, 0);
	ASSERT_ELEMENT(&w->theirs, MSG_PROCEEDING, IE_CHANNEL, "\xa9\x83\x83");
	assert_int_equal(c->count[CALL_EV_CHANNEL], 1);
	assert_int_equal(c->channel.span, 1);
	assert_int_equal(c->channel.ts, 3);
	assert_int_equal(c->channel.law, MEDIA_ALAW);
	stub_command(w, c, LEG_PROCEED, 0);
	assert_int_equal(w->theirs.messages[MSG_PROCEEDING], 1);
	stub_command(w, c, LEG_ALERT, 0);
	assert_no_element(&w->theirs, MSG_ALERTING, IE_PROGRESS);
	stub_command(w, c, LEG_ALERT, 0);
	assert_int_equal(w->theirs.messages[MSG_ALERTING], 1);
	assert_int_equal(c->count[CALL_EV_CONFIRMED], 0);
	stub_command(w, c, LEG_ANSWER, 0);
	assert_int_equal(w->theirs.messages[MSG_CONNECT], 1);
	assert_int_equal(w->ours.messages[MSG_CONNECT_ACK], 1);
	assert_int_equal(c->count[CALL_EV_CONFIRMED], 1);
	assert_int_equal(c->count[CALL_EV_CHANNEL], 1);
	assert_int_equal(world_status(w).channel[3].state, ISDN_CH_BUSY);
	assert_int_equal(world_status(w).channel[3].call, c->id);

	pri_hangup(w->peer.pri, pc, 16);
	world_settle(w);
	assert_int_equal(stub_event(c, CALL_EV_CLEARING)->cause.value, 16);
	assert_int_equal(stub_event(c, CALL_EV_CLEARING)->cause.location, 1);
	assert_int_equal(w->theirs.messages[MSG_RELEASE], 1);
	assert_int_equal(w->ours.messages[MSG_RELEASE_COMPLETE], 1);
	world_assert_idle(w);
	assert_int_equal(world_status(w).calls_in, 1);
	assert_int_equal(world_status(w).frames_in + world_status(w).frames_out, w->frames_hooked);
	world_destroy(w);
}

void test_incoming_messages(void **state)
{
	(void)state;
	incoming_messages(ISDN_USER);
	incoming_messages(ISDN_NETWORK);
}

static void outgoing_messages(enum isdn_side side)
{
	struct world *w = world_create_up(side);
	struct stub_call *c = stub_open(w, "30444");
	q931_call *pc;
	int ch;

	world_settle(w);
	/* preferred, the side's end of the interface */
	if (side == ISDN_USER)
		ASSERT_ELEMENT(&w->theirs, MSG_SETUP, IE_CHANNEL, "\xa1\x83\x81");
	else
		ASSERT_ELEMENT(&w->theirs, MSG_SETUP, IE_CHANNEL, "\xa1\x83\x9f");
	ASSERT_ELEMENT(&w->theirs, MSG_SETUP, IE_BEARER, "\x90\x90\xa3");
	ASSERT_ELEMENT(&w->theirs, MSG_SETUP, IE_CALLED,
		       "\xa1"
		       "30444");
	ASSERT_ELEMENT(&w->theirs, MSG_SETUP, IE_CALLING,
		       "\x11\x83"
		       "4930123456");
	ASSERT_ELEMENT(&w->theirs, MSG_SETUP, IE_SENDING_COMPLETE, "");
	if (side == ISDN_NETWORK)
		ASSERT_ELEMENT(&w->theirs, MSG_SETUP, IE_DISPLAY, "J\xfcrgen");
	assert_int_equal(c->events, 0);
	pc = peer_ring(w);
	ch = peer_ring_channel(w);
	pri_proceeding(w->peer.pri, pc, ch, 0);
	world_settle(w);
	assert_int_equal(c->event[0].type, CALL_EV_CHANNEL);
	assert_int_equal(c->event[1].type, CALL_EV_PROCEEDING);
	assert_int_equal(c->channel.ts, side == ISDN_USER ? 1 : 31);
	pri_progress(w->peer.pri, pc, ch, 1);
	world_settle(w);
	assert_int_equal(stub_event(c, CALL_EV_PROGRESS)->pi, CALL_PI_8);
	pri_acknowledge(w->peer.pri, pc, ch, 0);
	world_settle(w);
	assert_int_equal(stub_event(c, CALL_EV_ALERTING)->pi, 0);
	pri_answer(w->peer.pri, pc, ch, 1);
	world_settle(w);
	assert_int_equal(stub_event(c, CALL_EV_ANSWER)->pi, CALL_PI_2);
	assert_int_equal(w->theirs.messages[MSG_CONNECT_ACK], 1);
	assert_int_equal(c->events, 5);
	stub_clear(w, c, 31);
	ASSERT_ELEMENT(&w->theirs, MSG_DISCONNECT, IE_CAUSE, "\x81\x9f");
	assert_int_equal(w->ours.messages[MSG_RELEASE], 1);
	assert_int_equal(w->theirs.messages[MSG_RELEASE_COMPLETE], 1);
	assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 31);
	world_assert_idle(w);
	assert_int_equal(world_status(w).calls_out, 1);
	world_destroy(w);
}

void test_outgoing_messages(void **state)
{
	(void)state;
	outgoing_messages(ISDN_USER);
	outgoing_messages(ISDN_NETWORK);
}

/* Which channel we answer with: the wish of the SETUP, and the timeslots busy before. */
void test_incoming_channel(void **state)
{
	struct world *w = world_create_up(ISDN_USER);
	q931_call *pc;

	(void)state;
	answered_in(w, 5, &pc);
	peer_call(w, "1", 5, 0); /* preferred and busy: another one, ascending */
	stub_command(w, stub_last(w), LEG_PROCEED, 0);
	assert_int_equal(stub_last(w)->channel.ts, 1);
	assert_int_equal(peer_last(w, PRI_EVENT_PROCEEDING)->channel & 0xff, 1);
	peer_call(w, "1", 6, 1); /* exclusive and free */
	stub_command(w, stub_last(w), LEG_ALERT, 0);
	assert_int_equal(stub_last(w)->channel.ts, 6);
	peer_call(w, "1", 0xff, 0); /* any */
	stub_command(w, stub_last(w), LEG_ANSWER, 0);
	assert_int_equal(stub_last(w)->channel.ts, 2);
	ASSERT_ELEMENT(&w->theirs, MSG_CONNECT, IE_CHANNEL, "\xa9\x83\x82");
	assert_int_equal(w->table.calls, 4);
	peer_call(w, "1", 5, 1); /* exclusive and busy */
	assert_int_equal(w->table.calls, 4);
	ASSERT_ELEMENT(&w->theirs, MSG_RELEASE_COMPLETE, IE_CAUSE, "\x81\xac");
	peer_call(w, "1", 16, 1); /* the D-channel's timeslot */
	ASSERT_ELEMENT(&w->theirs, MSG_RELEASE_COMPLETE, IE_CAUSE, "\x81\xac");
	assert_int_equal(w->table.calls, 4);
	assert_int_equal(world_status(w).busy, 4);
	assert_int_equal(world_status(w).refused, 2);
	for (unsigned i = 0; i < 26; i++)
		peer_call(w, "1", 0xff, 0);
	assert_int_equal(world_status(w).busy, 30);
	peer_call(w, "1", 7, 0); /* nothing is left */
	assert_int_equal(w->table.calls, 30);
	ASSERT_ELEMENT(&w->theirs, MSG_RELEASE_COMPLETE, IE_CAUSE, "\x81\xa2");
	for (unsigned i = 0; i < 30; i++)
		stub_clear(w, &w->table.call[i], 16);
	world_assert_idle(w);
	world_destroy(w);
}

void test_fractional(void **state)
{
	struct isdn_span_cfg cfg = {.span = 7,
				    .side = ISDN_NETWORK,
				    .dchannel_ts = 16,
				    .bchannels = 0x0000000e,
				    .hunting = ISDN_HUNT_DESCENDING,
				    .law = MEDIA_ALAW};
	struct world *w = world_create(&cfg);
	struct call_cause cause;

	(void)state;
	world_run_us(w, 2 * US_PER_S);
	peer_call(w, "1", 9, 0); /* not ours to use: another */
	stub_command(w, stub_last(w), LEG_PROCEED, 0);
	assert_int_equal(stub_last(w)->channel.ts, 3);
	assert_int_equal(stub_last(w)->channel.span, 7);
	peer_call(w, "1", 9, 1);
	ASSERT_ELEMENT(&w->theirs, MSG_RELEASE_COMPLETE, IE_CAUSE, "\x81\xac");
	stub_open(w, "2");
	stub_open(w, "3");
	world_settle(w);
	assert_int_equal(peer_ring_channel(w) & 0xff, 1);
	assert_int_equal(world_status(w).busy, 3);
	assert_int_equal(world_status(w).channels, 3);
	assert_int_equal(world_status(w).channel[4].state, ISDN_CH_UNUSED);
	assert_null(stub_open_cause(w, "4", &cause));
	assert_int_equal(cause.value, 34);
	for (unsigned i = 0; i < 3; i++)
		stub_clear(w, &w->table.call[i], 16);
	world_run_us(w, 10 * US_PER_S);
	world_assert_idle(w);
	world_destroy(w);
}

void test_dchannel_in_slot_1(void **state)
{
	struct isdn_span_cfg cfg = {.span = 1,
				    .side = ISDN_USER,
				    .dchannel_ts = 1,
				    .bchannels = 0xfffffffc,
				    .hunting = ISDN_HUNT_ASCENDING,
				    .law = MEDIA_ALAW};
	struct isdn_span *bad;
	struct world *w = world_create(&cfg);
	struct stub_call *c;

	(void)state;
	world_run_us(w, 2 * US_PER_S);
	peer_call(w, "1", 16, 1); /* an ordinary B-channel here */
	stub_command(w, stub_last(w), LEG_PROCEED, 0);
	assert_int_equal(stub_last(w)->channel.ts, 16);
	c = stub_open(w, "2");
	world_settle(w);
	assert_int_equal(peer_ring_channel(w) & 0xff, 2);
	stub_clear(w, c, 16);
	stub_clear(w, &w->table.call[0], 16);
	world_run_us(w, 10 * US_PER_S);
	world_assert_idle(w);
	cfg.bchannels |= 2;
	assert_int_not_equal(
	    isdn_span_create(&bad, &cfg, &w->ours.e1, (struct call_table *)&w->table, NULL, NULL),
	    0);
	assert_null(bad);
	cfg.bchannels = 1;
	assert_int_not_equal(
	    isdn_span_create(&bad, &cfg, &w->ours.e1, (struct call_table *)&w->table, NULL, NULL),
	    0);
	world_destroy(w);
}

void test_bearer(void **state)
{
	static const struct {
		int bearer, layer1;
		bool good;
	} rows[] = {
	    {PRI_TRANS_CAP_SPEECH, PRI_LAYER_1_ALAW, true},
	    {PRI_TRANS_CAP_3_1K_AUDIO, PRI_LAYER_1_ALAW, true},
	    {PRI_TRANS_CAP_3_1K_AUDIO, PRI_LAYER_1_ULAW, true},
	    {PRI_TRANS_CAP_DIGITAL, 0, false},
	    {PRI_TRANS_CAP_RESTRICTED_DIGITAL, 0, false},
	    {PRI_TRANS_CAP_DIGITAL_W_TONES, PRI_LAYER_1_ALAW, false},
	    {PRI_TRANS_CAP_VIDEO, 0, false},
	};
	struct world *w = world_create_up(ISDN_USER);
	unsigned good = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unsigned before = w->theirs.messages[MSG_RELEASE_COMPLETE];

		peer_call_bearer(w, "1", 0xff, 0, rows[i].bearer, rows[i].layer1);
		good += rows[i].good;
		assert_int_equal(w->table.calls, good);
		assert_int_equal(w->theirs.messages[MSG_RELEASE_COMPLETE] - before, !rows[i].good);
		if (rows[i].good)
			assert_int_equal(stub_last(w)->setup.bearer, rows[i].bearer);
		else /* the first answer, with 65 and not with what steered libpri */
			ASSERT_ELEMENT(&w->theirs, MSG_RELEASE_COMPLETE, IE_CAUSE, "\x81\xc1");
	}
	assert_int_equal(w->theirs.messages[MSG_PROCEEDING], 0);
	for (unsigned i = 0; i < good; i++)
		stub_clear(w, &w->table.call[i], 16);
	world_assert_idle(w);
	world_destroy(w);
}

/* A SETUP with so many digits in its called number; the peer's libpri would cut them. */
static void inject_setup(struct world *w, unsigned digits)
{
	static const uint8_t head[] = {0x02, 0x01, 0x03, 0x08, 0x02, 0x12, 0x34, 0x05, 0x04, 0x03,
				       0x80, 0x90, 0xa3, 0x18, 0x03, 0xa1, 0x83, 0x81, 0x70};
	uint8_t frame[sizeof(head) + 2 + 100];

	memcpy(frame, head, sizeof(head));
	frame[sizeof(head)] = (uint8_t)(digits + 1);
	frame[sizeof(head) + 1] = 0xa1;
	memset(frame + sizeof(head) + 2, '7', digits);
	wire_inject(w, frame, sizeof(head) + 2 + digits);
}

static void assert_refusal(const struct world *w, unsigned count, uint8_t cause, const char *called,
			   const char *called_text, uint8_t ts)
{
	const struct call_refusal *r = &w->table.refusal;

	assert_int_equal(w->table.refused, count);
	assert_int_equal(r->cause.value, cause);
	assert_int_equal(r->cause.location, CALL_LOC_PRIVATE_LOCAL);
	assert_int_equal(r->setup.source.kind, CALL_EP_SPAN);
	assert_int_equal(r->setup.source.index, w->cfg.span);
	assert_string_equal(r->setup.called.digits, called);
	assert_string_equal(r->called_text, called_text);
	assert_int_equal(r->channel.span, w->cfg.span);
	assert_int_equal(r->channel.ts, ts);
}

void test_refused_incoming(void **state)
{
	struct world *w = world_create_up(ISDN_USER);

	(void)state;
	w->table.full = true;
	peer_call(w, "1", 1, 0);
	ASSERT_ELEMENT(&w->theirs, MSG_RELEASE_COMPLETE, IE_CAUSE, "\x81\xaa");
	assert_refusal(w, 1, CAUSE_CONGESTION, "1", "", 1);
	w->table.full = false;
	inject_setup(w, 40);
	ASSERT_ELEMENT(&w->theirs, MSG_RELEASE_COMPLETE, IE_CAUSE, "\x81\x9c");
	assert_refusal(w, 2, CAUSE_INVALID_NUMBER, "", "7777777777777777777777777777777", 1);
	peer_call(w, "12ab", 1, 0);
	ASSERT_ELEMENT(&w->theirs, MSG_RELEASE_COMPLETE, IE_CAUSE, "\x81\x9c");
	assert_refusal(w, 3, CAUSE_INVALID_NUMBER, "", "12ab", 1);
	assert_int_equal(w->table.calls, 0);
	assert_int_equal(world_status(w).refused, 3);
	assert_int_equal(peer_count(w, PRI_EVENT_HANGUP), 2);
	/* the call refuses, before our first answer and after it */
	peer_call(w, "1", 1, 0);
	stub_clear(w, stub_last(w), 3);
	ASSERT_ELEMENT(&w->theirs, MSG_RELEASE_COMPLETE, IE_CAUSE, "\x81\x83");
	world_assert_idle(w);
	assert_int_equal(w->theirs.messages[MSG_DISCONNECT], 0);
	peer_call(w, "1", 1, 0);
	stub_command(w, stub_last(w), LEG_PROCEED, 0);
	stub_clear(w, stub_last(w), 1);
	ASSERT_ELEMENT(&w->theirs, MSG_DISCONNECT, IE_CAUSE, "\x81\x81");
	world_assert_idle(w);
	world_destroy(w);
}

void test_progress(void **state)
{
	struct world *w = world_create_up(ISDN_NETWORK);
	struct stub_call *c;

	(void)state;
	peer_call(w, "1", 1, 0);
	c = stub_last(w);
	stub_command(w, c, LEG_PROGRESS, 0);
	assert_int_equal(w->theirs.messages[MSG_PROGRESS], 0);
	stub_command(w, c, LEG_PROGRESS, CALL_PI_8); /* CALL PROCEEDING goes before */
	assert_int_equal(w->theirs.messages[MSG_PROCEEDING], 1);
	ASSERT_ELEMENT(&w->theirs, MSG_PROGRESS, IE_PROGRESS, "\x81\x88");
	stub_command(w, c, LEG_PROGRESS, CALL_PI_8);
	assert_int_equal(w->theirs.messages[MSG_PROGRESS], 1);
	stub_command(w, c, LEG_ALERT, CALL_PI_8);
	ASSERT_ELEMENT(&w->theirs, MSG_ALERTING, IE_PROGRESS, "\x81\x88");
	stub_clear(w, c, 16);

	peer_call(w, "1", 1, 0); /* ringing first, audio later */
	c = stub_last(w);
	stub_command(w, c, LEG_ALERT, 0);
	assert_no_element(&w->theirs, MSG_ALERTING, IE_PROGRESS);
	stub_command(w, c, LEG_ALERT, CALL_PI_8);
	assert_int_equal(w->theirs.messages[MSG_ALERTING], 2);
	assert_int_equal(w->theirs.messages[MSG_PROGRESS], 2);
	stub_command(w, c, LEG_ANSWER, 0);
	stub_command(w, c, LEG_ALERT, CALL_PI_8); /* too late for any of these */
	stub_command(w, c, LEG_PROGRESS, CALL_PI_8);
	stub_command(w, c, LEG_ANSWER, 0);
	assert_int_equal(w->theirs.messages[MSG_CONNECT], 1);
	assert_int_equal(w->theirs.messages[MSG_PROGRESS], 2);
	stub_clear(w, c, 16);
	world_assert_idle(w);
	world_destroy(w);
}

/* The first answer is any of these; its channel is binding. */
void test_answer_moves_channel(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 4; first++) {
		struct world *w = world_create_up(ISDN_USER);
		struct stub_call *c = stub_open(w, "30444");
		q931_call *pc;

		world_settle(w);
		pc = peer_ring(w);
		if (first == 0)
			pri_proceeding(w->peer.pri, pc, 22, 0);
		else if (first == 1)
			pri_acknowledge(w->peer.pri, pc, 22, 0);
		else if (first == 2)
			pri_answer(w->peer.pri, pc, 22, 0);
		else
			pri_setup_ack(w->peer.pri, pc, 22, 0, 0);
		world_settle(w);
		assert_int_equal(c->event[0].type, CALL_EV_CHANNEL);
		assert_int_equal(c->channel.ts, 22);
		assert_int_equal(world_status(w).busy, 1);
		assert_int_equal(world_status(w).channel[1].state, ISDN_CH_IDLE);
		assert_int_equal(world_status(w).channel[22].call, c->id);
		if (first == 0) { /* later ones change nothing */
			pri_answer(w->peer.pri, pc, 23, 0);
			world_settle(w);
			assert_int_equal(c->count[CALL_EV_CHANNEL], 1);
			assert_int_equal(world_status(w).channel[23].state, ISDN_CH_IDLE);
		}
		stub_clear(w, c, 16);
		world_run_us(w, US_PER_S);
		world_assert_idle(w);
		world_destroy(w);
	}
}

void test_answer_channel_conflict(void **state)
{
	static const int channels[] = {9, 16, 40};

	(void)state;
	for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++) {
		struct world *w = world_create_up(ISDN_NETWORK);
		struct stub_call *busy, *c;
		q931_call *pc;

		busy = answered_in(w, 9, &pc);
		c = stub_open(w, "30444");
		world_settle(w);
		pri_proceeding(w->peer.pri, peer_ring(w), channels[i], 0);
		world_settle(w);
		ASSERT_ELEMENT(&w->theirs, MSG_RELEASE, IE_CAUSE, "\x81\x86");
		assert_int_equal(c->count[CALL_EV_CHANNEL], 0);
		assert_int_equal(c->count[CALL_EV_PROCEEDING], 0);
		assert_int_equal(c->events, 0); /* another SETUP is on its way */
		pri_proceeding(w->peer.pri, peer_ring(w), 30, 0);
		world_settle(w);
		assert_int_equal(c->channel.ts, 30);
		stub_clear(w, c, 16);
		assert_false(busy->gone);
		assert_int_equal(world_status(w).channel[9].call, busy->id);
		stub_clear(w, busy, 16);
		world_assert_idle(w);
		world_destroy(w);
	}
}

void test_refused_by_peer(void **state)
{
	static const int causes[] = {1, 17, 34, 88};
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *c;
	q931_call *pc;

	(void)state;
	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++) {
		c = stub_open(w, "30444");
		world_settle(w);
		pc = peer_ring(w);
		if (causes[i] == 17) /* libpri says nothing at all without this */
			pri_proceeding(w->peer.pri, pc, 1, 0);
		pri_hangup(w->peer.pri, pc, causes[i]);
		world_settle(w);
		assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, causes[i]);
		assert_int_equal(c->count[CALL_EV_CLEARING], causes[i] == 17);
		world_assert_idle(w);
	}
	world_destroy(w);
}

enum call_stage { STAGE_SETUP, STAGE_PROCEEDING, STAGE_ALERTING, STAGE_ACTIVE, STAGES };

static struct stub_call *stage_in(struct world *w, enum call_stage stage, q931_call **pc)
{
	static const enum leg_cmd_type cmd[] = {LEG_CLEAR, LEG_PROCEED, LEG_ALERT, LEG_ANSWER};
	struct stub_call *c;

	*pc = peer_call(w, "1", 4, 0);
	c = stub_last(w);
	if (stage != STAGE_SETUP)
		stub_command(w, c, cmd[stage], 0);
	return c;
}

static struct stub_call *stage_out(struct world *w, enum call_stage stage, q931_call **pc)
{
	struct stub_call *c = stub_open(w, "1");

	world_settle(w);
	*pc = peer_ring(w);
	if (stage == STAGE_PROCEEDING)
		pri_proceeding(w->peer.pri, *pc, peer_ring_channel(w), 0);
	else if (stage == STAGE_ALERTING)
		pri_acknowledge(w->peer.pri, *pc, peer_ring_channel(w), 0);
	else if (stage == STAGE_ACTIVE)
		pri_answer(w->peer.pri, *pc, peer_ring_channel(w), 0);
	world_settle(w);
	return c;
}

/* Either end clears, with every cause that libpri treats in a way of its own, in every state. */
static void clear_in_stage(struct world *w, bool in, enum call_stage stage, bool we, int cause)
{
	q931_call *pc;
	struct stub_call *c = in ? stage_in(w, stage, &pc) : stage_out(w, stage, &pc);

	if (!we && !in && stage == STAGE_SETUP)
		pri_proceeding(w->peer.pri, pc, peer_ring_channel(w), 0);
	peer_forget(w);
	memset(w->theirs.messages, 0, sizeof(w->theirs.messages));
	if (we) {
		struct leg_cmd again = {.type = LEG_CLEAR, .cause = {.value = 31}};
		struct leg_cmd cmd = {.type = LEG_CLEAR,
				      .cause = {.value = (uint8_t)cause, .location = 1}};

		isdn_leg_ops.command(c->leg, &cmd);
		isdn_leg_ops.command(c->leg, &again); /* before anything was answered */
		c->cleared = true;
		world_settle(w);
		assert_int_equal(w->theirs.messages[MSG_RELEASE], 0);
	} else {
		pri_hangup(w->peer.pri, pc, cause);
	}
	world_run_us(w, 60 * US_PER_S);
	if (!c->gone)
		print_message("side %d in %d stage %d we %d cause %d\n", w->cfg.side, in, stage, we,
			      cause);
	assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, cause);
	assert_int_equal(world_status(w).busy, 0);
	if (we) {
		/* A first answer that refuses is RELEASE COMPLETE, everything else DISCONNECT. */
		bool refusal = in && stage == STAGE_SETUP;
		char want[] = {(char)0x81, (char)(0x80 | cause)};

		assert_int_equal(w->theirs.messages[MSG_DISCONNECT], !refusal);
		assert_element(&w->theirs, refusal ? MSG_RELEASE_COMPLETE : MSG_DISCONNECT,
			       IE_CAUSE, want, 2);
	}
}

void test_clear_in_every_state(void **state)
{
	static const int causes[] = {16, 1, 17, 34, 44, 82, 88, 81, 6, 7, 26, 96, 127};

	(void)state;
	for (unsigned side = 0; side < 2; side++) {
		struct world *w = world_create_up(side ? ISDN_NETWORK : ISDN_USER);

		for (unsigned in = 0; in < 2; in++)
			for (unsigned stage = 0; stage < STAGES; stage++)
				for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++) {
					clear_in_stage(w, in, stage, true, causes[i]);
					/* the peer's libpri sends odd things with odd causes */
					if (i < 3)
						clear_in_stage(w, in, stage, false, causes[i]);
				}
		world_assert_idle(w);
		world_destroy(w);
	}
}

void test_crossing_disconnects(void **state)
{
	(void)state;
	for (unsigned side = 0; side < 2; side++)
		for (unsigned in = 0; in < 2; in++) {
			struct world *w = world_create_up(side ? ISDN_NETWORK : ISDN_USER);
			struct leg_cmd cmd = {.type = LEG_CLEAR, .cause = {.value = 31}};
			q931_call *pc;
			struct stub_call *c = in ? answered_in(w, 4, &pc) : answered_out(w, &pc);

			/* both before either frame is read */
			isdn_leg_ops.command(c->leg, &cmd);
			pri_hangup(w->peer.pri, pc, 16);
			world_settle(w);
			assert_int_equal(w->theirs.messages[MSG_DISCONNECT], 1);
			assert_int_equal(w->ours.messages[MSG_DISCONNECT], 1);
			world_run_us(w, US_PER_S);
			assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 31);
			assert_int_equal(c->count[CALL_EV_CLEARING], 0);
			world_assert_idle(w);
			world_destroy(w);
		}
}

/* Value and location of what we send, whatever libpri would have written. */
void test_causes_on_the_wire(void **state)
{
	struct world *w = world_create_up(ISDN_USER);

	(void)state;
	for (unsigned value = 1; value < 128; value++) {
		struct leg_cmd cmd = {.type = LEG_CLEAR,
				      .cause = {.value = (uint8_t)value, .location = 10}};
		char want[] = {(char)0x8a, (char)(0x80 | value)};
		q931_call *pc;
		struct stub_call *c = answered_in(w, 1, &pc);

		isdn_leg_ops.command(c->leg, &cmd);
		world_settle(w);
		assert_element(&w->theirs, MSG_DISCONNECT, IE_CAUSE, want, 2);
		assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.location, 10);
	}
	world_assert_idle(w);
	world_destroy(w);
}

/* A peer that names the interface gets our channel with the same interface (Q.931 4.5.13). */
void test_explicit_interface(void **state)
{
	struct world *w = world_create_up(ISDN_NETWORK);

	(void)state;
	peer_call(w, "1", 5 | 3 << 8 | 1 << 16, 0);
	stub_command(w, stub_last(w), LEG_PROCEED, 0);
	ASSERT_ELEMENT(&w->theirs, MSG_PROCEEDING, IE_CHANNEL, "\xe9\x83\x83\x85");
	assert_int_equal(stub_last(w)->channel.ts, 5);
	stub_clear(w, stub_last(w), 16);
	world_assert_idle(w);
	world_destroy(w);
}
