/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vocabulary of the gateway: what a call, its legs, its media and its causes look like as
 * plain values. Everybody may include this; it includes nobody but gateway/base. Values are
 * copied, never shared: no pointers in here.
 */
#ifndef GATEWAY_CALL_CALL_TYPES_H
#define GATEWAY_CALL_CALL_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/net_addr.h"
#include "gateway/base/slots.h"

enum {
	CALL_DIGITS_MAX = 32,
	CALL_NAME_MAX = 64,
	CALL_ID_TEXT_MAX = 128,
	MEDIA_FORMATS_MAX = 8,
};

/* Leg A brought the call to us, leg B is the one that we opened for it. */
enum call_side { CALL_SIDE_A, CALL_SIDE_B };

/* Who a leg belongs to: span number (from 1) or trunk index (from 0, order of the configuration). */
struct call_endpoint {
	enum { CALL_EP_NONE, CALL_EP_SPAN, CALL_EP_TRUNK } kind;
	uint16_t index;
};

/* Q.931 table 4-9, type of number and numbering plan: the codes of the wire. */
enum call_ton {
	CALL_TON_UNKNOWN = 0,
	CALL_TON_INTERNATIONAL = 1,
	CALL_TON_NATIONAL = 2,
	CALL_TON_NETWORK = 3,
	CALL_TON_SUBSCRIBER = 4,
	CALL_TON_ABBREVIATED = 6,
};
enum call_npi { CALL_NPI_UNKNOWN = 0, CALL_NPI_E164 = 1, CALL_NPI_PRIVATE = 9 };
/* Q.931 table 4-11 */
enum call_presentation {
	CALL_PRES_ALLOWED = 0,
	CALL_PRES_RESTRICTED = 1,
	CALL_PRES_NOT_AVAILABLE = 2,
};
enum call_screening {
	CALL_SCREEN_USER_NOT_SCREENED = 0,
	CALL_SCREEN_USER_PASSED = 1,
	CALL_SCREEN_USER_FAILED = 2,
	CALL_SCREEN_NETWORK = 3,
};

struct call_number {
	bool present;
	uint8_t ton, npi;               /* enum call_ton, call_npi */
	uint8_t presentation, screening; /* of calling and connected numbers */
	char digits[CALL_DIGITS_MAX + 1]; /* 0-9 * # only; a leading + became TON international */
};

/* What a look-up in a number portability database came to (RFC 4694). */
struct call_porting {
	bool asked;                 /* npdi: nobody need ask again */
	struct call_number routing; /* rn, worldwide; present: the called number is ported there */
};

/* Q.952, Q.931 redirecting number: why a call was sent on; the codes of the wire. */
enum call_redirect {
	CALL_REDIRECT_UNKNOWN = 0,
	CALL_REDIRECT_BUSY = 1,
	CALL_REDIRECT_NO_REPLY = 2,
	CALL_REDIRECT_DEFLECTED = 4,
	CALL_REDIRECT_OUT_OF_ORDER = 9,
	CALL_REDIRECT_BY_CALLED = 10,
	CALL_REDIRECT_ALWAYS = 15,
};

/* Q.931 4.5.5 information transfer capability, the wire's codes. */
enum call_bearer {
	CALL_BEARER_SPEECH = 0x00,
	CALL_BEARER_UNRESTRICTED = 0x08,
	CALL_BEARER_RESTRICTED = 0x09,
	CALL_BEARER_AUDIO_3K1 = 0x10,
	CALL_BEARER_UNRESTRICTED_TONES = 0x11,
	CALL_BEARER_VIDEO = 0x18,
};

/* Q.850 cause with location. value 0: none given, let the table of the other side decide. */
enum call_location {
	CALL_LOC_USER = 0,
	CALL_LOC_PRIVATE_LOCAL = 1, /* private network serving the local user */
	CALL_LOC_PUBLIC_LOCAL = 2,  /* public network serving the local user */
	CALL_LOC_TRANSIT = 3,
	CALL_LOC_PUBLIC_REMOTE = 4,
	CALL_LOC_PRIVATE_REMOTE = 5,
	CALL_LOC_INTERNATIONAL = 7,
	CALL_LOC_BEYOND_INTERWORKING = 10,
};
struct call_cause {
	uint8_t value;    /* 1…127; 0: none */
	uint8_t location; /* enum call_location */
	uint16_t sip_status; /* 300…699 when it came from a SIP response, else 0: for the record */
	bool diagnostic_timer; /* cause 102 that our own T301 (ring limit) made: maps to 480 */
	uint16_t timer; /* cause 102: which timer, 301, 310, … (its diagnostic); 0: not known */
	/* Cause 22: the new number, from the diagnostic (Q.850 table 1, a called party number) or a
	 * Contact; a leading + as in SIP: international. Empty: not given. */
	char new_number[CALL_DIGITS_MAX + 1];
};

