/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab's SIP peer: answers and places calls, sends the self-indexing audio from the moment that
 * it may, checks what it hears and reports each call once. It shares no code with src/sip_map or
 * src/media_bridge. Good for one gateway on a quiet network; no proxy, no authentication.
 *
 * An engine without sockets: SIP datagrams come in by sip_peer_receive() and go out by cfg.send,
 * RTP goes through cfg.net, timers are on cfg.deadlines. So it runs on real UDP (sip_peer_main.c)
 * and in virtual time. One thread. Callbacks must not call back into it.
 *
 * The last four digits of a call's called number are its number N; it sends stream N * 2 + 1
 * (towards ISDN) and expects stream N * 2 (towards SIP).
 */
#ifndef GATEWAY_LAB_SIP_PEER_H
#define GATEWAY_LAB_SIP_PEER_H

#include "gateway/base/deadline.h"
#include "gateway/lab/peer_audio.h"

enum { SIP_PEER_DIGITS_MAX = 32, SIP_PEER_TEXT_MAX = 128 };

/* What to do with calls that come in, by the longest prefix of the called digits. */
struct sip_peer_rule {
	char prefix[SIP_PEER_DIGITS_MAX + 1];
	uint16_t provisional; /* 0: none, 180, or 183 with SDP and early audio */
	uint32_t ring_ms;     /* after the INVITE: the provisional */
	uint32_t answer_ms;   /* after that: the final */
	uint16_t status;      /* the final: 200…699; 0: never */
	uint8_t cause;	      /* Reason: Q.850 of a refusal; 0: none */
	int32_t hold_ms;      /* after the answer: BYE; -1: never */
	uint8_t bye_cause;    /* its Reason; 0: none */
};

struct sip_peer_dial {
	char called[SIP_PEER_DIGITS_MAX + 1], calling[SIP_PEER_DIGITS_MAX + 1];
	int32_t cancel_ms; /* after the INVITE, when there is no answer: CANCEL; -1: never */
	int32_t hold_ms;   /* after the answer: BYE; -1: never */
	uint8_t bye_cause;
};

enum sip_peer_end {
	SIP_PEER_BYE_SENT,
	SIP_PEER_BYE_RECEIVED,
	SIP_PEER_REFUSED,   /* a final of 300 or more, received or sent */
	SIP_PEER_CANCELLED, /* by the calling side */
	SIP_PEER_TIMEOUT,   /* the other end never answered something */
	SIP_PEER_NO_PORT,   /* no free RTP port */
};
const char *sip_peer_end_name(enum sip_peer_end end);

/* A call so far; final with SIP_PEER_ENDED. */
struct sip_peer_report {
	unsigned call; /* from 1 */
	bool outgoing; /* placed by us */
	char called[SIP_PEER_DIGITS_MAX + 1], calling[SIP_PEER_DIGITS_MAX + 1];
	char call_id[SIP_PEER_TEXT_MAX + 1];
	int status; /* the latest of the INVITE, sent or received; 0: none */
	int cause;  /* Q.850 of a Reason that came; 0: none */
	enum sip_peer_end end;
	int64_t start_us, ring_us, answer_us, end_us; /* 0: never; ring: 180, 183 */
	bool early_sdp;				      /* SDP went or came before the answer */
	bool early_media; /* the right pattern was heard before the answer */
	uint8_t payload_type;
	unsigned retransmitted; /* SIP messages that we had to repeat */
	struct pattern_result heard;
	struct peer_audio_counts audio;
};

enum sip_peer_event { SIP_PEER_INCOMING, SIP_PEER_RINGING, SIP_PEER_ANSWERED, SIP_PEER_ENDED };

struct sip_peer_cfg {
	struct deadline_queue *deadlines;
	struct rng *rng;
	struct net_addr local;	 /* of our SIP socket: Via, Contact; RTP binds to the same host */
	struct net_addr gateway; /* where our INVITEs go */
	uint16_t rtp_port_min, rtp_port_max;
	const struct rtp_net *net;
	unsigned calls_max;
	uint8_t payload_type; /* 8 PCMA, 0 PCMU: preferred when answering, alone in our offers */
	uint32_t t1_ms;	      /* 0: 500 */
	/* All with arg: */
	int (*send)(void *arg, const struct net_addr *to, const char *msg, size_t len);
	void (*event)(void *arg, enum sip_peer_event event, const struct sip_peer_report *report);
	void *arg;
};

struct sip_peer_counters {
	uint64_t rx, tx, malformed, unmatched;
	unsigned active; /* calls without their SIP_PEER_ENDED yet */
	unsigned kept;	 /* ended ones that still answer repetitions */
};

struct sip_peer;

int sip_peer_create(struct sip_peer **out, const struct sip_peer_cfg *cfg);
void sip_peer_destroy(struct sip_peer *p); /* NULL legal; reports nothing */
void sip_peer_receive(struct sip_peer *p, int64_t now_us, const struct net_addr *from,
		      const char *msg, size_t len);
/* A rule with the same prefix is replaced. 0 or -ENOSPC. Without any rule calls get 404. */
int sip_peer_set_rule(struct sip_peer *p, const struct sip_peer_rule *rule);
/* The call's number from 1, or -errno. */
int sip_peer_call(struct sip_peer *p, int64_t now_us, const struct sip_peer_dial *dial);
/* BYE, CANCEL or 480, as the call's state wants it. -ENOENT: no such call. */
int sip_peer_hangup(struct sip_peer *p, int64_t now_us, unsigned call, uint8_t cause);
/* The next new call whose number is N (-1: whichever) makes this fault. */
void sip_peer_plant(struct sip_peer *p, enum peer_plant plant, int number);
const struct sip_peer_counters *sip_peer_counters(const struct sip_peer *p);

#endif
