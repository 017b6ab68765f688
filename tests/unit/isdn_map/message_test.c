/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The message table at the ISDN side: indicators, causes and timers that libpri cannot write or
 * does not report. */
#include <string.h>

#include "src/isdn_map/isdn_span.h"
#include "tests/unit/isdn_map/harness.h"
#include "tests/unit/isdn_map/tests.h"

enum { IE_CAUSE = 0x08, IE_PROGRESS = 0x1e };

static void command(struct world *w, struct stub_call *c, struct leg_cmd cmd)
{
	isdn_leg_ops.command(c->leg, &cmd);
	c->cleared |= cmd.type == LEG_CLEAR;
	world_settle(w);
}

/* All elements of the last message of that type which came to the peer. */
static void assert_elements(struct world *w, uint8_t type, const char *octets, size_t n)
{
	size_t len = 0;
	const uint8_t *message = wire_message(&w->theirs, type, &len);

	if (!message)
		fail_msg("no message 0x%02x came", type);
	assert_int_equal(len, 5 + n);
	assert_memory_equal(message + 5, octets, n);
}
#define ASSERT_MESSAGE(w, type, octets) assert_elements(w, type, octets, sizeof(octets) - 1)

void test_progress_indicators(void **state)
{
	(void)state;
	for (unsigned side = 0; side < 2; side++) {
		struct world *w = world_create_up(side ? ISDN_NETWORK : ISDN_USER);
		struct stub_call *c;

		peer_call(w, "1", 1, 0);
		c = stub_last(w);
		command(w, c, (struct leg_cmd){.type = LEG_PROGRESS, .pi = CALL_PI_1});
		ASSERT_MESSAGE(w, ISDN_MSG_CALL_PROCEEDING, "\x18\x03\xa9\x83\x81");
		ASSERT_MESSAGE(w, ISDN_MSG_PROGRESS, "\x1e\x02\x81\x81");
		command(w, c, (struct leg_cmd){.type = LEG_PROGRESS, .pi = CALL_PI_1});
		assert_int_equal(w->theirs.messages[ISDN_MSG_PROGRESS], 1); /* once in a call */
		command(w, c, (struct leg_cmd){.type = LEG_PROGRESS, .pi = CALL_PI_1 | CALL_PI_8});
		ASSERT_MESSAGE(w, ISDN_MSG_PROGRESS, "\x1e\x02\x81\x88");
		command(w, c, (struct leg_cmd){.type = LEG_PROGRESS, .pi = CALL_PI_8});
		assert_int_equal(w->theirs.messages[ISDN_MSG_PROGRESS], 2);
		command(w, c,
			(struct leg_cmd){.type = LEG_PROGRESS,
					 .pi = CALL_PI_8,
					 .cause = {.value = 17, .location = 2}});
		ASSERT_MESSAGE(w, ISDN_MSG_PROGRESS, "\x08\x02\x82\x91\x1e\x02\x81\x88");
		command(w, c, (struct leg_cmd){.type = LEG_ALERT, .pi = CALL_PI_8 | CALL_PI_1});
		ASSERT_MESSAGE(w, ISDN_MSG_ALERTING, "\x1e\x02\x81\x88");
		command(w, c, (struct leg_cmd){.type = LEG_ANSWER, .pi = CALL_PI_2});
		ASSERT_MESSAGE(w, ISDN_MSG_CONNECT, "\x18\x03\xa9\x83\x81\x1e\x02\x81\x82");
		command(w, c, (struct leg_cmd){.type = LEG_CLEAR, .cause = {.value = 16}});
		world_assert_idle(w);

		peer_call(w, "1", 1, 0); /* several in one message; the next call may say 1 again */
		c = stub_last(w);
		command(w, c, (struct leg_cmd){.type = LEG_PROGRESS, .pi = CALL_PI_1 | CALL_PI_8});
		ASSERT_MESSAGE(w, ISDN_MSG_PROGRESS, "\x1e\x02\x81\x81\x1e\x02\x81\x88");
		command(w, c, (struct leg_cmd){.type = LEG_ANSWER});
		ASSERT_MESSAGE(w, ISDN_MSG_CONNECT, "\x18\x03\xa9\x83\x81");
		command(w, c, (struct leg_cmd){.type = LEG_CLEAR, .cause = {.value = 16}});

		peer_call(w, "1", 1, 0);
		c = stub_last(w);
		command(w, c, (struct leg_cmd){.type = LEG_ALERT, .pi = CALL_PI_1});
		ASSERT_MESSAGE(w, ISDN_MSG_ALERTING, "\x1e\x02\x81\x81");
		command(w, c, (struct leg_cmd){.type = LEG_ALERT, .pi = CALL_PI_1 | CALL_PI_8});
		ASSERT_MESSAGE(w, ISDN_MSG_PROGRESS, "\x1e\x02\x81\x88");
		command(w, c, (struct leg_cmd){.type = LEG_CLEAR, .cause = {.value = 16}});
		world_assert_idle(w);
		world_destroy(w);
	}
}

