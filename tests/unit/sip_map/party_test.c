/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers that name people: lists of name-addr, their parameters, and what is none of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/rng.h"
#include "src/sip_map/sip_party.h"
#include "src/sip_map/trunk/name_addr.h"
#include "src/sip_map/trunk/redirect.h"
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

/* ── Diversion and History-Info ── */

static void read_headers(struct call_setup *setup, enum sip_redirecting how, const char *diversion,
			 const char *history)
{
	static struct guard_msg g;
	static char texts[2][GUARD_HEAD_MAX];
	struct sip_trunk_cfg t = {.redirecting = how};

	g.header_count = 0;
	*setup = (struct call_setup){.bearer = CALL_BEARER_SPEECH};
	if (diversion) {
		snprintf(texts[0], sizeof(texts[0]), "%s", diversion);
		g.header[g.header_count++] = (struct guard_header){GUARD_DIVERSION, texts[0]};
	}
	if (history) {
		snprintf(texts[1], sizeof(texts[1]), "%s", history);
		g.header[g.header_count++] = (struct guard_header){GUARD_HISTORY_INFO, texts[1]};
	}
	trunk_redirect_parse(setup, &g, &t);
}

/* Each reason goes out and comes back by either header, with number, privacy and count. */
void test_redirect_story(void **state)
{
	static const uint8_t reasons[] = {CALL_REDIRECT_UNKNOWN,  CALL_REDIRECT_BUSY,
					  CALL_REDIRECT_NO_REPLY, CALL_REDIRECT_DEFLECTED,
					  CALL_REDIRECT_ALWAYS,	  CALL_REDIRECT_OUT_OF_ORDER};
	static const unsigned counts[] = {1, 2, 5};
	struct net_addr local;
	char text[4096];
	struct strbuf b;

	(void)state;
	net_addr_parse(&local, "192.0.2.1:5060");
	for (unsigned i = 0; i < 6 * 3 * 2 * 2; i++) {
		bool history = i & 1, restricted = i & 2;
		struct sip_trunk_cfg t = {.redirecting = history ? SIP_REDIRECTING_HISTORY_INFO
								 : SIP_REDIRECTING_DIVERSION};
		struct call_setup s = {.called = {.present = true, .digits = "1"},
				       .redirecting = {.present = true,
						       .ton = CALL_TON_INTERNATIONAL,
						       .digits = "4930*1#"}},
				  back;
		char *value;

		s.redirecting.presentation = restricted ? CALL_PRES_RESTRICTED : CALL_PRES_ALLOWED;
		s.redirect_reason = reasons[i / 4 % 6];
		s.redirect_count = (uint8_t)counts[i / 24];
		strbuf_init(&b, text, sizeof(text));
		sip_party_redirecting(&b, &t, &local, &s);
		assert_false(b.truncated);
		value = strstr(text, ": ") + 2;
		value[strcspn(value, "\r")] = '\0';
		read_headers(&back, t.redirecting, history ? NULL : value, history ? value : NULL);
		assert_string_equal(back.redirecting.digits, "4930*1#");
		assert_int_equal(back.redirecting.ton, CALL_TON_INTERNATIONAL);
		assert_int_equal(back.redirecting.presentation, s.redirecting.presentation);
		assert_int_equal(back.redirect_reason, s.redirect_reason);
		assert_int_equal(back.redirect_count, s.redirect_count);
	}
}

/* A story without end is read for 20 entries, and counters do not run over. */
void test_redirect_bounded(void **state)
{
	char text[GUARD_HEAD_MAX];
	struct call_setup s;
	struct strbuf b;

	(void)state;
	strbuf_init(&b, text, sizeof(text));
	for (unsigned i = 0; i < 500; i++)
		strbuf_addf(&b, "<sip:%u@h;cause=486>, ", i + 1);
	read_headers(&s, SIP_REDIRECTING_HISTORY_INFO, NULL, text);
	assert_int_equal(s.redirect_count, REDIRECT_ENTRIES_MAX - 1);
	assert_string_equal(s.redirecting.digits, "19");
	read_headers(&s, SIP_REDIRECTING_DIVERSION, text, NULL);
	assert_int_equal(s.redirect_count, REDIRECT_ENTRIES_MAX);
	assert_string_equal(s.redirecting.digits, "1");
	read_headers(&s, SIP_REDIRECTING_DIVERSION,
		     "<sip:1@h>;counter=99999999999999999999, <sip:2@h>;counter=-1", NULL);
	assert_int_equal(s.redirect_count, UINT8_MAX);
	read_headers(&s, SIP_REDIRECTING_DIVERSION, "<sip:123456789012345678901234567890123@h>", NULL);
	assert_false(s.redirecting.present);
}
