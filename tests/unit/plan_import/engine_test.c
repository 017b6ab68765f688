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
#include "gateway/base/rng.h"
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
	assert_int_equal(notes, 0);
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

/* ── Asterisk ── */

static struct config *load_asterisk(const char *text, const struct plan_import_file *beside,
				    unsigned count, unsigned *notes, unsigned *findings, char **plan)
{
	struct plan_import_file file = {"extensions.conf", text, strlen(text)};
	char *out = NULL, *all = malloc(TEXT);
	struct config *config = NULL;

	assert_non_null(all);
	*notes = 0;
	assert_true(plan_import_extensions_with(&file, beside, count, &out, no_note, notes) >= 0);
	assert_true((size_t)snprintf(all, TEXT, "%s%s", sides, out) < TEXT);
	if (config_parse(&config, "out", all, strlen(all), show, NULL))
		fail_msg("not a configuration:\n%s", out);
	*findings = plan_lint(config, show_finding, NULL);
	free(all);
	if (plan)
		*plan = out;
	else
		free(out);
	return config;
}

static void goes(const struct config *c, struct call_endpoint from, const char *called, const char *calling,
		 struct call_endpoint to, const char *want)
{
	struct call_route r;
	char got[64];

	decide(c, from, called, 0, calling, &r);
	if (!want) {
		assert_int_equal(r.count, 0);
		return;
	}
	if (r.count < 1)
		fail_msg("%s goes nowhere, cause %u", called, r.cause.value);
	if (strcmp(written(&r.way[0].called, got), want) != 0 || r.way[0].to.kind != to.kind ||
	    r.way[0].to.index != to.index)
		printf("# %s by %s to %u:%u as %s, not %s\n", called, r.rule, r.way[0].to.kind,
		       r.way[0].to.index, got, want);
	assert_string_equal(got, want);
	assert_int_equal(r.way[0].to.kind, to.kind);
	assert_int_equal(r.way[0].to.index, to.index);
}

/* Which extension is taken: the narrower one place by place, not the one of most digits; an included
 * context only when nothing of the including one fits; a caller's own first. */
static void test_asterisk_order(void **state)
{
	static const char text[] =
	    "[globals]\nOUT=DAHDI/g1\nOUTSIDE=provider\n"
	    "[pbx]\n"
	    "include => services\n"
	    "exten => _XXXXXXX,1,Dial(${OUT}/9${EXTEN})\n"
	    "exten => _1.,1,Dial(${OUT}/3${EXTEN})\n"
	    "exten => _1X.,1,Dial(PJSIP/8${EXTEN}@${OUTSIDE})\n"
	    "exten => _NXX,1,Dial(${OUT}/7${EXTEN})\n"
	    "exten => _[2-3]XX,1,Dial(${OUT}/6${EXTEN})\n"
	    "exten => 250,1,Dial(${OUT}/5${EXTEN})\n"
	    "exten => 250/_4X,1,Dial(${OUT}/4${EXTEN})\n"
	    "exten => _0!,1,Dial(${OUT}/0${EXTEN})\n"
	    "exten => _00.,1,Dial(PJSIP/${EXTEN:2}@provider)\n"
	    "[services]\n"
	    "exten => 1234567,1,Dial(${OUT}/111)\n"
	    "exten => 88,1,Dial(${OUT}/222)\n";
	unsigned notes, findings;
	struct config *c = load_asterisk(text, NULL, 0, &notes, &findings, NULL);

	(void)state;
	assert_int_equal(notes, 0);
	assert_int_equal(findings, 3); /* as there: 1234567 is never reached. Two of our sides get no call */
	goes(c, span2, "1234567", "", provider, "81234567"); /* _1X. before _XXXXXXX and before services */
	goes(c, provider, "12", "", span1, "312");
	goes(c, provider, "2234567", "", span1, "92234567");
	goes(c, provider, "812", "", span1, "7812");
	goes(c, provider, "212", "", span1, "6212");
	goes(c, provider, "250", "", span1, "5250"); /* a number before any pattern */
	goes(c, provider, "250", "42", span1, "4250"); /* that of its caller before all */
	goes(c, provider, "250", "52", span1, "5250");
	goes(c, provider, "88", "", span1, "222");
	goes(c, provider, "0", "", span1, "00");
	goes(c, span2, "0044123", "", provider, "44123");
	goes(c, provider, "0123", "", span1, "00123");
	config_destroy(c);
}

