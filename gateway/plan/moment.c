/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/moment.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Exactly n digits. Moves *p past them. */
static bool take(const char **p, int n, int *out)
{
	for (*out = 0; n--; ++*p) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return true;
}

static bool take_after(const char **p, char sign, int n, int *out)
{
	return *(*p)++ == sign && take(p, n, out);
}

static bool is_date(int year, int month, int day)
{
	int y, m, d;

	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	zone_date(zone_day(year, month, day), &y, &m, &d);
	return y == year && m == month && d == day; /* no 30 February */
}

int plan_moment_parse(const char *text, const struct zone *zone, int64_t *wall_us)
{
	int year, month, day, hour, minute, second = 0, east_h = 0, east_m = 0;
	const char *p = text;
	int32_t days;
	int64_t s;

	if (!take(&p, 4, &year) || !take_after(&p, '-', 2, &month) ||
	    !take_after(&p, '-', 2, &day) || (*p != 'T' && *p != ' '))
		return -EINVAL;
	p++;
	if (!take(&p, 2, &hour) || !take_after(&p, ':', 2, &minute) ||
	    (*p == ':' && !take_after(&p, ':', 2, &second)))
		return -EINVAL;
	if (!is_date(year, month, day) || hour > 23 || minute > 59 || second > 59)
		return -EINVAL;
	days = zone_day(year, month, day);
	s = hour * 3600 + minute * 60 + second;
	if (!*p) {
		*wall_us = zone_utc(zone, days, (uint32_t)s) * 1000000;
		return 0;
	}
	if (*p == '+' || *p == '-') {
		int sign = *p == '-' ? -1 : 1;

		p++;
		if (!take(&p, 2, &east_h) || !take_after(&p, ':', 2, &east_m) || east_h > 14 ||
		    east_m > 59)
			return -EINVAL;
		s -= sign * (east_h * 3600 + east_m * 60);
	} else if (*p++ != 'Z') {
		return -EINVAL;
	}
	if (*p)
		return -EINVAL;
	*wall_us = ((int64_t)days * 86400 + s) * 1000000;
	return 0;
}
