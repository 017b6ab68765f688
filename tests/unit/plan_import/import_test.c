/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/import/plan/cisco_regex.h"
#include "config/import/plan/plan_import.h"
#include "config/tree.h"
#include "gateway/base/rng.h"

typedef int (*import_fn)(const char *name, const char *text, size_t len, char **out,
			 plan_import_note_fn on_note, void *arg);

static void keep(void *arg, const char *text)
{
	char *notes = arg;
	size_t n = strlen(notes);

	snprintf(notes + n, 8192 - n, "%s\n", text);
}

static void no_mistake(void *arg, const char *text)
{
	printf("# %s\n", text);
}

/* What comes out is YAML, whatever came in. */
static void is_yaml(const char *text)
{
	struct report report = {.file = "out"};
	struct arena arena = {0};
	struct node *root = tree_parse(&arena, &report, text, strlen(text));

	if (report.count)
		printf("%s", text);
	assert_int_equal(report_flush(&report, no_mistake, NULL), 0);
	assert_non_null(root);
	assert_int_equal(root->kind, NODE_MAP);
	arena_free(&arena);
}

static int import(import_fn fn, const char *name, const char *text, char **out, char notes[8192])
{
	int n;

	notes[0] = '\0';
	*out = NULL;
	n = fn(name, text, strlen(text), out, keep, notes);
	assert_int_equal(n >= 0, *out != NULL);
	if (*out)
		is_yaml(*out);
	return n;
}

static void has(const char *text, const char *want)
{
	if (!strstr(text, want))
		printf("# not there: %s\n# in:\n%s\n", want, text);
	assert_non_null(strstr(text, want));
}

static const char extensions[] =
    "[general]\nstatic=yes\n[from-pbx]\n"
    "exten => _9.,1,NoOp(out)\n"
    "exten => _9.,n,Dial(DAHDI/g1/${EXTEN:1},60)\n"
    " same => n,Dial(PJSIP/0${EXTEN:1}@provider)\n"
    "exten => _0049[1-5]XXXXXX!,1,Dial(SIP/carrier/+49${EXTEN:4})\n"
    "exten => _NXX-NXXX,1,Set(CALLERID(num)=4930555)\n"
    " same => n,Dial(DAHDI/G2/555${EXTEN:-4}) ; last four\n"
    "exten => _5[5-7]X/_2XX,1,Hangup(21)\n"
    "exten => 112,1,Dial(DAHDI/r1/112)\n"
    "exten => _+X.,1,Dial(PJSIP/${EXTEN}@provider)\n"
    "exten => _+7X.,1,Dial(DAHDI/g1/00${EXTEN:1})\n"
    "include => services\n"
    "exten => s,1,Dial(DAHDI/g1/1)\n"
    "exten => _8.,1,Dial(IAX2/x/${EXTEN})\n"
    "exten => _7XX.,1,Dial(DAHDI/g1/${EXTEN:1:2})\n"
    "exten => _6X,1,Dial(DAHDI/g1/${EXTEN}&PJSIP/${EXTEN}@provider)\n"
    "exten => _4X,1,Macro(x)\n"
    "garbage\n"
    "exten => 1\n"
    "exten => 1,x,Hangup()\n";

static void test_extensions(void **state)
{
	char *out, notes[8192];
	int n = import(plan_import_extensions, "extensions.conf", extensions, &out, notes);

	(void)state;
	has(out, "\nnumbers:\n  order: listed\n");
	has(out, "  # extensions.conf:5: exten => _9.,n,Dial(DAHDI/g1/${EXTEN:1},60)\n");
	has(out, "  - name: \"from-pbx-4\"\n    match:\n      called: {pattern: \"9.\"}\n    targets:\n"
		 "      - {to: \"span:1\", set: {called: {strip: 1}}}\n"
		 "      - {to: \"trunk:provider\", priority: 2, set: {called: {strip: 1, "
		 "prepend: \"0\"}}}\n");
	has(out, "{pattern: \"0049[1-5]XXXXXX!\"}\n    targets:\n"
		 "      - {to: \"trunk:carrier\", set: {called: {strip: 4, prepend: \"+49\"}}}\n");
	has(out, "{pattern: \"NXXNXXX\"}\n    set: {calling: {number: \"4930555\"}}\n    targets:\n"
		 "      - {to: \"span:2\", set: {called: {strip: 3, prepend: \"555\"}}}\n");
	has(out, "{pattern: \"5[5-7]X\"}\n      calling: {pattern: \"2XX\"}\n    bar: 21\n");
	has(out, "{pattern: \"112\"}\n    targets:\n      - {to: \"span:1\", set: {called: {number: "
		 "\"112\"}}}\n");
	has(out, "{pattern: \"+X.\"}\n    targets:\n      - {to: \"trunk:provider\"}\n");
	has(out, "{pattern: \"+7X.\"}\n    targets:\n      - {to: \"span:1\", set: {called: {prepend: "
		 "\"00\", ton: unknown}}}\n");
	has(out, "FILL IN: span:2 stands for DAHDI group 2");
	has(out, "\n# Not taken over:\n");
	has(notes, "extensions.conf:2:1: static=yes: nothing of a number plan\n");
	has(notes, "extensions.conf:3:1: from-pbx: it includes [services], which is not in this file");
	has(notes, "extensions.conf:15:10: exten => s,1,Dial(DAHDI/g1/1): its name is no number");
	has(notes, "extensions.conf:16:10: exten => _8.,1,Dial(IAX2/x/${EXTEN}): dials what is none");
	has(notes, "extensions.conf:17:10: exten => _7XX.,1,Dial(DAHDI/g1/${EXTEN:1:2}): dials what");
	has(notes, "extensions.conf:18:10: exten => _6X,1,Dial(DAHDI/g1/${EXTEN}&PJSIP/${EXTEN}@provider):"
		   " rings several at once");
	has(notes, "extensions.conf:19:10: exten => _4X,1,Macro(x): this application has no counterpart");
	has(notes, "extensions.conf:20:1: garbage: nothing of a number plan");
	has(notes, "extensions.conf:21:10: exten => 1: what is right: exten => NUMBER,PRIORITY,");
	has(notes, "extensions.conf:22:10: exten => 1,x,Hangup(): a priority is a number, or n");
	assert_int_equal(n, 10);
	free(out);
}