/* Priorities, labels, Goto, what follows a Dial that failed. */
static void test_asterisk_steps(void **state)
{
	static const char text[] =
	    "[pbx]\n"
	    "exten => _1XX,3,Dial(DAHDI/g2/${EXTEN})\n"
	    "exten => _1XX,1,NoOp()\n"
	    "exten => _1XX,2,Dial(DAHDI/g1/${EXTEN})\n"
	    "exten => _2XX,1,Goto(out)\n"
	    " same => n,Dial(DAHDI/g1/1${EXTEN})\n"
	    " same => n(out),Dial(DAHDI/g2/2${EXTEN})\n"
	    " same => n,Hangup(17)\n"
	    " same => n,Dial(DAHDI/g1/3${EXTEN})\n"
	    "exten => _3XX,1,Goto(other,${EXTEN},1)\n"
	    "exten => 400,1,Goto(other,911,1)\n"
	    "exten => _5XX,1,Goto(other,s,1)\n"
	    "exten => 600,1,Goto(600,1)\n"
	    "exten => _7.,1,Dial(Zap/g1/${EXTEN:1}|60)\n"
	    "exten => _8XXX,1,Dial(PJSIP/provider/sip:${EXTEN:-2}@192.0.2.9)\n"
	    "exten => 900,1,Congestion()\n"
	    "[other]\n"
	    "exten => _3XX,1,Dial(DAHDI/i2/55${EXTEN:1})\n"
	    "exten => 911,1,Dial(DAHDI/g1/0${EXTEN:1})\n";
	unsigned notes, findings;
	struct config *c = load_asterisk(text, NULL, 0, &notes, &findings, NULL);
	struct call_route r;

	(void)state;
	assert_int_equal(notes, 2); /* [other] has no s, and is entered by Goto only */
	assert_int_equal(findings, 1); /* nothing is sent to 192.0.2.1 */
	decide(c, provider, "123", 0, "", &r);
	assert_int_equal(r.count, 2);
	assert_true(r.way[0].to.index == 1 && r.way[1].to.index == 2);
	goes(c, provider, "234", "", span2, "2234");
	goes(c, provider, "345", "", span2, "5545");
	goes(c, provider, "400", "", span1, "011");
	goes(c, provider, "512", "", span1, NULL);
	goes(c, provider, "600", "", span1, NULL);
	goes(c, provider, "7123", "", span1, "123");
	goes(c, span1, "8123", "", provider, "23");
	decide(c, provider, "900", 0, "", &r);
	assert_int_equal(r.cause.value, 42);
	config_destroy(c);
}

/* What enters which context stands in the channel drivers' files. */
static void test_asterisk_from(void **state)
{
	static const char text[] =
	    "[from-pstn]\nexten => _X.,1,Dial(PJSIP/${EXTEN}@provider)\n"
	    "[from-pbx]\ninclude => emergency\nexten => _0.,1,Dial(DAHDI/g1/${EXTEN:1})\n"
	    " same => n,Dial(PJSIP/${EXTEN:1}@192.0.2.1)\n"
	    "[emergency]\nexten => 112,1,Dial(DAHDI/G1/112)\n"
	    "[nobody]\nexten => _X.,1,Dial(DAHDI/g1/${EXTEN})\n";
	static const char chan[] = "[channels]\nswitchtype=euroisdn\nsignalling=pri_cpe\ngroup=0,1\n"
				   "context=from-pstn\nchannel => 1-15,17-31\n"
				   "channel => 32-46,48-62\n";
	static const char pjsip[] = "[trunk](!)\ntype=endpoint\ncontext=from-pbx\n[provider](trunk)\n"
				    "[phone]\ntype=aor\ncontext=nobody\n";
	static const char sip[] = "[general]\ncontext=from-pbx\n[192.0.2.1]\ntype=peer\n";
	const struct plan_import_file beside[] = {{"/etc/asterisk/chan_dahdi.conf", chan, strlen(chan)},
						  {"pjsip.conf", pjsip, strlen(pjsip)},
						  {"sip.conf", sip, strlen(sip)}};
	unsigned notes, findings;
	char *plan;
	struct config *c = load_asterisk(text, beside, 3, &notes, &findings, &plan);
	struct call_route r;

	(void)state;
	assert_null(strstr(plan, "FILL IN from"));
	assert_null(strstr(plan, "FILL IN: span"));
	assert_non_null(strstr(plan, "from: [\"span:1\", \"span:2\"]"));
	assert_non_null(strstr(plan, "from: [\"trunk:provider\", \"trunk:192.0.2.1\"]"));
	assert_int_equal(notes, 2); /* [nobody]; from a trunk to a trunk */
	assert_int_equal(findings, 1); /* so nothing is sent to 192.0.2.1 */
	goes(c, span1, "0123", "", provider, "0123");
	goes(c, span2, "112", "", provider, "112");
	goes(c, provider, "0123", "", span1, "123");
	decide(c, provider, "112", 0, "", &r);
	assert_int_equal(r.count, 2); /* G: from the last span */
	assert_true(r.way[0].to.index == 2 && r.way[1].to.index == 1);
	goes(c, provider, "5", "", span1, NULL);
	config_destroy(c);
	free(plan);
	assert_true(plan_import_is_beside("/etc/asterisk/zapata.conf"));
	assert_false(plan_import_is_beside("/etc/sip/users.conf"));
}

