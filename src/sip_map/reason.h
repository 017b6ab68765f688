/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Reason header (RFC 3326, 6432; location parameter of RFC 8606). Pure; any thread. */
#ifndef SRC_SIP_MAP_REASON_H
#define SRC_SIP_MAP_REASON_H

#include "gateway/base/strbuf.h"
#include "gateway/call/call_types.h"

/* One header value, perhaps with several reasons. A Q.850 one: true, and value (and location, if
 * given) go into cause; the rest of cause stays. */
bool sip_reason_q850(const char *header, struct call_cause *cause);
/* Does it hold SIP;cause=200 (completed elsewhere)? */
bool sip_reason_completed_elsewhere(const char *header);
/* The header for a Q.850 cause, with its location. */
void sip_reason_add(struct strbuf *b, const struct call_cause *cause);

#endif
