/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last messages of both sides as they were on the wire, each with a number that grows by one:
 * what `trace` subscribers read at their own pace, and, per call, the ladder that `show call`
 * prints, also for a while after the call has ended.
 *
 * A message is put to its call by a key: the call reference of a span, or a SIP Call-ID. Whoever
 * makes a leg binds its key to the call; what came before that (SETUP, INVITE) is found by then.
 * Memory is bounded: TRACE_EVENTS messages, and TRACE_LADDER messages of each of `calls` calls, of
 * which the one that was silent for longest makes room. Control thread.
 */
#ifndef SRC_MGMT_TRACE_H
#define SRC_MGMT_TRACE_H

#include "gateway/base/net_addr.h"
#include "gateway/call/call_ports.h"

enum {
	TRACE_EVENTS = 1000,
	TRACE_OCTETS_MAX = 2048, /* kept of a message */
	TRACE_LADDER = 60,	 /* messages of a call; its first ones stay */
	TRACE_LADDER_FIRST = 20,
	TRACE_LADDER_OCTETS = 300, /* kept of a message in there: any D-channel frame */
	TRACE_WORDS = 1024,
};

enum trace_kind { TRACE_ISDN, TRACE_SIP };

struct trace_event {
	int64_t wall_us;
	enum trace_kind kind;
	bool outbound;	       /* from us */
	uint16_t span;	       /* ISDN */
	struct net_addr peer;  /* SIP */
	call_id call;	       /* 0: of none, or not known yet */
	const uint8_t *octets; /* valid until the next message is added */
	size_t len, whole_len; /* kept, and how long it was */
};

struct trace;

/* calls: ladders to keep. */
int trace_create(struct trace **out, unsigned calls);
void trace_destroy(struct trace *t); /* NULL legal */

void trace_add_frame(struct trace *t, int64_t wall_us, uint16_t span, bool outbound,
		     const uint8_t *frame, size_t len);
void trace_add_sip(struct trace *t, int64_t wall_us, bool outbound, const struct net_addr *peer,
		   const char *msg, size_t len);
/* From now on this reference (ours: we made it), this Call-ID, belongs to call. */
void trace_bind_isdn(struct trace *t, call_id call, uint16_t span, uint16_t cref, bool ours);
void trace_bind_sip(struct trace *t, call_id call, const char *sip_call_id);
/* The call has ended: its keys may come again. Its ladder stays. */
void trace_unbind(struct trace *t, call_id call);

uint64_t trace_next(const struct trace *t);  /* number of the next message; the first is 1 */
uint64_t trace_first(const struct trace *t); /* oldest number still held */
bool trace_get(const struct trace *t, uint64_t number, struct trace_event *out);
/* Message i (from 0) of a call's ladder, in order. False: no more. *left_out: how many are missing
 * between the first TRACE_LADDER_FIRST and the others. */
bool trace_ladder(const struct trace *t, call_id call, unsigned i, struct trace_event *out,
		  unsigned *left_out);

/* A Q.931 message, or any of SIP: false for LAPD's own frames. */
bool trace_is_message(const struct trace_event *e);
/* In words, one line, UTF-8 as far as the peer's octets are. Returns its length. */
size_t trace_words(const struct trace_event *e, char *out, size_t size);

#endif
