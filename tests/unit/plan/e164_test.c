/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The E.164 core on a country that is made up, with something of everything: how each form is read,
 * how a number is written in each, and profiles that cannot be. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "gateway/plan/e164.h"
#include "tests/unit/plan/plan_tests.h"

static const struct e164_profile country = {
    .name = "zz",
    .country = "Test",
    .country_code = "99",
    .international = {"00", "19"},
    .international_count = 2,
    .national = "0",
    .carrier = {{"17", 2, E164_THEN_DIALLED}, {"18", 1, E164_THEN_NATIONAL}, {"16", 3, E164_THEN_INTERNATIONAL}},
    .carrier_count = 3,
    .range = {{"[2-7]", 6, 8, E164_USE_NATIONAL, ""},
	      {"80", 6, 6, E164_USE_BARE, ""},
	      {"9", 7, 7, E164_USE_NATIONAL, "98"},
	      {"N", 4, 5, E164_USE_LOCAL, ""},
	      {"1XX", 3, 3, E164_USE_SHORT, ""},
	      {"11[02]", 3, 3, E164_USE_EMERGENCY, ""}},
    .range_count = 6,
};

static struct e164_edge edge_of(const char *text)
{
	struct e164_edge e = {.profile = &country};
	const char *comma;

	/* "30" area, "b" national, "c" international; behind a comma the carrier */
	e.bare = *text == 'b' ? E164_BARE_NATIONAL : *text == 'c' ? E164_BARE_INTERNATIONAL : E164_BARE_DIALLED;
	text += e.bare != E164_BARE_DIALLED;
	comma = strchr(text, ',');
	str_copy(e.area, sizeof(e.area), text);
	e.area[strcspn(e.area, ",")] = '\0';
	str_copy(e.carrier, sizeof(e.carrier), comma ? comma + 1 : "");
	return e;
}

static struct call_number number(const char *digits, char ton)
{
	struct call_number n = {.present = true, .npi = CALL_NPI_E164};

	n.ton = ton == 'I'   ? CALL_TON_INTERNATIONAL
		: ton == 'N' ? CALL_TON_NATIONAL
		: ton == 'S' ? CALL_TON_SUBSCRIBER
		: ton == 'A' ? CALL_TON_ABBREVIATED
			     : CALL_TON_UNKNOWN;
	str_copy(n.digits, sizeof(n.digits), digits);
	return n;
}

/* "+digits read flags carrier (note)" */
static void describe(const struct e164 *e, char *out, size_t size)
{
	static const char *const read[] = {"none", "type", "inter", "nation", "local", "bare", "short"};
	char text[E164_TEXT + 6];
	struct strbuf b;

	strbuf_init(&b, out, size);
	strbuf_addf(&b, "%s %s%s%s%s", e164_format(e, text), read[e->read],
		    e->kind == E164_EMERGENCY ? " sos" : "", e->home ? " home" : "", e->fits ? " fits" : "");
	if (*e->carrier)
		strbuf_addf(&b, " by %s", e->carrier);
	if (e->note)
		strbuf_addf(&b, " (%.28s)", e->note);
}

