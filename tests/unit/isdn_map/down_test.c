/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes wrong: lost D-channels, timers, collisions, RESTART, garbage, no memory. */
#include "tests/unit/isdn_map/tests.h"

#include <string.h>

#include "hw/t1e1/e1_virt.h"
#include "src/isdn_map/isdn_span.h"
#include "src/isdn_map/pri/pri_internal.h"
#include "tests/unit/isdn_map/harness.h"

enum { MSG_RELEASE = 0x4d, MSG_RELEASE_COMPLETE = 0x5a, MSG_SETUP = 0x05 };

static void world_line(struct world *w, uint32_t alarms)
{
	struct e1_line line = {.alarms = alarms};

	isdn_span_line(w->span, w->now_us, &line);
}

void test_refusals_without_dchannel(void **state)
{
	struct isdn_span_cfg cfg = {.span = 1,
				    .side = ISDN_USER,
				    .dchannel_ts = 16,
				    .bchannels = 0xfffefffe,
				    .law = MEDIA_ALAW};
	struct world *w = world_create(&cfg);
	struct call_cause cause;

	(void)state;
	assert_null(stub_open_cause(w, "1", &cause)); /* before the first turn */
	assert_int_equal(cause.value, 27);
	world_cut(w, true);
	world_run_us(w, 60 * US_PER_S);
	assert_false(world_status(w).dchannel_up);
	assert_null(stub_open_cause(w, "1", &cause));
	assert_int_equal(cause.value, 27);
	world_cut(w, false);
	world_run_us(w, 10 * US_PER_S);
	assert_true(world_status(w).dchannel_up);
	assert_true(world_status(w).dchannel_since_us > 60 * US_PER_S);
	world_line(w, E1_ALARM_RAI);
	assert_int_equal(world_status(w).alarms, E1_ALARM_RAI);
	assert_null(stub_open_cause(w, "1", &cause));
	assert_int_equal(cause.value, 27);
	peer_call(w, "1", 1, 0);
	assert_int_equal(w->table.calls, 0);
	assert_int_equal(peer_last(w, PRI_EVENT_HANGUP)->cause, 27);
	world_line(w, 0);
	assert_null(stub_open_cause(w, "", &cause));
	assert_int_equal(cause.value, 28);
	assert_non_null(stub_open_cause(w, "1", &cause));
	stub_clear(w, stub_last(w), 16);
	world_run_us(w, 10 * US_PER_S);
	world_assert_idle(w);
	world_destroy(w);
}

/* Five seconds: answered calls live on; what was being set up is cleared at once. */
void test_dchannel_cut_short(void **state)
{
	(void)state;
	for (unsigned side = 0; side < 2; side++) {
		struct world *w = world_create_up(side ? ISDN_NETWORK : ISDN_USER);
		struct stub_call *active_in, *active_out, *ringing, *pending;
		q931_call *pc;

		active_in = answered_in(w, 9, &pc);
		active_out = answered_out(w, &pc);
		peer_call(w, "1", 10, 0);
		ringing = stub_last(w);
		stub_command(w, ringing, LEG_ALERT, 0);
		pending = stub_open(w, "2"); /* a frame under way: the cut is noticed after N200 */
		world_cut(w, true);
		world_run_us(w, 4500 * US_PER_MS);
		assert_false(world_status(w).dchannel_up);
		assert_int_equal(stub_event(ringing, CALL_EV_CLEARING)->cause.value, 27);
		assert_int_equal(stub_event(pending, CALL_EV_CLEARING)->cause.value, 27);
		world_run_us(w, 500 * US_PER_MS);
		world_cut(w, false);
		world_run_us(w, 5 * US_PER_S);
		assert_true(world_status(w).dchannel_up);
		world_run_us(w, 120 * US_PER_S);
		assert_int_equal(active_in->count[CALL_EV_CLEARING], 0);
		assert_false(active_in->gone);
		assert_false(active_out->gone);
		assert_int_equal(stub_event(ringing, CALL_EV_GONE)->cause.value, 27);
		assert_int_equal(stub_event(pending, CALL_EV_GONE)->cause.value, 27);
		assert_int_equal(world_status(w).busy, 2);
		stub_clear(w, active_in, 16);
		stub_clear(w, active_out, 16);
		world_assert_idle(w);
		world_destroy(w);
	}
}

