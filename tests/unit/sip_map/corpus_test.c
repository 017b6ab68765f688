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

enum { MESSAGE_MAX = 65535, CHANGED_COPIES = 150 };

static const struct {
	const char *file;
	unsigned status; /* 0: no answer */
} expected[] = {
    {"rfc4475/badaspec.dat", 400},
    {"rfc4475/badbranch.dat", 200}, /* matched as RFC 2543 has it */
    {"rfc4475/baddate.dat", 404},   /* Date is nothing to us */
    {"rfc4475/baddn-crlf.dat", 400},
    {"rfc4475/baddn.dat", 400},
    {"rfc4475/badinv01.dat", 400},
    {"rfc4475/badvers.dat", 505},
    {"rfc4475/bcast.dat", 0},
    {"rfc4475/bext01.dat", 420},
    {"rfc4475/bigcode.dat", 0},
    {"rfc4475/clerr.dat", 400},
    {"rfc4475/cparam01.dat", 405}, /* we are no registrar */
    {"rfc4475/cparam02.dat", 405},
    {"rfc4475/dblreq.dat", 405},
    {"rfc4475/esc01.dat", 404}, /* fine, but no number */
    {"rfc4475/esc02.dat", 501},
    {"rfc4475/escnull.dat", 400},
    {"rfc4475/escruri.dat", 400},
    {"rfc4475/insuf.dat", 400},
    {"rfc4475/intmeth.dat", 400}, /* for its NUL; 501 would do as well */
    {"rfc4475/inv2543.dat", 404},
    {"rfc4475/invut.dat", 415},
    {"rfc4475/longreq.dat", 404},
    {"rfc4475/ltgtruri.dat", 400},
    {"rfc4475/lwsdisp.dat", 200},
    {"rfc4475/lwsruri.dat", 400},
    {"rfc4475/lwsstart.dat", 400},
    {"rfc4475/mcl01.dat", 400},
    {"rfc4475/mismatch01.dat", 400},
    {"rfc4475/mismatch02.dat", 400},
    {"rfc4475/mpart01.dat", 405},
    {"rfc4475/multi01.dat", 400},
    {"rfc4475/ncl.dat", 400},
    {"rfc4475/noreason.dat", 0},
    {"rfc4475/novelsc.dat", 416},
    {"rfc4475/quotbal.dat", 400},
    {"rfc4475/regaut01.dat", 405},
    {"rfc4475/regbadct.dat", 405},
    {"rfc4475/regescrt.dat", 405},
    {"rfc4475/scalar02.dat", 400},
    {"rfc4475/scalarlg.dat", 0},
    {"rfc4475/sdp01.dat", 406},
    {"rfc4475/semiuri.dat", 200},
    {"rfc4475/transports.dat", 200},
    {"rfc4475/trws.dat", 400},
    {"rfc4475/unkscm.dat", 416},
    {"rfc4475/unksm2.dat", 405},
    {"rfc4475/unreason.dat", 0},
    {"rfc4475/wsinv.dat", 481}, /* well formed; its To has a tag */
    {"rfc4475/zeromf.dat", 200},
    {"parser-dos/bigcl.sip", 400},
    {"parser-dos/contacts6000.sip", 400},
    {"parser-dos/fromparams30000.sip", 0}, /* its CSeq is beyond what is read */
    {"parser-dos/min-leak.sip", 405},
    {"parser-dos/min-sdp-m-overread.sip", 400},
    {"parser-dos/nullcl.sip", 400},
    {"parser-dos/ruriparams30000.sip", 0}, /* a start line without end: nothing to answer */
    {"parser-dos/ruriparams5000.sip", 414},
};
enum { EXPECTED = sizeof(expected) / sizeof(expected[0]) };

static size_t load(const char *file, char *out)
{
	const char *folder = getenv("TEST_CORPUS");
	char path[512];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "tests/corpus", file);
	f = fopen(path, "rb");
	assert_non_null(f);
	len = fread(out, 1, MESSAGE_MAX, f);
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
	print_message("corpus: %d messages driven, %u files\n", EXPECTED, files);
	assert_int_equal(EXPECTED, files);
	for (unsigned i = 0; i < EXPECTED; i++) {
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
		assert_int_equal(w->calls[1]->count, 0);
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
	for (unsigned i = 0; i < EXPECTED; i++) {
		size_t len = load(expected[i].file, msg);

		for (size_t n = 0; n < len && n < 4000; n++) {
			world_inject(w, 1, &w->trunk[1].peer, msg, n);
			forget_log(w);
		}
		world_run_for(w, 100 * US_PER_S);
		forget_log(w);
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
	for (unsigned i = 0; i < EXPECTED; i++) {
		size_t len = load(expected[i].file, msg);

		if (len > 4000)
			len = 4000;
		for (unsigned k = 0; k < CHANGED_COPIES; k++) {
			memcpy(changed, msg, len);
			for (unsigned c = 0; c <= k % 4; c++)
				changed[rng_below(&w->rng, (uint32_t)len)] =
				    interesting[rng_below(&w->rng, sizeof(interesting) - 1)];
			world_inject(w, 1, &w->trunk[1].peer, changed, len);
			forget_log(w);
		}
		world_run_for(w, 100 * US_PER_S);
		forget_log(w);
	}
	normal_call(w);
	world_destroy(w);
}
