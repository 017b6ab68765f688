/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_number.h"

#include <errno.h>
#include <string.h>

static const struct {
	uint8_t code;
	const char *name;
} ton_names[] =
    {
	{CALL_TON_UNKNOWN, "unknown"},	     {CALL_TON_INTERNATIONAL, "international"},
	{CALL_TON_NATIONAL, "national"},     {CALL_TON_NETWORK, "network"},
	{CALL_TON_SUBSCRIBER, "subscriber"}, {CALL_TON_ABBREVIATED, "abbreviated"},
},
  npi_names[] = {
      {CALL_NPI_UNKNOWN, "unknown"},
      {CALL_NPI_E164, "e164"},
      {CALL_NPI_PRIVATE, "private"},
};

int isdn_number_decode(struct call_number *out, uint8_t plan, uint8_t presentation,
		       const char *digits)
{
	size_t len;

	*out = (struct call_number){0};
	plan &= 0x7f;
	if (*digits == '+') {
		plan = (uint8_t)((plan & 0x0f) | CALL_TON_INTERNATIONAL << 4);
		digits++;
	}
	len = strlen(digits);
	if (len > CALL_DIGITS_MAX || strspn(digits, "0123456789*#") != len)
		return -EBADMSG;
	memcpy(out->digits, digits, len + 1);
	out->present = true;
	out->ton = plan >> 4;
	out->npi = plan & 0x0f;
	out->presentation = presentation >> 5 & 3;
	out->screening = presentation & 3;
	return 0;
}

uint8_t isdn_number_plan(const struct call_number *n)
{
	return (uint8_t)((n->ton & 7) << 4 | (n->npi & 0x0f));
}

uint8_t isdn_number_presentation(const struct call_number *n)
{
	return (uint8_t)((n->presentation & 3) << 5 | (n->screening & 3));
}

const char *isdn_ton_name(uint8_t ton)
{
	for (size_t i = 0; i < sizeof(ton_names) / sizeof(*ton_names); i++)
		if (ton_names[i].code == ton)
			return ton_names[i].name;
	return "reserved";
}

const char *isdn_npi_name(uint8_t npi)
{
	for (size_t i = 0; i < sizeof(npi_names) / sizeof(*npi_names); i++)
		if (npi_names[i].code == npi)
			return npi_names[i].name;
	return "reserved";
}

int isdn_ton_parse(const char *name)
{
	for (size_t i = 0; i < sizeof(ton_names) / sizeof(*ton_names); i++)
		if (!strcmp(ton_names[i].name, name))
			return ton_names[i].code;
	return -EINVAL;
}

int isdn_npi_parse(const char *name)
{
	for (size_t i = 0; i < sizeof(npi_names) / sizeof(*npi_names); i++)
		if (!strcmp(npi_names[i].name, name))
			return npi_names[i].code;
	return -EINVAL;
}

static bool is_control(unsigned char c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

void isdn_name_decode(char *out, size_t size, const char *latin1)
{
	size_t used = 0;

	for (; *latin1; latin1++) {
		unsigned char c = (unsigned char)*latin1;
		size_t need = c < 0x80 ? 1 : 2;

		if (is_control(c))
			continue;
		if (used + need >= size)
			break;
		if (need == 2) {
			out[used++] = (char)(0xc0 | c >> 6);
			c = 0x80 | (c & 0x3f);
		}
		out[used++] = (char)c;
	}
	out[used] = '\0';
}

void isdn_name_encode(char *out, size_t size, const char *utf8)
{
	const unsigned char *p = (const unsigned char *)utf8;
	size_t used = 0;

	while (*p && used + 1 < size) {
		unsigned char c = *p++;

		if (c >= 0x80) {
			/* Two-octet sequences of U+0080…U+00FF are all that has a place there. */
			bool latin1 = (c == 0xc2 || c == 0xc3) && (*p & 0xc0) == 0x80;

			c = latin1 ? (unsigned char)(c << 6 | (*p & 0x3f)) : '?';
			while ((*p & 0xc0) == 0x80)
				p++;
		}
		if (!is_control(c))
			out[used++] = (char)c;
	}
	out[used] = '\0';
}
