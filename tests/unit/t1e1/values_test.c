/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/dahdi/N, the order of spans, errored seconds: what needs no header of DAHDI. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hw/t1e1/dahdi_decode.h"
#include "hw/t1e1/e1_seconds.h"
#include "tests/unit/t1e1/t1e1_tests.h"

static int decode(const char *text, struct dahdi_proc *out)
{
	return dahdi_decode_proc(text, strlen(text), out);
}

static void load(const char *name, struct dahdi_proc *out)
{
	static char text[4096];
	char path[500];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", RECORDED, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	assert_int_equal(dahdi_decode_proc(text, n, out), 0);
}

void proc_reads_recorded_texts(void **state)
{
	struct dahdi_proc p;

	load("proc1-good", &p);
	assert_int_equal(p.span, 1);
	assert_false(p.master);
	assert_int_equal(p.channels, 31);
	for (unsigned i = 0; i < 31; i++) {
		assert_int_equal(p.channel[i].channel, i + 1);
		assert_false(p.channel[i].in_use);
	}
	load("proc1-in-use", &p);
	for (unsigned i = 0; i < 31; i++)
		assert_int_equal(p.channel[i].in_use, i == 2);
	load("proc1-red", &p);
	assert_int_equal(p.channels, 31);
}

void proc_reads_what_a_card_says(void **state)
{
	static const char text[] =
	    "Span 2: TE2/0/2 \"T2XXP (PCI) Card 0 Span 2\" (MASTER) HDB3/CCS/CRC4 RED ClockSource "
	    "\n"
	    "\tBPV count: 12\n\tIRQ misses: 3\n\tTiming slips: 4294967295\n\n"
	    "\t  32 TE2/0/2/1 Clear (In use) (EC: MG2 - INACTIVE) \n"
	    "\t  47 TE2/0/2/16 Hardware-assisted HDLC (In use) RED \n";
	struct dahdi_counters seen = {0};
	struct e1_line line = {0};
	struct dahdi_proc p;

	assert_int_equal(decode(text, &p), 0);
	assert_int_equal(p.span, 2);
	assert_true(p.master && p.clock_source);
	assert_int_equal(p.timing_slips, UINT32_MAX);
	assert_int_equal(p.irq_misses, 3);
	assert_int_equal(p.channels, 2);
	assert_int_equal(p.channel[1].channel, 47);
	assert_true(p.channel[1].in_use);
	dahdi_decode_slips(&p, &seen, &line);
	assert_int_equal(line.timing_slips, UINT32_MAX);
	assert_true(line.params.sync_master);
	/* What a name says is no news of the span. */
	assert_int_equal(decode("Span 1: (MASTER) \"ClockSource\" \n", &p), 0);
	assert_false(p.master || p.clock_source);
}

void proc_is_bounded(void **state)
{
	static char text[20000] = "Span 1: a \"b\"\n";
	struct dahdi_proc p;

	assert_int_equal(decode("", &p), -EBADMSG);
	assert_int_equal(decode("Span", &p), -EBADMSG);
	assert_int_equal(decode("Span 0: x", &p), -EBADMSG);
	assert_int_equal(decode("Span 99999999999999999999: x", &p), -EBADMSG);
	assert_int_equal(decode("no span\nSpan 1: x", &p), -EBADMSG);
	assert_int_equal(decode("Span 1: x\n\tTiming slips: 99999999999\n\tTiming slips:", &p), 0);
	assert_int_equal(p.timing_slips, 0);
	for (unsigned i = 0; i < 1000; i++)
		snprintf(text + strlen(text), 16, "\t%u x\n", 1 + i);
	assert_int_equal(decode(text, &p), 0);
	assert_int_equal(p.channels, DAHDI_CHANNELS_MAX);
}

static const struct dahdi_span_id cards[] = {
    {.span = 1, .local = 1, .location = "PCI Bus 05 Slot 01", .hardware_id = "S-1"},
    {.span = 2, .local = 2, .location = "PCI Bus 03 Slot 05", .hardware_id = "S-2"},
    {.span = 3, .local = 1, .location = "PCI Bus 03 Slot 05", .hardware_id = "S-2"},
    {.span = 4, .local = 1, .location = "", .hardware_id = "DYN/loc/0:1"},
    {.span = 5, .local = 1, .location = "", .hardware_id = "DYN/loc/0:0"},
};

