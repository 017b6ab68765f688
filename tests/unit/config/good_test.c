/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a right file means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"
#include "tests/unit/config/config_test.h"

static struct mistakes m;

static struct config *must_parse(const struct parts *p)
{
	struct config *c;
	const char *text = make_file(p);

	if (parse(&c, text, &m))
		fail_msg("%s\nin:\n%s", m.text[0], text);
	return c;
}

static struct config *load_example(const char *name)
{
	struct config *c = NULL;
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", getenv("CONFIG_EXAMPLES"), name);
	m.count = 0;
	if (config_load(&c, path, mistakes_add, &m))
		fail_msg("%s", m.text[0]);
	return c;
}

static void assert_addr(const struct net_addr *a, const char *text)
{
	char out[NET_ADDR_TEXT];

	assert_string_equal(net_addr_format(a, out), text);
}

static void defaults(void **state)
{
	struct config *c = must_parse(&(struct parts){0});
	const struct isdn_span_cfg *s = &c->span[0].isdn;
	const struct config_trunk *t = &c->trunk[0];

	assert_int_equal(c->span_count, 1);
	assert_int_equal(s->span, 1);
	assert_int_equal(s->side, ISDN_USER);
	assert_int_equal(s->dchannel_ts, 16);
	assert_int_equal(s->bchannels, 0xfffefffe);
	assert_int_equal(s->hunting, ISDN_HUNT_ASCENDING);
	assert_int_equal(s->ringback, CALL_RINGBACK_REMOTE);
	assert_int_equal(s->law, MEDIA_ALAW);
	assert_int_equal(s->timer_ms[ISDN_T309], 0);
	assert_int_equal(s->restart, ISDN_RESTART_START);
	assert_false(s->exclusive);
	assert_int_equal(c->span[0].driver, CONFIG_DRIVER_VIRTUAL);
	assert_string_equal(c->span[0].path, "/e1");
	assert_false(c->span[0].listen);
	assert_false(c->span[0].clock_master);
	assert_int_equal(c->span[0].line, 2);
	assert_int_equal(c->trunk_count, 1);
	assert_string_equal(t->sip.name, "t");
	assert_string_equal(t->sip.domain, "");
	assert_addr(&t->sip.bind, "127.0.0.1:5060");
	assert_int_equal(t->sip.advertise.family, 0);
	assert_addr(&t->rtp_bind, "127.0.0.1");
	assert_addr(&t->rtp_advertise, "127.0.0.1");
	assert_int_equal(t->codec_count, 2);
	assert_int_equal(t->codec[0], MEDIA_PCMA);
	assert_int_equal(t->codec[1], MEDIA_PCMU);
	assert_int_equal(t->ptime_ms, 20);
	assert_false(t->rtp_any_source);
	assert_int_equal(c->socket_count, 1);
	assert_int_equal(c->rtp_port_min, 16384);
	assert_int_equal(c->rtp_port_max, 32767);
	assert_int_equal(c->jb_min_ms, 20);
	assert_int_equal(c->jb_start_ms, 40);
	assert_int_equal(c->jb_max_ms, 200);
	assert_int_equal(c->calls_max, 76);
	assert_string_equal(c->control_path, "/run/spanbridge/control.sock");
	assert_string_equal(c->records_path, "");
	assert_string_equal(c->capture_path, "");
	assert_string_equal(c->log_path, "");
	assert_int_equal(c->log_level, LOG_INFO);
	assert_false(c->log_json);
	config_destroy(c);
}

