/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole gateway in virtual time (tests/sim) between script players: span 1, where the gateway
 * is the user and the player the exchange; span 2, where the gateway is the network and the player
 * a PBX; and a SIP trunk. The number that is called from SIP begins with 01 or 02 for the span.
 *
 * One bed at a time, static. A failed expectation ends the cmocka test. bed_end() wants everything
 * quiet, nothing left over and no message unread.
 */
#ifndef TESTS_PEER_ISDN_BED_H
#define TESTS_PEER_ISDN_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/peer_isdn/peer.h"
#include "tests/peer_isdn/sip_script.h"
#include "tests/sim/sim.h"

enum { BED_SPANS = 2, BED_TICK_US = 20000, BED_S = 1000000 };
/* The gateway sends nothing new until layer 2 has been up for 1.2 s. */
enum { BED_SETTLE_US = 1300000 };

struct bed {
	struct sim sim;
	struct peer exchange, pbx; /* of span 1, of span 2 */
	struct sip_script sip;
	struct sip_script_call call; /* the one call of most scripts */
};
extern struct bed bed;

struct bed_options {
	const char *span;  /* further keys of both spans; NULL: "    restart: never\n" */
	const char *trunk; /* further keys of the trunk */
	const char *plan;  /* rules in place of the usual ones */
	const char *numbers; /* a line of the configuration beside the plan */
	struct lookup_port lookup; /* who answers the plan; may be nobody */
};
/* NULL: none. */
void bed_begin(const struct bed_options *options);
void bed_end(void);
int bed_drop(void **state); /* as a cmocka teardown */
/* Rows of a cmocka table: a test once, and one for each span as bed_span(state) tells it. */
#define BED_TEST(f)                                                                                \
	{                                                                                          \
#f, f, NULL, bed_drop, NULL                                                        \
	}
#define BED_TEST_SPANS(f)                                                                          \
	{#f ", gateway is user", f, NULL, bed_drop, (void *)1},                                    \
	{                                                                                          \
#f ", gateway is network", f, NULL, bed_drop, (void *)2                            \
	}
unsigned bed_span(void **state);
/* Span 1 or 2. */
struct peer *bed_peer(unsigned span);
void bed_pass(int64_t us);
/* Elapsed since, ± one tick. */
void bed_assert_elapsed(int64_t since_us, int64_t at_us, int64_t expected_us);

/* The way to the usual states, expecting what the gateway says on it. Returns the call reference.
 * Called 12345, on channel 1; dialled 01… or 02… from SIP: the gateway picks the channel. */
uint16_t bed_isdn_calls(unsigned span);	   /* INVITE has come; CALL PROCEEDING was read */
uint16_t bed_isdn_rings(unsigned span);	   /* 180, ALERTING */
uint16_t bed_isdn_answered(unsigned span); /* 200, CONNECT, CONNECT ACKNOWLEDGE, ACK */
uint16_t bed_sip_calls(unsigned span);	   /* SETUP has come */
uint16_t bed_sip_proceeds(unsigned span);  /* CALL PROCEEDING */
uint16_t bed_sip_rings(unsigned span);	   /* ALERTING, 180 */
uint16_t bed_sip_answered(unsigned span);  /* CONNECT, 200, ACK */
/* Our far end hung up or will: the three messages of clearing. */
void bed_isdn_clears(unsigned span, uint16_t ref, uint8_t location, uint8_t cause);
/* The next message comes so many seconds after since_us and is this one. */
#define bed_expect_after(p, since_us, seconds, ref, ...)                                           \
	do {                                                                                       \
		peer_expect_within(p, ((seconds) + 2) * (int64_t)BED_S, ref, __VA_ARGS__);         \
		bed_assert_elapsed(since_us, (p)->last_us, (seconds) * (int64_t)BED_S);            \
	} while (0)
/* RELEASE after our DISCONNECT, and its RELEASE COMPLETE. */
void bed_far_end_releases(struct peer *p, uint16_t ref);
/* The last SIP message's Reason: Q.850, this cause, this location (RFC 8606: "U", "LN" …). */
void bed_assert_reason(uint8_t cause, const char *location);
/* The B-channel that the gateway's SETUP named. */
unsigned bed_channel(const struct peer *p);

#endif
