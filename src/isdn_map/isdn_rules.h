/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small decisions of an ISDN leg, pure: which bearers are taken, which progress is worth a
 * message, which causes may stand on the wire and inside. */
#ifndef SRC_ISDN_MAP_ISDN_RULES_H
#define SRC_ISDN_MAP_ISDN_RULES_H

#include "gateway/call/call_types.h"

/* 0, or the cause to refuse a SETUP with. capability: 5 bits of Q.931 4.5.5 octet 3, -1 when it
 * could not be read. */
uint8_t isdn_bearer_refusal(int capability);

/* The indicators of pi (CALL_PI_* bits) that PROGRESS is to carry; none: it is not sent, as it is
 * illegal without one (Q.931 3.1.8). PI 1 is said once in a call; PI 8 again only after a message
 * that took it back, or with a cause (an announcement begins). */
uint8_t isdn_progress_due(uint8_t pi, uint8_t cause, bool inband_told, bool not_isdn_told);

/* A cause that libpri reported (-1: none) with the location of the same message. Values outside
 * 1…127 become fallback. */
struct call_cause isdn_cause_received(int value, uint8_t location, uint8_t fallback);

/* A cause on its way out: never 0, and only locations that Q.850 defines. */
struct call_cause isdn_cause_to_send(struct call_cause cause);

#endif
