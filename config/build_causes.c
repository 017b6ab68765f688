/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's rows of the cause tables, for all trunks and for one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "gateway/base/strbuf.h"

enum { PATH_MAX_OCTETS = 4096 };

struct file {
	struct build *b;
	const struct node *at; /* the path in the configuration */
};

static void complain(void *arg, unsigned line, const char *text)
{
	struct file *f = arg;

	COMPLAIN(f->b, f->at, "%s:%u: %s", f->at->text, line, text);
}

/* A relative path begins at the folder of the configuration file. */
static bool full_path(const struct build *b, const char *path, char out[PATH_MAX_OCTETS])
{
	const char *slash = strrchr(b->report->file, '/');
	struct strbuf s;

	strbuf_init(&s, out, PATH_MAX_OCTETS);
	if (*path != '/' && slash)
		strbuf_add_n(&s, b->report->file, (size_t)(slash - b->report->file) + 1);
	strbuf_add(&s, path);
	return !s.truncated;
}

static void read_rows(struct build *b, const struct schema_value *v, enum cause_direction direction,
		      struct cause_table *t)
{
	char *text, path[PATH_MAX_OCTETS];
	struct file f = {b, v->node};
	const char *why = NULL;
	ssize_t n = -ENAMETOOLONG;

	if (!v->given || !v->ok)
		return;
	text = malloc(CONFIG_FILE_MAX + 1);
	if (full_path(b, v->text, path))
		n = text ? config_read_file(path, text, &why) : -ENOMEM;
	if (n < 0)
		COMPLAIN(b, v->node, "%s cannot be read: %s", v->text,
			 why ? why : strerror((int)-n));
	else if (n > CAUSE_FILE_MAX)
		COMPLAIN(b, v->node, "%s is longer than %d octets; this is no cause table", v->text,
			 CAUSE_FILE_MAX);
	else
		cause_table_read(t, direction, text, (size_t)n, complain, &f);
	free(text);
}

/* The rows of this map over those of base. */
static struct cause_table *build_table(struct build *b, const struct node *map,
				       const struct cause_table *base)
{
	struct cause_table *t = malloc(sizeof(*t));
	struct schema_value v[CAUSES_COUNT];

	if (!t) {
		COMPLAIN(b, map, "out of memory");
		return NULL;
	}
	*t = *base;
	schema_read(b->report, map, NULL, "causes", schema_causes, v);
	read_rows(b, &v[CAUSES_Q850_TO_SIP], CAUSE_Q850_TO_SIP, t);
	read_rows(b, &v[CAUSES_SIP_TO_Q850], CAUSE_SIP_TO_Q850, t);
	return t;
}

void build_causes(struct build *b)
{
	const struct schema_value *v = &b->top[TOP_CAUSES];

	if (v->given && v->ok)
		b->config->causes = build_table(b, v->node, cause_table_default());
}

struct cause_table *build_trunk_causes(struct build *b, const struct schema_value *v)
{
	const struct cause_table *base = b->config->causes;

	if (!v->given || !v->ok)
		return NULL;
	return build_table(b, v->node, base ? base : cause_table_default());
}
