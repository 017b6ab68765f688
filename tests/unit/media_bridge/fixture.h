/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A media bridge between a manual virtual E1 pair and the memory network, in virtual time: end 0
 * is the gateway's, end 1 the exchange's (here a generator and a checker per timeslot); on the
 * other side RTP peers. What the bridge posts to calls is kept, by call number.
 */
#ifndef TESTS_UNIT_MEDIA_BRIDGE_FIXTURE_H
#define TESTS_UNIT_MEDIA_BRIDGE_FIXTURE_H

#include "gateway/lab/pattern.h"
#include "hw/t1e1/e1_virt.h"
#include "src/media_bridge/media.h"
#include "src/media_bridge/rtp_net_sim.h"
#include "src/media_bridge/rtp_packet.h"

enum { FIXTURE_CALLS = 4096, FIXTURE_SPANS = 2 };

/* What was posted for a call. */
struct posted {
	unsigned early, gone, failed, other;
	struct call_cause cause;
	struct media_stats stats;
};
extern struct posted posted[FIXTURE_CALLS];

/* The exchange's end of one timeslot. */
struct far_ts {
	bool on, pattern;
	uint8_t fill; /* sent when it is not the pattern */
	struct pattern_gen gen;
	struct pattern_check check;
	uint8_t last[E1_BLOCK_OCTETS]; /* block that came last */
	uint8_t *tape;		       /* records what comes, NULL: off */
	size_t tape_octets, tape_size;
};

/* An RTP peer on the memory network. */
struct peer {
	int rtp, rtcp;		  /* handles */
	struct net_addr addr, to; /* to: where it sends */
	bool send, marker_next;
	uint8_t payload_type;
	unsigned packet_octets;
	uint16_t seq;
	uint32_t ts, ssrc;
	struct pattern_gen gen;
	struct pattern_check check;
	uint64_t sent, got, got_octets;
	uint32_t last_ts;
	uint16_t last_seq;
	uint64_t ts_gap_octets; /* timestamps that jumped ahead of the octets */
	uint64_t seq_gaps;
	unsigned markers;
	int64_t next_us; /* when the next packet is due */
	int64_t period_us;
};

struct fixture {
	struct rng rng;
	struct rtp_net_sim *sim;
	const struct rtp_net *net;
	struct e1_virt_pair *pair[FIXTURE_SPANS];
	struct e1_span near[FIXTURE_SPANS], far[FIXTURE_SPANS];
	struct far_ts ts[FIXTURE_SPANS][E1_TIMESLOTS];
	struct media *media;
	struct media_worker *worker[FIXTURE_SPANS];
	struct peer *peer[64];
	unsigned peers;
	int64_t now_us;
	bool held_up;	/* the workers do not get to run */
	bool stopped;	/* the spans' clock stands still */
	unsigned lines; /* on_line calls */
	struct e1_line line[FIXTURE_SPANS + 1];
};

/* Of the media that fixture_init() makes next; 0: the default. */
extern uint16_t fixture_jb_max_ms;
/* Spans 1 and 2, each on a worker of its own. */
void fixture_init(struct fixture *f, uint64_t seed, unsigned sessions_max);
void fixture_fini(struct fixture *f);
/* 20 ms each. */
void fixture_run(struct fixture *f, unsigned blocks);
/* Both ends of a span, at this instant. */
void fixture_run_span(struct fixture *f, unsigned i);
void fixture_seconds(struct fixture *f, unsigned seconds);

struct net_addr fixture_addr(const char *host, uint16_t port);
void fixture_peer(struct fixture *f, struct peer *p, const char *host, uint16_t port,
		  uint16_t stream);
/* Sends one packet of the pattern now. */
void peer_send(struct fixture *f, struct peer *p);
void fixture_far(struct fixture *f, unsigned span, unsigned ts, uint16_t gen, uint16_t check);

/* A session at 10.0.0.1, from the range; call < FIXTURE_CALLS. */
slot_id fixture_open(struct fixture *f, call_id call, struct media_desc *local);
/* Both ways towards p with that codec, on a timeslot of an A-law span. */
struct media_params fixture_params(const struct peer *p, unsigned span, unsigned ts,
				   enum media_codec codec);
struct media_stats fixture_stats(struct fixture *f, slot_id session);
/* played = received − late − dropped + concealed; of an ended session. */
void assert_sums(const struct media_stats *s);

/* One call on span 1, the pattern both ways: streams 2 · call towards SIP, 2 · call + 1 back. */
struct call {
	struct peer peer;
	struct media_desc local;
	struct media_params params;
	slot_id id;
	unsigned ts;
};

void call_open(struct fixture *f, struct call *c, unsigned number, unsigned ts,
	       enum media_codec codec);
struct media_stats call_close(struct fixture *f, struct call *c, unsigned number);
struct pattern_result far_result(struct fixture *f, unsigned span, unsigned ts);
struct pattern_result peer_result(struct peer *p);
void assert_perfect(const struct pattern_result *r);

#endif
