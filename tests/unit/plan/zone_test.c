/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time zones: rules of summer time against libc, the way back to UTC, and files that are none. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/rng.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/moment.h"
#include "gateway/plan/zone.h"
#include "tests/unit/plan/plan_tests.h"

enum { FILE_MAX = 400, DAY_S = 86400 };

struct file {
	unsigned char at[FILE_MAX];
	size_t len;
};

static void put(struct file *f, const void *octets, size_t len)
{
	memcpy(f->at + f->len, octets, len);
	f->len += len;
}

static void put_be(struct file *f, uint64_t n, unsigned octets)
{
	while (octets--)
		f->at[f->len++] = (unsigned char)(n >> octets * 8);
}

/* RFC 8536 3.1: six counts; one type, whose name is "X". */
static void put_header(struct file *f, char version, unsigned times)
{
	const unsigned count[] = {0, 0, 0, times, 1, 2};

	put(f, "TZif", 4);
	put(f, &version, 1);
	put(f, (char[15]){0}, 15);
	for (unsigned i = 0; i < 6; i++)
		put_be(f, count[i], 4);
}

static void put_block(struct file *f, const int64_t *at, unsigned times, unsigned octets, int32_t offset_s)
{
	for (unsigned i = 0; i < times; i++)
		put_be(f, (uint64_t)at[i], octets);
	put(f, (char[8]){0}, times);
	put_be(f, (uint32_t)offset_s, 4);
	put(f, "\0\0X", 4);
}

/* A file of the second version whose only contents is the footer. */
static int from_footer(struct zone **z, const char *footer)
{
	struct file f = {.len = 0};

	put_header(&f, '2', 0);
	put_block(&f, NULL, 0, 4, 0);
	put_header(&f, '2', 0);
	put_block(&f, NULL, 0, 8, 0);
	put(&f, "\n", 1);
	put(&f, footer, strlen(footer));
	put(&f, "\n", 1);
	return zone_create(z, "Test/Zone", f.at, f.len);
}

/* Of a change in spring or autumn, in one of the three forms, at some hour. */
static void random_change(struct rng *r, struct strbuf *b, unsigned month)
{
	switch (rng_below(r, 3)) {
	case 0:
		strbuf_addf(b, ",M%u.%u.%u", month, 1 + rng_below(r, 5), rng_below(r, 7));
		break;
	case 1:
		strbuf_addf(b, ",J%u", month * 30 - 4 + rng_below(r, 8)); /* about 1 March, too */
		break;
	default:
		strbuf_addf(b, ",%u", month * 30 + rng_below(r, 30));
	}
	switch (rng_below(r, 4)) {
	case 0:
		strbuf_addf(b, "/%s%u", rng_below(r, 4) ? "" : "-", rng_below(r, 30));
		break;
	case 1:
		strbuf_addf(b, "/%u:%02u:%02u", rng_below(r, 24), rng_below(r, 60), rng_below(r, 60));
		break;
	}
}

static void random_footer(struct rng *r, char *out, size_t size)
{
	static const char *const name[] = {"ABC", "Zulu", "<+03>", "<-0330>"};
	unsigned north = rng_below(r, 2);
	struct strbuf b;

	strbuf_init(&b, out, size);
	strbuf_addf(&b, "%s%s%u", name[rng_below(r, 4)], rng_below(r, 2) ? "-" : "", rng_below(r, 13));
	if (rng_below(r, 3) == 0)
		strbuf_addf(&b, ":%02u", rng_below(r, 60));
	if (rng_below(r, 6) == 0)
		return;
	strbuf_add(&b, name[rng_below(r, 4)]);
	if (rng_below(r, 3) == 0)
		strbuf_addf(&b, "%s%u", rng_below(r, 2) ? "-" : "+", rng_below(r, 13));
	random_change(r, &b, (north ? 2 : 9) + rng_below(r, 2));
	random_change(r, &b, (north ? 9 : 2) + rng_below(r, 2));
}

/* Local time, and what libc says of the same second. */
static void same_as_libc(const struct zone *z, const char *footer, int64_t utc_s)
{
	time_t t = (time_t)utc_s;
	struct zone_moment m;
	struct tm tm;

	localtime_r(&t, &tm);
	zone_local(z, utc_s, &m);
	if (m.offset_s != tm.tm_gmtoff)
		fail_msg("%s at %ld: %d, not %ld", footer, (long)utc_s, m.offset_s, tm.tm_gmtoff);
	assert_int_equal(m.minute, tm.tm_hour * 60 + tm.tm_min);
	assert_int_equal(m.day, zone_day(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday));
	assert_int_equal((m.weekday + 1) % 7, tm.tm_wday);
}

