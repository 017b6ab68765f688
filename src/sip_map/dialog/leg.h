/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to sip_map: the SIP instance and its legs. A leg is one INVITE dialog of ours together
 * with what the call table knows of it. leg.c makes, finds and frees them; uas.c and uac.c carry
 * a call up to its answer, session.c from there to its end; write.c makes the texts.
 *
 * A leg's handle is dead for the call table after CALL_EV_GONE, but events are queued: so its
 * memory stays for a while (state OVER), also to answer a late BYE or a retransmitted 2xx.
 * Control thread.
 */
#ifndef SRC_SIP_MAP_DIALOG_LEG_H
#define SRC_SIP_MAP_DIALOG_LEG_H

#include <sys/queue.h>

#include "src/sip_map/hash.h"
#include "src/sip_map/osip/txn.h"
#include "src/sip_map/sdp/sdp.h"
#include "src/sip_map/sip.h"

enum {
	LEG_CMDS_MAX = 16, /* in one turn */
	LEG_TAG_MAX = 16,
	LEG_FORKS_MAX = 4,
	SIP_REFUSED_KEPT = 1024,
	SIP_TEXT_MAX = 2 * GUARD_HEAD_MAX, /* one message of ours */
};

enum leg_state {
	LEG_NEW,	/* opened; INVITE goes out in this turn */
	LEG_CALLING,	/* INVITE sent, no response: it cannot be cancelled yet (RFC 3261 9.1) */
	LEG_PROCEEDING, /* INVITE sent, provisional response seen */
	LEG_CANCELLING, /* the call is over, our INVITE is not: CANCEL sent or due */
	LEG_INVITED,	/* INVITE received, no final response sent */
	LEG_CONFIRMED,	/* answered; awaiting_ack while our 2xx has no ACK */
	LEG_BYE_SENT,
	LEG_PEER_ENDED, /* peer sent BYE or CANCEL; the call has yet to clear */
	LEG_OVER,	/* gone, or about to; kept to answer stragglers */
};

/* The peer's half of a dialog (RFC 3261 12). All text owned. */
struct sip_dialog {
	char *remote_tag;   /* NULL until there is one */
	char *remote_party; /* To of our requests, with tag */
	char *target;	    /* Request-URI */
	char *route[SIP_ROUTES_MAX];
	unsigned route_count;
	bool strict;	     /* the first route has no ;lr (RFC 3261 12.2.1.1) */
	struct net_addr hop; /* where requests go */
};

struct sip_leg {
	UT_hash_handle hh;	/* sip.legs, by local_tag */
	UT_hash_handle hh_peer; /* sip.invited, by peer_key; only while LEG_INVITED */
	TAILQ_ENTRY(sip_leg) work_entry, over_entry;
	struct sip *sip;
	const struct sip_trunk_cfg *trunk;
	call_id call;
	enum call_side side;
	enum leg_state state;
	bool gone; /* CALL_EV_GONE was posted */
	int64_t gone_us;
	bool cleared;		 /* LEG_CLEAR was given */
	struct call_cause cause; /* of our clearing, or the peer's */

	struct leg_cmd cmd[LEG_CMDS_MAX]; /* since the last turn */
	unsigned cmd_count;
	bool work_queued, over_queued;
	struct call_setup *setup; /* LEG_NEW only; owned */

	char local_tag[LEG_TAG_MAX + 1];
	char *call_id_text, *local_party, *peer_key; /* owned */
	struct sip_dialog d;
	struct net_addr local;	/* our address as this peer sees it */
	struct net_addr source; /* where the peer's requests come from */
	uint32_t local_cseq, remote_cseq, invite_cseq;

	struct sip_txn *invite; /* ours, or the one we serve */
	struct sip_txn *bye;
	char branch[LEG_TAG_MAX + 8]; /* of our INVITE */
	bool cancel_sent;
	uint32_t serving_cseq; /* of the INVITE that we serve or have answered last */
	char *echo;	       /* header lines that its responses repeat; owned */
	char *record_route;    /* the same for dialog-making ones, NULL for a re-INVITE; owned */
	bool reinvite;	       /* invite is a re-INVITE that the call has to answer */

