/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mutations of the examples: whatever comes out, the loader says yes and gives a configuration, or
 * says no and tells why; it never crashes, leaks or takes long. Seeded, so that a find repeats.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/rng.h"
#include "tests/unit/config/config_test.h"

enum { SEED = 20251121, ROUNDS = 1500, TEXT_MAX = 16384 };

static struct mistakes m;

static const char *const piece[] = {
    "  ",
    "\n",
    "- ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "#",
    "&a ",
    "*a",
    "!!",
    "|\n",
    "---\n",
    "\t",
    "span: 1",
    "plan:\n",
    "0",
    "-1",
    "65536",
    "1-31",
    "::",
    "0.0.0.0",
    "any",
    "trunk:",
    "<<: ",
    "? ",
    "\xc3",
    "\xe2\x82\xac",
    "\\",
    "%",
    "@",
    ",",
    "true",
    "\r",
    "...\n",
    "16",
    "/",
};

static void mutate(char *text, size_t *len, struct rng *rng)
{
	size_t at = rng_below(rng, (uint32_t)*len + 1);
	size_t n = 1 + rng_below(rng, 12), from;
	const char *p = piece[rng_below(rng, sizeof(piece) / sizeof(piece[0]))];

	switch (rng_below(rng, 5)) {
	case 0: /* an octet changes */
		if (at < *len)
			text[at] = (char)rng_u32(rng);
		break;
	case 1: /* some vanish */
		n = n > *len - at ? *len - at : n;
		memmove(text + at, text + at + n, *len - at - n);
		*len -= n;
		break;
	case 2: /* something of YAML appears */
		n = strlen(p);
		if (*len + n >= TEXT_MAX)
			break;
		memmove(text + at + n, text + at, *len - at);
		memcpy(text + at, p, n);
		*len += n;
		break;
	case 3: /* a part of the file stands somewhere else, too */
		n = 1 + rng_below(rng, 200);
		from = rng_below(rng, (uint32_t)*len);
		n = n > *len - from ? *len - from : n;
		if (at + n < *len)
			memmove(text + at, text + from, n);
		break;
	default: /* the file ends early */
		if (rng_below(rng, 4) == 0)
			*len = at;
	}
}

static void check(const char *text, size_t len)
{
	struct config *c = NULL;
	int n;

	m.count = 0;
	n = config_parse(&c, "f", text, len, mistakes_add, &m);
	assert_true(n >= 0);
	assert_int_equal(n == 0, c != NULL);
	assert_int_equal(n == 0, m.count == 0);
	for (unsigned i = 0; i < m.count && i <= CONFIG_ERRORS_MAX; i++) {
		assert_int_equal(strncmp(m.text[i], "f:", 2), 0);
		for (const char *p = m.text[i]; *p; p++)
			if ((unsigned char)*p < 0x20 || *p == 0x7f)
				fail_msg("a control character in %s", m.text[i]);
	}
	config_destroy(c);
}

static void mutate_file(const char *path, struct rng *rng)
{
	static char original[TEXT_MAX], text[TEXT_MAX];
	FILE *f = fopen(path, "rb");
	size_t size, len;

	assert_non_null(f);
	size = fread(original, 1, sizeof(original), f);
	fclose(f);
	assert_in_range(size, 100, sizeof(original) - 1);
	for (int i = 0; i < ROUNDS; i++) {
		memcpy(text, original, size);
		len = size;
		for (uint32_t n = 1 + rng_below(rng, 6); n > 0 && len; n--)
			mutate(text, &len, rng);
		check(text, len);
	}
	for (len = 0; len < size; len += 7) /* cut anywhere */
		check(original, len);
}

static void mutated_examples(void **state)
{
	const char *dir = getenv("CONFIG_EXAMPLES");
	DIR *d = opendir(dir ? dir : ".");
	struct dirent *e;
	struct rng rng;
	unsigned files = 0;

	print_message("# seed %d\n", SEED);
	rng_init_seed(&rng, SEED);
	assert_non_null(d);
	while ((e = readdir(d))) {
		char path[600];

		if (!strstr(e->d_name, ".yaml"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		mutate_file(path, &rng);
		files++;
	}
	closedir(d);
	assert_int_equal(files, 5);
}

const struct CMUnitTest mutation_tests[] = {
    cmocka_unit_test(mutated_examples),
};
const size_t mutation_test_count = sizeof(mutation_tests) / sizeof(mutation_tests[0]);
