/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_words.h"

#include "gateway/base/strbuf.h"
#include "src/isdn_map/isdn_ie_words.h"
#include "src/isdn_map/isdn_link.h"

enum {
	Q931 = 0x08,
	MAINTENANCE_NATIONAL = 0x03, /* SERVICE messages, T1.607 and AT&T */
	MAINTENANCE_NETWORK = 0x43,
	SAPI_MANAGEMENT = 63,
	TEI_MANAGEMENT = 0x0f,
	CREF_MAX = 4, /* octets that are shown as a number */
};

struct message {
	uint8_t discriminator, type;
	uint32_t cref;
	size_t cref_len, elements_at;
	bool flag;
};

/* False: too short to be one. */
static bool read_message(struct message *m, const uint8_t *frame, size_t at, size_t len)
{
	*m = (struct message){0};
	if (len < at + 3)
		return false;
	m->discriminator = frame[at];
	m->cref_len = frame[at + 1] & 0x0f;
	if (len - at < 3 + m->cref_len)
		return false;
	for (size_t i = 0; i < m->cref_len; i++) {
		uint8_t octet = frame[at + 2 + i];

		m->flag |= i == 0 && octet & 0x80;
		m->cref = m->cref << 8 | (i ? octet : octet & 0x7f);
	}
	m->type = frame[at + 2 + m->cref_len];
	m->elements_at = at + 3 + m->cref_len;
	return m->discriminator == Q931 || m->discriminator == MAINTENANCE_NATIONAL ||
	       m->discriminator == MAINTENANCE_NETWORK;
}

static void name_message(struct strbuf *b, const struct message *m)
{
	const char *name = isdn_message_name(m->type);

	if (m->discriminator != Q931)
		name = m->type == 0x0f ? "SERVICE" : m->type == 0x07 ? "SERVICE ACKNOWLEDGE" : NULL;
	if (name)
		strbuf_add(b, name);
	else
		strbuf_addf(b, "message 0x%02x", m->type);
	if (!m->cref_len) {
		strbuf_add(b, " cref=dummy");
		return;
	}
	if (m->cref_len > CREF_MAX)
		strbuf_addf(b, " cref=(%zu octets)", m->cref_len);
	else if (!m->cref)
		strbuf_add(b, " cref=global");
	else
		strbuf_addf(b, " cref=%u", m->cref);
	strbuf_addf(b, " (%s originator)", m->flag ? "to" : "from");
}

static void name_element(struct strbuf *b, const struct isdn_ie *ie, bool brief)
{
	const struct isdn_ie_info *row = isdn_ie_find(ie);

	if (!row) {
		strbuf_addf(b, "element 0x%02x", ie->id);
		if (ie->codeset)
			strbuf_addf(b, " of codeset %u", ie->codeset);
	} else {
		strbuf_add(b, brief && row->brief ? row->brief : row->name);
	}
	if (ie->single) {
		if (!row || (ie->id & 0xf0) != 0xa0)
			strbuf_addf(b, ": %u", ie->id & 0x0f);
		return;
	}
	strbuf_add(b, ": ");
	if (row && row->words)
		row->words(b, ie);
	else
		isdn_words_hex(b, ie->octets, ie->len);
}

static void write_elements(struct strbuf *b, const struct message *m, const uint8_t *frame,
			   size_t len, bool brief)
{
	struct isdn_ie_walk walk;
	struct isdn_ie ie;
	bool first = true;

	isdn_ie_begin(&walk, frame, m->elements_at, len);
	while (isdn_ie_next(&walk, &ie)) {
		strbuf_add(b, !brief ? "    " : first ? " " : "; ");
		name_element(b, &ie, brief);
		if (!brief)
			strbuf_add(b, "\n");
		first = false;
	}
	if (walk.cut) {
		strbuf_add(b, !brief ? "    " : first ? " " : "; ");
		strbuf_addf(b, "element 0x%02x cut short%s", ie.id, brief ? "" : "\n");
	}
}

/* Q.921 5.3: SAPI 63, an entity of 0x0f. */
static bool write_management(struct strbuf *b, const uint8_t *info, size_t n)
{
	static const struct isdn_name types[] = {
	    {1, "identity request"},	   {2, "identity assigned"},	   {3, "identity denied"},
	    {4, "identity check request"}, {5, "identity check response"}, {6, "identity remove"},
	    {7, "identity verify"}};

	if (n < 5 || info[0] != TEI_MANAGEMENT)
		return false;
	strbuf_add(b, "TEI ");
	ISDN_WORDS_NAME(b, types, info[3]);
	strbuf_addf(b, " ri=%u ai=%u", info[1] << 8 | info[2], info[4] >> 1);
	return true;
}