/* edge, digits, type (Unknown International National Subscriber Abbreviated), what it is */
static const struct {
	const char *edge, *digits;
	char ton;
	const char *want;
} reads[] = {
    {"30", "00441632", 'U', "+441632 inter fits"},
    {"30", "004416", 'U', "+4416 inter (too short for a number abroa)"},
    {"30", "00993012345", 'U', "+993012345 inter home fits"},
    {"30", "0099301", 'U', "+99301 inter home (its country has no numbers o)"},
    {"30", "03012345", 'U', "+993012345 nation home fits"},
    {"30", "0801234", 'U', "+99801234 nation home fits"},
    {"30", "801234", 'U', "+99801234 bare home fits"},
    {"30", "2345", 'U', "+99302345 local home fits"},
    {"30", "12345", 'U', "other:12345 none (no form of number that is kn)"},
    {"30", "23456", 'U', "+993023456 local home fits"},
    {"30", "022345", 'U', "+9922345 nation home (its country has no numbers o)"},
    {"30", "09123456", 'U', "+989123456 nation fits"},
    {"30", "00989123456", 'U', "+989123456 inter fits"},
    {"30", "0098912345", 'U', "+98912345 inter fits"},
    {"30", "123", 'U', "123 short"},
    {"30", "112", 'U', "112 short sos"},
    {"30", "114", 'U', "114 short"},
    {"30", "1234", 'U', "other:1234 none (no form of number that is kn)"},
    {"30", "172503012345", 'U', "+993012345 nation home fits by 25"},
    {"30", "1725123", 'U', "123 short by 25"},
    {"30", "17250", 'U', "other:17250 none (no form of number that is kn)"},
    {"30", "1843012345", 'U', "+993012345 nation home fits by 4"},
    {"30", "1848", 'U', "other:1848 none (no form of number that is kn)"},
    {"30", "16123441632", 'U', "+441632 inter fits by 123"},
    {"30", "161234416", 'U', "other:161234416 none (no form of number that is kn)"},
    {"30", "16123", 'U', "other:16123 none (no form of number that is kn)"},
    {"30", "*21#", 'U', "other:*21# none (no form of number that is kn)"},
    {"30", "00", 'U', "other:00 none (no form of number that is kn)"},
    {"30", "0", 'U', "other:0 none (no form of number that is kn)"},
    {"30", "000441632", 'U', "other:000441632 none (no form of number that is kn)"},
    {"30", "00441632441632441", 'U', "+441632441632441 inter fits"},
    {"30", "0044163244163244163", 'U', "+44163244163244163 inter (longer than the 15 digits of)"},
    {"30", "3012345", 'U', "other:3012345 none (no form of number that is kn)"},
    {"30", "441632", 'U', "other:441632 none (no form of number that is kn)"},
    {"30", "0030123", 'U', "+30123 inter fits"},
    {"30", "12345678901234567890", 'U', "other:12345678901234567890 none (no form of number that is kn)"},
    {"30", "441632", 'I', "+441632 type fits"},
    {"30", "00441632", 'I', "+441632 type fits (type international, and the )"},
    {"30", "0044", 'I', "other:0044 none (no form of number that is kn)"},
    {"30", "9930123456", 'I', "+9930123456 type home fits"},
    {"30", "0441632", 'I', "other:0441632 none (no form of number that is kn)"},
    {"30", "19441632", 'I', "+19441632 type fits"},
    {"30", "4416324416324416", 'I', "+4416324416324416 type (longer than the 15 digits of)"},
    {"30", "112", 'I', "+112 type (too short for a number abroa)"},
    {"30", "3012345", 'N', "+993012345 type home fits"},
    {"30", "03012345", 'N', "+993012345 type home fits (type national, and the natio)"},
    {"30", "112", 'N', "112 short sos"},
    {"30", "123", 'N', "123 short"},
    {"30", "0123", 'N', "+990123 type home (its country has no numbers o)"},
    {"30", "9123456", 'N', "+989123456 type fits"},
    {"30", "09123456", 'N', "+989123456 type fits (type national, and the natio)"},
    {"30", "801234", 'N', "+99801234 type home fits"},
    {"30", "30123456789", 'N', "+9930123456789 type home (its country has no numbers o)"},
    {"30", "2345", 'S', "+99302345 type home fits"},
    {"30", "112", 'S', "112 short sos"},
    {"30", "23456789", 'S', "+993023456789 type home (its country has no numbers o)"},
    {"30", "112", 'A', "112 short sos"},
    {"30", "2345", 'A', "other:2345 none (no form of number that is kn)"},
    {"", "2345", 'U', "other:2345 none (no form of number that is kn)"},
    {"", "2345", 'S', "other:2345 none (a subscriber number, and the)"},
    {"", "801234", 'U', "+99801234 bare home fits"},
    {"b", "3012345", 'U', "+993012345 bare home fits"},
    {"b", "9123456", 'U', "+989123456 bare fits"},
    {"b", "2345", 'U', "other:2345 none (no form of number that is kn)"},
    {"b", "801234", 'U', "+99801234 bare home fits"},
    {"c", "3012345", 'U', "+3012345 bare fits"},
    {"c", "993012345", 'U', "+993012345 bare home fits"},
    {"c", "99301", 'U', "other:99301 none (no form of number that is kn)"},
    {"c", "03012345", 'U', "+993012345 nation home fits"},
    {"c", "00441632", 'U', "+441632 inter fits"},
    {"c", "112", 'U', "112 short sos"},
    {"c", "801234", 'U', "+801234 bare fits"},
};

