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

/* extensions.conf, chan_dahdi.conf and sip.conf, with a zero between them. */
static int import_with(char *text, size_t size, char **out, int *notes)
{
	static const char *const name[] = {"f", "chan_dahdi.conf", "sip.conf"};
	struct plan_import_file file[3];
	unsigned files = 0;

	for (char *p = text; files < 3; files++) {
		size_t left = size - (size_t)(p - text);
		char *end = memchr(p, '\0', left);

		file[files] = (struct plan_import_file){name[files], p, end ? (size_t)(end - p) : left};
		if (!end) {
			files++;
			break;
		}
		p = end + 1;
	}
	return plan_import_extensions_with(&file[0], &file[1], files - 1, out, on_note, notes);
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
	n = data[0] % 4 == 3 ? import_with(text, size - 1, &out, &notes)
			     : import[data[0] % 4]("f", text, size - 1, &out, on_note, &notes);
	fuzz_check((n >= 0) == (out != NULL) && (n < 0 || n == notes));
	for (const char *p = out ? out : ""; *p; p++)
		fuzz_check(*p == '\n' || ((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f));
	free(out);
	free(text);
	return 0;
}
