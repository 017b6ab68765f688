/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control server over a real UNIX socket; loop and clients in one thread, turn by turn. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/mgmt/control_server.h"
#include "tests/unit/mgmt/fake_view.h"
#include "tests/unit/mgmt/mgmt_test.h"

static struct fake_core core;
static uv_loop_t loop;
static struct control_server *server;
static char dir[64], path[100], why[320];

static int set_up(void **state)
{
	fake_core_init(&core);
	uv_loop_init(&loop);
	make_directory(dir);
	snprintf(path, sizeof(path), "%s/control.sock", dir);
	assert_int_equal(control_server_create(&server, &loop, path, &core.view, why, sizeof(why)),
			 0);
	return 0;
}

static int tear_down(void **state)
{
	control_server_destroy(server);
	server = NULL;
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	fake_core_fini(&core);
	remove_directory(dir);
	return 0;
}

static void turn(void)
{
	for (int i = 0; i < 5; i++)
		uv_run(&loop, UV_RUN_NOWAIT);
}

static int dial(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(addr.sun_path, path, sizeof(path));
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	turn();
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	turn();
}

/* The next line, without its end; turns the loop until it is there. NULL: closed or nothing. */
static char *hear(int fd)
{
	static char line[1 << 20];
	size_t n = 0;

	for (int idle = 0; idle < 100 && n < sizeof(line) - 65537;) {
		ssize_t got = recv(fd, line + n, 65536, MSG_PEEK);
		char *end = got > 0 ? memchr(line + n, '\n', (size_t)got) : NULL;

		if (got == 0)
			return NULL;
		if (got < 0) {
			turn();
			idle++;
			continue;
		}
		if (end) /* leave what follows in the socket */
			got = end + 1 - (line + n);
		assert_int_equal(read(fd, line + n, (size_t)got), got);
		n += (size_t)got;
		if (end) {
			*end = '\0';
			return line;
		}
	}
	return NULL;
}

static void expect(int fd, const char *part)
{
	char *line = hear(fd);

	if (!line || !strstr(line, part))
		fail_msg("expected %s, got %s", part, line ? line : "nothing");
}

static void questions_and_answers(void **state)
{
	struct stat st;
	int fd = dial();

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	say(fd, "{\"id\":1,\"cmd\":\"help\"}\n");
	expect(fd, "{\"id\":1,\"ok\":true");
	say(fd, "{\"id\":2,\"cm");
	say(fd, "d\":\"status\"}\r\n\n\r\n{\"id\":3,\"cmd\":\"spans\"}\n{\"id\":4");
	expect(fd, "{\"id\":2,\"ok\":true");
	expect(fd, "{\"id\":3,\"ok\":true");
	say(fd, "}\ngarbage\n");
	expect(fd, "{\"id\":4,\"ok\":false,\"error\":\"no command");
	expect(fd, "not JSON");
	assert_int_equal(control_server_counters(server)->requests, 5);
	close(fd);
	turn();
	assert_int_equal(control_server_counters(server)->clients, 0);
}

static void a_line_without_end_is_cut_off(void **state)
{
	static char junk[CONTROL_LINE_MAX + 1];
	int fd = dial(), other = dial();
	size_t sent = 0;

	memset(junk, 'x', sizeof(junk));
	while (sent < sizeof(junk)) {
		ssize_t n = write(fd, junk + sent, sizeof(junk) - sent);

		sent += n > 0 ? (size_t)n : 0;
		turn();
	}
	expect(fd, "longer than 65536");
	assert_null(hear(fd));
	assert_int_equal(control_server_counters(server)->too_long, 1);
	say(other, "{\"id\":1,\"cmd\":\"help\"}\n");
	expect(other, "\"ok\":true");
	close(fd);
	close(other);
}

static void events_arrive(void **state)
{
	int fd = dial();

	fake_core_log(&core, 3, LOG_INFO);
	say(fd, "{\"id\":1,\"cmd\":\"subscribe\",\"from\":2,\"level\":\"warn\"}\n");
	expect(fd, "\"from\":2");
	fake_core_log(&core, 1, LOG_WARN);
	fake_core_log(&core, 1, LOG_INFO);
	fake_core_log(&core, 1, LOG_ERROR);
	control_server_turn(server);
	expect(fd, "\"number\":4}");
	expect(fd, "\"number\":6}");
	say(fd, "{\"id\":2,\"cmd\":\"help\"}\n"); /* it may still ask */
	expect(fd, "\"id\":2");
	close(fd);
	turn();
	fake_core_log(&core, 1, LOG_ERROR);
	control_server_turn(server);
}

