/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/pbx/bench.h"

#include <string.h>

#include "gateway/base/strbuf.h"

static const struct pbx_cfg network_cfg = {.network = true, .dchannel_ts = 16};
static const struct pbx_cfg user_cfg = {
    .dchannel_ts = 16, .descending = true, .gateway_audio = true};

static void on_event(void *arg, const struct pbx_event *event)
{
	struct side *s = arg;

	assert_true(s->events < BENCH_EVENTS);
	s->event[s->events++] = *event;
}

void bench_init(struct bench *b, const struct pbx_cfg *network, const struct pbx_cfg *user)
{
	struct pbx_cfg cfg[2] = {network ? *network : network_cfg, user ? *user : user_cfg};
	struct e1_span span[2];

	memset(b, 0, sizeof(*b));
	b->now_us = 1000 * US_PER_S;
	b->next_block_us = b->now_us;
	libclock_set(b->now_us);
	assert_int_equal(e1_virt_pair_create(&b->pair, span), 0);
	for (int i = 0; i < 2; i++) {
		if (!cfg[i].bchannels)
			cfg[i].bchannels = 0xfffefffe;
		b->side[i].span = span[i];
		assert_int_equal(
		    pbx_create(&b->side[i].pbx, &cfg[i], &b->side[i].span, on_event, &b->side[i]),
		    0);
	}
	bench_until(b, NETWORK, PBX_UP, 1);
	bench_until(b, USER, PBX_UP, 1);
}

void bench_fini(struct bench *b)
{
	for (int i = 0; i < 2; i++) {
		pbx_destroy(b->side[i].pbx);
		b->side[i].span.ops->close(&b->side[i].span);
	}
}

/* Everything that is due now. */
static void settle(struct bench *b)
{
	do {
		for (int i = 0; i < 2; i++)
			pbx_turn(b->side[i].pbx, b->now_us);
	} while (e1_virt_frames_waiting(b->pair, 0) || e1_virt_frames_waiting(b->pair, 1));
}

static void step(struct bench *b)
{
	int64_t next_us = b->next_block_us;

	settle(b);
	for (int i = 0; i < 2; i++) {
		int64_t pbx_us = pbx_next_us(b->side[i].pbx);

		if (pbx_us < next_us)
			next_us = pbx_us;
	}
	assert_true(next_us >= b->now_us);
	b->now_us = next_us;
	if (next_us == b->next_block_us) {
		b->next_block_us += E1_BLOCK_US;
		e1_virt_step(b->pair);
		for (int i = 0; i < 2; i++)
			pbx_run(b->side[i].pbx, b->now_us);
	}
	settle(b);
}

void bench_run_ms(struct bench *b, int64_t ms)
{
	int64_t until_us = b->now_us + ms * US_PER_MS;

	while (b->now_us < until_us)
		step(b);
}

unsigned bench_count(const struct bench *b, int side, enum pbx_event_type type)
{
	const struct side *s = &b->side[side];
	unsigned n = 0;

	for (unsigned i = 0; i < s->events; i++)
		n += s->event[i].type == type;
	return n;
}

void bench_until(struct bench *b, int side, enum pbx_event_type type, unsigned n)
{
	int64_t until_us = b->now_us + 3600 * US_PER_S;

	settle(b);
	while (bench_count(b, side, type) < n) {
		assert_true(b->now_us < until_us);
		step(b);
	}
}

const struct pbx_event *bench_last(const struct bench *b, int side, enum pbx_event_type type)
{
	const struct side *s = &b->side[side];

	for (unsigned i = s->events; i-- > 0;)
		if (s->event[i].type == type)
			return &s->event[i];
	fail_msg("no event %d", (int)type);
	return NULL;
}

struct pbx_rule bench_rule(void)
{
	return (struct pbx_rule){
	    .alert_after_ms = 200,
	    .alert_inband = true,
	    .answer_after_ms = 1000,
	    .hold_ms = PBX_NEVER_MS,
	};
}

uint32_t bench_call(struct bench *b, int side, const char *called, uint32_t hold_ms)
{
	struct pbx_call_request r = {.bearer = 0x10,
				     .hold_ms = hold_ms,
				     .give_up_ms = PBX_NEVER_MS,
				     .called = {.npi = 1},
				     .calling = {.digits = "4711", .ton = 2, .npi = 1}};

	str_copy(r.called.digits, sizeof(r.called.digits), called);
	return pbx_call(b->side[side].pbx, b->now_us, &r);
}

void bench_assert_good_audio(const struct pbx_event *e)
{
	assert_true(e->audio.started);
	assert_int_equal(e->audio.lost, 0);
	assert_int_equal(e->audio.inserted, 0);
	assert_int_equal(e->audio.changed, 0);
	assert_int_equal(e->audio.foreign, 0);
	assert_int_equal(e->missed_octets, 0);
	assert_int_equal(e->slipped_octets, 0);
	assert_true(e->audio.good >= 8000);
}
