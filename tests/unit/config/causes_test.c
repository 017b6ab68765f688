/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An operator's cause tables: which trunk gets which rows, and where a mistake in them is told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/config/config_test.h"

static struct mistakes m;
static char folder[64];

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void remove_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/spanbridge-causes-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	remove_file("all.csv");
	remove_file("one.csv");
	remove_file("back.csv");
	return rmdir(folder);
}

/* As a file in that folder, so that relative paths begin there. */
static int parse_there(struct config **out, const struct parts *p)
{
	const char *text = make_file(p);
	char name[128];

	snprintf(name, sizeof(name), "%s/f.yaml", folder);
	m.count = 0;
	*out = NULL;
	return config_parse(out, name, text, strlen(text), mistakes_add, &m);
}

static unsigned status_of(const struct cause_table *t, unsigned cause)
{
	return cause_table_find(t, CAUSE_Q850_TO_SIP, cause, CAUSE_ALWAYS)->status;
}

static void tables_of_trunks(void **state)
{
	struct config *c;
	const struct config_trunk *t;

	(void)state;
	write_file("all.csv", "cause,name,sip,condition\n34,,480,\n42,,480,\n");
	write_file("one.csv", "cause,name,sip,condition\n42,,600,\n");
	write_file("back.csv", "status,phrase,cause,condition,location\n503,Full,34,,2\n");
	assert_int_equal(
	    parse_there(
		&c,
		&(struct parts){
		    .trunk = "  - {name: t, bind: \"127.0.0.1:5060\", peer: \"127.0.0.2:5060\", "
			     "trusted: false, causes: {q850_to_sip: one.csv}}\n"
			     "  - {name: u, bind: \"127.0.0.1:5060\", peer: \"127.0.0.3:5060\"}\n",
		    .rest = "causes:\n  q850_to_sip: all.csv\n  sip_to_q850: back.csv\n"}),
	    0);
	t = c->trunk;
	assert_true(t[0].sip.untrusted);
	assert_false(t[1].sip.untrusted);
	assert_int_equal(status_of(t[1].sip.causes, 34), 480);
	assert_int_equal(status_of(t[1].sip.causes, 42), 480);
	assert_int_equal(status_of(t[1].sip.causes, 1), 404); /* not named: the default */
	assert_int_equal(status_of(t[0].sip.causes, 34), 480);
	assert_int_equal(status_of(t[0].sip.causes, 42), 600);
	assert_int_equal(
	    cause_table_find(t[0].sip.causes, CAUSE_SIP_TO_Q850, 503, CAUSE_ALWAYS)->cause, 34);
	config_destroy(c);
	assert_int_equal(parse_there(&c, &(struct parts){0}), 0);
	assert_null(c->causes);
	assert_null(c->trunk[0].sip.causes);
	config_destroy(c);
}

static void mistakes_in_tables(void **state)
{
	static const char *const wanted[] = {
	    "f.yaml:8:16: all.csv:2: status \"200\": 300 to 699 is right",
	    "f.yaml:8:16: all.csv:3: \"now\" is no condition here",
	    "f.yaml:9:16: nowhere.csv cannot be read: No such file",
	};
	struct config *c;

	(void)state;
	write_file("all.csv", "cause,name,sip,condition\n34,,200,\n42,,480,now\n");
	assert_int_equal(parse_there(&c, &(struct parts){.rest = "causes:\n  q850_to_sip: all.csv\n"
								 "  sip_to_q850: nowhere.csv\n"}),
			 3);
	for (unsigned i = 0; i < 3; i++) {
		if (!strstr(m.text[i], wanted[i]))
			print_error("%s\n", m.text[i]);
		assert_non_null(strstr(m.text[i], wanted[i]));
	}
	assert_int_not_equal(parse_there(&c, &(struct parts){.rest = "causes: {q850_to_sip: .}\n"}),
			     0);
	assert_non_null(strstr(m.text[0], "not a regular file"));
}

const struct CMUnitTest causes_tests[] = {
    cmocka_unit_test_setup_teardown(tables_of_trunks, make_folder, remove_folder),
    cmocka_unit_test_setup_teardown(mistakes_in_tables, make_folder, remove_folder),
};
const size_t causes_test_count = sizeof(causes_tests) / sizeof(causes_tests[0]);