/* A hundred seconds and T309 of 90: proves that libpri's clock is ours. */
void test_dchannel_cut_long(void **state)
{
	(void)state;
	for (unsigned side = 0; side < 2; side++) {
		struct world *w = world_create_up(side ? ISDN_NETWORK : ISDN_USER);
		struct stub_call *in, *out;
		int64_t down_us;
		q931_call *pc;

		in = answered_in(w, 9, &pc);
		out = answered_out(w, &pc);
		world_cut(w, true);
		while (world_status(w).dchannel_up) /* T203, T200 x N200 */
			world_run_us(w, 100 * US_PER_MS);
		down_us = w->now_us;
		down_us = world_status(w).dchannel_since_us; /* libpri's would begin 4 s later */
		world_run_us(w, down_us + 90 * US_PER_S - w->now_us - 1);
		assert_int_equal(in->events + out->events, 4); /* CHANNEL and answer each */
		world_run_us(w, 1);
		assert_int_equal(stub_event(in, CALL_EV_GONE)->cause.value, 27);
		assert_int_equal(stub_event(out, CALL_EV_GONE)->cause.value, 27);
		/* The peer's T309 may have begun later: what it has on these channels is in doubt
		 * until a RESTART has told it. */
		assert_int_equal(world_status(w).busy, 0);
		assert_int_equal(world_status(w).channel[9].state, ISDN_CH_BLOCKED);
		world_run_us(w, 5 * US_PER_S);
		world_cut(w, false);
		world_run_us(w, 30 * US_PER_S);
		assert_true(world_status(w).dchannel_up);
		answered_in(w, 9, &pc); /* the channels can be used again */
		stub_clear(w, stub_last(w), 16);
		world_assert_idle(w);
		world_destroy(w);
	}
}

void test_t303(void **state)
{
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *c = stub_open(w, "1");
	const uint8_t *cause;
	size_t len = 0;

	(void)state;
	world_run_us(w, 3900 * US_PER_MS); /* the peer has it and says nothing */
	assert_int_equal(w->theirs.messages[MSG_SETUP], 1);
	world_run_us(w, 200 * US_PER_MS);
	assert_int_equal(w->theirs.messages[MSG_SETUP], 2);
	assert_int_equal(c->events, 0);
	world_run_us(w, 4 * US_PER_S);
	assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 18);
	cause = wire_element(&w->theirs, ISDN_MSG_RELEASE_COMPLETE, 0x08, &len);
	assert_int_equal(len, 5);
	assert_memory_equal(cause, "\x81\xe6" "303", 5);
	world_assert_idle(w);
	world_destroy(w);
}

void test_t304_t310(void **state)
{
	static const struct {
		enum isdn_side side;
		int answer; /* 0: SETUP ACK, 1: PROCEEDING, 2: with PI 8, 3: and ALERTING, 4:
			       PROGRESS */
		int64_t s;  /* 0: not within five minutes */
	} rows[] = {
	    {ISDN_USER, 0, 30},	   {ISDN_USER, 1, 120},	  {ISDN_USER, 2, 0},	{ISDN_USER, 3, 0},
	    {ISDN_NETWORK, 0, 20}, {ISDN_NETWORK, 1, 30}, {ISDN_NETWORK, 4, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct world *w = world_create_up(rows[i].side);
		struct stub_call *c = stub_open(w, "1");
		int64_t s = rows[i].s ? rows[i].s : 300;
		q931_call *pc;

		world_settle(w);
		pc = peer_ring(w);
		if (rows[i].answer == 0)
			pri_setup_ack(w->peer.pri, pc, 4, 0, 0);
		else
			pri_proceeding(w->peer.pri, pc, 4, rows[i].answer == 2);
		if (rows[i].answer == 3)
			pri_acknowledge(w->peer.pri, pc, 4, 0);
		if (rows[i].answer == 4)
			pri_progress(w->peer.pri, pc, 4, 1);
		world_settle(w);
		world_run_us(w, s * US_PER_S - 100 * US_PER_MS);
		assert_int_equal(c->count[CALL_EV_CLEARING], 0);
		world_run_us(w, 200 * US_PER_MS);
		assert_int_equal(c->count[CALL_EV_CLEARING], rows[i].s != 0);
		if (rows[i].s) {
			assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 102);
			assert_int_equal(peer_last(w, PRI_EVENT_HANGUP_REQ)->cause, 102);
		} else {
			stub_clear(w, c, 16);
		}
		world_assert_idle(w);
		world_destroy(w);
	}
}

