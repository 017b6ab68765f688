/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/e164.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/strbuf.h"

/* false: they do not fit. */
static bool join(char out[CALL_DIGITS_MAX + 1], const char *a, const char *b, const char *c)
{
	struct strbuf text;

	strbuf_init(&text, out, CALL_DIGITS_MAX + 1);
	strbuf_add(&text, a);
	strbuf_add(&text, b);
	strbuf_add(&text, c);
	return !text.truncated;
}

/* The rest of text behind prefix, or NULL. */
static const char *behind(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return n && strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static bool is_digits(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

static bool in_range(const struct e164_range *r, const char *digits, size_t len)
{
	return len >= r->min && len <= r->max && e164_pattern_match(r->starts, digits) >= 0;
}

/* Is there a range of one of the uses (bits) that digits are in? */
static const struct e164_range *find_range(const struct e164_profile *p, unsigned uses,
					   const char *digits)
{
	size_t len = strlen(digits);

	for (unsigned i = 0; i < p->range_count; i++)
		if (uses & 1u << p->range[i].use && in_range(&p->range[i], digits, len))
			return &p->range[i];
	return NULL;
}

enum {
	NATIONAL = 1 << E164_USE_NATIONAL | 1 << E164_USE_BARE,
	BARE = 1 << E164_USE_BARE,
	LOCAL = 1 << E164_USE_LOCAL,
	SHORT = 1 << E164_USE_SHORT | 1 << E164_USE_EMERGENCY,
};

static bool national_fits(const struct e164_profile *p, const char *national)
{
	return is_digits(national) && find_range(p, NATIONAL, national) &&
	       strlen(p->country_code) + strlen(national) <= E164_DIGITS_MAX;
}

/* The country code of a national number: not everywhere the country's own. */
static const char *code_of(const struct e164_profile *p, const char *national)
{
	size_t len = strlen(national);

	for (unsigned i = 0; i < p->range_count; i++)
		if (*p->range[i].code && NATIONAL & 1u << p->range[i].use &&
		    in_range(&p->range[i], national, len))
			return p->range[i].code;
	return p->country_code;
}

/* The national number in digits of E.164, NULL: it is of another country. */
static const char *national_part(const struct e164_profile *p, const char *digits)
{
	const char *own = behind(digits, p->country_code), *rest;

	for (unsigned i = 0; i < p->range_count; i++) {
		rest = behind(digits, p->range[i].code);
		if (rest && *rest && strcmp(code_of(p, rest), p->range[i].code) == 0)
			return rest;
	}
	return own && strcmp(code_of(p, own), p->country_code) == 0 ? own : NULL;
}

static bool international_fits(const struct e164_profile *p, const char *digits)
{
	const char *national = behind(digits, p->country_code);

	/* E.164 6.2: no country code begins with 0. The shortest numbers behind a code have four
	 * digits or so; less is somebody who is still dialling. */
	if (!is_digits(digits) || *digits == '0' || strlen(digits) > E164_DIGITS_MAX)
		return false;
	return national ? national_fits(p, national) : strlen(digits) >= 5;
}

/* ── Readings: each fills in *out and says true, or leaves it alone ── */

static bool read_number(const struct e164_profile *p, struct e164 *out, enum e164_read read,
			const char *country_code, const char *area, const char *digits)
{
	if (!is_digits(digits) || !join(out->digits, country_code, area, digits) ||
	    *out->digits == '0')
		return false;
	out->kind = E164_NUMBER;
	out->read = read;
	out->home = behind(out->digits, p->country_code) != NULL;
	out->fits = international_fits(p, out->digits);
	if (!out->fits)
		out->note = strlen(out->digits) > E164_DIGITS_MAX
				? "longer than the 15 digits of E.164"
			    : out->home ? "its country has no numbers of this form and length"
					: "too short for a number abroad";
	return true;
}

static bool read_short(const struct e164_profile *p, struct e164 *out, const char *digits)
{
	const struct e164_range *r = find_range(p, SHORT, digits);

	if (!r)
		return false;
	/* In a range of both kinds the emergency number wins. */
	out->kind = find_range(p, 1 << E164_USE_EMERGENCY, digits) ? E164_EMERGENCY : E164_SHORT;
	out->read = E164_READ_SHORT;
	snprintf(out->digits, sizeof(out->digits), "%s", digits);
	return true;
}

/* Some exchanges send the prefix although the type says it already. National numbers never begin
 * with the national prefix where there is one, country codes never with 0. */
static bool read_typed_international(const struct e164_profile *p, struct e164 *out,
				     const char *digits)
{
	for (unsigned i = 0; i < p->international_count; i++) {
		const char *rest = behind(digits, p->international[i]);

		if (rest && *digits == '0' && international_fits(p, rest) &&
		    read_number(p, out, E164_READ_TYPE, "", "", rest)) {
			out->note = "type international, and the international prefix as well";
			return true;
		}
	}
	return read_number(p, out, E164_READ_TYPE, "", "", digits);
}

static bool read_typed_national(const struct e164_profile *p, struct e164 *out, const char *digits)
{
	const char *rest = behind(digits, p->national);

	if (rest && !national_fits(p, digits) && national_fits(p, rest) &&
	    read_number(p, out, E164_READ_TYPE, code_of(p, rest), "", rest)) {
		out->note = "type national, and the national prefix as well";
		return true;
	}
	if (!national_fits(p, digits) && read_short(p, out, digits))
		return true;
	return read_number(p, out, E164_READ_TYPE, code_of(p, digits), "", digits);
}

static bool local_fits(const struct e164_edge *e, const char *digits)
{
	const struct e164_profile *p = e->profile;
	char national[CALL_DIGITS_MAX + 1];

	if (!*e->area || strlen(digits) + strlen(e->area) > E164_DIGITS_MAX ||
	    !find_range(p, LOCAL, digits))
		return false;
	snprintf(national, sizeof(national), "%.7s%.15s", e->area, digits);
	return national_fits(p, national);
}

static bool read_typed_subscriber(const struct e164_edge *e, struct e164 *out, const char *digits)
{
	if (read_short(e->profile, out, digits))
		return true;
	if (*e->area)
		return read_number(e->profile, out, E164_READ_TYPE, e->profile->country_code,
				   e->area, digits);
	out->note = "a subscriber number, and the edge has no area code (area:)";
	return false;
}

/* Behind a prefix. fit: only when the rest is of a form that there is. */
static bool read_prefixes(const struct e164_edge *e, struct e164 *out, const char *digits, bool fit)
{
	const struct e164_profile *p = e->profile;
	const char *rest;

	for (unsigned i = 0; i < p->international_count; i++) {
		rest = behind(digits, p->international[i]);
		if (rest && (!fit || international_fits(p, rest)) &&
		    read_number(p, out, E164_READ_INTERNATIONAL, "", "", rest))
			return true;
	}
	rest = behind(digits, p->national);
	/* Where bare numbers are international, a national prefix that could begin a country code
	 * does not count. */
	if (!rest || (e->bare == E164_BARE_INTERNATIONAL && *p->national != '0') ||
	    (fit && !national_fits(p, rest)))
		return false;
	/* Behind a national prefix no number begins with it again, nor with 0. */
	if (*rest == '0' || behind(rest, p->national))
		return false;
	return read_number(p, out, E164_READ_NATIONAL, code_of(p, rest), "", rest);
}

static bool read_bare(const struct e164_edge *e, struct e164 *out, const char *digits)
{
	const struct e164_profile *p = e->profile;

	if (e->bare == E164_BARE_INTERNATIONAL && international_fits(p, digits))
		return read_number(p, out, E164_READ_BARE, "", "", digits);
	if (e->bare == E164_BARE_NATIONAL && national_fits(p, digits))
		return read_number(p, out, E164_READ_BARE, code_of(p, digits), "", digits);
	if (e->bare == E164_BARE_DIALLED && local_fits(e, digits))
		return read_number(p, out, E164_READ_LOCAL, p->country_code, e->area, digits);
	if (e->bare == E164_BARE_DIALLED && find_range(p, BARE, digits) &&
	    national_fits(p, digits))
		return read_number(p, out, E164_READ_BARE, code_of(p, digits), "", digits);
	return false;
}

static bool read_dialled(const struct e164_edge *e, struct e164 *out, const char *digits)
{
	return read_short(e->profile, out, digits) || read_prefixes(e, out, digits, true) ||
	       read_bare(e, out, digits);
}

static bool read_behind_carrier(const struct e164_edge *e, const struct e164_carrier *c,
				struct e164 *out, const char *rest)
{
	const struct e164_profile *p = e->profile;

	if (c->then == E164_THEN_NATIONAL)
		return national_fits(p, rest) &&
		       read_number(p, out, E164_READ_NATIONAL, code_of(p, rest), "", rest);
	if (c->then == E164_THEN_INTERNATIONAL)
		return international_fits(p, rest) &&
		       read_number(p, out, E164_READ_INTERNATIONAL, "", "", rest);
	return read_dialled(e, out, rest);
}

static bool read_carrier(const struct e164_edge *e, struct e164 *out, const char *digits)
{
	for (unsigned i = 0; i < e->profile->carrier_count; i++) {
		const struct e164_carrier *c = &e->profile->carrier[i];
		const char *rest = behind(digits, c->prefix);

		if (!rest || strlen(rest) <= c->digits ||
		    !read_behind_carrier(e, c, out, rest + c->digits))
			continue;
		snprintf(out->carrier, sizeof(out->carrier), "%.*s", (int)c->digits, rest);
		return true;
	}
	return false;
}

static bool read_any(const struct e164_edge *e, const struct call_number *in, struct e164 *out)
{
	if (in->npi != CALL_NPI_UNKNOWN && in->npi != CALL_NPI_E164) {
		out->note = "its numbering plan is not E.164";
		return false;
	}
	switch (in->ton) {
	case CALL_TON_INTERNATIONAL:
		return read_typed_international(e->profile, out, in->digits);
	case CALL_TON_NATIONAL:
		return read_typed_national(e->profile, out, in->digits);
	case CALL_TON_SUBSCRIBER:
		return read_typed_subscriber(e, out, in->digits);
	case CALL_TON_UNKNOWN:
		return read_dialled(e, out, in->digits) || read_carrier(e, out, in->digits) ||
		       read_prefixes(e, out, in->digits, false);
	default: /* network specific, abbreviated, reserved */
		return read_short(e->profile, out, in->digits);
	}
}

void e164_normalise(const struct e164_edge *edge, const struct call_number *in, struct e164 *out)
{
	*out = (struct e164){.kind = E164_OTHER};
	if (in->present && memchr(in->digits, '\0', sizeof(in->digits)) && *in->digits &&
	    read_any(edge, in, out))
		return;
	out->kind = E164_OTHER;
	out->number = *in;
	out->number.digits[CALL_DIGITS_MAX] = '\0';
	if (!out->note)
		out->note = !in->present || !*in->digits
				? "there is no number"
				: "no form of number that is known here; rules see its digits as "
				  "they came";
}

/* ── Back ── */

static bool put(struct call_number *out, uint8_t ton, const char *a, const char *b, const char *c)
{
	if (!join(out->digits, a, b, c))
		return false;
	out->ton = ton;
	out->npi = CALL_NPI_E164;
	out->present = true;
	return true;
}

/* As dialled, with the carrier's digits where the edge selects one. */
static bool put_dialled(const struct e164_edge *e, const char *prefix, int then, const char *digits,
			struct call_number *out)
{
	const struct e164_profile *p = e->profile;

	for (unsigned i = 0; i < p->carrier_count && *e->carrier; i++) {
		const struct e164_carrier *c = &p->carrier[i];
		char select[2 * E164_PREFIX_MAX + 1];

		if (strlen(e->carrier) != c->digits)
			continue;
		snprintf(select, sizeof(select), "%s%s", c->prefix, e->carrier);
		if ((int)c->then == then)
			return put(out, CALL_TON_UNKNOWN, select, "", digits);
		if (c->then == E164_THEN_DIALLED && prefix)
			return put(out, CALL_TON_UNKNOWN, select, prefix, digits);
	}
	return prefix && put(out, CALL_TON_UNKNOWN, prefix, "", digits);
}

/* The form as asked for; false when the number has none. */
static bool write_form(const struct e164_edge *e, enum e164_form form, const struct e164 *in,
		       struct call_number *out)
{
	const struct e164_profile *p = e->profile;
	const char *national = national_part(p, in->digits);
	const char *local = national ? behind(national, e->area) : NULL;

	switch (form) {
	case E164_FORM_SUBSCRIBER:
		return local && *local && put(out, CALL_TON_SUBSCRIBER, local, "", "");
	case E164_FORM_NATIONAL:
		return national && *national && put(out, CALL_TON_NATIONAL, national, "", "");
	case E164_FORM_DIALLED_LOCAL:
		return local && *local && put(out, CALL_TON_UNKNOWN, local, "", "");
	case E164_FORM_BARE_NATIONAL:
		return national && *national && put(out, CALL_TON_UNKNOWN, national, "", "");
	case E164_FORM_DIALLED:
		if (national && *national &&
		    put_dialled(e, p->national, E164_THEN_NATIONAL, national, out))
			return true;
		return put_dialled(e, p->international_count ? p->international[0] : NULL,
				   E164_THEN_INTERNATIONAL, in->digits, out);
	case E164_FORM_BARE:
		return put(out, CALL_TON_UNKNOWN, in->digits, "", "");
	case E164_FORM_INTERNATIONAL:
		return put(out, CALL_TON_INTERNATIONAL, in->digits, "", "");
	}
	return false;
}

/* The next more explicit form. */
static enum e164_form more_explicit(enum e164_form form)
{
	switch (form) {
	case E164_FORM_SUBSCRIBER:
		return E164_FORM_NATIONAL;
	case E164_FORM_DIALLED_LOCAL:
	case E164_FORM_BARE_NATIONAL:
		return E164_FORM_DIALLED;
	default:
		return E164_FORM_INTERNATIONAL;
	}
}

static bool reads_back(const struct e164_edge *e, const struct e164 *want,
		       const struct call_number *number)
{
	struct e164 got;

	e164_normalise(e, number, &got);
	return got.kind == want->kind && strcmp(got.digits, want->digits) == 0;
}

static int write_number(const struct e164_edge *e, const struct e164 *in, struct call_number *out)
{
	enum e164_form form = e->form;
	struct call_number n = *out;

	for (;;) {
		/* Bare digits are what the far end asked for, however we read its own. */
		bool sure = form == E164_FORM_BARE || form == E164_FORM_BARE_NATIONAL;

		if (write_form(e, form, in, &n) && (sure || reads_back(e, in, &n)))
			break;
		if (form == E164_FORM_INTERNATIONAL)
			return -ERANGE;
		form = more_explicit(form);
	}
	*out = n;
	return 0;
}

int e164_denormalise(const struct e164_edge *edge, const struct e164 *in, struct call_number *out)
{
	if (in->kind == E164_NUMBER)
		return write_number(edge, in, out);
	if (in->kind == E164_OTHER) {
		memcpy(out->digits, in->number.digits, sizeof(out->digits));
		out->ton = in->number.ton;
		out->npi = in->number.npi;
		out->present = in->number.present;
		return 0;
	}
	return put(out, CALL_TON_UNKNOWN, in->digits, "", "") ? 0 : -ERANGE;
}
