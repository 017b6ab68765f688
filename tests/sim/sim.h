/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole gateway in one process, one thread and virtual time: the real core with real libpri
 * and libosip2, exchanges on manual virtual E1s, the lab's SIP peer on wires in memory. Time jumps
 * to the next deadline when no call is up, else it goes in 20 ms ticks. Same seed, same run.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <sys/queue.h>

#include "gateway/core.h"
#include "gateway/lab/sip_peer.h"
#include "gateway/pbx/pbx.h"
#include "hw/t1e1/e1_virt.h"
#include "src/media_bridge/rtp_net_sim.h"

enum { SIM_SPANS_MAX = 64 };

struct sim;

/* Far ends of a test's own in place of the exchanges and the SIP peer. All with arg. */
struct sim_far {
	void *arg;
	/* The spans' far ends are in s->far; called before the core is there. */
	void (*start)(void *arg, struct sim *s);
	void (*turn)(void *arg, int64_t now_us);
	int64_t (*next_us)(void *arg);
	void (*block)(void *arg, int64_t now_us); /* 20 ms have passed at the spans */
	void (*sip)(void *arg, int64_t now_us, const char *msg, size_t len);
};

struct sim_cfg {
	const struct sim_far *far; /* NULL: exchanges and SIP peer of the lab */
	const char *config;	   /* of the gateway, whole; NULL: one made from what follows */
	uint64_t seed;
	unsigned spans;	       /* odd numbers: the core is user, even ones: network */
	const char *ringback;  /* of every span; NULL: auto */
	uint32_t sip_loss_ppm; /* of datagrams, both ways */
	unsigned t309_s;       /* 0: 90 */
	unsigned calls_max;    /* 0: 2000 */
	struct lookup_port lookup; /* who answers the number plan; may be nobody */
};

struct sim_datagram;

struct sim {
	int64_t now_us, next_tick_us;
	uint64_t ticks;
	struct sim_cfg cfg;
	struct rng rng, core_rng, peer_rng;
	struct config *config;
	struct core *core;
	struct e1_virt_pair *pair[SIM_SPANS_MAX];
	struct e1_span near[SIM_SPANS_MAX], far[SIM_SPANS_MAX];
	struct pbx *pbx[SIM_SPANS_MAX];
	struct rtp_net_sim *net;
	struct sip_peer *peer;
	struct deadline_queue peer_deadlines;
	STAILQ_HEAD(, sim_datagram) wire;
	uint64_t sip_lost, wire_datagrams;
	/* What was seen; reset by the test when it likes. */
	struct call_record record; /* the last one */
	uint64_t records, guard_hits;
	struct pbx_event hangup; /* the last one of an exchange */
	uint64_t hangups;
	unsigned alertings, progresses, inbands, connects; /* events at the exchanges */
	struct sip_peer_report report;			   /* the last final one */
	uint64_t reports, peer_answers;
	/* Sums over all calls, in octets of audio: */
	struct sim_audio {
		uint64_t good, lost, inserted, changed, foreign; /* heard */
		uint64_t explained;   /* counted by the core, a driver or the peer */
		uint64_t heard_early; /* calls with audio before the answer */
	} at_isdn, at_sip;
	/* For the benches: real CPU time of the core alone, and its turns' real begin. */
	bool measure;
	int64_t core_cpu_us, turn_begin_us;
	void (*on_core_hears)(void *arg, const char *msg, size_t len); /* may be NULL */
	void (*on_core_sends)(void *arg, const char *msg, size_t len); /* may be NULL */
	void (*on_hangup)(void *arg, const struct pbx_event *ev);      /* may be NULL */
	void (*on_report)(void *arg, const struct sip_peer_report *r);
	void *arg;
};

/* Aborts the test when it cannot. The D-channels are up when it returns. */
void sim_create(struct sim *s, const struct sim_cfg *cfg);
void sim_destroy(struct sim *s);
/* Goes on to the next thing that happens, at most to until_us. */
void sim_step(struct sim *s, int64_t until_us);
void sim_run_us(struct sim *s, int64_t us);
/* Until the condition holds; false after limit_us. */
bool sim_run_until(struct sim *s, bool (*done)(const struct sim *s), int64_t limit_us);
/* From a far end of the test's own to the gateway; sim_sip_far is where it is. */
int sim_sip_send(struct sim *s, const char *msg, size_t len);
extern const struct net_addr sim_sip_gateway, sim_sip_far;
/* No call at the core, the exchanges and the peer. */
bool sim_is_quiet(const struct sim *s);
/* Number of things still alive in the core: calls, sessions, dialogs, transactions, B-channels. */
unsigned sim_leftovers(struct sim *s);

/* E1→SIP on span (from 1), and SIP→E1. 0: refused at once. */
uint32_t sim_call_from_isdn(struct sim *s, unsigned span, const char *called, uint32_t hold_ms,
			    uint32_t give_up_ms);
int sim_call_from_sip(struct sim *s, const char *called, int32_t hold_ms, int32_t cancel_ms);

#endif
