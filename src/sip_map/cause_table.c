/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/cause_table.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "src/sip_map/cause_builtin.h"

enum { COLUMNS = 5, LINE_OCTETS = 1024, CAUSE_MAX = 127, STATUS_MIN = 300, STATUS_MAX = 699 };

static const char *const conditions[CAUSE_CONDITIONS] = {
    [CAUSE_ALWAYS] = "",
    [CAUSE_LOC_IS_USER] = "location=user",
    [CAUSE_RING_LIMIT] = "t301",
    [CAUSE_NEW_NUMBER] = "new-number",
    [CAUSE_BEARER] = "warning=bearer",
    [CAUSE_ELSEWHERE] = "completed-elsewhere",
};

static const char *const titles[] = {
    [CAUSE_Q850_TO_SIP] = "cause,name,sip,condition",
    [CAUSE_SIP_TO_Q850] = "status,phrase,cause,condition,location",
};

struct reader {
	struct cause_table *table;
	enum cause_direction direction;
	cause_table_error_fn on_error;
	void *arg;
	unsigned line, mistakes;
	unsigned first_new;	    /* rows before this one were there when the file began … */
	bool named[CAUSE_ROWS_MAX]; /* … and these of them the file has named since */
};

static void complain(struct reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void complain(struct reader *r, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	r->mistakes++;
	if (r->on_error)
		r->on_error(r->arg, r->line, text);
}

/* RFC 4180: fields may be quoted, a quote in them is doubled. In place; what is behind the columns
 * that count is left alone. Returns how many there were. */
static unsigned split(char *line, char *column[COLUMNS])
{
	char *in = line, *out = line;
	unsigned n = 0;

	while (n < COLUMNS) {
		bool quoted = *in == '"';

		if (quoted)
			in++;
		column[n++] = out;
		while (*in && (quoted || *in != ',')) {
			if (quoted && *in == '"' && *++in != '"') {
				quoted = false;
				continue;
			}
			*out++ = *in++;
		}
		if (*in != ',') {
			*out = '\0';
			break;
		}
		in++;
		*out++ = '\0';
	}
	return n;
}

/* Digits only, within bounds; -1 for anything else. */
static int number(const char *text, int min, int max)
{
	int n = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text) || n > max)
			return -1;
		n = n * 10 + (*text - '0');
	}
	return n >= min && n <= max ? n : -1;
}

static bool take_condition(struct reader *r, const char *text, unsigned allowed,
			   struct cause_row *row)
{
	for (unsigned i = 0; i < CAUSE_CONDITIONS; i++) {
		if (strcmp(text, conditions[i]) != 0 || !(allowed & 1U << i))
			continue;
		row->condition = (uint8_t)i;
		return true;
	}
	complain(
	    r, "\"%.40s\" is no condition here; %s", text,
	    r->direction == CAUSE_Q850_TO_SIP
		? "location=user, t301, new-number or nothing is"
		: "new-number or warning=bearer for a status, completed-elsewhere for CANCEL, or "
		  "nothing is");
	return false;
}

static bool read_cause_row(struct reader *r, char *const column[COLUMNS], struct cause_row *row)
{
	bool other = strcmp(column[0], "other") == 0;
	int cause = other ? CAUSE_KEY_OTHER : number(column[0], 1, CAUSE_MAX);
	int status = number(column[2], STATUS_MIN, STATUS_MAX);

	if (cause < 0) {
		complain(r, "cause \"%.40s\": 1 to 127 or other is right", column[0]);
		return false;
	}
	if (status < 0 || status == 401 || status == 407) {
		complain(r,
			 "status \"%.40s\": 300 to 699 is right, but not 401 or 407, which ask for "
			 "credentials",
			 column[2]);
		return false;
	}
	row->key = (uint16_t)cause;
	row->status = (uint16_t)status;
	if (!take_condition(r, column[3],
			    other ? 1U << CAUSE_ALWAYS
				  : 1U << CAUSE_ALWAYS | 1U << CAUSE_LOC_IS_USER |
					1U << CAUSE_RING_LIMIT | 1U << CAUSE_NEW_NUMBER,
			    row))
		return false;
	if (status < 400 && row->condition != CAUSE_NEW_NUMBER) {
		complain(r, "a redirection (%d) needs a number to go to: condition new-number",
			 status);
		return false;
	}
	return true;
}

static int status_key(const char *text)
{
	static const char *const word[] = {[CAUSE_KEY_OTHER] = "other",
					   [CAUSE_KEY_BYE] = "BYE",
					   [CAUSE_KEY_CANCEL] = "CANCEL",
					   [CAUSE_KEY_3XX] = "3xx"};

	for (int i = 0; i <= CAUSE_KEY_3XX; i++)
		if (strcmp(text, word[i]) == 0)
			return i;
	return number(text, STATUS_MIN, STATUS_MAX);
}

