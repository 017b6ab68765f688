/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration file: a configuration, or mistakes that people can read. */
#include "config/config.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void on_error(void *arg, const char *text)
{
	++*(unsigned *)arg;
	fuzz_check(strncmp(text, "f:", 2) == 0);
	for (const char *p = text; *p; p++)
		fuzz_check((unsigned char)*p >= 0x20 && *p != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct config *c = NULL;
	unsigned mistakes = 0;
	int n = config_parse(&c, "f", text, size, on_error, &mistakes);

	fuzz_check(n >= 0 && (n == 0) == (c != NULL) && (n == 0) == (mistakes == 0));
	fuzz_check(mistakes <= CONFIG_ERRORS_MAX + 1);
	config_destroy(c);
	free(text);
	return 0;
}
