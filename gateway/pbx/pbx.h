/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exchange to test a gateway against: the other end of an E1, network or user side, with libpri
 * through a file of its own (pbx_pri.c), sharing nothing with src/isdn_map. It places calls,
 * answers them by rule, and speaks and checks self-indexing audio (gateway/lab/pattern.h).
 *
 * One thread: pbx_turn() reads the D-channel and runs timers, pbx_run() moves the audio. The call
 * number N of a call is the last four digits of its called number; the exchange speaks stream
 * 2N and expects 2N + 1. libclock sees the now that is handed in.
 */
#ifndef GATEWAY_PBX_PBX_H
#define GATEWAY_PBX_PBX_H

#include "gateway/base/clock.h"
#include "gateway/lab/pattern.h"
#include "hw/t1e1/e1.h"

enum { PBX_DIGITS_MAX = 32, PBX_RULES_MAX = 64 };
#define PBX_NEVER_MS UINT32_MAX

struct pbx;

struct pbx_cfg {
	bool network;
	uint8_t dchannel_ts;
	uint32_t bchannels; /* bit ts set: usable */
	bool descending;    /* hunting; the gateway hunts from the other end */
	uint32_t t309_ms;   /* 0: 90 s */
	bool gateway_audio; /* speak 2N + 1 and expect 2N, as a gateway would: for two exchanges
			       back to back */
};

struct pbx_number {
	char digits[PBX_DIGITS_MAX + 1];
	uint8_t ton, npi; /* Q.931 codes */
};

/* A call that the exchange places. */
struct pbx_call_request {
	struct pbx_number called, calling;
	uint8_t bearer; /* Q.931 capability; 0x10 is 3.1 kHz audio */
	uint8_t ts;	/* wanted timeslot, 0: hunt */
	bool exclusive;
	uint32_t hold_ms;    /* after CONNECT; PBX_NEVER_MS: the other side hangs up */
	uint32_t give_up_ms; /* before CONNECT; PBX_NEVER_MS: waits */
	uint8_t cause;	     /* in our DISCONNECT; 0: 16 */
};

/* What to do with calls whose called number begins with prefix; the longest one wins. */
struct pbx_rule {
	char prefix[PBX_DIGITS_MAX + 1];
	uint8_t refuse_cause;	  /* not 0: CALL PROCEEDING, then DISCONNECT with it */
	bool progress_inband;	  /* PROGRESS with PI 8 at once, and speak */
	uint32_t alert_after_ms;  /* ALERTING; PBX_NEVER_MS: none */
	bool alert_inband;	  /* with PI 8, and speak */
	uint32_t answer_after_ms; /* CONNECT, from the SETUP on; PBX_NEVER_MS: never */
	uint32_t hold_ms;	  /* after CONNECT; PBX_NEVER_MS: the caller hangs up */
	uint8_t cause;		  /* in our DISCONNECT; 0: 16 */
};

enum pbx_event_type {
	PBX_UP,   /* and settled */
	PBX_DOWN,     /* the D-channel */
	PBX_INCOMING, /* SETUP received */
	PBX_REFUSED, /* SETUP received: no rule, or no channel; cause is ours. No call came of it */
	PBX_PROCEEDING,
	PBX_PROGRESS,
	PBX_ALERTING,  /* received; pi_inband */
	PBX_CONNECTED, /* CONNECT received, or sent */
	PBX_HANGUP,    /* the call is over; all results */
};

struct pbx_event {
	enum pbx_event_type type;
	int64_t now_us;
	uint32_t call; /* ours, from 1; 0 with PBX_UP, PBX_DOWN */
	bool outgoing; /* the exchange placed it */
	struct pbx_number called, calling;
	uint8_t ts;
	bool pi_inband; /* the message carried progress indicator 8 */
	/* PBX_HANGUP */
	bool answered, we_cleared;
	uint8_t cause; /* what the other side gave; 0: we cleared and it only confirmed */
	int64_t setup_us, connect_us; /* 0: never connected */
	bool early_media;	      /* its audio was heard before CONNECT */
	/* Counted by the span's driver during this call: octets that never came; octets of idle or
	 * repeated audio that it put in. */
	uint64_t missed_octets, slipped_octets;
	/* What the gateway hears otherwise than it was said: idle in between, and never sent. */
	uint64_t tx_idle_octets, tx_dropped_octets;
	struct pattern_result audio;
};
typedef void (*pbx_event_fn)(void *arg, const struct pbx_event *event);

/* Wrong audio on purpose, uncounted: so that a check can be seen to fail. Once each. */
enum pbx_plant {
	PBX_PLANT_NONE,
	PBX_PLANT_WRONG_OCTET,
	PBX_PLANT_DROP,
	PBX_PLANT_SWAP,
	PBX_PLANT_LATE
};

/* The span outlives the exchange. */
int pbx_create(struct pbx **out, const struct pbx_cfg *cfg, struct e1_span *e1, pbx_event_fn fn,
	       void *arg);
void pbx_destroy(struct pbx *p);
/* D-channel and timers; after any input and when pbx_next_us() is due. */
void pbx_turn(struct pbx *p, int64_t now_us);
int64_t pbx_next_us(const struct pbx *p);
/* Audio: runs the span's due blocks. Returns what e1 run returns. */
int pbx_run(struct pbx *p, int64_t now_us);

/* The call's number, or 0 when there is no channel or no D-channel. */
uint32_t pbx_call(struct pbx *p, int64_t now_us, const struct pbx_call_request *request);
bool pbx_clear(struct pbx *p, uint32_t call, uint8_t cause);
void pbx_clear_all(struct pbx *p, uint8_t cause);
/* false: no place left. A rule with the same prefix is replaced. */
bool pbx_rule(struct pbx *p, const struct pbx_rule *rule);
void pbx_plant(struct pbx *p, enum pbx_plant plant);
/* Frames are thrown away both ways while audio flows. */
void pbx_drop_dchannel(struct pbx *p, bool drop);
/* Where libpri's complaints go, one line each; NULL: nowhere. They are the whole process's: a
 * program with libpri spans of its own leaves this alone. */
void pbx_libpri_complaints(void (*say)(const char *text));
unsigned pbx_calls(const struct pbx *p);
bool pbx_up(const struct pbx *p);

#endif
