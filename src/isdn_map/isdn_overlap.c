/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Overlap receiving (Q.931 5.1.3, 5.2.4; RFC 3578 section 3.1: one INVITE, with the whole number).
 * Until the number is complete the leg has a channel and no call. */
#include <string.h>

#include "gateway/base/log.h"
#include "src/isdn_map/isdn_span.h"

bool isdn_overlap_wanted(const struct isdn_leg *leg)
{
	return !leg->setup.sending_complete &&
	       (leg->span->cfg.overlap || !leg->setup.called.present);
}

bool isdn_leg_collects(const struct isdn_leg *leg)
{
	return !leg->call && !leg->clearing && !leg->peer_clearing;
}

static void refuse(struct isdn_leg *leg, uint8_t cause)
{
	isdn_leg_clear(leg, isdn_span_own_cause(cause));
}

static void complete(struct isdn_leg *leg)
{
	isdn_leg_stop_timer(leg);
	leg->setup.sending_complete = true;
	leg->span->dirty = true; /* CHANNEL is to be posted */
	if (!leg->setup.called.present)
		refuse(leg, CAUSE_INVALID_NUMBER);
	else if (!isdn_leg_announce(leg))
		refuse(leg, CAUSE_CONGESTION);
}

/* The caller has pressed #: it is taken off. As the first digit it begins a service code. */
static bool take_end_mark(struct call_number *called)
{
	size_t len = strlen(called->digits);

	if (len < 2 || called->digits[len - 1] != '#')
		return false;
	called->digits[len - 1] = '\0';
	return true;
}

static void wait_or_complete(struct isdn_leg *leg, bool told)
{
	struct call_number *called = &leg->setup.called;

	if (take_end_mark(called) || told || strlen(called->digits) >= PRI_LINE_DIGITS_MAX)
		complete(leg);
	else
		isdn_leg_start_timer(leg, ISDN_T302);
}

void isdn_overlap_begin(struct isdn_leg *leg)
{
	pri_line_setup_ack(leg->span->line, leg->q931, isdn_leg_channel(leg));
	isdn_leg_first_answer_sent(leg);
	wait_or_complete(leg, false);
}

/* TON and NPI are those of the first digits. False: digits that are none, or too many. */
static bool append(struct call_number *called, const struct pri_line_setup *more)
{
	size_t have = strlen(called->digits), len = strlen(more->called.digits);

	if (more->called_bad || have + len > PRI_LINE_DIGITS_MAX)
		return false;
	if (!len)
		return true;
	if (!have)
		*called = more->called;
	else
		memcpy(called->digits + have, more->called.digits, len + 1);
	return true;
}

void isdn_overlap_digits(struct isdn_leg *leg, const struct pri_line_event *ev)
{
	if (append(&leg->setup.called, &ev->setup))
		wait_or_complete(leg, ev->setup.complete);
	else
		refuse(leg, CAUSE_INVALID_NUMBER);
}

void isdn_overlap_timeout(struct isdn_leg *leg)
{
	LOG(LOG_DEBUG, "span.digits_end", 0, L_U("span", leg->span->cfg.span),
	    L_U("cref", leg->cref));
	complete(leg);
}