void test_e164_reads(void **state)
{
	char got[200];
	bool wrong = false;

	(void)state;
	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		struct e164_edge edge = edge_of(reads[i].edge);
		struct call_number n = number(reads[i].digits, reads[i].ton);
		struct e164 e;

		e164_normalise(&edge, &n, &e);
		describe(&e, got, sizeof(got));
		if (strcmp(got, reads[i].want) != 0) {
			printf("# {\"%s\", \"%s\", '%c', \"%s\"},\n", reads[i].edge, reads[i].digits,
			       reads[i].ton, got);
			wrong = true;
		}
	}
	assert_false(wrong);
}

/* international, national, subscriber, dialled, dialled-local, bare, bare-national */
static const struct {
	const char *edge, *digits, *want;
} writes[] = {
    {"30", "993012345",
     "993012345i 3012345n 12345s 03012345u 03012345u 993012345u 3012345u"},
    {"30", "99301234",
     "99301234i 301234n 1234s 0301234u 0301234u 99301234u 301234u"},
    {"30", "99302345",
     "99302345i 302345n 2345s 0302345u 2345u 99302345u 302345u"},
    {"30", "9930234",
     "9930234i 30234n 234s 030234u 030234u 9930234u 30234u"},
    {"30", "99801234",
     "99801234i 801234n 801234n 0801234u 0801234u 99801234u 801234u"},
    {"30", "99401234",
     "99401234i 401234n 401234n 0401234u 0401234u 99401234u 401234u"},
    {"30", "989123456",
     "989123456i 9123456n 9123456n 09123456u 09123456u 989123456u 9123456u"},
    {"30", "441632",
     "441632i 441632i 441632i 00441632u 00441632u 441632u 00441632u"},
    {"30", "993011234",
     "993011234i 3011234n 11234s 03011234u 03011234u 993011234u 3011234u"},
    {"30", "99303456",
     "99303456i 303456n 3456s 0303456u 3456u 99303456u 303456u"},
    {"30", "99304416",
     "99304416i 304416n 4416s 0304416u 4416u 99304416u 304416u"},
    {"", "993012345",
     "993012345i 3012345n 3012345n 03012345u 03012345u 993012345u 3012345u"},
    {"", "441632",
     "441632i 441632i 441632i 00441632u 00441632u 441632u 00441632u"},
    {"", "99801234",
     "99801234i 801234n 801234n 0801234u 0801234u 99801234u 801234u"},
    {"", "989123456",
     "989123456i 9123456n 9123456n 09123456u 09123456u 989123456u 9123456u"},
    {"b", "993012345",
     "993012345i 3012345n 3012345n 03012345u 03012345u 993012345u 3012345u"},
    {"b", "441632",
     "441632i 441632i 441632i 00441632u 00441632u 441632u 00441632u"},
    {"b", "99801234",
     "99801234i 801234n 801234n 0801234u 0801234u 99801234u 801234u"},
    {"b", "989123456",
     "989123456i 9123456n 9123456n 09123456u 09123456u 989123456u 9123456u"},
    {"c", "993012345",
     "993012345i 3012345n 3012345n 03012345u 03012345u 993012345u 3012345u"},
    {"c", "441632",
     "441632i 441632i 441632i 00441632u 00441632u 441632u 00441632u"},
    {"c", "99801234",
     "99801234i 801234n 801234n 0801234u 0801234u 99801234u 801234u"},
    {"c", "989123456",
     "989123456i 9123456n 9123456n 09123456u 09123456u 989123456u 9123456u"},
    {"30,25", "993012345",
     "993012345i 3012345n 12345s 172503012345u 172503012345u 993012345u 3012345u"},
    {"30,25", "441632",
     "441632i 441632i 441632i 172500441632u 172500441632u 441632u 172500441632u"},
    {"30,25", "99801234",
     "99801234i 801234n 801234n 17250801234u 17250801234u 99801234u 801234u"},
    {"30,25", "989123456",
     "989123456i 9123456n 9123456n 172509123456u 172509123456u 989123456u 9123456u"},
    {"30,4", "993012345",
     "993012345i 3012345n 12345s 1843012345u 1843012345u 993012345u 3012345u"},
    {"30,4", "441632",
     "441632i 441632i 441632i 00441632u 00441632u 441632u 00441632u"},
    {"30,4", "99801234",
     "99801234i 801234n 801234n 184801234u 184801234u 99801234u 801234u"},
    {"30,4", "989123456",
     "989123456i 9123456n 9123456n 1849123456u 1849123456u 989123456u 9123456u"},
    {"30,123", "993012345",
     "993012345i 3012345n 12345s 03012345u 03012345u 993012345u 3012345u"},
    {"30,123", "441632",
     "441632i 441632i 441632i 16123441632u 16123441632u 441632u 16123441632u"},
    {"30,123", "99801234",
     "99801234i 801234n 801234n 0801234u 0801234u 99801234u 801234u"},
    {"30,123", "989123456",
     "989123456i 9123456n 9123456n 09123456u 09123456u 989123456u 9123456u"},
    {"30,55555", "993012345",
     "993012345i 3012345n 12345s 03012345u 03012345u 993012345u 3012345u"},
    {"30,55555", "441632",
     "441632i 441632i 441632i 00441632u 00441632u 441632u 00441632u"},
    {"30,55555", "99801234",
     "99801234i 801234n 801234n 0801234u 0801234u 99801234u 801234u"},
    {"30,55555", "989123456",
     "989123456i 9123456n 9123456n 09123456u 09123456u 989123456u 9123456u"},
};

