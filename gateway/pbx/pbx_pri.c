/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/pbx/pbx_pri.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <libpri.h>

#include "gateway/base/strbuf.h"
#include "src/isdn_map/pri/pri_heap.h" /* how this build frees libpri's memory, nothing else */

/* Not in libpri.h: tells whether libpri still knows a call. */
int q931_is_call_valid(struct pri *pri, q931_call *call);

enum { FCS_OCTETS = 2, READS_MAX = 1000, CHANNEL_MASK = 0xff, CAUSE_NORMAL_CLEARING = 16 };

struct pbx_pri {
	struct pri *pri;
	struct pri_heap heap; /* all that libpri allocated */
	struct e1_span *e1;
	bool drop;
	bool frame_read; /* by the last look for an event */
};

static int read_frame(struct pri *pri, void *buf, int cap)
{
	struct pbx_pri *p = pri_get_userdata(pri);
	ssize_t n = p->e1->ops->dchan_recv(p->e1, buf, (size_t)cap - FCS_OCTETS);

	p->frame_read = n > 0;
	if (n <= 0 || p->drop)
		return 0;
	/* libpri looks for the end of some elements beyond the end of a frame that was cut short:
	 * let it find one at once. */
	memset((uint8_t *)buf + n, 0xff, (size_t)(cap - n));
	return (int)n + FCS_OCTETS;
}

static int write_frame(struct pri *pri, void *buf, int len)
{
	struct pbx_pri *p = pri_get_userdata(pri);

	/* What the span cannot take is lost, as on a line: LAPD repeats it. */
	if (!p->drop && len > FCS_OCTETS)
		p->e1->ops->dchan_send(p->e1, buf, (size_t)len - FCS_OCTETS);
	return len;
}

static void (*say_complaint)(const char *text);

static void on_complaint(struct pri *pri, char *text)
{
	(void)pri;
	if (say_complaint)
		say_complaint(text);
}

void pbx_libpri_complaints(void (*say)(const char *text))
{
	say_complaint = say;
	pri_set_message(on_complaint);
	pri_set_error(on_complaint);
}

int pbx_pri_create(struct pbx_pri **out, bool network, uint32_t t309_ms, struct e1_span *e1)
{
	struct pbx_pri *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->e1 = e1;
	pri_heap_init(&p->heap);
	pri_heap_enter(&p->heap);
	p->pri = pri_new_cb(-1, network ? PRI_NETWORK : PRI_CPE, PRI_SWITCH_EUROISDN_E1, read_frame,
			    write_frame, p);
	if (p->pri) {
		pri_hangup_fix_enable(p->pri, 1);
		pri_set_timer(p->pri, PRI_TIMER_T309, (int)t309_ms);
	}
	pri_heap_leave();
	if (!p->pri) {
		pbx_pri_destroy(p);
		return -ENOMEM;
	}
	*out = p;
	return 0;
}

void pbx_pri_destroy(struct pbx_pri *p)
{
	if (!p)
		return;
	pri_heap_fini(&p->heap);
	free(p);
}

void pbx_pri_drop(struct pbx_pri *p, bool drop)
{
	p->drop = drop;
}

static void take_number(struct pbx_number *out, int plan, const char *digits)
{
	str_copy(out->digits, sizeof(out->digits), digits);
	out->ton = (uint8_t)(plan >> 4 & 7);
	out->npi = (uint8_t)(plan & 15);
}

static void take_setup(struct pbx_pri_event *out, const pri_event_ring *ring)
{
	out->type = PBX_PRI_SETUP;
	out->call = ring->call;
	out->ts = ring->channel > 0 ? ring->channel & CHANNEL_MASK : 0;
	out->exclusive = !ring->flexible;
	out->bearer = (uint8_t)ring->ctype;
	take_number(&out->called, ring->calledplan, ring->callednum);
	take_number(&out->calling, ring->callingplan, ring->callingnum);
}

static void take_answer(struct pbx_pri_event *out, int type, q931_call *call, int channel, int mask)
{
	out->type = type;
	out->call = call;
	out->ts = channel > 0 ? channel & CHANNEL_MASK : 0;
	out->inband = mask > 0 && (mask & PRI_PROG_INBAND_AVAILABLE);
}

static void take_clearing(struct pbx_pri *p, struct pbx_pri_event *out, const pri_event_hangup *h,
			  int e)
{
	out->call = h->call;
	out->cause = (uint8_t)(h->cause > 0 ? h->cause : 0);
	out->type = e == PRI_EVENT_HANGUP_REQ ? PBX_PRI_DISCONNECT : PBX_PRI_RELEASED;
	out->over = e != PRI_EVENT_HANGUP_REQ;
	if (e == PRI_EVENT_HANGUP)
		pri_hangup(p->pri, h->call, -1);
}