static const char cisco[] =
    "voice translation-rule 1\n"
    " rule 2 /^9/ /00/ type national unknown plan any isdn\n"
    " rule 1 /^0\\(.*\\)/ /\\1/\n"
    "!\n"
    "voice translation-rule 2\n"
    " rule 1 /^\\(..\\)$/ /4930555\\1/\n"
    "voice translation-rule 3\n"
    " rule 1 reject /^0900/\n"
    " rule 2 /(x)/ /1/\n"
    " rule 3 /1/ /2/ type any nowhere\n"
    " rule 4 1\n"
    "voice translation-profile out\n"
    " translate called 1\n"
    " translate calling 2\n"
    "dial-peer voice 1 pots\n"
    " description PSTN\n"
    " destination-pattern 9T\n"
    " port 0/0/0:15\n"
    " preference 1\n"
    "dial-peer voice 2 voip\n"
    " destination-pattern 9T\n"
    " session target ipv4:192.0.2.1\n"
    " preference 2\n"
    "dial-peer voice 3 pots\n"
    " destination-pattern 55[1-5]..\n"
    " forward-digits 3\n"
    " prefix 0\n"
    " port 0/0/1:15\n"
    "dial-peer voice 4 pots\n"
    " destination-pattern 8(1)?\n"
    " port 0/0/1:15\n"
    " translation-profile outgoing out\n"
    "dial-peer voice 5 voip\n"
    " destination-pattern 7..\n"
    " session target ipv4:192.0.2.1\n"
    "dial-peer voice 6 voip\n"
    " destination-pattern ^7...$\n"
    " session target ipv4:192.0.2.1\n"
    "dial-peer voice 7 voip\n"
    " destination-pattern 6T\n"
    " session target ipv4:192.0.2.1\n"
    " shutdown\n"
    "hostname x\n"
    "voice-port 0/0/0:15\n"
    " translation-profile incoming nobody\n";