/* To the second: between two moments with different offsets libc and the zone change together. */
static void same_change(const struct zone *z, const char *footer, int64_t low, int64_t high)
{
	struct zone_moment a, b;

	zone_local(z, low, &a);
	while (high - low > 1) {
		int64_t mid = low + (high - low) / 2;

		zone_local(z, mid, &b);
		if (b.offset_s == a.offset_s)
			low = mid;
		else
			high = mid;
	}
	same_as_libc(z, footer, low);
	same_as_libc(z, footer, high);
}

/* Both ways: a local time that there is once comes back to the minute; one that there is not (the
 * hour that summer time skips) comes to a moment less than the jump away. */
static unsigned comes_back(const struct zone *z, int64_t utc_s)
{
	struct zone_moment m, again;
	int64_t back;

	zone_local(z, utc_s, &m);
	back = zone_utc(z, m.day, m.minute * 60U);
	zone_local(z, back, &again);
	assert_int_equal(again.day, m.day);
	assert_int_equal(again.minute, m.minute);
	return back == utc_s;
}

void test_zone_footers(void **state)
{
	unsigned same = 0, all = 0;
	struct rng r;

	(void)state;
	printf("# seed 21\n");
	rng_init_seed(&r, 21);
	for (unsigned round = 0; round < 400; round++) {
		int64_t year = zone_day(1980 + (int)rng_below(&r, 100), 1, 1) * (int64_t)DAY_S;
		struct zone_moment m, before;
		struct zone *z;
		char footer[80];

		random_footer(&r, footer, sizeof(footer));
		setenv("TZ", footer, 1);
		tzset();
		if (from_footer(&z, footer))
			fail_msg("%s is refused", footer);
		zone_local(z, year - 1, &before);
		for (int64_t s = year; s < year + 800 * (int64_t)DAY_S; s += 100020) {
			same_as_libc(z, footer, s);
			zone_local(z, s, &m);
			if (m.offset_s != before.offset_s)
				same_change(z, footer, s - 100020, s);
			before = m;
			same += comes_back(z, s - s % 60);
			all++;
		}
		assert_string_equal(zone_name(z), "Test/Zone");
		zone_destroy(z);
	}
	printf("# %u of %u moments came back as they were\n", same, all);
	assert_true(same * 1000ULL > all * 990ULL && same < all); /* some hours come twice */
}

void test_zone_bad_footers(void **state)
{
	static const char *const good[] = {"", "UTC0", "<A>0", "ABC167", "ABC1DEF,0,365",
					   "ABC-1DEF,M3.5.0,M10.5.0/3", "ABC1:59:59",
					   "ABC1DEF,J1,J365/-167:59:59", "ABC1DEF,M1.1.6,M12.5.6"};
	static const char *const bad[] = {
	    "AB0",	       "A",		  "ABC",	    "<ABC0",	      "ABC168",
	    "ABC1:60",	       "ABC1:00:60",	  "ABC1:",	    "ABC1x",	      "ABC1DE,0,1",
	    "ABC1DEF",	       "ABC1DEF,",	  "ABC1DEF,0",	    "ABC1DEF,0,",     "ABC1DEF,0,366",
	    "ABC1DEF,M0.1.0,0", "ABC1DEF,M13.1.0,0", "ABC1DEF,M1.0.0,0", "ABC1DEF,M1.6.0,0",
	    "ABC1DEF,M1.1.7,0", "ABC1DEF,M1.1,0",  "ABC1DEF,M1-1.0,0", "ABC1DEF,0/,1",
	    "ABC1DEF,0,1x",    "ABC1DEF,0;1",	  "ABC1DEF2x,0,1",  "ABC1DEF+,0,1",  "ABC1DEF,0/1:61,1"};
	struct zone *z;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (from_footer(&z, good[i]))
			fail_msg("%s is refused", good[i]);
		zone_destroy(z);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (from_footer(&z, bad[i]) != -EBADMSG)
			fail_msg("%s is taken", bad[i]);
}

/* A table of changes, as version 1 has it and as version 2 has it without a footer. */
static int from_table(struct zone **z, char version, const int64_t *at, unsigned times, int32_t offset_s)
{
	struct file f = {.len = 0};
	unsigned octets = version ? 8 : 4;

	if (version) {
		put_header(&f, version, 0);
		put_block(&f, NULL, 0, 4, 0);
	}
	put_header(&f, version, times);
	put_block(&f, at, times, octets, offset_s);
	put(&f, "\n\n", version ? 2 : 0);
	return zone_create(z, "T", f.at, f.len);
}