static void translate(struct pbx_pri *p, const pri_event *ev, struct pbx_pri_event *out)
{
	memset(out, 0, sizeof(*out));
	out->type = PBX_PRI_OTHER;
	switch (ev->e) {
	case PRI_EVENT_DCHAN_UP:
		out->type = PBX_PRI_UP;
		break;
	case PRI_EVENT_DCHAN_DOWN:
		out->type = PBX_PRI_DOWN;
		break;
	case PRI_EVENT_RING:
		take_setup(out, &ev->ring);
		break;
	case PRI_EVENT_PROCEEDING:
		take_answer(out, PBX_PRI_PROCEEDING, ev->proceeding.call, ev->proceeding.channel,
			    ev->proceeding.progressmask);
		break;
	case PRI_EVENT_PROGRESS:
		take_answer(out, PBX_PRI_PROGRESS, ev->proceeding.call, ev->proceeding.channel,
			    ev->proceeding.progressmask);
		break;
	case PRI_EVENT_RINGING:
		take_answer(out, PBX_PRI_ALERTING, ev->ringing.call, ev->ringing.channel,
			    ev->ringing.progressmask);
		break;
	case PRI_EVENT_ANSWER:
		take_answer(out, PBX_PRI_CONNECT, ev->answer.call, ev->answer.channel,
			    ev->answer.progressmask);
		break;
	case PRI_EVENT_RESTART:
		out->type = PBX_PRI_RESTART;
		out->ts = ev->restart.channel > 0 ? ev->restart.channel & CHANNEL_MASK : 0;
		break;
	case PRI_EVENT_HANGUP_REQ:
	case PRI_EVENT_HANGUP:
	case PRI_EVENT_HANGUP_ACK:
		take_clearing(p, out, &ev->hangup, ev->e);
		break;
	default:
		break;
	}
}

int64_t pbx_pri_next_us(struct pbx_pri *p)
{
	const struct timeval *tv = pri_schedule_next(p->pri);

	return tv ? tv->tv_sec * US_PER_S + tv->tv_usec : TIME_NEVER_US;
}

static bool next_event(struct pbx_pri *p, int64_t now_us, struct pbx_pri_event *out)
{
	for (int i = 0; i < READS_MAX; i++) {
		const pri_event *ev;

		p->frame_read = false;
		ev = pri_check_event(p->pri);
		if (!ev && !p->frame_read)
			ev = pri_schedule_run(p->pri);
		if (ev) {
			translate(p, ev, out);
			return true;
		}
		if (!p->frame_read && pbx_pri_next_us(p) > now_us)
			return false;
	}
	return false;
}

bool pbx_pri_next_event(struct pbx_pri *p, int64_t now_us, struct pbx_pri_event *out)
{
	bool found;

	pri_heap_enter(&p->heap);
	found = next_event(p, now_us, out);
	pri_heap_leave();
	return found;
}

static void set_numbers(struct pri_sr *sr, const struct pbx_call_request *r)
{
	char digits[PBX_DIGITS_MAX + 1];

	str_copy(digits, sizeof(digits), r->called.digits);
	pri_sr_set_called(sr, digits, r->called.ton << 4 | r->called.npi, 1);
	if (r->calling.digits[0]) {
		char number[PBX_DIGITS_MAX + 1], none[1] = "";

		str_copy(number, sizeof(number), r->calling.digits);
		pri_sr_set_caller(sr, number, none, r->calling.ton << 4 | r->calling.npi,
				  PRES_ALLOWED_USER_NUMBER_NOT_SCREENED);
	}
}

void *pbx_pri_setup(struct pbx_pri *p, const struct pbx_call_request *r, uint8_t ts)
{
	struct pri_sr *sr;
	q931_call *call;

	pri_heap_enter(&p->heap);
	sr = pri_sr_new();
	call = pri_new_call(p->pri);
	if (sr && call) {
		pri_sr_set_channel(sr, ts, r->exclusive, 0);
		pri_sr_set_bearer(sr, r->bearer, PRI_LAYER_1_ALAW);
		set_numbers(sr, r);
		if (pri_setup(p->pri, call, sr)) {
			pri_destroycall(p->pri, call);
			call = NULL;
		}
	}
	if (sr)
		pri_sr_free(sr);
	pri_heap_leave();
	return call;
}

/* False: libpri has freed the call; its memory may be another's already. */
static bool enter_call(struct pbx_pri *p, q931_call *call)
{
	if (!q931_is_call_valid(p->pri, call))
		return false;
	pri_heap_enter(&p->heap);
	return true;
}

void pbx_pri_proceeding(struct pbx_pri *p, void *call, uint8_t ts)
{
	if (!enter_call(p, call))
		return;
	pri_proceeding(p->pri, call, ts, 0);
	pri_heap_leave();
}

void pbx_pri_progress(struct pbx_pri *p, void *call, uint8_t ts)
{
	if (!enter_call(p, call))
		return;
	pri_progress(p->pri, call, ts, 1);
	pri_heap_leave();
}

void pbx_pri_alerting(struct pbx_pri *p, void *call, uint8_t ts, bool inband)
{
	if (!enter_call(p, call))
		return;
	pri_acknowledge(p->pri, call, ts, inband);
	pri_heap_leave();
}

void pbx_pri_connect(struct pbx_pri *p, void *call, uint8_t ts)
{
	if (!enter_call(p, call))
		return;
	pri_answer(p->pri, call, ts, 0);
	pri_heap_leave();
}

void pbx_pri_clear(struct pbx_pri *p, void *call, uint8_t cause)
{
	if (!enter_call(p, call))
		return;
	pri_hangup(p->pri, call, cause ? cause : CAUSE_NORMAL_CLEARING);
	pri_heap_leave();
}

void pbx_pri_forget(struct pbx_pri *p, void *call)
{
	if (!enter_call(p, call))
		return;
	pri_destroycall(p->pri, call);
	pri_heap_leave();
}
