/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements, causes and edits of frames, without any libpri. */
#include <string.h>

#include "gateway/base/strbuf.h"
#include "src/isdn_map/isdn_cause.h"
#include "src/isdn_map/isdn_edit.h"
#include "tests/unit/isdn_map/harness.h"
#include "tests/unit/isdn_map/tests.h"

/* An I frame with a message of that type, reference 7, and these elements. */
static size_t frame_of(uint8_t *frame, uint8_t type, const char *elements, size_t n)
{
	const uint8_t head[] = {0x00, 0x01, 0x00, 0x00, 0x08, 0x02, 0x00, 0x07, type};

	memcpy(frame, head, sizeof(head));
	memcpy(frame + sizeof(head), elements, n);
	return sizeof(head) + n;
}

static void assert_edited(const char *before, size_t n, const struct isdn_edit *edit,
			  const char *after, size_t m)
{
	uint8_t frame[E1_DCHAN_FRAME_MAX];
	size_t len = frame_of(frame, ISDN_MSG_DISCONNECT, before, n);

	len = isdn_frame_edit(frame, len, sizeof(frame), edit);
	assert_int_equal(len, 9 + m);
	assert_memory_equal(frame + 9, after, m);
	/* LAPD's repetitions are edited from the same octets; editing once more is no change. */
	assert_int_equal(isdn_frame_edit(frame, len, sizeof(frame), edit), len);
	assert_memory_equal(frame + 9, after, m);
}
#define ASSERT_EDITED(before, edit, after)                                                         \
	assert_edited(before, sizeof(before) - 1, edit, after, sizeof(after) - 1)

void test_edit_order(void **state)
{
	struct isdn_edit pi = {.set_pi = true, .pi = CALL_PI_8, .pi_location = 2};
	struct isdn_edit both = {.set_pi = true,
				 .pi = CALL_PI_1 | CALL_PI_8,
				 .pi_location = 1,
				 .set_cause = true,
				 .cause = {.value = 17, .location = 4}};
	struct isdn_edit none = {.set_pi = true, .set_cause = true};

	(void)state;
	ASSERT_EDITED("", &pi, "\x1e\x02\x82\x88");
	ASSERT_EDITED("\x08\x02\x81\x90", &pi, "\x08\x02\x81\x90\x1e\x02\x82\x88");
	ASSERT_EDITED("\x08\x02\x81\x90\x28\x01X", &pi,
		      "\x08\x02\x81\x90\x1e\x02\x82\x88\x28\x01X");
	ASSERT_EDITED("\xa1\x28\x01X", &pi, "\xa1\x1e\x02\x82\x88\x28\x01X");
	ASSERT_EDITED("\x1c\x01X\x1e\x02\x81\x81\x28\x01X\x1e\x02\x81\x83", &pi,
		      "\x1c\x01X\x1e\x02\x82\x88\x28\x01X");
	ASSERT_EDITED("\x08\x02\x81\x90\x28\x01X", &both,
		      "\x08\x02\x84\x91\x1e\x02\x81\x81\x1e\x02\x81\x88\x28\x01X");
	ASSERT_EDITED("\x08\x02\x81\x90\x1e\x02\x81\x81\x28\x01X", &none, "\x28\x01X");
	/* Other codesets are not ours to touch, and nothing is put behind their shift. */
	ASSERT_EDITED("\x18\x01\x89\x96\x08\x02\x81\x90", &pi,
		      "\x18\x01\x89\x1e\x02\x82\x88\x96\x08\x02\x81\x90");
	ASSERT_EDITED(
	    "\x9e\x08\x02\x81\x90\x28\x01X", &both,
	    "\x08\x02\x84\x91\x1e\x02\x81\x81\x1e\x02\x81\x88\x9e\x08\x02\x81\x90\x28\x01X");
	ASSERT_EDITED("\x95\x01\x01X\x98\x08\x02\x81\x90\x02\x01Y", &none,
		      "\x95\x01\x01X\x02\x01Y");
	ASSERT_EDITED("\x28\x05X", &both, "\x28\x05X"); /* cut short: hands off */
}

void test_edit_carried(void **state)
{
	struct isdn_carried c = {.llc_len = 2,
				 .llc = {0x88, 0x90},
				 .hlc_len = 2,
				 .hlc = {0x91, 0x81},
				 .user_user_len = 3,
				 .user_user = {0x04, 'h', 'i'}};
	struct isdn_edit edit = {.carried = &c};
	struct isdn_carried back = {0};
	uint8_t frame[E1_DCHAN_FRAME_MAX];
	struct isdn_frame f;
	size_t len;

	(void)state;
	ASSERT_EDITED("\x70\x02\xa1\x31", &edit,
		      "\x70\x02\xa1\x31\x7c\x02\x88\x90\x7d\x02\x91\x81\x7e\x03\x04hi");
	ASSERT_EDITED("\x7d\x02\x80\x80\x7e\x01\x04", &edit,
		      "\x7c\x02\x88\x90\x7d\x02\x91\x81\x7e\x03\x04hi");
	len = frame_of(frame, ISDN_MSG_SETUP, "", 0);
	len = isdn_frame_edit(frame, len, sizeof(frame), &edit);
	isdn_frame_decode(&f, frame, len);
	isdn_carried_take(&back, &f, frame);
	assert_memory_equal(&back, &c, sizeof(c));
	c = (struct isdn_carried){.hlc_len = 2, .hlc = {0x91, 0xc1}};
	isdn_carried_add(&back, &c);
	assert_int_equal(back.hlc[1], 0xc1);
	assert_int_equal(back.llc_len, 2);
	assert_int_equal(back.user_user_len, 3);
}

