/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/far.h"

#include <errno.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { SETTLE_MAX = 2000, OVER_US = 200 * 1000000 };

static void post(struct far_leg *leg, enum call_event_type type, struct call_event event)
{
	event.type = type;
	event.side = leg->side;
	call_table_post(leg->far->calls, leg->call, &event);
}

/* ---- the far side's legs ---- */

static struct far_leg *add_leg(struct far *f, enum call_side side)
{
	for (unsigned i = 0; i < FAR_LEGS; i++) {
		struct far_leg *leg = &f->leg[f->legs++ % FAR_LEGS];

		if (leg->live)
			continue;
		*leg = (struct far_leg){.far = f, .side = side, .live = true};
		return leg;
	}
	return NULL;
}

static int far_open(void *adapter, call_id call, const struct call_setup *setup, void **leg,
		    struct call_cause *cause)
{
	struct far_leg *l = add_leg(adapter, CALL_SIDE_B);

	fuzz_check(strlen(setup->called.digits) <= CALL_DIGITS_MAX);
	fuzz_check(strlen(setup->calling.digits) <= CALL_DIGITS_MAX);
	fuzz_check(strlen(setup->calling_name) <= CALL_NAME_MAX);
	if (!l) {
		*cause = (struct call_cause){.value = CAUSE_CONGESTION};
		return -EBUSY;
	}
	l->call = call;
	*leg = l;
	return 0;
}

static void far_command(void *handle, const struct leg_cmd *cmd)
{
	struct far_leg *leg = handle;

	fuzz_check(leg->live);
	if (cmd->type == LEG_CLEAR) {
		leg->live = false;
		post(leg, CALL_EV_GONE, (struct call_event){.cause = {.value = CAUSE_NORMAL}});
	} else if (cmd->type == LEG_ANSWER && leg->side == CALL_SIDE_A) {
		post(leg, CALL_EV_CONFIRMED, (struct call_event){0});
	}
}

static const struct leg_ops far_ops = {far_open, far_command};

/* ---- media, plan, ports ---- */

static int media_open(void *media, call_id call, const struct net_addr *bind,
		      const struct net_addr *advertise, slot_id *session, struct media_desc *local)
{
	struct far *f = media;

	for (unsigned i = 0; i < FAR_LEGS; i++) {
		if (f->session[i])
			continue;
		f->session[i] = call;
		local->rtp = local->rtcp = *advertise;
		local->rtp.port = (uint16_t)(10000 + 2 * i);
		local->rtcp.port = (uint16_t)(10001 + 2 * i);
		*session = i + 1;
		return 0;
	}
	return -EADDRINUSE;
}

static void media_set(void *media, slot_id session, const struct media_params *params)
{
	struct far *f = media;

	fuzz_check(session && session <= FAR_LEGS && f->session[session - 1]);
	fuzz_check(params->remote.format_count <= MEDIA_FORMATS_MAX);
}

static void media_close(void *media, slot_id session)
{
	const struct call_event gone = {.type = CALL_EV_MEDIA_GONE};
	struct far *f = media;

	fuzz_check(session && session <= FAR_LEGS);
	if (!f->session[session - 1])
		return;
	call_table_post(f->calls, f->session[session - 1], &gone);
	f->session[session - 1] = 0;
}

static void media_stats(void *media, slot_id session, struct media_stats *out)
{
	memset(out, 0, sizeof(*out));
}

static const struct media_ops media_ops = {media_open, media_set, media_close, media_stats};

static bool route(void *arg, call_id call, const struct call_setup *setup, struct call_route *out)
{
	struct far *f = arg;

	(void)call;
	out->way[out->count++] =
	    call_way_of(setup, setup->source.kind == f->near_end.kind ? f->far_end : f->near_end);
	snprintf(out->rule, sizeof(out->rule), "other-side");
	return true;
}

static const struct call_port *port(void *arg, struct call_endpoint ep)
{
	struct far *f = arg;

	return ep.kind == f->near_end.kind ? &f->near_port : &f->far_port;
}

static void record(void *arg, const struct call_record *r)
{
	fuzz_check(!r->guard_hit);
}

/* ---- life ---- */

void far_init(struct far *f, enum far_which which)
{
	struct call_table_cfg cfg = {.calls_max = FAR_CALLS_MAX,
				     .deadlines = &f->deadlines,
				     .media_ops = &media_ops,
				     .media = f,
				     .route = route,
				     .port = port,
				     .record = record,
				     .arg = f};
	struct call_port *trunk = which == FAR_NEAR_IS_TRUNK ? &f->near_port : &f->far_port;

	memset(f, 0, sizeof(*f));
	f->now_us = 1000 * US_PER_S;
	libclock_set(f->now_us);
	f->near_end = which == FAR_NEAR_IS_TRUNK ? (struct call_endpoint){CALL_EP_TRUNK, 0}
						 : (struct call_endpoint){CALL_EP_SPAN, 1};
	f->far_end = which == FAR_NEAR_IS_TRUNK ? (struct call_endpoint){CALL_EP_SPAN, 1}
						: (struct call_endpoint){CALL_EP_TRUNK, 0};
	f->far_port.ops = &far_ops;
	f->far_port.adapter = f;
	trunk->codec_count = 2;
	trunk->codec[0] = MEDIA_PCMA;
	trunk->codec[1] = MEDIA_PCMU;
	trunk->ptime_ms = 20;
	net_addr_parse(&trunk->media_bind, "192.0.2.1");
	trunk->media_advertise = trunk->media_bind;
	fuzz_check(call_table_create(&f->calls, &cfg) == 0);
}

