/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/isdn_map/tests.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/isdn_map/isdn_channel.h"
#include "src/isdn_map/isdn_number.h"
#include "src/isdn_map/isdn_rules.h"
#include "tests/unit/isdn_map/harness.h"

static const struct isdn_hunt up_hunt = {.policy = ISDN_HUNT_ASCENDING};
static const struct isdn_hunt down_hunt = {.policy = ISDN_HUNT_DESCENDING};

void test_hunt(void **state)
{
	struct rng rng;

	(void)state;
	assert_int_equal(isdn_hunting_default(ISDN_NETWORK), ISDN_HUNT_DESCENDING);
	assert_int_equal(isdn_hunting_default(ISDN_USER), ISDN_HUNT_ASCENDING);
	assert_int_equal(isdn_channel_hunt(0, &up_hunt), 0);
	assert_int_equal(isdn_channel_hunt(1, &up_hunt), 0);
	assert_int_equal(isdn_channel_hunt(1, &down_hunt), 0);
	for (unsigned low = 1; low < 32; low++)
		for (unsigned high = low; high < 32; high++) {
			uint32_t mask = 1u << low | 1u << high | 1;

			assert_int_equal(isdn_channel_hunt(mask, &up_hunt), low);
			assert_int_equal(isdn_channel_hunt(mask, &down_hunt), high);
		}
	rng_init_seed(&rng, 7);
	for (unsigned i = 0; i < 10000; i++) {
		uint32_t mask = rng_u32(&rng) & rng_u32(&rng), left = mask & ~1u;
		unsigned last = 0;

		while (left) { /* taking one after the other visits each once, upwards */
			uint8_t ts = isdn_channel_hunt(left, &up_hunt);

			assert_true(ts > last && (mask >> ts & 1));
			last = ts;
			left &= ~(1u << ts);
		}
	}
}