/* A peer that acknowledges frames and never answers a clearing message: T305, then T308 twice. */
void test_t308(void **state)
{
	struct world *w = world_create_up(ISDN_NETWORK);
	struct stub_call *c;
	q931_call *pc;

	(void)state;
	w->peer.deaf = true;
	c = answered_in(w, 2, &pc);
	stub_clear(w, c, 17);
	world_run_us(w, 29900 * US_PER_MS);
	assert_int_equal(w->theirs.messages[MSG_RELEASE], 0);
	world_run_us(w, 200 * US_PER_MS);
	assert_int_equal(w->theirs.messages[MSG_RELEASE], 1);
	world_run_us(w, 4 * US_PER_S);
	assert_int_equal(w->theirs.messages[MSG_RELEASE], 2);
	assert_false(c->gone);
	assert_int_equal(world_status(w).busy, 1);
	world_run_us(w, 4 * US_PER_S);
	assert_int_equal(stub_event(c, CALL_EV_GONE)->cause.value, 17);
	world_assert_idle(w);
	world_destroy(w);
}

/* libpri loses a call that we clear: the guard above its timers ends the leg. */
void test_stuck_clearing(void **state)
{
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *c;
	q931_call *pc;

	(void)state;
	w->peer.deaf = true;
	pri_set_timer(w->span->line->pri, PRI_TIMER_T305, 100000000);
	c = answered_in(w, 2, &pc);
	stub_clear(w, c, 16);
	world_run_us(w, 44 * US_PER_S);
	assert_false(c->gone);
	world_run_us(w, 2 * US_PER_S);
	assert_true(c->gone);
	world_assert_idle(w);
	world_destroy(w);
}

static void write_message(struct pri_frames *f, uint8_t type, uint8_t cref_flag, uint8_t cause)
{
	uint8_t frame[] = {0x00, 0x01, 0x00, 0x00, 0x08,	 0x02, cref_flag, 0x07,
			   type, 0x08, 0x02, 0x81, 0x80 | cause, 0,    0};

	assert_int_equal(pri_frames_write(f, frame, sizeof(frame)), sizeof(frame));
}

static uint8_t written_cause(struct world *w, uint8_t type)
{
	size_t len = 0;
	const uint8_t *ie = wire_element(&w->theirs, type, 0x08, &len);

	assert_int_equal(len, 2);
	return ie[1] & 0x7f;
}

