/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A system.conf or chan_dahdi.conf (the first octet says which, or both, divided at the first NUL):
 * a configuration that can be read, or a sentence. */
#include "config/import/dahdi/import.h"

#include <errno.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void on_note(void *arg, const char *text)
{
	++*(unsigned *)arg;
	for (const char *p = text; *p; p++)
		fuzz_check((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static void on_mistake(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
}

static void check(int result, const char *out, unsigned notes, const char *why)
{
	struct config *c = NULL;

	if (result < 0) {
		fuzz_check(result == -ENOENT && !out && *why);
		return;
	}
	fuzz_check(out && notes <= IMPORT_NOTES_MAX + 1 &&
		   (notes == (unsigned)result || result >= IMPORT_NOTES_MAX));
	if (config_parse(&c, "f", out, strlen(out), on_mistake, NULL)) {
		fprintf(stderr, "%s\n", out);
		fuzz_check(false);
	}
	config_destroy(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(size ? data + 1 : data, size ? size - 1 : 0);
	size_t len = size ? size - 1 : 0;
	const char *nul = len ? memchr(text, '\0', len) : NULL;
	size_t first = nul ? (size_t)(nul - text) : len;
	struct import_source whole = {"w", text, len}, a = {"a", text, first},
			     b = {"b", nul ? nul + 1 : text, nul ? len - first - 1 : 0};
	unsigned notes = 0, kind = size ? data[0] % 3 : 0;
	const char *why = "";
	char *out = NULL;
	int result;

	if (kind == 0)
		result = import_dahdi(&whole, &out, on_note, &notes, &why);
	else
		result = import_asterisk(kind == 1 ? &whole : &a, kind == 1 ? NULL : &b, &out,
					 on_note, &notes, &why);
	check(result, out, notes, why);
	free(out);
	free(text);
	return 0;
}
