/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A SIP user agent for one call against one SIP trunk of ours, for the random races: it does what
 * RFC 3261 asks of a peer (retransmits, acknowledges, cancels only after a provisional response,
 * answers each request), at times and in an order that a seed chooses. Shares no code with what it
 * tests: text in, text out, time handed in.
 */
#ifndef TESTS_UNIT_SIP_MAP_RACE_PEER_H
#define TESTS_UNIT_SIP_MAP_RACE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/rng.h"

enum { PEER_SENDS_MAX = 24, PEER_PLAN_MAX = 12, PEER_TEXT_MAX = 2048, PEER_WORD_MAX = 128 };

enum peer_action {
	PEER_RING,     /* called: 180, with or without SDP */
	PEER_PROGRESS, /* called: 183 */
	PEER_ANSWER,   /* called: 200 */
	PEER_FORK,     /* called: another fork's 200 */
	PEER_REFUSE,   /* called: 486 */
	PEER_HANG_UP,  /* CANCEL, BYE or 480, whatever is right then */
	PEER_REINVITE,
	PEER_OPTIONS, /* in the dialog, if there is one */
};

/* A message that is sent again until something stops it. */
struct peer_send {
	bool active;
	char text[PEER_TEXT_MAX];
	char branch[PEER_WORD_MAX]; /* request: stops it; response: of its request */
	unsigned status, cseq;	    /* status 0: a request */
	char method[16];
	int64_t due_us, interval_us, until_us;
};

struct race_peer {
	void (*send)(void *arg, const char *text);
	void *arg;
	struct rng *rng;
	bool calls;	 /* it sends the INVITE; else it waits for ours */
	bool never_acks; /* our 2xx gets no ACK from it */
	bool eager_bye; /* called: its BYE does not wait for our ACK; calling: in an early dialog */
	bool no_487;	/* called: it answers a CANCEL, and then nothing to the INVITE */
	bool late_offer; /* its INVITEs carry no SDP */
	struct {
		int64_t at_us;
		enum peer_action action;
		bool done;
	} plan[PEER_PLAN_MAX];
	unsigned plan_count;
	struct peer_send out[PEER_SENDS_MAX];

	char call_id[PEER_WORD_MAX], tag[32], their_tag[PEER_WORD_MAX];
	char party_from[256], party_to[256]; /* called: From and To of their INVITE */
	char invite_via[256], invite_branch[PEER_WORD_MAX];
	unsigned invite_cseq, cseq, final; /* final: of the first INVITE, sent or received */
	int64_t final_us;		   /* called: when */
	bool provisional, wants_end, cancelled, hung_up;
	bool confirmed; /* called: our 2xx has its ACK */
	bool ended;	/* a BYE was received, or ours has its answer */
	bool fork_answered, fork_ended;
	unsigned reinvites, reinvites_over;
};

void race_peer_start(struct race_peer *p, int64_t now_us);
void race_peer_receive(struct race_peer *p, int64_t now_us, const char *text);
int64_t race_peer_due_us(const struct race_peer *p);
void race_peer_run(struct race_peer *p, int64_t now_us);
/* Does it believe that there is a call still? */
bool race_peer_in_call(const struct race_peer *p);

/* The value of a header (the first of that name), "" for none. Returns out. */
const char *race_header(const char *text, const char *name, char *out, size_t size);
/* A parameter of such a value up to ; or >. */
const char *race_param(const char *value, const char *name, char *out, size_t size);

#endif
