/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/peer_isdn/q931.h"

#include <string.h>

enum { DISCRIMINATOR = 0x08 };

struct ie q931_calling(uint8_t octet_3, uint8_t octet_3a, const char *digits)
{
	struct ie e = IE(IE_CALLING, octet_3 & 0x7f, octet_3a);
	size_t n = strlen(digits);

	memcpy(e.octets + e.len, digits, n);
	e.len = (uint8_t)(e.len + n);
	return e;
}

struct ie q931_called(uint8_t octet_3, const char *digits)
{
	struct ie e = IE(IE_CALLED, octet_3);
	size_t n = strlen(digits);

	memcpy(e.octets + e.len, digits, n);
	e.len = (uint8_t)(e.len + n);
	return e;
}

static size_t put_element(const struct ie *e, uint8_t *out, size_t room)
{
	size_t n = e->kind == IE_OCTETS ? 2u + e->len : 1;

	if ((e->kind != IE_OCTETS && e->kind != IE_OCTET) || n > room)
		return 0;
	out[0] = e->id;
	if (e->kind == IE_OCTETS) {
		out[1] = e->len;
		memcpy(out + 2, e->octets, e->len);
	}
	return n;
}

size_t q931_encode(uint16_t ref, const struct ie *elements, uint8_t out[Q931_MAX])
{
	size_t n = 0;

	out[n++] = DISCRIMINATOR;
	out[n++] = 2; /* two octets of call reference on a primary rate, 4.3 */
	out[n++] = (uint8_t)(ref >> 8);
	out[n++] = (uint8_t)ref;
	out[n++] = elements[0].id;
	for (const struct ie *e = elements + 1; e->kind != IE_END; e++)
		n += put_element(e, out + n, Q931_MAX - n);
	return n;
}

static const char *decode_elements(struct q931_message *m, const uint8_t *at, const uint8_t *end)
{
	uint8_t last = 0;

	while (at < end) {
		struct ie *e = &m->ie[m->count];

		if (m->count == Q931_IES)
			return "too many elements";
		e->id = *at++;
		e->kind = e->id & 0x80 ? IE_OCTET : IE_OCTETS;
		m->count++;
		if (e->kind == IE_OCTET)
			continue;
		if (at == end || *at > end - at - 1)
			return "an element is longer than the message";
		if (*at > Q931_IE_MAX)
			return "an element is too long for the script player";
		e->len = *at++;
		memcpy(e->octets, at, e->len);
		at += e->len;
		/* 4.5.1: variable length elements stand in ascending order. */
		if (e->id < last)
			return "elements are not in ascending order";
		last = e->id;
	}
	return NULL;
}

void q931_decode(struct q931_message *m, const uint8_t *octets, size_t len)
{
	memset(m, 0, sizeof(*m));
	if (len < 5 || octets[0] != DISCRIMINATOR || octets[1] != 2 || octets[4] & 0x80) {
		m->wrong = "no Q.931 message with a call reference of two octets";
		return;
	}
	m->ref = (uint16_t)(octets[2] << 8 | octets[3]);
	m->ref ^= Q931_THEIRS; /* flag 0: from the side that chose it */
	m->type = octets[4];
	m->wrong = decode_elements(m, octets + 5, octets + len);
}

const struct ie *q931_find(const struct q931_message *m, uint8_t id, unsigned n)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->ie[i].id == id && n-- == 0)
			return &m->ie[i];
	return NULL;
}

static bool element_fits(const struct ie *got, const struct ie *expected)
{
	if (expected->kind == IE_ANY)
		return got->id == expected->id;
	return got->kind == expected->kind && got->id == expected->id &&
	       got->len == expected->len && memcmp(got->octets, expected->octets, got->len) == 0;
}

const char *q931_differs(const struct q931_message *m, uint16_t ref, const struct ie *expected)
{
	unsigned i = 0;

	if (m->wrong)
		return m->wrong;
	if (m->type != expected[0].id)
		return "another message";
	if (ref != Q931_ANY_REF && m->ref != ref)
		return "another call reference";
	for (const struct ie *e = expected + 1; e->kind != IE_END; e++) {
		if (e->kind == IE_MORE)
			return NULL;
		if (i == m->count)
			return "an element is missing";
		if (!element_fits(&m->ie[i++], e))
			return "an element differs";
	}
	return i < m->count ? "an element too many" : NULL;
}
