/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libpri's events into values: the whole event is copied before anybody acts on it. */
#include <string.h>

#include "gateway/base/strbuf.h"
#include "src/isdn_map/isdn_number.h"
#include "src/isdn_map/isdn_rules.h"
#include "src/isdn_map/pri/pri_internal.h"

/* libpri packs channel (8 bits), interface (8) and flags into one int; -1 is "any". */
enum { CHANNEL_BITS = 0xff, INTERFACE_BITS = 0x1ff00, CALL_WITHOUT_CHANNEL = 1 << 17 };

static void take_channel(struct pri_line_event *out, int channel)
{
	out->channel = (struct isdn_channel_id){.kind = ISDN_CHANNEL_ANY};
	if (channel == -1)
		return;
	out->interface_bits = (uint32_t)channel & INTERFACE_BITS;
	out->channel.number = channel & CHANNEL_BITS;
	if (out->channel.number == 0 || (channel & CALL_WITHOUT_CHANNEL))
		out->channel.kind = ISDN_CHANNEL_NONE;
	else
		out->channel.kind = ISDN_CHANNEL_ONE;
}

/* Our bits are libpri's first four; the frame knows all indicators of the message. */
static uint8_t take_pi(const struct pri_line *l, int progressmask)
{
	uint8_t pi = l->frames.last_in.pi;

	if (progressmask > 0)
		pi |= progressmask & (CALL_PI_1 | CALL_PI_2 | CALL_PI_3 | CALL_PI_8);
	return pi;
}

/* What libpri's timers say is our own. */
static void take_cause(const struct pri_line *l, struct pri_line_event *out, int cause)
{
	const struct isdn_frame *f = &l->frames.last_in;

	out->has_cause = cause >= 1 && cause <= 127;
	if (f->has_cause && f->cause.value == cause && out->has_cause) {
		out->cause = f->cause; /* with its diagnostic */
		return;
	}
	out->cause = isdn_cause_received(cause, CALL_LOC_PRIVATE_LOCAL, CAUSE_NORMAL_UNSPECIFIED);
}

/* DivertingLegInformation2 (EN 300 207-1) in place of the element, as libpri reads it. */
static void take_diversion(struct pri_line_setup *s, const struct pri_party_redirecting *r)
{
	if (!r)
		return;
	if (r->from.number.valid)
		isdn_number_decode(&s->redirecting, (uint8_t)r->from.number.plan,
				   (uint8_t)r->from.number.presentation, r->from.number.str);
	if (!*s->redirecting.digits && s->redirecting.presentation != CALL_PRES_RESTRICTED)
		s->redirecting.present = false;
	s->redirect_reason = r->reason == PRI_REDIR_DEFLECTION ? CALL_REDIRECT_DEFLECTED
							       : (uint8_t)(r->reason & 0x0f);
	s->redirect_count = r->count > 0 && r->count <= UINT8_MAX ? (uint8_t)r->count : 0;
}

static const struct pri_party_redirecting *find_redirecting(const struct pri_subcommands *all)
{
	for (int i = 0; all && i < all->counter_subcmd; i++)
		if (all->subcmd[i].cmd == PRI_SUBCMD_REDIRECTING)
			return &all->subcmd[i].u.redirecting;
	return NULL;
}

static void take_setup(const struct pri_line *l, struct pri_line_event *out,
		       const pri_event_ring *ring)
{
	const struct pri_party_number *calling = &ring->calling.number;
	const char *called = ring->callednum[0] ? ring->callednum : ring->keypad_digits;
	struct pri_line_setup *s = &out->setup;

	take_channel(out, ring->channel);
	out->channel.exclusive = !ring->flexible;
	out->call = ring->call;
	out->cref = (uint16_t)(ring->cref & 0x7fff);
	s->bearer = ring->ctype;
	s->complete = ring->complete;
	/* A digit string in Keypad facility is a called number too (Q.931 4.5.17, 5.1.1). */
	s->called_bad = isdn_number_decode(&s->called, (uint8_t)ring->calledplan, 0, called) < 0;
	str_copy(out->digits, sizeof(out->digits), called);
	/* libpri cuts longer numbers and says nothing: better none than a wrong one. */
	if (l->frames.last_in.called_digits > PRI_LINE_DIGITS_MAX)
		s->called_bad = true;
	s->called.present = s->called.digits[0] != '\0';
	if (calling->valid && l->frames.last_in.calling_digits <= PRI_LINE_DIGITS_MAX)
		isdn_number_decode(&s->calling, (uint8_t)calling->plan,
				   (uint8_t)calling->presentation, calling->str);
	s->redirecting = l->frames.redirecting_in.number;
	s->redirect_reason = l->frames.redirecting_in.reason;
	if (!l->frames.last_in.redirecting.len)
		take_diversion(s, find_redirecting(ring->subcmds));
	if (ring->calling.name.valid)
		isdn_name_decode(s->calling_name, sizeof(s->calling_name), ring->calling.name.str);
}

