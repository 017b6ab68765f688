/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cause maps in C against the tables in config/mapping: every row of each file is driven
 * through the code, conditions too. Prints rows driven / rows in the file; they must be equal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/sip_map/cause_map.h"

enum { COLUMNS_MAX = 10, LINE_OCTETS = 1024 };

struct row {
	char line[LINE_OCTETS];
	unsigned count;
	char *column[COLUMNS_MAX];
};

/* RFC 4180: fields may be quoted, a quote in them is doubled. In place. */
static void split(struct row *r)
{
	char *in = r->line, *out = r->line;

	r->count = 0;
	for (;;) {
		bool quoted = *in == '"';

		if (quoted)
			in++;
		assert_true(r->count < COLUMNS_MAX);
		r->column[r->count++] = out;
		while (*in && (quoted || (*in != ',' && *in != '\n' && *in != '\r'))) {
			if (quoted && *in == '"') {
				if (in[1] != '"') {
					in++;
					quoted = false;
					continue;
				}
				in++;
			}
			*out++ = *in++;
		}
		if (*in != ',') {
			*out = '\0';
			return;
		}
		in++;
		*out++ = '\0';
	}
}

static FILE *open_table(const char *name)
{
	const char *folder = getenv("TEST_MAPPING");
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "config/mapping", name);
	f = fopen(path, "r");
	assert_non_null(f);
	return f;
}

static bool next_row(FILE *f, struct row *r)
{
	memset(r, 0, sizeof(*r));
	if (!fgets(r->line, sizeof(r->line), f))
		return false;
	split(r);
	return true;
}

static unsigned number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	assert_true(end != text && *end == '\0');
	return (unsigned)n;
}

/* cause,name,sip,condition,… */
static void drive_cause(const struct row *r)
{
	struct call_cause c = {.location = CALL_LOC_PUBLIC_LOCAL};
	const char *condition = r->column[3];
	bool new_number = false;
	unsigned status = number(r->column[2]);

	if (strcmp(r->column[0], "other") == 0) {
		bool listed[128] = {0};
		FILE *f = open_table("q850_to_sip.csv");
		struct row other;

		next_row(f, &other);
		while (next_row(f, &other))
			if (strcmp(other.column[0], "other") != 0)
				listed[number(other.column[0])] = true;
		fclose(f);
		for (c.value = 1; c.value < 128; c.value++)
			if (!listed[c.value])
				assert_int_equal(sip_status_from_cause(&c, false), status);
		return;
	}
	c.value = (uint8_t)number(r->column[0]);
	if (strcmp(condition, "location=user") == 0)
		c.location = CALL_LOC_USER;
	else if (strcmp(condition, "diagnostic carries the new number") == 0)
		new_number = true;
	else if (strcmp(condition, "our T301 expired") == 0)
		c.diagnostic_timer = true;
	else
		assert_string_equal(condition, "");
	assert_int_equal(sip_status_from_cause(&c, new_number), status);
}

static void assert_cause(struct call_cause c, const struct row *r, unsigned status)
{
	assert_int_equal(c.value, number(r->column[2]));
	assert_int_equal(c.location, number(r->column[4]));
	assert_int_equal(c.sip_status, status);
}

static bool is_listed(unsigned status)
{
	FILE *f = open_table("sip_to_q850.csv");
	struct row r;
	bool found = false;

	while (next_row(f, &r))
		if (strtoul(r.column[0], NULL, 10) == status && strlen(r.column[0]) == 3)
			found = found || r.column[0][1] != 'x';
	fclose(f);
	return found;
}

/* status,phrase,cause,condition,location,… */
static void drive_status(const struct row *r)
{
	const char *name = r->column[0], *condition = r->column[3];
	enum sip_cause_hint hint = SIP_HINT_NONE;
	unsigned status;

	if (strcmp(name, "3xx") == 0) {
		for (status = 300; status < 400; status++)
			assert_cause(sip_cause_from_status(status, SIP_HINT_NONE), r, status);
	} else if (strcmp(name, "other") == 0) {
		for (status = 400; status < 700; status++)
			if (!is_listed(status))
				assert_cause(sip_cause_from_status(status, SIP_HINT_NONE), r,
					     status);
	} else if (strcmp(name, "BYE") == 0) {
		assert_cause(sip_cause_from_request(false, SIP_HINT_NONE), r, 0);
	} else if (strcmp(name, "CANCEL") == 0) {
		if (strcmp(condition, "Reason header") == 0)
			hint = SIP_HINT_COMPLETED_ELSEWHERE;
		else
			assert_string_equal(condition, "");
		assert_cause(sip_cause_from_request(true, hint), r, 0);
	} else {
		status = number(name);
		if (strncmp(condition, "Warning says bearer", 19) == 0)
			hint = SIP_HINT_WARNING_BEARER;
		else
			assert_string_equal(condition, "");
		assert_cause(sip_cause_from_status(status, hint), r, status);
		assert_string_equal(sip_phrase(status), r->column[1]);
	}
}

static void drive_table(const char *name, const char *first_columns,
			void (*drive)(const struct row *r))
{
	FILE *f = open_table(name);
	unsigned rows = 0, driven = 0;
	struct row r;

	assert_true(next_row(f, &r));
	assert_string_equal(r.column[0], first_columns);
	while (next_row(f, &r)) {
		rows++;
		assert_true(r.count >= 6);
		drive(&r);
		driven++;
	}
	fclose(f);
	print_message("%s: %u rows driven / %u rows in the file\n", name, driven, rows);
	assert_int_equal(driven, rows);
	assert_true(rows > 50);
}

static void test_q850_to_sip(void **state)
{
	(void)state;
	drive_table("q850_to_sip.csv", "cause", drive_cause);
}

static void test_sip_to_q850(void **state)
{
	(void)state;
	drive_table("sip_to_q850.csv", "status", drive_status);
}

/* Between two SIP legs the status itself goes on, but for what only means our own request. */
static void test_status_goes_on(void **state)
{
	(void)state;
	for (unsigned status = 400; status < 700; status++) {
		struct call_cause c = sip_cause_from_status(status, SIP_HINT_NONE);
		bool own = status == 401 || status == 407 || status == 487;

		if (own)
			assert_int_not_equal(sip_status_from_cause(&c, false), status);
		else
			assert_int_equal(sip_status_from_cause(&c, false), status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_q850_to_sip),
	    cmocka_unit_test(test_sip_to_q850),
	    cmocka_unit_test(test_status_goes_on),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
