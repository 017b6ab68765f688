/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bearer capability, low and high layer compatibility: Q.931 4.5.5, 4.5.19, 4.5.17. */
#include "src/isdn_map/isdn_ie_words.h"

enum {
	EXT = 0x80,
	LAYER_1 = 1,
	LAYER_2 = 2,
	LAYER_3 = 3,
	MODE_PACKET = 2,
	RATE_64 = 0x10,
	RATE_MULTI = 0x18,
};

static const struct isdn_name standards[] = {
    {1, "ISO/IEC coding"}, {2, "national coding"}, {3, "network coding"}};
static const struct isdn_name capabilities[] = {
    {0x00, "speech"},
    {0x08, "unrestricted digital"},
    {0x09, "restricted digital"},
    {0x10, "3.1 kHz audio"},
    {0x11, "unrestricted digital with tones"},
    {0x18, "video"},
};
static const struct isdn_name rates[] = {
    {0x00, "packet"},	   {0x10, "64 kbit/s"},	  {0x11, "2x64 kbit/s"}, {0x13, "384 kbit/s"},
    {0x15, "1536 kbit/s"}, {0x17, "1920 kbit/s"}, {0x18, "multirate"},
};
static const struct isdn_name layer_1[] = {
    {0x01, "V.110"},
    {0x02, "\xc2\xb5-law"},
    {0x03, "A-law"},
    {0x04, "G.721"},
    {0x05, "H.221/H.242"},
    {0x06, "H.223/H.245"},
    {0x07, "other rate adaption"},
    {0x08, "V.120"},
    {0x09, "X.31 flag stuffing"},
};
static const struct isdn_name layer_2[] = {
    {0x01, "basic mode"},   {0x02, "Q.921"},	{0x06, "X.25 link"}, {0x07, "X.25 multilink"},
    {0x08, "LAPB (T.71)"},  {0x09, "HDLC ARM"}, {0x0a, "HDLC NRM"},  {0x0b, "HDLC ABM"},
    {0x0c, "LAN LLC"},	    {0x0d, "X.75"},	{0x0e, "Q.922"},     {0x10, "user specified"},
    {0x11, "ISO/IEC 7776"},
};
static const struct isdn_name layer_3[] = {
    {0x02, "Q.931"},	       {0x06, "X.25 packet"},	 {0x07, "ISO/IEC 8208"},
    {0x08, "X.223"},	       {0x09, "ISO/IEC 8473"},	 {0x0a, "T.70"},
    {0x0b, "ISO/IEC TR 9577"}, {0x10, "user specified"},
};

static void layer(struct strbuf *b, uint8_t octet)
{
	uint8_t value = octet & 0x1f;

	strbuf_add(b, ", ");
	switch (octet >> 5 & 3) {
	case LAYER_1:
		ISDN_WORDS_NAME(b, layer_1, value);
		break;
	case LAYER_2:
		ISDN_WORDS_NAME(b, layer_2, value);
		break;
	case LAYER_3:
		ISDN_WORDS_NAME(b, layer_3, value);
		break;
	default:
		strbuf_addf(b, "octet 0x%02x", octet);
	}
}

/* Octet 4 and its multiplier, then a group for each layer: its first octet says what it is. */
static void rest(struct strbuf *b, const uint8_t *octets, size_t n)
{
	uint8_t mode, rate;
	size_t at = 0;

	if (!n)
		return;
	mode = octets[0] >> 5 & 3;
	rate = octets[0] & 0x1f;
	if (mode || rate != RATE_64) { /* the usual one goes without saying */
		strbuf_add(b, mode == MODE_PACKET ? ", packet mode, " : ", ");
		ISDN_WORDS_NAME(b, rates, rate);
	}
	at = isdn_words_group(octets, n);
	if (rate == RATE_MULTI && !mode && at < n)
		strbuf_addf(b, " x%u", octets[at++] & 0x7f);
	while (at < n) {
		size_t group = isdn_words_group(octets + at, n - at);

		layer(b, octets[at]);
		if (group > 1) {
			strbuf_add(b, " ");
			isdn_words_hex(b, octets + at + 1, group - 1);
		}
		at += group;
	}
}

static bool capability(struct strbuf *b, const struct isdn_ie *ie)
{
	if (!ie->len) {
		strbuf_add(b, "empty");
		return false;
	}
	if (ie->octets[0] >> 5 & 3) {
		ISDN_WORDS_NAME(b, standards, ie->octets[0] >> 5 & 3);
		strbuf_add(b, " ");
		isdn_words_hex(b, ie->octets, ie->len);
		return false;
	}
	ISDN_WORDS_NAME(b, capabilities, ie->octets[0] & 0x1f);
	return true;
}

void isdn_ie_bearer(struct strbuf *b, const struct isdn_ie *ie)
{
	if (capability(b, ie))
		rest(b, ie->octets + 1, ie->len - 1);
}

void isdn_ie_llc(struct strbuf *b, const struct isdn_ie *ie)
{
	size_t head;

	if (!capability(b, ie))
		return;
	head = isdn_words_group(ie->octets, ie->len); /* octet 3a: out-band negotiation */
	if (head > 1)
		strbuf_add(b, ie->octets[1] & 0x40 ? ", negotiable" : ", not negotiable");
	rest(b, ie->octets + head, ie->len - head);
}

static const struct isdn_name teleservices[] = {
    {0x01, "telephony"},
    {0x04, "fax group 2/3"},
    {0x21, "fax group 4"},
    {0x24, "fax group 4 mixed"},
    {0x28, "teletex F.230"},
    {0x31, "teletex"},
    {0x32, "videotex"},
    {0x33, "videotex F.300"},
    {0x35, "telex"},
    {0x38, "message handling"},
    {0x41, "OSI application"},
    {0x5e, "maintenance"},
    {0x5f, "management"},
    {0x60, "video telephony"},
    {0x61, "video conference"},
    {0x62, "audiographic conference"},
    {0x68, "multimedia"},
};

void isdn_ie_hlc(struct strbuf *b, const struct isdn_ie *ie)
{
	if (ie->len < 2 || (ie->octets[0] >> 5 & 3)) {
		isdn_words_hex(b, ie->octets, ie->len);
		return;
	}
	ISDN_WORDS_NAME(b, teleservices, ie->octets[1] & 0x7f);
	if (!(ie->octets[1] & EXT) && ie->len > 2)
		strbuf_addf(b, ", extended 0x%02x", ie->octets[2] & 0x7f);
}
