/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ENUM: an input is an octet that says what follows: 0, a DNS answer as it comes; else lines of records,
 * "ORDER PREFERENCE FLAGS SERVICE REPLACEMENT REGEXP". Whatever comes, a number that is found is one.
 */
#include <string.h>

#include "gateway/lookup/enum/enum_wire.h"
#include "tests/fuzz/fuzz.h"

static void check_number(const struct call_number *n)
{
	size_t len = strlen(n->digits);

	fuzz_check(n->present && len > 0 && len <= CALL_DIGITS_MAX);
	fuzz_check(strspn(n->digits, "0123456789*#") == len);
	fuzz_check(n->ton != CALL_TON_INTERNATIONAL || strspn(n->digits, "0123456789") == len);
}

static void check(const struct naptr_result *r)
{
	fuzz_check(strlen(r->why) < sizeof(r->why) && strlen(r->follow) < sizeof(r->follow));
	fuzz_check(r->outcome != NAPTR_MALFORMED || *r->why);
	fuzz_check(r->outcome != NAPTR_FOLLOW || *r->follow);
	if (r->outcome != NAPTR_NUMBER)
		return;
	check_number(&r->called);
	if (r->porting.routing.present) {
		check_number(&r->porting.routing);
		fuzz_check(r->porting.routing.ton == CALL_TON_INTERNATIONAL);
	}
}

static const char *next_word(char **rest)
{
	char *word = strsep(rest, " ");

	return word ? word : "";
}

static void decide_lines(char *text, struct naptr_result *out)
{
	struct naptr record[NAPTR_RECORDS_MAX + 1];
	unsigned count = 0;
	char *line;

	while ((line = strsep(&text, "\n")) && count < NAPTR_RECORDS_MAX + 1) {
		struct naptr *r = &record[count++];

		r->order = (uint16_t)atoi(next_word(&line));
		r->preference = (uint16_t)atoi(next_word(&line));
		r->flags = next_word(&line);
		r->service = next_word(&line);
		r->replacement = next_word(&line);
		r->regexp = line ? line : "";
	}
	naptr_decide(record, count, "+493012345678", out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct naptr_result r;
	char *copy;

	if (!size)
		return 0;
	copy = fuzz_copy(data + (*data == 0), size - (*data == 0));
	if (*data) {
		memmove(copy, copy + 1, size - 1);
		copy[size - 1] = '\0';
		decide_lines(copy, &r);
	} else {
		enum_wire_decide((const unsigned char *)copy, size - 1, "+493012345678", &r);
	}
	check(&r);
	free(copy);
	return 0;
}
