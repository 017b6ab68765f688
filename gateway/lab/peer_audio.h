/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One call's audio at the lab's SIP peer: sends the pattern as RTP, one packet every 20 ms, plays
 * what comes in the order of its sequence numbers and checks the pattern in it. Nothing is
 * concealed: what is missing is counted exactly and simply not heard. Sends and counts RTCP.
 * Shares no code with src/media_bridge; only the transport's interface is the same.
 *
 * One thread, turned with `now`. close() frees the sockets; the object is the caller's.
 */
#ifndef GATEWAY_LAB_PEER_AUDIO_H
#define GATEWAY_LAB_PEER_AUDIO_H

#include "gateway/base/clock.h"
#include "gateway/base/rng.h"
#include "gateway/lab/pattern.h"
#include "src/media_bridge/rtp_net.h"

/* Faults made on purpose in what is sent, to see that a check finds them; once a call, a second
 * after it began to send. LATE: nothing is sent before the answer. */
enum peer_plant {
	PEER_PLANT_NONE,
	PEER_PLANT_WRONG_OCTET,
	PEER_PLANT_DROP, /* 160 octets are missing, sequence and timestamps go on */
	PEER_PLANT_SWAP, /* a packet with the next call's octets */
	PEER_PLANT_LATE,
};

struct peer_audio_counts {
	uint64_t sent_packets, sent_octets;
	uint64_t received_packets, received_octets; /* valid RTP */
	uint64_t lost, late, duplicate;		    /* packets; a late one is not in lost */
	uint64_t missing_octets; /* of lost and late packets: the pattern lost them here */
	uint64_t skipped_octets; /* timestamps that went on without a packet missing */
	uint64_t malformed;	 /* not RTP, or another payload type */
	uint64_t rtcp_received;
	uint32_t rtcp_lost;			  /* what the other end says it lost of ours */
	uint32_t restarts;			  /* the other end began a new SSRC or sequence */
	int64_t first_sent_us, first_received_us; /* 0: never */
};

enum {
	PEER_PACKET_OCTETS = 160,
	PEER_PACKET_US = 20000,
	PEER_PAYLOAD_MAX = 480,
	PEER_HELD_MAX = 8,     /* packets waiting for one before them */
	PEER_HOLD_US = 100000, /* and for how long at most */
	PEER_HISTORY = 1024,   /* sequence numbers remembered, to tell late from duplicate */
};

struct peer_packet {
	uint16_t seq;
	uint32_t ts;
	int64_t arrived_us;
	uint16_t len;
	uint8_t payload[PEER_PAYLOAD_MAX];
};

struct peer_audio {
	const struct rtp_net *net;
	int rtp, rtcp; /* handles, -1: none */
	struct net_addr local, remote, remote_rtcp;
	uint8_t payload_type; /* 8 or 0 */
	bool sending;
	struct pattern_gen gen;
	struct pattern_check check;
	struct peer_audio_counts counts;
	enum peer_plant plant;
	/* out */
	uint16_t seq_out;
	uint32_t ts_out, ssrc_out;
	int64_t next_send_us, next_rtcp_us; /* TIME_NEVER_US: not sending */
	/* in */
	bool receiving;
	uint32_t ssrc_in, ts_next;
	uint16_t seq_next;
	uint8_t seen[PEER_HISTORY / 8];
	struct peer_packet held[PEER_HELD_MAX];
	unsigned held_count;
};

/* Opens an even RTP port and the odd one above it on ip, somewhere in [min, max]. 0 or -errno. */
int peer_audio_open(struct peer_audio *a, const struct rtp_net *net, const struct net_addr *ip,
		    uint16_t port_min, uint16_t port_max, struct rng *rng);
void peer_audio_close(struct peer_audio *a); /* repeatable; the counts stay */
/* Where to send and in which law; may be repeated. */
void peer_audio_connect(struct peer_audio *a, const struct net_addr *rtp,
			const struct net_addr *rtcp, uint8_t payload_type);
/* Which streams are sent and expected. */
void peer_audio_streams(struct peer_audio *a, uint16_t out, uint16_t in);
void peer_audio_send(struct peer_audio *a, int64_t now_us); /* starts; repeatable */
/* Reads everything that waits, sends what is due. */
void peer_audio_turn(struct peer_audio *a, int64_t now_us);
int64_t peer_audio_next_us(const struct peer_audio *a, int64_t now_us);
/* Plays what is still held and ends the check. */
void peer_audio_end(struct peer_audio *a, int64_t now_us, struct pattern_result *heard);

/* G.711 from one law to the other, by nearest value; own arithmetic. */
uint8_t peer_alaw_to_ulaw(uint8_t octet);
uint8_t peer_ulaw_to_alaw(uint8_t octet);

#endif
