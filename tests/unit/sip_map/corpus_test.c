/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that others made to break SIP stacks: RFC 4475's, and some that hurt libosip2. Each gets
 * the answer that it should, none disturbs a call that follows. The same cut short at every octet,
 * and with random octets changed: nothing but no crash is asked of those.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sip_map/sip_world.h"
#include "tests/unit/sip_map/tests.h"

enum { MESSAGE_MAX = 65535, MESSAGES_MAX = 128, CHANGED_COPIES = 150 };

static struct message {
	char file[64];
	unsigned status; /* 0: no answer */
} expected[MESSAGES_MAX];
static unsigned expected_count;

static FILE *open_file(const char *file)
{
	const char *folder = getenv("TEST_CORPUS");
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "tests/corpus", file);
	f = fopen(path, "rb");
	assert_non_null(f);
	return f;
}

/* The first column of an index is the file's name, the last one the answer: a status, or none.
 * "100": accepted, a call begins. */
static void read_index(const char *folder)
{
	char line[2048], name[64];
	FILE *f;

	snprintf(name, sizeof(name), "%s/index.tsv", folder);
	f = open_file(name);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(strstr(line, "\tanswer\n"));
	while (fgets(line, sizeof(line), f)) {
		char *answer = strrchr(line, '\t');
		struct message *m = &expected[expected_count];

		assert_true(answer && expected_count < MESSAGES_MAX);
		snprintf(m->file, sizeof(m->file), "%s/%.*s", folder, (int)strcspn(line, "\t"),
			 line);
		m->status = (unsigned)strtoul(answer + 1, NULL, 10);
		assert_true(m->status || strcmp(answer, "\tnone\n") == 0);
		expected_count++;
	}
	fclose(f);
}

static void read_indexes(void)
{
	expected_count = 0;
	read_index("rfc4475");
	read_index("parser-dos");
}

static size_t load(const char *file, char *out)
{
	FILE *f = open_file(file);
	size_t len = fread(out, 1, MESSAGE_MAX, f);

	fclose(f);
	return len;
}

static unsigned count_files(const char *folder)
{
	const char *root = getenv("TEST_CORPUS");
	char path[512];
	unsigned n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", root ? root : "tests/corpus", folder);
	dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));)
		if (strstr(e->d_name, ".dat") || strstr(e->d_name, ".sip"))
			n++;
	closedir(dir);
	return n;
}

static void forget_log(struct sip_world *w)
{
	for (unsigned i = 0; i < w->log_count; i++)
		free(w->log[i].text);
	w->log_count = 0;
}

/* Calls that a message began. */
static void end_calls(struct sip_world *w)
{
	struct call_table *t = w->calls[1];

	for (unsigned i = 0; i < t->count; i++)
		if (!t->call[i].gone)
			world_command(w, &t->call[i], LEG_CLEAR, NULL, (struct call_cause){0});
}

/* All that was begun has ended. */
static void settle(struct sip_world *w)
{
	end_calls(w);
	world_run_for(w, 100 * US_PER_S);
	forget_log(w);
	w->calls[1]->count = 0;
}

static void normal_call(struct sip_world *w)
{
	struct media_desc answer = world_media(1, 4, 41000, true);
	struct world_call *a = &w->calls[0]->call[world_open(w, 0, "1")], *b;

	world_run_for(w, 100 * US_PER_MS);
	b = &w->calls[1]->call[w->calls[1]->count - 1];
	assert_int_equal(b->gone, 0);
	world_command(w, b, LEG_ANSWER, &answer, (struct call_cause){0});
	world_run_for(w, 100 * US_PER_MS);
	assert_true(world_find_event(a, CALL_EV_ANSWER) >= 0);
	assert_true(world_find_event(b, CALL_EV_CONFIRMED) >= 0);
	world_command(w, a, LEG_CLEAR, NULL, (struct call_cause){.value = 16});
	world_run_for(w, 100 * US_PER_MS);
	world_command(w, b, LEG_CLEAR, NULL, (struct call_cause){0});
	assert_int_equal(a->gone, 1);
	assert_int_equal(b->gone, 1);
}

void test_corpus_answers(void **state)
{
	static char msg[MESSAGE_MAX];
	unsigned files = count_files("rfc4475") + count_files("parser-dos"), wrong = 0;

	(void)state;
	read_indexes();
	print_message("# corpus: %u messages driven, %u files\n", expected_count, files);
	assert_int_equal(expected_count, files);
	for (unsigned i = 0; i < expected_count; i++) {
		struct sip_world *w = world_create(2, 4, i, 10);
		size_t len = load(expected[i].file, msg);
		unsigned status = 0;

		world_inject(w, 1, &w->trunk[1].peer, msg, len);
		assert_in_range(w->log_count, 0, 1);
		if (w->log_count)
			assert_int_equal(sscanf(w->log[0].text, "SIP/2.0 %u ", &status), 1);
		if (status != expected[i].status && ++wrong)
			print_error("%s: %u, expected %u\n", expected[i].file, status,
				    expected[i].status);
		assert_int_equal(w->calls[1]->count, status == 100);
		normal_call(w);
		world_destroy(w);
	}
	assert_int_equal(wrong, 0);
}

void test_corpus_cut_short(void **state)
{
	static char msg[MESSAGE_MAX];
	struct sip_world *w = world_create(2, 4, 1, 10);

	(void)state;
	read_indexes();
	for (unsigned i = 0; i < expected_count; i++) {
		size_t len = load(expected[i].file, msg);

		/* each octet of what is short; of the rest some */
		for (size_t n = 0; n < len && n < 4000; n += n < 1000 ? 1 : 7) {
			world_inject(w, 1, &w->trunk[1].peer, msg, n);
			end_calls(w);
			forget_log(w);
		}
		settle(w);
	}
	normal_call(w);
	world_destroy(w);
}

void test_corpus_changed(void **state)
{
	static char msg[MESSAGE_MAX], changed[MESSAGE_MAX];
	static const char interesting[] = "\0\r\n ;,:<>\"\\%=@/?&()[]{}0\xff\t";
	struct sip_world *w = world_create(2, 4, 2, 10);

	(void)state;
	read_indexes();
	for (unsigned i = 0; i < expected_count; i++) {
		size_t len = load(expected[i].file, msg);

		if (len > 4000)
			len = 4000;
		for (unsigned k = 0; k < CHANGED_COPIES; k++) {
			memcpy(changed, msg, len);
			for (unsigned c = 0; c <= k % 4; c++)
				changed[rng_below(&w->rng, (uint32_t)len)] =
				    interesting[rng_below(&w->rng, sizeof(interesting) - 1)];
			world_inject(w, 1, &w->trunk[1].peer, changed, len);
			end_calls(w);
			forget_log(w);
		}
		settle(w);
	}
	normal_call(w);
	world_destroy(w);
}
