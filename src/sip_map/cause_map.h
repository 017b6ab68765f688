/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Q.850 causes ↔ SIP status codes by a pair of tables (cause_table.h). Pure; any thread. */
#ifndef SRC_SIP_MAP_CAUSE_MAP_H
#define SRC_SIP_MAP_CAUSE_MAP_H

#include "src/sip_map/cause_table.h"

/* Those that SIP says by more than a status. */
enum { SIP_CAUSE_NUMBER_CHANGED = 22, SIP_CAUSE_NON_SELECTED = 26 };

/* The final response (300…699) to an INVITE that the ISDN side refuses so. A cause that itself came
 * from a SIP response goes on as that status. */
unsigned sip_status_from_cause(const struct cause_table *t, const struct call_cause *cause);
/* For a response of 300…699. condition: what it says beside its number, or CAUSE_ALWAYS. */
struct call_cause sip_cause_from_status(const struct cause_table *t, unsigned status,
					enum cause_condition condition);
/* For a BYE or CANCEL without a Reason of its own. */
struct call_cause sip_cause_from_request(const struct cause_table *t, bool cancel,
					 enum cause_condition condition);

/* The reason phrase of any status that we send; never NULL. */
const char *sip_phrase(const struct cause_table *t, unsigned status);

#endif
