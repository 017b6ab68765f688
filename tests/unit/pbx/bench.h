/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two exchanges on the two ends of the manual pair, in virtual time: end 0 is the network and
 * hunts upwards, end 1 the user, hunts downwards and speaks what a gateway would. libpri of both is
 * real; time jumps from one thing that is due to the next.
 */
#ifndef TESTS_UNIT_PBX_BENCH_H
#define TESTS_UNIT_PBX_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/pbx/pbx.h"
#include "hw/t1e1/e1_virt.h"

enum { BENCH_EVENTS = 4096, NETWORK = 0, USER = 1 };

struct side {
	struct e1_span span;
	struct pbx *pbx;
	struct pbx_event event[BENCH_EVENTS]; /* the latest ones */
	unsigned events;
};

struct bench {
	struct e1_virt_pair *pair;
	struct side side[2];
	int64_t now_us, next_block_us;
};

/* cfg[0], cfg[1] NULL: as above. The D-channel is up when it returns. */
void bench_init(struct bench *b, const struct pbx_cfg *network, const struct pbx_cfg *user);
void bench_fini(struct bench *b);
void bench_run_ms(struct bench *b, int64_t ms);
/* Until n events of this type came to the side since the beginning; at most a virtual hour. */
void bench_until(struct bench *b, int side, enum pbx_event_type type, unsigned n);
unsigned bench_count(const struct bench *b, int side, enum pbx_event_type type);
/* The latest event of this type; fails the test when there is none. */
const struct pbx_event *bench_last(const struct bench *b, int side, enum pbx_event_type type);

/* The rule for all numbers: rings with PI 8 after 200 ms, answers after a second. */
struct pbx_rule bench_rule(void);
uint32_t bench_call(struct bench *b, int side, const char *called, uint32_t hold_ms);
/* All that was heard was right, and a lot was heard. */
void bench_assert_good_audio(const struct pbx_event *hangup);

#endif
