/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/plan/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "config/plan/profile_priv.h"
#include "config/schema.h"
#include "gateway/base/strbuf.h"

enum { P_NAME, P_COUNTRY, P_CODE, P_SOURCES, P_PREFIXES, P_RANGES, P_CASES, P_COUNT };
enum { S_ID, S_DOCUMENT, S_DATE, S_READ, S_PART, S_COUNT };
enum { X_KIND, X_DIGITS, X_NAMED_BY, X_THEN, X_SOURCE, X_COUNT };
enum { R_STARTS, R_LEAST, R_MOST, R_USE, R_CODE, R_SOURCE, R_WHAT, R_COUNT };
enum { C_AREA, C_CARRIER, C_DIALLED, C_TON, C_IS, C_BACK, C_COUNT };
enum { KIND_INTERNATIONAL, KIND_NATIONAL, KIND_CARRIER };

static const char *const kinds[] = {"international", "national", "carrier", NULL};
static const char *const thens[] = {"national", "international", "dialled", NULL};
static const char *const uses[] = {"national", "bare", "local", "short", "emergency", NULL};
/* A source: read itself (in part: says which part), known as others quote it, or cited only. */
static const char *const reads[] = {"itself", "quoted", "no", NULL};
static const char *const tons[] = {"unknown", "international", "national", "subscriber", NULL};
static const uint8_t ton_code[] = {CALL_TON_UNKNOWN, CALL_TON_INTERNATIONAL, CALL_TON_NATIONAL,
				   CALL_TON_SUBSCRIBER};

static const struct schema_key source_keys[] = {
    [S_ID] = {"id", SCHEMA_NAME, .required = true, .max = 16},
    [S_DOCUMENT] = {"document", SCHEMA_TEXT, .required = true, .max = 200},
    [S_DATE] = {"date", SCHEMA_TEXT, .required = true, .max = 10},
    [S_READ] = {"read", SCHEMA_WORD, .words = reads, .fallback = "no"},
    [S_PART] = {"part", SCHEMA_TEXT, .max = 200, .fallback_doc = "not said"},
    {0}};
static const struct schema_key prefix_keys[] = {
    [X_KIND] = {"kind", SCHEMA_WORD, .required = true, .words = kinds},
    [X_DIGITS] = {"digits", SCHEMA_DIGITS, .required = true, .max = E164_PREFIX_MAX},
    [X_NAMED_BY] = {"named_by", SCHEMA_INT, .min = 1, .max = E164_PREFIX_MAX, .fallback = "1"},
    [X_THEN] = {"then", SCHEMA_WORD, .words = thens, .fallback = "dialled"},
    [X_SOURCE] = {"source", SCHEMA_NAME, .required = true, .max = 16},
    {0}};
static const struct schema_key range_keys[] = {
    [R_STARTS] = {"starts", SCHEMA_TEXT, .required = true, .max = E164_PATTERN_MAX},
    [R_LEAST] = {"least", SCHEMA_INT, .required = true, .min = 1, .max = CALL_DIGITS_MAX},
    [R_MOST] = {"most", SCHEMA_INT, .min = 1, .max = CALL_DIGITS_MAX, .fallback_doc = "least"},
    [R_USE] = {"use", SCHEMA_WORD, .required = true, .words = uses},
    [R_CODE] = {"code", SCHEMA_DIGITS, .max = 3, .fallback_doc = "the country's"},
    [R_SOURCE] = {"source", SCHEMA_NAME, .required = true, .max = 16},
    [R_WHAT] = {"what", SCHEMA_TEXT, .max = 80, .fallback_doc = "nothing"},
    {0}};
static const struct schema_key case_keys[] = {
    [C_AREA] = {"area", SCHEMA_DIGITS, .max = E164_PREFIX_MAX, .fallback_doc = "none"},
    [C_CARRIER] = {"carrier", SCHEMA_DIGITS, .max = E164_PREFIX_MAX, .fallback_doc = "none"},
    [C_DIALLED] = {"dialled", SCHEMA_TEXT, .required = true, .max = CALL_DIGITS_MAX + 15},
    [C_TON] = {"ton", SCHEMA_WORD, .words = tons, .fallback = "unknown"},
    [C_IS] = {"is", SCHEMA_TEXT, .required = true, .max = CALL_DIGITS_MAX + 15},
    [C_BACK] = {"back", SCHEMA_TEXT, .max = CALL_DIGITS_MAX + 15, .fallback_doc = "as dialled"},
    {0}};