void test_zone_tables(void **state)
{
	static const int64_t up[] = {-3000000000, -5, 100}, old[] = {-7, 0, 5}, twice[] = {1, 7, 7};
	static const struct {
		char version;
		const int64_t *at;
		unsigned times;
		int32_t offset_s;
		int err;
	} row[] = {
	    {0, old, 3, 3600, 0},	      {'2', up, 3, -3600, 0},	     {'2', up, 0, 172800, 0},
	    {0, old, 0, -172800, 0},	      {'2', up, 0, 172801, -EBADMSG}, {'2', up, 2, -172801, -EBADMSG},
	    {0, old, 1, 172801, -EBADMSG},    {'2', twice, 2, 0, 0},	     {'2', twice, 3, 0, -EBADMSG},
	};
	struct zone_moment m;
	struct zone *z;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(from_table(&z, row[i].version, row[i].at, row[i].times, row[i].offset_s),
				 row[i].err);
		if (row[i].err)
			continue;
		for (int64_t s = -10; s < 10; s++) {
			zone_local(z, s, &m);
			assert_int_equal(m.offset_s, row[i].offset_s);
		}
		zone_destroy(z);
	}
	zone_destroy(NULL);
}

/* Two types, by turns: each second about a change has the one that holds from then on. */
void test_zone_changes(void **state)
{
	static const int64_t at[] = {-1000, 0, 500, 1500};
	struct file f = {.len = 0};
	struct zone_moment m;
	struct zone *z;

	(void)state;
	put(&f, "TZif\0", 5);
	put(&f, (char[15]){0}, 15);
	for (unsigned i = 0; i < 6; i++)
		put_be(&f, (const unsigned[]){1, 2, 1, 4, 2, 3}[i], 4);
	for (unsigned i = 0; i < 4; i++)
		put_be(&f, (uint64_t)at[i], 4);
	put(&f, "\1\0\1\0", 4);
	put_be(&f, 60, 4);
	put(&f, "\0\0", 2);
	put_be(&f, 7200, 4);
	put(&f, "\0\0abc", 5);
	put(&f, "leapsec1", 8);
	put(&f, "std", 3);
	assert_int_equal(zone_create(&z, "T", f.at, f.len), 0);
	for (int64_t s = -1100; s < 1600; s++) {
		unsigned passed = 0;

		while (passed < 4 && at[passed] <= s)
			passed++;
		zone_local(z, s, &m);
		assert_int_equal(m.offset_s, passed % 2 ? 7200 : 60);
	}
	zone_destroy(z);
	for (size_t len = 0; len < f.len; len++)
		assert_int_equal(zone_create(&z, "T", f.at, len), -EBADMSG);
	f.at[44 + 16 + 1] = 2; /* there are two types, 0 and 1 */
	assert_int_equal(zone_create(&z, "T", f.at, f.len), -EBADMSG);
	f.at[44 + 16 + 1] = 0;
	f.at[0] = 't';
	assert_int_equal(zone_create(&z, "T", f.at, f.len), -EBADMSG);
}

/* Moments of a zone: as `plan test --at` takes them. */
void test_zone_moments(void **state)
{
	static const struct {
		const char *local, *utc;
	} row[] = {
	    {"2026-01-05T12:00", "2026-01-05T11:00Z"},
	    {"2026-07-05 12:00:07", "2026-07-05T10:00:07Z"},
	    {"2026-10-25T01:59:59", "2026-10-24T23:59:59Z"},
	    {"2026-10-25T02:30", "2026-10-25T00:30Z"}, /* comes twice: the first one */
	    {"2026-10-25T03:00", "2026-10-25T02:00Z"},
	    {"2026-03-29T01:59", "2026-03-29T00:59Z"},
	    {"2026-03-29T03:00", "2026-03-29T01:00Z"},
	    {"2026-12-31T23:59:59+00:00", "2026-12-31T23:59:59Z"},
	    {"2026-01-31T00:00+14:00", "2026-01-30T10:00Z"},
	    {"2026-12-31T00:00-00:59", "2026-12-31T00:59Z"},
	    {"1970-01-01T00:00Z", "1970-01-01T00:00+00:00"},
	};
	static const char *const bad[] = {"2026-01-05T12:00+14:60", "2026-01-05T12:00+15:00",
					  "2026-00-05T12:00",	    "2026-01-00T12:00",
					  "2026-01-32T12:00",	    "2026-01-05T12:00:",
					  "2026-01-05T12:00Z+00:00", "2026-01-05T12:00+01:00Z",
					  "2026-01-05T12:00:00:00", "2026/01-05T12:00",
					  "2026-01/05T12:00",	    "2026-01-05T12-00",
					  "2026-01-05t12:00",	    "2026-01-05T1a:00",
					  "2026-01-05T1/:00",	    "2026-01-05T12:00+1:00"};
	struct zone *z;
	int64_t a, b;

	(void)state;
	assert_int_equal(from_footer(&z, "CET-1CEST,M3.5.0,M10.5.0/3"), 0);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(plan_moment_parse(row[i].local, z, &a), 0);
		assert_int_equal(plan_moment_parse(row[i].utc, NULL, &b), 0);
		if (a != b)
			fail_msg("%s is %ld s off %s", row[i].local, (long)((a - b) / 1000000), row[i].utc);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (plan_moment_parse(bad[i], z, &a) != -EINVAL)
			fail_msg("%s is taken", bad[i]);
	zone_destroy(z);
}
