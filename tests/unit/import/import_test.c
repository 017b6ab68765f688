/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files as people have them, and what becomes of them. */
#include "config/import/dahdi/import.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/strbuf.h"

enum { FILE_MAX = 8192 };

struct imported {
	int result;
	const char *why;
	char *text;
	char notes[16384]; /* one a line */
	struct config *config;
};

static const char *load(const char *name)
{
	static char text[2][FILE_MAX];
	static unsigned turn;
	char path[500];
	size_t n;
	FILE *f;

	turn = !turn;
	snprintf(path, sizeof(path), "%s/%s", EXAMPLES, name);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text[turn], 1, FILE_MAX - 1, f);
	text[turn][n] = '\0';
	fclose(f);
	return text[turn];
}

static void on_note(void *arg, const char *text)
{
	struct imported *im = arg;
	size_t len = strlen(im->notes);

	snprintf(im->notes + len, sizeof(im->notes) - len, "%s\n", text);
}

static void on_mistake(void *arg, const char *text)
{
	print_error("%s\n", text);
}

/* What came out must be a configuration, as it is. */
static void check(struct imported *im)
{
	if (im->result < 0)
		return;
	if (config_parse(&im->config, "imported", im->text, strlen(im->text), on_mistake, NULL))
		fail_msg("what came out is no configuration:\n%s", im->text);
}

static struct imported from_dahdi(const char *text)
{
	struct imported im = {0};
	struct import_source source = {"system.conf", text, strlen(text)};

	im.result = import_dahdi(&source, &im.text, on_note, &im, &im.why);
	check(&im);
	return im;
}

static struct imported from_asterisk(const char *text, const char *system)
{
	struct imported im = {0};
	struct import_source source = {"chan_dahdi.conf", text, strlen(text)},
			     dahdi = {"system.conf", system, system ? strlen(system) : 0};

	im.result =
	    import_asterisk(&source, system ? &dahdi : NULL, &im.text, on_note, &im, &im.why);
	check(&im);
	return im;
}

static void drop(struct imported *im)
{
	config_destroy(im->config);
	free(im->text);
}

/* Columns are for people: any number of spaces counts as one. */
static void squeeze(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text && n < size - 1; text++)
		if (*text != ' ' || !n || out[n - 1] != ' ')
			out[n++] = *text;
	out[n] = '\0';
}

