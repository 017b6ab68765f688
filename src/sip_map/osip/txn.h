/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIP transactions (RFC 3261 17): libosip2's four state machines, driven off its lists. Each
 * transaction is found in our own hash by the keys of 17.1.3 and 17.2.3, and its timers are two
 * deadlines that inject libosip2's TIMEOUT events; libosip2 itself never looks for a transaction
 * nor at a clock. The wire text is kept here and sent as it is.
 *
 * After a 2xx an INVITE server transaction stays for 64·T1 (RFC 6026, Accepted) to recognise
 * retransmitted INVITEs. Server non-INVITE transactions keep only their answer once it is sent
 * (Timer J): libosip2's 15 kB are freed then.
 *
 * Control thread. A transaction belongs to its layer and frees itself; `user` is told by on_end,
 * or lets go of it with sip_txn_detach(). Callbacks come from sip_txn_* calls and from deadlines;
 * a transaction stays readable until sip_txn_reap().
 */
#ifndef SRC_SIP_MAP_OSIP_TXN_H
#define SRC_SIP_MAP_OSIP_TXN_H

#include "gateway/base/deadline.h"
#include "gateway/base/net_addr.h"
#include "src/sip_map/osip/msg.h"

struct sip_txn;
struct sip_txn_layer;

/* Where its packets go, and the timers of that trunk. */
struct sip_path {
	unsigned socket;
	struct net_addr peer;
	uint32_t t1_ms, t2_ms;
};

struct sip_txn_layer_cfg {
	struct deadline_queue *deadlines;
	unsigned max; /* live transactions */
	/* 0 or -errno. Errors other than a dead route are lost packets: timers repair them. */
	int (*send)(void *arg, const struct sip_path *path, const char *text, size_t len);
	/* A response for a client transaction's user (not its retransmissions). */
	void (*on_response)(void *user, struct sip_txn *txn, const struct sip_msg *m,
			    int64_t now_us);
	/* Timer B or F, or no way to send it. */
	void (*on_timeout)(void *user, struct sip_txn *txn, int64_t now_us);
	/* A retransmitted INVITE after our 2xx. */
	void (*on_accepted_again)(void *user, struct sip_txn *txn, int64_t now_us);
	/* The transaction has ended; forget it. */
	void (*on_end)(void *user, struct sip_txn *txn);
	void *arg; /* of send */
};

int sip_txn_layer_create(struct sip_txn_layer **out, const struct sip_txn_layer_cfg *cfg);
void sip_txn_layer_destroy(struct sip_txn_layer *l); /* NULL legal; calls nobody */
unsigned sip_txn_count(const struct sip_txn_layer *l);
bool sip_txn_full(const struct sip_txn_layer *l);

/* Client: sends the request, whose text is copied. -EBUSY when full, -EINVAL for text that
 * libosip2 cannot parse, or what send said. */
int sip_txn_request(struct sip_txn_layer *l, int64_t now_us, const struct sip_path *path,
		    const char *text, size_t len, void *user, struct sip_txn **out);
/* Client: gives the response to its transaction. False: matches none. */
bool sip_txn_response(struct sip_txn_layer *l, int64_t now_us, struct sip_msg *m);

/* Server: a request that belongs to a live transaction is dealt with here (retransmission, ACK to
 * a refusal). False: it is new. */
bool sip_txn_known_request(struct sip_txn_layer *l, int64_t now_us, struct sip_msg *m);
/* Server: begins a transaction for a new request; takes the parsed message. */
int sip_txn_serve(struct sip_txn_layer *l, int64_t now_us, const struct sip_path *path,
		  struct sip_msg *m, void *user, struct sip_txn **out);
/* Server: sends a response. */
void sip_txn_respond(struct sip_txn *txn, int64_t now_us, unsigned status, const char *text,
		     size_t len);
/* Server: the INVITE that a CANCEL means (RFC 3261 9.2), NULL when there is none. */
struct sip_txn *sip_txn_find_invite(struct sip_txn_layer *l, const struct sip_msg *cancel);

void *sip_txn_user(const struct sip_txn *txn);
const struct sip_path *sip_txn_path(const struct sip_txn *txn);
/* Lives on without a user. NULL legal. */
void sip_txn_detach(struct sip_txn *txn);
/* Ends it at once without on_end. NULL legal. */
void sip_txn_kill(struct sip_txn *txn);
/* Frees what has ended; call it where no transaction is in use. */
void sip_txn_reap(struct sip_txn_layer *l);

#endif
