/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SIP far end as a script, to go with peer.h: writes each message as text, expects the next one
 * that comes. One call at a time has its dialog in struct sip_script_call.
 *
 *   sip_expect(s, &c, "INVITE");
 *   sip_reply(s, &c, "183 Session Progress", SIP_SDP, NULL);
 *   sip_expect(s, &c, "CANCEL");
 *
 * An expected response is its status and method: "200 INVITE". Repetitions of the same octets are
 * counted and dropped, 100 is dropped. A final answer of 300 or more is ACKed by itself, every
 * other message is written by the test. Failures print what came.
 *
 * Reads with gateway/lab/sip_text (the lab's own reader); nothing of src/sip_map. One thread.
 */
#ifndef TESTS_PEER_ISDN_SIP_SCRIPT_H
#define TESTS_PEER_ISDN_SIP_SCRIPT_H

#include "gateway/lab/sip_text.h"
#include "src/media_bridge/rtp_net.h"

enum { SIP_SCRIPT_TEXT = 4096, SIP_SCRIPT_HEADER = 512, SIP_SCRIPT_INBOX = 64 };

enum { SIP_SDP = 1, SIP_NO_CONTACT = 2 }; /* what: with our SDP; without Contact */

struct sip_script_call {
	bool ours; /* we sent the INVITE */
	char call_id[SIP_SCRIPT_HEADER];
	char local[SIP_SCRIPT_HEADER], remote[SIP_SCRIPT_HEADER]; /* From and To of our requests */
	char target[SIP_SCRIPT_HEADER];
	char via[SIP_SCRIPT_HEADER];  /* of our INVITE, for CANCEL and ACK */
	char uri[SIP_SCRIPT_HEADER];  /* likewise */
	char invite[SIP_SCRIPT_TEXT]; /* theirs, as it came; then their re-INVITE */
	size_t invite_len;
	char request[SIP_SCRIPT_TEXT]; /* their last request but ACK */
	size_t request_len;
	unsigned cseq, invite_cseq, tag;
};

struct sip_script {
	int64_t now_us;
	unsigned first, waiting;
	struct sip_script_message {
		int64_t at_us;
		size_t len;
		char octets[SIP_SCRIPT_TEXT];
	} inbox[SIP_SCRIPT_INBOX];
	struct sip_script_message last; /* the one that was expected last */
	struct sip_text text;		/* and its parts */
	unsigned repeated, serial;
	bool no_ack;	    /* finals of 300 and more are not ACKed */
	uint64_t seen[256]; /* hashes of the latest messages */
	unsigned seen_count;
	/* Audio, PCMA. */
	const struct rtp_net *net;
	int rtp; /* handle; -1: none */
	struct net_addr local, gateway, rtp_local, rtp_remote;
	bool says; /* sends a packet of `octet` each 20 ms */
	uint8_t octet, heard;
	uint16_t rtp_sequence;
	unsigned rtp_received;
	int (*send)(void *arg, const char *msg, size_t len);
	void (*wait)(void *arg, int64_t until_us);
	void (*fail)(const char *file, int line);
	void *arg;
};

/* send, wait, fail, arg are the caller's to set. */
void sip_script_init(struct sip_script *s, const struct net_addr *local,
		     const struct net_addr *gateway, const struct rtp_net *net);
void sip_script_fini(struct sip_script *s);
void sip_script_receive(struct sip_script *s, int64_t now_us, const char *msg, size_t len);
/* A block of 20 ms has passed. */
void sip_script_block(struct sip_script *s);

/* ── sending; headers: further whole lines "Reason: …\r\n", may be NULL ── */
void sip_invite(struct sip_script *s, struct sip_script_call *c, const char *called, int what,
		const char *headers);
/* Of our INVITE's 2xx. */
void sip_ack(struct sip_script *s, struct sip_script_call *c);
void sip_cancel(struct sip_script *s, struct sip_script_call *c, const char *headers);
/* BYE and any other request in the dialog. */
void sip_request(struct sip_script *s, struct sip_script_call *c, const char *method,
		 const char *headers);
/* To their INVITE. */
void sip_reply(struct sip_script *s, struct sip_script_call *c, const char *status, int what,
	       const char *headers);
/* To their last request that was no ACK: BYE, CANCEL. */
void sip_reply_request(struct sip_script *s, struct sip_script_call *c, const char *status);

/* ── expecting ── */
enum { SIP_PATIENCE_US = 3000000 };
#define sip_expect(s, c, what)		  sip_expect_at(s, __FILE__, __LINE__, SIP_PATIENCE_US, c, what)
#define sip_expect_within(s, us, c, what) sip_expect_at(s, __FILE__, __LINE__, us, c, what)
/* c: a new INVITE makes it anew. s->last, s->text hold the message afterwards. */
void sip_expect_at(struct sip_script *s, const char *file, int line, int64_t within_us,
		   struct sip_script_call *c, const char *what);
#define sip_expect_silence(s, us) sip_expect_silence_at(s, __FILE__, __LINE__, us)
void sip_expect_silence_at(struct sip_script *s, const char *file, int line, int64_t us);
/* The last message's header in a static string; "" when it is not there. */
const char *sip_header(const struct sip_script *s, const char *name);
bool sip_has_sdp(const struct sip_script *s);

#endif
