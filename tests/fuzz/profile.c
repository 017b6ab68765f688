/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A country profile: one whose numbers survive the way there and back, or mistakes that people can
 * read. */
#include "config/plan/profile.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void on_error(void *arg, const char *text)
{
	++*(int *)arg;
	fuzz_check(strncmp(text, "f:", 2) == 0);
}

/* Whatever the profile says: what is written is read as the same number. */
static void there_and_back(const struct e164_profile *p, const struct profile_case *c)
{
	for (int form = E164_FORM_INTERNATIONAL; form <= E164_FORM_DIALLED_LOCAL; form++) {
		struct e164_edge edge = {.profile = p, .form = (enum e164_form)form};
		struct call_number out = {0};
		struct e164 first, second;

		memcpy(edge.area, c->area, sizeof(edge.area));
		memcpy(edge.carrier, c->carrier, sizeof(edge.carrier));
		e164_normalise(&edge, &c->number, &first);
		if (e164_denormalise(&edge, &first, &out))
			continue; /* no form of it fits */
		e164_normalise(&edge, &out, &second);
		fuzz_check(first.kind == second.kind && strcmp(first.digits, second.digits) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct profile_file f;
	int mistakes = 0, n = profile_parse(&f, "f", text, size, on_error, &mistakes);

	fuzz_check(n >= 0 && (n == 0) == (mistakes == 0));
	for (unsigned i = 0; n == 0 && i < f.case_count; i++)
		there_and_back(&f.profile, &f.cases[i]);
	if (n == 0)
		profile_file_fini(&f);
	free(text);
	return 0;
}