void far_fini(struct far *f)
{
	call_table_destroy(f->calls);
	fuzz_check(deadline_next_us(&f->deadlines) == TIME_NEVER_US);
}

/* ---- commands ---- */

static struct media_desc media_of(const struct far *f, bool answer)
{
	struct media_desc m = {.present = true, .direction = MEDIA_SENDRECV, .ptime_ms = 20};

	if (f->far_end.kind == CALL_EP_SPAN)
		return (struct media_desc){0};
	m.format[m.format_count++] = (struct media_format){MEDIA_PCMA, 8};
	if (!answer)
		m.format[m.format_count++] = (struct media_format){MEDIA_PCMU, 0};
	net_addr_parse(&m.rtp, "192.0.2.2:40000");
	net_addr_parse(&m.rtcp, "192.0.2.2:40001");
	return m;
}

static void call_near(struct far *f)
{
	struct call_setup setup = {.source = f->far_end,
				   .called = {.present = true,
					      .ton = CALL_TON_NATIONAL,
					      .npi = CALL_NPI_E164,
					      .digits = "30444"},
				   .calling = {.present = true, .digits = "30123456"},
				   .calling_name = "J\xc3\xbcrgen",
				   .bearer = CALL_BEARER_AUDIO_3K1,
				   .ringback = CALL_RINGBACK_NEVER,
				   .media = media_of(f, false)};
	struct far_leg *leg = add_leg(f, CALL_SIDE_A);

	if (!leg)
		return;
	leg->call = call_table_incoming(f->calls, f->now_us, &setup, &far_ops, leg);
	leg->live = leg->call != 0;
	if (leg->live && f->far_end.kind == CALL_EP_SPAN)
		post(leg, CALL_EV_CHANNEL, (struct call_event){.channel = {1, 5, MEDIA_ALAW}});
}

static struct far_leg *newest(struct far *f)
{
	for (unsigned i = 1; i <= FAR_LEGS && i <= f->legs; i++)
		if (f->leg[(f->legs - i) % FAR_LEGS].live)
			return &f->leg[(f->legs - i) % FAR_LEGS];
	return NULL;
}

static void answer(struct far *f, struct far_leg *leg)
{
	if (leg->offered)
		return;
	leg->offered = true;
	if (f->far_end.kind == CALL_EP_SPAN)
		post(leg, CALL_EV_CHANNEL, (struct call_event){.channel = {1, 6, MEDIA_ALAW}});
	post(leg, CALL_EV_ANSWER, (struct call_event){.media = media_of(f, true)});
}

void far_do(struct far *f, char command)
{
	const struct call_cause busy = {.value = CAUSE_BUSY, .location = CALL_LOC_USER};
	struct far_leg *leg = newest(f);
	bool callee = leg && leg->side == CALL_SIDE_B;

	if (command == 'c')
		call_near(f);
	else if (command == 'x')
		call_table_clear_all(f->calls, (struct call_cause){.value = CAUSE_NORMAL});
	else if (command == 'p' && callee)
		post(leg, CALL_EV_PROCEEDING, (struct call_event){0});
	else if (command == 'a' && callee)
		post(leg, CALL_EV_ALERTING, (struct call_event){.pi = CALL_PI_8});
	else if (command == 'g' && callee)
		post(leg, CALL_EV_PROGRESS,
		     (struct call_event){.pi = CALL_PI_8, .media = media_of(f, true)});
	else if (command == 'n' && callee)
		answer(f, leg);
	else if (command == 'h' && leg)
		post(leg, CALL_EV_CLEARING, (struct call_event){.cause = busy});
	else if (command == 'o' && leg && f->far_end.kind == CALL_EP_TRUNK)
		post(leg, CALL_EV_OFFER, (struct call_event){.media = media_of(f, false)});
	far_settle(f);
}

/* ---- time ---- */

void far_settle(struct far *f)
{
	unsigned turns = 0;

	libclock_set(f->now_us);
	do {
		fuzz_check(turns++ < SETTLE_MAX);
		f->near_turn(f->near);
		call_table_turn(f->calls, f->now_us);
		f->near_turn(f->near);
	} while (!call_table_idle(f->calls) ||
		 (f->near_next_us && f->near_next_us(f->near) <= f->now_us));
}

void far_run_us(struct far *f, int64_t us)
{
	int64_t end_us = f->now_us + us;

	for (;;) {
		int64_t next_us = deadline_next_us(&f->deadlines);

		if (f->near_next_us && f->near_next_us(f->near) < next_us)
			next_us = f->near_next_us(f->near);
		if (next_us > end_us)
			break;
		if (next_us > f->now_us)
			f->now_us = next_us;
		libclock_set(f->now_us);
		deadline_run(&f->deadlines, f->now_us);
		far_settle(f);
	}
	f->now_us = end_us;
	far_settle(f);
}

void far_finish(struct far *f)
{
	far_do(f, 'x');
	far_run_us(f, OVER_US);
	fuzz_check(call_table_counters(f->calls)->active == 0);
	for (unsigned i = 0; i < FAR_LEGS; i++)
		fuzz_check(!f->leg[i].live && !f->session[i]);
}
