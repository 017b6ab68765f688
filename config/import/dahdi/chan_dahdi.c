/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/import/dahdi/chan_dahdi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/dahdi/chan_keys.h"
#include "gateway/base/strbuf.h"

enum { NAME_SIZE = 80 };

struct section {
	char name[NAME_SIZE];
	struct chan_settings own; /* its templates' and its own */
};

struct reader {
	struct chan_dahdi *conf;
	struct import_notes *notes;
	struct import_lines lines;
	char raw[IMPORT_LINE_MAX]; /* the line as it stands, for notes */
	bool in_comment;	   /* between ;-- and --; */
	bool others;		   /* second pass: all but [channels] */
	struct chan_settings base; /* of [channels], at the end of the first pass */
	struct section *section;
	unsigned sections;
	struct section *in;	   /* second pass; NULL: none */
	struct chan_maker waiting; /* dahdichan: made when the section ends */
	bool in_channels, ignored, template;
};

#define NOTE(r, ...)                                                                               \
	import_note((r)->notes, (r)->conf->source, (r)->lines.number, (r)->raw, __VA_ARGS__)

/* Comments: from ; to the end (not after a backslash), and between ;-- and --;. In place. */
static void strip_comments(struct reader *r, char *text)
{
	char *out = text;

	for (char *p = text; *p; p++) {
		if (r->in_comment) {
			if (strncmp(p, "--;", 3) == 0) {
				r->in_comment = false;
				p += 2;
			}
		} else if (strncmp(p, ";--", 3) == 0 && p[3] != '-') {
			r->in_comment = true;
			p += 2;
		} else if (*p == ';') {
			break;
		} else {
			p += *p == '\\' && p[1] == ';';
			*out++ = *p;
		}
	}
	*out = '\0';
}

static bool next_line(struct reader *r)
{
	if (!import_next_line(&r->lines))
		return false;
	str_copy(r->raw, sizeof(r->raw), r->lines.line);
	if (r->lines.cut && !r->others)
		NOTE(r, "longer than %d octets; its end is not read", IMPORT_LINE_MAX - 1);
	strip_comments(r, r->lines.line);
	memmove(r->lines.line, import_trim(r->lines.line), strlen(import_trim(r->lines.line)) + 1);
	return true;
}

/* ── channels ── */

static void add_maker(struct reader *r, const struct chan_maker *m)
{
	struct chan_maker *all;

	if (r->conf->makers == CHAN_MAKERS_MAX) {
		NOTE(r, "more than %d lines that make channels; left out", CHAN_MAKERS_MAX);
		return;
	}
	all = realloc(r->conf->maker, (r->conf->makers + 1) * sizeof(*all));
	if (!all)
		return;
	r->conf->maker = all;
	all[r->conf->makers++] = *m;
}

static bool read_maker(struct reader *r, const char *value, struct chan_maker *m)
{
	m->line = r->lines.number;
	import_quote(m->text, r->raw);
	if (import_channels(value, &m->channels))
		return true;
	NOTE(r, "not a list of channels as in 1-15,17-31; left out");
	return false;
}

static void end_section(struct reader *r)
{
	if (r->waiting.line) {
		r->waiting.settings = r->base;
		for (unsigned i = 0; r->in && i < CHAN_SETTINGS; i++)
			if (r->in->own.of[i].line)
				r->waiting.settings.of[i] = r->in->own.of[i];
		add_maker(r, &r->waiting);
	}
	r->waiting = (struct chan_maker){0};
	r->in = NULL;
}

/* ── sections ── */

static struct section *find_section(struct reader *r, const char *name)
{
	for (unsigned i = 0; i < r->sections; i++)
		if (strcasecmp(r->section[i].name, name) == 0)
			return &r->section[i];
	return NULL;
}

static struct section *add_section(struct reader *r, const char *name)
{
	struct section *s;

	if (r->sections == CHAN_SECTIONS_MAX) {
		NOTE(r, "more than %d sections; left out", CHAN_SECTIONS_MAX);
		return NULL;
	}
	s = &r->section[r->sections++];
	*s = (struct section){0};
	str_copy(s->name, sizeof(s->name), name);
	return s;
}

/* "(!,one,two)": a template, and those that it is made from. */
static void take_templates(struct reader *r, char *list)
{
	char *item;

	while ((item = strsep(&list, ","))) {
		struct section *from;

		item = import_trim(item);
		if (strcmp(item, "!") == 0)
			r->template = true;
		if (!*item || strcmp(item, "!") == 0 || strcmp(item, "+") == 0 || !r->in)
			continue;
		from = find_section(r, item);
		if (!from || from == r->in) {
			NOTE(r, "there is no section \"%.40s\" above it", item);
			continue;
		}
		for (unsigned i = 0; i < CHAN_SETTINGS; i++)
			if (from->own.of[i].line)
				r->in->own.of[i] = from->own.of[i];
	}
}