	char *ok; /* our 2xx while it has no ACK; owned */
	size_t ok_len;
	bool answered; /* a 2xx was sent or received */
	bool awaiting_ack, bye_after_ack;
	struct sip_path ok_path;
	int64_t ok_interval_us, ok_until_us;
	char *ack; /* our ACK to their 2xx; owned */
	size_t ack_len;
	struct sip_path ack_path;
	uint64_t fork[LEG_FORKS_MAX]; /* tags of other 2xx that were sent a BYE, hashed */
	unsigned fork_count;

	bool late_offer; /* we make the offer in the 2xx; the answer comes in the ACK */
	bool offered;	 /* offer_lines hold an offer of the peer's */
	struct sdp_lines offer_lines;
	struct sdp_origin origin;
	char *sdp;		       /* last body that we wrote; owned */
	struct media_desc early_media; /* the peer's, of the 18x with early_tag */
	char *early_tag;	       /* owned */
	bool told_proceeding, told_alerting, told_progress;

	struct deadline again;	    /* 2xx retransmission */
	struct deadline limit;	    /* no ACK, no end after CANCEL, call does not answer; linger */
	struct deadline gone_limit; /* CALL_EV_GONE must be posted by then */
};

TAILQ_HEAD(sip_leg_list, sip_leg);

/* An INVITE that was refused and has its record. */
struct sip_refused {
	uint64_t key;
	int64_t until_us;
};

struct sip {
	struct sip_cfg cfg;
	struct sip_trunk_cfg *trunk; /* owned */
	char user_agent[64];
	struct sip_txn_layer *txns;
	struct sip_leg *legs, *invited;
	struct sip_leg_list work, over;
	unsigned over_count, live; /* live: legs that are not gone */
	struct deadline work_due;
	struct sip_counters counters;
	int64_t now_us;
	bool in_turn;
	char datagram[SIP_DATAGRAM_MAX + 1];
	char text[SIP_TEXT_MAX];
	struct guard_msg guard;
	const struct sip_msg *msg; /* being handled; NULL: it could not be parsed */
	struct sip_refused refused[SIP_REFUSED_KEPT]; /* by key */
};

/* ---- leg.c ---- */
struct sip_leg *leg_create(struct sip *s, const struct sip_trunk_cfg *trunk, enum call_side side);
void leg_free(struct sip_leg *leg);
struct sip_leg *leg_find(struct sip *s, const char *local_tag);
void leg_set_peer_key(struct sip_leg *leg, char *key);
void leg_drop_peer_key(struct sip_leg *leg);
struct sip_leg *leg_find_invited(struct sip *s, const char *peer_key);
/* It has its call and its Call-ID. */
void leg_tell_call(const struct sip_leg *leg);
void leg_post(struct sip_leg *leg, const struct call_event *event);
/* Posts CALL_EV_GONE unless it was. */
void leg_gone(struct sip_leg *leg, struct call_cause cause);
void leg_gone_within(struct sip_leg *leg, int64_t due_us);
/* Nothing more to do for it: lingers, then is freed. Posts GONE with its cause if it was not. */
void leg_over(struct sip_leg *leg);
/* The peer ended it: CLEARING now, GONE when the call clears. */
void leg_peer_ended(struct sip_leg *leg, struct call_cause cause);
struct sip_path leg_path(const struct sip_leg *leg, const struct sip_dialog *d);
void leg_run_commands(struct sip_leg *leg);
void leg_txn_response(void *user, struct sip_txn *txn, const struct sip_msg *m, int64_t now_us);
void leg_txn_timeout(void *user, struct sip_txn *txn, int64_t now_us);
void leg_txn_accepted_again(void *user, struct sip_txn *txn, int64_t now_us);
void leg_txn_end(void *user, struct sip_txn *txn);
/* Cause of a message: its Reason header, if the trunk is trusted, else what the table says. */
struct call_cause leg_cause_of(const struct sip_leg *leg, const struct sip_msg *m);

/* ---- dialog.c: the peer's half ---- */
int dialog_set(struct sip_dialog *d, const struct sip_leg *leg, const struct sip_msg *m,
	       const struct net_addr *fallback);