/* libpri's event has neither the plan nor, with keypad digits, Sending Complete: the frame has. */
static void take_digits(const struct pri_line *l, struct pri_line_event *out, q931_call *call,
			const char *digits)
{
	const struct isdn_frame *f = &l->frames.last_in;

	out->type = PRI_LINE_DIGITS;
	out->call = call;
	out->setup.complete = f->sending_complete;
	out->setup.called_bad =
	    isdn_number_decode(&out->setup.called, f->called_plan, 0, digits) < 0 ||
	    f->called_digits > PRI_LINE_DIGITS_MAX;
	str_copy(out->digits, sizeof(out->digits), digits);
}

static void take_answer(const struct pri_line *l, struct pri_line_event *out,
			enum pri_line_event_type type, q931_call *call, int channel, int mask)
{
	out->type = type;
	out->call = call;
	take_channel(out, channel);
	out->pi = take_pi(l, mask);
}

static void take_hangup(const struct pri_line *l, struct pri_line_event *out,
			enum pri_line_event_type type, const pri_event_hangup *hangup)
{
	out->type = type;
	out->call = hangup->call;
	out->pi = take_pi(l, 0);
	take_cause(l, out, hangup->cause);
}

static void translate_progress(const struct pri_line *l, const pri_event *ev,
			       struct pri_line_event *out)
{
	switch (ev->e) {
	case PRI_EVENT_SETUP_ACK:
		take_answer(l, out, PRI_LINE_SETUP_ACK, ev->setup_ack.call, ev->setup_ack.channel,
			    ev->setup_ack.progressmask);
		break;
	case PRI_EVENT_PROCEEDING:
	case PRI_EVENT_PROGRESS:
		take_answer(
		    l, out, ev->e == PRI_EVENT_PROGRESS ? PRI_LINE_PROGRESS : PRI_LINE_PROCEEDING,
		    ev->proceeding.call, ev->proceeding.channel, ev->proceeding.progressmask);
		if (ev->e == PRI_EVENT_PROGRESS && ev->proceeding.cause > 0)
			take_cause(l, out, ev->proceeding.cause);
		break;
	case PRI_EVENT_RINGING:
		take_answer(l, out, PRI_LINE_ALERTING, ev->ringing.call, ev->ringing.channel,
			    ev->ringing.progressmask);
		break;
	case PRI_EVENT_ANSWER:
		take_answer(l, out, PRI_LINE_CONNECT, ev->answer.call, ev->answer.channel,
			    ev->answer.progressmask);
		out->connected = l->frames.connected_in.number;
		break;
	}
}

void pri_event_translate(const struct pri_line *l, const pri_event *ev, struct pri_line_event *out)
{
	memset(out, 0, sizeof(*out));
	out->type = PRI_LINE_OTHER;
	out->carried = l->frames.carried_in;
	out->by_timer = !l->frames.received;
	switch (ev->e) {
	case PRI_EVENT_DCHAN_UP:
		out->type = PRI_LINE_UP;
		break;
	case PRI_EVENT_DCHAN_DOWN:
		out->type = PRI_LINE_DOWN;
		break;
	case PRI_EVENT_CONFIG_ERR:
		out->type = PRI_LINE_CONFIG;
		break;
	case PRI_EVENT_RING:
		out->type = PRI_LINE_SETUP;
		take_setup(l, out, &ev->ring);
		break;
	case PRI_EVENT_CONNECT_ACK:
		out->type = PRI_LINE_CONNECT_ACK;
		out->call = ev->connect_ack.call;
		break;
	case PRI_EVENT_INFO_RECEIVED:
		take_digits(l, out, ev->ring.call, ev->ring.callednum);
		break;
	case PRI_EVENT_KEYPAD_DIGIT:
		take_digits(l, out, ev->digit.call, ev->digit.digits);
		break;
	case PRI_EVENT_HANGUP_REQ:
		take_hangup(l, out, PRI_LINE_DISCONNECT, &ev->hangup);
		break;
	case PRI_EVENT_HANGUP:
		take_hangup(l, out, PRI_LINE_RELEASED, &ev->hangup);
		break;
	case PRI_EVENT_HANGUP_ACK:
		take_hangup(l, out, PRI_LINE_FREED, &ev->hangup);
		break;
	case PRI_EVENT_RESTART:
		out->type = PRI_LINE_RESTART;
		take_channel(out, ev->restart.channel);
		break;
	case PRI_EVENT_RESTART_ACK:
		out->type = PRI_LINE_RESTART_ACK;
		take_channel(out, ev->restartack.channel);
		break;
	default:
		translate_progress(l, ev, out);
		break;
	}
}
