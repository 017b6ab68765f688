/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Cause element (Q.931 4.5.12, Q.850) and a struct call_cause, pure: value, location, and the
 * two diagnostics that somebody can use: the new number of cause 22 (a Called party number, Q.850
 * table 1) and the timer of cause 102 (its number in three IA5 digits).
 */
#ifndef SRC_ISDN_MAP_ISDN_CAUSE_H
#define SRC_ISDN_MAP_ISDN_CAUSE_H

#include <stddef.h>

#include "gateway/call/call_types.h"

enum { ISDN_CAUSE_OCTETS_MAX = 2 + 3 + CALL_DIGITS_MAX }; /* contents that encode() writes */

/* Contents of the element. False: no cause in there; out is then zero. */
bool isdn_cause_decode(struct call_cause *out, const uint8_t *octets, size_t len);
/* Writes the contents, at most ISDN_CAUSE_OCTETS_MAX; returns how many. */
size_t isdn_cause_encode(uint8_t *octets, const struct call_cause *cause);
/* Octets before the diagnostic; 0: no cause in there. */
size_t isdn_cause_head(const uint8_t *octets, size_t len);

#endif