/* Which frames an edit touches, and until when. */
void test_cause_edits(void **state)
{
	struct world *w = world_create_up(ISDN_USER);
	struct pri_frames f = {.cfg = {.e1 = &w->ours.e1}};

	(void)state;
	pri_frames_edit_cause(&f, 7, true, 16, (struct call_cause){.value = 65, .location = 1});
	write_message(&f, 0x45, 0x00, 16);
	assert_int_equal(written_cause(w, 0x45), 65);
	write_message(&f, 0x45, 0x00, 16); /* LAPD repeats it */
	assert_int_equal(written_cause(w, 0x45), 65);
	write_message(&f, 0x4d, 0x00, 96); /* libpri means this one */
	assert_int_equal(written_cause(w, 0x4d), 96);
	write_message(&f, 0x5a, 0x80, 16); /* the peer's call 7 is another one */
	assert_int_equal(written_cause(w, 0x5a), 16);
	write_message(&f, 0x7d, 0x00, 16); /* STATUS clears nothing */
	assert_int_equal(written_cause(w, 0x7d), 16);
	pri_frames_forget(&f, 7, true); /* a new call 7 */
	write_message(&f, 0x4d, 0x00, 16);
	assert_int_equal(written_cause(w, 0x4d), 16);
	pri_frames_edit_cause(&f, 7, true, 16, (struct call_cause){.value = 21});
	for (unsigned i = 0; i < 3 * PRI_FRAMES_EDITS; i++) { /* whose last was longest ago goes */
		pri_frames_edit_cause(&f, (uint16_t)(100 + i), true, 16,
				      (struct call_cause){.value = 17});
		if (i % 100 == 0)
			pri_frames_edit_pi(&f, 7, true, PRI_EDIT_CONNECT, CALL_PI_2);
	}
	write_message(&f, 0x45, 0x00, 16);
	assert_int_equal(written_cause(w, 0x45), 21);
	world_destroy(w);
}

/* Two spans of ours over the virtual E1: layer 2 comes up, falls and comes back. */
void test_virtual_e1(void **state)
{
	struct e1_virt_pair *pair;
	struct e1_span end[2];
	struct isdn_span *span[2];
	struct isdn_span_status st[2];
	struct stub_table table = {0};

	(void)state;
	assert_int_equal(e1_virt_pair_create(&pair, end), 0);
	for (unsigned i = 0; i < 2; i++) {
		struct isdn_span_cfg cfg = {.span = (uint16_t)(i + 1),
					    .side = i ? ISDN_NETWORK : ISDN_USER,
					    .dchannel_ts = 16,
					    .bchannels = 0xfffefffe};

		assert_int_equal(
		    isdn_span_create(&span[i], &cfg, &end[i], stub_use(&table), NULL, NULL), 0);
	}
	for (int64_t now_us = 0; now_us < 100 * US_PER_S; now_us += 20 * US_PER_MS) {
		if (now_us == 20 * US_PER_S || now_us == 60 * US_PER_S)
			e1_virt_unplug(pair, now_us == 20 * US_PER_S);
		for (unsigned k = 0; k < 4; k++)
			isdn_span_turn(span[k & 1], now_us);
		for (unsigned i = 0; i < 2; i++) {
			bool up = now_us < 20 * US_PER_S || now_us > 70 * US_PER_S;

			isdn_span_status(span[i], &st[i]);
			if (now_us > US_PER_S && (up || now_us > 45 * US_PER_S) &&
			    (up || now_us < 60 * US_PER_S))
				assert_int_equal(st[i].dchannel_up, up);
		}
	}
	for (unsigned i = 0; i < 2; i++) {
		isdn_span_destroy(span[i]);
		end[i].ops->close(&end[i]);
	}
}

/* Both SETUPs ask for channel 1 and cross. */
static struct stub_call *cross(struct world *w, int exclusive)
{
	struct stub_call *out = stub_open(w, "2");
	struct pri_sr *sr = pri_sr_new();
	char digits[] = "49";

	libclock_set(w->now_us);
	pri_sr_set_channel(sr, w->cfg.side == ISDN_USER ? 1 : 31, exclusive, 0);
	pri_sr_set_bearer(sr, PRI_TRANS_CAP_SPEECH, PRI_LAYER_1_ALAW);
	pri_sr_set_called(sr, digits, PRI_NATIONAL_ISDN, 1);
	assert_int_equal(pri_setup(w->peer.pri, pri_new_call(w->peer.pri), sr), 0);
	pri_sr_free(sr);
	world_settle(w);
	return out;
}

