/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structures of the kernel to values: recorded ones (see recorded/README.md), and what a card would
 * say, put into them by hand from the header. */
#include <stdio.h>
#include <string.h>

#include <dahdi/user.h>

#include "hw/t1e1/dahdi_decode.h"
#include "tests/unit/t1e1/t1e1_tests.h"

static size_t load(const char *name, void *out, size_t size)
{
	char path[500];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", RECORDED, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(out, 1, size, f);
	fclose(f);
	return n;
}

static struct dahdi_spaninfo recorded_span(const char *name)
{
	struct dahdi_spaninfo info;

	assert_int_equal(load(name, &info, sizeof(info)), sizeof(info));
	return info;
}

void decode_reads_recorded_spans(void **state)
{
	struct dahdi_spaninfo info = recorded_span("span1-good");
	struct dahdi_counters seen = {0};
	struct e1_line line = {.blocks = 7, .slips = 3};
	struct dahdi_span_id id;

	dahdi_decode_span(&info, &seen, &line);
	assert_int_equal(line.alarms, 0);
	assert_int_equal(line.params.type, E1_TYPE_E1); /* 31 channels */
	assert_int_equal(line.params.framing, E1_FRAMING_UNKNOWN);
	assert_int_equal(line.params.code, E1_CODE_UNKNOWN);
	assert_int_equal(line.params.sync_source, 0);
	assert_int_equal(line.blocks, 7); /* ours stay ours */
	assert_int_equal(line.slips, 3);
	dahdi_decode_span_id(&info, &id);
	assert_int_equal(id.span, 1);
	assert_int_equal(id.channels, 31);
	assert_int_equal(id.configured, 31);
	assert_string_equal(id.name, "DYN/loc/0:0");
	assert_string_equal(id.description, "Dynamic 'loc' span at '0:0'");
	assert_string_equal(id.location, "");
	/* The other end was unplugged: the software span says only RED. */
	info = recorded_span("span1-red");
	dahdi_decode_span(&info, &seen, &line);
	assert_int_equal(line.alarms, E1_ALARM_RED);
}

void decode_reads_recorded_channels(void **state)
{
	struct dahdi_params params;
	struct dahdi_channel channel;

	assert_int_equal(load("chan16-dchan", &params, sizeof(params)), sizeof(params));
	dahdi_decode_channel(&params, &channel);
	assert_int_equal(channel.channel, 16);
	assert_int_equal(channel.span, 1);
	assert_int_equal(channel.position, 16);
	assert_int_equal(channel.signalling, DAHDI_SIGNALLING_HDLC);
	assert_int_equal(channel.alarms, 0);
	assert_string_equal(channel.name, "DYN/loc/0:0/16");
	assert_int_equal(load("chan1-bchan", &params, sizeof(params)), sizeof(params));
	dahdi_decode_channel(&params, &channel);
	assert_int_equal(channel.signalling, DAHDI_SIGNALLING_CLEAR);
	assert_true(channel.alaw);
	assert_int_equal(load("chan1-red", &params, sizeof(params)), sizeof(params));
	dahdi_decode_channel(&params, &channel);
	assert_int_equal(channel.alarms, E1_ALARM_RED);
}

