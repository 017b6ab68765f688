/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DNS answer as it came, and what its NAPTR records come to (naptr.h). c-ares reads it. Pure; any
 * thread. Private to gateway/lookup/enum/. */
#ifndef GATEWAY_LOOKUP_ENUM_ENUM_WIRE_H
#define GATEWAY_LOOKUP_ENUM_ENUM_WIRE_H

#include "gateway/lookup/enum/naptr.h"

void enum_wire_decide(const unsigned char *answer, size_t len, const char *number,
		      struct naptr_result *out);

#endif
