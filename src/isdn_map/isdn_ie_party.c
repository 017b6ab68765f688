/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and subaddresses: Q.931 4.5.8 to 4.5.11, Q.951, Q.952. */
#include "src/isdn_map/isdn_ie_words.h"

#include "src/isdn_map/isdn_number.h"

enum { AFI_IA5 = 0x50 };

static const struct isdn_name plans[] = {
    {0, "unknown"}, {1, "e164"},     {3, "data"},    {4, "telex"},	{5, "maritime"},
    {6, "mobile"},  {8, "national"}, {9, "private"}, {15, "extension"},
};
static const struct isdn_name presentations[] = {
    {0, "allowed"}, {1, "restricted"}, {2, "not-available"}};
static const struct isdn_name screenings[] = {
    {0, "user-not-screened"}, {1, "user-passed"}, {2, "user-failed"}, {3, "network"}};
static const struct isdn_name reasons[] = {
    {0, "unknown"},	   {1, "busy"},		{2, "no-reply"},
    {4, "deflection"},	   {9, "out-of-order"}, {10, "forwarded-by-DTE"},
    {15, "unconditional"},
};

/* Octets 3, 3a (presentation), 3b (reason of a redirection), then digits. */
void isdn_ie_number(struct strbuf *b, const struct isdn_ie *ie)
{
	size_t head = isdn_words_group(ie->octets, ie->len);

	if (!head) {
		strbuf_add(b, "empty");
		return;
	}
	for (size_t i = head; i < ie->len; i++) {
		uint8_t c = ie->octets[i] & 0x7f;

		if (c > 0x20 && c < 0x7f)
			strbuf_addf(b, "%c", c);
		else
			strbuf_addf(b, "\\x%02x", ie->octets[i]);
	}
	if (head == ie->len)
		strbuf_add(b, "no digits");
	strbuf_addf(b, " TON=%s NPI=", isdn_ton_name(ie->octets[0] >> 4 & 7));
	ISDN_WORDS_NAME(b, plans, ie->octets[0] & 0x0f);
	if (head > 1) {
		strbuf_add(b, " presentation=");
		ISDN_WORDS_NAME(b, presentations, ie->octets[1] >> 5 & 3);
		strbuf_add(b, " screening=");
		ISDN_WORDS_NAME(b, screenings, ie->octets[1] & 3);
	}
	if (head > 2) {
		strbuf_add(b, " reason=");
		ISDN_WORDS_NAME(b, reasons, ie->octets[2] & 0x0f);
	}
}

void isdn_ie_subaddress(struct strbuf *b, const struct isdn_ie *ie)
{
	static const struct isdn_name types[] = {{0, "NSAP"}, {2, "user specified"}};
	size_t head = isdn_words_group(ie->octets, ie->len);

	if (!head) {
		strbuf_add(b, "empty");
		return;
	}
	ISDN_WORDS_NAME(b, types, ie->octets[0] >> 4 & 7);
	strbuf_add(b, " ");
	if ((ie->octets[0] >> 4 & 7) == 0 && ie->len > head && ie->octets[head] == AFI_IA5)
		isdn_words_text(b, ie->octets + head + 1, ie->len - head - 1);
	else
		isdn_words_hex(b, ie->octets + head, ie->len - head);
}

void isdn_ie_transit_network(struct strbuf *b, const struct isdn_ie *ie)
{
	static const struct isdn_name types[] = {
	    {0, "user specified"}, {2, "national"}, {3, "international"}};
	size_t head = isdn_words_group(ie->octets, ie->len);

	if (!head) {
		strbuf_add(b, "empty");
		return;
	}
	isdn_words_text(b, ie->octets + head, ie->len - head);
	strbuf_add(b, " ");
	ISDN_WORDS_NAME(b, types, ie->octets[0] >> 4 & 7);
	strbuf_addf(b, ", plan %u", ie->octets[0] & 0x0f);
}
