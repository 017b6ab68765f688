/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RESTART. */
#include "gateway/base/log.h"
#include "src/isdn_map/isdn_span.h"

/* Q.931 5.5.2: the channels become idle and their calls end without a message. */
void isdn_span_on_restart(struct isdn_span *s, const struct pri_line_event *ev)
{
	struct isdn_leg *leg, *next;

	LOG(LOG_WARN, "span.restart_received", 0, L_U("span", s->cfg.span),
	    L_U("ts", ev->channel.kind == ISDN_CHANNEL_ONE ? ev->channel.number : 0));
	for (leg = TAILQ_FIRST(&s->legs); leg; leg = next) {
		next = TAILQ_NEXT(leg, entry);
		if (ev->channel.kind == ISDN_CHANNEL_ONE && ev->channel.number != leg->ts)
			continue;
		if (!leg->cause.value)
			leg->cause = isdn_span_own_cause(CAUSE_TEMPORARY_FAILURE);
		if (leg->q931)
			pri_line_forget(s->line, leg->q931);
		isdn_leg_finish(leg);
	}
}