void test_channel_for_setup(void **state)
{
	enum { ANY = ISDN_CHANNEL_ANY, NONE = ISDN_CHANNEL_NONE, ONE = ISDN_CHANNEL_ONE };
	static const struct {
		int kind;
		unsigned number;
		bool exclusive;
		uint32_t free;
		unsigned up, down, cause; /* what hunting either way gives */
	} rows[] = {
	    {ANY, 0, false, 0x00000006, 1, 2, 0},   {ANY, 0, true, 0x80000002, 1, 31, 0},
	    {ANY, 0, false, 0, 0, 0, 34},	    {ANY, 0, false, 1, 0, 0, 34},
	    {NONE, 0, false, 0xfffefffe, 0, 0, 34}, {NONE, 0, true, 0xfffefffe, 0, 0, 34},
	    {ONE, 5, false, 0x00000020, 5, 5, 0},   {ONE, 5, true, 0x00000020, 5, 5, 0},
	    {ONE, 5, false, 0x00000050, 4, 6, 0},   {ONE, 5, true, 0x00000050, 0, 0, 44},
	    {ONE, 5, false, 0, 0, 0, 34},	    {ONE, 5, true, 0, 0, 0, 44},
	    {ONE, 0, false, 0x00000003, 1, 1, 0},   {ONE, 0, true, 0x00000003, 0, 0, 44},
	    {ONE, 32, false, 0x00000004, 2, 2, 0},  {ONE, 32, true, 0xffffffff, 0, 0, 44},
	    {ONE, 255, true, 0xffffffff, 0, 0, 44}, {ONE, 31, true, 0x80000000, 31, 31, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct isdn_channel_id asked = {.kind = rows[i].kind,
						.number = (uint8_t)rows[i].number,
						.exclusive = rows[i].exclusive};
		struct isdn_channel_choice up =
		    isdn_channel_for_setup(asked, rows[i].free, rows[i].free, &up_hunt);
		struct isdn_channel_choice down =
		    isdn_channel_for_setup(asked, rows[i].free, rows[i].free, &down_hunt);

		if (up.ts != rows[i].up || down.ts != rows[i].down || up.cause != rows[i].cause ||
		    down.cause != rows[i].cause)
			fail_msg("row %zu: %u %u %u", i, up.ts, down.ts, up.cause);
	}
}

void test_channel_for_answer(void **state)
{
	(void)state;
	for (unsigned kind = ISDN_CHANNEL_ANY; kind <= ISDN_CHANNEL_ONE; kind++)
		for (unsigned number = 0; number < 256; number++)
			for (unsigned ours = 0; ours < 32; ours += 5) {
				struct isdn_channel_id id = {.kind = kind,
							     .number = (uint8_t)number};
				uint32_t free = 0x00ff00f1; /* bit 0 must not count */
				struct isdn_channel_choice got =
				    isdn_channel_for_answer(id, (uint8_t)ours, free);
				unsigned want = 0;

				if (kind == ISDN_CHANNEL_ANY)
					want = ours;
				else if (kind == ISDN_CHANNEL_ONE && number && number < 32 &&
					 (number == ours || (free >> number & 1)))
					want = number;
				assert_int_equal(got.ts, want);
				assert_int_equal(got.cause, want ? 0 : 6);
			}
}

void test_numbers(void **state)
{
	struct call_number n;

	(void)state;
	for (unsigned plan = 0; plan < 256; plan++)
		for (unsigned pres = 0; pres < 256; pres++) {
			assert_int_equal(
			    isdn_number_decode(&n, (uint8_t)plan, (uint8_t)pres, "0*#9"), 0);
			assert_int_equal(n.ton, plan >> 4 & 7);
			assert_int_equal(n.npi, plan & 15);
			assert_int_equal(n.presentation, pres >> 5 & 3);
			assert_int_equal(n.screening, pres & 3);
			assert_int_equal(isdn_number_plan(&n), plan & 0x7f);
			assert_int_equal(isdn_number_presentation(&n), pres & 0x63);
		}
	assert_int_equal(isdn_number_decode(&n, 0x21, 0, "+4930"), 0);
	assert_int_equal(n.ton, CALL_TON_INTERNATIONAL);
	assert_int_equal(n.npi, CALL_NPI_E164);
	assert_string_equal(n.digits, "4930");
	assert_int_equal(isdn_number_decode(&n, 0, 0, ""), 0);
	assert_true(n.present);
	assert_int_equal(isdn_number_decode(&n, 0, 0, "01234567890123456789012345678901"), 0);
	assert_int_equal(isdn_number_decode(&n, 0, 0, "012345678901234567890123456789012"),
			 -EBADMSG);
	assert_false(n.present);
	assert_string_equal(n.digits, "");
	for (unsigned c = 1; c < 256; c++) {
		char digits[3] = {'1', (char)c, '\0'};

		assert_int_equal(isdn_number_decode(&n, 0, 0, digits),
				 strchr("0123456789*#", (int)c) ? 0 : -EBADMSG);
	}
}

void test_number_words(void **state)
{
	(void)state;
	for (unsigned ton = 0; ton < 8; ton++) {
		const char *name = isdn_ton_name((uint8_t)ton);

		assert_int_equal(isdn_ton_parse(name),
				 strcmp(name, "reserved") ? (int)ton : -EINVAL);
	}
	for (unsigned npi = 0; npi < 16; npi++) {
		const char *name = isdn_npi_name((uint8_t)npi);

		assert_int_equal(isdn_npi_parse(name),
				 strcmp(name, "reserved") ? (int)npi : -EINVAL);
	}
	assert_string_equal(isdn_ton_name(CALL_TON_ABBREVIATED), "abbreviated");
	assert_string_equal(isdn_npi_name(CALL_NPI_PRIVATE), "private");
	assert_int_equal(isdn_ton_parse("International"), -EINVAL);
	assert_int_equal(isdn_npi_parse(""), -EINVAL);
}

void test_names(void **state)
{
	char out[16], back[16];

	(void)state;
	for (unsigned c = 1; c < 256; c++) { /* every printable character survives both ways */
		char one[2] = {(char)c, '\0'};
		bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);

		isdn_name_decode(out, sizeof(out), one);
		assert_int_equal(strlen(out), control ? 0 : c < 0x80 ? 1 : 2);
		isdn_name_encode(back, sizeof(back), out);
		assert_string_equal(back, control ? "" : one);
	}
	for (size_t size = 1; size < 8; size++) { /* never half a character */
		isdn_name_decode(out, size, "\xe4\xf6\xfc");
		assert_int_equal(strlen(out), (size - 1) / 2 * 2);
	}
	isdn_name_encode(out, sizeof(out),
			 "a\xe2\x82\xac"
			 "b\xf0\x9f\x98\x80"
			 "c\xc3");
	assert_string_equal(out, "a?b?c?");
	isdn_name_encode(out, 4, "abcdef");
	assert_string_equal(out, "abc");
	isdn_name_encode(out, sizeof(out), "\xc4\x80\xc3\xa9\x80x");
	assert_string_equal(out, "?\xe9x");
}