/* Nobody reads: memory stays bounded, the reader learns how many events it missed. */
static void questions_find_their_program(void **state)
{
	struct lookup_question q = {.id = 0x2f, .where = "lnp", .number = "+4930123",
				    .calling = "115", .timeout_ms = 300};
	uint32_t asked, named;
	int fd, other;

	assert_int_equal(control_server_ask(server, &q), 0); /* nobody is there */
	other = dial();
	say(other, "{\"cmd\":\"lookup-subscribe\",\"services\":[\"cnam\"]}\n");
	expect(other, "\"ok\":true");
	assert_int_equal(control_server_ask(server, &q), 0); /* not that one's */
	fd = dial();
	say(fd, "{\"cmd\":\"lookup-subscribe\",\"services\":[\"x\",\"lnp\"]}\n");
	expect(fd, "\"ok\":true");
	asked = control_server_ask(server, &q);
	assert_int_not_equal(asked, 0);
	expect(fd, "{\"lookup\":{\"id\":\"2f\",\"service\":\"lnp\",\"number\":\"+4930123\","
		   "\"calling\":\"115\",\"timeout_ms\":300}}");
	say(fd, "{\"cmd\":\"lookup-answer\",\"lookup\":\"2f\",\"found\":false}\n");
	expect(fd, "\"ok\":true");
	assert_int_equal(core.answered, 0x2f);
	/* It reads no more: bounded, and the core is told. */
	for (unsigned i = 0; control_server_ask(server, &q); i++)
		assert_true(i < 100000);
	assert_int_equal(core.lost, 0);
	close(fd);
	turn();
	assert_int_equal(core.lost, asked); /* whoever waits for it need not any more */
	assert_int_equal(control_server_ask(server, &q), 0);
	memcpy(q.where, "cnam", sizeof("cnam"));
	named = control_server_ask(server, &q);
	assert_true(named != 0 && named != asked);
	fd = dial();
	close(fd); /* it was never asked anything */
	turn();
	assert_int_equal(core.lost, asked);
	close(other);
	turn();
	assert_int_equal(core.lost, named);
}

static void a_slow_subscriber_is_told(void **state)
{
	int fd = dial();
	uint64_t seen = 0, lost = 0, expected = 1;
	char *line;

	say(fd, "{\"id\":1,\"cmd\":\"subscribe\"}\n");
	for (int i = 0; i < 200; i++) {
		fake_core_log(&core, 100, LOG_INFO);
		control_server_turn(server);
		turn();
	}
	expect(fd, "\"ok\":true");
	while ((line = hear(fd))) {
		json_t *o = json_loads(line, 0, NULL), *event = json_object_get(o, "event");

		assert_non_null(o);
		if (event) {
			assert_int_equal(json_integer_value(json_object_get(event, "number")),
					 expected);
			expected++;
			seen++;
		} else {
			json_int_t n = json_integer_value(json_object_get(o, "lost"));

			assert_true(n > 0);
			lost += (uint64_t)n;
			expected += (uint64_t)n;
		}
		json_decref(o);
	}
	assert_int_equal(seen + lost, 20000);
	assert_true(lost > 5000);
	assert_int_equal(control_server_counters(server)->events_lost, lost);
	fake_core_log(&core, 1, LOG_INFO);
	control_server_turn(server);
	expect(fd, "\"number\":20001}");
	close(fd);
}

/* The same for messages. */
static void a_slow_tracer_is_told(void **state)
{
	uint64_t seen = 0, lost = 0, expected = 1;
	int fd = dial(), other = dial();
	char *line;

	say(fd, "{\"id\":1,\"cmd\":\"trace\",\"raw\":true}\n");
	for (int i = 0; i < 200; i++) {
		fake_core_messages(&core, 96);
		control_server_turn(server);
		turn();
	}
	expect(fd, "\"ok\":true");
	while ((line = hear(fd))) {
		json_t *o = json_loads(line, 0, NULL), *row = json_object_get(o, "trace");
		json_int_t n = json_integer_value(json_object_get(o, "lost"));

		assert_non_null(o);
		assert_true(row ? n == 0 : n > 0);
		if (row)
			assert_int_equal(json_integer_value(json_object_get(row, "number")),
					 expected);
		seen += row != NULL;
		lost += (uint64_t)n;
		expected += row ? 1 : (uint64_t)n;
		json_decref(o);
	}
	assert_int_equal(seen + lost, 20000);
	assert_true(lost > 5000);
	assert_int_equal(control_server_counters(server)->events_lost, lost);
	say(other, "{\"id\":1,\"cmd\":\"trace\",\"call\":\"1a2b\"}\n");
	expect(other, "\"from\":20001");
	fake_core_messages(&core, 1);
	control_server_turn(server);
	expect(other, "\"words\":\"SETUP cref=5 (from originator) Bearer: speech, A-law\",\"number\":20001}");
	expect(other, "\"words\":\"INVITE sip:1@192.0.2.7 SIP/2.0\",\"number\":20003}");
	expect(other, "180 Ringing");
	close(fd);
	close(other);
}