/* N201 is kept to the octet, by the message and by the buffer. */
void test_edit_n201(void **state)
{
	uint8_t frame[E1_DCHAN_FRAME_MAX], elements[E1_DCHAN_FRAME_MAX];
	struct isdn_edit edit = {.set_cause = true,
				 .cause = {.value = 22, .new_number = "+4930"},
				 .set_pi = true,
				 .pi = CALL_PI_8};

	(void)state;
	for (size_t fill = 0; fill <= ISDN_N201 - 7; fill++) {
		struct isdn_frame f;
		size_t len, room;

		memset(elements, 'x', sizeof(elements));
		elements[0] = 0x28;
		elements[1] = (uint8_t)fill;
		len = frame_of(frame, ISDN_MSG_DISCONNECT, (char *)elements, fill + 2);
		if (len > 4 + ISDN_N201)
			break;
		room = 4 + ISDN_N201 - len;
		len = isdn_frame_edit(frame, len, sizeof(frame), &edit);
		assert_true(len <= 4 + ISDN_N201);
		isdn_frame_decode(&f, frame, len);
		assert_int_equal(f.has_cause, room >= 4);
		assert_int_equal(f.cause.new_number[0], room >= 11 ? '+' : '\0');
		assert_int_equal(f.pi, room >= (f.cause.new_number[0] ? 15 : 8) ? CALL_PI_8 : 0);
	}
	frame_of(frame, ISDN_MSG_DISCONNECT, "", 0);
	assert_int_equal(isdn_frame_edit(frame, 9, 12, &edit), 9); /* a smaller buffer */
	assert_int_equal(isdn_frame_edit(frame, 9, 13, &edit), 13);
}

static const uint8_t some_ids[] = {0x04, 0x08, 0x18, 0x1c, 0x1e, 0x28, 0x6c, 0x7e};

static size_t random_elements(struct rng *rng, uint8_t *out, size_t max)
{
	size_t n = 0;

	while (n + 12 < max && rng_below(rng, 6)) {
		size_t len = rng_below(rng, 9);

		if (!rng_below(rng, 4))
			out[n++] = (uint8_t)(0x80 | rng_u32(rng));
		out[n++] = some_ids[rng_below(rng, sizeof(some_ids))];
		out[n++] = (uint8_t)len;
		for (size_t i = 0; i < len; i++)
			out[n++] = (uint8_t)rng_u32(rng);
	}
	return n;
}

/* What the edit did not name is there as before, in the same order. */
static bool next_other(struct isdn_ie_walk *w, const struct isdn_edit *edit, struct isdn_ie *out)
{
	bool more;

	do
		more = isdn_ie_next(w, out);
	while (more && !out->codeset &&
	       ((edit->set_pi && out->id == ISDN_IE_PROGRESS) ||
		(edit->set_cause && out->id == ISDN_IE_CAUSE)));
	return more;
}

static void assert_others_kept(const uint8_t *before, size_t n, const uint8_t *after, size_t m,
			       const struct isdn_edit *edit)
{
	struct isdn_ie_walk wa, wb;
	struct isdn_ie a, b;

	isdn_ie_begin(&wa, before, 9, n);
	isdn_ie_begin(&wb, after, 9, m);
	while (next_other(&wa, edit, &a)) {
		assert_true(next_other(&wb, edit, &b));
		assert_int_equal(a.id, b.id);
		assert_int_equal(a.codeset, b.codeset);
		assert_int_equal(a.len, b.len);
		if (a.len)
			assert_memory_equal(a.octets, b.octets, a.len);
	}
	assert_false(next_other(&wb, edit, &b));
}

/* Property: what was asked for is what is decoded, and everything else stays where it was. */
void test_edit_then_decode(void **state)
{
	struct rng rng;

	(void)state;
	rng_init_seed(&rng, 23);
	for (unsigned i = 0; i < 30000; i++) {
		uint8_t elements[100], before[E1_DCHAN_FRAME_MAX], after[E1_DCHAN_FRAME_MAX];
		struct isdn_edit edit = {.set_pi = rng_below(&rng, 2),
					 .pi = (uint8_t)rng_below(&rng, 16),
					 .pi_location = (uint8_t)rng_below(&rng, 16),
					 .set_cause = rng_below(&rng, 2),
					 .cause = {.value = (uint8_t)rng_below(&rng, 128),
						   .location = (uint8_t)rng_below(&rng, 16),
						   .timer = 310,
						   .new_number = "123*#"}};
		struct isdn_frame was, is;
		size_t n = random_elements(&rng, elements, sizeof(elements)), len, m;

		len = frame_of(before, 0x45, (char *)elements, n);
		memcpy(after, before, len);
		m = isdn_frame_edit(after, len, sizeof(after), &edit);
		isdn_frame_decode(&was, before, len);
		isdn_frame_decode(&is, after, m);
		assert_int_equal(is.pi, edit.set_pi ? edit.pi : was.pi);
		if (edit.set_cause) {
			assert_int_equal(is.has_cause, edit.cause.value != 0);
			assert_int_equal(is.cause.value, edit.cause.value);
			assert_int_equal(is.cause.timer, edit.cause.value == 102 ? 310 : 0);
			assert_string_equal(is.cause.new_number,
					    edit.cause.value == 22 ? "123*#" : "");
		} else {
			assert_memory_equal(&is.cause, &was.cause, sizeof(is.cause));
		}
		assert_others_kept(before, len, after, m, &edit);
	}
}

