/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The far end of a span as a script: sends any octets, expects exact ones. Layer 2 runs by itself
 * (lapd.h); of layer 3 nothing does, each message is written or expected by the test:
 *
 *   peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x81, "12345"));
 *   peer_expect(p, 1, CALL_PROCEEDING, CHANNEL(1));
 *   peer_expect(p, 1, RELEASE, CAUSE(5, 17));
 *
 * Expected is the next message that comes, in order, with these elements and no others. What does
 * not fit is printed in hex and in words, with both sides, and ends the test.
 *
 * Time passes only in wait(), which the test bed gives (virtual time, or poll() on a real socket).
 * One thread.
 */
#ifndef TESTS_PEER_ISDN_PEER_H
#define TESTS_PEER_ISDN_PEER_H

#include "hw/t1e1/e1.h"
#include "tests/peer_isdn/lapd.h"
#include "tests/peer_isdn/q931.h"

enum { PEER_INBOX = 256, PEER_PATIENCE_US = 3000000 };

struct peer {
	const char *name;
	struct e1_span *e1;
	struct lapd lapd;
	int64_t now_us;
	/* Messages that came and were not expected yet. */
	unsigned first, waiting;
	struct peer_frame {
		int64_t at_us;
		size_t len;
		uint8_t octets[Q931_MAX];
	} inbox[PEER_INBOX];
	struct q931_message last; /* the one that was expected last, and when it came */
	int64_t last_us;
	uint64_t received, sent;
	/* Audio: what each enabled timeslot heard last and says. */
	uint8_t heard[E1_TIMESLOTS], says[E1_TIMESLOTS];
	uint64_t sounds[E1_TIMESLOTS]; /* octets heard that were not idle */
	/* Lets things go on until something happens, at most until then; now_us is set. */
	void (*wait)(void *arg, int64_t until_us);
	void (*fail)(const char *file, int line);
	void *arg;
};

/* wait, fail and arg are the caller's to set. */
void peer_init(struct peer *p, const char *name, bool network, struct e1_span *e1);
void peer_start(struct peer *p, int64_t now_us);
/* Reads frames that wait, runs layer 2's timers. */
void peer_turn(struct peer *p, int64_t now_us);
int64_t peer_next_us(const struct peer *p);
/* A block of 20 ms is due: runs it. */
void peer_block(struct peer *p, int64_t now_us);
void peer_listen(struct peer *p, unsigned ts, uint8_t says);

/* ── sending ── */
#define PEER_LIST(...)	       ((const struct ie[]){__VA_ARGS__, {.kind = IE_END}})
#define peer_send(p, ref, ...) peer_send_list(p, ref, PEER_LIST(__VA_ARGS__))
void peer_send_list(struct peer *p, uint16_t ref, const struct ie *elements);
/* Anything, from the protocol discriminator on. */
void peer_send_octets(struct peer *p, const uint8_t *octets, size_t len);

/* ── expecting ── */
#define peer_expect(p, ref, ...) peer_expect_within(p, PEER_PATIENCE_US, ref, __VA_ARGS__)
#define peer_expect_within(p, us, ref, ...)                                                        \
	peer_expect_list(p, __FILE__, __LINE__, us, ref, PEER_LIST(__VA_ARGS__))
/* Returns the call reference. p->last and p->last_us hold the message afterwards. */
uint16_t peer_expect_list(struct peer *p, const char *file, int line, int64_t within_us,
			  uint16_t ref, const struct ie *expected);
/* The next message, whatever it is, in p->last; false: none came. */
bool peer_next(struct peer *p, int64_t within_us);
/* Nothing comes for so long. */
#define peer_expect_silence(p, us) peer_expect_silence_at(p, __FILE__, __LINE__, us)
void peer_expect_silence_at(struct peer *p, const char *file, int line, int64_t us);

#endif