void test_glare_user(void **state)
{
	(void)state;
	for (int exclusive = 0; exclusive < 2; exclusive++)
		for (int answer = 1; answer < 3; answer++) {
			struct world *w = world_create_up(ISDN_USER);
			struct stub_call *out = cross(w, exclusive), *in = stub_last(w);

			assert_int_equal(world_status(w).glare, 1);
			assert_ptr_not_equal(in, out);
			stub_command(w, in, LEG_PROCEED, 0); /* the network's call has it */
			assert_int_equal(in->channel.ts, 1);
			pri_proceeding(w->peer.pri, peer_ring(w), answer, 0);
			world_settle(w);
			if (answer == 1) { /* a network that did not notice: once more */
				assert_int_equal(out->events, 0);
				assert_int_equal(peer_ring_channel(w) & 0xff, 2);
				pri_proceeding(w->peer.pri, peer_ring(w), 2, 0);
				world_settle(w);
			}
			assert_int_equal(out->channel.ts, 2);
			assert_int_equal(world_status(w).busy, 2);
			stub_clear(w, out, 16);
			stub_clear(w, in, 16);
			world_assert_idle(w);
			world_destroy(w);
		}
}

/* Two calls of ours ask for 1 and 2; the exchange gives the first one 2 before it has seen the
 * second, and the second one 1. */
void test_answer_takes_a_proposed_channel(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++) {
		struct world *w = world_create_up(side ? ISDN_NETWORK : ISDN_USER);
		int one = side ? 31 : 1, two = side ? 30 : 2;
		struct stub_call *a = stub_open(w, "1"), *b;
		q931_call *ring_a, *ring_b;

		world_settle(w);
		ring_a = peer_ring(w);
		b = stub_open(w, "2");
		world_settle(w);
		ring_b = peer_ring(w);
		pri_proceeding(w->peer.pri, ring_a, two, 0);
		world_settle(w);
		pri_proceeding(w->peer.pri, ring_b, one, 0);
		world_settle(w);
		assert_int_equal(a->channel.ts, two);
		assert_int_equal(b->channel.ts, one);
		assert_int_equal(world_status(w).busy, 2);
		stub_clear(w, a, 16);
		stub_clear(w, b, 16);
		world_assert_idle(w);
		world_destroy(w);
	}
}

void test_glare_network(void **state)
{
	(void)state;
	for (int exclusive = 0; exclusive < 2; exclusive++) {
		struct world *w = world_create_up(ISDN_NETWORK);
		struct stub_call *out = cross(w, exclusive), *in = stub_last(w);

		assert_int_equal(world_status(w).glare, 1);
		if (exclusive) {
			assert_ptr_equal(in, out);
			assert_int_equal(peer_last(w, PRI_EVENT_HANGUP)->cause, 44);
		} else {
			stub_command(w, in, LEG_PROCEED, 0);
			assert_int_equal(in->channel.ts, 30);
			stub_clear(w, in, 16);
		}
		pri_answer(w->peer.pri, peer_ring(w), 31, 0);
		world_settle(w);
		assert_int_equal(out->channel.ts, 31);
		stub_clear(w, out, 16);
		world_assert_idle(w);
		world_destroy(w);
	}
}

void test_restart(void **state)
{
	/* RESTART of the whole interface, which libpri does not send */
	static const uint8_t whole[] = {0x02, 0x01, 0x00, 0x00, 0x08, 0x02,
					0x00, 0x00, 0x46, 0x79, 0x01, 0x87};
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *a, *b;
	uint8_t frame[sizeof(whole)];
	q931_call *pc;

	(void)state;
	a = answered_in(w, 9, &pc);
	b = answered_in(w, 10, &pc);
	assert_int_equal(pri_reset(w->peer.pri, 9), 0);
	world_settle(w);
	assert_int_equal(stub_event(a, CALL_EV_GONE)->cause.value, 41);
	assert_int_equal(a->count[CALL_EV_CLEARING], 0);
	assert_false(b->gone);
	assert_int_equal(peer_last(w, PRI_EVENT_RESTART_ACK)->channel & 0xff, 9);
	assert_int_equal(world_status(w).channel[9].state, ISDN_CH_IDLE);
	answered_in(w, 9, &pc);
	/* as the next I frame of the peer: its N(S) and N(R) are those of its last one, plus */
	memcpy(frame, whole, sizeof(frame));
	frame[2] = (uint8_t)(w->ours.last_message[0x0f].octets[2] + 2);
	frame[3] = (uint8_t)(w->ours.last_message[0x0f].octets[3]);
	wire_inject(w, frame, sizeof(frame));
	assert_true(b->gone);
	world_assert_idle(w);
	world_destroy(w);
}