static void spans(void **state)
{
	struct config *c = must_parse(&(struct parts){
	    .span = "  - span: 7\n    driver: virtual\n    listen: \"/a b\"\n    clock: master\n"
		    "    side: network\n    dchannel: 31\n    bchannels: 1-10,16,30\n"
		    "    hunting: ascending\n    ringback: never\n    exclusive: true\n"
		    "    restart: never\n    overlap: true\n    timers: {t309: 6, n316: 4}\n"
		    "  - {span: 2, driver: virtual, connect: /e2, side: network}\n"});
	const struct isdn_span_cfg *s = &c->span[0].isdn;

	assert_int_equal(s->side, ISDN_NETWORK);
	assert_int_equal(s->dchannel_ts, 31);
	assert_int_equal(s->bchannels, 0x7feU | 1U << 16 | 1U << 30);
	assert_int_equal(s->hunting, ISDN_HUNT_ASCENDING);
	assert_int_equal(s->ringback, CALL_RINGBACK_NEVER);
	assert_int_equal(s->timer_ms[ISDN_T309], 6000);
	assert_int_equal(s->timer_ms[ISDN_N316], 4);
	assert_int_equal(s->timer_ms[ISDN_T302], 0);
	assert_int_equal(s->restart, ISDN_RESTART_NEVER);
	assert_true(s->exclusive);
	assert_true(s->overlap);
	assert_false(c->span[1].isdn.overlap);
	assert_true(c->span[0].listen);
	assert_true(c->span[0].clock_master);
	assert_string_equal(c->span[0].path, "/a b");
	assert_int_equal(c->span[1].isdn.hunting, ISDN_HUNT_DESCENDING);
	assert_int_equal(c->span[1].isdn.ringback, CALL_RINGBACK_LOCAL);
	assert_int_equal(c->calls_max, 2 * 42 + 16);
	config_destroy(c);
}

static void trunks(void **state)
{
	struct config *c = must_parse(&(struct parts){
	    .trunk = "  - name: a\n    bind: 0.0.0.0:5070\n    advertise: 198.51.100.9\n"
		     "    local_networks: [10.0.0.0/8, 192.168.1.7]\n    peer: 192.0.2.1\n"
		     "    sources:\n      - 192.0.2.0/28\n    domain: sip.example\n"
		     "    codecs: [PCMU]\n    ptime: 20\n    rtp_any_source: true\n"
		     "  - {name: b, bind: \"[::1]\", peer: \"[2001:db8::1]:5080\"}\n"
		     "  - {name: c, bind: \"0.0.0.0:5070\", advertise: 198.51.100.9, "
		     "peer: 192.0.2.99, sources: [192.0.2.0/24], rtp_bind: 10.0.0.1}\n"
		     "  - {name: d, bind: 10.0.0.1:5090, peer: 192.0.2.98, rtp_bind: 0.0.0.0, "
		     "rtp_advertise: 198.51.100.8}\n",
	    .plan = "  - {name: x, to: \"trunk:b\"}\n"});
	const struct config_trunk *t = c->trunk;

	assert_int_equal(c->trunk_count, 4);
	assert_int_equal(c->socket_count, 3);
	assert_int_equal(t[0].sip.socket, t[2].sip.socket);
	assert_addr(&c->socket[0], "0.0.0.0:5070");
	assert_addr(&c->socket[1], "[::1]:5060");
	assert_addr(&t[0].sip.peer, "192.0.2.1:5060");
	assert_addr(&t[0].sip.advertise, "198.51.100.9");
	assert_int_equal(t[0].sip.local_network_count, 2);
	assert_int_equal(t[0].sip.local_network[1].bits, 32);
	assert_int_equal(t[0].sip.source_count, 1);
	assert_int_equal(t[0].sip.source[0].bits, 28);
	assert_string_equal(t[0].sip.domain, "sip.example");
	assert_int_equal(t[0].codec_count, 1);
	assert_int_equal(t[0].codec[0], MEDIA_PCMU);
	assert_true(t[0].rtp_any_source);
	assert_addr(&t[0].rtp_bind, "0.0.0.0");
	assert_addr(&t[0].rtp_advertise, "198.51.100.9");
	assert_addr(&t[2].rtp_bind, "10.0.0.1"); /* an address of its own is what SDP says */
	assert_addr(&t[2].rtp_advertise, "10.0.0.1");
	assert_addr(&t[3].rtp_bind, "0.0.0.0");
	assert_addr(&t[3].rtp_advertise, "198.51.100.8");
	config_destroy(c);
}

