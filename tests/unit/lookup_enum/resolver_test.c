/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The resolver with a server of our own on the same loop: what is answered, what is not any more, how
 * many questions wait, and that nothing is left behind. The resolver's time is ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/clock.h"
#include "gateway/lookup/enum/resolver.h"
#include "tests/unit/lookup_enum/lookup_enum_tests.h"

enum { GUARD_MS = 30000, TIMEOUT_MS = 300, RETRY_MS = 2000 };

static struct bed {
	uv_loop_t loop;
	uv_poll_t server;
	uv_timer_t guard;
	int fd;
	bool answers;	 /* the server does */
	unsigned heard;	 /* by the server */
	uint8_t last[512];
	struct sockaddr_storage peer;
	socklen_t peer_len;
	struct resolver *resolver;
	int64_t now_us;
	bool asking;
	unsigned answered;
	uint64_t question;
	struct plan_answer answer;
	char why[NAPTR_WHY];
} bed;

static int64_t now_us(void *arg)
{
	return bed.now_us;
}

static void on_answer(void *arg, uint64_t question, const struct plan_answer *answer,
		      const char *why)
{
	assert_false(bed.asking);
	bed.answered++;
	uv_stop(&bed.loop);
	bed.question = question;
	bed.answer = *answer;
	assert_int_equal(why != NULL, answer->kind == PLAN_ANSWER_FAILED);
	snprintf(bed.why, sizeof(bed.why), "%s", why ? why : "");
}

/* The question as it came, and one record. */
static void send_answer(void)
{
	static const char owner[] = "\xc0\x0c\0\x23\0\1\0\0\0\x3c\0",
			  data[] = "\0\1\0\1\1u\7E2U+sip\x10!.*!sip:+4930@b!"; /* and "." */
	size_t len = 12 + strlen((char *)bed.last + 12) + 5;
	uint8_t out[600];

	memcpy(out, bed.last, len);
	out[2] = 0x81;
	out[3] = 0x80;
	out[7] = 1;
	out[11] = 0; /* no EDNS */
	memcpy(out + len, owner, sizeof(owner) - 1);
	len += sizeof(owner) - 1;
	out[len++] = sizeof(data);
	memcpy(out + len, data, sizeof(data));
	len += sizeof(data);
	assert_true(sendto(bed.fd, out, len, 0, (struct sockaddr *)&bed.peer, bed.peer_len) > 0);
}

static void on_query(uv_poll_t *poll, int status, int events)
{
	ssize_t n;

	bed.peer_len = sizeof(bed.peer);
	n = recvfrom(bed.fd, bed.last, sizeof(bed.last), 0, (struct sockaddr *)&bed.peer,
		     &bed.peer_len);
	assert_true(n > 17);
	bed.heard++;
	uv_stop(&bed.loop);
	if (bed.answers)
		send_answer();
}

static void on_guard(uv_timer_t *timer)
{
	fail_msg("nothing happened for %d ms", GUARD_MS);
}

static void create(void)
{
	struct resolver_cfg cfg = {.loop = &bed.loop,
				   .server_count = 1,
				   .retry_ms = RETRY_MS,
				   .now_us = now_us,
				   .answered = on_answer};
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	char why[128];

	memset(&bed, 0, sizeof(bed));
	uv_loop_init(&bed.loop);
	net_addr_parse(&cfg.server[0], "127.0.0.1");
	bed.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	len = net_addr_to_sockaddr(&cfg.server[0], &at);
	assert_int_equal(bind(bed.fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(bed.fd, (struct sockaddr *)&at, &len), 0);
	net_addr_from_sockaddr(&cfg.server[0], (struct sockaddr *)&at);
	uv_poll_init(&bed.loop, &bed.server, bed.fd);
	uv_poll_start(&bed.server, UV_READABLE, on_query);
	uv_timer_init(&bed.loop, &bed.guard);
	uv_timer_start(&bed.guard, on_guard, GUARD_MS, 0);
	assert_int_equal(resolver_create(&bed.resolver, &cfg, why, sizeof(why)), 0);
}

/* Also while questions are open; nobody hears of them. */
static void destroy(void)
{
	unsigned before = bed.answered;

	resolver_destroy(bed.resolver);
	if (!uv_is_closing((uv_handle_t *)&bed.server))
		uv_close((uv_handle_t *)&bed.server, NULL);
	uv_close((uv_handle_t *)&bed.guard, NULL);
	uv_run(&bed.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bed.loop), 0);
	if (bed.fd >= 0)
		close(bed.fd);
	assert_int_equal(bed.answered, before);
}

