/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The D-channel goes and comes. */
#include "gateway/base/log.h"
#include "src/isdn_map/isdn_span.h"

void isdn_span_on_up(struct isdn_span *s, bool up)
{
	struct isdn_leg *leg;

	if (up == s->status.dchannel_up)
		return;
	s->status.dchannel_up = up;
	s->status.dchannel_since_us = s->now_us;
	s->same_side_told = false;
	LOG(up ? LOG_INFO : LOG_WARN, up ? "span.dchannel_up" : "span.dchannel_down", 0,
	    L_U("span", s->cfg.span));
	if (up)
		return;
	/* Answered calls wait for T309, which libpri runs from the release of layer 2 on. */
	TAILQ_FOREACH (leg, &s->legs, entry)
		if (!leg->answered && !leg->clearing && !leg->peer_clearing)
			isdn_leg_clear_from_here(leg, isdn_span_own_cause(CAUSE_OUT_OF_ORDER));
}
