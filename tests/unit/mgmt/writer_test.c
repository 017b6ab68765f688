/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer turned by hand, and once as a thread; a tmpfs or a small file limit is the full disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "src/mgmt/writer.h"
#include "src/sip_map/sip.h"
#include "tests/unit/mgmt/mgmt_test.h"

struct place {
	char dir[64], records[96], log[96], capture[96];
};

static void make_place(struct place *p)
{
	make_directory(p->dir);
	snprintf(p->records, sizeof(p->records), "%s/calls.jsonl", p->dir);
	snprintf(p->log, sizeof(p->log), "%s/log", p->dir);
	snprintf(p->capture, sizeof(p->capture), "%s/c.pcapng", p->dir);
}

static const char *name_trunk(void *arg, uint16_t index)
{
	return index == 0 ? "provider" : NULL;
}

static struct writer *make_writer(const struct place *p, size_t ring_octets, size_t spool_octets)
{
	struct writer_cfg cfg = {.records_path = p->records,
				 .capture_path = p->capture,
				 .log_path = p->log,
				 .ring_octets = ring_octets,
				 .spool_octets = spool_octets,
				 .trunk_name = name_trunk};
	struct writer *w = NULL;
	char why[320];

	if (writer_create(&w, &cfg, why, sizeof(why)))
		fail_msg("%s", why);
	return w;
}

static void record(struct writer *w, call_id id)
{
	struct call_record r;

	make_record(&r);
	r.call = id;
	writer_record(w, &r);
}

/* Every line must be whole JSON with the next call id; returns how many there are. */
static unsigned check_records(const char *path, unsigned first)
{
	char *text = read_whole(path, NULL), *line = text, *end;
	unsigned n = 0;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		json_t *o;
		char id[24];

		*end = '\0';
		o = json_loads(line, 0, NULL);
		if (!o)
			fail_msg("torn: %s", line);
		snprintf(id, sizeof(id), "%x", first + n);
		assert_string_equal(json_string_value(json_object_get(o, "call")), id);
		assert_string_equal(json_string_value(json_object_get(o, "target")),
				    "trunk:provider");
		json_decref(o);
		n++;
	}
	assert_string_equal(line, "");
	free(text);
	return n;
}

static uint64_t written(struct writer *w, enum writer_file f)
{
	struct writer_counters c;

	writer_counters(w, &c);
	return c.file[f].written;
}

static void all_three_files(void **state)
{
	struct log_event e = {.wall_us = 1763694764104000,
			      .level = LOG_INFO,
			      .name = "call.ended",
			      .call = 5,
			      .field_count = 1,
			      .field = {L_S("why", "ok")}};
	static const uint8_t frame[] = {0, 1, 0x7f};
	static char sip[SIP_DATAGRAM_MAX];
	struct net_addr a, b;
	struct place p;
	struct writer *w;
	struct stat st;
	char *text;

	net_addr_parse(&a, "127.0.0.1:5060");
	net_addr_parse(&b, "127.0.0.1:5080");
	memset(sip, 'x', sizeof(sip));
	make_place(&p);
	w = make_writer(&p, 0, 0);
	assert_true(writer_captures(w));
	for (call_id i = 1; i <= 3; i++)
		record(w, i);
	writer_log(w, &e);
	writer_capture_frame(w, 1, 1, false, true, frame, sizeof(frame));
	writer_capture_sip(w, 2, true, &a, &b, sip, 60000);
	writer_control_turn(w, 0);
	writer_turn(w, 0);
	assert_int_equal(check_records(p.records, 1), 3);
	text = read_whole(p.log, NULL);
	assert_string_equal(text, "2025-11-21T03:12:44.104Z INFO call.ended call=5 why=ok\n");
	free(text);
	assert_int_equal(written(w, WRITER_RECORDS), 3);
	assert_int_equal(written(w, WRITER_LOG), 1);
	assert_int_equal(written(w, WRITER_CAPTURE), 2);
	assert_int_equal(stat(p.capture, &st), 0);
	assert_true(st.st_size > 60000);
	writer_destroy(w);
	remove_directory(p.dir);
}

static void a_wrong_path_is_told_at_once(void **state)
{
	struct writer_cfg cfg = {.records_path = "/nonexistent/dir/calls.jsonl"};
	struct writer *w = NULL;
	char why[320];

	assert_int_equal(writer_create(&w, &cfg, why, sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "/nonexistent/dir/calls.jsonl"));
	assert_null(w);
}

static struct log_event last_event;
static char last_name[64];
static unsigned events;

static void remember(void *arg, const struct log_event *e)
{
	last_event = *e;
	snprintf(last_name, sizeof(last_name), "%s", e->name);
	events++;
}

