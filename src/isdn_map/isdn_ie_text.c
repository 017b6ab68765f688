/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements that carry text or plain octets, and the helpers for both. */
#include "src/isdn_map/isdn_ie_words.h"

enum { HEX_MAX = 32 /* octets shown */ };

size_t isdn_words_group(const uint8_t *octets, size_t n)
{
	size_t i = 0;

	while (i < n && !(octets[i] & 0x80))
		i++;
	return i < n ? i + 1 : n;
}

void isdn_words_name(struct strbuf *b, const struct isdn_name *names, size_t count, uint8_t value)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].value == value) {
			strbuf_add(b, names[i].name);
			return;
		}
	strbuf_addf(b, "reserved (%u)", value);
}

void isdn_words_hex(struct strbuf *b, const uint8_t *octets, size_t n)
{
	if (!n)
		strbuf_add(b, "empty");
	for (size_t i = 0; i < n && i < HEX_MAX; i++)
		strbuf_addf(b, i ? " %02x" : "%02x", octets[i]);
	if (n > HEX_MAX)
		strbuf_addf(b, " and %zu more", n - HEX_MAX);
}

void isdn_words_text(struct strbuf *b, const uint8_t *octets, size_t n)
{
	strbuf_add(b, "\"");
	for (size_t i = 0; i < n; i++) {
		uint8_t c = octets[i];

		if (c == '"' || c == '\\' || c < 0x20 || (c >= 0x7f && c < 0xa0))
			strbuf_addf(b, "\\x%02x", c);
		else if (c < 0x80)
			strbuf_addf(b, "%c", c);
		else
			strbuf_addf(b, "%c%c", 0xc0 | c >> 6, 0x80 | (c & 0x3f));
	}
	strbuf_add(b, "\"");
}

void isdn_ie_text(struct strbuf *b, const struct isdn_ie *ie)
{
	isdn_words_text(b, ie->octets, ie->len);
}

/* Some switches put a type in front of the text, with bit 8 set (NI2, Q.931 annex). */
void isdn_ie_display(struct strbuf *b, const struct isdn_ie *ie)
{
	size_t head = ie->len && (ie->octets[0] & 0xf0) == 0xb0 ? 1 : 0;

	isdn_words_text(b, ie->octets + head, ie->len - head);
}

void isdn_ie_date_time(struct strbuf *b, const struct isdn_ie *ie)
{
	static const char *const between[] = {"20", "-", "-", " ", ":", ":"};

	if (ie->len < 3) {
		isdn_words_hex(b, ie->octets, ie->len);
		return;
	}
	for (size_t i = 0; i < ie->len && i < sizeof(between) / sizeof(*between); i++)
		strbuf_addf(b, "%s%02u", between[i], ie->octets[i] & 0x7f);
}

void isdn_ie_user_user(struct strbuf *b, const struct isdn_ie *ie)
{
	static const struct isdn_name protocols[] = {
	    {0, "user specific"}, {1, "OSI"},	{2, "X.244"}, {3, "system management"},
	    {4, "IA5"},		  {5, "X.208"}, {7, "V.120"}, {8, "Q.931"},
	};

	if (!ie->len) {
		strbuf_add(b, "empty");
		return;
	}
	ISDN_WORDS_NAME(b, protocols, ie->octets[0]);
	strbuf_addf(b, ", %zu octets ", ie->len - 1);
	if (ie->octets[0] == 4)
		isdn_words_text(b, ie->octets + 1, ie->len - 1);
	else
		isdn_words_hex(b, ie->octets + 1, ie->len - 1);
}

/* Q.931 4.5.21: a network identification with a length of its own, then the facility. */
void isdn_ie_network_facilities(struct strbuf *b, const struct isdn_ie *ie)
{
	size_t n = ie->len ? ie->octets[0] : 0, at = 1;

	if (!ie->len || n > ie->len - 1) {
		isdn_words_hex(b, ie->octets, ie->len);
		return;
	}
	if (n) {
		size_t head = isdn_words_group(ie->octets + 1, n);

		strbuf_add(b, "network ");
		isdn_words_text(b, ie->octets + 1 + head, n - head);
		strbuf_add(b, ", ");
		at += n;
	}
	strbuf_add(b, "facility ");
	isdn_words_hex(b, ie->octets + at, ie->len - at);
}

void isdn_ie_decimal(struct strbuf *b, const struct isdn_ie *ie)
{
	if (ie->len != 1)
		isdn_words_hex(b, ie->octets, ie->len);
	else
		strbuf_addf(b, "%u", ie->octets[0] & 0x7f);
}