/* The Q.850 causes that our own code decides on. Any other value travels as a number. */
enum {
	CAUSE_UNALLOCATED = 1,
	CAUSE_NO_ROUTE = 3,
	CAUSE_NORMAL = 16,
	CAUSE_BUSY = 17,
	CAUSE_NO_USER_RESPONDING = 18,
	CAUSE_NO_ANSWER = 19,
	CAUSE_REJECTED = 21,
	CAUSE_OUT_OF_ORDER = 27,
	CAUSE_INVALID_NUMBER = 28,
	CAUSE_NORMAL_UNSPECIFIED = 31,
	CAUSE_NO_CIRCUIT = 34,
	CAUSE_NETWORK_OUT_OF_ORDER = 38,
	CAUSE_TEMPORARY_FAILURE = 41,
	CAUSE_CONGESTION = 42,
	CAUSE_CHANNEL_NOT_AVAILABLE = 44,
	CAUSE_BEARER_NOT_IMPLEMENTED = 65,
	CAUSE_NOT_IMPLEMENTED = 79,
	CAUSE_INCOMPATIBLE = 88,
	CAUSE_TIMER_EXPIRY = 102,
	CAUSE_INTERWORKING = 127,
};

/* Progress descriptions of Q.931 4.5.23 as a set of bits. */
enum { CALL_PI_1 = 1 << 0, CALL_PI_2 = 1 << 1, CALL_PI_3 = 1 << 2, CALL_PI_8 = 1 << 3 };

/* RFC 3551 static payload types. */
enum media_codec { MEDIA_PCMU = 0, MEDIA_PCMA = 8 };
enum media_law { MEDIA_ALAW, MEDIA_ULAW };

struct media_format {
	enum media_codec codec;
	uint8_t payload_type; /* 0…127 as it stands in the describing party's SDP */
};

/* Bits: what the describing party does. */
enum media_direction {
	MEDIA_INACTIVE = 0,
	MEDIA_SENDONLY = 1,
	MEDIA_RECVONLY = 2,
	MEDIA_SENDRECV = 3,
};

/* One audio stream as an offer or answer describes it (RFC 3264), without any SDP text.
 * An answer holds exactly one format. present false: the message carried no SDP. */
struct media_desc {
	bool present;
	bool rejected;       /* the stream has port 0 */
	uint8_t direction;   /* enum media_direction, seen from the describing party */
	uint8_t ptime_ms;    /* 0: not given */
	uint8_t format_count; /* in the describing party's order of preference, only codecs we know */
	struct media_format format[MEDIA_FORMATS_MAX];
	struct net_addr rtp, rtcp; /* where the describing party wants to receive */
};

/* A B-channel: where the voice of an ISDN leg is. */
struct call_channel {
	uint16_t span; /* from 1; 0: none */
	uint8_t ts;    /* timeslot 1…31 as on the wire */
	uint8_t law;   /* enum media_law of the span */
};

/* How an ISDN leg that calls out of its side wants ring-back (per span, `ringback:`; the
 * configuration's `auto` has become LOCAL on a network side and REMOTE on a user side).
 * LOCAL: ALERTING carries PI 8 and we generate ring-back until the first valid RTP.
 * REMOTE: PI 8 only while early RTP arrives. NEVER: no PI 8 before a 183/180 with SDP that flows,
 * and never a tone of ours. A SIP leg says NEVER. */
enum call_ringback { CALL_RINGBACK_LOCAL, CALL_RINGBACK_REMOTE, CALL_RINGBACK_NEVER };

/* What we let an ISDN caller hear, in its timeslot (E.180). */
enum call_tone {
	CALL_TONE_NONE,
	CALL_TONE_RINGBACK, /* until the first valid RTP, then never again */
	CALL_TONE_BUSY,
	CALL_TONE_CONGESTION,
};

/* What a new call is: made by the adapter of leg A, completed by the plan, given to leg B. */
struct call_setup {
	struct call_endpoint source, target;
	struct call_number called, calling;
	struct call_porting porting;    /* of the called number */
	struct call_number redirecting; /* who sent the call on to us, the last one */
	uint8_t redirect_reason;        /* enum call_redirect, when redirecting is present */
	uint8_t redirect_count;         /* how often it was sent on, 0: not told */
	char calling_name[CALL_NAME_MAX + 1]; /* UTF-8, may be empty */
	enum call_bearer bearer;
	bool sending_complete; /* no more digits will come */
	enum call_ringback ringback;
	bool failure_tone; /* ISDN leg A: a call that fails ends with a tone (Q.931 5.3.4.1) */
	/* From leg A: its offer, present false when it made none (ISDN; INVITE without SDP).
	 * For leg B: what we offer. */
	struct media_desc media;
	struct net_addr peer; /* SIP leg A: where the INVITE came from */
	char peer_call_id[CALL_ID_TEXT_MAX + 1]; /* SIP Call-ID or "span:callref", for the record */
};

