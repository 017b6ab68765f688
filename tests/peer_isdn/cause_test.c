/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each row of a cause table, through the whole gateway: q850_to_sip.csv (the far ISDN refuses a
 * call from SIP) or sip_to_q850.csv (the SIP side refuses one from ISDN). */
#include <stdlib.h>
#include <string.h>

#include "tests/peer_isdn/bed.h"
#include "tests/peer_isdn/rows.h"

static struct sip_script *const sip = &bed.sip;
static struct sip_script_call *const call = &bed.call;

static uint8_t number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	assert_true(end != text && *end == '\0' && value < 128);
	return (uint8_t)value;
}

/* Cause 22; its diagnostic is the new number as a called party number element (Q.850 table 1). */
#define NEW_NUMBER(location) CAUSE(location, 22, IE_CALLED, 7, 0x80, '9', '9', '8', '8', '7', '7')

static void expect_final(unsigned status, uint8_t cause, const char *location)
{
	char what[32];

	snprintf(what, sizeof(what), "%u INVITE", status);
	sip_expect_within(sip, 10 * BED_S, call, what);
	bed_assert_reason(cause, location);
	/* A mapped 503 never asks upstream to leave the whole gateway alone. */
	assert_string_equal(sip_header(sip, "Retry-After"), "");
}

/* ── q850_to_sip.csv: cause, name, sip, condition ── */

enum { NO_CAUSE_HAS_THIS = 120, CHANNELS = 30 };

/* Causes that are about the channel of our SETUP, or its call reference, not about the call: SETUP
 * is sent again with another one, and SIP hears nothing until none is left. */
static unsigned setups_wanted(uint8_t cause)
{
	switch (cause) {
	case 6: /* channel unacceptable, not available, does not exist */
	case 44:
	case 82:
		return CHANNELS;
	case 81: /* call reference not known, or in use: a far end that remembers old calls */
	case 101:
		return 2;
	default:
		return 1;
	}
}

static void refused_at_once(unsigned span, struct ie cause, unsigned status, const char *location)
{
	uint8_t value = cause.octets[1] & 0x7f;
	struct peer *p = bed_peer(span);
	uint16_t ref = bed_sip_calls(span), last_ref;
	uint32_t tried = 1u << bed_channel(p);

	for (unsigned setups = setups_wanted(value); setups > 1; setups--) {
		peer_send(p, ref, RELEASE_COMPLETE, cause);
		last_ref = ref;
		ref = peer_expect(p, Q931_ANY_REF, SETUP, MORE);
		assert_int_not_equal(ref, last_ref);
		assert_true(setups_wanted(value) == 2 || !(tried >> bed_channel(p) & 1));
		tried |= 1u << bed_channel(p);
		sip_expect_silence(sip, 0);
	}
	peer_send(p, ref, RELEASE_COMPLETE, cause);
	expect_final(status, value, location);
}

static void refused_later(unsigned span, struct ie cause, unsigned status, const char *location)
{
	uint16_t ref = bed_sip_rings(span);

	peer_send(bed_peer(span), ref, DISCONNECT, cause);
	peer_expect(bed_peer(span), ref, RELEASE, MORE);
	peer_send(bed_peer(span), ref, RELEASE_COMPLETE);
	expect_final(status, cause.octets[1] & 0x7f, location);
}

static void refused(struct ie cause, unsigned status, const char *location)
{
	for (unsigned span = 1; span <= BED_SPANS; span++) {
		bed_begin(NULL);
		refused_at_once(span, cause, status, location);
		bed_end();
		bed_begin(NULL);
		refused_later(span, cause, status, location);
		bed_end();
	}
}

static void number_changed(unsigned status)
{
	refused(NEW_NUMBER(2), status, "LN");
	assert_non_null(strstr(sip_header(sip, "Contact"), "998877@"));
}

static void nobody_answers(unsigned status)
{
	for (unsigned span = 1; span <= BED_SPANS; span++) {
		struct peer *p = bed_peer(span);
		uint16_t ref;

		bed_begin(NULL);
		ref = bed_sip_rings(span);
		peer_expect_within(p, 400 * BED_S, ref, DISCONNECT, TIMER_EXPIRED('3', '0', '1'));
		peer_send(p, ref, RELEASE);
		peer_expect(p, ref, RELEASE_COMPLETE, MORE);
		/* 102 is what our timer is to the exchange; the caller is told why: nobody
		 * answered. */
		expect_final(status, 19, "LPN");
		bed_end();
	}
}