static const struct schema_key file_keys[] = {
    [P_NAME] = {"profile", SCHEMA_NAME, .required = true, .max = 15},
    [P_COUNTRY] = {"country", SCHEMA_TEXT, .required = true, .max = 39},
    [P_CODE] = {"country_code", SCHEMA_DIGITS, .required = true, .max = 3},
    [P_SOURCES] = {"sources", SCHEMA_MAPS, .required = true, .min = 1, .max = 32},
    [P_PREFIXES] = {"prefixes", SCHEMA_MAPS, .required = true, .min = 1,
		    .max = 2 * E164_PREFIXES_MAX + 1},
    [P_RANGES] = {"ranges", SCHEMA_MAPS, .required = true, .min = 1, .max = E164_RANGES_MAX},
    [P_CASES] = {"cases", SCHEMA_MAPS, .required = true, .min = 1, .max = PROFILE_CASES_MAX},
    {0}};

struct reader {
	struct report report;
	struct arena arena;
	struct profile_file *out;
	const struct node *sources;
};

#define COMPLAIN(r, n, ...) report_add(&(r)->report, (n)->line, (n)->column, __VA_ARGS__)

static bool read_map(struct reader *r, const struct node *n, const char *where,
		     const struct schema_key *keys, struct schema_value *v)
{
	if (n->kind != NODE_MAP) {
		if (!n->bad)
			COMPLAIN(r, n, "%s is a map: {key: value, …}", where);
		return false;
	}
	schema_read(&r->report, n, NULL, where, keys, v);
	return r->report.count == 0;
}

static const char *text_of(const struct schema_value *v)
{
	return v->ok && v->text ? v->text : "";
}

/* Every prefix and range says where it is from. */
static void check_source(struct reader *r, const struct schema_value *v)
{
	struct schema_value s[S_COUNT];
	char seen[REPORT_QUOTE];

	for (const struct node *n = r->sources->first; n; n = n->next)
		if (read_map(r, n, "a source", source_keys, s) &&
		    strcmp(text_of(&s[S_ID]), text_of(v)) == 0)
			return;
	if (r->report.count == 0)
		COMPLAIN(r, v->node, "there is no source %s; add it to sources:, with document and date",
			 report_quote(seen, text_of(v)));
}

static void read_prefix(struct reader *r, const struct node *n)
{
	struct e164_profile *p = &r->out->profile;
	struct schema_value v[X_COUNT];
	struct e164_carrier *c = &p->carrier[p->carrier_count];
	const char *digits;

	if (!read_map(r, n, "a prefix", prefix_keys, v))
		return;
	check_source(r, &v[X_SOURCE]);
	digits = text_of(&v[X_DIGITS]);
	if (v[X_KIND].number == KIND_NATIONAL && !*p->national) {
		str_copy(p->national, sizeof(p->national), digits);
	} else if (v[X_KIND].number == KIND_INTERNATIONAL &&
		   p->international_count < E164_PREFIXES_MAX) {
		str_copy(p->international[p->international_count++], E164_PREFIX_MAX + 1, digits);
	} else if (v[X_KIND].number == KIND_CARRIER && p->carrier_count < E164_PREFIXES_MAX) {
		str_copy(c->prefix, sizeof(c->prefix), digits);
		c->digits = (uint8_t)v[X_NAMED_BY].number;
		c->then = (unsigned)v[X_THEN].number;
		p->carrier_count++;
	} else {
		COMPLAIN(r, n, "too many prefixes of this kind: one national, %d of the others",
			 E164_PREFIXES_MAX);
	}
}

