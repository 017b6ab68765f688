/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals in front of any transaction. */
#include <stdlib.h>
#include <string.h>

#include "src/sip_map/dialog/leg.h"

enum { ECHO_TAG = 8 };

/* RFC 3261 8.2.7: a stateless UAS gives the same To tag to the same request. */
static void stateless_tag(const struct guard_msg *g, char tag[2 * ECHO_TAG + 1])
{
	const char *parts[] = {guard_find(g, GUARD_VIA), guard_find(g, GUARD_CALL_ID)};
	uint64_t h = SIP_HASH_START;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i])
			h = sip_hash(h, parts[i], strlen(parts[i]));
	for (int i = 0; i < 2 * ECHO_TAG; i++, h >>= 4)
		tag[i] = "0123456789abcdef"[h & 15];
	tag[2 * ECHO_TAG] = '\0';
}

const char *sip_standard_headers(unsigned status)
{
	switch (status) {
	case 405:
		return "Allow: " SIP_ALLOW "\r\n";
	case 406:
	case 415:
		return "Accept: application/sdp\r\n";
	case 488:
		return "Warning: 305 spanbridge \"No usable media\"\r\n";
	default:
		return "";
	}
}

void sip_refuse(struct sip *s, const struct guard_msg *g, const struct sip_path *path,
		unsigned status, const char *more)
{
	char tag[2 * ECHO_TAG + 1], headers[1024], *echo;
	struct strbuf b, h;

	stateless_tag(g, tag);
	echo = write_echo(g, &path->peer, tag);
	if (!echo)
		return;
	strbuf_init(&h, headers, sizeof(headers));
	strbuf_add(&h, sip_standard_headers(status));
	strbuf_add(&h, more ? more : "");
	write_response(s, &b, status, echo, headers, NULL);
	if (!b.truncated && !h.truncated)
		sip_send(s, path, b.text, b.len);
	free(echo);
}