void test_e164_writes(void **state)
{
	bool wrong = false;

	(void)state;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		struct e164_edge edge = edge_of(writes[i].edge);
		struct e164 e = {.kind = E164_NUMBER};
		char got[300];
		struct strbuf b;

		strbuf_init(&b, got, sizeof(got));
		str_copy(e.digits, sizeof(e.digits), writes[i].digits);
		for (unsigned form = 0; form <= E164_FORM_BARE_NATIONAL; form++) {
			struct call_number n = {.presentation = CALL_PRES_RESTRICTED};

			edge.form = (enum e164_form)form;
			assert_int_equal(e164_denormalise(&edge, &e, &n), 0);
			assert_true(n.present);
			assert_int_equal(n.npi, CALL_NPI_E164);
			assert_int_equal(n.presentation, CALL_PRES_RESTRICTED);
			strbuf_addf(&b, "%s%s%c", form ? " " : "", n.digits, "uin?s"[n.ton]);
		}
		if (strcmp(got, writes[i].want) != 0) {
			printf("# {\"%s\", \"%s\", \"%s\"},\n", writes[i].edge, writes[i].digits, got);
			wrong = true;
		}
	}
	assert_false(wrong);
}

/* Short and emergency numbers go as they are, others as they came. */
void test_e164_others(void **state)
{
	struct e164_edge edge = edge_of("30");
	struct e164 e = {.kind = E164_SHORT, .digits = "123"};
	struct call_number n = {.ton = CALL_TON_NATIONAL}, absent = {.present = false, .digits = "112"};

	(void)state;
	assert_int_equal(e164_denormalise(&edge, &e, &n), 0);
	assert_string_equal(n.digits, "123");
	assert_int_equal(n.ton, CALL_TON_UNKNOWN);
	e = (struct e164){.kind = E164_OTHER, .number = {true, .ton = 3, .npi = 9, .digits = "*1"}};
	assert_int_equal(e164_denormalise(&edge, &e, &n), 0);
	assert_string_equal(n.digits, "*1");
	assert_int_equal(n.ton, 3);
	assert_int_equal(n.npi, 9);
	assert_true(n.present);
	e164_normalise(&edge, &n, &e);
	assert_int_equal(e.kind, E164_OTHER);
	assert_string_equal(e.note, "its numbering plan is not E.164");
	n.npi = CALL_NPI_UNKNOWN;
	n.ton = CALL_TON_UNKNOWN;
	str_copy(n.digits, sizeof(n.digits), "0030123");
	e164_normalise(&edge, &n, &e);
	assert_int_equal(e.kind, E164_NUMBER);
	e164_normalise(&edge, &absent, &e);
	assert_string_equal(e.note, "there is no number");
	memset(n.digits, '1', sizeof(n.digits)); /* without an end */
	e164_normalise(&edge, &n, &e);
	assert_int_equal(e.kind, E164_OTHER);
	assert_int_equal(strlen(e.number.digits), CALL_DIGITS_MAX);
	/* 30 digits are a number that nobody has; with 00 and a carrier in front it is too long. */
	e = (struct e164){.kind = E164_NUMBER, .digits = "441111111111111111111111111111"};
	edge = edge_of("30,123");
	edge.form = E164_FORM_DIALLED;
	assert_int_equal(e164_denormalise(&edge, &e, &n), 0);
	assert_int_equal(n.ton, CALL_TON_INTERNATIONAL);
}