void decode_reads_every_alarm(void **state)
{
	static const struct {
		uint32_t dahdi, ours;
	} row[] = {
	    {DAHDI_ALARM_NONE, 0},
	    {DAHDI_ALARM_RED, E1_ALARM_RED},
	    {DAHDI_ALARM_RED | DAHDI_ALARM_LOS, E1_ALARM_LOS},
	    {DAHDI_ALARM_RED | DAHDI_ALARM_LFA, E1_ALARM_LFA},
	    {DAHDI_ALARM_RED | DAHDI_ALARM_LFA | DAHDI_ALARM_LOS, E1_ALARM_LFA | E1_ALARM_LOS},
	    {DAHDI_ALARM_LMFA, E1_ALARM_LMFA},
	    {DAHDI_ALARM_BLUE, E1_ALARM_AIS},
	    {DAHDI_ALARM_YELLOW, E1_ALARM_RAI},
	    {DAHDI_ALARM_YELLOW | DAHDI_ALARM_RECOVER, E1_ALARM_RAI | E1_ALARM_RECOVERING},
	    {DAHDI_ALARM_LOOPBACK, E1_ALARM_LOOPBACK},
	    {DAHDI_ALARM_NOTOPEN, E1_ALARM_NOT_READY},
	    {1u << 20, E1_ALARM_RED}, /* one that we do not know is an alarm, too */
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_int_equal(dahdi_decode_alarms(row[i].dahdi), row[i].ours);
}

struct params_row {
	const char *type;
	uint32_t config;
	int channels, lbo, syncsrc;
	struct e1_params want;
};

static const struct params_row params_row[] = {
    {"E1",
     DAHDI_CONFIG_CCS | DAHDI_CONFIG_HDB3 | DAHDI_CONFIG_CRC4,
     31,
     0,
     1,
     {E1_TYPE_E1, E1_CODE_HDB3, E1_FRAMING_CCS, true, 0, 1, false}},
    {"E1",
     DAHDI_CONFIG_CCS | DAHDI_CONFIG_AMI,
     31,
     0,
     0,
     {E1_TYPE_E1, E1_CODE_AMI, E1_FRAMING_CCS, false, 0, 0, false}},
    {"E1",
     DAHDI_CONFIG_HDB3,
     31,
     0,
     0,
     {E1_TYPE_E1, E1_CODE_HDB3, E1_FRAMING_CAS, false, 0, 0, false}},
    {"E1", 0, 31, 0, 0, {E1_TYPE_E1, E1_CODE_UNKNOWN, E1_FRAMING_UNKNOWN, false, 0, 0, false}},
    {"T1",
     DAHDI_CONFIG_ESF | DAHDI_CONFIG_B8ZS,
     24,
     7,
     2,
     {E1_TYPE_T1, E1_CODE_B8ZS, E1_FRAMING_ESF, false, 7, 2, false}},
    {"T1",
     DAHDI_CONFIG_D4 | DAHDI_CONFIG_AMI,
     24,
     4,
     0,
     {E1_TYPE_T1, E1_CODE_AMI, E1_FRAMING_D4, false, 4, 0, false}},
    {"J1",
     DAHDI_CONFIG_ESF | DAHDI_CONFIG_B8ZS,
     24,
     0,
     0,
     {E1_TYPE_J1, E1_CODE_B8ZS, E1_FRAMING_ESF, false, 0, 0, false}},
    {"DYN",
     DAHDI_CONFIG_ESF | DAHDI_CONFIG_B8ZS,
     23,
     0,
     0,
     {E1_TYPE_T1, E1_CODE_B8ZS, E1_FRAMING_ESF, false, 0, 0, false}},
    {"DYN", 0, 24, 0, 0, {E1_TYPE_T1, E1_CODE_UNKNOWN, E1_FRAMING_UNKNOWN, false, 0, 0, false}},
    {"BRI",
     0,
     3,
     -1,
     -1,
     {E1_TYPE_UNKNOWN, E1_CODE_UNKNOWN, E1_FRAMING_UNKNOWN, false, 255, 0, false}},
};

void decode_reads_line_parameters(void **state)
{
	for (size_t i = 0; i < sizeof(params_row) / sizeof(params_row[0]); i++) {
		const struct params_row *r = &params_row[i];
		struct dahdi_spaninfo info = recorded_span("span1-good");
		struct dahdi_counters seen = {0};
		struct e1_line line = {0};

		memset(info.spantype, 0, sizeof(info.spantype));
		memcpy(info.spantype, r->type, strlen(r->type));
		info.lineconfig = (int)r->config;
		info.totalchans = r->channels;
		info.lbo = r->lbo;
		info.syncsrc = r->syncsrc;
		dahdi_decode_span(&info, &seen, &line);
		if (!e1_params_equal(&line.params, &r->want))
			fail_msg("row %zu: %s %s %s crc4 %d lbo %u sync %u", i,
				 e1_type_name(line.params.type), e1_code_name(line.params.code),
				 e1_framing_name(line.params.framing), line.params.crc4,
				 line.params.lbo, line.params.sync_source);
	}
}

void decode_lets_counters_only_grow(void **state)
{
	struct dahdi_spaninfo info = recorded_span("span1-good");
	struct dahdi_counters seen = {0};
	struct e1_line line = {0};

	info.bpvcount = 5;
	info.crc4count = 4;
	info.ebitcount = 3;
	info.fascount = 2;
	info.errsec = 9;
	info.irqmisses = 1;
	dahdi_decode_span(&info, &seen, &line);
	dahdi_decode_span(&info, &seen, &line); /* nothing new */
	assert_int_equal(line.bpv, 5);
	assert_int_equal(line.crc4_errors, 4);
	assert_int_equal(line.ebit_errors, 3);
	assert_int_equal(line.fas_errors, 2);
	assert_int_equal(line.errored_seconds, 9);
	assert_int_equal(line.irq_misses, 1);
	info.bpvcount = 1; /* the span came back: the kernel counts anew */
	dahdi_decode_span(&info, &seen, &line);
	assert_int_equal(line.bpv, 6);
	info.bpvcount = -1; /* and it is 32 bits wide, not 31 */
	dahdi_decode_span(&info, &seen, &line);
	assert_int_equal(line.bpv, 5 + UINT64_C(0xffffffff));
}

void decode_trusts_no_text_of_the_kernel(void **state)
{
	struct dahdi_spaninfo info = recorded_span("span1-good");
	struct dahdi_span_id id;

	memset(info.desc, 'x', sizeof(info.desc)); /* without an end */
	memset(info.location, 'y', sizeof(info.location));
	info.name[0] = '\033';
	info.totalchans = 100000;
	info.numchans = -1;
	info.spanno = -5;
	dahdi_decode_span_id(&info, &id);
	assert_int_equal(strlen(id.description), sizeof(info.desc));
	assert_int_equal(strlen(id.location), sizeof(info.location));
	assert_int_equal(id.name[0], '?');
	assert_int_equal(id.channels, 255);
	assert_int_equal(id.configured, 0);
	assert_int_equal(id.span, 0);
}

void decode_knows_events_and_signalling(void **state)
{
	static const struct {
		int sig;
		enum dahdi_signalling want;
	} row[] = {{DAHDI_SIG_NONE, DAHDI_SIGNALLING_NONE},
		   {DAHDI_SIG_CLEAR, DAHDI_SIGNALLING_CLEAR},
		   {DAHDI_SIG_HDLCFCS, DAHDI_SIGNALLING_HDLC},
		   {DAHDI_SIG_HARDHDLC, DAHDI_SIGNALLING_HARD_HDLC},
		   {DAHDI_SIG_HDLCRAW, DAHDI_SIGNALLING_OTHER},
		   {DAHDI_SIG_MTP2, DAHDI_SIGNALLING_OTHER},
		   {DAHDI_SIG_FXOKS, DAHDI_SIGNALLING_OTHER},
		   {DAHDI_SIG_CAS, DAHDI_SIGNALLING_OTHER},
		   {INT32_MIN, DAHDI_SIGNALLING_BROKEN}};
	struct dahdi_params params = {0};
	struct dahdi_channel channel;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		params.sigtype = row[i].sig;
		dahdi_decode_channel(&params, &channel);
		assert_int_equal(channel.signalling, row[i].want);
	}
	assert_string_equal(dahdi_event_name(dahdi_decode_event(DAHDI_EVENT_ALARM)), "alarm");
	assert_string_equal(dahdi_event_name(dahdi_decode_event(DAHDI_EVENT_ABORT)), "HDLC abort");
	assert_int_equal(dahdi_decode_event(DAHDI_EVENT_REMOVED), DAHDI_HAPPENED_REMOVED);
	assert_int_equal(dahdi_decode_event(DAHDI_EVENT_BADFCS), DAHDI_HAPPENED_BAD_FCS);
	assert_int_equal(dahdi_decode_event(-1), DAHDI_HAPPENED_OTHER);
}