static void test_cisco(void **state)
{
	char *out, notes[8192];
	int n = import(plan_import_cisco, "ios.cfg", cisco, &out, notes);

	(void)state;
	/* Where a profile is applied, the rules hold; by precedence, and of a set the first that fits. */
	has(out, "  # ios.cfg:3: rule 1 /^0\\(.*\\)/ /\\1/\n    - name: out-out-called-1.1\n"
		 "      stage: out\n      to: [\"span:2\"]\n      group: out-out-called\n"
		 "      match: {called: {regex: \"^\\\\+?+(0(.*))(.*)$\"}}\n"
		 "      set: {called: {number: \"$2$3\", ton: same}}\n");
	has(out, "  # ios.cfg:2: rule 2 /^9/ /00/ type national unknown plan any isdn\n");
	has(out, "regex: \"^\\\\+?+(9)(.*)$\", ton: [national]}}\n      set: {called: {number: \"00$2\", ton: "
		 "unknown, npi: e164}}\n");
	has(out, "    - name: out-out-calling-2.1\n      stage: out\n      to: [\"span:2\"]\n"
		 "      match: {calling: {regex: \"^\\\\+?+((..))$\"}}\n"
		 "      set: {calling: {number: \"4930555$2\", ton: same}}\n");
	has(out, "    # FILL IN: no profile uses voice translation-rule 3; called numbers of all calls");
	has(out, "  - name: set3-reject-called-3.1\n    match: {called: {prefix: \"0900\"}}\n    bar: 21\n    first: true\n");
	has(out, "  - name: \"peer-1\"\n    match:\n      called: {pattern: \"9!\"}\n    targets:\n"
		 "      - {to: \"span:1\", priority: 2, set: {called: {strip: 1}}}\n"
		 "      - {to: \"trunk:192.0.2.1\", priority: 3}\n");
	has(out, "{pattern: \"55[1-5]XX\"}\n    targets:\n      - {to: \"span:2\", set: {called: {strip: "
		 "2, prepend: \"0\"}}}\n");
	has(out, "{pattern: \"7XX!\"}\n    targets:\n      - {to: \"trunk:192.0.2.1\"}\n");
	has(out, "{pattern: \"7XXX\"}\n");
	has(out, "FILL IN: span:2 stands for port 0/0/1:15");
	has(notes, "ios.cfg:9:10: rule 2 /(x)/ /1/: a match or replacement with signs that");
	has(notes, "ios.cfg:10:17: rule 3 /1/ /2/ type any nowhere: behind the replacement stand type");
	has(notes, "ios.cfg:11:9: rule 4 1: what is right: rule 1 /match/");
	has(notes, "ios.cfg:29:1: dial-peer voice 4 pots: destination-pattern 8(1)? has signs");
	has(notes, "ios.cfg:24:1: dial-peer voice 3 pots: prefix and forward-digits in one peer");
	has(notes, "ios.cfg:24:1: dial-peer voice 3 pots: only numbers of 5 digits fit here");
	has(notes, "ios.cfg:24:1: dial-peer voice 3 pots: the rules of profile out hold for it too");
	has(notes, "ios.cfg:39:1: dial-peer voice 7 voip: shutdown: not taken over");
	has(notes, "ios.cfg:43:1: hostname x: nothing of a number plan");
	has(notes, "ios.cfg:45:2: nobody: there is no voice translation-profile of this name");
	assert_int_equal(n, 10);
	free(out);
}

static void test_cisco_regex(void **state)
{
	static const struct {
		const char *match, *with, *regex, *number;
	} row[] = {
	    {"123", "456", "^\\+?+(.*?)(123)(.*)$", "$1456$3"},
	    {"^123", "456", "^\\+?+(123)(.*)$", "456$2"},
	    {"^123$", "456", "^\\+?+(123)$", "456"},
	    {"^0\\(.*\\)$", "\\1", "^\\+?+(0(.*))$", "$2"},
	    {"^\\(...\\)\\(....\\)$", "\\2\\1", "^\\+?+((...)(....))$", "$3$2"},
	    {"^.*", "4930", "^\\+?+(.*)$", "4930"},
	    {"^\\+49", "0", "^(\\+49)(.*)$", "0$2"},
	    {"^5", "8&", "^\\+?+(5)(.*)$", "8$1$2"},
	    {"^5", "8\\0", "^\\+?+(5)(.*)$", "8$1$2"},
	    {"^[2-9]..$", "1\\0", "^\\+?+([2-9]..)$", "1$1"},
	    {"^$", "9", "^\\+?+()$", "9"},
	    {"^", "9", "^\\+?+()(.*)$", "9$2"},
	    {"^\\(1", "", NULL, NULL},
	    {"^1", "\\1", NULL, NULL},
	    {"x", "", NULL, NULL},
	    {"^1\\", "", NULL, NULL},
	    {"\\(1\\)\\(2\\)\\(3\\)\\(4\\)\\(5\\)\\(6\\)\\(7\\)", "", NULL, NULL},
	};
	char regex[CISCO_REGEX], number[CISCO_REGEX];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bool good = cisco_regex(row[i].match, row[i].with, regex, number);

		assert_int_equal(good, row[i].regex != NULL);
		if (!good)
			continue;
		assert_string_equal(regex, row[i].regex);
		assert_string_equal(number, row[i].number);
	}
}

