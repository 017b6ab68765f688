/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What enters which context of a dial plan: context= of chan_dahdi.conf, pjsip.conf and sip.conf. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/dahdi/chan_dahdi.h"
#include "config/import/plan/extensions_priv.h"

enum { SECTIONS_MAX = 512, PHONES_MAX = 16, CHANNELS_OF_A_SPAN = 31, SPANS = 64 };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_chan_dahdi(const char *name)
{
	return strstr(base_name(name), "dahdi") || strstr(base_name(name), "zapata");
}

bool plan_import_is_beside(const char *name)
{
	return is_chan_dahdi(name) || strstr(base_name(name), "sip");
}

/* Adds "name" to a list of quoted names; once. */
static void add_from(struct ast *a, struct ast_context *c, const char *endpoint)
{
	char quoted[AST_NAME + 16];
	size_t n = strlen(c->from);

	snprintf(quoted, sizeof(quoted), "\"%.80s\"", endpoint);
	if (strstr(c->from, quoted))
		return;
	if (n + strlen(quoted) + 3 > sizeof(c->from))
		pi_note_at(&a->m, c->line, 1, c->name, "more enters it than has a place here");
	else
		snprintf(c->from + n, sizeof(c->from) - n, "%s%s", n ? ", " : "", quoted);
}

static struct ast_context *find_context(struct ast *a, const char *name)
{
	for (unsigned i = 0; i < a->contexts; i++)
		if (strcmp(a->context[i].name, name) == 0)
			return &a->context[i];
	return NULL;
}

/* ── chan_dahdi.conf ── */

static void no_note(void *arg, const char *text)
{
}

static uint64_t spans_of(const struct channel_set *channels)
{
	uint64_t spans = 0;

	for (unsigned c = 1; c < IMPORT_CHANNELS_MAX; c++)
		if (channel_in(channels, c) && (c - 1) / CHANNELS_OF_A_SPAN + 1 < SPANS)
			spans |= UINT64_C(1) << ((c - 1) / CHANNELS_OF_A_SPAN + 1);
	return spans;
}

/* "0,11": a channel may be in several groups. */
static void add_to_groups(struct ast *a, const char *list, uint64_t spans)
{
	for (const char *p = list; *p;) {
		char *end;
		unsigned long group = strtoul(p, &end, 10);

		if (end == p)
			return;
		if (group < 64)
			a->group[group].spans |= spans;
		p = *end == ',' ? end + 1 : end;
	}
}

static void take_chan_dahdi(struct ast *a, const struct plan_import_file *file)
{
	struct import_source source = {file->name, file->text, file->len};
	struct import_notes notes = {.on_note = no_note};
	struct chan_dahdi *chan = NULL;

	a->groups_known = true;
	if (file->len > IMPORT_FILE_MAX || chan_dahdi_read(&source, &notes, &chan)) {
		pi_note_at(&a->m, 1, 1, file->name, "too long to be read");
		return;
	}
	for (unsigned i = 0; i < chan->makers; i++) {
		const struct chan_value *v = chan->maker[i].settings.of;
		const char *name = v[CHAN_CONTEXT].line ? v[CHAN_CONTEXT].value : "default";
		struct ast_context *c = find_context(a, name);
		uint64_t spans = spans_of(&chan->maker[i].channels);

		if (strncasecmp(v[CHAN_SIGNALLING].value, "pri_", 4) != 0)
			continue; /* analogue, or not ISDN */
		add_to_groups(a, v[CHAN_GROUP].value, spans);
		for (unsigned span = 1; c && span < SPANS; span++) {
			char endpoint[24];

			snprintf(endpoint, sizeof(endpoint), "span:%u", span);
			if (spans >> span & 1)
				add_from(a, c, endpoint);
		}
	}
	chan_dahdi_free(chan);
}

/* ── pjsip.conf, sip.conf ── */

struct section {
	char name[AST_NAME], context[AST_NAME];
	bool is_template, calls; /* calls: it is an endpoint, peer or friend */
};

struct sip_reader {
	struct section section[SECTIONS_MAX];
	unsigned sections;
	char general[AST_NAME]; /* context of sip.conf's [general] */
	bool in_general;
};

/* "[name](!,template)": begins with what its templates say. */
static void begin_section(struct sip_reader *r, char *line)
{
	char *end = strchr(line, ']'), *names = end ? strchr(end, '(') : NULL;
	struct section *s = &r->section[r->sections];

	if (!end || r->sections == SECTIONS_MAX)
		return;
	*end = '\0';
	r->in_general = strcasecmp(line + 1, "general") == 0;
	*s = (struct section){.is_template = names && strchr(names, '!')};
	pi_copy(s->name, sizeof(s->name), line + 1, strlen(line + 1));
	for (char *save = NULL, *t = names ? strtok_r(names, "(,)! ", &save) : NULL; t;
	     t = strtok_r(NULL, "(,)! ", &save))
		for (unsigned i = 0; i < r->sections; i++)
			if (strcmp(r->section[i].name, t) == 0) {
				memcpy(s->context, r->section[i].context, sizeof(s->context));
				s->calls |= r->section[i].calls;
			}
	r->sections++;
}

