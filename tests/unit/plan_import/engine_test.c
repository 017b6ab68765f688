/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Imported plans in the engine of live calls: a number goes in, and what comes out is what the other
 * program would have made of it. The examples of Cisco's are those of its document 61083 and of its
 * users' forum, where the result is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/import/plan/plan_import.h"
#include "config/plan/lint.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/decide.h"
#include "gateway/plan/e164.h"

enum { TEXT = 16384 };

static const char sides[] =
    "spans:\n  - {span: 1, driver: virtual, connect: /e1, side: user}\n"
    "  - {span: 2, driver: virtual, connect: /e2, side: user}\n"
    "trunks:\n  - {name: provider, bind: \"127.0.0.1:5060\", peer: \"127.0.0.2\"}\n"
    "  - {name: 192.0.2.1, bind: \"127.0.0.1:5060\", peer: \"192.0.2.1\"}\n";

static void show(void *arg, const char *text)
{
	(void)arg;
	printf("# %s\n", text);
}

static void show_finding(void *arg, unsigned line, const char *text)
{
	(void)arg;
	printf("# line %u: %s\n", line, text);
}

static void no_note(void *arg, const char *text)
{
	++*(unsigned *)arg;
}

typedef int (*import_fn)(const char *name, const char *text, size_t len, char **out,
			 plan_import_note_fn on_note, void *arg);

/* The plan as it is loaded; findings: of plan lint. */
static struct config *load(import_fn fn, const char *text, unsigned *notes, unsigned *findings)
{
	char *out = NULL, *all = malloc(TEXT);
	struct config *config = NULL;

	assert_non_null(all);
	*notes = 0;
	assert_true(fn("f", text, strlen(text), &out, no_note, notes) >= 0);
	assert_true((size_t)snprintf(all, TEXT, "%s%s", sides, out) < TEXT);
	if (config_parse(&config, "out", all, strlen(all), show, NULL))
		fail_msg("not a configuration:\n%s", out);
	*findings = plan_lint(config, show_finding, NULL);
	free(all);
	free(out);
	return config;
}

static struct call_number number(const char *text, uint8_t ton)
{
	struct call_number n = {0};

	if (*text && e164_number_parse(&n, text))
		fail_msg("%s is no number", text);
	n.present = true;
	if (ton)
		n.ton = ton;
	return n;
}

/* "+4930", "4930 2": digits with the type of number when it is another than unknown. */
static const char *written(const struct call_number *n, char out[64])
{
	snprintf(out, 64, n->ton && n->ton != CALL_TON_INTERNATIONAL ? "%s%s %u" : "%s%s",
		 n->ton == CALL_TON_INTERNATIONAL ? "+" : "", n->digits, n->ton);
	return out;
}

static void decide(const struct config *c, struct call_endpoint from, const char *called, uint8_t ton,
		   const char *calling, struct call_route *out)
{
	struct call_setup s = {.source = from,
			       .called = number(called, ton),
			       .calling = number(calling, 0),
			       .bearer = CALL_BEARER_SPEECH};
	struct plan_env env = {0};

	s.calling.present = *calling;
	plan_decide(c->plan, &s, &env, out);
}

static const struct call_endpoint span1 = {CALL_EP_SPAN, 1}, span2 = {CALL_EP_SPAN, 2},
				  provider = {CALL_EP_TRUNK, 0};

/* ── Cisco ── */