/* The plan is asked as the core will ask it. */
static void route(const struct config *c, const struct call_setup *s, struct call_route *r)
{
	static const struct plan_env env = {.random = 1};

	plan_decide(c->plan, s, &env, r);
}

static void digits_stay_digits(void **state)
{
	struct config *c = must_parse(&(struct parts){
	    .plan = "  - name: long\n    from: span:1\n    prefix: 0086\n    strip: 4\n"
		    "    prepend: 0100\n    set_ton: national\n    set_npi: e164\n"
		    "    to: trunk:t\n"
		    "  - {name: in, from: \"trunk:t\", prefix: \"*#\", to: \"span:1\"}\n"
		    "  - {name: intl, from: any, ton: international, to: \"span:1\"}\n"});
	struct call_setup s = {.source = {CALL_EP_SPAN, 1},
			       .called = {.present = true, .digits = "008612345"}};
	struct call_route r;

	route(c, &s, &r);
	assert_int_equal(r.cause.value, 0);
	assert_string_equal(r.rule, "long");
	assert_int_equal(r.line, 6);
	assert_string_equal(r.way[0].called.digits, "010012345");
	assert_int_equal(r.way[0].called.ton, CALL_TON_NATIONAL);
	assert_int_equal(r.way[0].called.npi, CALL_NPI_E164);
	assert_int_equal(r.way[0].to.kind, CALL_EP_TRUNK);
	assert_int_equal(r.way[0].to.index, 0);
	s = (struct call_setup){.source = {CALL_EP_TRUNK, 0},
				.called = {.present = true, .digits = "*#21"}};
	route(c, &s, &r);
	assert_int_equal(r.cause.value, 0);
	assert_int_equal(r.way[0].to.kind, CALL_EP_SPAN);
	assert_int_equal(r.way[0].to.index, 1);
	s.called =
	    (struct call_number){.present = true, .ton = CALL_TON_INTERNATIONAL, .digits = "49"};
	route(c, &s, &r);
	assert_int_equal(r.cause.value, 0);
	assert_string_equal(r.rule, "intl");
	config_destroy(c);
}

/* Rules as long as they get when written out; heap. */
static char *many_rules(unsigned count)
{
	struct strbuf b;
	char *text = malloc(CONFIG_FILE_MAX + 1);

	assert_non_null(text);
	strbuf_init(&b, text, CONFIG_FILE_MAX + 1);
	strbuf_addf(&b, "spans:\n  - {span: 1, driver: virtual, connect: /e, side: user}\n"
			"trunks:\n  - {name: a, bind: 127.0.0.1, peer: 127.0.0.2}\n"
			"  - {name: b, bind: 127.0.0.1, peer: 127.0.0.3}\nplan:\n");
	for (unsigned i = 0; i < count; i++)
		strbuf_addf(&b,
			    "  - name: rule-%05u\n    from: [\"span:1\"]\n"
			    "    match:\n      called: {prefix: \"0%05u\"}\n"
			    "      calling: {presentation: [allowed]}\n"
			    "      bearer: [speech, audio]\n"
			    "    set:\n      called: {strip: 1, prepend: \"49\"}\n"
			    "    targets:\n      - {to: \"trunk:a\", priority: 1, weight: 70}\n"
			    "      - {to: \"trunk:b\", priority: 2, cost: 0.02}\n",
			    i, i);
	assert_false(b.truncated);
	return text;
}

