/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What SETUP says, against what was asked for and what `plan test` shows. */
#include "tests/unit/isdn_map/tests.h"

#include <stdio.h>
#include <string.h>

#include "src/isdn_map/isdn_setup_ies.h"
#include "tests/unit/isdn_map/harness.h"

enum { MSG_SETUP = 0x05, IE_CHANNEL_ID = 0x18, IE_SENDING_COMPLETE = 0xa1 };

static struct call_setup plain_setup(void)
{
	return (struct call_setup){
	    .source = {CALL_EP_TRUNK, 0},
	    .target = {CALL_EP_SPAN, 1},
	    .called = {.present = true,
		       .ton = CALL_TON_NATIONAL,
		       .npi = CALL_NPI_E164,
		       .digits = "30555"},
	    .bearer = CALL_BEARER_AUDIO_3K1,
	};
}

/* The bearer of the way is the one that goes out; what is no audio, is refused with 65. */
void test_setup_bearer(void **state)
{
	static const struct {
		enum call_bearer bearer;
		uint8_t octet; /* Q.931 4.5.5, octet 3; 0: refused */
	} row[] = {
	    {CALL_BEARER_SPEECH, 0x80},	    {CALL_BEARER_AUDIO_3K1, 0x90},
	    {CALL_BEARER_UNRESTRICTED, 0},  {CALL_BEARER_RESTRICTED, 0},
	    {CALL_BEARER_UNRESTRICTED_TONES, 0}, {CALL_BEARER_VIDEO, 0},
	};
	struct world *w = world_create_up(ISDN_USER);

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct call_setup setup = plain_setup();
		struct call_cause cause = {0};
		struct stub_call *c;
		const uint8_t *ie;
		size_t len = 0;

		setup.bearer = row[i].bearer;
		c = stub_open_setup(w, &setup, &cause);
		assert_int_equal(c != NULL, row[i].octet != 0);
		if (!c) {
			assert_int_equal(cause.value, CAUSE_BEARER_NOT_IMPLEMENTED);
			continue;
		}
		world_settle(w);
		ie = wire_element(&w->theirs, MSG_SETUP, 0x04, &len);
		assert_int_equal(len, 3);
		assert_int_equal(ie[0], row[i].octet);
		stub_clear(w, c, CAUSE_NORMAL);
		world_run_us(w, US_PER_S);
	}
	world_assert_idle(w);
	world_destroy(w);
}

static void print_octets(const char *what, const uint8_t *octet, size_t len)
{
	fprintf(stderr, "# %s:", what);
	for (size_t i = 0; i < len; i++)
		fprintf(stderr, " %02x", octet[i]);
	fprintf(stderr, "\n");
}

/* Every element of the last SETUP but those of the channel stands in the list, in that order. */
static void compare(struct world *w, const struct call_setup *setup)
{
	struct isdn_setup_ie ie[ISDN_SETUP_IES_MAX];
	unsigned count = isdn_setup_ies(setup, w->cfg.side == ISDN_NETWORK, w->cfg.law, ie), n = 0;
	size_t len = 0;
	const uint8_t *msg = wire_message(&w->theirs, MSG_SETUP, &len);

	assert_non_null(msg);
	for (size_t at = 3u + (msg[1] & 0x0f); at < len;) {
		size_t octets = msg[at] & 0x80 ? 1 : 2u + msg[at + 1];

		if (msg[at] != IE_CHANNEL_ID && msg[at] != IE_SENDING_COMPLETE) {
			if (n >= count || ie[n].len != octets ||
			    memcmp(ie[n].octet, &msg[at], octets) != 0) {
				print_octets("sent", &msg[at], octets);
				print_octets("shown", ie[n < count ? n : 0].octet, ie[n < count ? n : 0].len);
				fail_msg("element %u of %u", n + 1, count);
			}
			n++;
		}
		at += octets;
	}
	assert_int_equal(n, count);
}

static void send_and_compare(struct world *w, const struct call_setup *setup)
{
	struct call_cause cause = {0};
	struct stub_call *c = stub_open_setup(w, setup, &cause);

	assert_non_null(c);
	world_settle(w);
	compare(w, setup);
	stub_clear(w, c, CAUSE_NORMAL);
	world_run_us(w, US_PER_S);
}

/* `plan test` shows elements that an encoder of its own writes: octet by octet what libpri sends. */
void test_setup_elements(void **state)
{
	static const char *const names[] = {"", "Bob", "J\xc3\xbcrgen \xe2\x82\xac",
					    "a name that is far too long for any display of forty"};
	static const uint8_t tons[] = {0, 1, 2, 3, 4, 6}, npis[] = {0, 1, 9};

	(void)state;
	for (unsigned round = 0; round < 4; round++) {
		struct isdn_span_cfg cfg = world_cfg(round & 1 ? ISDN_NETWORK : ISDN_USER);
		struct world *w;

		cfg.law = round & 2 ? MEDIA_ULAW : MEDIA_ALAW;
		w = world_create(&cfg);
		world_run_us(w, 2 * US_PER_S);
		for (unsigned i = 0; i < 72; i++) {
			struct call_setup s = plain_setup();

			s.bearer = i & 1 ? CALL_BEARER_SPEECH : CALL_BEARER_AUDIO_3K1;
			s.called.ton = tons[i % 6];
			s.called.npi = npis[i / 6 % 3];
			s.calling.present = i % 4 != 0;
			s.calling.ton = tons[i / 3 % 6];
			s.calling.npi = npis[i % 3];
			s.calling.presentation = i / 4 % 3;
			s.calling.screening = i / 12 % 4;
			if (i % 8 != 5)
				snprintf(s.calling.digits, sizeof(s.calling.digits), "%.*s", 1 + (int)(i % 31),
					 "1234567890*#1234567890123456789");
			snprintf(s.called.digits, sizeof(s.called.digits), "%.*s", 1 + (int)(i * 7 % 31),
				 "9876543210*#9876543210987654321");
			snprintf(s.calling_name, sizeof(s.calling_name), "%s", names[i / 2 % 4]);
			send_and_compare(w, &s);
		}
		world_destroy(w);
	}
}