static void read_range(struct reader *r, const struct node *n)
{
	struct e164_range *range = &r->out->profile.range[r->out->profile.range_count];
	struct schema_value v[R_COUNT];
	int length;

	if (!read_map(r, n, "a range", range_keys, v))
		return;
	check_source(r, &v[R_SOURCE]);
	str_copy(range->starts, sizeof(range->starts), text_of(&v[R_STARTS]));
	range->min = (uint8_t)v[R_LEAST].number;
	range->max = v[R_MOST].given ? (uint8_t)v[R_MOST].number : range->min;
	range->use = (uint8_t)v[R_USE].number;
	str_copy(range->code, sizeof(range->code), text_of(&v[R_CODE]));
	r->out->profile.range_count++;
	length = e164_pattern_length(range->starts);
	if (length < 0)
		COMPLAIN(r, v[R_STARTS].node,
			 "starts takes digits, X (any), Z (1-9), N (2-9) and sets as [2-57]");
	else if (length > range->min || range->max < range->min)
		COMPLAIN(r, n, "a number here has %d to %d digits, at least the %d of starts",
			 range->min, range->max, length);
}

/* "+4930…", "emergency:112", "short:115", "other". */
static bool read_is(const char *text, struct profile_case *c)
{
	struct call_number n = {0};

	c->kind = E164_OTHER;
	if (strcmp(text, "other") == 0)
		return true;
	if (strncmp(text, "short:", 6) == 0) {
		c->kind = E164_SHORT;
		text += 6;
	} else if (strncmp(text, "emergency:", 10) == 0) {
		c->kind = E164_EMERGENCY;
		text += 10;
	} else if (*text == '+') {
		c->kind = E164_NUMBER;
	} else {
		return false;
	}
	if (e164_number_parse(&n, text))
		return false;
	str_copy(c->is, sizeof(c->is), n.digits);
	return true;
}

static void read_case(struct reader *r, const struct node *n)
{
	struct profile_case *c = &r->out->cases[r->out->case_count];
	struct schema_value v[C_COUNT];

	if (!read_map(r, n, "a case", case_keys, v))
		return;
	r->out->case_count++;
	c->line = n->line;
	c->column = n->column;
	str_copy(c->dialled, sizeof(c->dialled), text_of(&v[C_DIALLED]));
	str_copy(c->area, sizeof(c->area), text_of(&v[C_AREA]));
	str_copy(c->carrier, sizeof(c->carrier), text_of(&v[C_CARRIER]));
	if (e164_number_parse(&c->number, text_of(&v[C_DIALLED])))
		COMPLAIN(r, v[C_DIALLED].node,
			 "not a number; write digits, * # and a + in front, spaces as you like");
	if (!read_is(text_of(&v[C_IS]), c))
		COMPLAIN(r, v[C_IS].node, "is: takes +49…, short:115, emergency:112 or other");
	c->back = c->number;
	if (v[C_TON].number)
		c->number.ton = ton_code[v[C_TON].number];
	if (v[C_BACK].given && e164_number_parse(&c->back, text_of(&v[C_BACK])))
		COMPLAIN(r, v[C_BACK].node, "not a number");
	c->back.present = c->kind != E164_OTHER;
}

/* ── The cases ── */

static void fail(struct reader *r, const struct profile_case *c, const char *what, const char *want,
		 const char *got, const char *note)
{
	report_add(&r->report, c->line, c->column, "case %s %s %s, not %s%s%s%s", c->dialled, what,
		   got, want, note ? " (" : "", note ? note : "", note ? ")" : "");
}

static void run_case(struct reader *r, const struct profile_case *c)
{
	static const char *const prefix[] = {
	    [E164_NUMBER] = "+", [E164_SHORT] = "short:", [E164_EMERGENCY] = "emergency:",
	    [E164_OTHER] = "other"};
	struct e164_edge edge = {.profile = &r->out->profile,
				 .form = *c->area ? E164_FORM_DIALLED_LOCAL : E164_FORM_DIALLED};
	char want[64], got[64];
	struct call_number back = {0};
	struct e164 e;

	str_copy(edge.area, sizeof(edge.area), c->area);
	str_copy(edge.carrier, sizeof(edge.carrier), c->carrier);
	e164_normalise(&edge, &c->number, &e);
	snprintf(want, sizeof(want), "%s%s", prefix[c->kind], c->is);
	snprintf(got, sizeof(got), "%s%s", prefix[e.kind], e.kind == E164_OTHER ? "" : e.digits);
	if (strcmp(want, got) != 0)
		fail(r, c, "is", want, got, e.note);
	else if (e.kind == E164_NUMBER && !e.fits)
		fail(r, c, "is", "of its form and length", got, e.note);
	if (strcmp(want, got) != 0 || !c->back.present)
		return;
	if (e164_denormalise(&edge, &e, &back) || strcmp(back.digits, c->back.digits) != 0 ||
	    back.ton != c->back.ton)
		fail(r, c, "is dialled again", c->back.digits, back.digits, NULL);
}