static void isdn_refuses(void **state)
{
	const struct row *r = *state;
	const char *condition = r->cell[3];
	unsigned status = (unsigned)atoi(r->cell[2]);

	if (strcmp(r->cell[0], "other") == 0)
		refused(CAUSE(2, NO_CAUSE_HAS_THIS), status, "LN");
	else if (strcmp(condition, "location=user") == 0)
		refused(CAUSE(0, number(r->cell[0])), status, "U");
	else if (strcmp(condition, "new-number") == 0)
		number_changed(status);
	else if (strcmp(condition, "t301") == 0)
		nobody_answers(status);
	else if (*condition == '\0')
		refused(CAUSE(2, number(r->cell[0])), status, "LN");
	else
		fail_msg("nothing drives the condition '%s'", condition);
}

/* ── sip_to_q850.csv: status, phrase, cause, condition, location ── */

enum { NO_STATUS_HAS_THIS = 499 };

static void clears(unsigned span, uint16_t ref, struct ie cause)
{
	struct peer *p = bed_peer(span);

	peer_expect(p, ref, DISCONNECT, cause, MORE);
	peer_send(p, ref, RELEASE);
	peer_expect(p, ref, RELEASE_COMPLETE, MORE);
}

static void final_comes(unsigned status, const char *phrase, int what, const char *headers,
			struct ie cause)
{
	char line[128];

	snprintf(line, sizeof(line), "%u %s", status, phrase);
	for (unsigned span = 1; span <= BED_SPANS; span++) {
		uint16_t ref;

		bed_begin(NULL);
		ref = bed_isdn_calls(span);
		sip_reply(sip, call, line, what, headers);
		sip_expect(sip, call, "ACK");
		clears(span, ref, cause);
		bed_end();
	}
}

static void bye_comes(struct ie cause)
{
	for (unsigned span = 1; span <= BED_SPANS; span++) {
		uint16_t ref;

		bed_begin(NULL);
		ref = bed_sip_answered(span);
		sip_request(sip, call, "BYE", NULL);
		sip_expect(sip, call, "200 BYE");
		clears(span, ref, cause);
		bed_end();
	}
}

static void cancel_comes(const char *headers, struct ie cause)
{
	for (unsigned span = 1; span <= BED_SPANS; span++) {
		uint16_t ref;

		bed_begin(NULL);
		ref = bed_sip_rings(span);
		sip_cancel(sip, call, headers);
		sip_expect(sip, call, "200 CANCEL");
		sip_expect(sip, call, "487 INVITE");
		clears(span, ref, cause);
		bed_end();
	}
}

static void sip_refuses(void **state)
{
	const struct row *r = *state;
	const char *status = r->cell[0], *condition = r->cell[3];
	struct ie cause = CAUSE(number(r->cell[4]), number(r->cell[2]));

	if (strcmp(status, "BYE") == 0)
		bye_comes(cause);
	else if (strcmp(status, "CANCEL") == 0)
		cancel_comes(*condition
				 ? "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n"
				 : NULL,
			     cause);
	else if (strcmp(status, "3xx") == 0)
		final_comes(302, "Moved Temporarily", SIP_NO_CONTACT, NULL, cause);
	else if (strcmp(status, "other") == 0)
		final_comes(NO_STATUS_HAS_THIS, "Odd", 0, NULL, cause);
	else if (strcmp(condition, "new-number") == 0)
		final_comes((unsigned)atoi(status), r->cell[1], SIP_NO_CONTACT,
			    "Contact: <sip:998877@192.0.2.2>\r\n", NEW_NUMBER(cause.octets[0]));
	else if (strcmp(condition, "warning=bearer") == 0)
		final_comes((unsigned)atoi(status), r->cell[1], 0,
			    "Warning: 370 far \"Insufficient Bandwidth\"\r\n", cause);
	else if (*condition == '\0')
		final_comes((unsigned)atoi(status), r->cell[1], 0, NULL, cause);
	else
		fail_msg("nothing drives the condition '%s'", condition);
}

int main(int argc, char **argv)
{
	static struct row rows[ROWS_MAX];
	bool to_sip = argc == 2 && strstr(argv[1], "q850_to_sip");

	if (argc != 2)
		return 2;
	return rows_run(to_sip ? "q850_to_sip.csv" : "sip_to_q850.csv", rows,
			rows_read(argv[1], ',', rows), to_sip ? isdn_refuses : sip_refuses);
}
