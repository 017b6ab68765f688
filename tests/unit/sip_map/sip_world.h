/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small world for SIP instances in virtual time: one clock and deadline queue, a network in
 * memory that delays, loses and records datagrams, and for each instance a stand-in for the call
 * table that records events (its functions that SIP uses are defined here). Tests
 * drive the legs themselves.
 */
#ifndef TESTS_UNIT_SIP_MAP_SIP_WORLD_H
#define TESTS_UNIT_SIP_MAP_SIP_WORLD_H

#include "src/sip_map/sip.h"

enum { WORLD_SIPS_MAX = 3, WORLD_CALLS_MAX = 1024, WORLD_EVENTS_MAX = 12, WORLD_LOG_MAX = 4096 };

struct world_call {
	bool used;
	struct call_setup setup; /* incoming */
	void *leg;
	enum call_side side;
	unsigned event_count;
	struct call_event event[WORLD_EVENTS_MAX];
	unsigned gone;	     /* CALL_EV_GONE seen */
	unsigned after_gone; /* events after it: must stay 0 */
	bool told_clear;     /* by the automatic callee/caller */
};

/* struct call_table of the contract. */
struct call_table {
	struct sip_world *world;
	unsigned count;
	bool full; /* refuse new calls */
	unsigned refused;
	struct call_refusal refusal; /* the last one */
	struct world_call call[WORLD_CALLS_MAX];
};

struct world_packet {
	struct world_packet *next;
	int64_t due_us;
	struct net_addr from, to;
	size_t len;
	char text[];
};

/* Every datagram that was sent, lost or not. */
struct world_log {
	int64_t at_us;
	struct net_addr from, to;
	bool lost;
	char *text;
};

struct sip_world {
	int64_t now_us;
	struct deadline_queue deadlines;
	struct rng rng;
	unsigned count, calls_max;
	struct sip *sip[WORLD_SIPS_MAX];
	struct call_table *calls[WORLD_SIPS_MAX];
	struct sip_trunk_cfg trunk[WORLD_SIPS_MAX];
	struct {
		struct sip_world *world;
		unsigned index;
	} port[WORLD_SIPS_MAX];
	struct world_packet *packets;
	unsigned loss_per_mille;
	int64_t delay_us; /* one way, plus up to as much again by chance when jitter */
	bool jitter;
	bool blackhole; /* loses everything */
	int send_error; /* what the transport says, 0: fine */
	unsigned log_count;
	struct world_log log[WORLD_LOG_MAX];
};

/* Instances at 192.0.2.1, .2, …, each with one trunk to the other one (0 ↔ 1). family 6:
 * 2001:db8::1 and so on. */
struct sip_world *world_create(unsigned count, int family, uint64_t seed, unsigned calls_max);
/* Instance i anew, as w->trunk[i] is now. */
void world_restart(struct sip_world *w, unsigned i);
/* Fails the test when anything is left that should not be, unless unclean. */
void world_destroy(struct sip_world *w);
/* What the instances send through; arg: &w->port[i]. */
int world_transport_send(void *arg, unsigned socket, const struct net_addr *to, const char *msg,
			 size_t len);
struct net_addr world_address(unsigned index, int family);

/* A datagram to instance `to` from any address, delivered at once. */
void world_inject(struct sip_world *w, unsigned to, const struct net_addr *from, const char *text,
		  size_t len);
/* Runs packets and deadlines in order up to that time. */
void world_run(struct sip_world *w, int64_t until_us);
void world_run_for(struct sip_world *w, int64_t us);
/* Runs sip_turn() and what is due now. */
void world_turn(struct sip_world *w);

/* Opens a call on instance i through its trunk; the call's number in calls[i]. */
unsigned world_open(struct sip_world *w, unsigned i, const char *digits);
void world_command(struct sip_world *w, struct world_call *c, enum leg_cmd_type type,
		   const struct media_desc *media, struct call_cause cause);
struct media_desc world_media(unsigned i, int family, uint16_t port, bool answer);
/* The event's index in the call, -1 when it did not come. */
int world_find_event(const struct world_call *c, enum call_event_type type);
/* How many datagrams begin with that text; *at_us: when the nth (from 0) went out. */
unsigned world_count_sent(const struct sip_world *w, const char *begins, unsigned nth,
			  int64_t *at_us, const char **text);

#endif