static void bad_profile(const struct e164_profile *p, const char *text)
{
	const char *what = NULL;

	assert_int_equal(e164_profile_check(p, &what), text ? -EINVAL : 0);
	if (text ? !what || !strstr(what, text) : what != NULL)
		fail_msg("%s, not %s", what, text);
	assert_int_equal(e164_profile_check(p, NULL), text ? -EINVAL : 0);
}

static void bad_range(unsigned which, struct e164_range r, const char *text)
{
	struct e164_profile p = country;

	p.range[which] = r;
	bad_profile(&p, text);
}

void test_e164_profile_check(void **state)
{
	struct e164_profile p = country;

	(void)state;
	bad_profile(&p, NULL);
	p.range_count = E164_RANGES_MAX + 1;
	bad_profile(&p, "too many");
	p = country;
	p.carrier_count = E164_PREFIXES_MAX + 1;
	bad_profile(&p, "too many");
	p = country;
	p.international_count = E164_PREFIXES_MAX + 1;
	bad_profile(&p, "too many");
	for (unsigned i = 0; i < E164_PREFIXES_MAX; i++) { /* as many as there may be */
		memcpy(p.international[i], "00", 3);
		p.carrier[i] = country.carrier[0];
	}
	p.international_count = p.carrier_count = E164_PREFIXES_MAX;
	bad_profile(&p, NULL);
	p.international[E164_PREFIXES_MAX - 1][0] = '\0';
	bad_profile(&p, "an international prefix");
	p.international[E164_PREFIXES_MAX - 1][0] = 'x';
	bad_profile(&p, "an international prefix");
	p = country;
	p.name[0] = '\0';
	bad_profile(&p, "no name");
	memset(p.name, 'x', sizeof(p.name));
	bad_profile(&p, "no name");
	p = country;
	memset(p.country, 'x', sizeof(p.country));
	bad_profile(&p, "no name");
	for (unsigned i = 0; i < 4; i++) {
		p = country;
		memcpy(p.country_code, (const char[4][4]){"", "01", "9x", "9\0x"}[i], 4);
		bad_profile(&p, i < 3 ? "country code must be" : NULL);
	}
	for (unsigned i = 0; i < 5; i++) {
		p = country;
		p.carrier[2] = (const struct e164_carrier[]){
		    {"", 1, 0}, {"1x", 1, 0}, {"1", 0, 0}, {"1", 8, 0}, {"*#", 7, E164_THEN_DIALLED}}[i];
		bad_profile(&p, i < 2 ? "a carrier prefix" : i < 4 ? "named by 1 to 7" : NULL);
	}
	p.national[0] = '+';
	bad_profile(&p, "the national prefix");
	p.national[0] = '\0';
	bad_profile(&p, NULL);
}

