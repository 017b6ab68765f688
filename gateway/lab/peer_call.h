/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the SIP peer: one call, and what its two roles (peer_uac.c, peer_uas.c) share. */
#ifndef GATEWAY_LAB_PEER_CALL_H
#define GATEWAY_LAB_PEER_CALL_H

#include <sys/queue.h>

#include "gateway/lab/sip_peer.h"
#include "gateway/lab/sip_text.h"

enum { PEER_MESSAGE_MAX = 3000, PEER_HEADER_MAX = 300, PEER_ECHO_MAX = 1500, PEER_RULES_MAX = 64 };

enum peer_state {
	PEER_CALLING,	 /* we: INVITE sent, no response yet */
	PEER_PROCEEDING, /* we: a provisional came */
	PEER_CANCELLING, /* we: CANCEL sent, no final yet */
	PEER_RINGING,	 /* they: INVITE came, no final yet */
	PEER_REFUSING,	 /* they: final of 300 or more sent, no ACK yet */
	PEER_ANSWERING,	 /* they: 200 sent, no ACK yet */
	PEER_TALKING,
	PEER_LEAVING, /* BYE sent, no final yet */
	PEER_OVER,    /* kept a while for repetitions */
};

struct peer_call {
	TAILQ_ENTRY(peer_call) entry;
	struct sip_peer *peer;
	enum peer_state state;
	struct sip_peer_report report;
	bool reported;
	struct sip_peer_rule rule; /* they called */
	struct sip_peer_dial dial; /* we called */
	int number;		   /* N */
	enum peer_plant plant;
	bool rung; /* the provisional is due no more */
	/* dialog */
	struct net_addr remote; /* where requests go */
	char local_tag[17], branch[17];
	char from[PEER_HEADER_MAX], to[PEER_HEADER_MAX]; /* header values of our requests */
	char target[PEER_HEADER_MAX];			 /* request URI of the next request */
	unsigned cseq;					 /* of our latest request */
	unsigned invite_cseq;
	char echo[PEER_ECHO_MAX]; /* they: headers that go into every response to the INVITE */
	char echo_to[PEER_HEADER_MAX];
	bool offer_due; /* the INVITE had no SDP: our 200 offers, the ACK answers */
	/* the message that is repeated until it is answered */
	char out[PEER_MESSAGE_MAX];
	size_t out_len;
	struct net_addr out_to;
	int64_t repeat_us, give_up_us;
	struct deadline repeat, action, tick;
	struct peer_audio audio;
};

struct sip_peer {
	struct sip_peer_cfg cfg;
	struct sip_peer_counters counters;
	TAILQ_HEAD(, peer_call) calls;
	struct sip_peer_rule rule[PEER_RULES_MAX];
	unsigned rule_count;
	unsigned next_call;
	enum peer_plant plant;
	int plant_number;
};

/* ── peer_call.c ── */
/* Made with its audio open; NULL: out of memory, or no port. */
struct peer_call *peer_call_create(struct sip_peer *p, int64_t now_us, const char *called);
void peer_call_free(struct peer_call *c);
/* Tells the outside, once for SIP_PEER_ENDED. */
void peer_call_event(struct peer_call *c, enum sip_peer_event event);
/* Audio ends, the report goes out. The call stays for repetitions. */
void peer_call_end(struct peer_call *c, int64_t now_us, enum sip_peer_end end);
/* Nothing more is repeated; forgotten after a while. */
void peer_call_over(struct peer_call *c, int64_t now_us);
/* Takes what a description says; false: nothing in it that we speak. */
bool peer_call_connect(struct peer_call *c, struct sip_span body);
void peer_call_start_audio(struct peer_call *c, int64_t now_us, bool answered);
/* The answer goes or came: what was heard so far was early. */
void peer_call_answered(struct peer_call *c, int64_t now_us);
void peer_call_send(struct peer_call *c, const struct strbuf *msg, const struct net_addr *to);
/* Sends it and repeats it until peer_call_stop_repeat(), doubling up to limit_us (0: no limit). */
void peer_call_send_repeated(struct peer_call *c, int64_t now_us, const struct strbuf *msg,
			     const struct net_addr *to);
void peer_call_stop_repeat(struct peer_call *c);
/* Start line and headers of one of our requests in the dialog, up to the body. */
void peer_call_request(struct peer_call *c, struct strbuf *out, const char *method, unsigned cseq);
void peer_msg_reason(struct strbuf *out, uint8_t cause);
void peer_msg_end(struct strbuf *out, const char *sdp); /* NULL: no body */
void peer_call_sdp(struct peer_call *c, char *out, size_t size, uint8_t payload_type);
void peer_call_bye(struct peer_call *c, int64_t now_us, uint8_t cause);
void peer_learn_target(struct peer_call *c, const struct sip_text *m);

/* ── peer_uac.c ── */
void peer_uac_response(struct peer_call *c, int64_t now_us, const struct sip_text *m);
void peer_uac_cancel(struct peer_call *c, int64_t now_us, uint8_t cause);

/* ── peer_uas.c ── */
void peer_uas_request(struct sip_peer *p, int64_t now_us, struct peer_call *c,
		      const struct net_addr *from, const struct sip_text *m);
void peer_uas_refuse(struct peer_call *c, int64_t now_us, int status, uint8_t cause);
/* The rule's next step is due. */
void peer_uas_step(struct peer_call *c, int64_t now_us);

#endif
