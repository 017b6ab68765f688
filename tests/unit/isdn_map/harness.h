/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A span of the gateway against an exchange of its own on the other end of a D-channel, all in
 * virtual time and one thread:
 *
 *   stub call table ── isdn_span ── wire (two frame queues, with faults) ── peer: libpri, raw
 *
 * The peer shares no code with src/isdn_map. The stub implements the functions of the call
 * table that a span uses, keeps every event, and does only what the test says.
 */
#ifndef TESTS_UNIT_ISDN_MAP_HARNESS_H
#define TESTS_UNIT_ISDN_MAP_HARNESS_H

#include <libpri.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/base/rng.h"
#include "src/isdn_map/isdn.h"
#include "src/isdn_map/isdn_frame.h"

enum { GRAVES = 512, WIRE_QUEUE = 256, STUB_CALLS = 4096, STUB_EVENTS = 16, PEER_EVENTS = 512 };

/* ── wire ── */
struct wire_frame {
	size_t len;
	uint8_t octets[E1_DCHAN_FRAME_MAX];
};
struct wire_end {
	struct e1_span e1;
	struct wire_end *other;
	struct wire_frame queue[WIRE_QUEUE];
	unsigned head, count;
	bool cut;		/* what comes towards this end vanishes */
	bool no_restart;	/* RESTART comes to this end as something that libpri ignores */
	unsigned drop_per_1000; /* of what comes towards this end */
	struct rng *rng;
	struct wire_frame last_message[128]; /* last Q.931 message of each type, towards this end */
	unsigned messages[128];
};

/* ── stub call table ── */
struct stub_event {
	enum call_event_type type;
	uint8_t pi;
	struct call_cause cause;
};
struct stub_call {
	call_id id;
	bool incoming, cleared, gone;
	struct call_setup setup;
	void *leg;
	struct stub_event event[STUB_EVENTS];
	unsigned events;
	unsigned count[CALL_EV_COUNT];
	struct call_channel channel;
};
struct stub_table {
	struct stub_call call[STUB_CALLS];
	unsigned calls;
	unsigned refused;
	struct call_refusal refusal; /* the last one */
	bool full;	    /* refuse incoming calls */
	bool busy;	    /* what call_table_idle() denies */
	bool keep_clearing; /* do not answer CLEARING by LEG_CLEAR */
};

/* ── peer ── */
struct world;
struct peer_event {
	int e, channel, cause, mask;
	q931_call *call;
};
struct peer {
	struct pri *pri;
	struct wire_end *wire;
	struct peer_event event[PEER_EVENTS];
	unsigned events;
	pri_event last_ring;
	bool up, got_frame;
	int64_t last_us; /* for tests */
	bool overlap; /* its SETUPs have no Sending Complete */
	bool deaf; /* does not answer clearing messages */
	void (*on_event)(struct world *w, const pri_event *ev); /* instead of keeping them */
};

struct world {
	int64_t now_us;
	struct rng rng;
	struct wire_end ours, theirs;
	struct isdn_span *span;
	struct isdn_span_cfg cfg;
	struct stub_table table;
	struct peer peer;
	uint64_t frames_hooked;
	unsigned pieces; /* that our libpri had before the first call */
	/* A real table: instead of the stub's turn. */
	void (*table_turn)(struct world *w);
	int64_t (*table_next_us)(struct world *w);
	void *owner;
};

/* side: ours. The world begins with both ends down; world_up() waits for layer 2. */
struct world *world_create(const struct isdn_span_cfg *cfg);
struct world *world_create_up(enum isdn_side side); /* never sends RESTART */
struct world *world_create_up_with(enum isdn_side side, enum isdn_restart_policy restart);
struct isdn_span_cfg world_cfg(enum isdn_side side);
/* On a real call table. */
struct world *world_create_on(const struct isdn_span_cfg *cfg, struct call_table *table);
void world_destroy(struct world *w);
/* Turns everything until nothing is left to do at this instant. */
void world_settle(struct world *w);
/* Lets time pass, from deadline to deadline. */
void world_run_us(struct world *w, int64_t duration_us);
void world_cut(struct world *w, bool cut);
struct isdn_span_status world_status(const struct world *w);

/* The nth allocation from now on fails, once (1: the next); 0: none. libpri's, too. */
void alloc_fail_nth(unsigned n);

/* Stub side. */
struct call_table *stub_use(struct stub_table *t); /* from now on */
struct stub_call *stub_last(struct world *w);
struct stub_call *stub_open(struct world *w, const char *called); /* NULL: refused, see cause */
struct stub_call *stub_open_setup(struct world *w, const struct call_setup *setup,
				  struct call_cause *cause);
struct stub_call *stub_open_cause(struct world *w, const char *called, struct call_cause *cause);
void stub_command(struct world *w, struct stub_call *c, enum leg_cmd_type type, uint8_t pi);
void stub_clear(struct world *w, struct stub_call *c, uint8_t cause);
const struct stub_event *stub_event(const struct stub_call *c, enum call_event_type type);

/* No channel busy, exactly one GONE of each call that ever was, and our libpri has no call and no
 * frame left. Each SETUP that came became a call, or its refusal was told. */
void world_assert_idle(struct world *w);

/* Peer side. */
/* The peer's program is killed and started again: it knows nothing of its calls. */
void peer_kill(struct world *w);
q931_call *peer_call(struct world *w, const char *called, int channel, int exclusive);
q931_call *peer_call_bearer(struct world *w, const char *called, int channel, int exclusive,
			    int bearer, int layer1);
/* The last Q.931 message of that type that has come to an end, from the protocol discriminator on;
 * NULL when none did. */
const uint8_t *wire_message(const struct wire_end *end, uint8_t type, size_t *len);
/* One element of it (Q.931 4.5, codeset 0): its octets after the length. NULL: not there. */
const uint8_t *wire_element(const struct wire_end *end, uint8_t type, uint8_t id, size_t *len);
/* A frame comes to us that no libpri would send. */
void wire_inject(struct world *w, const uint8_t *frame, size_t len);

/* Like peer_call(), and does not mind when the peer has no memory. */
void peer_call_quietly(struct world *w);
/* Last event of that kind; NULL: none came. */
const struct peer_event *peer_last(struct world *w, int e);
unsigned peer_count(const struct world *w, int e);
void peer_forget(struct world *w); /* the events so far */
/* The call of our last SETUP and the channel that it asked for. */
q931_call *peer_ring(struct world *w);
int peer_ring_channel(const struct world *w);

/* An answered call. */
struct stub_call *answered_in(struct world *w, int channel, q931_call **pc);
struct stub_call *answered_out(struct world *w, q931_call **pc);

#endif
