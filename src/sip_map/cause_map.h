/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Q.850 causes ↔ SIP status codes: one table per direction, config/mapping/q850_to_sip.csv and
 * sip_to_q850.csv as C (RFC 4497 8.4.1 and 8.4.4, RFC 3398 where it adds rows). tests/tables
 * compares every row with the files. Pure; any thread.
 */
#ifndef SRC_SIP_MAP_CAUSE_MAP_H
#define SRC_SIP_MAP_CAUSE_MAP_H

#include "gateway/call/call_types.h"

/* What a status or a request that ends a call says beside its number. */
enum sip_cause_hint {
	SIP_HINT_NONE,
	SIP_HINT_WARNING_BEARER,      /* 488, 606: a Warning says that the media cannot be had */
	SIP_HINT_COMPLETED_ELSEWHERE, /* CANCEL with Reason: SIP;cause=200 */
};

/* The final response (300…699) to an INVITE that the ISDN side refuses so. number_known: the
 * cause's diagnostic gives the new number (22). A cause that itself came from a SIP response goes
 * on as that status. */
unsigned sip_status_from_cause(const struct call_cause *cause, bool number_known);
/* For a response of 300…699. */
struct call_cause sip_cause_from_status(unsigned status, enum sip_cause_hint hint);
/* For a BYE or CANCEL without a Reason of its own. */
struct call_cause sip_cause_from_request(bool cancel, enum sip_cause_hint hint);

/* The reason phrase of any status that we send; never NULL. */
const char *sip_phrase(unsigned status);

#endif
