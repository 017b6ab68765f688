/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_cause.h"

#include <string.h>

#include "gateway/base/strbuf.h"
#include "src/isdn_map/isdn_ie.h"
#include "src/isdn_map/isdn_number.h"

enum { EXT = 0x80, CAUSE_NUMBER_CHANGED = 22, TIMER_DIGITS = 3, T301 = 301, PLAN_UNKNOWN = 0x00 };

size_t isdn_cause_head(const uint8_t *octets, size_t len)
{
	/* Octet 3a (recommendation) is there when octet 3 has no extension bit (Q.850 2.1). */
	size_t head = len && !(octets[0] & EXT) ? 3 : 2;

	return len >= head ? head : 0;
}

/* A whole Called party number, with its identifier. A number that we cannot read is not given. */
static void take_new_number(struct call_cause *out, const uint8_t *octets, size_t len)
{
	char digits[CALL_DIGITS_MAX + 1];
	struct call_number n;
	size_t count;

	if (len < 3 || octets[0] != ISDN_IE_CALLED || octets[1] < 1 || octets[1] > len - 2)
		return;
	count = octets[1] - 1u;
	if (!count || count > CALL_DIGITS_MAX - 1)
		return;
	memcpy(digits, octets + 3, count);
	digits[count] = '\0';
	if (strlen(digits) != count || isdn_number_decode(&n, octets[2] & 0x7f, 0, digits) < 0)
		return;
	if (n.ton == CALL_TON_INTERNATIONAL)
		out->new_number[0] = '+';
	str_copy(out->new_number + (n.ton == CALL_TON_INTERNATIONAL), sizeof(out->new_number) - 1,
		 n.digits);
}

static void take_timer(struct call_cause *out, const uint8_t *octets, size_t len)
{
	unsigned timer = 0;

	for (size_t i = 0; i < TIMER_DIGITS; i++) {
		if (i >= len || octets[i] < '0' || octets[i] > '9')
			return;
		timer = timer * 10 + (octets[i] - '0');
	}
	out->timer = (uint16_t)timer;
	out->diagnostic_timer = timer == T301;
}

bool isdn_cause_decode(struct call_cause *out, const uint8_t *octets, size_t len)
{
	size_t head = isdn_cause_head(octets, len);

	memset(out, 0, sizeof(*out));
	if (!head)
		return false;
	out->location = octets[0] & 0x0f;
	out->value = octets[head - 1] & 0x7f;
	if (out->value == CAUSE_NUMBER_CHANGED)
		take_new_number(out, octets + head, len - head);
	else if (out->value == CAUSE_TIMER_EXPIRY)
		take_timer(out, octets + head, len - head);
	return true;
}

static size_t put_new_number(uint8_t *octets, const char *number)
{
	bool international = number[0] == '+';
	size_t n = strlen(number + international);

	if (!n || n > CALL_DIGITS_MAX || strspn(number + international, "0123456789*#") != n)
		return 0;
	octets[0] = ISDN_IE_CALLED;
	octets[1] = (uint8_t)(n + 1);
	octets[2] =
	    EXT | (international ? CALL_TON_INTERNATIONAL << 4 | CALL_NPI_E164 : PLAN_UNKNOWN);
	memcpy(octets + 3, number + international, n);
	return n + 3;
}

static size_t put_timer(uint8_t *octets, const struct call_cause *cause)
{
	unsigned timer = cause->timer;

	if (!timer && cause->diagnostic_timer)
		timer = T301;
	if (timer < 100 || timer > 999)
		return 0;
	octets[0] = (uint8_t)('0' + timer / 100);
	octets[1] = (uint8_t)('0' + timer / 10 % 10);
	octets[2] = (uint8_t)('0' + timer % 10);
	return TIMER_DIGITS;
}

size_t isdn_cause_encode(uint8_t *octets, const struct call_cause *cause)
{
	octets[0] = EXT | (cause->location & 0x0f);
	octets[1] = EXT | (cause->value & 0x7f);
	if (cause->value == CAUSE_NUMBER_CHANGED)
		return 2 + put_new_number(octets + 2, cause->new_number);
	if (cause->value == CAUSE_TIMER_EXPIRY)
		return 2 + put_timer(octets + 2, cause);
	return 2;
}