void spans_are_ordered_by_place(void **state)
{
	static const unsigned want[] = {3, 2, 1, 5, 4};
	struct dahdi_span_id span[5];

	memcpy(span, cards, sizeof(span));
	dahdi_order_spans(span, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(span[i].span, want[i]);
	dahdi_order_spans(NULL, 0);
}

void spans_are_found_by_number_or_place(void **state)
{
	static const struct {
		const char *selector;
		unsigned span; /* 0: none, and a sentence */
	} row[] = {{"1", 1},
		   {"5", 5},
		   {"6", 0},
		   {"0", 0},
		   {"PCI Bus 05 Slot 01", 1},
		   {"PCI Bus 05 Slot 01#1", 1},
		   {"PCI Bus 05 Slot 01#2", 0},
		   {"PCI Bus 03 Slot 05", 0}, /* which of its two? */
		   {"PCI Bus 03 Slot 05#2", 2},
		   {"S-2#1", 3},
		   {"DYN/loc/0:0", 5},
		   {"nowhere", 0},
		   {"#1", 0},
		   {"PCI Bus 03 Slot 05 and much more than fits into a field#1", 0}};
	const char *why;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct dahdi_span_id *found =
		    dahdi_find_span(cards, 5, row[i].selector, &why);

		if ((found ? found->span : 0) != row[i].span || !found != !!why)
			fail_msg("%s: span %u, %s", row[i].selector, found ? found->span : 0,
				 why ? why : "found");
	}
}

static struct e1_seconds after(struct e1_line *line, uint32_t alarms, uint64_t crc, uint64_t bpv,
			       uint64_t fas)
{
	struct e1_seconds s = {0};

	e1_seconds_turn(&s, 0, line);
	line->alarms = alarms;
	line->crc4_errors += crc;
	line->bpv += bpv;
	line->fas_errors += fas;
	e1_seconds_turn(&s, 999999, line);
	assert_int_equal(s.errored, 0); /* the second has not ended */
	line->alarms = 0;
	e1_seconds_turn(&s, 1000000, line);
	return s;
}

void seconds_follow_rfc_4805(void **state)
{
	static const struct e1_params crc4 = {E1_TYPE_E1, E1_CODE_HDB3, E1_FRAMING_CCS, true},
				      plain = {E1_TYPE_E1, E1_CODE_HDB3, E1_FRAMING_CCS, false},
				      esf = {E1_TYPE_T1, E1_CODE_B8ZS, E1_FRAMING_ESF, false},
				      d4 = {E1_TYPE_T1, E1_CODE_AMI, E1_FRAMING_D4, false};
	static const struct {
		const struct e1_params *params;
		uint32_t alarms;
		uint64_t crc, bpv, fas;
		uint64_t es, ses;
	} row[] = {
	    {&crc4, 0, 0, 0, 0, 0, 0},
	    {&crc4, 0, 1, 0, 0, 1, 0},
	    {&crc4, 0, 831, 0, 0, 1, 0},
	    {&crc4, 0, 832, 0, 0, 1, 1},
	    {&crc4, 0, 0, 9999, 0, 0, 0},
	    {&plain, 0, 0, 1, 0, 1, 0},
	    {&plain, 0, 0, 2047, 0, 1, 0},
	    {&plain, 0, 0, 2048, 0, 1, 1},
	    {&esf, 0, 319, 0, 0, 1, 0},
	    {&esf, 0, 320, 0, 0, 1, 1},
	    {&esf, 0, 0, 99, 0, 0, 0},
	    {&d4, 0, 0, 0, 7, 1, 0},
	    {&d4, 0, 0, 0, 8, 1, 1},
	    {&d4, 0, 0, 1544, 0, 1, 1},
	    {&crc4, E1_ALARM_LOS, 0, 0, 0, 1, 1},
	    {&crc4, E1_ALARM_AIS, 0, 0, 0, 1, 1},
	    {&crc4, E1_ALARM_RAI, 0, 0, 0, 0, 0}, /* the far end's trouble */
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct e1_line line = {.params = *row[i].params};
		struct e1_seconds s =
		    after(&line, row[i].alarms, row[i].crc, row[i].bpv, row[i].fas);

		if (s.errored != row[i].es || s.severely_errored != row[i].ses)
			fail_msg("row %zu: ES %llu SES %llu", i, (unsigned long long)s.errored,
				 (unsigned long long)s.severely_errored);
	}
}
