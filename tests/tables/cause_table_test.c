/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cause maps as they are compiled in, against the tables in config/mapping: every row of each
 * file is driven through the code, conditions too. Prints rows driven / rows in the file; they must
 * be equal. Then files as an operator may write them: what they replace, and each mistake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/sip_map/cause_map.h"

static const struct cause_table *defaults;

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
				assert_int_equal(sip_status_from_cause(defaults, &c), status);
		return;
	}
	c.value = (uint8_t)number(r->column[0]);
	if (strcmp(condition, "location=user") == 0)
		c.location = CALL_LOC_USER;
	else if (strcmp(condition, "new-number") == 0)
		snprintf(c.new_number, sizeof(c.new_number), "4711");
	else if (strcmp(condition, "t301") == 0)
		c.diagnostic_timer = true;
	else
		assert_string_equal(condition, "");
	assert_int_equal(sip_status_from_cause(defaults, &c), status);
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
	enum cause_condition hint = CAUSE_ALWAYS;
	unsigned status;

	if (strcmp(name, "3xx") == 0) {
		for (status = 300; status < 400; status++)
			assert_cause(sip_cause_from_status(defaults, status, CAUSE_ALWAYS), r,
				     status);
	} else if (strcmp(name, "other") == 0) {
		for (status = 400; status < 700; status++)
			if (!is_listed(status))
				assert_cause(sip_cause_from_status(defaults, status, CAUSE_ALWAYS),
					     r, status);
	} else if (strcmp(name, "BYE") == 0) {
		assert_cause(sip_cause_from_request(defaults, false, CAUSE_ALWAYS), r, 0);
	} else if (strcmp(name, "CANCEL") == 0) {
		if (strcmp(condition, "completed-elsewhere") == 0)
			hint = CAUSE_ELSEWHERE;
		else
			assert_string_equal(condition, "");
		assert_cause(sip_cause_from_request(defaults, true, hint), r, 0);
	} else {
		status = number(name);
		if (strcmp(condition, "warning=bearer") == 0)
			hint = CAUSE_BEARER;
		else if (strcmp(condition, "new-number") == 0)
			hint = CAUSE_NEW_NUMBER;
		else
			assert_string_equal(condition, "");
		assert_cause(sip_cause_from_status(defaults, status, hint), r, status);
		assert_string_equal(sip_phrase(defaults, status), r->column[1]);
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
	print_message("# %s: %u rows driven / %u rows in the file\n", name, driven, rows);
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
		struct call_cause c = sip_cause_from_status(defaults, status, CAUSE_ALWAYS);
		bool own = status == 401 || status == 407 || status == 487;

		if (own)
			assert_int_not_equal(sip_status_from_cause(defaults, &c), status);
		else
			assert_int_equal(sip_status_from_cause(defaults, &c), status);
	}
}

/* ---- files of an operator's ---- */

struct mistakes {
	unsigned count, line[8];
};

static void note_mistake(void *arg, unsigned line, const char *text)
{
	struct mistakes *m = arg;

	print_message("# line %u: %s\n", line, text);
	assert_true(m->count < 8 && *text);
	m->line[m->count++] = line;
}

static unsigned read_text(struct cause_table *t, enum cause_direction direction, const char *text,
			  struct mistakes *m)
{
	memset(m, 0, sizeof(*m));
	return cause_table_read(t, direction, text, strlen(text), note_mistake, m);
}

/* The rows that a file names are replaced, by key and condition; the others stay. */
static void test_file_replaces_rows(void **state)
{
	static struct cause_table t;
	struct call_cause c = {.value = 34, .location = CALL_LOC_USER};
	struct mistakes m;

	(void)state;
	t = *defaults;
	assert_int_equal(
	    read_text(&t, CAUSE_Q850_TO_SIP,
		      "cause,name,sip,condition\n# a single span is full\n\n"
		      "34,No circuit,480,\r\n17,\"Busy, \"\"hot\"\"\",600,location=user",
		      &m),
	    0);
	assert_int_equal(sip_status_from_cause(&t, &c), 480);
	c.value = 17;
	assert_int_equal(sip_status_from_cause(&t, &c), 600);
	c.location = CALL_LOC_PUBLIC_LOCAL;
	assert_int_equal(sip_status_from_cause(&t, &c), 486);
	c.value = 1;
	assert_int_equal(sip_status_from_cause(&t, &c), 404);

	assert_int_equal(read_text(&t, CAUSE_SIP_TO_Q850,
				   "status,phrase,cause,condition,location\n503,Full,34,,2\n"
				   "599,Own,38,,4\nBYE,,31,,5\n",
				   &m),
			 0);
	c = sip_cause_from_status(&t, 503, CAUSE_ALWAYS);
	assert_int_equal(c.value, 34);
	assert_int_equal(c.location, CALL_LOC_PUBLIC_LOCAL);
	assert_string_equal(sip_phrase(&t, 503), "Full");
	assert_int_equal(sip_cause_from_status(&t, 599, CAUSE_ALWAYS).value, 38);
	assert_int_equal(sip_cause_from_request(&t, false, CAUSE_ALWAYS).value, 31);
	assert_int_equal(sip_cause_from_request(&t, true, CAUSE_ALWAYS).value, 16);
	assert_int_equal(sip_cause_from_status(&t, 404, CAUSE_ALWAYS).value, 1);
}

