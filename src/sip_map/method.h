/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIP methods as values. Pure. Those that we carry out, those that we know and answer with 405,
 * and the rest, which gets 501.
 */
#ifndef SRC_SIP_MAP_METHOD_H
#define SRC_SIP_MAP_METHOD_H

#include <stdbool.h>

enum sip_method {
	SIP_INVITE,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_OPTIONS,
	SIP_METHOD_KNOWN, /* REGISTER, INFO, UPDATE, …: 405 */
	SIP_METHOD_UNKNOWN,
};

/* What we carry out, as Allow lists it. */
#define SIP_ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS"

/* Methods are case-sensitive (RFC 3261 7.1). */
enum sip_method sip_method_parse(const char *name);
/* The name of one that we carry out. */
const char *sip_method_name(enum sip_method method);

#endif
