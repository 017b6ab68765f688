/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RESTART, ours and the peer's (Q.931 5.5). libpri knows only one of ours at a time, and its T316
 * ends without an event: T316 and N316 run here. */
#include "gateway/base/log.h"
#include "src/isdn_map/isdn_span.h"

static uint32_t bit(uint8_t ts)
{
	return UINT32_C(1) << ts;
}

void isdn_restart_start(struct isdn_span *s)
{
	if (s->cfg.restart == ISDN_RESTART_START)
		s->restart.due = s->cfg.bchannels & ~isdn_span_held_channels(s);
}

static void send_restart(struct isdn_span *s)
{
	struct isdn_restart *r = &s->restart;

	r->sent++;
	r->deadline_us = s->now_us + isdn_span_timer_us(s, ISDN_T316);
	s->status.restarts_sent++;
	LOG(LOG_DEBUG, "span.restart_sent", 0, L_U("span", s->cfg.span), L_U("ts", r->ts));
	pri_line_restart(s->line, r->ts);
}

/* The round does not wait until layer 2 has settled: it is to be over before the peer's first call,
 * which a RESTART that it crosses would end. One that was lost goes out again. */
void isdn_restart_repeat(struct isdn_span *s)
{
	if (!s->restart.ts)
		return;
	s->restart.sent--;
	send_restart(s);
}

void isdn_restart_interrupt(struct isdn_span *s)
{
	if (s->restart.ts)
		s->restart.due |= bit(s->restart.ts);
	s->restart.ts = 0;
}

void isdn_restart_doubt(struct isdn_leg *leg)
{
	struct isdn_span *s = leg->span;

	/* Without RESTART, the STATUS that both sides send when layer 2 is back must do. */
	if (!leg->ts || (s->cfg.restart == ISDN_RESTART_NEVER && s->status.dchannel_up))
		return;
	s->restart.stuck |= bit(leg->ts);
	if (s->cfg.restart != ISDN_RESTART_NEVER)
		s->restart.due |= bit(leg->ts);
}

/* T308 ran out twice (Q.931 5.3.3), or the D-channel went down before the peer could answer. */
void isdn_restart_note_end(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	if (ev->by_timer && (leg->clearing || leg->parked) && leg->channel_confirmed)
		isdn_restart_doubt(leg);
}

void isdn_restart_proven(struct isdn_span *s, uint8_t ts)
{
	struct isdn_restart *r = &s->restart;

	if (r->failed & bit(ts))
		LOG(LOG_INFO, "span.channel_back", 0, L_U("span", s->cfg.span), L_U("ts", ts));
	r->due &= ~bit(ts);
	r->stuck &= ~bit(ts);
	r->failed &= ~bit(ts);
}

/* A peer that ignores RESTART would take the span out of service channel by channel: the rest of
 * the round is called off. A channel in doubt waits for the operator. */
static void give_up(struct isdn_span *s)
{
	struct isdn_restart *r = &s->restart;

	LOG(LOG_ERROR, "span.channel_out_of_service", 0, L_U("span", s->cfg.span), L_U("ts", r->ts),
	    L_S("why", "the other end does not acknowledge RESTART"));
	s->status.restarts_failed++;
	r->failed |= bit(r->ts) | r->stuck;
	r->stuck = 0;
	r->due = 0;
	r->ts = 0;
}

static void begin_next(struct isdn_span *s)
{
	struct isdn_restart *r = &s->restart;
	uint32_t ready = r->due & ~isdn_span_held_channels(s);

	if (!ready)
		return;
	r->ts = (uint8_t)__builtin_ctz(ready);
	r->due &= ~bit(r->ts);
	r->sent = 0;
	send_restart(s);
}