/* Whatever stands in the files. */
static void test_asterisk_mutations(void **state)
{
	static const char *const seed[] = {
	    "[globals]\nT=DAHDI/g1\n[a](x)\ninclude => b\nexten => _X./_2!,1,Goto(b,${EXTEN},n(x))\n"
	    " same => n+2(y),Dial(${T}/${EXTEN:-2:9}&SIP/x/1,3)\nexten => 1,s,Goto(1,1)\n"
	    "[b]\ninclude => a\nexten => _[1-5]N!,1,Dial(PJSIP/x/sip:${EXTEN}@y)\nexten => 5,1,Busy()\n",
	    "[channels]\nsignalling=pri_net\ngroup=0,1\ncontext=a\nchannel => 1-15,17-31\n",
	    "[general]\ncontext=b\n[t](!)\ntype=friend\n[x](t,u)\ncontext=a\n"};
	unsigned rounds = 500, plans = 0;
	struct rng r;

	(void)state;
	printf("# seed 9\n");
	rng_init_seed(&r, 9);
	for (unsigned i = 0; i < rounds; i++) {
		struct plan_import_file file[3] = {{"extensions.conf", NULL, 0},
						   {"chan_dahdi.conf", NULL, 0},
						   {"sip.conf", NULL, 0}};
		char *text[3], *out = NULL;
		unsigned notes = 0;

		for (int f = 0; f < 3; f++) {
			size_t len = strlen(seed[f]);

			text[f] = malloc(len);
			assert_non_null(text[f]);
			memcpy(text[f], seed[f], len);
			for (unsigned edits = rng_below(&r, 8); edits; edits--)
				text[f][rng_below(&r, (uint32_t)len)] =
				    rng_below(&r, 3) ? "[](){}/:,.=>;!_&$\n0123456789nsX"[rng_below(&r, 32)]
						     : (char)rng_below(&r, 256);
			file[f].text = text[f];
			file[f].len = len;
		}
		if (plan_import_extensions_with(&file[0], &file[1], rng_below(&r, 3), &out, no_note,
						&notes) >= 0) {
			for (const char *p = out; *p; p++)
				assert_true(*p == '\n' || ((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f));
			plans++;
		}
		free(out);
		for (int f = 0; f < 3; f++)
			free(text[f]);
	}
	printf("# %u of %u became plans\n", plans, rounds);
	assert_true(plans > rounds / 4);
}

/* Without those files a plan with several ways in does not load before from: is filled in: who calls from
 * outside must not dial out. */
static void test_asterisk_asks(void **state)
{
	static const char text[] = "[from-pstn]\nexten => 5,1,Dial(PJSIP/5@provider)\n"
				   "[from-pbx]\ninclude => more\nexten => _0.,1,Dial(DAHDI/g1/${EXTEN:1})\n"
				   "[more]\nexten => 9,1,Dial(DAHDI/g1/9)\n";
	unsigned notes = 0;
	char *out = NULL, *all = malloc(TEXT);
	struct config *config = NULL;

	(void)state;
	assert_non_null(all);
	assert_true(plan_import_extensions("f", text, strlen(text), &out, no_note, &notes) >= 0);
	assert_true((size_t)snprintf(all, TEXT, "%s%s", sides, out) < TEXT);
	assert_int_not_equal(config_parse(&config, "out", all, strlen(all), show, NULL), 0);
	assert_non_null(strstr(out, "from: [\"trunk:FILL-IN-from-pstn\"]"));
	assert_non_null(strstr(out, "called: {pattern: \"9\"}"));
	assert_null(strstr(out, "FILL-IN-more"));
	free(all);
	free(out);
}

/* ── CSV ── */

static void test_csv(void **state)
{
	static const char text[] =
	    "prefix,target,name,from,ton,strip,prepend,set_ton,set_npi,priority,weight,cost\n"
	    "+49,span:1,home,trunk:provider,,2,0,national,e164,1,,\n"
	    "+49,span:2,home,trunk:provider,,2,00,unknown,,2,,\n"
	    "+4930,span:2,berlin,trunk:provider,,4,,subscriber,,,,\n"
	    "00,trunk:provider,abroad,span:1,unknown,2,+,,,,,\n"
	    ",trunk:192.0.2.1,rest,span:1,,,,,,,,\n";
	unsigned notes, findings;
	struct config *c = load(plan_import_csv, text, &notes, &findings);
	struct call_route r;

	(void)state;
	assert_int_equal(notes, 0);
	assert_int_equal(findings, 0);
	goes(c, provider, "+4989123", "", span1, "089123 2");
	decide(c, provider, "+4989123", 0, "", &r);
	assert_int_equal(r.count, 2);
	assert_string_equal(r.way[1].called.digits, "0089123");
	goes(c, provider, "+4930123", "", span2, "123 4");
	goes(c, span1, "0044123", "", provider, "+44123");
	goes(c, span1, "5", "", (struct call_endpoint){CALL_EP_TRUNK, 1}, "5");
	goes(c, provider, "4989", "", span1, NULL);
	config_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cisco_sets),
	    cmocka_unit_test(test_cisco_plan),
	    cmocka_unit_test(test_asterisk_order),
	    cmocka_unit_test(test_asterisk_steps),
	    cmocka_unit_test(test_asterisk_from),
	    cmocka_unit_test(test_asterisk_asks),
	    cmocka_unit_test(test_asterisk_mutations),
	    cmocka_unit_test(test_csv),
	};

	return cmocka_run_group_tests_name("plan_import_engine", tests, NULL, NULL);
}