static void expect(const char *text, const char *part)
{
	static char squeezed[32768];

	squeeze(squeezed, sizeof(squeezed), text);
	if (!strstr(squeezed, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void dahdi_two_e1(void **state)
{
	struct imported im = from_dahdi(load("two-e1.system.conf"));
	const struct config_span *s = im.config->span;

	assert_int_equal(im.result, 0); /* nothing was not understood */
	assert_int_equal(im.config->span_count, 2);
	assert_int_equal(s[0].dahdi.dahdi_span, 1);
	assert_int_equal(s[0].isdn.dchannel_ts, 16);
	assert_int_equal(s[0].isdn.bchannels, 0xfffefffe);
	assert_int_equal(s[1].dahdi.dahdi_span, 2);
	assert_int_equal(s[1].isdn.bchannels, 0xfffefffe);
	/* A clock of our own is a network side's, most likely. */
	assert_int_equal(s[0].isdn.side, ISDN_USER);
	assert_int_equal(s[1].isdn.side, ISDN_NETWORK);
	expect(im.text, "# system.conf:6: span=1,1,0,ccs,hdb3,crc4\n");
	expect(im.text, "dchannel: 16 # system.conf:9: dchan\n");
	expect(im.text, "dchannel: 16 # system.conf:15: hardhdlc\n");
	expect(im.text, "bchannels: 1-15,17-31 # system.conf:14: bchan\n");
	expect(im.text, "# FILL IN: our address for SIP");
	drop(&im);
}

static void dahdi_fractional_beside_analogue(void **state)
{
	struct imported im = from_dahdi(load("fractional-and-analogue.system.conf"));

	assert_int_equal(im.config->span_count, 1);
	assert_int_equal(im.config->span[0].isdn.bchannels, 0x7fe);
	expect(im.notes, "system.conf:5: unused=11-15,17-31: unused channels are not ISDN PRI");
	expect(im.notes, "system.conf:6: fxoks=32-35: fxoks channels are not ISDN PRI");
	expect(im.notes, "system.conf:9: dacs=1-24:48: not a list of channels");
	expect(im.notes, "system.conf:10: nonsense: not understood");
	assert_null(strstr(im.notes, "alaw"));
	drop(&im);
}

static void dahdi_t1_and_software_spans(void **state)
{
	struct imported im = from_dahdi(load("t1.system.conf"));

	assert_int_equal(im.config->span_count, 2);
	assert_int_equal(im.config->span[1].isdn.dchannel_ts, 24);
	assert_int_equal(im.config->span[1].isdn.bchannels, 0xfffffe);
	drop(&im);
	im = from_dahdi(load("software.system.conf"));
	assert_int_equal(im.result, 0);
	assert_int_equal(im.config->span_count, 2);
	expect(im.text, "# system.conf:2: dynamic=loc,0:1,31,0\n");
	drop(&im);
}

static void dahdi_says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *note;
	} row[] = {
	    {"span=1,1,0,ccs,hdb3\nspan=1,0,0,ccs,hdb3\nbchan=1", ":2: span=1,0,0,ccs,hdb3: span 1 "
								  "stands already in line 1"},
	    {"span=1,1\nspan=2,0,0,ccs,hdb3\nbchan=1", ":1: span=1,1: not understood"},
	    {"span=2,0,0,ccs,hdb3\nbchan=1", "span 1 is not there"},
	    {"span=129,0,0,ccs,hdb3\nspan=1,0,0,ccs,hdb3\nbchan=1", "DAHDI's are 1 to 128"},
	    {"span=1,0,0,ccs,hdb3,term\nbchan=1", "option \"term\" has no counterpart"},
	    {"span=1,0,0,xyz,hdb3\nbchan=1", "framing \"xyz\" is not known"},
	    {"span=1,0,0,ccs,hdb3\nbchan=1-2000\nbchan=1", ":2: bchan=1-2000: not a list"},
	    {"span=1,0,0,ccs,hdb3\nbchan=5-3\nbchan=1", ":2: bchan=5-3: not a list"},
	    {"span=1,0,0,ccs,hdb3\nbchan=1-31\ndchan=16", "channel 16 is something else in line 2"},
	    {"span=1,0,0,ccs,hdb3\nbchan=1-15\ndchan=16-17", "second D-channel in timeslot 17"},
	    {"span=1,0,0,ccs,hdb3\nbchan=1\nspan=2,0,0,ccs,hdb3\nwhat=ever",
	     ":4: what=ever: has no counterpart"},
	    {"span=1,0,0,ccs,hdb3\nbchan=1\nspan=2,0,0,ccs,hdb3",
	     "span 2 is left out: it has no B"},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct imported im = from_dahdi(row[i].text);

		assert_true(im.result > 0);
		expect(im.notes, row[i].note);
		drop(&im);
	}
}

static void nothing_in_it_is_told(void **state)
{
	static const char *const text[] = {"", "\n\n# x\n", "fxoks=1-4\n", "span=1,0,0,ccs,hdb3\n"};

	for (size_t i = 0; i < 4; i++) {
		struct imported im = from_dahdi(text[i]);

		assert_int_equal(im.result, -ENOENT);
		expect(im.why, "no span of an ISDN PRI");
		assert_null(im.text);
		im = from_asterisk(text[i], NULL);
		assert_int_equal(im.result, -ENOENT);
	}
}

static void asterisk_order_counts(void **state)
{
	struct imported im =
	    from_asterisk(load("two-e1.chan_dahdi.conf"), load("two-e1.system.conf"));
	const struct config_span *s = im.config->span;

	assert_int_equal(im.config->span_count, 2);
	assert_int_equal(s[0].isdn.side, ISDN_USER);
	assert_int_equal(s[1].isdn.side, ISDN_NETWORK);
	assert_int_equal(s[0].isdn.timer_ms[ISDN_T309], 60000);
	assert_int_equal(s[1].isdn.timer_ms[ISDN_T309], 60000); /* still holds: nothing took it back */
	assert_int_equal(s[0].dahdi.echo_tail_ms, 16);
	assert_int_equal(s[1].dahdi.echo_tail_ms, 32); /* 256 taps */
	assert_int_equal(s[0].dahdi.tx_gain_db, -3);
	assert_int_equal(s[1].dahdi.tx_gain_db, 0);
	expect(im.text, "side: user # chan_dahdi.conf:22: signalling = pri_cpe\n");
	expect(im.text, "side: network # chan_dahdi.conf:33: signalling = pri_net\n");
	expect(im.text, "bchannels: 1-15,17-31 # chan_dahdi.conf:25: channel => 1-15,17-31\n");
	expect(im.text, "timers: {t309: 60} # chan_dahdi.conf:24: pritimer => t309,60000\n");
	expect(im.text, "- name: from-span-1 # chan_dahdi.conf:21: context=from-pstn\n");
	expect(im.text, "set_ton: unknown # chan_dahdi.conf:16: pridialplan = unknown\n");
	expect(im.text, "set_ton: national # chan_dahdi.conf:34: pridialplan = national");
	expect(im.notes, "chan_dahdi.conf:13: txgain=-2.5: rounded to -3 dB");
	expect(im.notes, "chan_dahdi.conf:14: resetinterval = 3600:");
	expect(im.notes, "chan_dahdi.conf:6: language=de:");
	/* What stands as Asterisk and we have it anyway, and what is a comment, is no news. */
	assert_null(strstr(im.notes, "overlapdial"));
	assert_null(strstr(im.text, "context=old"));
	assert_null(strstr(im.notes, "32-40"));
	drop(&im);
}

static void asterisk_sections_and_templates(void **state)
{
	struct imported im = from_asterisk(load("sections.chan_dahdi.conf"), NULL);
	const struct config_span *s = im.config->span;

	assert_int_equal(im.config->span_count, 2);
	assert_int_equal(s[0].isdn.side, ISDN_USER); /* as [channels] ended */
	assert_int_equal(s[1].isdn.side, ISDN_NETWORK);
	assert_int_equal(s[0].dahdi.rx_gain_db, 1); /* of the template */
	assert_int_equal(s[1].dahdi.rx_gain_db, 1);
	assert_int_equal(s[1].isdn.bchannels, 0x0000fffe);
	expect(im.notes, "chan_dahdi.conf:1: #include extra/dahdi-*.conf: not followed");
	expect(im.notes, "chan_dahdi.conf:6: channel => 63-66: signalling is fxo_ks");
	expect(im.notes, "[line-2](provider,nowhere): there is no section \"nowhere\" above it");
	expect(im.notes, "channel => 48-62: in this section channels are made with dahdichan=");
	expect(im.notes, "whatsthis = 1: not known here");
	expect(im.notes, "switchtype=national: span 1: only EuroISDN");
	expect(im.text, "# chan_dahdi.conf:15: dahdichan => 1-15,17-31\n");
	drop(&im);
}

static void asterisk_says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *note;
	} row[] = {
	    {"[channels]\nchannel => 1\nsignalling=pri_cpe\nchannel => 2",
	     ":2: channel => 1: signalling is not set"},
	    {"[channels]\nsignalling=pri_cpe\ngroup=1\nchannel => 1-5\ngroup=2\nchannel => 6-9",
	     ":6: channel => 6-9: span 1 is made with other settings above"},
	    {"[channels]\nsignalling=pri_cpe\nchannel => x\nchannel => 1",
	     ":3: channel => x: not a"},
	    {"[channels]\nsignalling=pri_cpe\nrxgain=loud\nchannel => 1", "not a gain"},
	    {"[channels]\nsignalling=pri_cpe\nrxgain=nan\nchannel => 1", "not a gain"},
	    {"[channels]\nsignalling=pri_cpe\npritimer=t309,1\nchannel => 1", "t309 is 1000 to"},
	    {"[channels]\nsignalling=pri_cpe\npritimer=t302,1\nchannel => 1", "standard value"},
	    {"[channels]\nsignalling=pri_cpe\npridialplan=dynamic\nchannel => 1",
	     "depends on the digits"},
	    {"[channels]\nsignalling=pri_cpe\nchannel => 1\n[trunkgroups]\ntrunkgroup => 1,16",
	     "no NFAS groups"},
	    {"[channels\n[channels]\nsignalling=pri_cpe\nchannel => 1", "a section is [NAME]"},
	    {"[channels]\nsignalling=pri_cpe\nchannel => 1\nbare words", "a line is KEY=VALUE"},
	    {"[channels]\nsignalling=pri_cpe\noverlapdial=yes\nchannel => 1", "en-bloc"},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct imported im = from_asterisk(row[i].text, NULL);

		assert_true(im.result > 0);
		expect(im.notes, row[i].note);
		drop(&im);
	}
}