/* As many rules as the schema allows, none of them in short: all are there, and one more is told. */
static void ten_thousand_long_rules(void **state)
{
	struct call_setup s = {.source = {CALL_EP_SPAN, 1},
			       .called = {.present = true, .digits = "009999123"},
			       .calling = {.present = true, .digits = "30"}};
	struct config *c = NULL;
	struct call_route r;
	char *text = many_rules(10000);

	(void)state;
	assert_int_equal(parse(&c, text, &m), 0);
	free(text);
	assert_int_equal(plan_rule_count(c->plan), 10000);
	route(c, &s, &r);
	assert_string_equal(r.rule, "rule-09999");
	assert_string_equal(r.way[0].called.digits, "4909999123");
	assert_int_equal(r.count, 2);
	config_destroy(c);
	text = many_rules(10001);
	assert_int_equal(parse(&c, text, &m), 1);
	assert_non_null(strstr(m.text[0], "plan has 10001 entries; it takes 1 to 10000"));
	free(text);
}

static void the_rest(void **state)
{
	struct config *c = must_parse(&(struct parts){
	    .rest = "rtp:\n  ports: 20000-20123\n  jitter_buffer: {min_ms: 10, start_ms: 10, "
		    "max_ms: 80}\nlimits: {calls: 58}\ncontrol: {socket: c.sock}\n"
		    "records: {file: r.jsonl}\ncapture: {file: c.pcapng}\n"
		    "log: {level: debug, format: json, file: l}\n"});

	assert_int_equal(c->rtp_port_min, 20000);
	assert_int_equal(c->rtp_port_max, 20123);
	assert_int_equal(c->jb_min_ms, 10);
	assert_int_equal(c->jb_max_ms, 80);
	assert_int_equal(c->calls_max, 58); /* and 4 emergency calls: all ports */
	assert_string_equal(c->control_path, "c.sock");
	assert_string_equal(c->records_path, "r.jsonl");
	assert_string_equal(c->capture_path, "c.pcapng");
	assert_string_equal(c->log_path, "l");
	assert_int_equal(c->log_level, LOG_DEBUG);
	assert_true(c->log_json);
	config_destroy(c);
}

/* Few ports bound the calls by themselves, less 4 for emergency calls; nobody has to do that sum. */
static void few_ports_bound_the_calls(void **state)
{
	struct config *c = must_parse(&(struct parts){.rest = "rtp: {ports: 20000-20079}\n"});

	assert_int_equal(c->calls_max, 36);
	config_destroy(c);
}

static void forms_of_yaml(void **state)
{
	static const char *const text[] = {
	    "---\nspans: [{span: 1, driver: virtual, connect: /e, side: user}]\n"
	    "trunks: [{name: t, bind: '127.0.0.1', peer: 127.0.0.2}]\n"
	    "plan: [{name: o, to: 'trunk:t'}]\n...\n",
	    "\xef\xbb\xbfspans:\r\n- {span: 1, driver: virtual, connect: /e, side: user}\r\n"
	    "trunks:\r\n- {name: t, bind: 127.0.0.1, peer: 127.0.0.2}\r\n"
	    "plan:\r\n- {name: o, prefix: \"\", to: 'trunk:t'}\r\n",
	    "# \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n"
	    "{spans: [{span: '1', driver: \"virtual\", connect: \"/\xc3\xa4\", side: user}],\n"
	    "trunks: [{name: t, bind: 127.0.0.1, peer: 127.0.0.2}], plan: [{name: o, to: "
	    "'trunk:t'}]}",
	};
	struct config *c;

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		if (parse(&c, text[i], &m))
			fail_msg("%zu: %s", i, m.text[0]);
		config_destroy(c);
	}
}

