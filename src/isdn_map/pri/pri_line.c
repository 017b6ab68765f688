/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/pri/pri_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "src/isdn_map/isdn_ie.h"
#include "src/isdn_map/isdn_number.h"
#include "src/isdn_map/isdn_rules.h"
#include "src/isdn_map/pri/pri_internal.h"

enum {
	T313_NEVER_MS = 24 * 3600 * 1000,
	STEPS_PER_TURN = 500, /* frames and timer runs; the rest waits for the next turn */
	MSG_STATUS_ENQUIRY = 0x75,
	MSG_STATUS = 0x7d,
	CONTROL_SABME = 0x6f, /* Q.921 table 4 */
	CONTROL_WITHOUT_PF = 0xef,
	T303_RESERVE_MS = 1,
	T309_RESERVE_MS = 60000,
};

/* Not in libpri.h, but the only question that settles whether libpri has freed a call without an
 * event (an incoming one that the peer gave up before our first answer). */
int q931_is_call_valid(struct pri *pri, q931_call *call);

/* Every call into libpri stands between these two. */
static void enter(struct pri_line *l)
{
	pri_log_enter(l);
	pri_heap_enter(&l->heap);
}

static void leave(void)
{
	pri_heap_leave();
	pri_log_enter(NULL);
}

/* libpri cannot be asked to send STATUS, but it answers STATUS ENQUIRY; nor RELEASE before T305 is over,
 * but it answers DISCONNECT that crosses its own. As a UI frame, which needs no sequence number, such a
 * message comes to it from here. Both have a cause, which STATUS ENQUIRY has not on the line. */
static int read_feint(struct pri_line *l, uint8_t *buf)
{
	uint16_t cref = l->feint[--l->feints].cref;
	const uint8_t frame[] = {l->frames.cfg.network ? 0x00 : 0x02,
				 0x01,
				 0x03,
				 0x08,
				 0x02,
				 (uint8_t)(cref >> 8),
				 (uint8_t)cref,
				 l->feint[l->feints].type,
				 ISDN_IE_CAUSE,
				 2,
				 0x80 | CALL_LOC_PRIVATE_LOCAL,
				 0x80 | PRI_CAUSE_NORMAL_CLEARING,
				 0xff, /* the FCS, never looked at */
				 0xff};

	memcpy(buf, frame, sizeof(frame));
	memset(&l->frames.last_in, 0, sizeof(l->frames.last_in));
	l->frames.received = true;
	return (int)sizeof(frame);
}

/* Frees a call whose reference the peer uses for a new one: libpri would ignore that SETUP. */
static void free_reused(struct pri_line *l)
{
	const struct pri_line_cfg *cfg = &l->frames.cfg;
	const struct isdn_frame *f = &l->frames.last_in;
	struct q931_call *dead;

	if (!f->is_message || f->type != ISDN_MSG_SETUP || f->cref_flag)
		return;
	dead = cfg->reused(cfg->reused_arg, f->cref);
	if (dead && q931_is_call_valid(l->pri, dead))
		pri_destroycall(l->pri, dead);
}

static int on_read(struct pri *pri, void *buf, int cap)
{
	struct pri_line *l = pri_get_userdata(pri);
	const uint8_t *frame = buf;
	int n;

	l->bad_counted = false;
	l->sabme = false;
	if (l->feints)
		return read_feint(l, buf);
	n = pri_frames_read(&l->frames, buf, cap);
	if (n <= 0)
		return n;
	l->sabme = (frame[2] & CONTROL_WITHOUT_PF) == CONTROL_SABME;
	free_reused(l);
	return n;
}

/* An I frame with a message of a call reference of two octets. */
static bool is_status(const uint8_t *frame, int len)
{
	return len > 8 && !(frame[2] & 1) && frame[4] == 0x08 && frame[5] == 2 &&
	       frame[8] == MSG_STATUS;
}

static int on_write(struct pri *pri, void *buf, int len)
{
	struct pri_line *l = pri_get_userdata(pri);

	l->status_out += is_status(buf, len);
	return pri_frames_write(&l->frames, buf, len);
}

/* T309 is ours (isdn_down.c); libpri's would end the same calls a little later. T316 and N316 are
 * ours, too, and libpri's T316 is off unless it is set. */
