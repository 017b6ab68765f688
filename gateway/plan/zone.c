/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/zone.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"

enum {
	NAME_MAX_OCTETS = 64,
	HEADER = 44, /* RFC 8536 3.1 */
	TIMES_MAX = 10000,
	TYPES_MAX = 256,
	DAY_S = 86400,
	EPOCH_SHIFT = 719468, /* days from 0000-03-01 to 1970-01-01 */
	DAYS_OF_ERA = 146097, /* 400 years */
};

/* When summer time begins or ends, in a year (POSIX TZ: Mm.w.d, Jn, n). */
struct change {
	enum { CHANGE_WEEKDAY, CHANGE_JULIAN, CHANGE_DAY } kind;
	int month, week, day;
	int32_t time_s; /* local, may be negative or beyond a day */
};

struct footer {
	bool given, summer;
	int32_t offset_s[2]; /* standard, summer; east of UTC */
	struct change begin, end;
};

struct zone {
	char name[NAME_MAX_OCTETS];
	unsigned times;
	int64_t *at;	   /* UTC seconds, ascending */
	int32_t *offset_s; /* from then on */
	int32_t first_s;   /* before the first */
	struct footer footer;
};

/* ── calendar ── */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Years begin in March, so that the leap day is the last one of a year. */
int32_t zone_day(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = floor_div(y, 400), of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (int32_t)(era * DAYS_OF_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
			 EPOCH_SHIFT);
}

void zone_date(int32_t day, int *year, int *month, int *day_of_month)
{
	int64_t z = (int64_t)day + EPOCH_SHIFT, era = floor_div(z, DAYS_OF_ERA);
	int64_t of_era = z - era * DAYS_OF_ERA;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;

	*day_of_month = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (*month <= 2));
}

static unsigned weekday_of(int32_t day)
{
	return (unsigned)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* ── the footer (RFC 8536 3.3, POSIX TZ) ── */

static bool skip_name(const char **text)
{
	const char *p = *text;

	if (*p == '<') {
		p = strchr(p, '>');
		if (!p)
			return false;
		*text = p + 1;
		return true;
	}
	while ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))
		p++;
	if (p - *text < 3)
		return false;
	*text = p;
	return true;
}

static bool read_int(const char **text, int most, int *out)
{
	const char *p = *text;

	for (*out = 0; *p >= '0' && *p <= '9'; p++) {
		*out = *out * 10 + (*p - '0');
		if (*out > most)
			return false;
	}
	if (p == *text)
		return false;
	*text = p;
	return true;
}

/* [+-]h[:m[:s]] in seconds. */
static bool read_time(const char **text, int32_t *out)
{
	bool minus = **text == '-';
	int part[3] = {0, 0, 0};

	*text += **text == '-' || **text == '+';
	for (int i = 0; i < 3; i++) {
		if (i && *(*text)++ != ':')
			return false;
		if (!read_int(text, i ? 59 : 167, &part[i]))
			return false;
		if (**text != ':')
			break;
	}
	*out = part[0] * 3600 + part[1] * 60 + part[2];
	*out = minus ? -*out : *out;
	return true;
}

static bool read_change(const char **text, struct change *c)
{
	bool good;

	if (*(*text)++ != ',')
		return false;
	*c = (struct change){.time_s = 2 * 3600};
	if (**text == 'M') {
		++*text;
		good = read_int(text, 12, &c->month) && *(*text)++ == '.' &&
		       read_int(text, 5, &c->week) && *(*text)++ == '.' &&
		       read_int(text, 6, &c->day) && c->month && c->week;
	} else {
		c->kind = **text == 'J' ? CHANGE_JULIAN : CHANGE_DAY;
		*text += **text == 'J';
		good = read_int(text, 365, &c->day);
	}
	if (good && **text == '/') {
		++*text;
		good = read_time(text, &c->time_s);
	}
	return good;
}

static bool read_footer(const char *text, struct footer *f)
{
	*f = (struct footer){0};
	if (!*text)
		return true; /* the table is all there is */
	if (!skip_name(&text) || !read_time(&text, &f->offset_s[0]))
		return false;
	f->offset_s[0] = -f->offset_s[0]; /* POSIX counts west of UTC */
	f->given = true;
	if (!*text)
		return true;
	f->summer = true;
	f->offset_s[1] = f->offset_s[0] + 3600;
	if (!skip_name(&text))
		return false;
	if (*text && *text != ',') {
		if (!read_time(&text, &f->offset_s[1]))
			return false;
		f->offset_s[1] = -f->offset_s[1];
	}
	return read_change(&text, &f->begin) && read_change(&text, &f->end) && !*text;
}

/* Seconds of local time since 1970, in that year. */
static int64_t change_local_s(const struct change *c, int year)
{
	int32_t day = zone_day(year, 1, 1);
	bool leap = zone_day(year, 3, 1) - zone_day(year, 2, 28) == 2;

	if (c->kind == CHANGE_DAY) {
		day += c->day;
	} else if (c->kind == CHANGE_JULIAN) {
		day += c->day - 1 + (leap && c->day >= 60); /* 29 February is never counted */
	} else {
		int32_t first = zone_day(year, c->month, 1);
		int32_t next = c->month == 12 ? zone_day(year + 1, 1, 1)
					      : zone_day(year, c->month + 1, 1);
		unsigned want = (unsigned)(c->day + 6) % 7; /* POSIX: 0 is Sunday */

		day = first + (int32_t)((want + 7 - weekday_of(first)) % 7) + 7 * (c->week - 1);
		while (day >= next) /* week 5 is the last one */
			day -= 7;
	}
	return (int64_t)day * DAY_S + c->time_s;
}

