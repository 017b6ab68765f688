/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers that name people: lists of name-addr, their parameters, and what is none of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/rng.h"
#include "src/sip_map/trunk/name_addr.h"
#include "tests/unit/sip_map/tests.h"

static void assert_span(struct text_span s, const char *text)
{
	char got[512];

	snprintf(got, sizeof(got), "%.*s", (int)s.len, s.at);
	assert_string_equal(got, text);
}

void test_name_addr_list(void **state)
{
	static const struct {
		const char *header;
		const char *uri[3], *params[3], *user[3]; /* user NULL: there is none */
	} rows[] = {
	    {"", {NULL}, {NULL}, {NULL}},
	    {" , ,", {NULL}, {NULL}, {NULL}},
	    {"<sip:1@h>", {"sip:1@h"}, {""}, {"1"}},
	    {"sip:1@h;reason=unknown", {"sip:1@h"}, {";reason=unknown"}, {"1"}},
	    {"\"a, <b>\" <sip:1@h;x=y> ;q=1 , <tel:+4930>;r", {"sip:1@h;x=y", "tel:+4930"},
	     {" ;q=1 ", ";r"}, {"1", "+4930"}},
	    {"\"quote \\\" , still\" <sips:%31%32@h>", {"sips:%31%32@h"}, {""}, {"12"}},
	    {"<sip:1@h>;t=\"a,b;c\", sip:2@h", {"sip:1@h", "sip:2@h"}, {";t=\"a,b;c\"", ""},
	     {"1", "2"}},
	    {"<tel:+49-30;phone-context=x>", {"tel:+49-30;phone-context=x"}, {""}, {"+49-30"}},
	    {"<sip:h>, <mailto:1@h>, <sip:a%00b@h>", {"sip:h", "mailto:1@h", "sip:a%00b@h"},
	     {"", "", ""}, {NULL, NULL, NULL}},
	    {"<sip:1@h", {""}, {""}, {NULL}},
	    {"\"never closed <sip:1@h>, <sip:2@h>", {"\"never closed <sip:1@h>, <sip:2@h>"}, {""},
	     {NULL}},
	};
	struct name_addr v;
	bool tel;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char user[NAME_ADDR_USER_MAX];
		const char *p = rows[i].header;

		for (unsigned n = 0; n < 3 && rows[i].uri[n]; n++) {
			assert_true(name_addr_next(&p, &v));
			assert_span(v.uri, rows[i].uri[n]);
			assert_span(v.params, rows[i].params[n]);
			assert_int_equal(name_addr_user(v.uri, user, &tel),
					 rows[i].user[n] != NULL);
			if (rows[i].user[n])
				assert_string_equal(user, rows[i].user[n]);
		}
		assert_false(name_addr_next(&p, &v));
		assert_false(name_addr_next(&p, &v));
	}
}

void test_name_addr_params(void **state)
{
	static const char uri[] = "sip:+4930;phone-context=x@h;cause=486;user=phone?Privacy=history&A=1";
	static const struct {
		const char *params, *name, *value; /* NULL: it is not there */
	} rows[] = {
	    {";reason=user-busy;counter=2", "reason", "user-busy"},
	    {"; Reason = \"no-answer\" ; counter=2", "reason", "no-answer"},
	    {";counter=2;reason=unknown", "counter", "2"},
	    {";reasons=a;x=reason", "reason", NULL},
	    {";screen;reason", "reason", ""},
	    {";t=\"a;reason=b\";reason=c", "reason", "c"},
	    {"", "reason", NULL},
	    {";;;;", "reason", NULL},
	    {"=;=;reason==", "reason", "="},
	};
	char value[NAME_ADDR_PARAM_MAX], longer[300] = ";x=";
	struct text_span span = {uri, sizeof(uri) - 1};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text_span p = {rows[i].params, strlen(rows[i].params)};

		assert_int_equal(name_addr_param(p, rows[i].name, value), rows[i].value != NULL);
		assert_string_equal(value, rows[i].value ? rows[i].value : "");
	}
	memset(longer + 3, 'a', sizeof(longer) - 4);
	assert_true(name_addr_param((struct text_span){longer, sizeof(longer) - 1}, "x", value));
	assert_int_equal(strlen(value), NAME_ADDR_PARAM_MAX - 1);
	assert_span(name_addr_uri_params(span), ";cause=486;user=phone");
	assert_span(name_addr_uri_headers(span), "Privacy=history&A=1");
	assert_span(name_addr_uri_params((struct text_span){"tel:+1;a=b", 10}), ";a=b");
	assert_span(name_addr_uri_headers((struct text_span){"sip:a@b", 7}), "");
	assert_span(name_addr_uri_params((struct text_span){"", 0}), "");
}

/* Whatever it is, the walk ends, and what it hands out lies in the header (with sanitizers: in its
 * memory, too). */
void test_name_addr_garbage(void **state)
{
	static const char octets[] = "<>,;\"\\=@:?& %sip:tel1+a";
	struct rng rng;

	(void)state;
	rng_init_seed(&rng, 5);
	for (unsigned n = 0; n < 20000; n++) {
		size_t len = rng_below(&rng, 40);
		char *text = malloc(len + 1), value[NAME_ADDR_PARAM_MAX], user[NAME_ADDR_USER_MAX];
		const char *p = text;
		struct name_addr v;
		unsigned steps = 0;
		bool tel;

		for (size_t i = 0; i < len; i++)
			text[i] = octets[rng_below(&rng, sizeof(octets) - 1)];
		text[len] = '\0';
		while (name_addr_next(&p, &v)) {
			assert_true(v.uri.at >= text && v.uri.at + v.uri.len <= text + len);
			assert_true(v.params.at >= text && v.params.at + v.params.len <= text + len);
			assert_true(p >= text && p <= text + len);
			assert_true(++steps <= len + 1);
			name_addr_user(v.uri, user, &tel);
			name_addr_param(v.params, "a", value);
			name_addr_param(name_addr_uri_params(v.uri), "a", value);
			name_addr_param(name_addr_uri_headers(v.uri), "a", value);
		}
		free(text);
	}
}
