/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The information elements of an outgoing SETUP that follow from the number plan, octet by octet as
 * they go out, for `plan test`. Pure; any thread. (Live messages are written by libpri; the test of
 * this file holds the two against each other.)
 */
#ifndef SRC_ISDN_MAP_ISDN_SETUP_IES_H
#define SRC_ISDN_MAP_ISDN_SETUP_IES_H

#include <stddef.h>

#include "gateway/call/call_types.h"

enum { ISDN_SETUP_IES_MAX = 5, ISDN_SETUP_IE_OCTETS = 64 };

struct isdn_setup_ie {
	const char *name; /* "Called party number" */
	uint8_t octet[ISDN_SETUP_IE_OCTETS];
	uint8_t len;
};

/* Ascending, as they must stand (Q.931 4.5.1). network: our side. Their number. */
unsigned isdn_setup_ies(const struct call_setup *setup, bool network, enum media_law law,
			struct isdn_setup_ie out[ISDN_SETUP_IES_MAX]);

/* The same of our CONNECT: who answered, if anything is to be said of it. 0 or 1. */
unsigned isdn_connect_ies(const struct call_number *connected, bool network,
			  struct isdn_setup_ie *out);

#endif
