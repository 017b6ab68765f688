/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facility (Q.932 8.2.3): which components it carries, by a small bounded reading of their BER
 * (X.690 definite lengths). Arguments stay octets: services decode them where they are used.
 */
#include "src/isdn_map/isdn_ie_words.h"

enum {
	PROFILE_ROSE = 0x11,
	PROFILE_EXTENSIONS = 0x1f, /* QSIG: network facility extension before the components */
	TAG_INTEGER = 0x02,
	TAG_OID = 0x06,
	TAG_SEQUENCE = 0x30,
	TAG_LINKED = 0x80,
	TAG_INTERPRETATION = 0x8b,
	TAG_NFE = 0xaa,
	OID_ARCS_MAX = 16,
	COMPONENTS_MAX = 8,
};

struct ber {
	const uint8_t *octets;
	size_t len;
};

/* Takes one value from the front. False: nothing, or not all of it, is there. */
static bool take(struct ber *from, uint8_t *tag, struct ber *contents)
{
	size_t n, head = 2;

	if (from->len < 2)
		return false;
	*tag = from->octets[0];
	n = from->octets[1];
	if (n > 0x80 && n <= 0x82 && from->len >= 2 + (n & 3)) { /* one or two octets of length */
		head += n & 3;
		n = n == 0x81 ? from->octets[2] : (size_t)from->octets[2] << 8 | from->octets[3];
	} else if (n & 0x80) {
		return false;
	}
	if (n > from->len - head)
		return false;
	*contents = (struct ber){from->octets + head, n};
	from->octets += head + n;
	from->len -= head + n;
	return true;
}

static void integer(struct strbuf *b, const struct ber *v)
{
	int32_t value;

	if (!v->len || v->len > 4) {
		isdn_words_hex(b, v->octets, v->len);
		return;
	}
	value = (int8_t)v->octets[0];
	for (size_t i = 1; i < v->len; i++)
		value = (int32_t)((uint32_t)value << 8 | v->octets[i]);
	strbuf_addf(b, "%d", value);
}

static void oid(struct strbuf *b, const struct ber *v)
{
	uint32_t arc = 0;
	unsigned arcs = 0;

	for (size_t i = 0; i < v->len && arcs < OID_ARCS_MAX; i++) {
		arc = (arc & 0x1ffffff) << 7 | (v->octets[i] & 0x7f);
		if (v->octets[i] & 0x80)
			continue;
		if (!arcs++)
			strbuf_addf(b, "%u.%u", arc < 80 ? arc / 40 : 2,
				    arc < 80 ? arc % 40 : arc - 80);
		else
			strbuf_addf(b, ".%u", arc);
		arc = 0;
	}
}

static void operation(struct strbuf *b, uint8_t tag, const struct ber *v, const char *what)
{
	if (tag == TAG_INTEGER) {
		strbuf_addf(b, " %s ", what);
		integer(b, v);
	} else if (tag == TAG_OID) {
		strbuf_addf(b, " %s ", what);
		oid(b, v);
	}
}

static void component(struct strbuf *b, uint8_t tag, struct ber body)
{
	static const struct isdn_name kinds[] = {
	    {0xa1, "invoke"}, {0xa2, "result"}, {0xa3, "error"}, {0xa4, "reject"}};
	struct ber v;
	uint8_t inner;

	ISDN_WORDS_NAME(b, kinds, tag);
	if (!take(&body, &inner, &v))
		return;
	strbuf_add(b, " ");
	integer(b, &v);
	if (!take(&body, &inner, &v))
		return;
	if (inner == TAG_LINKED && !take(&body, &inner, &v))
		return;
	if (inner == TAG_SEQUENCE && tag == 0xa2) {
		body = v;
		if (!take(&body, &inner, &v))
			return;
	}
	if (tag != 0xa4)
		operation(b, inner, &v, tag == 0xa3 ? "error" : "operation");
}

void isdn_ie_facility(struct strbuf *b, const struct isdn_ie *ie)
{
	struct ber rest = {ie->octets, ie->len}, v;
	uint8_t tag, profile;
	bool any = false;

	if (!ie->len) {
		strbuf_add(b, "empty");
		return;
	}
	profile = ie->octets[0] & 0x1f;
	if (profile != PROFILE_ROSE && profile != PROFILE_EXTENSIONS) {
		strbuf_addf(b, "profile 0x%02x ", profile);
		isdn_words_hex(b, ie->octets + 1, ie->len - 1);
		return;
	}
	strbuf_add(b, profile == PROFILE_ROSE ? "ROSE " : "QSIG ROSE ");
	rest.octets++;
	rest.len--;
	for (unsigned i = 0; i < COMPONENTS_MAX && take(&rest, &tag, &v); i++) {
		if (tag == TAG_NFE || tag == TAG_INTERPRETATION)
			continue;
		if (any)
			strbuf_add(b, ", ");
		any = true;
		component(b, tag, v);
	}
	if (rest.len)
		strbuf_addf(b, "%s%zu octets not read", any ? ", " : "", rest.len);
}
