/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/t1e1/dahdi_decode.h"

#include <dahdi/user.h>
#include <stdio.h>
#include <string.h>

uint32_t dahdi_decode_alarms(uint32_t alarms)
{
	static const struct {
		uint32_t dahdi, ours;
	} map[] = {
	    {DAHDI_ALARM_LOS, E1_ALARM_LOS},
	    {DAHDI_ALARM_LFA, E1_ALARM_LFA},
	    {DAHDI_ALARM_LMFA, E1_ALARM_LMFA},
	    {DAHDI_ALARM_BLUE, E1_ALARM_AIS},
	    {DAHDI_ALARM_YELLOW, E1_ALARM_RAI},
	    {DAHDI_ALARM_LOOPBACK, E1_ALARM_LOOPBACK},
	    {DAHDI_ALARM_RECOVER, E1_ALARM_RECOVERING},
	    {DAHDI_ALARM_NOTOPEN, E1_ALARM_NOT_READY},
	};
	const uint32_t cause = DAHDI_ALARM_LOS | DAHDI_ALARM_LFA | DAHDI_ALARM_LMFA;
	uint32_t known = DAHDI_ALARM_RED, out = 0;

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
		known |= map[i].dahdi;
		if (alarms & map[i].dahdi)
			out |= map[i].ours;
	}
	/* Only some drivers tell why the alarm is red; and an alarm that we do not know is one. */
	if (((alarms & DAHDI_ALARM_RED) && !(alarms & cause)) || (alarms & ~known))
		out |= E1_ALARM_RED;
	return out;
}

/* Text of a fixed field of the kernel's, terminated or not, without what would disturb a line. */
static void take_text(char out[DAHDI_TEXT], const char *field, size_t size)
{
	size_t n = strnlen(field, size);

	if (n >= DAHDI_TEXT)
		n = DAHDI_TEXT - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)field[i] < 0x20 || field[i] == 0x7f ? '?' : field[i];
	out[n] = '\0';
}

static enum e1_type type_of(const struct dahdi_spaninfo *info)
{
	static const struct {
		const char *text;
		enum e1_type type;
	} known[] = {{"E1", E1_TYPE_E1}, {"T1", E1_TYPE_T1}, {"J1", E1_TYPE_J1}};
	uint32_t config = (uint32_t)info->lineconfig;

	for (size_t i = 0; i < 3; i++)
		if (strncmp(info->spantype, known[i].text, sizeof(info->spantype)) == 0)
			return known[i].type;
	/* Old drivers and software spans ("DYN") say nothing: the set-up or the size tells. */
	if (config & (DAHDI_CONFIG_HDB3 | DAHDI_CONFIG_CCS | DAHDI_CONFIG_CRC4))
		return E1_TYPE_E1;
	if (config & (DAHDI_CONFIG_ESF | DAHDI_CONFIG_D4 | DAHDI_CONFIG_B8ZS))
		return E1_TYPE_T1;
	return info->totalchans == 31	? E1_TYPE_E1
	       : info->totalchans == 24 ? E1_TYPE_T1
					: E1_TYPE_UNKNOWN;
}

static void decode_params(const struct dahdi_spaninfo *info, struct e1_params *out)
{
	uint32_t c = (uint32_t)info->lineconfig;

	*out = (struct e1_params){.type = type_of(info)};
	out->code = c & DAHDI_CONFIG_HDB3   ? E1_CODE_HDB3
		    : c & DAHDI_CONFIG_B8ZS ? E1_CODE_B8ZS
		    : c & DAHDI_CONFIG_AMI  ? E1_CODE_AMI
					    : E1_CODE_UNKNOWN;
	out->framing = c & DAHDI_CONFIG_ESF   ? E1_FRAMING_ESF
		       : c & DAHDI_CONFIG_D4  ? E1_FRAMING_D4
		       : c & DAHDI_CONFIG_CCS ? E1_FRAMING_CCS
					      : E1_FRAMING_UNKNOWN;
	/* An E1 that is set up and does not say ccs runs cas. */
	if (out->framing == E1_FRAMING_UNKNOWN && out->type == E1_TYPE_E1 &&
	    out->code != E1_CODE_UNKNOWN)
		out->framing = E1_FRAMING_CAS;
	out->crc4 = c & DAHDI_CONFIG_CRC4;
	out->lbo = info->lbo < 0 || info->lbo > UINT8_MAX ? UINT8_MAX : (uint8_t)info->lbo;
	if (info->syncsrc > 0 && info->syncsrc <= DAHDI_MAX_SPANS)
		out->sync_source = (uint16_t)info->syncsrc;
}