void test_rules(void **state)
{
	(void)state;
	for (int cap = -1; cap < 32; cap++)
		assert_int_equal(isdn_bearer_refusal(cap), cap == 0x00 || cap == 0x10 ? 0 : 65);
	for (uint8_t pi = 0; pi < 16; pi++) {
		assert_int_equal(isdn_progress_due(pi, 0, false, false), pi);
		assert_int_equal(isdn_progress_due(pi, 0, true, false), pi & 7);
		assert_int_equal(isdn_progress_due(pi, 0, false, true), pi & 14);
		assert_int_equal(isdn_progress_due(pi, 0, true, true), pi & 6);
		assert_int_equal(isdn_progress_due(pi, 17, true, true), pi & 14);
	}
	for (int v = -2; v < 300; v++) {
		struct call_cause c = isdn_cause_received(v, 10, 31);

		assert_int_equal(c.value, v >= 1 && v <= 127 ? v : 31);
		assert_int_equal(c.location, v >= 1 && v <= 127 ? 10 : 1);
	}
	for (unsigned v = 0; v < 256; v++)
		for (unsigned loc = 0; loc < 20; loc++) {
			struct call_cause c = isdn_cause_to_send(
			    (struct call_cause){.value = (uint8_t)v, .location = (uint8_t)loc});
			bool good = loc <= 5 || loc == 7 || loc == 10;

			assert_int_equal(c.value, v >= 1 && v <= 127 ? v : 31);
			assert_int_equal(c.location, good ? loc : 1);
		}
}

void test_frame_decode(void **state)
{
	/* DISCONNECT, reference 0x1234 from the other side: national-standard cause 21 with the
	 * recommendation octet, PI 8 and PI 1, a shifted element that looks like a cause. */
	uint8_t frame[] = {0x02, 0x01, 0x0a, 0x0c, 0x08, 0x02, 0x92, 0x34, 0x45,
			   0x08, 0x03, 0x45, 0x80, 0x95, 0x1e, 0x02, 0x81, 0x88,
			   0x1e, 0x02, 0x81, 0x81, 0x9e, 0x08, 0x02, 0x80, 0x90};
	static const uint8_t not_messages[][6] = {
	    {0x02, 0x01, 0x7f},			  /* SABME */
	    {0x02, 0x01, 0x01, 0x08},		  /* RR */
	    {0x03, 0x01, 0x00, 0x00, 0x08, 0x02}, /* wrong address bits */
	    {0x02, 0x01, 0x00, 0x00, 0x41, 0x02}, /* another protocol */
	};
	struct isdn_frame f;

	(void)state;
	isdn_frame_decode(&f, frame, sizeof(frame));
	assert_true(f.is_message && f.has_cause && f.cref_flag && !f.has_channel);
	assert_int_equal(f.type, ISDN_MSG_DISCONNECT);
	assert_int_equal(f.cref, 0x1234);
	assert_int_equal(f.cause.value, 21);
	assert_int_equal(f.cause.location, 5);
	assert_int_equal(f.pi, CALL_PI_8 | CALL_PI_1);
	for (size_t len = 0; len < 9; len++) { /* cut short of the message type */
		isdn_frame_decode(&f, frame, len);
		assert_false(f.is_message);
	}
	isdn_frame_decode(&f, frame, 13); /* cut inside the cause: there is none */
	assert_true(f.is_message);
	assert_false(f.has_cause);
	for (size_t i = 0; i < sizeof(not_messages) / sizeof(*not_messages); i++) {
		isdn_frame_decode(&f, not_messages[i], 6);
		assert_false(f.is_message);
	}
}

/* Whatever the octets: nothing is read outside (ASan looks) and offsets stay inside. */
void test_frame_garbage(void **state)
{
	uint8_t head[] = {0x00, 0x01, 0x00, 0x00, 0x08, 0x02, 0x00, 0x01, 0x5a};
	struct isdn_frame f;
	struct rng rng;

	(void)state;
	rng_init_seed(&rng, 11);
	for (unsigned i = 0; i < 50000; i++) {
		size_t len = rng_below(&rng, 40);
		uint8_t *frame = test_malloc(len ? len : 1);

		for (size_t k = 0; k < len; k++) {
			frame[k] = k < sizeof(head) && rng_below(&rng, 20) ? head[k]
									   : (uint8_t)rng_u32(&rng);
			if (k > sizeof(head) && !rng_below(&rng, 3))
				frame[k] = rng_below(&rng, 2) ? 0x08 : 0x02;
		}
		isdn_frame_decode(&f, frame, len);
		assert_true(f.elements_at <= len && (size_t)f.user_user.at + f.user_user.len <= len);
		test_free(frame);
	}
}
