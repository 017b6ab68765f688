/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time zones from the octets of a TZif file (RFC 8536): the table of transitions and, after its
 * end, the rule of the footer. Wall time is handed in; nothing of libc's local time, which reads
 * the environment and a global. Pure; a zone is immutable, any thread reads it.
 */
#ifndef GATEWAY_PLAN_ZONE_H
#define GATEWAY_PLAN_ZONE_H

#include <stddef.h>
#include <stdint.h>

struct zone;

struct zone_moment {
	int32_t day;      /* days since 1970-01-01, local */
	uint16_t minute;  /* of the day, local */
	uint8_t weekday;  /* 0 is Monday */
	int32_t offset_s; /* east of UTC */
};

/* 0, -ENOMEM, or -EBADMSG: no TZif of version 1 to 4. */
int zone_create(struct zone **out, const char *name, const void *octets, size_t len);
void zone_destroy(struct zone *z); /* NULL legal */
const char *zone_name(const struct zone *z);
/* z NULL: UTC. */
void zone_local(const struct zone *z, int64_t utc_s, struct zone_moment *out);
/* The other way, for what people type in: an hour that comes twice is the first one. */
int64_t zone_utc(const struct zone *z, int32_t day, uint32_t second_of_day);
/* Days since 1970-01-01 of a date of the Gregorian calendar; and back. */
int32_t zone_day(int year, int month, int day);
void zone_date(int32_t day, int *year, int *month, int *day_of_month);

#endif
