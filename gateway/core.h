/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core: ties spans, SIP trunks, number plan, media and calls together. It knows every module
 * and decides nothing; no module knows it. The real program (spanbridged.c) and the simulation
 * turn the same core: one with sockets, threads and a loop, the other in virtual time.
 *
 * Control thread. The configuration and everything in the environment outlive the core.
 */
#ifndef GATEWAY_CORE_H
#define GATEWAY_CORE_H

#include "config/config.h"
#include "gateway/core_plan.h"
#include "gateway/lookup/lookup.h"
#include "src/media_bridge/media.h"

/* What differs between production and simulation. */
struct core_env {
	struct e1_span *span; /* one per span of the configuration, in its order, opened */
	struct sip_transport sip_transport;
	const struct rtp_net *rtp_net;
	struct rng *rng;
	unsigned workers; /* media workers; spans are dealt out to them in turn */
	struct lookup_port lookup; /* who answers the number plan's questions; may be nobody */
	/* A call that began or was answered, as its record would be now; NULL: nobody cares. */
	void (*on_open)(void *arg, const struct call_record *record);
	/* Each ended call, once. */
	void (*on_record)(void *arg, const struct call_record *record);
	/* Every D-channel frame and SIP datagram; NULL: no capture. */
	isdn_frame_fn on_frame;
	sip_message_fn on_message;
	/* Which call such a frame or message belongs to; NULL legal. */
	isdn_call_fn on_isdn_call;
	sip_call_fn on_sip_call;
	void *arg; /* of all above */
};

struct core_span {
	struct isdn_span *isdn;
	struct e1_span *e1;
	struct e1_line line;   /* as last reported by the worker */
	int64_t line_since_us; /* monotonic, of the last change of alarms */
	struct call_port port;
};

struct core_trunk {
	struct sip_trunk_cfg cfg; /* bind and advertise are real addresses here, never 0.0.0.0 */
	struct call_port port;
};

struct core {
	const struct config *config;
	struct core_plan plan; /* begins as that of config */
	struct lookup *lookup;	/* calls that wait for an answer */
	struct core_env env;
	struct deadline_queue deadlines;
	struct call_table *calls;
	struct media *media;
	struct media_worker **worker;
	unsigned worker_count;
	struct sip *sip;
	struct core_span *span;
	unsigned span_count;
	struct core_trunk *trunk;
	unsigned trunk_count;
	bool stopping; /* new calls are refused; set by the owner */
	/* control turns */
	uint64_t turns;
	int64_t now_us; /* of this one */
};

/* 0 or -errno; *why then names the part that failed. */
int core_create(struct core **out, const struct config *config, const struct core_env *env,
		const char **why);
/* Workers have stopped. NULL is legal. */
void core_destroy(struct core *c);

/* A datagram came in on SIP socket number `socket` (config->socket). */
void core_sip_receive(struct core *c, int64_t now_us, unsigned socket, const struct net_addr *from,
		      const char *msg, size_t len);
/* One turn of control: takes what the workers reported, reads D-channels, runs deadlines, runs
 * calls until nothing is left to do. Call it after any input and when core_next_us() is due. */
void core_turn(struct core *c, int64_t now_us);
int64_t core_next_us(const struct core *c);

#endif