static void set_timers(struct pri_line *l)
{
	static const struct {
		enum isdn_timer timer;
		int libpri;
	} timers[] = {{ISDN_T305, PRI_TIMER_T305},
		      {ISDN_T308, PRI_TIMER_T308}};
	const uint32_t *ms = l->frames.cfg.timer_ms;

	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++)
		if (ms[timers[i].timer])
			pri_set_timer(l->pri, timers[i].libpri, (int)ms[timers[i].timer]);
	/* Its second end is ours: libpri would say nothing to the peer. */
	pri_set_timer(l->pri, PRI_TIMER_T303, (int)ms[ISDN_T303] + T303_RESERVE_MS);
	pri_set_timer(l->pri, PRI_TIMER_T309, (int)ms[ISDN_T309] + T309_RESERVE_MS);
	/* Ours: libpri's T313 says nothing and clears with 16. */
	pri_set_timer(l->pri, PRI_TIMER_T313, T313_NEVER_MS);
}

int pri_line_create(struct pri_line **out, const struct pri_line_cfg *cfg)
{
	struct pri_line *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (!l)
		return -ENOMEM;
	l->frames.cfg = *cfg;
	pri_heap_init(&l->heap);
	pri_log_install();
	enter(l);
	l->pri = pri_new_cb(-1, cfg->network ? PRI_NETWORK : PRI_CPE, PRI_SWITCH_EUROISDN_E1,
			    on_read, on_write, l);
	if (l->pri) {
		pri_hangup_fix_enable(l->pri, 1);
		pri_connect_ack_enable(l->pri, 1);
		set_timers(l);
	}
	leave();
	if (!l->pri) {
		pri_line_destroy(l);
		return -ENOMEM;
	}
	*out = l;
	return 0;
}

void pri_line_destroy(struct pri_line *l)
{
	if (!l)
		return;
	pri_heap_fini(&l->heap);
	free(l);
}

void pri_line_begin_turn(struct pri_line *l, int64_t now_us)
{
	libclock_set(now_us);
	l->now_us = now_us;
	l->steps_left = STEPS_PER_TURN;
}

static int64_t next_timer_us(struct pri_line *l)
{
	const struct timeval *tv = pri_schedule_next(l->pri);

	return tv ? tv->tv_sec * US_PER_S + tv->tv_usec : TIME_NEVER_US;
}

/* Before our first answer to a SETUP, libpri handles DISCONNECT and RELEASE COMPLETE without an
 * event (and keeps a disconnected call for ever). */
static bool given_up(const struct pri_line *l, struct pri_line_event *out)
{
	const struct isdn_frame *f = &l->frames.last_in;

	if (!l->frames.received || !f->is_message || f->cref_flag ||
	    (f->type != ISDN_MSG_DISCONNECT && f->type != ISDN_MSG_RELEASE_COMPLETE))
		return false;
	memset(out, 0, sizeof(*out));
	out->type = PRI_LINE_GIVEN_UP;
	out->cref = f->cref;
	out->has_cause = f->has_cause;
	out->cause = isdn_cause_received(-1, 0, CAUSE_NORMAL_UNSPECIFIED);
	if (f->has_cause && f->cause.value)
		out->cause = f->cause;
	return true;
}

/* The peer's SABME while layer 2 was up: libpri may say nothing about it. */
static bool was_reset(struct pri_line *l, struct pri_line_event *out)
{
	if (!l->sabme || !l->up)
		return false;
	memset(out, 0, sizeof(*out));
	out->type = PRI_LINE_RESET;
	return true;
}

static bool next_event(struct pri_line *l, struct pri_line_event *out)
{
	while (l->steps_left) {
		uint64_t status_before = l->status_out;
		const pri_event *ev = pri_check_event(l->pri);

		l->steps_left--;
		if (!ev && !l->frames.received)
			ev = pri_schedule_run(l->pri);
		if (ev) {
			pri_event_translate(l, ev, out);
			if (out->type == PRI_LINE_SETUP)
				pri_frames_forget(&l->frames, out->cref, false);
			if (out->type == PRI_LINE_UP || out->type == PRI_LINE_DOWN)
				l->up = out->type == PRI_LINE_UP;
			out->status_sent = l->status_out != status_before;
			return true;
		}
		if (was_reset(l, out)) {
			out->status_sent = l->status_out != status_before;
			return true;
		}
		if (given_up(l, out))
			return true;
		/* A timer may have set another one that is due at once, in a place that
		 * libpri's scan had already passed. */
		if (!l->frames.received && next_timer_us(l) > l->now_us)
			return false;
	}
	return false;
}