static void asterisk_channels_outside_the_spans(void **state)
{
	struct imported im =
	    from_asterisk("[channels]\nsignalling=pri_cpe\nchannel => 1-15,17-31,40\n",
			  "span=1,1,0,ccs,hdb3\nbchan=1-15,17-31\ndchan=16\n");

	expect(im.notes, "channel 40 is in no span that system.conf sets up");
	drop(&im);
	im = from_asterisk("[channels]\nsignalling=pri_cpe\nchannel => 1-31\n",
			   "span=1,1,0,ccs,hdb3\nbchan=1-15,17-31\ndchan=16\n");
	expect(im.notes, "channel 16 is the D-channel of span 1");
	assert_int_equal(im.config->span[0].isdn.bchannels, 0xfffefffe);
	drop(&im);
}

static void hostile_input_is_bounded(void **state)
{
	static char text[IMPORT_FILE_MAX + 2];
	struct import_source big = {"big", text, IMPORT_FILE_MAX + 1};
	const char *why;
	char *out = NULL;
	struct imported im;
	size_t len = 0;

	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(import_dahdi(&big, &out, NULL, NULL, &why), -E2BIG);
	assert_int_equal(import_asterisk(&big, NULL, &out, NULL, NULL, &why), -E2BIG);
	/* Octets that YAML does not know, in what becomes a comment. */
	im = from_dahdi("span=1,1,0,ccs,hdb3 # \033[2J \xff\xfe\x01\nbchan=1-15");
	assert_null(strchr(im.text, '\033'));
	drop(&im);
	/* A thousand mistakes are told, not a million. */
	for (unsigned i = 0; i < 5000; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "z%u=1\n", i);
	snprintf(text + len, sizeof(text) - len, "span=1,0,0,ccs,hdb3\nbchan=1\n");
	im = from_dahdi(text);
	assert_int_equal(im.result, 5000);
	drop(&im);
}

