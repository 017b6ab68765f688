/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/endpoint_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int endpoint_find(const struct config *c, const char *text, struct call_endpoint *out)
{
	char name[ENDPOINT_TEXT];

	for (unsigned i = 0; i < c->span_count; i++) {
		*out = (struct call_endpoint){CALL_EP_SPAN, (uint16_t)c->span[i].isdn.span};
		if (strcmp(endpoint_text(c, *out, name), text) == 0)
			return 0;
	}
	for (unsigned i = 0; i < c->trunk_count; i++) {
		*out = (struct call_endpoint){CALL_EP_TRUNK, (uint16_t)i};
		if (strcmp(endpoint_text(c, *out, name), text) == 0)
			return 0;
	}
	*out = (struct call_endpoint){.kind = CALL_EP_NONE};
	return -ENOENT;
}

const char *endpoint_text(const struct config *c, struct call_endpoint ep, char out[ENDPOINT_TEXT])
{
	if (ep.kind == CALL_EP_TRUNK && ep.index < c->trunk_count)
		snprintf(out, ENDPOINT_TEXT, "trunk:%s", c->trunk[ep.index].sip.name);
	else if (ep.kind == CALL_EP_SPAN)
		snprintf(out, ENDPOINT_TEXT, "span:%u", ep.index);
	else
		snprintf(out, ENDPOINT_TEXT, "nowhere");
	return out;
}
