/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which country's numbering plan an edge has: one that is built in, or a file of one's own. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "config/plan/read.h"
#include "config/plan/profile.h"
#include "gateway/base/strbuf.h"

static bool is_file(const char *text)
{
	size_t n = strlen(text);

	return strchr(text, '/') || (n > 5 && strcmp(text + n - 5, ".yaml") == 0);
}

struct mistakes {
	struct build *b;
	const struct node *at;
};

/* Told at the place in the configuration that names the file. */
static void on_mistake(void *arg, const char *text)
{
	struct mistakes *m = arg;

	COMPLAIN(m->b, m->at, "%s", text);
}

/* Keeps it with the configuration, as the plan outlives the reading. */
static const struct e164_profile *keep(struct build *b, const struct node *at, const char *path,
				       const struct e164_profile *profile)
{
	struct config_profile *own = calloc(1, sizeof(*own));

	if (!own) {
		COMPLAIN(b, at, "out of memory");
		return NULL;
	}
	own->profile = *profile;
	str_copy(own->path, sizeof(own->path), path);
	own->next = b->config->profiles;
	b->config->profiles = own;
	return &own->profile;
}

static const struct e164_profile *read_own(struct build *b, const struct node *at, const char *file)
{
	struct mistakes m = {b, at};
	const struct e164_profile *profile;
	struct profile_file f;
	char path[600];
	const char *why, *text;
	size_t len = 0;
	int mistakes;

	plan_path_beside(b, file, path, sizeof(path));
	for (const struct config_profile *own = b->config->profiles; own; own = own->next)
		if (strcmp(own->path, path) == 0)
			return &own->profile;
	text = plan_map_file(path, PROFILE_FILE_MAX, &len, &why);
	if (!text) {
		COMPLAIN(b, at, "%s cannot be read: %s; `spanbridge plan profile NAME` prints one to "
				"begin with",
			 path, why);
		return NULL;
	}
	mistakes = profile_parse(&f, path, text, len, on_mistake, &m);
	munmap((void *)text, len);
	if (mistakes)
		return NULL;
	profile = keep(b, at, path, &f.profile);
	profile_file_fini(&f);
	return profile;
}

const struct e164_profile *plan_find_profile(struct build *b, const struct schema_value *v)
{
	const struct e164_profile *p;
	char seen[REPORT_QUOTE], known[200];
	struct strbuf list;

	if (is_file(v->text))
		return read_own(b, v->node, v->text);
	p = profile_find(v->text);
	if (p)
		return p;
	strbuf_init(&list, known, sizeof(known));
	for (unsigned i = 0; profile_name(i); i++)
		strbuf_addf(&list, "%s%s", i ? ", " : "", profile_name(i));
	COMPLAIN(b, v->node, "there is no profile %s; there is: %s, or a file of your own (*.yaml)",
		 report_quote(seen, v->text), known);
	return NULL;
}
