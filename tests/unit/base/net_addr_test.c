/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/base/base_tests.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "gateway/base/net_addr.h"

static const struct {
	const char *text, *format, *host; /* format NULL: refused */
	unsigned family, port;
} addresses[] = {
    {"192.0.2.1", "192.0.2.1", "192.0.2.1", 4, 0},
    {"192.0.2.1:5060", "192.0.2.1:5060", "192.0.2.1", 4, 5060},
    {"0.0.0.0:65535", "0.0.0.0:65535", "0.0.0.0", 4, 65535},
    {"2001:db8::1", "2001:db8::1", "2001:db8::1", 6, 0},
    {"[2001:db8::1]", "2001:db8::1", "2001:db8::1", 6, 0},
    {"[2001:DB8:0::1]:5060", "[2001:db8::1]:5060", "2001:db8::1", 6, 5060},
    {"::", "::", "::", 6, 0},
    {"[::]:1", "[::]:1", "::", 6, 1},
    {"[1111:2222:3333:4444:5555:6666:255.255.255.255]:65535",
     "[1111:2222:3333:4444:5555:6666:ffff:ffff]:65535", "1111:2222:3333:4444:5555:6666:ffff:ffff",
     6, 65535},
    /* An IPv4 node, however it is written */
    {"::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1", 4, 0},
    {"[::ffff:192.0.2.1]:5060", "192.0.2.1:5060", "192.0.2.1", 4, 5060},
    {"", NULL},
    {":5060", NULL},
    {"192.0.2", NULL},
    {"192.0.2.256", NULL},
    {"192.0.2.1:", NULL},
    {"192.0.2.1:0", NULL},
    {"192.0.2.1:65536", NULL},
    {"192.0.2.1:99999999999999999999", NULL},
    {"192.0.2.1:-1", NULL},
    {"192.0.2.1:+5", NULL},
    {"192.0.2.1: 5", NULL},
    {"192.0.2.1:5060x", NULL},
    {" 192.0.2.1", NULL},
    {"192.0.2.1 ", NULL},
    {"[192.0.2.1]:5060", NULL},
    {"[2001:db8::1", NULL},
    {"[2001:db8::1]5060", NULL},
    {"[2001:db8::1]:", NULL},
    {"2001:db8::1]:5060", NULL},
    {"[]:5060", NULL},
    {"2001:db8::g", NULL},
    {"sip.example.org", NULL},
    {"[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]", NULL},
};

void test_net_addr_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct net_addr a, before;
		char text[NET_ADDR_TEXT];
		int err;

		memset(&a, 0x5a, sizeof(a));
		before = a;
		err = net_addr_parse(&a, addresses[i].text);
		assert_int_equal(err, addresses[i].format ? 0 : -EINVAL);
		if (err) { /* nothing half */
			assert_memory_equal(&a, &before, sizeof(a));
			continue;
		}
		assert_int_equal(a.family, addresses[i].family);
		assert_int_equal(a.port, addresses[i].port);
		assert_string_equal(net_addr_format(&a, text), addresses[i].format);
		assert_int_equal(net_addr_parse(&before, text), 0); /* and back */
		assert_true(net_addr_equal(&a, &before));
		assert_string_equal(net_addr_format_host(&a, text), addresses[i].host);
	}
}

void test_net_addr_equality(void **state)
{
	struct net_addr a, b, none = {0};
	char text[NET_ADDR_TEXT];

	(void)state;
	net_addr_parse(&a, "192.0.2.1:5060");
	net_addr_parse(&b, "192.0.2.1:5061");
	assert_false(net_addr_equal(&a, &b));
	assert_true(net_addr_same_host(&a, &b));
	net_addr_parse(&b, "192.0.2.2:5060");
	assert_false(net_addr_same_host(&a, &b));
	net_addr_parse(&b, "c000:201::"); /* the same first octets, another family */
	assert_false(net_addr_same_host(&a, &b));
	assert_false(net_addr_is_any(&a));
	net_addr_parse(&a, "0.0.0.0:5");
	assert_true(net_addr_is_any(&a));
	net_addr_parse(&a, "::");
	assert_true(net_addr_is_any(&a));
	assert_string_equal(net_addr_format(&none, text), "none");
}

