/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the call wants of a leg: leg_ops. */
#include "gateway/base/log.h"
#include "src/isdn_map/isdn_rules.h"
#include "src/isdn_map/isdn_span.h"

uint32_t isdn_leg_channel(const struct isdn_leg *leg)
{
	return leg->ts | leg->interface_bits;
}

void isdn_leg_first_answer_sent(struct isdn_leg *leg)
{
	leg->responded = true;
	leg->channel_confirmed = true;
}

static bool may_speak(const struct isdn_leg *leg)
{
	return leg->side == CALL_SIDE_A && leg->q931 && !leg->clearing && !leg->peer_clearing &&
	       !leg->answered;
}

static void proceed(struct isdn_leg *leg)
{
	if (!may_speak(leg) || leg->proceeded)
		return;
	pri_line_proceeding(leg->span->line, leg->q931, isdn_leg_channel(leg));
	leg->proceeded = true;
	isdn_leg_first_answer_sent(leg);
}

/* PROGRESS with exactly what is new in pi; a cause is worth saying by itself. */
static void progress(struct isdn_leg *leg, uint8_t pi, struct call_cause cause)
{
	if (!may_speak(leg))
		return;
	pi = isdn_progress_due(pi, cause.value, leg->inband_told, leg->not_isdn_told);
	if (!pi)
		return;
	proceed(leg);
	pri_line_progress(leg->span->line, leg->q931, isdn_leg_channel(leg), pi, cause);
	leg->inband_told |= (pi & CALL_PI_8) != 0;
	leg->not_isdn_told |= (pi & CALL_PI_1) != 0;
}

static void alert(struct isdn_leg *leg, uint8_t pi)
{
	if (!may_speak(leg))
		return;
	if (leg->alerted) {
		progress(leg, pi, (struct call_cause){0});
		return;
	}
	if (leg->not_isdn_told)
		pi &= (uint8_t)~CALL_PI_1;
	proceed(leg);
	pri_line_alerting(leg->span->line, leg->q931, isdn_leg_channel(leg), pi);
	leg->alerted = true;
	leg->inband_told = pi & CALL_PI_8; /* without it, an earlier one is taken back */
	leg->not_isdn_told |= (pi & CALL_PI_1) != 0;
}

static void answer(struct isdn_leg *leg, uint8_t pi, const struct call_number *connected)
{
	if (!may_speak(leg))
		return;
	pri_line_connect(leg->span->line, leg->q931, isdn_leg_channel(leg), pi, connected);
	isdn_leg_first_answer_sent(leg);
	leg->answered = true;
	/* The user waits for CONNECT ACKNOWLEDGE; for the network it is optional (Q.931 5.1.8). */
	if (leg->span->cfg.side == ISDN_NETWORK)
		leg->confirm_due = true;
	else
		isdn_leg_start_timer(leg, ISDN_T313);
}

/* Our failure tone: the caller hears it until he hangs up or T306 is over (Q.931 5.3.4.1). */
static bool may_play_tone(const struct isdn_leg *leg)
{
	return leg->span->cfg.side == ISDN_NETWORK && leg->side == CALL_SIDE_A && leg->responded &&
	       !leg->peer_clearing;
}

/* False: that was the end of the call. */
static bool send_clearing(struct isdn_leg *leg, struct call_cause cause, bool inband)
{
	struct pri_line *line = leg->span->line;

	if (leg->side == CALL_SIDE_A && !leg->responded) {
		pri_line_refuse(line, leg->q931, false, cause);
		return false;
	}
	if (!inband)
		return pri_line_hangup(line, leg->q931, leg->side == CALL_SIDE_B, cause);
	leg->deadline_us += isdn_span_timer_us(leg->span, ISDN_T306);
	leg->tone_end_us = leg->span->now_us + isdn_span_timer_us(leg->span, ISDN_T306);
	return pri_line_disconnect_inband(
	    line, leg->q931, cause,
	    isdn_timer_value(leg->span->cfg.timer_ms, leg->span->cfg.side, ISDN_T306));
}

/* Nobody is to hear the tone any more (the operator, our end, no media): RELEASE. */
static void end_tone(struct isdn_leg *leg)
{
	bool plays = leg->span->now_us < leg->tone_end_us;

	leg->tone_end_us = 0;
	if (plays && leg->q931 && leg->span->status.dchannel_up &&
	    pri_line_end_inband(leg->span->line, leg->q931))
		isdn_leg_start_timer(leg, ISDN_TIMER_CLEARING);
}

static void clear(struct isdn_leg *leg, struct call_cause cause, bool inband)
{
	if (isdn_leg_park(leg, cause))
		return;
	if (leg->clearing && !inband)
		end_tone(leg);
	if (leg->clearing || (!leg->q931 && !leg->waiting))
		return;
	leg->clearing = true;
	isdn_leg_refused(
	    leg, cause, leg->peer_clearing ? "caller hung up before the number was complete" : NULL);
	isdn_leg_start_timer(leg, ISDN_TIMER_CLEARING);
	leg->confirm_due = false;
	if (!leg->cause.value)
		leg->cause = isdn_cause_to_send(cause);
	if (!leg->waiting && send_clearing(leg, cause, inband && may_play_tone(leg)))
		return;
	leg->waiting = false;
	leg->q931 = NULL;
	isdn_leg_drop_channel(leg);
}

void isdn_leg_clear(struct isdn_leg *leg, struct call_cause cause)
{
	clear(leg, cause, false);
}

/* Neither the peer nor the call wanted it. */
void isdn_leg_clear_from_here(struct isdn_leg *leg, struct call_cause cause)
{
	struct call_event event = {.type = CALL_EV_CLEARING, .cause = cause};

	isdn_leg_clear(leg, event.cause);
	leg->peer_clearing = true;
	isdn_leg_post(leg, &event);
}

static void leg_command(void *handle, const struct leg_cmd *cmd)
{
	struct isdn_leg *leg = handle;

	if (leg->gone || leg->parked)
		return;
	leg->span->dirty = true;
	switch (cmd->type) {
	case LEG_PROCEED:
		proceed(leg);
		break;
	case LEG_PROGRESS:
		progress(leg, cmd->pi, cmd->cause);
		break;
	case LEG_ALERT:
		alert(leg, cmd->pi);
		break;
	case LEG_ANSWER:
		answer(leg, cmd->pi, &cmd->connected);
		break;
	case LEG_OFFER_ANSWER:
		break;
	case LEG_CLEAR:
		clear(leg, cmd->cause, cmd->pi & CALL_PI_8);
		break;
	}
}

const struct leg_ops isdn_leg_ops = {.open = isdn_leg_open, .command = leg_command};