void dahdi_decode_span(const struct dahdi_spaninfo *info, struct dahdi_counters *seen,
		       struct e1_line *line)
{
	bool master = line->params.sync_master; /* only procfs tells */

	line->alarms = dahdi_decode_alarms((uint32_t)info->alarms);
	decode_params(info, &line->params);
	line->params.sync_master = master;
	dahdi_counter_advance(&line->bpv, &seen->bpv, (uint32_t)info->bpvcount);
	dahdi_counter_advance(&line->crc4_errors, &seen->crc4, (uint32_t)info->crc4count);
	dahdi_counter_advance(&line->ebit_errors, &seen->ebit, (uint32_t)info->ebitcount);
	dahdi_counter_advance(&line->fas_errors, &seen->fas, (uint32_t)info->fascount);
	dahdi_counter_advance(&line->errored_seconds, &seen->errored_seconds, info->errsec);
	dahdi_counter_advance(&line->irq_misses, &seen->irq_misses, (uint32_t)info->irqmisses);
}

static uint8_t small(int n)
{
	return n < 0 ? 0 : n > UINT8_MAX ? UINT8_MAX : (uint8_t)n;
}

static uint16_t number(int n)
{
	return n < 0 || n > UINT16_MAX ? 0 : (uint16_t)n;
}

void dahdi_decode_span_id(const struct dahdi_spaninfo *info, struct dahdi_span_id *out)
{
	*out = (struct dahdi_span_id){
	    .span = number(info->spanno),
	    .channels = small(info->totalchans),
	    .configured = small(info->numchans),
	    .type = type_of(info),
	};
	take_text(out->name, info->name, sizeof(info->name));
	take_text(out->description, info->desc, sizeof(info->desc));
	take_text(out->location, info->location, sizeof(info->location));
	take_text(out->device, info->devicetype, sizeof(info->devicetype));
}

static enum dahdi_signalling signalling_of(uint32_t sig)
{
	if (sig >> 31) /* DAHDI_SIG_BROKEN, which overflows an int */
		return DAHDI_SIGNALLING_BROKEN;
	switch (sig) {
	case DAHDI_SIG_NONE:
		return DAHDI_SIGNALLING_NONE;
	case DAHDI_SIG_CLEAR:
		return DAHDI_SIGNALLING_CLEAR;
	case DAHDI_SIG_HDLCFCS:
		return DAHDI_SIGNALLING_HDLC;
	case DAHDI_SIG_HARDHDLC:
		return DAHDI_SIGNALLING_HARD_HDLC;
	default:
		return DAHDI_SIGNALLING_OTHER;
	}
}

void dahdi_decode_channel(const struct dahdi_params *params, struct dahdi_channel *out)
{
	*out = (struct dahdi_channel){
	    .channel = number(params->channo),
	    .span = number(params->spanno),
	    .position = number(params->chanpos),
	    .signalling = signalling_of((uint32_t)params->sigtype),
	    .alaw = params->curlaw == DAHDI_LAW_ALAW,
	    .alarms = dahdi_decode_alarms(params->chan_alarms),
	};
	take_text(out->name, params->name, sizeof(params->name));
}

enum dahdi_event dahdi_decode_event(int event)
{
	switch (event) {
	case DAHDI_EVENT_NONE:
		return DAHDI_HAPPENED_NOTHING;
	case DAHDI_EVENT_ALARM:
		return DAHDI_HAPPENED_ALARM;
	case DAHDI_EVENT_NOALARM:
		return DAHDI_HAPPENED_NO_ALARM;
	case DAHDI_EVENT_ABORT:
		return DAHDI_HAPPENED_ABORT;
	case DAHDI_EVENT_OVERRUN:
		return DAHDI_HAPPENED_OVERRUN;
	case DAHDI_EVENT_BADFCS:
		return DAHDI_HAPPENED_BAD_FCS;
	case DAHDI_EVENT_REMOVED:
		return DAHDI_HAPPENED_REMOVED;
	case DAHDI_EVENT_READ_OVERRUN:
		return DAHDI_HAPPENED_READ_LATE;
	case DAHDI_EVENT_WRITE_UNDERRUN:
		return DAHDI_HAPPENED_WRITE_LATE;
	default:
		return DAHDI_HAPPENED_OTHER;
	}
}
