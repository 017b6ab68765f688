/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exchange's side of libpri: events out as values, messages in as functions. A call is an
 * opaque handle, dead after an event with `over`; a message for a dead call is not sent.
 */
#ifndef GATEWAY_PBX_PBX_PRI_H
#define GATEWAY_PBX_PBX_PRI_H

#include "gateway/pbx/pbx.h"

struct pbx_pri;

struct pbx_pri_event {
	enum {
		PBX_PRI_UP,
		PBX_PRI_DOWN,
		PBX_PRI_SETUP,
		PBX_PRI_PROCEEDING,
		PBX_PRI_PROGRESS,
		PBX_PRI_ALERTING,
		PBX_PRI_CONNECT,
		PBX_PRI_DISCONNECT,
		PBX_PRI_RELEASED,
		PBX_PRI_RESTART, /* ts; 0: all channels */
		PBX_PRI_OTHER,
	} type;
	void *call;
	uint8_t ts;	/* of the message's Channel ID; 0: none */
	bool exclusive; /* SETUP */
	bool inband;	/* PI 8 */
	uint8_t bearer; /* SETUP */
	uint8_t cause;	/* DISCONNECT, RELEASED */
	bool over;	/* RELEASED: libpri has freed the call, or will not speak of it again */
	struct pbx_number called, calling;
};

int pbx_pri_create(struct pbx_pri **out, bool network, uint32_t t309_ms, struct e1_span *e1);
void pbx_pri_destroy(struct pbx_pri *p);
void pbx_pri_drop(struct pbx_pri *p, bool drop);

/* Call until false: reads frames, runs timers. */
bool pbx_pri_next_event(struct pbx_pri *p, int64_t now_us, struct pbx_pri_event *out);
int64_t pbx_pri_next_us(struct pbx_pri *p);

void *pbx_pri_setup(struct pbx_pri *p, const struct pbx_call_request *r, uint8_t ts);
void pbx_pri_proceeding(struct pbx_pri *p, void *call, uint8_t ts);
void pbx_pri_progress(struct pbx_pri *p, void *call, uint8_t ts);
void pbx_pri_alerting(struct pbx_pri *p, void *call, uint8_t ts, bool inband);
void pbx_pri_connect(struct pbx_pri *p, void *call, uint8_t ts);
void pbx_pri_clear(struct pbx_pri *p, void *call, uint8_t cause);
void pbx_pri_forget(struct pbx_pri *p, void *call);

#endif