static int32_t footer_offset(const struct footer *f, int64_t utc_s)
{
	int year, month, day;
	int64_t begin, end;

	if (!f->summer)
		return f->offset_s[0];
	zone_date((int32_t)floor_div(utc_s + f->offset_s[0], DAY_S), &year, &month, &day);
	begin = change_local_s(&f->begin, year) - f->offset_s[0];
	end = change_local_s(&f->end, year) - f->offset_s[1];
	if (begin < end)
		return f->offset_s[utc_s >= begin && utc_s < end];
	return f->offset_s[utc_s >= begin || utc_s < end]; /* the south */
}

/* ── the file ── */

struct counts {
	uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const unsigned char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* Length of the data block behind a header, 0: none that could be. */
static size_t read_header(const unsigned char *p, size_t len, size_t time_size, struct counts *c)
{
	if (len < HEADER || memcmp(p, "TZif", 4) != 0)
		return 0;
	*c = (struct counts){be32(p + 20), be32(p + 24), be32(p + 28),
			     be32(p + 32), be32(p + 36), be32(p + 40)};
	if (c->time > TIMES_MAX || c->type == 0 || c->type > TYPES_MAX || c->leap > TIMES_MAX ||
	    c->isut > TYPES_MAX || c->isstd > TYPES_MAX || c->chars > 4096)
		return 0;
	return c->time * (time_size + 1) + c->type * 6 + c->chars + c->leap * (time_size + 4) +
	       c->isstd + c->isut;
}

static int read_block(struct zone *z, const unsigned char *p, const struct counts *c,
		      size_t time_size)
{
	const unsigned char *index = p + c->time * time_size, *type = index + c->time;

	z->at = calloc(c->time + 1, sizeof(*z->at));
	z->offset_s = calloc(c->time + 1, sizeof(*z->offset_s));
	if (!z->at || !z->offset_s)
		return -ENOMEM;
	z->first_s = (int32_t)be32(type);
	for (uint32_t i = 0; i < c->time; i++) {
		z->at[i] = time_size == 8 ? be64(p + i * 8) : (int32_t)be32(p + i * 4);
		if (index[i] >= c->type || (i && z->at[i] <= z->at[i - 1]))
			return -EBADMSG;
		z->offset_s[i] = (int32_t)be32(type + index[i] * 6);
		if (z->offset_s[i] < -2 * DAY_S || z->offset_s[i] > 2 * DAY_S)
			return -EBADMSG;
	}
	if (z->first_s < -2 * DAY_S || z->first_s > 2 * DAY_S)
		return -EBADMSG;
	z->times = c->time;
	return 0;
}

static int read_file(struct zone *z, const unsigned char *p, size_t len)
{
	struct counts c;
	size_t block = read_header(p, len, 4, &c);
	char footer[128];
	int err;

	if (!block || len - HEADER < block || p[4] == '\0') {
		if (!block || len - HEADER < block)
			return -EBADMSG;
		return read_block(z, p + HEADER, &c, 4);
	}
	p += HEADER + block;
	len -= HEADER + block;
	block = read_header(p, len, 8, &c);
	if (!block || len - HEADER < block)
		return -EBADMSG;
	err = read_block(z, p + HEADER, &c, 8);
	p += HEADER + block;
	len -= HEADER + block;
	if (err)
		return err;
	if (len < 2 || len > sizeof(footer) || *p != '\n' || p[len - 1] != '\n')
		return -EBADMSG;
	memcpy(footer, p + 1, len - 2);
	footer[len - 2] = '\0';
	return read_footer(footer, &z->footer) ? 0 : -EBADMSG;
}

int zone_create(struct zone **out, const char *name, const void *octets, size_t len)
{
	struct zone *z = calloc(1, sizeof(*z));
	int err;

	if (!z)
		return -ENOMEM;
	str_copy(z->name, sizeof(z->name), name);
	err = read_file(z, octets, len);
	if (err)
		zone_destroy(z);
	else
		*out = z;
	return err;
}

void zone_destroy(struct zone *z)
{
	if (!z)
		return;
	free(z->at);
	free(z->offset_s);
	free(z);
}

const char *zone_name(const struct zone *z)
{
	return z->name;
}

static int32_t offset_at(const struct zone *z, int64_t utc_s)
{
	unsigned low = 0, high;

	if (!z)
		return 0;
	high = z->times;
	if (z->footer.given && (!z->times || utc_s >= z->at[z->times - 1]))
		return footer_offset(&z->footer, utc_s);
	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (z->at[mid] <= utc_s)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? z->offset_s[low - 1] : z->first_s;
}

void zone_local(const struct zone *z, int64_t utc_s, struct zone_moment *out)
{
	int32_t offset = offset_at(z, utc_s);
	int64_t local = utc_s + offset, day = floor_div(local, DAY_S);

	out->offset_s = offset;
	out->day = (int32_t)day;
	out->minute = (uint16_t)((local - day * DAY_S) / 60);
	out->weekday = (uint8_t)weekday_of((int32_t)day);
}

int64_t zone_utc(const struct zone *z, int32_t day, uint32_t second_of_day)
{
	int64_t local = (int64_t)day * DAY_S + second_of_day;
	int64_t first = local - offset_at(z, local - DAY_S);

	/* With the offset of the day before; when that is not the one that holds then, the other. */
	if (first + offset_at(z, first) == local)
		return first;
	return local - offset_at(z, first);
}