/* /dev/full refuses every write: the spool fills, the rest is counted, an alarm is raised once. */
static void a_full_disk_is_an_alarm(void **state)
{
	struct place p;
	struct writer *w;
	struct writer_counters c;

	make_place(&p);
	snprintf(p.records, sizeof(p.records), "/dev/full");
	w = make_writer(&p, 0, 16384);
	log_init(LOG_INFO, remember, NULL);
	events = 0;
	for (call_id i = 1; i <= 100; i++)
		record(w, i);
	writer_turn(w, 0);
	writer_control_turn(w, 0);
	writer_counters(w, &c);
	assert_int_equal(c.file[WRITER_RECORDS].error, ENOSPC);
	assert_int_equal(c.file[WRITER_RECORDS].written, 0);
	assert_in_range(c.file[WRITER_RECORDS].waiting, 8, 20);
	assert_int_equal(c.file[WRITER_RECORDS].waiting + c.file[WRITER_RECORDS].lost, 100);
	assert_int_equal(events, 2); /* refuses, lost */
	assert_string_equal(last_name, "writer.lost");
	writer_turn(w, 999999);
	writer_counters(w, &c);
	assert_int_equal(c.file[WRITER_RECORDS].failures, 1);
	writer_turn(w, 1000001);
	writer_counters(w, &c);
	assert_int_equal(c.file[WRITER_RECORDS].failures, 2);
	writer_control_turn(w, 1000001);
	assert_int_equal(events, 2); /* nothing new */
	log_init(LOG_INFO, NULL, NULL);
	/* The other files do not suffer. */
	assert_int_equal(c.file[WRITER_LOG].error, 0);
	/* What is left goes to standard error at the end; not into the test's output. */
	int err = dup(2), null = open("/dev/null", O_WRONLY);
	dup2(null, 2);
	writer_destroy(w);
	dup2(err, 2);
	close(err);
	close(null);
	remove_directory(p.dir);
}

/* The disk fills in the middle of a line: RLIMIT_FSIZE makes write() short, then refuse. */
static void no_record_is_torn(void **state)
{
	struct rlimit old, small;
	struct place p;
	struct writer *w;
	struct writer_counters c;
	unsigned before;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	make_place(&p);
	w = make_writer(&p, 0, 0);
	for (call_id i = 1; i <= 40; i++)
		record(w, i);
	small = old;
	small.rlim_cur = 10000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	writer_turn(w, 0);
	setrlimit(RLIMIT_FSIZE, &old);
	writer_counters(w, &c);
	assert_int_equal(c.file[WRITER_RECORDS].error, EFBIG);
	before = check_records(p.records, 1);
	assert_in_range(before, 3, 20);
	assert_int_equal(c.file[WRITER_RECORDS].written, before);
	assert_int_equal(c.file[WRITER_RECORDS].waiting, 40 - before);
	record(w, 41);
	writer_turn(w, 500000); /* too early to try again */
	assert_int_equal(check_records(p.records, 1), before);
	writer_turn(w, 1000000);
	assert_int_equal(check_records(p.records, 1), 41);
	writer_counters(w, &c);
	assert_int_equal(c.file[WRITER_RECORDS].error, 0);
	assert_int_equal(c.file[WRITER_RECORDS].waiting, 0);
	assert_int_equal(c.file[WRITER_RECORDS].lost, 0);
	writer_destroy(w);
	remove_directory(p.dir);
}

static void a_torn_line_of_a_killed_program_stays_alone(void **state)
{
	struct place p;
	struct writer *w;
	FILE *f;
	char *text;

	make_place(&p);
	f = fopen(p.records, "w");
	fputs("{\"call\":\"9\"}\n{\"call\":\"a\",\"beg", f);
	fclose(f);
	w = make_writer(&p, 0, 0);
	record(w, 11);
	writer_turn(w, 0);
	writer_destroy(w);
	text = read_whole(p.records, NULL);
	assert_non_null(strstr(text, "\"beg\n{\"call\":\"b\""));
	free(text);
	remove_directory(p.dir);
}

static void renamed_files_are_opened_anew(void **state)
{
	static const uint8_t frame[] = {0, 1, 0x7f};
	struct place p;
	struct writer *w;
	char old[128];
	char *text;
	size_t len;

	make_place(&p);
	w = make_writer(&p, 0, 0);
	record(w, 1);
	writer_capture_frame(w, 1, 1, false, true, frame, sizeof(frame));
	writer_turn(w, 0);
	snprintf(old, sizeof(old), "%s/old", p.dir);
	rename(p.records, old);
	record(w, 2); /* belongs to the old file still */
	writer_turn(w, 0);
	writer_reopen(w);
	record(w, 3);
	writer_turn(w, 0);
	assert_int_equal(check_records(old, 1), 2);
	assert_int_equal(check_records(p.records, 3), 1);
	/* The capture was not renamed: it goes on. */
	text = read_whole(p.capture, &len);
	free(text);
	writer_capture_frame(w, 1, 1, false, true, frame, sizeof(frame));
	writer_turn(w, 0);
	assert_int_equal(written(w, WRITER_CAPTURE), 2);
	snprintf(old, sizeof(old), "%s/old.pcapng", p.dir);
	rename(p.capture, old);
	writer_reopen(w);
	writer_capture_frame(w, 1, 1, false, true, frame, sizeof(frame));
	writer_turn(w, 0);
	text = read_whole(p.capture, &len);
	assert_memory_equal(text, "\x0a\x0d\x0d\x0a", 4);
	free(text);
	writer_destroy(w);
	remove_directory(p.dir);
}