static void each(struct reader *r, const struct schema_value *v,
		 void (*read)(struct reader *r, const struct node *n))
{
	for (const struct node *n = v->ok ? v->node->first : NULL; n; n = n->next)
		read(r, n);
}

static void read_file(struct reader *r, const struct node *root)
{
	struct profile_file *out = r->out;
	struct schema_value v[P_COUNT];
	const char *what;

	if (!read_map(r, root, "a profile", file_keys, v))
		return;
	str_copy(out->profile.name, sizeof(out->profile.name), text_of(&v[P_NAME]));
	str_copy(out->profile.country, sizeof(out->profile.country), text_of(&v[P_COUNTRY]));
	str_copy(out->profile.country_code, sizeof(out->profile.country_code), text_of(&v[P_CODE]));
	r->sources = v[P_SOURCES].node;
	each(r, &v[P_PREFIXES], read_prefix);
	each(r, &v[P_RANGES], read_range);
	out->cases = calloc(v[P_CASES].node->count, sizeof(*out->cases));
	if (!out->cases) {
		COMPLAIN(r, root, "out of memory");
		return;
	}
	each(r, &v[P_CASES], read_case);
	if (r->report.count == 0 && e164_profile_check(&out->profile, &what))
		COMPLAIN(r, root, "%s", what);
	if (r->report.count)
		return;
	for (unsigned i = 0; i < out->case_count; i++)
		run_case(r, &out->cases[i]);
}

int profile_parse(struct profile_file *out, const char *name, const char *text, size_t len,
		  profile_error_fn on_error, void *arg)
{
	struct profile_file file = {0};
	struct reader r = {.report = {.file = name}, .out = &file};
	const struct node *root = NULL;
	int mistakes;

	if (len > PROFILE_FILE_MAX)
		report_add(&r.report, 0, 0, "longer than %d octets; this is no profile",
			   PROFILE_FILE_MAX);
	else
		root = tree_parse(&r.arena, &r.report, text, len);
	if (root)
		read_file(&r, root);
	mistakes = (int)report_flush(&r.report, on_error, arg);
	arena_free(&r.arena);
	if (mistakes)
		profile_file_fini(&file);
	else
		*out = file;
	return mistakes;
}

void profile_file_fini(struct profile_file *f)
{
	if (f)
		free(f->cases);
}

/* ── Built in ── */

enum { BUILTIN_MAX = 32 };
static struct e164_profile builtin[BUILTIN_MAX];
static once_flag builtin_once = ONCE_FLAG_INIT;

static void no_error(void *arg, const char *text)
{
}

/* One that is not right is left out; a test sees to it that there is none. */
static void read_builtin(void)
{
	for (unsigned i = 0; i < BUILTIN_MAX && profile_builtin[i].name; i++) {
		const char *text = profile_builtin[i].text;
		struct profile_file f;

		if (profile_parse(&f, profile_builtin[i].name, text, strlen(text), no_error, NULL))
			continue;
		builtin[i] = f.profile;
		profile_file_fini(&f);
	}
}

const struct e164_profile *profile_find(const char *name)
{
	call_once(&builtin_once, read_builtin);
	for (unsigned i = 0; i < BUILTIN_MAX && profile_builtin[i].name; i++)
		if (strcmp(profile_builtin[i].name, name) == 0)
			return *builtin[i].name ? &builtin[i] : NULL;
	return NULL;
}

const char *profile_name(unsigned index)
{
	for (unsigned i = 0; i < index; i++)
		if (!profile_builtin[i].name)
			return NULL;
	return profile_builtin[index].name;
}

const char *profile_text(const char *name)
{
	for (unsigned i = 0; profile_builtin[i].name; i++)
		if (strcmp(profile_builtin[i].name, name) == 0)
			return profile_builtin[i].text;
	return NULL;
}