static void the_examples_load(void **state)
{
	struct config *c = load_example("pbx-to-sip-provider.yaml");
	struct call_setup s = {.source = {CALL_EP_SPAN, 1},
			       .called = {.present = true, .digits = "00442079460000"}};
	struct call_route r;

	assert_int_equal(c->span[0].isdn.side, ISDN_NETWORK);
	assert_true(c->span[0].clock_master);
	route(c, &s, &r);
	assert_int_equal(r.cause.value, 0);
	assert_string_equal(r.way[0].called.digits, "442079460000");
	assert_int_equal(r.way[0].called.ton, CALL_TON_INTERNATIONAL);
	s = (struct call_setup){.source = {CALL_EP_SPAN, 1},
				.called = {.present = true, .digits = "0301234567"}};
	route(c, &s, &r);
	assert_int_equal(r.cause.value, 0);
	assert_string_equal(r.way[0].called.digits, "49301234567");
	s = (struct call_setup){
	    .source = {CALL_EP_TRUNK, 0},
	    .called = {.present = true, .ton = CALL_TON_INTERNATIONAL, .digits = "4930555142"}};
	route(c, &s, &r);
	assert_int_equal(r.cause.value, CAUSE_NO_ROUTE);
	str_copy(s.called.digits, sizeof(s.called.digits), "4930555042");
	route(c, &s, &r);
	assert_int_equal(r.cause.value, 0);
	assert_string_equal(r.way[0].called.digits, "42");
	config_destroy(c);
	c = load_example("ip-pbx-to-e1.yaml");
	assert_int_equal(c->span_count, 2);
	assert_int_equal(c->span[1].isdn.bchannels, 0x7fe);
	assert_int_equal(c->calls_max, 50);
	config_destroy(c);
	c = load_example("e1-card-to-sip-provider.yaml");
	assert_int_equal(c->span[1].driver, CONFIG_DRIVER_DAHDI);
	assert_int_equal(c->span[1].dahdi.dahdi_span, 2);
	assert_int_equal(c->span[1].dahdi.bchannels, ~0x10001u);
	assert_int_equal(c->span[1].dahdi.buffers, 2);
	config_destroy(c);
	c = load_example("lab.yaml");
	assert_int_equal(c->socket_count, 2);
	assert_int_equal(c->log_level, LOG_DEBUG);
	config_destroy(c);
}

static void the_keys_are_printed(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	config_print_keys(f);
	fclose(f);
	assert_non_null(strstr(text, "ringback"));
	assert_non_null(strstr(text, "start_ms"));
	assert_null(strstr(text, "(null)"));
	free(text);
}

static void what_is_no_file_is_told(void **state)
{
	char name[] = "/tmp/config-test-XXXXXX", path[64];
	struct config *c = NULL;
	FILE *f;

	assert_non_null(mkdtemp(name));
	m.count = 0;
	assert_int_equal(config_load(&c, name, mistakes_add, &m), 1);
	assert_non_null(strstr(m.text[0], "not a regular file"));
	snprintf(path, sizeof(path), "%s/f", name);
	m.count = 0;
	assert_int_equal(config_load(&c, path, mistakes_add, &m), 1);
	assert_non_null(strstr(m.text[0], "No such file"));
	assert_int_equal(mkfifo(path, 0600), 0);
	m.count = 0;
	assert_int_equal(config_load(&c, path, mistakes_add, &m), 1);
	unlink(path);
	f = fopen(path, "w");
	for (int i = 0; i < (CONFIG_FILE_MAX >> 6) + 1; i++)
		fprintf(f, "# %061d\n", i);
	fclose(f);
	m.count = 0;
	assert_int_equal(config_load(&c, path, mistakes_add, &m), 1);
	assert_non_null(strstr(m.text[0], "longer than 4194304 octets"));
	unlink(path);
	rmdir(name);
	assert_null(c);
	config_destroy(NULL);
}

const struct CMUnitTest good_tests[] = {
    cmocka_unit_test(defaults),
    cmocka_unit_test(spans),
    cmocka_unit_test(trunks),
    cmocka_unit_test(digits_stay_digits),
    cmocka_unit_test(the_rest),
    cmocka_unit_test(few_ports_bound_the_calls),
    cmocka_unit_test(ten_thousand_long_rules),
    cmocka_unit_test(forms_of_yaml),
    cmocka_unit_test(the_examples_load),
    cmocka_unit_test(the_keys_are_printed),
    cmocka_unit_test(what_is_no_file_is_told),
};
const size_t good_test_count = sizeof(good_tests) / sizeof(good_tests[0]);
