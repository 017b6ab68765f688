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

/* "f:LINE:COLUMN: what"; the last one may say that there are more. */
static bool has_place(const char *text)
{
	unsigned line = 0, column = 0;
	int end = 0;

	return (sscanf(text, "f:%u:%u: %n", &line, &column, &end) == 2 && end && line && column &&
		text[end]) ||
	       (strncmp(text, "f: ", 3) == 0 && strstr(text, "more"));
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
		if (!has_place(m.text[i]))
			fail_msg("no line and column: %s", m.text[i]);
		for (const char *p = m.text[i]; *p; p++)
			if ((unsigned char)*p < 0x20 || *p == 0x7f)
				fail_msg("a control character in %s", m.text[i]);
	}
	config_destroy(c);
}

static void mutate_text(const char *original, size_t size, struct rng *rng)
{
	static char text[TEXT_MAX];
	size_t len;

	assert_in_range(size, 100, TEXT_MAX - 1);
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

static void mutate_file(const char *path, struct rng *rng)
{
	static char original[TEXT_MAX];
	FILE *f = fopen(path, "rb");
	size_t size;

	assert_non_null(f);
	size = fread(original, 1, sizeof(original), f);
	fclose(f);
	mutate_text(original, size, rng);
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

/* The long form of rules, with everything that a rule can have. */
static const char long_form[] =
    "spans:\n"
    "  - span: 1\n    driver: virtual\n    connect: /e1\n    side: user\n"
    "    numbers: {profile: cn, area: '10', bare: dialled, send: national}\n"
    "trunks:\n"
    "  - {name: provider, bind: '127.0.0.1:5060', peer: '127.0.0.1:5080',\n"
    "     numbers: {profile: cn, bare: international, send: international}}\n"
    "numbers:\n"
    "  order: longest\n"
    "  holidays: [2026-10-01, 2026-10-02]\n"
    "  reroute: [34, 38, 41, 42, 44, 47]\n"
    "  rewrites:\n"
    "    - name: hide\n"
    "      stage: out\n"
    "      to: [trunk:provider]\n"
    "      match: {calling: {pattern: '+86108888XXXX'}}\n"
    "      set: {calling: {number: '+861088880000'}}\n"
    "plan:\n"
    "  - name: mobile-day\n"
    "    from: [span:1]\n"
    "    match:\n"
    "      called: {pattern: '+861[3-9]XXXXXXXXX', ton: [international]}\n"
    "      calling: {prefix: '+8610'}\n"
    "      name: '^Reception'\n"
    "      bearer: [speech, audio]\n"
    "    when: {days: mon-fri, time: ['08:00-18:00'], dates: [2026-01-01..2026-12-31], holidays: never}\n"
    "    limit: {calls: 30, per_second: 5, per_minute: 60, cause: 42}\n"
    "    set:\n"
    "      called: {strip: 2, prepend: '0', ton: national, npi: e164}\n"
    "      calling: {presentation: restricted}\n"
    "      name: 'Example Ltd'\n"
    "    targets:\n"
    "      - {to: trunk:provider, priority: 1, weight: 70, cost: 0.05, limit: {calls: 20}}\n"
    "      - {to: trunk:provider, priority: 2, weight: 30, set: {called: {prepend: '9'}}}\n"
    "    reroute: [34, 38]\n"
    "  - {name: no-premium, match: {called: {range: '0900000-0900999'}}, bar: 21}\n"
    "  - {name: emergency, prefix: '110', emergency: true, to: span:1}\n"
    "control:\n  socket: /s\n";

static void mutated_number_plan(void **state)
{
	struct config *c = NULL;
	struct rng rng;

	(void)state;
	print_message("# seed %d\n", SEED + 1);
	rng_init_seed(&rng, SEED + 1);
	m.count = 0;
	if (config_parse(&c, "f", long_form, sizeof(long_form) - 1, mistakes_add, &m))
		fail_msg("%s", m.text[0]);
	config_destroy(c);
	mutate_text(long_form, sizeof(long_form) - 1, &rng);
}

const struct CMUnitTest mutation_tests[] = {
    cmocka_unit_test(mutated_examples),
    cmocka_unit_test(mutated_number_plan),
};
const size_t mutation_test_count = sizeof(mutation_tests) / sizeof(mutation_tests[0]);