bool pri_line_next_event(struct pri_line *l, struct pri_line_event *out)
{
	bool found;

	enter(l);
	found = next_event(l, out);
	leave();
	return found;
}

int64_t pri_line_next_us(struct pri_line *l)
{
	return l->steps_left ? next_timer_us(l) : l->now_us;
}

const struct pri_line_counters *pri_line_counters(const struct pri_line *l)
{
	return &l->frames.counters;
}

static void set_calling(struct pri_sr *sr, const struct call_number *calling, const char *name)
{
	struct pri_party_id id;

	if (!calling->present || strlen(calling->digits) > PRI_LINE_DIGITS_MAX)
		return;
	memset(&id, 0, sizeof(id));
	id.number.valid = 1;
	id.number.plan = isdn_number_plan(calling);
	id.number.presentation = isdn_number_presentation(calling);
	str_copy(id.number.str, sizeof(id.number.str), calling->digits);
	isdn_name_encode(id.name.str, sizeof(id.name.str), name);
	id.name.valid = id.name.str[0] != '\0';
	id.name.presentation = id.number.presentation & PRI_PRES_RESTRICTION;
	id.name.char_set = PRI_CHAR_SET_ISO8859_1;
	pri_sr_set_caller_party(sr, &id);
}

static struct q931_call *send_setup(struct pri_line *l, struct pri_sr *sr,
				    const struct call_setup *setup,
				    const struct isdn_carried *carried)
{
	struct q931_call *c = pri_new_call(l->pri);
	struct isdn_party_octets redirecting;

	if (c) {
		isdn_redirecting_encode(&redirecting, &setup->redirecting, setup->redirect_reason,
					l->frames.cfg.network);
		pri_frames_forget(&l->frames, pri_line_cref(l, c), true);
		pri_frames_edit_redirecting(&l->frames, pri_line_cref(l, c), &redirecting);
		if (carried)
			pri_frames_edit_setup(&l->frames, pri_line_cref(l, c), carried);
	}
	if (c && pri_setup(l->pri, c, sr)) {
		pri_destroycall(l->pri, c);
		c = NULL;
	}
	return c;
}

struct q931_call *pri_line_setup(struct pri_line *l, uint8_t ts, bool exclusive, enum media_law law,
				 const struct call_setup *setup,
				 const struct isdn_carried *carried)
{
	char digits[CALL_DIGITS_MAX + 1];
	struct q931_call *c = NULL;
	struct pri_sr *sr;

	enter(l);
	sr = pri_sr_new();
	if (sr) {
		str_copy(digits, sizeof(digits), setup->called.digits);
		pri_sr_set_channel(sr, ts, exclusive, 0);
		pri_sr_set_bearer(sr, setup->bearer,
				  law == MEDIA_ULAW ? PRI_LAYER_1_ULAW : PRI_LAYER_1_ALAW);
		pri_sr_set_called(sr, digits, isdn_number_plan(&setup->called), 1);
		set_calling(sr, &setup->calling, setup->calling_name);
		c = send_setup(l, sr, setup, carried);
		pri_sr_free(sr);
	}
	leave();
	return c;
}

static void edit_pi(struct pri_line *l, struct q931_call *c, enum pri_edit_message type, uint8_t pi)
{
	pri_frames_edit_pi(&l->frames, pri_line_cref(l, c), false, type, pi);
}

void pri_line_setup_ack(struct pri_line *l, struct q931_call *c, uint32_t channel)
{
	enter(l);
	pri_need_more_info(l->pri, c, (int)channel, 0);
	leave();
}

void pri_line_proceeding(struct pri_line *l, struct q931_call *c, uint32_t channel)
{
	enter(l);
	pri_proceeding(l->pri, c, (int)channel, 0);
	leave();
}

void pri_line_progress(struct pri_line *l, struct q931_call *c, uint32_t channel, uint8_t pi,
		       struct call_cause cause)
{
	enter(l);
	if (cause.value)
		cause = isdn_cause_to_send(cause);
	pri_progress_with_cause(
	    l->pri, c, (int)channel, 1,
	    pri_frames_edit_progress(&l->frames, pri_line_cref(l, c), false, pi, cause));
	leave();
}

void pri_line_alerting(struct pri_line *l, struct q931_call *c, uint32_t channel, uint8_t pi)
{
	enter(l);
	edit_pi(l, c, PRI_EDIT_ALERTING, pi);
	pri_acknowledge(l->pri, c, (int)channel, 0);
	leave();
}