static void assert_cause(const char *octets, size_t n, unsigned value, unsigned location,
			 unsigned timer, const char *number)
{
	struct call_cause c;

	assert_int_equal(isdn_cause_decode(&c, (const uint8_t *)octets, n), value != 0);
	assert_int_equal(c.value, value);
	assert_int_equal(c.location, location);
	assert_int_equal(c.timer, timer);
	assert_int_equal(c.diagnostic_timer, timer == 301);
	assert_string_equal(c.new_number, number);
}
#define ASSERT_CAUSE(octets, value, location, timer, number)                                       \
	assert_cause(octets, sizeof(octets) - 1, value, location, timer, number)

void test_cause_decode(void **state)
{
	(void)state;
	ASSERT_CAUSE("", 0, 0, 0, "");
	ASSERT_CAUSE("\x81", 0, 0, 0, "");
	ASSERT_CAUSE("\x81\x90", 16, 1, 0, "");
	ASSERT_CAUSE("\x01\x80", 0, 0, 0, ""); /* octet 3a, and then no value */
	ASSERT_CAUSE("\x0a\x80\x91", 17, 10, 0, "");
	ASSERT_CAUSE("\x82\xe6"
		     "310",
		     102, 2, 310, "");
	ASSERT_CAUSE("\x82\xe6"
		     "301",
		     102, 2, 301, "");
	ASSERT_CAUSE("\x82\xe6"
		     "30",
		     102, 2, 0, "");
	ASSERT_CAUSE("\x82\xe6"
		     "3x1",
		     102, 2, 0, "");
	ASSERT_CAUSE("\x82\x96\x70\x05\x80"
		     "1234",
		     22, 2, 0, "1234");
	ASSERT_CAUSE("\x02\x80\x96\x70\x05\x91"
		     "4930",
		     22, 2, 0, "+4930");
	ASSERT_CAUSE("\x82\x96\x70\x05\xa1"
		     "4930\x78\x01X",
		     22, 2, 0, "4930");
	ASSERT_CAUSE("\x82\x96\x70\x06\x80"
		     "1234",
		     22, 2, 0, ""); /* one digit is not there */
	ASSERT_CAUSE("\x82\x96\x70\x01\x80", 22, 2, 0, "");
	ASSERT_CAUSE("\x82\x96\x6c\x05\x80"
		     "1234",
		     22, 2, 0, "");
	ASSERT_CAUSE("\x82\x96\x70\x05\x80"
		     "12a4",
		     22, 2, 0, "");
	ASSERT_CAUSE("\x82\x96\x70\x05\x80"
		     "1\0"
		     "34",
		     22, 2, 0, "");
	ASSERT_CAUSE("\x82\x91\x70\x05\x80"
		     "1234",
		     17, 2, 0, ""); /* means nothing with 17 */
}
#undef ASSERT_CAUSE

void test_cause_encode(void **state)
{
	uint8_t octets[ISDN_CAUSE_OCTETS_MAX];
	struct call_cause c = {.value = 22, .location = 2};

	(void)state;
	assert_int_equal(isdn_cause_encode(octets, &c), 2);
	str_copy(c.new_number, sizeof(c.new_number), "+4930x"); /* not to be dialled: rather none */
	assert_int_equal(isdn_cause_encode(octets, &c), 2);
	memset(c.new_number, '7', CALL_DIGITS_MAX);
	c.new_number[CALL_DIGITS_MAX] = '\0';
	assert_int_equal(isdn_cause_encode(octets, &c), ISDN_CAUSE_OCTETS_MAX);
	c = (struct call_cause){.value = 102, .diagnostic_timer = true};
	assert_int_equal(isdn_cause_encode(octets, &c), 5);
	assert_memory_equal(octets,
			    "\x80\xe6"
			    "301",
			    5);
	c.timer = 1000;
	assert_int_equal(isdn_cause_encode(octets, &c), 2);
	for (unsigned value = 1; value < 128; value++)
		for (unsigned location = 0; location < 16; location++) {
			struct call_cause back;

			c = (struct call_cause){.value = (uint8_t)value,
						.location = (uint8_t)location};
			assert_true(
			    isdn_cause_decode(&back, octets, isdn_cause_encode(octets, &c)));
			assert_memory_equal(&back, &c, sizeof(c));
		}
}