/* rules of set 1, then called numbers in and out. */
static const struct {
	const char *rules;
	struct { const char *in; uint8_t ton; const char *want; } row[6];
} sets[] = {
    /* document 61083, examples 1 and 2 */
    {"rule 1 /123/ /456/\n",
     {{"123", 0, "456"}, {"1234", 0, "4564"}, {"6123", 0, "6456"}, {"6123123", 0, "6456123"}}},
    {"rule 1 /^123/ /456/\n", {{"123", 0, "456"}, {"1234", 0, "4564"}, {"6123", 0, "6123"}}},
    /* the forum: 90 anywhere; groups; what is not matched stays; all of it */
    {"rule 1 /90/ /0/\n", {{"12903", 0, "1203"}, {"9090", 0, "090"}}},
    {"rule 1 /^\\(5\\)\\(.*\\)/ /\\2/\n", {{"5123", 0, "123"}, {"4123", 0, "4123"}}},
    {"rule 1 /^26\\(....\\)/ /\\1/\n", {{"261234", 0, "1234"}, {"26123456", 0, "123456"}}},
    {"rule 1 /.*/ /8208/\n", {{"7777", 0, "8208"}, {"1", 0, "8208"}}},
    {"rule 1 /^\\(.*\\)/ /7\\1/\n", {{"12", 0, "712"}}},
    {"rule 1 /^9/ //\n", {{"9123", 0, "123"}, {"123", 0, "123"}, {"99", 0, "9"}}},
    /* the first that fits is the only one, also one that changes nothing */
    {"rule 1 /^999$/ /999/\nrule 2 /^9\\(.*\\)/ /\\1/\n", {{"999", 0, "999"}, {"9123", 0, "123"}}},
    {"rule 1 /^1/ /2/\nrule 2 /^2/ /3/\n", {{"15", 0, "25"}, {"25", 0, "35"}}},
    {"rule 1 /5$/ /6/\nrule 2 /6$/ /7/\nrule 3 /^6/ /8/\n",
     {{"65", 0, "66"}, {"66", 0, "67"}, {"61", 0, "81"}}},
    /* by precedence, not by place in the file */
    {"rule 20 /^1/ /2/\nrule 3 /^11/ /3/\n", {{"115", 0, "35"}, {"15", 0, "25"}}},
    /* types: all must fit; what is not set stays */
    {"rule 1 /^\\(.*\\)/ /\\1/ type any international\n", {{"4930", 0, "+4930"}, {"30", 2, "+30"}}},
    {"rule 1 /^0/ // type national unknown\nrule 2 /^/ /9/ type unknown unknown\n",
     {{"030", 2, "30"}, {"030", 0, "9030"}, {"030", 4, "030 4"}}},
    {"rule 1 /^49\\(.*\\)/ /0\\1/ type international national plan any isdn\n",
     {{"4930", 1, "030 2"}, {"4930", 0, "4930"}, {"4930", 2, "4930 2"}}},
    {"rule 1 /^49/ /0/\n", {{"4930", 1, "+030"}, {"4930", 0, "030"}, {"4930", 2, "030 2"}}},
    {"rule 1 /^...$/ /1/\n", {{"49", 1, "+49"}, {"493", 1, "+1"}, {"493", 2, "1 2"}}},
    /* SIP's + */
    {"rule 1 /^\\+49/ /0/\n", {{"+4930", 0, "030"}, {"4930", 0, "4930"}, {"030", 0, "030"}}},
    {"rule 1 /^0\\([1-9]\\)/ /+49\\1/\n", {{"030", 0, "+4930"}, {"0030", 0, "0030"}}},
};

static void test_cisco_sets(void **state)
{
	unsigned rows = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		unsigned notes, findings;
		struct config *c;
		struct call_route r;
		char text[2048], got[64];

		snprintf(text, sizeof(text),
			 "voice translation-rule 1\n%s"
			 "voice translation-profile P\n translate called 1\n"
			 "voice-port 0/0/0:15\n translation-profile incoming P\n"
			 "voice-port 0/0/1:15\n"
			 "dial-peer voice 1 voip\n destination-pattern T\n session target dns:provider\n"
			 "dial-peer voice 2 voip\n destination-pattern T\n session target ipv4:192.0.2.1\n"
			 "dial-peer voice 3 pots\n destination-pattern T\n port 0/0/0:15\n"
			 "dial-peer voice 4 pots\n destination-pattern T\n port 0/0/1:15\n",
			 sets[i].rules);
		c = load(plan_import_cisco, text, &notes, &findings);
		assert_int_equal(notes, 0);
		assert_int_equal(findings, 0);
		for (int k = 0; k < 6 && sets[i].row[k].in; k++) {
			decide(c, span1, sets[i].row[k].in, sets[i].row[k].ton, "", &r);
			assert_true(r.count >= 1);
			if (strcmp(written(&r.way[0].called, got), sets[i].row[k].want) != 0)
				printf("# %s of type %u is %s, not %s, by:\n# %s", sets[i].row[k].in,
				       sets[i].row[k].ton, got, sets[i].row[k].want, sets[i].rules);
			assert_string_equal(got, sets[i].row[k].want);
			/* Another port has no profile. */
			decide(c, span2, sets[i].row[k].in, sets[i].row[k].ton, "", &r);
			assert_string_equal(r.way[0].called.digits,
					    sets[i].row[k].in + (*sets[i].row[k].in == '+'));
			rows++;
		}
		config_destroy(c);
	}
	printf("# %zu sets, %u numbers\n", sizeof(sets) / sizeof(sets[0]), rows);
}

