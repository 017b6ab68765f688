/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIP trunks: transactions (libosip2, behind osip/), dialogs, offer/answer, trunks. Announces
 * incoming INVITEs to the call table and implements leg_ops for outgoing ones. No sockets in here:
 * datagrams come in by sip_receive() and go out through struct sip_transport.
 *
 * Control thread; turned with `now`, gives back its next deadline.
 */
#ifndef SRC_SIP_MAP_SIP_H
#define SRC_SIP_MAP_SIP_H

#include "gateway/base/deadline.h"
#include "gateway/base/rng.h"
#include "gateway/call/call_table.h"
#include "src/sip_map/cause_table.h"

enum { SIP_NETWORKS_MAX = 8, SIP_DATAGRAM_MAX = 65535 };

/* Which headers say who sent a call on, both ways. */
enum sip_redirecting {
	SIP_REDIRECTING_DIVERSION,    /* RFC 5806 */
	SIP_REDIRECTING_HISTORY_INFO, /* RFC 7044 */
	SIP_REDIRECTING_BOTH,	      /* both go out; Diversion is read first */
	SIP_REDIRECTING_NONE,
};

struct sip_trunk_cfg {
	char name[CALL_NAME_MAX + 1];
	unsigned socket;	   /* index of the transport socket (one per bind address) */
	struct net_addr bind;	   /* of that socket */
	struct net_addr advertise; /* in Via, Contact (port as bound); family 0: as bind */
	struct net_prefix
	    local_network[SIP_NETWORKS_MAX]; /* peers in there get bind, not advertise */
	uint8_t local_network_count;
	struct net_addr peer;			    /* where INVITEs go */
	struct net_prefix source[SIP_NETWORKS_MAX]; /* INVITEs are taken from peer and from these */
	uint8_t source_count;
	char domain[CALL_NAME_MAX + 1];	  /* host part of our To/From URIs; empty: the addresses */
	uint32_t t1_ms, t2_ms;		  /* 0: 500, 4000 */
	bool untrusted;			  /* its Q.850 causes and asserted identities do not count */
	uint8_t redirecting;		  /* enum sip_redirecting */
	const struct cause_table *causes; /* outlives the instance; NULL: as sip_cfg.causes */
};

/* The datagram's way out. sent octets are the transport's business: 0 or -errno. */
struct sip_transport {
	void *arg;
	int (*send)(void *arg, unsigned socket, const struct net_addr *to, const char *msg,
		    size_t len);
};

/* Sees every datagram, for captures and traces. */
typedef void (*sip_message_fn)(void *arg, unsigned socket, bool outbound,
			       const struct net_addr *local, const struct net_addr *peer,
			       const char *msg, size_t len);

/* Messages with this Call-ID are a leg of that call from now on. An incoming INVITE was seen before. */
typedef void (*sip_call_fn)(void *arg, call_id call, const char *sip_call_id);

struct sip_cfg {
	const struct sip_trunk_cfg *trunk; /* copied */
	unsigned trunk_count;
	unsigned calls_max;
	struct deadline_queue *deadlines; /* the control loop's */
	struct sip_transport transport;
	struct call_table *calls;
	struct rng *rng;
	const struct cause_table *causes; /* outlives the instance; NULL: the defaults */
	sip_message_fn on_message;
	sip_call_fn on_call;  /* NULL legal */
	void *on_message_arg; /* of both */
	const char *user_agent; /* "Spanbridge/0.1.0" */
};

struct sip_counters {
	uint64_t rx, tx, tx_errors, rx_malformed, rx_unmatched_responses;
	uint64_t refused_unknown_source; /* 403 */
	uint64_t refused_method, refused_malformed, options_answered;
	uint64_t calls_in, calls_out, retransmitted_rx;
	unsigned dialogs, transactions; /* live */
	struct net_addr last_refused;	/* source of the last 403 */
	int64_t last_refused_us;
};

struct sip;

int sip_create(struct sip **out, const struct sip_cfg *cfg);
void sip_destroy(struct sip *s); /* NULL legal; posts nothing */
/* A datagram from the socket. msg need not be terminated. Answers go to `from`. */
void sip_receive(struct sip *s, int64_t now_us, unsigned socket, const struct net_addr *from,
		 const char *msg, size_t len);
/* Deadlines are on cfg.deadlines; this runs what commands left to do. */
void sip_turn(struct sip *s, int64_t now_us);
const struct sip_counters *sip_counters(const struct sip *s);

extern const struct leg_ops sip_leg_ops; /* adapter: struct sip *; target: trunk index */

#endif
