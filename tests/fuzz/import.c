/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dial plan of others, of the kind that the first octet says: a plan of ours, or notes that people
 * can read. */
#include "config/import/plan/plan_import.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void on_note(void *arg, const char *text)
{
	++*(int *)arg;
	fuzz_check(strncmp(text, "f:", 2) == 0);
	for (const char *p = text; *p; p++)
		fuzz_check((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const import[])(const char *name, const char *text, size_t len, char **out,
				     plan_import_note_fn note, void *arg) = {
	    plan_import_extensions, plan_import_cisco, plan_import_csv};
	char *text, *out = NULL;
	int notes = 0, n;

	if (!size)
		return 0;
	text = fuzz_copy(data + 1, size - 1);
	n = import[data[0] % 3]("f", text, size - 1, &out, on_note, &notes);
	fuzz_check((n >= 0) == (out != NULL) && (n < 0 || n == notes));
	for (const char *p = out ? out : ""; *p; p++)
		fuzz_check(*p == '\n' || ((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f));
	free(out);
	free(text);
	return 0;
}