/* Layer 2 loses every sixth frame: what is repeated is edited again, and says the same. */
void test_edits_under_repetition(void **state)
{
	struct world *w = world_create_up(ISDN_NETWORK);

	(void)state;
	w->theirs.drop_per_1000 = w->ours.drop_per_1000 = 160;
	for (unsigned i = 0; i < 30; i++) {
		struct stub_call *c;
		unsigned calls = w->table.calls;

		peer_call(w, "1", 0xff, 0);
		world_run_us(w, 3 * US_PER_S);
		if (w->table.calls == calls)
			continue;
		c = stub_last(w);
		command(w, c, (struct leg_cmd){.type = LEG_PROGRESS, .pi = CALL_PI_1});
		command(w, c, (struct leg_cmd){.type = LEG_PROGRESS, .pi = CALL_PI_8});
		world_run_us(w, 10 * US_PER_S);
		ASSERT_MESSAGE(w, ISDN_MSG_PROGRESS, "\x1e\x02\x81\x88");
		command(w, c, (struct leg_cmd){.type = LEG_ALERT, .pi = CALL_PI_8});
		world_run_us(w, 10 * US_PER_S);
		ASSERT_MESSAGE(w, ISDN_MSG_ALERTING, "\x1e\x02\x81\x88");
		command(w, c,
			(struct leg_cmd){.type = LEG_CLEAR, .cause = {.value = 21, .location = 0}});
		world_run_us(w, 60 * US_PER_S);
		assert_true(c->gone);
		ASSERT_MESSAGE(w, ISDN_MSG_DISCONNECT, "\x08\x02\x80\x95");
	}
	assert_true(w->theirs.messages[ISDN_MSG_PROGRESS] > 40);
	world_destroy(w);
}

/* Our failure tone as the network. how: who ends it. */
enum tone_end { TONE_T306, TONE_PEER_RELEASES, TONE_DEAF, TONE_CLEARED };

/* A second LEG_CLEAR without the tone: RELEASE at once, T308 as ever, and no T306 later. */
static void tone_is_cleared(struct world *w, struct stub_call *c)
{
	struct leg_cmd cmd = {.type = LEG_CLEAR, .cause = {.value = 41}};

	world_run_us(w, 5 * US_PER_S);
	assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], 0);
	command(w, c, cmd);
	assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], 1);
	ASSERT_MESSAGE(w, ISDN_MSG_RELEASE, "\x08\x02\x80\x91");
	command(w, c, cmd); /* repeated */
	world_run_us(w, 4 * US_PER_S - 1);
	assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], 1);
	world_run_us(w, 1);
	assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], 2);
	assert_false(c->gone);
	world_run_us(w, 4 * US_PER_S);
	assert_true(c->gone);
	assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 17);
	world_run_us(w, 60 * US_PER_S);
	assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], 2);
	world_destroy(w);
}

