/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "tests/unit/config/config_test.h"

void mistakes_add(void *arg, const char *text)
{
	struct mistakes *m = arg;

	if (m->count <= CONFIG_ERRORS_MAX)
		str_copy(m->text[m->count], sizeof(m->text[0]), text);
	m->count++;
}

int parse(struct config **out, const char *text, struct mistakes *m)
{
	int n;

	m->count = 0;
	*out = NULL;
	n = config_parse(out, "f", text, strlen(text), mistakes_add, m);
	/* Nothing is half there. */
	assert_int_equal(n == 0, *out != NULL);
	assert_int_equal(n == 0, m->count == 0);
	return n;
}

const char *make_file(const struct parts *p)
{
	static char text[8192];

	snprintf(text, sizeof(text), "spans:\n%strunks:\n%splan:\n%s%s",
		 p->span ? p->span : "  - {span: 1, driver: virtual, connect: /e1, side: user}\n",
		 p->trunk ? p->trunk
			  : "  - {name: t, bind: \"127.0.0.1:5060\", peer: \"127.0.0.2:5060\"}\n",
		 p->plan ? p->plan : "  - {name: out, to: \"trunk:t\"}\n", p->rest ? p->rest : "");
	return text;
}

int main(void)
{
	struct CMUnitTest all[64];
	size_t n = 0;

	memcpy(all, good_tests, good_test_count * sizeof(all[0]));
	n += good_test_count;
	memcpy(all + n, bad_tests, bad_test_count * sizeof(all[0]));
	n += bad_test_count;
	memcpy(all + n, causes_tests, causes_test_count * sizeof(all[0]));
	n += causes_test_count;
	memcpy(all + n, mutation_tests, mutation_test_count * sizeof(all[0]));
	n += mutation_test_count;
	return _cmocka_run_group_tests("config", all, n, NULL, NULL);
}