/* What a frame without a message says. */
static void write_link(struct strbuf *b, const struct isdn_link *l, const uint8_t *frame,
		       size_t len)
{
	strbuf_add(b, isdn_link_name(l->kind));
	switch (l->kind) {
	case ISDN_LINK_BAD:
		strbuf_addf(b, " no LAPD frame: ");
		isdn_words_hex(b, frame, len);
		return;
	case ISDN_LINK_I:
		strbuf_addf(b, " ns=%u nr=%u p=%u", l->ns, l->nr, l->pf);
		break;
	case ISDN_LINK_RR:
	case ISDN_LINK_RNR:
	case ISDN_LINK_REJ:
		strbuf_addf(b, " nr=%u p/f=%u", l->nr, l->pf);
		break;
	case ISDN_LINK_OTHER:
		strbuf_addf(b, " control 0x%02x", l->control);
		break;
	default:
		strbuf_addf(b, " p/f=%u", l->pf);
		break;
	}
	if (l->sapi || l->tei)
		strbuf_addf(b, " sapi=%u tei=%u", l->sapi, l->tei);
	strbuf_addf(b, " c/r=%u", l->cr);
	if (l->kind == ISDN_LINK_FRMR && len - l->info_at >= 5) {
		const uint8_t *info = frame + l->info_at;

		strbuf_addf(b, " rejected control %02x %02x, vs=%u vr=%u, reason 0x%02x", info[0],
			    info[1], info[2] >> 1, info[3] >> 1, info[4]);
	}
}

/* A text that was cut must not end inside of a character. */
static size_t finish(struct strbuf *b)
{
	size_t n = b->len;

	while (b->truncated && n && (b->text[n - 1] & 0xc0) == 0x80)
		n--;
	if (b->truncated && n && (b->text[n - 1] & 0xc0) == 0xc0)
		n--;
	if (b->truncated)
		b->text[n] = '\0';
	return b->truncated ? n : b->len;
}

size_t isdn_words_line(char *out, size_t size, const uint8_t *frame, size_t len)
{
	struct isdn_link link;
	struct message m;
	struct strbuf b;

	strbuf_init(&b, out, size);
	isdn_link_decode(&link, frame, len);
	if (link.kind != ISDN_LINK_I && link.kind != ISDN_LINK_UI) {
		write_link(&b, &link, frame, len);
		return finish(&b);
	}
	if (link.sapi == SAPI_MANAGEMENT &&
	    write_management(&b, frame + link.info_at, len - link.info_at))
		return finish(&b);
	if (!read_message(&m, frame, link.info_at, len)) {
		write_link(&b, &link, frame, len);
		strbuf_add(&b, " with no message: ");
		isdn_words_hex(&b, frame + link.info_at, len - link.info_at);
		return finish(&b);
	}
	name_message(&b, &m);
	write_elements(&b, &m, frame, len, true);
	return finish(&b);
}

size_t isdn_words_block(char *out, size_t size, const uint8_t *frame, size_t len)
{
	struct isdn_link link;
	struct message m;
	struct strbuf b;

	strbuf_init(&b, out, size);
	isdn_link_decode(&link, frame, len);
	write_link(&b, &link, frame, len);
	strbuf_addf(&b, ", %zu octets\n", len);
	if ((link.kind != ISDN_LINK_I && link.kind != ISDN_LINK_UI) || link.info_at == len)
		return finish(&b);
	strbuf_add(&b, "  ");
	if (link.sapi == SAPI_MANAGEMENT &&
	    write_management(&b, frame + link.info_at, len - link.info_at)) {
		strbuf_add(&b, "\n");
	} else if (read_message(&m, frame, link.info_at, len)) {
		name_message(&b, &m);
		strbuf_add(&b, "\n");
		write_elements(&b, &m, frame, len, false);
	} else {
		strbuf_add(&b, "no message: ");
		isdn_words_hex(&b, frame + link.info_at, len - link.info_at);
		strbuf_add(&b, "\n");
	}
	return finish(&b);
}