static void failure_tone(enum tone_end how)
{
	struct world *w = world_create_up(ISDN_NETWORK);
	q931_call *pc = peer_call(w, "1", 9, 0);
	struct stub_call *c = stub_last(w);

	command(w, c, (struct leg_cmd){.type = LEG_PROCEED});
	w->peer.deaf = true; /* hears the tone and does not answer DISCONNECT */
	command(w, c,
		(struct leg_cmd){
		    .type = LEG_CLEAR, .pi = CALL_PI_8, .cause = {.value = 17, .location = 0}});
	ASSERT_MESSAGE(w, ISDN_MSG_DISCONNECT, "\x08\x02\x80\x91\x1e\x02\x81\x88");
	command(w, c, (struct leg_cmd){.type = LEG_CLEAR, .pi = CALL_PI_8}); /* repeated */
	if (how == TONE_CLEARED) {
		tone_is_cleared(w, c);
		return;
	}
	world_run_us(w, 29990 * US_PER_MS);
	assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], 0);
	assert_false(c->gone);
	assert_int_equal(world_status(w).channel[9].state, ISDN_CH_BUSY);
	if (how == TONE_PEER_RELEASES) {
		w->peer.deaf = false;
		pri_hangup(w->peer.pri, pc, 16);
		world_settle(w);
		assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE_COMPLETE], 1);
		assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], 0);
	} else {
		w->peer.deaf = how == TONE_DEAF;
		world_run_us(w, 20 * US_PER_MS);
		ASSERT_MESSAGE(w, ISDN_MSG_RELEASE, "\x08\x02\x80\x91");
		if (how == TONE_DEAF)
			world_run_us(w, 60 * US_PER_S);
		assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], how == TONE_DEAF ? 2 : 1);
	}
	assert_true(c->gone);
	assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 17);
	if (how != TONE_DEAF)
		world_assert_idle(w);
	world_destroy(w);
}

void test_failure_tone(void **state)
{
	(void)state;
	failure_tone(TONE_T306);
	failure_tone(TONE_PEER_RELEASES);
	failure_tone(TONE_DEAF);
	failure_tone(TONE_CLEARED);
}

/* T306 is the span's, whatever T305 is; the calls after it have their T305 again. */
void test_failure_tone_timer(void **state)
{
	struct isdn_span_cfg cfg = {.span = 1,
				    .side = ISDN_NETWORK,
				    .dchannel_ts = 16,
				    .bchannels = 0xfffefffe,
				    .timer_ms = {[ISDN_T305] = 20000, [ISDN_T306] = 10000}};
	struct world *w = world_create(&cfg);
	struct stub_call *c;

	(void)state;
	world_run_us(w, 5 * US_PER_S);
	for (unsigned tone = 2; tone-- > 0;) {
		int64_t wait_us = (tone ? 10 : 20) * US_PER_S;
		unsigned before = w->theirs.messages[ISDN_MSG_RELEASE];

		w->peer.deaf = false;
		peer_call(w, "1", 9, 0);
		c = stub_last(w);
		command(w, c, (struct leg_cmd){.type = LEG_PROCEED});
		w->peer.deaf = true;
		command(w, c,
			(struct leg_cmd){
			    .type = LEG_CLEAR, .pi = tone ? CALL_PI_8 : 0, .cause = {.value = 17}});
		world_run_us(w, wait_us - 10 * US_PER_MS);
		assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], before);
		world_run_us(w, 20 * US_PER_MS);
		assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], before + 1);
		world_run_us(w, 60 * US_PER_S);
		assert_true(c->gone);
	}
	world_destroy(w);
}

/* Where a tone is not ours to play, PI 8 in LEG_CLEAR is ignored. */
void test_no_failure_tone(void **state)
{
	struct world *w = world_create_up(ISDN_USER);
	struct leg_cmd cmd = {.type = LEG_CLEAR, .pi = CALL_PI_8, .cause = {.value = 17}};
	struct stub_call *c;
	q931_call *pc;

	(void)state;
	peer_call(w, "1", 1, 0);
	c = stub_last(w);
	command(w, c, (struct leg_cmd){.type = LEG_PROCEED});
	command(w, c, cmd);
	ASSERT_MESSAGE(w, ISDN_MSG_DISCONNECT, "\x08\x02\x80\x91");
	world_assert_idle(w);
	world_destroy(w);

	w = world_create_up(ISDN_NETWORK);
	peer_call(w, "1", 1, 0); /* not even an answer yet */
	command(w, stub_last(w), cmd);
	ASSERT_MESSAGE(w, ISDN_MSG_RELEASE_COMPLETE, "\x08\x02\x80\x91");
	world_assert_idle(w);
	c = answered_out(w, &pc);
	command(w, c, cmd);
	ASSERT_MESSAGE(w, ISDN_MSG_DISCONNECT, "\x08\x02\x80\x91");
	world_assert_idle(w);
	world_destroy(w);
}