int64_t isdn_restart_run(struct isdn_span *s)
{
	struct isdn_restart *r = &s->restart;

	if (!s->status.dchannel_up)
		return TIME_NEVER_US;
	if (r->ts && r->deadline_us <= s->now_us) {
		if (r->sent < isdn_timer_value(s->cfg.timer_ms, s->cfg.side, ISDN_N316))
			send_restart(s);
		else
			give_up(s);
	}
	if (!r->ts)
		begin_next(s);
	return r->ts ? r->deadline_us : TIME_NEVER_US;
}

void isdn_span_on_restart_ack(struct isdn_span *s, const struct pri_line_event *ev)
{
	uint8_t ts = s->restart.ts;

	if (!ts || (ev->channel.kind == ISDN_CHANNEL_ONE && ev->channel.number != ts)) {
		LOG(LOG_WARN, "span.restart_ack_unexpected", 0, L_U("span", s->cfg.span),
		    L_U("ts", ev->channel.number));
		return;
	}
	LOG(LOG_INFO, "span.restarted", 0, L_U("span", s->cfg.span), L_U("ts", ts));
	s->restart.ts = 0;
	isdn_restart_proven(s, ts);
}

static void end_call(struct isdn_leg *leg)
{
	if (!leg->cause.value)
		leg->cause = isdn_span_own_cause(CAUSE_TEMPORARY_FAILURE);
	if (leg->q931)
		pri_line_forget(leg->span->line, leg->q931);
	isdn_leg_finish(leg);
}

/* Q.931 5.5.2: the channels become idle and their calls end without a message. libpri gives one
 * event for each channel of a list or slot map, one for a whole interface, and acknowledges. */
void isdn_span_on_restart(struct isdn_span *s, const struct pri_line_event *ev)
{
	bool one = ev->channel.kind == ISDN_CHANNEL_ONE;
	struct isdn_leg *leg, *next;

	LOG(LOG_WARN, "span.restart_received", 0, L_U("span", s->cfg.span),
	    L_U("ts", one ? ev->channel.number : 0));
	s->status.restarts_received++;
	for (leg = TAILQ_FIRST(&s->legs); leg; leg = next) {
		next = TAILQ_NEXT(leg, entry);
		if (!leg->waiting && (!one || ev->channel.number == leg->ts))
			end_call(leg);
	}
	for (uint8_t ts = 1; ts < E1_TIMESLOTS; ts++)
		if (!one || ts == ev->channel.number)
			isdn_restart_proven(s, ts);
}

int isdn_span_restart(struct isdn_span *s, uint8_t ts, const char **why)
{
	uint32_t wanted = s->cfg.bchannels;

	if (s->cfg.restart == ISDN_RESTART_NEVER) {
		*why = "the configuration says `restart: never` for this span";
		return -1;
	}
	if (!s->status.dchannel_up) {
		*why = "the D-channel is down; channels are in order again when it is back, or are "
		       "restarted then";
		return -1;
	}
	if (ts) {
		if (ts >= E1_TIMESLOTS || !(s->cfg.bchannels >> ts & 1)) {
			*why = "this timeslot carries no calls";
			return -1;
		}
		if (s->holder[ts]) {
			*why = "a call uses this channel; end it first with `spanbridge call clear`";
			return -1;
		}
		wanted = bit(ts);
	}
	s->restart.due |= wanted & ~isdn_span_held_channels(s) & ~(s->restart.ts ? bit(s->restart.ts) : 0);
	s->restart.failed &= ~s->restart.due;
	s->dirty = true;
	return 0;
}

enum isdn_channel_state isdn_restart_state(const struct isdn_span *s, uint8_t ts)
{
	const struct isdn_restart *r = &s->restart;

	if (r->ts == ts)
		return ISDN_CH_RESTARTING;
	if (r->stuck & bit(ts))
		return ISDN_CH_BLOCKED;
	if (r->failed & bit(ts))
		return ISDN_CH_OUT_OF_SERVICE;
	return r->due & bit(ts) ? ISDN_CH_RESTARTING : ISDN_CH_IDLE;
}
