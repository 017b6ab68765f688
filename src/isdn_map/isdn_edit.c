/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_edit.h"

#include <string.h>

#include "src/isdn_map/isdn_cause.h"

enum { EXT = 0x80, PI_ELEMENT = 4, PI_KINDS = 4, HEAD = 2 /* identifier and length */ };

struct editing {
	uint8_t *frame;
	size_t len, most; /* how long it is, how long it may become */
	size_t elements_at;
};

static void move_tail(struct editing *e, size_t from, size_t to)
{
	memmove(e->frame + to, e->frame + from, e->len - from);
	e->len = e->len - from + to;
}

static void remove_elements(struct editing *e, uint8_t id)
{
	struct isdn_ie_walk walk;
	struct isdn_ie ie;

	isdn_ie_begin(&walk, e->frame, e->elements_at, e->len);
	while (isdn_ie_next(&walk, &ie)) {
		if (ie.single || ie.codeset || ie.id != id)
			continue;
		move_tail(e, walk.at, ie.from); /* a shift for this one has to go as well */
		isdn_ie_begin(&walk, e->frame, e->elements_at, e->len);
	}
}

/* Behind everything of codeset 0 with a lower identifier, before every shift. */
static size_t place_for(const struct editing *e, uint8_t id)
{
	struct isdn_ie_walk walk;
	struct isdn_ie ie;
	size_t at = e->elements_at;

	isdn_ie_begin(&walk, e->frame, e->elements_at, e->len);
	while (isdn_ie_next(&walk, &ie)) {
		if (ie.codeset || walk.locked || (!ie.single && ie.id > id))
			break;
		at = walk.at;
	}
	return at;
}

/* octets: whole elements of one identifier, or none. False: no room, nothing is inserted. */
static bool replace(struct editing *e, uint8_t id, const uint8_t *octets, size_t n)
{
	size_t at;

	remove_elements(e, id);
	if (!n)
		return true;
	if (e->len + n > e->most)
		return false;
	at = place_for(e, id);
	move_tail(e, at, at + n);
	memcpy(e->frame + at, octets, n);
	return true;
}

static void edit_pi(struct editing *e, const struct isdn_edit *edit)
{
	static const uint8_t descriptions[PI_KINDS] = {1, 2, 3, 8};
	static const uint8_t bits[PI_KINDS] = {CALL_PI_1, CALL_PI_2, CALL_PI_3, CALL_PI_8};
	uint8_t octets[PI_KINDS * PI_ELEMENT];
	size_t n = 0;

	for (size_t i = 0; i < PI_KINDS; i++) {
		const uint8_t element[PI_ELEMENT] = {ISDN_IE_PROGRESS, 2,
						     (uint8_t)(EXT | (edit->pi_location & 0x0f)),
						     (uint8_t)(EXT | descriptions[i])};

		if (!(edit->pi & bits[i]))
			continue;
		memcpy(octets + n, element, PI_ELEMENT);
		n += PI_ELEMENT;
	}
	replace(e, ISDN_IE_PROGRESS, octets, n);
}

static void edit_cause(struct editing *e, const struct call_cause *cause)
{
	uint8_t octets[HEAD + ISDN_CAUSE_OCTETS_MAX];
	size_t n = 0;

	if (cause->value)
		n = isdn_cause_encode(octets + HEAD, cause);
	octets[0] = ISDN_IE_CAUSE;
	octets[1] = (uint8_t)n;
	if (replace(e, ISDN_IE_CAUSE, octets, n ? HEAD + n : 0))
		return;
	octets[1] = 2; /* without its diagnostic */
	replace(e, ISDN_IE_CAUSE, octets, HEAD + 2);
}

static void edit_carried(struct editing *e, uint8_t id, const uint8_t *contents, size_t len)
{
	uint8_t octets[HEAD + ISDN_USER_USER_MAX];

	if (!len || len > ISDN_USER_USER_MAX)
		return;
	octets[0] = id;
	octets[1] = (uint8_t)len;
	memcpy(octets + HEAD, contents, len);
	replace(e, id, octets, HEAD + len);
}

static void edit_party(struct editing *e, uint8_t id, const struct isdn_party_octets *party)
{
	uint8_t octets[HEAD + ISDN_PARTY_OCTETS_MAX] = {id, party->len};

	memcpy(octets + HEAD, party->octet, party->len);
	replace(e, id, octets, party->len ? HEAD + (size_t)party->len : 0);
}

/* Nothing is to be put behind an element whose end is not known. */
static bool is_whole(const uint8_t *frame, size_t len, size_t elements_at)
{
	struct isdn_ie_walk walk;
	struct isdn_ie ie;

	isdn_ie_begin(&walk, frame, elements_at, len);
	while (isdn_ie_next(&walk, &ie))
		;
	return !walk.cut;
}

size_t isdn_frame_edit(uint8_t *frame, size_t len, size_t cap, const struct isdn_edit *edit)
{
	struct editing e = {.frame = frame, .len = len};
	struct isdn_frame f;

	isdn_frame_decode(&f, frame, len);
	if (!f.is_message || !is_whole(frame, len, f.elements_at))
		return len;
	e.elements_at = f.elements_at;
	e.most = f.message_at + (size_t)ISDN_N201;
	if (e.most > cap)
		e.most = cap;
	if (edit->set_cause)
		edit_cause(&e, &edit->cause);
	if (edit->set_pi)
		edit_pi(&e, edit);
	if (edit->connected)
		edit_party(&e, ISDN_IE_CONNECTED, edit->connected);
	if (edit->redirecting)
		edit_party(&e, ISDN_IE_REDIRECTING, edit->redirecting);
	if (edit->carried) {
		const struct isdn_carried *c = edit->carried;

		edit_carried(&e, ISDN_IE_LLC, c->llc, c->llc_len);
		edit_carried(&e, ISDN_IE_HLC, c->hlc, c->hlc_len);
		edit_carried(&e, ISDN_IE_USER_USER, c->user_user, c->user_user_len);
	}
	return e.len;
}

static void put(uint8_t *out, uint8_t *out_len, size_t max, const uint8_t *octets, size_t len)
{
	if (!len || len > max)
		return;
	memcpy(out, octets, len);
	*out_len = (uint8_t)len;
}

void isdn_carried_take(struct isdn_carried *out, const struct isdn_frame *f, const uint8_t *frame)
{
	put(out->llc, &out->llc_len, ISDN_LLC_MAX, frame + f->llc.at, f->llc.len);
	put(out->hlc, &out->hlc_len, ISDN_HLC_MAX, frame + f->hlc.at, f->hlc.len);
	put(out->user_user, &out->user_user_len, ISDN_USER_USER_MAX, frame + f->user_user.at,
	    f->user_user.len);
}

void isdn_carried_add(struct isdn_carried *out, const struct isdn_carried *in)
{
	put(out->llc, &out->llc_len, ISDN_LLC_MAX, in->llc, in->llc_len);
	put(out->hlc, &out->hlc_len, ISDN_HLC_MAX, in->hlc, in->hlc_len);
	put(out->user_user, &out->user_user_len, ISDN_USER_USER_MAX, in->user_user,
	    in->user_user_len);
}