/* The number of the I frame that comes next to us; without it LAPD would not take it. */
static void inject(struct world *w, const struct stub_call *c, uint8_t type, const char *elements,
		   size_t n)
{
	const struct isdn_leg *leg = c->leg;
	uint16_t cref = pri_line_cref(w->span->line, leg->q931);
	uint8_t frame[E1_DCHAN_FRAME_MAX] = {
	    0x02, 0x01, 0x03, 0x08, 0x02, (uint8_t)(0x80 | cref >> 8), (uint8_t)cref, type};

	if (c->incoming)
		frame[5] &= 0x7f;
	if (w->cfg.side == ISDN_NETWORK)
		frame[0] = 0x00;
	memcpy(frame + 8, elements, n);
	wire_inject(w, frame, 8 + n);
}
#define INJECT(w, c, type, octets) inject(w, c, type, octets, sizeof(octets) - 1)

/* What libpri's events do not tell, from every message that can carry it. */
void test_received_indicators(void **state)
{
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *c = stub_open(w, "1");
	const struct stub_event *ev;

	(void)state;
	world_settle(w);
	INJECT(w, c, ISDN_MSG_CALL_PROCEEDING,
	       "\x18\x03\xa9\x83\x81\x1e\x02\x82\x81\x1e\x02\x82\x88");
	ev = stub_event(c, CALL_EV_PROCEEDING);
	assert_int_equal(ev->pi, CALL_PI_1 | CALL_PI_8);
	assert_int_equal(ev->cause.value, 0);
	INJECT(w, c, ISDN_MSG_PROGRESS, "\x1e\x02\x82\x82"); /* neither 1 nor 8 */
	assert_int_equal(stub_event(c, CALL_EV_PROGRESS)->pi, CALL_PI_2);
	assert_int_equal(stub_event(c, CALL_EV_PROGRESS)->cause.value, 0);
	INJECT(w, c, ISDN_MSG_PROGRESS, "\x08\x02\x8a\x81\x1e\x02\x82\x88");
	ev = stub_event(c, CALL_EV_PROGRESS);
	assert_int_equal(ev->pi, CALL_PI_8);
	assert_int_equal(ev->cause.value, 1);
	assert_int_equal(ev->cause.location, 10);
	INJECT(w, c, ISDN_MSG_ALERTING, "\x1e\x02\x84\x81\x1e\x02\x84\x83\x7e\x03\x04hi");
	assert_int_equal(stub_event(c, CALL_EV_ALERTING)->pi, CALL_PI_1 | CALL_PI_3);
	assert_int_equal(((struct isdn_leg *)c->leg)->carried.user_user_len, 3);
	INJECT(w, c, ISDN_MSG_CONNECT, "\x1e\x02\x84\x82");
	assert_int_equal(stub_event(c, CALL_EV_ANSWER)->pi, CALL_PI_2);
	world_destroy(w);
}

/* DISCONNECT with PI 8: the call is told and nothing else happens until it wants to clear, or the
 * peer releases. */