static bool ask(uint64_t id, const char *domain)
{
	struct lookup_question q = {.id = id, .timeout_ms = TIMEOUT_MS, .number = "+4930"};
	bool asked;

	snprintf(q.where, sizeof(q.where), "%s", domain);
	bed.asking = true;
	asked = resolver_ask(bed.resolver, &q);
	bed.asking = false;
	return asked;
}

static void until(unsigned answered, unsigned heard)
{
	while (bed.answered < answered || bed.heard < heard)
		uv_run(&bed.loop, UV_RUN_DEFAULT);
}

void test_resolver_answers(void **state)
{
	struct lookup_server s;

	create();
	bed.answers = true;
	bed.now_us = 5000;
	assert_true(ask(77, "0.3.9.4.e.test"));
	until(1, 1);
	assert_int_equal(bed.question, 77);
	assert_int_equal(bed.answer.kind, PLAN_ANSWER_FOUND);
	assert_string_equal(bed.answer.called.digits, "4930");
	assert_true(resolver_server(bed.resolver, 0, &s));
	assert_int_equal(s.asked, 1);
	assert_int_equal(s.answered, 1);
	assert_int_equal(s.in_row, 0);
	assert_int_equal(s.answered_us, 5000);
	assert_false(resolver_server(bed.resolver, 1, &s));
	/* Each has given its place back. */
	for (unsigned i = 0; i < RESOLVER_QUESTIONS_MAX; i++) {
		assert_true(ask(i, "0.3.9.4.e.test"));
		until(i + 2, i + 2);
	}
	destroy();
}

/* An answer after the question's time goes nowhere, and its place is free again. */
void test_resolver_too_late(void **state)
{
	create();
	assert_true(ask(1, "0.3.9.4.e.test"));
	until(0, 1);
	bed.now_us = TIMEOUT_MS * US_PER_MS;
	send_answer();
	bed.answers = true;
	assert_true(ask(2, "1.3.9.4.e.test"));
	until(1, 2);
	assert_int_equal(bed.question, 2);
	assert_int_equal(bed.answered, 1);
	destroy();
}

void test_resolver_bounds(void **state)
{
	create();
	for (unsigned i = 0; i < RESOLVER_QUESTIONS_MAX; i++)
		assert_true(ask(i + 1, "0.3.9.4.e.test"));
	assert_false(ask(9999, "0.3.9.4.e.test"));
	until(0, 1);
	destroy();
}

/* c-ares knows at once; the answer comes later all the same. */
void test_resolver_bad_name(void **state)
{
	create();
	assert_true(ask(3, "0."
			   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.test"));
	assert_int_equal(bed.answered, 0);
	until(1, 0);
	assert_int_equal(bed.question, 3);
	assert_int_equal(bed.answer.kind, PLAN_ANSWER_FAILED);
	assert_non_null(strstr(bed.why, "127.0.0.1:"));
	destroy();
}

/* The port is closed: the machine says so, and nobody waits for the time to pass. */
void test_resolver_refused(void **state)
{
	create();
	uv_close((uv_handle_t *)&bed.server, NULL);
	uv_run(&bed.loop, UV_RUN_NOWAIT);
	close(bed.fd);
	bed.fd = -1;
	assert_true(ask(4, "0.3.9.4.e.test"));
	until(1, 0);
	assert_int_equal(bed.answer.kind, PLAN_ANSWER_FAILED);
	destroy();
}
