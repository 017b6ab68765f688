/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/t1e1/e1_seconds.h"

enum { SECOND_US = 1000000 };

/* CRC errors in one second that make it a severely errored one; without a CRC, line code
 * violations do (RFC 4805, definition of SES). */
enum { SES_E1_CRC = 832, SES_E1_BPV = 2048, SES_ESF_CRC = 320, SES_D4_BPV = 1544, SES_D4_FAS = 8 };

static const uint32_t defects = E1_ALARM_LOS | E1_ALARM_LFA | E1_ALARM_AIS | E1_ALARM_RED;

static bool is_severe(const struct e1_params *p, uint64_t crc, uint64_t fas, uint64_t bpv)
{
	switch (p->framing) {
	case E1_FRAMING_ESF:
		return crc >= SES_ESF_CRC;
	case E1_FRAMING_D4:
		return fas >= SES_D4_FAS || bpv >= SES_D4_BPV;
	default:
		return p->crc4 ? crc >= SES_E1_CRC : bpv >= SES_E1_BPV;
	}
}

static void begin_second(struct e1_seconds *s, int64_t now_us, const struct e1_line *line)
{
	s->begun = true;
	s->second_us = now_us;
	s->crc4_errors = line->crc4_errors;
	s->fas_errors = line->fas_errors;
	s->bpv = line->bpv;
	s->timing_slips = line->timing_slips;
	s->alarms = line->alarms;
}

void e1_seconds_turn(struct e1_seconds *s, int64_t now_us, const struct e1_line *line)
{
	uint64_t crc, fas, bpv, slips;
	bool severe, no_crc;

	if (!s->begun) {
		begin_second(s, now_us, line);
		return;
	}
	s->alarms |= line->alarms;
	if (now_us - s->second_us < SECOND_US)
		return;
	crc = line->crc4_errors - s->crc4_errors;
	fas = line->fas_errors - s->fas_errors;
	bpv = line->bpv - s->bpv;
	slips = line->timing_slips - s->timing_slips;
	severe = (s->alarms & defects) || is_severe(&line->params, crc, fas, bpv);
	s->severely_errored += severe;
	/* Where a CRC watches the whole path, a violation of the line code alone is none of its
	 * errors. */
	no_crc = !line->params.crc4 && line->params.framing != E1_FRAMING_ESF;
	s->errored += severe || crc || fas || slips || (bpv && no_crc);
	/* Looked at seldom, the seconds keep their own pace. */
	begin_second(s, now_us - (now_us - s->second_us) % SECOND_US, line);
}
