/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that is killed with calls up, and its next start. */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "src/mgmt/journal.h"
#include "src/mgmt/writer.h"
#include "tests/unit/mgmt/mgmt_test.h"

enum { CALLS = 30, CLOSED = 12 };

static char dir[64], records[96], open_calls[104];

static void make_place(void)
{
	make_directory(dir);
	snprintf(records, sizeof(records), "%s/calls.jsonl", dir);
	snprintf(open_calls, sizeof(open_calls), "%s/calls.jsonl.open", dir);
}

static struct writer *start(void)
{
	struct writer_cfg cfg = {.records_path = records, .log_path = "/dev/null"};
	struct writer *w = NULL;
	char why[320];

	if (writer_create(&w, &cfg, why, sizeof(why)))
		fail_msg("%s", why);
	return w;
}

static struct call_record call_of(call_id id, bool answered)
{
	struct call_record r;

	make_record(&r);
	r.call = id;
	r.begin_wall_us += (int64_t)id * US_PER_S;
	r.clear_us = r.end_us = 0;
	r.guard_hit = false;
	if (!answered)
		r.answer_us = 0;
	return r;
}

static void note(struct writer *w, call_id id, bool answered)
{
	struct call_record r = call_of(id, answered);

	writer_open_call(w, &r);
}

static void end(struct writer *w, call_id id)
{
	struct call_record r = call_of(id, true);

	r.clear_us = r.end_us = r.answer_us + US_PER_S;
	writer_record(w, &r);
}

/* Thirty calls, the first ones closed, the even ones answered; then killed. */
static void be_killed(void)
{
	struct writer *w = start();

	for (call_id id = 1; id <= CALLS; id++)
		note(w, id, false);
	for (call_id id = 2; id <= CALLS; id += 2)
		note(w, id, true);
	writer_turn(w, 0);
	for (call_id id = 1; id <= CLOSED; id++)
		end(w, id);
	writer_turn(w, 0);
	raise(SIGKILL);
}

static void run_and_kill(void (*run)(void))
{
	int status;
	pid_t child = fork();

	if (!child) {
		run();
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* How often each call stands in the records, in [0] as closed, in [1] as interrupted. */
static void count(unsigned seen[CALLS + 1][2])
{
	char *text = read_whole(records, NULL), *line = text, *nl;

	memset(seen, 0, sizeof(seen[0]) * (CALLS + 1));
	for (; (nl = strchr(line, '\n')); line = nl + 1) {
		json_t *o;
		unsigned long id;
		bool interrupted;

		*nl = '\0';
		o = json_loads(line, 0, NULL);
		assert_non_null(o);
		id = strtoul(json_string_value(json_object_get(o, "call")), NULL, 16);
		assert_in_range(id, 1, CALLS);
		interrupted = json_is_true(json_object_get(o, "interrupted"));
		seen[id][interrupted]++;
		if (interrupted) {
			assert_null(json_object_get(o, "end"));
			assert_int_equal(json_object_get(o, "answer") != NULL, id % 2 == 0);
		}
		json_decref(o);
	}
	assert_string_equal(line, "");
	free(text);
}

static void assert_each_once(void)
{
	unsigned seen[CALLS + 1][2];

	count(seen);
	for (unsigned id = 1; id <= CALLS; id++) {
		assert_int_equal(seen[id][0], id <= CLOSED);
		assert_int_equal(seen[id][1], id > CLOSED);
	}
}

static uint64_t interrupted(struct writer *w)
{
	struct writer_counters c;

	writer_counters(w, &c);
	return c.interrupted;
}

static void open_calls_of_a_killed_program_are_interrupted(void **state)
{
	struct writer *w;

	(void)state;
	make_place();
	run_and_kill(be_killed);
	w = start();
	assert_int_equal(interrupted(w), CALLS - CLOSED);
	assert_each_once();
	writer_destroy(w);
	w = start(); /* and only once */
	assert_int_equal(interrupted(w), 0);
	writer_destroy(w);
	assert_each_once();
	remove_directory(dir);
}

/* Killed after the record, before the journal was told. */
static void a_call_that_was_recorded_is_not_interrupted(void **state)
{
	unsigned seen[CALLS + 1][2];
	struct writer *w;
	size_t len;
	char *before;
	FILE *f;

	(void)state;
	make_place();
	w = start();
	note(w, 5, false);
	writer_turn(w, 0);
	before = read_whole(open_calls, &len);
	end(w, 5);
	writer_destroy(w);
	f = fopen(open_calls, "w");
	assert_int_equal(fwrite(before, 1, len, f), len);
	fclose(f);
	free(before);
	w = start();
	assert_int_equal(interrupted(w), 0);
	writer_destroy(w);
	count(seen);
	assert_int_equal(seen[5][0], 1);
	assert_int_equal(seen[5][1], 0);
	remove_directory(dir);
}

/* A slot that was cut short, garbage and holes are passed over; what is whole is taken. */
static void a_damaged_journal_gives_what_is_whole(void **state)
{
	unsigned seen[CALLS + 1][2];
	struct writer *w;
	size_t len;
	char *text;
	int fd;

	(void)state;
	make_place();
	w = start();
	for (call_id id = 1; id <= 4; id++)
		note(w, id, id % 2 == 0);
	writer_turn(w, 0);
	text = read_whole(open_calls, &len);
	for (call_id id = 1; id <= 4; id++)
		end(w, id);
	writer_destroy(w);
	assert_int_equal(unlink(records), 0);
	fd = open(open_calls, O_WRONLY | O_TRUNC);
	memset(text + JOURNAL_SLOT_OCTETS * 2 + 40, 0, JOURNAL_SLOT_OCTETS - 40); /* call 2: torn */
	memset(text + JOURNAL_SLOT_OCTETS * 3, 0xff, 200);			  /* call 3: garbage */
	assert_int_equal(write(fd, text, len), len);
	free(text);
	close(fd);
	w = start();
	assert_int_equal(interrupted(w), 2);
	writer_destroy(w);
	count(seen);
	assert_int_equal(seen[1][1] + seen[4][1], 2);
	assert_int_equal(seen[2][1] + seen[3][1], 0);
	remove_directory(dir);
}

/* A slot is used again and again; nothing is left of calls that ended; the file stays small. */
static void a_clean_end_leaves_nothing(void **state)
{
	struct writer *w;
	struct stat st;

	(void)state;
	make_place();
	w = start();
	for (call_id turn = 0; turn < 50; turn++) {
		for (call_id id = 1; id <= 4; id++)
			note(w, id | turn << 20, turn & 1);
		writer_turn(w, 0);
		for (call_id id = 1; id <= 4; id++)
			end(w, id | turn << 20);
		writer_turn(w, 0);
	}
	assert_int_equal(stat(open_calls, &st), 0);
	assert_true(st.st_size <= 5 * JOURNAL_SLOT_OCTETS);
	writer_destroy(w);
	w = start();
	assert_int_equal(interrupted(w), 0);
	writer_destroy(w);
	remove_directory(dir);
}

const struct CMUnitTest journal_tests[] = {
    cmocka_unit_test(open_calls_of_a_killed_program_are_interrupted),
    cmocka_unit_test(a_call_that_was_recorded_is_not_interrupted),
    cmocka_unit_test(a_damaged_journal_gives_what_is_whole),
    cmocka_unit_test(a_clean_end_leaves_nothing),
};
const size_t journal_test_count = sizeof(journal_tests) / sizeof(journal_tests[0]);