static void test_csv(void **state)
{
	static const char text[] =
	    "prefix;target;strip;prepend;set_ton;priority;cost;colour\n"
	    "+49;span:1;2;0;national;1;0.01;red\n"
	    "+49;trunk:provider;;;;2;0.02;red\n"
	    "\"0044\";trunk:provider;2;+;;;;\n"
	    "# a comment\n"
	    "00x;span:1;;;;;;\n"
	    "12;nowhere;;;;;;\n"
	    "12;span:1;;\n"
	    "12;span:1;;;nationl;;;\n";
	char *out, notes[8192];
	int n = import(plan_import_csv, "t.csv", text, &out, notes);

	(void)state;
	has(out, "  - name: \"line-2\"\n    match:\n      called: {prefix: \"+49\"}\n    targets:\n"
		 "      - {to: \"span:1\", priority: 1, cost: 0.01, set: {called: {strip: 2, prepend: "
		 "\"0\", ton: national}}}\n"
		 "      - {to: \"trunk:provider\", priority: 2, cost: 0.02}\n");
	has(out, "{prefix: \"0044\"}\n    targets:\n      - {to: \"trunk:provider\", set: {called: "
		 "{strip: 2, prepend: \"+\"}}}\n");
	has(notes, "t.csv:1:51: colour: not a column");
	has(notes, "t.csv:6:1: 00x;span:1;;;;;;: prefix takes digits");
	has(notes, "t.csv:7:4: 12;nowhere;;;;;;: target takes");
	has(notes, "t.csv:8:1: 12;span:1;;: not as many cells");
	has(notes, "t.csv:9:13: 12;span:1;;;nationl;;;: set_ton takes unknown, international");
	assert_int_equal(n, 5);
	free(out);
}

/* What comes out is a plan that the configuration takes. */
static void test_loads(void **state)
{
	static const char csv[] = "prefix,target,strip,prepend,set_ton,priority,weight,cost,from,ton\n"
				  "+49,span:1,2,0,national,1,70,0.01,trunk:provider,\n"
				  "+49,span:2,2,0,national,1,30,0.01,trunk:provider,\n"
				  "0044,trunk:provider,2,+,,,,,span:1,unknown\n";
	static const struct {
		import_fn fn;
		const char *text;
	} all[] = {{plan_import_extensions, extensions},
		   {plan_import_cisco, cisco},
		   {plan_import_csv, csv}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *out, notes[8192], *text = malloc(16384);
		struct config *config = NULL;

		assert_non_null(text);
		assert_true(import(all[i].fn, "f", all[i].text, &out, notes) >= 0);
		snprintf(text, 16384,
			 "spans:\n  - {span: 1, driver: virtual, connect: /e1, side: user}\n"
			 "  - {span: 2, driver: virtual, connect: /e2, side: user}\n"
			 "trunks:\n  - {name: provider, bind: \"127.0.0.1:5060\", peer: \"127.0.0.2\"}\n"
			 "  - {name: carrier, bind: \"127.0.0.1:5060\", peer: \"127.0.0.3\"}\n"
			 "  - {name: 192.0.2.1, bind: \"127.0.0.1:5060\", peer: \"192.0.2.1\"}\n%s",
			 out);
		assert_int_equal(config_parse(&config, "out", text, strlen(text), no_mistake, NULL), 0);
		assert_true(plan_rule_count(config->plan) >= 2);
		config_destroy(config);
		free(text);
		free(out);
	}
}

static void test_nothing(void **state)
{
	static const import_fn all[] = {plan_import_extensions, plan_import_cisco, plan_import_csv};
	char *out, notes[8192], *huge = calloc(1, PLAN_IMPORT_MAX + 1);

	(void)state;
	assert_non_null(huge);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(import(all[i], "f", "", &out, notes), -ENOENT);
		assert_int_equal(import(all[i], "f", "x\n\n", &out, notes), -ENOENT);
		assert_int_equal(all[i]("f", huge, PLAN_IMPORT_MAX + 1, &out, keep, notes), -E2BIG);
	}
	free(huge);
}

/* Any octets: rules as YAML, notes for people, or nothing. */
static void test_mutations(void **state)
{
	static const import_fn all[] = {plan_import_extensions, plan_import_cisco, plan_import_csv};
	static const char *const seed[] = {extensions, cisco, "prefix,target,strip\n+49,span:1,2\n"};
	struct rng r;
	unsigned rules = 0, rounds = 600;

	(void)state;
	printf("# seed 8\n");
	rng_init_seed(&r, 8);
	for (unsigned i = 0; i < rounds; i++) {
		size_t len = strlen(seed[i % 3]);
		char *text = malloc(len), notes[8192] = "", *out = NULL;
		unsigned edits = 1 + rng_below(&r, 12);

		assert_non_null(text);
		memcpy(text, seed[i % 3], len);
		while (edits--)
			text[rng_below(&r, (uint32_t)len)] =
			    rng_below(&r, 2) ? (char)rng_below(&r, 256)
					     : "\\/\"$(){}[],;:=>_\n"[rng_below(&r, 18)];
		if (all[i % 3]("f", text, len, &out, keep, notes) >= 0) {
			is_yaml(out);
			rules++;
		}
		for (const char *p = notes; *p; p++)
			assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
		free(out);
		free(text);
	}
	printf("# %u of %u became plans\n", rules, rounds);
	assert_true(rules > rounds / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_extensions),	cmocka_unit_test(test_cisco),
	    cmocka_unit_test(test_cisco_regex), cmocka_unit_test(test_csv),
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_loads),	cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests_name("plan_import", tests, NULL, NULL);
}