void test_net_addr_sockaddr(void **state)
{
	static const char *const row[] = {"192.0.2.1:5060", "[2001:db8::1]:5061", "0.0.0.0", "::"};
	struct sockaddr_storage ss;
	struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = htons(7)};
	struct sockaddr_in6 local = {.sin6_family = AF_INET6, .sin6_scope_id = 3};
	struct net_addr a, b;
	char text[NET_ADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		net_addr_parse(&a, row[i]);
		assert_int_equal(net_addr_to_sockaddr(&a, &ss), a.family == 4
								    ? sizeof(struct sockaddr_in)
								    : sizeof(struct sockaddr_in6));
		net_addr_from_sockaddr(&b, (struct sockaddr *)&ss);
		assert_true(net_addr_equal(&a, &b));
	}
	inet_pton(AF_INET6, "::ffff:192.0.2.9", &mapped.sin6_addr);
	net_addr_from_sockaddr(&a, (struct sockaddr *)&mapped);
	assert_string_equal(net_addr_format(&a, text), "192.0.2.9:7");
	inet_pton(AF_INET6, "fe80::1", &local.sin6_addr);
	net_addr_from_sockaddr(&a, (struct sockaddr *)&local);
	assert_int_equal(a.scope, 3);
	local.sin6_scope_id = 4; /* the same address on another link is another host */
	net_addr_from_sockaddr(&b, (struct sockaddr *)&local);
	assert_false(net_addr_same_host(&a, &b));
	ss.ss_family = AF_UNIX;
	net_addr_from_sockaddr(&a, (struct sockaddr *)&ss);
	assert_int_equal(a.family, 0);
}

void test_net_prefix(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool holds;
	} row[] = {
	    {"192.0.2.0/24", "192.0.2.255:5060", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.7/24", "192.0.2.9", true}, /* host bits do not matter */
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.128/25", "192.0.2.128", true},
	    {"192.0.2.4/30", "192.0.2.8", false},
	    {"192.0.2.4/30", "192.0.2.7", true},
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.0", false},
	    {"192.0.2.1/32", "192.0.2.1", true},
	    {"0.0.0.0/0", "255.1.2.3", true},
	    {"0.0.0.0/0", "::1", false},
	    {"2001:db8::/32", "2001:db8:ffff::1", true},
	    {"2001:db8::/32", "2001:db9::", false},
	    {"2001:db8::/127", "2001:db8::1", true},
	    {"2001:db8::/127", "2001:db8::2", false},
	    {"2001:db8::1/128", "2001:db8::1", true},
	    {"::/0", "2001:db8::1", true},
	    {"::/0", "192.0.2.1", false},
	    {"::ffff:192.0.2.0/120", "192.0.2.200", true},
	    {"::ffff:192.0.2.0/120", "192.0.3.1", false},
	};
	static const char *const bad[] = {
	    "",		  "192.0.2.0/",	  "192.0.2.0/33",	 "192.0.2.0/-1", "192.0.2.0/x",
	    "2001::/129", "192.0.2.0/8x", "192.0.2.0/ 8",	 "name/8",	 "192.0.2.0:80/24",
	    "[::1]/128",  "/8",		  "::ffff:192.0.2.0/40",
	};
	struct net_prefix p;
	struct net_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(net_prefix_parse(&p, row[i].prefix), 0);
		assert_int_equal(net_addr_parse(&a, row[i].addr), 0);
		assert_int_equal(net_prefix_holds(&p, &a), row[i].holds);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(net_prefix_parse(&p, bad[i]), -EINVAL);
}
