/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/method.h"

#include <stddef.h>
#include <string.h>

static const char *const ours[] = {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS"};
static const char *const known[] = {"REGISTER", "PRACK", "SUBSCRIBE", "NOTIFY", "PUBLISH",
				    "INFO",	"REFER", "MESSAGE",   "UPDATE"};

enum sip_method sip_method_parse(const char *name)
{
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(name, ours[i]) == 0)
			return (enum sip_method)i;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(name, known[i]) == 0)
			return SIP_METHOD_KNOWN;
	return SIP_METHOD_UNKNOWN;
}

const char *sip_method_name(enum sip_method method)
{
	return method < SIP_METHOD_KNOWN ? ours[method] : "?";
}
