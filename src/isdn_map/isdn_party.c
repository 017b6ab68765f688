/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_party.h"

#include <errno.h>
#include <string.h>

#include "src/isdn_map/isdn_number.h"

enum { EXT = 0x80, REASON_BITS = 0x0f };

int isdn_party_decode(struct isdn_party *out, const uint8_t *contents, size_t len)
{
	char digits[CALL_DIGITS_MAX + 1];
	uint8_t head[3] = {0}; /* octets 3, 3a, 3b: the first with bit 8 set is the last one */
	size_t at = 0, n;

	memset(out, 0, sizeof(*out));
	do {
		if (at == len || at == sizeof(head))
			return -EBADMSG;
		head[at] = contents[at] & 0x7f;
	} while (!(contents[at++] & EXT));
	n = len - at;
	if (n > CALL_DIGITS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++)
		digits[i] = (char)(contents[at + i] & 0x7f);
	digits[n] = '\0';
	/* A NUL amid the digits would hide what follows. */
	if (strlen(digits) != n ||
	    isdn_number_decode(&out->number, head[0], head[1], digits) != 0)
		return -EBADMSG;
	out->reason = head[2] & REASON_BITS;
	if (n > 0 || out->number.presentation == CALL_PRES_RESTRICTED)
		return 0;
	out->number.present = false;
	return -EBADMSG;
}

static void put(struct isdn_party_octets *out, uint8_t octet)
{
	out->octet[out->len++] = octet;
}

/* reason below 0: the element has none. */
static void encode(struct isdn_party_octets *out, const struct call_number *n, int reason,
		   bool network)
{
	bool restricted = n->presentation == CALL_PRES_RESTRICTED;
	struct call_number sent = *n;

	out->len = 0;
	if (network && restricted) /* unknown, unknown, network provided, no digits */
		sent = (struct call_number){.presentation = CALL_PRES_RESTRICTED,
					    .screening = CALL_SCREEN_NETWORK};
	if (!network && sent.screening == CALL_SCREEN_NETWORK)
		sent.screening = CALL_SCREEN_USER_NOT_SCREENED;
	if (!n->present || n->presentation > CALL_PRES_RESTRICTED ||
	    strlen(sent.digits) > ISDN_PARTY_DIGITS_MAX || (!*sent.digits && !restricted))
		return;
	put(out, isdn_number_plan(&sent)); /* octet 3a follows */
	put(out, (uint8_t)((reason < 0 ? EXT : 0) | isdn_number_presentation(&sent)));
	if (reason >= 0)
		put(out, (uint8_t)(EXT | (reason & REASON_BITS)));
	for (const char *p = sent.digits; *p; p++)
		put(out, (uint8_t)*p);
}

void isdn_connected_encode(struct isdn_party_octets *out, const struct call_number *n, bool network)
{
	encode(out, n, -1, network);
}

void isdn_redirecting_encode(struct isdn_party_octets *out, const struct call_number *n,
			     uint8_t reason, bool network)
{
	encode(out, n, reason, network);
}