/* Each mistake is told with its line, and is the only one in its file. */
static void test_file_mistakes(void **state)
{
	static const struct {
		enum cause_direction direction;
		const char *row; /* the third line */
	} wrong[] = {
	    {CAUSE_Q850_TO_SIP, "0,x,404,"},
	    {CAUSE_Q850_TO_SIP, "128,x,404,"},
	    {CAUSE_Q850_TO_SIP, "-1,x,404,"},
	    {CAUSE_Q850_TO_SIP, "1x,x,404,"},
	    {CAUSE_Q850_TO_SIP, ",x,404,"},
	    {CAUSE_Q850_TO_SIP, "1,x,299,"},
	    {CAUSE_Q850_TO_SIP, "1,x,700,"},
	    {CAUSE_Q850_TO_SIP, "1,x,99999999999999999999,"},
	    {CAUSE_Q850_TO_SIP, "1,x,401,"},
	    {CAUSE_Q850_TO_SIP, "1,x,404,sometimes"},
	    {CAUSE_Q850_TO_SIP, "1,x,404,warning=bearer"},
	    {CAUSE_Q850_TO_SIP, "other,x,404,location=user"},
	    {CAUSE_Q850_TO_SIP, "1,x,301,"},
	    {CAUSE_Q850_TO_SIP, "1,x,404"},
	    {CAUSE_Q850_TO_SIP, "2,twice,404,"},
	    {CAUSE_SIP_TO_Q850, "299,x,1,,5"},
	    {CAUSE_SIP_TO_Q850, "INVITE,x,1,,5"},
	    {CAUSE_SIP_TO_Q850, "404,x,0,,5"},
	    {CAUSE_SIP_TO_Q850, "404,x,128,,5"},
	    {CAUSE_SIP_TO_Q850, "404,x,1,,6"},
	    {CAUSE_SIP_TO_Q850, "404,x,1,,11"},
	    {CAUSE_SIP_TO_Q850, "404,x,1,,"},
	    {CAUSE_SIP_TO_Q850, "404,x,1,"},
	    {CAUSE_SIP_TO_Q850, "404,x,1,completed-elsewhere,5"},
	    {CAUSE_SIP_TO_Q850, "BYE,x,1,completed-elsewhere,5"},
	    {CAUSE_SIP_TO_Q850, "404,\x01,1,,5"},
	    {CAUSE_SIP_TO_Q850, "404,a phrase that goes on and on and on and on and on,1,,5"},
	    {CAUSE_SIP_TO_Q850, "480,twice,1,,5"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		bool to_sip = wrong[i].direction == CAUSE_Q850_TO_SIP;
		static struct cause_table t;
		struct mistakes m;
		char text[512];

		t = *defaults;
		snprintf(text, sizeof(text), "%s\n%s\n%s\n%s\n",
			 to_sip ? "cause,name,sip,condition,note"
				: "status,phrase,cause,condition,location",
			 to_sip ? "2,,404," : "480,x,1,,5", wrong[i].row,
			 to_sip ? "3,,404,location=user" : "481,x,1,,5");
		assert_int_equal(read_text(&t, wrong[i].direction, text, &m), 1);
		assert_int_equal(m.count, 1);
		assert_int_equal(m.line[0], 3);
	}
}

static void test_file_without_title(void **state)
{
	static struct cause_table t;
	struct mistakes m;

	(void)state;
	assert_int_equal(read_text(&t, CAUSE_SIP_TO_Q850, "", &m), 1);
	assert_int_equal(read_text(&t, CAUSE_SIP_TO_Q850, "404,x,1,,5\n", &m), 1);
	assert_int_equal(read_text(&t, CAUSE_SIP_TO_Q850, "cause,name,sip,condition\n", &m), 1);
	assert_int_equal(m.line[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_q850_to_sip),	   cmocka_unit_test(test_sip_to_q850),
	    cmocka_unit_test(test_status_goes_on), cmocka_unit_test(test_file_replaces_rows),
	    cmocka_unit_test(test_file_mistakes),  cmocka_unit_test(test_file_without_title),
	};

	defaults = cause_table_default();
	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