/* What a media session counted, in octets of 125 µs and in packets; final values in the record.
 * jitter buffer: played = received − late − dropped + concealed, in octets. */
struct media_stats {
	uint64_t tdm_rx_octets, tdm_tx_octets;
	uint64_t tdm_missed_octets; /* the driver never delivered them (its counted overrun, slip) */
	uint64_t tdm_idle_octets;   /* idle that the timeslot sent: we were late */
	uint64_t tdm_dropped_octets; /* of those sent: too late for the timeslot */
	uint64_t rtp_tx_packets, rtp_tx_octets, rtp_tx_errors;
	uint64_t rtp_rx_packets, rtp_rx_octets;
	uint64_t rtp_foreign;   /* refused by the source latch */
	uint64_t rtp_malformed; /* not RTP, wrong version, wrong payload type, too long */
	uint64_t rtp_lost;      /* packets, by sequence number */
	uint64_t jb_late_octets, jb_dropped_octets, jb_concealed_octets;
	uint64_t jb_unplayed_octets; /* of those dropped: not missed by anybody, as they came twice,
					or nobody was listening yet, or any more */
	uint32_t jb_slips;      /* times that the jitter buffer gave up or inserted a packet's worth */
	uint32_t jitter_us;     /* RFC 3550 6.4.1, last value */
	uint32_t jb_delay_us;   /* last value */
	uint32_t rtt_us;        /* from RTCP, 0 unknown */
	uint32_t remote_lost;   /* cumulative, from the peer's RTCP report blocks */
	uint32_t ssrc_tx, ssrc_rx;
	struct net_addr latched; /* where the peer's packets really come from */
	uint8_t codec;           /* enum media_codec */
};

/* What happens to a call. Legs, plan, media and operator post these; the state machine eats them. */
enum call_event_type {
	CALL_EV_SETUP,        /* A: the call is there (always the first event) */
	CALL_EV_ROUTE_WAITS,  /* the plan asks somebody first: ROUTED comes later */
	CALL_EV_ROUTED,       /* the plan answered: cause 0 and setup.target set, or a cause */
	CALL_EV_CHANNEL,      /* ISDN leg: B-channel confirmed or moved: .channel */
	CALL_EV_PROCEEDING,   /* B: CALL PROCEEDING (maybe with PI), 100 */
	CALL_EV_PROGRESS,     /* B: PROGRESS, 183, 181, 182: .pi .media .cause */
	CALL_EV_ALERTING,     /* B: ALERTING, 180: .pi .media */
	CALL_EV_ANSWER,       /* B: CONNECT, 2xx: .media .connected */
	CALL_EV_CONFIRMED,    /* A: CONNECT ACKNOWLEDGE, ACK: .media when the answer came in the ACK */
	CALL_EV_OFFER,        /* either, active: a new offer (re-INVITE, UPDATE): .media */
	CALL_EV_CLEARING,     /* either: the peer wants to end the call: .cause .pi. clear() is due */
	CALL_EV_GONE,         /* either: the leg has ended, exactly once, whatever happened: .cause */
	CALL_EV_EARLY_RTP,    /* media: the first valid RTP packet since the session was opened */
	CALL_EV_MEDIA_GONE,   /* media: session detached and freed: .stats */
	CALL_EV_MEDIA_FAILED, /* media: cannot go on: .cause */
	CALL_EV_TIMER,        /* call: .timer expired */
	CALL_EV_OPERATOR_CLEAR, /* control socket, shutdown: .cause */
	CALL_EV_COUNT,
};

/* Our own timers of a call; defaults in call_timers[] (call_fsm.h). */
enum call_timer {
	CALL_TIMER_SETUP,  /* no answer at all from leg B (a last resort above T303, T310, Timer B) */
	CALL_TIMER_RING,   /* T301-like ring limit */
	CALL_TIMER_ANNOUNCE, /* B's network tells by voice why the call fails */
	CALL_TIMER_CLEAR,  /* clear guard: everything must be GONE by then */
	CALL_TIMER_COUNT,
};

struct call_event {
	enum call_event_type type;
	enum call_side side;
	enum call_timer timer;
	uint8_t pi; /* CALL_PI_* bits */
	bool reroute;  /* CLEARING, GONE of B: another way may be tried; set by the call table */
	bool unusable; /* OFFER: there is nothing in it that we can do; set by the call table */
	struct call_cause cause;
	struct media_desc media;
	struct call_channel channel;
	struct media_stats stats;
	struct call_number connected; /* ANSWER: who answered, as B's side writes it */
};

#endif
