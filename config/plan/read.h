/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the number plan's parts: rules and rewrites (rule.c), hours and zones (when.c), what all
 * rules share (numbers.c); plan.c puts them together. Values point into the arena and the
 * tree, which live until the plan is made. Private to config/.
 */
#ifndef CONFIG_PLAN_READ_H
#define CONFIG_PLAN_READ_H

#include "config/build.h"
#include "gateway/plan/list.h"
#include "gateway/plan/zone.h"

enum { PLAN_ZONES_MAX = 64, PLAN_LISTS_MAX = 1000, PLAN_LOOKUPS_MAX = 100 };

/* What rules refer to by name. Owner of zones and lists until the plan has taken them over. */
struct plan_shared {
	struct schema_value numbers[NUMBERS_COUNT];
	struct zone *zone[PLAN_ZONES_MAX]; /* the first is the plan's, when one is named */
	unsigned zones;
	bool zone_missing; /* one could not be read: say nothing of those that depend on it */
	struct plan_list *list[PLAN_LISTS_MAX];
	const char *list_name[PLAN_LISTS_MAX]; /* also of those that could not be read */
	unsigned lists;
	struct plan_lookup lookup[PLAN_LOOKUPS_MAX];
	unsigned lookups;
	int32_t *holiday;
	unsigned holidays;
	uint32_t reroute[4];
	bool reroute_given;
	struct plan_edge *edge;
	unsigned edges;
};

void plan_read_shared(struct build *b, struct plan_shared *s);
void plan_free_shared(struct plan_shared *s);

void plan_read_rule(struct build *b, struct plan_shared *s, const struct node *map,
		    struct plan_rule *out);
void plan_read_rewrite(struct build *b, struct plan_shared *s, const struct node *map,
		       struct plan_rule *out);
void plan_read_when(struct build *b, struct plan_shared *s, const struct node *map,
		    struct plan_when *out);
/* Days since 1970-01-01, from (and to) of "2026-12-24" or "2026-12-24..2026-12-26". */
bool plan_read_dates(struct build *b, const struct node *n, struct plan_dates *out);
/* Bits of an ITEMS key of causes. */
void plan_read_causes(struct build *b, const struct schema_key *key, const struct schema_value *v,
		      uint32_t out[4]);
/* 1 + index, 0: reported. */
uint16_t plan_find_zone(struct build *b, struct plan_shared *s, const struct schema_value *v);
/* Built in, or read from a file of one's own (*.yaml); NULL: reported. */
const struct e164_profile *plan_find_profile(struct build *b, const struct schema_value *v);
/* A regular file as it is on the disk, read-only; NULL with *why. munmap() it. */
void *plan_map_file(const char *path, size_t most, size_t *len, const char **why);
/* Relative names stand beside the configuration. */
void plan_path_beside(const struct build *b, const char *file, char *out, size_t size);
/* CALL_EP_NONE: any, or reported. */
struct call_endpoint plan_find_endpoint(struct build *b, const struct schema_value *v);
const char *plan_text(const struct schema_value *v); /* NULL when empty or wrong */

#endif