/* The directory goes away while we run: records wait until it is back. */
static void a_missing_directory_is_waited_for(void **state)
{
	struct place p;
	struct writer *w;
	struct writer_counters c;

	make_place(&p);
	w = make_writer(&p, 0, 0);
	remove_directory(p.dir);
	writer_reopen(w);
	record(w, 1);
	writer_turn(w, 0);
	writer_counters(w, &c);
	assert_int_equal(c.file[WRITER_RECORDS].error, ENOENT);
	assert_int_equal(c.file[WRITER_RECORDS].waiting, 1);
	assert_int_equal(mkdir(p.dir, 0700), 0);
	writer_turn(w, 1000000);
	assert_int_equal(check_records(p.records, 1), 1);
	writer_counters(w, &c);
	assert_int_equal(c.file[WRITER_RECORDS].error, 0);
	writer_destroy(w);
	remove_directory(p.dir);
}

/* The disk hangs: nobody empties the ring. Log lines are dropped and counted, records are kept. */
static void a_hanging_disk_keeps_records(void **state)
{
	struct log_event e = {.level = LOG_INFO, .name = "noise"};
	struct place p;
	struct writer *w;
	struct writer_counters c;

	make_place(&p);
	w = make_writer(&p, 65536, 0);
	for (int i = 0; i < 1000; i++)
		writer_log(w, &e);
	for (call_id i = 1; i <= 500; i++)
		record(w, i);
	writer_control_turn(w, 0);
	writer_counters(w, &c);
	assert_true(c.file[WRITER_LOG].lost > 500);
	assert_int_equal(c.file[WRITER_RECORDS].lost, 0);
	assert_true(c.records_queued > 400);
	writer_turn(w, 1); /* the disk is back */
	record(w, 501);	   /* must not overtake those that wait */
	writer_control_turn(w, 2);
	assert_true(written(w, WRITER_RECORDS) >= 10);
	writer_destroy(w); /* writes what is queued */
	assert_int_equal(check_records(p.records, 1), 501);
	remove_directory(p.dir);
}

/* A terminal stopped with Ctrl-S: the log waits, the call records are written. */
static void a_reader_that_sleeps_holds_nobody(void **state)
{
	struct log_event e = {.level = LOG_INFO, .name = "test.line"};
	int fd[2], err = dup(2);
	unsigned lines = 0;
	struct place p;
	struct writer *w;
	struct writer_counters c;
	static char text[1 << 20];
	ssize_t n;

	make_place(&p);
	p.log[0] = '\0'; /* standard error */
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	dup2(fd[1], 2);
	w = make_writer(&p, 0, 0);
	for (int i = 0; i < 2000; i++) {
		writer_log(w, &e);
		record(w, (call_id)(i + 1));
		writer_turn(w, i);
	}
	writer_counters(w, &c);
	assert_int_equal(c.file[WRITER_RECORDS].written, 2000);
	assert_true(c.file[WRITER_LOG].waiting > 100);
	assert_int_equal(c.file[WRITER_LOG].error, 0);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 100; i++) {
		while ((n = read(fd[0], text, sizeof(text))) > 0)
			for (ssize_t k = 0; k < n; k++)
				lines += text[k] == '\n';
		writer_turn(w, 3000 + i);
	}
	assert_int_equal(lines, 2000);
	writer_destroy(w);
	dup2(err, 2);
	close(err);
	close(fd[0]);
	close(fd[1]);
	remove_directory(p.dir);
}

static void *run(void *w)
{
	writer_run(w);
	return NULL;
}

static void as_a_thread(void **state)
{
	struct place p;
	struct writer *w;
	pthread_t thread;

	make_place(&p);
	w = make_writer(&p, 0, 0);
	assert_int_equal(pthread_create(&thread, NULL, run, w), 0);
	for (call_id i = 1; i <= 2000; i++) {
		record(w, i);
		writer_control_turn(w, clock_mono_us());
		if (i % 500 == 0)
			writer_reopen(w);
	}
	writer_stop(w);
	pthread_join(thread, NULL);
	writer_destroy(w);
	assert_int_equal(check_records(p.records, 1), 2000);
	remove_directory(p.dir);
}

const struct CMUnitTest writer_tests[] = {
    cmocka_unit_test(all_three_files),
    cmocka_unit_test(a_wrong_path_is_told_at_once),
    cmocka_unit_test(a_full_disk_is_an_alarm),
    cmocka_unit_test(no_record_is_torn),
    cmocka_unit_test(a_torn_line_of_a_killed_program_stays_alone),
    cmocka_unit_test(renamed_files_are_opened_anew),
    cmocka_unit_test(a_missing_directory_is_waited_for),
    cmocka_unit_test(a_hanging_disk_keeps_records),
    cmocka_unit_test(a_reader_that_sleeps_holds_nobody),
    cmocka_unit_test(as_a_thread),
};
const size_t writer_test_count = sizeof(writer_tests) / sizeof(writer_tests[0]);