void pri_line_connect(struct pri_line *l, struct q931_call *c, uint32_t channel, uint8_t pi,
		      const struct call_number *connected)
{
	struct isdn_party_octets octets;

	isdn_connected_encode(&octets, connected, l->frames.cfg.network);
	enter(l);
	edit_pi(l, c, PRI_EDIT_CONNECT, pi);
	pri_frames_edit_connected(&l->frames, pri_line_cref(l, c), false, &octets);
	pri_answer(l->pri, c, (int)channel, 0);
	leave();
}

void pri_line_connect_ack(struct pri_line *l, struct q931_call *c)
{
	enter(l);
	pri_connect_ack(l->pri, c, 0);
	leave();
}

static int call_cref(struct pri_line *l, struct q931_call *c)
{
	int mode = 0, crv = pri_get_crv(l->pri, c, &mode);

	return crv << 3 | mode;
}

uint16_t pri_line_cref(struct pri_line *l, struct q931_call *c)
{
	return (uint16_t)(call_cref(l, c) & 0x7fff);
}

/* libpri chooses the message by the cause; so it gets one that makes it choose what Q.931 wants,
 * and the frame gets the cause that is meant. */
static bool clear_with(struct pri_line *l, struct q931_call *c, bool ours, int steering,
		       struct call_cause cause)
{
	bool alive;

	if (!q931_is_call_valid(l->pri, c))
		return false;
	enter(l);
	pri_frames_edit_cause(&l->frames, pri_line_cref(l, c), ours, (uint8_t)steering,
			      isdn_cause_to_send(cause));
	pri_hangup(l->pri, c, steering);
	alive = q931_is_call_valid(l->pri, c);
	leave();
	return alive;
}

bool pri_line_hangup(struct pri_line *l, struct q931_call *c, bool ours, struct call_cause cause)
{
	return clear_with(l, c, ours, PRI_CAUSE_NORMAL_CLEARING, cause);
}

/* libpri sends RELEASE when its T305 is over, and never before: so its T305 is our T306. */
bool pri_line_disconnect_inband(struct pri_line *l, struct q931_call *c, struct call_cause cause,
				uint32_t t306_ms)
{
	int t305_ms = pri_get_timer(l->pri, PRI_TIMER_T305);
	bool alive;

	enter(l);
	edit_pi(l, c, PRI_EDIT_DISCONNECT, CALL_PI_8);
	pri_set_timer(l->pri, PRI_TIMER_T305, (int)t306_ms);
	leave();
	alive = clear_with(l, c, false, PRI_CAUSE_NORMAL_CLEARING, cause);
	enter(l);
	pri_set_timer(l->pri, PRI_TIMER_T305, t305_ms);
	leave();
	return alive;
}

void pri_line_refuse(struct pri_line *l, struct q931_call *c, bool ours, struct call_cause cause)
{
	if (clear_with(l, c, ours, PRI_CAUSE_INCOMPATIBLE_DESTINATION, cause))
		pri_line_forget(l, c);
}

bool pri_line_reject_channel(struct pri_line *l, struct q931_call *c, struct call_cause cause)
{
	return clear_with(l, c, true, PRI_CAUSE_CHANNEL_UNACCEPTABLE, cause);
}

void pri_line_forget(struct pri_line *l, struct q931_call *c)
{
	enter(l);
	pri_destroycall(l->pri, c);
	leave();
}

void pri_line_restart(struct pri_line *l, uint8_t ts)
{
	enter(l);
	pri_reset(l->pri, ts);
	leave();
}

static bool feint(struct pri_line *l, struct q931_call *c, bool ours, uint8_t type)
{
	if (l->feints == PRI_FEINTS_MAX)
		return false;
	l->feint[l->feints].type = type;
	/* The flag is set in what the peer sends about a call of ours. */
	l->feint[l->feints++].cref = (uint16_t)(pri_line_cref(l, c) | (ours ? 0x8000 : 0));
	return true;
}

void pri_line_report_status(struct pri_line *l, struct q931_call *c, bool ours)
{
	feint(l, c, ours, MSG_STATUS_ENQUIRY);
}

bool pri_line_end_inband(struct pri_line *l, struct q931_call *c)
{
	return feint(l, c, false, ISDN_MSG_DISCONNECT);
}

bool pri_line_has_call(struct pri_line *l, struct q931_call *c)
{
	return q931_is_call_valid(l->pri, c);
}