static void begin_section(struct reader *r, char *text)
{
	char *close = strchr(text, ']'), *name, *open, *end;

	end_section(r);
	r->template = r->in_channels = false;
	r->ignored = true;
	if (!close) {
		NOTE(r, "a section is [NAME]; left out with all that it holds");
		return;
	}
	*close = '\0';
	name = import_trim(text + 1);
	r->in_channels = strcasecmp(name, "channels") == 0;
	r->ignored = strcasecmp(name, "trunkgroups") == 0 || strcasecmp(name, "general") == 0 ||
		     strcasecmp(name, "globals") == 0;
	if (r->in_channels || r->ignored || !r->others)
		return;
	r->in = find_section(r, name);
	if (!r->in)
		r->in = add_section(r, name);
	open = strchr(close + 1, '(');
	end = open ? strchr(open, ')') : NULL;
	if (end) {
		*end = '\0';
		take_templates(r, open + 1);
	}
}

/* ── lines ── */

static void set(struct reader *r, enum chan_setting which, const char *value)
{
	struct chan_settings *s = r->in ? &r->in->own : &r->base;
	struct chan_value *v = &s->of[which];

	v->line = r->lines.number;
	str_copy(v->value, sizeof(v->value), value);
	import_quote(v->text, r->raw);
}

static void read_setting(struct reader *r, const char *key, char *value)
{
	const struct chan_key *known = chan_key_find(key);

	if (!known) {
		NOTE(r, "not known here");
		return;
	}
	if (strcasecmp(key, "pritimer") == 0) {
		if (strncasecmp(value, "t309", 4) == 0 && value[4])
			set(r, CHAN_T309, import_trim(value + 5));
		else
			NOTE(r, "this timer has its standard value here");
		return;
	}
	if (known->why && !chan_key_is_default(known, value))
		NOTE(r, "%s", known->why);
	if (known->setting < CHAN_SETTINGS)
		set(r, known->setting, value);
}

static void read_pair(struct reader *r, char *text)
{
	char *equals = strchr(text, '='), *key, *value;
	bool channel;

	if (!equals) {
		NOTE(r, "not understood; a line is KEY=VALUE");
		return;
	}
	*equals = '\0';
	value = import_trim(equals + 1 + (equals[1] == '>'));
	if (equals > text && equals[-1] == '+')
		equals[-1] = '\0';
	key = import_trim(text);
	channel = strcasecmp(key, "channel") == 0 || strcasecmp(key, "channels") == 0;
	if (channel && r->in_channels) {
		struct chan_maker m = {.settings = r->base};

		if (read_maker(r, value, &m))
			add_maker(r, &m);
	} else if (channel) {
		NOTE(r, "in this section channels are made with dahdichan=; left out");
	} else if (strcasecmp(key, "dahdichan") == 0) {
		if (!r->template && !read_maker(r, value, &r->waiting))
			r->waiting.line = 0;
	} else {
		read_setting(r, key, value);
	}
}

static void read_line(struct reader *r)
{
	char *text = r->lines.line;
	bool ours;

	if (!*text)
		return;
	if (*text == '[') {
		begin_section(r, text);
		return;
	}
	/* Told once, in the first pass. */
	if (*text == '#') {
		if (!r->others)
			NOTE(r, "not followed; put what it includes in its place and import again");
		return;
	}
	ours = r->others ? r->in != NULL : r->in_channels;
	if (ours)
		read_pair(r, text);
	else if (!r->others && r->ignored)
		NOTE(r, "what stands in this section has no counterpart here (no NFAS groups)");
}

static void read_pass(struct reader *r, bool others)
{
	r->lines = (struct import_lines){.source = r->conf->source};
	r->in_comment = r->in_channels = r->ignored = false;
	r->others = others;
	while (next_line(r))
		read_line(r);
	end_section(r);
}

int chan_dahdi_read(const struct import_source *source, struct import_notes *notes,
		    struct chan_dahdi **out)
{
	struct reader r = {.notes = notes};

	r.conf = calloc(1, sizeof(*r.conf));
	r.section = calloc(CHAN_SECTIONS_MAX, sizeof(*r.section));
	if (!r.conf || !r.section) {
		free(r.conf);
		free(r.section);
		return -ENOMEM;
	}
	r.conf->source = source;
	read_pass(&r, false);
	read_pass(&r, true);
	free(r.section);
	*out = r.conf;
	return 0;
}

void chan_dahdi_free(struct chan_dahdi *c)
{
	if (!c)
		return;
	free(c->maker);
	free(c);
}