static bool read_status_row(struct reader *r, char *const column[COLUMNS], struct cause_row *row)
{
	int key = status_key(column[0]), cause = number(column[2], 1, CAUSE_MAX);
	int location = number(column[4], 0, CALL_LOC_BEYOND_INTERWORKING);
	unsigned allowed = 1U << CAUSE_ALWAYS;

	if (key < 0) {
		complain(r, "status \"%.40s\": 300 to 699, 3xx, other, BYE or CANCEL is right",
			 column[0]);
		return false;
	}
	if (cause < 0) {
		complain(r, "cause \"%.40s\": 1 to 127 is right", column[2]);
		return false;
	}
	if (location < 0 || location == 6 || location == 8 || location == 9) {
		complain(r, "location \"%.40s\": 0 to 5, 7 or 10 is right (Q.850 table 2)",
			 column[4]);
		return false;
	}
	if (strlen(column[1]) > CAUSE_PHRASE_MAX && key >= STATUS_MIN) {
		complain(r, "a phrase of more than %d octets", CAUSE_PHRASE_MAX);
		return false;
	}
	row->key = (uint16_t)key;
	row->cause = (uint8_t)cause;
	row->location = (uint8_t)location;
	str_copy(row->phrase, sizeof(row->phrase), column[1]);
	if (key == CAUSE_KEY_CANCEL)
		allowed |= 1U << CAUSE_ELSEWHERE;
	else if (key >= STATUS_MIN)
		allowed |= 1U << CAUSE_BEARER | 1U << CAUSE_NEW_NUMBER;
	return take_condition(r, column[3], allowed, row);
}

static void keep(struct reader *r, const struct cause_row *row)
{
	unsigned *count = &r->table->to[r->direction].count;
	struct cause_row *rows = r->table->to[r->direction].row;
	unsigned i = 0;

	while (i < *count && (rows[i].key != row->key || rows[i].condition != row->condition))
		i++;
	if (i < *count && (i >= r->first_new || r->named[i])) {
		complain(r, "this row stands twice; leave one out");
	} else if (i == CAUSE_ROWS_MAX) {
		complain(r, "more than %d rows", CAUSE_ROWS_MAX);
	} else {
		r->named[i] = true;
		rows[i] = *row;
		*count += i == *count;
	}
}

/* A control character in a phrase would end a line of ours early. */
static bool is_clean(const char *line)
{
	for (; *line; line++)
		if ((unsigned char)*line < 0x20 || *line == 0x7f)
			return false;
	return true;
}

static void read_line(struct reader *r, char *line)
{
	static const unsigned wanted[] = {4, 5};
	struct cause_row row = {0};
	char *column[COLUMNS];

	if (!is_clean(line)) {
		complain(r, "a control character; only text and commas are right");
	} else if (r->line == 1) {
		if (strncmp(line, titles[r->direction], strlen(titles[r->direction])) != 0)
			complain(r, "the first line is to begin with: %s", titles[r->direction]);
	} else if (*line && *line != '#') {
		if (split(line, column) < wanted[r->direction])
			complain(r, "too few columns; %s are right", titles[r->direction]);
		else if (r->direction == CAUSE_Q850_TO_SIP ? read_cause_row(r, column, &row)
							   : read_status_row(r, column, &row))
			keep(r, &row);
	}
}

unsigned cause_table_read(struct cause_table *t, enum cause_direction direction, const char *text,
			  size_t len, cause_table_error_fn on_error, void *arg)
{
	struct reader r = {.table = t,
			   .direction = direction,
			   .on_error = on_error,
			   .arg = arg,
			   .first_new = t->to[direction].count};
	const char *end = text + len;

	while (text < end || r.line == 0) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);
		char line[LINE_OCTETS];

		r.line++;
		if (n >= sizeof(line) || memchr(text, '\0', n)) {
			complain(&r, "a line of more than %d octets, or with a NUL",
				 LINE_OCTETS - 1);
		} else {
			memcpy(line, text, n);
			line[n] = '\0';
			if (n && line[n - 1] == '\r')
				line[n - 1] = '\0';
			read_line(&r, line);
		}
		text = nl ? nl + 1 : end;
	}
	return r.mistakes;
}

const struct cause_row *cause_table_find(const struct cause_table *t,
					 enum cause_direction direction, unsigned key,
					 enum cause_condition condition)
{
	for (unsigned i = 0; i < t->to[direction].count; i++) {
		const struct cause_row *row = &t->to[direction].row[i];

		if (row->key == key && row->condition == condition)
			return row;
	}
	return NULL;
}

/* ---- defaults ---- */

static struct cause_table builtin;

static void read_builtin(void)
{
	unsigned mistakes;

	mistakes = cause_table_read(&builtin, CAUSE_Q850_TO_SIP, cause_builtin_q850_to_sip,
				    strlen(cause_builtin_q850_to_sip), NULL, NULL);
	mistakes += cause_table_read(&builtin, CAUSE_SIP_TO_Q850, cause_builtin_sip_to_q850,
				     strlen(cause_builtin_sip_to_q850), NULL, NULL);
	assert(mistakes == 0); /* tests/tables reads them, too */
	(void)mistakes;
}

const struct cause_table *cause_table_default(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_builtin);
	return &builtin;
}