/* Profiles where they are applied, dial peers by their longest match, reject. */
static void test_cisco_plan(void **state)
{
	static const char text[] =
	    "voice translation-rule 1\n rule 1 reject /^0900/\n rule 2 /^0\\([1-9].*\\)/ /\\1/ type any "
	    "national\n"
	    "voice translation-rule 2\n rule 1 /^\\(..\\)$/ /4930555\\1/\n rule 2 /^\\(...\\)$/ /49305\\1/\n"
	    "voice translation-profile in\n translate called 1\n"
	    "voice translation-profile out\n translate calling 2\n"
	    "voice-port 0/0/0:15\n translation-profile incoming in\n"
	    "dial-peer voice 1 voip\n destination-pattern .T\n session target dns:provider\n"
	    " translation-profile outgoing out\n"
	    "dial-peer voice 2 pots\n destination-pattern 55[1-5]..\n port 0/0/1:15\n"
	    "dial-peer voice 3 pots\n destination-pattern 55512$\n port 0/0/0:15\n no digit-strip\n"
	    "dial-peer voice 4 pots\n destination-pattern 7\n port 0/0/0:15\n prefix 0\n"
	    "dial-peer voice 5 voip\n destination-pattern 6\n session target ipv4:192.0.2.1\n";
	unsigned notes, findings;
	struct config *c = load(plan_import_cisco, text, &notes, &findings);
	struct call_route r;
	char got[64];

	(void)state;
	assert_int_equal(notes, 1); /* reject */
	assert_int_equal(findings, 0);
	decide(c, span1, "030123", 0, "42", &r);
	assert_true(r.way[0].to.kind == CALL_EP_TRUNK && r.way[0].to.index == provider.index);
	assert_string_equal(written(&r.way[0].called, got), "30123 2");
	assert_string_equal(r.way[0].calling.digits, "493055542");
	decide(c, span2, "030123", 0, "123", &r);
	assert_string_equal(written(&r.way[0].called, got), "030123");
	assert_string_equal(r.way[0].calling.digits, "49305123");
	decide(c, span1, "0900123", 0, "42", &r);
	assert_int_equal(r.count, 0);
	assert_int_equal(r.cause.value, 21);
	decide(c, span2, "0900123", 0, "42", &r);
	assert_int_equal(r.count, 1);
	decide(c, provider, "55123", 0, "", &r); /* the digits that are given are not sent */
	assert_int_equal(r.way[0].to.index, 2);
	assert_string_equal(r.way[0].called.digits, "123");
	decide(c, provider, "5512399", 0, "", &r); /* longer ones fit as well, without a $ */
	assert_int_equal(r.way[0].to.index, 2);
	assert_string_equal(r.way[0].called.digits, "12399");
	decide(c, provider, "55512", 0, "", &r);
	assert_int_equal(r.way[0].to.index, 1);
	assert_string_equal(r.way[0].called.digits, "55512");
	decide(c, provider, "555129", 0, "", &r);
	assert_int_equal(r.way[0].to.index, 2);
	decide(c, provider, "7123", 0, "", &r);
	assert_string_equal(r.way[0].called.digits, "0123");
	decide(c, span2, "6123", 0, "42", &r); /* no profile at that peer */
	assert_string_equal(r.way[0].calling.digits, "42");
	config_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cisco_sets),
	    cmocka_unit_test(test_cisco_plan),
	};

	return cmocka_run_group_tests_name("plan_import_engine", tests, NULL, NULL);
}
