/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Q.931 and LAPD into a real span (libpri) on a real call table, over a virtual E1. A small data
 * link at the other end keeps layer 2 up, so that messages get to layer 3.
 *
 * The first octet of an input chooses the side. Then records follow: what, a length, octets.
 *   0  a Q.931 message            3  time passes, 250 ms for each of the first octet
 *   1  the same, with the call    4  commands of far.h
 *      reference last seen        5  alarms come and go
 *   2  a frame as it is           6  a message with another N(S)
 *                                 7  the data link stops answering, or begins again
 */
#include <string.h>

#include "hw/t1e1/e1_virt.h"
#include "src/isdn_map/isdn.h"
#include "tests/fuzz/far.h"
#include "tests/fuzz/fuzz.h"

enum {
	RECORDS_MAX = 60,
	ADDRESS = 4, /* octets of LAPD before the message */
	PUMPS_MAX = 200,
	BCHANNELS = 0x0000fffe,
};

struct link {
	uint8_t command, response; /* first address octets, Q.921 3.3.3 */
	uint8_t vs, vr;
	bool mute;
	uint8_t cref[2];
};

struct isdn_world {
	struct far far;
	struct e1_virt_pair *pair;
	struct e1_span end[2];
	struct isdn_span *span;
	struct link link;
};

static void send_frame(struct isdn_world *w, const uint8_t *frame, size_t len)
{
	uint8_t *copy = fuzz_copy(frame, len);

	w->end[1].ops->dchan_send(&w->end[1], copy, len);
	free(copy);
}

static void send_u(struct isdn_world *w, uint8_t control)
{
	const uint8_t frame[3] = {w->link.response, 1, control};

	send_frame(w, frame, sizeof(frame));
}

static void send_rr(struct isdn_world *w, bool final)
{
	const uint8_t frame[4] = {w->link.response, 1, 1, (uint8_t)(w->link.vr << 1 | final)};

	send_frame(w, frame, sizeof(frame));
}

/* Q.921 5: just enough to stay up. */
static void on_frame(struct isdn_world *w, const uint8_t *f, size_t len)
{
	struct link *l = &w->link;

	fuzz_check(len >= 3 && len <= E1_DCHAN_FRAME_MAX);
	if (!(f[2] & 1) && len > ADDRESS + 3) {
		l->vr = ((f[2] >> 1) + 1) & 0x7f;
		if (f[ADDRESS + 1] == 2 && len > ADDRESS + 4) {
			l->cref[0] = f[ADDRESS + 2] ^ 0x80;
			l->cref[1] = f[ADDRESS + 3];
		}
		if (!l->mute)
			send_rr(w, f[3] & 1);
	} else if (l->mute) {
		return;
	} else if ((f[2] & 0xef) == 0x6f || (f[2] & 0xef) == 0x43) { /* SABME, DISC */
		l->vs = l->vr = 0;
		send_u(w, 0x63 | (f[2] & 0x10));
	} else if ((f[2] & 3) == 1 && len >= 4 && f[3] & 1 && f[0] != l->command) {
		send_rr(w, true);
	}
}

static void pump(struct isdn_world *w)
{
	uint8_t frame[E1_DCHAN_FRAME_MAX];
	ssize_t n = 1;

	for (unsigned i = 0; i < PUMPS_MAX && n > 0; i++) {
		n = w->end[1].ops->dchan_recv(&w->end[1], frame, sizeof(frame));
		if (n > 0)
			on_frame(w, frame, (size_t)n);
	}
}

static void near_turn(void *isdn_world)
{
	struct isdn_world *w = isdn_world;

	isdn_span_turn(w->span, w->far.now_us);
	pump(w);
}

static int64_t near_next_us(void *isdn_world)
{
	struct isdn_world *w = isdn_world;

	return e1_virt_frames_waiting(w->pair, 0) || e1_virt_frames_waiting(w->pair, 1)
		   ? w->far.now_us
		   : isdn_span_next_us(w->span);
}

static void message(struct isdn_world *w, const uint8_t *octets, size_t len, bool our_cref,
		    uint8_t skip)
{
	uint8_t frame[ADDRESS + 256] = {w->link.command, 1};

	frame[2] = (uint8_t)(((w->link.vs + skip) & 0x7f) << 1);
	frame[3] = (uint8_t)(w->link.vr << 1);
	memcpy(frame + ADDRESS, octets, len);
	if (our_cref && len >= 4 && octets[1] == 2)
		memcpy(frame + ADDRESS + 2, w->link.cref, 2);
	send_frame(w, frame, ADDRESS + len);
	if (!skip)
		w->link.vs = (w->link.vs + 1) & 0x7f;
}

static void alarms(struct isdn_world *w, uint8_t bits)
{
	struct e1_line line = {.alarms = bits};

	isdn_span_line(w->span, w->far.now_us, &line);
}

static void act(struct isdn_world *w, uint8_t what, const uint8_t *octets, size_t len)
{
	switch (what % 8) {
	case 0:
	case 1:
		message(w, octets, len, what & 1, 0);
		break;
	case 2:
		if (len)
			send_frame(w, octets, len);
		break;
	case 3:
		far_run_us(&w->far, len ? octets[0] * 250 * US_PER_MS : 0);
		break;
	case 4:
		for (size_t i = 0; i < len && i < 8; i++)
			far_do(&w->far, (char)octets[i]);
		break;
	case 5:
		alarms(w, len ? octets[0] : 0);
		break;
	case 6:
		if (len)
			message(w, octets + 1, len - 1, true, octets[0]);
		break;
	default:
		w->link.mute = !w->link.mute;
	}
	far_settle(&w->far);
}

static void play(struct isdn_world *w, const uint8_t *data, size_t size)
{
	for (unsigned i = 0; i < RECORDS_MAX && size >= 2; i++) {
		size_t len = data[1] < size - 2 ? data[1] : size - 2;

		act(w, data[0], data + 2, len);
		data += 2 + len;
		size -= 2 + len;
	}
}

static void check_idle(struct isdn_world *w)
{
	struct isdn_span_status st;

	isdn_span_status(w->span, &st);
	fuzz_check(st.busy == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct isdn_world w;
	struct isdn_span_cfg cfg = {.span = 1,
				    .dchannel_ts = 16,
				    .bchannels = BCHANNELS,
				    .ringback = CALL_RINGBACK_LOCAL};
	bool user;

	if (!size)
		return 0;
	fuzz_log_init();
	memset(&w, 0, sizeof(w));
	user = data[0] & 1;
	cfg.side = user ? ISDN_USER : ISDN_NETWORK;
	w.link.command = user ? 0x02 : 0x00; /* we are the other side */
	w.link.response = w.link.command ^ 0x02;
	far_init(&w.far, FAR_NEAR_IS_SPAN);
	fuzz_check(e1_virt_pair_create(&w.pair, w.end) == 0);
	fuzz_check(isdn_span_create(&w.span, &cfg, &w.end[0], w.far.calls, NULL, NULL) == 0);
	w.far.near_port.ops = &isdn_leg_ops;
	w.far.near_port.adapter = w.span;
	w.far.near = &w;
	w.far.near_turn = near_turn;
	w.far.near_next_us = near_next_us;
	far_run_us(&w.far, 2 * US_PER_S);
	play(&w, data + 1, size - 1);
	w.link.mute = false;
	alarms(&w, 0);
	far_finish(&w.far);
	check_idle(&w);
	isdn_span_destroy(w.span);
	far_fini(&w.far);
	w.end[0].ops->close(&w.end[0]);
	w.end[1].ops->close(&w.end[1]);
	return 0;
}
