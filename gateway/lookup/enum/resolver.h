/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks DNS what the number plan wants to know (ENUM, RFC 6116): one c-ares channel on a libuv loop,
 * UDP with random query ids, TCP when an answer is truncated, further servers when one does not
 * answer, up to RESOLVER_REFERRALS_MAX referrals (non-terminal NAPTRs). Nothing blocks. A question
 * that nobody waits for any more cannot be taken back from c-ares; it keeps its place here until it
 * is answered or given up, and its answer goes nowhere: callers are known by the question's id.
 *
 * The loop's thread; the resolver is destroyed before the loop is closed.
 */
#ifndef GATEWAY_LOOKUP_ENUM_RESOLVER_H
#define GATEWAY_LOOKUP_ENUM_RESOLVER_H

#include <uv.h>

#include "gateway/base/net_addr.h"
#include "gateway/lookup/lookup_port.h"

enum { RESOLVER_QUESTIONS_MAX = 512, RESOLVER_SERVERS_MAX = 4, RESOLVER_REFERRALS_MAX = 5 };

struct resolver;

struct resolver_cfg {
	uv_loop_t *loop;
	struct net_addr server[RESOLVER_SERVERS_MAX]; /* port 0: 53 */
	unsigned server_count; /* 0: those of /etc/resolv.conf, read in resolver_create() */
	unsigned retry_ms; /* without an answer for so long, the next server is asked */
	int64_t (*now_us)(void *arg); /* monotonic; also says that something happens now */
	/* Never called within resolver_ask(). why: of one that FAILED, else NULL; valid while it runs. */
	void (*answered)(void *arg, uint64_t question, const struct plan_answer *answer,
			 const char *why);
	void *arg;
};

/* 0, or -errno with the reason in why[size]. */
int resolver_create(struct resolver **out, const struct resolver_cfg *cfg, char *why, size_t size);
/* NULL legal. What was asked is not answered any more. Memory goes when the loop has run once more and
 * closed the handles. */
void resolver_destroy(struct resolver *r);
/* An ENUM question. false: too many wait already. */
bool resolver_ask(struct resolver *r, const struct lookup_question *question);
/* false: no such server (from 0). In the order in which they are asked. */
bool resolver_server(const struct resolver *r, unsigned index, struct lookup_server *out);

#endif
