/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a call needs from the world: legs and media, as operations that adapters fill in. The call
 * side calls these; adapters answer later by call_table_post() and never from inside an operation
 * that they are serving (events are queued, run to completion). All in the control thread.
 *
 * A leg promises: once opened (B) or announced (A), exactly one CALL_EV_GONE, after which its
 * handle is dead; clear may be repeated; it never touches the other leg.
 * Media promises: once opened, exactly one CALL_EV_MEDIA_GONE.
 */
#ifndef GATEWAY_CALL_CALL_PORTS_H
#define GATEWAY_CALL_CALL_PORTS_H

#include "gateway/call/call_types.h"

typedef slot_id call_id;

/* What to tell a leg. */
enum leg_cmd_type {
	LEG_PROCEED,  /* A: CALL PROCEEDING, 100 (SIP sends its 100 itself: nothing more) */
	LEG_PROGRESS, /* A: PROGRESS with just these .pi, 183 with .media when present */
	LEG_ALERT,    /* A: ALERTING with .pi, 180 with .media when present */
	LEG_ANSWER,   /* A: CONNECT, 200 with .media (an offer when the INVITE had none), .connected */
	LEG_OFFER_ANSWER, /* either, after CALL_EV_OFFER: 200 with .media, or 488 when not present */
	/* Either, any time, repeatable: .cause. .pi 8: a tone plays in the timeslot until the peer or
	 * T306 ends it (Q.931 5.3.4.1), or until CLEAR comes again without .pi. */
	LEG_CLEAR,
};

struct leg_cmd {
	enum leg_cmd_type type;
	uint8_t pi; /* CALL_PI_* bits to send */
	struct call_cause cause;
	struct media_desc media; /* ours, present false for none */
	struct call_number connected; /* ANSWER: who answered, as A's side wants it */
};

struct leg_ops {
	/* Opens leg B of call towards setup->target. On success *leg is the adapter's handle. On
	 * failure: 0 is not returned, *cause says why, no event will come. */
	int (*open)(void *adapter, call_id call, const struct call_setup *setup, void **leg,
		    struct call_cause *cause);
	void (*command)(void *leg, const struct leg_cmd *cmd);
};

/* How a media session is to run, whole; a new one replaces the old one. */
struct media_params {
	struct call_channel channel;   /* span 0: no timeslot yet */
	struct media_desc remote;      /* one format: what we send; present false: not known yet */
	bool send;                     /* timeslot → RTP */
	bool receive;                  /* RTP → timeslot */
	bool accept_any_source;        /* the trunk allows RTP from another IP than the SDP's */
	bool relatch;                  /* a new SDP: find the source again */
	enum call_tone tone;           /* into the timeslot, in place of what comes in RTP */
};

struct media_ops {
	/* Makes a session with its RTP and RTCP sockets on bind (port 0: from the range);
	 * fills local->rtp, local->rtcp with the address advertised. No packet moves yet. 0 or
	 * -errno. *session is valid until CALL_EV_MEDIA_GONE. */
	int (*open)(void *media, call_id call, const struct net_addr *bind,
		    const struct net_addr *advertise, slot_id *session, struct media_desc *local);
	/* Attaches, changes or moves it. Never fails: a trouble comes as CALL_EV_MEDIA_FAILED. */
	void (*set)(void *media, slot_id session, const struct media_params *params);
	/* Ends in CALL_EV_MEDIA_GONE with the final counters. Repeatable. */
	void (*close)(void *media, slot_id session);
	/* Live counters; may be one tick old. */
	void (*stats)(void *media, slot_id session, struct media_stats *out);
};

/* What an endpoint is made of: who opens legs there and how media is reached. */
struct call_port {
	const struct leg_ops *ops;
	void *adapter;
	/* Trunks only: */
	struct net_addr media_bind, media_advertise;
	bool media_any_source;
	uint8_t codec_count; /* in order of preference */
	enum media_codec codec[MEDIA_FORMATS_MAX];
	uint8_t ptime_ms;
};

/* An attempt that leg A's adapter refuses by itself, before there is a call: nobody would know of it
 * but for call_table_refused(). */
struct call_refusal {
	struct call_setup setup; /* as far as it could be read */
	char called_text[CALL_NAME_MAX + 1]; /* who was called, when that is no number; else empty */
	struct call_channel channel; /* ISDN: asked for or taken; span 0: none */
	int64_t begin_us;	     /* monotonic; 0: just now */
	struct call_cause cause;     /* what the caller is told */
	const char *why;	     /* static text, never NULL */
};

#endif
