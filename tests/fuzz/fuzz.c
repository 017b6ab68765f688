/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "gateway/base/log.h"

void *fuzz_copy(const void *data, size_t size)
{
	void *copy = malloc(size ? size : 1);

	fuzz_check(copy);
	if (size)
		memcpy(copy, data, size);
	return copy;
}

static void check_event(void *arg, const struct log_event *event)
{
	char text[600];
	size_t n = log_format_line(event, text, sizeof(text));

	(void)arg;
	fuzz_check(n < sizeof(text) && strlen(text) == n);
	for (size_t i = 0; i < n; i++)
		fuzz_check((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
	if (getenv("FUZZ_LOG"))
		fprintf(stderr, "%s\n", text);
	n = log_format_json(event, text, sizeof(text));
	fuzz_check(n < sizeof(text) && strlen(text) == n);
}

void fuzz_log_init(void)
{
	log_init(LOG_DEBUG, check_event, NULL);
}
