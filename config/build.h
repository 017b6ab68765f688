/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From checked values to struct config: what each part means and whether the parts fit together.
 * Every function reports and goes on, so that one run finds all mistakes. Private to config/.
 */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include <sys/types.h>

#include "config/schema.h"

/* Where things stand in the file, for messages about two things that do not fit together. */
struct span_place {
	const struct node *path; /* listen or connect */
	const struct node *numbers; /* NULL: not given */
};
struct trunk_place {
	const struct node *name;
	const struct node *peer;
	const struct node *numbers; /* NULL: not given */
	const struct node *source[SIP_NETWORKS_MAX];
	bool ok; /* bind and peer can be compared with other trunks' */
};

struct build {
	struct report *report;
	struct arena *arena;
	struct config *config;
	const struct node *root;
	struct schema_value top[TOP_COUNT];
	struct span_place *span;   /* one per config->span */
	struct trunk_place *trunk; /* one per config->trunk */
	unsigned channels;	   /* B-channels of all spans */
};

/* Entries of top[TOP_…] as count rows of size in the arena and in *out (heap). 0: none. */
unsigned build_rows(struct build *b, int top, size_t size, void **out);
void build_spans(struct build *b);
void build_causes(struct build *b);
/* A trunk's own tables over the gateway's; NULL when it has none. */
struct cause_table *build_trunk_causes(struct build *b, const struct schema_value *v);
void build_trunks(struct build *b);
void build_plan(struct build *b);
void build_cases(struct build *b);
void build_rtp(struct build *b);
void build_files(struct build *b);
void build_limits(struct build *b);
void build_dns(struct build *b);

/* Octets of a regular file read into text[CONFIG_FILE_MAX + 1], or -errno, then perhaps with a
 * better word in *why than that. */
ssize_t config_read_file(const char *path, char *text, const char **why);

#define COMPLAIN(b, n, ...) report_add((b)->report, (n)->line, (n)->column, __VA_ARGS__)

#endif