void test_e164_range_check(void **state)
{
	struct e164_range endless = {"", 1, 2, 0, ""};

	(void)state;
	memset(endless.starts, '1', sizeof(endless.starts));
	for (unsigned which = 0; which < country.range_count; which += country.range_count - 1) {
		bad_range(which, endless, "pattern of a range is too long");
		bad_range(which, (struct e164_range){"[2", 1, 2, 0, ""}, "may hold digits");
		bad_range(which, (struct e164_range){"[]", 1, 2, 0, ""}, "may hold digits");
		bad_range(which, (struct e164_range){"[3-2]", 1, 2, 0, ""}, "may hold digits");
		bad_range(which, (struct e164_range){"[3-:]", 1, 2, 0, ""}, "may hold digits");
		bad_range(which, (struct e164_range){"A", 1, 2, 0, ""}, "may hold digits");
		bad_range(which, (struct e164_range){"/", 1, 2, 0, ""}, "may hold digits");
		bad_range(which, (struct e164_range){":", 1, 2, 0, ""}, "may hold digits");
		bad_range(which, (struct e164_range){"[0-9]XZN*#09", 8, 8, 0, ""}, NULL);
		bad_range(which, (struct e164_range){"12", 0, 2, 0, ""}, "the lengths");
		bad_range(which, (struct e164_range){"12", 3, 2, 0, ""}, "the lengths");
		bad_range(which, (struct e164_range){"123", 1, 2, 0, ""}, "the lengths");
		bad_range(which, (struct e164_range){"12", 1, CALL_DIGITS_MAX + 1, 0, ""}, "the lengths");
		bad_range(which, (struct e164_range){"12", 1, CALL_DIGITS_MAX, 0, ""}, NULL);
		bad_range(which, (struct e164_range){"12", 1, 2, 0, "x"}, "country code of a range");
		bad_range(which, (struct e164_range){"12", 1, 2, 0, "01"}, "country code of a range");
		bad_range(which, (struct e164_range){"12", 1, 2, E164_USE_EMERGENCY, "1"}, NULL);
		bad_range(which, (struct e164_range){"12", 1, 2, E164_USE_EMERGENCY + 1, ""}, "of no kind");
	}
}

void test_e164_texts(void **state)
{
	static const struct {
		const char *pattern, *text;
		int length;
	} match[] = {{"", "1", 0},	{"1", "1", 1},	  {"1", "", -1},     {"X", "0", 1},  {"X", "9", 1},
		     {"X", "*", -1},	{"Z", "0", -1},	  {"Z", "1", 1},     {"Z", "9", 1},  {"N", "1", -1},
		     {"N", "2", 1},	{"N", "9", 1},	  {"*#", "*#1", 2},  {"[13-5]", "1", 1},
		     {"[13-5]", "2", -1}, {"[13-5]", "3", 1}, {"[13-5]", "5", 1}, {"[13-5]", "6", -1},
		     {"1[2]3", "123", 3}, {"9", "8", -1},	  {"0", "1", -1},    {"N", ":", -1}};
	static const struct {
		const char *text, *digits; /* NULL: none */
		bool plus;
	} parse[] = {{"+49 (30) 1234-56", "4930123456", true}, {" 00.49/1", "00491", false}, {"*21#", "*21#", false},
		     {"", NULL, false}, {"+", NULL, false}, {" - ", NULL, false}, {"1+2", NULL, false},
		     {"++1", NULL, false}, {"1a", NULL, false},
		     {"12345678901234567890123456789012", "12345678901234567890123456789012", false},
		     {"123456789012345678901234567890123", NULL, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(match) / sizeof(match[0]); i++)
		if (e164_pattern_match(match[i].pattern, match[i].text) != match[i].length)
			fail_msg("%s of %s", match[i].pattern, match[i].text);
	for (size_t i = 0; i < sizeof(parse) / sizeof(parse[0]); i++) {
		struct call_number n;

		assert_int_equal(e164_number_parse(&n, parse[i].text), parse[i].digits ? 0 : -EINVAL);
		if (!parse[i].digits)
			continue;
		assert_string_equal(n.digits, parse[i].digits);
		assert_true(n.present);
		assert_int_equal(n.ton, parse[i].plus ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN);
		assert_int_equal(n.npi, strpbrk(n.digits, "*#") ? CALL_NPI_UNKNOWN : CALL_NPI_E164);
	}
}