/* The peer takes its SETUP back before our first answer: libpri then frees the call and says
 * nothing. */
void test_given_up_before_answer(void **state)
{
	static const uint8_t release_complete[] = {0x02, 0x01, 0x00, 0x00, 0x08, 0x02, 0x00,
						   0x01, 0x5a, 0x08, 0x02, 0x81, 0x90};
	uint8_t frame[sizeof(release_complete)];
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *c;

	(void)state;
	peer_call(w, "1", 1, 0);
	c = stub_last(w);
	memcpy(frame, release_complete, sizeof(frame));
	frame[2] = (uint8_t)(w->ours.last_message[MSG_SETUP].octets[2] + 2);
	wire_inject(w, frame, sizeof(frame));
	assert_true(c->gone);
	world_assert_idle(w);
	world_destroy(w);
}

/* A leg's memory stays for as long as the table may still command it. */
void test_dead_leg_waits_for_table(void **state)
{
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *c;
	q931_call *pc;

	(void)state;
	w->table.busy = true;
	c = answered_in(w, 1, &pc);
	pri_reset(w->peer.pri, 1);
	world_settle(w);
	assert_true(c->gone);
	for (unsigned type = LEG_PROCEED; type <= LEG_CLEAR; type++) /* ASan would see it */
		stub_command(w, c, type, CALL_PI_8);
	w->table.busy = false;
	world_settle(w);
	world_assert_idle(w);
	world_destroy(w);
}

void test_wrong_side(void **state)
{
	struct isdn_span_cfg cfg = {.span = 1,
				    .side = ISDN_USER,
				    .dchannel_ts = 16,
				    .bchannels = 0xfffefffe,
				    .law = MEDIA_ALAW};
	struct world *w = world_create(&cfg);
	static const uint8_t sabme_of_a_user[] = {0x00, 0x01, 0x7f};

	(void)state;
	world_settle(w);
	wire_inject(w, sabme_of_a_user, sizeof(sabme_of_a_user));
	world_run_us(w, US_PER_S);
	world_destroy(w);
}