void test_received_announcement(void **state)
{
	(void)state;
	for (unsigned peer_releases = 0; peer_releases < 2; peer_releases++)
		for (unsigned answered = 0; answered < 2; answered++) {
			struct world *w = world_create_up(ISDN_USER);
			struct stub_call *c = stub_open(w, "1");
			const struct stub_event *ev;

			world_settle(w);
			w->table.keep_clearing = true;
			INJECT(w, c, ISDN_MSG_CALL_PROCEEDING, "\x18\x03\xa9\x83\x81");
			if (answered)
				INJECT(w, c, ISDN_MSG_CONNECT, "");
			INJECT(w, c, ISDN_MSG_DISCONNECT,
			       "\x08\x08\x82\x96\x70\x04\x91"
			       "493"
			       "\x1e\x02\x82\x88");
			ev = stub_event(c, CALL_EV_CLEARING);
			assert_int_equal(ev->pi, CALL_PI_8);
			assert_int_equal(ev->cause.value, 22);
			assert_int_equal(ev->cause.location, 2);
			assert_string_equal(ev->cause.new_number, "+493");
			world_run_us(w, 29 * US_PER_S);
			assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE], 0);
			assert_int_equal(world_status(w).channel[1].state, ISDN_CH_BUSY);
			assert_false(c->gone);
			if (peer_releases) {
				INJECT(w, c, ISDN_MSG_RELEASE, "");
				assert_int_equal(w->theirs.messages[ISDN_MSG_RELEASE_COMPLETE], 1);
			} else {
				command(
				    w, c,
				    (struct leg_cmd){.type = LEG_CLEAR, .cause = {.value = 16}});
				ASSERT_MESSAGE(w, ISDN_MSG_RELEASE, "\x08\x02\x80\x90");
			}
			assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 22);
			assert_int_equal(world_status(w).busy, 0);
			world_destroy(w);
		}
}

/* As the user: T313, 4 s, then 102 with its number. As the network: nothing waits for it. */
void test_connect_acknowledge(void **state)
{
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *c;

	(void)state;
	peer_call(w, "1", 1, 0);
	c = stub_last(w);
	pri_connect_ack_enable(w->peer.pri, 1); /* and it never does */
	command(w, c, (struct leg_cmd){.type = LEG_ANSWER});
	world_run_us(w, 3990 * US_PER_MS);
	assert_int_equal(c->count[CALL_EV_CLEARING], 0);
	assert_int_equal(c->count[CALL_EV_CONFIRMED], 0);
	world_run_us(w, 20 * US_PER_MS);
	assert_int_equal(stub_event(c, CALL_EV_CLEARING)->cause.value, 102);
	assert_int_equal(stub_event(c, CALL_EV_CLEARING)->cause.timer, 313);
	ASSERT_MESSAGE(w, ISDN_MSG_DISCONNECT,
		       "\x08\x05\x81\xe6"
		       "313");
	world_destroy(w);

	w = world_create_up(ISDN_USER);
	peer_call(w, "1", 1, 0);
	c = stub_last(w);
	command(w, c, (struct leg_cmd){.type = LEG_ANSWER});
	assert_int_equal(c->count[CALL_EV_CONFIRMED], 1);
	world_run_us(w, 600 * US_PER_S);
	assert_int_equal(c->count[CALL_EV_CLEARING], 0);
	world_destroy(w);

	w = world_create_up(ISDN_NETWORK);
	pri_connect_ack_enable(w->peer.pri, 1);
	peer_call(w, "1", 1, 0);
	c = stub_last(w);
	command(w, c, (struct leg_cmd){.type = LEG_ANSWER});
	assert_int_equal(w->ours.messages[ISDN_MSG_CONNECT_ACK], 0);
	assert_int_equal(c->count[CALL_EV_CONFIRMED], 1);
	world_run_us(w, 600 * US_PER_S);
	assert_int_equal(c->count[CALL_EV_CLEARING], 0);
	assert_false(c->gone);
	world_destroy(w);
}

/* Diagnostics that we send. */
void test_sent_diagnostics(void **state)
{
	struct world *w = world_create_up(ISDN_NETWORK);
	q931_call *pc;
	struct stub_call *c = answered_in(w, 1, &pc);

	(void)state;
	command(w, c,
		(struct leg_cmd){.type = LEG_CLEAR,
				 .cause = {.value = 22, .location = 4, .new_number = "+493012"}});
	ASSERT_MESSAGE(w, ISDN_MSG_DISCONNECT,
		       "\x08\x0b\x84\x96\x70\x07\x91"
		       "493012");
	world_assert_idle(w);
	c = answered_out(w, &pc);
	command(
	    w, c,
	    (struct leg_cmd){.type = LEG_CLEAR, .cause = {.value = 102, .diagnostic_timer = true}});
	ASSERT_MESSAGE(w, ISDN_MSG_DISCONNECT,
		       "\x08\x05\x80\xe6"
		       "301");
	world_assert_idle(w);
	world_destroy(w);
}