/* What is exported is understood when it is imported again. */
static void export_and_import_agree(void **state)
{
	static const char *const file[] = {"two-e1.system.conf", "t1.system.conf",
					   "fractional-and-analogue.system.conf"};

	for (size_t i = 0; i < 3; i++) {
		struct imported im = from_dahdi(load(file[i])), again;
		char *system = NULL;

		assert_int_equal(export_dahdi(im.config, "c.yaml", &system), 0);
		again = from_dahdi(system);
		if (again.result)
			fail_msg("%s\n%s", system, again.notes);
		assert_int_equal(again.config->span_count, im.config->span_count);
		for (unsigned k = 0; k < im.config->span_count; k++) {
			const struct config_span *a = &im.config->span[k],
						 *b = &again.config->span[k];

			assert_int_equal(a->isdn.bchannels, b->isdn.bchannels);
			assert_int_equal(a->isdn.dchannel_ts, b->isdn.dchannel_ts);
			assert_int_equal(a->dahdi.dahdi_span, b->dahdi.dahdi_span);
			assert_int_equal(a->clock_master, b->clock_master);
		}
		free(system);
		drop(&im);
		drop(&again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dahdi_two_e1),
	    cmocka_unit_test(dahdi_fractional_beside_analogue),
	    cmocka_unit_test(dahdi_t1_and_software_spans),
	    cmocka_unit_test(dahdi_says_what_is_wrong),
	    cmocka_unit_test(nothing_in_it_is_told),
	    cmocka_unit_test(asterisk_order_counts),
	    cmocka_unit_test(asterisk_sections_and_templates),
	    cmocka_unit_test(asterisk_says_what_is_wrong),
	    cmocka_unit_test(asterisk_channels_outside_the_spans),
	    cmocka_unit_test(hostile_input_is_bounded),
	    cmocka_unit_test(export_and_import_agree),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