static void take_key(struct sip_reader *r, char *line)
{
	struct section *s = r->sections ? &r->section[r->sections - 1] : NULL;
	char *value = strchr(line, '=');

	if (!value || !s)
		return;
	*value++ = '\0';
	value = pi_trim(value + (*value == '>'));
	line = pi_trim(line);
	if (strcasecmp(line, "context") == 0)
		pi_copy(r->in_general ? r->general : s->context, AST_NAME, value, strlen(value));
	if (strcasecmp(line, "type") == 0)
		s->calls = strcasecmp(value, "endpoint") == 0 || strcasecmp(value, "peer") == 0 ||
			   strcasecmp(value, "friend") == 0 || strcasecmp(value, "user") == 0;
}

/* Names of endpoints that enter a context; many of them are telephones. */
static void enter(struct ast *a, const struct sip_reader *r, struct ast_context *c)
{
	unsigned count = 0;
	char name[AST_NAME], endpoint[AST_NAME + 8];

	for (int pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < r->sections; i++) {
			const struct section *s = &r->section[i];
			const char *context = *s->context ? s->context : r->general;

			if (!s->calls || s->is_template || strcmp(context, c->name) != 0)
				continue;
			count += pass == 0;
			pi_name(name, sizeof(name), s->name);
			snprintf(endpoint, sizeof(endpoint), "trunk:%.60s", name);
			if (pass == 1 && count <= PHONES_MAX)
				add_from(a, c, endpoint);
		}
	if (count <= PHONES_MAX)
		return;
	add_from(a, c, "trunk:telephones");
	pi_note_at(&a->m, c->line, 1, c->name,
		   "%u SIP endpoints enter it: trunk:telephones stands for what they are behind", count);
}

static void take_sip(struct ast *a, const struct plan_import_file *file)
{
	struct sip_reader *r = calloc(1, sizeof(*r));
	struct importer lines = {.text = file->text, .left = file->len, .name = file->name};

	if (!r || file->len > PLAN_IMPORT_MAX) {
		pi_note_at(&a->m, 1, 1, file->name, "too long to be read");
		free(r);
		return;
	}
	while (pi_read_line(&lines)) {
		char *line = lines.buffer;

		line[strcspn(line, ";")] = '\0';
		line = pi_trim(line);
		if (*line == '[')
			begin_section(r, line);
		else if (*line)
			take_key(r, line);
	}
	for (unsigned i = 0; i < a->contexts; i++)
		enter(a, r, &a->context[i]);
	free(r);
}

void ast_take_beside(struct ast *a, const struct plan_import_file *file)
{
	a->from_known = true;
	if (is_chan_dahdi(file->name))
		take_chan_dahdi(a, file);
	else
		take_sip(a, file);
}

/* Goto(context,exten,priority) of another context. */
static void mark_jumps(struct ast *a)
{
	for (unsigned i = 0; i < a->steps; i++) {
		const struct ast_step *s = &a->step[i];
		struct ast_context *from = &a->context[a->exten[s->exten].context], *to;
		const char *comma = strchr(s->args, ',');
		char name[AST_NAME];

		from->extens = true;
		if (strcasecmp(s->app, "Goto") != 0 || !comma || !strchr(comma + 1, ','))
			continue;
		pi_copy(name, sizeof(name), s->args, (size_t)(comma - s->args));
		to = find_context(a, pi_trim(name));
		if (to && to != from)
			to->jumped = true;
	}
}

/* Without the files beside it: where calls have more than one way in, a rule that holds for all of them
 * would let callers from outside dial out again. So the plan is not taken before that is filled in. */
static void ask_from(struct ast *a)
{
	unsigned ways = 0;
	char endpoint[AST_NAME], name[AST_NAME];

	for (unsigned i = 0; i < a->contexts; i++)
		ways += a->context[i].extens && !a->context[i].included && !a->context[i].jumped;
	a->from_asked = ways > 1;
	for (unsigned i = 0; i < a->contexts && a->from_asked; i++) {
		struct ast_context *c = &a->context[i];

		pi_name(name, sizeof(name), c->name);
		snprintf(endpoint, sizeof(endpoint), "trunk:FILL-IN-%.50s", name);
		if (!c->included && !c->jumped)
			add_from(a, c, endpoint);
	}
}

/* What enters a context enters those that it includes. */
void ast_spread_from(struct ast *a)
{
	mark_jumps(a);
	if (!a->from_known)
		ask_from(a);
	for (unsigned rank = 0; rank < a->contexts; rank++)
		for (unsigned i = 0; i < a->contexts; i++) {
			const struct ast_context *c = &a->context[i];
			char from[PI_FROM], *end;

			if (c->rank != rank)
				continue;
			for (unsigned k = 0; k < c->includes; k++) {
				memcpy(from, c->from, sizeof(from));
				for (char *p = from; (p = strchr(p, '"')) && (end = strchr(p + 1, '"'));
				     p = end + 1) {
					*end = '\0';
					add_from(a, &a->context[c->include[k]], p + 1);
				}
			}
		}
}