void test_garbage_frames(void **state)
{
	static const uint8_t types[] = {0x01, 0x02, 0x03, 0x05, 0x07, 0x0d, 0x0f, 0x45, 0x46,
					0x4d, 0x4e, 0x5a, 0x62, 0x6e, 0x75, 0x7b, 0x7d};
	static const uint8_t elements[] = {0x04, 0x08, 0x14, 0x18, 0x1c, 0x1e, 0x27, 0x28, 0x29,
					   0x2c, 0x34, 0x4c, 0x6c, 0x6d, 0x70, 0x74, 0x79, 0x7e};
	struct world *w = world_create_up(ISDN_USER);
	struct stub_call *c;
	q931_call *pc;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		uint8_t frame[E1_DCHAN_FRAME_MAX];
		size_t len = rng_below(&w->rng, 8) ? rng_below(&w->rng, 60)
						   : rng_below(&w->rng, sizeof(frame) + 1);

		for (size_t k = 0; k < len; k++)
			frame[k] = (uint8_t)rng_u32(&w->rng);
		if (len > 12 && rng_below(&w->rng, 10)) { /* UI frames pass LAPD */
			const uint8_t head[] = {0x02,
						0x01,
						0x03,
						0x08,
						0x02,
						rng_below(&w->rng, 2) ? 0x80 : 0,
						(uint8_t)rng_below(&w->rng, 4),
						types[rng_below(&w->rng, sizeof(types))]};
			size_t at = sizeof(head);

			memcpy(frame, head, sizeof(head));
			while (at + 2 < len) {
				size_t n = rng_below(&w->rng, 12);

				frame[at++] = elements[rng_below(&w->rng, sizeof(elements))];
				frame[at++] = (uint8_t)n;
				at += n;
			}
		}
		wire_inject(w, frame, len);
		if (w->table.calls > STUB_CALLS - 10)
			break;
		if (i % 50 == 0) {
			w->peer.events = 0;
			world_run_us(w, US_PER_S);
		}
	}
	assert_true(world_status(w).frames_bad > 0);
	w->peer.events = 0;
	for (unsigned i = 0; i < w->table.calls; i++)
		if (!w->table.call[i].gone)
			stub_clear(w, &w->table.call[i], 16);
	world_run_us(w, 200 * US_PER_S);
	world_assert_idle(w);
	w->peer.events = 0;
	c = answered_in(w, 1, &pc); /* no other call disturbed */
	stub_clear(w, c, 16);
	world_assert_idle(w);
	world_destroy(w);
}

/* A span that cannot be made, or whose libpri cannot be made at first. */
static void create_without_memory(unsigned n)
{
	struct isdn_span_cfg cfg = {.span = 1, .dchannel_ts = 16, .bchannels = 2};
	struct isdn_span_status st;
	struct stub_table table = {0};
	struct e1_virt_pair *pair;
	struct isdn_span *span;
	struct e1_span end[2];

	assert_int_equal(e1_virt_pair_create(&pair, end), 0);
	alloc_fail_nth(n);
	if (isdn_span_create(&span, &cfg, &end[0], stub_use(&table), NULL, NULL) == 0) {
		isdn_span_turn(span, 0);
		alloc_fail_nth(0);
		for (int64_t now_us = 0; now_us < 5 * US_PER_S; now_us += 100 * US_PER_MS)
			if (isdn_span_next_us(span) <= now_us)
				isdn_span_turn(span, now_us);
		isdn_span_status(span, &st);
		assert_true(st.frames_out > 0);
		isdn_span_destroy(span);
	} else {
		assert_int_equal(n, 1);
		assert_null(span);
	}
	alloc_fail_nth(0);
	end[0].ops->close(&end[0]);
	end[1].ops->close(&end[1]);
}

/* The nth allocation of us or of either libpri fails, wherever that is: nothing is left behind. */
void test_out_of_memory(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 10; n++)
		create_without_memory(n);
	for (unsigned n = 1; n < 60; n++) {
		struct world *w = world_create_up(n & 1 ? ISDN_NETWORK : ISDN_USER);
		struct call_cause cause = {0};
		struct stub_call *c;

		alloc_fail_nth(n);
		c = stub_open_cause(w, "1", &cause);
		if (c)
			world_settle(w);
		else
			assert_int_equal(cause.value, 42);
		peer_call_quietly(w);
		for (unsigned i = 0; i < w->table.calls; i++)
			if (!w->table.call[i].gone)
				stub_command(w, &w->table.call[i], LEG_ANSWER, 0);
		for (unsigned i = 0; i < w->table.calls; i++)
			if (!w->table.call[i].gone)
				stub_clear(w, &w->table.call[i], 16);
		alloc_fail_nth(0);
		world_run_us(w, 120 * US_PER_S);
		/* one that came late, by LAPD's repetition */
		for (unsigned i = 0; i < w->table.calls; i++)
			if (!w->table.call[i].gone)
				stub_clear(w, &w->table.call[i], 16);
		world_run_us(w, 60 * US_PER_S);
		world_assert_idle(w);
		world_destroy(w);
	}
}
