/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One media session: a timeslot on one side, an RTP stream on the other.
 *
 *   timeslot → session_block(rx) → law → packets of ptime → send
 *   recv → source latch → jitter buffer → law → session_block(tx) → timeslot
 *
 * Pure but for the network that is handed in. Made by control (session_init), then owned by one
 * worker from attach to detach; control meanwhile only reads the counters. Nothing in here locks,
 * allocates or formats text.
 *
 * Source latch: the first valid packet from the IP that the SDP named (any IP where the trunk
 * allows it) decides where the stream comes from and where ours goes, until the next SDP. While
 * packets come from there the RTP socket is connected: the kernel keeps others away, and sending is
 * cheaper. When none came for two seconds the socket is open again, so that a peer that moved
 * without a word shows up as foreign packets.
 */
#ifndef SRC_MEDIA_BRIDGE_SESSION_H
#define SRC_MEDIA_BRIDGE_SESSION_H

#include "gateway/base/rng.h"
#include "gateway/call/call_ports.h"
#include "hw/t1e1/e1.h"
#include "src/media_bridge/counter.h"
#include "src/media_bridge/jbuf.h"
#include "src/media_bridge/rtp_net.h"
#include "src/media_bridge/rtp_packet.h"
#include "src/media_bridge/rtp_source.h"
#include "src/media_bridge/tone.h"

enum {
	SESSION_PTIME_MAX_MS = 60,
	SESSION_CNAME_DIGITS = 24, /* RFC 7022: 96 random bits */
	SESSION_STALE_BLOCKS = 2,  /* on their way when the timeslot became ours */
};

/* A whole parameter block, prebuilt by control; what the worker need not work out per block. */
struct session_params {
	struct media_params p;
	bool known; /* what the peer sends, and from where */
	bool send;  /* p.send, and there is somewhere to send to */
	bool receive;
	uint8_t payload_type;
	uint16_t packet_octets;		/* ptime */
	const uint8_t *to_rtp, *to_tdm; /* law tables, NULL: none needed */
	enum media_law rtp_law;
};
void session_params_build(struct session_params *out, const struct media_params *p);

/* struct media_stats with atomics; see there. */
struct session_counters {
	counter64 tdm_rx, tdm_tx, tdm_missed, tdm_idle, tdm_dropped;
	counter64 tx_packets, tx_octets, tx_errors;
	counter64 rx_packets, rx_octets, rx_dropped, unplayed, foreign, malformed, lost;
	counter32 jitter_us, rtt_us, remote_lost, ssrc_rx;
	/* latched address: odd version while it is being written */
	counter32 latch_version;
	counter64 latch[4];
};

struct session {
	/* ── set once ── */
	const struct rtp_net *net;
	int rtp, rtcp; /* handles; control's to open and close */
	struct rng rng;
	uint32_t ssrc;
	char cname[SESSION_CNAME_DIGITS + 1];
	/* ── owner: worker ── */
	const struct session_params *params;
	bool latched, connected;
	bool settled;	/* connected, and nothing that came before waits in the socket */
	bool away;	/* latched, silent for so long that the socket was opened again */
	bool rtp_seen;	/* since the session was made */
	bool early_due; /* CALL_EV_EARLY_RTP to be reported */
	bool ssrc_known;
	bool finished;
	bool talking;		   /* the last block was sent */
	unsigned stale_blocks;	   /* still to come: audio of the call before on this timeslot */
	struct net_addr peer;	   /* latched */
	struct net_addr rtcp_peer; /* where the peer's RTCP came from; family 0: none yet */
	uint16_t tx_seq;
	uint16_t tx_fill; /* octets waiting in tx for a full packet */
	uint32_t tx_ts;	  /* of the next octet that comes from the timeslot */
	uint32_t rx_ssrc;
	unsigned ticks;
	int64_t block_us;      /* when the last block ran, 0: none yet */
	int64_t debt_us;       /* how far the timeslot is behind the clock */
	unsigned silent_ticks; /* since the last packet from the latched source */
	struct tone tone;
	struct rtp_source source;
	int64_t rtcp_due_us;
	int64_t last_sr_us;	 /* when the peer's last SR came, 0: none */
	uint32_t last_sr;	 /* middle 32 bits of its NTP time */
	uint64_t sent_at_report; /* tx_packets at our last report */
	struct session_counters n;
	uint8_t tx[RTP_HEADER_OCTETS + SESSION_PTIME_MAX_MS * 8];
	struct jbuf jbuf;
};

struct session_cfg {
	const struct rtp_net *net;
	int rtp, rtcp;
	struct rng *rng;      /* control's; the session takes a seed from it */
	struct jbuf_cfg jbuf; /* law is chosen by the parameters */
};

/* Control. */
void session_init(struct session *s, const struct session_cfg *cfg);
/* Any thread. */
void session_stats(const struct session *s, struct media_stats *out);

/* Worker. params stays the session's until the next one. */
void session_set(struct session *s, const struct session_params *params, int64_t now_us);
/* One block of its timeslot; tx is prefilled with idle. */
void session_block(struct session *s, int64_t now_us, unsigned missed,
		   const uint8_t rx[E1_BLOCK_OCTETS], uint8_t tx[E1_BLOCK_OCTETS]);
/* Instead of a block, where no timeslot runs: latch, count and throw away what came in. */
void session_idle(struct session *s, int64_t now_us);
/* The last thing: says BYE, settles the counters. Repeatable; by whoever owns the session. */
void session_finish(struct session *s, int64_t now_us);

/* session_rtcp.c */
void session_rtcp_start(struct session *s, int64_t now_us);
void session_rtcp_turn(struct session *s, int64_t now_us);
void session_rtcp_bye(struct session *s, int64_t now_us);

#endif
