/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real command line program against a made-up core, over a real UNIX socket. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/strbuf.h"
#include "src/mgmt/control_server.h"
#include "tests/unit/mgmt/fake_view.h"
#include "tests/unit/mgmt/mgmt_test.h"

enum { GUARD_US = 30 * 1000000, OUTPUT_MAX = 1 << 20 };

static struct fake_core core;
static uv_loop_t loop;
static struct control_server *server;
static char dir[64], path[100], out[OUTPUT_MAX], why[320];

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
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	fake_core_fini(&core);
	remove_directory(dir);
	return 0;
}

/* Starts the program with the words of line; its standard output and error come out of *fd. */
static pid_t start(const char *line, int *fd)
{
	char words[256], *argv[16] = {getenv("SPANBRIDGE_CLI")}, *rest = words, *word;
	int pipe_fd[2], n = 1;
	pid_t pid;

	str_copy(words, sizeof(words), line);
	while ((word = strsep(&rest, " ")) && n < 15)
		if (*word)
			argv[n++] = word;
	assert_non_null(argv[0]);
	assert_int_equal(pipe2(pipe_fd, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(pipe_fd[1], 1);
		dup2(pipe_fd[1], 2);
		setenv("SPANBRIDGE_SOCKET", path, 1);
		setenv("TZ", "UTC", 1);
		execv(argv[0], argv);
		_exit(127);
	}
	close(pipe_fd[1]);
	fcntl(pipe_fd[0], F_SETFL, O_NONBLOCK);
	*fd = pipe_fd[0];
	return pid;
}

/* Serves the program and gathers what it says, until it ends or has said enough (NULL: ends). */
static void serve(int fd, const char *enough)
{
	int64_t guard_us = clock_mono_us() + GUARD_US;
	size_t len = 0;

	out[0] = '\0';
	while (!enough || !strstr(out, enough)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n = read(fd, out + len, sizeof(out) - 1 - len);

		if (n == 0)
			return;
		if (n > 0)
			out[len += (size_t)n] = '\0';
		for (int i = 0; i < 4; i++)
			uv_run(&loop, UV_RUN_NOWAIT);
		if (n < 0)
			poll(&p, 1, 1);
		if (clock_mono_us() > guard_us)
			fail_msg("guard: %s", out);
	}
}

/* Runs it to its end; what it said is in out. */
static int run(const char *line)
{
	int fd, status;
	pid_t pid = start(line, &fd);

	serve(fd, NULL);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect(const char *text)
{
	if (!strstr(out, text))
		fail_msg("expected:\n%s\ngot:\n%s", text, out);
}

static void status_begins_with_what_is_wrong(void **state)
{
	assert_int_equal(run("status"), 0);
	assert_int_equal(strncmp(out, "Everything is in order.\n", 24), 0);
	expect("\nspanbridged 0.1.0, up 1 min 30 s, since 2025-11-21 03:11:14\n");
	expect("spans     2 of 2 D-channels up, 1 of 60 channels busy\n");
	core.span[0].isdn.dchannel_up = false;
	core.span[0].isdn.dchannel_since_us = core.now_us;
	core.span[0].isdn.alarms = E1_ALARM_LOS;
	core.sip.refused_unknown_source = 2;
	core.sip.last_refused_us = core.now_us;
	net_addr_parse(&core.sip.last_refused, "192.0.2.7:5060");
	core.writer.file[WRITER_RECORDS].error = ENOSPC;
	core.writer.file[WRITER_RECORDS].waiting = 7;
	assert_int_equal(run("status"), 0);
	assert_int_equal(
	    strncmp(out, "span 1: D-channel down since 2025-11-21 03:12:44 (LOS)\n", 55), 0);
	expect("\nINVITEs refused from 192.0.2.7 (403): no trunk has this address; 2 times, last "
	       "2025-11-21 03:12:44\n");
	expect("\ncall records cannot be written, 7 wait: No space left on device\n");
	expect("records   0 records written, 7 wait\n");
}

static void lists_are_aligned(void **state)
{
	core.call_count = 2;
	core.span[0].isdn.channel[17].call = 1;
	core.span[1].isdn.channel[1].state = ISDN_CH_BLOCKED;
	core.span[1].isdn.channel[31].state = ISDN_CH_OUT_OF_SERVICE;
	assert_int_equal(run("show channels"), 0);
	expect("              1      8       16      24     31");
	expect("\nspan 1        ...............D#..............\n"
	       "span 2        X..............D..............o\n\n");
	expect("SLOT  CHANNEL         CALL  STATE   CALLING      CALLED\n"
	       "1:17  busy            1     active  +4930555012  0301234567\n"
	       "2:1   blocked         -     -       -            -\n"
	       "2:31  out-of-service  -     -       -            -\n");
	assert_int_equal(run("show timers"), 0);
	expect("   1  T309           90 s     90 s  isdn    layer 2 lost");
	assert_int_equal(run("span 1 restart 5"), 0);
	assert_int_equal(core.restarted_ts, 5);
	assert_int_equal(run("span 9 restart"), 1);
	assert_int_equal(run("span 9"), 2);
	assert_int_equal(run("show calls"), 0);
	expect("CALL  STATE   TIME  FROM    TO              CALLING      CALLED      ANSWERED BY   "
	       "SLOT  RULE          LOST\n"
	       "1     active  1:31  span:1  trunk:provider  +4930555012  0301234567  +49301234500  "
	       "1:17  out-national    10\n");
	assert_int_equal(run("show trunks"), 0);
	expect("TRUNK     BIND             ADVERTISED  PEER                CALLS\n"
	       "provider  192.0.2.10:5060  -           [2001:db8::1]:5060      3\n");
	assert_int_equal(run("show spans"), 0);
	expect("   1  user  up ");
	core.call_count = 0;
	assert_int_equal(run("show calls"), 0);
	assert_string_equal(out, "There is no call.\n");
}

static void json_is_json(void **state)
{
	static const char *const line[] = {"status --json", "--json show spans",
					   "show channels --json", "show calls --json",
					   "show trunks --json"};

	core.call_count = 250;
	core.spans = FAKE_SPANS_MAX;
	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		json_t *o;

		assert_int_equal(run(line[i]), 0);
		o = json_loads(out, 0, NULL);
		assert_non_null(o);
		if (strstr(line[i], "calls"))
			assert_int_equal(json_array_size(o), 250);
		if (strstr(line[i], "channels"))
			assert_int_equal(json_array_size(o), 480);
		json_decref(o);
	}
}

static void the_log(void **state)
{
	const struct log_event hostile = {
	    .wall_us = 1763694764104000,
	    .level = LOG_WARN,
	    .name = "sip.request_refused",
	    .call = 0x1a2b,
	    .field_count = 3,
	    .field = {L_S("from", "\x1b[2Jx\x9b"), L_U("status", 403), L_S("why", NULL)}};
	unsigned lines = 0;

	fake_core_log(&core, 400, LOG_INFO);
	log_tail_add(core.log, &hostile);
	assert_int_equal(run("log -n 2"), 0);
	assert_string_equal(out, "2025-11-21T03:12:44.104Z INFO test.event n=400\n"
				 "2025-11-21T03:12:44.104Z WARN sip.request_refused call=1a2b "
				 "from=?[2Jx? status=403 why=-\n");
	assert_int_equal(run("log -n 500"), 0);
	for (const char *p = out; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 401);
	assert_int_equal(run("log --level warn"), 0);
	assert_int_equal(strncmp(out, "2025-11-21T03:12:44.104Z WARN", 29), 0);
	assert_int_equal(run("log --json -n 1"), 0);
	expect("\"event\":\"sip.request_refused\"");
}

static void following_the_log(void **state)
{
	int fd, status;
	pid_t pid;

	fake_core_log(&core, 3, LOG_INFO);
	pid = start("log -f -n 2", &fd);
	serve(fd, "n=3\n");
	fake_core_log(&core, 2, LOG_INFO);
	serve(fd, "n=5\n");
	expect("n=4\n");
	kill(pid, SIGINT);
	serve(fd, NULL);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* Until the program has asked for so much. */
static void serve_requests(uint64_t requests)
{
	int64_t guard_us = clock_mono_us() + GUARD_US;

	while (control_server_counters(server)->requests < requests) {
		uv_run(&loop, UV_RUN_NOWAIT);
		poll(NULL, 0, 1);
		assert_true(clock_mono_us() < guard_us);
	}
}

static void tracing(void **state)
{
	int fd, status;
	pid_t pid = start("trace", &fd);

	serve_requests(1);
	fake_core_messages(&core, 1);
	serve(fd, "RELEASE COMPLETE cref=9");
	assert_string_equal(out, "03:12:44.104  span 1                     >  1a2b     SETUP cref=5 "
				 "(from originator) Bearer: speech, A-law\n"
				 "03:12:44.106  sip 192.0.2.7:5060         <  1a2b     INVITE "
				 "sip:1@192.0.2.7 SIP/2.0\n"
				 "03:12:44.107  sip 192.0.2.7:5060         >  1a2b     SIP/2.0 180 "
				 "Ringing\n"
				 "03:12:44.108  span 2                     <  -        RELEASE "
				 "COMPLETE cref=9 (to originator)\n");
	kill(pid, SIGINT);
	serve(fd, NULL);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	pid = start("trace --span 1 --raw", &fd);
	serve_requests(2);
	fake_core_messages(&core, 1);
	serve(fd, "    02 01 01 02\n");
	expect("  <  -        RR nr=1 p/f=0 c/r=1\n    02 01 01 02\n");
	kill(pid, SIGINT);
	serve(fd, NULL);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void the_ladder_of_a_call(void **state)
{
	fake_core_messages(&core, 1);
	assert_int_equal(run("show call 1a2b"), 0);
	assert_string_equal(out, "03:12:44.104  span 1                     >  SETUP cref=5 (from "
				 "originator) Bearer: speech, A-law\n"
				 "03:12:44.106  sip 192.0.2.7:5060         <  INVITE "
				 "sip:1@192.0.2.7 SIP/2.0\n"
				 "03:12:44.107  sip 192.0.2.7:5060         >  SIP/2.0 180 Ringing\n");
	assert_int_equal(run("show call 1a2b --raw"), 0);
	expect("    02 01 00 00 08 02 00 05 05 04 03 80 90 a3\n");
	expect("    Call-ID: abc\n");
	assert_int_equal(run("show call 1a2b --json"), 0);
	expect("\"left_out\": 0");
	assert_int_equal(run("show call 77"), 1);
	expect("no message of call 77 is kept any more");
	for (int i = 0; i < 30; i++)
		fake_core_messages(&core, 0);
	assert_int_equal(run("show call 1a2b"), 0);
	expect("\n… 33 messages are not kept …\n");
}

static void clearing_a_call(void **state)
{
	assert_int_equal(run("call clear 1a2b 31"), 0);
	assert_string_equal(out, "call 1a2b is being cleared\n");
	assert_int_equal(core.cleared, 0x1a2b);
	assert_int_equal(core.cleared_cause, 31);
	assert_int_equal(run("call clear 77"), 1);
	expect("there is no call 77 any more");
}

static void wrong_usage_is_explained(void **state)
{
	static const char *const usage[] = {"",
					    "nonsense",
					    "status now",
					    "show",
					    "show me",
					    "show spans calls",
					    "log -n 0",
					    "log -n",
					    "log --level loud",
					    "log -x",
					    "trace me",
					    "trace --span",
					    "trace --span 0",
					    "show call",
					    "show call 1 2",
					    "call",
					    "call clear",
					    "call drop 1",
					    "config",
					    "config check",
					    "--socket",
					    "config check a b"};
	static const char *const help[] = {"--help", "help",	    "status --help", "help show",
					   "log -h", "call --help", "config --help"};

	for (size_t i = 0; i < sizeof(usage) / sizeof(usage[0]); i++) {
		if (run(usage[i]) != 2)
			fail_msg("%s: %s", usage[i], out);
		expect("--help");
	}
	for (size_t i = 0; i < sizeof(help) / sizeof(help[0]); i++) {
		if (run(help[i]) != 0)
			fail_msg("%s: %s", help[i], out);
		assert_int_equal(strncmp(out, "spanbridge ", 11), 0);
	}
}

static void without_a_core(void **state)
{
	char line[200];

	snprintf(line, sizeof(line), "--socket %s/nobody status", dir);
	assert_int_equal(run(line), 1);
	expect("cannot reach the core: No such file or directory\n  tried ");
	expect("/nobody: is spanbridged running?");
	snprintf(line, sizeof(line), "--socket=%s status", dir);
	assert_int_equal(run(line), 1);
	expect("is spanbridged running?");
}

/* Something else listens there: an answer that is none, and a hang-up. */
static void a_stranger_on_the_socket(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	static const char *const answer[] = {"HTTP/1.1 400 Bad Request\r\n", "{\"ok\":true}\n", ""};
	static const char *const says[] = {"this is not the control socket",
					   "spanbridge: ", "closed the connection"};

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/stranger", dir);
	assert_int_equal(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 4), 0);
	for (int i = 0; i < 3; i++) {
		char line[200];
		int fd, peer, status;
		pid_t pid;

		snprintf(line, sizeof(line), "--socket %s status", addr.sun_path);
		pid = start(line, &fd);
		peer = accept(listener, NULL, NULL);
		assert_int_equal(write(peer, answer[i], strlen(answer[i])), strlen(answer[i]));
		shutdown(peer, SHUT_WR);
		serve(fd, NULL);
		close(fd);
		close(peer);
		waitpid(pid, &status, 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
		expect(says[i]);
	}
	close(listener);
}

static void checking_a_configuration(void **state)
{
	char line[300], name[128];
	FILE *f;

	snprintf(line, sizeof(line), "config check %s/lab.yaml", getenv("CONFIG_EXAMPLES"));
	assert_int_equal(run(line), 0);
	expect("is right: 1 span, 2 trunks");
	snprintf(name, sizeof(name), "%s/bad.yaml", dir);
	f = fopen(name, "w");
	fputs("spans: 1\n", f);
	fclose(f);
	snprintf(line, sizeof(line), "config check %s", name);
	assert_int_equal(run(line), 1);
	expect("bad.yaml:1:8: spans cannot be \"1\"");
	expect("3 mistakes\n");
	assert_int_equal(run("config keys"), 0);
	expect("bchannels:\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
const struct CMUnitTest cli_tests[] = {
    TEST(status_begins_with_what_is_wrong),
    TEST(lists_are_aligned),
    TEST(json_is_json),
    TEST(the_log),
    TEST(following_the_log),
    TEST(tracing),
    TEST(the_ladder_of_a_call),
    TEST(clearing_a_call),
    TEST(wrong_usage_is_explained),
    TEST(without_a_core),
    TEST(a_stranger_on_the_socket),
    TEST(checking_a_configuration),
};
const size_t cli_test_count = sizeof(cli_tests) / sizeof(cli_tests[0]);
