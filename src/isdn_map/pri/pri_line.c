/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/pri/pri_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "src/isdn_map/isdn_number.h"
#include "src/isdn_map/isdn_rules.h"
#include "src/isdn_map/pri/pri_internal.h"

enum {
	T313_NEVER_MS = 24 * 3600 * 1000,
	STEPS_PER_TURN = 500, /* frames and timer runs; the rest waits for the next turn */
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

static int on_read(struct pri *pri, void *buf, int cap)
{
	struct pri_line *l = pri_get_userdata(pri);

	l->bad_counted = false;
	return pri_frames_read(&l->frames, buf, cap);
}

static int on_write(struct pri *pri, void *buf, int len)
{
	struct pri_line *l = pri_get_userdata(pri);

	return pri_frames_write(&l->frames, buf, len);
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
		pri_set_timer(l->pri, PRI_TIMER_T309, (int)cfg->t309_ms);
		/* Ours: libpri's T313 says nothing and clears with 16. */
		pri_set_timer(l->pri, PRI_TIMER_T313, T313_NEVER_MS);
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

static bool next_event(struct pri_line *l, struct pri_line_event *out)
{
	while (l->steps_left) {
		const pri_event *ev = pri_check_event(l->pri);

		l->steps_left--;
		if (!ev && !l->frames.received)
			ev = pri_schedule_run(l->pri);
		if (ev) {
			pri_event_translate(l, ev, out);
			if (out->type == PRI_LINE_SETUP)
				pri_frames_forget(&l->frames, out->cref, false);
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
				    const struct isdn_carried *carried)
{
	struct q931_call *c = pri_new_call(l->pri);

	if (c) {
		pri_frames_forget(&l->frames, pri_line_cref(l, c), true);
		if (carried)
			pri_frames_edit_setup(&l->frames, pri_line_cref(l, c), carried);
	}
	if (c && pri_setup(l->pri, c, sr)) {
		pri_destroycall(l->pri, c);
		c = NULL;
	}
	return c;
}

struct q931_call *pri_line_setup(struct pri_line *l, uint8_t ts, enum media_law law,
				 const struct call_number *called,
				 const struct call_number *calling, const char *calling_name,
				 const struct isdn_carried *carried)
{
	char digits[CALL_DIGITS_MAX + 1];
	struct q931_call *c = NULL;
	struct pri_sr *sr;

	enter(l);
	sr = pri_sr_new();
	if (sr) {
		str_copy(digits, sizeof(digits), called->digits);
		pri_sr_set_channel(sr, ts, 0, 0);
		pri_sr_set_bearer(sr, PRI_TRANS_CAP_3_1K_AUDIO,
				  law == MEDIA_ULAW ? PRI_LAYER_1_ULAW : PRI_LAYER_1_ALAW);
		pri_sr_set_called(sr, digits, isdn_number_plan(called), 1);
		set_calling(sr, calling, calling_name);
		c = send_setup(l, sr, carried);
		pri_sr_free(sr);
	}
	leave();
	return c;
}

static void edit_pi(struct pri_line *l, struct q931_call *c, enum pri_edit_message type, uint8_t pi)
{
	pri_frames_edit_pi(&l->frames, pri_line_cref(l, c), false, type, pi);
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

void pri_line_connect(struct pri_line *l, struct q931_call *c, uint32_t channel, uint8_t pi)
{
	enter(l);
	edit_pi(l, c, PRI_EDIT_CONNECT, pi);
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

void pri_line_refuse(struct pri_line *l, struct q931_call *c, struct call_cause cause)
{
	if (clear_with(l, c, false, PRI_CAUSE_INCOMPATIBLE_DESTINATION, cause))
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

bool pri_line_has_call(struct pri_line *l, struct q931_call *c)
{
	return q931_is_call_valid(l->pri, c);
}