/* Asks and asks and never reads: its requests wait in its own socket. */
static void a_client_that_never_reads_is_bounded(void **state)
{
	static const char ask[] = "{\"cmd\":\"calls\"}\n";
	int fd = dial(), other = dial();
	uint64_t requests;
	unsigned refused = 0;

	core.call_count = 100;
	while (refused < 50) {
		refused = write(fd, ask, sizeof(ask) - 1) < 0 ? refused + 1 : 0;
		turn();
	}
	requests = control_server_counters(server)->requests;
	assert_in_range(requests, 1, 100);
	say(other, "{\"cmd\":\"help\"}\n");
	expect(other, "\"ok\":true");
	for (int i = 0; i < 20; i++) /* it reads at last, and gets everything it asked for */
		expect(fd, "\"rows\"");
	assert_true(control_server_counters(server)->requests > requests);
	close(fd);
	close(other);
}

/* Asks much in one breath: it gets no more at once than it can leave unread. */
static void a_burst_of_requests_is_bounded(void **state)
{
	static char burst[200 * 16];
	int fd = dial();

	core.call_count = 100;
	for (size_t i = 0; i < sizeof(burst); i += 16)
		memcpy(burst + i, "{\"cmd\":\"calls\"}\n", 16);
	assert_int_equal(write(fd, burst, sizeof(burst)), sizeof(burst));
	turn();
	assert_in_range(control_server_counters(server)->requests, 1, 50);
	for (int i = 0; i < 200; i++)
		expect(fd, "\"rows\"");
	close(fd);
}

static void too_many_clients(void **state)
{
	int fd[CONTROL_CLIENTS_MAX], one_more;

	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		fd[i] = dial();
	one_more = dial();
	assert_null(hear(one_more));
	assert_int_equal(control_server_counters(server)->refused, 1);
	close(one_more);
	close(fd[0]);
	turn();
	fd[0] = dial();
	say(fd[0], "{\"cmd\":\"help\"}\n");
	expect(fd[0], "\"ok\":true");
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		close(fd[i]);
}

static void a_living_socket_is_not_taken(void **state)
{
	struct control_server *second = NULL;
	char other[128];
	int fd;

	assert_int_equal(control_server_create(&second, &loop, path, &core.view, why, sizeof(why)),
			 -EADDRINUSE);
	assert_non_null(strstr(why, "another core answers there"));
	assert_null(second);
	turn();
	snprintf(other, sizeof(other), "%s/file", dir);
	close(open(other, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(control_server_create(&second, &loop, other, &core.view, why, sizeof(why)),
			 -EEXIST);
	snprintf(other, sizeof(other), "%s/no/where", dir);
	assert_int_equal(control_server_create(&second, &loop, other, &core.view, why, sizeof(why)),
			 -ENOENT);
	fd = dial();
	say(fd, "{\"cmd\":\"help\"}\n");
	expect(fd, "\"ok\":true");
	close(fd);
	uv_run(&loop, UV_RUN_NOWAIT);
}

static void a_stale_socket_is_replaced(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct control_server *second = NULL;
	struct stat st;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/stale", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd); /* as a core that was killed leaves it */
	assert_int_equal(
	    control_server_create(&second, &loop, addr.sun_path, &core.view, why, sizeof(why)), 0);
	/* Somebody takes the path over: our end must leave it there. */
	unlink(addr.sun_path);
	close(open(addr.sun_path, O_CREAT | O_WRONLY, 0600));
	control_server_destroy(second);
	turn();
	assert_int_equal(stat(addr.sun_path, &st), 0);
}

static void destroyed_with_clients(void **state)
{
	int fd = dial();
	struct stat st;

	say(fd, "{\"id\":1,\"cmd\":\"subscribe\"}\n");
	fake_core_log(&core, 400, LOG_INFO);
	control_server_turn(server);
	control_server_destroy(server);
	server = NULL;
	turn();
	assert_int_equal(stat(path, &st), -1);
	while (hear(fd))
		;
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
const struct CMUnitTest server_tests[] = {
    TEST(questions_and_answers),
    TEST(a_line_without_end_is_cut_off),
    TEST(events_arrive),
    TEST(questions_find_their_program),
    TEST(a_slow_subscriber_is_told),
    TEST(a_slow_tracer_is_told),
    TEST(a_client_that_never_reads_is_bounded),
    TEST(a_burst_of_requests_is_bounded),
    TEST(too_many_clients),
    TEST(a_living_socket_is_not_taken),
    TEST(a_stale_socket_is_replaced),
    TEST(destroyed_with_clients),
};
const size_t server_test_count = sizeof(server_tests) / sizeof(server_tests[0]);
