/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/base/strbuf.h"
#include "hw/t1e1/e1.h"

enum { LBO_COUNT = 8 };

const char *e1_type_name(enum e1_type type)
{
	static const char *const name[] = {
	    [E1_TYPE_E1] = "E1", [E1_TYPE_T1] = "T1", [E1_TYPE_J1] = "J1"};

	return type > E1_TYPE_UNKNOWN && type <= E1_TYPE_J1 ? name[type] : "unknown";
}

const char *e1_code_name(enum e1_code code)
{
	static const char *const name[] = {
	    [E1_CODE_AMI] = "AMI", [E1_CODE_HDB3] = "HDB3", [E1_CODE_B8ZS] = "B8ZS"};

	return code > E1_CODE_UNKNOWN && code <= E1_CODE_B8ZS ? name[code] : "unknown";
}

const char *e1_framing_name(enum e1_framing framing)
{
	static const char *const name[] = {[E1_FRAMING_CCS] = "CCS",
					   [E1_FRAMING_CAS] = "CAS",
					   [E1_FRAMING_D4] = "D4",
					   [E1_FRAMING_ESF] = "ESF"};

	return framing > E1_FRAMING_UNKNOWN && framing <= E1_FRAMING_ESF ? name[framing]
									 : "unknown";
}

const char *e1_lbo_name(unsigned lbo)
{
	static const char *const name[LBO_COUNT] = {"0 dB (CSU), 0-133 ft (DSX-1)",
						    "133-266 ft (DSX-1)",
						    "266-399 ft (DSX-1)",
						    "399-533 ft (DSX-1)",
						    "533-655 ft (DSX-1)",
						    "-7.5 dB (CSU)",
						    "-15 dB (CSU)",
						    "-22.5 dB (CSU)"};

	return lbo < LBO_COUNT ? name[lbo] : "unknown";
}

bool e1_params_equal(const struct e1_params *a, const struct e1_params *b)
{
	return a->type == b->type && a->code == b->code && a->framing == b->framing &&
	       a->crc4 == b->crc4 && a->lbo == b->lbo && a->sync_source == b->sync_source &&
	       a->sync_master == b->sync_master;
}

const char *e1_slots_text(uint32_t slots, char *out, size_t size)
{
	struct strbuf b;

	strbuf_init(&b, out, size);
	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++) {
		unsigned last = ts;

		if (!(slots >> ts & 1))
			continue;
		while (last + 1 < E1_TIMESLOTS && slots >> (last + 1) & 1)
			last++;
		strbuf_addf(&b, "%s%u", b.len ? "," : "", ts);
		if (last > ts)
			strbuf_addf(&b, "-%u", last);
		ts = last;
	}
	return out;
}
