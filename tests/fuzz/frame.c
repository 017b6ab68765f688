/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A D-channel frame through the frame codec: nothing it reports may lie outside of the frame; its
 * words fit and are text; every edit keeps to N201 and comes out again, whatever the frame was. */
#include <string.h>

#include "src/isdn_map/isdn_edit.h"
#include "src/isdn_map/isdn_words.h"
#include "tests/fuzz/fuzz.h"

enum { ROOM = 64 };

static void check_place(struct isdn_place p, size_t size)
{
	fuzz_check((size_t)p.at + p.len <= size);
}

static void check_decoded(const struct isdn_frame *f, size_t size)
{
	fuzz_check(f->is_message || !f->has_cause);
	fuzz_check(!f->is_message || (f->cref <= 0x7fff && f->elements_at <= size));
	check_place(f->channel, size);
	check_place(f->restart, size);
	check_place(f->llc, size);
	check_place(f->hlc, size);
	check_place(f->user_user, size);
}

static bool has_cut_element(const uint8_t *frame, size_t at, size_t size)
{
	struct isdn_ie_walk walk;
	struct isdn_ie ie;

	isdn_ie_begin(&walk, frame, at, size);
	while (isdn_ie_next(&walk, &ie))
		;
	return walk.cut;
}

/* set: bit 0 the cause, bit 1 the indicators, bit 2 the carried elements */
static void check_edit(const uint8_t *data, size_t size, unsigned set, uint8_t pi)
{
	static const struct isdn_carried carried = {.llc_len = 2,
						    .llc = {0x88, 0x90},
						    .hlc_len = 2,
						    .hlc = {0x91, 0x81},
						    .user_user_len = 20};
	struct isdn_edit edit = {.set_cause = set & 1,
				 .cause = {.value = 22, .location = 3, .new_number = "+49301"},
				 .set_pi = set & 2,
				 .pi = pi & 0x0f,
				 .pi_location = 1,
				 .carried = set & 4 ? &carried : NULL};
	uint8_t *frame = malloc(size + ROOM);
	struct isdn_frame f, again;
	size_t len;

	fuzz_check(frame != NULL);
	memcpy(frame, data, size);
	isdn_frame_decode(&f, data, size);
	len = isdn_frame_edit(frame, size, size + ROOM, &edit);
	isdn_frame_decode(&again, frame, len);
	check_decoded(&again, len);
	fuzz_check(again.type == f.type && again.cref == f.cref && again.cref_flag == f.cref_flag);
	if (!f.is_message || has_cut_element(data, f.elements_at, size)) {
		fuzz_check(len == size && memcmp(frame, data, size) == 0);
	} else {
		bool room = size + ROOM < f.message_at + (size_t)ISDN_N201;

		fuzz_check(len <= size || len <= f.message_at + (size_t)ISDN_N201);
		fuzz_check(!room || !edit.set_cause ||
			   (again.has_cause && again.cause.value == 22));
		fuzz_check(!room || !edit.set_pi || again.pi == edit.pi);
		fuzz_check(!room || !edit.carried || again.user_user.len == 20);
		fuzz_check(!room || isdn_frame_edit(frame, len, size + ROOM, &edit) == len);
	}
	free(frame);
}

/* One line or many, whole characters, ended within the buffer. */
static void check_text(const char *text, size_t n, size_t size, bool one_line)
{
	fuzz_check(n < size && strlen(text) == n);
	fuzz_check(!one_line || !strpbrk(text, "\r\n"));
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		fuzz_check(c == '\n' || c >= 0x20);
		fuzz_check(c < 0x80 || (c & 0xc0) == 0xc0 ||
			   (i && (unsigned char)text[i - 1] >= 0x80));
		fuzz_check((c & 0xc0) != 0xc0 || (i + 1 < n && (text[i + 1] & 0xc0) == 0x80));
	}
}

static void check_words(const uint8_t *frame, size_t size)
{
	char text[ISDN_WORDS_BLOCK];

	size_t room = 1 + (size ? frame[size - 1] : 0); /* mostly too small */

	check_text(text, isdn_words_line(text, room, frame, size), room, true);
	check_text(text, isdn_words_block(text, sizeof(text), frame, size), sizeof(text), false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *frame = fuzz_copy(data, size);
	struct isdn_frame f;

	isdn_frame_decode(&f, frame, size);
	check_decoded(&f, size);
	check_words(frame, size);
	check_edit(frame, size, size ? data[size / 2] : 7, size ? data[size - 1] : 0);
	free(frame);
	return 0;
}