int dialog_refresh(struct sip_dialog *d, const struct sip_leg *leg, const struct sip_msg *m,
		   const struct net_addr *fallback);
void dialog_fini(struct sip_dialog *d);

/* ---- uas.c ---- */
/* All that an INVITE says of a call but its number and its media. m NULL: it could not be parsed. */
void uas_fill_setup(const struct sip *s, struct call_setup *setup, const struct sip_msg *m, unsigned trunk,
		    const struct sip_path *path);
void uas_invite(struct sip *s, struct sip_msg *m, unsigned trunk, const struct sip_path *path);
void uas_command(struct sip_leg *leg, const struct leg_cmd *cmd);
void uas_cancel(struct sip_leg *leg, const struct sip_msg *m);
void uas_ack(struct sip_leg *leg, const struct sip_msg *m);
void uas_accepted_again(struct sip_leg *leg);
/* Our 2xx to an INVITE or re-INVITE, with its retransmission. connected: who answered. */
void uas_answer(struct sip_leg *leg, const struct media_desc *media,
		const struct call_number *connected);
/* A final response to the INVITE or re-INVITE being served. */
void uas_refuse(struct sip_leg *leg, unsigned status, const struct call_cause *cause);
void uas_stop_ok(struct sip_leg *leg);

/* ---- uac.c ---- */
void uac_send_invite(struct sip_leg *leg);
void uac_response(struct sip_leg *leg, const struct sip_msg *m);
/* A 2xx that belongs to no transaction: another fork's, a repeated one, one with a wrong branch. */
void uac_stray_ok(struct sip_leg *leg, const struct sip_msg *m);
void uac_clear(struct sip_leg *leg);

/* ---- session.c ---- */
void session_bye(struct sip_leg *leg, struct sip_msg *m, const struct sip_path *path);
void session_reinvite(struct sip_leg *leg, struct sip_msg *m, const struct sip_path *path);
void session_offer_answer(struct sip_leg *leg, const struct leg_cmd *cmd);
void session_send_bye(struct sip_leg *leg);
void session_clear(struct sip_leg *leg);

/* ---- write.c ---- */
char *write_echo(const struct guard_msg *g, const struct net_addr *from, const char *to_tag);
char *write_record_route(const struct guard_msg *g);
void write_response(struct sip *s, struct strbuf *b, unsigned status, const char *echo,
		    const char *more, const char *body);
void write_request(struct sip_leg *leg, const struct sip_dialog *d, struct strbuf *b,
		   const char *method, uint32_t cseq, const char *branch, const char *more,
		   const char *body);
void write_new_branch(struct sip *s, char branch[LEG_TAG_MAX + 8]);
/* The body for media, NULL without; repeats the last one while nothing changes. */
const char *write_sdp(struct sip_leg *leg, const struct media_desc *media);
/* Headers that go with a cause: Reason, when it came from ISDN. */
void write_reason(struct strbuf *b, const struct call_cause *cause);
/* Contact of a redirection to the number that the cause gives. */
void write_new_number(const struct sip_leg *leg, struct strbuf *b, const struct call_cause *cause);
void write_contact(const struct sip_leg *leg, struct strbuf *b);
/* Local party and To of a call that we make. */
int write_parties(struct sip_leg *leg);

/* ---- refuse.c ---- */
/* Header lines that go with each such status; "" for none. */
const char *sip_standard_headers(unsigned status);
/* A new INVITE of a trunk was refused: the call table records it, once; nothing for others. */
void sip_record_refusal(struct sip *s, const struct guard_msg *g, const struct sip_path *path,
			unsigned status);
/* Stateless refusal (RFC 3261 8.2.7), with its record; more: header lines. Counts nothing. */
void sip_refuse(struct sip *s, const struct guard_msg *g, const struct sip_path *path,
		unsigned status, const char *more);

/* ---- sip.c ---- */
int sip_send(struct sip *s, const struct sip_path *path, const char *text, size_t len);
struct sip_path sip_trunk_path(const struct sip_trunk_cfg *t, const struct net_addr *peer);
/* The SDP of a message into *out (present false: none) and lines; else a status to refuse with. */
unsigned sip_take_sdp(const struct guard_msg *g, struct media_desc *out, struct sdp_lines *lines);

#endif
