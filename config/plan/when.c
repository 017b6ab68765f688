/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hours, days, dates and time zones of the number plan. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "config/plan/read.h"

enum { MINUTES_OF_DAY = 24 * 60, ZONE_FILE_MAX = 1 << 18 };
#define ZONE_FOLDER "/usr/share/zoneinfo"

static const char *const day_names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* 0 Monday … 6, -1: none. Moves *text behind it. */
static int day_of(const char **text)
{
	for (int i = 0; i < 7; i++)
		if (strncmp(*text, day_names[i], 3) == 0) {
			*text += 3;
			return i;
		}
	return -1;
}

static void read_days(struct build *b, const struct node *n, uint8_t *days)
{
	const char *p = n->text;
	int from = day_of(&p), to = from;

	if (from >= 0 && *p == '-') {
		p++;
		to = day_of(&p);
	}
	if (from < 0 || to < 0 || *p) {
		COMPLAIN(b, n, "days are mon, tue, wed, thu, fri, sat, sun, or mon-fri");
		return;
	}
	for (int d = from;; d = (d + 1) % 7) {
		*days |= (uint8_t)(1 << d);
		if (d == to)
			break;
	}
}

/* Two digits that are at most `most`; -1: none. */
static int two_digits(const char *p, int most)
{
	int n = p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9'
		    ? (p[0] - '0') * 10 + p[1] - '0'
		    : -1;

	return n <= most ? n : -1;
}

static int minute_of_day(const char *p)
{
	int hour = two_digits(p, 24), minute = hour < 0 || p[2] != ':' ? -1 : two_digits(p + 3, 59);

	return minute < 0 || hour * 60 + minute > MINUTES_OF_DAY ? -1 : hour * 60 + minute;
}

static void read_time(struct build *b, const struct node *n, struct plan_when *w)
{
	bool shape = strlen(n->text) == 11 && n->text[5] == '-';
	int from = shape ? minute_of_day(n->text) : -1, to = shape ? minute_of_day(n->text + 6) : -1;

	if (from < 0 || to < 0 || from == MINUTES_OF_DAY) {
		COMPLAIN(b, n, "hours are written \"08:00-18:00\", at most until 24:00");
		return;
	}
	if (from == to) {
		COMPLAIN(b, n, "hours that end when they begin; leave time out for the whole day");
		return;
	}
	w->time[w->time_count].from_min = (uint16_t)from;
	w->time[w->time_count++].to_min = (uint16_t)to;
}

/* "2026-12-24"; false: no date of the calendar. */
static bool date_of(const char *p, int32_t *day)
{
	int century = two_digits(p, 99), year = century < 0 ? -1 : two_digits(p + 2, 99);
	int month = year < 0 || p[4] != '-' ? -1 : two_digits(p + 5, 12);
	int of_month = month < 1 || p[7] != '-' ? -1 : two_digits(p + 8, 31);
	int y, m, d;

	if (of_month < 1)
		return false;
	*day = zone_day(century * 100 + year, month, of_month);
	zone_date(*day, &y, &m, &d);
	return m == month && d == of_month;
}

bool plan_read_dates(struct build *b, const struct node *n, struct plan_dates *out)
{
	size_t len = strlen(n->text);
	bool good = (len == 10 || (len == 22 && memcmp(n->text + 10, "..", 2) == 0)) &&
		    date_of(n->text, &out->from);

	out->to = out->from;
	good = good && (len == 10 || date_of(n->text + 12, &out->to));
	if (!good)
		COMPLAIN(b, n, "a date is 2026-12-24, some days are 2026-12-24..2026-12-26");
	else if (out->to < out->from)
		COMPLAIN(b, n, "the earlier date stands first");
	return good && out->to >= out->from;
}

uint16_t plan_find_zone(struct build *b, struct plan_shared *s, const struct schema_value *v)
{
	char path[128], seen[REPORT_QUOTE];
	const char *why = NULL;
	size_t len = 0;
	void *octets;
	int err;

	for (unsigned i = 0; i < s->zones; i++)
		if (strcmp(zone_name(s->zone[i]), v->text) == 0)
			return (uint16_t)(i + 1);
	snprintf(path, sizeof(path), ZONE_FOLDER "/%s", v->text);
	if (s->zones == PLAN_ZONES_MAX || strstr(v->text, "..") || *v->text == '/') {
		COMPLAIN(b, v->node, "%s is no time zone; write for example Europe/Berlin",
			 report_quote(seen, v->text));
		return 0;
	}
	octets = plan_map_file(path, ZONE_FILE_MAX, &len, &why);
	if (!octets) {
		COMPLAIN(b, v->node,
			 "%s is no time zone here (%s: %s); write for example Europe/Berlin, and "
			 "see that the package tzdata is installed",
			 report_quote(seen, v->text), path, why);
		return 0;
	}
	err = zone_create(&s->zone[s->zones], v->text, octets, len);
	munmap(octets, len);
	if (err) {
		COMPLAIN(b, v->node, "%s is no time zone file (%s)", path, strerror(-err));
		return 0;
	}
	return (uint16_t)++s->zones;
}

void plan_read_when(struct build *b, struct plan_shared *s, const struct node *map,
		    struct plan_when *out)
{
	struct schema_value v[WHEN_COUNT], item;

	schema_read(b->report, map, NULL, "when", schema_when, v);
	for (unsigned i = 0; v[WHEN_DAYS].given && v[WHEN_DAYS].ok &&
			     schema_item(b->report, &schema_when[WHEN_DAYS], v[WHEN_DAYS].node, i,
					 &item);
	     i++)
		read_days(b, item.node, &out->days);
	for (unsigned i = 0; v[WHEN_TIME].given && v[WHEN_TIME].ok &&
			     schema_item(b->report, &schema_when[WHEN_TIME], v[WHEN_TIME].node, i,
					 &item);
	     i++)
		read_time(b, item.node, out);
	for (unsigned i = 0; v[WHEN_DATES].given && v[WHEN_DATES].ok &&
			     schema_item(b->report, &schema_when[WHEN_DATES], v[WHEN_DATES].node, i,
					 &item);
	     i++)
		out->date_count += plan_read_dates(b, item.node, &out->dates[out->date_count]);
	if (v[WHEN_HOLIDAYS].ok)
		out->holidays = (int8_t)(v[WHEN_HOLIDAYS].number == 1   ? 1
					 : v[WHEN_HOLIDAYS].number == 2 ? -1
									: 0);
	if (plan_text(&v[WHEN_TIMEZONE]))
		out->zone = plan_find_zone(b, s, &v[WHEN_TIMEZONE]);
}
